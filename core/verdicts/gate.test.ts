/** What a gate does with each verdict, by step, day and exception; and that deciding and telling never differ. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { merge } from '../facts/asset.ts';
import type { Statement } from '../facts/observation.ts';
import { kindSchema } from '../kinds/kind.ts';
import { compileStandard } from './compiled-standard.ts';
import { rowOf } from './evaluate.ts';
import type { Exception } from './exception.ts';
import { EFFECTS, effectsOf, gateOf, isAsked, stronger } from './gate.ts';
import { stepOn } from './rollout.ts';
import { type Standard, standardSchema } from './standard.ts';

const KIND = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests.',
  key: ['ok'],
  fresh_for: '7d',
  attributes: {
    ok: { type: 'bool', description: 'Whether it is well.' },
    apart: { type: 'bool', description: 'Whether it stands outside.' },
  },
});
const NOW = new Date('2026-11-01T00:00:00Z');
const CLOCK = { asOf: NOW, real: NOW };
type Rollout = Standard['rollout'];

function standard(id: string, rollout: Rollout) {
  const definition = standardSchema.parse({
    id,
    pillar: 'engineering',
    title: 'A standard for a gate',
    statement: 'Everything is well before it exists.',
    why: 'So that gates are tried on examples.',
    origin: { report: 'none', lesson: 'Gates are an interface as well.' },
    scope: { kind: 'thing', where: '!asset.apart' },
    check: 'asset.ok',
    reasons: [{ id: 'bad', say: 'it is bad' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout,
    toil: { owner_minutes: 1 },
  });
  const compiled = compileStandard(definition, KIND, { file: 'test', lineOf: () => 1 });
  if ('mistakes' in compiled) throw new Error(compiled.mistakes.map(({ reason }) => reason).join('; '));
  return compiled;
}

function row(attributes: Record<string, Statement>, name = 'one') {
  const at = NOW.toISOString();
  const about = { kind: 'thing', id: `thing/${name}`, name, source: 'test', observedAt: at, receivedAt: at };
  return rowOf(KIND, merge(KIND, [{ ...about, assurance: 'configured', attributes }]));
}

const inside: Statement = { value: false };
const FAIL = row({ ok: { value: false }, apart: inside });
const PASS = row({ ok: { value: true }, apart: inside });
const OPEN = row({ apart: inside });
const OUTSIDE = row({ apart: { value: true } });

test('only an enforced standard stops anybody', () => {
  const effects = (state: Rollout['state'], unknown: Rollout['on_unknown']) => {
    const { effectOf } = gateOf([standard('a', { state, on_unknown: unknown })], CLOCK);
    return [FAIL, OPEN, PASS, OUTSIDE].map(effectOf).join(' ');
  };
  assert.equal(effects('draft', 'block'), 'allow allow allow allow');
  assert.equal(effects('observe', 'block'), 'allow allow allow allow');
  assert.equal(effects('warn', 'block'), 'warn warn allow allow');
  assert.equal(effects('warn', 'allow'), 'warn allow allow allow');
  assert.equal(effects('enforce', 'allow'), 'block allow allow allow');
  assert.equal(effects('enforce', 'warn'), 'block warn allow allow');
  assert.equal(effects('enforce', 'ask'), 'block ask allow allow');
  assert.equal(effects('enforce', 'block'), 'block block allow allow');
});

test('an announced day is kept to the instant', () => {
  const last = new Date('2027-02-28T23:59:59.999Z');
  const first = new Date('2027-03-01T00:00:00Z');
  for (const state of ['warn', 'enforce'] as const) {
    const rollout: Rollout = { state, enforce_from: '2027-03-01', on_unknown: 'ask' };
    assert.deepEqual([stepOn(rollout, last), stepOn(rollout, first)], ['warn', 'enforce']);
    assert.deepEqual(effectsOf(rollout, last), { fail: 'warn', unknown: 'warn' });
    assert.deepEqual(effectsOf(rollout, first), { fail: 'block', unknown: 'ask' });
  }
  assert.equal(
    stepOn({ state: 'observe', enforce_from: '2020-01-01', on_unknown: 'warn' }, first),
    'observe',
  );
});

test('a gate asks what warns or is enforced', () => {
  const asked = (['draft', 'observe', 'warn', 'enforce'] as const).filter((state) =>
    isAsked(standard('a', { state, on_unknown: 'warn' })),
  );
  assert.deepEqual(asked, ['warn', 'enforce']);
});

test('an exception in force lets a failure through, named assets only, and not what is undecided', () => {
  const exceptions: readonly Exception[] = [
    { standard: 'a', assets: ['one'], reason: 'replaced in spring', approver: 'ada', until: '2026-12-01' },
  ];
  const gate = gateOf([standard('a', { state: 'enforce', on_unknown: 'block' })], CLOCK, { exceptions });
  assert.equal(gate.effectOf(FAIL), 'allow');
  assert.equal(gate.effectOf(OPEN), 'block');
  assert.equal(gate.effectOf(row({ ok: { value: false }, apart: inside }, 'two')), 'block');
  const [decision] = gate.decide(FAIL);
  assert.deepEqual([decision?.verdict.verdict, decision?.exception?.until], ['fail', '2026-12-01']);
});

test('what is decided and what is told never differ', () => {
  const rollouts = fc.record({
    state: fc.constantFrom('draft', 'observe', 'warn', 'enforce'),
    on_unknown: fc.constantFrom(...EFFECTS),
  });
  fc.assert(
    fc.property(
      fc.array(rollouts, { maxLength: 5 }),
      fc.constantFrom(FAIL, PASS, OPEN, OUTSIDE),
      (all, one) => {
        const gate = gateOf(
          all.map((rollout, index) => standard(`s${index}`, rollout as Rollout)),
          CLOCK,
        );
        const told = gate.decide(one).map(({ effect }) => effect);
        assert.equal(gate.effectOf(one), told.reduce(stronger, 'allow'));
      },
    ),
  );
});
