import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { startCommandLine } from '@macadam/testing/command-line';

const commandLine = startCommandLine();

const MAIN = join(import.meta.dirname, 'main.ts');
const PINNED = '1'.repeat(40);
const WORKFLOW = `on: push
permissions: {}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
`;

function git(folder: string, ...words: readonly string[]): void {
  const result = spawnSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
  });
  assert.equal(result.status, 0, result.stderr);
}

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-cli-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function repository(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '--quiet', '-b', 'main');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '-m', 'x');
}

function macadam(
  cwd: string,
  ...words: readonly string[]
): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = commandLine.run({ args: words, cwd });
  assert.doesNotMatch(stderr, /^\s+at /m, 'nobody is shown a stack trace');
  return { code: status, out: stdout, err: stderr };
}

test('a folder without a repository is no pass, and says where the repository is', (context) => {
  const folder = folderOf(context);
  mkdirSync(join(folder, 'plain'));
  repository(join(folder, 'one'), { 'docs/a.md': 'x' });
  const plain = macadam(folder, 'scan', 'plain');
  assert.equal(plain.code, 2);
  assert.match(plain.err, /there is no git repository in `plain` or below it; name a folder that holds some/);
  const inside = macadam(join(folder, 'one', 'docs'), 'scan');
  assert.equal(inside.code, 2);
  assert.match(inside.err, /it lies inside of `.*one`: name that/);
});

test('a folder that holds nothing but links out of it is no pass, and every link is named', (context) => {
  const folder = folderOf(context);
  mkdirSync(join(folder, 'links'));
  for (const name of ['one', 'two']) {
    repository(join(folder, name), { 'docs/a.md': 'x' });
    symlinkSync(join(folder, name), join(folder, 'links', name));
  }
  const links = macadam(folder, 'scan', 'links');
  assert.equal(links.code, 2);
  assert.match(links.err, /there is no git repository in `links` or below it/);
  for (const name of ['one', 'two'])
    assert.match(
      links.err,
      new RegExp(
        `"${name}" is a link to a repository outside of the folder and is not measured; name that folder`,
      ),
    );
  assert.notEqual(macadam(folder, 'scan', 'links', 'one', '--soft-fail', '--quiet').code, 2);
});

test('a fix of nothing, of what is excluded and of a bare repository says so', (context) => {
  const folder = folderOf(context);
  mkdirSync(join(folder, 'plain'));
  const none = macadam(folder, 'fix', 'plain');
  assert.equal(none.code, 2);
  assert.match(none.err, /there is no git repository in `plain` or below it/);
  const manifest = '{"dependencies":{"left-pad":"^1.0.0"}}';
  repository(join(folder, 'one'), {
    'macadam.yaml': 'excludes: ["third_party/**"]',
    'package.json': manifest,
    'third_party/a/package.json': manifest,
  });
  const words = ['--standard', 'dependencies-updated-automatically'];
  const one = macadam(folder, 'fix', 'one', '--dry-run', ...words);
  assert.match(one.out, /package-ecosystem: npm/);
  assert.doesNotMatch(one.out, /third_party/);
  git(folder, 'clone', '--quiet', '--bare', 'one', 'one.git');
  const { err } = macadam(folder, 'fix', 'one.git', ...words);
  assert.match(err, /would change 1 file of bare repositories: apply the patch in a working copy/);
});

test('--staged in a hook reads the index of the commit that is being made', (context) => {
  const folder = folderOf(context);
  repository(folder, { '.github/workflows/ci.yml': 'on: push\n' });
  const hook = join(folder, '.git/hooks/pre-commit');
  mkdirSync(dirname(hook), { recursive: true });
  const words = 'scan --quiet --staged --standard pipeline-uses-pinned';
  writeFileSync(hook, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' ${words} >&2\n`);
  chmodSync(hook, 0o755);
  writeFileSync(join(folder, '.github/workflows/ci.yml'), WORKFLOW);
  for (const named of [['--all'], ['.github/workflows/ci.yml']]) {
    const result = spawnSync(
      'git',
      ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-m', 'y', ...named],
      {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
      },
    );
    assert.equal(result.status, 1, result.stderr);
    assert.match(result.stderr, /1 reference names a tag or branch/);
  }
});

test('a damaged baseline is refused with the field', (context) => {
  const folder = folderOf(context);
  repository(folder, { a: 'x' });
  const file = join(folder, 'earlier.json');
  writeFileSync(
    file,
    JSON.stringify({ schema: 'macadam.scan/1', collectedAt: 0, standards: [], findings: [] }),
  );
  const { code, err } = macadam(folder, 'scan', '--baseline', file);
  assert.equal(code, 2);
  assert.match(err, /is damaged: `collectedAt`: .*; write it again/);
});

test('each command that a scan of several folders prints names the folder of its finding', (context) => {
  const folder = folderOf(context);
  for (const name of ['a', 'b', 'x/a', '-c'])
    repository(join(folder, name), { '.github/workflows/ci.yml': WORKFLOW });
  const commands = (...words: readonly string[]) =>
    macadam(folder, 'scan', ...words, '--standard', 'pipeline-uses-pinned')
      .out.split('\n')
      .flatMap((line) => /^ {2}→ macadam fix (\S+) --standard/.exec(line)?.[1] ?? []);
  assert.deepEqual(commands('a', 'b').toSorted(), ['a', 'b']);
  assert.deepEqual(commands('a', 'x/a').toSorted(), ['a', 'x/a']);
  assert.deepEqual(commands('b', './-c').toSorted(), ['./-c', 'b']);
});

test('a fix takes one commit from the command line, keeps the mode, and changes nothing twice', (context) => {
  const folder = folderOf(context);
  repository(folder, { '.github/workflows/ci.yml': WORKFLOW });
  const file = join(folder, '.github/workflows/ci.yml');
  chmodSync(file, 0o755);
  const words = ['fix', '--standard', 'pipeline-uses-pinned', '--resolve', `actions/checkout@v4=${PINNED}`];
  assert.match(macadam(folder, ...words).err, /changed 1 file/);
  assert.match(readFileSync(file, 'utf8'), new RegExp(`actions/checkout@${PINNED} # v4`));
  assert.equal(statSync(file).mode & 0o777, 0o755);
  git(folder, 'commit', '--quiet', '--all', '-m', 'y');
  assert.match(macadam(folder, ...words).err, /nothing to change/);
});

test('a pin says which version it is, never a branch, and what verifies its own tag stays on it', (context) => {
  const folder = folderOf(context);
  const [main, tip, tag] = ['2'.repeat(40), '3'.repeat(40), '4'.repeat(40)];
  const slsa = 'slsa-framework/slsa-github-generator';
  repository(folder, {
    '.github/workflows/ci.yml': `${WORKFLOW}      - uses: acme/known@main # main
      - uses: acme/unknown@main
      - uses: acme/moving@v3 # pinned by hand
  provenance:
    uses: ${slsa}/.github/workflows/generator_generic_slsa3.yml@v2.1.0
`,
    'commits.json': JSON.stringify({
      'actions/checkout@v4': PINNED,
      'acme/known@main': main,
      'acme/known@v1.2.3': main,
      'acme/known@v1': main,
      'acme/unknown@main': tip,
      'acme/moving@v3': tag,
      'acme/moving@v3.0.1': tag,
      [`${slsa}@v2.1.0`]: tip,
    }),
  });
  const fixed = macadam(folder, 'fix', '--standard', 'pipeline-uses-pinned', '--resolve', 'commits.json');
  const text = readFileSync(join(folder, '.github/workflows/ci.yml'), 'utf8');
  assert.match(text, new RegExp(`actions/checkout@${PINNED} # v4\n`));
  assert.match(text, new RegExp(`acme/known@${main} # v1\\.2\\.3\n`));
  assert.match(text, new RegExp(`acme/moving@${tag} # v3\\.0\\.1 # pinned by hand\n`));
  assert.match(text, /acme\/unknown@main\n/);
  assert.match(fixed.err + fixed.out, /`main` is a branch, and no version of acme\/unknown names/);
  assert.match(text, /generator_generic_slsa3\.yml@v2\.1\.0\n/);
});

test('a fix writes nothing through a link, not even with --force', (context) => {
  const folder = folderOf(context);
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  mkdirSync(join(folder, 'one'));
  symlinkSync(outside, join(folder, 'one', '.github'));
  repository(join(folder, 'one'), { 'package.json': '{"dependencies":{"left-pad":"^1.0.0"}}' });
  const { err } = macadam(
    join(folder, 'one'),
    'fix',
    '--force',
    '--standard',
    'dependencies-updated-automatically',
  );
  assert.match(err, /dependabot\.yml is reached through a symbolic link and is left alone/);
  assert.deepEqual(readdirSync(outside), []);
});

test('a fix makes no second file of a name that is not UTF-8', (context) => {
  const folder = folderOf(context);
  repository(folder, { a: 'x' });
  const name = Buffer.concat([
    Buffer.from(join(folder, '.github/workflows/')),
    Buffer.from([0xff]),
    Buffer.from('.yml'),
  ]);
  mkdirSync(join(folder, '.github/workflows'), { recursive: true });
  writeFileSync(name, WORKFLOW);
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '-m', 'y');
  const { err } = macadam(folder, 'fix', '--resolve', `actions/checkout@v4=${PINNED}`);
  assert.match(err, /has a name that is not UTF-8 and is left alone/);
  assert.equal(readdirSync(join(folder, '.github/workflows')).length, 1);
});

test('a scaffold of a name that is taken is refused before anything is written', (context) => {
  const folder = folderOf(context);
  writeFileSync(join(folder, 'macadam.yaml'), 'catalogue: [own]');
  mkdirSync(join(folder, 'own'));
  const { code, err } = macadam(folder, 'new', 'standard', 'pipeline-uses-pinned');
  assert.equal(code, 2);
  assert.match(err, /there is a standard `pipeline-uses-pinned` already; choose another name/);
  assert.deepEqual(readdirSync(join(folder, 'own')), []);
});
