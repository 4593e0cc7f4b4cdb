/** Facts of a whole kind as they were at earlier times, written into tables so that they can be looked up. Only what looks at others needs them. */
import { randomUUID } from 'node:crypto';
import type { Kind } from '@macadam/core/kinds/kind';
import type { Driver } from '../clickhouse/driver.ts';
import { binaryRows } from '../clickhouse/rows.ts';
import { createTable } from '../clickhouse/table.ts';
import { assetTable } from '../clickhouse/tables.ts';
import { cellsOf, columnNames } from '../columns.ts';
import { quoted } from '../layout.ts';
import type { Facts } from '../port.ts';
import { type FactsSource, tableSource } from './around.ts';
import { seconds } from './record.ts';

export interface PastFacts {
  /** Makes a kind as it was at a time ready to be read. */
  readonly prepare: (kind: Kind, at: Date) => Promise<void>;
  readonly source: (at: Date) => FactsSource;
  /** Takes all of it away. */
  readonly done: () => Promise<void>;
}

const ROWS = 2000;

export function pastFacts(driver: Driver, facts: Facts, known: number): PastFacts {
  const made = new Map<string, string>();
  const key = (kind: Kind, at: Date) => `${kind.kind} ${seconds(at)}`;
  return {
    prepare: async (kind, at) => {
      if (made.has(key(kind, at))) return;
      const name = `past_${kind.kind.replaceAll('-', '_')}_${seconds(at)}`;
      await driver.command(`DROP TABLE IF EXISTS ${quoted(name)} SYNC`);
      await driver.command(
        createTable({ ...assetTable(kind), name, temporary: true, repeating: true, volatile: false }),
      );
      made.set(key(kind, at), name);
      const lines = binaryRows();
      let rows = 0;
      const write = async () => {
        await driver.insert({
          table: name,
          columns: [...columnNames(kind), '@known'],
          format: 'JSONCompactEachRow',
          rows: lines.take(),
          token: randomUUID(),
        });
        rows = 0;
      };
      for await (const asset of facts.assetsAsOf(kind.kind, { valid: at.toISOString(), known })) {
        lines.line([...cellsOf(kind, asset), 0]);
        rows += 1;
        if (rows === ROWS) await write();
      }
      await write();
    },
    source: (at) => (kind) => {
      const name = made.get(key(kind, at));
      return name === undefined ? tableSource(kind) : quoted(name);
    },
    done: async () => {
      for (const name of made.values()) await driver.command(`DROP TABLE IF EXISTS ${quoted(name)} SYNC`);
    },
  };
}
