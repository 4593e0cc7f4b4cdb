/** `macadam fix --pull-requests` as it is typed, against a host with a real repository behind it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChangeHost } from '@macadam/adapters/pull-requests/github/fake';
import { run } from '../program.ts';

const WORKFLOW = `on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: make
`;

test('every repository of a folder is proposed one change, and said in one line; one without an address makes it exit 3', async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'macadam-pull-requests-'));
  const bare = join(place, 'host.git');
  const git = (folder: string, ...parameters: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...parameters], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', bare]);
  const clone = join(place, 'estate', 'payments');
  mkdirSync(join(clone, '.github/workflows'), { recursive: true });
  git(clone, 'init', '-q', '-b', 'main');
  writeFileSync(join(clone, '.github/workflows/ci.yml'), WORKFLOW);
  git(clone, 'add', '-A');
  git(clone, 'commit', '-qm', 'Begin');
  git(clone, 'push', '-q', bare, 'main');
  git(clone, 'remote', 'add', 'origin', 'git@github.example:acme/payments.git');
  const host = await startChangeHost('acme/payments', bare);
  const before = process.env.GITHUB_TOKEN;
  process.env.GITHUB_TOKEN = host.secret;
  let said = '';
  const write = process.stdout.write.bind(process.stdout);
  // Bytes are the runner's own.
  t.mock.method(process.stdout, 'write', (text: string | Uint8Array) => {
    if (typeof text !== 'string') return write(text);
    said += text;
    return true;
  });
  try {
    const commit = '08c6903cd8c0fde910a37f88322edcfb5dd907a8';
    const command = (...more: string[]) =>
      run([
        'fix',
        '--pull-requests',
        '--api',
        host.url,
        '--resolve',
        `actions/checkout@v4=${commit}`,
        ...more,
      ]);
    assert.equal(await command(join(place, 'estate')), 0);
    assert.match(said, /^payments: https:\/\/github\.example\/acme\/payments\/pull\/1 opened\n/m);
    assert.match(
      git(bare, 'show', 'macadam/fix:.github/workflows/ci.yml'),
      new RegExp(`actions/checkout@${commit}`),
    );
    assert.equal(git(clone, 'status', '--porcelain'), '', 'nothing is written here');
    assert.match(host.pulls[0]?.body ?? '', /`macadam explain pipeline-uses-pinned` says more/);
    said = '';
    assert.equal(await command(join(place, 'estate')), 0);
    assert.match(said, /pull\/1 is as it should be/);
    said = '';
    const without = await run(['fix', '--pull-requests', '--api', host.url, join(place, 'estate')]);
    assert.equal(without, 3);
    assert.match(said, /pull\/1 left as it is: some of what it fixes is there still/);
    const narrowed = await command('--standard', 'dependencies-updated-automatically', clone);
    assert.deepEqual([narrowed, host.pulls[0]?.state], [3, 'open']);
    said = '';
    assert.equal(await run(['fix', '--pull-requests', clone]), 3);
    assert.match(said, /`origin` is at github\.example, not at github\.com; name that host's API with --api/);
    git(clone, 'remote', 'remove', 'origin');
    assert.equal(await command(clone), 3);
    assert.match(said, /it has no remote `origin`/);
  } finally {
    t.mock.restoreAll();
    if (before === undefined) delete process.env.GITHUB_TOKEN;
    else process.env.GITHUB_TOKEN = before;
    await host.close();
    rmSync(place, { recursive: true, force: true });
  }
});
