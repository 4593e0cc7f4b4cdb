/**
 * What a folder counts to, through the real command line: measuring it gives, standard by standard, the sum of measuring each of
 * its distinct repositories by itself, whatever the folder is called and however often a repository lies in it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Scan, ScanStandard } from '@macadam/core/figures/scan';
import { startCommandLine } from '@macadam/testing/command-line';
import { git, working } from '@macadam/testing/readers/built-repository';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'macadam-counting-')));
const estate = join(root, 'estate');
const line = startCommandLine();
after(() => rmSync(root, { recursive: true, force: true }));

const scan = (cwd: string, ...args: string[]): Scan => {
  const { stdout, stderr } = line.run({
    args: ['scan', '--format', 'json', ...args],
    cwd,
    env: { PATH: process.env.PATH, HOME: root },
  });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Scan;
};

const WORKFLOW =
  'on: push\njobs: { a: { runs-on: x, steps: [{ uses: "a/b@v1" }, { run: "echo ${{ github.head_ref }}" }] } }\n';
const manifest = (name: string, ...needs: string[]) =>
  JSON.stringify({ name, dependencies: Object.fromEntries(needs.map((need) => [need, '^1.0.0'])) });

const FIGURES = ['scope', 'pass', 'fail', 'unknown', 'notApplicable'] as const;
const figuresOf = ({ standards }: Scan) =>
  new Map(standards.map((one) => [one.id, Object.fromEntries(FIGURES.map((name) => [name, one[name]]))]));

function summed(scans: readonly Scan[]): ReturnType<typeof figuresOf> {
  const sums = new Map<string, Record<string, number>>();
  for (const { standards } of scans)
    for (const one of standards) {
      const held = sums.get(one.id) ?? Object.fromEntries(FIGURES.map((name) => [name, 0]));
      for (const name of FIGURES) held[name] = (held[name] ?? 0) + one[name];
      sums.set(one.id, held);
    }
  return sums;
}

before(() => {
  working(join(estate, 'one'), {
    '.github/workflows/ci.yml': WORKFLOW,
    '.github/workflows/release.yml': WORKFLOW,
    'package.json': manifest('one', 'left', 'right'),
  });
  working(join(estate, 'two'), {
    '.github/workflows/ci.yml': WORKFLOW,
    'azure-pipelines.yml': 'steps: [{ script: echo }]\n',
    'package.json': manifest('two', 'left'),
    CODEOWNERS: '* @acme/two\n',
  });
  working(join(estate, 'deep/three'), { 'package.json': manifest('three', 'up', 'down', 'left') });
});

describe('a folder', () => {
  test('gives the sum of its repositories, standard by standard, and as many assets as they hold', () => {
    const whole = scan(root, estate);
    const each = ['one', 'two', 'deep/three'].map((name) => scan(root, join(estate, name)));
    assert.deepEqual(figuresOf(whole), summed(each));
    const { repository, pipeline, dependency } = whole.assets;
    assert.deepEqual({ repository, pipeline, dependency }, { repository: 3, pipeline: 4, dependency: 6 });
    const scopeOf = (id: string): number =>
      whole.standards.find((one: ScanStandard) => one.id === id)?.scope ?? 0;
    assert.equal(scopeOf('pipeline-uses-pinned'), 4);
    assert.equal(scopeOf('repository-owned'), 3);
  });

  test('counts the same however it is spelled, and however often it is named', () => {
    symlinkSync(estate, join(root, 'link'));
    const expected = figuresOf(scan(root, estate));
    for (const targets of [
      ['./estate'],
      ['estate/'],
      ['link'],
      ['estate', './estate/', 'link', estate],
      ['estate', 'estate/deep'],
      ['estate/deep', 'estate'],
    ])
      assert.deepEqual(figuresOf(scan(root, ...targets)), expected, targets.join(' '));
  });

  test('counts clones, worktrees and bare copies of one repository once, at the newest commit of them', () => {
    const copies = join(root, 'copies');
    const origin = join(copies, 'origin');
    working(origin, { '.github/workflows/ci.yml': WORKFLOW });
    git(copies, ['clone', '-q', '--bare', origin, join(copies, 'bare.git')]);
    git(copies, ['clone', '-q', origin, join(copies, 'clone')]);
    git(origin, ['worktree', 'add', '-q', '-b', 'other', join(copies, 'tree')]);
    for (const [name, url] of [
      ['ssh', 'git@Code.example:acme/app.git'],
      ['https', 'https://token@code.example/acme/app'],
    ] as const) {
      working(join(copies, name), { 'package.json': manifest('app', 'left') });
      git(join(copies, name), ['remote', 'add', 'origin', url]);
    }
    const { repository, pipeline, dependency } = scan(root, copies).assets;
    assert.deepEqual({ repository, pipeline, dependency }, { repository: 2, pipeline: 1, dependency: 1 });
  });

  test('counts clones with what they were cloned from where that was renamed, also with a commit of their own', () => {
    const moved = join(root, 'moved');
    const origin = join(moved, 'before');
    working(origin, { '.github/workflows/ci.yml': WORKFLOW });
    for (const name of ['clone', 'second', 'own']) git(moved, ['clone', '-q', origin, join(moved, name)]);
    const own = [
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@example.com',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'own',
    ];
    git(join(moved, 'own'), own);
    renameSync(origin, join(moved, 'after'));
    const { repository, pipeline } = scan(root, moved).assets;
    assert.deepEqual({ repository, pipeline }, { repository: 1, pipeline: 1 });
  });

  test('judges the default branch of a clone, whatever branch is checked out', () => {
    const branches = join(root, 'branches');
    const origin = join(branches, 'origin');
    working(origin, { '.github/workflows/ci.yml': WORKFLOW });
    const clones = join(branches, 'clones');
    mkdirSync(clones);
    for (const name of ['main', 'other']) git(branches, ['clone', '-q', origin, join(clones, name)]);
    const other = join(clones, 'other');
    git(other, ['checkout', '-q', '-b', 'without-pipelines']);
    git(other, ['rm', '-q', '-r', '.github']);
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
    git(other, [...author, 'commit', '-q', '-m', 'Remove what fails']);
    const alone = scan(root, other);
    assert.equal(alone.assets.pipeline, 1);
    const failures = ({ findings }: Scan) =>
      findings
        .filter(({ verdict }) => verdict === 'fail')
        .map(({ standard }) => standard)
        .sort();
    assert.deepEqual(failures(alone), failures(scan(root, join(clones, 'main'))));
    assert.ok(failures(alone).includes('pipeline-uses-pinned'));
  });

  test('counts a submodule with the repository that it is, and once', () => {
    const nested = join(root, 'nested');
    const library = join(nested, 'library');
    working(library, { '.github/workflows/ci.yml': WORKFLOW });
    const program = join(nested, 'program');
    working(program, { 'package.json': manifest('program', 'left') });
    git(program, ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'library']);
    git(program, ['-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-q', '-m', 'Use it']);
    const { repository, pipeline, dependency } = scan(root, nested).assets;
    assert.deepEqual({ repository, pipeline, dependency }, { repository: 2, pipeline: 1, dependency: 1 });
  });

  test('that holds a folder which may not be read says so, and counts what is in it as not listed', () => {
    const closed = join(root, 'closed');
    working(join(closed, 'open'), { 'package.json': manifest('open', 'left') });
    working(join(closed, 'shut/secret'), { 'package.json': manifest('secret', 'left') });
    chmodSync(join(closed, 'shut'), 0o000);
    chmodSync(root, 0o755);
    // Permission bits do not bind root, so the question is asked as nobody, who trusts repositories of others here.
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, 'main.ts'), 'scan', closed, '--soft-fail'],
      {
        cwd: '/',
        env: { PATH: process.env.PATH, HOME: '/nonexistent', XDG_CACHE_HOME: '/nonexistent' },
        encoding: 'utf8',
        ...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
      },
    );
    chmodSync(join(closed, 'shut'), 0o755);
    assert.match(stdout + stderr, /"shut"/);
    assert.match(stdout + stderr, /run Macadam as a user who may read it/);
  });

  test('gives by one standard what that gives among all, and is searched whole once all are asked again', () => {
    const chosen = join(root, 'chosen');
    const token = `glp${'at'}-x7Kp2mQ9vT4wZ8rB5nYc`;
    working(join(chosen, 'app'), { '.github/workflows/ci.yml': WORKFLOW, 'a.ts': `const t = "${token}";\n` });
    const one = scan(root, chosen, '--standard', 'pipeline-uses-pinned');
    assert.deepEqual(
      one.standards.map(({ id }) => id),
      ['pipeline-uses-pinned'],
    );
    const all = scan(root, chosen);
    const failing = ({ findings }: Scan, id: string) => findings.filter(({ standard }) => standard === id);
    assert.deepEqual(failing(one, 'pipeline-uses-pinned'), failing(all, 'pipeline-uses-pinned'));
    assert.deepEqual(
      failing(all, 'secrets-not-in-code').map(({ verdict }) => verdict),
      ['fail'],
    );
    assert.deepEqual(
      failing(scan(root, chosen, '--standard', 'secrets-not-in-code'), 'secrets-not-in-code'),
      failing(all, 'secrets-not-in-code'),
    );
  });

  test('beside another one gives the sum of both', () => {
    const other = join(root, 'other');
    mkdirSync(other);
    working(join(other, 'four'), { '.github/workflows/ci.yml': WORKFLOW });
    assert.deepEqual(figuresOf(scan(root, estate, other)), summed([scan(root, estate), scan(root, other)]));
  });
});
