/**
 * The order behind `<`, `<=`, `>`, `>=` (CEL specification, "Ordering"): strings by code point, bytes byte by byte,
 * false before true, NaN beside nothing. Each function gives a negative number, zero or a positive one; numbers need
 * none, JavaScript compares a number with a bigint exactly.
 */
import type { Duration, Timestamp } from './value.ts';

/**
 * Code-point order. UTF-16's differs only where a surrogate meets a unit above the surrogates (U+E000 to U+FFFF), so
 * the first differing unit decides, once those two ranges have changed places. No allocation, whatever the strings.
 */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x !== y) {
      // A lone surrogate is a code point of its own and stays below U+E000; only one of a pair stands for U+10000 and up.
      if (x >= 0xd800 && y >= 0xd800) return rank(a, index, x) - rank(b, index, y);
      return x - y;
    }
  }
  return a.length - b.length;
}

/** Where a unit from the surrogates upward belongs in code-point order. */
function rank(text: string, index: number, unit: number): number {
  if (unit >= 0xe000) return unit;
  const low = unit >= 0xdc00;
  const other = low ? text.charCodeAt(index - 1) & 0xfc00 : text.charCodeAt(index + 1) & 0xfc00;
  const paired = low ? other === 0xd800 : other === 0xdc00;
  return paired ? unit + 0x10000 : unit;
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function compareTimes(a: Timestamp | Duration, b: Timestamp | Duration): number {
  return a.seconds === b.seconds ? a.nanos - b.nanos : a.seconds - b.seconds;
}
