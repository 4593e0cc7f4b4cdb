/**
 * What nothing else caught: it is logged, and the server goes on, since a request that breaks is no reason to end all others. What is
 * kept is kept in transactions, which a broken one never ends. Where it happens again and again nothing can be trusted any more: then the
 * process ends, and whoever supervises it starts another.
 */
export interface LastResort {
  /** Writes it down. What it throws itself is lost. */
  readonly log: (what: string, error: unknown) => void;
  /** In milliseconds, for counting. */
  readonly now: () => number;
  /** Ends the process as one that failed. */
  readonly end: () => void;
}

/** So many within so many milliseconds are too many. */
const MOST = 20;
const WINDOW_MS = 60_000;

export function catchTheRest({ log, now, end }: LastResort): void {
  let times: number[] = [];
  const caught = (what: string) => (error: unknown) => {
    const at = now();
    times = [...times.filter((time) => time > at - WINDOW_MS), at];
    try {
      log(what, error);
    } catch {
      // Nothing is left that could be told of it.
    }
    if (times.length > MOST) end();
  };
  process.on('uncaughtException', caught('nobody caught this'));
  process.on('unhandledRejection', caught('nobody waited for this'));
}
