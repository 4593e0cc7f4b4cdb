/** What folds run over and how membership absorbs, beside a definition that looks at every completion. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyOf } from './equality.ts';
import { at, count, gap, given, merged, range, within } from './fold.ts';
import { type Data, Double, MapValue, Optional, PartialList, Unknown, unknown } from './value.ts';

const hole = unknown('forbidden', 'h', 'no right');
const why = (value: unknown) => (value instanceof Unknown ? value.causes.map((cause) => cause.why) : value);
const map = (entries: readonly (readonly [Data, Data])[], complete = true) =>
  new MapValue(new Map(entries.map((entry) => [keyOf(entry[0]) as string, entry])), complete, 'm');

test('a fold runs over elements, or over keys as they were written', () => {
  assert.deepEqual(range([1, 2]), [1, 2]);
  assert.deepEqual(range(new PartialList([1], 'l')), [1]);
  const one = new Double(1);
  assert.deepEqual(range(map([[one, 'x']])), [one]);
  assert.equal(range(hole), hole);
  assert.deepEqual(why(range(1)), ['only a list or a map can be folded']);
});

test('its second variable is what stands at an index or under a key', () => {
  assert.equal(at(['x', 'y'], 1, 1), 'y');
  assert.equal(at(new PartialList(['x', 'y'], 'l'), 1, 1), 'y');
  assert.equal(
    at(
      map([
        ['a', 1],
        [2, 3],
      ]),
      2,
      0,
    ),
    3,
  );
  assert.equal(
    at(
      map([
        ['a', 1],
        [2, 3],
      ]),
      'a',
      1,
    ),
    1,
  );
});

test('only what may hold more has a gap, and its size is not known', () => {
  assert.equal(gap([1]), undefined);
  assert.equal(gap(map([])), undefined);
  assert.equal(gap(1), undefined);
  assert.deepEqual(gap(new PartialList([], 'l'))?.causes, [
    { cause: 'incomplete', path: 'l', why: 'only a part of the list was seen' },
  ]);
  assert.deepEqual(gap(map([], false))?.causes, [
    { cause: 'incomplete', path: 'm', why: 'only a part of the map was seen' },
  ]);
  assert.equal(count([1, hole]), 2);
  assert.equal(count(map([['a', hole]])), 1);
  assert.deepEqual(why(count(new PartialList([1], 'l'))), ['only a part of the list was seen']);
  assert.deepEqual(why(count(map([], false))), ['only a part of the map was seen']);
  assert.deepEqual(why(count(true)), ['it has no size']);
});

test('entries are merged, and a key that comes twice is an error', () => {
  const one = merged([
    map([['a', 1]]),
    map([
      ['b', 2],
      [3, 4],
    ]),
  ]);
  assert.ok(one instanceof MapValue);
  assert.deepEqual(
    [...one.entries.values()],
    [
      ['a', 1],
      ['b', 2],
      [3, 4],
    ],
  );
  assert.deepEqual(why(merged([map([['a', 1]]), map([['a', 2]])])), ['the key `a` comes twice']);
  assert.deepEqual(why(merged([map([]), 1])), ['an entry is a map']);
});

test('an optional gives its value or nothing, and nothing else may stand there', () => {
  assert.equal(given(new Optional(1)), 1);
  assert.equal(given(new Optional(undefined)), undefined);
  assert.deepEqual(why(given(1)), ['`?` needs an optional value']);
});

test('membership is decided exactly when every completion of the list agrees', () => {
  const small = fc.integer({ min: 0, max: 2 });
  fc.assert(
    fc.property(small, fc.array(fc.option(small), { maxLength: 4 }), fc.boolean(), (value, items, whole) => {
      const held = items.map((item) => item ?? hole);
      const result = within(value, whole ? held : new PartialList(held, 'l'));
      const sure = items.includes(value);
      const open = !whole || items.includes(null);
      if (sure || !open) assert.equal(result, sure);
      else {
        assert.ok(result instanceof Unknown);
        const causes = [...(items.includes(null) ? ['forbidden'] : []), ...(whole ? [] : ['incomplete'])];
        assert.deepEqual(result.causes.map(({ cause }) => cause as string).sort(), causes);
      }
    }),
  );
});

test('of a map it is the key that counts, whatever is not known of values', () => {
  assert.equal(within('a', map([['a', hole]])), true);
  assert.equal(within('b', map([['a', 1]])), false);
  assert.equal(within(new Double(1), map([[1, 1]])), true);
  assert.equal(within('a', map([['a', 1]], false)), true);
  assert.deepEqual(why(within('b', map([['a', 1]], false))), ['only a part of the map was seen']);
  assert.deepEqual(why(within([], map([]))), ['a map has no keys of this type']);
});

test('an undecided side leaves membership undecided, and what is no list or map is an error', () => {
  const other = unknown('failed', 'o', 'broken');
  assert.equal(within(hole, []), hole);
  assert.equal(within(1, hole), hole);
  assert.deepEqual(why(within(hole, other)), ['no right', 'broken']);
  assert.deepEqual(why(within(1, 2)), ['only a list or a map can be folded']);
});
