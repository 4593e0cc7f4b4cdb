/**
 * How many containers were listed whole, in the history: beside every interval of a whole standard stands how many of those that
 * may hold its assets were read to their end, at each tick and as it was known. Rows are added, never edited.
 */
import { randomUUID } from 'node:crypto';
import { type ContainersListed, containersListed, type Enumerated } from '@macadam/core/facts/enumeration';
import { holdersOf } from '@macadam/core/facts/partition';
import type { Kind } from '@macadam/core/kinds/kind';
import type { Driver } from '../clickhouse/driver.ts';
import { quoted, tableOf } from '../layout.ts';
import type { Facts } from '../port.ts';
import { enumeratedAt, enumeratedIn } from './around.ts';
import { type Moment, seconds } from './record.ts';
import { containersTable } from './table.ts';

export interface ContainersOptions {
  readonly driver: Driver;
  readonly facts: Pick<Facts, 'collections'>;
  readonly kinds: ReadonlyMap<string, Kind>;
  /** Those in force, by id and kind. */
  readonly standards: readonly { readonly id: string; readonly kind: string }[];
  /** Ticks of the past that may have been otherwise than they were known. */
  readonly past: readonly Pick<Moment, 'valid'>[];
  readonly previous: Moment | null;
  readonly moment: Moment;
}

/** Writes what every tick has: those of the past that have to be asked again, and the new one. What is so already is left. */
export async function recordContainers(options: ContainersOptions): Promise<void> {
  const { driver, facts, kinds, standards, past, previous, moment } = options;
  const { known } = moment;
  const standing = await containersAt(driver, moment);
  // A standard without a figure.
  const anew = standards.some(({ id }) => !standing.has(id));
  if (previous?.known === known && past.length === 0 && !anew) return;
  const collected = past.length === 0 ? [] : await facts.collections({ known, listing: true });
  const isThere = await existing(driver, kinds);
  const lines: string[] = [];
  for (const { valid } of [...past, moment]) {
    const isNew = valid === moment.valid;
    const newest = isNew
      ? (await enumeratedAt(facts, valid, known)).filter(isThere)
      : enumeratedIn(collected, valid);
    const held = isNew ? standing : await containersAt(driver, { valid, known }, valid);
    for (const { id, kind } of standards) {
      const { whole, total } = containersListed(kind, newest, kinds) ?? NONE;
      const before = held.get(id);
      if (before ? before.whole === whole && before.total === total : !isNew) continue;
      lines.push(JSON.stringify([id, seconds(valid), known, whole, total]));
    }
  }
  if (lines.length === 0) return;
  await driver.insert({
    table: containersTable.name,
    columns: containersTable.columns.map(({ name }) => name),
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${lines.join('\n')}\n`),
    token: randomUUID(),
  });
}

/** Whether what a partition is of still exists: a container that is gone is listed no more, whatever was said of it once. */
async function existing(
  driver: Driver,
  kinds: ReadonlyMap<string, Kind>,
): Promise<(one: Enumerated) => boolean> {
  const there = new Map<string, ReadonlySet<string>>();
  for (const holder of holdersOf(kinds)) {
    if (!kinds.has(holder)) continue;
    const rows = await driver.query<{ id: string }>(
      `SELECT \`@id\` AS id FROM ${quoted(tableOf({ kind: holder }))}`,
    );
    there.set(holder, new Set(rows.map(({ id }) => id)));
  }
  return ({ partition: { kind, container } }) => {
    const holder = kinds.get(kind)?.contained_in ?? '';
    const ids = there.get(holder);
    return !ids || !container.startsWith(`${holder}/`) || ids.has(container);
  };
}

/** No source lists such assets. */
const NONE: ContainersListed = { whole: 0, total: 0 };

/** By standard, as of a moment; left out where no source lists such assets. `since`: only what was written of ticks from then on. */
export async function containersAt(
  driver: Driver,
  { valid, known }: Moment,
  since = new Date(0),
): Promise<ReadonlyMap<string, ContainersListed>> {
  const rows = await driver.query<{ standard: string; held: readonly [whole: string, total: string] }>(
    `SELECT standard, argMax((whole, total), (valid, known)) AS held FROM ${containersTable.name}
     WHERE valid >= fromUnixTimestamp({since:Int64}) AND valid <= fromUnixTimestamp({valid:Int64})
       AND known <= {known:UInt64}
     GROUP BY standard`,
    { since: seconds(since), valid: seconds(valid), known },
  );
  return new Map(
    rows.map(({ standard, held: [whole, total] }) => [
      standard,
      { whole: Number(whole), total: Number(total) },
    ]),
  );
}
