/** Push protection by real git: what is refused, what is let through, and what happens to what cannot be looked at. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { shareCompiled } from '@macadam/testing/paved/compiled';
import { samples } from '../samples.ts';
import { bytesFrom } from './bytes.ts';
import { canary } from './canary.ts';
import { fillFromBuffer } from './git.ts';
import { install } from './install.ts';
import { letThroughBy } from './let-through.ts';
import { appendRecord } from './log.ts';
import { BATCH_FORMAT, END, readObjects } from './objects.ts';
import { hookIn, makeEmpty } from './parcel.ts';
import { quarantined, type Share, searchShare } from './quarantine.ts';
import { ALL_NAMED, namedElse, type Policy, receive } from './receive.ts';
import { OVERLAP, searchObject, WINDOW } from './search.ts';

const now = new Date('2026-11-01T00:00:00Z');
const token = samples('push')['github-token'] as string;
const program = join(import.meta.dirname, 'main.ts');

const folderFor = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam push-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Nothing of the person who runs the tests. */
const environment = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

/** A clone whose hook says nothing of its own. */
function cloneFor(t: TestContext) {
  const folder = folderFor(t);
  const clone = join(folder, 'clone');
  execFileSync('git', ['init', '-q', '-b', 'main', clone]);
  const git = (...parameters: string[]) => {
    const run = spawnSync('git', parameters, { cwd: clone, encoding: 'utf8', env: environment });
    return { status: run.status, said: `${run.stdout}${run.stderr}` };
  };
  const commit = (path: string, text: string, message = 'Change it') => {
    writeFileSync(join(clone, path), text);
    git('add', '-A');
    const { status, said } = git('commit', '-qm', message);
    assert.equal(status, 0, said);
  };
  return { folder, clone, git, commit };
}

/** The same, and a server that is guarded. */
function pair(t: TestContext, policy: Partial<Policy> = {}) {
  const made = cloneFor(t);
  const server = join(made.folder, 'server.git');
  execFileSync('git', ['init', '-q', '--bare', server]);
  install({
    folder: server,
    hook: 'pre-receive',
    program,
    policy: { bypass: 'reason', onFailure: 'refuse', ...policy },
  });
  shareCompiled(server);
  return { ...made, server, log: join(server, 'macadam/push-protection.ndjson') };
}

test('a push with a secret is refused with rule, file, line and commit, and never shows it; without it, it goes in', (t) => {
  const { git, commit, server } = pair(t);
  commit('a.txt', 'hello\n');
  assert.equal(git('push', '-q', server, 'main').status, 0);
  commit('deploy.env', `A=1\nTOKEN=${token}\n`);
  const holding = git('rev-parse', 'HEAD').said.trim();
  commit('deploy.env', 'A=1\n');
  const { status, said } = git('push', '-q', server, 'main');
  assert.equal(status, 1);
  for (const part of ['deploy.env:2', '[github-token]', `commit ${holding}`, 'macadam:allow-secret REASON'])
    assert.ok(said.includes(part), `${part} is missing in ${said}`);
  assert.ok(!said.includes(token));
  git('reset', '-q', '--hard', 'HEAD~2');
  commit('b.txt', 'clean\n');
  assert.equal(git('push', '-q', server, 'main').status, 0);
});

test('a bypass needs a reason, is recorded before the push goes in, and holds no secret', (t) => {
  const { git, commit, server, log } = pair(t);
  commit(`${token}.env`, `TOKEN=${token}\n`);
  const option = (reason: string) => git('push', '-o', `macadam.bypass=${reason}`, server, 'main');
  assert.match(option('short').said, /too short \(5 characters\)/);
  assert.match(option(`because ${token} is needed`).said, /holds a secret itself/);
  assert.ok(!existsSync(log));
  const { status, said } = option('it is the key of a sandbox that ends today');
  assert.equal(status, 0, said);
  const text = readFileSync(log, 'utf8');
  assert.ok(!text.includes(token) && !said.includes(token), text + said);
  const [, line = ''] = text.trim().split('\n');
  const { kind, attributes } = JSON.parse(line);
  assert.equal(kind, 'push-bypass');
  assert.equal(attributes.reason.value, 'it is the key of a sandbox that ends today');
  // What is there already is no news: an edit of the same file goes in.
  commit(`${token}.env`, `TOKEN=${token}\nB=2\n`);
  assert.equal(git('push', server, 'main').status, 0);
});

test('a server that lets nothing through ignores the reason, and one whose log cannot be written refuses', (t) => {
  const strict = pair(t, { bypass: 'never' });
  strict.commit('a.env', `TOKEN=${token}\n`);
  execFileSync('git', ['--git-dir', strict.server, 'config', 'receive.advertisePushOptions', 'true']);
  const refused = strict.git('push', '-o', 'macadam.bypass=it is a sandbox', strict.server, 'main');
  assert.equal(refused.status, 1);
  assert.match(refused.said, /lets no push through/);
  const full = pair(t, { log: '/dev/null/log' });
  full.commit('a.env', `TOKEN=${token}\n`);
  const { status, said } = full.git('push', '-o', 'macadam.bypass=it is a sandbox', full.server, 'main');
  assert.equal(status, 1);
  assert.match(said, /it could not be recorded in \/dev\/null\/log/);
});

test('a record that was cut off costs no other', (t) => {
  const log = join(folderFor(t), 'log');
  const record = { kind: 'push-bypass', observedAt: now.toISOString() };
  appendRecord(log, record);
  appendFileSync(log, '{"collection":{"sour');
  appendRecord(log, record);
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  assert.deepEqual([lines.length, JSON.parse(lines[4] ?? '')], [5, record]);
});

test('an earlier hook goes on running, with the same words, after ours', (t) => {
  const folder = folderFor(t);
  const server = join(folder, "it's a server.git");
  execFileSync('git', ['init', '-q', '--bare', server]);
  writeFileSync(join(server, 'hooks/pre-receive'), '#!/bin/sh\ncat > seen\n', { mode: 0o755 });
  const policy = { bypass: 'reason', onFailure: 'refuse' } as const;
  for (const _ of ['once', 'again']) install({ folder, hook: 'pre-receive', program, policy });
  shareCompiled(server);
  const { git, commit } = cloneFor(t);
  commit('a.txt', 'a\n');
  const { status, said } = git('push', server, 'main');
  assert.equal(status, 0, said);
  assert.match(readFileSync(join(server, 'seen'), 'utf8'), /^0{40} [0-9a-f]{40} refs\/heads\/main\n$/);
});

test('pre-commit refuses the same with the same words, before the first commit too', (t) => {
  const { git, clone } = cloneFor(t);
  const policy = { bypass: 'reason', onFailure: 'refuse' } as const;
  install({ folder: clone, hook: 'pre-commit', program, policy });
  shareCompiled(join(clone, '.git'));
  writeFileSync(join(clone, 'a b.env'), `A=1\nTOKEN=${token}\n`);
  git('add', '-A');
  const { status, said } = git('commit', '-qm', 'Begin');
  assert.equal(status, 1, said);
  assert.match(said, /a b\.env:2\n {6}GitHub token: ghp_… \(40 characters\) {2}\[github-token\]/);
  writeFileSync(join(clone, 'a b.env'), `TOKEN=${token} # macadam:allow-secret made up\n`);
  git('add', '-A');
  assert.equal(git('commit', '-qm', 'Begin').status, 0);
});

test('a canary tells a remote that refuses secrets from one that takes them, and from one that refuses everything', (t) => {
  const { server, folder, git, commit } = pair(t);
  const guarded = canary(server, 'file/server.git', now);
  assert.ok(guarded.works, guarded.text);
  assert.deepEqual(guarded.record, {
    kind: 'repository',
    id: 'repository/file/server.git',
    name: 'server.git',
    source: 'push-protection',
    observedAt: now.toISOString(),
    assurance: 'tested',
    attributes: { push_protection: { value: true } },
  });
  assert.equal(
    execFileSync('git', ['--git-dir', server, 'for-each-ref'], { encoding: 'utf8' }),
    '',
    'it leaves nothing behind',
  );
  // What its hook let through, which only the server can tell.
  const hook = join(server, 'hooks/pre-receive');
  const NOTHING = { value: [], complete: true, assurance: 'effective' };
  assert.deepEqual(letThroughBy(hook), NOTHING);
  commit('a.env', `TOKEN=${token}\n`);
  assert.equal(git('push', '-o', 'macadam.bypass=it is the key of a sandbox', server, 'main').status, 0);
  const past = letThroughBy(hook) as { value: Record<string, unknown>[]; complete: boolean };
  assert.deepEqual([past.value.length, past.value[0]?.number, past.complete], [1, 1, true]);
  assert.ok(past.value[0] && 'at' in past.value[0] && !JSON.stringify(past).includes('sandbox'));
  assert.deepEqual(letThroughBy(hook, 'another'), NOTHING);
  appendFileSync(join(server, 'macadam/push-protection.ndjson'), '{"kind":"push-byp');
  assert.equal((letThroughBy(hook) as { complete: boolean }).complete, false, 'a line that was cut off');
  assert.throws(() => letThroughBy(join(server, 'config')), /is no hook of macadam-secrets/);
  const open = join(folder, 'open.git');
  execFileSync('git', ['init', '-q', '--bare', open]);
  assert.equal(canary(open, null, now).works, false);
  writeFileSync(join(open, 'hooks/pre-receive'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  assert.match(canary(open, 'file/open.git', now).text, /shows nothing: a push without a secret was refused/);
});

const policyIn = (folder: string, onFailure: Policy['onFailure'] = 'refuse'): Policy => ({
  repository: 'payments',
  log: join(folder, 'log'),
  bypass: 'reason',
  onFailure,
});

/** What the hook would write for a push of everything in a clone. */
function streamOf(clone: string): Buffer {
  const run = (parameters: string[], input: string) =>
    execFileSync('git', parameters, { cwd: clone, input, env: environment });
  const tip = run(['rev-parse', 'HEAD'], '').toString().trim();
  const listed = run(['rev-list', '--objects', '--stdin'], `${tip}\n`);
  const objects = run(['cat-file', `--batch=${BATCH_FORMAT}`], `${listed}${END}\n`);
  const update = `${'0'.repeat(40)} ${tip} refs/heads/main\n\n`;
  return Buffer.concat([Buffer.from(update), objects, Buffer.from(`${ALL_NAMED}\n`)]);
}

test('whatever is cut off of what git says, the push is not accepted unseen', (t) => {
  const { clone, commit, folder } = cloneFor(t);
  commit('a.txt', 'clean\n');
  const whole = streamOf(clone);
  const answer = (length: number, policy = policyIn(folder)) =>
    receive(bytesFrom(fillFromBuffer(whole.subarray(0, length))), policy, now, { folder, environment });
  assert.deepEqual(answer(whole.length), { code: 0, text: '' });
  for (let length = 0; length < whole.length - 1; length++) assert.equal(answer(length).code, 1, `${length}`);
  const accepted = answer(200, policyIn(folder, 'accept'));
  assert.match(accepted.text, /accepted unseen, as the policy/);
  assert.match(readFileSync(join(folder, 'log'), 'utf8'), /"unobserved":"failed"/);
  assert.equal(answer(200, policyIn('/dev/null', 'accept')).code, 1);
});

test('a secret is seen in every object and name, and a lock file under another name is no lock file', (t) => {
  const { clone, git, commit } = cloneFor(t);
  const digest = `api_token: ${hash('sha256', 'a digest')}\n`;
  commit('yarn.lock', digest, `Begin\n\nwith ${token} in words`);
  commit('z.yaml', digest);
  writeFileSync(join(clone, 'wide.bin'), Buffer.from(`\0${samples('wide')['npm-token']}`, 'utf16le'));
  commit(`${samples('name')['gitlab-token']}.txt`, 'nothing');
  const run = (parameters: string[], input: string) =>
    execFileSync('git', parameters, { cwd: clone, input, env: environment });
  git('tag', '-am', `tag ${samples('tag')['slack-token']}`, 'v1');
  const listed = run(['rev-list', '--objects', 'main', 'v1'], '');
  const objects = run(['cat-file', `--batch=${BATCH_FORMAT}`], `${listed}${END}\n`);
  const { found, locks, trees } = readObjects(bytesFrom(fillFromBuffer(objects)), now);
  assert.deepEqual(found.map(({ rule, place, line }) => `${rule}, ${place}, ${line}`).sort(), [
    'github-token, commit message, 7',
    'gitlab-token, file name, 0',
    'npm-token, file, 0',
    'slack-token, tag message, 6',
  ]);
  assert.deepEqual([...namedElse(locks, trees, { folder: clone, environment }).values()], ['z.yaml']);
});

test('a large push is searched in two halves at once, and what is found is the same, whoever answers', (t) => {
  const { clone, git } = cloneFor(t);
  let chain = '';
  const noise = () => Array.from({ length: 20_000 }, () => (chain = hash('sha256', chain))).join('\n');
  for (const [index, rule] of ['github-token', 'npm-token', 'gitlab-token', 'slack-token'].entries())
    writeFileSync(join(clone, `${index}.txt`), `${noise()}\nkey = "${samples('half')[rule]}"\n`);
  writeFileSync(join(clone, 'yarn.lock'), `secret_key: ${hash('sha256', 'a digest')}\n`);
  git('add', '-A');
  git('commit', '-qm', 'Begin');
  const after = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: clone, encoding: 'utf8' }).trim();
  const updates = [{ before: '0'.repeat(40), after, reference: 'refs/heads/main' }];
  const empty = join(clone, 'empty.git');
  makeEmpty(empty);
  const hook = hookIn(empty, join(clone, '.git/objects'));
  for (const form of ['files of their own', 'a pack']) {
    if (form === 'a pack') git('gc', '-q', '--prune=now');
    const whole = quarantined(hook, updates).objects(now, null);
    assert.equal(whole.found.length, 4, form);
    const answers = [searchShare, () => null];
    for (const answered of answers) {
      const shares: Share[] = [];
      const handOver = (share: Share) => {
        shares.push(share);
        return () => answered(share);
      };
      assert.deepEqual(quarantined(hook, updates, { handOver }).objects(now, null), whole, form);
      assert.equal(shares.length, 1);
      assert.ok((shares[0]?.lines.length ?? 0) >= 2 && (shares[0]?.lines.length ?? 0) < whole.names.size - 1);
    }
  }
  assert.throws(() => searchShare({ hook, lines: [after], now }), /is a commit/);
});

test('a file of any size is searched whole, and no secret is cut where two pieces meet', () => {
  const line = `${'x'.repeat(99)}\n`;
  const text = line.repeat(Math.ceil((2.2 * WINDOW) / line.length));
  const value = `\ntoken = "${token}"\n`;
  const places = [
    0,
    WINDOW - OVERLAP,
    WINDOW - OVERLAP / 2 - 20,
    WINDOW - 20,
    WINDOW,
    2 * WINDOW,
    text.length,
  ];
  let holding = '';
  let last = 0;
  for (const place of places) {
    holding += text.slice(last, place) + value;
    last = place;
  }
  const bytes = Buffer.from(holding);
  const read = bytesFrom(fillFromBuffer(bytes));
  const found = searchObject({ place: 'file', path: 'a', object: '' }, bytes.length, read.take, now);
  assert.equal(read.line(), null);
  const expected = holding.split('\n').flatMap((each, index) => (each.includes(token) ? [index + 1] : []));
  assert.deepEqual(
    found.map((each) => each.line),
    expected,
  );
});
