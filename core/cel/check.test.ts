import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kindSchema } from '../kinds/kind.ts';
import { type CheckOptions, check } from './check.ts';
import { type Language, language, SIGNATURES, STANDARDS } from './language.ts';
import { parse } from './parse.ts';
import {
  assetType,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  STRING,
  TIMESTAMP,
  type Type,
  typeName,
} from './type.ts';
import type { Typed } from './typed.ts';
import { boundsOf } from './value-size.ts';

const text = { description: 'A field of it.' };
const kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests.',
  key: ['on'],
  fresh_for: '7d',
  attributes: {
    on: { type: 'bool', ...text },
    count: { type: 'int', ...text },
    share: { type: 'double', ...text },
    name: { type: 'string', ...text },
    state: { type: 'enum(new, old)', ...text },
    used_at: { type: 'timestamp', optional: true, ...text },
    tags: { type: 'list', of: 'string', optional: true, ...text },
    labels: { type: 'map', of: 'string', ...text },
    keys: {
      type: 'list',
      ...text,
      of: {
        id: { type: 'string' },
        ends: { type: 'timestamp', optional: true },
        parts: { type: 'list', of: { size: { type: 'int', optional: true } } },
      },
    },
    box: {
      type: 'record',
      optional: true,
      ...text,
      fields: { lid: { type: 'string', optional: true }, height: { type: 'int' } },
    },
  },
});
const SCOPE: Record<string, Type> = {
  asset: assetType(kind),
  now: TIMESTAMP,
  params: { name: 'record', label: 'params', fields: { idle: { type: DURATION, optional: false } } },
};
const OPTIONS: CheckOptions = { relations: { runs_in: assetType(kind) } };

function checked(expression: string, expected: Type = DYN, options = OPTIONS, scope = SCOPE) {
  const parsed = parse(expression, { macros: 'all' });
  assert.ok('tree' in parsed, expression);
  return check(parsed.tree, scope, expected, options);
}

function shown(expression: string, options = OPTIONS, scope = SCOPE): string {
  const { typed, mistakes } = checked(expression, DYN, options, scope);
  if (typed) return typeName(typed.type);
  return mistakes.map(({ at, reason }) => `${at.line}:${at.column} ${reason}`).join('\n');
}

const TYPES: readonly (readonly [string, string])[] = [
  ['asset.count + 1', 'int'],
  ['asset.tags + ["a"]', 'list of string'],
  ['[] + [asset.state]', 'list of enum(new, old)'],
  ['[asset.state, asset.name]', 'list of string'],
  ['[[], [1]]', 'list of list of int'],
  ['{"a": 1}', 'map of int'],
  ['{1: [], 2: [now]}', 'map of int to list of timestamp'],
  ['asset.labels["a"]', 'string'],
  ['asset.labels.a', 'string'],
  ['asset.labels[?"a"]', 'optional string'],
  ['asset.keys[?0].ends', 'optional timestamp'],
  ['asset.?used_at', 'optional timestamp'],
  ['asset.?used_at.orValue(now)', 'timestamp'],
  ['asset.?box.height', 'optional int'],
  ['asset.?box.lid', 'optional string'],
  ['asset.?used_at.optMap(u, now - u)', 'optional duration'],
  ['asset.?box.optFlatMap(b, b.?lid)', 'optional string'],
  ['asset.?used_at.or(optional.of(now)).value()', 'timestamp'],
  ['[?asset.?used_at, now]', 'list of timestamp'],
  ['{"a": 1, ?"b": asset.?box.height}', 'map of int'],
  ['now - asset.?used_at.orValue(now)', 'duration'],
  ['now.getHours("Europe/Berlin")', 'int'],
  ['asset.keys.map(k, k.id)', 'list of string'],
  ['asset.keys.map(k, k.id != "", k.parts)', 'list of list of thing.keys[].parts[]'],
  ['asset.labels.map(key, key)', 'list of string'],
  ['asset.tags.transformMap(i, t, t)', 'map of int to string'],
  ['asset.labels.transformMapEntry(k, v, {v: k})', 'map of string'],
  ['asset.tags.transformList(i, t, i > 0, {t: i})', 'list of map of int'],
  ['[].map(x, x + 1)', 'list of int'],
  ['size([])', 'int'],
  ['math.greatest(asset.count, 1, 2)', 'int'],
  ['math.sqrt(2)', 'double'],
  ['"%s: %d".format([asset.state, asset.count])', 'string'],
  ['asset.name.split(",")', 'list of string'],
  ['cidr("10.0.0.0/8").ip()', 'ip'],
  ['cidr("10.0.0.0/8").containsIP("10.1.1.1")', 'bool'],
  ['semver("1.2.3").major()', 'int'],
  ['days(asset.count)', 'duration'],
  ['cel.bind(x, asset.keys, x[0].id)', 'string'],
  ['related("runs_in")', 'list of thing'],
  ['b"a" + b"b"', 'bytes'],
  ['1u + 2u', 'uint'],
];

for (const [expression, type] of TYPES) {
  test(`${expression} gives ${type}`, () => assert.equal(shown(expression), type));
}

const MISTAKES: readonly (readonly [string, string])[] = [
  ['asset.onn', '1:7 thing has no `onn`, did you mean `on`?'],
  ['assett.on', '1:1 there is no `assett`, did you mean `asset`?'],
  [
    'asset.on == asset.count\n && asset.onn || asst.x',
    '1:10 bool, int are never equal: compare values of one type\n' +
      '2:11 thing has no `onn`, did you mean `on`?\n' +
      '2:18 there is no `asst`, did you mean `asset`?',
  ],
  ['asset.count < asset.share', '1:13 `<` does not take int, double: convert one of them, as in `double(…)`'],
  ['asset.count + 1.0', '1:13 `+` does not take int, double: convert one of them, as in `double(…)`'],
  ['asset.name.charAt("a")', '1:12 `charAt` does not take string, string; it takes string, int'],
  ['asset.name.startwith("a")', '1:12 there is no function `startwith`, did you mean `startsWith`?'],
  ['startsWith(asset.name, "a")', '1:1 `startsWith` is written `x.startsWith(…)`'],
  ['asset.name.days()', '1:12 `days` is written `days(x)`'],
  ['maths.greatest(1, 2)', '1:7 there is no function `maths.greatest`, did you mean `math.greatest`?'],
  ['base64.encode(b"a")', '1:8 there is no function `base64.encode`'],
  ['dyn(1) == 1', '1:1 there is no function `dyn`'],
  ['asset.name == null', '1:12 nothing here is ever null: ask whether it is there with `has(…)`'],
  ['[1, asset.on, "a"]', '1:11 a list holds one type, here int'],
  ['{"a": 1, "b": "c"}', '1:15 a map holds one type, here int'],
  ['{"a": 1, 2: 1}', '1:10 the keys of a map have one type, here string'],
  ['math.least(1, 2.0, 3)', '1:15 `math.least` compares numbers of one type, here int'],
  ['asset.on ? 1 : "a"', '1:10 both branches need one type, here int and string'],
  ['asset.count ? 1 : 2', '1:7 a condition is needed here, not a int'],
  ['asset.tags.all(t, t)', '1:19 `all` needs a condition, not a string'],
  ['asset.name.all(t, true)', '1:12 `all` needs a list or a map, not a string'],
  ['asset.tags.filter(t, true).exist(t, true)', '1:28 there is no function `exist`, did you mean `exists`?'],
  ['asset.count.x', '1:13 a int has no fields'],
  [
    'asset.tags["a"]',
    '1:11 an index needs a list and an int, or a map and a key of its type, not list of string, string',
  ],
  ['asset.state == "neww"', '1:16 `neww` is not one of new, old, did you mean `new`?'],
  ['asset.state in ["new", "odd"]', '1:24 `odd` is not one of new, old, did you mean `old`?'],
  ['"od" in [asset.state]', '1:1 `od` is not one of new, old, did you mean `old`?'],
  ['asset.name.matches(asset.name)', '1:12 `matches` needs a constant pattern, so that its cost is known'],
  ['asset.name.matches("a(?=b)")', '1:20 not a valid RE2 pattern'],
  [
    'timestamp("2026-13-01T00:00:00Z")',
    '1:11 "2026-13-01T00:00:00Z" is not an RFC 3339 timestamp of the years 0001 to 9999',
  ],
  ['cidr("10.0.0.0/33")', '1:6 "10.0.0.0/33" is not a network such as 10.0.0.0/8 or 2001:db8::/32'],
  ['[?asset.name]', '1:9 `?` needs an optional, such as `x.?field`, not a string'],
  ['asset.name.optMap(n, n)', '1:12 `optMap` needs an optional, such as `x.?field`, not a string'],
  ['asset.?box.optFlatMap(b, b.height)', '1:28 `optFlatMap` needs an optional here, not a int: use `optMap`'],
  [
    'asset.labels.transformMapEntry(k, v, v)',
    '1:38 `transformMapEntry` needs a map of one entry, not a string',
  ],
  ['asset.?used_at < now', '1:16 `<` does not take optional timestamp, timestamp'],
  ['related("run_in")', '1:9 there is no relation `run_in`, did you mean `runs_in`?'],
  ['related("x")', '1:9 there is no relation `x`; there is runs_in'],
  ['related(asset.name)', '1:1 `related` takes the name of one relation, as in `related("runs_in")`'],
];

for (const [expression, expected] of MISTAKES) {
  test(`${expression} is a mistake`, () => assert.equal(shown(expression), expected));
}

/** Each part that reads what may be absent, where it is known to be there, and where it is not. */
const PRESENT: readonly string[] = [
  'has(asset.used_at) && asset.used_at < now',
  '!has(asset.used_at) || asset.used_at < now',
  'has(asset.used_at) ? asset.used_at < now : true',
  '!(!has(asset.used_at) || asset.on) && asset.used_at < now',
  '(asset.on ? has(asset.used_at) : false) && asset.used_at < now',
  '(has(asset.used_at) && asset.on || has(asset.used_at)) && asset.used_at < now',
  'asset.?used_at.hasValue() && asset.used_at < now',
  'has(asset.box) && has(asset.box.lid) && asset.box.lid == ""',
  'has(asset.box) && asset.box.?lid.orValue("") == ""',
  'asset.keys.all(k, has(k.ends) && k.ends < now)',
  'asset.keys.map(k, has(k.ends), k.ends).all(e, e < now)',
  'asset.keys.filter(k, has(k.ends)).all(k, k.ends < now)',
  'asset.keys.filter(k, has(k.ends)).filter(k, k.id != "").exists(j, j.ends < now)',
  'asset.keys.all(k, has(k.ends)) && asset.keys.exists(j, j.ends < now)',
  'asset.keys.all(k, has(k.ends)) && asset.keys.filter(k, k.id != "").all(k, k.ends < now)',
  'asset.keys.exists(k, !has(k.ends)) || asset.keys.all(j, j.ends < now)',
  'asset.keys.exists(k, has(asset.used_at)) && asset.used_at < now',
  'asset.keys.all(i, k, i > 0 && has(k.ends) && k.ends < now)',
  'has(asset.keys[0].ends) && asset.keys[0].ends < now',
  'has(asset.used_at) && asset.keys.all(k, asset.used_at < now)',
  'cel.bind(k, asset.keys[0], has(k.ends) && k.ends < now)',
  'related("runs_in").all(t, has(t.used_at) && t.used_at < now)',
  'asset.tags.all(t, t != "")',
];
const ABSENT: readonly string[] = [
  'asset.used_at < now',
  'has(asset.used_at) || asset.used_at < now',
  '!has(asset.used_at) && asset.used_at < now',
  'asset.used_at < now && has(asset.used_at)',
  'has(asset.used_at) ? true : asset.used_at < now',
  '(asset.on ? has(asset.used_at) : true) && asset.used_at < now',
  '(has(asset.used_at) || asset.on) && asset.used_at < now',
  'has(asset.box) && asset.box.lid == ""',
  'asset.box.height == 1',
  'asset.keys.all(k, k.ends < now)',
  'asset.keys.exists(k, has(k.ends)) && asset.keys.all(k, k.ends < now)',
  'asset.keys.all(k, has(asset.used_at)) && asset.used_at < now',
  'asset.keys.filter(k, !has(k.ends)).all(k, k.ends < now)',
  'asset.keys.filter(k, k.id == "").all(k, has(k.ends)) && asset.keys.all(k, k.ends < now)',
  'asset.keys.all(k, asset.keys.all(j, has(j.ends) && k.ends < now))',
  'has(asset.keys[0].ends) && asset.keys[1].ends < now',
  'asset.keys.all(k, has(k.ends)) && related("runs_in").all(t, t.keys.all(k, k.ends < now))',
  'asset.keys.all(k, k.parts.all(p, p.size > 0))',
];

for (const expression of PRESENT) {
  test(`${expression} reads only what is there`, () => assert.equal(shown(expression), 'bool'));
}
for (const expression of ABSENT) {
  test(`${expression} may read what is not there`, () =>
    assert.match(shown(expression), /`\w+` may be absent: write `has\(…\w+\) && …` before reading it/));
}

test('what has to come out is said', () => {
  const { typed, mistakes } = checked('asset.count', { name: 'bool' });
  assert.equal(typed, null);
  assert.deepEqual(mistakes, [
    { at: { line: 1, column: 7 }, reason: 'the expression gives a int, a bool is needed' },
  ]);
});

test('attributes, exact paths and relations that are read are said', () => {
  const found = checked(
    'has(asset.box) && asset.box.height > 1 && asset.keys.exists(k, k.parts.all(p, has(p.size))) && related("runs_in").all(t, t.name == asset.name && "x" in t.tags)',
  );
  assert.deepEqual(found.reads, ['box', 'keys', 'name']);
  assert.deepEqual(found.paths, [
    'asset.box',
    'asset.box.height',
    'asset.keys',
    'asset.keys[].parts',
    'asset.keys[].parts[].size',
    'asset.name',
    'related(runs_in)[].name',
    'related(runs_in)[].tags',
  ]);
  assert.deepEqual(found.relations, ['runs_in']);
});

const ALL: Language = language('cel', ['standard', 'optional', 'strings', 'math', 'encoders']);
const LOOSE: CheckOptions = { language: ALL };
const ENV: Record<string, Type> = {
  x: DYN,
  'a.b': mapOf(STRING, INT),
  'a.b.c': STRING,
  'p.q.y': INT,
  'p.y': STRING,
  y: listOf(DYN),
  m: mapOf(STRING, DYN),
};

/** Ids of the root's call, as it will be dispatched. */
function root(expression: string): string {
  const { typed, mistakes } = checked(expression, DYN, LOOSE, ENV);
  if (!typed) return mistakes.map(({ reason }) => reason).join('; ');
  assert.ok(typed.node === 'call');
  return typed.overload ?? `any of ${typed.candidates?.join(', ')}`;
}

test('a call of which the operands are known has one overload, another all that may fit', () => {
  assert.equal(root('1 + 2'), 'add_int64');
  assert.equal(root('x + 1'), 'any of add_int64');
  assert.equal(root('1 < 2u'), 'less_int64_uint64');
  assert.equal(root('x < 1.5'), 'any of less_double, less_int64_double, less_uint64_double');
  assert.equal(root('x == 1'), 'equals');
  assert.equal(root('1 in y'), 'in_list');
  assert.equal(root('1 in x'), 'any of in_list, in_map');
  assert.equal(root('y[0]'), 'index_list');
  assert.equal(root('size(x)'), 'any of size_string, size_bytes, size_list, size_map');
  assert.equal(root('x.size()'), 'any of string_size, bytes_size, list_size, map_size');
  assert.equal(root('y.join()'), 'any of list_join');
  assert.equal(root('"%s".format([1, "a"])'), 'string_format');
  assert.equal(root('math.greatest(1, 2.0)'), 'math_@max_int_double');
  assert.equal(
    root('math.least(x, 2, 3.0)'),
    'any of math_@min_list_int, math_@min_list_double, math_@min_list_uint',
  );
  assert.equal(root('1 == "a"'), 'int, string are never equal: compare values of one type');
});

test('names are found in their container, the longest first, and a variable hides them', () => {
  const type = (expression: string, container = '') => shown(expression, { language: ALL, container }, ENV);
  assert.equal(type('a.b.c'), 'string');
  assert.equal(type('a.b.d'), 'int');
  assert.equal(type('y'), 'list of dyn');
  assert.equal(type('y', 'p.q'), 'int');
  assert.equal(type('y', 'p.r'), 'string');
  assert.equal(type('.y', 'p.q'), 'list of dyn');
  assert.equal(type('[1].map(y, y)', 'p.q'), 'list of int');
  assert.equal(type('[m].map(a, a.b)'), 'list of dyn');
  assert.equal(type('type(1) == int'), 'bool');
  assert.equal(type('google.protobuf.Timestamp'), 'type timestamp');
  assert.equal(type('greatest(1, 2)', 'math'), 'int');
});

test('macros number their variables, and optMap becomes a binding', () => {
  const { typed } = checked('asset.keys.all(k, asset.tags.exists(k, k == ""))');
  assert.ok(typed?.node === 'fold' && typed.body.node === 'fold');
  assert.deepEqual([typed.bindings, typed.body.bindings], [[0], [1]]);
  const bound = checked('asset.?used_at.optMap(u, now - u)').typed;
  assert.ok(bound?.node === 'bind' && bound.body.node === 'call');
  assert.equal(bound.body.overload, 'conditional');
});

test('overload ids are unique, and standards have none whose type is known only when it runs', () => {
  const ids = SIGNATURES.map(({ id }) => id);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
  const loose = [...STANDARDS.functions.values()].flat().filter((row) => row.gives.name === 'dyn');
  assert.deepEqual(loose, []);
});

test('an expression that may take too long is refused, with the part that costs most', () => {
  const bounds = boundsOf(kind);
  const nested = (depth: number): string =>
    depth === 0 ? 'true' : `asset.keys.all(k${depth}, ${nested(depth - 1)})`;
  assert.ok(checked(nested(2), DYN, { bounds }).typed);
  assert.deepEqual(checked(nested(3), DYN, { bounds }).mistakes, [
    {
      at: { line: 1, column: 50 },
      reason:
        "it may take 1,003,003,003 steps, and a standard has 20,000,000; `all` over `asset.keys`, 1000 elements assumed, takes 1,000,000,000 of them: filter before it, make it a fact of the kind, or state the list's `at_most`",
    },
  ]);
});

/** Nothing that parses makes the checker throw, and what has no mistake has a type everywhere. */
test('any text of the language is either typed whole or has a mistake with a place', () => {
  const leaf = fc.constantFrom(
    'asset',
    'now',
    '1',
    '1.5',
    '2u',
    '"a"',
    'b"a"',
    'true',
    'null',
    '[]',
    '{}',
    'x',
    'k',
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('expression'), fc.constantFrom('+', '<', '==', '&&', '||', 'in', '/'), tie('expression'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc
        .tuple(tie('expression'), fc.constantFrom('name', '?used_at', 'keys', 'box'))
        .map(([of, field]) => `${of}.${field}`),
      fc
        .tuple(
          tie('expression'),
          fc.constantFrom('all', 'map', 'filter', 'exists_one', 'optMap'),
          tie('expression'),
        )
        .map(([of, fold, body]) => `${of}.${fold}(k, ${body})`),
      fc
        .tuple(tie('expression'), tie('expression'), tie('expression'))
        .map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `[${a}, ${b}]`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `{${a}: ${b}}`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a}[${b}]`),
      fc
        .tuple(
          fc.constantFrom('size', 'string', 'int', 'optional.of', 'math.greatest', 'no'),
          tie('expression'),
        )
        .map(([name, of]) => `${name}(${of})`),
    ),
  }));
  const whole = (node: Typed): boolean =>
    node.type !== undefined && JSON.stringify(node.type).includes('"parameter"') === false;
  fc.assert(
    fc.property(expression, fc.boolean(), (written, strict) => {
      const parsed = parse(written);
      if ('mistake' in parsed) return;
      const { typed, mistakes } = check(parsed.tree, { ...SCOPE, x: DYN }, DYN, strict ? OPTIONS : LOOSE);
      assert.equal(typed === null, mistakes.length > 0);
      if (typed) assert.ok(whole(typed));
      for (const { at, reason } of mistakes) assert.ok(at.line >= 1 && at.column >= 1 && reason.length > 10);
    }),
    { numRuns: 2000 },
  );
});
