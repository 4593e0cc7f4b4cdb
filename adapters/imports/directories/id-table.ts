/**
 * Ids of a hundred thousand accounts, each with a small number, in sixteen bytes a place: as texts in a map they take ten times that. An id
 * is told apart by 96 bits of its SHA-256, so that nobody can make two of them meet.
 */
import { hash } from 'node:crypto';

const WORDS = 4;

export interface IdTable {
  /** False where it is there already: then its number stays. */
  readonly add: (id: string, number?: number) => boolean;
  readonly get: (id: string) => number | undefined;
  readonly size: () => number;
}

export function idTable(): IdTable {
  let words = new Uint32Array(1024 * WORDS);
  let size = 0;

  /** Where it stands, or would stand: the last word of a place is its number and one, or zero where it is free. */
  const placeOf = (into: Uint32Array, own: Uint32Array): number => {
    const among = into.length / WORDS;
    for (let place = (own[0] ?? 0) % among; ; place = (place + 1) % among) {
      const at = place * WORDS;
      if (into[at + 3] === 0) return at;
      if (into[at] === own[0] && into[at + 1] === own[1] && into[at + 2] === own[2]) return at;
    }
  };

  const grow = (): void => {
    const larger = new Uint32Array(words.length * 2);
    for (let at = 0; at < words.length; at += WORDS) {
      const own = words.subarray(at, at + WORDS);
      if (own[3] !== 0) larger.set(own, placeOf(larger, own));
    }
    words = larger;
  };

  /** What an id would be written as. */
  const asked = new Uint32Array(WORDS);
  const find = (id: string): number => {
    const digest = hash('sha256', id, 'buffer');
    for (const word of [0, 1, 2]) asked[word] = digest.readUInt32LE(word * 4);
    return placeOf(words, asked);
  };

  return {
    add: (id, number = 0) => {
      if (size * 3 * WORDS >= words.length * 2) grow();
      const at = find(id);
      if (words[at + 3] !== 0) return false;
      asked[3] = number + 1;
      words.set(asked, at);
      size += 1;
      return true;
    },
    get: (id) => {
      const number = words[find(id) + 3] ?? 0;
      return number === 0 ? undefined : number - 1;
    },
    size: () => size,
  };
}
