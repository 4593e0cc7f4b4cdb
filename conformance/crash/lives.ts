/** Lives of a server: each is started, loaded, hurt a few times, and killed; the next has to hold all that was acknowledged. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { embeddedBinaries } from '@macadam/adapters/decisions/postgres/binaries';
import { visit } from '@macadam/adapters/decisions/postgres/visit';
import {
  applicationLogin,
  type PostgresServer,
  postgresServer,
} from '@macadam/testing/decisions/postgres-server';
import { childrenOf } from '@macadam/testing/decisions/test-database';
import { randomOf } from '../fuzz-api/value.ts';
import { loggedBatches, logOf, worksOf } from './inspect.ts';

export interface CrashOptions {
  readonly folder: string;
  readonly points: number;
  readonly seed: number;
  /** How often PostgreSQL is hurt before the server dies; at 0 every point is a death of the server. Default 4. */
  readonly hurts?: number;
  /** The decisions lie on a PostgreSQL server over TCP, which is killed as a machine is that loses its power, and comes back. */
  readonly byAddress?: boolean;
  readonly progress?: (points: number, acknowledged: number) => void;
}

export interface Survived {
  readonly points: number;
  readonly byVictim: Readonly<Record<Victim, number>>;
  readonly lives: number;
  readonly acknowledged: number;
  /** Requests whose answer was lost; each was there whole or not at all, and asked again it was there once. */
  readonly doubtful: number;
}

/** The first three hurt a server that goes on; the last two end it. */
const HURT = ['a session of PostgreSQL', 'PostgreSQL', 'every process of PostgreSQL'] as const;
const END = ['the server', 'the server and PostgreSQL'] as const;
type Victim = (typeof HURT)[number] | (typeof END)[number];

const LANES = 3;
/** Of those who send observations, in lives with the facts open: several, so that some are written together. */
const SENDERS = 4;
/** Observations in one document. */
const PARTS = 3;
/** Lives with the facts open: a third. */
const WITH_FACTS = 3;
/** The whole log is verified every so many lives, and at the end. */
const LOG_EVERY = 10;
const PATIENCE_MS = 60_000;

interface Sent {
  readonly path: string;
  /** Text: a document of observations, whose id is its key. */
  readonly body: { readonly id: string } | { readonly round: number } | string;
  readonly key: string;
}

/** Rejects with an assertion that says what was lost, and at which point. */
export async function survive({
  folder,
  points,
  seed,
  hurts = 4,
  byAddress = false,
  progress,
}: CrashOptions): Promise<Survived> {
  const random = randomOf(seed);
  const between = (least: number, most: number) => least + random() * (most - least);
  const byVictim = Object.fromEntries([...HURT, ...END].map((one) => [one, 0])) as Record<Victim, number>;
  const acknowledged = {
    works: new Set<string>(),
    claims: new Set<string>(),
    rounds: new Set<number>(),
    documents: new Set<string>(),
  };
  const elsewhere = byAddress ? await decisionsElsewhere(folder) : null;
  const place = elsewhere?.owner ?? join(folder, 'decisions');
  let [made, life, count, doubtful, rounds] = [0, 0, 0, 0, 0];
  let pending: Sent[] = [];

  const acknowledge = ({ path, body, key }: Sent) => {
    count += 1;
    if (typeof body === 'string') acknowledged.documents.add(key);
    else if ('round' in body) acknowledged.rounds.add(body.round);
    else (path === '/load/claims' ? acknowledged.claims : acknowledged.works).add(body.id);
  };

  /** One request until it is answered, or the life ends. */
  async function sendUntil(url: string, sent: Sent, over: AbortSignal): Promise<boolean> {
    while (!over.aborted) {
      const answer = await fetch(new URL(sent.path, url), {
        method: 'POST',
        body: typeof sent.body === 'string' ? sent.body : JSON.stringify(sent.body),
        signal: over,
        headers: {
          'content-type': typeof sent.body === 'string' ? 'application/x-ndjson' : 'application/json',
          'idempotency-key': sent.key,
        },
      }).catch(() => null);
      const text = await answer?.text().catch(() => null);
      if (answer?.ok && typeof text === 'string') {
        acknowledge(sent);
        return true;
      }
      const unavailable = answer === null || answer === undefined || answer.status === 503 || text === null;
      assert.ok(unavailable, `${sent.path} ${sent.key}: ${answer?.status} ${text}`);
      if (!over.aborted) await pause(10, undefined, { signal: over }).catch(() => {});
    }
    return false;
  }

  async function lane(url: string, number: number, over: AbortSignal, facts: boolean): Promise<void> {
    for (let index = 0; !over.aborted; index += 1) {
      const id = `life${life}-${number}-${index}`;
      rounds += facts && number === 0 ? 1 : 0;
      const turn: readonly Sent[] =
        facts && number === 0
          ? [{ path: '/load/rounds', body: { round: rounds }, key: `round-${rounds}` }]
          : [
              { path: '/load/works', body: { id }, key: `work-${id}` },
              { path: '/load/claims', body: { id }, key: `claim-${id}` },
            ];
      for (const sent of turn) {
        if (await sendUntil(url, sent, over)) continue;
        pending.push(sent);
        break;
      }
    }
  }

  async function sender(url: string, number: number, over: AbortSignal): Promise<void> {
    for (let index = 0; !over.aborted; index += 1) {
      const key = `document${life}-${number}-${index}`;
      const sent = { path: '/api/observations?as=ndjson', body: documentOf(key), key };
      if (!(await sendUntil(url, sent, over))) pending.push(sent);
    }
  }

  /** Of the life before: all that was acknowledged is there, and nothing in part. */
  async function check(before: number): Promise<void> {
    await visit(place, new Date(), async (session) => {
      const prefix = `life${before}-`;
      const { whole, claimed, torn } = await worksOf(session, before < 0 ? 'life' : prefix);
      const own = (ids: Iterable<string>) => [...ids].filter((id) => before < 0 || id.startsWith(prefix));
      const at = `after point ${made}, seed ${seed}`;
      assert.deepEqual(
        own(acknowledged.works).filter((id) => !whole.has(id)),
        [],
        `works lost ${at}`,
      );
      assert.deepEqual(
        own(acknowledged.claims).filter((id) => !claimed.has(id)),
        [],
        `claims lost ${at}`,
      );
      assert.deepEqual(torn, [], `half done ${at}`);
      if (before >= 0 && life % LOG_EVERY !== 0) return;
      const log = await logOf(session);
      assert.ok(log.whole, `the log is broken ${at}: ${JSON.stringify(log)}`);
    });
  }

  async function checkFacts(url: string): Promise<void> {
    const answer = await fetch(new URL('/load/rounds', url));
    const held = (await answer.json()) as { rounds: number[]; ticks: number[]; broken: number };
    const lost = (found: readonly number[]) => [...acknowledged.rounds].filter((one) => !found.includes(one));
    assert.deepEqual(
      [lost(held.rounds), lost(held.ticks), held.broken],
      [[], [], 0],
      `facts after point ${made}`,
    );
    assert.equal(new Set(held.rounds).size, held.rounds.length, 'no collection stands twice');
    await checkDocuments(url);
  }

  /** Documents that were sent: those acknowledged are there, none in part or twice, and the log names the batch of each. */
  async function checkDocuments(url: string): Promise<void> {
    const answer = await fetch(new URL('/load/documents', url));
    const { batches } = (await answer.json()) as {
      batches: readonly { readonly batch: number; readonly assets: readonly string[] }[];
    };
    const at = `after point ${made}, seed ${seed}`;
    const keys = batches.map(({ assets }) => keyOf(assets[0] ?? ''));
    const torn = batches.filter(
      ({ assets }) => assets.length !== PARTS || assets.some((one) => keyOf(one) !== keyOf(assets[0] ?? '')),
    );
    assert.deepEqual(torn, [], `documents in part ${at}`);
    assert.equal(new Set(keys).size, keys.length, `a document stands twice ${at}`);
    assert.deepEqual(
      [...acknowledged.documents].filter((key) => !keys.includes(key)),
      [],
      `documents lost ${at}`,
    );
    const logged = await visit(place, new Date(), loggedBatches);
    const stored = new Set(batches.map(({ batch }) => batch));
    assert.deepEqual(
      [[...stored.difference(logged)], [...logged.difference(stored)]],
      [[], []],
      `batches without an entry, and entries without a batch, ${at}`,
    );
  }

  async function oneLife(last: boolean): Promise<void> {
    const facts = life % WITH_FACTS === 0;
    const server = await start(folder, facts, elsewhere);
    try {
      if (life > 0) await check(life - 1);
      if (facts) await checkFacts(server.url);
      const again = pending.filter(
        ({ path, body }) => facts || (path !== '/load/rounds' && typeof body !== 'string'),
      );
      pending = pending.filter((one) => !again.includes(one));
      doubtful += again.length;
      const patient = AbortSignal.timeout(PATIENCE_MS);
      for (const sent of again)
        assert.ok(await sendUntil(server.url, sent, patient), `${sent.key} is never answered`);
      if (last) return;
      const over = new AbortController();
      const failures: Error[] = [];
      const noted = (load: Promise<void>) =>
        load.catch((error: Error) => {
          failures.push(new Error(`${error.message}\n${server.said()}`, { cause: error }));
        });
      const lanes = [
        ...Array.from({ length: LANES }, (_, number) => noted(lane(server.url, number, over.signal, facts))),
        ...Array.from({ length: facts ? SENDERS : 0 }, (_, number) =>
          noted(sender(server.url, number, over.signal)),
        ),
      ];
      const unfailed = () => {
        const [failure] = failures;
        if (failure) throw failure;
      };
      const more = async () => {
        const before = count;
        for (const end = performance.now() + PATIENCE_MS; count < before + 2; ) {
          unfailed();
          assert.ok(
            performance.now() < end && server.alive(),
            `it does not go on after point ${made}: ${server.said()}`,
          );
          await pause(4);
        }
      };
      for (let hurt = 0; hurt < hurts && made < points - 1; hurt += 1) {
        await more();
        await pause(between(0, 60));
        const victim = elsewhere ? 'PostgreSQL' : HURT[Math.floor(between(0, HURT.length))];
        assert.ok(victim);
        if (elsewhere) await elsewhere.lost();
        else hurtPostgres(folder, victim, random);
        byVictim[victim] += 1;
        made += 1;
      }
      await more();
      await pause(between(0, 60));
      const victim = END[Math.floor(between(0, END.length))] as (typeof END)[number];
      const postmaster = postmasterIn(folder);
      over.abort();
      await server.kill();
      if (victim === 'the server and PostgreSQL') {
        if (elsewhere) await elsewhere.lost();
        else if (postmaster !== null) killed(postmaster);
      }
      byVictim[victim] += 1;
      made += 1;
      await Promise.all(lanes);
      unfailed();
    } finally {
      await server.kill();
    }
  }

  try {
    for (; made < points; life += 1) {
      await oneLife(false);
      progress?.(made, count);
    }
    await oneLife(true);
    await check(-1);
  } finally {
    await elsewhere?.end();
  }
  return { points: made, byVictim, lives: life, acknowledged: count, doubtful };
}

const keyOf = (asset: string): string => asset.slice('device/'.length, asset.lastIndexOf('-'));

/** A collection of its own, the same whenever it is sent. */
const documentOf = (key: string): string =>
  Array.from({ length: PARTS }, (_, part) => {
    const name = `${key}-${part}`;
    return `${JSON.stringify({
      kind: 'device',
      id: `device/${name}`,
      name,
      source: 'patrol',
      observedAt: '2026-11-01T00:00:00Z',
      assurance: 'configured',
      attributes: { model: { value: name } },
    })}\n`;
  }).join('');

interface Started {
  readonly url: string;
  alive(): boolean;
  said(): string;
  kill(): Promise<void>;
}

/** Decisions by address: whoever owns the tables is another than whoever the server logs in as. */
interface Elsewhere {
  readonly owner: string;
  readonly application: string;
  /** It is killed, and comes back. */
  lost(): Promise<void>;
  end(): Promise<void>;
}

async function decisionsElsewhere(folder: string): Promise<Elsewhere> {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const server: PostgresServer = await postgresServer({ home: embeddedBinaries(), folder });
  return {
    owner: server.url,
    application: await applicationLogin(server.url),
    lost: async () => {
      await server.kill();
      await server.restart();
    },
    end: server.end,
  };
}

/** Rejects where it does not start by itself. */
async function start(folder: string, facts: boolean, elsewhere: Elsewhere | null): Promise<Started> {
  const scene = join(import.meta.dirname, 'scene.ts');
  const child: ChildProcess = spawn(process.execPath, [scene, folder, facts ? 'facts' : 'alone'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DATABASE_URL: elsewhere?.application ?? '',
      DATABASE_OWNER_URL: elsewhere?.owner ?? '',
    },
  });
  let wrong = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    wrong = (wrong + text).slice(-4000);
  });
  const exit = once(child, 'exit');
  if (!child.stdout) throw new TypeError('the scene says nothing');
  const line = once(createInterface({ input: child.stdout }), 'line');
  const first = await Promise.race([line, exit.then(() => null)]);
  assert.ok(first, `start-up needs a hand: ${wrong}`);
  const alive = () => child.exitCode === null && child.signalCode === null;
  return {
    url: (JSON.parse(String(first[0])) as { url: string }).url,
    alive,
    said: () => wrong,
    kill: async () => {
      if (!alive()) return;
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function postmasterIn(folder: string): number | null {
  try {
    return Number(readFileSync(join(folder, 'decisions/data/postmaster.pid'), 'utf8').split('\n')[0]) || null;
  } catch {
    return null;
  }
}

function hurtPostgres(folder: string, victim: (typeof HURT)[number], random: () => number): void {
  const postmaster = postmasterIn(folder);
  if (postmaster === null) return;
  const children = childrenOf(postmaster);
  if (victim !== 'a session of PostgreSQL') killed(postmaster);
  if (victim === 'every process of PostgreSQL') children.forEach(killed);
  const sessions = children.filter(isSession);
  if (victim === 'a session of PostgreSQL')
    killed(sessions[Math.floor(random() * sessions.length)] ?? postmaster);
}

/** Not one of the processes that PostgreSQL keeps for itself. */
function isSession(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postgres: macadam');
  } catch {
    return false;
  }
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
