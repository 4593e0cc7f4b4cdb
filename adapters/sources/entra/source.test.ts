/** A tenant over the network: pages, waiting, refusals and forgotten pages, and what each missing permission leaves unknown. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { assetId, type Collection, type Observation, type Statement } from '@macadam/core/facts/observation';
import { sourceContract } from '@macadam/testing/sources/contract';
import { connect } from '../../connector/connector.ts';
import type { CollectRequest } from '../port.ts';
import {
  allPermissions,
  type FakeGraph,
  type FakeTenant,
  fakeGraph,
  type GraphRecord,
  sampleTenant,
} from './fake.ts';
import { answersOf, batchedAnswers } from './listing.ts';
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

test('a second look asks for what changed, and comes to the same as a full listing; a token that ended lists everybody again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-entra-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const claims = Buffer.from(JSON.stringify({ tid: NORTH, appid: 'reader' })).toString('base64url');
  const north = sampleTenant(NORTH, `own-wren.${claims}.own-wren`);
  const other = Buffer.from(JSON.stringify({ tid: NORTH, appid: 'other' })).toString('base64url');
  const stranger = sampleTenant(NORTH, `own-wren.${other}.own-wren`);
  const fake = await fakeGraph([north, stranger]);
  t.after(fake.close);
  const look = async (more: Partial<CollectRequest> = {}) => {
    fake.requests.length = 0;
    const run = await collected({
      targets: [NORTH],
      options: { url: fake.url },
      view: 'head',
      excludes: [],
      parameters: {},
      cacheDirectory: folder,
      environment: { ENTRA_TOKEN: north.token },
      now: () => NOW,
      ...more,
    });
    const asked = fake.requests.filter((path) => /^\/v1\.0\/users(\/delta)?\?/.test(path));
    return { ...run, asked };
  };
  const told = ({ observations, collection }: Awaited<ReturnType<typeof look>>) =>
    [observations, collection.partitions, collection.problems].map((one) => JSON.stringify(one));
  const people = () => [...(north.lists.get('/users') as readonly GraphRecord[])];
  const whole = await look();
  const pages = Math.ceil(people().length / 2);
  assert.equal(whole.asked.length, pages + 1, 'the token is asked for first');
  assert.match(whole.asked[0] ?? '', /delta\?.*\$deltatoken=latest/);
  const quiet = await look();
  assert.equal(quiet.asked.length, 1);
  assert.deepEqual(told(quiet), told(whole));

  // Somebody goes, somebody is switched off, and three come: one of them goes again at once.
  const [first, second, ...others] = people();
  assert.ok(first && second);
  const off = { id: second.id, accountEnabled: false };
  const fresh = ['yve', 'zoe'].map((id) => ({
    ...first,
    id,
    displayName: id,
    userPrincipalName: `${id}@contoso.example`,
  }));
  north.lists.set('/users', [{ ...second, ...off }, ...others, ...fresh]);
  fake.changes.push(
    { id: String(first.id), '@removed': { reason: 'deleted' } },
    off,
    ...fresh,
    { ...first, id: 'xim' },
    { id: 'xim', '@removed': { reason: 'changed' } },
  );
  const changed = await look();
  assert.equal(changed.asked.length, 3, 'changes come in pages');
  const again = await look({ cacheDirectory: '/nonexistent' });
  const sorted = (run: Awaited<ReturnType<typeof look>>) =>
    run.observations.map((one) => JSON.stringify(one)).toSorted();
  assert.deepEqual(sorted(changed), sorted(again));
  const ofUsers = ({ collection }: Awaited<ReturnType<typeof look>>) =>
    collection.partitions.filter(({ kind }) => kind === 'user');
  assert.deepEqual(ofUsers(changed), ofUsers(again));
  assert.deepEqual((await look()).asked.length, 1, 'what was told once is not told again');

  const [file = ''] = readdirSync(join(folder, 'entra'));
  const kept = readFileSync(join(folder, 'entra', file), 'utf8');
  for (const cut of [kept.lastIndexOf('\n', kept.length - 2) + 1, kept.length - 9]) {
    writeFileSync(join(folder, 'entra', file), kept.slice(0, cut));
    assert.ok((await look()).asked.length > 3, 'a file that was cut off is none');
  }
  fake.forgetful.add('/users/delta');
  assert.match((await look()).asked.join(' '), /\$deltatoken=\d.* .*\/users\?\$top=999/);
  const late = new Date(NOW.getTime() + 8 * 24 * 3_600_000);
  assert.ok((await look({ now: () => late })).asked.length > 3, 'a full listing proves it once a week');
  fake.changes.push({ displayName: 'nobody' });
  assert.ok((await look({ now: () => late })).asked.length > 3, 'a change that names nobody is none');

  const strange = await look({ now: () => late, environment: { ENTRA_TOKEN: stranger.token } });
  assert.ok(strange.asked.length > 3, 'what one was shown is not told another');
  for (const file of readdirSync(join(folder, 'entra')))
    assert.ok(!readFileSync(join(folder, 'entra', file), 'utf8').includes('own-wren'), 'no token is kept');
  north.permissions.delete('User.Read.All');
  const less = await look({ now: () => late });
  assert.match(JSON.stringify(less.collection), /User\.Read\.All/);
});

test('methods of accounts come twenty by one request, and what is not in it is asked for alone', async (t) => {
  const { fake, north } = await world(t);
  const connector = connect({
    baseUrl: fake.url,
    authorization: `Bearer ${north.token}`,
    sleep: async () => {},
  });
  const ids = Array.from({ length: 20 }, (_, index) => `p-${index}`);
  const path = (id: string) => `/v1.0/users/${id}/authentication/methods`;
  for (const id of ids) north.lists.set(`/users/${id}/authentication/methods`, [{ id: `of-${id}` }]);
  fake.requests.length = 0;
  const all = await batchedAnswers(connector, ids.map(path));
  assert.deepEqual(
    all.map(({ body }) => (body as { readonly value: readonly { readonly id: string }[] }).value[0]?.id),
    ids.map((id) => `of-${id}`),
  );
  assert.equal(connector.spent().sent, 1);
  // One goes on, and one has to wait: both are asked for alone, and then say the same.
  const long = ['a', 'b', 'c'].map((id) => ({ id }));
  north.lists.set('/users/p-3/authentication/methods', long);
  fake.limited.set('/users/p-4/authentication/methods', '0');
  const before = connector.spent().sent;
  const rest = await batchedAnswers(connector, ids.map(path));
  assert.equal(rest.length, 21, 'the list that goes on has two pages');
  assert.equal(connector.spent().sent - before, 4);
  north.permissions.delete('UserAuthenticationMethod.Read.All');
  const refused = await batchedAnswers(connector, ids.map(path));
  const alone = await answersOf(connector, path('p-0'));
  assert.deepEqual(refused[0], alone[0], 'a refusal reads as it does alone');
  assert.ok(refused.every(({ status }) => status === 403));
  const none = connect({
    baseUrl: fake.url,
    authorization: 'Bearer stranger-own-wren',
    sleep: async () => {},
  });
  assert.ok((await batchedAnswers(none, ids.slice(0, 2).map(path))).every(({ status }) => status === 401));
});
