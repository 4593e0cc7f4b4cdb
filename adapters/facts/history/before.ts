/**
 * Facts as they were at the last tick, by what is known now: what a changed definition is judged on. They are the merged assets of
 * today, but for those about which something was said since; these are merged again.
 */
import { randomUUID } from 'node:crypto';
import type { Kind } from '@macadam/core/kinds/kind';
import type { Driver } from '../clickhouse/driver.ts';
import { binaryRows } from '../clickhouse/rows.ts';
import { createTable } from '../clickhouse/table.ts';
import { assetTable, goneTable } from '../clickhouse/tables.ts';
import { cellsOf, columnNames } from '../columns.ts';
import { quoted } from '../layout.ts';
import type { Facts } from '../port.ts';
import { type FactsSource, tableSource } from './around.ts';
import { quotedText } from './codes.ts';
import type { Moment } from './record.ts';
import { tickTouched } from './table.ts';

/** Assets that are merged at once. */
const PAGE = 200;

const tableBefore = (kind: Kind): string => `before_${kind.kind.replaceAll('-', '_')}`;

export interface BeforeOptions {
  readonly driver: Driver;
  readonly facts: Facts;
  /** The last tick, and what is known now. */
  readonly moment: Moment;
  /** The batch that was known at the last tick. */
  readonly since: number;
}

/** Makes what these kinds were ready to be read. `done` takes it away again. */
export async function factsBefore(
  options: BeforeOptions,
  kinds: Iterable<Kind>,
): Promise<{ readonly source: FactsSource; readonly done: () => Promise<void> }> {
  const { driver } = options;
  const changed = new Set<string>();
  await driver.command(`TRUNCATE TABLE ${tickTouched.name}`);
  for (const kind of kinds) if (await mergedAgain(options, kind)) changed.add(kind.kind);
  return {
    source: (kind) => {
      if (!changed.has(kind.kind)) return tableSource(kind);
      // By name: the two tables may have been made by a kind that lists its attributes in another order.
      const columns = [...columnNames(kind), '@known'].map(quoted).join(', ');
      return `(SELECT ${columns} FROM ${tableSource(kind)} WHERE \`@id\` NOT IN (SELECT id FROM ${tickTouched.name} WHERE kind = ${quotedText(kind.kind)})
            UNION ALL SELECT ${columns} FROM ${quoted(tableBefore(kind))})`;
    },
    done: async () => {
      for (const name of changed)
        await driver.command(`DROP TABLE IF EXISTS ${quoted(tableBefore({ kind: name } as Kind))} SYNC`);
    },
  };
}

/** Whether anything of the kind was otherwise. */
async function mergedAgain({ driver, facts, moment, since }: BeforeOptions, kind: Kind): Promise<boolean> {
  const parameters = { kind: kind.kind, since, known: moment.known };
  await driver.command(
    `INSERT INTO ${tickTouched.name} (kind, id) SELECT {kind:String}, id FROM (${await saidSince(driver, kind, parameters)})`,
    parameters,
  );
  let after = '';
  let made = false;
  for (;;) {
    const rows = await driver.query<{ id: string }>(
      `SELECT DISTINCT id FROM ${tickTouched.name} WHERE kind = {kind:String} AND id > {after:String} ORDER BY id LIMIT ${PAGE}`,
      { kind: kind.kind, after },
    );
    const last = rows.at(-1)?.id;
    if (last === undefined) return made;
    if (!made) {
      const table = { ...assetTable(kind), name: tableBefore(kind), temporary: true, volatile: false };
      await driver.command(`DROP TABLE IF EXISTS ${quoted(table.name)} SYNC`);
      await driver.command(createTable(table));
      made = true;
    }
    const ids = rows.map(({ id }) => id);
    const pasts = await facts.pastsOf(kind.kind, ids, moment.known);
    const lines = binaryRows();
    for (const past of pasts.values()) {
      const asset = past.at(moment.valid);
      if (asset) lines.line([...cellsOf(kind, asset), 0]);
    }
    await driver.insert({
      table: tableBefore(kind),
      columns: [...columnNames(kind), '@known'],
      format: 'JSONCompactEachRow',
      rows: lines.take(),
      token: randomUUID(),
    });
    after = last;
  }
}

/**
 * SQL of the assets of a kind about which something was said since. Where the kind was defined anew every row is new, and only
 * those count that were seen.
 */
async function saidSince(
  driver: Driver,
  kind: Kind,
  parameters: { readonly since: number; readonly known: number },
): Promise<string> {
  const [row] = await driver.query<{ defined: string; withdrawn: string }>(
    `SELECT countIf(event = 'catalogue') AS defined,
       countIf(event IN ('retract', 'confirm', 'retire-source', 'retire-asset', 'forget')) AS withdrawn
     FROM batch WHERE number > {since:UInt64} AND number <= {known:UInt64}`,
    parameters,
  );
  const rows =
    Number(row?.defined) > 0 && Number(row?.withdrawn) === 0
      ? 'SELECT asset AS id FROM observation WHERE kind = {kind:String} AND batch > {since:UInt64} AND batch <= {known:UInt64}'
      : `SELECT \`@id\` AS id FROM ${tableSource(kind)} WHERE \`@known\` > {since:UInt64}`;
  return `${rows} UNION DISTINCT SELECT asset AS id FROM ${goneTable.name} WHERE kind = {kind:String} AND batch > {since:UInt64}`;
}
