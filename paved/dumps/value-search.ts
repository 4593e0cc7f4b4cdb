/**
 * Finds many values at once, wherever they begin, and what is left of one that was overwritten in part. Memory is read a word at a time: of every
 * value each of its words is known, at every offset, so that an occurrence of a word and a few bytes is seen whatever it is aligned to. How long that takes does
 * not depend on how many values there are, and what is known takes four bytes for each byte of a value.
 */

export interface ValueSearch {
  /** Calls `found` for each place; the window has to begin at a multiple of four in its buffer. */
  readonly in: (window: Uint8Array, found: (start: number, end: number) => void) => void;
}

/** Every value behind the other, and where each begins; one more for the end of the last. */
interface Values {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

/** Words of `width` bytes by their hash: those of bucket `b` are `places[heads[b]]` up to `places[heads[b + 1]]`, offsets into the bytes of all values. */
interface Words {
  readonly width: 4 | 8;
  readonly shift: number;
  readonly heads: Uint32Array;
  readonly places: Uint32Array;
}

/** Thousands of values may begin alike (the head of a token); each has other words, too. */
const MOST_ALIKE = 64;
/** A part of a value that is overwritten, too. */
const LEAST_PART = 16;
/** Anything shorter stands in memory by chance. */
export const SHORTEST_VALUE = 7;
const LEAST_LONG = 15;
const MOST_BITS = 22;

const mixed = (first: number, second: number): number => {
  const both = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  return Math.imul(both ^ (both >>> 15), 0xc2b2ae35);
};

export function searchFor(given: readonly Uint8Array[]): ValueSearch {
  const values = together(given);
  const long = wordsOf(values, 8, (length) => length >= LEAST_LONG);
  const short = wordsOf(values, 4, (length) => length >= SHORTEST_VALUE && length < LEAST_LONG);
  return {
    in(window, found) {
      if (long.places.length > 0) searched(window, { values, words: long, found });
      if (short.places.length > 0) searched(window, { values, words: short, found });
    },
  };
}

function together(given: readonly Uint8Array[]): Values {
  const starts = new Uint32Array(given.length + 1);
  for (const [index, value] of given.entries()) starts[index + 1] = (starts[index] ?? 0) + value.length;
  const bytes = new Uint8Array(starts[given.length] ?? 0);
  for (const [index, value] of given.entries()) bytes.set(value, starts[index]);
  return { bytes, starts };
}

function wordsOf({ bytes, starts }: Values, width: 4 | 8, fits: (length: number) => boolean): Words {
  const view = new DataView(bytes.buffer);
  const hashAt = (at: number) =>
    mixed(view.getUint32(at, true), width === 8 ? view.getUint32(at + 4, true) : 0);
  /** Calls `each` with the place of every word that says something. */
  const eachWord = (each: (at: number) => void) => {
    for (let index = 0; index + 1 < starts.length; index++) {
      const start = starts[index] ?? 0;
      const end = starts[index + 1] ?? 0;
      if (fits(end - start))
        for (let at = start; at + width <= end; at++) if (!isPlain(bytes, at, width)) each(at);
    }
  };
  let count = 0;
  eachWord(() => count++);
  const bits = Math.min(MOST_BITS, Math.max(10, Math.ceil(Math.log2(count + 1)) + 2));
  const shift = 32 - bits;
  const heads = new Uint32Array((1 << bits) + 1);
  eachWord((at) => {
    const bucket = hashAt(at) >>> shift;
    heads[bucket] = Math.min((heads[bucket] ?? 0) + 1, MOST_ALIKE);
  });
  // From how many each has to where each begins, and while they are filled to where each ends.
  let sum = 0;
  for (let bucket = 0; bucket < heads.length; bucket++) {
    const own = heads[bucket] ?? 0;
    heads[bucket] = sum;
    sum += own;
  }
  const places = new Uint32Array(sum);
  const filled = new Uint8Array(1 << bits);
  eachWord((at) => {
    const bucket = hashAt(at) >>> shift;
    const own = filled[bucket] ?? 0;
    if (own === MOST_ALIKE) return;
    places[(heads[bucket] ?? 0) + own] = at;
    filled[bucket] = own + 1;
  });
  return { width, shift, heads, places };
}

/** One byte again and again stands everywhere, and says nothing. */
function isPlain(value: Uint8Array, from: number, width: number): boolean {
  for (let at = from + 1; at < from + width; at++) if (value[at] !== value[from]) return false;
  return true;
}

interface Asked {
  readonly values: Values;
  readonly words: Words;
  readonly found: (start: number, end: number) => void;
}

function searched(window: Uint8Array, { values, words, found }: Asked): void {
  const { width, shift, heads, places } = words;
  const memory = new Uint32Array(window.buffer, window.byteOffset, window.length >>> 2);
  const step = width / 4;
  const last = memory.length - step;
  for (let at = 0; at <= last; at += step) {
    const first = memory[at] ?? 0;
    const second = step === 2 ? (memory[at + 1] ?? 0) : 0;
    if ((first | second) === 0) continue;
    const bucket = mixed(first, second) >>> shift;
    const end = heads[bucket + 1] ?? 0;
    for (let index = heads[bucket] ?? 0; index < end; index++)
      compared(window, values, { at: at * 4, place: places[index] ?? 0, width }, found);
  }
}

/** How far a value and the window are the same around a place; found where it is all of the value, or enough of it. */
function compared(
  window: Uint8Array,
  { bytes, starts }: Values,
  { at, place, width }: { readonly at: number; readonly place: number; readonly width: number },
  found: (start: number, end: number) => void,
): void {
  for (let same = 0; same < width; same++) if (window[at + same] !== bytes[place + same]) return;
  const value = lastAtMost(starts, place);
  const first = starts[value] ?? 0;
  const last = starts[value + 1] ?? 0;
  let before = 0;
  while (place - before > first && at - before > 0 && window[at - before - 1] === bytes[place - before - 1])
    before++;
  let behind = width;
  while (
    place + behind < last &&
    at + behind < window.length &&
    window[at + behind] === bytes[place + behind]
  )
    behind++;
  const length = before + behind;
  if (length === last - first || (width === 8 && length >= LEAST_PART)) found(at - before, at + behind);
}

/** Index of the last of ascending numbers that is not above `wanted`. */
function lastAtMost(ascending: Uint32Array, wanted: number): number {
  let low = 0;
  let high = ascending.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) <= wanted) low = middle;
    else high = middle;
  }
  return low;
}
