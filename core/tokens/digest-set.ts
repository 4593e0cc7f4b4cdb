/** A set of digests in 16 bytes each, which grows by doubling. Of SHA-256 the first 128 bits: nobody finds two texts that share them. */

const WORDS = 4;
const SMALLEST = 1024;

/** The first 128 bits of a digest, as they lie in the table. Never all zero. */
export type DigestWords = Uint32Array;

const VALUE_OF = new Int16Array(128).fill(-1);
for (const [value, letter] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
].entries())
  VALUE_OF[letter.charCodeAt(0)] = value;

/** Writes the words of a SHA-256 in base64url (43 letters) into `words`; false where it is none. */
export function readDigest(text: string, words: DigestWords): boolean {
  if (text.length !== 43) return false;
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let letter = 0; letter < 43; letter++) {
    const code = text.charCodeAt(letter);
    const value = code < 128 ? (VALUE_OF[code] ?? -1) : -1;
    if (value < 0) return false;
    if (at === WORDS) continue;
    if (bits <= 26) {
      held = (held << 6) | value;
      bits += 6;
      if (bits === 32) {
        words[at++] = held;
        held = 0;
        bits = 0;
      }
    } else {
      const first = 32 - bits;
      words[at++] = (held << first) | (value >>> (6 - first));
      held = value & ((1 << (6 - first)) - 1);
      bits = 6 - first;
    }
  }
  if ((words[0] ?? 0) === 0) words[0] = 1;
  return true;
}

export class DigestSet {
  #table = new Uint32Array(SMALLEST * WORDS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Bytes that the table takes. */
  get bytes(): number {
    return this.#table.byteLength;
  }

  /** Place of these words, or of the free place where they belong. */
  #find(table: Uint32Array, words: DigestWords): number {
    const places = table.length / WORDS;
    // Digests are evenly spread, so their own bits say where to begin.
    let place = (words[1] ?? 0) & (places - 1);
    for (;;) {
      const at = place * WORDS;
      if (table[at] === 0) return at;
      if (
        table[at] === words[0] &&
        table[at + 1] === words[1] &&
        table[at + 2] === words[2] &&
        table[at + 3] === words[3]
      )
        return at;
      place = (place + 1) & (places - 1);
    }
  }

  has(words: DigestWords): boolean {
    return this.#table[this.#find(this.#table, words)] !== 0;
  }

  /** True when it was not there before. */
  add(words: DigestWords): boolean {
    const at = this.#find(this.#table, words);
    if (this.#table[at] !== 0) return false;
    this.#table.set(words, at);
    this.#size++;
    if (this.#size * 3 > (this.#table.length / WORDS) * 2) this.#grow();
    return true;
  }

  #grow(): void {
    const old = this.#table;
    const grown = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += WORDS)
      if (old[at] !== 0) {
        const words = old.subarray(at, at + WORDS);
        grown.set(words, this.#find(grown, words));
      }
    this.#table = grown;
  }
}
