/** "Not mine", in the store: the steps of core, and at their end a decision about who owns the assets. */
import {
  type HandedOver,
  type Handover,
  type HandoverContext,
  type HandoverMove,
  hand,
  notMine,
} from '@macadam/core/org/handover';
import type { HandoverRecord, HandoverStepRecord, NewHandoverStep } from '../decisions/handovers.ts';
import { type DecisionEntry, DecisionsError, type DecisionTransaction } from '../decisions/port.ts';
import { refuse } from './refusal.ts';
import type { WorkTeams } from './teams.ts';

export interface HandoverOptions extends Omit<HandoverContext, 'now'> {
  readonly organisation: Pick<WorkTeams, 'division'>;
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
  const begun = agreed(tx, entry, notMine(assets, from, to, { ...options, now: new Date(tx.at) }));
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
  const after = agreed(tx, entry, hand(before, move, { ...options, now: new Date(tx.at) }));
  const moved = await tx.handovers.move(number, version ?? record.version, stepOf(after, options));
  if (moved.state === 'done' && moved.toTeam !== null)
    for (const asset of moved.assets)
      await tx.organisation.decideOwner({
        ...{ asset, act: 'accept', team: moved.toTeam, previousTeam: record.fromTeam },
        ...{ division: options.organisation.division(moved.toTeam), reason: options.why },
      });
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
    ...{ what: steps.at(-1)?.what ?? 'asked', why, state, toTeam: to, bounces },
    toDivision: to === null ? null : organisation.division(to),
  };
}

export const handoverFrom = (
  { assets, fromTeam: from, state, toTeam: to, bounces }: HandoverRecord,
  steps: readonly HandoverStepRecord[],
): Handover => ({
  ...{ assets, from, state, to, bounces },
  steps: steps.map(({ what, saidBy, saidAt, why, toTeam }) => ({
    what,
    by: saidBy,
    at: saidAt,
    why,
    to: toTeam,
  })),
});
