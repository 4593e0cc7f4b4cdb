/**
 * The mark of a store whose company is made up. It stands in the engine beside the facts, so that whoever reads those
 * can see it; no such store takes a real collection, and no real one a simulated.
 */
import { z } from 'zod';
import type { Driver } from './clickhouse/driver.ts';
import { prepare, type Table } from './clickhouse/table.ts';

/** Ids of sources that are made up begin so. */
export const SIMULATED = 'simulated-';

const team = z.strictObject({
  id: z.string(),
  division: z.string(),
  organisation: z.string(),
  ends: z.number().exactOptional(),
  into: z.string().exactOptional(),
});

const simulatedSchema = z.strictObject({
  size: z.string(),
  seed: z.string(),
  /** Day of the last tick, RFC 3339. */
  until: z.string(),
  /** Days from one tick to the next. */
  every: z.number(),
  organisation: z.strictObject({
    divisions: z
      .array(z.strictObject({ id: z.string(), name: z.string(), weight: z.number(), deputy: z.string() }))
      .readonly(),
    functions: z.array(z.strictObject({ pillar: z.string(), deputy: z.string() })).readonly(),
    teams: z.array(team).readonly(),
  }),
  /** Whether everything was written: a run that was cut off leaves false. */
  whole: z.boolean(),
});
export type Simulated = z.infer<typeof simulatedSchema>;

const markTable: Table = {
  name: 'simulated',
  description: 'Says that everything here is made up, and how',
  columns: [
    { name: 'written', type: 'UInt8' },
    { name: 'body', type: 'String', codec: 'ZSTD(3)' },
  ],
  orderBy: ['written'],
};

/** Null: what the store holds is real. */
export async function readMark(driver: Driver): Promise<Simulated | null> {
  const found = await driver.query(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND name = '${markTable.name}'`,
  );
  if (found.length === 0) return null;
  const [row] = await driver.query<{ body: string }>(
    `SELECT body FROM ${markTable.name} ORDER BY written DESC LIMIT 1`,
  );
  return row ? simulatedSchema.parse(JSON.parse(row.body)) : null;
}

export async function writeMark(driver: Driver, mark: Simulated): Promise<void> {
  await prepare(driver, [markTable]);
  await driver.insert({
    table: markTable.name,
    columns: ['written', 'body'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${JSON.stringify([mark.whole ? 1 : 0, JSON.stringify(mark)])}\n`),
    token: `mark ${mark.whole}`,
  });
}
