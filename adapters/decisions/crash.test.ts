/**
 * What killing the process, the server and both may cost: nothing that was acknowledged, and no hand at start-up.
 * MACADAM_CRASH_ROUNDS asks for more kills than the four of a plain run, which are one of each victim.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Held, held } from '@macadam/testing/decisions/crash-fixture';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { childrenOf, trialFolder } from '@macadam/testing/decisions/test-database';
import { openDecisions } from './open.ts';

const ROUNDS = Number(process.env.MACADAM_CRASH_ROUNDS ?? 4);
const LANES = 4;
const root = trialFolder();
const place = preparedPlace(join(root, 'store'));
after(() => rmSync(root, { recursive: true, force: true }));

const VICTIMS = ['the process', 'the server', 'both', 'every process of the server'] as const;

const serverOf = () => Number(readFileSync(join(place, 'data/postmaster.pid'), 'utf8').split('\n')[0]);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
  }
}

/** One life of the scene: it says what it found, acknowledges, and is killed; gives both. */
async function life(round: number): Promise<{ found: Held; acknowledged: string[] }> {
  const scene = join(import.meta.dirname, '../../testing/decisions/crash-fixture.ts');
  const child = spawn(process.execPath, [scene, place, String(LANES), String(round)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let wrong = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    wrong += text;
  });
  const acknowledged: string[] = [];
  let found: Held | undefined;
  const enough = Promise.withResolvers<void>();
  let wanted = 2;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.endsWith('}')) return;
    const said = JSON.parse(line) as { held?: Held; acknowledged?: string };
    if (said.held) found = said.held;
    if (said.acknowledged) acknowledged.push(said.acknowledged);
    if (acknowledged.length >= wanted) enough.resolve();
  });
  const closed = once(child, 'close').then(() => enough.resolve());
  await enough.promise;
  // Anywhere between two statements; a plain function of the round, so that a failure comes again.
  await pause((round * 37) % 90);
  const victim = VICTIMS[round % VICTIMS.length];
  const server = serverOf();
  if (victim === 'every process of the server') for (const pid of [server, ...childrenOf(server)]) kill(pid);
  if (victim === 'the server') kill(server);
  if (victim === 'the server') {
    // It goes on by itself: more is acknowledged than before and what was under way.
    wanted = acknowledged.length + LANES + 1;
    const more = Promise.withResolvers<void>();
    const watch = setInterval(() => {
      if (acknowledged.length >= wanted || child.exitCode !== null) more.resolve();
    }, 5);
    await more.promise;
    clearInterval(watch);
  }
  child.kill('SIGKILL');
  if (victim === 'both') kill(server);
  await closed;
  assert.equal(child.signalCode, 'SIGKILL', `${victim}: it ended by itself: ${wrong}`);
  assert.ok(found, 'it did not say what it found');
  return { found, acknowledged };
}

test(`${ROUNDS} kills under load lose nothing, leave nothing half-done, and need no hand`, async () => {
  const acknowledged: string[] = [];
  const check = (found: Held, round: number) => {
    const whole = new Set(found.whole);
    const missing = acknowledged.filter((id) => !whole.has(id));
    assert.deepEqual(missing, [], `acknowledged before round ${round}, and lost`);
    assert.deepEqual(found.torn, [], `half-done before round ${round}`);
    assert.equal(found.audit.whole, true, `${JSON.stringify(found.audit)} before round ${round}`);
    assert.equal(found.audit.whole && found.audit.entries, found.whole.length * 3);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const one = await life(round);
    check(one.found, round);
    acknowledged.push(...one.acknowledged);
  }
  assert.ok(acknowledged.length >= ROUNDS * 2);
  const store = await openDecisions(place, { now: () => new Date() });
  check(await held(store, ROUNDS - 1), ROUNDS);
  await store.close();
});
