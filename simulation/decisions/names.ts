/** What assets are called, from the merged rows of those that are still there. */

import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { quoted, tableOf } from '@macadam/adapters/facts/layout';
import type { Kind } from '@macadam/core/kinds/kind';

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
