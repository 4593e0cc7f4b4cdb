import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { describeFileDiagnostic } from './diagnostic.ts';
import { readDocument } from './document.ts';

const schema = z.strictObject({
  name: z.string(),
  size: z.number().optional(),
  parts: z.array(z.strictObject({ id: z.string() })).default([]),
  more: z.record(z.string(), z.string()).default({}),
});

function mistakes(text: string): readonly string[] {
  const read = readDocument(text, 'a.yaml', schema);
  return 'mistakes' in read ? read.mistakes.map(describeFileDiagnostic) : [];
}

test('a document gives its value and the line of every part', () => {
  const read = readDocument('name: a\nparts:\n  - id: x\n  - id: y\n', 'a.yaml', schema);
  assert.ok('value' in read);
  assert.deepEqual(read.value, { name: 'a', parts: [{ id: 'x' }, { id: 'y' }], more: {} });
  assert.deepEqual(
    [['name'], ['parts'], ['parts', 1, 'id'], ['parts', 1, 'gone']].map(read.lineOf),
    [1, 2, 4, 4],
  );
});

test('a place inside a text is one in the file, wherever the text stands as it reads', () => {
  const text = [
    'name: "a < b"',
    'more:',
    '  plain: a.b == c',
    '  quoted: "say \\"x\\""',
    '  block: |-',
    '    first',
    '      && second',
    '  folded: >-',
    '    one',
    '    two',
    '',
  ].join('\n');
  const read = readDocument(text, 'a.yaml', schema);
  assert.ok('value' in read);
  const { within } = read;
  assert.deepEqual(within(['name'], { line: 1, column: 3 }), { line: 1, column: 10 });
  assert.deepEqual(within(['more', 'plain'], { line: 1, column: 3 }), { line: 3, column: 12 });
  assert.deepEqual(within(['more', 'block'], { line: 2, column: 6 }), { line: 7, column: 10 });
  // Escapes and folded lines do not stand as they read.
  assert.equal(within(['more', 'quoted'], { line: 1, column: 3 }), null);
  assert.equal(within(['more', 'folded'], { line: 1, column: 3 }), null);
  assert.equal(within(['more'], { line: 1, column: 1 }), null);
});

test('every mistake is placed, with the nearest right name', () => {
  assert.deepEqual(mistakes('name: 1\nsizes: 2\nparts:\n  - { id: 3 }\n'), [
    'a.yaml:1:1: `name`: it is not a text; write a text',
    'a.yaml:4:7: `parts.0.id`: it is not a text; write a text',
    'a.yaml:2:1: `sizes`: there is no such field, did you mean `size`?',
  ]);
});

test('a mistake below an alias is placed where the alias points', () => {
  assert.deepEqual(mistakes('parts:\n  - &p { id: 1 }\n  - *p\nname: a\n'), [
    'a.yaml:2:10: `parts.0.id`: it is not a text; write a text',
    'a.yaml:2:10: `parts.1.id`: it is not a text; write a text',
  ]);
});

test('a key that stands twice is a mistake at its second place', () => {
  assert.deepEqual(mistakes('name: a\nmore:\n  x: b\n  y: c\n  x: d\n'), [
    'a.yaml:5:3: not valid YAML: `x` stands twice in one map',
  ]);
});

test('a key that is no word is a mistake', () => {
  assert.deepEqual(mistakes('name: a\nmore:\n  ? [b]\n  : c\n'), [
    'a.yaml:3:5: not valid YAML: a key is a word, not a list or a map',
  ]);
});

test('what is hostile is refused in a few words', () => {
  for (const text of ['['.repeat(20_000), '- '.repeat(5000), `${'{a: '.repeat(3000)}1${'}'.repeat(3000)}`]) {
    assert.match(
      mistakes(text).join(),
      /^a\.yaml:\d+:\d+: not valid YAML: it is nested too deeply to be read$/,
    );
  }
  const many = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n');
  const read = mistakes(`name: a\n${many}\n`);
  assert.equal(read.length, 101);
  assert.match(read.at(-1) ?? '', /:102:1: and 19900 more mistakes from here on$/);
  const bomb = `name: &a [x]\n${Array.from({ length: 200 }, (_, index) => `k${index}: *a`).join('\n')}`;
  assert.deepEqual(mistakes(bomb), [
    'a.yaml:1:1: Excessive alias count indicates a resource exhaustion attack',
  ]);
});
