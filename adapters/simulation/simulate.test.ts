import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadCatalogue } from '../catalogue/load.ts';
import { quoted, tableOf } from '../facts/layout.ts';
import { openStores, type Stores } from '../facts/open.ts';
import { simulate } from './simulate.ts';
import { SIZES } from './size.ts';

const catalogue = loadCatalogue([join(import.meta.dirname, '..', '..')]);
/** One kind with two sources and teams that change, and one of things that happen by themselves, with records. */
const KINDS = ['incident', 'privileged-assignment'];
const kinds = new Map([...catalogue.kinds].filter(([name]) => KINDS.includes(name)));
const standards = catalogue.standards
  .map(({ compiled }) => compiled)
  .filter(({ definition }) => KINDS.includes(definition.scope.kind));
/** One whose sources are late, blind and out where most of these assets are. */
const SEED = '718';
const until = new Date('2026-11-24T00:00:00Z');

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function opened(): Promise<Stores> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-simulation-'));
  folders.push(folder);
  return openStores(folder, { kinds, now: () => until });
}

/** Fills a store, looks at all of it and closes it: the engine takes one folder at a time. */
async function company(observed: 'all' | number, seed = SEED) {
  const stores = await opened();
  try {
    await simulate(stores, { size: { ...SIZES.tiny, observed }, seed, until, kinds, standards });
    return { ...(await pictures(stores)), ...(await merged(stores)), broken: await stores.history.broken() };
  } finally {
    await stores.close();
  }
}

const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();

async function pictures({ history }: Stores): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  const ticks = await history.ticks();
  found.ticks = ticks.map(({ valid, known }) => `${valid.toISOString()} ${known}`);
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
    // Which batch gave a row depends on how many there were.
    found[kind.kind] = rows.map((row) => JSON.stringify({ ...row, '@known': '' }));
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
  for (const observed of [SIZES.tiny.observed, 0]) {
    const atOnce: Record<string, unknown> = await company(observed);
    for (const [what, rows] of Object.entries(slowly))
      assert.deepEqual(atOnce[what], rows, `${observed}: ${what}`);
  }
});
