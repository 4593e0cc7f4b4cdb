/** One pull request a repository, at a host with a real repository behind it: opened, kept in step, closed, and not insisted on. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startChangeHost } from '@macadam/adapters/pull-requests/github/fake';
import { githubChanges } from '@macadam/adapters/pull-requests/github/host';
import { BRANCH } from '@macadam/adapters/pull-requests/port';
import { failureKey, type ProposedChange, propose } from './proposal.ts';

const REPOSITORY = 'acme/payments';

async function sceneFor(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-proposal-'));
  const scene = await startChangeHost(REPOSITORY, folder);
  t.after(async () => {
    await scene.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const git = (parameters: readonly string[], input = '') =>
    execFileSync('git', ['--git-dir', folder, ...parameters], { input, encoding: 'utf8' }).trim();
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', folder]);
  let marks = 0;
  /** A new commit on the default branch. */
  const advance = () => {
    const message = `commit refs/heads/main\ncommitter A <a@example.com> ${1700000000 + marks++} +0000\ndata 1\nx\n`;
    const from = marks > 1 ? 'from refs/heads/main^0\n' : '';
    git(['fast-import', '--quiet'], `${message}${from}M 100755 inline run.sh\ndata 2\n${marks}\n\n`);
    return git(['rev-parse', 'main']);
  };
  const access = { secret: scene.secret, now: () => new Date(), random: () => 0.5 };
  const host = githubChanges(scene.url, REPOSITORY, access);
  return { scene, git, advance, host, access };
}

const failures = ['one', 'two'].map((asset) => ({
  standard: 'pipeline-uses-pinned',
  title: 'Pipelines use pinned steps',
  why: 'A tag <b>can</b> be moved by @anyone.',
  asset: `.github/workflows/${asset}.yml`,
}));

/** Fixes each failure in a file of its own. */
const fixing =
  (text: string, left = failures) =>
  async (declined: ReadonlySet<string>): Promise<ProposedChange> => {
    const fixed = left.filter((failure) => !declined.has(failureKey(failure)));
    return {
      files: fixed.map(({ asset }) => ({ path: asset, text, executable: false })),
      fixed,
      notes: [],
      left: [],
      unasked: [],
    };
  };

test('one change a repository: opened with the reason, left alone while it is right, moved with the default branch, closed when done', async (t) => {
  const { scene, git, advance, host } = await sceneFor(t);
  const first = advance();
  const opened = await propose(host, first, fixing('a\n'));
  assert.deepEqual(opened, {
    done: { outcome: 'opened', url: `https://github.example/${REPOSITORY}/pull/1`, declined: 0 },
  });
  const [pull] = scene.pulls;
  assert.match(
    pull?.body ?? '',
    /A tag &lt;b>can&lt;\/b> be moved by @\u200banyone\.\n\n- `\.github\/workflows\/one\.yml`/,
  );
  assert.equal(git(['rev-parse', `${BRANCH}^`]), first);
  assert.equal(git(['show', `${BRANCH}:.github/workflows/two.yml`]), 'a');
  assert.equal(git(['ls-tree', BRANCH, 'run.sh']).slice(0, 6), '100755');
  const tip = git(['rev-parse', BRANCH]);
  const again = await propose(host, first, fixing('a\n'));
  assert.equal('done' in again && again.done.outcome, 'unchanged');
  assert.equal(git(['rev-parse', BRANCH]), tip);
  const second = advance();
  assert.deepEqual(await propose(host, first, fixing('a\n')), {
    done: { outcome: 'behind', url: null, declined: 0 },
  });
  const moved = await propose(host, second, fixing('a\n'));
  assert.equal('done' in moved && moved.done.outcome, 'updated');
  assert.equal(git(['rev-parse', `${BRANCH}^`]), second);
  const ended = await propose(host, second, fixing('a\n', []));
  assert.equal('done' in ended && ended.done.outcome, 'closed');
  assert.deepEqual([scene.pulls.length, pull?.state, pull?.comments.length], [1, 'closed', 1]);
  assert.equal(git(['for-each-ref', `refs/heads/${BRANCH}`]), '');
  // What we closed ourselves was not declined by anybody.
  const anew = await propose(host, second, fixing('b\n'));
  assert.equal('done' in anew && anew.done.outcome, 'opened');
  assert.equal(scene.pulls.length, 2);
});

test('what people closed is not proposed again, whatever else is; what they merged may be', async (t) => {
  const { scene, git, advance, host } = await sceneFor(t);
  const head = advance();
  await propose(host, head, fixing('a\n', failures.slice(0, 1)));
  const [first] = scene.pulls;
  assert.ok(first);
  first.state = 'closed';
  const { done } = (await propose(host, head, fixing('b\n', failures.slice(0, 1)))) as { done: unknown };
  assert.deepEqual(done, { outcome: 'nothing', url: null, declined: 1 });
  const other = await propose(host, head, fixing('b\n'));
  assert.equal('done' in other && other.done.outcome, 'opened');
  assert.equal(git(['ls-tree', '-r', '--name-only', BRANCH]), '.github/workflows/two.yml\nrun.sh');
  const [, second] = scene.pulls;
  assert.ok(second);
  second.state = 'closed';
  second.mergedAt = '2026-11-01T00:00:00Z';
  const merged = await propose(host, head, fixing('c\n'));
  assert.equal('done' in merged && merged.done.outcome, 'opened');
});

test('whoever cannot look a commit up, or asks about one standard alone, takes no proposal back', async (t) => {
  const { scene, git, advance, host } = await sceneFor(t);
  await propose(host, advance(), fixing('a\n'));
  const tip = git(['rev-parse', BRANCH]);
  const url = `https://github.example/${REPOSITORY}/pull/1`;
  const second = advance();
  const knowingLess: readonly Partial<ProposedChange>[] = [
    { left: failures.map(failureKey) },
    { left: failures.slice(1).map(failureKey), fixed: failures.slice(0, 1) },
    { unasked: ['pipeline-uses-pinned'] },
  ];
  for (const less of knowingLess) {
    const answer = await propose(host, second, async () => ({
      ...(await fixing('a\n', [...(less.fixed ?? [])])(new Set())),
      ...less,
    }));
    assert.deepEqual(answer, { done: { outcome: 'kept', url, declined: 0 } });
    assert.deepEqual([scene.pulls[0]?.state, git(['rev-parse', BRANCH])], ['open', tip]);
  }
  const ended = await propose(host, second, fixing('a\n', []));
  assert.equal('done' in ended && ended.done.outcome, 'closed');
});

test('a host that says no is told in one sentence, and nothing is made', async (t) => {
  const { scene, advance, access } = await sceneFor(t);
  const head = advance();
  const stranger = githubChanges(scene.url, REPOSITORY, { ...access, secret: 'wrong' });
  const answer = await propose(stranger, head, fixing('a\n'));
  assert.match(
    'problem' in answer ? answer.problem : '',
    /^the repository acme\/payments: .*Bad credentials/,
  );
  const elsewhere = githubChanges(scene.url, 'acme/none', access);
  assert.match(JSON.stringify(await propose(elsewhere, head, fixing('a\n'))), /the repository acme\/none: /);
  assert.equal(scene.pulls.length, 0);
});
