import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { csvLine } from './csv.ts';

/** RFC 4180, 2.5 to 2.7. */
function cells(line: string): readonly string[] {
  const found = [...`,${line.slice(0, -2)}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)];
  return found.map(([, quoted, bare = '']) => quoted?.replaceAll('""', '"') ?? bare);
}

test('whatever a text holds, it is one cell, and no formula', () => {
  const part = fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '\0', '"', ',', 'a', '1');
  fc.assert(
    fc.property(
      fc.array(
        fc.array(part).map((parts) => parts.join('')),
        { minLength: 1 },
      ),
      (texts) => {
        const read = cells(csvLine(texts));
        assert.equal(read.length, texts.length);
        for (const [at, text] of texts.entries())
          assert.equal(read[at], /^[=+\-@\t\r\0]/.test(text) ? `'${text}` : text);
      },
    ),
  );
});

test('numbers stay numbers, and what is not there is empty', () => {
  assert.equal(csvLine([-1, true, null, undefined, { a: '=1' }, '=1']), `-1,true,,,"{""a"":""=1""}",'=1\r\n`);
});
