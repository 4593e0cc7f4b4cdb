import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDocument } from 'yaml';
import { parsePlain, parseYaml, type YamlNode } from './yaml.ts';

const plain = (node: YamlNode): unknown =>
  node instanceof Map
    ? Object.fromEntries([...node].map(([key, { value }]) => [key, plain(value)]))
    : Array.isArray(node)
      ? node.map(plain)
      : node;

const full = (text: string): unknown => {
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent' });
  return document.errors.length > 0 ? 'invalid' : nulls(document.toJS());
};

const nulls = (value: unknown): unknown =>
  value === null || value === undefined
    ? ''
    : Array.isArray(value)
      ? value.map(nulls)
      : typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, nulls(inner)]))
        : value;

test('what the plain reader accepts, it reads as the full parser does', () => {
  const scalar = fc.constantFrom(
    'x',
    '1.10',
    "'a: b'",
    '"q\\"x"',
    "''",
    'a#b',
    'a@1.0(b@2)',
    '{a: b, c: [d]}',
    '[x, "y"]',
    '{}',
    '- x',
    'a # c',
    '*x',
    '&x y',
    '!!t',
    '? q',
    'true',
    'x:',
    ': y',
    'http://e/x',
    '{a:b}',
    '[a,',
    '~',
    'a: b',
  );
  const key = fc.constantFrom('a', 'b', "'@s/x@1'", '"q"', '/x/1', 'c d', '<<', '- a', '# n');
  const line = fc.record({ indent: fc.constantFrom(0, 0, 2, 2, 4, 3), key, value: fc.option(scalar) });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 7 }), (lines) => {
      const text = lines
        .map(
          ({ indent, key: name, value }) =>
            `${' '.repeat(indent)}${name}:${value === null ? '' : ` ${value}`}`,
        )
        .join('\n');
      const read = parsePlain(text);
      if (read !== undefined) assert.deepEqual(plain(read), full(text), text);
    }),
    { numRuns: 4000 },
  );
});

test('lines are those of the keys', () => {
  const parsed = parseYaml('# c\na:\n  b: 1\n\n  c: {d: 2}\n');
  assert.ok('value' in parsed && parsed.value instanceof Map);
  const a = parsed.value.get('a');
  assert.equal(a?.line, 2);
  assert.ok(a?.value instanceof Map);
  assert.deepEqual(
    [...a.value].map(([key, { line }]) => `${key}:${line}`),
    ['b:3', 'c:5'],
  );
});

test('a text in another style is read by the full parser', () => {
  const parsed = parseYaml('a: &x\n  b: 1\nc: *x\n');
  assert.ok('value' in parsed);
  assert.deepEqual(plain(parsed.value), { a: { b: '1' }, c: { b: '1' } });
});
