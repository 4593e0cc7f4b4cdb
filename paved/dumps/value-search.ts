/**
 * Finds many values at once, wherever they begin, and what is left of one that was overwritten in part. Memory is read a word at a time: of every
 * value each of its words is known, at every offset, so that an occurrence of a word and a few bytes is seen whatever it is aligned to. How long that takes does
 * not depend on how many values there are.
 */

interface Places {
  /** Pairs: which value, and the offset in it. */
  readonly pairs: number[];
}

interface Grams {
  /** Bytes of a word: 8, or 4 for values that are too short for 8. */
  readonly width: 4 | 8;
  readonly bits: Uint32Array;
  readonly places: Map<number, Places>;
}

export interface ValueSearch {
  /** Calls `found` for each place; the window has to begin at a multiple of four in its buffer. */
  readonly in: (window: Uint8Array, found: (start: number, end: number) => void) => void;
}

const BITS = 23;
/** So many values may begin alike (the head of a token); each has other words. */
const MOST_ALIKE = 32;
/** A part of a value that is overwritten, too. */
const LEAST_PART = 16;
/** Anything shorter stands in memory by chance. */
export const SHORTEST_VALUE = 7;
const LEAST_LONG = 15;

const hashOf = (first: number, second: number): number => {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
};

export function searchFor(values: readonly Uint8Array[]): ValueSearch {
  const long = gramsOf(values, 8, (length) => length >= LEAST_LONG);
  const short = gramsOf(values, 4, (length) => length >= SHORTEST_VALUE && length < LEAST_LONG);
  return {
    in(window, found) {
      if (long.places.size > 0) searched(window, { values, grams: long, found });
      if (short.places.size > 0) searched(window, { values, grams: short, found });
    },
  };
}

function gramsOf(values: readonly Uint8Array[], width: 4 | 8, fits: (length: number) => boolean): Grams {
  const bits = new Uint32Array(1 << (BITS - 5));
  const places = new Map<number, Places>();
  for (const [index, value] of values.entries()) {
    if (!fits(value.length)) continue;
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    for (let at = 0; at + width <= value.length; at++) {
      if (isPlain(value, at, width)) continue;
      const hash = hashOf(view.getUint32(at, true), width === 8 ? view.getUint32(at + 4, true) : 0);
      const known = places.get(hash) ?? { pairs: [] };
      if (known.pairs.length < MOST_ALIKE * 2) known.pairs.push(index, at);
      places.set(hash, known);
      const bit = hash & ((1 << BITS) - 1);
      bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
    }
  }
  return { width, bits, places };
}

/** One byte again and again stands everywhere, and says nothing. */
function isPlain(value: Uint8Array, from: number, width: number): boolean {
  for (let at = from + 1; at < from + width; at++) if (value[at] !== value[from]) return false;
  return true;
}

interface Asked {
  readonly values: readonly Uint8Array[];
  readonly grams: Grams;
  readonly found: (start: number, end: number) => void;
}

function searched(window: Uint8Array, { values, grams, found }: Asked): void {
  const { width, bits, places } = grams;
  const words = new Uint32Array(window.buffer, window.byteOffset, window.length >>> 2);
  const step = width / 4;
  const mask = (1 << BITS) - 1;
  const last = words.length - step;
  for (let at = 0; at <= last; at += step) {
    const first = words[at] ?? 0;
    const second = step === 2 ? (words[at + 1] ?? 0) : 0;
    if ((first | second) === 0) continue;
    const hash = hashOf(first, second);
    const bit = hash & mask;
    if (((bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) continue;
    const { pairs = [] } = places.get(hash) ?? {};
    for (let pair = 0; pair < pairs.length; pair += 2) {
      const value = values[pairs[pair] ?? 0];
      if (value !== undefined)
        compared(window, value, { at: at * 4, offset: pairs[pair + 1] ?? 0, width }, found);
    }
  }
}

/** How far a value and the window are the same around a place; found where it is all of the value, or enough of it. */
function compared(
  window: Uint8Array,
  value: Uint8Array,
  { at, offset, width }: { readonly at: number; readonly offset: number; readonly width: number },
  found: (start: number, end: number) => void,
): void {
  for (let same = 0; same < width; same++) if (window[at + same] !== value[offset + same]) return;
  let start = offset;
  while (start > 0 && at - (offset - start) > 0 && window[at - (offset - start) - 1] === value[start - 1])
    start--;
  let end = offset + width;
  while (end < value.length && window[at + end - offset] === value[end]) end++;
  const length = end - start;
  if (length === value.length || (width === 8 && length >= LEAST_PART))
    found(at - (offset - start), at + end - offset);
}
