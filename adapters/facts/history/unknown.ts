/** What cannot be told at a moment, counted by standard, cause and the source that should have said it. */
import type { Cause } from '@macadam/core/facts/observation';
import { COUNTS } from '../clickhouse/history.ts';
import { type Moment, seconds } from './record.ts';
import { verdictAsset, verdictDelta } from './table.ts';
import { unnamedReasons } from './uncounted.ts';
import { epochsAt, type Written } from './written.ts';

export interface UntoldCount {
  readonly standard: string;
  readonly cause: Cause;
  /** Of those that ever saw the asset, the one that has been silent about it longest; null where none did. */
  readonly source: string | null;
  /** Those that were counted and never named are among them: their source has to name them. */
  readonly count: number;
}

export async function untold(written: Written, moment: Moment): Promise<readonly UntoldCount[]> {
  const { valid, known } = moment;
  const epoch = epochsAt(await written.epochs(), moment);
  const rows = await written.driver.query<Omit<UntoldCount, 'count'> & { readonly count: string }>(
    `WITH
       unsure AS (
         SELECT standard, asset, reason FROM ${verdictDelta.name}
         WHERE valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}${epoch.sql}
           AND state = 'U' GROUP BY standard, asset, reason HAVING sum(sign) = 1),
       named AS (SELECT DISTINCT asset, id FROM ${verdictAsset.name} WHERE asset IN (SELECT asset FROM unsure)),
       heard AS (
         SELECT asset AS id, argMin(source, last) AS source FROM (
           SELECT asset, source, max(seen_at) AS last FROM observation
           WHERE asset IN (SELECT id FROM named) AND ${COUNTS} GROUP BY asset, source)
         GROUP BY asset)
     SELECT standard, reason AS cause, source, count() AS count FROM unsure
     INNER JOIN named USING (asset) LEFT JOIN heard USING (id)
     GROUP BY standard, cause, source ORDER BY standard, cause, source`,
    { valid: seconds(valid), known, ...epoch.parameters },
  );
  const counts = new Map<string, UntoldCount>();
  for (const row of [...rows, ...(await unnamedReasons(written, moment))]) {
    const key = JSON.stringify([row.standard, row.cause, row.source]);
    counts.set(key, { ...row, count: (counts.get(key)?.count ?? 0) + Number(row.count) });
  }
  return [...counts.values()];
}
