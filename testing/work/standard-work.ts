/** The work of a standard as it begins and as it ends. */
import type { StandardWork, WorkStanding } from '@macadam/core/work/reconcile';

/** The work of a standard about which nothing is known yet. */
export function noWork(standard: string): StandardWork {
  const never = new Date(0).toISOString();
  return {
    standard,
    at: never,
    known: 0,
    opened: 0,
    lastOpened: new Map(),
    failing: new Map(),
    open: new Map(),
  };
}

/** What a standard that is no longer in force says of everything that fails it: `by` names what withdrew it. */
export function* withdrawnStandings(work: StandardWork, by: string): Generator<WorkStanding> {
  for (const [asset, { owner }] of work.failing) yield { asset, verdict: 'O', owner, by };
}
