/** Ticks that were written, and what one that did not come to its end left behind. */
import type { Driver } from '../clickhouse/driver.ts';
import type { Table } from '../clickhouse/table.ts';
import { type Moment, seconds } from './record.ts';
import { tickLog, verdictDelta, verdictUnnamed } from './table.ts';

/** A tick that was written whole. */
export interface LoggedTick extends Moment {
  readonly definitions: Readonly<Record<string, string>>;
}

/** Ticks that were written, oldest first. */
export async function ticks(driver: Driver): Promise<readonly LoggedTick[]> {
  const rows = await driver.query<{ valid: number; known: string; definitions: Record<string, string> }>(
    `SELECT toUnixTimestamp(valid) AS valid, known, definitions FROM ${tickLog.name} ORDER BY valid, known`,
  );
  return rows.map((row) => ({ ...row, valid: new Date(row.valid * 1000), known: Number(row.known) }));
}

/** Takes back what a tick wrote that did not come to its end: it lies after the last one that did. */
export async function sweep(driver: Driver, last: Date | null): Promise<void> {
  const keys = 'standard, valid, known, step, `from`, `to`, gone, side, reason';
  const kept: readonly (readonly [Table, string, string])[] = [
    [verdictDelta, `${keys}, epoch, team, asset, state`, 'sign'],
    [verdictUnnamed, `${keys}, source, container`, 'change'],
  ];
  for (const [{ name, columns }, group, sum] of kept) {
    const type = columns.find((column) => column.name === sum)?.type ?? 'Int64';
    await driver.command(
      `INSERT INTO ${name} (${group}, ${sum}) SELECT ${group}, CAST(-sum(${sum}) AS ${type}) FROM ${name}
       WHERE valid > fromUnixTimestamp({last:Int64}) GROUP BY ${group} HAVING sum(${sum}) != 0`,
      { last: last ? seconds(last) : 0 },
    );
  }
}
