import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { quoted, tableOf } from '@macadam/adapters/facts/layout';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import type { Collection } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { simulate } from './simulate.ts';
import { SIZES, type Size } from './size.ts';

const catalogue = wholeCatalogue();
/** One kind with two sources and teams that change, and one of things that happen by themselves, with records. */
const KINDS = ['incident', 'privileged-assignment'];
const kinds = new Map([...catalogue.kinds].filter(([name]) => KINDS.includes(name)));
const standards = catalogue.standards
  .map(({ compiled }) => compiled)
  .filter(({ definition }) => KINDS.includes(definition.scope.kind));
/** One whose sources are late, blind and out where most of these assets are, in the fewest days in which that comes to pass. */
const SEED = '42';
const DAYS = 10;
const until = new Date('2026-11-24T00:00:00Z');

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function opened(some: ReadonlyMap<string, Kind> = kinds): Promise<Stores> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-simulation-'));
  folders.push(folder);
  return openStores(folder, { kinds: some, now: () => until });
}

/** Fills a store, looks at all of it and closes it: the engine takes one folder at a time. */
async function company(observed: Size['observed'], seed = SEED) {
  const stores = await opened();
  try {
    await simulate(stores, { size: { ...SIZES.tiny, days: DAYS, observed }, seed, until, kinds, standards });
    return { ...(await pictures(stores)), ...(await merged(stores)), broken: await stores.history.broken() };
  } finally {
    await stores.close();
  }
}

const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();

async function pictures({ history }: Stores): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  const ticks = await history.ticks();
  // Their batches differ: not every collection is kept where not every observation is.
  found.ticks = ticks.map(({ valid }) => valid.toISOString());
  const last = ticks.at(-1);
  assert.ok(last);
  for (const [index, tick] of ticks.entries()) {
    const { valid, known } = tick;
    found[`as published ${index}`] = sorted(await history.slice(tick, {}, ['standard', 'team']));
    found[`as known today ${index}`] = sorted(
      await history.slice({ valid, known: last.known }, {}, ['standard', 'team']),
    );
    const before = ticks[index - 1];
    if (before)
      found[`account ${index}`] = sorted(
        await history.account(before, { valid, known }, {}, ['standard', 'team']),
      );
  }
  found.standing = sorted(await history.assetsAt(last, {}, { limit: 100_000 }));
  return found;
}

async function merged({ driver }: Stores): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  for (const kind of kinds.values()) {
    const rows = await driver.query(
      `SELECT * REPLACE(mapSort(\`@whys\`) AS \`@whys\`) FROM ${quoted(tableOf(kind))} ORDER BY \`@id\``,
    );
    const ids = rows.map((row) => String((row as { '@id': unknown })['@id']));
    assert.deepEqual(
      ids.filter((id) => id.split('/').includes('')),
      [],
      'who something is does not hang on who looked',
    );
    // Which batch gave a row depends on how many there were, and only rows that were settled one by one have a text of their columns.
    found[kind.kind] = rows.map((row) => {
      const { '@held': held, '@outside': outside } = row as { '@held': string; '@outside': number };
      return JSON.stringify({ ...row, '@known': '', '@held': outside === 1 ? held : '' });
    });
  }
  return found;
}

test('a company made at once is the one that was observed and judged tick by tick', async () => {
  const slowly: Record<string, unknown> = await company('all');
  assert.ok((slowly.standing as readonly string[]).length > 20);
  assert.deepEqual(slowly.broken, []);
  // What is compared has something of everything in it.
  const all = JSON.stringify(slowly);
  const cells = ['fixed', 'gone-pass', 'lost-pass', 'revealed-pass', 'reassigned-in', 'entered-fail'];
  assert.deepEqual(
    cells.filter((cell) => !all.includes(`\\"cell\\":\\"${cell}\\"`)),
    [],
  );
  const learned = Object.keys(slowly).filter(
    (what) =>
      what.startsWith('as published') &&
      JSON.stringify(slowly[what]) !== JSON.stringify(slowly[what.replace('published', 'known today')]),
  );
  assert.ok(learned.length > 0, 'nothing was learned late');
  for (const observed of ['newest', 'none'] as const) {
    const atOnce: Record<string, unknown> = await company(observed);
    for (const [what, rows] of Object.entries(slowly))
      assert.deepEqual(atOnce[what], rows, `${observed}: ${what}`);
  }
});

const empty = (source: string): Collection => ({
  source,
  startedAt: until.toISOString(),
  finishedAt: until.toISOString(),
  status: 'complete',
  partitions: [],
  problems: [],
});

test('what is real and what is simulated never share a folder', async () => {
  // Nothing is observed, so a store of no kind says as much.
  const none: ReadonlyMap<string, Kind> = new Map();
  const options = { size: 'tiny', until, kinds: none, standards: [] } as const;
  const real = await opened(none);
  try {
    await real.facts.append(empty('directory'), [], until);
    await assert.rejects(simulate(real, options), /holds something real already/);
    await assert.rejects(
      real.facts.append(empty('simulated-directory'), [], until),
      /takes nothing simulated/,
    );
    assert.equal(real.simulated(), null);
  } finally {
    await real.close();
  }
  const made = await opened(none);
  const mark = { size: 'tiny', seed: SEED, until: until.toISOString(), every: 2, whole: false };
  await made.mark({ ...mark, organisation: { divisions: [], functions: [], teams: [] } });
  await assert.rejects(made.facts.append(empty('directory'), [], until), /takes nothing real/);
  await assert.rejects(simulate(made, options), /a simulated company, whole or in part/);
  await made.close();
  const again = await openStores(made.facts.place, { kinds: none, now: () => until });
  try {
    assert.equal(again.simulated()?.seed, SEED);
    await assert.rejects(again.facts.append(empty('directory'), [], until), /takes nothing real/);
  } finally {
    await again.close();
  }
});
