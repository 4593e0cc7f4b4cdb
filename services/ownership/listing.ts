/**
 * All assets as lists show them: name, kind and owner in one row an asset, and how many there are of each kind and owner. Made again from
 * the answers and the index after a pass that changed any of them, as a whole beside the one before: whoever reads has all of one.
 */
import { randomUUID } from 'node:crypto';
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import type { Table } from '@macadam/adapters/facts/clickhouse/table';

export const listedAsset: Table = {
  name: 'listed_asset',
  description: 'An asset as a listing shows it',
  columns: [
    { name: 'listing', type: 'UInt64', codec: 'Delta, ZSTD(1)' },
    { name: 'asset', type: 'String', codec: 'ZSTD(1)' },
    { name: 'kind', type: 'LowCardinality(String)' },
    { name: 'name', type: 'String', codec: 'ZSTD(1)' },
    // Empty for nobody.
    { name: 'owner', type: 'LowCardinality(String)' },
    { name: 'state', type: 'LowCardinality(String)' },
  ],
  orderBy: ['listing', 'asset'],
  // One is taken away at once.
  partitionBy: 'listing',
  projections: { counts: 'SELECT listing, kind, owner, count() GROUP BY listing, kind, owner' },
};

/** A listing exists when its row here does: until then what there is of it counts for nothing. */
export const listingTable: Table = {
  name: 'listing',
  description: 'A listing of all assets that was made to its end',
  columns: [{ name: 'number', type: 'UInt64' }],
  orderBy: ['number'],
};

/** What a listing is made from, one row an asset: an older row stands beside it only while a pass runs. */
export const JOINED = `SELECT indexed.asset AS asset, indexed.kind AS kind, indexed.name AS name,
  ifNull(answered.owner, '') AS owner, ifNull(toString(answered.state), '') AS state
  FROM (SELECT asset, kind, name FROM who_asset ORDER BY asset, pass DESC LIMIT 1 BY asset) AS indexed
  LEFT JOIN (SELECT asset, owner, state FROM owner_answer ORDER BY asset, pass DESC LIMIT 1 BY asset) AS answered
  ON answered.asset = indexed.asset`;

/** The newest listing; null: none was made in this store yet. */
export async function newestListing(driver: Driver): Promise<number | null> {
  const [row] = await driver.query<{ number: string }>(
    `SELECT max(number) AS number FROM ${listingTable.name} HAVING count() > 0`,
  );
  return row === undefined ? null : Number(row.number);
}

/** Not two at once on one store. The listing before stays until the next is made, for whoever reads it. */
export async function makeListing(driver: Driver): Promise<void> {
  const current = (await newestListing(driver)) ?? 0;
  const parts = await driver.query<{ partition: string }>(
    'SELECT DISTINCT partition FROM system.parts WHERE database = currentDatabase() AND table = {table:String} AND active',
    { table: listedAsset.name },
  );
  const others = parts.map(({ partition }) => Number(partition)).filter((listing) => listing !== current);
  for (const listing of others)
    await driver.command(`ALTER TABLE ${listedAsset.name} DROP PARTITION ${listing}`);
  // What a crash left of one is gone, and its number is not given again.
  const next = Math.max(current, ...others) + 1;
  await driver.command(
    `INSERT INTO ${listedAsset.name} (listing, asset, kind, name, owner, state)
     SETTINGS insert_deduplicate = 0 SELECT toUInt64(${next}), asset, kind, name, owner, state FROM (${JOINED})`,
  );
  await driver.insert({
    table: listingTable.name,
    columns: ['number'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(JSON.stringify([next])),
    token: randomUUID(),
  });
}
