/**
 * What one tick changes for one standard, asset by asset: judges the old facts under the new definition, then the new facts, then these
 * under the new clock, and gives the path of every asset whose standing moved. Pure: the same input gives the same changes. The store,
 * which finds the same by queries, is held against it.
 */
import type { Asset } from '@macadam/core/facts/asset';
import type { Related } from '@macadam/core/facts/related';
import {
  changesAlong,
  type Judged,
  judgedAs,
  type PreviousStatus,
  type StandingChange,
} from '@macadam/core/figures/tick';
import { ascending } from '@macadam/core/text/order';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { type Clock, evaluate, judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import { acceptedValue, type Exception, exceptionsOf } from '@macadam/core/verdicts/exception';

/** Facts as of one moment. */
interface Side {
  /** Of the standard's kind, by id. */
  readonly assets: ReadonlyMap<string, Asset>;
  readonly at: Date;
  readonly related?: Related;
}

interface TickInput {
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
