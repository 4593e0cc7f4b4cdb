/**
 * The last answer for every asset, beside the facts: what `owning` needs where a rule cannot be asked any more, and
 * what lists and counts are read from. It has no chain, which is computed where it is shown. One row an asset; a pass
 * writes rows that differ, then takes the older ones away, and after a crash the next pass does that.
 */

import { randomUUID } from 'node:crypto';
import { assetRows } from '@macadam/adapters/facts/asset-rows';
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { preparingOnce, quoted, type Table } from '@macadam/adapters/facts/clickhouse/table';
import { goneTable } from '@macadam/adapters/facts/clickhouse/tables';
import { tableOf } from '@macadam/adapters/facts/layout';
import type { Facts } from '@macadam/adapters/facts/port';
import { quotedText } from '@macadam/adapters/facts/sql/text';
import type { Asset } from '@macadam/core/facts/asset';
import type { Kind } from '@macadam/core/kinds/kind';
import type { OwnerAnswer } from '@macadam/core/org/owner';
import { listedAsset, listingTable, newestListing } from './listing.ts';
import type { Owners } from './owners.ts';
import { amongPage, FEW, type IndexPass, NAMED, whoAsset } from './who-index.ts';

export const ownerAnswer: Table = {
  volatile: true,
  name: 'owner_answer',
  description: 'Who owns an asset, as of the last pass over all of them',
  columns: [
    { name: 'asset', type: 'String', codec: 'ZSTD(1)' },
    { name: 'kind', type: 'LowCardinality(String)' },
    // Empty for nobody.
    { name: 'owner', type: 'LowCardinality(String)' },
    { name: 'state', type: "Enum8('nobody' = 0, 'unconfirmed' = 1, 'confirmed' = 2)" },
    // RFC 3339, empty where it never was.
    { name: 'confirmed_at', type: 'String', codec: 'ZSTD(1)' },
    { name: 'rule', type: 'LowCardinality(String)' },
    // The rule could not be asked: the owner is the last one that it named.
    { name: 'kept', type: 'UInt8' },
    { name: 'pass', type: 'UInt64', codec: 'Delta, ZSTD(1)' },
  ],
  orderBy: ['asset', 'pass'],
};
const COLUMNS = ownerAnswer.columns.map(({ name }) => name);

/** Makes the tables that are missing; whoever reads them may ask. */
export const prepareAnswers = preparingOnce([ownerAnswer, listedAsset, listingTable]);

export interface OwnerPass {
  readonly assets: number;
  readonly written: number;
  readonly gone: number;
  /** Answers that only the one before them explains, for `ownersOf`. */
  readonly kept: ReadonlyMap<string, OwnerAnswer>;
}

const PAGE = 2000;
/** A newer confirmation alone is written at most once a week: what is shown is computed from the facts. */
const STALE = 7 * 86_400_000;

/**
 * Asks the rules of every existing asset, or of those that changed since a batch, and lets what else goes over them see each page. Two
 * at once would undo each other: hold `exclusive('owners')`, or be alone.
 */
export async function passOwners(
  { driver, facts, kinds }: OwnerStores,
  owners: Owners,
  beside?: Pick<IndexPass, 'page' | 'end'>,
  since: number | null = null,
): Promise<OwnerPass> {
  const [newest] = await driver.query<{ pass: string }>('SELECT max(pass) AS pass FROM owner_answer');
  // It rises, also where the rows of the last one went with their assets: a tick asks for those of later passes.
  const last = Number(newest?.pass ?? 0);
  const pass = Math.max(last + 1, owners.context.now.getTime());
  // What a crash left is taken away when all are gone over.
  if (last > 0 && since === null) await dropOlder(driver, 0);
  const kept = new Map<string, OwnerAnswer>();
  let [asked, written, gone] = [0, 0, 0];
  const { visited, gone: left } = await toVisit(
    { driver, facts, kinds },
    since,
    beside ? [ownerAnswer, whoAsset] : [ownerAnswer],
  );
  const flush = async (page: readonly Asset[]) => {
    if (page.length === 0) return;
    const before = await lastOf(driver, page);
    const rows: string[] = [];
    for (const asset of page) {
      const last = before.get(asset.id) ?? null;
      const answer = owners.answerOf(asset, last);
      // One that was kept is never confirmed, so the second question is seldom asked.
      const doubtful = last !== null && answer.state === 'unconfirmed';
      const held = doubtful && owners.answerOf(asset, null).owner !== answer.owner;
      if (held) kept.set(asset.id, answer);
      if (last === null || differs(last, answer) || last.kept !== held)
        rows.push(JSON.stringify(rowOf(asset.kind, answer, held, pass)));
    }
    asked += page.length;
    written += rows.length;
    await driver.insert({
      table: ownerAnswer.name,
      columns: COLUMNS,
      format: 'JSONCompactEachRow',
      rows: Buffer.from(rows.join('\n')),
      token: randomUUID(),
    });
    await beside?.page(page);
  };
  /** Of several kinds, as many as a statement names. */
  let few: Asset[] = [];
  for (const [name, kind] of kinds) {
    if (!visited.has(name)) continue;
    let page: Asset[] = [];
    const assets = since === null ? facts.assets(name) : changedAssets(driver, kind, since);
    for await (const asset of assets) {
      page.push(asset);
      if (page.length < PAGE) continue;
      await flush(page);
      page = [];
    }
    if (few.length + page.length > NAMED) {
      await flush(few);
      few = [];
    }
    if (page.length > NAMED) await flush(page);
    else few.push(...page);
    if (since === null || left.has(name)) {
      gone += await dropGone(driver, kind);
      await beside?.end(kind);
    }
  }
  await flush(few);
  if (written > 0) await dropOlder(driver, since === null ? 0 : pass);
  return { assets: asked, written, gone, kept };
}

export interface OwnerStores {
  readonly driver: Driver;
  readonly facts: Facts;
  readonly kinds: ReadonlyMap<string, Kind>;
}

type Stored = OwnerAnswer & { readonly kept: boolean };
export interface StoredRow {
  readonly asset: string;
  readonly owner: string;
  readonly state: OwnerAnswer['state'];
  readonly confirmed_at: string;
  readonly rule: string;
  readonly kept: number;
}

const stored = (row: StoredRow): Stored => ({
  asset: row.asset,
  owner: row.owner || null,
  state: row.state,
  confirmedAt: row.confirmed_at || null,
  rule: row.rule || null,
  chain: [],
  kept: row.kept === 1,
});
const FIELDS = 'asset, owner, state, confirmed_at, rule, kept';

async function lastOf(driver: Driver, page: readonly Asset[]): Promise<ReadonlyMap<string, Stored>> {
  const { where, parameters } = amongPage(page);
  const rows = await driver.query<StoredRow>(
    `SELECT ${FIELDS} FROM owner_answer WHERE ${where} ORDER BY asset, pass DESC LIMIT 1 BY asset`,
    parameters,
  );
  return new Map(rows.map((row) => [row.asset, stored(row)]));
}

/** The last answers for some assets, without their chains. */
export async function storedAnswers(
  driver: Driver,
  assets: readonly string[],
): Promise<ReadonlyMap<string, OwnerAnswer>> {
  const found = new Map<string, OwnerAnswer>();
  for (let at = 0; at < assets.length; at += 100) {
    const some = assets.slice(at, at + 100);
    const rows = await driver.query<StoredRow>(
      `SELECT ${FIELDS} FROM owner_answer WHERE asset IN {some:Array(String)} ORDER BY asset, pass DESC LIMIT 1 BY asset ${FEW}`,
      { some },
    );
    for (const row of rows) found.set(row.asset, stored(row));
  }
  return found;
}

/** Answers that the last pass kept, for a process that has made none yet. */
export async function keptAnswers(driver: Driver): Promise<ReadonlyMap<string, OwnerAnswer>> {
  const rows = await driver.query<StoredRow>(
    `SELECT ${FIELDS} FROM owner_answer WHERE kept = 1 ORDER BY asset, pass DESC LIMIT 1 BY asset`,
  );
  return new Map(rows.map((row) => [row.asset, stored(row)]));
}

function differs(last: OwnerAnswer, answer: OwnerAnswer): boolean {
  if (last.owner !== answer.owner || last.state !== answer.state || last.rule !== answer.rule) return true;
  if (last.confirmedAt === null || answer.confirmedAt === null)
    return last.confirmedAt !== answer.confirmedAt;
  return Math.abs(Date.parse(answer.confirmedAt) - Date.parse(last.confirmedAt)) >= STALE;
}

const rowOf = (kind: string, answer: OwnerAnswer, kept: boolean, pass: number) => [
  answer.asset,
  kind,
  answer.owner ?? '',
  answer.state,
  answer.confirmedAt ?? '',
  answer.rule ?? '',
  kept ? 1 : 0,
  pass,
];

/** Assets of a kind that changed since a batch, in order of id. */
async function* changedAssets(driver: Driver, kind: Kind, since: number): AsyncIterable<Asset> {
  let after = '';
  for (;;) {
    const rows = await assetRows(driver, kind, {
      from: `FROM ${quoted(tableOf(kind))}
       WHERE \`@id\` > {after:String} AND \`@known\` > {since:UInt64} ORDER BY \`@id\` LIMIT ${PAGE}`,
      parameters: { after, since },
    });
    for (const { asset } of rows) yield asset;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.id;
  }
}

interface ToVisit {
  /** Kinds of which an asset may have to be asked, or an answer be taken away: most companies have a few of them. */
  readonly visited: ReadonlySet<string>;
  /** Kinds of which an asset went since the batch. */
  readonly gone: ReadonlySet<string>;
}

async function toVisit(
  { driver, facts, kinds }: OwnerStores,
  since: number | null,
  answered: readonly Table[],
): Promise<ToVisit> {
  if (kinds.size === 0) return { visited: new Set(), gone: new Set() };
  const maybe = facts.inhabited();
  const there = [...kinds.values()]
    .filter(({ kind }) => maybe.has(kind))
    .map(
      (kind) => `SELECT ${quotedText(kind.kind)} AS kind, toUInt8(0) AS gone FROM ${quoted(tableOf(kind))}
      ${since === null ? '' : 'WHERE `@known` > {since:UInt64}'} LIMIT 1`,
    );
  // Of all that were ever answered or indexed where all are gone over: a crash may have left rows of what is gone.
  const before =
    since === null
      ? answered.map(({ name }) => `SELECT toString(kind) AS kind, 0 AS gone FROM ${name} GROUP BY kind`)
      : [
          `SELECT toString(kind) AS kind, 1 AS gone FROM ${goneTable.name} WHERE batch > {since:UInt64} GROUP BY kind`,
        ];
  const rows = await driver.query<{ kind: string; gone: number }>(
    `SELECT DISTINCT kind, gone FROM (${[...there, ...before].join(' UNION ALL ')}) ${FEW}`,
    { since: since ?? 0 },
  );
  return {
    visited: new Set(rows.map(({ kind }) => kind)),
    gone: new Set(rows.filter(({ gone }) => gone === 1).map(({ kind }) => kind)),
  };
}

/** Of assets that have an answer of a pass from this one on. */
async function dropOlder(driver: Driver, from: number): Promise<void> {
  const twice = `SELECT asset FROM owner_answer WHERE asset IN (SELECT asset FROM owner_answer WHERE pass >= {from:UInt64})
    GROUP BY asset HAVING count() > 1`;
  const older = `(asset, pass) IN (SELECT asset, pass FROM (SELECT asset, pass, max(pass) OVER (PARTITION BY asset) AS last
    FROM owner_answer WHERE asset IN (${twice})) WHERE pass < last)`;
  const [row] = await driver.query<{ rows: string }>(
    `SELECT count() AS rows FROM owner_answer WHERE ${older}`,
    { from },
  );
  if (Number(row?.rows) > 0) await driver.command(`DELETE FROM owner_answer WHERE ${older}`, { from });
}

/** Gone is a barrier: an asset that comes back has no owner from before. */
async function dropGone(driver: Driver, kind: Kind): Promise<number> {
  const gone = `kind = {kind:String} AND asset NOT IN (SELECT \`@id\` FROM ${quoted(tableOf(kind))})`;
  const [row] = await driver.query<{ rows: string }>(
    `SELECT count() AS rows FROM owner_answer WHERE ${gone}`,
    { kind: kind.kind },
  );
  const rows = Number(row?.rows ?? 0);
  if (rows > 0) await driver.command(`DELETE FROM owner_answer WHERE ${gone}`, { kind: kind.kind });
  return rows;
}

export interface Ownership {
  readonly kind: string;
  readonly confirmed: number;
  readonly unconfirmed: number;
  readonly nobody: number;
}

/** How many assets of each kind have an owner; every kind that has assets is there, whether or not a standard asks. */
/** Whether any pass has left answers: without one, nothing follows from there being none. */
export async function passMade(driver: Driver): Promise<boolean> {
  await prepareAnswers(driver);
  const [first] = await driver.query('SELECT pass FROM owner_answer LIMIT 1');
  return first !== undefined;
}

export async function ownership(driver: Driver): Promise<readonly Ownership[]> {
  const listing = await newestListing(driver);
  // The listing has each asset once; a store of an earlier release has none until its next pass ends.
  const source =
    listing === null
      ? '(SELECT kind, toString(state) AS state FROM owner_answer ORDER BY asset, pass DESC LIMIT 1 BY asset)'
      : `${listedAsset.name} WHERE listing = ${listing} AND state != ''`;
  const rows = await driver.query<Record<keyof Ownership, string>>(
    `SELECT kind, countIf(state = 'confirmed') AS confirmed, countIf(state = 'unconfirmed') AS unconfirmed,
       countIf(state = 'nobody') AS nobody
     FROM ${source} GROUP BY kind ORDER BY kind`,
  );
  return rows.map(({ kind, confirmed, unconfirmed, nobody }) => ({
    kind,
    confirmed: Number(confirmed),
    unconfirmed: Number(unconfirmed),
    nobody: Number(nobody),
  }));
}
