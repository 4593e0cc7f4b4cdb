import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { type FactsCondition, healthOf } from './health.ts';

const folder = trialFolder();
const decisions = await openDecisions(preparedPlace(join(folder, 'decisions')), {
  now: () => new Date(),
  connections: 2,
});
after(async () => {
  await decisions.close();
  rmSync(folder, { recursive: true, force: true });
});

const answers: FactsCondition = { probe: async () => 1 };
const never: Promise<never> = new Promise(() => {});
const patience = { look: 50, dead: 1000 };
const sound = {
  decisions,
  facts: () => answers,
  longestPauseMs: () => 0,
  monotonicMs: () => 0,
  // As long as the database takes on a machine with much to do.
  patience: { look: 30_000, dead: 60_000 },
};
const ok = { state: 'ok', detail: '' };

test('all is well', async () => {
  const health = healthOf(sound);
  assert.deepEqual(await health.ready(), { status: 'ok', event_loop: ok, decisions: ok, facts: ok });
  assert.deepEqual(health.live(), { status: 'ok', event_loop: ok });
});

test('load is told from death: of a thread, of connections, and of what takes long', async () => {
  const late = healthOf({ ...sound, longestPauseMs: () => 2500 });
  assert.equal(late.live().status, 'busy');
  assert.equal((await late.ready()).status, 'busy');

  const someone = { id: 'a', divisions: 'all' } as const;
  const begun: (() => void)[] = [];
  const end = Promise.withResolvers<void>();
  const hold = () =>
    decisions.transaction(
      someone,
      async () => {
        begun.pop()?.();
        await end.promise;
      },
      { readOnly: true },
    );
  const taken = [0, 1].map(() => new Promise<void>((resolve) => begun.push(resolve)));
  const holders = [hold(), hold()];
  await Promise.all(taken);
  const waits = hold();
  const crowded = await healthOf(sound).ready();
  assert.deepEqual(
    [crowded.status, crowded.decisions],
    ['busy', { state: 'busy', detail: 'connections in use: all 2; requests that wait for one: 1' }],
  );
  end.resolve();
  await Promise.all([...holders, waits]);

  let now = 0;
  const health = healthOf({
    ...sound,
    decisions: { probe: () => never },
    facts: () => ({ probe: () => never }),
    monotonicMs: () => now,
    patience,
  });
  const slow = await health.ready();
  assert.deepEqual([slow.status, slow.decisions.state, slow.facts.state], ['busy', 'slow', 'slow']);
  now = 20_000;
  const dead = await health.ready();
  assert.deepEqual(
    [dead.status, dead.decisions.state, dead.facts.state],
    ['unavailable', 'no answer', 'no answer'],
  );
  assert.match(dead.facts.detail, /^the store of facts has not answered for 20 s/);
});

test('a lock that somebody holds is no load', async () => {
  const someone = { id: 'a', divisions: 'all' } as const;
  const held = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const holder = decisions.transaction(someone, async (tx) => {
    await tx.exclusive('one');
    held.resolve();
    await end.promise;
  });
  await held.promise;
  const waits = decisions.transaction(someone, (tx) => tx.exclusive('one'));
  let ready = await healthOf(sound).ready();
  while (ready.decisions.state !== 'locked') {
    await pause(100);
    ready = await healthOf(sound).ready();
  }
  assert.equal(ready.status, 'unavailable');
  assert.match(ready.decisions.detail, /^another session holds a lock; statements that wait for it: 1, /);
  end.resolve();
  await Promise.all([holder, waits]);
});

test('a store that is not open says whether somebody else has it', async () => {
  for (const closed of ['starting', 'locked', 'closed'] as const) {
    const { status, facts } = await healthOf({ ...sound, facts: () => ({ closed }) }).ready();
    assert.deepEqual([status, facts.state], ['unavailable', closed]);
  }
});
