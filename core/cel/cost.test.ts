import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindSchema } from '../kinds/kind.ts';
import { check } from './check.ts';
import { cost, costMistake } from './cost.ts';
import { parse } from './parse.ts';
import { assetType, DYN } from './type.ts';
import type { Typed } from './typed.ts';
import { type Bounds, boundsOf } from './value-size.ts';

const text = { description: 'A field of it.' };
const kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests.',
  key: ['id'],
  fresh_for: '7d',
  attributes: {
    id: { type: 'string', ...text },
    tags: { type: 'list', of: 'string', ...text },
    keys: {
      type: 'list',
      at_most: 50,
      ...text,
      of: { id: { type: 'string' }, parts: { type: 'list', of: 'int', at_most: 3 } },
    },
  },
});
const BOUNDS = boundsOf(kind);

function typed(expression: string): Typed {
  const parsed = parse(expression);
  assert.ok('tree' in parsed);
  const result = check(parsed.tree, { asset: assetType(kind) }, DYN, {
    relations: { near: assetType(kind) },
  });
  assert.ok(result.typed, result.mistakes[0]?.reason);
  return result.typed;
}

test('a kind says how long its lists are, of lists in lists too', () => {
  assert.deepEqual(BOUNDS, { sizes: { 'asset.keys': 50, 'asset.keys[].parts': 3 }, otherwise: 1000 });
});

const STEPS: readonly (readonly [string, number])[] = [
  ['1 + 2', 3],
  ['asset.tags.all(t, true)', 2 + 1 + 1000],
  ['asset.keys.all(k, true)', 2 + 1 + 50],
  ['asset.keys.all(k, k.parts.all(p, true))', 2 + 1 + 50 * (2 + 1 + 3)],
  ['asset.keys.filter(k, true).all(k, k.parts.all(p, true))', 2 + 1 + 50 + 1 + 50 * (2 + 1 + 3)],
  ['[1, 2].all(i, true)', 3 + 1 + 2],
  ['(asset.keys + asset.keys).all(k, true)', 5 + 100 + 1 + 100],
  ['asset.tags.map(t, 1).all(i, true)', 2 + 1 + 1000 + 1 + 1000],
  ['1 in [1, 2, 3]', 6 + 3],
  ['asset.keys == asset.keys', 5 + 50],
  ['cel.bind(k, asset.keys, k.all(x, true))', 1 + 2 + 1 + 1 + 50],
  ['"a".contains("b")', 3 + 10],
];

for (const [expression, steps] of STEPS) {
  test(`${expression} takes at most ${steps} steps`, () =>
    assert.equal(cost(typed(expression), BOUNDS).steps, steps));
}

test('a longer list never makes an expression cheaper', () => {
  const longer: Bounds = { sizes: { 'asset.keys': 51, 'asset.keys[].parts': 4 }, otherwise: 1001 };
  for (const [expression] of STEPS) {
    const tree = typed(expression);
    assert.ok(cost(tree, longer).steps >= cost(tree, BOUNDS).steps, expression);
  }
});

test('the dearest part is the innermost macro that the steps are spent in', () => {
  const tree = typed('asset.keys.all(k, k.id != "")\n && related("near").all(r,\n  r.tags.all(t, t != ""))');
  const { dearest } = cost(tree, BOUNDS);
  assert.deepEqual(
    [dearest?.at, dearest?.what],
    [{ line: 3, column: 10 }, '`all` over `related(near)[].tags`, 1000 elements assumed,'],
  );
});

test('what takes too long is a mistake at its dearest part, and a stated size is the way out', () => {
  const tree = typed('asset.tags.all(a, asset.keys.all(b, asset.tags.all(c, a == c && b.id == c)))');
  assert.equal(costMistake(tree, { sizes: { 'asset.tags': 100 }, otherwise: 50 }), null);
  const mistake = costMistake(tree, BOUNDS);
  assert.deepEqual(mistake?.at, { line: 1, column: 48 });
  assert.match(mistake?.reason ?? '', /^it may take 400,153,003 steps, and a standard has 20,000,000; /);
});

test('values that hold one another twice, again and again, cost what comparing them looks at', () => {
  const doubled = (times: number, twice: (inner: string) => string, use: (outer: string) => string) => {
    let text = use(`v${times}`);
    for (let at = times; at > 0; at--) text = `cel.bind(v${at}, ${twice(`v${at - 1}`)}, ${text})`;
    return `cel.bind(v0, [1], ${text})`;
  };
  const pair = (inner: string) => `[${inner}, ${inner}]`;
  for (const [twice, use] of [
    [pair, (outer) => `${outer} == ${outer}`],
    [pair, (outer) => `${outer} in [${outer}]`],
    [pair, (outer) => `"%s".format([${outer}]) == ""`],
    [pair, (outer) => `optional.of(${outer}) == optional.of(${outer})`],
    [(inner) => `{"a": ${inner}, "b": ${inner}}`, (outer) => `${outer} == ${outer}`],
    [(inner) => `[1].map(x, [${inner}, ${inner}])`, (outer) => `${outer} == ${outer}`],
    [(inner) => `${inner} + ${inner}`, (outer) => `size(${outer}) > 0`],
  ] as readonly (readonly [(inner: string) => string, (outer: string) => string])[]) {
    // Every level has its own type, or is one list.
    const mistake = (times: number) => costMistake(typed(doubled(times, twice, use)), BOUNDS);
    assert.equal(mistake(3), null, use('v'));
    assert.match(mistake(40)?.reason ?? '', /^it may take [\d,]+ steps/, doubled(2, twice, use));
  }
});
