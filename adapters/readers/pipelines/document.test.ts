import assert from 'node:assert/strict';
import { test } from 'node:test';
import { child, entry, isInvalid, mergedEntries, parseYaml, textOf } from './document.ts';

function refused(text: string): { code: string; message: string; line?: number } {
  const result = parseYaml(text);
  assert.ok(isInvalid(result), 'the text is refused');
  return result;
}

test('every value knows its line and column, also with Windows line ends', () => {
  const document = parseYaml('on: push\r\njobs:\r\n  a:\r\n    name: "x" # why\r\n');
  assert.ok(!isInvalid(document));
  const job = child(child(document.root, 'jobs'), 'a');
  const name = entry(job, 'name');
  assert.deepEqual([name?.line, name?.col], [4, 5]);
  assert.deepEqual([name?.value.line, name?.value.col], [4, 11]);
  assert.equal(name?.value.type === 'scalar' ? name.value.comment : undefined, 'why');
});

test('a plain scalar keeps the text as written, a number included', () => {
  const document = parseYaml('version: 3.10\nflag: yes\n');
  assert.ok(!isInvalid(document));
  assert.equal(textOf(child(document.root, 'version')), '3.10');
  assert.equal(textOf(child(document.root, 'flag')), 'yes');
});

test('a text that was parsed is not parsed again, also after many others', () => {
  const text = 'a: [1, 2]\n';
  const first = parseYaml(text);
  assert.equal(parseYaml(`a: [1, ${2}]\n`), first);
  for (let n = 0; n < 60; n++) parseYaml(`n: ${n}\nlong: ${'x'.repeat(10_000)}\n`);
  // It is forgotten by then, and says the same.
  const again = parseYaml(text);
  assert.notEqual(again, first);
  assert.ok(!isInvalid(first) && !isInvalid(again));
  assert.deepEqual(again.root, first.root);
});

test('a duplicate key names itself and the line of its second place', () => {
  const { code, message, line } = refused('a:\n  b: 1\n  c: 2\n  b: 3\n');
  assert.deepEqual([code, message, line], ['yaml-invalid', 'key `b` is defined twice', 4]);
});

test('Ruby merges again and again, and what is written later wins; elsewhere the second `<<` is refused', () => {
  const text = `a: &a { image: A, x: 1 }\nb: &b { image: B, y: 3 }\none:\n  image: own\n  <<: *a\n  <<: *b\ntwo:\n  <<: [*a, *b]\n  x: 2\n`;
  assert.match(refused(text).message, /`<<` is defined twice/);
  const document = parseYaml(text, '<<');
  assert.ok(!isInvalid(document));
  const values = (key: string, inOrder: boolean) =>
    Object.fromEntries(
      mergedEntries(child(document.root, key), inOrder).map((each) => [each.key, textOf(each.value)]),
    );
  assert.deepEqual(values('one', true), { image: 'B', x: '1', y: '3' });
  assert.deepEqual(values('two', true), { image: 'A', x: '2', y: '3' });
  assert.deepEqual(values('one', false), { image: 'own', x: '1', y: '3' });
  assert.match(JSON.stringify(parseYaml('a: 1\na: 2\n', '<<')), /`a` is defined twice/);
});

test('tabs, several documents and keys that are no text are refused with their line', () => {
  assert.equal(refused('a:\n\tb: 1\n').line, 2);
  assert.equal(refused('a: 1\n---\nb: 2\n').line, 2);
  assert.match(refused('? [a, b]\n: 1\n').message, /not plain text/);
});

test('aliases are followed, and an alias bomb is refused before it is built', () => {
  const document = parseYaml('x: &env { A: 1 }\ny: *env\n');
  assert.ok(!isInvalid(document));
  assert.equal(textOf(child(child(document.root, 'y'), 'A')), '1');
  const rows = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 0; level < 12; level++) {
    const before = String.fromCharCode(97 + level);
    rows.push(
      `${String.fromCharCode(98 + level)}: &${String.fromCharCode(98 + level)} [${Array(10).fill(`*${before}`).join(', ')}]`,
    );
  }
  assert.equal(refused(rows.join('\n')).code, 'yaml-too-large');
});

test('an anchor that contains itself, and an alias without an anchor, are refused', () => {
  assert.match(refused('a: &a [*a]\n').message, /contains itself/);
  assert.match(refused('a: *nowhere\n').message, /nowhere/i);
});

test('deep nesting and size are limits, not crashes', () => {
  assert.match(refused('['.repeat(20_000)).code, /yaml-invalid/);
  assert.match(refused(`${'[ '.repeat(300)}${' ]'.repeat(300)}`).message, /nested more than 200/);
  assert.equal(refused('x'.repeat(2_000_000)).code, 'yaml-too-large');
});

test('tens of thousands of keys and of aliases are read', () => {
  const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n');
  const document = parseYaml(keys);
  assert.ok(!isInvalid(document));
  assert.equal(entry(document.root, 'k19999')?.line, 20_000);
  assert.ok(!isInvalid(parseYaml(`a: &a 1\n${keys.replaceAll(': 1', ': *a')}`)));
});
