/** What assets are called, from the merged rows of those that are still there. */
import type { Kind } from '@macadam/core/kind';
import type { Driver } from '../../facts/clickhouse/driver.ts';
import { quoted, tableOf } from '../../facts/layout.ts';

export async function namesOf(
  driver: Driver,
  kinds: ReadonlyMap<string, Kind>,
): Promise<ReadonlyMap<string, string>> {
  const all = [...kinds.values()].map(
    (kind) => `SELECT \`@id\` AS id, \`@name\` AS name FROM ${quoted(tableOf(kind))}`,
  );
  const rows = await driver.query<{ readonly id: string; readonly name: string }>(all.join(' UNION ALL '));
  return new Map(rows.map(({ id, name }) => [id, name]));
}
