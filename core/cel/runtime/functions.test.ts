import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FUNCTIONS } from './functions.ts';
import { type Data, Double, Uint } from './value.ts';

const run = (id: string, ...values: readonly Data[]): Data => {
  const found = FUNCTIONS[id] as ((...values: readonly Data[]) => Data) | undefined;
  return found ? found(...values) : assert.fail(id);
};

const RELATIONS = { less: [-1], less_equals: [-1, 0], greater: [1], greater_equals: [0, 1] } as const;

/** For each type the values from the lowest to the highest. */
const ASCENDING: Readonly<Record<string, readonly Data[]>> = {
  bool: [false, true],
  int64: [-(2n ** 63n), -1, 0, 1, 2n ** 62n],
  uint64: [new Uint(0n), new Uint(1n), new Uint(2n ** 64n - 1n)],
  double: [-Infinity, -1.5, 0, 1.5, Infinity],
  string: ['', 'a', 'b', '\uff5e', '😀'],
  bytes: [new Uint8Array(), Uint8Array.of(1), Uint8Array.of(1, 0), Uint8Array.of(2)],
  timestamp: ['0001-01-01T00:00:00Z', '2026-01-01T00:00:00Z'].map((text) => run('string_to_timestamp', text)),
  duration: ['-1h', '0s', '1ns', '1h'].map((text) => run('string_to_duration', text)),
};

test('the four relations hold where the order says so, for every type', () => {
  for (const [relation, orders] of Object.entries(RELATIONS)) {
    for (const [type, values] of Object.entries(ASCENDING)) {
      for (const [a, left] of values.entries()) {
        for (const [b, right] of values.entries()) {
          const expected = (orders as readonly number[]).includes(Math.sign(a - b));
          assert.equal(run(`${relation}_${type}`, left, right), expected, `${relation}_${type} ${a} ${b}`);
        }
      }
    }
  }
});

test('numbers of different types compare by value; beside a double, as doubles', () => {
  const small = fc.integer({ min: -3, max: 3 });
  fc.assert(
    fc.property(
      fc.constantFrom('int64', 'uint64', 'double'),
      fc.constantFrom('int64', 'uint64', 'double'),
      small,
      small,
      (x, y, m, n) => {
        fc.pre(x !== y);
        const [a, b] = [x === 'uint64' ? Math.abs(m) : m, y === 'uint64' ? Math.abs(n) : n];
        const value = (type: string, number: number): Data =>
          type === 'uint64' ? new Uint(BigInt(number)) : number;
        for (const [relation, orders] of Object.entries(RELATIONS)) {
          const expected = (orders as readonly number[]).includes(Math.sign(a - b));
          assert.equal(run(`${relation}_${x}_${y}`, value(x, a), value(y, b)), expected);
        }
      },
    ),
    { numRuns: 500 },
  );
  const top = 2n ** 63n - 1n;
  assert.equal(run('less_int64_double', top, 2 ** 63), false);
  assert.equal(run('less_equals_double_int64', 2 ** 63, top), true);
  assert.equal(run('less_int64_uint64', top, new Uint(2n ** 63n)), true);
});

test('NaN stands in no relation', () => {
  for (const relation of Object.keys(RELATIONS)) {
    for (const other of [Number.NaN, 0, Infinity]) {
      assert.equal(run(`${relation}_double`, Number.NaN, other), false);
      assert.equal(run(`${relation}_double`, other, Number.NaN), false);
    }
  }
});

test('of two types the greatest is boxed where it is a double', () => {
  assert.deepEqual(run('math_@max_int_double', 1, 2.5), new Double(2.5));
  assert.equal(run('math_@max_int_double', 3, 2.5), 3);
  assert.deepEqual(run('math_@min_double_uint', 0.5, new Uint(1n)), new Double(0.5));
  assert.equal(run('math_@max_double_double', 0.5, 1.5), 1.5);
  assert.equal(run('math_@max_list_double', [new Double(0.5), new Double(1.5)]), 1.5);
  assert.deepEqual(run('math_@max_list_int', [1, new Double(1.5)]), new Double(1.5));
});

test('sizes of strings, bytes and lists', () => {
  for (const id of ['size_string', 'string_size']) assert.equal(run(id, 'a😀'), 2);
  for (const id of ['size_bytes', 'bytes_size']) assert.equal(run(id, Uint8Array.of(1, 2, 3)), 3);
  for (const id of ['size_list', 'list_size']) assert.equal(run(id, [1, [2]]), 2);
});

/** Representative arguments of every kind, in every number: whatever it is given of its own types, no function throws. */
const ODD: readonly Data[] = [
  '',
  'a😀',
  '\ud800',
  '%.5f%s%',
  '(',
  'UTC',
  '1.2.3',
  '::1',
  '::/0',
  '9999999999999999999999999',
  '-0',
];

test('no function of strings throws, whatever the strings', () => {
  const ids = Object.keys(FUNCTIONS).filter((id) =>
    /^(string_|is_|starts_with|ends_with|contains_string|matches|strings_quote|base64_decode|ip_is_canonical|(add|less|greater)_string)/.test(
      id,
    ),
  );
  assert.ok(ids.length > 25);
  for (const id of ids) {
    for (const a of ODD) {
      for (const b of ODD) {
        for (const n of [-1, 0, 1, 2n ** 63n - 1n]) {
          if (/_format$/.test(id)) run(id, a, [b, n]);
          else if (/_string_string/.test(id)) run(id, a, b, 'x', n);
          else if (/_(string|canonical)_int|split_string_int/.test(id)) run(id, a, b, n);
          else if (/_(char_at_int|substring_int(_int)?)$/.test(id)) run(id, a, n, n);
          else run(id, a, b);
        }
      }
    }
  }
});
