/**
 * Kills backups, restores and migrations at random points, with the decisions in a folder and on a PostgreSQL server by address. What is
 * there afterwards is whole or not there; whoever asks again gets it, without a hand, and nothing of the one that was killed stays.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { embeddedBinaries } from '@macadam/adapters/decisions/postgres/binaries';
import { shapeOf } from '@macadam/adapters/decisions/postgres/rows';
import { visit } from '@macadam/adapters/decisions/postgres/visit';
import { openStores } from '@macadam/adapters/facts/open';
import { verifiedContents } from '@macadam/services/backup/contents';
import { postgresServer } from '@macadam/testing/decisions/postgres-server';
import { asOwner } from '@macadam/testing/decisions/test-database';
import { given, kinds } from '@macadam/testing/facts/devices';
import { untilNoneOf } from '../attack/ending.ts';
import { randomOf } from '../fuzz-api/value.ts';
import { logOf } from './inspect.ts';

const SORTS = ['backup', 'restore', 'migration'] as const;
const PLACES = ['folder', 'address'] as const;
type Sort = (typeof SORTS)[number];
type Place = (typeof PLACES)[number];

export interface CopiesOptions {
  /** Empty, and passable for the account of PostgreSQL. */
  readonly folder: string;
  /** Kills of each sort at each place. */
  readonly kills: number;
  readonly seed: number;
  readonly progress?: (line: string) => void;
}

export interface CopiesSurvived {
  /** By sort and place, `backup by address`: how many were killed before they had ended. */
  readonly killed: Readonly<Record<string, number>>;
}

/** One sort at one place. */
interface Case {
  readonly name: string;
  /** What the victim is told, the `attempt`-th time after one that came to its end. */
  readonly words: (attempt: number) => Promise<readonly string[]>;
  /** Whether all of it is there; rejects where a part is. */
  readonly isThere: (attempt: number) => Promise<boolean>;
  /** Where nothing of a killed one may stay. */
  readonly leftovers: () => readonly string[];
}

/** As long as one that is not killed may take: a machine under load is slow, and not wrong. */
const PATIENCE_MS = 5 * 60_000;
/** Entries of the log that everything begins with. */
const ENTRIES = 40;

/** Rejects with an assertion that says what was in part, or stayed behind. */
export async function surviveCopies({
  folder,
  kills,
  seed,
  progress,
}: CopiesOptions): Promise<CopiesSurvived> {
  const random = randomOf(seed);
  const server = await postgresServer({ home: embeddedBinaries(), folder });
  const killed: Record<string, number> = {};
  try {
    const cases = await casesIn(folder, server.url);
    for (const one of cases) {
      const took = await endedBy(one, 0);
      killed[one.name] = 0;
      let attempt = 1;
      for (let kill = 0; kill < kills; kill += 1) {
        const struck = await killedAt(await one.words(attempt), random() * took);
        if (struck) killed[one.name] = (killed[one.name] ?? 0) + 1;
        const there = await one.isThere(attempt);
        assert.ok(there || struck, `${one.name} said that it was done, and is not there whole`);
        // One that was killed at its last step may have done all of it.
        if (there) attempt += 1;
      }
      await endedBy(one, attempt);
      assert.deepEqual(one.leftovers(), [], `${one.name}: what was killed left something behind`);
      progress?.(`${one.name}: ${killed[one.name]} of ${kills} were killed before their end`);
    }
    return { killed };
  } finally {
    await server.end();
  }
}

/** Lets one come to its end; gives how long that took, in milliseconds. */
async function endedBy(one: Case, attempt: number): Promise<number> {
  if (await one.isThere(attempt)) return 0;
  const words = await one.words(attempt);
  const { begun, exit, said, child } = victim(words);
  await begun;
  const started = performance.now();
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const code = await exit;
  clearTimeout(late);
  assert.equal(code, 0, `${one.name} needs a hand: ${said()}`);
  assert.ok(await one.isThere(attempt), `${one.name} said that it was done, and is not there whole`);
  return performance.now() - started;
}

/** False where it ended before. */
async function killedAt(words: readonly string[], milliseconds: number): Promise<boolean> {
  const { begun, exit, said, child } = victim(words);
  await begun;
  await Promise.race([pause(milliseconds), exit]);
  const struck = child.exitCode === null && child.kill('SIGKILL');
  const code = await exit;
  assert.ok(code === null || code === 0, `it failed before it was killed: ${said()}`);
  return struck && code === null;
}

function victim(words: readonly string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'victim.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const begun = Promise.race([once(createInterface({ input: child.stdout }), 'line'), exit]);
  return { child, begun, exit, said: () => said };
}

async function casesIn(folder: string, address: string): Promise<readonly Case[]> {
  const made = await madeStores(folder, await freshDatabase(address, 'made'));
  return PLACES.flatMap((place) => SORTS.map((sort) => caseOf({ folder, address, made, sort, place })));
}

/** What is copied: both stores in a folder, and decisions by address. */
interface Made {
  readonly data: string;
  readonly url: string;
  /** Names of the migrations of this release. */
  readonly migrations: readonly string[];
}

async function madeStores(folder: string, url: string): Promise<Made> {
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o711 });
  const now = () => new Date();
  for (const place of [join(data, 'decisions'), url]) {
    const decisions = await openDecisions(place, { now });
    for (let entry = 0; entry < ENTRIES; entry += 1)
      await decisions.transaction({ id: 'machine:copies', divisions: 'all' }, async (tx) =>
        tx.audit({ action: 'copies.entry', subject: String(entry), detail: { filler: 'x'.repeat(500) } }),
      );
    await decisions.close();
  }
  const stores = await openStores(join(data, 'facts'), { kinds, now });
  const [collection, observations] = given({ started: 1, saw: { a: 'one', b: 'two' } });
  await stores.facts.append(collection, observations, now());
  await stores.facts.settled();
  await stores.close();
  const shape = await visit(url, now(), shapeOf);
  return { data, url, migrations: shape.migrations.map(({ name }) => name) };
}

interface CaseAsked {
  readonly folder: string;
  readonly address: string;
  readonly made: Made;
  readonly sort: Sort;
  readonly place: Place;
}

function caseOf({ folder, address, made, sort, place }: CaseAsked): Case {
  const own = join(folder, `${sort}-${place}`);
  mkdirSync(own, { mode: 0o711 });
  const elsewhere = place === 'address';
  const at = (attempt: number) => join(own, `attempt-${attempt}`);
  const databases = new Map<number, Promise<string>>();
  const databaseOf = (attempt: number): Promise<string> => {
    const known = databases.get(attempt) ?? freshDatabase(address, `${sort}_${attempt}`);
    databases.set(attempt, known);
    return known;
  };
  const leftovers = () => readdirSync(own).filter((name) => name.includes('.partial'));
  const name = `${sort} ${elsewhere ? 'by address' : 'in a folder'}`;
  if (sort === 'backup')
    return {
      name,
      leftovers,
      words: async (attempt) =>
        elsewhere
          ? ['backup', `${at(attempt)}.tar`, made.url]
          : ['backup', `${at(attempt)}.tar`, join(made.data, 'decisions'), join(made.data, 'facts')],
      isThere: async (attempt) => {
        await untilNoneOf(own);
        if (!existsSync(`${at(attempt)}.tar`)) return false;
        const { decisions, facts } = await verifiedContents(`${at(attempt)}.tar`);
        assert.ok(decisions.log.number >= ENTRIES, `${name}: it has ${decisions.log.number} entries`);
        assert.equal(facts === null, elsewhere);
        return true;
      },
    };
  const isWhole = async (where: string): Promise<boolean> => {
    const { log, migrations } = await visit(where, new Date(), async (session) => ({
      log: await logOf(session),
      migrations: (await shapeOf(session)).migrations.map((one) => one.name),
    }));
    assert.ok(log.whole, `${name}: ${JSON.stringify(log)}`);
    return made.migrations.every((one) => migrations.includes(one));
  };
  if (sort === 'migration') {
    const where = async (attempt: number) => (elsewhere ? databaseOf(attempt) : at(attempt));
    const ended = new Set<number>();
    return {
      name,
      leftovers,
      words: async (attempt) => {
        // Whoever starts again after a kill finds what was migrated until then.
        ended.add(attempt);
        return ['migration', await where(attempt)];
      },
      isThere: async (attempt) => ended.has(attempt) && isMigrated(await where(attempt), isWhole),
    };
  }
  const from = join(folder, `backup-${place}`, 'attempt-0.tar');
  return {
    name,
    leftovers,
    words: async (attempt) =>
      elsewhere ? ['restore', from, at(attempt), await databaseOf(attempt)] : ['restore', from, at(attempt)],
    isThere: async (attempt) => {
      await untilNoneOf(own);
      if (!existsSync(at(attempt))) {
        // Of a database by address nothing may be there in part either: it is asked whether it is empty by the next restore.
        return false;
      }
      assert.ok(await isWhole(elsewhere ? await databaseOf(attempt) : join(at(attempt), 'decisions')), name);
      return true;
    },
  };
}

/** Whether all migrations are done there; a place where nothing was made is none. */
async function isMigrated(place: string, isWhole: (place: string) => Promise<boolean>): Promise<boolean> {
  try {
    return await isWhole(place);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return false;
  }
}

async function freshDatabase(address: string, name: string): Promise<string> {
  await asOwner({ url: address }, (client) => client.query(`create database ${name}`));
  const url = new URL(address);
  url.pathname = `/${name}`;
  return url.href;
}
