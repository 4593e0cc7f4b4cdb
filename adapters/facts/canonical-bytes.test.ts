import assert from 'node:assert/strict';
import test from 'node:test';
import { canonical } from '@macadam/core/text/canonical';
import { runs } from '@macadam/testing/runs';
import { anyText } from '@macadam/testing/texts';
import fc from 'fast-check';
import { canonicalWriter } from './canonical-bytes.ts';

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'B', 'é', '10', '9', '__proto__', 'constructor', ''),
  fc.string(),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    anyText({ maxLength: 120 }),
    fc.constantFrom('a "quoted" \\ \n', '\ud800', '\u2028', '\x7f', '😀', 'é'.repeat(99)),
    fc.double(),
    fc.integer(),
    fc.constantFrom(true, false, null, undefined, -0),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

test('the bytes are those of the canonical text, whatever was written before, at any place', () => {
  const write = canonicalWriter();
  fc.assert(
    fc.property(value, fc.nat(9), (one, at) => {
      const text = canonical(one);
      const bytes = Buffer.alloc(at + Buffer.byteLength(text));
      const end = write(bytes, at, one);
      assert.equal(bytes.toString('utf8', at, end), text);
    }),
    { numRuns: runs(2000) },
  );
});

test('what has no room is not written, and the answer says what it takes', () => {
  const write = canonicalWriter();
  fc.assert(
    fc.property(value, fc.nat(200), (one, room) => {
      const bytes = Buffer.alloc(room);
      const needed = Buffer.byteLength(canonical(one));
      const end = write(bytes, 0, one);
      assert.equal(end, needed);
      if (needed <= room) assert.equal(bytes.toString('utf8', 0, end), canonical(one));
    }),
    { numRuns: runs(2000) },
  );
});

test('records of thousands of shapes are written all the same', () => {
  const write = canonicalWriter();
  const bytes = Buffer.alloc(1000);
  for (let index = 0; index < 6000; index += 1) {
    const one = { [`z${index}`]: { [`k${index % 70}`]: 1, a: [{ b: index }] }, a: 2 };
    assert.equal(bytes.toString('utf8', 0, write(bytes, 0, one)), canonical(one));
  }
});
