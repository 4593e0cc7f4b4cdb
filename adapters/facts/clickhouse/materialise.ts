/**
 * Brings the merged tables to a batch: reads what is known of every asset that may have changed, merges it, and
 * writes the rows. Until the batch is marked as settled, readers see the rows of the one before; after a crash the
 * same is done again, with the same result.
 */

import type { Asset } from '@macadam/core/facts/asset';
import type { Kind } from '@macadam/core/kinds/kind';
import { canonical } from '@macadam/core/text/canonical';
import { assetRows } from '../asset-rows.ts';
import { cellsOf, columnNames } from '../columns.ts';
import { tableOf } from '../layout.ts';
import type { Change, FactsOptions } from '../port.ts';
import { quotedText } from '../sql/text.ts';
import type { Driver, Parameters } from './driver.ts';
import { assetAt, histories, type Reader } from './history.ts';
import { binaryRows, tabSeparated, writtenColumns } from './rows.ts';
import { quoted } from './table.ts';
import { goneTable } from './tables.ts';

/** Assets that are merged at once: enough to hide what a query and a part cost whatever is in them. */
const PAGE = 8000;
/** Of assets with a long history fewer are, unless that many sightings are few enough for memory; never less than these. */
const SIGHTINGS = 16_000;
const LEAST = 2000;

export interface Settling extends Reader {
  /** Readers wait while it runs. */
  readonly exclusive: (write: () => Promise<void>) => Promise<void>;
  readonly changed: FactsOptions['changed'];
  /** Told of each kind before an asset of it is written. */
  readonly inhabits: (kind: string) => void;
  /** Makes a token that was never used before. */
  readonly token: () => string;
}

/** Settles all batches after `from` up to `upto`. `mark` notes that it is done, before readers may see it. */
export async function settle(settling: Settling, from: number, upto: number, mark: () => Promise<void>) {
  const { driver } = settling;
  const levels = levelsOf(settling.kinds);
  const affected =
    (await fewAffected(settling, levels, from, upto)) ?? (await allAffected(settling, levels, from, upto));
  /** Of what there are rows from before. */
  const renewed: Older[] = [];
  for (const few of inTurns(settling.kinds, affected))
    renewed.push(...(await settleFew(settling, few, upto)));
  for (const [name, ids] of affected) {
    const kind = settling.kinds.get(name);
    if (!kind || isFew(ids)) continue;
    await settleKind(settling, kind, { ids, from, upto });
    const older = olderOf(kind, from, upto);
    if (await noteGone(driver, older)) renewed.push(older);
  }
  await settling.exclusive(async () => {
    for (const { table, where, parameters } of renewed)
      await driver.command(`DELETE FROM ${table} WHERE ${where}`, parameters);
    await mark();
  });
}

/** By kind, in order; null for all of a kind where there are more than one page holds. */
type Affected = ReadonlyMap<string, readonly string[] | null>;

/** Of partitions, where anything was listed to its end since a batch, or otherwise is said of a list. */
const placesListed = (
  otherwise = '',
): string => `SELECT kind, source, container, estate FROM partition WHERE batch <= {upto:UInt64}
    GROUP BY kind, source, container, estate
    HAVING maxIf(started_at, claimed) >= minIf(started_at, batch > {from:UInt64})
      AND countIf(batch > {from:UInt64}${otherwise}) > 0`;

/**
 * Assets that may have changed, where collections alone came, of few: most settlings are of such, and to write down what they change
 * takes longer than to find it. Null where there is more.
 */
async function fewAffected(
  { driver }: Settling,
  levels: readonly Level[],
  from: number,
  upto: number,
): Promise<Affected | null> {
  const kindOf = new Map<string, string>();
  const isMore = async (where: string, parameters: Parameters) => {
    const rows = await driver.query<{ kind: string; asset: string }>(
      `SELECT DISTINCT kind, asset FROM (${where}) LIMIT ${NAMED + 1}`,
      { ...parameters, from, upto },
    );
    for (const { kind, asset } of rows) kindOf.set(asset, kind);
    return kindOf.size > NAMED || rows.some(({ kind }) => kind === '');
  };
  const span = (column: string) => `${column} > {from:UInt64} AND ${column} <= {upto:UInt64}`;
  // Whatever else was recorded has no kind here.
  const named = `SELECT '' AS kind, event AS asset FROM batch WHERE ${span('number')} AND event NOT IN ('collection', 'estate', 'forget')
    UNION ALL SELECT kind, asset FROM affected WHERE ${span('batch')}
    UNION ALL SELECT kind, asset FROM observation WHERE batch <= {upto:UInt64} AND (kind, source, container, estate) IN (${placesListed()})`;
  if (await isMore(named, {})) return null;
  for (const { kinds, holders } of levels) {
    const held = [...kindOf].flatMap(([asset, kind]) => (holders.includes(kind) ? asset : []));
    const inside = `SELECT kind, asset FROM observation WHERE batch <= {upto:UInt64} AND kind IN {kinds:Array(String)} AND container IN {held:Array(String)}`;
    if (held.length > 0 && (await isMore(inside, { kinds, held }))) return null;
  }
  const found = [...kindOf]
    .map(([asset, kind]) => ({ kind, asset }))
    .sort((a, b) => (a.asset < b.asset ? -1 : 1));
  return new Map(
    [...Map.groupBy(found, ({ kind }) => kind)].map(([kind, rows]) => [kind, rows.map(({ asset }) => asset)]),
  );
}

async function allAffected(
  settling: Settling,
  levels: readonly Level[],
  from: number,
  upto: number,
): Promise<Affected> {
  await widen(settling, levels, from, upto);
  return affectedIds(settling.driver, from, upto);
}

/**
 * What a batch changes beyond the assets that it names: everything of a partition that it lists (what it does not
 * list may be gone), and everything that a retraction, a confirmation or a retired source speaks of.
 */
async function widen(
  { driver, hasEvent }: Settling,
  levels: readonly Level[],
  from: number,
  upto: number,
): Promise<void> {
  const span = { from, upto };
  const recent = 'number > {from:UInt64} AND number <= {upto:UInt64}';
  const subjects = `SELECT subject FROM batch WHERE ${recent} AND event IN ('retract', 'confirm')`;
  const otherwise = hasEvent('retract') || hasEvent('confirm') ? ` OR collection IN (${subjects})` : '';
  const places = placesListed(otherwise);
  const [events] = await driver.query<
    Record<'withdrawn' | 'retired' | 'defined' | 'gone' | 'listed', string>
  >(
    `SELECT countIf(event IN ('retract', 'confirm')) AS withdrawn, countIf(event = 'retire-source') AS retired,
      countIf(event = 'catalogue') AS defined, countIf(event = 'retire-asset') AS gone,
      (SELECT count() FROM (${places})) AS listed
     FROM batch WHERE ${recent}`,
    span,
  );
  const clauses: string[] = [];
  if (Number(events?.listed) > 0) clauses.push(`(kind, source, container, estate) IN (${places})`);
  if (Number(events?.withdrawn) > 0) {
    clauses.push(
      `batch IN (SELECT number FROM batch WHERE event = 'collection' AND subject IN (${subjects}))`,
      `(kind, source, container) IN (SELECT kind, source, container FROM partition WHERE collection IN (${subjects}))`,
    );
  }
  if (Number(events?.retired) > 0)
    clauses.push(`source IN (SELECT subject FROM batch WHERE ${recent} AND event = 'retire-source')`);
  if (Number(events?.defined) > 0) {
    const defined = `SELECT arrayJoin(JSONExtract(subject, 'Array(String)')) FROM batch WHERE ${recent} AND event = 'catalogue'`;
    clauses.push(`kind IN (${defined})`);
  }
  if (Number(events?.gone) > 0)
    clauses.push(`asset IN (SELECT subject FROM batch WHERE ${recent} AND event = 'retire-asset')`);
  const widened = `INSERT INTO affected SELECT DISTINCT {upto:UInt64}, kind, asset FROM observation
     WHERE batch <= {upto:UInt64} AND`;
  if (clauses.length > 0) await driver.command(`${widened} (${clauses.join(' OR ')})`, span);
  // What stands in an asset may be gone with it, and so on inwards. Every level is a kind further in.
  for (const { kinds, holders } of levels) {
    const [held] = await driver.query<{ assets: string }>(
      `SELECT count() AS assets FROM affected
       WHERE kind IN {holders:Array(String)} AND batch > {from:UInt64} AND batch <= {upto:UInt64}`,
      { ...span, holders },
    );
    if (Number(held?.assets) === 0) continue;
    await driver.command(
      `${widened} kind IN {kinds:Array(String)} AND container IN (
         SELECT asset FROM affected WHERE batch > {from:UInt64} AND batch <= {upto:UInt64})`,
      { ...span, kinds },
    );
  }
}

/** Kinds that stand in others, and those that they stand in. */
interface Level {
  readonly kinds: readonly string[];
  readonly holders: readonly string[];
}

/** Outermost first: kinds in what stands in nothing, then kinds in these. */
function levelsOf(kinds: ReadonlyMap<string, Kind>): readonly Level[] {
  const held = [...kinds.values()].filter(({ contained_in: holder }) => holder !== undefined);
  const depth = (kind: Kind, above: ReadonlySet<string> = new Set()): number => {
    const holder = kinds.get(kind.contained_in ?? '');
    // A kind that stands in itself, by whatever way, is as deep as it is when it comes round.
    return holder === undefined || above.has(kind.kind)
      ? 0
      : 1 + depth(holder, new Set([...above, kind.kind]));
  };
  const byDepth = Map.groupBy(held, (kind) => depth(kind));
  return [...byDepth]
    .sort(([a], [b]) => a - b)
    .map(([, own]) => ({
      kinds: own.map(({ kind }) => kind),
      holders: own.flatMap(({ contained_in: holder }) => holder ?? []),
    }));
}

/** What was written into `affected`: one statement finds those of all kinds where they are less than a page. */
async function affectedIds(driver: Driver, from: number, upto: number): Promise<Affected> {
  const span = 'FROM affected WHERE batch > {from:UInt64} AND batch <= {upto:UInt64}';
  const few = await driver.query<{ kind: string; asset: string }>(
    `SELECT kind, asset FROM (SELECT DISTINCT kind, asset ${span} LIMIT ${LEAST}) ORDER BY kind, asset`,
    { from, upto },
  );
  if (few.length < LEAST)
    return new Map(
      [...Map.groupBy(few, ({ kind }) => kind)].map(([kind, rows]) => [kind, rows.map(({ asset }) => asset)]),
    );
  const kinds = await driver.query<{ kind: string }>(`SELECT DISTINCT kind ${span} ORDER BY kind`, {
    from,
    upto,
  });
  return new Map(kinds.map(({ kind }) => [kind, null]));
}

/** So few that a statement names them, which is cheaper than to have the engine find them again. A server gets them in a URL. */
const NAMED = 100;
const isFew = (ids: readonly string[] | null): ids is readonly string[] =>
  ids !== null && ids.length <= NAMED;

/** Some kinds of which a statement names all assets that may have changed. */
type Few = ReadonlyMap<Kind, readonly string[]>;

/** Kinds of which there are few, as many together as a statement names. */
function inTurns(kinds: ReadonlyMap<string, Kind>, affected: Affected): readonly Few[] {
  const turns: Map<Kind, readonly string[]>[] = [];
  let named = NAMED;
  for (const [name, ids] of affected) {
    const kind = kinds.get(name);
    if (!kind || !isFew(ids)) continue;
    named += ids.length;
    if (named > NAMED) {
      turns.push(new Map());
      named = ids.length;
    }
    turns.at(-1)?.set(kind, ids);
  }
  return turns;
}

/** Reads what is known of all of them at once. Gives the kinds of which there are rows from before. */
async function settleFew(settling: Settling, few: Few, upto: number): Promise<readonly Older[]> {
  const { driver } = settling;
  const kinds = [...few.keys()];
  const ids = [...few.values()].flat();
  // Every id begins with the name of its kind, in small letters.
  const slice = { kinds: kinds.map(({ kind }) => kind), after: '', upto: '~', ids, known: upto };
  const found = await histories(settling, slice);
  const merged = [...found].flatMap((history) => assetAt(settling, history, null) ?? []);
  const there = new Map(merged.map((asset) => [asset.id, asset]));
  const byKind = Map.groupBy(merged, ({ kind }) => kind);
  const parts = kinds.map((kind) => ({
    kind,
    older: {
      table: quoted(tableOf(kind)),
      where: '`@known` < {upto:UInt64} AND `@id` IN {ids:Array(String)}',
      parameters: { upto, ids: few.get(kind) ?? [] },
    },
  }));
  const before = await driver.query<{ kind: string; id: string }>(
    parts
      .map(
        ({ kind, older: { table, where } }) =>
          `SELECT ${quotedText(kind.kind)} AS kind, \`@id\` AS id FROM ${table} WHERE ${where}`,
      )
      .join(' UNION ALL '),
    { upto, ids },
  );
  for (const { kind, older } of parts) {
    await tell(settling, { kind, ids: older.parameters.ids, assets: there, older, upto });
    const rows = binaryRows();
    for (const asset of byKind.get(kind.kind) ?? []) rows.line([...cellsOf(kind, asset), upto]);
    await insertAssets(settling, kind, rows.take());
  }
  const gone = before.filter(({ id }) => !there.has(id));
  await driver.insert({
    table: goneTable.name,
    columns: writtenColumns(goneTable),
    format: 'TabSeparated',
    rows: Buffer.from(gone.map(({ kind, id }) => tabSeparated([upto, kind, id])).join('')),
    token: settling.token(),
  });
  return parts.filter(({ kind }) => before.some((row) => row.kind === kind.kind)).map(({ older }) => older);
}

function insertAssets({ driver, inhabits, token }: Settling, kind: Kind, rows: Uint8Array): Promise<void> {
  if (rows.length > 0) inhabits(kind.kind);
  return driver.insert({
    table: tableOf(kind),
    columns: [...columnNames(kind), '@known'],
    format: 'JSONCompactEachRow',
    rows,
    token: token(),
  });
}

interface Page {
  readonly ids: readonly string[];
  readonly after: string;
  readonly last: string;
  /** None comes after it. */
  readonly final: boolean;
}

/** A kind's part in a settling: all that may have changed, or null where that is more than one page. */
interface SettledKind {
  readonly ids: readonly string[] | null;
  readonly from: number;
  readonly upto: number;
}

/**
 * Three pages are under way at a time: the engine reads one and writes another while the one between is merged here.
 * What is told of a page is told in its turn, before its rows are written.
 */
async function settleKind(settling: Settling, kind: Kind, { ids, from, upto }: SettledKind): Promise<void> {
  const only = ids && { ids, after: '', last: ids.at(-1) ?? '', final: true };
  const read = async (after: string) => {
    const page = only ?? (await pageOf(settling.driver, kind, { after, from, upto }));
    if (page === null) return null;
    const slice = { kinds: [kind.kind], after, upto: page.last, known: upto, affectedSince: from };
    return { page, found: await histories(settling, slice) };
  };
  const rows = binaryRows();
  let writing: Promise<void> = Promise.resolve();
  let reading = watched(read(''));
  try {
    for (let one = await reading; one !== null; one = await reading) {
      const { page, found } = one;
      reading = page.final ? Promise.resolve(null) : watched(read(page.last));
      // Kept only where somebody is told of them: what is let go of at once costs the collector nothing.
      const assets = new Map<string, Asset>();
      for (const history of found) {
        const asset = assetAt(settling, history, null);
        if (asset === null) continue;
        if (settling.changed) assets.set(asset.id, asset);
        rows.line([...cellsOf(kind, asset), upto]);
      }
      await tell(settling, { kind, ids: page.ids, assets, older: olderOf(kind, from, upto, page), upto });
      await writing;
      writing = watched(insertAssets(settling, kind, rows.take()));
    }
  } finally {
    // Nothing of this goes on when it is left, whatever failed.
    await Promise.allSettled([reading, writing]);
  }
  await writing;
}

/** A promise that is waited for later, and may fail before. */
function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** The next assets that may have changed: fewer where there is much to read of them. */
async function pageOf(
  driver: Driver,
  kind: Kind,
  { after, from, upto }: { readonly after: string; readonly from: number; readonly upto: number },
): Promise<Page | null> {
  const parameters = { kind: kind.kind, after, from, upto };
  const rows = await driver.query<{ asset: string }>(
    `SELECT DISTINCT asset FROM affected WHERE kind = {kind:String} AND asset > {after:String}
     AND batch > {from:UInt64} AND batch <= {upto:UInt64} ORDER BY asset LIMIT ${PAGE}`,
    parameters,
  );
  let ids = rows.map(({ asset }) => asset);
  const found = ids.length;
  for (;;) {
    const last = ids.at(-1);
    if (last === undefined) return null;
    const final = found < PAGE && ids.length === found;
    if (ids.length <= LEAST) return { ids, after, last, final };
    const [counted] = await driver.query<{ sightings: string }>(
      `SELECT count() AS sightings FROM observation
       WHERE kind = {kind:String} AND asset > {after:String} AND asset <= {last:String}
       AND batch <= {upto:UInt64} AND asset IN (SELECT asset FROM affected WHERE kind = {kind:String}
         AND asset > {after:String} AND asset <= {last:String} AND batch > {from:UInt64} AND batch <= {upto:UInt64})`,
      { ...parameters, last },
    );
    if (Number(counted?.sightings) <= SIGHTINGS) return { ids, after, last, final };
    ids = ids.slice(0, Math.max(LEAST, ids.length >> 1));
  }
}

interface TellInput {
  readonly kind: Kind;
  /** Assets that may have changed, in order, and those of them that exist. */
  readonly ids: readonly string[];
  readonly assets: ReadonlyMap<string, Asset>;
  readonly older: Older;
  readonly upto: number;
}

/** Tells who wants to know what was before and what is after. */
async function tell(
  { driver, changed }: Settling,
  { kind, ids, assets, older: { table, where, parameters }, upto }: TellInput,
): Promise<void> {
  if (!changed) return;
  const rows = await assetRows(driver, kind, { from: `FROM ${table} WHERE ${where}`, parameters });
  const before = new Map(rows.map(({ asset }) => [asset.id, asset]));
  const changes = ids.flatMap((id): Change[] => {
    const [old, now] = [before.get(id) ?? null, assets.get(id) ?? null];
    return same(old, now) ? [] : [{ id, kind: kind.kind, before: old, after: now }];
  });
  if (changes.length > 0) await changed(changes, upto);
}

const same = (a: Asset | null, b: Asset | null): boolean =>
  a === b || (a !== null && b !== null && text(a) === text(b));

/** Everything about an asset, as text. */
const text = (asset: Asset): string => canonical({ ...asset, attributes: [...asset.attributes] });

/** Rows of a kind's table that a settling writes anew. */
interface Older {
  readonly table: string;
  readonly where: string;
  readonly parameters: Parameters;
}

/** All of a kind, or of one page. */
const olderOf = (kind: Kind, from: number, upto: number, page?: Page): Older => ({
  table: quoted(tableOf(kind)),
  where: `\`@known\` < {upto:UInt64} AND \`@id\` IN (
    SELECT asset FROM affected WHERE kind = {kind:String} AND batch > {from:UInt64} AND batch <= {upto:UInt64}
    ${page ? 'AND asset > {after:String} AND asset <= {last:String}' : ''})`,
  parameters: { from, upto, kind: kind.kind, ...(page && { after: page.after, last: page.last }) },
});

/** Of what was there before and has no row any more somebody has to hear. Whether anything was there before. */
async function noteGone(driver: Driver, { table, where, parameters }: Older): Promise<boolean> {
  const gone = `\`@id\` NOT IN (SELECT \`@id\` FROM ${table} WHERE \`@known\` = {upto:UInt64})`;
  const [row] = await driver.query<{ older: string; gone: string }>(
    `SELECT count() AS older, countIf(${gone}) AS gone FROM ${table} WHERE ${where}`,
    parameters,
  );
  if (Number(row?.gone) > 0)
    await driver.command(
      `INSERT INTO ${goneTable.name} (batch, kind, asset)
       SELECT {upto:UInt64}, {kind:String}, \`@id\` FROM ${table} WHERE ${where} AND ${gone} SETTINGS insert_deduplicate = 0`,
      parameters,
    );
  return Number(row?.older) > 0;
}
