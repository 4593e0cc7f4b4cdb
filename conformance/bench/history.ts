/**
 * Slices of the past and a week's accounting, over the verdicts of a large estate and half a year of changes.
 * `MACADAM_BENCH_STORE=DIR` keeps the store, and asks it again the next time: questions do not write to it.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openChdb } from '@macadam/adapters/facts/clickhouse/chdb';
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { type History, openHistory } from '@macadam/adapters/facts/history/open';
import { pastOf } from '@macadam/adapters/facts/history/retrospect';
import { unitProgress } from '@macadam/services/progress/unit';
import { numbers } from './estate.ts';
import { FULL, type Row, row, type Size } from './row.ts';
import { latency, scratch } from './spent.ts';

export interface HistoryExtent {
  readonly assets: number;
  readonly standards: number;
  readonly teams: number;
  readonly days: number;
  /** Questions of each sort. */
  readonly times: number;
}

const LARGE: HistoryExtent = { assets: 7_000_000, standards: 35, teams: 2000, days: 180, times: 60 };
const SMALL: HistoryExtent = { assets: 2000, standards: 3, teams: 50, days: 40, times: 2 };

export const bench = ({ quick }: Size = FULL): Promise<readonly Row[]> => over(quick ? SMALL : LARGE);

export async function over(extent: HistoryExtent): Promise<readonly Row[]> {
  const kept = process.env.MACADAM_BENCH_STORE;
  const folder = kept ? join(kept, `history-${extent.assets}`) : scratch('history');
  const filled = join(folder, 'filled');
  // What was cut off while it was filled is no store to ask.
  if (!existsSync(filled)) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const driver = await openChdb({ directory: join(folder, 'engine') });
  try {
    const history = await openHistory(driver);
    await driver.command('SET max_threads = 2');
    if (!existsSync(filled)) {
      await fill(driver, extent);
      writeFileSync(filled, '');
    }
    await logTicks(driver, extent);
    return await measured(driver, history, extent);
  } finally {
    await driver.close();
    if (!kept) rmSync(folder, { recursive: true, force: true });
  }
}

const DAY = 86_400;
const START = Date.UTC(2026, 0, 1) / 1000;
const standardOf = (at: number) => `standard-${String(at).padStart(2, '0')}`;
const STATES = ['P', 'P', 'P', 'F', 'F', 'X', 'U'];
const NEXT = ['F', 'U', 'F', 'P', 'P', 'P', 'P'];
/** By the number of a standard, or a column of it. */
type At = number | 'at';
const chosen = (states: readonly string[], at: At) =>
  `[${states.map((state) => `'${state}'`).join(', ')}][intHash32(asset + ${at} * 7919) % ${states.length} + 1]`;
/** Three assets of ten change once, on a day of their own; one change of a hundred is learned three days late. */
const changes = (assets: number) => Math.floor(assets * 0.3);
const dayOf = (at: At, days: number) => `intHash32(asset + ${at} * 104729 + 1) % ${days - 4} + 1`;

/** A row for every asset when the epoch opens, and two for each change; tick by tick, as any store gets them. */
async function fill(driver: Driver, { assets, standards, teams, days }: HistoryExtent): Promise<void> {
  const standard = (at: string) => `concat('standard-', leftPad(toString(${at}), 2, '0'))`;
  const team = `concat('team-', toString(asset % ${teams}))`;
  const start = `toDateTime(${START}, 'UTC')`;
  await driver.command(
    `INSERT INTO verdict_epoch SELECT ${standard('number')}, 1, ${start}, 1 FROM numbers(${standards})`,
  );
  await driver.command(
    `INSERT INTO verdict_delta
     WITH intDiv(number, ${assets}) AS at, number % ${assets} AS asset, ${chosen(STATES, 'at')} AS state
     SELECT ${standard('at')}, 1, ${start}, 1, ${team}, asset, state, 'r', 'opening', 'O', state, 0, 'new', 1, 0, 1
     FROM numbers(${assets * standards})`,
  );
  await driver.command(
    'CREATE TABLE changing (day UInt16, at UInt8, asset UInt32) ENGINE = MergeTree ORDER BY day',
  );
  await driver.command(
    `INSERT INTO changing WITH number % ${standards} AS at, intDiv(number, ${standards}) AS asset
     SELECT ${dayOf('at', days)}, at, asset FROM numbers(${changes(assets) * standards})`,
  );
  for (let day = 1; day <= days - 4; day++)
    await driver.command(
      `INSERT INTO verdict_delta
       WITH ${chosen(STATES, 'at')} AS old, ${chosen(NEXT, 'at')} AS fresh
       SELECT ${standard('at')}, 1, ${start} + ${day * DAY}, 1 + ${day} + if(asset % 100 = 0, 3, 0), ${team}, asset,
         if(side = 0, old, fresh), 'r', 'evidence', old, fresh, 0, if(side = 0, 'old', 'new'), if(side = 0, -1, 1), 0, asset % 100 != 0
       FROM changing ARRAY JOIN [0, 1] AS side WHERE day = ${day}`,
    );
  await driver.command('DROP TABLE changing');
  await driver.command(
    `INSERT INTO verdict_asset SELECT number, concat('asset:', leftPad(toString(number), 10, '0')) FROM numbers(${assets})`,
  );
}

/** The log of ticks, as any history has it; a store that was kept may be of before it was written here. */
async function logTicks(driver: Driver, { days }: HistoryExtent): Promise<void> {
  const [row] = await driver.query<{ ticks: string }>('SELECT count() AS ticks FROM tick');
  if (row?.ticks !== '0') return;
  await driver.command(
    `INSERT INTO tick (valid, known) SELECT toDateTime(${START}, 'UTC') + number * ${DAY}, 1 + number FROM numbers(${days - 3})`,
  );
}

interface Moment {
  readonly valid: Date;
  readonly known: number;
}

async function measured(driver: Driver, history: History, extent: HistoryExtent): Promise<Row[]> {
  const next = numbers(11);
  const below = (count: number) => Math.floor(next() * count);
  const moment = (day: number, more = below(5)): Moment => ({
    valid: new Date((START + day * DAY) * 1000),
    known: 1 + day + more,
  });
  const anyMoment = () => moment(7 + below(extent.days - 12));
  await compared(driver, history, extent, anyMoment());

  const standard = () => standardOf(below(extent.standards));
  const team = () => `team-${below(extent.teams)}`;
  const week = (selection: { standard?: string }, by: readonly ('standard' | 'team')[]) => {
    const day = below(extent.days - 12);
    return history.account(moment(day, 0), moment(day + 7, 0), selection, by);
  };
  /** Of one team, or of a hundred, between any two dates. */
  const node = () => {
    const [a, b] = [below(extent.days - 5), below(extent.days - 5)];
    const teams = below(2) === 0 ? [team()] : Array.from({ length: 100 }, team);
    return { from: moment(Math.min(a, b), 0), to: moment(Math.max(a, b), 0), teams };
  };
  const past = pastOf(history);
  const asked = {
    'slice-any-date': [
      'one standard by team at any date, as known then or up to four days later',
      () => history.slice(anyMoment(), { standard: standard() }, ['team']),
    ],
    'slice-all-standards': ['every standard at any date', () => history.slice(anyMoment(), {}, ['standard'])],
    'slice-all-teams': [
      'every team over all standards at any date',
      () => history.slice(anyMoment(), {}, ['team']),
    ],
    'slice-of-team': [
      'one team in every standard at any date',
      () => history.slice(anyMoment(), { team: team() }, ['standard']),
    ],
    'slice-team-list': [
      'the first hundred failing assets of one team by one standard at any date',
      () =>
        history.assetsAt(
          anyMoment(),
          { standard: standard(), team: team() },
          { states: ['F', 'X'], limit: 100 },
        ),
    ],
    'week-account': [
      "one standard's week, every cell by team",
      () => week({ standard: standard() }, ['team']),
    ],
    'any-node-any-dates': [
      'what happened to one team, or to a division of a hundred, between any two dates, by standard',
      () => {
        const { from, to, teams } = node();
        return history.account(from, to, { teams }, ['standard']);
      },
    ],
    'unit-any-dates': [
      'how one team, or a division of a hundred, stands by every standard at any date, how it stood at another, and what moved it: what its page and `macadam progress` ask of standards that count assets',
      () => {
        const { from, to, teams } = node();
        return unitProgress(past, { from, to, known: false, fromFirst: false }, teams, new Map());
      },
    ],
    'week-account-all': ['the week of every standard', () => week({}, ['standard'])],
  } as const;
  const [size] = await driver.query<{ rows: string; bytes: string }>(
    `SELECT sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts WHERE table = 'verdict_delta' AND active AND database = currentDatabase()`,
  );
  const rows = Number(size?.rows ?? 0);
  const extentText = `${extent.assets} assets × ${extent.standards} standards, ${extent.days} days, ${extent.teams} teams, ${rows} rows`;
  const found: Row[] = [];
  for (const [id, [what, ask]] of Object.entries(asked)) {
    const { milliseconds, cpuMilliseconds } = await latency(extent.times, ask);
    found.push(
      row({
        id,
        what: `${what}: p95 of ${extent.times}, ${cpuMilliseconds.toFixed(1)} ms of processor time in the middle; ${extentText}`,
        unit: 'ms',
        ours: milliseconds,
        peer: 200,
        peerName: 'the bound itself',
        goal: { of: 'ours', atMost: 200 },
      }),
    );
  }
  const megabytes =
    Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;
  found.push(
    row({
      id: 'history-bytes',
      what: `bytes on disk of a row of history, with all projections; ${extentText}, ${Math.round(megabytes)} MB of memory at most, filling it included`,
      unit: 'bytes/row',
      ours: Number(size?.bytes ?? 0) / Math.max(rows, 1),
      peer: 20,
      peerName: 'the bound itself',
      goal: { of: 'ours', atMost: 20 },
    }),
  );
  return found;
}

/** One slice beside the same figures from the rule by which the rows were made. */
async function compared(
  driver: Driver,
  history: History,
  { assets, teams, days }: HistoryExtent,
  { valid, known }: Moment,
): Promise<void> {
  const day = Math.round((valid.getTime() / 1000 - START) / DAY);
  const right = await driver.query<{ team: string; pass: string; fail: string; unknown: string }>(
    `WITH asset < ${changes(assets)} AND (${dayOf(0, days)}) <= ${day} AND (${dayOf(0, days)}) + 1 + if(asset % 100 = 0, 3, 0) <= ${known} AS moved,
       if(moved, ${chosen(NEXT, 0)}, ${chosen(STATES, 0)}) AS state
     SELECT concat('team-', toString(asset % ${teams})) AS team, countIf(state = 'P') AS pass, countIf(state IN ('F', 'X')) AS fail,
       countIf(state = 'U') AS unknown FROM (SELECT number AS asset FROM numbers(${assets})) GROUP BY team ORDER BY team`,
  );
  const told = await history.slice({ valid, known }, { standard: standardOf(0) }, ['team']);
  const texts = told.map(({ team, pass, fail, unknown }) => `${team} ${pass} ${fail} ${unknown}`).toSorted();
  const wanted = right
    .map(({ team, pass, fail, unknown }) => `${team} ${pass} ${fail} ${unknown}`)
    .toSorted();
  const wrong = wanted.find((text, at) => text !== texts[at]);
  if (wrong !== undefined || texts.length !== wanted.length)
    throw new Error(`the history's slice is not what the rows were made by: ${wrong}`);
}
