import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  change,
  type Figures,
  figures,
  path,
  type State,
  type Status,
  stateOf,
  type Tick,
} from '@macadam/core/figures/accounting';
import type { StandingChange } from '@macadam/core/figures/tick';
import fc from 'fast-check';
import { openChdb } from '../clickhouse/chdb.ts';
import type { Driver } from '../clickhouse/driver.ts';
import { prepare } from '../clickhouse/table.ts';
import { moments } from './log.ts';
import { account, assetsAt, assetsOf, broken, type CellCount, slice, teamsProgress } from './read.ts';
import {
  corrections,
  epochs,
  heldRows,
  insertRows,
  type Moment,
  nameAssets,
  openEpoch,
  type PastTick,
  putEpochs,
  type Row,
  rowsOf,
  seconds,
  stoodAfter,
  stoodBefore,
} from './record.ts';
import { HISTORY } from './table.ts';
import { type Written, writtenRows } from './written.ts';

/** Asked anew for each question. */
const writtenIn = (of: Driver): Written => ({
  driver: of,
  ticks: () => moments(of),
  epochs: () => epochs(of),
  rows: () => writtenRows(of),
});

/** Asked once, of a history to which nothing is added. */
async function knownIn(of: Driver): Promise<Written> {
  const [ticks, opened, rows] = [await moments(of), await epochs(of), await writtenRows(of)];
  return { driver: of, ticks: async () => ticks, epochs: async () => opened, rows: async () => rows };
}

const directory = mkdtempSync(join(tmpdir(), 'macadam-history-'));
let driver: Driver;
before(async () => {
  driver = await openChdb({ directory });
  await prepare(driver, HISTORY);
});
after(async () => {
  await driver.close();
  rmSync(directory, { recursive: true });
});

/** Writes changes as a tick does: the same of the same moment once, each standard's first epoch opened empty. */
async function record(
  driver: Driver,
  moment: Moment,
  changes: readonly StandingChange[],
  judged: readonly string[] = [],
): Promise<void> {
  const known = await epochs(driver);
  const current = new Map(known.map((epoch) => [epoch.standard, epoch]));
  const entering = changes.filter(({ from }) => from === 'O').map(({ asset }) => asset);
  const token = `${moment.known}:${seconds(moment.valid)}:${hash('sha256', JSON.stringify(changes))}`;
  const opened = [...new Set([...judged, ...changes.map(({ standard }) => standard)])].filter(
    (one) => !current.has(one),
  );
  const first = opened.map((standard) => ({ standard, epoch: 1, ...moment }));
  await putEpochs(driver, first);
  for (const epoch of first) current.set(epoch.standard, epoch);
  const rows = changes.flatMap((change) => {
    const epoch = current.get(change.standard);
    assert.ok(epoch);
    return rowsOf(change, epoch.epoch, moment).map((row): Row => ({ ...row, on_time: 1 }));
  });
  await nameAssets(driver, entering, token);
  await insertRows(driver, rows, token);
}

async function empty(): Promise<void> {
  for (const { name } of HISTORY) await driver.command(`TRUNCATE TABLE ${name}`);
}

const START = Date.parse('2026-05-01T00:00:00Z');
/** Of five ticks some weeks lie between, with days at both ends, and some within one week. */
const day = (tick: number) => new Date(START + (tick < 2 ? tick : tick * 5) * 86_400_000);

const verdict = fc.constantFrom('O', 'P', 'F', 'U') as fc.Arbitrary<Status['verdict']>;
const standing: fc.Arbitrary<Status> = fc.record({
  verdict,
  excepted: fc.boolean(),
  team: fc.constantFrom('a', 'b'),
  gone: fc.boolean(),
});
const tick: fc.Arbitrary<Tick> = fc.record({ definition: verdict, evidence: verdict, after: standing });
const TICKS = 5;
/** What is asked costs the same of many lives: there are few histories, and each has many. */
const lives = fc.array(fc.array(tick, { minLength: TICKS, maxLength: TICKS }), {
  minLength: 1,
  maxLength: 16,
});
/** So many histories are asked for by hand, and then of each moment every team. */
const ASKED = process.env.MACADAM_HISTORY_RUNS;
const RUNS = Number(ASKED ?? 3);
const TEAMS = ['a', 'b'];
const UNITS = [['a'], ['b'], ['a', 'b']];

/** One of them each time: histories are made by chance, so all teams are the same in the long run. All of them where asked for by hand. */
const inTurn = <Of>(all: readonly Of[], turn: number): readonly Of[] =>
  all.filter((_, place) => ASKED !== undefined || place === turn % all.length);

const NOWHERE: Status = { verdict: 'O', excepted: false, team: 'a', gone: true };

/** Where an asset stands before a tick; a newcomer belongs to the team that it comes to. */
function standsBefore(life: readonly Tick[], at: number): Status {
  const held = life[at - 1]?.after ?? NOWHERE;
  return held.verdict === 'O' ? { ...held, team: life[at]?.after.team ?? held.team } : held;
}

const changesOf = (life: readonly Tick[], at: number, asset: string): StandingChange[] => {
  const own = life[at];
  if (!own) return [];
  return path('s', asset, standsBefore(life, at), own).map((move) => ({
    ...move,
    fromReason: move.from,
    toReason: move.to,
  }));
};

const asFigures = (rows: readonly Figures[]): Figures => {
  const [first] = rows;
  return first
    ? { pass: first.pass, fail: first.fail, unknown: first.unknown, excepted: first.excepted }
    : { pass: 0, fail: 0, unknown: 0, excepted: 0 };
};

const overall = (rows: readonly (Figures & { readonly team?: string })[], team: string): Figures =>
  asFigures(rows.filter((row) => row.team === team));

/** The truth, by the pure arithmetic: figures of a team after a tick. */
const truth = (all: readonly (readonly Tick[])[], at: number, team: string): Figures =>
  figures(
    all
      .map((life) => life[at]?.after ?? NOWHERE)
      .filter((one) => one.team === team)
      .map(stateOf),
  );

const sumOf = (cells: readonly CellCount[]): Figures => {
  const sum = { pass: 0, fail: 0, unknown: 0, excepted: 0 };
  for (const { cell, state, count } of cells) {
    const one = change([{ cell, state }]);
    for (const key of ['pass', 'fail', 'unknown', 'excepted'] as const) sum[key] += one[key] * count;
  }
  return sum;
};

const inOrder = (cells: readonly CellCount[]) =>
  cells.map((cell) => JSON.stringify(Object.entries(cell).sort())).sort();

const minus = (a: Figures, b: Figures): Figures => ({
  pass: a.pass - b.pass,
  fail: a.fail - b.fail,
  unknown: a.unknown - b.unknown,
  excepted: a.excepted - b.excepted,
});

const added = (all: readonly Figures[]): Figures =>
  all.reduce((sum, one) => minus(sum, minus({ pass: 0, fail: 0, unknown: 0, excepted: 0 }, one)));

test('every slice is what the states of that tick sum to, and every account explains the difference', async () => {
  await fc.assert(
    fc.asyncProperty(lives, fc.integer({ min: 0, max: TICKS - 1 }), async (all, recut) => {
      await empty();
      for (let at = 0; at < TICKS; at++) {
        const moment = { valid: day(at), known: at + 1 };
        await record(
          driver,
          moment,
          all.flatMap((life, asset) => changesOf(life, at, `x${asset}`)),
        );
        if (at === recut) await openEpoch(driver, 's', moment);
      }
      assert.deepEqual(await broken(driver), []);
      const written = await knownIn(driver);
      for (let at = 0; at < TICKS; at++) {
        const moment = { valid: day(at), known: at + 1 };
        const byTeam = await slice(written, moment, {}, ['team']);
        for (const team of TEAMS) assert.deepEqual(overall(byTeam, team), truth(all, at, team));
        for (const team of inTurn(TEAMS, at))
          assert.deepEqual(
            asFigures(await slice(written, moment, { standard: 's', team })),
            truth(all, at, team),
          );
      }
      const figuresAt = (teams: readonly string[], at: number) =>
        added(teams.map((team) => truth(all, at, team)));
      for (let from = 0; from < TICKS; from++) {
        const earlier = { valid: day(from), known: from + 1 };
        for (const teams of inTurn(UNITS, from))
          assert.deepEqual(asFigures(await slice(written, earlier, { teams })), figuresAt(teams, from));
        for (let to = from + 1; to < TICKS; to++) {
          const between = { from: earlier, to: { valid: day(to), known: to + 1 } };
          for (const teams of inTurn(UNITS, from + to)) {
            const { counts, cells } = await teamsProgress(written, between, teams);
            assert.deepEqual(asFigures(counts), figuresAt(teams, to));
            assert.deepEqual(
              sumOf(cells),
              minus(figuresAt(teams, to), figuresAt(teams, from)),
              `${teams}, ${from} to ${to}`,
            );
          }
        }
      }
    }),
    { numRuns: RUNS },
  );
});

test('late truth changes the past as it is known from then on, and never what was published', async () => {
  await fc.assert(
    fc.asyncProperty(
      lives,
      fc.array(tick, { minLength: TICKS, maxLength: TICKS }),
      fc.integer({ min: 0, max: TICKS - 1 }),
      async (all, other, since) => {
        await empty();
        for (let at = 0; at < TICKS; at++) {
          const moment = { valid: day(at), known: at + 1 };
          await record(
            driver,
            moment,
            all.flatMap((life, asset) => changesOf(life, at, `x${asset}`)),
          );
          if (at === 2) await openEpoch(driver, 's', moment);
        }
        const first = all[0] ?? [];
        const amended = [...first.slice(0, since), ...other.slice(since)];
        const known = TICKS + 1;
        const held = await heldRows(driver, ['x0']);
        let stood = stoodBefore(held, day(since).getTime() / 1000);
        const right: PastTick[] = [];
        for (let at = since; at < TICKS; at++) {
          const changes = changesOf(amended, at, 'x0');
          stood = stoodAfter(changes, stood);
          right.push({ valid: day(at), changes, stood });
        }
        const about = { standard: 's', asset: 'x0', since: day(since), known };
        await insertRows(driver, corrections(about, held, await epochs(driver), right));
        const now = [amended, ...all.slice(1)];
        const written = await knownIn(driver);
        const end = { valid: day(TICKS - 1), known };
        for (let at = 0; at < TICKS; at++) {
          const then = { valid: day(at), known: at + 1 };
          const since = { valid: day(at), known };
          for (const team of inTurn(TEAMS, at)) {
            const published = await slice(written, then, { standard: 's', team });
            assert.deepEqual(asFigures(published), truth(all, at, team), `published ${at}`);
            const seen = await slice(written, since, { standard: 's', team });
            assert.deepEqual(asFigures(seen), truth(now, at, team), `amended ${at}`);
          }
          // The same rows, summed from the first opening on instead of from the epoch's.
          const first = await slice(written, then, {}, ['team']);
          const whole = await slice(written, since, {}, ['team']);
          for (const team of TEAMS) {
            assert.deepEqual(overall(first, team), truth(all, at, team), `published ${at}, overall`);
            assert.deepEqual(overall(whole, team), truth(now, at, team), `amended ${at}, overall`);
          }
          if (at === TICKS - 1) continue;
          for (const team of inTurn(TEAMS, at)) {
            const cells = await account(written, then, end, { standard: 's', team }, ['team']);
            assert.deepEqual(sumOf(cells), minus(truth(now, TICKS - 1, team), truth(all, at, team)));
          }
        }
        // What was taken back is no other number where only the sums of teams are read.
        for (let at = 0; at < TICKS - 1; at++) {
          const moment = { valid: day(at), known: at + 1 };
          const byTeams = await account(written, moment, end, { teams: TEAMS });
          const whole = await account(written, moment, end, {});
          assert.deepEqual(inOrder(byTeams), inOrder(whole), `${at}`);
          const both = await teamsProgress(written, { from: moment, to: end }, TEAMS);
          assert.deepEqual(inOrder(both.cells), inOrder(whole), `${at}`);
          const teams = TEAMS.map((team) => truth(now, TICKS - 1, team));
          assert.deepEqual(asFigures(both.counts), added(teams), `${at}`);
        }
        assert.deepEqual(await broken(driver), []);
      },
    ),
    { numRuns: RUNS },
  );
});

const enters = (asset: string, to: State, team = 'a'): StandingChange => ({
  standard: 's',
  asset,
  step: 'evidence',
  from: 'O',
  to,
  team,
  toTeam: team,
  gone: false,
  fromReason: '',
  toReason: to === 'U' ? 'stale' : 'meets',
});

test('a repeated tick is written once, and numbers open their lists', async () => {
  await empty();
  const moment = { valid: day(0), known: 1 };
  const changes = [enters('x1', 'P'), enters('x2', 'F', 'b'), enters('x3', 'U')];
  await record(driver, moment, changes);
  await record(driver, moment, changes);
  const [all] = await slice(writtenIn(driver), moment);
  assert.deepEqual(all, { standard: 's', pass: 1, fail: 1, unknown: 1, excepted: 0 });
  const listed = await assetsAt(
    writtenIn(driver),
    moment,
    { standard: 's' },
    { states: ['U', 'F'], limit: 10 },
  );
  assert.deepEqual(
    listed.map(({ asset, state, team }) => [asset, state, team]),
    [
      ['x2', 'F', 'b'],
      ['x3', 'U', 'a'],
    ],
  );
  const before = { valid: day(-1), known: 0 };
  const cells = (['entered-fail', 'entered-unknown'] as const).map((cell) => ({
    standard: 's',
    cell,
    step: 'evidence' as const,
  }));
  const behind = (limit: number, offset = 0) =>
    assetsOf(driver, { from: before, to: moment, cells, limit, offset });
  const [fails, unknown] = [
    { ...cells[0], asset: 'x2', changedAt: day(0) },
    { ...cells[1], asset: 'x3', changedAt: day(0) },
  ];
  assert.deepEqual(await behind(10), [fails, unknown], 'cell after cell');
  assert.deepEqual([await behind(1), await behind(1, 1)], [[fails], [unknown]]);
  // An id that was written twice is listed once.
  await record(driver, { valid: day(1), known: 2 }, [enters('x5', 'F'), enters('x4', 'F')]);
  await driver.command('INSERT INTO verdict_asset SELECT * FROM verdict_asset');
  const later = { valid: day(1), known: 2 };
  const pages = async (offset: number) => {
    const page = await assetsOf(driver, { from: before, to: later, cells: [FAILS], limit: 2, offset });
    return page.map(({ asset }) => asset);
  };
  assert.deepEqual([await pages(0), await pages(2), await pages(4)], [['x2', 'x4'], ['x5'], []]);
  for (const selection of [{ standard: 's' }, { standard: 's', team: 'a' }])
    assert.deepEqual(
      (await assetsAt(writtenIn(driver), later, selection, { limit: 2, after: 'x2' })).map(
        ({ asset }) => asset,
      ),
      ['x3', 'x4'],
    );
});

test('a page of many assets is the same from any name on, of what is common, rare and nowhere', async () => {
  await empty();
  const moment = { valid: day(0), known: 1 };
  await putEpochs(driver, [{ standard: 'many', epoch: 1, ...moment }]);
  const number = 'sipHash64(number)';
  // Of 60,000 every second passes, most others fail, and few are unknown; the last names fail alone.
  await driver.command(
    `INSERT INTO verdict_asset (asset, id) SELECT ${number}, concat('n', leftPad(toString(number), 6, '0')) FROM numbers(60000)`,
  );
  await driver.command(
    `INSERT INTO verdict_delta (standard, epoch, valid, known, team, asset, state, reason, step, \`from\`, \`to\`, gone, side, sign, turn)
     SELECT 'many', 1, fromUnixTimestamp(${seconds(moment.valid)}), 1, 'a', ${number},
       multiIf(number % 2 = 0, 'P', number % 999 = 1, 'U', 'F') AS state, '', 'evidence', 'O', state, 0, 'new', 1, 2
     FROM numbers(60000)`,
  );
  const right = (states: readonly State[], after: string): readonly string[] =>
    Array.from({ length: 60_000 }, (_, at) => at)
      .filter((at) => states.includes(at % 2 === 0 ? 'P' : at % 999 === 1 ? 'U' : 'F'))
      .map((at) => `n${String(at).padStart(6, '0')}`)
      .filter((id) => id > after)
      .slice(0, 40);
  for (const states of [['F'], ['U'], ['P', 'U'], ['X']] as const)
    for (const after of ['', 'n000400', 'n059970', 'z']) {
      const page = await assetsAt(
        writtenIn(driver),
        moment,
        { standard: 'many' },
        { states, limit: 40, after },
      );
      const ids = page.map(({ asset }) => asset);
      assert.deepEqual(ids, right(states, after), `${states.join()} after ${after || 'nothing'}`);
    }
});

const FAILS = { standard: 's', cell: 'entered-fail', step: 'evidence' } as const;

test('the sums that overviews read are those of the rows', async () => {
  await empty();
  await record(driver, { valid: day(0), known: 1 }, [enters('x1', 'P'), enters('x2', 'F', 'b')]);
  const asked: [string, (via: Driver) => Promise<readonly unknown[]>][] = [
    ['standing', (via) => slice(writtenIn(via), { valid: day(9), known: 9 }, { standard: 's' }, ['team'])],
    [
      'weeks_of_team',
      (via) =>
        account(writtenIn(via), { valid: day(-10), known: 0 }, { valid: day(9), known: 9 }, { team: 'a' }),
    ],
    [
      'days_of_team',
      (via) =>
        account(writtenIn(via), { valid: day(-1), known: 0 }, { valid: day(9), known: 9 }, { team: 'a' }),
    ],
    ['overall', (via) => slice(writtenIn(via), { valid: day(9), known: 9 }, {}, ['team'])],
    [
      'by_standard',
      (via) => account(writtenIn(via), { valid: day(-1), known: 0 }, { valid: day(9), known: 9 }),
    ],
  ];
  for (const [name, ask] of asked) {
    // Of so few rows, each that can answer is as good as the other.
    const first = `SETTINGS preferred_optimize_projection_name = '${name}'`;
    let plan = '';
    await ask({
      ...driver,
      query: async (sql, parameters) => {
        if (/verdict_delta/.test(sql))
          plan += (await driver.query<{ explain: string }>(`EXPLAIN ${sql} ${first}`, parameters))
            .map(({ explain }) => explain)
            .join('\n');
        return driver.query(sql, parameters);
      },
    });
    assert.match(plan, new RegExp(`ReadFromMergeTree \\(${name}\\)`));
  }
});

test('a store from before a projection gets it when it is opened, also for the rows that are there', async () => {
  await empty();
  await record(driver, { valid: day(0), known: 1 }, [enters('x1', 'P'), enters('x2', 'F', 'b')]);
  const moment = { valid: day(0), known: 1 };
  const right = await slice(writtenIn(driver), moment, {}, ['team']);
  assert.equal(right.length, 2);
  const older = HISTORY.map((table) => {
    const { overall: _, days_of_team: __, weeks_of_team: ___, ...projections } = table.projections ?? {};
    return table.name === 'verdict_delta'
      ? { ...table, projections: { ...projections, by_team: 'SELECT team, sum(sign) GROUP BY team' } }
      : table;
  });
  await prepare(driver, older);
  assert.deepEqual(await held(), ['by_standard', 'by_team', 'of_asset', 'standing']);
  assert.deepEqual(await slice(writtenIn(driver), moment, {}, ['team']), right);
  // Begun, and cut off before the older rows got theirs.
  const { overall: select = '' } = HISTORY[0]?.projections ?? {};
  await driver.command(`ALTER TABLE verdict_delta ADD PROJECTION overall (${select})`);
  await prepare(driver, HISTORY);
  assert.deepEqual(await held(), [
    'by_standard',
    'days_of_team',
    'of_asset',
    'overall',
    'standing',
    'weeks_of_team',
  ]);
  assert.deepEqual(await slice(writtenIn(driver), moment, {}, ['team']), right);
  const before = await mutations();
  await prepare(driver, HISTORY);
  assert.equal(await mutations(), before, 'what is whole was begun again');
});

async function mutations(): Promise<string | undefined> {
  const [row] = await driver.query<{ n: string }>(
    "SELECT count() AS n FROM system.mutations WHERE table = 'verdict_delta'",
  );
  return row?.n;
}

/** Projections that every part has, once the engine has come round to it. */
async function held(): Promise<readonly string[]> {
  for (;;) {
    const [row] = await driver.query<{ n: string }>(
      "SELECT count() AS n FROM system.mutations WHERE table = 'verdict_delta' AND NOT is_done",
    );
    if (row?.n === '0') break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const rows = await driver.query<{ name: string }>(
    `SELECT name, count() AS n FROM system.projection_parts WHERE table = 'verdict_delta' AND active GROUP BY name
     HAVING n = (SELECT count() FROM system.parts WHERE table = 'verdict_delta' AND active AND rows > 0) ORDER BY name`,
  );
  return rows.map(({ name }) => name);
}
