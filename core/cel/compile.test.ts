import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataOf } from '../facts/data.ts';
import type { Value } from '../facts/observation.ts';
import type { Kind } from '../kinds/kind.ts';
import { kindSchema } from '../kinds/kind.ts';
import { type Bindings, compile, elements } from './compile.ts';
import { parseDurationWithDays, parseTimestamp } from './runtime/time.ts';
import { type Data, PartialList, Unknown } from './runtime/value.ts';
import { assetType, DURATION, TIMESTAMP, type Type } from './type.ts';

const kind: Kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests.',
  key: ['on'],
  fresh_for: '7d',
  attributes: {
    on: { type: 'bool', description: 'Whether it is on.' },
    off: { type: 'bool', description: 'Whether it is off.' },
    count: { type: 'int', description: 'How many there are.' },
    share: { type: 'double', description: 'A part of a whole.' },
    name: { type: 'string', description: 'What it is called.' },
    state: { type: 'enum(new, old)', description: 'How far it is.' },
    used_at: { type: 'timestamp', optional: true, description: 'When it was last used.' },
    tags: { type: 'list', of: 'string', description: 'Words about it.' },
    keys: {
      type: 'list',
      description: 'Keys that open it.',
      of: { id: { type: 'string' }, strong: { type: 'bool' }, ends: { type: 'timestamp', optional: true } },
    },
  },
});
const asset = assetType(kind);
const scope: Record<string, Type> = {
  asset,
  params: { name: 'record', label: 'params', fields: { idle: { type: DURATION, optional: false } } },
  now: TIMESTAMP,
};

const gone = { unobserved: 'forbidden', why: 'no right to look' } as const;
const held: Record<string, Value> = {
  on: true,
  off: false,
  count: 3,
  share: 0.5,
  name: 'café',
  state: 'new',
  tags: ['a', 'b'],
  keys: [
    { id: 'k1', strong: true },
    { id: 'k2', strong: false, ends: '2026-01-01T00:00:00Z' },
  ],
};

function bind(values: Readonly<Record<string, Value>>, complete = true): Bindings {
  const record = dataOf({ raw: values, type: asset, path: 'asset' }) as Record<string, Data>;
  const { tags } = record;
  if (!complete && Array.isArray(tags)) record.tags = new PartialList(tags, 'asset.tags');
  return { ...rest, asset: record };
}
const rest: Bindings = {
  params: { idle: parseDurationWithDays('90d') ?? undefined },
  now: parseTimestamp('2026-11-01T00:00:00Z') ?? undefined,
};

function run(text: string, values: Readonly<Record<string, Value>> = held, complete = true): unknown {
  const compiled = compile(text, scope);
  if ('mistakes' in compiled) return compiled.mistakes.map(({ reason }) => reason).join('; ');
  const value = compiled.expression.run(bind(values, complete));
  return value instanceof Unknown ? value.causes.map(({ cause, path }) => `${cause} ${path}`).sort() : value;
}

const DECIDED: readonly (readonly [string, boolean])[] = [
  ['asset.on && !asset.off', true],
  ['asset.count + 1 == 4', true],
  ['asset.count % 2 == 1 && -asset.count < 0', true],
  ['asset.share * 2.0 == 1.0', true],
  ['double(asset.count) > 2.5 && int("7") == 7 && string(asset.count) == "3"', true],
  ['asset.name.startsWith("caf") && asset.name.endsWith("é") && asset.name.contains("a")', true],
  ['asset.name.size() == 4', true],
  ['asset.name.matches("^c.f")', true],
  ['asset.state == "old"', false],
  ['asset.state in ["new", "old"]', true],
  ['"a" in asset.tags', true],
  ['"z" in asset.tags', false],
  ['asset.tags == ["a", "b"]', true],
  ['asset.tags[1] == "b"', true],
  ['size(asset.tags) == 2', true],
  ['asset.keys.all(k, k.strong)', false],
  ['asset.keys.exists(k, k.strong)', true],
  ['asset.keys.exists_one(k, k.strong)', true],
  ['asset.keys.map(k, k.id) == ["k1", "k2"]', true],
  ['asset.keys.map(k, k.strong, k.id) == ["k1"]', true],
  ['asset.keys.filter(k, !k.strong).all(k, k.id == "k2")', true],
  ['asset.keys.all(k, !has(k.ends) || k.ends < now)', true],
  ['asset.keys.all(k, asset.keys.exists(other, other.id == k.id))', true],
  ['has(asset.used_at)', false],
  ['has(asset.used_at) ? now - asset.used_at <= params.idle : asset.on', true],
  ['now - duration("1h") < now', true],
  ['timestamp("2026-01-01T00:00:00Z") < now', true],
  ['"\\U0001F600" > "\\uFFFD"', true],
  ['asset.on ? true : false', true],
];

for (const [text, expected] of DECIDED) {
  test(`${text} is ${expected}`, () => assert.equal(run(text), expected));
}

const MISTAKES: readonly (readonly [string, RegExp])[] = [
  ['asset.onn', /thing has no `onn`, did you mean `on`\?/],
  ['assett.on', /there is no `assett`, did you mean `asset`\?/],
  ['asset.used_at < now', /`used_at` may be absent/],
  ['asset.keys.all(k, k.ends < now)', /`ends` may be absent/],
  ['!has(asset.used_at) && asset.used_at < now', /`used_at` may be absent/],
  ['asset.keys.exists(k, has(k.ends)) && asset.keys.all(k, k.ends < now)', /`ends` may be absent/],
  ['asset.count == "3"', /are never equal/],
  ['asset == asset', /assets are not compared whole/],
  ['asset in [asset]', /assets are not compared whole/],
  ['asset.count + 1.0 == 4.0', /`\+` does not take int, double/],
  ['asset.count', /the expression gives a int, a bool is needed/],
  ['asset.state == "neww"', /`neww` is not one of new, old, did you mean `new`\?/],
  ['asset.name.matches(asset.name)', /needs a constant pattern/],
  ['asset.name.matches("(")', /not a valid RE2 pattern/],
  ['asset.name.startWith("a")', /there is no function `startWith`, did you mean `startsWith`\?/],
  ['asset.on &&', /a value is missing at the end/],
  [
    'asset.count && asset.name',
    /a condition is needed here, not a int; a condition is needed here, not a string/,
  ],
  ['asset.tags.all(t, t)', /needs a condition/],
  ['asset.name.all(t, true)', /`all` needs a list or a map, not a string/],
  ['[1, "a"] == [1]', /a list holds one type/],
];

for (const [text, expected] of MISTAKES) {
  test(`${text} is a mistake`, () => assert.match(String(run(text)), expected));
}

const { on: _, ...blind } = held;
const noCount = { ...held, count: gone, off: gone };

test('what nobody looked at is unknown, and logic may decide without it', () => {
  assert.deepEqual(run('asset.on', blind), ['unobserved asset.on']);
  assert.equal(run('asset.on || true', blind), true);
  assert.equal(run('false && asset.on', blind), false);
  assert.deepEqual(run('!asset.on', blind), ['unobserved asset.on']);
});

test('both undecided operands give their causes, whichever stands first', () => {
  assert.deepEqual(run('asset.off && asset.count == 1', noCount), [
    'forbidden asset.count',
    'forbidden asset.off',
  ]);
  assert.deepEqual(run('asset.count == 1 && asset.off', noCount), [
    'forbidden asset.count',
    'forbidden asset.off',
  ]);
});

test('a ternary is strict in its condition even if both branches agree', () => {
  assert.deepEqual(run('asset.on ? true : true', blind), ['unobserved asset.on']);
});

test('has() is unknown on unobserved and false on absent', () => {
  assert.equal(run('has(asset.used_at)', held), false);
  assert.deepEqual(run('has(asset.used_at)', { ...held, used_at: gone }), ['forbidden asset.used_at']);
});

test('a partial list decides what it can and leaves the rest open', () => {
  assert.equal(run('asset.tags.exists(t, t == "a")', held, false), true);
  assert.equal(run('asset.tags.all(t, t == "a")', held, false), false);
  assert.deepEqual(run('asset.tags.all(t, t != "z")', held, false), ['incomplete asset.tags']);
  assert.equal(run('"a" in asset.tags', held, false), true);
  assert.deepEqual(run('"z" in asset.tags', held, false), ['incomplete asset.tags']);
  assert.deepEqual(run('size(asset.tags) == 2', held, false), ['incomplete asset.tags']);
  assert.deepEqual(run('asset.tags == ["a", "b"]', held, false), ['incomplete asset.tags']);
  assert.deepEqual(run('asset.tags.exists_one(t, t == "a")', held, false), ['incomplete asset.tags']);
});

test('an unobserved field of an element leaves only that element open', () => {
  const keys = [
    { id: 'k1', strong: gone },
    { id: 'k2', strong: false },
  ];
  assert.equal(run('asset.keys.all(k, k.strong)', { ...held, keys }), false);
  assert.deepEqual(run('asset.keys.exists(k, k.strong)', { ...held, keys }), [
    'forbidden asset.keys[].strong',
  ]);
});

test('what has no result is unknown and undefined, never a throw', () => {
  assert.deepEqual(run('asset.count / 0 == 1'), ['undefined ']);
  assert.deepEqual(run('int("x") == 1'), ['undefined ']);
  assert.deepEqual(run('asset.tags[9] == "a"'), ['undefined asset.tags']);
  assert.deepEqual(run('9223372036854775807 + asset.count > 0'), ['undefined ']);
});

test('data that does not fit its type is unknown, cause failed', () => {
  assert.deepEqual(run('asset.count == 1', { ...held, count: 'three' }), ['failed asset.count']);
  assert.deepEqual(run('asset.state == "new"', { ...held, state: 'odd' }), ['failed asset.state']);
});

test('elements at fault are pointed at as far as they are known', () => {
  const compiled = compile('asset.keys.filter(k, !k.strong)', scope, {
    name: 'list',
    of: { name: 'string' },
  });
  assert.ok('expression' in compiled);
  const keys = [
    { id: 'k1', strong: gone },
    { id: 'k2', strong: false },
  ];
  assert.equal(elements(compiled.expression, bind({ ...held, keys })).length, 1);
});

test('an expression says which attributes it reads', () => {
  const compiled = compile('asset.on && asset.keys.all(k, k.strong)', scope);
  assert.deepEqual('expression' in compiled && compiled.expression.reads, ['keys', 'on']);
});
