import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { format } from './format.ts';
import { parseIp } from './network.ts';
import { parseDuration, parseTimestamp } from './time.ts';
import {
  type Data,
  Double,
  MapValue,
  PartialList,
  TypeValue,
  Uint,
  Unknown,
  undefinedHere,
} from './value.ts';

const map = (...entries: readonly (readonly [string | number | boolean, Data])[]): MapValue =>
  new MapValue(new Map(entries.map(([key, value]) => [key, [key, value]])));

const CASES: readonly [template: string, values: readonly Data[], text: string][] = [
  ['no substitution', [], 'no substitution'],
  ['%%%s%% 100%%', ['text'], '%text% 100%'],
  ['%s %s %s', [null, true, 999_999_999_999], 'null true 999999999999'],
  ['%s', [2n ** 63n - 1n], '9223372036854775807'],
  ['%s %s %s', [new Double(3.14), new Double(2), new Double(-0)], '3.14 2 -0'],
  [
    '%s',
    [[new Double(Number.NaN), new Double(Infinity), new Double(-Infinity)]],
    '[NaN, Infinity, -Infinity]',
  ],
  ['%s', [new TextEncoder().encode('xyz')], 'xyz'],
  ['%s', [new TypeValue('string')], 'string'],
  ['%s', [['abc', null, [9, [8]]]], '[abc, null, [9, [8]]]'],
  ['%s', [map(['strKey', 'x'], [6, parseDuration('422s')], [true, 42])], '{6: 422s, strKey: x, true: 42}'],
  ['%s', [parseTimestamp('2023-02-03T23:31:20+00:00')], '2023-02-03T23:31:20Z'],
  ['%s', [parseIp('2001:db8:0:0::1')], '2001:db8::1'],
  ['%d %d %d', [-5, new Uint(64n), new Double(-Infinity)], '-5 64 -Infinity'],
  ['%b %b %b', [5, true, -5], '101 1 -101'],
  ['%o %o', [11, new Uint(65535n)], '13 177777'],
  ['%x %X %x', [30, 30, -30], '1e 1E -1e'],
  ['%x %X', ['Hello', new TextEncoder().encode('byte')], '48656c6c6f 62797465'],
  ['%f %.3f %.0f', [new Double(2.5), new Double(4.5), 7], '2.500000 4.500 7'],
  ['%.f', [new Double(1.4)], '1'],
  ['%e %.6e', [new Double(2.5), new Double(1052.032911275)], '2.500000e+00 1.052033e+03'],
  ['%f %e', [new Double(Number.NaN), new Double(-Infinity)], 'NaN -Infinity'],
  ['%.2e %.0e %.1e', [new Double(9.999), new Double(0.00095), new Double(0)], '1.00e+01 9e-04 0.0e+00'],
];

test('each clause writes its types', () => {
  for (const [template, values, text] of CASES) assert.equal(format(template, values), text, template);
});

test('doubles are rounded from their exact value, half to even', () => {
  const fixed = (value: number, digits: number) => format(`%.${digits}f`, [new Double(value)]);
  assert.equal(fixed(0.5, 0), '0');
  assert.equal(fixed(1.5, 0), '2');
  assert.equal(fixed(2.5, 0), '2');
  assert.equal(fixed(-2.5, 0), '-2');
  assert.equal(fixed(1.2345, 3), '1.234');
  assert.equal(fixed(0.125, 2), '0.12');
  assert.equal(fixed(-0, 1), '-0.0');
  assert.equal(fixed(1e22, 1), '10000000000000000000000.0');
  assert.equal(fixed(5e-324, 3), '0.000');
  assert.equal(format('%.1e', [new Double(1.25)]), '1.2e+00');
});

test('17 digits read back as the same double', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.ok(Object.is(Number(format('%.16e', [new Double(value)])), value));
    }),
    { numRuns: 1000 },
  );
});

test('what cannot be formatted says which clause and which type', () => {
  const errors: readonly [string, readonly Data[], string][] = [
    ['%a', [1], '"%a" is not a clause of format'],
    ['%E', [new Double(1)], '"%E" is not a clause of format'],
    ['50%', [1], '"%" is not a clause of format'],
    ['%d %d', [1], 'format has no value for clause 2'],
    ['%b', ['abc'], '%b writes integers and bools, not a value of type string'],
    ['%d', [parseDuration('1s')], '%d writes integers, not a value of type duration'],
    ['%d', [new Double(1)], '%d writes integers, not a value of type double'],
    ['%o', [null], '%o writes integers, not a value of type null_type'],
    ['%x', [new Double(1)], '%x writes integers, strings and bytes, not a value of type double'],
    ['%e', ['1'], '%e writes numbers, not a value of type string'],
    ['%f', [null], '%f writes numbers, not a value of type null_type'],
    ['%s', [[1, { name: 'x' }]], '%s writes scalars, lists and maps, not a value of type record'],
    ['%s', [Uint8Array.of(255)], 'the bytes are not valid UTF-8'],
    ['%.2000f', [new Double(1)], 'a precision is at most 1000 digits'],
  ];
  for (const [template, values, why] of errors) {
    const result = format(template, values);
    assert.ok(result instanceof Unknown, template);
    assert.equal(result.causes[0]?.why, why);
  }
});

test('what is not known inside a value stays what it is', () => {
  const hole = undefinedHere('a hole');
  assert.equal(format('%s', [[1, hole]]), hole);
  const partial = format('%s', [[new PartialList([1], 'asset.uses')]]);
  assert.ok(partial instanceof Unknown);
  assert.deepEqual(partial.causes, [
    { cause: 'incomplete', path: 'asset.uses', why: 'only a part of the list was seen' },
  ]);
});
