/** Verdicts that stand at the last tick, drawn by a seed: for an auditor's sample. */
import type { State } from '@macadam/core/figures/accounting';
import type { Driver } from '../clickhouse/driver.ts';
import { tickLog, verdictAsset, verdictDelta, verdictEpoch } from './table.ts';

export interface StandingVerdict {
  readonly standard: string;
  readonly asset: string;
  readonly team: string;
  readonly state: State;
  readonly reason: string;
  /** The tick at which it stood so, RFC 3339, and the batch that was known. */
  readonly at: string;
  readonly known: number;
}

/** Those whose SHA-256 of seed, newline, standard, newline and the asset's number is the least; `key` is all behind the first newline. */
export async function sampledVerdicts(
  driver: Driver,
  seed: string,
  n: number,
): Promise<readonly (StandingVerdict & { readonly key: string })[]> {
  const [tick] = await driver.query<{ valid: number; known: string }>(
    `SELECT toUnixTimestamp(valid) AS valid, known FROM ${tickLog.name} ORDER BY valid DESC, known DESC LIMIT 1`,
  );
  if (!tick) return [];
  const rows = await driver.query<Omit<StandingVerdict, 'at' | 'known'> & { key: string }>(
    `SELECT s.standard AS standard, a.id AS asset, s.team AS team, s.state AS state, s.reason AS reason, s.key AS key
     FROM (
       SELECT standard, asset, team, state, reason, concat(standard, '\\n', toString(asset)) AS key
       FROM ${verdictDelta.name} AS d
       INNER JOIN (SELECT standard, max(epoch) AS epoch FROM ${verdictEpoch.name}
         WHERE valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64} GROUP BY standard) AS e
         ON d.standard = e.standard AND d.epoch = e.epoch
       WHERE valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}
       GROUP BY standard, asset, team, state, reason HAVING sum(sign) > 0
       ORDER BY SHA256(concat({seed:String}, '\\n', key)) LIMIT {n:UInt32}
     ) AS s INNER JOIN (SELECT DISTINCT asset, id FROM ${verdictAsset.name}) AS a ON a.asset = s.asset
     ORDER BY SHA256(concat({seed:String}, '\\n', s.key))`,
    { seed, n, valid: tick.valid, known: Number(tick.known) },
  );
  const at = new Date(tick.valid * 1000).toISOString();
  return rows.map((row) => ({ ...row, at, known: Number(tick.known) }));
}
