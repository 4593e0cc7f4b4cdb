/** Whether anybody has looked: before that an empty list would read as "there is nothing". */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { FAULTS } from '@macadam/services/work/faults';
import { HttpProblem } from './http/problem.ts';

/** `work`: what a look saw was taken in; `faults`: also whose it is that something cannot be told. */
export async function wasLooked(tx: DecisionTransaction, about: 'work' | 'faults'): Promise<boolean> {
  const passes = await tx.failing.passes();
  return passes.some(({ subject }) => about === 'work' || subject === FAULTS);
}

/** Throws 503 where nobody has. */
export async function requireReadiness(tx: DecisionTransaction, about: 'work' | 'faults'): Promise<void> {
  if (await wasLooked(tx, about)) return;
  const reason = 'no look was taken in yet';
  throw new HttpProblem(503, reason, [{ field: '', reason, fix: 'ask again once something was measured' }], {
    'retry-after': '2',
  });
}
