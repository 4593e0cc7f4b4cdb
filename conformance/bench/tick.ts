/**
 * A tick of a large store: nothing changed, one asset of a hundred changed, and the store opened again. The product's own code does all of it.
 * Each is measured after the engine came to rest: filling the store leaves merges of minutes behind, which would be counted in whatever comes next.
 * `MACADAM_BENCH_STORE=DIR` keeps the store as the first tick leaves it, and takes a copy of it the next time.
 */
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Row as AssetRow, assetOf, cellsOf, columnNames } from '@macadam/adapters/facts/columns';
import { pastOf } from '@macadam/adapters/facts/history/retrospect';
import { NOBODY, type Teams } from '@macadam/adapters/facts/history/teams';
import type { Ticked } from '@macadam/adapters/facts/history/tick';
import { tableOf } from '@macadam/adapters/facts/layout';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { prepareAnswers } from '@macadam/services/ownership/answers';
import { makeListing } from '@macadam/services/ownership/listing';
import { prepareIndex } from '@macadam/services/ownership/who-index';
import { consolePages } from './console-pages.ts';
import { NOW, statements } from './pass/estate.ts';
import { applications } from './pass/standards.ts';
import { FULL, type Row, row, type Size } from './row.ts';
import { type Spent, scratch } from './spent.ts';

export interface TickExtent {
  readonly assets: number;
  readonly standards: number;
}

const LARGE: TickExtent = { assets: 1_000_000, standards: 47 };
const SMALL: TickExtent = { assets: 1000, standards: 4 };

/** Of a smaller store figures say nothing. */
const SMALLEST_SAID = 10_000;

export const bench = ({ quick }: Size = FULL): Promise<readonly Row[]> => over(quick ? SMALL : LARGE);

export async function over(extent: TickExtent): Promise<readonly Row[]> {
  const folder = scratch('tick');
  const kept = process.env.MACADAM_BENCH_STORE;
  const { kind, standards: written } = applications();
  const standards = many(written, extent.standards);
  const kinds = new Map([[kind.kind, kind]]);
  const open = () => openStores(join(folder, 'store'), { kinds, now: () => NOW });
  const taken = kept !== undefined && isKept(kept, extent);
  if (taken)
    cpSync(join(kept, 'store'), join(folder, 'store'), { recursive: true, preserveTimestamps: true });
  let stores = await open();
  try {
    const rows: Row[] = [];
    const tick = (minute: number) => () =>
      stores.history.tick({
        facts: stores.facts,
        kinds,
        standards,
        exceptions: [],
        teams: TEAMS,
        at: at(minute),
      });
    const text = `${extent.assets} assets × ${extent.standards} standards`;
    if (!taken) {
      await fill(stores, kind, extent.assets);
      // Credentials end at midnight, all at one instant: a minute later is a tick like most.
      const first = await measured(tick(1));
      rows.push(
        figure({
          id: 'tick-first',
          what: `the first tick, which writes all of it; ${text}`,
          unit: 'processor s',
          measured: first,
          atMost: 600,
        }),
      );
      if (kept !== undefined) {
        await stores.close();
        keep(join(folder, 'store'), kept, extent);
        stores = await open();
      }
    }
    await rested(stores, extent);
    const quiet = await measured(tick(2));
    rows.push(
      figure({
        id: 'tick-quiet',
        what: `a tick a minute later, with nothing new: ${quiet.judged} assets passed an instant; ${text}`,
        unit: 'processor s',
        measured: quiet,
        atMost: 3,
      }),
      row({
        id: 'tick-memory',
        what: `resident memory that the same tick takes beside what was resident before; ${text}`,
        unit: 'MB',
        ours: Math.max(0, quiet.megabytes),
        peer: 1024,
        peerName: 'the bound itself',
        goal: { of: 'ours', atMost: 1024 },
      }),
    );
    const changed = Math.ceil(extent.assets / 100);
    const afterChange = async (minute: number, owners: number) => {
      const merged = await measured(async () => {
        const said = observations(kind, changed, { minute, owners });
        await stores.facts.append(collection(minute), said, at(minute));
        await stores.facts.settled();
      });
      await rested(stores, extent);
      const ticked = await measured(tick(minute + 1));
      const after = await measured(() => rested(stores, extent));
      return {
        merged: `taken in and merged before in ${merged.cpuSeconds.toFixed(1)} processor s; ${after.cpuSeconds.toFixed(1)} s for what the engine merged of it afterwards`,
        ticked,
      };
    };
    const all = await afterChange(3, 1);
    rows.push(
      figure({
        id: 'tick-changed',
        what: `a tick after all was said anew of ${changed} assets, so that each moves under every standard, ${all.merged}; ${text}`,
        unit: 'processor s',
        measured: all.ticked,
        atMost: 10,
      }),
    );
    const few = await afterChange(5, 2);
    rows.push(
      figure({
        id: 'tick-changed-little',
        what: `a tick after the same ${changed} assets got a second owner, so that each moves under one standard or two, ${few.merged}; ${text}`,
        unit: 'processor s',
        measured: few.ticked,
        atMost: 10,
      }),
    );
    await stores.close();
    const opened = await measured(async () => {
      stores = await open();
      await pages(stores, standards);
    });
    rows.push(
      row({
        id: 'tick-restart',
        what: `the store opened again and its pages answered: overview, a standard with its teams, a list, changes and an asset; ${opened.cpuSeconds.toFixed(1)} processor s of it; ${text}`,
        unit: 's',
        ours: opened.seconds,
        peer: 2,
        peerName: 'the bound itself',
        goal: { of: 'ours', atMost: 2 },
      }),
    );
    const times = extent.assets < SMALLEST_SAID ? 1 : 10;
    rows.push(...(await consolePages({ stores, kind, standards, now: at(7), extent: text, times })));
    return rows;
  } finally {
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How often the engine is asked whether it merges anything, and how often it has to say no: it begins a merge within a second. */
const ASKED_EVERY = 250;
const ASKED_AT_REST = 8;

/** Waits until the engine merges nothing any more, as in a store that was filled long ago. */
async function rested({ driver }: Stores, { assets }: TickExtent): Promise<void> {
  const times = assets < SMALLEST_SAID ? 1 : ASKED_AT_REST;
  for (let quiet = 0; quiet < times; ) {
    const [row] = await driver.query<{ merges: string }>('SELECT count() AS merges FROM system.merges');
    quiet = row?.merges === '0' ? quiet + 1 : 0;
    await setTimeout(ASKED_EVERY);
  }
}

/** Whether a folder holds such a store. One of another extent, or one that was not written to its end, is left alone. */
function isKept(folder: string, { assets, standards }: TickExtent): boolean {
  const file = join(folder, EXTENT);
  if (!existsSync(file)) return false;
  const found = JSON.parse(readFileSync(file, 'utf8')) as TickExtent;
  if (found.assets === assets && found.standards === standards) return true;
  throw new Error(
    `${folder} holds a store of ${found.assets} assets × ${found.standards} standards: name another folder for ${assets} × ${standards}`,
  );
}

function keep(store: string, folder: string, extent: TickExtent): void {
  mkdirSync(folder, { recursive: true });
  cpSync(store, join(folder, 'store'), { recursive: true, preserveTimestamps: true });
  writeFileSync(join(folder, EXTENT), JSON.stringify(extent));
}

const EXTENT = 'extent.json';

const at = (minute: number) => new Date(NOW.getTime() + minute * 60_000);

/** As many as are asked for: the same conditions again under other names. */
const many = (written: readonly CompiledStandard[], count: number): readonly CompiledStandard[] =>
  Array.from({ length: count }, (_, index): CompiledStandard => {
    const one = written[index % written.length];
    if (!one) throw new Error('there are no standards');
    const id = index < written.length ? one.definition.id : `${one.definition.id}-again`;
    return { ...one, definition: { ...one.definition, id } };
  });

/** Whose an asset is, as an organisation says it: one of 2,000 teams by its number, and of every thirteenth nobody. */
const TEAMS: Teams = {
  of: ({ id }) => {
    const number = Number(id.replace('application/', ''));
    return number % 13 === 0 ? NOBODY : `team-${number % 2000}`;
  },
  answers: 'owner_answer',
};

/** Merged assets, made up in the engine and written as a settling writes them. */
async function fill({ driver }: Stores, kind: Kind, assets: number): Promise<void> {
  for (const statement of statements({ ...kind, kind: 'made-up' }, assets)) await driver.command(statement);
  for (let after = ''; ; ) {
    const rows = await driver.query<AssetRow>(
      'SELECT * FROM kind_made_up WHERE `@id` > {after:String} ORDER BY `@id` LIMIT 20000',
      { after },
    );
    const last = rows.at(-1);
    if (last === undefined) break;
    const lines = rows.map((row) => {
      const asset = assetOf(kind, { ...row, '@id': String(row['@id']).replace(':', '/') });
      return JSON.stringify(cellsOf(kind, asset));
    });
    await driver.insert({
      table: tableOf(kind),
      columns: columnNames(kind),
      format: 'JSONCompactEachRow',
      rows: Buffer.from(lines.join('\n')),
      token: randomUUID(),
    });
    after = String(last['@id']);
  }
  await driver.command('DROP TABLE kind_made_up SYNC');
  await prepareAnswers(driver);
  await driver.command(
    `INSERT INTO owner_answer (asset, kind, owner, state, pass) SELECT \`@id\`, 'application',
       if(number % 13 = 0, '', concat('team-', toString(number % 2000))), if(number % 13 = 0, 'nobody', 'confirmed'), 1
     FROM (SELECT \`@id\`, toUInt64(substring(\`@id\`, 13)) AS number FROM kind_application)`,
  );
  await prepareIndex(driver);
  await driver.command(
    `INSERT INTO who_asset (asset, kind, name, digest, pass) SELECT \`@id\`, 'application', \`@name\`, 0, 1 FROM kind_application`,
  );
  await makeListing(driver);
}

const collection = (minute: number): Collection => ({
  source: 'directory',
  startedAt: at(minute).toISOString(),
  finishedAt: at(minute).toISOString(),
  status: 'complete',
  partitions: [],
  problems: [],
});

interface Said {
  readonly minute: number;
  /** How many owners each has. */
  readonly owners: number;
}

/** What one source says of every 97th asset; whatever was known of it before is known no more. */
function* observations(kind: Kind, count: number, { minute, owners }: Said): Generator<Observation> {
  const time = at(minute).toISOString();
  for (let number = 0; number < count; number++) {
    const id = `application/${String(number * 97).padStart(10, '0')}`;
    yield {
      kind: kind.kind,
      id,
      name: `application ${number * 97}`,
      source: 'directory',
      observedAt: time,
      receivedAt: time,
      assurance: 'configured',
      attributes: {
        enabled: { value: true },
        owners: { value: Array.from({ length: owners }, (_, index) => `team-${(number + index) % 2000}`) },
      },
    };
  }
}

/** What people ask after a restart. */
async function pages({ history, facts }: Stores, standards: readonly CompiledStandard[]): Promise<void> {
  const past = pastOf(history);
  const between = await past.between({});
  if (between === null || 'fault' in between) throw new Error('there is no tick to show');
  const standard = standards[0]?.definition.id ?? '';
  const [all, teams] = [await past.standards(between), await past.teams(between, standard)];
  if (all.length === 0 || teams.length === 0) throw new Error('there is nothing to show');
  const listed = await past.assets(
    between,
    { standard, team: teams[0]?.team ?? '' },
    { states: ['F', 'X'], limit: 100 },
  );
  await past.changed(between, { standard }, () => true, { offset: 0, limit: 100 });
  const asset = listed[0]?.asset ?? '';
  await past.life(asset);
  await facts.asset(asset);
}

interface Measured extends Spent {
  /** Resident memory at most, beside what was resident before, in megabytes. */
  readonly megabytes: number;
  /** Assets that a tick judged. */
  readonly judged: number;
}

const resident = (name: 'VmHWM' | 'VmRSS') =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) /
  1024;

async function measured(work: () => Promise<Ticked | void>): Promise<Measured> {
  // Linux: the highest resident memory is counted from here on.
  writeFileSync('/proc/self/clear_refs', '5');
  const idle = resident('VmRSS');
  const before = process.cpuUsage();
  const started = performance.now();
  const ticked = await work();
  const { user, system } = process.cpuUsage(before);
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    megabytes: resident('VmHWM') - idle,
    judged: ticked?.judged ?? 0,
  };
}

interface FigureInput {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly measured: Measured;
  readonly atMost: number;
}

const figure = ({ id, what, unit, measured: { seconds, cpuSeconds, megabytes }, atMost }: FigureInput): Row =>
  row({
    id,
    what: `${what}; ${seconds.toFixed(1)} s by the clock, ${Math.round(megabytes)} MB beside what was resident before`,
    unit,
    ours: cpuSeconds,
    peer: atMost,
    peerName: 'the bound itself',
    goal: { of: 'ours', atMost },
  });
