/**
 * Work in both stores: what 7 million standings make when nothing is known yet, and how many changes a second are taken
 * in beside 150,000 that fail. The history is the real engine, the decisions are a real PostgreSQL that syncs.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { openChdb } from '@macadam/adapters/facts/clickhouse/chdb';
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { type History, openHistory } from '@macadam/adapters/facts/history/open';
import type { Moment } from '@macadam/adapters/facts/history/record';
import { pass, type SeenStanding, type Sight } from '@macadam/services/work/pass';
import { RECONCILE } from '@macadam/services/work/tick';
import { sightAt } from '@macadam/services/work/visibility';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { FULL, type Row, row, type Size } from './row.ts';

interface WorkExtent {
  /** Each is judged by all standards. */
  readonly assets: number;
  readonly standards: number;
  readonly teams: number;
  /** One of so many fails. */
  readonly failing: number;
  /** How many changes come at once, and how often. */
  readonly group: number;
  readonly groups: number;
}

const LARGE: WorkExtent = {
  assets: 200_000,
  standards: 35,
  teams: 2000,
  failing: 47,
  group: 200,
  groups: 20,
};
const SMALL: WorkExtent = { assets: 2000, standards: 3, teams: 20, failing: 47, group: 50, groups: 4 };

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  const extent = quick ? SMALL : LARGE;
  const folder = trialFolder();
  const driver = await openChdb({ directory: join(folder, 'engine') });
  const decisions = await openDecisions(join(folder, 'decisions'), { now: () => new Date() });
  try {
    const history = await openHistory(driver);
    await driver.command('SET max_threads = 2');
    for (let at = 0; at < extent.standards; at++) await fill(driver, extent, standardOf(at));
    await driver.command(
      `INSERT INTO verdict_asset SELECT number, concat('asset:', leftPad(toString(number), 10, '0')) FROM numbers(${extent.assets})`,
    );
    return [
      ...(await opened(history, decisions, extent)),
      ...(await changing(driver, history, decisions, extent)),
    ];
  } finally {
    await decisions.close();
    await driver.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const START = Date.UTC(2026, 0, 1) / 1000;
const standardOf = (at: number) => `standard-${String(at).padStart(2, '0')}`;
const FIRST: Moment = { valid: new Date((START + 86_400) * 1000), known: 2 };

/** All stand at one tick, and one of so many fails. */
async function fill(driver: Driver, { assets, teams, failing }: WorkExtent, standard: string): Promise<void> {
  const fails = `intHash32(number * 31 + ${Number(standard.slice(-2))}) % ${failing} = 0`;
  await driver.command(`INSERT INTO verdict_epoch VALUES ('${standard}', 1, toDateTime(${START}, 'UTC'), 1)`);
  await driver.command(
    `INSERT INTO verdict_delta (standard, epoch, valid, known, team, asset, state, reason, step, \`from\`, \`to\`, gone, side, sign)
     SELECT '${standard}', 1, toDateTime(${START}, 'UTC'), 1, concat('team-', toString(number % ${teams})),
       number, if(${fails}, 'F', 'P') AS state, 'r', 'evidence', 'O', state, 0, 'new', 1 FROM numbers(${assets})`,
  );
}

const passOver = (decisions: Decisions, standard: string, sight: Sight) =>
  decisions.transaction(RECONCILE, (tx) =>
    pass(tx, {
      standard: { id: standard, severity: 'high', opens: true },
      sight,
      teams: { of: (team) => team, division: () => 'north', above: (team) => [team] },
      judge: async () => new Map(),
    }),
  );

/** The observations stand in the facts store, whose own bench they are. */
const SEEING = (history: History) => ({
  history,
  standards: new Map(),
  evidence: { seen: async () => new Map(), unseen: async () => 'collection', places: async () => new Map() },
});

async function opened(history: History, decisions: Decisions, extent: WorkExtent): Promise<Row[]> {
  const began = performance.now();
  let members = 0;
  let batches = 0;
  for (let at = 0; at < extent.standards; at++) {
    const standard = standardOf(at);
    const { events } = await passOver(decisions, standard, sightAt(FIRST, standard, SEEING(history)));
    for (const one of events)
      if (one.event === 'opened') {
        batches += 1;
        members += one.batch.members.length;
      }
  }
  const seconds = (performance.now() - began) / 1000;
  const standings = extent.assets * extent.standards;
  const megabytes =
    Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;
  return [
    row({
      id: 'work-reconcile',
      what: `everything from the history into the decisions, a transaction a standard: ${standings} standings of ${extent.standards} standards, ${members} members in ${batches} batches of ${extent.teams} teams; ${Math.round(megabytes)} MB of memory at most, the engine and its filling included`,
      unit: 's',
      ours: seconds,
      peer: 60,
      peerName: 'the bound itself',
      goal: { of: 'ours', atMost: 60 },
    }),
  ];
}

/** Groups of changes against the standard that most fail, each a tick of its own: half begin to fail, half pass. */
async function changing(
  driver: Driver,
  history: History,
  decisions: Decisions,
  { assets, teams, group, groups, failing }: WorkExtent,
): Promise<Row[]> {
  const standard = 'standard-99';
  // As many as all standards together have.
  const many = {
    assets: assets * 4,
    standards: 1,
    teams,
    failing: Math.max(2, Math.floor(failing / 9)),
    group,
    groups,
  };
  await fill(driver, many, standard);
  await driver.command(
    `INSERT INTO verdict_asset SELECT number, concat('asset:', leftPad(toString(number), 10, '0')) FROM numbers(${assets}, ${assets * 3})`,
  );
  await passOver(decisions, standard, sightAt(FIRST, standard, SEEING(history)));
  const held = await history.everFailed(standard, FIRST);
  let after = FIRST;
  const began = performance.now();
  let longest = 0;
  for (let at = 0; at < groups; at++) {
    const moment = { valid: new Date(after.valid.getTime() + 60_000), known: after.known + 1 };
    const changes = Array.from({ length: group }, (_, number): SeenStanding => {
      const passes = held[(at * group + number) >> 1];
      const by = `collection-${moment.known}`;
      return number % 2 === 0 && passes
        ? { asset: passes.asset, state: 'P', team: passes.team, by }
        : {
            asset: `new:${at}:${number}`,
            state: 'F',
            team: `team-${number % teams}`,
            by,
            since: moment.valid.toISOString(),
          };
    });
    const one = performance.now();
    await passOver(decisions, standard, {
      moment,
      after,
      changes: async () => changes,
      whole: async () => [],
    });
    longest = Math.max(longest, performance.now() - one);
    after = moment;
  }
  const seconds = (performance.now() - began) / 1000;
  return [
    row({
      id: 'work-changes',
      what: `changes taken in, durably, in ${groups} groups of ${group} against one standard with ${held.length} failing; the longest pass took ${Math.round(longest)} ms`,
      unit: 'changes/s',
      ours: (group * groups) / seconds,
      peer: 200,
      peerName: 'the bound itself',
      goal: { of: 'ours', atLeast: 200 },
    }),
  ];
}
