/**
 * cel-go's math extension (ext/README.md, "Math"). `greatest` and `least` compare numbers of different types and
 * give the first of equals; NaN has no place in that order and is an error.
 */
import { type Int, int, uint } from './arithmetic.ts';
import { Double, Uint, type Unknown, undefinedHere } from './value.ts';

/** A number as it stands in a list or where its type is known only when it runs. */
export type AnyNumber = Int | Uint | Double;

/** Beside a double every number is its nearest double, as for `<`. */
function compare(a: AnyNumber, b: AnyNumber): number {
  const x = plain(a);
  const y = plain(b);
  if (a instanceof Double || b instanceof Double) return Number(x) - Number(y);
  return x < y ? -1 : x > y ? 1 : 0;
}

function plain(value: AnyNumber): Int {
  return typeof value === 'object' ? value.value : value;
}

function extreme(numbers: readonly AnyNumber[], sign: 1 | -1): AnyNumber | Unknown {
  let best = numbers[0];
  if (best === undefined) return undefinedHere('none of no numbers is the greatest or the least');
  for (const number of numbers) {
    // As in cel-go, one number alone is compared with nothing.
    if (Number.isNaN(plain(number)) && numbers.length > 1)
      return undefinedHere('NaN is neither greater nor less than a number');
    if (compare(number, best) * sign > 0) best = number;
  }
  return best;
}

/** Of numbers as lists hold them, of whatever types; an error for none. */
export function greatest(numbers: readonly AnyNumber[]): AnyNumber | Unknown {
  return extreme(numbers, 1);
}

export function least(numbers: readonly AnyNumber[]): AnyNumber | Unknown {
  return extreme(numbers, -1);
}

/** Of a list of doubles: a double in its static form. */
export function greatestDouble(numbers: readonly Double[]): number | Unknown {
  return unboxed(greatest(numbers));
}

export function leastDouble(numbers: readonly Double[]): number | Unknown {
  return unboxed(least(numbers));
}

function unboxed(value: AnyNumber | Unknown): number | Unknown {
  return value instanceof Double ? value.value : (value as Unknown);
}

export function greatestInt(a: Int, b: Int): Int {
  return a >= b ? a : b;
}

export function leastInt(a: Int, b: Int): Int {
  return a <= b ? a : b;
}

export function greatestUint(a: Uint, b: Uint): Uint {
  return a.value >= b.value ? a : b;
}

export function leastUint(a: Uint, b: Uint): Uint {
  return a.value <= b.value ? a : b;
}

/** Two doubles in their static form. */
export function greaterDouble(a: number, b: number): number | Unknown {
  return greatestDouble([new Double(a), new Double(b)]);
}

export function lesserDouble(a: number, b: number): number | Unknown {
  return leastDouble([new Double(a), new Double(b)]);
}

/** Half away from zero. */
export function round(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

export function absInt(value: Int): Int | Unknown {
  return typeof value === 'number' ? Math.abs(value) : int(value < 0n ? -value : value);
}

export function signInt(value: Int): number {
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}

export function signUint(value: Uint): Uint {
  return new Uint(value.value === 0n ? 0n : 1n);
}

export function sqrtInt(value: Int): number {
  return Math.sqrt(Number(value));
}

export function sqrtUint(value: Uint): number {
  return Math.sqrt(Number(value.value));
}

/** An int is two's complement of 64 bits to the operators below. */
function signed(bits: bigint): Int | Unknown {
  return int(BigInt.asIntN(64, bits));
}

function isInt32(value: Int): value is number {
  return typeof value === 'number' && value === (value | 0);
}

export function bitAndInts(a: Int, b: Int): Int | Unknown {
  return isInt32(a) && isInt32(b) ? a & b : signed(BigInt(a) & BigInt(b));
}

export function bitOrInts(a: Int, b: Int): Int | Unknown {
  return isInt32(a) && isInt32(b) ? a | b : signed(BigInt(a) | BigInt(b));
}

export function bitXorInts(a: Int, b: Int): Int | Unknown {
  return isInt32(a) && isInt32(b) ? a ^ b : signed(BigInt(a) ^ BigInt(b));
}

export function bitNotInt(value: Int): Int | Unknown {
  return isInt32(value) ? ~value : signed(~BigInt(value));
}

export function bitAndUints(a: Uint, b: Uint): Uint {
  return new Uint(a.value & b.value);
}

export function bitOrUints(a: Uint, b: Uint): Uint {
  return new Uint(a.value | b.value);
}

export function bitXorUints(a: Uint, b: Uint): Uint {
  return new Uint(a.value ^ b.value);
}

export function bitNotUint(value: Uint): Uint {
  return new Uint(BigInt.asUintN(64, ~value.value));
}

const NEGATIVE_SHIFT = 'the number of bits to shift by is negative';

/** Bits that leave the 64 are lost; all of them from 64 on. */
export function shiftIntLeft(value: Int, by: Int): Int | Unknown {
  if (by < 0) return undefinedHere(NEGATIVE_SHIFT);
  return by > 63 ? 0 : signed(BigInt(value) << BigInt(by));
}

export function shiftUintLeft(value: Uint, by: Int): Uint | Unknown {
  if (by < 0) return undefinedHere(NEGATIVE_SHIFT);
  return uint(by > 63 ? 0n : BigInt.asUintN(64, value.value << BigInt(by)));
}

/** Zeros come in from the left, whatever the sign was. */
export function shiftIntRight(value: Int, by: Int): Int | Unknown {
  if (by < 0) return undefinedHere(NEGATIVE_SHIFT);
  return by > 63 ? 0 : signed(BigInt.asUintN(64, BigInt(value)) >> BigInt(by));
}

export function shiftUintRight(value: Uint, by: Int): Uint | Unknown {
  if (by < 0) return undefinedHere(NEGATIVE_SHIFT);
  return new Uint(by > 63 ? 0n : value.value >> BigInt(by));
}
