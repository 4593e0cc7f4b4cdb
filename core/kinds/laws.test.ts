import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFileDiagnostic } from '../text/diagnostic.ts';
import { readDocument } from '../text/document.ts';
import { kindSchema } from './kind.ts';

const description = 'description: Something that a test says.';
const kind = (attributes: string, more = '') => `kind: thing
description: A thing that exists in a test.
fresh_for: 7d
${/^key:/m.test(more) ? '' : 'key: [id]\n'}attributes:
  id: { type: string, ${description} }
${attributes}
${more}`;

/** `line: field: reason` of every mistake in a kind's text. */
function mistakes(text: string): string[] {
  const read = readDocument(text, 'kinds/thing.yaml', kindSchema);
  return 'mistakes' in read
    ? read.mistakes.map((one) => describeFileDiagnostic(one).replace('kinds/thing.yaml:', ''))
    : [];
}

const cases: readonly (readonly [
  what: string,
  attributes: string,
  more: string,
  expected: readonly RegExp[],
])[] = [
  ['a kind without mistakes', '', '', []],
  [
    'key: names of single values that are always there, once',
    `  a: { type: string, optional: true, ${description} }\n  l: { type: list, ${description} }\n  p: { type: string, set_by: approval, ${description} }`,
    'key: [id, id, idd, a, l, p]',
    [
      /`id` stands twice/,
      /no attribute `idd`, did you mean `id`\?/,
      /`a` is optional/,
      /`l` is a list/,
      /`p` is set by approval/,
    ],
  ],
  [
    'element_key: a field of the elements that is always there',
    `  a: { type: list, element_key: nam, of: { name: string }, ${description} }`.replace(
      'string }',
      '{ type: string } }',
    ) +
      `\n  b: { type: list, element_key: name, of: { name: { type: string, optional: true } }, ${description} }` +
      `\n  c: { type: list, element_key: name, of: { name: { type: list } }, ${description} }` +
      `\n  d: { type: string, element_key: name, ${description} }`,
    '',
    [
      /^7:.*`attributes.a.element_key`.*did you mean `name`/,
      /^8:.*`name` is optional/,
      /^9:.*`name` is a list/,
      /^10:.*no field `name`/,
    ],
  ],
  [
    'authority: the id of a source',
    `  a: { type: string, authority: "The HR system", ${description} }\n  b: { type: string, set_by: approval, authority: hr, ${description} }`,
    '',
    [/`attributes.a.authority`: the id of a source/, /^8:.*only an approval sets it/],
  ],
  [
    'enum: each word once, in elements too',
    `  a: { type: "enum(x, y, x)", ${description} }\n  b: { type: list, of: "enum(x, x)", ${description} }\n  c: { type: list, of: { k: { type: "enum(z, z)" } }, ${description} }`,
    '',
    [
      /`attributes.a.type`: `x` stands twice/,
      /`attributes.b.of`: `x` stands twice/,
      /`attributes.c.of.k.type`: `z` stands twice/,
    ],
  ],
  [
    'window: only where "there is none" is an answer that depends on it',
    `  a: { type: timestamp, window: 90d, ${description} }\n  b: { type: timestamp, optional: true, immutable: true, window: 90d, ${description} }\n` +
      `  c: { type: bool, set_by: approval, window: 90d, ${description} }\n  d: { type: timestamp, optional: true, window: 90d, ${description} }\n  e: { type: list, window: 90d, ${description} }\n  f: { type: int, window: 90d, ${description} }`,
    '',
    [/^7:.*make it optional/, /^8:.*never changes/, /^9:.*only an approval sets it/],
  ],
  [
    'born: an immutable timestamp',
    `  a: { type: timestamp, immutable: true, optional: true, ${description} }`,
    'born: a',
    [],
  ],
  [
    'born: an attribute',
    `  at: { type: timestamp, ${description} }`,
    'born: att',
    [/`born`: .*did you mean `at`/],
  ],
  ['born: a timestamp', '', 'born: id', [/`born`: `id` is a string: an asset begins at a timestamp/]],
  ['born: of what stays', `  a: { type: timestamp, ${description} }`, 'born: a', [/`born`: `a` may change/]],
  [
    'of, fields, at_most: where there are elements or fields, and said in full',
    `  a: { type: string, of: int, ${description} }\n  b: { type: list, fields: { x: { type: int } }, ${description} }\n  c: { type: record, ${description} }\n` +
      `  d: { type: bool, at_most: 3, ${description} }\n  e: { type: list, of: list, ${description} }`,
    '',
    [
      /^7:.*a string has no elements/,
      /^8:.*say `of` with the fields/,
      /^9:.*a record needs `fields`/,
      /^10:.*no elements that could be counted/,
      /^11:.*does not say what is in it/,
    ],
  ],
  [
    'relations: held by a string or a list of strings',
    `  n: { type: int, ${description} }\n  l: { type: list, of: int, ${description} }\n  s: { type: list, ${description} }`,
    'relations:\n  a: { to: thing, by: n }\n  b: { to: thing, by: l }\n  c: { to: thing, by: s }\n  d: { to: thing, by: i }',
    [
      /`relations.a.by`: `n` is a int/,
      /`relations.b.by`: `l` is a list: a reference/,
      /`relations.d.by`: the kind has no attribute `i`/,
    ],
  ],
];

for (const [what, attributes, more, expected] of cases)
  test(what, () => {
    const found = mistakes(kind(attributes, more));
    assert.equal(found.length, expected.length, found.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
  });

test('migrations: in order, leading to what the kind has, with expressions of the right type', () => {
  const found = mistakes(
    kind(
      `  size: { type: int, ${description} }\n  parts: { type: list, of: { name: { type: string } }, ${description} }`,
      `migrations:
  - version: 3
    why: It has other names now.
    rename: { old: siez, "parts[]": x, "parts[].label": name }
    drop: { "parts[]": It never said anything. }
  - version: 3
    why: It is counted now.
    convert:
      size: { from: string, to: int, by: "size(value" }
      id: { from: int, to: string, by: value }
      parts: { from: string, to: { type: list, of: { name: { type: string } } }, by: "[]" }
      gone: { from: int, to: int, by: value + 1 }
    element_key: { size: It was never a list. }`,
    ),
  );
  for (const pattern of [
    /`migrations.0.version`: versions count up: this one is 2/,
    /`migrations.0.rename.old`: the kind has no `siez`/,
    /`migrations.0.rename.parts\[\]`: an element has no name/,
    /`migrations.0.drop.parts\[\]`: elements cannot go/,
    /^17:.*`migrations.1.convert.size.by`: /,
    /`migrations.1.convert.id.by`: .*int/,
    /`migrations.1.convert.parts.to`: an expression cannot make records/,
    /`migrations.1.convert.gone`: the kind has no `gone`/,
    /`migrations.1.element_key.size`: the kind has no list `size`/,
  ])
    assert.match(found.join('\n'), new RegExp(pattern.source, 'm'));
});
