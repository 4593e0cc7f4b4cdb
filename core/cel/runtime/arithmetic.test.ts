import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as arithmetic from './arithmetic.ts';
import { Uint, Unknown } from './value.ts';

type Int = arithmetic.Int;

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

/** The one form of an int. */
const normal = (value: bigint): Int => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
const why = (value: unknown): string | undefined =>
  value instanceof Unknown ? value.causes[0]?.why : undefined;

const edge = fc.constantFrom(
  0n,
  1n,
  -1n,
  MAX,
  MIN,
  MAX - 1n,
  MIN + 1n,
  2n ** 53n,
  2n ** 53n - 1n,
  -(2n ** 53n) + 1n,
  -(2n ** 53n),
  3_037_000_500n,
);
const anyInt = fc.oneof(
  edge,
  fc.bigInt(MIN, MAX),
  fc.bigInt(-100n, 100n),
  fc.bigInt(-(2n ** 53n), 2n ** 53n),
);

const OPERATIONS: readonly [
  name: string,
  ours: (a: Int, b: Int) => Int | Unknown,
  exact: (a: bigint, b: bigint) => bigint | null,
][] = [
  ['+', arithmetic.addInts, (a, b) => a + b],
  ['-', arithmetic.subtractInts, (a, b) => a - b],
  ['*', arithmetic.multiplyInts, (a, b) => a * b],
  ['/', arithmetic.divideInts, (a, b) => (b === 0n ? null : a / b)],
  ['%', arithmetic.moduloInts, (a, b) => (b === 0n || (b === -1n && a === -(2n ** 63n)) ? null : a % b)],
];

for (const [name, ours, exact] of OPERATIONS) {
  test(`int ${name} is exact in 64 bits, in its one form, and an error elsewhere`, () => {
    fc.assert(
      fc.property(anyInt, anyInt, (a, b) => {
        const result = ours(normal(a), normal(b));
        const expected = exact(a, b);
        if (expected === null || expected > MAX || expected < MIN) assert.ok(result instanceof Unknown);
        // Object.is tells 0 from −0, which an int does not have.
        else assert.ok(Object.is(result, normal(expected)), `${a} ${name} ${b} = ${expected}, not ${result}`);
      }),
      { numRuns: 2000 },
    );
  });
}

test('overflow and division by zero say what they are', () => {
  assert.match(why(arithmetic.addInts(MAX, 1)) ?? '', /64 bits of an int/);
  assert.match(why(arithmetic.divideInts(MIN, -1)) ?? '', /64 bits of an int/);
  assert.match(why(arithmetic.negateInt(MIN)) ?? '', /64 bits of an int/);
  assert.equal(why(arithmetic.divideInts(1, 0)), 'division by zero');
  assert.equal(why(arithmetic.moduloInts(1, 0)), 'modulo by zero');
  assert.equal(why(arithmetic.divideUints(new Uint(1n), new Uint(0n))), 'division by zero');
  assert.equal(why(arithmetic.moduloUints(new Uint(1n), new Uint(0n))), 'modulo by zero');
  assert.match(why(arithmetic.subtractUints(new Uint(0n), new Uint(1n))) ?? '', /64 bits of a uint/);
});

test('modulo has the sign of the dividend and division rounds toward zero', () => {
  assert.equal(arithmetic.moduloInts(43, -5), 3);
  assert.equal(arithmetic.moduloInts(-42, -5), -2);
  assert.equal(arithmetic.divideInts(-7, 2), -3);
  assert.ok(Object.is(arithmetic.negateInt(0), 0));
  assert.equal(arithmetic.negateInt(2n ** 62n), -(2n ** 62n));
});

test('uint operations are exact in 64 bits and an error elsewhere', () => {
  const top = 2n ** 64n - 1n;
  const anyUint = fc.oneof(fc.constantFrom(0n, 1n, top, top - 1n), fc.bigInt(0n, top));
  fc.assert(
    fc.property(anyUint, anyUint, (a, b) => {
      const agree = (result: Uint | Unknown, expected: bigint | null) =>
        expected === null || expected < 0n || expected > top
          ? assert.ok(result instanceof Unknown)
          : assert.deepEqual(result, new Uint(expected));
      const [x, y] = [new Uint(a), new Uint(b)];
      agree(arithmetic.addUints(x, y), a + b);
      agree(arithmetic.subtractUints(x, y), a - b);
      agree(arithmetic.multiplyUints(x, y), a * b);
      agree(arithmetic.divideUints(x, y), b === 0n ? null : a / b);
      agree(arithmetic.moduloUints(x, y), b === 0n ? null : a % b);
    }),
  );
});

test('doubles are never an error', () => {
  assert.equal(arithmetic.divideDoubles(15.75, 0), Number.POSITIVE_INFINITY);
  assert.ok(Number.isNaN(arithmetic.divideDoubles(0, 0)));
  assert.ok(Object.is(arithmetic.negateDouble(0), -0));
});

test('bytes and lists are joined; beside an empty one the other comes back itself', () => {
  const bytes = Uint8Array.of(1, 2);
  assert.deepEqual(arithmetic.addBytes(bytes, Uint8Array.of(3)), Uint8Array.of(1, 2, 3));
  assert.equal(arithmetic.addBytes(new Uint8Array(), bytes), bytes);
  assert.equal(arithmetic.addBytes(bytes, new Uint8Array()), bytes);
  const list = [1, 'a'];
  assert.deepEqual(arithmetic.addLists(list, [null]), [1, 'a', null]);
  assert.equal(arithmetic.addLists(list, []), list);
  assert.equal(arithmetic.addLists([], list), list);
});
