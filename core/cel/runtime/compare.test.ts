/** CEL's order beside its definition: numbers by what they are worth, everything else within its type. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compare, doubleOf } from './compare.ts';
import { type Data, Double, Duration, Timestamp, Uint, unknown } from './value.ts';

const sign = (value: number | undefined) => (value === undefined ? undefined : Math.sign(value));
const INT = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
);
const UINT = fc
  .oneof(fc.bigInt({ min: 0n, max: 3n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
  .map((n) => new Uint(n));

test('whole numbers of either type are ordered exactly', () => {
  const worth = (value: number | bigint | Uint) => BigInt(value instanceof Uint ? value.value : value);
  fc.assert(
    fc.property(fc.oneof(INT, UINT), fc.oneof(INT, UINT), (a, b) => {
      const difference = worth(a) - worth(b);
      assert.equal(sign(compare(a, b)), difference < 0n ? -1 : difference > 0n ? 1 : 0);
    }),
  );
});

test('beside a double a whole number counts as the nearest double', () => {
  fc.assert(
    fc.property(fc.oneof(INT, UINT), fc.double(), (whole, double) => {
      const x = Number(whole instanceof Uint ? whole.value : whole);
      const expected = Number.isNaN(double) ? Number.NaN : Math.sign(x < double ? -1 : x > double ? 1 : 0);
      assert.equal(sign(compare(whole, new Double(double))), expected);
      assert.equal(
        sign(compare(new Double(double), whole)),
        Number.isNaN(double) ? Number.NaN : 0 - expected,
      );
    }),
  );
  assert.equal(compare(2n ** 53n + 1n, new Double(2 ** 53)), 0);
  assert.equal(compare(new Double(2 ** 53), 2n ** 53n + 1n), 0);
  assert.equal(compare(2n ** 53n + 1n, 2 ** 53), 1);
});

test('a NaN stands before and after nothing', () => {
  for (const other of [new Double(Number.NaN), new Double(0), 1])
    assert.ok(Number.isNaN(compare(new Double(Number.NaN), other)));
});

test('the rest is ordered within its type, and beside another type not at all', () => {
  const ordered: readonly (readonly Data[])[] = [
    [false, true],
    ['', 'a', 'b', '\uffff', '😀'],
    [new Timestamp(-1, 999_999_999), new Timestamp(0, 0), new Timestamp(0, 1), new Timestamp(1, 0)],
    [new Duration(-2, 500_000_000), new Duration(-1, 0), new Duration(0, 1), new Duration(0, 2)],
    [new Uint8Array([]), new Uint8Array([1]), new Uint8Array([1, 0]), new Uint8Array([2])],
    [new Double(-0.5), 0, new Uint(1n), 2],
  ];
  for (const [row, values] of ordered.entries()) {
    for (const [x, a] of values.entries()) {
      for (const [y, b] of values.entries())
        assert.equal(sign(compare(a, b)), Math.sign(x - y), `${row}: ${x} ${y}`);
      for (const other of ordered.filter((_, at) => at !== row).flat())
        assert.equal(compare(a, other), undefined, `${row}: ${x}`);
    }
  }
  for (const strange of [null, [], unknown('failed', 'x', 'y')]) {
    assert.equal(compare(strange, strange), undefined);
    assert.equal(compare(1, strange), undefined);
    assert.equal(compare(strange, 1), undefined);
  }
});

test('only a large integer has to become a double', () => {
  assert.equal(doubleOf(2n ** 53n), 2 ** 53);
  assert.equal(doubleOf('x'), 'x');
});
