/** Which bytes of a file are overwritten: sorted, without overlaps, in as little memory as two numbers a place take. */

import type { Range } from './elf.ts';
import { DumpError } from './refused.ts';

/** What stands where a secret was: the letter X. */
export const FILLER = 0x58;
const MOST = 16_000_000;

export class Overwritten {
  #starts = new Float64Array(0);
  #ends = new Float64Array(0);
  #added: number[] = [];

  get places(): number {
    return this.#starts.length;
  }

  get bytes(): number {
    let sum = 0;
    for (let at = 0; at < this.#starts.length; at++) sum += (this.#ends[at] ?? 0) - (this.#starts[at] ?? 0);
    return sum;
  }

  add({ start, end }: Range): void {
    this.#added.push(start, end);
    if (this.#added.length > 2_000_000) this.merge();
  }

  /** Makes what was added count. */
  merge(): void {
    const count = this.#starts.length + this.#added.length / 2;
    if (count > MOST)
      throw new DumpError(
        'the dump',
        `holds secrets in more than ${MOST} places`,
        'it was not kept; say what the program holds, so that the detector that finds so many can be looked at',
      );
    const order = Array.from({ length: this.#added.length / 2 }, (_, index) => index * 2);
    const added = this.#added;
    order.sort((a, b) => (added[a] ?? 0) - (added[b] ?? 0));
    const starts = new Float64Array(count);
    const ends = new Float64Array(count);
    let length = 0;
    let old = 0;
    const put = (start: number, end: number) => {
      if (length > 0 && start <= (ends[length - 1] ?? -1))
        ends[length - 1] = Math.max(ends[length - 1] ?? 0, end);
      else {
        starts[length] = start;
        ends[length++] = end;
      }
    };
    for (const index of order) {
      const start = added[index] ?? 0;
      for (; old < this.#starts.length && (this.#starts[old] ?? 0) <= start; old++)
        put(this.#starts[old] ?? 0, this.#ends[old] ?? 0);
      put(start, added[index + 1] ?? 0);
    }
    for (; old < this.#starts.length; old++) put(this.#starts[old] ?? 0, this.#ends[old] ?? 0);
    this.#starts = starts.slice(0, length);
    this.#ends = ends.slice(0, length);
    this.#added = [];
  }

  /** Calls `each` with the places that `[start, end)` touches, as offsets from its start. */
  within(start: number, end: number, each: (from: number, to: number) => void): void {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    for (; low < this.#starts.length && (this.#starts[low] ?? 0) < end; low++)
      each(Math.max(this.#starts[low] ?? 0, start) - start, Math.min(this.#ends[low] ?? 0, end) - start);
  }

  /** Overwrites in `bytes` what stands at `position` of the file. */
  apply(bytes: Uint8Array, position: number, filler: number = FILLER): void {
    this.within(position, position + bytes.length, (from, to) => bytes.fill(filler, from, to));
  }
}
