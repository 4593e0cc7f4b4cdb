/**
 * Which collections were recorded before, as far as that can be said without the engine: a Bloom filter (Bloom 1970) over their digests,
 * which are as good as random already. What it does not hold was never recorded; of what it may hold the engine is asked.
 */
import type { Driver } from './driver.ts';

export interface KnownDigests {
  /**
   * Those that may have been recorded: all that were, and about one in 400 others. The first time it reads what the store holds, and rejects
   * as the engine does.
   */
  among(digests: readonly string[]): Promise<readonly string[]>;
  /** Told of each before it is written. */
  add(digest: string): void;
}

const BITS_EACH = 16;
/** Of 32 bits each, from the start of a digest. */
const POSITIONS = 4;
const LEAST = 1 << 16;
/** Collections above which the engine is asked of all: reading them would take longer than is saved. */
const MOST = 2_000_000;
const PAGE = 100_000;

/** Of a store that nobody else writes to. */
export function knownDigests(driver: Driver): KnownDigests {
  let bits: Uint8Array | null = null;
  let count = 0;
  let capacity = 0;
  let tooMany = false;

  const positions = (digest: string, size: number): readonly number[] =>
    Array.from(
      { length: POSITIONS },
      (_, index) => Number.parseInt(digest.slice(index * 8, index * 8 + 8), 16) % size,
    );
  const put = (into: Uint8Array, digest: string) => {
    for (const at of positions(digest, into.length * 8))
      into[at >> 3] = (into[at >> 3] ?? 0) | (1 << (at & 7));
  };
  const mayHold = (of: Uint8Array, digest: string) =>
    positions(digest, of.length * 8).every((at) => ((of[at >> 3] ?? 0) & (1 << (at & 7))) !== 0);

  const read = async (): Promise<Uint8Array | null> => {
    const [row] = await driver.query<{ rows: string }>(
      "SELECT count() AS rows FROM batch WHERE event = 'collection'",
    );
    count = Number(row?.rows ?? 0);
    tooMany = count > MOST;
    if (tooMany) return null;
    capacity = Math.max(LEAST, 2 * count);
    const found = new Uint8Array((capacity * BITS_EACH) / 8);
    for (let after = 0; ; ) {
      const rows = await driver.query<{ number: string; subject: string }>(
        `SELECT number, subject FROM batch WHERE event = 'collection' AND number > {after:UInt64}
         ORDER BY number LIMIT ${PAGE}`,
        { after },
      );
      for (const { subject } of rows) put(found, subject);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return found;
      after = Number(last.number);
    }
  };

  return {
    among: async (digests) => {
      if (tooMany) return digests;
      bits ??= await read();
      const filter = bits;
      return filter === null ? digests : digests.filter((digest) => mayHold(filter, digest));
    },
    add: (digest) => {
      if (bits === null) return;
      put(bits, digest);
      count += 1;
      // Fuller it would say of most that they may be known.
      if (count > capacity) bits = null;
    },
  };
}
