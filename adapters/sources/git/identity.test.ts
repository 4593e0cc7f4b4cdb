/** Which repository is which after it was renamed, replaced, exchanged, forked, deleted and brought back: with real repositories. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Observation } from '@macadam/core/facts/observation';
import { git, working } from '@macadam/testing/readers/built-repository';
import { knownRepository } from '../estate.ts';
import { source } from './source.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'macadam-identity-')));
after(() => rmSync(root, { recursive: true, force: true }));

interface Scene {
  readonly folder: string;
  /** Of each repository its newest observation, with the number of the look that it came with. */
  readonly seen: Map<string, { readonly observation: Observation; readonly look: number }>;
  looks: number;
}

function scene(name: string, ...repositories: readonly string[]): Scene {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const one of repositories) repository(join(folder, one));
  return { folder, seen: new Map(), looks: 0 };
}

/** Name → id, and where it was before if it is known. */
async function look(at: Scene): Promise<Readonly<Record<string, string>>> {
  const observations: Observation[] = [];
  await source.collect(
    {
      targets: [at.folder],
      options: {},
      view: 'head',
      excludes: [],
      parameters: {},
      cacheDirectory: join(root, 'cache'),
      environment: { PATH: process.env.PATH },
      now: () => new Date('2026-11-01T00:00:00Z'),
      remembered: async ({ folder }) => ({
        container: folder,
        prefix: null,
        repositories: [...at.seen.values()].map((one) => knownRepository(one.observation, one.look)),
        ids: new Set(at.seen.keys()),
        otherNames: new Set(),
      }),
    },
    (one) => observations.push(one),
    () => {},
  );
  at.looks += 1;
  const found: Record<string, string> = {};
  for (const observation of observations) {
    if (observation.kind !== 'repository') continue;
    at.seen.set(observation.id, { observation, look: at.looks });
    const { renamedFrom } = knownRepository(observation, 0);
    found[observation.name] = observation.id + (renamedFrom === null ? '' : ` from ${renamedFrom}`);
  }
  return found;
}

let number = 0;
/** A repository with a history that no other one has. */
const repository = (folder: string) => working(folder, { 'number.txt': `${++number}\n` });
function commit(folder: string): void {
  writeFileSync(join(folder, 'more.txt'), `${++number}\n`);
  git(folder, ['add', '-A']);
  git(folder, ['commit', '-qm', 'more']);
}
function exchange({ folder }: Scene, one: string, other: string): void {
  renameSync(join(folder, one), join(root, 'between'));
  renameSync(join(folder, other), join(folder, one));
  renameSync(join(root, 'between'), join(folder, other));
}

describe('a repository', () => {
  test('that is renamed is the same, and where it was is remembered', async () => {
    const at = scene('renamed', 'a', 'other');
    await look(at);
    renameSync(join(at.folder, 'a'), join(at.folder, 'b'));
    const known = { b: 'repository/file/a from a', other: 'repository/file/other' };
    assert.deepEqual(await look(at), known);
    assert.deepEqual(await look(at), known);
  });

  test('that is renamed while a new one takes its place is the same, and the new one is another', async () => {
    const at = scene('replaced', 'a', 'other');
    await look(at);
    renameSync(join(at.folder, 'a'), join(at.folder, 'b'));
    commit(join(at.folder, 'b'));
    repository(join(at.folder, 'a'));
    assert.deepEqual(await look(at), {
      a: 'repository/file/a~2',
      b: 'repository/file/a from a',
      other: 'repository/file/other',
    });
  });

  test('that changes places with another is the same, whether they grew from one or not', async () => {
    const at = scene('exchanged', 'a', 'b');
    git(at.folder, ['clone', '-q', join(at.folder, 'a'), join(at.folder, 'fork')]);
    git(join(at.folder, 'fork'), ['remote', 'remove', 'origin']);
    commit(join(at.folder, 'fork'));
    await look(at);
    exchange(at, 'a', 'b');
    assert.deepEqual(await look(at), {
      a: 'repository/file/b from b',
      b: 'repository/file/a from a',
      fork: 'repository/file/fork',
    });
    exchange(at, 'b', 'fork');
    assert.deepEqual(await look(at), {
      a: 'repository/file/b from b',
      b: 'repository/file/fork from fork',
      fork: 'repository/file/a from b',
    });
  });

  test('and its fork are two, whichever of them goes on', async () => {
    const at = scene('forked', 'a');
    await look(at);
    git(at.folder, ['clone', '-q', join(at.folder, 'a'), join(at.folder, 'fork')]);
    git(join(at.folder, 'fork'), ['remote', 'remove', 'origin']);
    commit(join(at.folder, 'a'));
    const two = { a: 'repository/file/a', fork: 'repository/file/fork' };
    assert.deepEqual(await look(at), two);
    commit(join(at.folder, 'fork'));
    git(join(at.folder, 'a'), ['fetch', '-q', join(at.folder, 'fork')]);
    assert.deepEqual(await look(at), two);
  });

  test('that returns is the same: at its place, under another name, and there with newer commits', async () => {
    const at = scene('returned', 'a', 'b');
    const away = join(root, 'away');
    await look(at);
    renameSync(join(at.folder, 'a'), away);
    assert.deepEqual(await look(at), { b: 'repository/file/b' });
    renameSync(away, join(at.folder, 'a'));
    assert.deepEqual(await look(at), { a: 'repository/file/a', b: 'repository/file/b' });
    renameSync(join(at.folder, 'a'), away);
    await look(at);
    renameSync(away, join(at.folder, 'c'));
    assert.deepEqual(await look(at), { b: 'repository/file/b', c: 'repository/file/a from a' });
    renameSync(join(at.folder, 'c'), away);
    await look(at);
    commit(away);
    renameSync(away, join(at.folder, 'd'));
    assert.deepEqual(await look(at), { b: 'repository/file/b', d: 'repository/file/a from c' });
  });

  test('keeps its place after its history was written anew, and is another where it shares no commit', async () => {
    const at = scene('rewritten', 'a', 'b');
    commit(join(at.folder, 'a'));
    await look(at);
    git(join(at.folder, 'a'), ['reset', '-q', '--hard', 'HEAD~1']);
    commit(join(at.folder, 'a'));
    git(join(at.folder, 'a'), ['reflog', 'expire', '--expire=now', '--all']);
    git(join(at.folder, 'a'), ['gc', '-q', '--prune=now']);
    rmSync(join(at.folder, 'b'), { recursive: true });
    repository(join(at.folder, 'b'));
    assert.deepEqual(await look(at), { a: 'repository/file/a', b: 'repository/file/b~2' });
  });

  test('of more than a hundred commits keeps its place after its history was written anew, and is another where it is another', async () => {
    const at = scene('long', 'other');
    // The first commits differ; so many follow that no list of the newest holds them.
    const long = (name: string, seed: string) => {
      const folder = join(at.folder, name);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      git(folder, ['init', '-q', '-b', 'main']);
      const commits = Array.from({ length: 130 }, (_, n) => {
        const message = n === 0 ? `begin ${seed}` : `${name} ${number++}`;
        const who = `A <a@example.com> ${1_700_000_000 + n} +0000`;
        return `commit refs/heads/main\ncommitter ${who}\ndata ${message.length}\n${message}\nM 644 inline a.txt\ndata 1\na\n`;
      });
      execFileSync('git', ['fast-import', '--quiet'], { cwd: folder, input: `${commits.join('')}done\n` });
    };
    long('rewritten', 'one');
    long('replaced', 'two');
    await look(at);
    const first = (id: string) => at.seen.get(id)?.observation.attributes.first_commit;
    const begun = git(join(at.folder, 'rewritten'), ['rev-list', '--max-parents=0', 'HEAD'])
      .toString()
      .trim();
    assert.deepEqual(first('repository/file/rewritten'), { value: begun });
    long('rewritten', 'one');
    long('replaced', 'another');
    const found = await look(at);
    assert.deepEqual(
      [found.rewritten, found.replaced],
      ['repository/file/rewritten', 'repository/file/replaced~2'],
    );
    assert.deepEqual(first('repository/file/rewritten'), { value: begun });
    // Commits that come later need no look at the whole history.
    commit(join(at.folder, 'rewritten'));
    await look(at);
    assert.deepEqual(first('repository/file/rewritten'), { value: begun });
  });

  test('that was cloned without its history says so, and is the one at its place', async () => {
    const at = scene('cut-off');
    const origin = join(root, 'cut-off-origin');
    repository(origin);
    for (let count = 0; count < 3; count += 1) commit(origin);
    git(at.folder, ['clone', '-q', '--depth=2', `file://${origin}`, 'a']);
    assert.deepEqual(await look(at), { a: 'repository/file/a' });
    const stated = at.seen.get('repository/file/a')?.observation.attributes.first_commit;
    assert.match(stated && 'unobserved' in stated ? (stated.why ?? '') : '', /git fetch --unshallow/);
    rmSync(join(at.folder, 'a'), { recursive: true });
    commit(origin);
    git(at.folder, ['clone', '-q', '--depth=1', `file://${origin}`, 'a']);
    assert.deepEqual(await look(at), { a: 'repository/file/a' });
  });

  test('without history, or cloned anew with one commit, is the one at its place', async () => {
    const at = scene('short', 'origin');
    const origin = join(root, 'short', 'origin');
    const away = join(root, 'short-origin');
    renameSync(origin, away);
    commit(away);
    const clone = () => {
      rmSync(join(at.folder, 'clone'), { recursive: true, force: true });
      git(at.folder, ['clone', '-q', '--depth=1', `file://${away}`, 'clone']);
    };
    clone();
    git(at.folder, ['init', '-q', 'empty']);
    const known = { clone: 'repository/file/clone', empty: 'repository/file/empty' };
    assert.deepEqual(await look(at), known);
    commit(away);
    clone();
    commit(join(at.folder, 'empty'));
    assert.deepEqual(await look(at), known);
  });
});
