/** What the README shows is tried as it stands there: the file of an estate, and a standard of one's own. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { startCommandLine } from '@macadam/testing/command-line';
import { git, working } from '@macadam/testing/readers/built-repository';

const folder = mkdtempSync(join(tmpdir(), 'macadam-readme-'));
const cli = startCommandLine();
after(() => rmSync(folder, { recursive: true, force: true }));
const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
const block = (of: RegExp) => blocks.find((text) => of.test(text)) ?? '';
const ESTATE = block(/^catalogue:/m);
const STANDARD = block(/^check:/m);
const run = (...args: readonly string[]) =>
  cli.run({ args, cwd: folder, env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') } });

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Verdicts of one standard, by repository. */
function verdicts(standard: string): Readonly<Record<string, string>> {
  const { stdout, stderr } = run('scan', '.', '--standard', standard, '--format', 'json', '--quiet');
  assert.doesNotMatch(stderr, /macadam\.yaml:/, stderr);
  const scan = JSON.parse(stdout);
  const [figures] = scan.standards;
  const found = scan.findings.map((one: { asset: { name: string }; verdict: string }) => [
    one.asset.name,
    one.verdict,
  ]);
  return { ...Object.fromEntries(found), passed: String(figures.pass) };
}

test('the table of commands names every command that the command line has, and no other', () => {
  const [, listed = ''] = run('--help').stdout.split('Commands:\n');
  const commands = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
  assert.ok(commands.includes('scan'));
  const [, table = ''] = /^\| command .*\n\| -.*\n((?:\|.*\n)+)/m.exec(readme) ?? [];
  const named = table
    .split('\n')
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)/g)].map(([, name]) => name));
  assert.deepEqual([...new Set(named)].sort(), commands.filter((name) => name !== 'help').sort());
});

test('the file of an estate, and one file for a standard without code', () => {
  working(join(folder, 'told'), { 'SECURITY.md': 'Write to us.\n' });
  working(join(folder, 'hidden'), { '.github/SECURITY.md': 'Write to us.\n' });
  working(join(folder, 'silent'), { 'docs/SECURITY.md': 'Write to us.\n', 'a/SECURITY.md': 'x\n' });
  write('macadam.yaml', ESTATE);
  write('org.yaml', 'people: []\n');
  const [, path = ''] = /^# (\S+)$/m.exec(STANDARD) ?? [];
  assert.match(path, /^security\//);
  write(path, STANDARD);
  assert.deepEqual(verdicts('security-contact'), { passed: '2', silent: 'fail' });
  git(join(folder, 'silent'), ['mv', 'docs/SECURITY.md', 'SECURITY.md']);
  git(join(folder, 'silent'), ['commit', '-qm', 'found at last']);
  assert.deepEqual(verdicts('security-contact'), { passed: '3' });
  const explained = run('explain', 'security-contact', '.');
  assert.match(explained.stdout, /Whoever finds a vulnerability has to know whom to tell/);
  assert.match(run('test', 'security-contact').stdout, /^ok {3}security-contact/m);
  assert.match(run('catalogue').stdout, /security-contact/);
});

test('`macadam new` makes the folder that macadam.yaml names, and what it writes is true as it stands', () => {
  rmSync(join(folder, 'security'), { recursive: true });
  assert.equal(run('new', 'standard', 'described').status, 0);
  assert.deepEqual(verdicts('described'), { passed: '0', told: 'fail', hidden: 'fail', silent: 'fail' });
  working(join(folder, 'good'), { 'README.md': 'What it is for\n' });
  assert.equal(verdicts('described').passed, '1');
});

test('a mistake in a single file has its line, and stops no other standard', () => {
  write('security/odd.yaml', STANDARD.replace("asset.files['SECURITY.md']", 'asset.fils'));
  const { stderr, stdout } = run('scan', '.', '--quiet');
  assert.match(stderr, /security\/odd\.yaml:5:\d+: `check`: .*fils/);
  assert.match(stdout, /repository-owned|Every repository/);
});

test('a name that nobody asks for is unknown, in whatever way it is asked', () => {
  write('security/odd.yaml', STANDARD.replace(/^check:.*$/m, "check: asset.files[asset.path + '.md']"));
  assert.equal(verdicts('odd').told, 'unknown');
  write(
    'security/odd.yaml',
    `${STANDARD.replace(/^check:.*$/m, 'check: params.names.exists(name, asset.files[name])')}params: { names: ['**/SECURITY.md'] }\n`,
  );
  assert.deepEqual(verdicts('odd'), { passed: '3', good: 'fail' });
});
