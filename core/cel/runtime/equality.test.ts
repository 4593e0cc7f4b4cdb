/** CEL's `==`: numbers by what they are worth, everything else by type and content, undecided where a hole is inside. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { equal, equals, fieldsOf, isList, isRecord, keyOf, numberOf, partial, whole } from './equality.ts';
import {
  Cidr,
  type Data,
  Double,
  Duration,
  Ip,
  MapValue,
  Optional,
  PartialList,
  type RecordValue,
  Semver,
  Timestamp,
  TypeValue,
  Uint,
  Unknown,
  unknown,
} from './value.ts';

const hole = unknown('forbidden', 'h', 'no right');
const map = (entries: readonly (readonly [Data, Data])[], complete = true) =>
  new MapValue(new Map(entries.map((entry) => [keyOf(entry[0]) as string, entry])), complete, 'm');
const record = (fields: Readonly<Record<string, Data | undefined>>) => fields as RecordValue;

/** Each row holds ways to write one value; values of different rows are different. */
const VALUES: readonly (readonly (() => Data)[])[] = [
  [() => true],
  [() => false],
  [() => null],
  [() => ''],
  [() => 'a'],
  [() => 0, () => -0, () => new Double(-0), () => new Uint(0n)],
  [() => 1, () => new Double(1), () => new Uint(1n)],
  [() => new Double(0.5)],
  [() => 2 ** 53, () => new Double(2 ** 53), () => new Uint(2n ** 53n)],
  [() => 2n ** 53n + 1n, () => new Uint(2n ** 53n + 1n)],
  [() => new Timestamp(1, 0)],
  [() => new Timestamp(1, 1)],
  [() => new Timestamp(2, 0)],
  [() => new Duration(1, 0)],
  [() => new Duration(1, 1)],
  [() => new Duration(2, 0)],
  [() => new Uint8Array([])],
  [() => new Uint8Array([1])],
  [() => new Uint8Array([1, 2])],
  [() => new Uint8Array([1, 3])],
  [() => []],
  [() => [1], () => [new Double(1)]],
  [() => [1, 2]],
  [() => [2, 1]],
  [() => [[1]]],
  [() => map([])],
  [() => map([['a', 1]]), () => map([['a', new Uint(1n)]])],
  [() => map([['a', 2]])],
  [() => map([['b', 1]])],
  [
    () =>
      map([
        ['a', 1],
        ['b', 2],
      ]),
    () =>
      map([
        ['b', 2],
        ['a', 1],
      ]),
  ],
  [() => map([[1, 'x']]), () => map([[new Double(1), 'x']])],
  [() => new Optional(undefined)],
  [() => new Optional(1)],
  [() => new Optional(2)],
  [() => new TypeValue('int')],
  [() => new TypeValue('uint')],
  [() => new Ip(new Uint8Array([1, 2, 3, 4]))],
  [() => new Ip(new Uint8Array([1, 2, 3, 5]))],
  [() => new Cidr(new Ip(new Uint8Array([1, 2, 3, 4])), 8)],
  [() => new Cidr(new Ip(new Uint8Array([1, 2, 3, 4])), 16)],
  [() => new Cidr(new Ip(new Uint8Array([9, 2, 3, 4])), 8)],
  [() => new Semver([1n, 2n, 3n], [])],
  [() => new Semver([1n, 2n, 4n], [])],
  [() => new Semver([1n, 2n, 3n], ['a'])],
  [() => new Semver([1n, 2n, 3n], ['a', 'b'])],
  [() => record({}), () => record({ x: undefined }), () => record({ '@asset': 1 })],
  [() => record({ x: 1 }), () => record({ x: new Double(1), y: undefined, 'x@': 7 })],
  [() => record({ x: 2 })],
  [() => record({ y: 1 })],
  [() => record({ x: 1, y: 1 })],
];

test('values are equal to their other writings and to nothing else', () => {
  for (const [x, ways] of VALUES.entries())
    for (const [y, others] of VALUES.entries())
      for (const a of ways)
        for (const b of others) assert.equal(equal(a(), b()), x === y, `row ${x} and row ${y}`);
});

test('what is not known is equal to nothing, a NaN not even to itself', () => {
  const nan = new Double(Number.NaN);
  assert.equal(equal(nan, nan), false);
  const list = new PartialList([1], 'l');
  assert.equal(equal(list, new PartialList([1], 'l')), false);
  assert.equal(equal(unknown('failed', 'x', 'y'), unknown('failed', 'x', 'y')), false);
});

test('a number is worth the same whatever its type, and only numbers are worth anything', () => {
  assert.deepEqual(
    [numberOf(1), numberOf(2n), numberOf(new Double(0.5)), numberOf(new Uint(3n))],
    [1, 2n, 0.5, 3n],
  );
  for (const other of ['1', true, null, [], new Timestamp(1, 0)]) assert.equal(numberOf(other), undefined);
});

test('one key for what is equal, and none for what cannot be a key', () => {
  const keys = [
    [1, new Double(1), new Uint(1n)],
    [2 ** 53 - 1, new Uint(2n ** 53n - 1n)],
    [2n ** 53n, new Double(2 ** 53), new Uint(2n ** 53n)],
    [-(2n ** 53n), new Double(-(2 ** 53))],
    [-(2 ** 53) + 1, new Double(-(2 ** 53) + 1)],
  ];
  for (const same of keys) for (const one of same) assert.equal(keyOf(one), keyOf(same[0] as Data));
  assert.equal(typeof keyOf(new Uint(2n ** 53n - 1n)), 'number');
  assert.equal(typeof keyOf(new Double(2 ** 53)), 'bigint');
  assert.equal(new Set(keys.map(([one]) => keyOf(one as Data))).size, keys.length);
  assert.deepEqual([keyOf('a'), keyOf(true), keyOf(false)], ['a', true, false]);
  assert.equal(keyOf(new Double(0.5)), 0.5);
  for (const no of [null, [], new Timestamp(0, 0), hole]) assert.equal(keyOf(no), undefined);
});

test('a record is no other object, and its fields are those that are there and its own', () => {
  for (const values of VALUES)
    for (const make of values) {
      const value = make();
      const plain =
        typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
      assert.equal(isRecord(value), plain);
      assert.equal(isList(value), Array.isArray(value));
    }
  assert.equal(isRecord(hole), false);
  assert.equal(isRecord(new PartialList([], 'l')), false);
  assert.deepEqual(fieldsOf(record({ a: 1, b: undefined, 'a@': 2, '@asset': 3, c: false })), ['a', 'c']);
});

test('what is undecided anywhere inside is found, and what is whole comes back itself', () => {
  for (const values of VALUES)
    for (const make of values) {
      const value = make();
      assert.equal(whole(value), value);
      assert.equal(equals(value, make()), true);
    }
  const other = unknown('failed', 'o', 'broken');
  const inside: readonly Data[] = [
    hole,
    [1, hole],
    [[hole]],
    map([['a', hole]]),
    new Optional(hole),
    record({ x: hole }),
    record({ x: [hole], y: undefined }),
  ];
  for (const value of inside) {
    assert.equal(whole(value), hole);
    for (const result of [equals(value, 1), equals(1, value), equals(value, value)]) {
      assert.ok(result instanceof Unknown);
      assert.deepEqual(result.causes, hole.causes);
    }
    const both = whole([value, other]);
    assert.ok(both instanceof Unknown);
    assert.deepEqual(
      both.causes.map(({ path }) => path),
      ['h', 'o'],
    );
    const sides = equals(value, other);
    assert.ok(sides instanceof Unknown);
    assert.deepEqual(
      sides.causes.map(({ path }) => path),
      ['h', 'o'],
    );
  }
});

test('what may hold more is undecided, with what is undecided of its elements', () => {
  const list = whole(new PartialList([hole], 'l'));
  assert.ok(list instanceof Unknown);
  assert.deepEqual(
    list.causes.map(({ cause, path }) => `${cause} ${path}`),
    ['incomplete l', 'forbidden h'],
  );
  const entries = whole(map([['a', hole]], false));
  assert.ok(entries instanceof Unknown);
  assert.deepEqual(
    entries.causes.map(({ cause, path }) => `${cause} ${path}`),
    ['incomplete m', 'forbidden h'],
  );
  assert.equal(partial(map([], false)).causes[0]?.why, 'only a part of the map was seen');
});

test('equality is decided exactly when no side has a hole', () => {
  const value = fc.letrec<{ any: Data }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<Data>(1, 'a', true, null, new Double(1)),
      fc.constant<Data>(hole),
      fc.array(tie('any'), { maxLength: 2 }),
      tie('any').map((one) => map([['a', one]])),
      tie('any').map((one) => new Optional(one)),
    ),
  })).any;
  const open = (one: Data): boolean =>
    one === hole ||
    (Array.isArray(one) && one.some(open)) ||
    (one instanceof MapValue && [...one.entries.values()].some(([, held]) => open(held))) ||
    (one instanceof Optional && one.value !== undefined && open(one.value));
  fc.assert(
    fc.property(value, value, (a, b) => {
      assert.equal(equals(a, b) instanceof Unknown, open(a) || open(b));
      if (!open(a)) assert.equal(equals(a, a), true);
    }),
  );
});
