import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startEngine } from '@macadam/adapters/decisions/postgres/engine';
import { DELIVERIES, retryAt } from '@macadam/adapters/delivery/lane';
import { secretOf } from '@macadam/adapters/delivery/secret';
import { startIssueHost } from '@macadam/adapters/trackers/github/fake';
import { discoverTrackers } from '@macadam/adapters/trackers/kinds';
import { webhookKey } from '@macadam/adapters/webhooks/key';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { as, batch, system } from '@macadam/testing/decisions/sample';
import { trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import { mirroring, operated, trackerOn } from '@macadam/testing/trackers/sample';
import { until } from '@macadam/testing/until';
import { runDeliveries } from './run.ts';

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const trials = trialsOn(engine.address);
after(async () => {
  await engine.stop();
  rmSync(root, { recursive: true });
});

test('two processes run beside each other: each batch is one issue, a closed one is reopened, and both end when told', async () => {
  const { decisions, again, dispose } = await trials.open();
  const scene = await startIssueHost();
  const second = await again();
  const stop = new AbortController();
  const troubles: string[] = [];
  try {
    await as(decisions)(system, (tx) => tx.trackers.put(trackerOn(scene, 'github')));
    const own = { ...mirroring(await discoverTrackers(), operated(scene)), every: 0 };
    const deliveries = {
      now: own.now,
      random: own.random,
      trackers: own,
      idleMs: 20,
      jobMs: 20,
      failed: (what: string, error: unknown) => void troubles.push(`${what}: ${error}`),
    };
    const running = [decisions, second].map((store) => runDeliveries(store, deliveries, stop.signal));
    const ids = Array.from({ length: 12 }, (_, index) => `b${index}`);
    await as(decisions)(system, (tx) => tx.work.open(ids.map((id) => batch(id, [id]))));
    await until('all are made', () => scene.issues.length === ids.length);
    scene.turn(3, false);
    await until(
      'it is reopened',
      () => scene.issues[2]?.open === true && scene.issues[2].comments.length > 0,
    );
    await pause(100);
    stop.abort();
    await Promise.all(running);
    assert.equal(scene.issues.length, ids.length);
    assert.equal(scene.issues[2]?.comments.length, 1);
    assert.deepEqual(troubles, []);
  } finally {
    stop.abort();
    await second.close();
    await scene.close();
    await dispose();
  }
});

test('a store that is gone is told, and the loop goes on until it is told to stop', async () => {
  const { decisions, dispose } = await trials.open();
  await dispose();
  const stop = new AbortController();
  const told: string[] = [];
  await runDeliveries(
    decisions,
    {
      now: () => new Date(),
      random: () => 0,
      idleMs: 1,
      webhooks: { now: () => new Date(), random: () => 0, key: 'k'.repeat(32), allowed: [] },
      failed: (what, error) => {
        told.push(`${what}: ${(error as Error).message}`);
        stop.abort();
      },
    },
    stop.signal,
  );
  assert.match(told.join(), /^webhook: the decisions store in a trial is closed$/);
});

test('pauses double up to an hour, and half of each is chance', () => {
  const wait = (attempts: number, random: number) =>
    (retryAt(attempts, { now: () => new Date(0), random: () => random }) - 0) / 1000;
  assert.deepEqual(
    [1, 2, 3, 4, 11, 10_000].map((attempts) => wait(attempts, 0)),
    [2.5, 5, 10, 20, 1800, 1800],
  );
  assert.deepEqual(
    [1, 2, 11].map((attempts) => wait(attempts, 1)),
    [5, 10, 3600],
  );
  assert.equal(DELIVERIES.divisions, 'all');
});

test('a secret is where it is said to be, or the problem says where not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'secret-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'token');
  writeFileSync(file, 'canary\n');
  assert.deepEqual(await secretOf('env:T', { T: ' canary ' }), { secret: 'canary' });
  assert.deepEqual(await secretOf(`file:${file}`, {}), { secret: 'canary' });
  assert.deepEqual(await secretOf('env:T', {}), { problem: 'the environment has no T' });
  assert.deepEqual(await secretOf(`file:${file}x`, {}), { problem: `${file}x cannot be read (ENOENT)` });
  assert.match(JSON.stringify(await secretOf('canary', {})), /it is not a reference to a secret/);
  const key = await webhookKey(
    join(folder, 'webhook.key'),
    (size) => Buffer.alloc(size, 7),
    async () => 0,
  );
  assert.ok(key.length >= 32);
  const again = webhookKey(
    join(folder, 'webhook.key'),
    () => Buffer.alloc(9),
    async () => 3,
  );
  assert.equal(await again, key);
  const lost = join(folder, 'lost.key');
  await assert.rejects(
    webhookKey(
      lost,
      (size) => Buffer.alloc(size, 7),
      async () => 3,
    ),
    /there are 3 webhooks, whose secrets follow from a key that is not in .*lost\.key: copy it there .* make a new one with/,
  );
  assert.equal(existsSync(lost), false, 'nothing was made in its place');
  assert.equal(statSync(join(folder, 'webhook.key')).mode & 0o077, 0);
});
