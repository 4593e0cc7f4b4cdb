/** More than is held in memory of one measurement: the rest waits in a file, and the store comes to the same. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import type { Source } from '@macadam/adapters/sources/port';
import { measureForStore } from '@macadam/services/measure/measure';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { working } from '@macadam/testing/readers/built-repository';
import { folderRequest } from '@macadam/testing/server/folder-request';
import { PIPELINES, partOfCatalogue } from '@macadam/testing/server/part-of-catalogue';
import { measureEstate, openEstate } from './estate.ts';
import type { EstateRequest } from './folder.ts';
import { type AppState, nothingShown } from './startup.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'macadam-overflowed-')));
const decisionsFolder = trialFolder();
const NOW = new Date('2026-11-01T00:00:00Z');
const now = () => NOW;
let decisions: Decisions;
const opened: AppState[] = [];

before(async () => {
  decisions = await openDecisions(preparedPlace(join(decisionsFolder, 'decisions')), { now });
  partOfCatalogue(join(root, 'catalogue'), PIPELINES);
  for (const name of ['one', 'two', 'three'])
    working(join(root, 'estate', name), { '.github/workflows/ci.yml': WORKFLOW, 'number.txt': name });
});
after(async () => {
  await closed();
  await decisions.close();
  rmSync(root, { recursive: true, force: true });
  rmSync(decisionsFolder, { recursive: true, force: true });
});

const WORKFLOW = 'on: push\njobs: { a: { runs-on: x, steps: [{ uses: "a/b@v1" }] } }\n';

const requestOf = async (): Promise<EstateRequest> => ({
  ...(await folderRequest({ path: join(root, 'estate'), title: 'estate', cache: join(root, 'cache') })),
  catalogueRoots: [join(root, 'catalogue')],
  now,
});

async function looked(data: string, held?: number) {
  const request = await requestOf();
  const said: string[] = [];
  const place = join(root, data);
  const options = { data: place, decisions, now, request, say: (line: string) => said.push(line) };
  const shown = nothingShown('estate');
  opened.push(shown);
  await openEstate(shown, options);
  await measureEstate(shown, { ...options, ...(held !== undefined && { held }), progress: () => {} });
  assert.ok(shown.stores && typeof shown.state === 'object' && 'scan' in shown.state, said.join('\n'));
  const collected = await shown.stores.facts.collections();
  const found = {
    figures: shown.state.scan.standards.map(({ id, pass, fail, unknown }) => [id, pass, fail, unknown]),
    collections: collected.map(({ digest, collection: { status, partitions } }) => ({
      digest,
      status,
      seen: partitions.map(({ kind, seen, complete }) => [kind, seen, complete]),
    })),
    pipelines: (await Array.fromAsync(shown.stores.facts.assets('pipeline'))).map(({ id }) => id),
  };
  await closed();
  return found;
}

/** The engine has one folder at a time. */
async function closed(): Promise<void> {
  for (const shown of opened.splice(0)) await shown.close();
}

test('the store holds the same of what lay aside as of what was held, and nothing of it stays in the cache', async () => {
  const all = await looked('whole');
  const aside = await looked('aside', 2);
  assert.deepEqual(aside, all);
  assert.equal(aside.pipelines.length, 3);
  const left = readdirSync(join(root, 'cache'), { recursive: true }).filter((name) =>
    String(name).includes('overflow'),
  );
  assert.deepEqual(left, []);
});

test('a source that breaks off leaves nothing behind, whatever lay aside by then', async () => {
  const broken: Source = {
    id: 'broken',
    description: 'Breaks off.',
    target: 'NAME',
    options: [],
    collect: async (request, emit) => {
      const [git] = (await requestOf()).asks;
      await git?.source.collect({ ...request, targets: git.targets }, emit, () => {});
      throw new TypeError('it broke off');
    },
  };
  const request = await requestOf();
  const asks = [...request.asks, { source: broken, targets: ['x'], options: {} }];
  const shown = nothingShown('estate');
  opened.push(shown);
  const options = {
    data: join(root, 'broken'),
    decisions,
    now,
    request: { ...request, asks },
    say: () => {},
  };
  await openEstate(shown, options);
  await assert.rejects(measureEstate(shown, { ...options, held: 1, progress: () => {} }), /it broke off/);
  assert.deepEqual(await shown.stores?.facts.collections(), []);
  assert.deepEqual(await shown.stores?.history.ticks(), []);
});

test('what fits is judged at once, and what does not waits for the store', async () => {
  const request = { ...(await requestOf()), progress: () => {} };
  const fits = await measureForStore(request, 1000);
  assert.ok('report' in fits);
  const more = await measureForStore(request, 2);
  assert.ok('close' in more);
  const [collected] = more.collected;
  assert.ok(collected);
  assert.equal([...collected.observations].length, fits.collected[0]?.observations.length);
  more.close();
});
