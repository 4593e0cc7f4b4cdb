/**
 * A thousand callers at once, at a fixed rate: most read and write as they should, some read what they asked for a few bytes at a time, and
 * some go away in the middle. Those who behave must not notice the others.
 */
import assert from 'node:assert/strict';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@macadam/testing/until';
import type { Attack } from '../attack.ts';
import { onSignal } from '../ending.ts';
import type { Attacked } from '../server.ts';

/** Of all rounds together. */
const MINUTES = Number(process.env.MACADAM_ATTACK_MINUTES ?? 1);
const CALLERS = Number(process.env.MACADAM_ATTACK_CALLERS ?? 1000);
/** Requests a second, of all of them together: it is held whether or not the server keeps up. */
const RATE = Number(process.env.MACADAM_ATTACK_RATE ?? 60);
const ROUNDS = Number(process.env.MACADAM_ATTACK_ROUNDS ?? 2);
/** Whether the server counts what it asks of its stores, and says so after each round. */
const COUNTS = process.env.MACADAM_ATTACK_COUNTS === 'yes';
/** Only callers of these manners, in words as in `Manner`; empty: all of them. What grows is then found by whom it grows. */
const MANNERS = (process.env.MACADAM_ATTACK_MANNERS ?? '').split(',').filter((manner) => manner !== '');
const COUNTING = join(import.meta.dirname, '../counting.ts');
const MACHINES = 20;
/** A round before the others, as long as they are, which fills what is kept for its own sake: the engine's caches, buffers, compiled code. */
const WARM_MS = (MINUTES * 60_000) / ROUNDS;
const P99_MS = 500;
/** After the callers left, before memory is measured: what came in is judged, and the server has nothing to do for a minute. */
const QUIET_MS = 75_000;
/** Of what was resident before the callers came: so much more after a round is still where it was. */
const MARGIN = 0.1;
/** Objects that are held after all rounds and were not before. */
const KEPT_MB = 30;

type Manner = 'reads' | 'writes' | 'reads slowly' | 'goes away';
/** Of twenty callers: fifteen read, three write, one is slow, one goes away. */
const mannerOf = (caller: number): Manner =>
  (({ 0: 'goes away', 1: 'reads slowly', 2: 'writes', 3: 'writes', 4: 'writes' }) as const)[caller % 20] ??
  'reads';

const READ = ['/api/me', '/api/standards', '/api/collections', '/api/work-items?limit=20'];

interface Tally {
  /** Of those who were answered, and not told to ask again. */
  readonly took: { readonly path: string; readonly ms: number }[];
  readonly statuses: Map<number, number>;
  /** Milliseconds until somebody was told to ask again. */
  readonly refused: number[];
  /** Answers that may not be, with what they say. */
  readonly wrong: string[];
  lost: number;
}

interface Caller {
  readonly server: Attacked;
  readonly agent: Agent;
  readonly number: number;
  readonly token: string;
}

/** Each comes from an address of its own, as behind a proxy. */
const addressOf = (caller: number) => `10.9.${Math.floor(caller / 250)}.${(caller % 250) + 1}`;

function ask(
  { server, agent, number, token }: Caller,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: string },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = {
      host: new URL(server.url).host,
      authorization: `Bearer ${token}`,
      'x-forwarded-for': addressOf(number),
      ...(body !== undefined && { 'content-type': 'application/x-ndjson' }),
    };
    const sent = request({ host: '127.0.0.1', port: server.port, method, path, headers, agent }, resolve);
    sent.setTimeout(60_000, () => sent.destroy(new Error('no answer within a minute')));
    sent.on('error', reject);
    sent.end(body);
  });
}

async function wellBehaved(caller: Caller, turn: number, tally: Tally): Promise<void> {
  const { number } = caller;
  const writes = mannerOf(number) === 'writes';
  const asked = writes
    ? { method: 'POST', path: '/api/observations?as=ndjson', body: observation(number, turn) }
    : { method: 'GET', path: READ[(number + turn) % READ.length] ?? '/api/me' };
  const started = performance.now();
  try {
    const answer = await ask(caller, asked);
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part);
    const ms = performance.now() - started;
    const { statusCode: status = 0 } = answer;
    tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
    const honest = status === 503 && answer.headers['retry-after'] !== undefined;
    if (honest) tally.refused.push(ms);
    else tally.took.push({ path: asked.path, ms });
    if (status >= 500 && !honest) tally.wrong.push(`${asked.path}: ${status} ${Buffer.concat(parts)}`);
  } catch (error) {
    tally.lost += 1;
    tally.wrong.push(`${asked.path}: ${(error as Error).message}`);
  }
}

/** A list as CSV, a little at a time. */
async function slow(caller: Caller): Promise<void> {
  const answer = await ask(caller, { method: 'GET', path: '/api/collections?format=csv' });
  for await (const _ of answer.iterator({ destroyOnReturn: true })) await pause(2000);
}

/** Asks, and does not wait for the answer. */
async function gone({ server, number, token }: Caller): Promise<void> {
  const socket = await server.open();
  const forwarded = { 'x-forwarded-for': addressOf(number), authorization: `Bearer ${token}`, cookie: '' };
  socket.write(server.head('GET', number % 40 === 0 ? '/api/events' : '/api/collections', forwarded));
  await pause(number % 7 === 0 ? 3000 : 5);
  socket.destroy();
}

const observation = (caller: number, turn: number) =>
  `${JSON.stringify({
    kind: 'repository',
    id: `repository/c${caller}`,
    name: `c${caller}`,
    source: 'patrol',
    observedAt: new Date(Date.now() - 1000).toISOString(),
    assurance: 'effective',
    container: `yard-${caller}`,
    attributes: { name: { value: `c${caller}-${turn % 3}` } },
  })}\n`;

async function load(callers: readonly Caller[], tally: Tally, milliseconds: number): Promise<void> {
  const under: Promise<void>[] = [];
  const started = performance.now();
  for (let turn = 0; performance.now() - started < milliseconds; turn += 1) {
    const due = started + (turn * 1000) / RATE;
    const early = due - performance.now();
    if (early > 0) await pause(early);
    const caller = callers[turn % callers.length];
    if (caller === undefined) break;
    const manner = mannerOf(caller.number);
    const round = Math.floor(turn / callers.length);
    const taken =
      manner === 'goes away'
        ? gone(caller)
        : manner === 'reads slowly'
          ? slow(caller)
          : wellBehaved(caller, round, tally);
    // Whoever misbehaves may be cut off.
    under.push(taken.catch(() => {}));
  }
  await Promise.race([Promise.all(under), pause(70_000)]);
}

function share(sorted: readonly number[], of: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? 0;
}

/** In MB: what is resident of the process, as it left it by itself; then objects, and what lies beside them, when all was collected that can be. */
interface Memory {
  readonly resident: number;
  readonly heap: number;
  readonly external: number;
}

const SAY_MEMORY = `gc(); console.log('memory ' + JSON.stringify(process.memoryUsage()));`;
const SAID = /^memory (\{.*\})$/gm;

/** What is resident after a minute in which nobody asks; then the server collects its garbage and says what is left. */
async function memoryOf(server: Attacked): Promise<Memory> {
  await pause(QUIET_MS);
  const resident = server.memory();
  const said = () => [...server.said().matchAll(SAID)];
  const before = said().length;
  server.process.kill('SIGUSR2');
  while (said().length === before) await pause(50);
  const used = JSON.parse(said().at(-1)?.[1] ?? '{}') as NodeJS.MemoryUsage;
  const mb = (bytes: number) => bytes / 1024 / 1024;
  return { resident, heap: mb(used.heapUsed), external: mb(used.external) };
}

/** What the server counted since the last time. `before`: the newest line of that sort by then. */
async function sayCounted(server: Attacked, before: string | undefined): Promise<void> {
  // It asks both stores for it, so the line comes when they have answered; half of it may have come before.
  const line = await until('the server says what it counted', () => {
    const newest = newestCounted(server);
    return newest !== before && newest;
  });
  for (const [what, value] of Object.entries(JSON.parse(line.slice('counted '.length)) as object)) {
    console.log(`      ${what}: ${Array.isArray(value) ? '' : JSON.stringify(value)}`);
    if (Array.isArray(value))
      for (const one of value) console.log(`        ${typeof one === 'string' ? one : JSON.stringify(one)}`);
  }
}

/** Of whole lines alone. */
const newestCounted = (server: Attacked): string | undefined =>
  server
    .said()
    .split('\n')
    .slice(0, -1)
    .findLast((one) => one.startsWith('counted '));

const memorySaid = ({ resident, heap, external }: Memory): string =>
  `${resident.toFixed(0)} MB resident, ${heap.toFixed(0)} MB of objects, ${external.toFixed(0)} MB beside them`;

/** One round of load, with a word on it; gives the time that one in a hundred waited. */
async function oneRound(callers: readonly Caller[], tally: Tally): Promise<number> {
  await load(callers, tally, (MINUTES * 60_000) / ROUNDS);
  const sorted = tally.took.map(({ ms }) => ms).sort((a, b) => a - b);
  const statuses = [...tally.statuses].sort().map(([status, count]) => `${status}: ${count}`);
  const p99 = share(sorted, 0.99);
  const refused = tally.refused.toSorted((a, b) => a - b);
  console.log(
    `    ${sorted.length} answers, p50 ${share(sorted, 0.5).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms; ${statuses.join(', ')}`,
  );
  if (refused.length > 0)
    console.log(
      `      told to ask again: ${refused.length}, after p50 ${share(refused, 0.5).toFixed(0)} ms, p99 ${share(refused, 0.99).toFixed(0)} ms`,
    );
  for (const [path, own] of Map.groupBy(tally.took, (one) => one.path)) {
    const times = own.map(({ ms }) => ms).sort((a, b) => a - b);
    console.log(
      `      ${path}: p50 ${share(times, 0.5).toFixed(0)} ms, p99 ${share(times, 0.99).toFixed(0)} ms`,
    );
  }
  return p99;
}

const emptyTally = (): Tally => ({ took: [], statuses: new Map(), refused: [], wrong: [], lost: 0 });

export const attack: Attack = {
  finding: `${CALLERS} callers at once, ${RATE} requests a second for ${MINUTES} min, some of them slow and some gone, kept the others waiting`,
  seconds: MINUTES * 60 + (ROUNDS + 1) * (QUIET_MS / 1000 + 70) + WARM_MS / 1000 + 160,
  run: async (start) => {
    const server = await start({
      env: { MACADAM_PROXIES: 'loopback' },
      node: ['--expose-gc', ...(COUNTS ? ['--import', COUNTING] : [])],
      before: onSignal(SAY_MEMORY),
    });
    const tokens: string[] = [];
    for (let at = 0; at < MACHINES; at += 1)
      tokens.push(
        await server.machine(`caller-${at}`, {
          roles: ['engineer', 'reader'],
          scopes: ['*::*'],
          sources: [{ source: 'patrol', kinds: ['repository'] }],
        }),
      );
    const agent = new Agent({ keepAlive: true, maxSockets: CALLERS, maxFreeSockets: CALLERS });
    const callers = Array.from({ length: CALLERS }, (_, number) => ({
      server,
      agent,
      number,
      token: tokens[number % MACHINES] ?? '',
    })).filter(({ number }) => MANNERS.length === 0 || MANNERS.includes(mannerOf(number)));
    await load(callers, emptyTally(), WARM_MS);
    const memory = [await memoryOf(server)];
    const worst: number[] = [];
    const wrong: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const tally = emptyTally();
      worst.push(await oneRound(callers, tally));
      wrong.push(...tally.wrong);
      const before = newestCounted(server);
      memory.push(await memoryOf(server));
      if (COUNTS) await sayCounted(server, before);
    }
    agent.destroy();
    for (const [round, one] of memory.entries())
      console.log(`    ${round === 0 ? 'before' : `after round ${round}`}: ${memorySaid(one)}`);
    const [before, after] = [memory[0], memory.at(-1)];
    assert.ok(before && after);
    assert.deepEqual(
      [...new Set(wrong)].slice(0, 5),
      [],
      'no answer is lost, and no failure is but “ask again”',
    );
    const heap = after.heap - before.heap;
    assert.ok(heap < KEPT_MB, `objects of ${heap.toFixed(0)} MB are kept`);
    for (const [round, { resident }] of memory.entries()) {
      const moved = resident / before.resident - 1;
      const percent = `${(100 * moved).toFixed(1)} %`;
      assert.ok(
        moved <= MARGIN,
        `after round ${round} memory is not back where it was: ${resident.toFixed(0)} MB resident, ${percent} beside ${before.resident.toFixed(0)}`,
      );
    }
    const p99 = Math.max(...worst);
    assert.ok(p99 < P99_MS, `one in a hundred waits ${p99.toFixed(0)} ms`);
    const { status, took } = await server.ask('/api/me');
    assert.ok(status === 200 && took < 5000, `${status} after ${took.toFixed(0)} ms`);
  },
};
