/** What people do between two passes: claim, comment, snooze, dispute, settle, and hand over what is not theirs. */

import type { DecisionPrincipal, Decisions, DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { BatchRecord } from '@macadam/adapters/decisions/work';
import { dayAfter } from '@macadam/core/work/batch';
import type { HandoverMove } from '@macadam/core/work/handover';
import { actOn } from '@macadam/services/work/acts';
import { askHandover, moveHandover } from '@macadam/services/work/handover';
import type { WorkTeams } from '@macadam/services/work/teams';
import { type Calendar, DAY } from '../calendar.ts';
import { deputyOf, dice, engineerOf, functionDeputyOf, leadOf } from './people.ts';
import { drawn } from './plan.ts';

/** Something that somebody does at a time. */
export interface PlayedAct {
  readonly at: Date;
  readonly by: DecisionPrincipal;
  readonly does: (tx: DecisionTransaction) => Promise<unknown>;
}

export async function play(decisions: Decisions, acts: readonly PlayedAct[]): Promise<void> {
  for (const { at, by, does } of acts.toSorted((a, b) => a.at.getTime() - b.at.getTime()))
    await decisions.transaction(by, does, { at });
}

export const everywhere = (id: string): DecisionPrincipal => ({ id, divisions: 'all' });
const within = (id: string, division: string): DecisionPrincipal => ({ id, divisions: [division] });
const after = (at: Date, days: number) => new Date(at.getTime() + days * DAY);

export interface OpenedBatch extends Pick<BatchRecord, 'id' | 'team' | 'division' | 'dueOn'> {
  readonly members: readonly string[];
}

const COMMENTS = [
  'We know where it comes from; the change is in review.',
  'The template is fixed, what was made from it before is not yet.',
  'It waits for the maintenance window of this week.',
] as const;
const EACH_WEEK = 7;

/** Of what a pass has just opened, a few are taken up in the days after; `open`: disputes may stay open. */
export function actsOn(
  opened: readonly OpenedBatch[],
  at: Date,
  {
    calendar,
    open,
    pillarOf,
  }: {
    readonly calendar: Calendar;
    readonly open: boolean;
    /** Of the standard of a batch: whoever answers for it owns the standard, and judges what is disputed. */
    readonly pillarOf: (batch: string) => string;
  },
): readonly PlayedAct[] {
  const some = drawn(opened, EACH_WEEK, ({ id }) => dice(calendar, `act ${id}`, 1 << 30));
  return some.flatMap(({ id, team, division, dueOn, members }, index): PlayedAct[] => {
    const lead = within(leadOf(team), division);
    const engineer = within(engineerOf(team), division);
    const claim = { at: after(at, 1), by: engineer, does: claimOf(id, engineer.id) };
    const [asset] = members;
    if (index === 5) {
      const until = [dueOn, dayAfter(after(at, 2).toISOString(), 10)].sort()[0] ?? dueOn;
      const does = (tx: DecisionTransaction) => actOn(tx, id, { act: 'snooze', until }, { by: lead.id });
      return until > after(at, 2).toISOString().slice(0, 10) ? [{ at: after(at, 2), by: lead, does }] : [];
    }
    if (index === 6 && asset !== undefined) {
      const why = 'What is shown is of the machine that this one replaced.';
      const dispute = (tx: DecisionTransaction) =>
        actOn(tx, id, { act: 'dispute', assets: [asset], why }, { by: lead.id });
      const disputed = { at: after(at, 2), by: lead, does: dispute };
      if (open && dice(calendar, `open ${id}`, 3) > 0) return [disputed];
      const upheld = dice(calendar, `upheld ${id}`, 3) === 0;
      const answer = upheld
        ? 'The source looked at the wrong one; it is fixed.'
        : 'Looked at again: the verdict is of this machine.';
      const judge = functionDeputyOf(pillarOf(id));
      const settle = (tx: DecisionTransaction) =>
        actOn(tx, id, { act: 'settle', asset, upheld, why: answer }, { by: judge });
      return [disputed, { at: after(at, 4), by: everywhere(judge), does: settle }];
    }
    const text = COMMENTS[dice(calendar, `comment ${id}`, COMMENTS.length)] ?? COMMENTS[0];
    const comment = (tx: DecisionTransaction) => actOn(tx, id, { act: 'comment', text }, { by: engineer.id });
    return index % 2 === 0 ? [claim, { at: after(at, 1.5), by: engineer, does: comment }] : [claim];
  });
}

const claimOf = (id: string, by: string) => (tx: DecisionTransaction) =>
  actOn(tx, id, { act: 'claim' }, { by });

export interface PlannedHandover {
  readonly assets: readonly string[];
  readonly from: string;
  /** Asked one after the other. */
  readonly asked: readonly [string, string];
  readonly ends: 'asked' | 'withdrawn' | 'bounced' | 'decided' | 'accepted';
}

/** Begun at a time; its steps are hours apart. */
export async function playHandover(
  decisions: Decisions,
  { assets, from, asked, ends }: PlannedHandover,
  { at, teams, exists }: { at: Date; teams: WorkTeams; exists: (team: string) => boolean },
): Promise<void> {
  const [first, second] = asked;
  let hours = 0;
  const next = () => {
    hours += 1;
    return { at: new Date(at.getTime() + hours * 3_600_000) };
  };
  const context = (by: string, team: string, why: string) => ({
    by,
    teams: new Set([team]),
    deputy: by === deputyOf(teams.division(from)),
    why,
    exists,
    organisation: teams,
    // As it was planned: nobody goes over the owners of every day that is played.
    ownersOf: async (_: DecisionTransaction, ids: readonly string[]) => new Map(ids.map((id) => [id, from])),
  });
  const begun = await decisions.transaction(
    everywhere(leadOf(from)),
    (tx) =>
      askHandover(
        tx,
        { assets, from, to: first },
        context(leadOf(from), from, 'They moved with the product.'),
      ),
    { at },
  );
  const move = (by: string, team: string, why: string, what: HandoverMove) =>
    decisions.transaction(
      everywhere(by),
      (tx) => moveHandover(tx, begun.number, what, context(by, team, why)),
      next(),
    );
  if (ends === 'asked') return;
  if (ends === 'accepted') {
    await move(leadOf(first), first, 'We run the product now.', { move: 'accept' });
    return;
  }
  await move(leadOf(first), first, 'We only use it.', { move: 'refuse', to: second });
  if (ends === 'withdrawn') {
    await move(leadOf(from), from, 'It is ours after all.', { move: 'withdraw' });
    return;
  }
  await move(leadOf(second), second, 'It was never ours.', { move: 'refuse' });
  if (ends !== 'decided') return;
  const deputy = deputyOf(teams.division(from));
  await move(deputy, from, 'Whoever built it keeps it until it ends.', { move: 'decide', to: from });
}
