/** Ticks that were written, and what one that did not come to its end left behind. */
import type { Driver } from '../clickhouse/driver.ts';
import type { Table } from '../clickhouse/table.ts';
import { type Moment, seconds } from './record.ts';
import { judgement, tickBegun, tickLog, verdictDelta, verdictException, verdictUnnamed } from './table.ts';

/** A tick that was written whole. */
export interface LoggedTick extends Moment {
  /** Digests, by standard. */
  readonly definitions: Readonly<Record<string, string>>;
  /** Of standards that look at other assets: when the clock alone may change what they see there, in nanoseconds. */
  readonly around: Readonly<Record<string, bigint>>;
  /** How many rows it wrote, by standard. */
  readonly written: Readonly<Record<string, number>>;
  /** The newest pass of the answers that it knew; see `Teams`. */
  readonly answered: number;
}

/** Ticks that were written, oldest first. */
export async function ticks(driver: Driver): Promise<readonly LoggedTick[]> {
  const rows = await driver.query<{
    valid: number;
    known: string;
    definitions: Record<string, string>;
    around: Record<string, string>;
    written: Record<string, string>;
    answered: string;
  }>(
    `SELECT toUnixTimestamp(valid) AS valid, known, definitions, around, written, answered FROM ${tickLog.name} ORDER BY valid, known`,
  );
  return rows.map(({ valid, known, definitions, around, written, answered }) => ({
    valid: new Date(valid * 1000),
    known: Number(known),
    definitions,
    around: Object.fromEntries(Object.entries(around).map(([id, next]) => [id, BigInt(next)])),
    written: Object.fromEntries(Object.entries(written).map(([id, count]) => [id, Number(count)])),
    answered: Number(answered),
  }));
}

/** Takes back what a tick wrote that did not come to its end: it lies after the last one that did. */
export async function sweep(driver: Driver, last: Date | null): Promise<void> {
  const after = { last: last ? seconds(last) : 0 };
  const [begun] = await driver.query<{ left: string }>(
    `SELECT count() AS left FROM ${tickBegun.name} WHERE valid > fromUnixTimestamp({last:Int64})`,
    after,
  );
  if (Number(begun?.left) === 0) return;
  const keys = 'standard, valid, known, step, `from`, `to`, gone, side, reason';
  const kept: readonly (readonly [Table, string, string])[] = [
    [verdictDelta, `${keys}, epoch, team, asset, state, turn`, 'sign'],
    [verdictUnnamed, `${keys}, source, container`, 'change'],
    [verdictException, 'valid, digest, body', 'sign'],
  ];
  for (const [{ name, columns }, group, sum] of kept) {
    const type = columns.find((column) => column.name === sum)?.type ?? 'Int64';
    await driver.command(
      `INSERT INTO ${name} (${group}, ${sum}) SETTINGS insert_deduplicate = 0
       SELECT ${group}, CAST(-sum(${sum}) AS ${type}) FROM ${name}
       WHERE valid > fromUnixTimestamp({last:Int64}) GROUP BY ${group} HAVING sum(${sum}) != 0`,
      after,
    );
  }
  await driver.command(`DELETE FROM ${judgement.name} WHERE valid > fromUnixTimestamp({last:Int64})`, after);
  await driver.command(`DELETE FROM ${tickBegun.name} WHERE valid > fromUnixTimestamp({last:Int64})`, after);
}
