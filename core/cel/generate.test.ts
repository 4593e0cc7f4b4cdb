/** What generated functions give: values, and in three states the causes of everything that left them undecided. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unchecked } from '@macadam/testing/cel/unchecked';
import fc from 'fast-check';
import { check } from './check.ts';
import { type Around, type Bindings, generate, NOTHING_AROUND, nodesOf } from './generate.ts';
import { language } from './language.ts';
import { parse } from './parse.ts';
import { parseTimestamp } from './runtime/time.ts';
import {
  type Data,
  Double,
  MapValue,
  Optional,
  PartialList,
  Timestamp,
  Uint,
  Unknown,
  unknown,
} from './runtime/value.ts';
import {
  BOOL,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  STRING,
  TIMESTAMP,
  type Type,
  UINT,
} from './type.ts';
import { written } from './written.ts';

const LIBRARIES = ['standard', 'optional', 'strings', 'math', 'durations'] as const;
const record: Type = {
  name: 'record',
  label: 'thing',
  fields: {
    id: { type: STRING, optional: false },
    ok: { type: BOOL, optional: false },
    at: { type: TIMESTAMP, optional: true },
    part: { type: DOUBLE, optional: true },
    inner: {
      type: { name: 'record', label: 'thing.inner', fields: { n: { type: INT, optional: false } } },
      optional: true,
    },
  },
};
const SCOPE: Readonly<Record<string, Type>> = {
  a: BOOL,
  b: BOOL,
  i: INT,
  j: INT,
  u: UINT,
  d: DOUBLE,
  s: STRING,
  t: TIMESTAMP,
  now: TIMESTAMP,
  span: DURATION,
  ints: listOf(INT),
  words: listOf(STRING),
  parts: listOf(DOUBLE),
  map: mapOf(STRING, INT),
  r: record,
  rs: listOf(record),
  x: DYN,
};

function tree(text: string) {
  const parsed = parse(text, { macros: 'all' });
  assert.ok('tree' in parsed, 'mistake' in parsed ? parsed.mistake.reason : '');
  const checked = check(parsed.tree, SCOPE, DYN, { language: language('cel', LIBRARIES) });
  assert.ok(checked.typed, checked.mistakes.map(({ reason }) => reason).join('; '));
  return checked.typed;
}

function run(text: string, bindings: Bindings = {}, lenient = false): unknown {
  const value = generate(tree(text), { lenient })({ now: NOW, ...bindings }, NOTHING_AROUND);
  return value instanceof Unknown ? value.causes.map(({ cause, path }) => `${cause} ${path}`).sort() : value;
}

const NOW = parseTimestamp('2026-06-01T00:00:00Z') as Timestamp;
const gone = (path: string) => unknown('forbidden', path, 'no right to look');
const U = gone('p');
const V = gone('q');
const time = (text: string) => parseTimestamp(text) as Timestamp;

/** Text, bindings, result: a list of texts is the causes. */
const TABLE: readonly (readonly [string, Bindings, unknown])[] = [
  // Logic: every pair of the three states.
  ['a && b', { a: true, b: true }, true],
  ['a && b', { a: true, b: false }, false],
  ['a && b', { a: true, b: U }, ['forbidden p']],
  ['a && b', { a: false, b: U }, false],
  ['a && b', { a: U, b: false }, false],
  ['a && b', { a: U, b: true }, ['forbidden p']],
  ['a && b', { a: U, b: V }, ['forbidden p', 'forbidden q']],
  ['a || b', { a: false, b: U }, ['forbidden p']],
  ['a || b', { a: U, b: true }, true],
  ['a || b', { a: U, b: false }, ['forbidden p']],
  ['a || b', { a: U, b: V }, ['forbidden p', 'forbidden q']],
  ['a || b', { a: U, b: U }, ['forbidden p']],
  ['!a', { a: U }, ['forbidden p']],
  ['!a', { a: false }, true],
  ['true || a', { a: U }, true],
  ['a && true', { a: U }, ['forbidden p']],
  ['a ? i : j', { a: true, i: 1, j: U }, 1],
  ['a ? i : j', { a: U, i: 1, j: 1 }, ['forbidden p']],
  ['a ? i : j', { a: false, i: 1, j: U }, ['forbidden p']],
  // Ints: numbers while they are safe, errors beyond 64 bits, no minus zero.
  ['i + j', { i: 2, j: 3 }, 5],
  ['i + j', { i: Number.MAX_SAFE_INTEGER, j: 1 }, 2n ** 53n],
  ['i - j', { i: 2n ** 53n, j: 1 }, Number.MAX_SAFE_INTEGER],
  ['i + j', { i: 2n ** 63n - 1n, j: 1 }, ['undefined ']],
  ['i * j', { i: -(2n ** 62n), j: 2 }, -(2n ** 63n)],
  ['i * j', { i: 0, j: -1 }, 0],
  ['i / j', { i: -7, j: 2 }, -3],
  ['i / j', { i: 7, j: 0 }, ['undefined ']],
  ['i / 0', { i: 7 }, ['undefined ']],
  ['i / 2', { i: -1 }, 0],
  ['i % 3', { i: -7 }, -1],
  ['i % j', { i: 7, j: 0 }, ['undefined ']],
  ['-i', { i: -(2n ** 63n) }, ['undefined ']],
  ['-i', { i: 0 }, 0],
  ['i + j', { i: U, j: V }, ['forbidden p', 'forbidden q']],
  ['i < j', { i: 2n ** 60n, j: 3 }, false],
  ['i < j', { i: U, j: 3 }, ['forbidden p']],
  ['i == j', { i: 2n ** 60n, j: 2n ** 60n }, true],
  ['i != 3', { i: U }, ['forbidden p']],
  ['9223372036854775807 == i', { i: 2n ** 63n - 1n }, true],
  // Other numbers.
  ['d * 2.0 + 1.0', { d: new Double(0.5) }, 2],
  ['d == 0.0 / 0.0', { d: new Double(Number.NaN) }, false],
  ['d < 1.0', { d: U }, ['forbidden p']],
  ['u == 3u', { u: new Uint(3n) }, true],
  ['u < 4u', { u: new Uint(3n) }, true],
  ['u < 4u', { u: U }, ['forbidden p']],
  ['i < d', { i: 1, d: new Double(1.5) }, true],
  // Strings, by code point.
  ['s == "x"', { s: 'x' }, true],
  ['s == "x"', { s: U }, ['forbidden p']],
  ['s < "\\uFFFD"', { s: '\u{1F600}' }, false],
  ['s + "!"', { s: 'a"\\' }, 'a"\\!'],
  ['s.startsWith("a") && s.endsWith("c") && s.contains("b")', { s: 'abc' }, true],
  ['s.startsWith("a")', { s: U }, ['forbidden p']],
  ['s.matches("^a+$")', { s: 'aaa' }, true],
  ['s.matches("(")', { s: 'aaa' }, ['undefined ']],
  ['size(s)', { s: '\u{1F600}é' }, 2],
  ['s in ["a", "b"]', { s: 'b' }, true],
  ['s in ["a", "b", "c", "d", "e", "f", "g"]', { s: 'h' }, false],
  ['s in ["a", "b", "c", "d", "e", "f", "g"]', { s: U }, ['forbidden p']],
  ['s in []', { s: U }, ['forbidden p']],
  // Times, seconds before nanoseconds; sums that are compared are not made.
  ['t < now', { t: new Timestamp(NOW.seconds, 1) }, false],
  ['t <= now', { t: NOW }, true],
  ['t == now', { t: new Timestamp(NOW.seconds, 1) }, false],
  ['now - t <= duration("1h")', { t: time('2026-05-31T23:00:00Z') }, true],
  ['now - t <= duration("1h")', { t: time('2026-05-31T22:59:59.999999999Z') }, false],
  ['now - t <= span', { t: U, span: V }, ['forbidden p', 'forbidden q']],
  ['t + duration("1h") > now', { t: time('2026-05-31T23:00:00.000000001Z') }, true],
  ['now >= t - duration("1ns")', { t: new Timestamp(NOW.seconds, 1) }, true],
  ['now - t < duration("1h")', { t: time('0001-01-01T00:00:00Z') }, ['undefined ']],
  ['t + duration("24h") > now', { t: time('9999-12-31T12:00:00Z') }, ['undefined ']],
  ['string(now - t)', { t: time('2026-05-31T23:59:58.5Z') }, '1.5s'],
  // Lists: whole, partial, with holes.
  ['ints.all(n, n > 0)', { ints: [1, 2] }, true],
  ['ints.all(n, n > 0)', { ints: [1, U, 0] }, false],
  ['ints.all(n, n > 0)', { ints: [1, U, V] }, ['forbidden p', 'forbidden q']],
  ['ints.all(n, n > 0)', { ints: new PartialList([1], 'l') }, ['incomplete l']],
  ['ints.all(n, n > 0)', { ints: new PartialList([0], 'l') }, false],
  ['ints.exists(n, n > 0)', { ints: new PartialList([U, 1], 'l') }, true],
  ['ints.exists(n, n > 0)', { ints: new PartialList([U], 'l') }, ['forbidden p', 'incomplete l']],
  ['ints.exists(n, n > 0)', { ints: U }, ['forbidden p']],
  ['ints.exists(n, 1 / n > 0)', { ints: [0, 1] }, true],
  ['ints.exists_one(n, n > 0)', { ints: [1, 0, 2] }, false],
  ['ints.exists_one(n, n > 0)', { ints: [1, U] }, ['forbidden p']],
  // An element that was not seen may stand before one that was: no place in a partial list is known.
  ['ints.exists(p, n, n == 7 && p == 0)', { ints: [7] }, true],
  ['ints.exists(p, n, n == 7 && p == 0)', { ints: new PartialList([7], 'l') }, ['incomplete l']],
  ['ints.exists(p, n, n == 7 || p > 5)', { ints: new PartialList([7], 'l') }, true],
  ['ints.all(p, n, p == 0)', { ints: new PartialList([7, 8], 'l') }, ['incomplete l']],
  ['ints.all(p, n, n == 7)', { ints: new PartialList([8], 'l') }, false],
  ['ints.exists_one(n, n > 0)', { ints: new PartialList([1, 2], 'l') }, ['incomplete l']],
  ['ints.filter(n, n > 1)', { ints: [1, 2, 3] }, [2, 3]],
  ['ints.filter(n, n > 1)', { ints: [1, U] }, ['forbidden p']],
  ['ints.filter(n, true)', { ints: [1, U] }, [1, U]],
  ['ints.map(n, n * 2)', { ints: [1, 2] }, [2, 4]],
  ['ints.map(n, n > 1, n * 2)', { ints: [1, 2] }, [4]],
  ['ints.map(n, n * 2)', { ints: [1, U] }, ['forbidden p']],
  ['size(ints.filter(n, n > 1)) == 2', { ints: [1, 2, 3] }, true],
  ['size(ints.filter(n, n > 1)) == 2', { ints: [U, 2, 3] }, ['forbidden p']],
  ['ints.filter(n, n > 1).exists(m, m == 3)', { ints: [1, 2, 3] }, true],
  ['ints.filter(n, n > 1).exists(m, m == 3)', { ints: [3, U] }, ['forbidden p']],
  ['ints.filter(n, n > 1).exists(m, m == 3)', { ints: new PartialList([3], 'l') }, ['incomplete l']],
  ['ints.filter(n, n > 1).all(m, m > 2)', { ints: [1, 2, 3] }, false],
  ['ints.filter(n, n != 0).all(m, 6 / m > 1 || a)', { ints: [0, 2], a: U }, true],
  ['ints.filter(n, true).all(m, m > 2)', { ints: [U, 1, V] }, false],
  ['ints.filter(n, true).all(m, m > 2)', { ints: [U, 3, V] }, ['forbidden p', 'forbidden q']],
  ['ints.filter(n, n > 1).filter(m, m < 5).exists(o, o == 3)', { ints: [1, 3, 7] }, true],
  ['i in ints.map(n, n + 1)', { ints: [1, 2], i: 3 }, true],
  ['i in ints.map(n, n + 1)', { ints: [1, 2], i: 4 }, false],
  ['i in ints.map(n, n + 1)', { ints: [1, U], i: 2 }, ['forbidden p']],
  ['i in ints.map(n, n + 1)', { ints: [1, U], i: V }, ['forbidden p', 'forbidden q']],
  ['i in ints.map(n, n + 1)', { ints: [1], i: V }, ['forbidden q']],
  ['"k" in rs.map(e, e.id)', { rs: [{ id: 'j' }, { id: 'k' }] }, true],
  ['size(ints)', { ints: [U, U] }, 2],
  ['size(ints)', { ints: new PartialList([], 'l') }, ['incomplete l']],
  ['ints[1]', { ints: [1, 2] }, 2],
  ['ints[2]', { ints: [1, 2] }, ['undefined ints']],
  ['ints[-1]', { ints: [1, 2] }, ['undefined ints']],
  ['ints[0]', { ints: new PartialList([1], 'l') }, ['incomplete l']],
  ['ints[0]', { ints: [U] }, ['forbidden p']],
  ['ints[i]', { ints: [1], i: U }, ['forbidden p']],
  ['i in ints', { i: 2, ints: [U, 2] }, true],
  ['i in ints', { i: 3, ints: [U, 2] }, ['forbidden p']],
  ['i in ints', { i: U, ints: V }, ['forbidden p', 'forbidden q']],
  ['i in ints', { i: 3, ints: new PartialList([2], 'l') }, ['incomplete l']],
  ['ints == [1, 2]', { ints: [1, 2] }, true],
  ['ints == [1, 2]', { ints: [3, U] }, ['forbidden p']],
  ['ints != [1]', { ints: new PartialList([1], 'l') }, ['incomplete l']],
  ['[i, j]', { i: 1, j: U }, ['forbidden p']],
  ['parts.map(p, p * 2.0)[0]', { parts: [new Double(1.5)] }, 3],
  ['parts.exists(p, p == 1.5)', { parts: [new Double(1.5)] }, true],
  ['1.5 in parts', { parts: [new Double(1.5)] }, true],
  ['parts[0] + 1.0', { parts: [new Double(1.5)] }, 2.5],
  ['words.all(w, words.exists(v, v == w))', { words: ['a', 'b'] }, true],
  ['ints.transformList(k, v, k + v)', { ints: [5, 6] }, [5, 7]],
  ['ints.exists(k, v, k == 1 && v == 6)', { ints: [5, 6] }, true],
  // Maps.
  ['map["a"]', { map: new MapValue(new Map([['a', ['a', 1]]])) }, 1],
  ['map.a', { map: new MapValue(new Map([['a', ['a', 1]]])) }, 1],
  ['map["b"]', { map: new MapValue(new Map()) }, ['undefined map']],
  ['map["b"]', { map: new MapValue(new Map(), false, 'm') }, ['incomplete m.b']],
  ['"a" in map', { map: new MapValue(new Map(), false, 'm') }, ['incomplete m']],
  ['"a" in map', { map: new MapValue(new Map()) }, false],
  ['"a" in map', { map: U }, ['forbidden p']],
  ['has(map.a)', { map: new MapValue(new Map(), false, 'm') }, ['incomplete m.a']],
  ['map.all(k, k != "b")', { map: new MapValue(new Map([['a', ['a', 1]]])) }, true],
  ['{"a": i}["a"]', { i: U }, ['forbidden p']],
  ['{"a": 1, "a": 2}', {}, ['undefined ']],
  ['{1: "x"}[dyn(1u)]', {}, 'x'],
  // Records and optionals.
  ['r.id == "k"', { r: { id: 'k' } }, true],
  ['r.id == "k"', { r: U }, ['forbidden p']],
  ['r.id == "k"', { r: { id: U } }, ['forbidden p']],
  ['has(r.at)', { r: { id: 'k', at: undefined } }, false],
  ['has(r.at)', { r: { id: 'k', at: U } }, ['forbidden p']],
  ['has(r.at)', { r: { id: 'k', at: NOW } }, true],
  ['r.at < now', { r: { id: 'k', at: undefined } }, ['undefined r.at']],
  ['rs.all(e, e.ok)', { rs: [{ ok: true }, { ok: U }, { ok: false }] }, false],
  ['rs.exists(e, e.at < now)', { rs: [{ at: undefined }] }, ['undefined rs[].at']],
  ['r.?at.orValue(now) == now', { r: { at: undefined } }, true],
  ['r.?at.orValue(now) == now', { r: { at: U } }, ['forbidden p']],
  ['r.?part.orValue(2.5) + 1.0', { r: { part: 1.5 } }, 2.5],
  ['r.?part.hasValue()', { r: { part: undefined } }, false],
  ['r.?part.value()', { r: { part: undefined } }, ['undefined ']],
  ['r.?inner.?n.orValue(7)', { r: { inner: undefined } }, 7],
  ['r.?inner.?n.orValue(7)', { r: { inner: { n: 3 } } }, 3],
  ['r.?part.optMap(p, p * 2.0).orValue(0.0)', { r: { part: 1.5 } }, 3],
  ['[?r.?id, "z"]', { r: { id: 'k' } }, ['k', 'z']],
  ['cel.bind(v, i + 1, v * v)', { i: 2 }, 9],
  ['cel.bind(v, i, a || v > 0)', { i: U, a: true }, true],
  // Types that only running shows.
  ['x + 1', { x: 2 }, 3],
  ['x + 1', { x: new Double(2) }, ['undefined ']],
  ['x == 2', { x: new Double(2) }, true],
  ['x < 2.5', { x: 2 }, true],
  ['x && true', { x: 2 }, ['undefined ']],
  ['x && false', { x: 2 }, false],
  ['x.f', { x: new MapValue(new Map([['f', ['f', 'v']]])) }, 'v'],
  ['x.f', { x: 1 }, ['undefined ']],
  ['x == 2', { x: U }, ['forbidden p']],
  ['type(x) == double', { x: new Double(2) }, true],
  ['double(x)', { x: 2 }, 2],
  ['x.exists(e, e == 1)', { x: [2, 1] }, true],
  ['x.join("-")', { x: ['a', 'b'] }, 'a-b'],
  ['x.join("-")', { x: ['a', 1] }, ['undefined ']],
  ['x.join("-")', { x: ['a', U] }, ['forbidden p']],
  ['nothing.here || true', {}, true],
];

for (const [index, [text, bindings, expected]] of TABLE.entries()) {
  test(`${index}: ${text}`, () => {
    if (text.startsWith('nothing')) {
      const parsed = parse(text);
      assert.ok('tree' in parsed);
      assert.equal(generate(unchecked(parsed.tree, new Set()))({}, NOTHING_AROUND), expected);
    } else assert.deepEqual(run(text, bindings), expected);
  });
}

test('a lenient run keeps what is known', () => {
  assert.deepEqual(run('ints.filter(n, n > 1)', { ints: [1, U, 2] }, true), [2]);
  assert.deepEqual(run('ints.filter(n, n > 1)', { ints: new PartialList([3, 1], 'l') }, true), [3]);
  assert.deepEqual(run('ints.map(n, n + 1)', { ints: [1, U] }, true), [2]);
  assert.deepEqual(run('ints.filter(n, n > 1)', { ints: U }, true), []);
});

test('an attribute that was observed before the cutoff is stale, and logic may decide without it', () => {
  const kind: Type = {
    name: 'record',
    label: 'k',
    kind: 'k',
    fields: { on: { type: BOOL, optional: false }, off: { type: BOOL, optional: false } },
  };
  const parsed = parse('asset.on && asset.off');
  assert.ok('tree' in parsed);
  const { typed } = check(parsed.tree, { asset: kind });
  assert.ok(typed);
  const decide = generate(typed, { certain: ['asset'] });
  const around: Around = {
    ...NOTHING_AROUND,
    cutoffs: { k: 100 },
    stale: (_, name) => unknown('stale', name, 'old'),
  };
  const asset = (on: boolean, at: number, off: boolean) =>
    ({ on, 'on@': at, off, 'off@': 100, '@oldest': Math.min(at, 100) }) as unknown as Data;
  assert.equal(decide({ asset: asset(true, 100, true) }, around), true);
  const old = decide({ asset: asset(true, 99, true) }, around);
  assert.deepEqual(old instanceof Unknown && old.causes.map(({ path }) => path), ['on']);
  assert.equal(decide({ asset: asset(true, 99, false) }, around), false);
});

test('constants are known beforehand, and a name that nothing is bound to is undefined', () => {
  assert.equal(generate(tree('i in ints'), { constants: { ints: [1, 2] } })({ i: 2 }, NOTHING_AROUND), true);
  assert.equal(generate(tree('r.id'), { constants: { r: { id: 'k' } } })({}, NOTHING_AROUND), 'k');
  assert.deepEqual(run('s == "x"', {}), ['undefined s']);
});

test('text and names of an expression are data, never code', () => {
  const hostile = '"; throw 1; //\u2028`\\';
  assert.equal(run(`s == ${JSON.stringify(hostile)}`, { s: hostile }), true);
  const proto = new MapValue(new Map([['__proto__', ['__proto__', 4]]]));
  assert.equal(run('x.`__proto__`', { x: proto }), 4);
  assert.deepEqual(run('x.`constructor`', { x: proto }), ['undefined constructor']);
});

test('a traced run gives the same value, and one for every node that was reached', () => {
  for (const [text, bindings] of TABLE.filter(([text]) => !text.startsWith('nothing'))) {
    const typed = tree(text);
    const seen: number[] = [];
    const around = { ...NOTHING_AROUND, trace: (node: number) => void seen.push(node) };
    const all = { now: NOW, ...bindings };
    const traced = generate(typed, { traced: true })(all, around);
    assert.deepEqual(traced, generate(typed)(all, NOTHING_AROUND), text);
    assert.equal(seen.at(-1), 0, text);
    assert.ok(
      seen.every((node) => node < nodesOf(typed).length),
      text,
    );
  }
});

test('a tree is written as its author wrote it', () => {
  for (const text of [
    'a && (b || !a)',
    'rs.all(e, has(e.at) && e.at < now)',
    's.startsWith("a") ? size(s) : i + 1',
    'cel.bind(v, i, v * v)',
    'ints.map(n, n > 1, n * 2)',
    'r.?part.orValue(2.5)',
    '{"a": [1, 2u]}',
  ]) {
    assert.equal(written(tree(text)), text);
  }
});

test('an optional is a value of its own', () => {
  assert.deepEqual(run('optional.of(1)'), new Optional(1));
  assert.deepEqual(run('optional.none()'), new Optional(undefined));
});

/** Values of every type, unknown and partial ones among them, nested. */
const data: fc.Arbitrary<Data> = fc.letrec<{ any: Data }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Data>(
      ...[null, true, false, '', 'a', '2026-01-01T00:00:00Z', '1h', '(', 0, -1, 7, 2n ** 63n - 1n],
      ...[new Double(0), new Double(Number.NaN), new Double(1e300), new Uint(0n), new Uint(2n ** 64n - 1n)],
      ...[new Uint8Array([255]), NOW, new Optional(undefined), U, new MapValue(new Map(), false, 'm')],
    ),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.array(tie('any'), { maxLength: 2 }).map((items) => new PartialList(items, 'l')),
    tie('any').map((value) => new Optional(value)),
    tie('any').map((value) => new MapValue(new Map([['a', ['a', value]]]))),
  ),
})).any;

const ANYTHING = [
  'x + y',
  'x - y',
  'x * y',
  'x / y',
  'x % y',
  '-x',
  '!x',
  'x < y',
  'x >= y',
  'x == y',
  'x != y',
  'x in y',
  'x[y]',
  'x[?y].orValue(y)',
  'x.a',
  'x.?a',
  'has(x.a)',
  'x && y',
  'x || y',
  'x ? y : x',
  'size(x)',
  'type(x)',
  'x.all(e, e == y)',
  'x.exists(e, e)',
  'x.exists_one(e, e == y)',
  'x.map(e, e + y)',
  'x.filter(e, e != y)',
  'x.transformMap(k, v, v == y)',
  'x.transformMapEntry(k, v, {v: k})',
  'x.transformList(k, v, k)',
  '[x, ?y]',
  '{x: y}',
  '{?"a": x}',
  'int(x)',
  'uint(x)',
  'double(x)',
  'string(x)',
  'bytes(x)',
  'bool(x)',
  'timestamp(x)',
  'duration(x)',
  'x.matches(y)',
  'x.startsWith(y)',
  'x.split(y)',
  'x.join(y)',
  'x.format(y)',
  'x.charAt(y)',
  'x.getHours(y)',
  'x.getFullYear()',
  'math.greatest(x, y)',
  'math.abs(x)',
  'optional.of(x).value()',
  'optional.ofNonZeroValue(x)',
  'x.optMap(e, e + y)',
  'x.or(y)',
  'x.value()',
  'cel.bind(v, x, v == y)',
];

test('whatever the data, a run gives a value and never throws', () => {
  const runs = ANYTHING.map((text) => {
    const parsed = parse(text, { macros: 'all' });
    assert.ok('tree' in parsed, text);
    const run = generate(unchecked(parsed.tree, new Set(['x', 'y'])));
    return (x: Data, y: Data) => run({ x, y }, NOTHING_AROUND);
  });
  fc.assert(
    fc.property(data, data, (x, y) => {
      for (const [index, run] of runs.entries()) {
        const value = run(x, y);
        assert.notEqual(value, undefined, ANYTHING[index]);
      }
    }),
  );
});
