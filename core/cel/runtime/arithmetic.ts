/**
 * Arithmetic of int, uint and double (CEL specification, "Standard Definitions" and "Overflow"): an int64 or uint64
 * result out of range is an error and never wraps; division and modulo truncate toward zero, by zero they are an error;
 * a double is IEEE 754's and is never an error.
 *
 * An int is a `number` while it is a safe integer, so the sum of two usual ones costs one addition and one comparison;
 * only beyond 2^53 does it go through `bigint`.
 */
import { type Data, Uint, type Unknown, undefinedHere } from './value.ts';

export type Int = number | bigint;

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);
const MAX_UINT = 2n ** 64n - 1n;

/** The one form of an int (safe integers are numbers), or an error where it is beyond 64 bits. */
export function int(value: bigint): Int | Unknown {
  if (value >= -9_007_199_254_740_991n && value <= 9_007_199_254_740_991n) return Number(value);
  return value >= MIN_INT && value <= MAX_INT ? value : overflow('int');
}

/** A uint, or an error where the value is negative or beyond 64 bits. */
export function uint(value: bigint): Uint | Unknown {
  return value >= 0n && value <= MAX_UINT ? new Uint(value) : overflow('uint');
}

function overflow(type: 'int' | 'uint'): Unknown {
  return undefinedHere(`the result is outside the 64 bits of ${type === 'int' ? 'an int' : 'a uint'}`);
}

const DIVIDED_BY_ZERO = 'division by zero';
const MODULO_ZERO = 'modulo by zero';

export function addInts(a: Int, b: Int): Int | Unknown {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum <= MAX_SAFE && sum >= -MAX_SAFE) return sum;
  }
  return int(BigInt(a) + BigInt(b));
}

export function subtractInts(a: Int, b: Int): Int | Unknown {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (difference <= MAX_SAFE && difference >= -MAX_SAFE) return difference;
  }
  return int(BigInt(a) - BigInt(b));
}

// `+ 0` below turns −0, which an int does not have, into 0.

export function multiplyInts(a: Int, b: Int): Int | Unknown {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (product <= MAX_SAFE && product >= -MAX_SAFE) return product + 0;
  }
  return int(BigInt(a) * BigInt(b));
}

export function divideInts(a: Int, b: Int): Int | Unknown {
  if (b === 0) return undefinedHere(DIVIDED_BY_ZERO);
  // The quotient of two safe integers that is not whole is farther from the next whole number than rounding moves it.
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return int(BigInt(a) / BigInt(b));
}

/** The sign is the dividend's. */
export function moduloInts(a: Int, b: Int): Int | Unknown {
  if (b === 0) return undefinedHere(MODULO_ZERO);
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  // The quotient does not fit, so the remainder is an error with it, as in cel-go.
  if (a === MIN_INT && b === -1) return overflow('int');
  return int(BigInt(a) % BigInt(b));
}

export function negateInt(a: Int): Int | Unknown {
  return typeof a === 'number' ? 0 - a : int(-a);
}

export function addUints(a: Uint, b: Uint): Uint | Unknown {
  return uint(a.value + b.value);
}

export function subtractUints(a: Uint, b: Uint): Uint | Unknown {
  return uint(a.value - b.value);
}

export function multiplyUints(a: Uint, b: Uint): Uint | Unknown {
  return uint(a.value * b.value);
}

export function divideUints(a: Uint, b: Uint): Uint | Unknown {
  return b.value === 0n ? undefinedHere(DIVIDED_BY_ZERO) : new Uint(a.value / b.value);
}

export function moduloUints(a: Uint, b: Uint): Uint | Unknown {
  return b.value === 0n ? undefinedHere(MODULO_ZERO) : new Uint(a.value % b.value);
}

export function addDoubles(a: number, b: number): number {
  return a + b;
}

export function subtractDoubles(a: number, b: number): number {
  return a - b;
}

export function multiplyDoubles(a: number, b: number): number {
  return a * b;
}

export function divideDoubles(a: number, b: number): number {
  return a / b;
}

export function negateDouble(a: number): number {
  return -a;
}

export function addBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

export function addLists(a: readonly Data[], b: readonly Data[]): readonly Data[] {
  if (a.length === 0) return b;
  return b.length === 0 ? a : [...a, ...b];
}
