/** What a tick changes, on generated facts before and after it, beside each verdict judged by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf, withdrawn } from '@macadam/testing/facts/tick-model';
import fc from 'fast-check';
import { type Asset, merge } from '../facts/asset.ts';
import type { Statement } from '../facts/observation.ts';
import type { CompiledStandard } from '../verdicts/compiled-standard.ts';
import { evaluate } from '../verdicts/evaluate.ts';
import { type Exception, exceptionFor } from '../verdicts/exception.ts';
import { KIND, NOW, observation, standard } from '../verdicts/generated.test.ts';
import { change, described, entriesOf, figures, type State } from './accounting.ts';
import { ownerOf } from './picture.ts';
import type { PreviousStatus, StandingChange } from './tick.ts';

const DAY = 86_400_000;
/** Ten days lie between the two ticks, and evidence is fresh for seven. */
const BEFORE = new Date(NOW.getTime() - 10 * DAY);
const teamOf = (asset: Asset) => ownerOf(asset) ?? 'nobody';

interface Facts {
  readonly a: Statement;
  readonly inScope: boolean;
  readonly owner: string;
  /** In days before the tick. */
  readonly age: number;
}

const facts = fc.record({
  a: fc.constantFrom<Statement>(
    { value: true },
    { value: false },
    { unobserved: 'forbidden', why: 'no right' },
    { unobserved: 'failed', why: 'broken' },
  ),
  inScope: fc.boolean(),
  owner: fc.constantFrom('@x', '@y'),
  age: fc.constantFrom(0, 4, 9),
});
const life = fc.record({
  before: fc.option(facts),
  /** Null: gone; undefined: nothing new was seen. */
  after: fc.option(fc.option(facts), { nil: undefined }),
});
/** Compiled once: there are only these. */
const CHECKS = ['asset.a', '!asset.a', 'asset.a || asset.n == 1', 'true'];
const COMPILED = new Map(CHECKS.map((check) => [check, standard(check, 'asset.b')]));
const compiledOf = (check: string) => COMPILED.get(check) ?? standard(check, 'asset.b');
const exceptions = fc.subarray<Exception>([
  {
    standard: 'generated',
    assets: ['0', '1'],
    reason: 'a stated reason',
    approver: '@a',
    until: '2026-10-28',
  },
  {
    standard: 'generated',
    assets: ['1', '2'],
    reason: 'a stated reason',
    approver: '@a',
    until: '2026-12-01',
  },
]);
const estate = fc.record({
  lives: fc.array(life, { minLength: 1, maxLength: 4 }),
  old: fc.option(fc.constantFrom(...CHECKS)),
  check: fc.constantFrom(...CHECKS),
  exceptions,
  /** Those of the last tick, which may have been granted or ended since. */
  earlier: exceptions,
});

function assetOf(name: string, { a, inScope, owner, age }: Facts, at: Date): Asset {
  const attributes = { a, n: { value: 1 }, b: { value: inScope }, owners: { value: [owner] } };
  return merge(KIND, [
    observation(
      name,
      { a, owners: attributes.owners },
      { observedAt: new Date(at.getTime() - age * DAY).toISOString() },
    ),
    observation(name, { b: attributes.b, n: attributes.n }, { observedAt: NOW.toISOString() }),
  ]);
}

interface Judged {
  readonly verdict: 'O' | 'P' | 'F' | 'U';
  readonly reason: string;
}
const LETTERS = { pass: 'P', fail: 'F', unknown: 'U', 'not-applicable': 'O' } as const;

function judged(of: CompiledStandard, asset: Asset | undefined, at: Date): Judged {
  if (!asset) return { verdict: 'O', reason: '' };
  const { verdict, reason } = evaluate(of, asset, { asOf: at, real: at });
  return { verdict: LETTERS[verdict], reason: verdict === 'not-applicable' ? '' : reason };
}

const stateOf = ({ verdict }: Judged, excepted: boolean): State =>
  verdict === 'F' && excepted ? 'X' : verdict;

function sides(given: typeof estate extends fc.Arbitrary<infer T> ? T : never) {
  const before = new Map<string, Asset>();
  const after = new Map<string, Asset>();
  const stood = new Map<string, PreviousStatus>();
  const old = given.old === null ? null : compiledOf(given.old);
  for (const [index, { before: first, after: second }] of given.lives.entries()) {
    const name = String(index);
    const id = `thing/${name}`;
    const held = first && assetOf(name, first, BEFORE);
    if (held) before.set(id, held);
    const seen = second === undefined ? held : second && assetOf(name, second, NOW);
    if (seen) after.set(id, seen);
    const stands = old && held && judged(old, held, BEFORE);
    if (!held || !stands || stands.verdict === 'O') continue;
    const excepted = exceptionFor(given.earlier, 'generated', held, BEFORE) !== null;
    stood.set(id, { state: stateOf(stands, excepted), team: teamOf(held), reason: stands.reason });
  }
  const compiled = compiledOf(given.check);
  const changes = changesOf({
    standard: compiled,
    redefined: given.old !== given.check,
    stood,
    before: { assets: before, at: BEFORE },
    after: { assets: after, at: NOW },
    exceptions: given.exceptions,
    teamOf,
  });
  return { before, after, stood, compiled, changes };
}

const RUNS = { numRuns: 400 };

test('each step has the verdict of its own definition, clock and facts, and the last is where it stands', () => {
  fc.assert(
    fc.property(estate, (given) => {
      const { before, after, stood, compiled, changes } = sides(given);
      for (const id of new Set([...before.keys(), ...after.keys()])) {
        const own = changes.filter(({ asset }) => asset === id);
        const [held, seen] = [before.get(id), after.get(id)];
        const first = stood.get(id);
        const results: Readonly<Record<string, Judged>> = {
          definition: judged(compiled, held, BEFORE),
          evidence: judged(compiled, seen, BEFORE),
          clock: judged(compiled, seen, NOW),
        };
        const last = results.clock as Judged;
        const excepted =
          seen !== undefined && exceptionFor(given.exceptions, 'generated', seen, NOW) !== null;
        // What stood as a failure shows whether it was excepted; of the rest it is asked anew.
        const shown = first?.state === 'X' || first?.state === 'F';
        const about = seen ?? held;
        const overlaid = shown
          ? first.state === 'X'
          : about !== undefined && exceptionFor(given.exceptions, 'generated', about, BEFORE) !== null;
        let state: State = first?.state ?? 'O';
        let reason = first?.reason ?? '';
        let team = first?.team;
        const plain = (one: State) => (one === 'X' ? 'F' : one);
        for (const move of own) {
          assert.equal(move.from, state, 'it goes on from where it was');
          assert.equal(move.fromReason, reason);
          if (team !== undefined) assert.equal(move.team, team);
          const result = results[move.step];
          if (result) {
            assert.deepEqual([plain(move.to), move.toReason], [result.verdict, result.reason]);
            assert.equal(
              move.to,
              stateOf(result, overlaid),
              'the first three steps leave exceptions as they were',
            );
          }
          assert.equal(move.gone, move.step === 'evidence' && seen === undefined && move.to === 'O');
          ({ to: state, toReason: reason, toTeam: team } = move);
        }
        assert.equal(state, stateOf(last, excepted), 'it ends where it stands');
        assert.equal(reason, last.reason);
        if (state !== 'O' && seen) assert.equal(team, teamOf(seen));
      }
    }),
    RUNS,
  );
});

test('accounts of a tick explain every figure of every group', () => {
  fc.assert(
    fc.property(estate, (given) => {
      const { after, stood, compiled, changes } = sides(given);
      const now = [...after.values()].map((asset) => {
        const excepted = exceptionFor(given.exceptions, 'generated', asset, NOW) !== null;
        return { team: teamOf(asset), state: stateOf(judged(compiled, asset, NOW), excepted) };
      });
      const entries = changes.flatMap(entriesOf);
      for (const team of ['@x', '@y']) {
        const of = (all: readonly { readonly team: string; readonly state: State }[]) =>
          figures(all.filter((one) => one.team === team).map(({ state }) => state));
        const explained = change(entries.filter((entry) => entry.team === team));
        const [from, to] = [of([...stood.values()]), of(now)];
        for (const key of ['pass', 'fail', 'unknown', 'excepted'] as const)
          assert.equal(explained[key], to[key] - from[key], `${key} of ${team}`);
      }
    }),
    RUNS,
  );
});

test('what did not change moves nobody: an old definition, old facts, no time', () => {
  fc.assert(
    fc.property(estate, (given) => {
      const same = sides({ ...given, old: given.check });
      assert.equal(same.changes.filter(({ step }) => step === 'definition').length, 0);
      const quiet = sides({
        ...given,
        lives: given.lives.map(({ before }) => ({ before, after: undefined })),
      });
      assert.equal(quiet.changes.filter(({ step }) => step === 'evidence').length, 0);
    }),
    RUNS,
  );
});

test('a changed definition fixes and breaks nothing: it is tightened or relaxed', () => {
  fc.assert(
    fc.property(estate, (given) => {
      for (const entry of sides(given).changes.flatMap(entriesOf)) {
        const word = described(entry);
        if (entry.step === 'definition') assert.match(word, /^(tightened|relaxed)$/);
        else assert.equal(word, entry.cell);
      }
    }),
    RUNS,
  );
});

const one = (asset: string, more: Partial<PreviousStatus> = {}): [string, PreviousStatus] => [
  asset,
  { state: 'F', team: '@x', reason: 'other', ...more },
];

test('another reason for the same verdict is a record of the evidence, and of no figure', () => {
  const asset = assetOf(
    '0',
    { a: { unobserved: 'failed', why: 'x' }, inScope: true, owner: '@x', age: 0 },
    NOW,
  );
  const changes = changesOf({
    standard: standard('asset.a'),
    redefined: false,
    stood: new Map([one(asset.id, { state: 'U', reason: 'forbidden' })]),
    before: { assets: new Map([[asset.id, asset]]), at: NOW },
    after: { assets: new Map([[asset.id, asset]]), at: NOW },
    exceptions: [],
    teamOf,
  });
  assert.deepEqual(changes, [
    {
      standard: 'generated',
      asset: 'thing/0',
      step: 'evidence',
      from: 'U',
      to: 'U',
      team: '@x',
      toTeam: '@x',
      gone: false,
      fromReason: 'forbidden',
      toReason: 'failed',
    },
  ]);
  assert.deepEqual(changes.flatMap(entriesOf), []);
});

test('a standard that is no longer in force takes everything with it, by its definition', () => {
  const left = withdrawn(
    'generated',
    new Map([one('thing/b'), one('thing/a', { state: 'P', reason: 'meets' })]),
  );
  const lines = left.map(
    ({ asset, step, from, to, team, toTeam, gone, fromReason, toReason }: StandingChange) =>
      [asset, step, from, to, team, toTeam, gone, fromReason, toReason].join(' '),
  );
  assert.deepEqual(lines, [
    'thing/a definition P O @x @x false meets ',
    'thing/b definition F O @x @x false other ',
  ]);
  assert.deepEqual(withdrawn('generated', new Map()), []);
});
