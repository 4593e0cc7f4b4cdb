/**
 * How long one standard may take of a run over many assets, so that it never delays another. A standard whose budget is used up says nothing
 * of the assets that are left: they are unknown, by its own fault.
 */

/** What a standard has beside what its assets give it, in milliseconds: thousands of times what one of the catalogue needs. */
const OWN_MS = 5000;
/** An asset takes microseconds. */
const ASSET_MS = 0.1;
/** What all standards of a run have together; a run is one turn of a server. */
const ALL_MS = 25_000;
/** What a standard has where the others used that up. */
const LEAST_MS = 100;

export interface Budget {
  /** Whether nothing is left. */
  spent(): boolean;
  /** Counts what one asset takes. */
  on<T>(work: () => T): T;
}

export const NO_BUDGET: Budget = { spent: () => false, on: (work) => work() };

/** Budgets of the standards of one run. `monotonicMs` gives milliseconds that pass. */
export function budgets(monotonicMs: () => number): () => Budget {
  let all = ALL_MS;
  return () => {
    const own = Math.max(LEAST_MS, Math.min(OWN_MS, all));
    let used = 0;
    let assets = 0;
    return {
      spent: () => used > own + assets * ASSET_MS,
      on: (work) => {
        const began = monotonicMs();
        try {
          return work();
        } finally {
          const took = monotonicMs() - began;
          used += took;
          assets += 1;
          all -= Math.max(0, took - ASSET_MS);
        }
      },
    };
  };
}
