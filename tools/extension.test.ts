/** A standard, a kind or a source is one folder: added and removed in a copy of the repository, with no other edit. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '..');
const copy = mkdtempSync(join(tmpdir(), 'macadam-extension-'));
after(() => rmSync(copy, { recursive: true, force: true }));
for (const part of [
  'apps',
  'adapters',
  'services',
  'simulation',
  'testing',
  'core',
  'paved',
  'kinds',
  'standards',
  'frameworks',
  'tools',
  'package.json',
]) {
  if (existsSync(join(root, part))) cpSync(join(root, part), join(copy, part), { recursive: true });
}
// The workspace's own packages have to come from the copy, everything else may come from here.
const modules = join(copy, 'node_modules');
cpSync(join(root, 'node_modules', '@macadam'), join(modules, '@macadam'), {
  recursive: true,
  verbatimSymlinks: true,
});
for (const name of readdirSync(join(root, 'node_modules'))) {
  if (name !== '@macadam') symlinkSync(join(root, 'node_modules', name), join(modules, name));
}

function macadam(...args: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['apps/cli/main.ts', ...args], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { status, text: stdout + stderr };
}

test('a standard: new, its laws hold, rm -r, and the catalogue is as before', () => {
  const before = macadam('catalogue');
  assert.equal(before.status, 0, before.text);
  assert.equal(macadam('new', 'standard', 'things-are-so').status, 0);
  const laws = macadam('test', 'things-are-so');
  assert.match(laws.text, /ok {3}things-are-so/);
  assert.equal(laws.status, 0, laws.text);
  assert.match(macadam('catalogue').text, /things-are-so/);
  rmSync(join(copy, 'standards/engineering/things-are-so'), { recursive: true });
  assert.deepEqual(macadam('catalogue'), before);
});

test('any standard of the catalogue can be removed', () => {
  const [first = ''] = readdirSync(join(copy, 'standards/engineering'));
  cpSync(join(copy, 'standards/engineering', first), join(copy, 'kept'), { recursive: true });
  rmSync(join(copy, 'standards/engineering', first), { recursive: true });
  const without = macadam('catalogue');
  assert.equal(without.status, 0, without.text);
  assert.doesNotMatch(without.text, new RegExp(`^ {2}${first} `, 'm'));
  cpSync(join(copy, 'kept'), join(copy, 'standards/engineering', first), { recursive: true });
});

test('a kind: new, it loads, and it can be removed', () => {
  const before = macadam('catalogue');
  assert.equal(macadam('new', 'kind', 'spare-key').status, 0);
  const kinds = Number(/over (\d+) kinds/.exec(before.text)?.[1]);
  assert.match(macadam('catalogue').text, new RegExp(`over ${kinds + 1} kinds`));
  rmSync(join(copy, 'kinds/spare-key.yaml'));
  assert.deepEqual(macadam('catalogue'), before);
});

test('a source: new, its tests pass, it appears as an option, and it can be removed', () => {
  assert.equal(macadam('new', 'source', 'spreadsheet').status, 0);
  assert.match(macadam('scan', '--help').text, /--spreadsheet <FILE/);
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--test', 'adapters/sources/spreadsheet/source.test.ts'],
    {
      cwd: copy,
      encoding: 'utf8',
      env: { ...process.env, NODE_TEST_CONTEXT: '' },
    },
  );
  assert.equal(status, 0, stdout);
  rmSync(join(copy, 'adapters/sources/spreadsheet'), { recursive: true });
  assert.doesNotMatch(macadam('scan', '--help').text, /spreadsheet/);
});

test('any source can be removed', () => {
  rmSync(join(copy, 'adapters/sources/github'), { recursive: true });
  const help = macadam('scan', '--help');
  assert.equal(help.status, 0, help.text);
  assert.doesNotMatch(help.text, /--github/);
});
