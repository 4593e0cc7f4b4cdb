/**
 * Why a cohort moved between two moments, and the assets behind each cause. The engine counts how often each change of an asset of the
 * cohort occurs; what such a change is called, and what it does to the cohort, `core/figures/measure.ts` says.
 */
import type { Move, State, TickStep } from '@macadam/core/figures/accounting';
import {
  type CohortEntry,
  type CohortMember,
  type CohortState,
  type CountedVerdict,
  cohortChange,
  cohortEntries,
  cohortState,
  type MeasureTally,
  NO_AMOUNTS,
} from '@macadam/core/figures/measure';
import type { Driver, Parameters } from '../clickhouse/driver.ts';
import type { AmountCause, AmountChange } from './amounts.ts';
import { type Moment, seconds } from './record.ts';
import { FROM_THE_FIRST, IN_TURN, verdictAsset, verdictDelta } from './table.ts';

export interface CohortWindow {
  readonly from: Moment;
  readonly to: Moment;
  readonly standard: string;
  /** The first instant of the day of the cohort. */
  readonly since: Date;
  /** The cohort of these alone, which a handover brings an asset into or takes it out of; left out: of everybody. */
  readonly teams?: readonly string[];
}

/** Rows of a standard, each once: what was taken back has cancelled. */
const movedSql = (upTo: string, among = '') => `
    SELECT asset, valid, ${IN_TURN} AS place, step, toString(team) AS own, state, \`from\`, \`to\`, gone, side, sum(sign) AS sign
    FROM ${verdictDelta.name} WHERE standard = {standard:String} AND ${FROM_THE_FIRST} AND ${upTo}${among}
    GROUP BY asset, valid, place, step, own, state, \`from\`, \`to\`, gone, side HAVING sign != 0`;

/** The state that signs of rows sum up to. */
const stateOf = (
  rows: string,
) => `sumIf(sign, state = 'F'${rows}) > 0, 'F', sumIf(sign, state = 'X'${rows}) > 0, 'X',
      sumIf(sign, state = 'U'${rows}) > 0, 'U', sumIf(sign, state = 'P'${rows}) > 0, 'P'`;

/** Each asset of the cohort of a day, by `asset`, with its team and how it began and stands. */
const membersSql = (moved: string, day: 'day' | 'heldDay' = 'day') => `
    SELECT asset, argMax(own, (valid, place, side)) AS team,
      multiIf(${stateOf(` AND toUnixTimestamp(valid) <= {${day}:Int64}`)}, 'O') AS began, multiIf(${stateOf('')}, 'O') AS stands,
      toUInt8(stands = 'O' AND argMaxIf(gone, (valid, place), \`to\` = 'O') = 1) AS gone,
      if(stands = 'O', toString(argMaxIf(\`from\`, (valid, place), \`to\` = 'O')), stands) AS last
    FROM (${moved}) GROUP BY asset HAVING began IN ('F', 'X', 'U')`;

const upTo = (valid: string, known: string) =>
  `valid <= fromUnixTimestamp({${valid}:Int64}) AND known <= {${known}:UInt64}`;

interface Days {
  /** As it is known at the later moment: what was judged later for the first time has that day. */
  readonly day: number;
  /** As it was known at the earlier moment; null: nothing was judged. */
  readonly heldDay: number | null;
  /** Something is known by now of what was before the earlier moment, and was not known at it. */
  readonly learned: boolean;
}

/** Null: nothing was judged. The sums by tick are a few hundred rows. */
async function daysOf(driver: Driver, window: CohortWindow, parameters: Parameters): Promise<Days | null> {
  const [row] = await driver.query<{
    readonly all: string;
    readonly first: number;
    readonly held: string;
    readonly heldFirst: number;
    readonly late: string;
  }>(
    `SELECT count() AS all, toUnixTimestamp(min(valid)) AS first, countIf(${upTo('fromValid', 'fromKnown')}) AS held,
       toUnixTimestamp(minIf(valid, ${upTo('fromValid', 'fromKnown')})) AS heldFirst,
       countIf(valid <= fromUnixTimestamp({fromValid:Int64}) AND known > {fromKnown:UInt64}) AS late
     FROM (SELECT valid, known, sum(sign) FROM ${verdictDelta.name}
       WHERE standard = {standard:String} AND ${upTo('valid', 'known')} GROUP BY valid, known)`,
    parameters,
  );
  if (row === undefined || row.all === '0') return null;
  const since = seconds(window.since);
  return {
    day: Math.max(row.first, since),
    heldDay: row.held === '0' ? null : Math.max(row.heldFirst, since),
    learned: row.late !== '0',
  };
}

/** What was said of a cohort by then and is otherwise by now, or the cohort that was taken between the two. */
interface Baseline {
  readonly cell: 'corrected' | 'taken';
  readonly sql: string;
}

interface Asked {
  readonly parameters: Parameters;
  /** Null: nothing was said otherwise. */
  readonly baseline: Baseline | null;
  /** SQL of each change of an asset of the cohort that lies between the two. */
  readonly steps: string;
}

const inUnit = (team: string, { teams }: CohortWindow) =>
  teams === undefined ? '1' : `${team} IN {teams:Array(String)}`;

/** Null: nothing was judged up to the later moment. */
async function asked(driver: Driver, window: CohortWindow): Promise<Asked | null> {
  const { from, to, standard, teams } = window;
  const earlier = seconds(from.valid);
  const moments = {
    standard,
    valid: seconds(to.valid),
    known: to.known,
    fromValid: earlier,
    fromKnown: from.known,
  };
  const days = await daysOf(driver, window, moments);
  if (days === null) return null;
  const { day } = days;
  const parameters = {
    ...moments,
    day,
    begin: Math.max(earlier, day),
    // Where the cohort is of a later day than the moment that is asked for, it is as it stands then.
    takenAt: Math.min(day, seconds(to.valid)),
    ...(teams !== undefined && { teams: [...teams] }),
  };
  const has = (members: string) => `SELECT * FROM (${members}) WHERE ${inUnit('team', window)}`;
  const steps = stepsSql(window);
  if (earlier < day) {
    const taken = has(membersSql(movedSql(upTo('takenAt', 'known'))));
    // What is known at the earlier moment is known at the later one, so nobody was of the cohort yet.
    return { parameters, baseline: { cell: 'taken', sql: between(null, taken) }, steps };
  }
  if (!days.learned) return { parameters, baseline: null, steps };
  // What is learned of before anything had been judged moves the day, and who is of the cohort with it.
  const heldDay = days.heldDay ?? day;
  const held = has(membersSql(movedSql(upTo('fromValid', 'fromKnown')), 'heldDay'));
  const now = has(membersSql(movedSql(upTo('fromValid', 'known'))));
  const baseline: Baseline = { cell: 'corrected', sql: between(held, now) };
  return { parameters: { ...parameters, heldDay }, baseline, steps };
}

/** The assets of one of two cohorts. */
const memberSql = (members: string, later: 0 | 1) =>
  `SELECT asset, team, toString(began) AS began, toString(stands) AS stands, gone, toString(last) AS last, ${later} AS later FROM (${members})`;

/** Assets that are in either of two cohorts, each once; before null: there was none. */
const between = (before: string | null, after: string) => `
    SELECT asset, max(team) AS own, anyIf(began, later = 0) AS wasBegan, anyIf(stands, later = 0) AS wasStands, anyIf(gone, later = 0) AS wasGone,
      anyIf(last, later = 0) AS wasLast, anyIf(began, later = 1) AS isBegan, anyIf(stands, later = 1) AS isStands, anyIf(gone, later = 1) AS isGone,
      anyIf(last, later = 1) AS isLast
    FROM (${before === null ? '' : `${memberSql(before, 0)} UNION ALL `}${memberSql(after, 1)})
    GROUP BY asset`;
const BASELINE = 'wasBegan, wasStands, wasGone, wasLast, isBegan, isStands, isGone, isLast';

interface BaselineShape {
  readonly wasBegan: State | '';
  readonly wasStands: State;
  readonly wasGone: number;
  readonly wasLast: State;
  readonly isBegan: State | '';
  readonly isStands: State;
  readonly isGone: number;
  readonly isLast: State;
}

const memberState = (
  began: State | '',
  { stands, gone, last }: { readonly stands: State; readonly gone: number; readonly last: State },
): CohortState => (began === '' ? 'outside' : cohortState({ began, stands, gone: gone === 1, last }));

const endsOf = (shape: BaselineShape) => ({
  from: memberState(shape.wasBegan, { stands: shape.wasStands, gone: shape.wasGone, last: shape.wasLast }),
  to: memberState(shape.isBegan, { stands: shape.isStands, gone: shape.isGone, last: shape.isLast }),
});

/** Assets of the standard that have such a row. */
const withRows = (rows: string) =>
  `SELECT asset FROM ${verdictDelta.name} WHERE standard = {standard:String} AND ${upTo('valid', 'known')}${rows}`;
/** Rows that say what lies between the two. */
const CHANGED = " AND valid > fromUnixTimestamp({begin:Int64}) AND step != 'opening'";

/**
 * Of assets of the cohort that changed between the two, and ever were of the unit: a row a change, with how the asset left before, because
 * one that comes back was gone from a team.
 */
function stepsSql(window: CohortWindow): string {
  const own = window.teams === undefined ? '' : ` AND ${inUnit('team', window)}`;
  const among = ` AND asset IN (${withRows(CHANGED)})${own && ` AND asset IN (${withRows(own)})`}`;
  const byDay = 'toUnixTimestamp(valid) <= {day:Int64}';
  return `
    SELECT asset, valid, place, multiIf(${BEGUN}, 'O') AS began, toString(step) AS step, toString(\`from\`) AS was, toString(\`to\`) AS became, gone,
      leftGone, toString(leftAs) AS leftAs, toUInt8(${inUnit('team', window)}) AS own, toUInt8(${inUnit('toTeam', window)}) AS ownNext,
      toUInt8(${inUnit('leftTeam', window)}) AS ownBefore, toTeam AS said, if(\`from\` = 'O', leftTeam, team) AS saidBefore
    FROM (SELECT *, sumForEach(begun) OVER (PARTITION BY asset) AS counted, lagInFrame(gone) OVER past AS leftGone,
        lagInFrame(\`from\`) OVER past AS leftAs, lagInFrame(toTeam) OVER past AS leftTeam
      FROM (SELECT asset, valid, place, step, \`from\`, \`to\`, gone,
          [sumIf(sign, state = 'F' AND ${byDay}), sumIf(sign, state = 'X' AND ${byDay}), sumIf(sign, state = 'U' AND ${byDay})] AS begun,
          if(\`from\` = 'O', anyIf(own, side = 'new'), anyIf(own, side = 'old')) AS team,
          if(\`to\` = 'O', anyIf(own, side = 'old'), anyIf(own, side = 'new')) AS toTeam
        FROM (${movedSql(upTo('valid', 'known'), among)}) GROUP BY asset, valid, place, step, \`from\`, \`to\`, gone)
      WINDOW past AS (PARTITION BY asset ORDER BY valid, place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))
    WHERE valid > fromUnixTimestamp({begin:Int64}) AND began != 'O'`;
}

/** How an asset began, by how often it was counted up to the day: as one that fails, that is excepted, that is unknown. */
const BEGUN = "counted[1] > 0, 'F', counted[2] > 0, 'X', counted[3] > 0, 'U'";

const STEP = 'began, step, was, became, gone, leftGone, leftAs, own, ownNext, ownBefore';

interface StepShape {
  readonly began: State;
  readonly step: TickStep;
  readonly was: State;
  readonly became: State;
  readonly gone: number;
  readonly leftGone: number;
  readonly leftAs: State;
  readonly own: number;
  readonly ownNext: number;
  readonly ownBefore: number;
}

const UNIT = 'unit';
const unitOf = (own: number) => (own === 1 ? UNIT : 'another');

/** What a change does to the cohort of the unit. */
function entriesOf(shape: StepShape): readonly CohortEntry[] {
  const { began, step, was, became, leftGone, leftAs } = shape;
  const cameBack = was === 'O';
  const held: CohortMember = {
    began,
    stands: was,
    gone: cameBack && leftGone === 1,
    last: cameBack ? leftAs : was,
  };
  const move: Move = {
    standard: '',
    asset: '',
    step,
    from: was,
    to: became,
    team: unitOf(shape.own),
    toTeam: unitOf(shape.ownNext),
    gone: shape.gone === 1,
  };
  const team = unitOf(cameBack ? shape.ownBefore : shape.own);
  return cohortEntries({ ...held, team }, [move]).filter((entry) => entry.team === UNIT);
}

type Counted<Shape> = Shape & { readonly count: string };
const counting = (columns: string, sql: string) =>
  `SELECT ${columns}, count() AS count FROM (${sql}) GROUP BY ${columns}`;

/** What changed between the two, as a few sorts of changes and how often there is each. It never changes, whoever asks for causes or for lists. */
export interface CohortShapes {
  readonly question: Asked;
  readonly baseline: readonly Counted<BaselineShape>[];
  readonly steps: readonly Counted<StepShape>[];
}

/** Null: nothing was judged up to the later moment. */
export async function cohortShapes(driver: Driver, window: CohortWindow): Promise<CohortShapes | null> {
  const question = await asked(driver, window);
  if (question === null) return null;
  const { parameters, baseline, steps } = question;
  return {
    question,
    baseline: baseline === null ? [] : await driver.query(counting(BASELINE, baseline.sql), parameters),
    steps: await driver.query(counting(STEP, steps), parameters),
  };
}

/** Their sums are what the cohort of the unit moved by. */
export function cohortCauses(shapes: CohortShapes | null): readonly AmountCause[] {
  if (shapes === null) return [];
  const { baseline } = shapes.question;
  const causes = new Map<string, AmountCause>();
  const add = ({ cell, step }: Pick<AmountCause, 'cell' | 'step'>, count: number, moved: MeasureTally) => {
    const key = `${step} ${cell}`;
    const held = causes.get(key) ?? { cell, step, changes: 0, moved: NO_AMOUNTS };
    causes.set(key, { cell, step, changes: held.changes + count, moved: plus(held.moved, moved, count) });
  };
  if (baseline !== null)
    for (const { count, ...shape } of shapes.baseline) {
      const ends = endsOf(shape);
      if (ends.from !== ends.to)
        add({ cell: baseline.cell, step: 'evidence' }, Number(count), cohortChange([ends]));
    }
  for (const { count, ...shape } of shapes.steps)
    for (const entry of entriesOf(shape)) add(entry, Number(count), cohortChange([entry]));
  return [...causes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cause]) => cause);
}

const plus = (sum: MeasureTally, moved: MeasureTally, times: number): MeasureTally => ({
  ...sum,
  pass: sum.pass + times * moved.pass,
  fail: sum.fail + times * moved.fail,
  unknown: sum.unknown + times * moved.unknown,
});

const VERDICTS: Readonly<Record<CohortState, CountedVerdict | null>> = {
  outside: null,
  eliminated: 'pass',
  remaining: 'fail',
  open: 'unknown',
};

interface Listed {
  readonly id: string;
  readonly at: number;
  /** Whose it is, and was before. */
  readonly said: string;
  readonly saidBefore: string;
}

/** A page of the assets behind a cause, by id and time: as many over all pages as the cause counts. */
export async function cohortChanges(
  driver: Driver,
  shapes: CohortShapes | null,
  cause: Pick<AmountCause, 'cell' | 'step'>,
  page: { readonly offset: number; readonly limit: number },
): Promise<readonly AmountChange[]> {
  if (shapes === null) return [];
  const { baseline, steps, ...question } = shapes.question;
  const parameters = { ...question.parameters, limit: page.limit, offset: page.offset };
  const listed = (columns: string, sql: string, named: string) => `
    SELECT id, moved.*, toUnixTimestamp(valid) AS at
    FROM (SELECT * FROM (${sql}) WHERE ${shapeSql(columns)} IN {fitting:Array(String)}) AS moved
    INNER JOIN (SELECT DISTINCT asset, id FROM ${verdictAsset.name} WHERE asset IN (${named})) AS named USING (asset)
    ORDER BY id, valid, place LIMIT {limit:UInt32} OFFSET {offset:UInt32}`;
  if (baseline?.cell === cause.cell) {
    const fitting = shapes.baseline.filter((shape) => endsOf(shape).from !== endsOf(shape).to);
    if (fitting.length === 0) return [];
    const moment = baseline.cell === 'taken' ? 'takenAt' : 'fromValid';
    const sql = `SELECT *, own AS said, own AS saidBefore, fromUnixTimestamp({${moment}:Int64}) AS valid, 0 AS place FROM (${baseline.sql})`;
    const rows = await driver.query<BaselineShape & Listed>(
      listed(BASELINE, sql, `SELECT asset FROM (${baseline.sql})`),
      {
        ...parameters,
        fitting: fitting.map((shape) => shapeKey(BASELINE, shape)),
      },
    );
    return rows.map((row) => changeOf(row, endsOf(row)));
  }
  const wanted = (entry: CohortEntry) => entry.cell === cause.cell && entry.step === cause.step;
  const fitting = shapes.steps.filter((shape) => entriesOf(shape).some(wanted));
  if (fitting.length === 0) return [];
  // Names are read of all that changed at all: to look for those that are listed would be to find these twice.
  const rows = await driver.query<StepShape & Listed>(listed(STEP, steps, withRows(CHANGED)), {
    ...parameters,
    fitting: fitting.map((shape) => shapeKey(STEP, shape)),
  });
  return rows.flatMap((row) => {
    const entry = entriesOf(row).find(wanted);
    if (entry === undefined) return [];
    const said = entry.cell === 'reassigned-out' ? row.saidBefore : row.said;
    return [changeOf({ ...row, said }, entry)];
  });
}

/** A shape as one text, in the engine and here. */
const shapeSql = (columns: string): string =>
  `concatWithSeparator('/', ${columns
    .split(', ')
    .map((name) => `toString(${name})`)
    .join(', ')})`;
function shapeKey(columns: string, shape: object): string {
  const values = new Map(Object.entries(shape));
  return columns
    .split(', ')
    .map((name) => String(values.get(name)))
    .join('/');
}

function changeOf({ id, at, said }: Listed, { from, to }: Pick<CohortEntry, 'from' | 'to'>): AmountChange {
  const [was, is] = [VERDICTS[from], VERDICTS[to]];
  return {
    asset: id,
    at: new Date(at * 1000),
    team: said,
    from: was,
    to: is,
    before: was === null ? null : 1,
    after: is === null ? null : 1,
  };
}
