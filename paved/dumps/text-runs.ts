/**
 * The texts that lie in memory: bytes of UTF-8, and characters of two or four bytes (UTF-16 of Windows, Java, .NET and V8, `wchar_t` and
 * Python's wide strings). Each text stays tied to its place.
 */

/** Texts of one window, a line each. */
export interface TextRuns {
  /** One byte a character: of UTF-8 its bytes, of wide characters those of Latin-1. */
  readonly text: Buffer;
  /** Bytes that a character takes in the window. */
  readonly unit: 1 | 2 | 4;
  /** Places in the window of `[from, to)` of the text. */
  readonly places: (from: number, to: number) => readonly { readonly start: number; readonly end: number }[];
}

const SHORTEST = 6;
const NEWLINE = 10;
const FIRST = 1 << 16;

/** Of a first byte how many bytes its character has in UTF-8; 0 for what stands in no text. */
const LENGTH = new Uint8Array(256);
for (const byte of [9, 10, 13]) LENGTH[byte] = 1;
LENGTH.fill(1, 0x20, 0x7f);
LENGTH.fill(2, 0xc2, 0xe0);
LENGTH.fill(3, 0xe0, 0xf0);
LENGTH.fill(4, 0xf0, 0xf5);

/** Whether a byte stands in any text, also inside a character. */
const MAYBE = LENGTH.map((length, byte) => (length > 0 || (byte >= 0x80 && byte < 0xc0) ? 1 : 0));

/** Of a wide character of Latin-1 whether it stands in texts. */
const WIDE = new Uint8Array(256);
for (const byte of [9, 10, 13]) WIDE[byte] = 1;
WIDE.fill(1, 0x20, 0x7f);
WIDE.fill(1, 0xa0, 0x100);

class Collected {
  #text = Buffer.allocUnsafeSlow(FIRST);
  #length = 0;
  readonly #starts: number[] = [];
  readonly #places: number[] = [];
  readonly #unit: 1 | 2 | 4;

  constructor(unit: 1 | 2 | 4) {
    this.#unit = unit;
  }

  add(window: Uint8Array, start: number, end: number): void {
    const unit = this.#unit;
    let at = this.#length;
    const length = at + (end - start) / unit + 1;
    if (length > this.#text.length) {
      const larger = Buffer.allocUnsafeSlow(length * 2);
      this.#text.copy(larger);
      this.#text = larger;
    }
    const text = this.#text;
    this.#starts.push(at);
    this.#places.push(start);
    for (let from = start; from < end; from += unit) text[at++] = window[from] ?? 0;
    text[at++] = NEWLINE;
    this.#length = at;
  }

  runs(): TextRuns {
    const starts = this.#starts;
    const places = this.#places;
    const unit = this.#unit;
    const length = this.#length;
    return {
      text: this.#text.subarray(0, length),
      unit,
      places(from, to) {
        const found: { start: number; end: number }[] = [];
        for (let run = lastAtMost(starts, from); run < starts.length; run++) {
          const start = starts[run] ?? 0;
          if (start >= to) break;
          const end = (starts[run + 1] ?? length) - 1;
          const place = places[run] ?? 0;
          const first = Math.max(from, start);
          const last = Math.min(to, end);
          if (first < last)
            found.push({ start: place + (first - start) * unit, end: place + (last - start) * unit });
        }
        return found;
      },
    };
  }
}

/** Index of the last of ascending numbers that is not above `value`; 0 where all are. */
function lastAtMost(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** The window has to begin at a multiple of four in its buffer. */
function narrowRuns(window: Uint8Array): TextRuns {
  const size = window.length;
  const words = new Uint32Array(window.buffer, window.byteOffset, size >>> 2);
  const collected = new Collected(1);
  for (let at = 0; at < size; ) {
    // Most memory is empty, and no text is where its last byte stands in none.
    if ((at & 3) === 0) while (words[at >>> 2] === 0) at += 4;
    if (at + SHORTEST > size) break;
    if (MAYBE[window[at + SHORTEST - 1] ?? 0] === 0) {
      at += SHORTEST;
      continue;
    }
    const start = at;
    for (let length = 0; at < size; at += length) {
      length = LENGTH[window[at] ?? 0] ?? 0;
      if (length === 0 || (length > 1 && !continues(window, at + 1, length - 1))) break;
    }
    if (at - start >= SHORTEST) collected.add(window, start, at);
    if (at === start) at++;
  }
  return collected.runs();
}

function continues(window: Uint8Array, from: number, count: number): boolean {
  for (let at = from; at < from + count; at++) if (((window[at] ?? 0) & 0xc0) !== 0x80) return false;
  return true;
}

/** Of two bytes a character, and of four: which it is the bytes behind the first one say. */
function wideRuns(window: Uint8Array): readonly TextRuns[] {
  const size = window.length;
  const words = new Uint32Array(window.buffer, window.byteOffset, size >>> 2);
  const two = new Collected(2);
  const four = new Collected(4);
  const least = 2 * SHORTEST;
  for (let at = 0; at + least <= size; ) {
    if ((at & 3) === 0) while (words[at >>> 2] === 0) at += 4;
    // Of any two bytes of a text of wide characters one is empty.
    if (window[at + least - 2] !== 0 && window[at + least - 1] !== 0) {
      at += least - 1;
      continue;
    }
    if (WIDE[window[at] ?? 0] === 0 || window[at + 1] !== 0) {
      at++;
      continue;
    }
    const start = at;
    const isFour = window[at + 2] === 0;
    if (isFour) while (at + 4 <= size && isWideFour(window, at)) at += 4;
    else while (at + 2 <= size && WIDE[window[at] ?? 0] === 1 && window[at + 1] === 0) at += 2;
    const length = (at - start) / (isFour ? 4 : 2);
    if (length >= SHORTEST) (isFour ? four : two).add(window, start, at);
    // A character may begin at any byte, also inside what was too short.
    else at = start + 1;
  }
  return [two.runs(), four.runs()];
}

const isWideFour = (window: Uint8Array, at: number): boolean =>
  WIDE[window[at] ?? 0] === 1 && window[at + 1] === 0 && window[at + 2] === 0 && window[at + 3] === 0;

/** The texts of a window in every width. */
export const textRuns = (window: Uint8Array): readonly TextRuns[] => [
  narrowRuns(window),
  ...wideRuns(window),
];
