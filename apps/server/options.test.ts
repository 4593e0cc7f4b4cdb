import assert from 'node:assert/strict';
import { basename } from 'node:path';
import test from 'node:test';
import { titleOf, typed, WrongOption } from './options.ts';

test('npm start takes an organisation on GitHub by itself, and beside a folder', async () => {
  const alone = (await typed(['--github', 'acme'])).estate;
  assert.equal(alone.folder, null);
  assert.deepEqual(
    alone.others.map(({ source, targets }) => [source, targets]),
    [['github', ['acme']]],
  );
  const code = import.meta.dirname;
  const both = await typed(['--estate', code, '--github', 'acme', '--github', 'acme-labs']);
  assert.equal(both.estate.folder, code);
  assert.deepEqual(both.estate.others[0]?.targets, ['acme', 'acme-labs']);
  assert.equal(titleOf(both.estate), `${basename(code)} and acme and acme-labs`);
  // Two estates never share what is kept of them unless somebody says so.
  assert.notEqual(both.folder, (await typed(['--estate', code])).folder);
});

test('what cannot be done says why, and what is not known gives the usage', async () => {
  const why = async (...args: readonly string[]): Promise<string> => {
    const error = await typed(args).then(
      () => null,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof WrongOption, args.join(' '));
    return error.lines.join('\n');
  };
  assert.match(await why('--port', 'eighty'), /^--port: give a number from 0 to 65535$/);
  assert.match(await why('--simulate', 'huge'), /--simulate: give one of small, report/);
  for (const origin of ['http://macadam.example', 'ftp://localhost'])
    assert.match(await why('--origin', origin), /--origin: .*give an https address/);
  assert.match(await why('--prot', '80'), /--prot[\s\S]*npm start \[-- --estate DIR\]/);
});
