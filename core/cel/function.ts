/**
 * The functions and operators of the standards language, one row each: the types it takes, the type it gives, and
 * what it does. Null means that CEL calls the result an error (overflow, a bad conversion, division by zero), which
 * here is `unknown` with cause `undefined`. Source of every meaning: the CEL specification, "Standard Definitions".
 */
import { RE2JS } from 're2js';
import { type Datum, type Duration, duration, type List, type Timestamp, timestamp } from './value.ts';

type Name = 'bool' | 'int' | 'double' | 'string' | 'timestamp' | 'duration' | 'list' | 'map';

export interface Overload {
  readonly takes: readonly Name[];
  readonly gives: Name;
  readonly run: (...values: never[]) => Datum;
}

const MAX_INT = 2n ** 63n - 1n;
const int = (value: bigint): bigint | null => (value > MAX_INT || value < -MAX_INT - 1n ? null : value);
const MIN_TIME = -62_135_596_800n * 1_000_000_000n;
const MAX_TIME = 253_402_300_799n * 1_000_000_000n + 999_999_999n;
const time = (nanos: bigint): Timestamp | null =>
  nanos < MIN_TIME || nanos > MAX_TIME ? null : { is: 'timestamp', nanos };
const span = (nanos: bigint): Duration | null => (int(nanos) === null ? null : { is: 'duration', nanos });

function overload<A extends readonly Datum[]>(
  takes: readonly Name[],
  gives: Name,
  run: (...values: A) => Datum,
): Overload {
  return { takes, gives, run: run as unknown as Overload['run'] };
}

/** Order by code point, as CEL has it; JavaScript's `<` compares UTF-16 units. */
export function compareStrings(a: string, b: string): number {
  const left = a[Symbol.iterator]();
  const right = b[Symbol.iterator]();
  for (;;) {
    const x = left.next();
    const y = right.next();
    if (x.done || y.done) return x.done ? (y.done ? 0 : -1) : 1;
    const difference = (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
}

function compare(a: Datum, b: Datum): number {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  const order = (value: Datum): bigint | number =>
    typeof value === 'object' && value !== null && 'nanos' in value ? value.nanos : Number(value);
  const [x, y] = typeof a === 'bigint' && typeof b === 'bigint' ? [a, b] : [order(a), order(b)];
  return x < y ? -1 : x > y ? 1 : x === y ? 0 : Number.NaN;
}

const ORDERED: readonly Name[] = ['bool', 'int', 'double', 'string', 'timestamp', 'duration'];
const comparison = (holds: (order: number) => boolean) =>
  ORDERED.map((name) => overload([name, name], 'bool', (a: Datum, b: Datum) => holds(compare(a, b))));

const length = (text: string) => BigInt([...text].length);

export const FUNCTIONS: Readonly<Record<string, readonly Overload[]>> = {
  '-_': [overload(['int'], 'int', (a: bigint) => int(-a)), overload(['double'], 'double', (a: number) => -a)],
  '_+_': [
    overload(['int', 'int'], 'int', (a: bigint, b: bigint) => int(a + b)),
    overload(['double', 'double'], 'double', (a: number, b: number) => a + b),
    overload(['string', 'string'], 'string', (a: string, b: string) => a + b),
    overload(['timestamp', 'duration'], 'timestamp', (a: Timestamp, b: Duration) => time(a.nanos + b.nanos)),
    overload(['duration', 'timestamp'], 'timestamp', (a: Duration, b: Timestamp) => time(a.nanos + b.nanos)),
    overload(['duration', 'duration'], 'duration', (a: Duration, b: Duration) => span(a.nanos + b.nanos)),
  ],
  '_-_': [
    overload(['int', 'int'], 'int', (a: bigint, b: bigint) => int(a - b)),
    overload(['double', 'double'], 'double', (a: number, b: number) => a - b),
    overload(['timestamp', 'timestamp'], 'duration', (a: Timestamp, b: Timestamp) => span(a.nanos - b.nanos)),
    overload(['timestamp', 'duration'], 'timestamp', (a: Timestamp, b: Duration) => time(a.nanos - b.nanos)),
    overload(['duration', 'duration'], 'duration', (a: Duration, b: Duration) => span(a.nanos - b.nanos)),
  ],
  '_*_': [
    overload(['int', 'int'], 'int', (a: bigint, b: bigint) => int(a * b)),
    overload(['double', 'double'], 'double', (a: number, b: number) => a * b),
  ],
  '_/_': [
    overload(['int', 'int'], 'int', (a: bigint, b: bigint) => (b === 0n ? null : int(a / b))),
    overload(['double', 'double'], 'double', (a: number, b: number) => a / b),
  ],
  '_%_': [overload(['int', 'int'], 'int', (a: bigint, b: bigint) => (b === 0n ? null : int(a % b)))],
  '_<_': comparison((order) => order < 0),
  '_<=_': comparison((order) => order <= 0),
  '_>_': comparison((order) => order > 0),
  '_>=_': comparison((order) => order >= 0),
  size: [
    overload(['string'], 'int', length),
    overload(['list'], 'int', (list: List) => BigInt(list.items.length)),
  ],
  startsWith: [overload(['string', 'string'], 'bool', (text: string, part: string) => text.startsWith(part))],
  endsWith: [overload(['string', 'string'], 'bool', (text: string, part: string) => text.endsWith(part))],
  contains: [overload(['string', 'string'], 'bool', (text: string, part: string) => text.includes(part))],
  lowerAscii: [
    overload(['string'], 'string', (text: string) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase())),
  ],
  int: [
    overload(['int'], 'int', (value: bigint) => value),
    overload(['double'], 'int', (value: number) =>
      Number.isFinite(value) && Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : null,
    ),
    overload(['string'], 'int', (text: string) => (/^-?\d{1,19}$/.test(text) ? int(BigInt(text)) : null)),
  ],
  double: [
    overload(['double'], 'double', (value: number) => value),
    overload(['int'], 'double', (value: bigint) => Number(value)),
  ],
  string: [
    overload(['string'], 'string', (text: string) => text),
    overload(['int'], 'string', (value: bigint) => value.toString()),
    overload(['bool'], 'string', (value: boolean) => String(value)),
  ],
  timestamp: [
    overload(['timestamp'], 'timestamp', (value: Timestamp) => value),
    overload(['string'], 'timestamp', (text: string) => timestamp(text)),
  ],
  duration: [
    overload(['duration'], 'duration', (value: Duration) => value),
    overload(['string'], 'duration', (text: string) => duration(text)),
  ],
};

/** Compiles the constant pattern of `matches`; RE2, so linear in the text. Null when it is not a valid pattern. */
export function pattern(text: string): ((subject: string) => boolean) | null {
  try {
    const compiled = RE2JS.compile(text);
    return (subject) => compiled.test(subject);
  } catch {
    return null;
  }
}

/** The same value by CEL's `==`, for two values without anything unknown in them. */
export function equal(a: Datum, b: Datum): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (a.is === 'list' && b.is === 'list') {
    return (
      a.items.length === b.items.length && a.items.every((item, index) => equal(item, b.items[index] ?? null))
    );
  }
  if (a.is === 'record' && b.is === 'record') {
    const other = b.fields;
    return (
      a.fields.size === other.size &&
      [...a.fields].every(([name, value]) => other.has(name) && equal(value, other.get(name) ?? null))
    );
  }
  return 'nanos' in a && 'nanos' in b && a.is === b.is && a.nanos === b.nanos;
}
