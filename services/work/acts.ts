/** What people do with a batch, by the rules of core, and what a batch looks like to them. */

import { DecisionsError, type DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { BatchRecord, HeldBatch, PausedMember } from '@macadam/adapters/decisions/work';
import { act, defects, isQuiet, type WorkAct } from '@macadam/core/work/act';
import { byPlace, dayAfter, dueOf, overdue, remaining, WORK_POLICY } from '@macadam/core/work/batch';
import { batchFrom, pausesFrom } from './batch.ts';
import type { Place } from './evidence.ts';
import { refuse } from './refusal.ts';

export interface ActOptions {
  /** The person's id: the transaction's principal. */
  readonly by: string;
  /** The version that the person saw; of two who act on the same one the second gets a `conflict`. */
  readonly version?: number | undefined;
}

/** Rejects with `DecisionsError`: `refused` with field and fix, `missing`, or `conflict`. */
export async function actOn(
  tx: DecisionTransaction,
  id: string,
  what: WorkAct,
  { by, version }: ActOptions,
): Promise<BatchRecord> {
  const held = await heldBatch(tx, id);
  const { batch } = held;
  if (version !== undefined && version !== batch.version)
    throw new DecisionsError('conflict', `batch ${id} is no longer at version ${version}; read it again`);
  const acted = act(batchFrom(held), what, { by, now: new Date(tx.at), policy: WORK_POLICY });
  if ('refusal' in acted)
    refuse(tx, { action: `batch.${what.act}`, subject: id, division: batch.division, detail: what }, [
      acted.refusal,
    ]);
  switch (what.act) {
    case 'claim':
    case 'release':
      return tx.work.claim(id, what.act === 'claim', version);
    case 'snooze':
      return tx.work.snooze(id, what.until, version);
    case 'comment':
      await tx.work.comment(id, what.text);
      return batch;
    case 'dispute':
      await tx.work.dispute(id, {
        assets: what.assets,
        reason: what.why,
        untilOn: dayAfter(tx.at, WORK_POLICY.dispute),
      });
      return batch;
    case 'settle': {
      const dispute = held.disputes.find(({ assets }) => assets.includes(what.asset));
      await tx.work.settleDispute(dispute?.number ?? 0, what.upheld ? 'upheld' : 'rejected', what.why);
      return batch;
    }
  }
}

/** Where requests to look at one asset at once are posted; whoever runs sources takes them from there. */
export const COLLECT = 'collect';

/** "Check again": asks for a look at one asset that is left in a batch. Its answer is a new observation, or none. */
export async function checkAgain(tx: DecisionTransaction, id: string, asset: string): Promise<void> {
  const { batch, remaining: left } = await heldBatch(tx, id);
  const { division, standard } = batch;
  const entry = { action: 'batch.check-again', subject: id, division, detail: { asset } };
  if (!left.includes(asset)) {
    const reason = `${asset} is not to be done here`;
    refuse(tx, entry, [{ field: 'asset', reason, fix: 'name an asset that is left in the batch' }]);
  }
  tx.audit(entry);
  await tx.delivery.post({
    destination: COLLECT,
    division,
    subject: asset,
    body: { asset, standard, batch: id },
  });
}

async function heldBatch(tx: DecisionTransaction, id: string): Promise<HeldBatch> {
  const [held] = await tx.work.hold([id]);
  if (!held) throw new DecisionsError('missing', `there is no batch ${id}`);
  return held;
}

/** A batch with everything that follows from what is stored, at a moment. */
export interface ShownBatch {
  readonly remaining: readonly string[];
  /** Members whose last day is over. */
  readonly overdue: readonly string[];
  /** Members whose clock a dispute stopped for a time, each with its last day. */
  readonly stopped: readonly { readonly asset: string; readonly due: string }[];
  /** Members whose failure an exception allows, and those that an ended one made due later than the rest. */
  readonly paused: readonly PausedWork[];
  /** Nobody is reminded of it today. */
  readonly quiet: boolean;
  /** Verdicts that it proved false: each a defect of the standard. */
  readonly defects: number;
}

export interface PausedWork extends PausedMember {
  /** Its own last day. */
  readonly due: string;
}

export function shownBatch(held: HeldBatch, at: string): ShownBatch {
  const batch = batchFrom(held);
  const clock = { now: new Date(at).toISOString(), policy: WORK_POLICY, pauses: pausesFrom(held) };
  const left = remaining(batch);
  const disputed = new Set(batch.disputes.flatMap(({ assets }) => assets));
  const due = (asset: string) => dueOf(batch, asset, clock);
  return {
    remaining: left,
    overdue: overdue(batch, clock),
    stopped: left
      .filter((asset) => disputed.has(asset))
      .map((asset) => ({ asset, due: due(asset) }))
      .filter((one) => one.due !== batch.due),
    paused: held.pauses
      .map((one) => ({ ...one, due: due(one.asset) }))
      .filter((one) => one.exception !== null || one.due !== batch.due),
    quiet: isQuiet(batch, new Date(at)),
    defects: defects(batch),
  };
}

export interface PlaceOfWork {
  /** Empty where an asset lies in none. */
  readonly repository: string;
  readonly path: string;
  readonly assets: readonly string[];
}

/** Where one change mends several: thirty items that are six files read as six. */
export const placesOf = (held: HeldBatch, places: ReadonlyMap<string, Place>): readonly PlaceOfWork[] =>
  [...byPlace(batchFrom(held), (asset) => places.get(asset) ?? null)].flatMap(([repository, paths]) =>
    [...paths].map(([path, assets]) => ({ repository, path, assets })),
  );
