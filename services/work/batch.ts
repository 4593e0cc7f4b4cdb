/** What the decisions hold, in the form in which core reckons with it. */

import type { FailingRecord } from '@macadam/adapters/decisions/failing';
import type { HeldBatch } from '@macadam/adapters/decisions/work';
import type { Batch, Pause } from '@macadam/core/work/batch';
import type { FailingAsset } from '@macadam/core/work/reconcile';

export const failingFrom = ({
  name,
  team,
  since,
  observation,
  unknown,
  value,
  batch,
  excepted,
  exceptedUntil,
  dueFrom,
  handedOverAt,
}: FailingRecord): FailingAsset => ({
  name,
  owner: team,
  since,
  by: observation ?? '',
  unknown,
  value,
  batch,
  excepted,
  exceptedUntil,
  dueFrom,
  handedOverAt,
});

/** By asset. */
export const pausesFrom = ({ pauses }: Pick<HeldBatch, 'pauses'>): ReadonlyMap<string, Pause> =>
  new Map(pauses.map(({ asset, exception, until, dueFrom }) => [asset, { exception, until, dueFrom }]));

/** With those members that are left: who has gone is not needed to see whether it is empty. */
export function batchFrom({ batch, remaining, disputes }: HeldBatch): Batch {
  const { id, standard, team, of, openedAt, dueOn, closedAt, claimedBy, snoozedUntil, snoozes } = batch;
  return {
    id,
    standard,
    owner: team,
    of,
    openedAt,
    due: dueOn,
    members: remaining,
    departures: [],
    closedAt,
    claimedBy,
    snoozedUntil,
    snoozes,
    comments: [],
    disputes: disputes.map((one) => ({
      assets: one.assets,
      by: one.openedBy,
      why: one.reason,
      at: one.openedAt,
      settled:
        one.outcome === null || one.endedAt === null
          ? null
          : {
              by: one.endedBy ?? '',
              at: one.endedAt,
              upheld: one.outcome === 'upheld',
              why: one.endReason ?? '',
            },
    })),
  };
}
