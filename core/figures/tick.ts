/**
 * What one tick changes for one standard: judges the old facts under the new definition, then under the new clock, then
 * the new facts, and gives the path of every asset whose standing moved. Pure: the same input gives the same changes.
 */

import type { Asset } from '../facts/asset.ts';
import { strongestCause } from '../facts/observation.ts';
import type { Related } from '../facts/related.ts';
import { ascending } from '../text/order.ts';
import type { CompiledStandard } from '../verdicts/compiled-standard.ts';
import { type Clock, type Decided, evaluate, judgeOf, rowOf } from '../verdicts/evaluate.ts';
import { acceptedValue, type Exception, exceptionsOf } from '../verdicts/exception.ts';
import { type Move, path, type Standing, type State } from './accounting.ts';

/** A move with the reasons of both sides, which are shown but never counted. */
export interface StandingChange extends Move {
  readonly fromReason: string;
  readonly toReason: string;
}

/** How an asset stood under a standard when the last tick was written. */
export interface Stood {
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
  readonly stood: ReadonlyMap<string, Stood>;
  readonly before: Side;
  readonly after: Side;
  readonly exceptions: readonly Exception[];
  readonly teamOf: (asset: Asset) => string;
}

type Judged = Pick<Standing, 'verdict'> & { readonly reason: string };

const NOWHERE: Judged = { verdict: 'O', reason: '' };

export function changesOf(input: TickInput): StandingChange[] {
  const { standard, stood, before, after } = input;
  const { id } = standard.definition;
  const oldClock = judging(standard, before.at, before.related);
  const newClock = judging(standard, after.at, before.related);
  const newFacts = judging(standard, after.at, after.related);
  const exceptions = exceptionsOf(input.exceptions, id);
  const ids = new Set([...stood.keys(), ...before.assets.keys(), ...after.assets.keys()]);
  const changes: StandingChange[] = [];
  for (const asset of [...ids].sort()) {
    const held = before.assets.get(asset);
    const seen = after.assets.get(asset);
    const first = stood.get(asset) ?? { state: 'O' as const, team: '', reason: '' };
    const start: Judged = { verdict: first.state === 'X' ? 'F' : first.state, reason: first.reason };
    const definition = input.redefined ? oldClock(held) : start;
    const clock = newClock(held);
    const evidence = newFacts(seen);
    const excepted = ({ at, related }: Side, of = seen ?? held) => {
      if (of === undefined) return false;
      const value = () => acceptedValue(evaluate(standard, of, { asOf: at, real: at }, related));
      return exceptions.inForce({ id: of.id, name: of.name, value }, at) !== null;
    };
    const team = seen ? input.teamOf(seen) : first.team;
    const moves = path(
      id,
      asset,
      {
        verdict: start.verdict,
        // What was not failing shows no exception, so whether one was in force is asked anew.
        excepted: first.state === 'X' || (first.state !== 'F' && excepted(before, held ?? seen)),
        team: first.state === 'O' ? team : first.team,
        gone: false,
      },
      {
        definition: definition.verdict,
        clock: clock.verdict,
        after: { verdict: evidence.verdict, excepted: excepted(after), team, gone: seen === undefined },
      },
    );
    const reasons = { definition, clock, evidence, reassigned: evidence, exception: evidence };
    let { reason } = start;
    for (const move of moves) {
      const toReason = reasons[move.step].reason;
      changes.push({ ...move, fromReason: reason, toReason });
      reason = toReason;
    }
    if (reason !== evidence.reason && evidence.verdict !== 'O') {
      const state = moves.at(-1)?.to ?? first.state;
      const same = {
        standard: id,
        asset,
        step: 'evidence',
        from: state,
        to: state,
        team,
        toTeam: team,
      } as const;
      changes.push({ ...same, gone: false, fromReason: reason, toReason: evidence.reason });
    }
  }
  return changes;
}

/** Everything that stood under a standard that is no longer in force leaves with it. */
export function withdrawn(standard: string, stood: ReadonlyMap<string, Stood>): StandingChange[] {
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
    asset ? judged(standard, decide(rowOf(standard.kind, asset))) : NOWHERE;
}

function judged(standard: CompiledStandard, decision: Decided): Judged {
  if (decision === 'pass') return { verdict: 'P', reason: 'meets' };
  if (decision === 'not-applicable') return NOWHERE;
  if (typeof decision === 'number') {
    return { verdict: 'F', reason: standard.reasons[decision]?.definition.id ?? '' };
  }
  return { verdict: 'U', reason: strongestCause(decision.causes.map(({ cause }) => cause)) };
}
