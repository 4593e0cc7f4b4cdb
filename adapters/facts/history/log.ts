/** Ticks that were written, and what one that did not come to its end left behind. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Driver } from '../clickhouse/driver.ts';
import type { Table } from '../clickhouse/table.ts';
import { type Moment, seconds } from './record.ts';
import {
  amountDelta,
  containersTable,
  judgement,
  measureTable,
  tickBegun,
  tickLog,
  verdictDelta,
  verdictEpoch,
  verdictException,
  verdictUnnamed,
} from './table.ts';

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

/** When ticks were written, oldest first. */
export async function moments(driver: Driver): Promise<readonly Moment[]> {
  const rows = await driver.query<{ readonly valid: number; readonly known: string }>(
    `SELECT toUnixTimestamp(valid) AS valid, known FROM ${tickLog.name} ORDER BY valid, known`,
  );
  return rows.map(({ valid, known }) => ({ valid: new Date(valid * 1000), known: Number(known) }));
}

/** Ticks that were written, with all that is written of each, oldest first. */
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
  let held: Readonly<Record<string, string>> = {};
  return rows.map(({ valid, known, definitions, around, written, answered }) => {
    held = sameAs(held, definitions);
    return {
      valid: new Date(valid * 1000),
      known: Number(known),
      definitions: held,
      around: Object.fromEntries(Object.entries(around).map(([id, next]) => [id, BigInt(next)])),
      written: Object.fromEntries(Object.entries(written).map(([id, count]) => [id, Number(count)])),
      answered: Number(answered),
    };
  });
}

/** The earlier object where both say the same: definitions seldom change, and thousands of ticks have them. */
const sameAs = (
  earlier: Readonly<Record<string, string>>,
  later: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => (isDeepStrictEqual(earlier, later) ? earlier : later);

/** What is written of ticks as the process that writes them knows it: to read it takes longer with each that was ever written. */
export interface TickLog {
  /** Oldest first. */
  readonly written: () => Promise<readonly LoggedTick[]>;
  /** Says that one was written after these. */
  readonly add: (tick: LoggedTick) => void;
}

export function tickLogOf(driver: Driver): TickLog {
  let held: LoggedTick[] | null = null;
  return {
    written: async () => {
      const [row] = await driver.query<{ ticks: string; newest: number }>(
        `SELECT count() AS ticks, toUnixTimestamp(max(valid)) AS newest FROM ${tickLog.name}`,
      );
      // Ticks are taken back, another process writes some, and of one that failed nobody knows whether it is there.
      const last = held?.at(-1);
      const isHeld = held?.length === Number(row?.ticks) && (last ? seconds(last.valid) : 0) === row?.newest;
      held = isHeld && held !== null ? held : [...(await ticks(driver))];
      return [...held];
    },
    add: (tick) => {
      const definitions = sameAs(held?.at(-1)?.definitions ?? {}, tick.definitions);
      held?.push({ ...tick, definitions });
    },
  };
}

/** A definition that judged from a tick on. Another digest is another version: no version can have two contents. */
export interface DefinitionVersion {
  readonly digest: string;
  readonly first: Moment;
  /** The tick before, by another version or by none; null: the first tick of all. */
  readonly before: Moment | null;
}

/** The versions of a standard that ever judged, oldest first; one that came back is listed again. */
export async function versionsOf(driver: Driver, standard: string): Promise<readonly DefinitionVersion[]> {
  const rows = await driver.query<{ valid: number; known: string; digest: string }>(
    `SELECT toUnixTimestamp(valid) AS valid, known, definitions[{standard:String}] AS digest
     FROM ${tickLog.name} ORDER BY valid, known`,
    { standard },
  );
  const found = rows.map(({ valid, known, digest }) => ({
    digest,
    moment: { valid: new Date(valid * 1000), known: Number(known) },
  }));
  return found.flatMap(({ digest, moment }, index) => {
    const before = found[index - 1];
    // A tick at which it was not in force has an empty digest.
    return digest === '' || digest === before?.digest
      ? []
      : [{ digest, first: moment, before: before?.moment ?? null }];
  });
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
    [verdictDelta, `${keys}, epoch, team, asset, state, turn, on_time`, 'sign'],
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
  for (const { name } of [judgement, verdictEpoch, containersTable, measureTable, amountDelta])
    await driver.command(`DELETE FROM ${name} WHERE valid > fromUnixTimestamp({last:Int64})`, after);
  await driver.command(`DELETE FROM ${tickBegun.name} WHERE valid > fromUnixTimestamp({last:Int64})`, after);
}

/** What no digest of judgements is, so that whatever is judged next is held against what stood. */
const NO_DIGEST = 1;

/**
 * Takes back every tick after an instant, as if it had not been written: one that was written under a wrong clock. Everything is judged
 * anew by the next. Gives the ticks that were taken back, oldest first. What dies in between is ended by the next tick.
 */
export async function retractTicks(driver: Driver, after: Date): Promise<readonly Moment[]> {
  const written = await ticks(driver);
  const retracted = written.filter(({ valid }) => valid > after);
  if (retracted.length === 0) return [];
  const last = written.findLast(({ valid }) => valid <= after) ?? null;
  const at = { last: last ? seconds(last.valid) : 0 };
  // Of an asset that is gone by now nothing but this says that it was there.
  await driver.command(
    `ALTER TABLE ${judgement.name} UPDATE due = 0, digest = ${NO_DIGEST}, judged_by = 0, valid = fromUnixTimestamp({last:Int64}) WHERE 1`,
    at,
  );
  await driver.insert({
    table: tickBegun.name,
    columns: ['valid'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(retracted.map(({ valid }) => JSON.stringify([seconds(valid)])).join('\n')),
    token: randomUUID(),
  });
  await driver.command(`DELETE FROM ${tickLog.name} WHERE valid > fromUnixTimestamp({last:Int64})`, at);
  await sweep(driver, last?.valid ?? null);
  return retracted.map(({ valid, known }) => ({ valid, known }));
}
