/** "Not mine", in the store: the steps of core, and at their end a decision about who owns the assets. */

import type {
  HandoverRecord,
  HandoverStepRecord,
  NewHandoverStep,
} from '@macadam/adapters/decisions/handovers';
import {
  type DecisionEntry,
  DecisionsError,
  type DecisionTransaction,
} from '@macadam/adapters/decisions/port';
import {
  type HandedOver,
  type Handover,
  type HandoverContext,
  type HandoverMove,
  hand,
  notMine,
} from '@macadam/core/work/handover';
import { OWNERS } from '../ownership/backfill.ts';
import { refuse } from './refusal.ts';
import type { WorkTeams } from './teams.ts';

export interface HandoverOptions extends Omit<HandoverContext, 'now' | 'ownerOf'> {
  readonly organisation: Pick<WorkTeams, 'division'>;
  /** Whose each asset is by now, null for nobody's; one that is not there is left out. */
  readonly ownersOf: (
    tx: DecisionTransaction,
    assets: readonly string[],
  ) => Promise<ReadonlyMap<string, string | null>>;
}

/** Whose the assets are is asked while nobody else can decide it. */
async function contextOf(
  tx: DecisionTransaction,
  assets: readonly string[],
  options: HandoverOptions,
): Promise<HandoverContext> {
  await tx.exclusive(OWNERS);
  const owners = await options.ownersOf(tx, assets);
  return { ...options, now: new Date(tx.at), ownerOf: (asset) => owners.get(asset) };
}

/** Rejects with `DecisionsError` `refused` as core does. */
export async function askHandover(
  tx: DecisionTransaction,
  given: { readonly assets: readonly string[]; readonly from: string; readonly to: string },
  options: HandoverOptions,
): Promise<HandoverRecord> {
  const { assets, from, to } = given;
  const division = options.organisation.division(from);
  const entry = { action: 'handover.begin', subject: from, division, detail: { assets, to } };
  const begun = agreed(tx, entry, notMine(assets, from, to, await contextOf(tx, assets, options)));
  return tx.handovers.begin({ assets: begun.assets, fromTeam: from, division }, stepOf(begun, options));
}

/** A step by whoever it is up to. Once another team has the assets, that is decided of each of them. */
export async function moveHandover(
  tx: DecisionTransaction,
  number: number,
  move: HandoverMove,
  { version, ...options }: HandoverOptions & { readonly version?: number | undefined },
): Promise<HandoverRecord> {
  const record = await tx.handovers.handover(number);
  if (!record) throw new DecisionsError('missing', `there is no hand-over ${number}`);
  const { division } = record;
  const entry = { action: `handover.${move.move}`, subject: `${number}`, division, detail: move };
  const before = handoverFrom(record, await tx.handovers.steps(number));
  const after = agreed(tx, entry, hand(before, move, await contextOf(tx, record.assets, options)));
  const moved = await tx.handovers.move(number, version ?? record.version, stepOf(after, options));
  if (moved.state === 'done' && moved.toTeam !== null)
    await tx.organisation.decideOwners(
      moved.assets.map((asset) => ({
        asset,
        act: 'accept',
        team: moved.toTeam ?? '',
        previousTeam: record.fromTeam,
        division: options.organisation.division(moved.toTeam),
        previousDivision: division,
        reason: options.why,
      })),
    );
  return moved;
}

function agreed(tx: DecisionTransaction, entry: DecisionEntry, handed: HandedOver): Handover {
  return 'refusal' in handed ? refuse(tx, entry, [handed.refusal]) : handed.handover;
}

function stepOf(
  { steps, state, to, bounces }: Handover,
  { organisation, why }: HandoverOptions,
): NewHandoverStep {
  return {
    what: steps.at(-1)?.what ?? 'asked',
    why,
    state,
    toTeam: to,
    bounces,
    toDivision: to === null ? null : organisation.division(to),
  };
}

const handoverFrom = (
  { assets, fromTeam: from, state, toTeam: to, bounces }: HandoverRecord,
  steps: readonly HandoverStepRecord[],
): Handover => ({
  assets,
  from,
  state,
  to,
  bounces,
  steps: steps.map(({ what, saidBy, saidAt, why, toTeam }) => ({
    what,
    by: saidBy,
    at: saidAt,
    why,
    to: toTeam,
  })),
});
