/** What would change if a standard said something else: judged by the facts that are held, before anything is saved. */

import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { wholeAt } from '@macadam/adapters/facts/history/around';
import {
  type Compared,
  type ComparedFilter,
  type ComparedGroup,
  type ComparedVerdict,
  compared,
  type TooCostly,
} from '@macadam/adapters/facts/history/compared';
import type { Tally as AllTally } from '@macadam/core/figures/share';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { definitionDigest } from '@macadam/core/verdicts/definition';
import { type OwnerStores, ownerAnswer, passMade } from '../ownership/answers.ts';

export type Tally = Omit<AllTally, 'excepted'>;

/** A team's assets that would change. */
export interface TeamChange {
  readonly team: string;
  /** Would fail, and do not today. */
  readonly newlyFailing: number;
  /** Fail today, and would pass or be out of scope. */
  readonly noLongerFailing: number;
  /** All others that would change. */
  readonly other: number;
}

export interface Transition {
  readonly from: ComparedVerdict;
  readonly to: ComparedVerdict;
  readonly count: number;
}

export interface WhatIf {
  readonly today: Tally;
  readonly changed: Tally;
  /** Without those that stay as they are, largest first. */
  readonly transitions: readonly Transition[];
  /** Those of which something would change, most newly failing first. */
  readonly teams: readonly TeamChange[];
  readonly changes: Compared['changes'];
}

export interface WhatIfRequest {
  readonly stores: OwnerStores;
  readonly today: CompiledStandard;
  readonly changed: CompiledStandard;
  readonly at: Date;
  /** Teams that the caller may see; null: all. Of others nothing is counted, since an expression can ask anything of an asset. */
  readonly teams: readonly string[] | null;
}

/** Judgements that are remembered: a page of a list asks the same again. */
const REMEMBERED = 8;

interface Judging {
  /** One draft is judged at a time: each may take seconds of the store. */
  last: Promise<unknown>;
  readonly remembered: Map<string, Promise<Compared | TooCostly>>;
}
const judging = new WeakMap<Driver, Judging>();

function judgingOf(driver: Driver): Judging {
  const held = judging.get(driver) ?? { last: Promise.resolve(), remembered: new Map() };
  judging.set(driver, held);
  return held;
}

/** Rejects where the store fails. */
export async function whatIf(request: WhatIfRequest): Promise<WhatIf | TooCostly> {
  const found = await judgedOnce(request);
  if ('tooCostly' in found) return found;
  const seen = request.teams === null ? null : new Set(request.teams);
  const groups = found.groups.filter(({ team }) => seen === null || seen.has(team));
  return {
    today: tallyOf(groups, ({ from }) => from),
    changed: tallyOf(groups, ({ to }) => to),
    transitions: transitionsOf(groups),
    teams: teamChanges(groups),
    changes: (filter: ComparedFilter, page) =>
      found.changes({ ...filter, teams: withinSeen(filter.teams, request.teams) }, page),
  };
}

const withinSeen = (wanted: readonly string[] | null, seen: readonly string[] | null) =>
  wanted === null ? seen : seen === null ? wanted : wanted.filter((team) => seen.includes(team));

async function judgedOnce({ stores, today, changed, at }: WhatIfRequest): Promise<Compared | TooCostly> {
  const { driver, facts, kinds } = stores;
  const known = await facts.newest();
  const { kind } = today;
  const key = [today, changed].map((one) => `${one.definition.id} ${definitionDigest(one)}`);
  const name = [...key, at.toISOString(), known].join('\n');
  const own = judgingOf(driver);
  const { remembered } = own;
  const held = remembered.get(name);
  if (held !== undefined) return held;
  const judge = async () =>
    compared({
      driver,
      kinds,
      kind,
      today,
      changed,
      at,
      whole: await wholeAt(facts, at, known),
      answers: (await passMade(driver)) ? ownerAnswer.name : null,
    });
  const asked = own.last.then(judge, judge);
  own.last = asked.catch(() => undefined);
  remembered.set(name, asked);
  asked.catch(() => remembered.delete(name));
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return asked;
}

function tallyOf(groups: readonly ComparedGroup[], side: (group: ComparedGroup) => ComparedVerdict): Tally {
  const number = (verdict: ComparedVerdict) =>
    groups.reduce((sum, group) => sum + (side(group) === verdict ? group.count : 0), 0);
  return {
    pass: number('pass'),
    unknown: number('unknown'),
    fail: number('fail'),
    notApplicable: number('na'),
  };
}

function transitionsOf(groups: readonly ComparedGroup[]): readonly Transition[] {
  const sums = new Map<string, Transition>();
  for (const { from, to, count } of groups) {
    if (from === to) continue;
    const key = `${from} ${to}`;
    sums.set(key, { from, to, count: count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()].sort((a, b) => b.count - a.count);
}

function teamChanges(groups: readonly ComparedGroup[]): readonly TeamChange[] {
  const changes = Map.groupBy(
    groups.filter(({ from, to }) => from !== to),
    ({ team }) => team,
  );
  const number = (own: readonly ComparedGroup[], is: (group: ComparedGroup) => boolean) =>
    own.reduce((sum, group) => sum + (is(group) ? group.count : 0), 0);
  return [...changes]
    .map(([team, own]) => {
      const newlyFailing = number(own, ({ to }) => to === 'fail');
      const noLongerFailing = number(own, ({ from, to }) => from === 'fail' && to !== 'unknown');
      const other = number(own, () => true) - newlyFailing - noLongerFailing;
      return { team, newlyFailing, noLongerFailing, other };
    })
    .sort(
      (a, b) =>
        b.newlyFailing - a.newlyFailing ||
        b.noLongerFailing - a.noLongerFailing ||
        b.other - a.other ||
        (a.team < b.team ? -1 : 1),
    );
}
