/** A customer over the network: pages, waiting, refusals, what each scope that is missing leaves unknown, and no secret anywhere. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { assetId, type Statement } from '@macadam/core/facts/observation';
import { collectedFrom, type SourceRun, statementOf } from '@macadam/testing/sources/collected';
import { sourceContract } from '@macadam/testing/sources/contract';
import type { CollectRequest } from '../port.ts';
import { allPermissions, type FakeCustomer, type FakeGoogle, fakeGoogle, sampleCustomer } from './fake.ts';
import { source } from './source.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const ID = 'C01abc23d';
const TOKEN = 'token-of-north-own-wren';

interface World {
  readonly fake: FakeGoogle;
  readonly north: FakeCustomer;
  readonly request: (more?: Partial<CollectRequest>) => CollectRequest;
}

async function worldOf(): Promise<World> {
  const north = sampleCustomer(ID, TOKEN);
  const fake = await fakeGoogle(north);
  const request = (more: Partial<CollectRequest> = {}): CollectRequest => ({
    targets: [ID],
    options: { url: fake.url, environment: 'production' },
    view: 'head',
    excludes: [],
    parameters: {},
    cacheDirectory: '/nonexistent',
    environment: { GOOGLE_TOKEN: TOKEN },
    now: () => NOW,
    ...more,
  });
  return { fake, north, request };
}

async function world(t: TestContext): Promise<World> {
  const made = await worldOf();
  t.after(made.fake.close);
  return made;
}

const collected = (request: CollectRequest): Promise<SourceRun> => collectedFrom(source, request);

sourceContract('google', async () => {
  const { fake, request } = await worldOf();
  return { source, request: request(), close: fake.close };
});

test('a customer: every list is whole, no request is wrong, and each fact is what the directory holds', async (t) => {
  const { fake, request } = await world(t);
  fake.limited.set('/users', '0.05');
  const all = await collected(request());
  assert.deepEqual(fake.refusals, []);
  assert.deepEqual(all.collection.problems, []);
  assert.equal(all.collection.status, 'complete');
  const counts = Object.entries(Object.groupBy(all.observations, ({ kind }) => kind)).map(
    ([kind, some]) => `${kind} ${some?.length}`,
  );
  assert.deepEqual(counts.toSorted(), [
    'device 1',
    'privileged-assignment 3',
    'privileged-group 1',
    'user 3',
  ]);
  const user = (id: string, name: string) => statementOf(all, assetId('user', [ID, id]), name);
  assert.deepEqual((user('ann', 'weak_sign_ins') as { value: unknown }).value, []);
  assert.match(JSON.stringify(user('bo', 'weak_sign_ins')), /does not say by which method/);
  assert.deepEqual((user('cy', 'weak_sign_ins') as { value: unknown }).value, [], 'never signed in');
  assert.deepEqual(user('cy', 'enabled'), { value: false });
  const resource = `google/${ID}`;
  const held = (who: string, role: string, name: string) =>
    statementOf(all, assetId('privileged-assignment', [resource, who, role]), name);
  assert.deepEqual(held('ann', 'super-admin', 'role'), { value: 'Super Admin' });
  assert.deepEqual(held('g-admins', '3', 'holders'), {
    value: [
      { id: 'bo', kind: 'person' },
      { id: 'g-inner', kind: 'group' },
    ],
    complete: true,
  });
  const group = assetId('privileged-group', [ID, 'g-admins']);
  assert.deepEqual(statementOf(all, group, 'grants'), {
    value: ['_USER_MANAGEMENT_ADMIN_ROLE'],
    complete: true,
  });
});

test('every scope that is taken away is named, and nothing is known better without it', async (t) => {
  const { north, request } = await world(t);
  const whole = await collected(request());
  for (const permission of allPermissions()) {
    north.permissions.delete(permission);
    const { collection, observations } = await collected(request());
    north.permissions.add(permission);
    const told = JSON.stringify([collection, observations]);
    assert.ok(told.includes(permission), `${permission} is named`);
    for (const one of observations) {
      const full = whole.observations.find(({ id }) => id === one.id);
      assert.ok(full, `${one.id} without ${permission}`);
      for (const [name, less] of Object.entries(one.attributes)) {
        const more: Statement | undefined = full.attributes[name];
        const isPartial = [less, more].some((each) => each && 'complete' in each && each.complete === false);
        // Without the list of roles a role is called by its number.
        if ('unobserved' in less || isPartial || name === 'role') continue;
        assert.deepEqual(less, more, `${name} of ${one.id} without ${permission}`);
      }
    }
    for (const less of collection.partitions) {
      const before = whole.collection.partitions.find(({ kind }) => kind === less.kind);
      assert.ok(
        !less.complete || (before?.complete && before.seen === less.seen),
        `${less.kind} without ${permission}`,
      );
    }
  }
});

test('a token that is missing, of nobody or of another customer takes nothing, and no secret is kept', async (t) => {
  const { request } = await world(t);
  const missing = await collected(request({ environment: {} }));
  assert.deepEqual(
    missing.collection.problems.map(({ code }) => code),
    ['credential-missing'],
  );
  const nobody = await collected(request({ environment: { GOOGLE_TOKEN: 'stranger-own-wren' } }));
  assert.deepEqual([nobody.observations, nobody.collection.status], [[], 'failed']);
  const other = await collected(request({ targets: ['C09other'] }));
  assert.deepEqual(other.observations, []);
  assert.match(other.collection.problems[0]?.message ?? '', /is of C01abc23d/);
  const all = await collected(request());
  for (const seen of [missing, nobody, other, all])
    assert.ok(!/own-wren|hush-wren/.test(JSON.stringify(seen)), 'no secret is shown');
  await assert.rejects(collected(request({ targets: ['north.example'] })), TypeError);
});
