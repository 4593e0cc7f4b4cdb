/** Realms over the network: pages, tokens that end, what a role that is missing leaves unknown, and what each fact of a realm means. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { assetId, type Statement } from '@macadam/core/facts/observation';
import { collectedFrom, type SourceRun, statementOf } from '@macadam/testing/sources/collected';
import { sourceContract } from '@macadam/testing/sources/contract';
import type { CollectRequest } from '../port.ts';
import { allPermissions, type FakeKeycloak, type FakeRealm, fakeKeycloak, sampleRealm } from './fake.ts';
import { source } from './source.ts';

const NOW = new Date('2026-11-01T00:00:00Z');

interface World {
  readonly fake: FakeKeycloak;
  readonly north: FakeRealm;
  readonly south: FakeRealm;
  readonly at: (realm: FakeRealm) => string;
  readonly request: (realms: readonly FakeRealm[], more?: Partial<CollectRequest>) => CollectRequest;
}

async function worldOf(seconds?: number): Promise<World> {
  const north = sampleRealm('north', 'secret-of-north-own-wren', NOW);
  const south = sampleRealm('south coast', 'secret-of-south-own-wren', NOW);
  const fake = await fakeKeycloak([north, south], seconds);
  const environment = {
    KEYCLOAK_CLIENT_ID_NORTH: 'macadam',
    KEYCLOAK_CLIENT_SECRET_NORTH: north.client.secret,
    KEYCLOAK_CLIENT_ID_SOUTH_COAST: 'macadam',
    KEYCLOAK_CLIENT_SECRET_SOUTH_COAST: south.client.secret,
  };
  const at = ({ name }: FakeRealm) => `${fake.url}/realms/${encodeURIComponent(name)}`;
  const request = (realms: readonly FakeRealm[], more: Partial<CollectRequest> = {}): CollectRequest => ({
    targets: realms.map(at),
    options: { environment: 'production' },
    view: 'head',
    excludes: [],
    parameters: {},
    cacheDirectory: '/nonexistent',
    environment,
    now: () => NOW,
    ...more,
  });
  return { fake, north, south, at, request };
}

async function world(t: TestContext, seconds?: number): Promise<World> {
  const made = await worldOf(seconds);
  t.after(made.fake.close);
  return made;
}

const collected = (request: CollectRequest): Promise<SourceRun> => collectedFrom(source, request);

sourceContract('keycloak', async () => {
  const { fake, north, south, request } = await worldOf();
  return { source, request: request([north, south]), close: fake.close };
});

test('two realms: every list is whole, no request is wrong, and their assets stay apart', async (t) => {
  const { fake, north, south, request } = await world(t);
  const { collection, observations } = await collected(request([north, south]));
  assert.deepEqual(fake.refusals, []);
  assert.deepEqual(collection.problems, []);
  assert.equal(collection.status, 'complete');
  assert.equal(collection.partitions.find(({ kind }) => kind === 'user')?.witness?.count, 3);
  for (const name of ['north', 'south coast']) {
    const issuer = `${fake.url}/realms/${name}`;
    const kinds = observations.filter(({ container }) => container === issuer).map(({ kind }) => kind);
    const counts = Object.entries(Object.groupBy(kinds, (kind) => kind)).map(
      ([kind, all]) => `${kind} ${all?.length}`,
    );
    assert.deepEqual(counts.toSorted(), [
      'application 2',
      'privileged-assignment 4',
      'privileged-group 2',
      'user 3',
    ]);
  }
});

test('what a realm holds of an account, a client and a role is what is stated of them', async (t) => {
  const { fake, north, request } = await world(t);
  const issuer = `${fake.url}/realms/north`;
  const all = await collected(request([north]));
  const user = (id: string, name: string) => statementOf(all, assetId('user', [issuer, id]), name);
  assert.deepEqual(
    (user('ann', 'methods') as { value: { type: string; phishing_resistant: boolean }[] }).value.map(
      ({ type, phishing_resistant }) => [type, phishing_resistant],
    ),
    [
      ['password', false],
      ['passkey', true],
    ],
  );
  assert.deepEqual(user('ann', 'weak_sign_in_blocked'), { value: true, assurance: 'effective' });
  assert.deepEqual(user('ann', 'environment'), { value: 'production', assurance: 'attested' });
  assert.equal((user('ann', 'weak_sign_ins') as { complete: boolean }).complete, true);
  assert.match(JSON.stringify(user('cy', 'weak_sign_ins')), /do not say by which method/);
  const billing = (name: string) => statementOf(all, assetId('application', [issuer, 'c-billing']), name);
  assert.deepEqual(billing('last_used_at'), { value: '2026-10-31T23:00:00.000Z', window: '2400h' });
  assert.deepEqual(billing('credentials'), {
    value: [{ id: 'secret', kind: 'secret', expires_at: undefined, added_at: '2026-09-22T00:00:00.000Z' }],
    complete: true,
  });
  assert.deepEqual(
    (billing('privileges') as { value: { permission: string }[] }).value.map(({ permission }) => permission),
    ['realm-management: manage-users'],
  );
  const portal = assetId('application', [issuer, 'c-portal']);
  assert.deepEqual(statementOf(all, portal, 'credentials'), { value: [], complete: true });
  assert.deepEqual(statementOf(all, portal, 'last_used_at'), { absent: true, window: '2400h' });
  const right = (principal: string, role: string, name: string) =>
    statementOf(all, assetId('privileged-assignment', [issuer, principal, role]), name);
  assert.deepEqual(right('bo', 'realm-management: manage-users', 'principal_kind'), { value: 'person' });
  assert.deepEqual(right('s-billing', 'realm-management: manage-users', 'principal_kind'), {
    value: 'workload',
  });
  assert.deepEqual(right('ann', 'operators', 'ends_at'), { absent: true });
  assert.deepEqual(right('g-admins', 'realm-management: realm-admin', 'holders'), {
    value: [
      { id: 'cy', kind: 'person' },
      { id: 'g-inner', kind: 'group' },
    ],
    complete: true,
  });
  const inner = assetId('privileged-group', [issuer, 'g-inner']);
  assert.deepEqual(statementOf(all, inner, 'grants'), {
    value: ['realm-management: realm-admin'],
    complete: true,
  });
});

test('one way in that asks for less is enough: a direct grant, a forgotten password, a second flow, another provider', async (t) => {
  const { north, request } = await world(t);
  const blocked = async () => {
    const { observations } = await collected(request([north]));
    const [user] = observations.filter(({ kind }) => kind === 'user');
    const said = user?.attributes.weak_sign_in_blocked;
    return said && 'value' in said ? said.value : 'unknown';
  };
  const changed = async (address: string, value: Parameters<FakeRealm['lists']['set']>[1]) => {
    const before = north.lists.get(address);
    assert.ok(before !== undefined, address);
    north.lists.set(address, value);
    const found = await blocked();
    north.lists.set(address, before);
    return found;
  };
  assert.equal(await blocked(), true);
  const [billing = {}, ...clients] = north.lists.get('/clients') as Record<string, unknown>[];
  const withClient = (more: object) => changed('/clients', [{ ...billing, ...more }, ...clients]);
  assert.equal(await withClient({ directAccessGrantsEnabled: true }), false);
  assert.equal(await withClient({ directAccessGrantsEnabled: true, enabled: false }), true);
  assert.equal(await withClient({ authenticationFlowBindingOverrides: { browser: 'x' } }), 'unknown');
  const realm = north.lists.get('/realm') as Record<string, unknown>;
  const reset = { ...realm, resetPasswordAllowed: true, resetCredentialsFlow: 'reset' };
  assert.equal(await changed('/realm', reset), 'unknown', 'a flow without a step');
  assert.equal(
    await changed('/identity-provider/instances', [{ alias: 'elsewhere', enabled: true }]),
    'unknown',
  );
  const flow = '/authentication/flows/keys only/executions';
  const steps = north.lists.get(flow) as Record<string, unknown>[];
  const password = { level: 0, providerId: 'auth-username-password-form', requirement: 'ALTERNATIVE' };
  assert.equal(await changed(flow, [...steps, password]), false);
  assert.equal(await changed(flow, [...steps, { ...password, requirement: 'DISABLED' }]), true);
  assert.equal(await changed(flow, [...steps, { ...password, providerId: 'of-a-plugin' }]), 'unknown');
});

test('what is longer than a page is read to its end, and a token that ended is got anew', async (t) => {
  const { fake, north, request } = await world(t, 0);
  const people = Array.from({ length: 1100 }, (_, index) => ({
    id: `u${index}`,
    username: `u${index}`,
    enabled: index < 2,
    createdTimestamp: 1,
  }));
  north.lists.set('/users', people);
  const { observations } = await collected(request([north]));
  assert.equal(observations.filter(({ kind }) => kind === 'user').length, 1100);
  assert.ok(fake.tokens() > 1);
});

test('every role that is taken away is named, and nothing is known better without it', async (t) => {
  const { north, request } = await world(t);
  const whole = await collected(request([north]));
  for (const permission of allPermissions()) {
    north.permissions.delete(permission);
    const { collection, observations } = await collected(request([north]));
    north.permissions.add(permission);
    assert.ok(JSON.stringify([collection.problems, observations]).includes(permission), permission);
    for (const one of observations) {
      const full = whole.observations.find(({ id }) => id === one.id);
      assert.ok(full, `${one.id} without ${permission}`);
      for (const [name, stated] of Object.entries(one.attributes)) {
        const earlier: Statement | undefined = full.attributes[name];
        const isPartial = 'complete' in stated && stated.complete === false;
        if ('unobserved' in stated || isPartial) continue;
        assert.deepEqual(stated, earlier, `${name} of ${one.id} without ${permission}`);
      }
    }
    for (const partition of collection.partitions) {
      const before = whole.collection.partitions.find(({ kind }) => kind === partition.kind);
      assert.ok(
        !partition.complete || partition.seen === before?.seen,
        `${partition.kind} without ${permission}`,
      );
    }
  }
});

test('a secret that is missing, wrong or of another realm takes nothing, says so, and no secret is shown', async (t) => {
  const { north, south, request, at } = await world(t);
  const alone = { KEYCLOAK_CLIENT_ID: 'macadam', KEYCLOAK_CLIENT_SECRET: north.client.secret };
  const missing = await collected(request([north, south], { environment: alone }));
  assert.deepEqual(
    missing.collection.problems.map(({ code }) => code),
    ['credential-missing', 'credential-missing'],
  );
  assert.match(missing.collection.problems[1]?.remedy ?? '', /KEYCLOAK_CLIENT_SECRET_SOUTH_COAST/);
  const wrong = await collected(request([south], { environment: alone }));
  assert.deepEqual(wrong.observations, []);
  assert.equal(wrong.collection.status, 'failed');
  assert.equal(wrong.collection.problems[0]?.code, 'credential-refused');
  assert.match(wrong.collection.problems[0]?.message ?? '', /unauthorized_client: Invalid client/);
  const right = await collected(request([north]));
  for (const shown of [missing, wrong, right]) assert.ok(!/own-wren|hush-wren/.test(JSON.stringify(shown)));
  const nowhere = request([north], { targets: [`${at(north)}x`], environment: alone });
  const gone = await collected(nowhere);
  assert.equal(gone.collection.problems[0]?.code, 'realm-unreachable');
  await assert.rejects(collected(request([north], { targets: ['north'] })), /is not the address of a realm/);
  await assert.rejects(
    collected(request([north], { options: { environment: 'prod' } })),
    /no environment `prod`; give one of production/,
  );
});
