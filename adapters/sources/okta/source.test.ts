/** An organisation over the network: pages, waiting, refusals, what each scope that is missing leaves unknown, and no secret anywhere. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { assetId, type Statement } from '@macadam/core/facts/observation';
import { collectedFrom, type SourceRun, statementOf } from '@macadam/testing/sources/collected';
import { sourceContract } from '@macadam/testing/sources/contract';
import type { CollectRequest } from '../port.ts';
import { authorizationOf } from './credential.ts';
import {
  allPermissions,
  type FakeOkta,
  type FakeOrganisation,
  fakeOkta,
  sampleOrganisation,
} from './fake.ts';
import { source } from './source.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const ID = '00o1';
const TOKEN = 'token-of-north-own-wren';

interface World {
  readonly fake: FakeOkta;
  readonly north: FakeOrganisation;
  readonly request: (more?: Partial<CollectRequest>) => CollectRequest;
}

async function worldOf(): Promise<World> {
  const north = sampleOrganisation(ID, TOKEN);
  const fake = await fakeOkta(north);
  const request = (more: Partial<CollectRequest> = {}): CollectRequest => ({
    targets: [fake.url],
    options: { environment: 'production' },
    view: 'head',
    excludes: [],
    parameters: {},
    cacheDirectory: '/nonexistent',
    environment: { OKTA_TOKEN: TOKEN },
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

sourceContract('okta', async () => {
  const { fake, request } = await worldOf();
  return { source, request: request(), close: fake.close };
});

test('an organisation: every list is whole, no request is wrong, and nobody is asked about in vain', async (t) => {
  const { fake, request } = await world(t);
  const { collection, observations } = await collected(request());
  assert.deepEqual(fake.refusals, []);
  assert.deepEqual(collection.problems, []);
  assert.equal(collection.status, 'complete');
  const counts = Object.entries(Object.groupBy(observations, ({ kind }) => kind)).map(
    ([kind, some]) => `${kind} ${some?.length}`,
  );
  assert.deepEqual(counts.toSorted(), [
    'application 2',
    'device 1',
    'privileged-assignment 3',
    'privileged-group 2',
    'user 3',
  ]);
  const asked = (text: string) => fake.requests.some((path) => path.includes(text));
  assert.ok(!asked('/users/cy/authenticator-enrollments'), 'cy cannot sign in');
  assert.ok(!asked('/apps/wiki/'), 'wiki obtains no tokens');
  assert.ok(!asked('/groups/g-staff/'), 'the group holds no role');
  assert.ok(!asked('/factors'), 'enrolments say more');
});

test('what the organisation holds of an account, a client and a role is what is stated of them', async (t) => {
  const { request } = await world(t);
  const all = await collected(request());
  const user = (id: string, name: string) => statementOf(all, assetId('user', [ID, id]), name);
  assert.deepEqual(
    (user('ann', 'methods') as { value: { type: string; phishing_resistant: boolean }[] }).value.map(
      ({ type, phishing_resistant }) => [type, phishing_resistant],
    ),
    [
      ['password', false],
      ['passkey', true],
    ],
  );
  assert.deepEqual(user('ann', 'weak_sign_ins'), {
    value: [],
    complete: true,
    window: '168h',
    assurance: 'effective',
  });
  assert.match(JSON.stringify(user('bo', 'weak_sign_ins')), /does not say by which method/);
  assert.deepEqual((user('cy', 'weak_sign_ins') as { value: unknown }).value, []);
  assert.deepEqual(user('ann', 'environment'), { value: 'production', assurance: 'attested' });
  const billing = assetId('application', [ID, 'billing']);
  assert.deepEqual(statementOf(all, billing, 'credentials'), {
    value: [
      { id: 's1', kind: 'secret', added_at: '2024-01-01T00:00:00.000Z' },
      { id: 'k1', kind: 'certificate', added_at: '2025-01-01T00:00:00.000Z' },
    ],
    complete: true,
  });
  const right = (who: string, role: string, name: string) =>
    statementOf(all, assetId('privileged-assignment', [`okta/${ID}`, who, role]), name);
  assert.deepEqual(right('ann', 'SUPER_ADMIN', 'principal_kind'), { value: 'person' });
  assert.deepEqual(right('g-admins', 'ORG_ADMIN', 'holders'), {
    value: [{ id: 'bo', kind: 'person' }],
    complete: true,
  });
  const group = assetId('privileged-group', [ID, 'g-admins']);
  assert.deepEqual(statementOf(all, group, 'grants'), { value: ['ORG_ADMIN'], complete: true });
});

test('a limit is waited out by the header that says when it ends', async (t) => {
  const { fake, request } = await world(t);
  fake.limited.add('/users/ann/authenticator-enrollments');
  const { collection } = await collected(request({ now: () => new Date() }));
  assert.equal(collection.status, 'complete');
  const asked = fake.requests.filter((path) => path.includes('/users/ann/authenticator-enrollments'));
  assert.equal(asked.length, 2);
});

test('an organisation without enrolments is asked for factors, which lack the password', async (t) => {
  const { fake, north, request } = await world(t);
  fake.missing.add('/users/ann/authenticator-enrollments');
  north.lists.set('/users/ann/factors', [{ id: 'f1', factorType: 'webauthn', status: 'ACTIVE' }]);
  const all = await collected(request());
  const methods = statementOf(all, assetId('user', [ID, 'ann']), 'methods') as {
    value: { type: string }[];
    complete: boolean;
  };
  assert.deepEqual([methods.value.map(({ type }) => type), methods.complete], [['passkey'], false]);
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
        if ('unobserved' in less || isPartial) continue;
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

test('a token that is missing or of nobody takes nothing, and no secret stands in what is kept', async (t) => {
  const { request } = await world(t);
  const missing = await collected(request({ environment: {} }));
  assert.deepEqual(
    missing.collection.problems.map(({ code }) => code),
    ['credential-missing'],
  );
  assert.match(missing.collection.problems[0]?.remedy ?? '', /OKTA_TOKEN_127_0_0_1_/);
  const nobody = await collected(request({ environment: { OKTA_TOKEN: 'stranger-own-wren' } }));
  assert.deepEqual([nobody.observations, nobody.collection.status], [[], 'failed']);
  assert.equal(nobody.collection.problems[0]?.code, 'credential-refused');
  const all = await collected(request());
  for (const seen of [missing, nobody, all])
    assert.ok(!/own-wren|hush-wren/.test(JSON.stringify(seen)), 'no secret is shown');
  await assert.rejects(collected(request({ targets: ['https://north.okta.com/admin'] })), TypeError);
  assert.equal(authorizationOf('00abc_-1'), 'SSWS 00abc_-1');
  assert.equal(authorizationOf('eyJh.eyJz.c2ln'), 'Bearer eyJh.eyJz.c2ln');
});
