/** Whether anything was measured: before that an empty list would read as "there is nothing". */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { FAULTS } from '@macadam/services/work/faults';
import { HttpProblem } from './http/problem.ts';

/** `work`: what a measurement found was taken in; `faults`: also who can mend what is unknown. */
export async function wasMeasured(tx: DecisionTransaction, about: 'work' | 'faults'): Promise<boolean> {
  const passes = await tx.failing.passes();
  return passes.some(({ subject }) => about === 'work' || subject === FAULTS);
}

/** Throws 503 where nothing was. */
export async function requireReadiness(tx: DecisionTransaction, about: 'work' | 'faults'): Promise<void> {
  if (await wasMeasured(tx, about)) return;
  const reason = 'nothing was measured yet';
  throw new HttpProblem(503, reason, [{ field: '', reason, fix: 'ask again once something was measured' }], {
    'retry-after': '2',
  });
}
