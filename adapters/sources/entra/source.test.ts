/** A tenant over the network: pages, waiting, refusals and forgotten pages, and what each missing permission leaves unknown. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { assetId, type Collection, type Observation, type Statement } from '@macadam/core/facts/observation';
import { sourceContract } from '@macadam/testing/sources/contract';
import { connect } from '../../connector/connector.ts';
import type { CollectRequest } from '../port.ts';
import { allPermissions, type FakeGraph, type FakeTenant, fakeGraph, sampleTenant } from './fake.ts';
import { answersOf } from './listing.ts';
import { source } from './source.ts';

const NORTH = '8a1b0000-0000-4000-8000-000000000001';
const SOUTH = '8a1b0000-0000-4000-8000-000000000002';
const NOW = new Date('2026-11-01T00:00:00Z');

interface World {
  readonly fake: FakeGraph;
  readonly north: FakeTenant;
  readonly south: FakeTenant;
  readonly request: (
    targets: readonly string[],
    environment?: CollectRequest['environment'],
  ) => CollectRequest;
}

async function worldOf(): Promise<World> {
  const north = sampleTenant(NORTH, 'token-of-north-own-wren');
  const south = sampleTenant(SOUTH, 'token-of-south-own-wren');
  const fake = await fakeGraph([north, south]);
  const tokens = {
    [`ENTRA_TOKEN_${NORTH.toUpperCase().replaceAll('-', '_')}`]: north.token,
    [`ENTRA_TOKEN_${SOUTH.toUpperCase().replaceAll('-', '_')}`]: south.token,
  };
  const request = (
    targets: readonly string[],
    environment: CollectRequest['environment'] = tokens,
  ): CollectRequest => ({
    targets,
    options: { url: fake.url },
    view: 'head',
    excludes: [],
    parameters: {},
    cacheDirectory: '/nonexistent',
    environment,
    now: () => NOW,
  });
  return { fake, north, south, request };
}

async function world(t: TestContext): Promise<World> {
  const made = await worldOf();
  t.after(made.fake.close);
  return made;
}

async function collected(
  request: CollectRequest,
): Promise<{ readonly collection: Collection; readonly observations: readonly Observation[] }> {
  const observations: Observation[] = [];
  const collection = await source.collect(
    request,
    (one) => observations.push(one),
    () => {},
  );
  return { collection, observations };
}

sourceContract('entra', async () => {
  const { fake, request } = await worldOf();
  return { source, request: request([NORTH, SOUTH]), close: fake.close };
});

test('two tenants, page by page: every list is whole, no request is wrong, and their assets stay apart', async (t) => {
  const { fake, request } = await world(t);
  const { collection, observations } = await collected(request([NORTH, SOUTH]));
  assert.deepEqual(fake.refusals, []);
  const open = collection.partitions.filter(({ complete }) => !complete).map(({ kind }) => kind);
  assert.deepEqual([...new Set(open)], ['tenant'], 'a tenant does not list the others');
  for (const tenant of [NORTH, SOUTH]) {
    const users = observations.filter(({ kind, container }) => kind === 'user' && container === tenant);
    assert.equal(users.length, 5);
    assert.ok(observations.some(({ id }) => id === assetId('tenant', ['entra', tenant])));
  }
  const bo = observations.find(({ id }) => id === assetId('user', [NORTH, 'bo']));
  assert.ok(bo);
  assert.equal((bo.attributes.methods as { complete: boolean }).complete, true);
  assert.ok(
    !fake.requests.some((path) => path.includes('/users/ann/authentication')),
    'ann has a strong method',
  );
  const rights = observations.filter(
    ({ kind, container }) => kind === 'privileged-assignment' && container === NORTH,
  );
  const modes = rights.map(({ attributes }) => (attributes.mode as { value: string }).value).toSorted();
  assert.deepEqual(modes, ['active', 'eligible', 'eligible', 'standing']);
});

test('a limit is waited out, by fractions of a second too, and a forgotten page begins the list anew', async (t) => {
  const { fake, request } = await world(t);
  fake.limited.set('/users', '0.05');
  fake.forgetful.add('/users');
  const { collection, observations } = await collected(request([NORTH]));
  const users = observations.filter(({ kind }) => kind === 'user').map(({ name }) => name);
  assert.equal(users.length, 5);
  assert.equal(collection.partitions.find(({ kind }) => kind === 'user')?.complete, true);
  const beginnings = fake.requests.filter(
    (path) => path.startsWith('/v1.0/users?') && !path.includes('$skiptoken'),
  );
  assert.equal(beginnings.length, 3, 'refused, begun, and begun anew');
});

test('a list that forgets its pages for ever ends, and is not whole', async (t) => {
  const { fake, north } = await world(t);
  const connector = connect({
    baseUrl: fake.url,
    authorization: `Bearer ${north.token}`,
    sleep: async () => {},
  });
  const forever = {
    ...connector,
    request: async (asked: { readonly path: string }) => {
      if (asked.path.includes('skiptoken')) fake.forgetful.add('/users');
      return connector.request(asked);
    },
  };
  const answers = await answersOf(forever, '/v1.0/users?$top=999');
  assert.equal(answers.at(-1)?.status, 503);
  assert.match(JSON.stringify(answers.at(-1)?.body), /Directory_ExpiredPageToken/);
});

test('every permission that is taken away is named, and nothing is known better without it', async (t) => {
  const { north, request } = await world(t);
  const whole = await collected(request([NORTH]));
  for (const permission of allPermissions()) {
    north.permissions.delete(permission);
    const { collection, observations } = await collected(request([NORTH]));
    north.permissions.add(permission);
    const told = JSON.stringify([collection.problems, observations]);
    assert.ok(told.includes(permission), `${permission} is named`);
    for (const one of observations) {
      const full = whole.observations.find(({ id }) => id === one.id);
      assert.ok(full, `${one.id} without ${permission}`);
      for (const [name, statement] of Object.entries(one.attributes)) {
        const earlier: Statement | undefined = full.attributes[name];
        // Of a list that may hold more, another look may show more; and what the directory repeats of a device is no statement.
        const partial = [statement, earlier].some(
          (each) => each && 'complete' in each && each.complete === false,
        );
        if ('unobserved' in statement || partial || name === 'compliant') continue;
        assert.deepEqual(statement, earlier, `${name} of ${one.id} without ${permission}`);
      }
    }
    for (const partition of collection.partitions) {
      const before = whole.collection.partitions.find(
        ({ kind, format }) => kind === partition.kind && format === partition.format,
      );
      assert.ok(!partition.complete || before?.complete, `${partition.kind} without ${permission}`);
      assert.ok(
        !partition.complete || partition.seen === before?.seen,
        `${partition.kind} without ${permission}`,
      );
    }
  }
});

test('a token that is missing, of nobody or of another tenant takes nothing, says so, and never shows itself', async (t) => {
  const { north, request } = await world(t);
  const missing = await collected(request([NORTH, SOUTH], { ENTRA_TOKEN: north.token }));
  assert.deepEqual(
    missing.collection.problems.map(({ code }) => code),
    ['credential-missing', 'credential-missing'],
  );
  assert.equal(missing.collection.status, 'failed');
  assert.match(missing.collection.problems[0]?.remedy ?? '', /ENTRA_TOKEN_8A1B0000_/);
  const other = await collected(request([SOUTH], { ENTRA_TOKEN: north.token }));
  assert.deepEqual(other.observations, []);
  assert.match(other.collection.problems[0]?.message ?? '', new RegExp(`is of ${NORTH}`));
  const nobody = await collected(request([NORTH], { ENTRA_TOKEN: 'stranger-own-wren' }));
  assert.deepEqual(nobody.observations, []);
  assert.equal(nobody.collection.status, 'failed');
  for (const seen of [missing, other, nobody])
    assert.ok(!/own-wren/.test(JSON.stringify(seen)), 'no token is shown');
  await assert.rejects(collected(request(['contoso'])), /is not the id of a tenant/);
});

test('the least permissions that the page of the source lists are those that the fake asks for', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/sources/entra.md'), 'utf8');
  for (const permission of allPermissions()) assert.ok(page.includes(`\`${permission}\``), permission);
});
