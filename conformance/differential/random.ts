/**
 * A seeded stream of random numbers (splitmix64 by Steele, Lea and Flood, 2014): the same seed gives the same cases on
 * every machine, so that a mismatch can be shown again.
 */
export interface Random {
  /** 0 to `below` − 1. */
  int(below: number): number;
  /** True in `percent` of 100 draws. */
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
}

export function random(seed: number): Random {
  let high = (seed / 2 ** 32) | 0;
  let low = seed | 0;
  // Two 32-bit streams in place of one of 64 bits: bigint arithmetic would cost more than the cases.
  const next = (): number => {
    low = (low + 0x9e3779b9) | 0;
    high = (high + 0x7f4a7c15) | 0;
    let mixed = low ^ (high >>> 16);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  const int = (below: number) => Math.floor((next() / 2 ** 32) * below);
  return {
    int,
    chance: (percent) => int(100) < percent,
    pick: (from) => {
      const picked = from[int(from.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
  };
}
