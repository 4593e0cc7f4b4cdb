import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyText } from '@macadam/testing/texts';
import fc from 'fast-check';
import { bytesToString, decodeBase64, encodeBase64, stringToBytes } from './encoding.ts';
import { Unknown } from './value.ts';

test('text reads back from its UTF-8', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      assert.equal(bytesToString(stringToBytes(text)), text);
    }),
  );
  assert.deepEqual(stringToBytes('ÿ'), Uint8Array.of(0xc3, 0xbf));
  assert.equal(bytesToString(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), '\ufeffa');
});

test('bytes that are not UTF-8 are an error', () => {
  for (const bytes of [[0, 255], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3]]) {
    const result = bytesToString(Uint8Array.from(bytes));
    assert.ok(result instanceof Unknown);
    assert.equal(result.causes[0]?.why, 'the bytes are not valid UTF-8');
  }
});

test("bytes read back from base64, which is the platform's own", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = encodeBase64(bytes);
      assert.equal(text, Buffer.from(bytes).toString('base64'));
      assert.deepEqual(decodeBase64(text), bytes);
      assert.deepEqual(decodeBase64(text.replace(/=+$/, '')), bytes);
    }),
  );
});

test('what is not base64 is an error', () => {
  for (const text of ['a', 'aGVsbG8-', 'aGVs bG8=', 'aGVsbG8==', '=', 'aGVsbG8=aGVsbG8=', 'aaaaa']) {
    const result = decodeBase64(text);
    assert.ok(result instanceof Unknown, text);
    assert.equal(result.causes[0]?.why, 'the text is not valid base64');
  }
});
