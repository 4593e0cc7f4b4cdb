/** CEL's order, within one type and between numbers of any type. */
import { numberOf } from './equality.ts';
import { compareBytes, compareStrings } from './order.ts';
import { type Data, Double, Duration, Timestamp } from './value.ts';

/** An integer beside a double is ordered as the nearest double, as the specification's tests ask. */
export function doubleOf<T>(value: T | bigint): T | number {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** Below zero, zero, above; NaN where a NaN takes part; undefined where the two have no order. */
export function compare(a: Data, b: Data): number | undefined {
  const lossy = a instanceof Double || b instanceof Double;
  const x = lossy ? doubleOf(numberOf(a)) : numberOf(a);
  const y = lossy ? doubleOf(numberOf(b)) : numberOf(b);
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : x >= y ? 0 : Number.NaN;
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (
    (a instanceof Timestamp && b instanceof Timestamp) ||
    (a instanceof Duration && b instanceof Duration)
  ) {
    return a.seconds - b.seconds || a.nanos - b.nanos;
  }
  return a instanceof Uint8Array && b instanceof Uint8Array ? compareBytes(a, b) : undefined;
}
