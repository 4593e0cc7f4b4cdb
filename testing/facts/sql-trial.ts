/** An engine in a directory of its own that is gone afterwards: for tests, conformance and the differential. */

import { FOR_FEW_ROWS } from '@macadam/adapters/facts/clickhouse/chdb';
import type { Row } from '@macadam/adapters/facts/columns';
import { createTable, quoted } from '@macadam/adapters/facts/layout';
import type { Database, Parameters } from '@macadam/adapters/facts/sql/judging';
import type { Kind } from '@macadam/core/kinds/kind';

export interface Trial extends Database {
  /** The kind's table under a name, with these rows and no others. */
  readonly fill: (kind: Kind, table: string, rows: readonly Row[]) => Promise<void>;
  readonly command: (sql: string) => Promise<void>;
  readonly close: () => void;
}

/**
 * The package is half a gigabyte, so it is loaded here and not at import. Throws what the package throws. `few`: statements run as in a
 * store of few rows, so that no expression is turned into machine code; else as in a large one.
 */
export async function openTrial({ few = false }: { readonly few?: boolean } = {}): Promise<Trial> {
  const { Session } = await import('chdb');
  const session = new Session();
  const command = async (sql: string) => {
    await session.queryAsync(sql);
  };
  await command('SET output_format_json_quote_64bit_integers = 1');
  await command('SET output_format_json_quote_denormals = 1');
  await command('SET join_use_nulls = 1');
  if (few)
    for (const [name, value] of Object.entries(FOR_FEW_ROWS)) await command(`SET ${name} = '${value}'`);
  return {
    command,
    query: async <R extends object>(sql: string, parameters: Parameters = {}) => {
      const format = { format: 'JSONEachRow' };
      const result =
        Object.keys(parameters).length > 0
          ? await session.queryBindAsync(sql, parameters, format)
          : await session.queryAsync(sql, format);
      const text = result.text().trimEnd();
      return text === '' ? [] : (JSON.parse(`[${text.replaceAll('\n', ',')}]`) as R[]);
    },
    fill: async (kind, table, rows) => {
      await command(`DROP TABLE IF EXISTS ${quoted(table)}`);
      await command(createTable(kind, table, 'ENGINE = Memory'));
      if (rows.length === 0) return;
      const values = rows.map((row) => JSON.stringify(row)).join('\n');
      await session.insert({ table, values: Buffer.from(values), format: 'JSONEachRow' });
    },
    close: () => session.cleanup(),
  };
}
