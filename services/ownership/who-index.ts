/**
 * Identifier → assets, beside the facts: filled in the same pass over all assets that asks who owns them. Keys of an asset are
 * written when they differ from those before, by digest, and the older ones are taken away.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Driver, Parameters } from '@macadam/adapters/facts/clickhouse/driver';
import { preparingOnce, quoted, type Table } from '@macadam/adapters/facts/clickhouse/table';
import { tableOf } from '@macadam/adapters/facts/layout';
import type { Asset } from '@macadam/core/facts/asset';
import type { Kind } from '@macadam/core/kinds/kind';
import { identifiersOf } from '@macadam/core/org/who';

const whoKey: Table = {
  volatile: true,
  name: 'who_key',
  description: 'An identifier of an asset',
  columns: [
    { name: 'key', type: 'String', codec: 'ZSTD(1)' },
    { name: 'asset', type: 'String', codec: 'ZSTD(1)' },
    { name: 'digest', type: 'UInt64' },
  ],
  orderBy: ['key', 'asset'],
};

export const whoAsset: Table = {
  volatile: true,
  name: 'who_asset',
  description: 'An asset whose identifiers are indexed, and the digest of them',
  columns: [
    { name: 'asset', type: 'String', codec: 'ZSTD(1)' },
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'name', type: 'String', codec: 'ZSTD(1)' },
    { name: 'digest', type: 'UInt64' },
    { name: 'pass', type: 'UInt64', codec: 'Delta, ZSTD(1)' },
  ],
  orderBy: ['asset', 'pass'],
};

/** Makes the tables that are missing; every pass may ask. */
export const prepareIndex = preparingOnce([whoKey, whoAsset]);

export interface IndexPass {
  /** Existing assets of one kind, in order of id, or few of several. */
  readonly page: (assets: readonly Asset[]) => Promise<void>;
  /** An asset of the kind may have gone. */
  readonly end: (kind: Kind) => Promise<void>;
  readonly done: () => Promise<{ readonly indexed: number }>;
}

/** So few assets that a statement names them: a server gets them in a URL. */
export const NAMED = 100;

/** SQL of a condition that holds of the rows of a page, and of rows between its ends. */
export function amongPage(page: readonly Asset[]): {
  readonly where: string;
  readonly parameters: Parameters;
} {
  if (page.length <= NAMED)
    return { where: 'asset IN {ids:Array(String)}', parameters: { ids: page.map(({ id }) => id) } };
  return {
    where: 'asset >= {from:String} AND asset <= {to:String}',
    parameters: { from: page[0]?.id ?? '', to: page.at(-1)?.id ?? '' },
  };
}

/** `since`: the batch since which the assets that are given changed; null where all are given. */
export async function indexPass(driver: Driver, since: number | null = null): Promise<IndexPass> {
  const [newest] = await driver.query<{ pass: string }>('SELECT max(pass) AS pass FROM who_asset');
  const pass = Number(newest?.pass ?? 0) + 1;
  if (pass > 1 && since === null) await dropOlder(driver, 0);
  let indexed = 0;
  const insert = (table: Table, rows: readonly (readonly unknown[])[]) =>
    driver.insert({
      table: table.name,
      columns: table.columns.map(({ name }) => name),
      format: 'JSONCompactEachRow',
      token: randomUUID(),
      rows: Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
    });
  return {
    page: async (assets) => {
      if (assets.length === 0) return;
      const { where, parameters } = amongPage(assets);
      const rows = await driver.query<{ asset: string; digest: string }>(
        `SELECT asset, digest FROM who_asset WHERE ${where} ORDER BY asset, pass DESC LIMIT 1 BY asset`,
        parameters,
      );
      const before = new Map(rows.map(({ asset, digest }) => [asset, digest]));
      const changed = assets.flatMap((asset) => {
        const keys = identifiersOf(asset);
        const digest = digestOf(asset.name, keys);
        return before.get(asset.id) === digest ? [] : { asset, keys, digest };
      });
      indexed += changed.length;
      // The keys first: an asset that is said to be indexed is.
      await insert(
        whoKey,
        changed.flatMap(({ asset, keys, digest }) => keys.map((key) => [key, asset.id, digest])),
      );
      await insert(
        whoAsset,
        changed.map(({ asset, digest }) => [asset.id, asset.kind, asset.name, digest, pass]),
      );
    },
    end: (kind) => dropGone(driver, kind),
    done: async () => {
      if (indexed > 0) await dropOlder(driver, since === null ? 0 : pass);
      return { indexed };
    },
  };
}

const digestOf = (name: string, keys: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([name, keys]))
    .digest()
    .readBigUInt64BE()
    .toString();

/** Of assets that were indexed by a pass from this one on. */
async function dropOlder(driver: Driver, from: number): Promise<void> {
  const twice = `SELECT asset FROM who_asset WHERE asset IN (SELECT asset FROM who_asset WHERE pass >= {from:UInt64})
    GROUP BY asset HAVING count() > 1`;
  const newest = `SELECT asset, argMax(digest, pass) FROM who_asset WHERE asset IN (${twice}) GROUP BY asset`;
  const last = `SELECT asset, max(pass) FROM who_asset WHERE asset IN (${twice}) GROUP BY asset`;
  const [row] = await driver.query<{ rows: string }>(`SELECT count() AS rows FROM (${twice})`, { from });
  if (Number(row?.rows) === 0) return;
  await driver.command(
    `DELETE FROM who_key WHERE asset IN (${twice}) AND (asset, digest) NOT IN (${newest})`,
    { from },
  );
  await driver.command(`DELETE FROM who_asset WHERE asset IN (${twice}) AND (asset, pass) NOT IN (${last})`, {
    from,
  });
}

async function dropGone(driver: Driver, kind: Kind): Promise<void> {
  const gone = `kind = {kind:String} AND asset NOT IN (SELECT \`@id\` FROM ${quoted(tableOf(kind))})`;
  const given = { kind: kind.kind };
  const [row] = await driver.query<{ rows: string }>(
    `SELECT count() AS rows FROM who_asset WHERE ${gone}`,
    given,
  );
  if (Number(row?.rows) === 0) return;
  await driver.command(
    `DELETE FROM who_key WHERE asset IN (SELECT asset FROM who_asset WHERE ${gone})`,
    given,
  );
  await driver.command(`DELETE FROM who_asset WHERE ${gone}`, given);
}

/** For questions about a few rows: more threads cost more than they read. */
export const FEW = 'SETTINGS max_threads = 1';

/** Of each key that is known how many assets it names, and the first of them, by id. */
export async function findKeys(
  driver: Driver,
  keys: readonly string[],
  most: number,
): Promise<ReadonlyMap<string, { readonly count: number; readonly assets: readonly string[] }>> {
  const rows = await driver.query<{ key: string; count: string; assets: readonly string[] }>(
    `SELECT key, count() AS count, arraySort(groupUniqArray(${Math.trunc(most)})(asset)) AS assets FROM who_key
     WHERE key IN {keys:Array(String)} GROUP BY key ${FEW}`,
    { keys },
  );
  return new Map(rows.map(({ key, count, assets }) => [key, { count: Number(count), assets }]));
}
