/** What changes a folder's mark: what a measurement would see otherwise, and nothing else. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { git, working } from '@macadam/testing/readers/built-repository';
import { markOf } from './mark.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'macadam-mark-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const mark = (path: string) => markOf({ targets: [path] });

/** Two of everything: a repository more or less is found as one that changed is. */
function two(t: TestContext): string {
  const path = folder(t);
  for (const name of ['one', 'two']) {
    mkdirSync(join(path, name));
    working(join(path, name), { 'a.txt': 'a\n' });
  }
  return path;
}

test('a commit changes it, and looking at a repository does not', async (t) => {
  const path = two(t);
  const before = await mark(path);
  assert.deepEqual([before.watched, before.of, before.problem], [2, 'repositories', null]);
  git(join(path, 'one'), ['status', '--porcelain']);
  git(join(path, 'one'), ['log', '--oneline']);
  writeFileSync(join(path, 'two', 'new.txt'), 'not committed\n');
  assert.equal((await mark(path)).digest, before.digest);
  git(join(path, 'two'), ['add', '.']);
  git(join(path, 'two'), ['commit', '-q', '-m', 'second']);
  const after = await mark(path);
  assert.notEqual(after.digest, before.digest);
  git(join(path, 'one'), ['switch', '-q', '-c', 'other']);
  const switched = await mark(path);
  assert.notEqual(switched.digest, after.digest);
  git(join(path, 'one'), ['pack-refs', '--all']);
  git(join(path, 'one'), ['branch', 'third']);
  assert.notEqual((await mark(path)).digest, switched.digest);
});

test('a repository that appears, goes or is called otherwise changes it', async (t) => {
  const path = two(t);
  const before = await mark(path);
  mkdirSync(join(path, 'three'));
  assert.equal((await mark(path)).digest, before.digest, 'a folder is no repository yet');
  working(join(path, 'three'), { 'a.txt': 'a\n' });
  const three = await mark(path);
  assert.deepEqual([three.watched, three.digest === before.digest], [3, false]);
  renameSync(join(path, 'three'), join(path, 'drei'));
  assert.notEqual((await mark(path)).digest, three.digest);
  rmSync(path, { recursive: true });
  const gone = await mark(path);
  assert.equal(gone.watched, 0);
  assert.match(gone.problem ?? '', /cannot be read/);
});

test('what was pushed into a bare copy, fetched, or committed in a linked working copy is seen', async (t) => {
  const path = folder(t);
  const source = join(path, 'source');
  mkdirSync(source);
  working(source, { 'a.txt': 'a\n' });
  git(path, ['clone', '-q', '--bare', source, join(path, 'bare.git')]);
  git(source, ['worktree', 'add', '-q', join(path, 'linked'), '-b', 'linked']);
  git(path, ['clone', '-q', source, join(path, 'clone')]);
  const only = (name: string) => mark(join(path, name));
  const before = { bare: await only('bare.git'), linked: await only('linked'), clone: await only('clone') };
  writeFileSync(join(path, 'linked', 'b.txt'), 'b\n');
  git(join(path, 'linked'), ['add', '.']);
  git(join(path, 'linked'), ['commit', '-q', '-m', 'second']);
  assert.notEqual((await only('linked')).digest, before.linked.digest);
  git(source, ['push', '-q', join(path, 'bare.git'), 'linked']);
  assert.notEqual((await only('bare.git')).digest, before.bare.digest);
  git(join(path, 'clone'), ['fetch', '-q']);
  assert.notEqual((await only('clone')).digest, before.clone.digest);
});
