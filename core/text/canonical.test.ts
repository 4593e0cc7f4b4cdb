import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { canonical } from './canonical.ts';

/** The same data with every object's keys turned round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, turned(field)]),
  );
}

test('the text says the same data, and does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonical(value);
      assert.equal(canonical(turned(value)), text);
      assert.equal(canonical(JSON.parse(text)), text);
      assert.equal(
        JSON.stringify(JSON.parse(text)).length,
        JSON.stringify(JSON.parse(JSON.stringify(value))).length,
      );
    }),
  );
});

test('keys are sorted at every depth, and a field without a value is none', () => {
  assert.equal(canonical({ b: [{ d: 1, c: undefined, a: 2 }], a: null }), '{"a":null,"b":[{"a":2,"d":1}]}');
  assert.equal(canonical({ a: 1, b: undefined, 10: 1, 9: 2 }), '{"10":1,"9":2,"a":1}');
  assert.equal(canonical(undefined), 'null');
});
