/**
 * What one tick changes for one standard: judges the old facts under the new definition, then the new facts, then these under
 * the new clock, and gives the path of every asset whose standing moved. Pure: the same input gives the same changes.
 *
 * A store of millions of assets finds the same by queries; this is what it is held against, and what judges single assets.
 */

import type { Asset } from '../facts/asset.ts';
import { strongestCause } from '../facts/observation.ts';
import type { Related } from '../facts/related.ts';
import { ascending } from '../text/order.ts';
import type { CompiledStandard } from '../verdicts/compiled-standard.ts';
import { type Clock, type Decided, evaluate, judgeOf, rowOf } from '../verdicts/evaluate.ts';
import { acceptedValue, type Exception, exceptionsOf } from '../verdicts/exception.ts';
import { type Move, path, type State, type Status } from './accounting.ts';

/** A move with the reasons of both sides, which are shown but never counted. */
export interface StandingChange extends Move {
  readonly fromReason: string;
  readonly toReason: string;
}

/** How an asset stood under a standard when the last tick was written. */
export interface PreviousStatus {
  readonly state: State;
  readonly team: string;
  readonly reason: string;
}

/** Facts as of one moment. */
export interface Side {
  /** Of the standard's kind, by id. */
  readonly assets: ReadonlyMap<string, Asset>;
  readonly at: Date;
  readonly related?: Related;
}

export interface TickInput {
  readonly standard: CompiledStandard;
  /** Whether the standard (or an estate's parameter) is another than at the last tick. A new standard always is. */
  readonly redefined: boolean;
  /** By asset; whoever is not here stood nowhere. */
  readonly stood: ReadonlyMap<string, PreviousStatus>;
  readonly before: Side;
  readonly after: Side;
  readonly exceptions: readonly Exception[];
  readonly teamOf: (asset: Asset) => string;
}

/** A verdict with its reason; of O there is none. */
export type Judged = Pick<Status, 'verdict'> & { readonly reason: string };

const NOWHERE: Judged = { verdict: 'O', reason: '' };

export function changesOf(input: TickInput): StandingChange[] {
  const { standard, stood, before, after } = input;
  const { id } = standard.definition;
  const oldFacts = judging(standard, before.at, before.related);
  const newFacts = judging(standard, before.at, after.related);
  const newClock = judging(standard, after.at, after.related);
  const exceptions = exceptionsOf(input.exceptions, id);
  const ids = new Set([...stood.keys(), ...before.assets.keys(), ...after.assets.keys()]);
  const changes: StandingChange[] = [];
  for (const asset of [...ids].sort()) {
    const held = before.assets.get(asset);
    const seen = after.assets.get(asset);
    const first = stood.get(asset) ?? { state: 'O' as const, team: '', reason: '' };
    const start: Judged = { verdict: first.state === 'X' ? 'F' : first.state, reason: first.reason };
    const definition = input.redefined ? oldFacts(held) : start;
    const evidence = newFacts(seen);
    const clock = newClock(seen);
    const about = seen ?? held;
    // What is there by now is what an exception accepts or does not, also at the clock before.
    const value = () =>
      about === undefined
        ? ''
        : acceptedValue(evaluate(standard, about, { asOf: after.at, real: after.at }, after.related));
    const excepted = (at: Date) =>
      about !== undefined && exceptions.inForce({ id: about.id, name: about.name, value }, at) !== null;
    const team = seen ? input.teamOf(seen) : first.team;
    const stoodAs = {
      state: first.state,
      reason: first.reason,
      team: first.state === 'O' ? team : first.team,
      // What was not failing shows no exception, so whether one was in force is asked anew.
      excepted: first.state === 'X' || (first.state !== 'F' && excepted(before.at)),
    };
    const standsAs = { team, excepted: excepted(after.at), gone: seen === undefined };
    changes.push(
      ...changesAlong({
        standard: id,
        asset,
        start: stoodAs,
        steps: { definition, evidence, clock },
        after: standsAs,
      }),
    );
  }
  return changes;
}

/** What each step of a tick says of an asset. */
export interface Steps {
  readonly definition: Judged;
  readonly evidence: Judged;
  readonly clock: Judged;
}

interface ChangesAlongInput {
  readonly standard: string;
  readonly asset: string;
  readonly start: PreviousStatus & { readonly excepted: boolean };
  readonly steps: Steps;
  readonly after: Pick<Status, 'team' | 'excepted' | 'gone'>;
}

/**
 * The path of one asset through a tick, with reasons; where its last move does not say the reason that is left, a record
 * that belongs to no figure does.
 */
export function changesAlong({ standard, asset, start, steps, after }: ChangesAlongInput): StandingChange[] {
  const { definition, evidence, clock } = steps;
  const { state, team, excepted } = start;
  const moves = path(
    standard,
    asset,
    { verdict: state === 'X' ? 'F' : state, excepted, team, gone: false },
    {
      definition: definition.verdict,
      evidence: evidence.verdict,
      after: { ...after, verdict: clock.verdict },
    },
  );
  const changes: StandingChange[] = [];
  const reasons = { definition, evidence, clock, reassigned: clock, exception: clock };
  let { reason } = start;
  for (const move of moves) {
    const toReason = reasons[move.step].reason;
    changes.push({ ...move, fromReason: reason, toReason });
    reason = toReason;
  }
  if (reason === clock.reason || clock.verdict === 'O') return changes;
  const step =
    clock.reason !== evidence.reason
      ? 'clock'
      : evidence.reason !== definition.reason
        ? 'evidence'
        : 'definition';
  const left = moves.at(-1)?.to ?? state;
  changes.push({
    standard,
    asset,
    step,
    from: left,
    to: left,
    team: after.team,
    toTeam: after.team,
    gone: false,
    fromReason: reason,
    toReason: clock.reason,
  });
  return changes;
}

/** Everything that stood under a standard that is no longer in force leaves with it. */
export function withdrawn(standard: string, stood: ReadonlyMap<string, PreviousStatus>): StandingChange[] {
  return [...stood]
    .sort(([a], [b]) => ascending(a, b))
    .map(([asset, { state, team, reason }]) => ({
      standard,
      asset,
      step: 'definition',
      from: state,
      to: 'O',
      team,
      toTeam: team,
      gone: false,
      fromReason: reason,
      toReason: '',
    }));
}

/** Judges at a moment of the past or present: evidence then had the age that it had. */
function judging(standard: CompiledStandard, at: Date, related: Related | undefined) {
  const clock: Clock = { asOf: at, real: at };
  const { decide } = judgeOf(standard, clock, related);
  return (asset: Asset | undefined): Judged =>
    asset ? judgedAs(standard, decide(rowOf(standard.kind, asset))) : NOWHERE;
}

/** A decision as a tick carries it. */
export function judgedAs(standard: CompiledStandard, decision: Decided): Judged {
  if (decision === 'pass') return { verdict: 'P', reason: 'meets' };
  if (decision === 'not-applicable') return NOWHERE;
  if (typeof decision === 'number') {
    return { verdict: 'F', reason: standard.reasons[decision]?.definition.id ?? '' };
  }
  return { verdict: 'U', reason: strongestCause(decision.causes.map(({ cause }) => cause)) };
}
