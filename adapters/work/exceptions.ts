/** Exceptions as the store has them, in the form in which everybody asks whether one is in force. */
import type { Exception } from '@macadam/core/exception';
import type { GrantFilter, GrantRecord } from '../decisions/permissions.ts';
import type { DecisionTransaction } from '../decisions/port.ts';

/**
 * What tick, scan, gate and reconcile lay over verdicts. Each ends by itself at its instant wherever it is asked, so a
 * list may be read early and kept: `after` only leaves out what can be in force no more.
 */
export async function exceptionsInForce(
  tx: DecisionTransaction,
  filter: GrantFilter = { after: tx.at },
): Promise<readonly Exception[]> {
  return (await tx.permissions.granted(filter)).map(exceptionFrom);
}

export function exceptionFrom({ exception, assets }: GrantRecord): Exception {
  const { id, standard, selectors, reason, until, approvedBy, approvedAt } = exception;
  const { compensating, proof, endedAt, renews } = exception;
  return {
    ...{ id, standard, assets: [...selectors], reason, until },
    ...{ approver: approvedBy ?? '', requester: exception.requestedBy },
    ...(approvedAt !== null && { approved_at: approvedAt }),
    ...(compensating !== null && { compensating }),
    ...(proof !== null && { proof }),
    ...(endedAt !== null && { ended_at: endedAt }),
    ...(renews !== null && { renews }),
    accepted: Object.fromEntries(assets.map(({ asset, accepted }) => [asset, accepted])),
  };
}
