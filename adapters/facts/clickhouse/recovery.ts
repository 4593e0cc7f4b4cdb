/** What is done when a store is opened: damage is named, and what a crash left half done is taken away. */

import { createHash } from 'node:crypto';
import type { Kind } from '@macadam/core/kinds/kind';
import { canonical } from '@macadam/core/text/canonical';
import { tableOf } from '../layout.ts';
import { FactsError } from '../port.ts';
import { quotedText } from '../sql/text.ts';
import { fillContainers } from './contained.ts';
import { acceptKinds, type Reading } from './definitions.ts';
import type { Driver } from './driver.ts';
import { createTable, prepare, quoted } from './table.ts';
import { assetTable, DERIVED, KEPT, observationTable, partitionTable, quarantineTable } from './tables.ts';

export interface Recovered {
  /** The newest sealed batch, and the newest that the merged tables hold. */
  readonly sealed: number;
  readonly settled: number;
  /** The highest number that any row carries: a number that was begun is never given again. */
  readonly used: number;
  /** What batches are of. */
  readonly events: readonly string[];
  readonly reading: Reading;
  /** Kinds of which there are merged assets. */
  readonly inhabited: ReadonlySet<string>;
  /** Kinds whose tables have to be made again: new, changed, or damaged. */
  readonly stale: readonly string[];
}

/**
 * Rejects with `FactsError` `damaged`, naming the part, where something is lost that cannot be made again, and
 * `unmigrated` where the kinds changed without saying how; nothing of a kind was touched then.
 */
export async function recover(driver: Driver, kinds: ReadonlyMap<string, Kind>): Promise<Recovered> {
  const lost = await damage(driver);
  const before = await tablesOf(driver);
  await prepare(driver, [...KEPT, ...DERIVED]);
  if (before.size === 0) return startedAnew(driver, kinds);
  await fillContainers(driver, kinds);
  const [state] = await driver.query<{
    sealed: string;
    settled: string;
    kinds: string;
    events: readonly string[];
  }>(
    `SELECT (SELECT max(number) FROM batch) AS sealed, (SELECT max(number) FROM settled) AS settled,
      (SELECT argMax(kinds, number) FROM settled) AS kinds, (SELECT groupUniqArray(event) FROM batch) AS events`,
  );
  const [sealed, settled] = [Number(state?.sealed ?? 0), Number(state?.settled ?? 0)];
  const followed = JSON.parse(state?.kinds || '{}') as Readonly<Record<string, string>>;
  const reading = await acceptKinds(driver, kinds, sealed);
  const anew = await prepareKinds(driver, kinds, lost);
  let used = sealed;
  for (const { name } of [observationTable, partitionTable, quarantineTable]) {
    const [row] = await driver.query<{ number: string }>(`SELECT max(batch) AS number FROM ${name}`);
    const begun = Number(row?.number ?? 0);
    if (begun > sealed) await sweepAway(driver, name, `batch > ${sealed}`);
    used = Math.max(used, begun);
  }
  await refill(driver, settled, sealed);
  const inhabited = await unsettle(driver, kinds, settled);
  const stale = [...kinds.values()].flatMap((kind) =>
    anew.has(kind.kind) || followed[kind.kind] !== kindDigest(kind) ? [kind.kind] : [],
  );
  const events = state?.events ?? [];
  return { sealed, settled, used, events, reading, inhabited, stale: sealed === 0 ? [] : stale };
}

/** Of a place where there was no table yet: nothing can be lost, begun, or written by an earlier release. */
async function startedAnew(driver: Driver, kinds: ReadonlyMap<string, Kind>): Promise<Recovered> {
  const reading = await acceptKinds(driver, kinds, 0);
  for (const kind of kinds.values()) await driver.command(createTable(assetTable(kind)));
  return { sealed: 0, settled: 0, used: 0, events: [], reading, inhabited: new Set(), stale: [] };
}

async function tablesOf(driver: Driver): Promise<ReadonlySet<string>> {
  const rows = await driver.query<{ name: string }>(
    'SELECT name FROM system.tables WHERE database = currentDatabase()',
  );
  return new Set(rows.map(({ name }) => name));
}

/** Names a kind's definition: another one may merge the same observations to something else. */
export const kindDigest = (kind: Kind): string =>
  createHash('sha256').update(canonical(kind)).digest('hex').slice(0, 16);

/** What changed since the last settled batch is read from the observations: the table of it may have lost some. */
async function refill(driver: Driver, settled: number, sealed: number): Promise<void> {
  const [row] = await driver.query<{ rows: string }>('SELECT count() AS rows FROM affected');
  if (Number(row?.rows) > 0) await driver.command('TRUNCATE TABLE affected');
  if (settled === sealed) return;
  await driver.command(
    `INSERT INTO affected SELECT DISTINCT batch, kind, asset FROM observation
     WHERE batch > {settled:UInt64} AND batch <= {sealed:UInt64}`,
    { settled, sealed },
  );
}

/** Deletes rows that nothing reads, in the engine's own time: waiting could take for ever, on a full disk for example. */
export const sweepAway = (driver: Driver, table: string, where: string): Promise<void> =>
  driver.command(`ALTER TABLE ${quoted(table)} DELETE WHERE ${where} SETTINGS mutations_sync = 0`);

/** Deletes rows of batches after the last settled one, before they are written again. Gives the kinds of which there are any. */
export async function unsettle(
  driver: Driver,
  kinds: ReadonlyMap<string, Kind>,
  settled: number,
): Promise<ReadonlySet<string>> {
  if (kinds.size === 0) return new Set();
  const above = { settled };
  const counts = [...kinds.values()].map(
    (kind) =>
      `SELECT ${quotedText(kind.kind)} AS kind, count() AS rows, countIf(\`@known\` > {settled:UInt64}) AS later FROM ${quoted(tableOf(kind))}`,
  );
  const found = await driver.query<{ kind: string; later: string }>(
    `SELECT kind, later FROM (${counts.join(' UNION ALL ')}) WHERE rows > 0`,
    above,
  );
  for (const { kind, later } of found)
    if (Number(later) > 0)
      await driver.command(
        `DELETE FROM ${quoted(tableOf({ kind }))} WHERE \`@known\` > {settled:UInt64}`,
        above,
      );
  return new Set(found.map(({ kind }) => kind));
}

/**
 * Drops damaged tables that can be made again, and gives their names. The engine sets a part aside that is not whole,
 * and goes on without it: silence about rows that were acknowledged, so it is looked for.
 */
async function damage(driver: Driver): Promise<ReadonlySet<string>> {
  const parts = await driver.query<{ table: string; name: string; path: string }>(
    `SELECT table, name, path FROM system.detached_parts
     WHERE database = currentDatabase() AND reason LIKE 'broken%' ORDER BY table, name`,
  );
  const kept = new Set(KEPT.map(({ name }) => name));
  const first = parts.find(({ table }) => kept.has(table));
  if (first) {
    throw new FactsError(
      'damaged',
      `part ${first.name} of table ${first.table} is damaged: ${first.path}; restore it from a backup of ${driver.place}, ` +
        'or delete that folder to go on without what it holds',
    );
  }
  const tables = new Set(parts.map(({ table }) => table));
  for (const table of tables) await driver.command(`DROP TABLE ${quoted(table)} SYNC`);
  return tables;
}

/** Makes the kinds' tables, again where their columns changed: they hold nothing that the observations do not. */
async function prepareKinds(
  driver: Driver,
  kinds: ReadonlyMap<string, Kind>,
  lost: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const rows = await driver.query<{ table: string; name: string; type: string }>(
    `SELECT table, name, type FROM system.columns WHERE database = currentDatabase() AND startsWith(table, 'kind_')
     ORDER BY table, position`,
  );
  const found = Map.groupBy(rows, ({ table }) => table);
  const anew = new Set<string>();
  for (const kind of kinds.values()) {
    const table = assetTable(kind);
    const text = (columns: readonly { readonly name: string; readonly type: string }[]) =>
      columns.map(({ name, type }) => `${name} ${type}`).join();
    const existing = found.get(table.name);
    if (existing && text(existing) === text(table.columns) && !lost.has(table.name)) continue;
    anew.add(kind.kind);
    if (existing) await driver.command(`DROP TABLE IF EXISTS ${quoted(table.name)} SYNC`);
    await driver.command(createTable(table));
  }
  return anew;
}
