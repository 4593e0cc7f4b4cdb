/** A second look at a repository says what the first one would have said, and reads only what changed. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { heldRepository } from '../held.ts';
import { type Reading, readRepository } from '../read.ts';
import { memoryTree, type Tree } from '../tree.ts';
import { openMemory } from './memory.ts';

const place = mkdtempSync(join(tmpdir(), 'macadam-look-'));
after(() => rmSync(place, { recursive: true, force: true }));
let folders = 0;

type Files = Readonly<Record<string, string>>;

const WORKFLOW = `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -f test/Dockerfile .
`;
const FILES: Files = {
  '.github/workflows/build.yml': WORKFLOW,
  'package.json': '{"name": "it", "dependencies": {"left": "1.0.0"}}',
  'package-lock.json':
    '{"name": "it", "lockfileVersion": 3, "packages": {"": {}, "node_modules/left": {"version": "1.0.0", "integrity": "sha512-AAAA"}}}',
  'src/a.ts': 'export const a = 1;',
  'src/b.ts': 'export const b = 2;',
  'test/Dockerfile': 'FROM scratch\n',
  CODEOWNERS: '* @acme/all\n',
};
/** Put together here, so that this file holds none. */
const SECRET = `gh${'p_'}${'x7Kd93LmQ2vB8nR5tYw1ZcF4hJ6sUa0eGiPo'}`;

/** A tree whose files have ids, and the paths that were read of it. */
function seen(files: Files): { tree: Tree; read: string[] } {
  const tree = memoryTree(files);
  const read: string[] = [];
  return {
    read,
    tree: {
      ...tree,
      entries: tree.entries.map((entry) => ({ ...entry, oid: hash('sha1', files[entry.path] ?? '') })),
      read: (path, limit) => {
        read.push(path);
        return tree.read(path, limit);
      },
      bytes: (path, limit) => {
        read.push(path);
        return tree.bytes(path, limit);
      },
    },
  };
}

interface LookOptions {
  readonly version?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly now?: string;
  readonly change?: (tree: Tree) => Tree;
  /** A path that is left out, and why. */
  readonly leaves?: readonly [path: string, why: string];
}

async function look(cache: string | null, files: Files, options: LookOptions = {}) {
  const { tree, read } = seen(files);
  const {
    version = 'one',
    parameters = {},
    now = '2026-11-01T00:00:00Z',
    change = (same) => same,
    leaves,
  } = options;
  const reading = await readRepository(heldRepository(change(tree)), {
    host: 'file',
    path: 'it',
    name: 'it',
    source: 'git',
    view: 'head',
    now: new Date(now),
    parameters,
    ...(leaves && {
      leftOut: (path) => (path === leaves[0] ? { unobserved: 'incomplete', why: leaves[1] } : undefined),
    }),
    ...(cache !== null && { memory: openMemory(cache, 'it', version) }),
  });
  return { reading, read: [...new Set(read)].sort() };
}

const newCache = () => join(place, String(folders++));
/** Read at every look: who owns a path is asked by all that stands in it. */
const ALWAYS = ['CODEOWNERS'];

async function sameAsFresh(reading: Reading, files: Files, options: LookOptions = {}): Promise<void> {
  assert.deepEqual(reading, (await look(null, files, options)).reading);
}

test('a second look reads no file, and says the same of its own time', async () => {
  const cache = newCache();
  const first = await look(cache, FILES);
  assert.ok(Object.keys(FILES).every((path) => first.read.includes(path)));
  await sameAsFresh(first.reading, FILES);
  const later = { now: '2026-11-02T00:00:00Z' };
  const second = await look(cache, FILES, later);
  assert.deepEqual(second.read, ALWAYS);
  assert.equal(second.reading.observations.length > 2, true);
  await sameAsFresh(second.reading, FILES, later);
});

test('of files that changed only these are read, and those that are told by the same part of the reader', async () => {
  const cache = newCache();
  await look(cache, FILES);
  const code = { ...FILES, 'src/a.ts': `const token = '${SECRET}';` };
  const second = await look(cache, code);
  assert.deepEqual(second.read, [...ALWAYS, 'src/a.ts']);
  await sameAsFresh(second.reading, code);
  const workflow = { ...code, '.github/workflows/build.yml': WORKFLOW.replace('ubuntu', 'windows') };
  const third = await look(cache, workflow);
  assert.ok(third.read.includes('.github/workflows/build.yml'));
  assert.ok(!third.read.includes('src/b.ts') && !third.read.includes('package-lock.json'));
  await sameAsFresh(third.reading, workflow);
});

test('a file that is added, removed or renamed is seen', async () => {
  const cache = newCache();
  await look(cache, FILES);
  const { 'package-lock.json': lock = '', ...unlocked } = FILES;
  for (const files of [
    unlocked,
    { ...unlocked, 'sub/package-lock.json': lock },
    { ...FILES, '.github/workflows/other.yml': WORKFLOW },
    FILES,
  ])
    await sameAsFresh((await look(cache, files)).reading, files);
});

test('a reference that makes a path product is seen by what does not look at the file that refers to it', async () => {
  const cache = newCache();
  const files = { ...FILES, 'test/package.json': '{"name": "t", "dependencies": {"right": "1.0.0"}}' };
  await look(cache, files);
  const referring = { ...files, Dockerfile: 'FROM scratch\nCOPY test /test\n' };
  await sameAsFresh((await look(cache, referring)).reading, referring);
  await sameAsFresh((await look(cache, files)).reading, files);
});

test('another version of the code, and other parameters, look anew', async () => {
  const cache = newCache();
  await look(cache, FILES);
  const changed = await look(cache, FILES, { version: 'two' });
  assert.ok(Object.keys(FILES).every((path) => changed.read.includes(path)));
  const parameters = { dependency_fixtures: ['src'] };
  const asked = await look(cache, FILES, { version: 'two', parameters });
  assert.ok(asked.read.includes('package.json') && !asked.read.includes('src/a.ts'));
  await sameAsFresh(asked.reading, FILES, { parameters });
});

test('what is left out is not recalled, and is seen again once it is left out no longer', async () => {
  const cache = newCache();
  const files = { ...FILES, 'src/a.ts': `const token = '${SECRET}';` };
  await look(cache, files);
  for (const leaves of [
    ['src/a.ts', 'macadam.yaml:1 leaves it out'],
    ['package.json', 'macadam.yaml:1 leaves it out'],
    ['package.json', 'macadam.yaml:2 leaves it out'],
  ] as const) {
    const without = await look(cache, files, { leaves });
    await sameAsFresh(without.reading, files, { leaves });
    const again = await look(cache, files, { leaves });
    assert.deepEqual(again.read, ALWAYS);
    await sameAsFresh(again.reading, files, { leaves });
    await sameAsFresh((await look(cache, files)).reading, files);
  }
});

test('what could not be read is read again, under the same id', async () => {
  const cache = newCache();
  const lost = { unobserved: 'failed', why: 'an object is missing; run `git fsck`' } as const;
  const broken = (tree: Tree): Tree => ({
    ...tree,
    read: async (path, limit) => (path === 'package.json' ? lost : tree.read(path, limit)),
    bytes: async (path, limit) => (path === 'package.json' ? lost : tree.bytes(path, limit)),
  });
  const first = await look(cache, FILES, { change: broken });
  assert.ok(first.reading.problems.length > 0);
  const second = await look(cache, FILES);
  assert.ok(second.read.includes('package.json'));
  await sameAsFresh(second.reading, FILES);
});

test('a tree that was not listed whole is not remembered', async () => {
  const cache = newCache();
  const incomplete = { unobserved: 'failed', why: 'a tree is missing; run `git fsck`' } as const;
  await look(cache, FILES, { change: (tree) => ({ ...tree, incomplete }) });
  const second = await look(cache, FILES);
  assert.ok(second.read.includes('package.json'));
  await sameAsFresh(second.reading, FILES);
});

test('no secret lies in the cache, nor what was learned from a file that holds one', async () => {
  const cache = newCache();
  const files = {
    ...FILES,
    '.github/workflows/build.yml': `${WORKFLOW}        env:\n          TOKEN: ${SECRET}\n`,
    'src/a.ts': `const token = '${SECRET}';`,
  };
  await look(cache, files);
  const [name = ''] = readdirSync(join(cache, 'readings'));
  const written = readFileSync(join(cache, 'readings', name));
  const text = zstdDecompressSync(written.subarray(written.indexOf(10) + 1)).toString();
  assert.ok(text.includes('"secrets"') && text.includes('sha512-AAAA'));
  assert.ok(!text.includes(SECRET) && !text.includes(SECRET.slice(4, 20)));
  assert.ok(!text.includes('build.yml'), 'a workflow that holds a secret is read at every look');
  const second = await look(cache, files);
  assert.ok(second.read.includes('.github/workflows/build.yml'));
  assert.ok(!second.read.includes('package-lock.json') && !second.read.includes('src/b.ts'));
  await sameAsFresh(second.reading, files);
});
