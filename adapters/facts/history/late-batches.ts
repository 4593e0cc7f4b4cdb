/** Which batches speak of the time before a tick that they were not known at, and which assets they may concern. */
import type { Driver } from '../clickhouse/driver.ts';
import type { Facts } from '../port.ts';
import type { Moment } from './record.ts';
import { tickTouched } from './table.ts';

export interface LateBatches {
  readonly driver: Driver;
  readonly after: number;
  readonly known: number;
  /** Until when they are late: the tick. Nanoseconds. */
  readonly until: bigint;
  /** The earliest time that they speak of. */
  readonly since: Date;
  /** When observations were forgotten last, and the batch that what is known can be held against; null: never. */
  readonly forgotten: { readonly at: Date; readonly comparedWith: number } | null;
}

/** Collections that began before the tick, or that were withdrawn or confirmed since, by their batches. */
const COLLECTIONS = `SELECT number FROM batch WHERE event = 'collection' AND at <= {until:Int64} AND (
  (number > {after:UInt64} AND number <= {known:UInt64}) OR subject IN (
    SELECT subject FROM batch WHERE event IN ('retract', 'confirm') AND number > {after:UInt64} AND number <= {known:UInt64}))`;
const RECENT = `FROM batch WHERE at <= {until:Int64} AND number > {after:UInt64} AND number <= {known:UInt64}`;

/** Null: nothing was learned late. Mostly nothing is, because what began after a tick says nothing of it. */
export async function lateBatches(
  driver: Driver,
  { hasEvent }: Pick<Facts, 'hasEvent'>,
  previous: Moment,
  known: number,
): Promise<LateBatches | null> {
  const said = (['retract', 'confirm', 'retire-source', 'retire-asset'] as const).some(hasEvent);
  const until = BigInt(previous.valid.getTime()) * 1_000_000n;
  const parameters = { until, after: previous.known, known };
  const [row] = await driver.query<{ rows: string; at: string }>(
    said
      ? `SELECT count() AS rows, min(at) AS at FROM (
           SELECT at FROM batch WHERE number IN (${COLLECTIONS})
           UNION ALL SELECT at ${RECENT} AND event IN ('retire-source', 'retire-asset'))`
      : `SELECT count() AS rows, min(at) AS at FROM (SELECT at ${RECENT} AND event = 'collection')`,
    parameters,
  );
  if (!row || Number(row.rows) === 0) return null;
  const [forgotten] = await driver.query<{ number: string; at: string }>(
    `SELECT number, at FROM batch WHERE event = 'forget' AND number <= {known:UInt64} ORDER BY number DESC LIMIT 1`,
    { known },
  );
  return {
    driver,
    after: previous.known,
    known,
    until,
    since: new Date(Number(BigInt(row.at) / 1_000_000n)),
    forgotten: forgotten
      ? {
          at: new Date(Number(BigInt(forgotten.at) / 1_000_000n)),
          // What was known before rows were forgotten cannot be asked any more.
          comparedWith: Math.max(previous.known, Number(forgotten.number)),
        }
      : null,
  };
}

/**
 * Writes the assets that they may concern into `tick_touched`: those that were seen, all of every partition that was listed (what
 * it did not list may have been gone), and of kinds that look at such ones (`lookers`: kind → kinds) everything.
 */
export async function candidates(
  driver: Driver,
  { until, after, known }: LateBatches,
  lookers: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  const parameters = { until, after, known };
  await driver.command(`TRUNCATE TABLE ${tickTouched.name}`);
  await driver.command(
    `INSERT INTO ${tickTouched.name} (kind, id)
     SELECT DISTINCT kind, asset FROM observation WHERE batch <= {known:UInt64} AND (batch IN (${COLLECTIONS})
       OR (kind, source, container) IN (SELECT kind, source, container FROM partition WHERE batch IN (${COLLECTIONS}))
       OR source IN (SELECT subject ${RECENT} AND event = 'retire-source')
       OR asset IN (SELECT subject ${RECENT} AND event = 'retire-asset'))`,
    parameters,
  );
  if (lookers.size === 0) return;
  const rows = await driver.query<{ kind: string }>(
    `SELECT DISTINCT toString(kind) AS kind FROM ${tickTouched.name}
     UNION DISTINCT SELECT toString(kind) FROM partition WHERE batch IN (${COLLECTIONS})
     UNION DISTINCT SELECT toString(kind) FROM partition WHERE source IN (SELECT subject ${RECENT} AND event = 'retire-source')`,
    parameters,
  );
  const concerned = new Set(rows.map(({ kind }) => kind));
  for (const [kind, others] of lookers)
    if ([...others].some((other) => concerned.has(other)))
      await driver.command(
        `INSERT INTO ${tickTouched.name} (kind, id) SELECT DISTINCT kind, asset FROM observation WHERE kind = {kind:String}`,
        { kind },
      );
}
