import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as conversion from './conversion.ts';
import { Uint, Unknown } from './value.ts';

const isError = (value: unknown, why: RegExp): void => {
  assert.ok(value instanceof Unknown, String(value));
  assert.equal(value.causes[0]?.cause, 'undefined');
  assert.match(value.causes[0]?.why ?? '', why);
};

test('bools have their twelve texts', () => {
  for (const text of ['1', 't', 'T', 'true', 'TRUE', 'True'])
    assert.equal(conversion.stringToBool(text), true);
  for (const text of ['0', 'f', 'F', 'false', 'FALSE', 'False'])
    assert.equal(conversion.stringToBool(text), false);
  for (const text of ['TrUe', 'FaLsE', '', 'yes', ' true'])
    isError(conversion.stringToBool(text), /is not a bool/);
  assert.equal(conversion.boolToString(true), 'true');
  assert.equal(conversion.boolToString(false), 'false');
});

test('a double becomes an int toward zero, inside −2^63 and 2^63', () => {
  assert.equal(conversion.doubleToInt(-123.456), -123);
  assert.equal(conversion.doubleToInt(1.9), 1);
  assert.ok(Object.is(conversion.doubleToInt(-0.5), 0));
  assert.ok(Object.is(conversion.doubleToInt(-0), 0));
  assert.equal(conversion.doubleToInt(36028797018963968), 36028797018963968n);
  assert.equal(conversion.doubleToInt(2 ** 63 - 1024), 2n ** 63n - 1024n);
  for (const value of [2 ** 63, -(2 ** 63), 1e99, Number.NaN, Infinity, -Infinity]) {
    isError(conversion.doubleToInt(value), /outside the 64 bits of an int/);
  }
});

test('a double becomes a uint toward zero, from 0 and inside 2^64', () => {
  assert.deepEqual(conversion.doubleToUint(25.5), new Uint(25n));
  assert.deepEqual(conversion.doubleToUint(-0.9), new Uint(0n));
  assert.deepEqual(conversion.doubleToUint(2 ** 64 - 2048), new Uint(2n ** 64n - 2048n));
  for (const value of [-1, 2 ** 64, Number.NaN, Infinity]) {
    isError(conversion.doubleToUint(value), /outside the 64 bits of a uint/);
  }
});

test('ints and uints become each other where they fit', () => {
  assert.equal(conversion.uintToInt(new Uint(42n)), 42);
  assert.equal(conversion.uintToInt(new Uint(2n ** 63n - 1n)), 2n ** 63n - 1n);
  isError(conversion.uintToInt(new Uint(2n ** 63n)), /64 bits of an int/);
  assert.deepEqual(conversion.intToUint(1729), new Uint(1729n));
  isError(conversion.intToUint(-1), /64 bits of a uint/);
  assert.equal(conversion.intToDouble(2n ** 63n - 1n), 2 ** 63);
  assert.equal(conversion.uintToDouble(new Uint(2n ** 64n - 1n)), 2 ** 64);
});

test('an int and a uint read back from their own text', () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n), (value) => {
      const text = String(value);
      const int = conversion.stringToInt(text);
      if (value === BigInt.asIntN(64, value)) assert.equal(conversion.intToString(int as bigint), text);
      else isError(int, /64 bits of an int/);
      const uint = conversion.stringToUint(text);
      if (value >= 0n) assert.equal(conversion.uintToString(uint as Uint), text);
      else isError(uint, /is not a uint/);
    }),
  );
});

test('texts of whole numbers: digits, with a sign for an int', () => {
  assert.equal(conversion.stringToInt('+5'), 5);
  assert.ok(Object.is(conversion.stringToInt('-0'), 0));
  assert.equal(conversion.stringToInt(`${'0'.repeat(50)}7`), 7);
  assert.equal(conversion.stringToInt('-9223372036854775808'), -(2n ** 63n));
  // Hostile texts take no longer than reading them does.
  isError(conversion.stringToUint(`${'0'.repeat(300_000)}x`), /is not a uint/);
  isError(conversion.stringToDouble(`${'1'.repeat(300_000)}x`), /is not a double/);
  isError(conversion.stringToInt('9'.repeat(100_000)), /64 bits of an int/);
  isError(conversion.stringToUint('9'.repeat(100_000)), /64 bits of a uint/);
  assert.deepEqual(conversion.stringToUint('00300'), new Uint(300n));
  for (const text of ['', ' 1', '1 ', '0x1', '1_000', '1.0', '１', '--1', '+']) {
    isError(conversion.stringToInt(text), /is not an int/);
    isError(conversion.stringToUint(text), /is not a uint/);
  }
});

test('a double reads back from its own text, NaN, infinities and −0 included', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      assert.ok(Object.is(conversion.stringToDouble(conversion.doubleToString(value)), value));
    }),
    { numRuns: 1000 },
  );
});

test('texts of doubles', () => {
  assert.equal(conversion.doubleToString(123.456), '123.456');
  assert.equal(conversion.doubleToString(-4.5e-3), '-0.0045');
  assert.equal(conversion.doubleToString(1e6), '1000000');
  for (const [text, value] of [
    ['6.02214e23', 6.02214e23],
    ['-5.43E-21', -5.43e-21],
    ['.5', 0.5],
    ['5.', 5],
    ['+inf', Infinity],
    ['-Infinity', -Infinity],
    ['nan', Number.NaN],
    ['1e-999', 0],
  ] as const) {
    assert.ok(Object.is(conversion.stringToDouble(text), value), text);
  }
  for (const text of ['', '.', 'e5', '1e', '0x10', ' 1', '1,5', 'infinit', '1_0']) {
    isError(conversion.stringToDouble(text), /is not a double/);
  }
  isError(conversion.stringToDouble('1e999'), /outside the range of a double/);
});
