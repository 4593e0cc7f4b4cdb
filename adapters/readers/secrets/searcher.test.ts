/** What threads find is what this one would have found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretsInText } from './scan.ts';
import { searchFiles } from './searcher.ts';

/** Put together here, so that this file holds none. */
const secret = (end: string) => `gh${'p_'}${'x7Kd93LmQ2vB8nR5tYw1ZcF4hJ6sUa0e'}${end}`;
const file = (text: string) => ({ path: 'src/a.ts', bytes: new TextEncoder().encode(text) });
/** Bytes of a repository for which threads are started. */
const MUCH = 32 * 2 ** 20;
const TEXTS = [
  `const a = '${secret('aaaa')}';\n`,
  'no secret, but Größe and 🙂\n'.repeat(40_000),
  '',
  `\n\nconst b = '${secret('bbbb')}'; // 🙂\n`,
];

test('much that is searched in parts, by threads and by this one, is searched as one text after another', async () => {
  const expected = TEXTS.map((text) => secretsInText(text, 'src/a.ts'));
  assert.ok(expected[0]?.secrets.length === 1 && expected[3]?.secrets.length === 1);
  const files = [...TEXTS.map(file), { path: 'a.bin', bytes: new Uint8Array([1, 0, 2]) }];
  const found = await Promise.all(Array.from({ length: 12 }, () => searchFiles(files, MUCH)));
  for (const one of found) assert.deepEqual(one, [...expected, 'binary']);
  // Again, with threads that have nothing to do.
  assert.deepEqual(await searchFiles(files, MUCH), [...expected, 'binary']);
  assert.deepEqual(await searchFiles([], 0), []);
});
