/** CEL's order, within one type and between numbers of any type. */
import { numberOf } from './equality.ts';
import { compareBytes, compareStrings } from './order.ts';
import { type Data, Duration, Timestamp } from './value.ts';

/** Below zero, zero, above; NaN where a NaN takes part; undefined where the two have no order. */
export function compare(a: Data, b: Data): number | undefined {
  const x = numberOf(a);
  const y = numberOf(b);
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
