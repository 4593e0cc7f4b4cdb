/** Between two of its instants no verdict of an asset changes, whatever the standard asks of the clock. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runs } from '@macadam/testing/runs';
import fc from 'fast-check';
import { merge } from '../facts/asset.ts';
import type { Statement, Value } from '../facts/observation.ts';
import { strongestCause } from '../facts/observation.ts';
import { type Kind, kindSchema } from '../kinds/kind.ts';
import { type CompiledStandard, compileStandard } from './compiled-standard.ts';
import { judgeOf, rowOf } from './evaluate.ts';
import { expiryOf, instantsOf, nextInstant, SLACK } from './expiry.ts';
import { standardSchema } from './standard.ts';

const KIND: Kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing with times.',
  key: ['id'],
  fresh_for: '7d',
  attributes: {
    id: { type: 'string', immutable: true, description: 'What it is called.' },
    born: { type: 'timestamp', immutable: true, description: 'When it began to be.' },
    used: { type: 'timestamp', optional: true, description: 'When it was used last.' },
    on: { type: 'bool', description: 'Whether it is on.' },
    keys: {
      type: 'list',
      element_key: 'id',
      description: 'Keys, and when they end.',
      of: { id: { type: 'int' }, ends: { type: 'timestamp', optional: true } },
    },
    proof: {
      type: 'record',
      optional: true,
      description: 'When it was proved.',
      fields: { at: { type: 'timestamp' } },
    },
  },
});

function standardOf(check: string, where = 'true'): CompiledStandard {
  const definition = standardSchema.parse({
    id: 'timed',
    pillar: 'engineering',
    title: 'A timed standard',
    statement: 'Everything meets a condition in time.',
    why: 'So that clocks are tried.',
    origin: { report: 'none', lesson: 'Examples alone prove little.' },
    scope: { kind: 'thing', where },
    check,
    params: { idle: '30d', grace: '2d12h', list: ['a'] },
    reasons: [
      { id: 'old', when: 'now - asset.born > params.idle', say: 'it is old' },
      { id: 'other', say: 'it does not hold' },
    ],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'warn' },
    toil: { owner_minutes: 1 },
  });
  const compiled = compileStandard(definition, KIND, { file: 'timed', lineOf: () => 1 });
  if ('mistakes' in compiled)
    throw new Error(`${check}: ${compiled.mistakes.map(({ reason }) => reason).join('; ')}`);
  return compiled;
}

const CONDITIONS = [
  'asset.on',
  'now - asset.born <= params.idle',
  'params.grace < now - asset.born',
  'asset.born + params.grace >= now',
  'asset.born > now - params.grace - duration("1h")',
  'has(asset.used) && now - asset.used < params.grace',
  '!has(asset.used) || asset.used - now > duration("-30h")',
  'asset.keys.all(k, has(k.ends) && k.ends > now)',
  'asset.keys.exists(k, has(k.ends) && k.ends - now <= params.idle)',
  'asset.keys.filter(k, has(k.ends)).exists(k, k.ends == now)',
  'has(asset.proof) && now - asset.proof.at <= params.grace',
  'now >= timestamp("2026-11-05T00:00:00Z")',
  'now - asset.?used.orValue(asset.born) <= params.idle',
  'now - (has(asset.used) ? asset.used : asset.born) < params.grace',
  'asset.?proof.?at.or(asset.?used).orValue(asset.born + params.grace) > now',
  '(now > asset.born + params.grace ? asset.born + params.idle : asset.born) > now - params.grace',
  'asset.?used.orValue(now) < now - params.grace',
  'asset.?proof.?at.hasValue() && now - asset.?proof.?at.value() <= params.grace',
  'now - asset.born < duration("292y")'.replace('292y', '2562000h'),
];
const COMPILED = new Map<string, CompiledStandard>();
const compiledOf = (check: string, where: string) => {
  const key = `${check}\n${where}`;
  const made = COMPILED.get(key) ?? standardOf(check, where);
  COMPILED.set(key, made);
  return made;
};
const condition = fc
  .tuple(fc.constantFrom(...CONDITIONS), fc.constantFrom(...CONDITIONS), fc.constantFrom('&&', '||', null))
  .map(([a, b, joined]) => (joined === null ? a : `(${a}) ${joined} (${b})`));

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 1);
const moment = fc
  .integer({ min: -60 * 24, max: 40 * 24 })
  .map((hours) => new Date(START + hours * 3_600_000));
const time = moment.map((at) => at.toISOString());
const gap: Statement = { unobserved: 'failed', why: 'broken' };
const said = fc.record({
  born: time,
  used: fc.option(time),
  keys: fc.array(fc.option(time), { maxLength: 3 }),
  proof: fc.option(time),
  /** Days before the start at which each was observed. */
  ages: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 5, maxLength: 5 }),
  unseen: fc.subarray(['used', 'on', 'keys', 'proof']),
});

function assetOf({
  born,
  used,
  keys,
  proof,
  ages,
  unseen,
}: typeof said extends fc.Arbitrary<infer T> ? T : never) {
  const attributes: Readonly<Record<string, Statement>> = {
    born: { value: born },
    used: used === null ? { absent: true } : { value: used },
    on: { value: true },
    keys: {
      value: keys.map((ends, id) => (ends === null ? { id } : { id, ends })) as unknown as Value,
    },
    proof: proof === null ? { absent: true } : { value: { at: proof } as unknown as Value },
  };
  return merge(
    KIND,
    Object.entries(attributes).map(([name, statement], index) => {
      const at = new Date(START - (ages[index] ?? 0) * DAY).toISOString();
      return {
        kind: 'thing',
        id: 'thing/a',
        name: 'a',
        source: `s${index}`,
        observedAt: at,
        receivedAt: at,
        assurance: 'tested' as const,
        attributes: { [name]: unseen.includes(name) ? gap : statement },
      };
    }),
  );
}

test('between two instants of an asset its verdict stays, and at the next one it may change', () => {
  let changed = 0;
  fc.assert(
    fc.property(
      fc.record({ check: condition, where: condition }),
      said,
      moment,
      fc.double({ min: 0, max: 1, noNaN: true }),
      ({ check, where }, given, from, part) => {
        const standard = compiledOf(check, where);
        const { always, terms } = expiryOf(standard);
        assert.equal(always, false);
        const asset = assetOf(given);
        const verdictAt = (at: Date) => {
          const decided = judgeOf(standard, { asOf: at, real: at }).decide(rowOf(KIND, asset));
          return typeof decided === 'object'
            ? strongestCause(decided.causes.map(({ cause }) => cause))
            : decided;
        };
        const start = BigInt(from.getTime()) * 1_000_000n;
        const next = nextInstant(instantsOf(terms, asset), start);
        const end = next === null ? from.getTime() + 400 * DAY : Number((next - SLACK) / 1_000_000n);
        if (end > from.getTime()) {
          const within = new Date(Math.floor(from.getTime() + part * (end - from.getTime())));
          assert.equal(
            verdictAt(within),
            verdictAt(from),
            `${from.toISOString()} to ${within.toISOString()}`,
          );
        }
        if (next === null) return;
        const after = new Date(Number(next / 1_000_000n) + 1000);
        if (verdictAt(after) !== verdictAt(from)) changed += 1;
      },
    ),
    { numRuns: runs(600) },
  );
  assert.ok(changed > 30, `only ${changed} of the instants changed a verdict`);
});

test('what uses the clock in another way is judged always', () => {
  for (const check of [
    'now.getHours() == 3',
    'string(now) == "x"',
    'now in [asset.born]',
    'now - asset.born > asset.born - timestamp("2026-01-01T00:00:00Z")',
    'cel.bind(age, now - asset.born, age > params.idle)',
  ])
    assert.equal(expiryOf(standardOf(check)).always, true, check);
});
