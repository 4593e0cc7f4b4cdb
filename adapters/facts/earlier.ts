/** When what stands in the containers of an estate was read last, for a source that reads them in turn. */
import type { EarlierRead } from '../sources/port.ts';
import type { Driver } from './clickhouse/driver.ts';
import { COUNTED } from './estates.ts';

/** By the id of the container; one that a source only listed is left out. Lists of the estate itself are called by it and their format. */
export async function earlierReads(
  driver: Driver,
  source: string,
  estate: string,
): Promise<ReadonlyMap<string, EarlierRead>> {
  const rows = await driver.query<{ container: string; at: string; any: number }>(
    `SELECT place AS container, toString(max(started_at)) AS at, argMax(any, started_at) AS any FROM (
       SELECT if(container = {estate:String}, concat(container, ' ', format), container) AS place, started_at, max(claimed) AS any
       FROM partition
       WHERE source = {source:String} AND (estate = {estate:String} OR container = {estate:String} AND format != '') AND ${COUNTED}
       GROUP BY place, started_at)
     GROUP BY place`,
    { source, estate },
  );
  return new Map(
    rows.map(({ container, at, any }) => [
      container,
      { at: Number(BigInt(at) / 1_000_000n), any: Number(any) === 1 },
    ]),
  );
}
