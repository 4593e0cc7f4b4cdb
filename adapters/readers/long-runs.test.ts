/**
 * Files of megabytes of one character, which nobody writes but whoever wants to stop the one who reads them. A pattern that begins anew at each of
 * them goes through the rest each time: for five megabytes that is hours.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markupText } from '@macadam/core/text/markup';
import { readPlainYaml } from '@macadam/core/text/plain-yaml';
import { remoteOf } from '../sources/git/places.ts';
import { formatOf } from './dependencies/formats.ts';
import { READ_LIMIT } from './git/snapshot.ts';

const long = (text: string): string => text.repeat(READ_LIMIT / text.length);

for (const [path, begin, repeated] of [
  ['Gemfile', '', '\n'],
  ['Podfile', '', '\n'],
  ['build.gradle', 'compile', ' '],
  ['build.gradle', '', 'compile '],
  ['requirements.txt', 'https://example.test/x.whl#', '#'],
  ['requirements.txt', 'git+https://example.test/x#', '#'],
  ['go.mod', 'require example.test/x v1.0.0 ', '/'],
  ['pyproject.toml', '', '['],
  ['pyproject.toml', '[', ' '],
  ['pnpm-lock.yaml', "lockfileVersion: '5.4'\ndependencies:\n  ", '.'],
  ['package.json', '{"dependencies":{"a":"a/', '#'],
] as const)
  test(`${path} of megabytes of ${JSON.stringify(repeated)} is read to its end`, () => {
    const format = formatOf(path);
    assert.ok(format);
    const text = `${begin}${long(repeated)}\n!`;
    const { packages, problems } = format.parse(text, path, new Map());
    assert.ok(packages.length + problems.length < READ_LIMIT);
  });

test('YAML, and markup that somebody posts, of megabytes of one character are read to their end', () => {
  assert.deepEqual(readPlainYaml(`a: b${long(' ')}# c\n`)?.value, { a: 'b' });
  const apart = `b${long(' ')}c`;
  assert.deepEqual(readPlainYaml(`a: ${apart}\n`)?.value, { a: apart });
  assert.equal(readPlainYaml(`a:${long(' ')}\u2028`), null);
  assert.equal(markupText(`<b>x</b>${long('<')}`), `x${long('<')}`);
  assert.equal(markupText(`<b>x</b>${long('<br ')}`), `x${long('<br ')}`);
});

test('the configuration of a repository, of a megabyte of blank lines, is read to its end', async () => {
  const lines = '\n'.repeat(2 ** 20);
  const config = `[remote "a"]\n${lines}url = "https://example.test/a.git"\n${lines}!`;
  const folders = {
    roots: [],
    directory: async () => assert.fail('its configuration is all that is asked for'),
    config: async () => config,
  };
  assert.equal(await remoteOf('/a', folders), 'https://example.test/a.git');
});
