/** Work and trackers together, on a real store: nothing is lost, doubled or overtaken, whatever fails in between. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Decisions } from '@macadam/adapters/decisions/port';
import type { Address } from '@macadam/adapters/decisions/postgres/connection';
import { startEngine } from '@macadam/adapters/decisions/postgres/engine';
import { deliverDue } from '@macadam/adapters/delivery/lane';
import { startAzureDevops } from '@macadam/adapters/trackers/azure-devops/fake';
import { startIssueHost } from '@macadam/adapters/trackers/github/fake';
import { startJira } from '@macadam/adapters/trackers/jira/fake';
import { discoverTrackers } from '@macadam/adapters/trackers/kinds';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { as, batch, other, rejects, south, system } from '@macadam/testing/decisions/sample';
import { asOwner, trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import type { TrackerScene } from '@macadam/testing/trackers/fake';
import { mirroring, operated, trackerOn } from '@macadam/testing/trackers/sample';
import { trackerLane } from './mirror.ts';
import { pollTrackers } from './poll.ts';

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const trials = trialsOn(engine.address);
const kinds = await discoverTrackers();
after(async () => {
  await engine.stop();
  rmSync(root, { recursive: true });
});

const SCENES: Readonly<Record<string, () => Promise<TrackerScene>>> = {
  github: startIssueHost,
  jira: startJira,
  'azure-devops': startAzureDevops,
};
test('a scene stands for each kind', () => {
  assert.deepEqual(Object.keys(SCENES).sort(), [...kinds.keys()].sort());
});

interface Desk {
  readonly decisions: Decisions;
  readonly again: () => Promise<Decisions>;
  readonly address: Address;
  readonly scene: TrackerScene;
  readonly own: ReturnType<typeof mirroring>;
  /** Delivers until nothing is due. */
  readonly deliver: (through?: Decisions) => Promise<void>;
  readonly poll: (through?: Decisions) => Promise<number>;
  /** Makes everything that waits due. */
  readonly pass: () => Promise<void>;
  readonly waiting: () => Promise<{ problem: string | null; attempts: number; wait: number }[]>;
}

function desk(kind: string, what: string, body: (desk: Desk) => Promise<void>): void {
  test(`${kind}: ${what}`, async () => {
    const { decisions, again, address, dispose } = await trials.open();
    const scene = await SCENES[kind]?.();
    assert.ok(scene);
    try {
      const own = mirroring(kinds, operated(scene));
      await as(decisions)(system, (tx) => tx.trackers.put(trackerOn(scene, kind)));
      const query = async <T>(text: string) =>
        (await asOwner(address, (client) => client.query(text))).rows as T[];
      await body({
        decisions,
        again,
        address,
        scene,
        own,
        deliver: async (through = decisions) => {
          const lane = trackerLane(through, own);
          while ((await deliverDue(through, lane, own)) > 0);
        },
        poll: (through = decisions) => pollTrackers(through, { ...own, every: 0 }),
        pass: async () => {
          await query('update macadam.outbox set due_at = now() where delivered_at is null');
        },
        waiting: () =>
          query(`select problem, attempts, extract(epoch from due_at - now())::float as wait
            from macadam.outbox where delivered_at is null order by number`),
      });
    } finally {
      await scene.close();
      await dispose();
    }
  });
}

const leave = (decisions: Decisions, id: string, ...assets: string[]) =>
  as(decisions)(system, (tx) =>
    tx.work.leave(assets.map((asset) => ({ batch: id, asset, as: 'passed', observation: 'o1' }))),
  );
const open = (decisions: Decisions, id: string, ...assets: string[]) =>
  as(decisions)(system, (tx) => tx.work.open([batch(id, assets)]));
const told = (scene: TrackerScene) =>
  scene.issues.map(({ title, open: is }) => `${title}${is ? '' : ' (closed)'}`);
const saidIn = (scene: TrackerScene, at = 0) =>
  (scene.issues[at]?.comments ?? []).map(({ body }) =>
    typeof body === 'string' ? body.replaceAll(/<[^>]*>/g, '') : JSON.stringify(body),
  );

for (const kind of Object.keys(SCENES)) {
  desk(kind, 'a batch is one issue from its opening to its end', async ({ decisions, scene, deliver }) => {
    await open(decisions, 'b1', 'd1', 'd2', 'd3');
    await deliver();
    assert.deepEqual(told(scene), ['Devices are patched: 3 assets to fix']);
    await leave(decisions, 'b1', 'd2');
    await deliver();
    assert.deepEqual(told(scene), ['Devices are patched: 2 assets to fix']);
    const [issue] = scene.issues;
    assert.ok(issue);
    assert.match(scene.shown(issue), /2 of 3 assets still to fix: 1 pass\.[\s\S]*d1[\s\S]*d3/);
    assert.doesNotMatch(scene.shown(issue), /\bd2\b/);
    await leave(decisions, 'b1', 'd1', 'd3');
    await deliver();
    assert.deepEqual(told(scene), ['Devices are patched: 3 assets done (closed)']);
    assert.match(saidIn(scene).join(), /Macadam: closed: 3 pass; nothing was left to be done on 2\d{3}-/);
    const link = await as(decisions)(system, (tx) => tx.trackers.issue('b1'));
    assert.deepEqual([link?.tracker, link?.open, link?.division], ['desk', false, 'north']);
    assert.equal(await as(decisions)(south, (tx) => tx.trackers.issue('b1')), null);
    const exchanges = scene.exchanged.length;
    await deliver();
    assert.equal(scene.exchanged.length, exchanges, 'nothing is left to be said');
  });

  desk(kind, 'an answer that was lost makes no second issue, and no second comment', async (one) => {
    const { decisions, scene, deliver, pass } = one;
    const creating = /^POST .*\/(issues|issue|workitems\/\$Issue\?.*)$/;
    scene.faults.push({ match: creating, times: 1, lost: true });
    await open(decisions, 'b1', 'd1');
    await deliver();
    assert.equal(scene.issues.length, 1, 'it was made, and nobody heard of it');
    await pass();
    await deliver();
    assert.deepEqual(told(scene), ['Devices are patched: 1 asset to fix']);
    scene.faults.push({ match: /^POST .*comments?\b/, times: 1, lost: true });
    await leave(decisions, 'b1', 'd1');
    await deliver();
    await pass();
    await deliver();
    assert.deepEqual(told(scene), ['Devices are patched: 1 asset done (closed)']);
    assert.equal(saidIn(scene).length, 1);
  });

  desk(
    kind,
    'what a person closes while assets fail is reopened, with the reason, each time once',
    async (one) => {
      const { decisions, scene, deliver, poll } = one;
      await open(decisions, 'b1', 'd1', 'd2');
      await deliver();
      for (const times of [1, 2]) {
        scene.turn(1, false);
        await poll();
        await poll();
        await deliver();
        await poll();
        await deliver();
        assert.deepEqual(told(scene), ['Devices are patched: 2 assets to fix']);
        assert.equal(saidIn(scene).length, times);
      }
      assert.match(
        saidIn(scene)[0] ?? '',
        /Macadam: reopened\. It was closed here at 2\S+, and 2 of 2 assets still fail\./,
      );
      await leave(decisions, 'b1', 'd1', 'd2');
      await deliver();
      scene.turn(1, true);
      await poll();
      await deliver();
      assert.deepEqual(told(scene), ['Devices are patched: 2 assets done (closed)']);
    },
  );

  desk(
    kind,
    'comments of there come in once, in their author’s name',
    async ({ decisions, again, scene, deliver, poll }) => {
      const second = await again();
      try {
        await open(decisions, 'b1', 'd1');
        await deliver();
        await poll();
        for (const index of [1, 2, 3]) scene.say(1, 'ann', `said ${index}: a < b`);
        scene.say(1, 'bob', `${'x'.repeat(12_000)}`);
        await Promise.all([poll(), poll(second)]);
        await poll();
        scene.turn(1, false);
        await poll();
        await deliver();
        await poll();
        const comments = await as(decisions)(other, (tx) => tx.work.comments('b1'));
        assert.deepEqual(
          comments.map(({ saidBy, text }) => `${saidBy} ${text.length > 100 ? text.length : text}`),
          ['desk:ann said 1: a < b', 'desk:ann said 2: a < b', 'desk:ann said 3: a < b', 'desk:bob 10000'],
        );
      } finally {
        await second.close();
      }
    },
  );

  desk(kind, 'of two issues of one batch one is left', async ({ decisions, scene, deliver, poll }) => {
    await open(decisions, 'b1', 'd1');
    await deliver();
    const [first] = scene.issues;
    assert.ok(first);
    // Some other process was slow.
    scene.issues.push({ ...structuredClone(first), number: 2, changedAt: new Date().toISOString() });
    await poll();
    await deliver();
    assert.deepEqual(told(scene), [
      'Devices are patched: 1 asset to fix',
      'Devices are patched: 1 asset to fix (closed)',
    ]);
    assert.match(saidIn(scene, 1)[0] ?? '', /Macadam: closed: it says the same as \S+, which stays/);
  });
}

// What each kind of tracker says of an outage and of a limit, its contract shows; what comes of it is the same for all, so each is asked of one.
desk('jira', 'an outage delays and loses nothing, and costs few requests', async (one) => {
  const { decisions, scene, deliver, pass, waiting } = one;
  scene.faults.push({ match: /./, times: 1000, status: 503, body: {} });
  const ids = Array.from({ length: 8 }, (_, index) => `b${index}`);
  await as(decisions)(system, (tx) => tx.work.open(ids.map((id) => batch(id, [`${id}-d`, `${id}-e`]))));
  await deliver();
  assert.equal(scene.issues.length, 0);
  // One batch is tried, twice, to see whether it is up; on a slow machine some are due again while others are first tried.
  assert.ok(scene.exchanged.length <= 10, `${scene.exchanged.length} requests while it was down`);
  for (const { problem, wait } of await waiting()) {
    assert.match(problem ?? '', /the host answered 503/);
    assert.ok(wait > 1, `${wait}`);
  }
  await leave(decisions, 'b0', 'b0-d');
  scene.faults.splice(0);
  await pass();
  await deliver();
  assert.deepEqual(
    told(scene).sort(),
    ['1 asset', ...ids.slice(1).map(() => '2 assets')].map((count) => `Devices are patched: ${count} to fix`),
  );
  assert.deepEqual(await waiting(), []);
});

desk('azure-devops', 'a limit is waited out, as long as the tracker says', async (one) => {
  const { decisions, scene, deliver, waiting, pass } = one;
  scene.faults.push({ match: /./, times: 1, status: 429, headers: { 'retry-after': '900' }, body: {} });
  await open(decisions, 'b1', 'd1');
  await deliver();
  const [message] = await waiting();
  assert.ok(message && message.wait > 600 && message.wait < 905, JSON.stringify(message));
  await pass();
  const later = trackerLane(decisions, one.own);
  await deliverDue(decisions, later, one.own);
  assert.equal(scene.issues.length, 1);
});

desk('github', 'two processes make each issue once', async ({ decisions, again, scene, deliver }) => {
  const second = await again();
  try {
    // Both have their connections before there is anything to take, so that they ask for it at once.
    await Promise.all([deliver(decisions), deliver(second)]);
    const ids = Array.from({ length: 20 }, (_, index) => `b${index}`);
    await as(decisions)(system, (tx) => tx.work.open(ids.map((id) => batch(id, [`${id}-d`, `${id}-e`]))));
    await Promise.all([deliver(decisions), deliver(second)]);
    await Promise.all(ids.map((id) => leave(decisions, id, `${id}-d`)));
    await Promise.all([deliver(decisions), deliver(second)]);
    assert.deepEqual(
      told(scene),
      ids.map(() => 'Devices are patched: 1 asset to fix'),
    );
  } finally {
    await second.close();
  }
});

// That an issue is found again of which nobody heard is shown for each kind above, by an answer that was lost.
desk(
  'github',
  'a process that is killed between making an issue and saying so makes no second one',
  async (one) => {
    const { decisions, address, scene, deliver, pass } = one;
    assert.ok('socket' in address);
    await open(decisions, 'b1', 'd1');
    const child = spawn(
      process.execPath,
      [
        join(import.meta.dirname, '../../../testing/trackers/mirror-fixture.ts'),
        address.socket,
        address.user,
        address.database,
      ],
      { env: { ...process.env, ...operated(scene) }, stdio: 'inherit' },
    );
    const dead = once(child, 'exit');
    const watch = setInterval(() => {
      if (scene.issues.length > 0) child.kill('SIGKILL');
    }, 0);
    // Whatever it wants to say after that gets no answer in time.
    scene.faults.push({ match: /^PATCH|^PUT/, times: 100, lost: true });
    await dead;
    clearInterval(watch);
    scene.faults.splice(0);
    assert.equal(scene.issues.length, 1);
    await pass();
    await deliver();
    assert.deepEqual(told(scene), ['Devices are patched: 1 asset to fix']);
    assert.equal((await as(decisions)(system, (tx) => tx.trackers.issue('b1')))?.open, true);
  },
);

desk(
  'github',
  'what a person deleted while assets fail is made again',
  async ({ decisions, scene, deliver }) => {
    await open(decisions, 'b1', 'd1', 'd2');
    await deliver();
    scene.issues.splice(0);
    await leave(decisions, 'b1', 'd1');
    await deliver();
    assert.deepEqual(told(scene), ['Devices are patched: 1 asset to fix']);
  },
);

desk('github', 'settings: one tracker a team, no secret in them, and a missing one is said', async (one) => {
  const { decisions, scene, deliver, waiting } = one;
  const run = as(decisions);
  const own = trackerOn(scene, 'github');
  await rejects(
    run(system, (tx) => tx.trackers.put({ ...own, id: 'second' })),
    'refused',
    /another tracker mirrors the same team’s batches; end that one first/,
  );
  await rejects(
    run(system, (tx) => tx.trackers.put({ ...own, secret: 'ghp_0000' })),
    'refused',
    /it is not a reference to a secret; name where it is/,
  );
  await rejects(
    run(system, (tx) => tx.trackers.put({ ...own, kind: 'jira' })),
    'refused',
    /of kind github for life/,
  );
  await rejects(
    run(system, (tx) => tx.trackers.put(own, 7)),
    'conflict',
    /no longer at version 7/,
  );
  const chosen = async (team: string, division: string) =>
    (await run(system, (tx) => tx.trackers.trackerOf(team, division)))?.id ?? null;
  await run(system, (tx) => tx.trackers.put({ ...own, id: 'all', division: '' }));
  await run(system, (tx) =>
    tx.trackers.put({ ...own, id: 'team', team: 'north-team', secret: 'env:NOT_THERE' }),
  );
  assert.deepEqual(
    [await chosen('north-team', 'north'), await chosen('x', 'north'), await chosen('x', 'south')],
    ['team', 'desk', 'all'],
  );
  await open(decisions, 'b1', 'd1');
  await deliver();
  assert.match((await waiting())[0]?.problem ?? '', /^tracker team: the environment has no NOT_THERE$/);
  assert.equal(scene.issues.length, 0);
});
