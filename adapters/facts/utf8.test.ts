import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyText } from '@macadam/testing/texts';
import fc from 'fast-check';
import { utf8Text } from './utf8.ts';

test('text is read as it stands, and what is none is placed', () => {
  const stray = (...bytes: readonly number[]) =>
    utf8Text(Buffer.from([0x61, 10, 0xc3, 0xa9, ...bytes, 0x62]));
  assert.equal(utf8Text(Buffer.from('aé\u2028😀')), 'aé\u2028😀');
  const third = { line: 2, byte: 3 };
  for (const bytes of [
    [0xff],
    [0x80],
    [0xc0, 0x80],
    [0xc3],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
    [0xf5, 0x80, 0x80, 0x80],
    // Half a pair, and a longer form than needed.
    [0xed, 0xa0, 0x80],
    [0xe0, 0x80, 0x80],
  ])
    assert.deepEqual(stray(...bytes), third, String(bytes));
  assert.deepEqual(utf8Text(Buffer.from([0x61, 0xe2, 0x82])), { line: 1, byte: 2 });
});

test('whatever stands before, it is text up to the place and not a byte further', () => {
  fc.assert(
    fc.property(anyText(), fc.uint8Array({ maxLength: 9 }), (text, rest) => {
      const bytes = Buffer.concat([Buffer.from(text), rest]);
      const read = utf8Text(bytes);
      if (typeof read === 'string') return assert.deepEqual(Buffer.from(read), bytes);
      const lines = bytes.toString('latin1').split('\n');
      const before = lines.slice(0, read.line - 1).reduce((sum, one) => sum + one.length + 1, 0);
      const at = before + read.byte - 1;
      const good = bytes.subarray(0, at);
      assert.deepEqual(Buffer.from(good.toString()), good);
      for (let size = 1; size <= 4 && at + size <= bytes.length; size += 1)
        assert.equal(typeof utf8Text(bytes.subarray(0, at + size)), 'object');
    }),
  );
});
