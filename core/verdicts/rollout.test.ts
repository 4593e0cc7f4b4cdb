/** Rings: who is in which, on which day it goes on, and that a step which is considered does what it says to whom it reaches. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  announcedSteps,
  type ConsideredStep,
  impactOf,
  type RolloutAsset,
  withStep,
} from '../figures/rollout-impact.ts';
import { effectsAt } from './gate.ts';
import {
  everAsked,
  opensWork,
  ROLLOUT_STEPS,
  type Rollout,
  ringOf,
  rolloutOf,
  rolloutSchema,
  stepFor,
} from './rollout.ts';

const day = (text: string) => new Date(`${text}T00:00:00Z`);
const ROLLOUT = rolloutSchema.parse({
  state: 'observe',
  on_unknown: 'ask',
  rings: [
    { name: 'early', owners: ['shop', 'till-*'], warn: '2027-01-01', enforce: '2027-02-01' },
    { name: 'payments', owners: ['payments'], assets: ['pay/*'], warn: '2027-03-01' },
  ],
});
const of = (id: string, owners: readonly string[] | null) => ({ id, name: id, owners });

test('the first ring that selects an asset is its ring; a unit means all below it', () => {
  const ring = (id: string, owners: readonly string[] | null) => {
    const { ring: found, undecided } = ringOf(ROLLOUT, of(id, owners));
    return undecided ? 'undecided' : (found?.name ?? null);
  };
  assert.equal(ring('a', ['shop-front', 'shop', 'company']), 'early');
  assert.equal(ring('pay/a', ['till-two']), 'early');
  assert.equal(ring('pay/a', ['other']), 'payments');
  assert.equal(ring('b', ['other']), null);
  // Nobody can tell whether the ring before it means it.
  assert.equal(ring('pay/a', null), 'undecided');
});

test('each ring takes its steps on its days, to the instant, and everybody else follows the state', () => {
  const step = (owner: string, at: string) => stepFor(ROLLOUT, of('a', [owner]), new Date(at));
  assert.equal(step('shop', '2026-12-31T23:59:59.999Z'), 'observe');
  assert.equal(step('shop', '2027-01-01T00:00:00Z'), 'warn');
  assert.equal(step('shop', '2027-02-01T00:00:00Z'), 'enforce');
  assert.equal(step('payments', '2027-02-01T00:00:00Z'), 'observe');
  assert.equal(step('payments', '2027-03-01T00:00:00Z'), 'warn');
  assert.equal(step('other', '2099-01-01T00:00:00Z'), 'observe');
  assert.equal(everAsked(ROLLOUT), true);
  assert.equal(everAsked({ state: 'observe', on_unknown: 'warn' }), false);
  assert.deepEqual(
    announcedSteps(ROLLOUT, day('2027-01-15')).map(({ ring, to, on }) => `${ring} ${to} ${on}`),
    ['early enforce 2027-02-01', 'payments warn 2027-03-01'],
  );
});

test('a ring that selects nothing, steps out of order, and a name twice are mistakes', () => {
  const messages = (rings: unknown) => {
    const read = rolloutSchema.safeParse({ state: 'warn', on_unknown: 'warn', rings });
    return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  };
  assert.deepEqual(messages([{ name: 'a', owners: ['x'] }]), []);
  assert.match(messages([{ name: 'a' }]).join(), /rings\.0\.owners: selects nothing/);
  assert.match(
    messages([{ name: 'a', owners: ['x'], warn: '2027-02-01', enforce: '2027-01-01' }]).join(),
    /rings\.0\.enforce: is on 2027-01-01, before it warns on 2027-02-01/,
  );
  const twice = [
    { name: 'a', owners: ['x'] },
    { name: 'a', owners: ['y'] },
  ];
  assert.match(messages(twice).join(), /rings\.1\.name: there is a ring `a` above/);
});

test('the company’s words stand over the standard’s, part by part; another state takes its day along', () => {
  const stated: Rollout = { state: 'warn', enforce_from: '2027-01-01', on_unknown: 'ask' };
  assert.deepEqual(rolloutOf(stated, undefined), stated);
  assert.deepEqual(rolloutOf(stated, { on_unknown: 'block' }), {
    state: 'warn',
    on_unknown: 'block',
    enforce_from: '2027-01-01',
  });
  assert.deepEqual(rolloutOf(stated, { state: 'observe' }), { state: 'observe', on_unknown: 'ask' });
});

const DAYS = ['2026-12-01', '2027-01-01', '2027-02-01', '2027-03-01', '2027-04-01'];
const someDay = fc.constantFrom(...DAYS);
const someRing = (name: string) =>
  fc
    .record({ owners: fc.subarray(['a', 'b', 'c'], { minLength: 1 }), warn: someDay, enforce: someDay })
    .map(({ owners, warn, enforce }) => ({
      name,
      owners,
      assets: [],
      warn: warn < enforce ? warn : enforce,
      enforce: warn < enforce ? enforce : warn,
    }));
const someRollout: fc.Arbitrary<Rollout> = fc.record({
  state: fc.constantFrom(...ROLLOUT_STEPS),
  on_unknown: fc.constantFrom('allow', 'warn', 'ask', 'block'),
  rings: fc.tuple(someRing('one'), someRing('two')),
});
const someStep: fc.Arbitrary<ConsideredStep> = fc.record({
  ring: fc.constantFrom('one', 'two', null),
  to: fc.constantFrom(...ROLLOUT_STEPS),
  on: someDay,
});
const someAssets: fc.Arbitrary<RolloutAsset[]> = fc.array(
  fc
    .record({
      team: fc.constantFrom('a', 'b', 'c', 'nobody'),
      state: fc.constantFrom('P', 'F', 'X', 'U'),
      later: fc.constantFrom('P', 'F', 'X', 'U', null),
      count: fc.integer({ min: 1, max: 9 }),
    })
    .map((one) => ({ ...one, id: 'x', name: 'x', owners: one.team === 'nobody' ? null : [one.team] })),
  { maxLength: 30 },
);

test('what a step would do is the difference of the days with and without it, asset by asset', () => {
  fc.assert(
    fc.property(someRollout, someStep, someAssets, (rollout, step, assets) => {
      const with_ = withStep(rollout, step);
      const at = day(step.on);
      const told = impactOf(rollout, step, assets);
      const sums = { work: 0, blocked: 0, released: 0, unknownStopped: 0 };
      for (const one of assets) {
        const before = stepFor(rollout, one, at);
        const next = stepFor(with_, one, at);
        const stands = one.later ?? one.state;
        const effect = (name: 'fail' | 'unknown', at: typeof before) =>
          effectsAt(at, rollout.on_unknown)[name];
        if (stands === 'F' && opensWork(next) && !opensWork(before)) sums.work += one.count;
        if (stands === 'F' && opensWork(before) && !opensWork(next)) sums.released += one.count;
        if (stands === 'F' && effect('fail', next) === 'block' && effect('fail', before) !== 'block')
          sums.blocked += one.count;
        const stops = (step_: typeof before) => ['ask', 'block'].includes(effect('unknown', step_));
        if (stands === 'U' && stops(next) && !stops(before)) sums.unknownStopped += one.count;
      }
      for (const name of ['work', 'blocked', 'released', 'unknownStopped'] as const)
        assert.equal(
          told.reduce((total, one) => total + one[name], 0),
          sums[name],
          name,
        );
      // The step itself is in force from its day on, for whom it is about.
      const member = (with_.rings ?? []).find(({ name }) => name === step.ring);
      const step_ = step.to === 'draft' && step.ring !== null ? 'observe' : step.to;
      const first = member?.owners.find((owner) => ringOf(with_, of('x', [owner])).ring === member);
      if (first !== undefined) assert.equal(stepFor(with_, of('x', [first]), at), step_);
      if (step.ring === null) assert.equal(stepFor(with_, of('x', ['z']), at), step_);
    }),
  );
});
