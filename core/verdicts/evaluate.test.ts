/** What a verdict says beside its name: evidence, places, causes, assurance, and the texts that people read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge } from '../facts/asset.ts';
import type { Location, Observation, Statement } from '../facts/observation.ts';
import { kindSchema } from '../kinds/kind.ts';
import { compileStandard } from './compiled-standard.ts';
import { evaluate } from './evaluate.ts';
import { lookedAt } from './evidence.ts';
import { standardSchema } from './standard.ts';

const KIND = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests.',
  key: ['ok'],
  fresh_for: '7d',
  attributes: {
    ok: { type: 'bool', description: 'Whether it is well.' },
    text: { type: 'string', optional: true, description: 'Words, maybe none.' },
    many: { type: 'list', of: 'string', description: 'Some words.' },
    parts: {
      type: 'list',
      description: 'Parts with a place.',
      of: {
        name: { type: 'string' },
        path: { type: 'string', optional: true },
        line: { type: 'int', optional: true },
      },
    },
    kept: { type: 'bool', set_by: 'approval', description: 'Kept on purpose.' },
    limit: { type: 'int', set_by: 'approval', description: 'An approved limit.' },
    part: { type: 'double', set_by: 'approval', description: 'An approved part.' },
    note: { type: 'string', set_by: 'approval', description: 'An approved note.' },
    names: { type: 'list', of: 'string', set_by: 'approval', description: 'Approved names.' },
  },
});
const NOW = new Date('2026-11-01T00:00:00Z');
const CLOCK = { asOf: NOW, real: NOW };

function standard(check: string, more: Readonly<Record<string, unknown>> = {}) {
  const definition = standardSchema.parse({
    id: 'generated',
    pillar: 'engineering',
    title: 'A generated standard',
    statement: 'Everything meets a generated condition.',
    why: 'So that texts are tried on examples.',
    origin: { report: 'none', lesson: 'Texts are an interface as well.' },
    scope: { kind: 'thing' },
    check,
    reasons: [{ id: 'bad', say: 'it is bad' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'warn' },
    toil: { owner_minutes: 1 },
    ...more,
  });
  const compiled = compileStandard(definition, KIND, { file: 'test', lineOf: () => 1 });
  if ('mistakes' in compiled) throw new Error(compiled.mistakes.map(({ reason }) => reason).join('; '));
  return compiled;
}

function thing(
  attributes: Readonly<Record<string, Statement>>,
  location?: Location,
  observedAt = NOW.toISOString(),
) {
  const observation: Observation = {
    kind: 'thing',
    id: 'thing/x',
    name: 'x',
    source: 'one',
    observedAt,
    receivedAt: NOW.toISOString(),
    assurance: 'configured',
    attributes,
    ...(location && { location }),
  };
  return merge(KIND, [observation]);
}
const judge = (
  check: string,
  attributes: Readonly<Record<string, Statement>>,
  more = {},
  location?: Location,
) => evaluate(standard(check, more), thing(attributes, location), CLOCK);
const OK: Statement = { value: true };
const BAD: Statement = { value: false };

test('each verdict has its reason, message, assurance and evidence', () => {
  const pass = judge('asset.ok', { ok: OK }, {}, { path: 'a.yml' });
  assert.deepEqual(
    [pass.verdict, pass.reason, pass.message, pass.assurance, pass.location, pass.causes],
    ['pass', 'meets', 'meets the standard', 'configured', { path: 'a.yml' }, []],
  );
  assert.deepEqual(pass.evidence, [{ text: 'ok: true', source: 'one', observedAt: NOW.toISOString() }]);
  const fail = judge('asset.ok', { ok: BAD });
  assert.deepEqual(
    [fail.verdict, fail.reason, fail.message, fail.assurance],
    ['fail', 'bad', 'it is bad', 'configured'],
  );
  assert.deepEqual(fail.evidence, [{ text: 'ok: false', source: 'one', observedAt: NOW.toISOString() }]);
  assert.equal(fail.location, null);
  const unknown = judge('asset.ok', {});
  assert.deepEqual([unknown.verdict, unknown.reason, unknown.assurance], ['unknown', 'unobserved', null]);
  assert.equal(unknown.message, 'asset.ok: no source of this run looks at it');
  assert.deepEqual(unknown.evidence, [{ text: 'asset.ok is unobserved: no source of this run looks at it' }]);
  const outside = judge(
    'asset.ok',
    { ok: OK },
    { scope: { kind: 'thing', where: '!asset.ok' } },
    { path: 'b.yml' },
  );
  assert.deepEqual(
    [outside.verdict, outside.reason, outside.message, outside.assurance, outside.evidence, outside.location],
    ['not-applicable', 'out-of-scope', 'outside the scope of the standard', null, [], { path: 'b.yml' }],
  );
});

test('a standard may ask for fresher evidence than its kind, and says what it allowed', () => {
  const old = thing({ ok: OK }, undefined, '2026-10-30T00:00:00Z');
  assert.equal(evaluate(standard('asset.ok'), old, CLOCK).verdict, 'pass');
  const strict = evaluate(standard('asset.ok', { evidence: { max_age: '1d' } }), old, CLOCK);
  assert.equal(strict.message, 'asset.ok: last seen 30 Oct 2026, more than 1 day ago');
  const older = evaluate(standard('asset.ok'), thing({ ok: OK }, undefined, '2026-10-01T00:00:00Z'), CLOCK);
  assert.equal(older.message, 'asset.ok: last seen 1 Oct 2026, more than 7 days ago');
});

test('what only an approval sets has its zero value without one', () => {
  const zero =
    '!asset.kept && asset.limit == 0 && asset.part == 0.0 && asset.note == "" && asset.names.all(n, n == "")';
  assert.equal(judge(zero, {}).verdict, 'pass');
  assert.equal(judge('size(asset.names) == 0', {}).verdict, 'pass');
  assert.equal(judge('asset.kept', { kept: OK }).verdict, 'fail', 'a source cannot approve');
});

const PARTS = {
  reasons: [
    {
      id: 'bad',
      say: '{count} of {asset.text}',
      at: 'asset.parts.filter(p, p.name != "good")',
      point: 'part {it.name}',
    },
  ],
};
const parts = (...value: Readonly<Record<string, string | number>>[]): Statement => ({ value });

test('elements at fault are evidence, each at its own path and line, else at the place of the asset', () => {
  const found = judge(
    'asset.parts.all(p, p.name == "good")',
    {
      text: { value: 'it' },
      parts: parts(
        { name: 'a', line: 3 },
        { name: 'good', line: 4 },
        { name: 'b', path: 'o.yml', line: 9 },
        { name: 'c' },
        { name: 'd', line: 0 },
      ),
    },
    PARTS,
    { path: 'x.yml' },
  );
  assert.equal(found.message, '4 of it');
  assert.deepEqual(found.evidence, [
    { text: 'part a', location: { path: 'x.yml', line: 3 } },
    { text: 'part c', location: { path: 'x.yml' } },
    { text: 'part d', location: { path: 'x.yml' } },
    { text: 'part b', location: { path: 'o.yml', line: 9 } },
  ]);
  assert.deepEqual(found.location, { path: 'x.yml', line: 3 });
});

test('one element at fault is enough; without any place it has only its text', () => {
  const one = judge(
    'asset.parts.all(p, p.name == "good")',
    { text: { value: 'it' }, parts: parts({ name: 'a', line: 3 }) },
    PARTS,
  );
  assert.deepEqual([one.message, one.evidence, one.location], ['1 of it', [{ text: 'part a' }], null]);
  const words = judge(
    'asset.many.all(m, m == "good")',
    { many: { value: ['a', 'b'] } },
    { reasons: [{ id: 'bad', say: '{count} words', at: 'asset.many' }] },
    { path: 'x.yml' },
  );
  assert.deepEqual(words.evidence, [
    { text: 'a', location: { path: 'x.yml' } },
    { text: 'b', location: { path: 'x.yml' } },
  ]);
});

test("without elements the evidence is what was looked at, and the place is the asset's", () => {
  const none = judge('asset.ok', { ok: BAD, text: { value: 'it' }, parts: parts() }, PARTS, {
    path: 'x.yml',
    line: 2,
  });
  assert.deepEqual(
    [none.message, none.evidence[0]?.text, none.location],
    ['0 of it', 'ok: false', { path: 'x.yml', line: 2 }],
  );
});

test('causes come in the stated order, then by path, then by reason', () => {
  const both = judge('asset.many.all(m, m == "a") && asset.ok', {
    ok: { unobserved: 'failed', why: 'b' },
    many: { unobserved: 'failed', why: 'z' },
  });
  assert.deepEqual(
    both.causes.map(({ cause, path }) => `${cause} ${path}`),
    ['failed asset.many', 'failed asset.ok'],
  );
  const same = judge('asset.parts.all(p, p.name == "good")', {
    parts: {
      value: [
        { name: { unobserved: 'failed', why: 'late' }, line: 1 },
        { name: { unobserved: 'failed', why: 'early' }, line: 2 },
      ],
    },
  });
  assert.deepEqual(
    same.causes.map(({ why }) => why),
    ['early', 'late'],
  );
  const mixed = judge('asset.ok && asset.parts.all(p, p.name == "good")', {
    ok: { unobserved: 'unobserved', why: 'first' },
    parts: { unobserved: 'forbidden', why: 'second' },
  });
  assert.deepEqual(
    [mixed.reason, mixed.message, mixed.causes.length],
    ['forbidden', 'asset.parts: second', 2],
  );
});

const seen = (check: string, attributes: Readonly<Record<string, Statement>>) =>
  lookedAt(standard(check), thing(attributes)).map(({ text }) => text);

test('what was looked at reads as values, counts, none, or why it is not known', () => {
  const check = 'asset.ok && has(asset.text) && asset.many.all(m, m == "")';
  assert.deepEqual(seen(check, { ok: OK, text: { absent: true }, many: { value: ['a', 'b'] } }), [
    'many: 2',
    'ok: true',
    'text: none',
  ]);
  assert.deepEqual(
    seen(check, {
      ok: { unobserved: 'failed', why: 'broken' },
      text: { value: 'word' },
      many: { value: ['a'], complete: false },
    }),
    ['many: 1 or more', 'ok: failed (broken)', 'text: word'],
  );
});

test('a long value is cut at 160 characters, and one of exactly 160 is whole', () => {
  const of = (length: number) => seen('has(asset.text)', { text: { value: 'x'.repeat(length) } })[0] ?? '';
  assert.equal(of(154), `text: ${'x'.repeat(154)}`);
  assert.equal(of(155), `text: ${'x'.repeat(153)}…`);
  assert.deepEqual(lookedAt(standard('asset.ok'), thing({}))[0], {
    text: 'ok: unobserved (no source of this run looks at it)',
  });
});

test('every reason that holds is named with its elements; the first is still the reason', () => {
  const many = standard('asset.ok && asset.parts.all(p, p.name == "good")', {
    reasons: [
      {
        id: 'bad-part',
        when: 'asset.parts.exists(p, p.name == "bad")',
        say: '{count} {part is|parts are} bad',
        at: 'asset.parts.filter(p, p.name == "bad")',
        point: '{it.name}',
      },
      { id: 'unwell', when: '!asset.ok', say: 'it is not well' },
      {
        id: 'worn-part',
        when: 'asset.parts.exists(p, p.name != "good")',
        say: '{count} {part is|parts are} worn',
        at: 'asset.parts.filter(p, p.name != "good")',
        point: '{it.name}',
      },
      { id: 'other', say: 'something else is wrong' },
    ],
  });
  const parts = {
    value: ['worn', 'bad', 'good', 'bad', 'worn'].map((name, index) => ({
      name,
      path: 'a',
      line: index + 1,
    })),
  };
  const found = evaluate(many, thing({ ok: { value: false }, parts }), CLOCK);
  assert.equal(found.reason, 'bad-part');
  assert.equal(found.message, '2 parts are bad; also it is not well; also 2 parts are worn');
  assert.deepEqual(
    found.evidence.map(({ text, reason, location }) => [reason, text, location?.line]),
    [
      ['bad-part', 'bad', 2],
      ['bad-part', 'bad', 4],
      ['unwell', 'it is not well', undefined],
      ['worn-part', 'worn', 1],
      ['worn-part', 'worn', 5],
    ],
  );
  assert.deepEqual(
    found.reasons?.map(({ id }) => id),
    ['bad-part', 'unwell', 'worn-part'],
  );
  const mended = {
    value: parts.value.map((part) => (part.name === 'bad' ? { ...part, name: 'good' } : part)),
  };
  const next = evaluate(many, thing({ ok: { value: true }, parts: mended }), CLOCK);
  assert.deepEqual([next.reason, next.message, next.reasons], ['worn-part', '2 parts are worn', undefined]);
});

test('a reason that cannot be told is not named beside another', () => {
  const two = standard('asset.ok && !has(asset.text)', {
    reasons: [
      { id: 'unwell', when: '!asset.ok', say: 'it is not well' },
      { id: 'worded', when: 'has(asset.text)', say: 'it has words' },
      { id: 'other', say: 'something else is wrong' },
    ],
  });
  const found = evaluate(two, thing({ ok: { value: false } }), CLOCK);
  assert.deepEqual([found.reason, found.message, found.reasons], ['unwell', 'it is not well', undefined]);
});
