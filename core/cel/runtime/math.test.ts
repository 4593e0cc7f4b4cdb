import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as math from './math.ts';
import { Double, Uint, Unknown } from './value.ts';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const normal = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;
const why = (value: unknown): string =>
  value instanceof Unknown ? (value.causes[0]?.why ?? '') : 'no error';

test('the greatest and the least of numbers of different types', () => {
  const numbers = [new Double(5.4), 10, new Uint(3n), new Double(-5), MAX];
  assert.equal(math.greatest(numbers), MAX);
  assert.deepEqual(math.least(numbers), new Double(-5));
  assert.deepEqual(math.greatest([new Uint(1n), 1, new Double(1)]), new Uint(1n));
  assert.deepEqual(math.least([new Double(1), 1]), new Double(1));
  assert.deepEqual(math.greatest([new Uint(2n ** 64n - 1n), MAX]), new Uint(2n ** 64n - 1n));
  assert.equal(math.greatestDouble([new Double(1.5), new Double(Infinity)]), Infinity);
  assert.equal(math.leastDouble([new Double(1.5), new Double(-Infinity)]), -Infinity);
});

test('none of nothing, and NaN among numbers, is an error', () => {
  assert.match(why(math.greatest([])), /no numbers/);
  assert.match(why(math.least([1, new Double(Number.NaN)])), /NaN/);
  assert.match(why(math.greaterDouble(Number.NaN, 1)), /NaN/);
  assert.match(why(math.lesserDouble(1, Number.NaN)), /NaN/);
});

test('of two ints, of two uints, of two doubles', () => {
  assert.equal(math.greatestInt(MIN, 1), 1);
  assert.equal(math.leastInt(MIN, 1), MIN);
  assert.deepEqual(math.greatestUint(new Uint(1n), new Uint(2n)), new Uint(2n));
  assert.deepEqual(math.leastUint(new Uint(1n), new Uint(2n)), new Uint(1n));
  assert.equal(math.greaterDouble(1.5, -2), 1.5);
  assert.equal(math.lesserDouble(1.5, -2), -2);
});

test('halves round away from zero', () => {
  for (const [value, rounded] of [
    [-1.6, -2],
    [-1.4, -1],
    [-1.5, -2],
    [1.2, 1],
    [1.5, 2],
    [2.5, 3],
    [0.49999999999999994, 0],
  ] as const) {
    assert.equal(math.round(value), rounded);
  }
  assert.ok(Number.isNaN(math.round(Number.NaN)));
  assert.equal(math.round(-Infinity), -Infinity);
});

test('absolute values, signs and roots', () => {
  assert.equal(math.absInt(-11), 11);
  assert.equal(math.absInt(MIN + 1n), MAX);
  assert.match(why(math.absInt(MIN)), /64 bits of an int/);
  assert.equal(math.signInt(MIN), -1);
  assert.equal(math.signInt(0), 0);
  assert.deepEqual(math.signUint(new Uint(100n)), new Uint(1n));
  assert.deepEqual(math.signUint(new Uint(0n)), new Uint(0n));
  assert.equal(math.sqrtInt(81), 9);
  assert.equal(math.sqrtUint(new Uint(81n)), 9);
  assert.ok(Number.isNaN(math.sqrtInt(-1)));
});

test('bits of ints are those of two’s complement, in the one form of an int', () => {
  const anyInt = fc.oneof(
    fc.constantFrom(0n, -1n, MAX, MIN, 2n ** 31n, -(2n ** 31n), 2n ** 53n),
    fc.bigInt(MIN, MAX),
  );
  fc.assert(
    fc.property(anyInt, anyInt, fc.integer({ min: 0, max: 70 }), (a, b, by) => {
      const [x, y] = [normal(a), normal(b)];
      assert.equal(math.bitAndInts(x, y), normal(a & b));
      assert.equal(math.bitOrInts(x, y), normal(a | b));
      assert.equal(math.bitXorInts(x, y), normal(a ^ b));
      assert.equal(math.bitNotInt(x), normal(~a));
      assert.equal(math.shiftIntLeft(x, by), normal(BigInt.asIntN(64, a << BigInt(by))));
      assert.equal(math.shiftIntRight(x, by), normal(BigInt.asIntN(64, BigInt.asUintN(64, a) >> BigInt(by))));
    }),
    { numRuns: 1000 },
  );
});

test('bits of uints', () => {
  assert.deepEqual(math.bitAndUints(new Uint(1n), new Uint(3n)), new Uint(1n));
  assert.deepEqual(math.bitOrUints(new Uint(1n), new Uint(4n)), new Uint(5n));
  assert.deepEqual(math.bitXorUints(new Uint(1n), new Uint(3n)), new Uint(2n));
  assert.deepEqual(math.bitNotUint(new Uint(0n)), new Uint(2n ** 64n - 1n));
  assert.deepEqual(math.shiftUintLeft(new Uint(2n ** 63n + 1n), 1), new Uint(2n));
  assert.deepEqual(math.shiftUintLeft(new Uint(1n), 200), new Uint(0n));
  assert.deepEqual(math.shiftUintRight(new Uint(1024n), 2), new Uint(256n));
  assert.deepEqual(math.shiftUintRight(new Uint(1024n), 2n ** 62n), new Uint(0n));
});

test('a negative shift is an error', () => {
  for (const result of [
    math.shiftIntLeft(1, -1),
    math.shiftIntRight(1, -1),
    math.shiftUintLeft(new Uint(1n), -1),
    math.shiftUintRight(new Uint(1n), -1),
  ]) {
    assert.match(why(result), /negative/);
  }
});
