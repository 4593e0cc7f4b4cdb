import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseObject } from './json.ts';

/** A text of JSON, and whether some object in it has a member twice. */
interface Written {
  readonly text: string;
  readonly twice: boolean;
}

const leaf = fc.constantFrom(
  ...[
    '1',
    '12',
    '1e3',
    '1E9',
    '1000',
    '1764360000',
    '1764360001',
    '0',
    '-5',
    '1.5',
    '1e21',
    '123456789012345678901',
  ],
  ...[
    '""',
    '"a"',
    '"a:b"',
    '"\\""',
    '"\\u0061"',
    '"é"',
    '"\ufffd"',
    '"😀"',
    'true',
    'false',
    'null',
    '[]',
    '{}',
  ],
);
const name = fc.constantFrom('"a"', '"b"', '"\\u0061"', '"exp"', '"__proto__"', '"é"', '"a:"');
const blank = fc.constantFrom('', '', '', '', ' ', '\n');
const isTwice = (names: readonly string[]) =>
  new Set(names.map((one) => JSON.parse(one))).size < names.length;

const written = fc.letrec<{ value: Written; list: Written; object: Written }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf.map((text) => ({ text, twice: false })),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 3 }).map((all) => ({
    text: `[${all.map(({ text }) => text).join(',')}]`,
    twice: all.some(({ twice }) => twice),
  })),
  object: fc
    .tuple(fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }), blank)
    .map(([members, space]) => ({
      text: `{${members.map(([own, { text }]) => `${own}:${space}${text}`).join(',')}}`,
      twice: isTwice(members.map(([own]) => own)) || members.some(([, { twice }]) => twice),
    })),
})).object;

test('exactly the objects in which each member stands once are read, as JSON.parse reads them', () => {
  fc.assert(
    fc.property(written, ({ text, twice }) => {
      const read = parseObject(Buffer.from(text));
      if (twice) assert.equal(read, null, text);
      else assert.deepEqual(read, JSON.parse(text), text);
    }),
    {
      numRuns: 5000,
      examples: [
        // As long as the one member of a billion and the one b, each written out: a number that is written shorter leaves room for a second b.
        [{ text: '{"n":1e9,"b":12,"b":1}', twice: true }],
        [{ text: '{"n":1e3,"b":1,"b":1}', twice: true }],
      ],
    },
  );
});

test('bytes that are no UTF-8 are no object, and the character that stands for them is one', () => {
  for (const bytes of [
    '7b2261223a22ff227d',
    '7b2261223a22c3227d',
    '7b2261223a22eda080227d',
    '7b22ff223a317d',
  ])
    assert.equal(parseObject(Buffer.from(bytes, 'hex')), null, bytes);
  assert.deepEqual(parseObject(Buffer.from('{"a":"\ufffd"}')), { a: '\ufffd' });
  assert.deepEqual(
    parseObject(Buffer.from('{"a":1}{"a":1,"a":1}'), 7),
    { a: 1 },
    'only what it is told to read',
  );
});
