/** Exceptions as the store has them, in the form in which everybody asks whether one is in force. */

import type { ExceptionRecord, GrantFilter, GrantRecord } from '@macadam/adapters/decisions/permissions';
import { DecisionsError, type DecisionTransaction } from '@macadam/adapters/decisions/port';
import { type Exception, selects } from '@macadam/core/verdicts/exception';
import { approve, type ExceptionNotice, type ExceptionRequest, noticesOf } from '@macadam/core/work/approval';
import type { AcceptedOptions } from './accepted.ts';
import { refuse } from './refusal.ts';

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
    id,
    standard,
    assets: [...selectors],
    reason,
    until,
    approver: approvedBy ?? '',
    requester: exception.requestedBy,
    ...(approvedAt !== null && { approved_at: approvedAt }),
    ...(compensating !== null && { compensating }),
    ...(proof !== null && { proof }),
    ...(endedAt !== null && { ended_at: endedAt }),
    ...(renews !== null && { renews }),
    accepted: Object.fromEntries(assets.map(({ asset, accepted }) => [asset, accepted])),
  };
}

/** What is due to be told after one instant and up to another: see `noticesOf`. */
export async function noticesDue(
  tx: DecisionTransaction,
  after: Date,
  upTo: Date,
): Promise<readonly ExceptionNotice[]> {
  return noticesOf(await exceptionsInForce(tx, { after: after.toISOString() }), after, upTo);
}

export interface ApproveOptions {
  /** The approver's id: the transaction's principal. */
  readonly by: string;
  /** Where an auditor finds the record of the decision. */
  readonly proof: string;
  /** Values of failing assets as they are now. */
  readonly judge: AcceptedOptions['judge'];
}

/**
 * Writes down what the selectors mean at this moment: what fails the standard in the exception's division, each with the
 * value that is there now. What fails no more is not accepted. Rejects with `DecisionsError` `refused` as core does.
 */
export async function approveException(
  tx: DecisionTransaction,
  id: string,
  { by, proof, judge }: ApproveOptions,
): Promise<ExceptionRecord> {
  const asked = await tx.permissions.exception(id);
  if (!asked) throw new DecisionsError('missing', `there is no exception ${id}`);
  const { standard, division, selectors } = asked;
  const failing = await tx.failing.wanted(standard, { assets: [], all: true });
  const meant = failing.filter(
    (one) =>
      one.division === division &&
      selectors.some((selector) => selects(selector, one.asset) || selects(selector, one.name)),
  );
  const values = await judge(
    standard,
    meant.map(({ asset }) => asset),
  );
  const assets = meant.flatMap(({ asset, name }) => {
    const value = values.get(asset);
    return value === undefined ? [] : [{ id: asset, name, value }];
  });
  const earlier = await exceptionsInForce(tx, { standard });
  const approved = approve(requestFrom(asked, proof), { approver: by, at: new Date(tx.at), assets, earlier });
  if ('refusals' in approved)
    refuse(tx, { action: 'exception.approve', subject: id, division, detail: { proof } }, approved.refusals);
  const accepted = Object.entries(approved.exception.accepted ?? {});
  return tx.permissions.approve(
    id,
    accepted.map(([asset, value]) => ({ asset, accepted: value })),
    proof,
  );
}

const requestFrom = (record: ExceptionRecord, proof: string): ExceptionRequest => ({
  id: record.id,
  standard: record.standard,
  assets: [...record.selectors],
  reason: record.reason,
  compensating: record.compensating ?? '',
  requester: record.requestedBy,
  until: record.until,
  proof,
  ...(record.renews !== null && { renews: record.renews }),
});
