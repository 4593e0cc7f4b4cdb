import assert from 'node:assert/strict';
import test from 'node:test';
import { titleOf, typed } from './options.ts';

test('npm start takes an organisation on GitHub by itself, and beside a folder', async () => {
  const alone = (await typed(['--github', 'acme'])).estate;
  assert.equal(alone.folder, null);
  assert.deepEqual(
    alone.others.map(({ source, targets }) => [source, targets]),
    [['github', ['acme']]],
  );
  const both = await typed(['--estate', '/srv/code', '--github', 'acme', '--github', 'acme-labs']);
  assert.equal(both.estate.folder, '/srv/code');
  assert.deepEqual(both.estate.others[0]?.targets, ['acme', 'acme-labs']);
  assert.equal(titleOf(both.estate), 'code and acme and acme-labs');
  // Two estates never share what is kept of them unless somebody says so.
  assert.notEqual(both.folder, (await typed(['--estate', '/srv/code'])).folder);
});
