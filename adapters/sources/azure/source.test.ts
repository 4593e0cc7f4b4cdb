/** A tenant of Azure over the network: pages, waiting, refusals, roles that may do more than read, and no token anywhere. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { assetId } from '@macadam/core/facts/observation';
import { collectedFrom, type SourceRun, statementOf } from '@macadam/testing/sources/collected';
import { sourceContract } from '@macadam/testing/sources/contract';
import type { CollectRequest } from '../port.ts';
import { collectWith } from './collect.ts';
import { type FakeAzure, fakeAzure } from './fake.ts';
import { source } from './source.ts';

const TENANT = '8a1b0000-0000-4000-8000-000000000001';
const OTHER = '8a1b0000-0000-4000-8000-000000000002';
const TOKEN = 'token-of-tenant-own-wren';

interface World {
  readonly fake: FakeAzure;
  readonly request: (more?: Partial<CollectRequest>) => CollectRequest;
}

async function worldOf(): Promise<World> {
  const fake = await fakeAzure(TENANT, TOKEN);
  const request = (more: Partial<CollectRequest> = {}): CollectRequest => ({
    targets: [TENANT],
    options: { url: fake.url },
    view: 'head',
    excludes: [],
    parameters: {},
    cacheDirectory: '/nonexistent',
    environment: { AZURE_TOKEN: TOKEN },
    now: () => new Date('2026-11-01T00:00:00Z'),
    ...more,
  });
  return { fake, request };
}

async function world(t: TestContext): Promise<World> {
  const made = await worldOf();
  t.after(made.fake.close);
  return made;
}

const collected = (request: CollectRequest): Promise<SourceRun> => collectedFrom(source, request);
const TOKENS = { AZURE_TOKEN: TOKEN, AZURE_VAULT_TOKEN: TOKEN };
/** The same, where what is given stands for the vault of a host. */
const withVault = (request: CollectRequest, vaultAt: (host: string) => string): Promise<SourceRun> =>
  collectedFrom(
    {
      ...source,
      collect: (asked, emit, report) => collectWith(vaultAt, asked, { emit, report }),
    },
    { ...request, environment: TOKENS },
  );

sourceContract('azure', async () => {
  const { fake, request } = await worldOf();
  return { source, request: request(), close: fake.close };
});

test('a tenant: both tables are read to their end, and roles that only read are no privilege', async (t) => {
  const { fake, request } = await world(t);
  fake.limited.set('resources', '0.05');
  const all = await collected(request());
  assert.deepEqual(fake.refusals, []);
  assert.deepEqual(all.collection.problems, []);
  assert.equal(all.collection.status, 'complete');
  const counts = Object.entries(Object.groupBy(all.observations, ({ kind }) => kind)).map(
    ([kind, some]) => `${kind} ${some?.length}`,
  );
  assert.deepEqual(counts.toSorted(), ['cloud-resource 4', 'privileged-assignment 3', 'subnet 1']);
  const right = (who: string, role: string, name: string) =>
    statementOf(all, assetId('privileged-assignment', ['azure/subscriptions/s1', who, role]), name);
  assert.deepEqual(right('ann', 'owner', 'role'), { value: 'Owner' });
  assert.deepEqual(right('ann', 'owner', 'principal_kind'), { value: 'person' });
  assert.match(JSON.stringify(right('g-ops', 'owner', 'holders')), /Entra ID/);
  assert.match(JSON.stringify(right('app', 'unlisted', 'role')), /does not hold it/);
  assert.equal(right('ann', 'owner', 'mode'), undefined, 'nobody says whether it was asked for');
});

test('keys of a vault that sign are told by every version, and their rotation by the policy', async (t) => {
  const { fake, request } = await world(t);
  const all = await withVault(request(), () => fake.url);
  assert.deepEqual(all.collection.problems, []);
  assert.deepEqual(fake.refusals, []);
  const keys = all.observations.filter(({ kind }) => kind === 'signing-key');
  const told = (attribute: string) => keys.map(({ attributes }) => attributes[attribute]);
  assert.deepEqual(
    keys.map(({ attributes: { key_id: id } }) => id && 'value' in id && id.value).toSorted(),
    ['old/b1', 'tokens/a1', 'tokens/a2'].map((key) => `https://payments.vault.azure.net/keys/${key}`),
  );
  const said = (attribute: string) =>
    told(attribute)
      .map((one) => JSON.stringify(one))
      .toSorted();
  assert.deepEqual(said('storage'), ['{"value":"hsm"}', '{"value":"hsm"}', '{"value":"key_service"}']);
  const [unknown, ...rotating] = said('rotation');
  assert.match(unknown ?? '', /makes no next version/);
  assert.deepEqual(rotating, ['{"value":"automatic"}', '{"value":"automatic"}']);
  // As RFC 7638 makes it of the key in RFC 7517, appendix A.1.
  assert.deepEqual(told('public_thumbprint')[0], { value: 'cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s' });
  assert.ok(!/own-wren/.test(JSON.stringify(all)), 'no token is shown');
  const without = await collected(request());
  assert.ok(!without.observations.some(({ kind }) => kind === 'signing-key'));
});

test('what a vault refuses is unknown and names the role, and a vault elsewhere gets no token', async (t) => {
  const { fake, request } = await world(t);
  const full = await withVault(request(), () => fake.url);
  for (const address of [...fake.vault.keys()].filter((one) => !/data\/rotation/.test(one))) {
    fake.refused.add(address);
    const less = await withVault(request(), () => fake.url);
    fake.refused.clear();
    const said = JSON.stringify([less.collection, less.observations]);
    assert.match(said, /grant Key Vault Reader on the vault/, address);
    for (const one of less.observations) {
      const before = full.observations.find(({ id }) => id === one.id);
      assert.ok(before, address);
      for (const [name, statement] of Object.entries(one.attributes))
        if (!('unobserved' in statement)) assert.deepEqual(statement, before.attributes[name], address);
    }
  }
  const moved = (fake.tables.get('resources') ?? []).map((row) =>
    row.name === 'payments' ? { ...row, properties: { vaultUri: 'https://vault.example.com/' } } : row,
  );
  fake.tables.set('resources', moved);
  const asked: string[] = [];
  const elsewhere = await withVault(request(), (host) => `${fake.url}/${asked.push(host)}`);
  assert.deepEqual(asked, []);
  assert.match(JSON.stringify(elsewhere.collection.problems), /vault\.example\.com/);
});

test('a table that may not be read costs what it holds and no more, and the list is not whole', async (t) => {
  const { fake, request } = await world(t);
  fake.refused.add('authorizationresources');
  const less = await collected(request());
  assert.ok(!less.observations.some(({ kind }) => kind === 'privileged-assignment'));
  assert.equal(less.collection.partitions.find(({ kind }) => kind === 'cloud-resource')?.complete, true);
  assert.match(less.collection.problems[0]?.remedy ?? '', /Reader on every subscription/);
  fake.refused.add('resources');
  const none = await collected(request());
  assert.deepEqual([none.observations, none.collection.status], [[], 'failed']);
});

test('an assignment without its parts is named, and a role that does not say what it may do counts', async (t) => {
  const { fake, request } = await world(t);
  const rows = fake.tables.get('authorizationresources') ?? [];
  const changed = rows.map((row) => {
    if (row.name === 'a1') return { ...row, properties: { principalType: 'User' } };
    return row.name === 'reader' ? { ...row, properties: { roleName: 'Reader' } } : row;
  });
  fake.tables.set('authorizationresources', changed);
  const odd = await collected(request());
  const rights = odd.observations.filter(({ kind }) => kind === 'privileged-assignment');
  assert.deepEqual(rights.map(({ name }) => name).toSorted(), [
    'Owner: g-ops',
    'Reader: bo',
    'unlisted: app',
  ]);
  const partition = odd.collection.partitions.find(({ kind }) => kind === 'privileged-assignment');
  assert.equal(partition?.complete, false);
  const said = JSON.stringify(odd.collection.problems);
  assert.match(said, /1 role assignments in [^;]* do not say who holds which role where/);
  assert.match(said, /1 roles in [^;]* do not say what they may do/);
});

test('a token that is missing, of nobody or of another tenant takes nothing, and never shows itself', async (t) => {
  const { request } = await world(t);
  const missing = await collected(request({ environment: {} }));
  assert.equal(missing.collection.problems[0]?.code, 'credential-missing');
  const nobody = await collected(request({ environment: { AZURE_TOKEN: 'stranger-own-wren' } }));
  assert.deepEqual([nobody.observations, nobody.collection.status], [[], 'failed']);
  const other = await collected(request({ targets: [OTHER] }));
  assert.deepEqual(other.observations, []);
  assert.match(other.collection.problems[0]?.message ?? '', new RegExp(`is of azure/${TENANT}`));
  for (const seen of [missing, nobody, other])
    assert.ok(!/own-wren/.test(JSON.stringify(seen)), 'no token is shown');
  await assert.rejects(collected(request({ targets: ['contoso'] })), TypeError);
});
