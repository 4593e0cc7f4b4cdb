/**
 * How many are worked on at once, from how long it takes: while it is quick, as many as there may be; where it takes long, fewer, until those
 * who are worked on are quick again. What a machine bears is found out so and not guessed, and whoever has no place can be told early.
 */
export interface PlacesOptions {
  readonly most: number;
  /** However long it takes, so many are worked on. */
  readonly least: number;
  /** Milliseconds after which one is late. */
  readonly late: number;
  /** Milliseconds after which is judged how many were late, of so many at least. */
  readonly window: number;
  readonly fewest: number;
  readonly monotonicMs: () => number;
}

export interface Places {
  now(): number;
  /** What it gives is called when one has ended; a second call does nothing. */
  begun(): () => void;
}

/** A part of those who ended, or are late already, that may be late. */
const SHARE = 0.1;
const FEWER = 0.7;
const MORE = 1.25;
/** So many times late: it waits for something that is not ours, and takes no place; but `EXEMPT` times `least` of them at most. */
const OLD = 10;
const EXEMPT = 2;

export function places({ most, least, late, window, fewest, monotonicMs }: PlacesOptions): Places {
  let count = most;
  let began = monotonicMs();
  let ended = 0;
  let endedLate = 0;
  /** The most that were worked on at once in this window. */
  let highest = 0;
  const under = new Set<{ readonly since: number }>();

  const olderThan = (milliseconds: number, now: number): number =>
    [...under].filter(({ since }) => now - since > milliseconds).length;
  const exempt = (now: number): number => Math.min(EXEMPT * least, olderThan(OLD * late, now));

  const judge = (now: number) => {
    if (now - began < window) return;
    const stuck = olderThan(late, now) - exempt(now);
    const seen = ended + stuck;
    const slow = endedLate + stuck;
    if (slow > SHARE * seen) {
      // Where no more than those are worked on, it is not for their number that they take long.
      if (highest > least && seen >= fewest)
        count = Math.max(least, Math.floor(Math.min(count, highest) * FEWER));
    } else if (slow === 0 || highest >= count) count = Math.min(most, Math.ceil(count * MORE));
    began = now;
    ended = 0;
    endedLate = 0;
    highest = under.size;
  };

  return {
    now: () => Math.min(most, count + exempt(monotonicMs())),
    begun: () => {
      const one = { since: monotonicMs() };
      judge(one.since);
      under.add(one);
      highest = Math.max(highest, under.size);
      return () => {
        if (!under.delete(one)) return;
        const now = monotonicMs();
        ended += 1;
        if (now - one.since > late) endedLate += 1;
        judge(now);
      };
    },
  };
}
