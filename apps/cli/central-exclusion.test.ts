/** What a company leaves out: approved, with a reason and an end, counted in every output; it neither passes nor is fixed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import type { Comparison } from '@macadam/core/figures/comparison';
import type { Scan } from '@macadam/core/figures/scan';
import { startCommandLine } from '@macadam/testing/command-line';
import { run } from './program.ts';

const root = mkdtempSync(join(tmpdir(), 'macadam-central-exclusion-'));
const line = startCommandLine();
after(() => rmSync(root, { recursive: true, force: true }));
const env = { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
function git(folder: string, ...words: readonly string[]): void {
  const asked = ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words];
  const { status, stderr } = spawnSync('git', asked, { cwd: folder, env, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}
function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

// Made of parts, so that this file holds none.
const SECRET = ['ghp', '_', '16C7e42F292c6912E7710c838347Ae178B4a'].join('');
const WORKFLOW = 'on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n';
const estate = join(root, 'estate');
for (const name of ['one', 'two']) {
  const folder = join(estate, name);
  put(folder, {
    '.github/workflows/ci.yml': WORKFLOW,
    'legacy/settings.py': `token = "${SECRET}"\n`,
    'legacy/package.json': '{"name":"x","private":true,"dependencies":{"a":"^1"}}',
  });
  git(folder, 'init', '--quiet', '-b', 'main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '-m', 'x');
}

const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const UNTIL = day(30);
const TWO = 'people:\n  - login: ann\n  - login: bob\n  - { login: eve, state: left }\n';

interface Stated {
  readonly owner?: string;
  readonly approver?: string;
  readonly until?: string;
  readonly org?: string | null;
}

function state({ owner = 'ann', approver = 'bob', until = UNTIL, org = TWO }: Stated = {}): void {
  if (org !== null) put(estate, { 'org.yaml': org });
  put(estate, {
    'macadam.yaml': `${org === null ? '' : 'org: org.yaml\n'}central_excludes:
  - paths: ["*/legacy/**", "*/.github/**"]
    reason: is being replaced by the new shop
    owner: ${owner}
    approver: ${approver}
    until: ${until}
`,
  });
}

/** The command line in this process: the same code, without starting a process for every output. */
async function scan(...words: readonly string[]): Promise<string> {
  const out = join(root, 'out');
  await run(['scan', estate, '--quiet', '--out', out, ...words]);
  return readFileSync(out, 'utf8');
}
const scanned = async (...words: readonly string[]): Promise<Scan & { comparison?: Comparison }> =>
  JSON.parse(await scan('--format', 'json', ...words));
const refused = () => {
  const { status, stderr } = line.run({ args: ['scan', estate, '--quiet'], cwd: root });
  assert.equal(status, 2, stderr);
  return stderr;
};

put(estate, { 'macadam.yaml': '' });
const before = await scanned();
const baseline = join(root, 'baseline.json');
writeFileSync(baseline, JSON.stringify(before));

test('it is stated and counted in every output, with who approved it, why and until when', async () => {
  state();
  const { leftOut } = await scanned();
  const common = { owner: 'ann', approver: 'bob', reason: 'is being replaced by the new shop', until: UNTIL };
  assert.deepEqual(
    leftOut?.map(({ pattern, files }) => [pattern, files]),
    [
      ['*/legacy/**', 4],
      ['*/.github/**', 2],
    ],
  );
  for (const one of leftOut ?? []) {
    const { owner, approver, reason, until } = one;
    assert.deepEqual({ owner, approver, reason, until }, common);
    assert.ok(one.unknown > 0, `${one.pattern} makes verdicts unknown`);
  }
  for (const format of ['table', 'html', 'markdown']) {
    const text = (await scan('--format', format)).replaceAll(/\s+/g, ' ').replaceAll('\\', '');
    assert.match(text, new RegExp(`Left out until ${UNTIL} by bob: 4 files`), format);
    assert.match(text, new RegExp(`Left out until ${UNTIL} by bob: 2 files`), format);
    assert.match(text, /is being replaced by the new shop/, format);
  }
});

test('it lets nothing pass, empties no scope, and is never told as fixed', async () => {
  state();
  const now = await scanned('--baseline', baseline);
  for (const { id, pass, fail, scope } of before.standards) {
    const left = now.standards.find((standard) => standard.id === id);
    assert.ok(left && left.pass <= pass && left.scope >= scope, id);
    if (fail > 0) assert.ok((left.atMost ?? 0) >= (left.atLeast ?? 0), id);
  }
  assert.ok(now.comparison && now.comparison.changes.length > 0);
  for (const { cause, to } of now.comparison.changes) {
    assert.notEqual(cause, 'fixed');
    assert.notEqual(to, 'pass');
  }
});

test('it ends by itself: what failed fails again, and whoever scans is told to take it out', async () => {
  state({ until: day(-1), approver: 'eve' });
  const now = await scanned();
  assert.equal(now.leftOut, undefined);
  for (const { id, fail, unknown } of before.standards) {
    const ended = now.standards.find((standard) => standard.id === id);
    if (id !== 'repository-owned') assert.deepEqual([ended?.fail, ended?.unknown], [fail, unknown], id);
  }
  const { stderr } = line.run({ args: ['scan', estate, '--quiet'], cwd: root });
  assert.match(stderr, /macadam\.yaml:3:.*ended on .*: what it left out is measured again; take it out/);
});

test('the owner alone does not approve where there is anybody else, nor does somebody who left, nor for ever', () => {
  state({ approver: 'ann' });
  assert.match(
    refused(),
    /macadam\.yaml:6:.*`central_excludes\.0\.approver`: `ann` is the owner; somebody else/,
  );
  state({ approver: '"@Ann"' });
  assert.match(refused(), /`@Ann` is the owner/);
  state({ approver: 'eve' });
  assert.match(refused(), /`eve` is nobody who works here/);
  state({ until: day(400) });
  assert.match(refused(), /`central_excludes\.0\.until`: is after .*180 days/);
  state({ approver: 'ann', org: null });
  assert.match(refused(), /`ann` is the owner; name somebody else, or an `org` file/);
});

test('a company of one approves by itself, and says so in the org file', async () => {
  state({ approver: 'ann', org: 'people:\n  - login: ann\n  - { login: eve, state: left }\n' });
  assert.equal((await scanned()).leftOut?.length, 2);
});

test('a repository cannot leave itself out for the company', () => {
  state();
  const folder = join(estate, 'one');
  put(folder, { 'macadam.yaml': readFileSync(join(estate, 'macadam.yaml'), 'utf8'), 'org.yaml': TWO });
  const { status, stderr } = line.run({ args: ['scan', folder, '--quiet'], cwd: root });
  assert.equal(status, 2, stderr);
  assert.match(stderr, /`central_excludes`: this file lies in a repository, .* or write `excludes`/);
});
