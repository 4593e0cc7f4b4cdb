/** What the reader of plain YAML reads is what the library reads; it may always leave a document to the library. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { readDocument } from './document.ts';
import { readPlainYaml } from './plain-yaml.ts';

const root = join(import.meta.dirname, '../..');
const catalogue = globSync('{kinds/*.yaml,standards/*/*/standard.yaml,frameworks/*.yaml}', { cwd: root });

/** What the library says, or null where a document is a mistake for `readDocument`. */
function byLibrary(text: string): { readonly value: unknown } | null {
  if ('mistakes' in readDocument(text, 'a.yaml', z.unknown())) return null;
  return { value: parseDocument(text, { uniqueKeys: false }).toJS() };
}

test('every document of the catalogue is plain, and says the same', () => {
  assert.ok(catalogue.length > 70);
  for (const path of catalogue) {
    const text = readFileSync(join(root, path), 'utf8');
    assert.deepEqual(readPlainYaml(text), byLibrary(text), path);
  }
});

test('whatever it reads of any text is what the library reads of it', () => {
  const pieces = fc.constantFrom(
    ...'a|b: 1|key:| - |- |? |: |:|#| # c|"|\'|{|}|[|]|, |,|&x |*x|!t |<<: |%|@|`|\n|\n  |\n    |\n\n|\r\n|\t| |  '.split(
      '|',
    ),
    ...'|~null~true~True~0x1~1e3~1.50~-1~007~2026-01-01~.inf~text of words~a: b~|\n  x\n~>-\n  x\n   y\n\n  z\n'.split(
      '~',
    ),
    ...[
      '| \n',
      '|',
      '>',
      '|-\n',
      '---\n',
      '...\n',
      '\\n',
      '\\x',
      "''",
      '😀',
      'é',
      '\u2028',
      '__proto__: 1',
      'on',
    ],
  );
  const lines = fc
    .array(
      fc.oneof(
        pieces,
        fc.constantFrom(
          'a: 1\n',
          'b:\n',
          '  c: x\n',
          '  - d\n',
          '- e\n',
          '  { f: [g, "h"],\n    i: j }\n',
          'k: >\n  l\n  m\n',
        ),
      ),
      { maxLength: 12 },
    )
    .map((parts) => `${parts.join('')}\n`);
  let read = 0;
  fc.assert(
    fc.property(lines, (text) => {
      const plain = readPlainYaml(text);
      if (plain === null) return;
      read += 1;
      assert.deepEqual(plain, byLibrary(text), JSON.stringify(text));
    }),
    { numRuns: Number(process.env.PLAIN_YAML_RUNS ?? 2_000), seed: 7 },
  );
  assert.ok(read > 20, `only ${read} of the texts were read`);
});

test('a document of the catalogue with any piece put in, taken out or twice is read as the library reads it', () => {
  const texts = catalogue
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .filter(({ length }) => length < 1_500);
  const pieces = [
    ' ',
    '  ',
    '\n',
    ':',
    ': ',
    ' #',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    '- ',
    '|',
    '>',
    '&a ',
    '0',
    'null',
    '\t',
  ];
  const edited = fc
    .record({
      text: fc.constantFrom(...texts),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      piece: fc.constantFrom(...pieces),
      out: fc.nat(3),
    })
    .map(({ text, at, piece, out }) => {
      const place = Math.floor(at * text.length);
      return text.slice(0, place) + piece + text.slice(place + out);
    });
  fc.assert(
    fc.property(edited, (text) => {
      const plain = readPlainYaml(text);
      if (plain !== null) assert.deepEqual(plain, byLibrary(text), text);
    }),
    { numRuns: Number(process.env.PLAIN_YAML_EDITS ?? 150), seed: 7 },
  );
});

test('deep and long texts are left to the library in no time', () => {
  for (const text of [
    '['.repeat(100_000),
    '{a: '.repeat(50_000),
    '- - '.repeat(50_000),
    `${'"'.repeat(99_999)}`,
  ])
    assert.equal(readPlainYaml(`a: ${text}\n`), null);
  const many = `a:\n${'  - { b: 1 }\n'.repeat(20_000)}`;
  const item = { b: 1 };
  assert.deepEqual(readPlainYaml(many), { value: { a: Array.from({ length: 20_000 }, () => item) } });
});
