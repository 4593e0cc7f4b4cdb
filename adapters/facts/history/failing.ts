/** Where everything stands that ever failed a standard, and since when it fails: what work is made of. */
import type { State } from '@macadam/core/figures/accounting';
import type { Driver } from '../clickhouse/driver.ts';
import { type Moment, seconds } from './record.ts';
import { IN_TURN, verdictAsset, verdictDelta } from './table.ts';

export interface EverFailed {
  readonly asset: string;
  readonly state: State;
  /** The asset's last team; of O the one that it had. */
  readonly team: string;
  readonly reason: string;
  /** The step of its last change. */
  readonly step: string;
  readonly gone: boolean;
  /** The first failure after it last passed or was out of scope; null where it does not fail. It runs through unknown. */
  readonly since: Date | null;
}

/** As it is known at the moment; by id in no order. One read of the standard's history. */
export async function everFailed(
  driver: Driver,
  standard: string,
  { valid, known }: Moment,
): Promise<readonly EverFailed[]> {
  // A time and a step in one number: within a tick steps have an order. An asset that leaves has only its old side.
  const rows = await driver.query<
    Omit<EverFailed, 'gone' | 'since' | 'state'> & {
      /** Empty where late evidence took back all that this store ever said of it: it was gone before any tick. */
      readonly state: State | '';
      readonly gone: number;
      readonly since: string;
    }
  >(
    `WITH
       held AS (
         SELECT asset, valid, known, team, state, reason, step, \`to\`, gone, side, sign, turn FROM ${verdictDelta.name}
         WHERE standard = {standard:String} AND valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}),
       moved AS (
         SELECT asset, toUInt64(toUnixTimestamp(valid)) * 8 + ${IN_TURN} AS at,
           if(side = 'old', 'O', toString(state)) AS stood, team, reason, step, gone
         FROM held
         WHERE (side = 'new' OR \`to\` = 'O') AND asset IN (SELECT asset FROM held WHERE state IN ('F', 'X') AND side = 'new')
         GROUP BY asset, valid, step, turn, side, state, \`to\`, team, reason, gone HAVING sum(sign) != 0),
       stands AS (
         SELECT asset, argMax(stood, at) AS state, argMax(team, at) AS team, argMax(reason, at) AS reason,
           argMax(step, at) AS step, argMax(gone, at) AS gone, maxIf(at, stood IN ('P', 'O')) AS well,
           arrayFilter(time -> time > well, groupArrayIf(at, stood IN ('F', 'X'))) AS failures,
           if(empty(failures), 0, intDiv(arrayMin(failures), 8)) AS since
         FROM moved GROUP BY asset)
     SELECT id AS asset, state, team, reason, toString(step) AS step, gone, toString(since) AS since
     FROM (SELECT DISTINCT asset, id FROM ${verdictAsset.name}
       WHERE asset IN (SELECT asset FROM held WHERE state IN ('F', 'X'))) AS named
     LEFT JOIN stands USING (asset) SETTINGS join_use_nulls = 0`,
    { standard, valid: seconds(valid), known },
  );
  return rows.map((row) => ({
    ...row,
    state: row.state === '' ? 'O' : row.state,
    step: row.state === '' ? 'evidence' : row.step,
    gone: row.gone === 1 || row.state === '',
    since: row.since === '0' || row.since === '' ? null : new Date(Number(row.since) * 1000),
  }));
}

/** Those of which anything ever failed, as it is known at the moment. */
export async function failedStandards(
  driver: Driver,
  { valid, known }: Moment,
): Promise<ReadonlySet<string>> {
  const rows = await driver.query<{ standard: string }>(
    `SELECT standard FROM ${verdictDelta.name}
     WHERE state IN ('F', 'X') AND valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}
     GROUP BY standard`,
    { valid: seconds(valid), known },
  );
  return new Set(rows.map(({ standard }) => standard));
}
