/** The laws of measures: looking less only widens them, causes explain every change, and a cohort forgets nobody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Move, path, type State, type Status, stateOf } from './accounting.ts';
import {
  type CohortEntry,
  type CohortMember,
  cohortChange,
  cohortEntries,
  cohortState,
  cohortTally,
  type MeasureEntry,
  type MeasureTally,
  measureChange,
  measureEntries,
  measureShare,
  NO_AMOUNTS,
  type WeighedAsset,
  withAmount,
} from './measure.ts';

const verdict = fc.constantFrom('pass' as const, 'fail' as const, 'unknown' as const);
const amount = fc.option(fc.nat(1000));
const tallyOf = (all: readonly { verdict: 'pass' | 'fail' | 'unknown'; amount: number | null }[]) =>
  all.reduce((tally, one) => withAmount(tally, one.verdict, one.amount), NO_AMOUNTS);

test('73 of 100 tokens are 73 %, however few services pass', () => {
  const tally = tallyOf([
    { verdict: 'pass', amount: 73 },
    { verdict: 'fail', amount: 20 },
    { verdict: 'fail', amount: 1 },
    { verdict: 'unknown', amount: 6 },
  ]);
  assert.deepEqual(measureShare(tally), { amount: 100, atLeast: 0.73, atMost: 0.79, measured: 0.94 });
});

test('an amount that nobody knows makes at least 0 unless it passes, and at most 1 unless it fails', () => {
  const known = tallyOf([
    { verdict: 'pass', amount: 5 },
    { verdict: 'fail', amount: 5 },
  ]);
  const share = (blind: 'pass' | 'fail' | 'unknown') => {
    const { atLeast, atMost } = measureShare(withAmount(known, blind, null));
    return [atLeast, atMost];
  };
  assert.deepEqual(share('pass'), [0.5, 1]);
  assert.deepEqual(share('fail'), [0, 0.5]);
  assert.deepEqual(share('unknown'), [0, 1]);
  assert.deepEqual(measureShare(NO_AMOUNTS), { amount: 0, atLeast: null, atMost: null, measured: null });
});

test('looking less only widens a weighted share', () => {
  const asset = fc.record({
    verdict,
    amount: fc.nat(50),
    unseen: fc.boolean(),
    unweighed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(asset, { minLength: 1, maxLength: 8 }), (assets) => {
      const before = measureShare(tallyOf(assets));
      const after = measureShare(
        tallyOf(
          assets.map((one) => ({
            verdict: one.unseen ? ('unknown' as const) : one.verdict,
            amount: one.unweighed ? null : one.amount,
          })),
        ),
      );
      if (before.atLeast === null || before.atMost === null) return;
      assert.ok(after.atLeast !== null && after.atMost !== null);
      assert.ok(
        after.atLeast <= before.atLeast && before.atMost <= after.atMost,
        JSON.stringify({ before, after }),
      );
    }),
  );
});

const letter = fc.constantFrom('O' as const, 'P' as const, 'F' as const, 'U' as const);
const tick = fc.record({
  definition: letter,
  evidence: letter,
  clock: letter,
  excepted: fc.boolean(),
  team: fc.constantFrom('a', 'b'),
  amount,
  gone: fc.boolean(),
  told: fc.constantFrom(true, true, true, false),
});

const minus = (a: MeasureTally, b: MeasureTally): Record<string, number> =>
  Object.fromEntries(Object.entries(a).map(([name, value]) => [name, value - b[name as keyof MeasureTally]]));

/** One asset's life, with what is counted of it after each tick. `told`: whether the path of the tick is known, or learned late. */
function lived(ticks: readonly (typeof tick extends fc.Arbitrary<infer T> ? T : never)[]) {
  let held: Status = { verdict: 'O', excepted: false, team: 'a', gone: false };
  let counted: WeighedAsset | null = null;
  const entries: (readonly MeasureEntry[])[] = [];
  const stands: (WeighedAsset | null)[] = [];
  for (const one of ticks) {
    const after: Status = { verdict: one.clock, excepted: one.excepted, team: one.team, gone: one.gone };
    const moves: Move[] = path('s', 'x', held, { definition: one.definition, evidence: one.evidence, after });
    const state = stateOf(after);
    const next: WeighedAsset | null =
      state === 'O' ? null : { verdict: DECIDED[state], team: one.team, amount: one.amount };
    entries.push(measureEntries(counted, one.told ? moves : [], next));
    counted = next;
    held = after;
    stands.push(next);
  }
  return { entries, stands };
}

const DECIDED = { P: 'pass', F: 'fail', X: 'fail', U: 'unknown' } as const;
const groupTally = (all: readonly (WeighedAsset | null)[], team: string | null): MeasureTally =>
  all.reduce(
    (tally, one) =>
      one === null || (team !== null && one.team !== team)
        ? tally
        : withAmount(tally, one.verdict, one.amount),
    NO_AMOUNTS,
  );

test('only what was learned late is corrected, and what was weighed anew comes first', () => {
  const before: WeighedAsset = { verdict: 'fail', team: 'a', amount: 5 };
  const now: WeighedAsset = { verdict: 'pass', team: 'a', amount: 7 };
  const fixed: Move = {
    standard: 's',
    asset: 'x',
    step: 'evidence',
    from: 'F',
    to: 'P',
    team: 'a',
    toTeam: 'a',
    gone: false,
  };
  const told = measureEntries(before, [fixed], now);
  assert.deepEqual(
    told.map((one) => [one.cell, one.from, one.before, one.to, one.after]),
    [
      ['reweighed', 'fail', 5, 'fail', 7],
      ['fixed', 'fail', 7, 'pass', 7],
    ],
  );
  const late = measureEntries(before, [], now);
  assert.deepEqual(
    late.map(({ cell }) => cell),
    ['reweighed', 'corrected'],
  );
  assert.deepEqual(
    measureEntries(null, [], now).map(({ cell, after }) => [cell, after]),
    [['corrected', 7]],
  );
});

test('causes explain the change of amounts of every group between any two moments', () => {
  const lives = fc.array(fc.array(tick, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(lives, fc.nat(2), fc.nat(2), (all, a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const histories = all.map(lived);
      const at = (index: number) => histories.flatMap(({ stands }) => stands.slice(index, index + 1));
      const between = histories.flatMap(({ entries }) => entries.slice(from + 1, to + 1).flat());
      for (const team of [null, 'a', 'b']) {
        const own = between.filter((one) => team === null || one.team === team);
        const moved = minus(groupTally(at(to), team), groupTally(at(from), team));
        assert.deepEqual({ ...measureChange(own) }, moved, String(team));
      }
    }),
  );
});

test('a cohort counts who failed on its day: gone while failing and passing are eliminated, out of scope is not', () => {
  const of = (began: State, stands: State, gone = false, last: State = began) =>
    cohortState({ began, stands, gone, last });
  assert.equal(of('F', 'O', true), 'eliminated');
  assert.equal(of('X', 'O', true), 'eliminated');
  assert.equal(of('F', 'P'), 'eliminated');
  assert.equal(of('F', 'F'), 'remaining');
  assert.equal(of('F', 'U'), 'open');
  assert.equal(of('F', 'O', false), 'outside');
  assert.equal(of('F', 'O', true, 'U'), 'open');
  assert.equal(of('F', 'O', true, 'P'), 'eliminated');
  assert.equal(of('U', 'U'), 'open');
  assert.equal(of('U', 'F'), 'remaining');
  assert.equal(of('U', 'P'), 'outside');
  assert.equal(of('U', 'O', true, 'F'), 'eliminated');
  assert.equal(of('P', 'F'), 'outside');
  assert.equal(of('O', 'F'), 'outside');
  const tally = cohortTally([
    { began: 'F', stands: 'O', gone: true, last: 'F', count: 5_750_000 },
    { began: 'F', stands: 'F', gone: false, last: 'F', count: 1_250_000 },
    { began: 'U', stands: 'U', gone: false, last: 'U', count: 1_000_000 },
  ]);
  const { atLeast, atMost } = measureShare(tally);
  assert.deepEqual([tally.pass, atLeast, atMost], [5_750_000, 5.75 / 8, 6.75 / 8]);
});

/** One asset's life from the day of a cohort on: its entries, and where it stands in the cohort of its team after each tick. */
function livedInCohort(ticks: readonly (typeof tick extends fc.Arbitrary<infer T> ? T : never)[]) {
  let held: Status = { verdict: 'O', excepted: false, team: 'a', gone: false };
  let member: CohortMember | null = null;
  let team = 'a';
  const entries: CohortEntry[][] = [];
  const stands: { team: string; member: CohortMember }[] = [];
  for (const one of ticks) {
    const after: Status = { verdict: one.clock, excepted: one.excepted, team: one.team, gone: one.gone };
    const moves: Move[] = path('s', 'x', held, { definition: one.definition, evidence: one.evidence, after });
    const state = stateOf(after);
    if (member === null) {
      // The first tick is the day.
      entries.push([]);
      member = { began: state, stands: state, gone: false, last: state };
      team = after.team;
    } else {
      entries.push([...cohortEntries({ ...member, team }, moves)]);
      for (const { step, from, to, gone } of moves)
        if (step !== 'reassigned')
          member = {
            began: member.began,
            stands: to,
            gone: to === 'O' && gone,
            last: to === 'O' ? from : to,
          };
    }
    held = after;
    // What is gone stays in the cohort of the team that it left.
    team = moves.at(-1)?.toTeam ?? team;
    stands.push({ team, member });
  }
  return { entries, stands };
}

test('causes explain the change of the cohort of every group between any two moments', () => {
  const lives = fc.array(fc.array(tick, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(lives, fc.nat(3), fc.nat(3), (all, a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const histories = all.map(livedInCohort);
      for (const team of [null, 'a', 'b']) {
        const at = (index: number) =>
          cohortTally(
            histories.flatMap(({ stands }) => {
              const one = stands[index];
              return one && (team === null || one.team === team) ? [one.member] : [];
            }),
          );
        const between = histories.flatMap(({ entries }) => entries.slice(from + 1, to + 1).flat());
        const own = between.filter((one) => team === null || one.team === team);
        assert.deepEqual({ ...cohortChange(own) }, minus(at(to), at(from)), String(team));
      }
    }),
    { numRuns: 500 },
  );
});

test('looking less at a cohort only widens it', () => {
  const member = fc.record({
    began: fc.constantFrom('P' as const, 'F' as const, 'U' as const),
    stands: fc.constantFrom('P' as const, 'F' as const, 'U' as const),
    unseen: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(member, { minLength: 1, maxLength: 8 }), (all) => {
      const at = (less: boolean) =>
        measureShare(
          cohortTally(
            all.map(({ began, stands, unseen }) => ({
              began,
              stands: less && unseen ? ('U' as const) : stands,
              gone: false,
              last: began,
            })),
          ),
        );
      const [before, after] = [at(false), at(true)];
      if (before.atLeast === null || before.atMost === null) return;
      assert.ok(after.atLeast !== null && after.atMost !== null);
      // What was unknown on the day and is not seen today may have been of the cohort: it only adds doubt.
      assert.ok(after.atLeast <= before.atLeast && before.atMost <= after.atMost);
    }),
  );
});
