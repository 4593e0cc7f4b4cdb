import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64url, decodeLettersInto, hasForeignLetters } from './base64url.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const letters = fc.constantFrom(
  ...alphabet,
  ...alphabet,
  '+',
  '/',
  '=',
  '\n',
  ' ',
  '\0',
  'é',
  'Ł',
  '\u0141',
  '😀',
  '.',
);

test('exactly the one spelling of some bytes is read, and as these bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 12 }), (text) => {
      const bytes = decodeBase64url(text);
      const lenient = Buffer.from(text, 'base64url');
      assert.equal(bytes !== null, lenient.toString('base64url') === text, JSON.stringify(text));
      if (bytes !== null) assert.deepEqual(bytes, lenient);
      if (hasForeignLetters(text)) return;
      const room = Buffer.alloc(16);
      assert.equal(decodeLettersInto(room, text), bytes?.length ?? -1);
      if (bytes !== null) assert.deepEqual(room.subarray(0, bytes.length), bytes);
    }),
    { numRuns: 5000 },
  );
  assert.equal(decodeLettersInto(Buffer.alloc(2), 'AAAA'), -1, 'what has no room is not cut');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      assert.deepEqual(decodeBase64url(Buffer.from(bytes).toString('base64url')), Buffer.from(bytes));
    }),
  );
});
