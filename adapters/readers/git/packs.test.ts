/** Objects are read without git only where that gives what git gives; what is damaged or misleading is never believed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { blobId, difference, type PackEntry, packFile } from '../../../testing/readers/pack-file.ts';
import type { GitObject } from './objects.ts';
import { openObjectFiles } from './packs.ts';
import { isGitFailure } from './process.ts';
import { openRepository } from './repository.ts';

const root = mkdtempSync(join(tmpdir(), 'macadam-packs-'));
after(() => rmSync(root, { recursive: true, force: true }));

const env = {
  PATH: process.env.PATH,
  HOME: root,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};
const git = (cwd: string, ...args: string[]): Buffer => execFileSync('git', args, { cwd, env });

/** Files that differ a little from commit to commit, so that most objects are packed as differences. */
function repository(name: string, pack: (folder: string, round: number) => void): string {
  const folder = join(root, name);
  mkdirSync(join(folder, 'src'), { recursive: true });
  git(folder, 'init', '-q', '-b', 'main');
  for (let round = 0; round < 6; round++) {
    for (let file = 0; file < 5; file++) {
      const lines = Array.from({ length: 300 }, (_, n) => `${file} ${n} ${hash('sha1', `${file} ${n}`)}`);
      lines[round * 7] = `changed in round ${round}`;
      writeFileSync(join(folder, 'src', `${file}.txt`), lines.slice(0, 300 - round).join('\n'));
    }
    writeFileSync(join(folder, 'empty'), '');
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', `round ${round}`, '--allow-empty');
    pack(folder, round);
  }
  git(folder, 'tag', '-am', 'a tag', 'v1');
  return folder;
}

const REPOSITORIES: Readonly<Record<string, string>> = {
  loose: repository('loose', () => {}),
  'one pack': repository('one-pack', (folder, round) => {
    if (round === 5) git(folder, 'gc', '-q', '--aggressive');
  }),
  'several packs and loose objects': repository('packs', (folder, round) => {
    if (round % 2 === 0) git(folder, 'repack', '-qd');
  }),
  'differences that name their base by id': repository('by-id', (folder, round) => {
    if (round === 5) git(folder, '-c', 'repack.useDeltaBaseOffset=false', 'repack', '-qadf');
  }),
};

const opened = (folder: string, searchPath: string | undefined) =>
  openRepository({ path: folder, name: folder, within: [root], scratch: join(root, 'scratch'), searchPath });

const idsIn = (folder: string): string[] =>
  git(folder, 'cat-file', '--batch-all-objects', '--batch-check=%(objectname)').toString().trim().split('\n');

const idOf = ({ type, content }: GitObject): string =>
  hash('sha1', Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]));

for (const [name, folder] of Object.entries(REPOSITORIES))
  test(`${name}: every object is what git says, and no git is needed`, async () => {
    const ids = idsIn(folder);
    const alone = await opened(folder, join(root, 'no-such-folder'));
    for (const id of ids) {
      const object = await alone.object(id, 2 ** 20);
      assert.ok(!isGitFailure(object), `${id} ${JSON.stringify(object)}`);
      assert.equal(idOf(object), id);
    }
    const tree = await alone.tree('head');
    const listed = git(folder, 'ls-tree', '-r', '--format=%(path) %(objectsize)', 'HEAD').toString().trim();
    assert.equal(tree.entries.map(({ path, size }) => `${path} ${size}`).join('\n'), listed);
    await alone.close();
  });

test('a pack or an index that is damaged anywhere gives the object that was asked for, or none', async () => {
  const folder = REPOSITORIES['one pack'] ?? '';
  const packs = join(folder, '.git/objects/pack');
  const ids = idsIn(folder);
  // Multiplied by an odd number, every byte has its turn sooner or later.
  let seed = 1;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % below;
  };
  for (const file of readdirSync(packs).filter((one) => /\.(pack|idx)$/.test(one))) {
    const path = join(packs, file);
    const whole = readFileSync(path);
    chmodSync(path, 0o600);
    for (let round = 0; round < 25; round++) {
      const damaged = Buffer.from(whole);
      for (let times = next(4); times >= 0; times--) damaged[next(damaged.length)] = next(256);
      writeFileSync(path, round % 10 === 0 ? damaged.subarray(0, next(damaged.length)) : damaged);
      const alone = await opened(folder, join(root, 'no-such-folder'));
      for (const id of ids) {
        const object = await alone.object(id, 2 ** 20);
        if (isGitFailure(object)) continue;
        assert.equal(idOf(object), id);
      }
      await alone.close();
    }
    writeFileSync(path, whole);
  }
});

test('what is too large for the one who asks is not read', async () => {
  const alone = await opened(REPOSITORIES['one pack'] ?? '', process.env.PATH);
  const id = git(REPOSITORIES['one pack'] ?? '', 'rev-parse', 'HEAD:src/1.txt')
    .toString()
    .trim();
  const object = await alone.object(id, 100);
  assert.equal(isGitFailure(object) && object.fault, 'too-large');
  await alone.close();
});

/** What is read of a pack, with at most 64 KiB an object. */
function packed(entries: readonly PackEntry[], ...wanted: readonly string[]) {
  const folder = mkdtempSync(join(root, 'made-'));
  const { pack, index } = packFile(entries);
  writeFileSync(join(folder, 'a.pack'), pack);
  writeFileSync(join(folder, 'a.idx'), index);
  const reader = openObjectFiles({ packs: [join(folder, 'a.pack')], loose: new Map() }, 2 ** 16);
  const before = process.memoryUsage().arrayBuffers;
  const found = wanted.map((oid) => reader.read(oid, 2 ** 16));
  const grown = process.memoryUsage().arrayBuffers - before;
  reader.close();
  return { found: found.map((one) => one?.content.toString()), grown };
}

const text = Buffer.from('a line of a file\n'.repeat(100));
const [one, two] = ['11'.repeat(20), '22'.repeat(20)];
const unchanged = difference({ base: text.length, to: text.length, length: text.length, text: '' });

test('differences that go round in a circle end, by offset and by id', () => {
  const circle = packed(
    [
      { kind: 7, content: unchanged, base: two, oid: one },
      { kind: 7, content: unchanged, base: one, oid: two },
      { kind: 7, content: unchanged, base: '33'.repeat(20), oid: '33'.repeat(20) },
      { kind: 6, content: unchanged, back: 0, oid: '44'.repeat(20) },
      { kind: 6, content: unchanged, back: 2 ** 40, oid: '55'.repeat(20) },
      { kind: 3, content: text },
    ],
    ...[one, two, '33'.repeat(20), '44'.repeat(20), '55'.repeat(20), blobId(text)],
  );
  assert.deepEqual(circle.found, [undefined, undefined, undefined, undefined, undefined, text.toString()]);
});

test('a size that is claimed takes no memory, and what unpacks to more than it says is none', () => {
  const huge = (to: number) => difference({ base: text.length, to, length: text.length, text: '' });
  const { found, grown } = packed(
    [
      { kind: 3, content: text },
      { kind: 3, content: text, claimed: 2 ** 50, oid: one },
      { kind: 3, content: Buffer.alloc(2 ** 24), claimed: 100, oid: two },
      { kind: 7, content: huge(2 ** 45), base: blobId(text), oid: '33'.repeat(20) },
      { kind: 7, content: huge(2 ** 31), base: blobId(text), oid: '44'.repeat(20) },
      { kind: 7, content: unchanged, claimed: 2 ** 33, base: blobId(text), oid: '55'.repeat(20) },
    ],
    ...[blobId(text), one, two, '33'.repeat(20), '44'.repeat(20), '55'.repeat(20)],
  );
  assert.deepEqual(found, [text.toString(), undefined, undefined, undefined, undefined, undefined]);
  assert.ok(grown < 8 * 2 ** 20, `${grown} bytes`);
});

test('a base that many differ from stays at hand, however often it is used', () => {
  const base = Buffer.from('0123456789abcdef'.repeat(4000));
  const variants = Array.from({ length: 400 }, (_, n) => Buffer.concat([base, Buffer.from(`end ${n}`)]));
  const entries = variants.map(
    (content, n): PackEntry => ({
      kind: 7,
      content: difference({ base: base.length, to: content.length, length: base.length, text: `end ${n}` }),
      base: blobId(base),
      oid: blobId(content),
    }),
  );
  // Of a pack of this size pieces are read as they are needed.
  const large: PackEntry = { kind: 3, content: randomBytes(5 * 2 ** 20) };
  const { pack, index, offsets } = packFile([{ kind: 3, content: base }, large, ...entries]);
  const folder = mkdtempSync(join(root, 'held-'));
  writeFileSync(join(folder, 'a.pack'), pack);
  writeFileSync(join(folder, 'a.idx'), index);
  const reader = openObjectFiles({ packs: [join(folder, 'a.pack')], loose: new Map() }, 2 ** 16);
  assert.ok(reader.read(blobId(variants[0] ?? base), 2 ** 16));
  // Whoever reads the base once more finds nothing where it was.
  writeFileSync(join(folder, 'a.pack'), pack.fill(0, offsets[0], offsets[1]));
  for (const content of variants)
    assert.ok(reader.read(blobId(content), 2 ** 16)?.content.equals(content), 'it was not at hand');
  reader.close();
});
