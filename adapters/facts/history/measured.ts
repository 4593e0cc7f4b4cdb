/**
 * What measures that count something else than assets come to, set at a time: amounts by the verdicts of the history, and cohorts by
 * its moves. The functions of `core/figures/` say the same of every asset.
 */
import { randomUUID } from 'node:crypto';
import type { State } from '@macadam/core/figures/accounting';
import {
  type CohortMember,
  cohortTally,
  type Measured,
  type MeasureTally,
  median,
  NO_AMOUNTS,
} from '@macadam/core/figures/measure';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { z } from 'zod';
import type { Driver } from '../clickhouse/driver.ts';
import { EAGER, measureSelect } from '../sql/pass.ts';
import { recordAmounts } from './amounts.ts';
import { type Moment, seconds } from './record.ts';
import { FROM_THE_FIRST, IN_TURN, measureTable, verdictAsset, verdictDelta } from './table.ts';

const BLIND = { pass: 'blindPass', fail: 'blindFail', unknown: 'blindUnknown' } as const;
const VERDICTS = { P: 'pass', F: 'fail', X: 'fail', U: 'unknown' } as const;

const momentOf = ({ valid, known }: Moment) => ({ valid: seconds(valid), known });
const UP_TO = 'valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}';

/**
 * Amounts at the newest tick: verdicts as the history has them, amounts as they are merged by now. Null where the measure asks
 * nothing of an asset. What the engine's language refuses is blind. `isJudged`: something ever stood under the standard.
 */
export async function measuredNow(
  driver: Driver,
  standard: CompiledStandard,
  moment: Moment,
  isJudged: boolean,
): Promise<Measured | null> {
  const select = measureSelect(standard, { asOf: moment.valid, real: moment.valid });
  if (select === null) return null;
  const asked =
    'refused' in select
      ? {
          sql: "SELECT '' AS id, CAST(NULL AS Nullable(Int64)) AS amount, 0 AS pending WHERE 0",
          parameters: new Map(),
        }
      : select;
  const stood = () =>
    driver.query<{
      readonly state: State;
      readonly total: string | null;
      readonly blind: string;
      readonly assets: string;
      readonly took: readonly string[];
    }>(
      `SELECT state, sumIf(amount, amount >= 0) AS total, countIf(amount IS NULL OR amount < 0) AS blind,
       count() AS assets, groupArrayIf(amount, isNotNull(amount)) AS took
     FROM (SELECT toString(held.state) AS state, asked.amount AS amount
       FROM (SELECT DISTINCT id, state FROM
         (SELECT asset, state FROM ${verdictDelta.name}
          WHERE standard = {standard:String} AND ${FROM_THE_FIRST} AND ${UP_TO}
          GROUP BY asset, state HAVING sum(sign) = 1) AS stands
         INNER JOIN (SELECT DISTINCT asset, id FROM ${verdictAsset.name}) AS named USING (asset)) AS held
       LEFT JOIN (SELECT id, amount FROM (${asked.sql})) AS asked ON held.id = asked.id)
     GROUP BY state ${EAGER}, join_use_nulls = 1`,
      { ...Object.fromEntries(asked.parameters), ...momentOf(moment), standard: standard.definition.id },
    );
  const rows = isJudged ? await stood() : [];
  const tally: { -readonly [Name in keyof MeasureTally]: number } = { ...NO_AMOUNTS };
  const took: number[] = [];
  const isDuration = standard.measure.kind === 'duration';
  for (const row of rows) {
    if (row.state === 'O') continue;
    const verdict = VERDICTS[row.state];
    if (isDuration) {
      tally[verdict] += Number(row.assets);
      if (verdict !== 'unknown') took.push(...row.took.map(Number));
    } else {
      tally[verdict] += Number(row.total ?? 0);
      tally[BLIND[verdict]] += Number(row.blind);
    }
  }
  const pending = isDuration ? await pendingNow(driver, standard, asked, moment) : null;
  return { tally, pending, medianSeconds: isDuration ? median(took) : null };
}

/** Cases that are in no verdict, and open and not yet due. */
async function pendingNow(
  driver: Driver,
  standard: CompiledStandard,
  asked: { readonly sql: string; readonly parameters: ReadonlyMap<string, unknown> },
  moment: Moment,
): Promise<number> {
  const [row] = await driver.query<{ readonly pending: string }>(
    `SELECT countIf(pending = 1) AS pending FROM (${asked.sql}) AS asked WHERE id NOT IN (
       SELECT id FROM ${verdictAsset.name} WHERE asset IN (
         SELECT asset FROM ${verdictDelta.name} WHERE standard = {standard:String} AND ${FROM_THE_FIRST} AND ${UP_TO}
         GROUP BY asset HAVING sum(sign) = 1)) ${EAGER}`,
    {
      ...(Object.fromEntries(asked.parameters) as Parameters<Driver['query']>[1]),
      ...momentOf(moment),
      standard: standard.definition.id,
    },
  );
  return Number(row?.pending ?? 0);
}

/** Writes what every tick comes to, so that it can be shown of the past. */
export async function recordMeasured(
  driver: Driver,
  standards: readonly CompiledStandard[],
  moment: Moment,
): Promise<void> {
  const asking = standards.filter(({ measure: { kind } }) => kind === 'weighted' || kind === 'duration');
  if (asking.length === 0) return;
  // Of most kinds there is no asset, and then nothing is asked.
  const judged = await driver.query<{ readonly standard: string }>(
    `SELECT DISTINCT standard FROM ${verdictDelta.name} WHERE standard IN {standards:Array(String)}`,
    { standards: asking.map(({ definition }) => definition.id) },
  );
  const known = new Set(judged.map(({ standard }) => standard));
  const lines: string[] = [];
  for (const standard of asking.filter(({ definition }) => known.has(definition.id))) {
    const measured = await measuredNow(driver, standard, moment, true);
    if (measured === null) continue;
    if (standard.measure.kind === 'weighted') await recordAmounts(driver, standard, moment);
    lines.push(
      JSON.stringify([standard.definition.id, seconds(moment.valid), moment.known, JSON.stringify(measured)]),
    );
  }
  if (lines.length === 0) return;
  await driver.insert({
    table: measureTable.name,
    columns: measureTable.columns.map(({ name }) => name),
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${lines.join('\n')}\n`),
    token: randomUUID(),
  });
}

/** Of a standard under which nothing was ever judged. */
export const NO_COHORT: Measured = { tally: NO_AMOUNTS, pending: null, medianSeconds: null };

const amount = z.number().min(0);
const bodySchema = z.object({
  tally: z.object({
    pass: amount,
    fail: amount,
    unknown: amount,
    blindPass: amount,
    blindFail: amount,
    blindUnknown: amount,
  }),
  pending: amount.nullable(),
  medianSeconds: z.number().nullable(),
});

/** As it was written at a tick; null where nothing was. */
export async function measuredAt(driver: Driver, standard: string, moment: Moment): Promise<Measured | null> {
  const [row] = await driver.query<{ readonly body: string }>(
    `SELECT body FROM ${measureTable.name}
     WHERE standard = {standard:String} AND valid = fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}
     ORDER BY known DESC LIMIT 1`,
    { ...momentOf(moment), standard },
  );
  return row === undefined ? null : bodySchema.parse(JSON.parse(row.body));
}

export interface CohortRow extends CohortMember {
  readonly asset: string;
  /** Whose it is, or was when it left. */
  readonly team: string;
}

/**
 * Whoever was failing, or unknown, on a day under a standard, and where each stands. Where nothing was judged up to that day, the
 * first day on which anything was takes its place.
 */
export async function cohortAt(
  driver: Driver,
  standard: string,
  since: Date,
  moment: Moment,
): Promise<readonly CohortRow[]> {
  const rows = await driver.query<Omit<CohortRow, 'gone'> & { readonly gone: number }>(
    `${cohortSql()} SELECT id AS asset, members.team AS team, began, stands, gone, last FROM members
     INNER JOIN (SELECT DISTINCT asset, id FROM ${verdictAsset.name}) AS named USING (asset) ORDER BY id`,
    { ...momentOf(moment), since: seconds(since), standard },
  );
  return rows.map((row) => ({ ...row, gone: row.gone === 1 }));
}

/** The same, counted; of the cohort of these teams alone, where they are given. */
// biome-ignore lint/complexity/useMaxParams: the driver is given once, and the history asks with four
export async function cohortMeasured(
  driver: Driver,
  standard: string,
  since: Date,
  moment: Moment,
  teams?: readonly string[],
): Promise<Measured> {
  const rows = await driver.query<
    Omit<CohortMember, 'gone'> & { readonly gone: number; readonly count: string }
  >(
    `${cohortSql(teams === undefined ? '' : EVER_THEIRS)} SELECT began, stands, gone, last, count() AS count FROM members
     ${teams === undefined ? '' : 'WHERE team IN {teams:Array(String)}'} GROUP BY began, stands, gone, last`,
    { ...momentOf(moment), since: seconds(since), standard, ...(teams && { teams: [...teams] }) },
  );
  const members = rows.map((row) => ({ ...row, gone: row.gone === 1, count: Number(row.count) }));
  return { tally: cohortTally(members), pending: null, medianSeconds: null };
}

/** Whoever is of a team was so at some time: of a few teams among thousands, few assets are read whole. */
const EVER_THEIRS = ` AND asset IN (SELECT asset FROM ${verdictDelta.name}
      WHERE standard = {standard:String} AND ${UP_TO} AND team IN {teams:Array(String)})`;

/** `members`: each asset of the cohort. Rows that were taken back cancel first, so that what was learned late counts as it is. */
const cohortSql = (among = '') => `WITH
  (SELECT max2(toInt64(toUnixTimestamp(min(valid))), {since:Int64}) FROM
    (SELECT valid, known, sum(sign) FROM ${verdictDelta.name}
     WHERE standard = {standard:String} AND ${UP_TO} GROUP BY valid, known)) AS day,
  moved AS (
    SELECT asset, valid, ${IN_TURN} AS place, toString(team) AS own, state, \`from\`, \`to\`, gone, side, sum(sign) AS sign FROM ${verdictDelta.name}
    WHERE standard = {standard:String} AND ${FROM_THE_FIRST} AND ${UP_TO}${among}
    GROUP BY asset, valid, place, own, state, \`from\`, \`to\`, gone, side, step HAVING sign != 0),
  members AS (
    SELECT asset, argMax(own, (valid, place, side)) AS team,
      multiIf(sumIf(sign, state = 'F' AND toUnixTimestamp(valid) <= day) > 0, 'F',
        sumIf(sign, state = 'X' AND toUnixTimestamp(valid) <= day) > 0, 'X',
        sumIf(sign, state = 'U' AND toUnixTimestamp(valid) <= day) > 0, 'U', 'O') AS began,
      multiIf(sumIf(sign, state = 'P') > 0, 'P', sumIf(sign, state = 'F') > 0, 'F', sumIf(sign, state = 'X') > 0, 'X',
        sumIf(sign, state = 'U') > 0, 'U', 'O') AS stands,
      toUInt8(stands = 'O' AND argMaxIf(gone, (valid, place), \`to\` = 'O') = 1) AS gone,
      if(stands = 'O', toString(argMaxIf(\`from\`, (valid, place), \`to\` = 'O')), stands) AS last
    FROM moved GROUP BY asset HAVING began != 'O')`;
