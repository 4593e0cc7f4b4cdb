/** Reading the history: any slice at any moment, what happened between two, and the assets behind every number. */
import {
  type AccountEntry,
  entriesOf,
  type Figures,
  figures,
  type Move,
  type State,
} from '@macadam/core/figures/accounting';
import type { StandingChange } from '@macadam/core/figures/tick';
import type { Driver, Parameters } from '../clickhouse/driver.ts';
import { epochs, type Moment, seconds } from './record.ts';
import {
  FROM_THE_FIRST,
  IN_TURN,
  LATE_KNOWN,
  LATE_SIGN,
  LATE_VALID,
  tickLog,
  verdictAsset,
  verdictDelta,
  WEEK,
} from './table.ts';
import { unnamedAt, unnamedBetween } from './uncounted.ts';

/** What a slice is taken of. Nothing named: everything. */
export interface Selection {
  readonly standard?: string;
  readonly team?: string;
  /** Of any of these. */
  readonly teams?: readonly string[];
}

export type By = 'standard' | 'team';

/** A group of a slice: its keys in the order asked for. */
export interface Group {
  readonly standard?: string;
  readonly team?: string;
}

export interface Count extends Group, Figures {}

/** Sums by cell: what figures moved by. `count` may be negative where late truth took back what an earlier picture told. */
export interface CellCount extends Group {
  readonly cell: AccountEntry['cell'];
  readonly step: AccountEntry['step'];
  readonly state: State;
  readonly count: number;
  /** How many of them were counted and never named, so that no list has them. Left out for none. */
  readonly unnamed?: number;
  /** How many of an earlier picture were taken back by what was learned late; they stand in `count` as −1 each. Left out for none. */
  readonly takenBack?: number;
}

/** How many changes there are, each an asset in a list: one that was taken back is a change like any other, and hides none. */
export const changesIn = ({ count, takenBack = 0 }: Pick<CellCount, 'count' | 'takenBack'>): number =>
  count + 2 * takenBack;

interface Where {
  readonly sql: string;
  readonly parameters: Parameters;
}

function selected({ standard, team, teams }: Selection): Where {
  const parts: string[] = [];
  if (standard !== undefined) parts.push('standard = {standard:String}');
  if (team !== undefined) parts.push('team = {team:String}');
  if (teams !== undefined) parts.push('team IN {teams:Array(String)}');
  const parameters = {
    ...(standard === undefined ? {} : { standard }),
    ...(team === undefined ? {} : { team }),
    ...(teams === undefined ? {} : { teams }),
  };
  return { sql: parts.map((part) => ` AND ${part}`).join(''), parameters };
}

/** The epoch that each standard's sum begins at, for a moment: the newest that was open and known then. */
export async function epochsAt(
  driver: Driver,
  { valid, known }: Moment,
  standards?: readonly string[],
): Promise<Where> {
  const chosen = new Map<string, number>();
  for (const one of await epochs(driver)) {
    const fits = one.valid <= valid && one.known <= known && (standards?.includes(one.standard) ?? true);
    if (fits) chosen.set(one.standard, one.epoch);
  }
  const numbers = [...new Set(chosen.values())];
  if (numbers.length <= 1)
    return { sql: ' AND epoch = {epoch:UInt32}', parameters: { epoch: numbers[0] ?? 0 } };
  return {
    sql: ' AND epoch = transform(standard, {epochStandards:Array(String)}, {epochNumbers:Array(UInt32)}, 0)',
    parameters: { epochStandards: [...chosen.keys()], epochNumbers: [...chosen.values()] },
  };
}

const MOMENT = 'valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}';
const at = ({ valid, known }: Moment): Parameters => ({ valid: seconds(valid), known });

const ofNode = ({ team, teams }: Selection): boolean => team !== undefined || teams !== undefined;

const WEEK_SECONDS = 7 * 86_400;
/** 1970 began on a Thursday. */
const FIRST_MONDAY = 4 * 86_400;
const mondayOf = (at: number): number =>
  Math.floor((at - FIRST_MONDAY) / WEEK_SECONDS) * WEEK_SECONDS + FIRST_MONDAY;
const dayOf = (at: number): string => new Date(at * 1000).toISOString().slice(0, 10);

const NEVER = 'toUInt32(0) AS told, toUInt8(0) AS back';

/**
 * SQL of sums over the rows of some teams, by columns: all up to a moment, without what was so at an earlier one. Weeks that lie between
 * the two are summed by the engine when they are written, only the days at both ends are read by day, and what was learned late one by one.
 * `told`: of what was before the earlier moment and learned since, the instant that it is of, in seconds; else 0. `back`: it was taken back.
 * Null where a tick up to one of the moments was not known at it: nobody asks so by a date, and then weeks say too much.
 */
async function sumsOfNode(
  driver: Driver,
  { from, to }: { readonly from: Moment | null; readonly to: Moment },
  columns: string,
  condition: string,
): Promise<Where | null> {
  const parameters = {
    ...at(to),
    ...(from && { fromValid: seconds(from.valid), fromKnown: from.known }),
  };
  const later = 'valid <= fromUnixTimestamp({valid:Int64}) AND known > {known:UInt64}';
  const earlier = 'valid <= fromUnixTimestamp({fromValid:Int64}) AND known > {fromKnown:UInt64}';
  const [row] = await driver.query<{ readonly unknown: string }>(
    `SELECT count() AS unknown FROM ${tickLog.name} WHERE (${later})${from ? ` OR (${earlier})` : ''}`,
    parameters,
  );
  if (Number(row?.unknown) > 0) return null;
  const first = from ? mondayOf(seconds(from.valid)) + WEEK_SECONDS : 0;
  const end = Math.max(first, mondayOf(seconds(to.valid) + 1));
  const after = from ? 'valid > fromUnixTimestamp({fromValid:Int64})' : '1';
  const weeks = `on_time = 1 AND ${WEEK} >= {firstWeek:Date} AND ${WEEK} < {endWeek:Date}`;
  const days = `on_time = 1 AND ${after} AND valid <= fromUnixTimestamp({valid:Int64})
      AND (valid < toDateTime({firstWeek:Date}, 'UTC') OR valid >= toDateTime({endWeek:Date}, 'UTC'))`;
  const was = from
    ? ` AND NOT (${LATE_VALID} <= fromUnixTimestamp({fromValid:Int64}) AND ${LATE_KNOWN} <= {fromKnown:UInt64})`
    : '';
  const late = `on_time = 0 AND ${LATE_VALID} <= fromUnixTimestamp({valid:Int64}) AND ${LATE_KNOWN} <= {known:UInt64}${was}`;
  const learned = `${LATE_VALID} <= fromUnixTimestamp({fromValid:Int64}) AND ${LATE_KNOWN} > {fromKnown:UInt64}`;
  const lateOnes = from
    ? `if(${learned}, toUnixTimestamp(${LATE_VALID}), 0) AS told, toUInt8(${learned} AND ${LATE_SIGN} = if(side = 'new', -1, 1)) AS back`
    : NEVER;
  const sums = (part: string, what = NEVER) =>
    `SELECT ${columns}, ${what}, sum(sign) AS part FROM ${verdictDelta.name} WHERE ${part}${condition} GROUP BY ${columns}, told, back`;
  const all = `${columns}, told, back`;
  const parts = [
    ...(end > first ? [sums(weeks)] : []),
    // By themselves: of the many rows of weeks, no instant has to be looked at.
    sums(late, lateOnes),
    sums(days),
  ];
  return {
    sql: `SELECT ${all}, sum(part) AS count FROM (${parts.join(' UNION ALL ')}) GROUP BY ${all} HAVING count != 0`,
    parameters: { ...parameters, firstWeek: dayOf(first), endWeek: dayOf(end) },
  };
}

/** The figures of every group as of a moment. Groups that have nothing in scope are left out. */
export async function slice(
  driver: Driver,
  moment: Moment,
  selection: Selection = {},
  by: readonly By[] = ['standard'],
): Promise<readonly Count[]> {
  const where = selected(selection);
  const { standard, team, teams } = selection;
  const whole = (standard ?? team ?? teams) === undefined && !by.includes('standard');
  const epoch: Where = whole
    ? { sql: ` AND ${FROM_THE_FIRST}`, parameters: {} }
    : await epochsAt(driver, moment, selection.standard === undefined ? undefined : [selection.standard]);
  const keys = by.map((one) => `${one}, `).join('');
  const columns = `${keys}state`;
  const condition = `${epoch.sql}${where.sql}`;
  const sums = (ofNode(selection) &&
    (await sumsOfNode(driver, { from: null, to: moment }, columns, condition))) || {
    sql: `SELECT ${columns}, sum(sign) AS count FROM ${verdictDelta.name} WHERE ${MOMENT}${condition} GROUP BY ${columns} HAVING count != 0`,
    parameters: at(moment),
  };
  const rows = await driver.query<Group & Record<Exclude<keyof Figures, 'unnamed' | 'containers'>, string>>(
    `SELECT ${keys}sumIf(count, state = 'P') AS pass, sumIf(count, state IN ('F', 'X')) AS fail,
       sumIf(count, state = 'U') AS unknown, sumIf(count, state = 'X') AS excepted
     FROM (${sums.sql}) ${by.length > 0 ? `GROUP BY ${by.join(', ')}` : ''} HAVING count() > 0`,
    { ...sums.parameters, ...epoch.parameters, ...where.parameters },
  );
  const counts = rows.map((row) => ({
    ...row,
    pass: Number(row.pass),
    fail: Number(row.fail),
    unknown: Number(row.unknown),
    excepted: Number(row.excepted),
  }));
  if (ofTeams(selection, by)) return counts;
  const hidden = await unnamedAt(driver, moment, selection.standard);
  return withUnnamed(counts, hidden, by.includes('standard'));
}

/** What was counted and never named is in groups that hold whole partitions, which those of teams are not. */
const ofTeams = (selection: Selection, by: readonly By[]): boolean =>
  ofNode(selection) || by.includes('team');

function withUnnamed(
  counts: readonly Count[],
  hidden: ReadonlyMap<string, number>,
  byStandard: boolean,
): readonly Count[] {
  if (hidden.size === 0) return counts;
  const named = new Map(counts.map((one) => [byStandard ? (one.standard ?? '') : '', one]));
  for (const [standard, unnamed] of hidden) {
    const key = byStandard ? standard : '';
    const held = named.get(key) ?? { ...(byStandard && { standard }), ...figures([]) };
    named.set(key, {
      ...held,
      unknown: held.unknown + unnamed,
      unnamed: (held.unnamed ?? 0) + unnamed,
    });
  }
  return [...named.values()];
}

/** One side of a move. */
type SideOf = Pick<Move, 'step' | 'from' | 'to'> & { gone: number; side: 'old' | 'new' };
/** Of one side, in every group: lists of their keys and counts, because a row a group is mostly names of columns. */
type MoveRow = SideOf & {
  readonly counts: readonly string[];
  readonly told: readonly number[];
  readonly back: readonly number[];
} & Readonly<Partial<Record<By, readonly string[]>>>;

/**
 * What happened between two moments, by cell: the difference of two sums over every change up to each. The later
 * moment may know more than the earlier one did; what was learned late is in it.
 */
// biome-ignore lint/complexity/useMaxParams: the driver is given once, and the history asks with four
export async function account(
  driver: Driver,
  from: Moment,
  to: Moment,
  selection: Selection = {},
  by: readonly By[] = ['standard'],
): Promise<readonly CellCount[]> {
  const where = selected(selection);
  const window =
    from.known <= to.known && from.valid <= to.valid
      ? // Most of both sums is the same: only rows in one and not the other are read.
        'NOT (valid <= fromUnixTimestamp({fromValid:Int64}) AND known <= {fromKnown:UInt64}) AND'
      : '';
  const sums = window
    ? 'sum(sign)'
    : 'sum(sign) - sumIf(sign, valid <= fromUnixTimestamp({fromValid:Int64}) AND known <= {fromKnown:UInt64})';
  const columns = `${by.map((key) => `${key}, `).join('')}step, \`from\`, \`to\`, gone, side`;
  const condition = ` AND step != 'opening'${where.sql}`;
  const ofTheNode =
    window !== '' && ofNode(selection) ? await sumsOfNode(driver, { from, to }, columns, condition) : null;
  const moved = ofTheNode ?? {
    sql: `SELECT ${columns}, ${NEVER}, ${sums} AS count FROM ${verdictDelta.name} WHERE ${window} ${MOMENT}${condition}
       GROUP BY ${columns} HAVING count != 0`,
    parameters: { ...at(to), fromValid: seconds(from.valid), fromKnown: from.known },
  };
  const rows = await driver.query<MoveRow>(
    `SELECT step, \`from\`, \`to\`, gone, side, groupArray(count) AS counts, groupArray(told) AS told, groupArray(back) AS back${by.map((key) => `, groupArray(moved.${key}) AS ${key}`).join('')}
     FROM (${moved.sql}) AS moved GROUP BY step, \`from\`, \`to\`, gone, side`,
    { ...moved.parameters, ...where.parameters },
  );
  const counts = new Map<string, CellCount>();
  const taken =
    (ofTheNode && takenInSums(rows, by)) ?? (await takenBack({ driver, from, to, selection, by }));
  for (const { row, group, taken: times } of taken)
    for (const { cell, step, state } of cellsOf(row)) {
      const key = [cell, step, state, ...by.map((one) => group[one])].join('\n');
      const held = counts.get(key) ?? { ...group, cell, step, state, count: 0 };
      counts.set(key, { ...held, takenBack: (held.takenBack ?? 0) + times });
    }
  for (const row of rows) {
    const cells = cellsOf(row);
    for (const [index, sum] of row.counts.entries()) {
      const group: Group = Object.fromEntries(by.map((key) => [key, row[key]?.[index]]));
      // The new side has sign +1; where only the old side stands, it has −1.
      const count = row.side === 'new' ? Number(sum) : -Number(sum);
      for (const { cell, step, state } of cells) {
        const key = [cell, step, state, ...by.map((one) => group[one])].join('\n');
        const held = counts.get(key) ?? { ...group, cell, step, state, count: 0 };
        counts.set(key, { ...held, count: held.count + count });
      }
    }
  }
  for (const row of ofTeams(selection, by)
    ? []
    : await unnamedBetween(driver, from, to, selection.standard)) {
    const group: Group = by.includes('standard') ? { standard: row.standard } : {};
    const unnamed = row.side === 'new' ? row.change : -row.change;
    for (const { cell, step, state } of cellsOf(row)) {
      const key = [cell, step, state, ...by.map((one) => group[one])].join('\n');
      const held = counts.get(key) ?? { ...group, cell, step, state, count: 0 };
      counts.set(key, { ...held, count: held.count + unnamed, unnamed: (held.unnamed ?? 0) + unnamed });
    }
  }
  return [...counts.values()].filter(({ count, takenBack: taken = 0 }) => count !== 0 || taken !== 0);
}

interface TakenBack {
  readonly row: SideOf;
  readonly group: Group;
  readonly taken: number;
}

/**
 * What was taken back, as the sums of a node say it: each row that was has the sign against its side. Null where something of the same
 * instant and move was given, too: it may be the same again, which only assets tell.
 */
function takenInSums(rows: readonly MoveRow[], by: readonly By[]): readonly TakenBack[] | null {
  const found: TakenBack[] = [];
  for (const row of rows) {
    const keyOf = (index: number) => [row.told[index], ...by.map((key) => row[key]?.[index])].join('\n');
    const given = new Set(row.back.flatMap((back, index) => (back === 0 ? [keyOf(index)] : [])));
    for (const [index, back] of row.back.entries()) {
      if (back === 0) continue;
      if (given.has(keyOf(index))) return null;
      const { step, from, to, gone, side } = row;
      const group: Group = Object.fromEntries(by.map((key) => [key, row[key]?.[index]]));
      found.push({ row: { step, from, to, gone, side }, group, taken: Math.abs(Number(row.counts[index])) });
    }
  }
  return found;
}

interface TakenBackInput {
  readonly driver: Driver;
  readonly from: Moment;
  readonly to: Moment;
  readonly selection: Selection;
  readonly by: readonly By[];
}

/**
 * What was told before the earlier moment and is taken back by what was learned between the two, by asset: in a sum one asset's
 * +1 would hide another's −1. Mostly nothing is, which the sums of whole ticks say.
 */
async function takenBack({ driver, from, to, selection, by }: TakenBackInput): Promise<readonly TakenBack[]> {
  if (from.known >= to.known) return [];
  const late = `valid <= fromUnixTimestamp({valid:Int64}) AND known > {after:UInt64} AND known <= {known:UInt64}`;
  const parameters = { valid: seconds(from.valid), after: from.known, known: to.known };
  const [some] = await driver.query<{ ticks: string }>(
    `SELECT count() AS ticks FROM (SELECT valid, known, sum(sign) FROM ${verdictDelta.name} WHERE ${late} GROUP BY valid, known)`,
    parameters,
  );
  if (Number(some?.ticks) === 0) return [];
  const where = selected(selection);
  const keys = by.map((one) => `, ${one}`).join('');
  const rows = await driver.query<SideOf & Group & { readonly taken: string }>(
    `SELECT step, \`from\`, \`to\`, gone, side${keys}, count() AS taken FROM (
       SELECT asset, valid, step, \`from\`, \`to\`, gone, side${keys} FROM ${verdictDelta.name}
       WHERE ${late} AND step != 'opening'${where.sql}
       GROUP BY asset, valid, standard, step, \`from\`, \`to\`, gone, side${keys.replace(', standard', '')}
       HAVING sum(sign) = if(side = 'new', -1, 1))
     GROUP BY step, \`from\`, \`to\`, gone, side${keys}`,
    { ...parameters, ...where.parameters },
  );
  return rows.map(({ step, from: old, to: now, gone, side, taken, ...group }) => ({
    row: { step, from: old, to: now, gone, side },
    group,
    taken: Number(taken),
  }));
}

/** The cells of one side of a move: of the new side, but of the old where an asset leaves, and of each side its own half of a handover. */
function cellsOf(row: SideOf): AccountEntry[] {
  const move: Move = { ...row, standard: '', asset: '', team: 'old', toTeam: 'new', gone: row.gone === 1 };
  const entries = entriesOf(move);
  if (row.step === 'reassigned') return entries.filter(({ team }) => team === row.side);
  return row.side === (row.to === 'O' ? 'old' : 'new') ? entries : [];
}

/** An asset in a list behind a number. */
export interface Stands {
  readonly asset: string;
  readonly standard: string;
  readonly team: string;
  readonly state: State;
  readonly reason: string;
}

interface StandsPage {
  readonly states?: readonly State[];
  readonly limit: number;
  readonly after?: string;
  /** About how many stand so in all, where somebody has counted them; else they are counted for each page. */
  readonly standing?: number;
}

/** The assets behind a slice, by id. `limit` assets at most; ask again after the last one. */
export async function assetsAt(
  driver: Driver,
  moment: Moment,
  selection: Selection,
  page: StandsPage,
): Promise<readonly Stands[]> {
  const where = selected(selection);
  const epoch = await epochsAt(
    driver,
    moment,
    selection.standard === undefined ? undefined : [selection.standard],
  );
  const stands = (among: string) => `SELECT asset, standard, team, state, reason FROM ${verdictDelta.name}
       WHERE ${MOMENT}${epoch.sql}${where.sql} AND has({states:Array(String)}, toString(state))${among}
       GROUP BY asset, standard, team, state, reason HAVING sum(sign) = 1`;
  const parameters = {
    ...at(moment),
    ...epoch.parameters,
    ...where.parameters,
    states: page.states ?? ['P', 'F', 'X', 'U'],
    after: page.after ?? '',
    limit: page.limit,
  };
  const standing = `SELECT sum(sign) AS standing FROM ${verdictDelta.name}
    WHERE ${MOMENT}${epoch.sql}${where.sql} AND has({states:Array(String)}, toString(state))`;
  const names =
    selection.team === undefined ? await namesWorthReading(driver, page, standing, parameters) : null;
  if (names !== null) {
    const rows = await driver.query<Stands>(firstOf(names, stands), parameters);
    if (rows.length === page.limit) return rows;
  }
  // A team's assets are few: they are found once, as one value (a subquery would be run wherever it is named), and only
  // their names are looked up. Of a whole standard it is quicker to read every name.
  const [found, few, held] =
    selection.team === undefined
      ? ['', '', `(${stands('')})`]
      : [
          `WITH (SELECT groupArray((asset, standard, team, state, reason)) FROM (${stands('')})) AS standing`,
          'WHERE asset IN (SELECT arrayJoin(standing.1))',
          `(SELECT one.1 AS asset, one.2 AS standard, one.3 AS team, one.4 AS state, one.5 AS reason
           FROM (SELECT arrayJoin(standing) AS one))`,
        ];
  return driver.query<Stands>(
    `${found} SELECT DISTINCT id AS asset, standard, team, state, reason FROM
       (SELECT asset, id FROM ${verdictAsset.name} ${few}) AS named
     INNER JOIN ${held} AS held USING (asset)
     WHERE id > {after:String} ORDER BY id, standard LIMIT {limit:UInt32}`,
    parameters,
  );
}

/** Below so many names reading all of them costs no more. */
const MANY_NAMES = 50_000;
/** Where a page needs more names, or more than one of ten, all are read at once. */
const MOST_FIRST_NAMES = 20_000;

/** How many names, in order, will hold a page of what stands: twice what is expected. Null: all are read at once. */
async function namesWorthReading(
  driver: Driver,
  { limit, standing: counted }: StandsPage,
  standing: string,
  parameters: Parameters,
): Promise<number | null> {
  const [row] = await driver.query<{ names: string }>(`SELECT count() AS names FROM ${verdictAsset.name}`);
  const all = Number(row?.names ?? 0);
  if (all < MANY_NAMES) return null;
  const held =
    counted ?? Number((await driver.query<{ standing: string }>(standing, parameters))[0]?.standing ?? 0);
  const names = Math.ceil((2 * limit * all) / Math.max(1, held));
  return names > Math.min(MOST_FIRST_NAMES, all / 10) ? null : names;
}

/** SQL of the page among the names that come first: a full page is the right one, and one that is not full says nothing. */
const firstOf = (names: number, stands: (among: string) => string): string =>
  `WITH (SELECT groupArray((asset, id)) FROM
       (SELECT asset, id FROM ${verdictAsset.name} WHERE id > {after:String} ORDER BY id LIMIT ${names})) AS first
     SELECT DISTINCT id AS asset, standard, team, state, reason FROM
       (SELECT one.1 AS asset, one.2 AS id FROM (SELECT arrayJoin(first) AS one)) AS named
     INNER JOIN (${stands(' AND asset IN (SELECT arrayJoin(first.1))')}) AS held USING (asset)
     ORDER BY id, standard LIMIT {limit:UInt32}`;

const LETTERS: readonly State[] = ['O', 'P', 'F', 'X', 'U'];
const SIDES: readonly Omit<SideOf, 'step'>[] = LETTERS.flatMap((from) =>
  LETTERS.flatMap((to) =>
    [0, 1].flatMap((gone) => (['old', 'new'] as const).map((side) => ({ from, to, gone, side }))),
  ),
);

interface AssetsOfInput extends Pick<AccountEntry, 'cell' | 'step'> {
  readonly from: Moment;
  readonly to: Moment;
  readonly selection: Selection;
  readonly limit: number;
  readonly offset?: number;
}

/** A page of the assets behind a cell between two moments, by id: as often as the cell counts them, so that the list is as long as its number. */
export async function assetsOf(
  driver: Driver,
  { from, to, selection, cell, step, limit, offset = 0 }: AssetsOfInput,
): Promise<readonly string[]> {
  const where = selected(selection);
  const fitting = SIDES.filter((side) => cellsOf({ ...side, step }).some((one) => one.cell === cell));
  const rows = await driver.query<{ id: string }>(
    `WITH moved AS (
       SELECT asset, step, \`from\`, \`to\`, gone, side FROM ${verdictDelta.name}
       WHERE NOT (valid <= fromUnixTimestamp({fromValid:Int64}) AND known <= {fromKnown:UInt64})
         AND ${MOMENT} AND step = {step:String}${where.sql}
         AND has({fitting:Array(String)}, concat(toString(\`from\`), toString(\`to\`), toString(gone), toString(side)))
       GROUP BY asset, valid, step, \`from\`, \`to\`, gone, side HAVING sum(sign) != 0
     )
     SELECT id FROM (SELECT asset, count() AS times FROM moved GROUP BY asset) AS counted
     INNER JOIN (SELECT DISTINCT asset, id FROM ${verdictAsset.name} WHERE asset IN (SELECT asset FROM moved)) AS named USING (asset)
     ARRAY JOIN range(times) AS turn
     ORDER BY id LIMIT {limit:UInt32} OFFSET {offset:UInt32}`,
    {
      ...at(to),
      fromValid: seconds(from.valid),
      fromKnown: from.known,
      step,
      ...where.parameters,
      limit,
      offset,
      fitting: fitting.map((side) => `${side.from}${side.to}${side.gone}${side.side}`),
    },
  );
  return rows.map(({ id }) => id);
}

/** One line of an asset's life under a standard. */
export interface Lived extends Pick<Move, 'step' | 'from' | 'to'> {
  readonly standard: string;
  readonly valid: Date;
  readonly team: string;
  readonly reason: string;
}

/** Everything that happened to one asset, as it is known at the moment, oldest first. */
export async function life(driver: Driver, number: string, moment: Moment): Promise<readonly Lived[]> {
  const rows = await driver.query<Omit<Lived, 'valid'> & { valid: number }>(
    `SELECT standard, toUnixTimestamp(valid) AS valid, step, \`from\`, \`to\`, team, reason FROM ${verdictDelta.name}
     WHERE asset = {asset:UInt64} AND ${MOMENT} AND step != 'opening' AND (side = 'new' OR \`to\` = 'O')
     GROUP BY standard, valid, step, \`from\`, \`to\`, team, reason, side, turn HAVING sum(sign) != 0 ORDER BY valid, ${IN_TURN}`,
    { ...at(moment), asset: number },
  );
  return rows.map((row) => ({ ...row, valid: new Date(row.valid * 1000) }));
}

/** What a tick changed under one standard, by id, each path in its order. */
export async function changesAt(
  driver: Driver,
  moment: Moment,
  standard: string,
): Promise<readonly StandingChange[]> {
  const rows = await driver.query<Omit<StandingChange, 'gone' | 'standard'> & { readonly gone: number }>(
    `WITH moved AS (
       SELECT asset, step, \`from\`, \`to\`, gone, ${IN_TURN} AS place, side, team, reason FROM ${verdictDelta.name}
       WHERE standard = {standard:String} AND valid = fromUnixTimestamp({valid:Int64}) AND known = {known:UInt64}
         AND step != 'opening'
       GROUP BY asset, step, \`from\`, \`to\`, gone, turn, side, team, reason HAVING sum(sign) != 0)
     SELECT id AS asset, step, \`from\`, \`to\`, gone,
       toString(if(\`from\` = 'O', anyIf(team, side = 'new'), anyIf(team, side = 'old'))) AS team,
       toString(if(\`to\` = 'O', anyIf(moved.team, side = 'old'), anyIf(moved.team, side = 'new'))) AS toTeam,
       toString(anyIf(reason, side = 'old')) AS fromReason, toString(anyIf(reason, side = 'new')) AS toReason
     FROM moved INNER JOIN (SELECT DISTINCT asset, id FROM ${verdictAsset.name} WHERE asset IN (SELECT asset FROM moved)) AS named USING (asset)
     GROUP BY id, step, \`from\`, \`to\`, gone, place ORDER BY id, place`,
    { ...at(moment), standard },
  );
  return rows.map((row) => ({ ...row, standard, gone: row.gone === 1 }));
}

/** Assets whose signs do not sum to 0 or 1 under a standard: there must be none, ever. */
export async function broken(
  driver: Driver,
): Promise<readonly { standard: string; asset: string; sum: string }[]> {
  return driver.query(
    `SELECT standard, asset, sum(sign) AS sum FROM ${verdictDelta.name}
     GROUP BY standard, epoch, asset HAVING sum NOT IN (0, 1) LIMIT 100`,
  );
}
