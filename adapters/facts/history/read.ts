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
import { NEVER, nodeSums } from './node-sums.ts';
import { type Moment, seconds } from './record.ts';
import { FROM_THE_FIRST, IN_TURN, verdictAsset, verdictDelta } from './table.ts';
import { unnamedAt, unnamedBetween } from './uncounted.ts';
import { epochsAt, type Where, type Written } from './written.ts';

/** What a slice is taken of. Nothing named: everything. */
export interface Selection {
  readonly standard?: string;
  readonly team?: string | undefined;
  /** Of any of these. */
  readonly teams?: readonly string[] | undefined;
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

const MOMENT = 'valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}';
const at = ({ valid, known }: Moment): Parameters => ({ valid: seconds(valid), known });

const ofNode = ({ team, teams }: Selection): boolean => team !== undefined || teams !== undefined;

/** The figures of every group as of a moment. Groups that have nothing in scope are left out. */
export async function slice(
  written: Written,
  moment: Moment,
  selection: Selection = {},
  by: readonly By[] = ['standard'],
): Promise<readonly Count[]> {
  const { driver } = written;
  const where = selected(selection);
  const { standard, team, teams } = selection;
  const whole = (standard ?? team ?? teams) === undefined && !by.includes('standard');
  const epoch: Where = whole
    ? { sql: ` AND ${FROM_THE_FIRST}`, parameters: {} }
    : epochsAt(await written.epochs(), moment, standard === undefined ? undefined : [standard]);
  const keys = by.map((one) => `${one}, `).join('');
  const columns = `${keys}state`;
  const condition = `${epoch.sql}${where.sql}`;
  const ofTheNode = ofNode(selection)
    ? nodeSums({ from: null, to: moment, written: await written.ticks(), columns, condition, standing: true })
    : null;
  const sums = ofTheNode ?? {
    sql: `SELECT ${columns}, sum(sign) AS stood FROM ${verdictDelta.name} WHERE ${MOMENT}${condition} GROUP BY ${columns} HAVING stood != 0`,
    parameters: at(moment),
  };
  const rows = await driver.query<Group & Record<Exclude<keyof Figures, 'unnamed' | 'containers'>, string>>(
    `SELECT ${keys}sumIf(stood, state = 'P') AS pass, sumIf(stood, state IN ('F', 'X')) AS fail,
       sumIf(stood, state = 'U') AS unknown, sumIf(stood, state = 'X') AS excepted
     FROM (${sums.sql}) ${by.length > 0 ? `GROUP BY ${by.join(', ')}` : ''} HAVING pass != 0 OR fail != 0 OR unknown != 0`,
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
  const hidden = await unnamedAt(written, moment, selection.standard);
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
const SIDE = 'step, `from`, `to`, gone, side';
/** Of one side, in every group: lists of their keys and counts, because a row a group is mostly names of columns. */
type MoveRow = SideOf & {
  readonly counts: readonly string[];
  readonly told: readonly number[];
  readonly back: readonly number[];
} & Readonly<Partial<Record<By, readonly string[]>>>;

/** Of a move within a team both sides say the same: the one that is counted is read. */
const COUNTED = " AND (side = 'new' OR `to` = 'O' OR step = 'reassigned')";

const listed = (sums: string, columns: readonly string[]): string =>
  `SELECT ${SIDE}, groupArray(count) AS counts, groupArray(told) AS told, groupArray(back) AS back${columns.map((key) => `, groupArray(moved.${key}) AS ${key}`).join('')}
     FROM (${sums}) AS moved GROUP BY ${SIDE}`;

/**
 * What happened between two moments, by cell: the difference of two sums over every change up to each. The later
 * moment may know more than the earlier one did; what was learned late is in it.
 */
// biome-ignore lint/complexity/useMaxParams: the history is given once, and is asked with four
export async function account(
  written: Written,
  from: Moment,
  to: Moment,
  selection: Selection = {},
  by: readonly By[] = ['standard'],
): Promise<readonly CellCount[]> {
  const { driver } = written;
  const where = selected(selection);
  const inOrder = isInOrder(from, to);
  // Most of both sums is the same: only rows in one and not the other are read.
  const window = inOrder
    ? 'NOT (valid <= fromUnixTimestamp({fromValid:Int64}) AND known <= {fromKnown:UInt64}) AND'
    : '';
  const sums = inOrder
    ? 'sum(sign)'
    : 'sum(sign) - sumIf(sign, valid <= fromUnixTimestamp({fromValid:Int64}) AND known <= {fromKnown:UInt64})';
  const columns = `${by.map((key) => `${key}, `).join('')}${SIDE}`;
  const ofTheNode =
    inOrder && ofNode(selection)
      ? nodeSums({
          from,
          to,
          written: await written.ticks(),
          columns,
          condition: `${COUNTED}${where.sql}`,
          standing: false,
        })
      : null;
  const moved = ofTheNode ?? {
    sql: `SELECT ${columns}, ${NEVER}, ${sums} AS count FROM ${verdictDelta.name} WHERE ${window} ${MOMENT} AND step != 'opening'${where.sql}
       GROUP BY ${columns} HAVING count != 0`,
    parameters: { ...at(to), fromValid: seconds(from.valid), fromKnown: from.known },
  };
  const rows = await driver.query<MoveRow>(listed(moved.sql, by), {
    ...moved.parameters,
    ...where.parameters,
  });
  const taken =
    (ofTheNode && takenInSums(rows, by)) ?? (await takenBack({ driver, from, to, selection, by }));
  const hidden = ofTeams(selection, by) ? [] : await unnamedBetween(written, from, to, selection.standard);
  return cellCounts({ rows, taken, hidden, by });
}

const isInOrder = (from: Moment, to: Moment): boolean => from.known <= to.known && from.valid <= to.valid;

interface CellCountsInput {
  readonly rows: readonly MoveRow[];
  readonly taken: readonly TakenBack[];
  readonly hidden: Awaited<ReturnType<typeof unnamedBetween>>;
  readonly by: readonly By[];
}

function cellCounts({ rows, taken, hidden, by }: CellCountsInput): readonly CellCount[] {
  const counts = new Map<string, CellCount>();
  const add = (row: SideOf, group: Group, more: (held: CellCount) => Partial<CellCount>) => {
    for (const { cell, step, state } of cellsOf(row)) {
      const key = [cell, step, state, ...by.map((one) => group[one])].join('\n');
      const held = counts.get(key) ?? { ...group, cell, step, state, count: 0 };
      counts.set(key, { ...held, ...more(held) });
    }
  };
  for (const { row, group, taken: times } of taken)
    add(row, group, ({ takenBack = 0 }) => ({ takenBack: takenBack + times }));
  for (const row of rows) {
    for (const [index, sum] of row.counts.entries()) {
      const group: Group = Object.fromEntries(by.map((key) => [key, row[key]?.[index]]));
      // The new side has sign +1; where only the old side stands, it has −1.
      const change = row.side === 'new' ? Number(sum) : -Number(sum);
      add(row, group, ({ count }) => ({ count: count + change }));
    }
  }
  for (const row of hidden) {
    const group: Group = by.includes('standard') ? { standard: row.standard } : {};
    const change = row.side === 'new' ? row.change : -row.change;
    add(row, group, ({ count, unnamed = 0 }) => ({ count: count + change, unnamed: unnamed + change }));
  }
  return [...counts.values()].filter(({ count, takenBack = 0 }) => count !== 0 || takenBack !== 0);
}

/** How some teams together stand by every standard at a moment, and what moved that since an earlier one. */
export interface TeamsProgress {
  readonly counts: readonly Count[];
  /** None where there is no earlier moment. */
  readonly cells: readonly CellCount[];
}

/** The same as a slice and an account, from one reading of what both are sums of. */
export async function teamsProgress(
  written: Written,
  { from, to }: { readonly from: Moment | null; readonly to: Moment },
  teams: readonly string[],
): Promise<TeamsProgress> {
  const where = selected({ teams });
  const inOrder = from === null || isInOrder(from, to);
  const sums = inOrder
    ? nodeSums({
        from,
        to,
        written: await written.ticks(),
        columns: `standard, ${SIDE}`,
        condition: `${COUNTED} AND ${FROM_THE_FIRST}${where.sql}`,
        standing: true,
      })
    : null;
  const apart = async (): Promise<TeamsProgress> => ({
    counts: await slice(written, to, { teams }),
    cells: from === null ? [] : await account(written, from, to, { teams }),
  });
  if (sums === null) return apart();
  const all = await written.driver.query<MoveRow & { readonly stood: readonly string[] }>(
    listed(sums.sql, ['standard', 'stood']),
    { ...sums.parameters, ...where.parameters },
  );
  const counts = new Map<string, Record<State, number>>();
  for (const { step, side, from: old, to: now, standard = [], stood } of all)
    for (const [index, name] of standard.entries()) {
      const held = counts.get(name) ?? { O: 0, P: 0, F: 0, X: 0, U: 0 };
      const sum = Number(stood[index]);
      held[side === 'new' ? now : old] += sum;
      // The other side, which was not read.
      if (side === 'new' && step !== 'reassigned') held[old] -= sum;
      counts.set(name, held);
    }
  // Where nothing moved that stands, the sum of what moved is 0.
  const rows = all.map((row) => movedOf(row));
  const taken = from === null ? [] : takenInSums(rows, ['standard']);
  if (taken === null) return apart();
  return {
    counts: [...counts].flatMap(([standard, { P, F, X, U }]) =>
      P + F + X + U === 0 ? [] : [{ standard, pass: P, fail: F + X, unknown: U, excepted: X }],
    ),
    cells: cellCounts({ rows, taken, hidden: [], by: ['standard'] }),
  };
}

/** Without what stands and did not move. */
function movedOf(row: MoveRow): MoveRow {
  const moved = row.counts.flatMap((count, index) => (Number(count) === 0 ? [] : [index]));
  const { standard = [] } = row;
  return {
    ...row,
    counts: moved.map((index) => row.counts[index] ?? '0'),
    told: moved.map((index) => row.told[index] ?? 0),
    back: moved.map((index) => row.back[index] ?? 0),
    standard: moved.map((index) => standard[index] ?? ''),
  };
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

export interface StandsPage {
  readonly states?: readonly State[] | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
  /** About how many stand so in all, where somebody has counted them; else they are counted for each page. */
  readonly standing?: number;
}

/** The assets behind a slice, by id. `limit` assets at most; ask again after the last one. */
export async function assetsAt(
  written: Written,
  moment: Moment,
  selection: Selection,
  page: StandsPage,
): Promise<readonly Stands[]> {
  const { driver } = written;
  const where = selected(selection);
  const { standard } = selection;
  const epoch = epochsAt(await written.epochs(), moment, standard === undefined ? undefined : [standard]);
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

/** One cell of a standard's account, all of its states together. */
export interface CellOf extends Pick<AccountEntry, 'cell' | 'step'> {
  readonly standard: string;
}

interface AssetsOfInput {
  readonly from: Moment;
  readonly to: Moment;
  /** Of everybody where nothing is named. */
  readonly of?: Pick<Selection, 'team' | 'teams'>;
  readonly cells: readonly CellOf[];
  readonly limit: number;
  readonly offset?: number;
}

/** An asset behind a cell, and the tick at which it changed. */
export interface AssetChanged extends CellOf {
  readonly asset: string;
  readonly changedAt: Date;
}

/** How a row that tells of a move is found again in the cells that it counts in. */
const shapeOf = (step: string, { from, to, gone, side }: Omit<SideOf, 'step'>) =>
  `${step}${from}${to}${gone}${side}`;
const SHAPE = 'concat(toString(step), toString(`from`), toString(`to`), toString(gone), toString(side))';

/**
 * A page of the assets behind cells between two moments, cell after cell, each by id and time: as often as a cell counts them, so that the
 * list is as long as its number. All cells are one statement, which costs what one cell does.
 */
export async function assetsOf(
  driver: Driver,
  { from, to, of = {}, cells, limit, offset = 0 }: AssetsOfInput,
): Promise<readonly AssetChanged[]> {
  const where = selected(of);
  const told = cells.flatMap(({ standard, cell, step }, place) =>
    SIDES.filter((side) => cellsOf({ ...side, step }).some((one) => one.cell === cell)).map((side) => ({
      place,
      standard,
      shape: shapeOf(step, side),
    })),
  );
  const rows = await driver.query<{ place: number; id: string; at: number }>(
    `WITH moved AS (
       SELECT standard, asset, valid, ${SHAPE} AS shape FROM ${verdictDelta.name}
       WHERE NOT (valid <= fromUnixTimestamp({fromValid:Int64}) AND known <= {fromKnown:UInt64})
         AND ${MOMENT} AND standard IN {standards:Array(String)} AND step IN {steps:Array(String)}${where.sql}
         AND has({shapes:Array(String)}, shape)
       GROUP BY standard, asset, valid, step, \`from\`, \`to\`, gone, side HAVING sum(sign) != 0
     )
     SELECT place, id, toUnixTimestamp(placed.valid) AS at FROM
       (SELECT asset, valid, arrayJoin(arrayFilter((place, fitting) -> fitting = concat(toString(standard), ' ', shape),
          {places:Array(UInt32)}, {fitting:Array(String)})) AS place FROM moved) AS placed
     INNER JOIN (SELECT DISTINCT asset, id FROM ${verdictAsset.name} WHERE asset IN (SELECT asset FROM moved)) AS named USING (asset)
     ORDER BY place, id, at LIMIT {limit:UInt32} OFFSET {offset:UInt32}`,
    {
      ...at(to),
      fromValid: seconds(from.valid),
      fromKnown: from.known,
      ...where.parameters,
      limit,
      offset,
      standards: [...new Set(cells.map(({ standard }) => standard))],
      steps: [...new Set(cells.map(({ step }) => step))],
      shapes: [...new Set(told.map(({ shape }) => shape))],
      places: told.map(({ place }) => place),
      fitting: told.map(({ standard, shape }) => `${standard} ${shape}`),
    },
  );
  return rows.flatMap(({ place, id, at: changed }) => {
    const behind = cells[place];
    return behind ? [{ ...behind, asset: id, changedAt: new Date(changed * 1000) }] : [];
  });
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
