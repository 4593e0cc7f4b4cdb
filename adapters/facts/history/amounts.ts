/**
 * Amounts of standards that weigh their assets, as changes: by team at any tick, why they moved between two, and the assets behind
 * each cause. Every change of an asset is one entry with an old and a new side, so that a list has exactly what was counted.
 */
import { randomUUID } from 'node:crypto';
import type { Move } from '@macadam/core/figures/accounting';
import {
  type CountedVerdict,
  type MeasureCell,
  type MeasureEntry,
  type MeasureTally,
  measureEntries,
  NO_AMOUNTS,
  tallySum,
  type WeighedAsset,
} from '@macadam/core/figures/measure';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Driver } from '../clickhouse/driver.ts';
import { EAGER, measureSelect } from '../sql/pass.ts';
import { changesAt, type Selection } from './read.ts';
import { assetNumber, type Moment, seconds } from './record.ts';
import { amountDelta, FROM_THE_FIRST, verdictAsset, verdictDelta } from './table.ts';

const UP_TO = 'valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}';
const BLIND = { pass: 'blindPass', fail: 'blindFail', unknown: 'blindUnknown' } as const;
/** Rows that are sent to the engine at once. */
const SENT = 20_000;

interface Differing {
  readonly id: string;
  readonly wasVerdict: CountedVerdict | null;
  readonly wasTeam: string | null;
  readonly wasAmount: string | null;
  readonly isVerdict: CountedVerdict | null;
  readonly isTeam: string | null;
  readonly isAmount: string | null;
}

/** The SELECT of `id` and `amount` that a standard weighs by; what the engine's language refuses is of no row, so that it is blind. */
function weighing(standard: CompiledStandard, { valid }: Moment) {
  const select = measureSelect(standard, { asOf: valid, real: valid });
  if (select === null || 'refused' in select)
    return { sql: "SELECT '' AS id, CAST(NULL AS Nullable(Int64)) AS amount WHERE 0", parameters: {} };
  return { sql: select.sql, parameters: Object.fromEntries(select.parameters) };
}

const VERDICT = "multiIf(state = 'P', 'pass', state = 'U', 'unknown', 'fail')";

/** Every asset in scope with its team, verdict and amount, by the name `stands`. */
const standsSql = (weighed: string) => `stands AS (
    SELECT held.id AS id, held.team AS team, ${VERDICT} AS verdict, if(asked.amount < 0, NULL, asked.amount) AS amount
    FROM (SELECT DISTINCT id, team, state FROM
        (SELECT asset, toString(team) AS team, toString(state) AS state FROM ${verdictDelta.name}
         WHERE standard = {standard:String} AND ${FROM_THE_FIRST} AND ${UP_TO}
         GROUP BY asset, team, state HAVING sum(sign) = 1) AS standing
      INNER JOIN (SELECT DISTINCT asset, id FROM ${verdictAsset.name}) AS named USING (asset)) AS held
    LEFT JOIN (SELECT id, toInt64(amount) AS amount FROM (${weighed})) AS asked ON held.id = asked.id
    WHERE state != 'O')`;

/** Writes why the amounts of a standard moved at a tick whose verdicts are written. Safe to leave half done: the next tick takes it back. */
export async function recordAmounts(
  driver: Driver,
  standard: CompiledStandard,
  moment: Moment,
): Promise<void> {
  const { id } = standard.definition;
  const { sql, parameters } = weighing(standard, moment);
  const path = Map.groupBy(await changesAt(driver, moment, id), ({ asset }) => asset);
  const rows = await driver.query<Differing>(
    `WITH ${standsSql(sql)},
     was AS (SELECT id, team, verdict, amount FROM
       (SELECT asset, toString(team) AS team, toString(verdict) AS verdict, amount FROM ${amountDelta.name}
        WHERE standard = {standard:String} GROUP BY asset, team, verdict, amount HAVING sum(sign) = 1) AS summed
       INNER JOIN (SELECT DISTINCT asset, id FROM ${verdictAsset.name}) AS named USING (asset))
     SELECT ifNull(stands.id, was.id) AS id, was.verdict AS wasVerdict, was.team AS wasTeam, toString(was.amount) AS wasAmount,
       stands.verdict AS isVerdict, stands.team AS isTeam, toString(stands.amount) AS isAmount
     FROM was FULL OUTER JOIN stands ON was.id = stands.id
     WHERE ifNull(was.verdict, '') != ifNull(stands.verdict, '') OR ifNull(was.team, '') != ifNull(stands.team, '')
       OR ifNull(toString(was.amount), '') != ifNull(toString(stands.amount), '')
       OR ifNull(stands.id, was.id) IN {moved:Array(String)}
     ORDER BY id ${EAGER}, join_use_nulls = 1`,
    {
      ...parameters,
      standard: id,
      valid: seconds(moment.valid),
      known: moment.known,
      moved: [...path.keys()],
    },
  );
  const lines: string[] = [];
  for (const row of rows) {
    const moves = (path.get(row.id) ?? []).map((one): Move => ({ ...one, standard: id }));
    const held = weighed(row.wasVerdict, row.wasTeam, row.wasAmount);
    const now = weighed(row.isVerdict, row.isTeam, row.isAmount);
    for (const [turn, entry] of measureEntries(held, moves, now).entries())
      lines.push(...linesOf(entry, { standard: id, asset: assetNumber(row.id), turn, moment }));
  }
  for (let at = 0; at < lines.length; at += SENT)
    await driver.insert({
      table: amountDelta.name,
      columns: amountDelta.columns.map(({ name }) => name),
      format: 'JSONCompactEachRow',
      rows: Buffer.from(`${lines.slice(at, at + SENT).join('\n')}\n`),
      token: randomUUID(),
    });
}

const weighed = (
  verdict: CountedVerdict | null,
  team: string | null,
  amount: string | null,
): WeighedAsset | null =>
  verdict === null ? null : { verdict, team: team ?? '', amount: amount === null ? null : Number(amount) };

interface About {
  readonly standard: string;
  readonly asset: string;
  readonly turn: number;
  readonly moment: Moment;
}

function linesOf(entry: MeasureEntry, { standard, asset, turn, moment }: About): string[] {
  const line = (verdict: CountedVerdict | null, amount: number | null, side: 'old' | 'new') =>
    verdict === null
      ? []
      : [
          JSON.stringify([
            standard,
            seconds(moment.valid),
            moment.known,
            entry.team,
            asset,
            turn,
            entry.cell,
            entry.step,
            verdict,
            amount,
            side,
            side === 'new' ? 1 : -1,
          ]),
        ];
  return [...line(entry.from, entry.before, 'old'), ...line(entry.to, entry.after, 'new')];
}

export interface TeamAmounts {
  readonly team: string;
  readonly tally: MeasureTally;
}

interface SumRow {
  readonly verdict: CountedVerdict;
  readonly amount: string;
  readonly blind: string;
}

function added(tally: MeasureTally, { verdict, amount, blind }: SumRow): MeasureTally {
  const blindName = BLIND[verdict];
  return {
    ...tally,
    [verdict]: tally[verdict] + Number(amount),
    [blindName]: tally[blindName] + Number(blind),
  };
}

const SUMS =
  'sum(ifNull(sign * held.amount, 0)) AS amount, sum(if(isNull(held.amount), toInt64(sign), 0)) AS blind';

/** By team, in order of it; null where no amounts of assets were written up to the moment. */
export async function amountsAt(
  driver: Driver,
  standard: string,
  moment: Moment,
): Promise<readonly TeamAmounts[] | null> {
  const rows = await driver.query<SumRow & { readonly team: string }>(
    `SELECT toString(team) AS team, toString(verdict) AS verdict, ${SUMS}
     FROM ${amountDelta.name} AS held WHERE standard = {standard:String} AND ${UP_TO}
     GROUP BY team, verdict ORDER BY team`,
    { standard, valid: seconds(moment.valid), known: moment.known },
  );
  if (rows.length === 0) return null;
  return talliesOf(rows);
}

function talliesOf(rows: readonly (SumRow & { readonly team: string })[]): readonly TeamAmounts[] {
  const teams = new Map<string, MeasureTally>();
  for (const row of rows) teams.set(row.team, added(teams.get(row.team) ?? NO_AMOUNTS, row));
  return [...teams].map(([team, tally]) => ({ team, tally }));
}

/** By team at the newest tick, from what is merged by now: for a history whose ticks wrote no amounts. */
export async function amountsNow(
  driver: Driver,
  standard: CompiledStandard,
  moment: Moment,
): Promise<readonly TeamAmounts[]> {
  const { sql, parameters } = weighing(standard, moment);
  const rows = await driver.query<SumRow & { readonly team: string }>(
    `WITH ${standsSql(sql)}
     SELECT team, verdict, sum(ifNull(stands.amount, 0)) AS amount, countIf(isNull(stands.amount)) AS blind
     FROM stands GROUP BY team, verdict ORDER BY team ${EAGER}, join_use_nulls = 1`,
    {
      ...parameters,
      standard: standard.definition.id,
      valid: seconds(moment.valid),
      known: moment.known,
    },
  );
  return talliesOf(rows);
}

/** Why amounts moved between two moments: the sum of causes is the difference. */
export interface AmountCause {
  readonly cell: MeasureCell;
  readonly step: Move['step'];
  /** So many entries, each an asset in the list of this cause. */
  readonly changes: number;
  /** What they did to each amount. */
  readonly moved: MeasureTally;
}

/** What some teams have together, or everybody, and what moved it. */
export interface AmountsBetween {
  readonly now: MeasureTally;
  /** Null where there is no earlier moment, or none were written up to it. */
  readonly before: MeasureTally | null;
  /** Of all that came since the earlier moment; none where there is none. */
  readonly causes: readonly AmountCause[];
}

/** Which rows are of a verdict, as SQL. */
const OF_VERDICT: Readonly<Record<CountedVerdict, string>> = {
  pass: "verdict = 'pass'",
  fail: "verdict = 'fail'",
  unknown: "verdict = 'unknown'",
};
const VERDICTS: readonly CountedVerdict[] = ['pass', 'fail', 'unknown'];
type VerdictSums = Readonly<Record<`${CountedVerdict}Amount` | `${CountedVerdict}Blind`, string>>;

const tallyOf = (row: VerdictSums): MeasureTally =>
  VERDICTS.map((verdict) => ({
    verdict,
    amount: row[`${verdict}Amount`],
    blind: row[`${verdict}Blind`],
  })).reduce(added, NO_AMOUNTS);

/**
 * By standard, of those of which amounts were written up to the later moment. All that was written is read once: what was so before is the
 * one amount, what came since explains the other.
 */
export async function amountsBetween(
  driver: Driver,
  { from, to }: { readonly from: Moment | null; readonly to: Moment },
  standards: readonly string[],
  teams: readonly string[] | null,
): Promise<ReadonlyMap<string, AmountsBetween>> {
  if (standards.length === 0) return new Map();
  const own = teams === null ? '1' : 'team IN {teams:Array(String)}';
  const was =
    from === null ? '0' : 'valid <= fromUnixTimestamp({fromValid:Int64}) AND known <= {fromKnown:UInt64}';
  const sums = VERDICTS.map(
    (verdict) => `sumIf(ifNull(sign * held.amount, 0), ${OF_VERDICT[verdict]} AND ${own}) AS ${verdict}Amount,
       sumIf(if(isNull(held.amount), toInt64(sign), 0), ${OF_VERDICT[verdict]} AND ${own}) AS ${verdict}Blind`,
  );
  const rows = await driver.query<
    VerdictSums &
      Pick<AmountCause, 'cell' | 'step'> & {
        readonly standard: string;
        readonly was: number;
        readonly changes: string;
      }
  >(
    `SELECT toString(held.standard) AS standard, toUInt8(${was}) AS was, if(was, '', toString(held.cell)) AS cell,
       if(was, '', toString(held.step)) AS step, ${sums.join(', ')}, uniqExactIf((asset, valid, turn), was = 0 AND ${own}) AS changes
     FROM ${amountDelta.name} AS held WHERE held.standard IN {standards:Array(String)} AND ${UP_TO}
     GROUP BY standard, was, cell, step ORDER BY standard, step, cell`,
    {
      standards,
      valid: seconds(to.valid),
      known: to.known,
      ...(from && { fromValid: seconds(from.valid), fromKnown: from.known }),
      ...(teams && { teams: [...teams] }),
    },
  );
  return new Map(
    [...Map.groupBy(rows, ({ standard }) => standard)].map(([standard, all]) => {
      const earlier = all.filter(({ was }) => was === 1);
      const since = all.filter(({ was }) => was === 0);
      const causes = since.flatMap((row) => {
        const { cell, step, changes } = row;
        return changes === '0' ? [] : [{ cell, step, changes: Number(changes), moved: tallyOf(row) }];
      });
      const now = tallySum(all.map(tallyOf));
      const before = earlier.length === 0 ? null : tallySum(earlier.map(tallyOf));
      return [standard, { now, before, causes: from === null ? [] : causes }];
    }),
  );
}

interface Window extends Pick<Selection, 'team' | 'teams'> {
  readonly from: Moment;
  readonly to: Moment;
  readonly standard: string;
}

const BETWEEN = `standard = {standard:String} AND ${UP_TO}
  AND NOT (valid <= fromUnixTimestamp({fromValid:Int64}) AND known <= {fromKnown:UInt64})`;

const parametersOf = ({ from, to, standard, team, teams }: Window) => ({
  standard,
  valid: seconds(to.valid),
  known: to.known,
  fromValid: seconds(from.valid),
  fromKnown: from.known,
  team: team ?? '',
  teams: teams ?? [],
});

const ofTeam = ({ team, teams }: Window) =>
  `${team === undefined ? '' : ' AND team = {team:String}'}${teams === undefined ? '' : ' AND team IN {teams:Array(String)}'}`;

/** One asset behind a cause. */
export interface AmountChange {
  readonly asset: string;
  readonly at: Date;
  readonly team: string;
  readonly from: CountedVerdict | null;
  readonly to: CountedVerdict | null;
  readonly before: number | null;
  readonly after: number | null;
}

interface ChangeRow {
  readonly asset: string;
  readonly at: number;
  readonly team: string;
  readonly from: string;
  readonly to: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A page of the assets behind a cause, by id and time: as many over all pages as the cause counts. */
export async function amountChanges(
  driver: Driver,
  window: Window,
  cause: Pick<AmountCause, 'cell' | 'step'>,
  page: { readonly offset: number; readonly limit: number },
): Promise<readonly AmountChange[]> {
  const rows = await driver.query<ChangeRow>(
    `WITH moved AS (SELECT asset, valid, turn, toString(any(held.team)) AS own,
         anyIf(toString(held.verdict), side = 'old') AS \`from\`, anyIf(toString(held.verdict), side = 'new') AS \`to\`,
         toString(anyIf(held.amount, side = 'old')) AS before, toString(anyIf(held.amount, side = 'new')) AS after
       FROM ${amountDelta.name} AS held WHERE ${BETWEEN}${ofTeam(window)} AND cell = {cell:String} AND step = {step:String}
       GROUP BY asset, valid, turn)
     SELECT id AS asset, toUnixTimestamp(valid) AS at, own AS team, \`from\`, \`to\`, before, after FROM moved
     INNER JOIN (SELECT DISTINCT asset, id FROM ${verdictAsset.name} WHERE asset IN (SELECT asset FROM moved)) AS named USING (asset)
     ORDER BY id, at, turn LIMIT {limit:UInt32} OFFSET {offset:UInt32}`,
    { ...parametersOf(window), ...cause, limit: page.limit, offset: page.offset },
  );
  const verdictOf = (text: string) => (text === '' ? null : (text as CountedVerdict));
  const amountOf = (text: string | null) => (text === null ? null : Number(text));
  return rows.map(({ asset, at, team, from, to, before, after }) => ({
    asset,
    at: new Date(at * 1000),
    team,
    from: verdictOf(from),
    to: verdictOf(to),
    before: amountOf(before),
    after: amountOf(after),
  }));
}
