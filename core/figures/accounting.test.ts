import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  change,
  described,
  entriesOf,
  type Figures,
  figures,
  path,
  type Status,
  stateOf,
} from './accounting.ts';

const verdict = fc.constantFrom('O', 'P', 'F', 'U') as fc.Arbitrary<Status['verdict']>;
const standing: fc.Arbitrary<Status> = fc.record({
  verdict,
  excepted: fc.boolean(),
  team: fc.constantFrom('a', 'b', 'c'),
  gone: fc.boolean(),
});
/** What the first two steps find, and where each tick ends. */
const tick = fc.record({ definition: verdict, evidence: verdict, after: standing });
/** A few assets, each with where it stood and what a number of ticks did to it. */
const history = fc.integer({ min: 1, max: 4 }).chain((ticks) =>
  fc.array(fc.record({ start: standing, ticks: fc.array(tick, { minLength: ticks, maxLength: ticks }) }), {
    minLength: 1,
    maxLength: 8,
  }),
);

const minus = (a: Figures, b: Figures): Figures => ({
  pass: a.pass - b.pass,
  fail: a.fail - b.fail,
  unknown: a.unknown - b.unknown,
  excepted: a.excepted - b.excepted,
});

type Lived = { readonly start: Status; readonly ticks: readonly Parameters<typeof path>[3][] };

const movesOf = (lives: readonly Lived[]) =>
  lives.flatMap(({ start, ticks }, asset) =>
    ticks.flatMap((one, at) => path('s', String(asset), ticks[at - 1]?.after ?? start, one)),
  );

test('the change of every figure of every group is the sum of its cells, over any number of ticks', () => {
  fc.assert(
    fc.property(history, (lives) => {
      const entries = movesOf(lives).flatMap(entriesOf);
      for (const team of ['a', 'b', 'c']) {
        const at = (standings: readonly Status[]) =>
          figures(standings.filter((one) => one.team === team).map(stateOf));
        const before = at(lives.map(({ start }) => start));
        const after = at(lives.map(({ start, ticks }) => ticks.at(-1)?.after ?? start));
        assert.deepEqual(change(entries.filter((entry) => entry.team === team)), minus(after, before));
      }
    }),
  );
});

test('the company is the sum of its groups: a reassignment moves, and adds nothing', () => {
  fc.assert(
    fc.property(history, (lives) => {
      const entries = movesOf(lives).flatMap(entriesOf);
      const inner = entries.filter(({ cell }) => !cell.startsWith('reassigned'));
      assert.deepEqual(change(entries), change(inner));
    }),
  );
});

test('accounts add up over time: two halves are the whole', () => {
  fc.assert(
    fc.property(history, (lives) => {
      const half = Math.floor((lives[0]?.ticks.length ?? 0) / 2);
      const first = lives.map(({ start, ticks }) => ({ start, ticks: ticks.slice(0, half) }));
      const second = lives.map(({ start, ticks }) => ({
        start: ticks[half - 1]?.after ?? start,
        ticks: ticks.slice(half),
      }));
      const count = (of: readonly Lived[]) => movesOf(of).flatMap(entriesOf).length;
      assert.equal(count(first) + count(second), count(lives));
    }),
  );
});

test('a move belongs to exactly one cell of the verdict', () => {
  fc.assert(
    fc.property(standing, tick, (before, after) => {
      for (const move of path('s', 'x', before, after)) {
        const cells = entriesOf(move).map(({ cell }) => cell);
        const overlay = cells.filter((cell) => cell === 'covered' || cell === 'uncovered');
        const expected = move.step === 'reassigned' ? 2 : 1;
        assert.equal(cells.length - overlay.length, expected);
      }
    }),
  );
});

const base: Status = { verdict: 'F', excepted: false, team: 'a', gone: false };
const cells = (
  before: Status,
  after: Partial<Status>,
  steps: Partial<{ definition: 'P'; evidence: 'P' }> = {},
) =>
  path('s', 'x', before, {
    definition: steps.definition ?? before.verdict,
    evidence: steps.evidence ?? after.verdict ?? steps.definition ?? before.verdict,
    after: { ...before, ...after },
  })
    .flatMap(entriesOf)
    .map(({ step, cell }) => `${step}: ${cell}`);

test('what happened within a tick is told as it happened', () => {
  assert.deepEqual(cells(base, { verdict: 'P' }), ['evidence: fixed']);
  assert.deepEqual(cells(base, { verdict: 'O', gone: true }), ['evidence: gone-fail']);
  assert.deepEqual(cells(base, { verdict: 'O' }), ['evidence: out-of-scope-fail']);
  // What was seen in time is never lost; what is seen and too old at once is both.
  assert.deepEqual(cells(base, { verdict: 'F' }), []);
  assert.deepEqual(cells(base, { verdict: 'U' }, { evidence: 'P' }), ['evidence: fixed', 'clock: lost-pass']);
  assert.deepEqual(cells(base, { excepted: true }), ['exception: granted']);
  assert.deepEqual(cells({ ...base, excepted: true }, { verdict: 'P' }), [
    'evidence: fixed',
    'evidence: uncovered',
  ]);
  assert.deepEqual(cells({ ...base, verdict: 'P', excepted: true }, { verdict: 'F' }), [
    'evidence: regressed',
    'evidence: covered',
  ]);
  assert.deepEqual(cells({ ...base, excepted: true }, { excepted: false }), ['exception: ended']);
  assert.deepEqual(cells(base, { team: 'b' }), ['reassigned: reassigned-out', 'reassigned: reassigned-in']);
  assert.deepEqual(cells(base, { verdict: 'P' }, { definition: 'P' }), ['definition: fixed']);
});

test('a move within the same verdict belongs to no cell, and to no figure', () => {
  const same = {
    ...({ standard: 's', asset: 'x', step: 'evidence' } as const),
    team: 'a',
    toTeam: 'a',
    gone: false,
  };
  for (const state of ['P', 'F', 'X', 'U'] as const)
    assert.deepEqual(entriesOf({ ...same, from: state, to: state }), []);
  assert.deepEqual(entriesOf({ ...same, from: 'O', to: 'O' }), []);
});

test('figures are counts of states, from nothing', () => {
  assert.deepEqual(figures([]), { pass: 0, fail: 0, unknown: 0, excepted: 0 });
  assert.deepEqual(figures(['O', 'P', 'F', 'X', 'U', 'X']), { pass: 1, fail: 3, unknown: 1, excepted: 2 });
  assert.deepEqual(change([]), { pass: 0, fail: 0, unknown: 0, excepted: 0 });
  const moved = (state: 'O' | 'P' | 'F' | 'X' | 'U') => change([{ cell: 'reassigned-in', state }]);
  assert.deepEqual(moved('O'), figures([]));
  for (const state of ['P', 'F', 'X', 'U'] as const) {
    assert.deepEqual(moved(state), figures([state]));
    assert.deepEqual(
      change([
        { cell: 'reassigned-in', state },
        { cell: 'reassigned-out', state },
      ]),
      figures([]),
    );
  }
});

test('only what leaves by evidence is gone', () => {
  fc.assert(
    fc.property(standing, tick, (before, one) => {
      for (const move of path('s', 'x', before, one))
        assert.equal(move.gone, move.step === 'evidence' && move.to === 'O' && one.after.gone);
    }),
  );
});

test('what a changed definition did is never shown as fixing', () => {
  assert.equal(described({ cell: 'fixed', step: 'definition' }), 'relaxed');
  assert.equal(described({ cell: 'regressed', step: 'definition' }), 'tightened');
  assert.equal(described({ cell: 'fixed', step: 'evidence' }), 'fixed');
});
