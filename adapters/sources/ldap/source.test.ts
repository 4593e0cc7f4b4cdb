/** Directories by LDAP: pages, long lists, what the account may not see, and what each attribute means in OpenLDAP and Active Directory. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { assetId, type Observation, type Statement } from '@macadam/core/facts/observation';
import { collectedFrom, type SourceRun } from '@macadam/testing/sources/collected';
import { sourceContract } from '@macadam/testing/sources/contract';
import type { CollectRequest } from '../port.ts';
import { type FakeDirectory, type FakeEntry, fakeDirectory, sampleEntries } from './fake.ts';
import { source } from './source.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const NORTH = 'dc=north,dc=example';
const SOUTH = 'dc=south-coast,dc=example';
const OPTIONS = { environment: 'production', privileged: '(cn=server-admins)' };

interface World {
  readonly north: FakeDirectory;
  readonly south: FakeDirectory;
  readonly request: (more?: Partial<CollectRequest>) => CollectRequest;
  readonly close: () => Promise<void>;
}

async function worldOf(): Promise<World> {
  const accountIn = (base: string) => ({ dn: `uid=macadam,${base}`, password: `secret-of-${base}-own-wren` });
  const north = await fakeDirectory(sampleEntries(NORTH), accountIn(NORTH));
  const south = await fakeDirectory(sampleEntries(SOUTH), accountIn(SOUTH));
  const environment = {
    LDAP_BIND_DN_DC_NORTH_DC_EXAMPLE: north.account.dn,
    LDAP_BIND_PASSWORD_DC_NORTH_DC_EXAMPLE: north.account.password,
    LDAP_BIND_DN_DC_SOUTH_COAST_DC_EXAMPLE: south.account.dn,
    LDAP_BIND_PASSWORD_DC_SOUTH_COAST_DC_EXAMPLE: south.account.password,
  };
  const request = (more: Partial<CollectRequest> = {}): CollectRequest => ({
    targets: [`${north.url}/${NORTH}`, `${south.url}/${SOUTH}`],
    options: OPTIONS,
    view: 'head',
    excludes: [],
    parameters: {},
    cacheDirectory: '/nonexistent',
    environment,
    now: () => NOW,
    ...more,
  });
  return {
    north,
    south,
    request,
    close: async () => {
      await north.close();
      await south.close();
    },
  };
}

async function world(t: TestContext): Promise<World> {
  const made = await worldOf();
  t.after(made.close);
  return made;
}

const collected = (request: CollectRequest): Promise<SourceRun> => collectedFrom(source, request);

const named = ({ observations }: SourceRun, kind: string, name: string): Observation => {
  const found = observations.find((one) => one.kind === kind && one.name === name);
  assert.ok(
    found,
    `${kind} ${name} is among ${observations.map((one) => `${one.kind} ${one.name}`).join(', ')}`,
  );
  return found;
};
const said = (one: Observation, name: string): Statement | undefined => one.attributes[name];

sourceContract('ldap', async () => {
  const { request, close } = await worldOf();
  return { source, request: request(), close };
});

test('two directories: every list is whole, no password is asked for, and their assets stay apart', async (t) => {
  const { north, request } = await world(t);
  const { collection, observations } = await collected(request());
  assert.equal(collection.status, 'complete', JSON.stringify(collection.problems));
  const kinds = Object.groupBy(observations, ({ kind }) => kind);
  assert.deepEqual(
    [kinds.user?.length, kinds.application?.length, kinds['privileged-group']?.length],
    [4, 2, 4],
    'a group that is no administrators’ is none of power',
  );
  assert.ok(!north.asked.has('userpassword') && !north.asked.has('*') && !north.asked.has('+'));
});

test('what an entry shows is what is stated, in OpenLDAP', async (t) => {
  const { request } = await world(t);
  const all = await collected(request());
  const ann = named(all, 'user', 'ann');
  assert.deepEqual(said(ann, 'enabled'), { value: true });
  assert.deepEqual(said(ann, 'account'), { value: 'employee' });
  assert.deepEqual(said(ann, 'weak_sign_in_blocked'), { value: false, assurance: 'effective' });
  assert.equal((said(ann, 'methods') as { complete: boolean }).complete, false);
  assert.deepEqual(said(named(all, 'user', 'bo'), 'enabled'), { value: false }, 'locked for good');
  const billing = named(all, 'application', 'billing');
  assert.deepEqual(said(billing, 'last_used_at'), { value: '2026-05-01T00:00:00.000Z', window: '4416h' });
  const [secret] = (said(billing, 'credentials') as { value: { kind: string; added_at: string }[] }).value;
  assert.deepEqual([secret?.kind, secret?.added_at], ['secret', '2025-01-01T00:00:00.000Z']);
  const members = (name: string) =>
    (said(named(all, 'privileged-group', name), 'members') as { value: { id: string; kind: string }[] }).value
      .map(({ kind }) => kind)
      .toSorted();
  assert.deepEqual(members('server-admins'), ['group', 'person']);
  assert.deepEqual(members('operators'), ['group', 'person', 'workload'], 'two groups in one another end');
});

test('what an entry shows is what is stated, in Active Directory', async (t) => {
  const { north, request } = await world(t);
  const guid = (last: number): Buffer =>
    Buffer.from([4, 3, 2, 1, 6, 5, 8, 7, 9, 10, 11, 12, 13, 14, 15, last]);
  const people: string[] = Array.from({ length: 7 }, (_, index) => `cn=p${index},${NORTH}`);
  const entries: [string, FakeEntry][] = [
    [NORTH, { objectClass: 'domainDNS', objectGUID: guid(0) }],
    ...people.map((dn, index): [string, FakeEntry] => [
      dn,
      {
        objectClass: ['person', 'user'],
        objectGUID: guid(10 + index),
        sAMAccountName: `p${index}`,
        userAccountControl: index === 0 ? '514' : '66048',
        pwdLastSet: '133535520000000000',
        'msDS-KeyCredentialLink': index === 1 ? ['B:828:00:x'] : [],
      },
    ]),
    [
      `cn=web,${NORTH}`,
      {
        objectClass: ['person', 'user', 'computer', 'msDS-GroupManagedServiceAccount'],
        objectGUID: guid(40),
        sAMAccountName: 'web$',
      },
    ],
    [
      `cn=desk,${NORTH}`,
      {
        objectClass: ['person', 'user', 'computer'],
        objectGUID: guid(42),
        sAMAccountName: 'desk$',
        servicePrincipalName: ['HOST/desk'],
      },
    ],
    [
      `cn=sql,${NORTH}`,
      {
        objectClass: ['person', 'user'],
        objectGUID: guid(41),
        sAMAccountName: 'sql',
        userAccountControl: '66048',
        servicePrincipalName: ['MSSQL/db'],
        pwdLastSet: '133535520000000000',
        lastLogonTimestamp: '134064288000000000',
      },
    ],
    [
      `cn=Domain Admins,${NORTH}`,
      { objectClass: 'group', objectGUID: guid(50), cn: 'Domain Admins', adminCount: '1', member: people },
    ],
    [`cn=Users,${NORTH}`, { objectClass: 'group', objectGUID: guid(51), member: people }],
  ];
  north.entries.clear();
  for (const [dn, entry] of entries) north.entries.set(dn, entry);
  north.longest = 3;
  const all = await collected(request({ targets: [`${north.url}/${NORTH}`], options: {} }));
  assert.equal(all.collection.status, 'complete', JSON.stringify(all.collection.problems));
  const p0 = named(all, 'user', 'p0');
  assert.equal(
    p0.id,
    assetId('user', ['01020304-0506-0708-090a-0b0c0d0e0f00', '01020304-0506-0708-090a-0b0c0d0e0f0a']),
  );
  assert.deepEqual(said(p0, 'enabled'), { value: false });
  assert.deepEqual(said(named(all, 'user', 'p1'), 'enabled'), { value: true });
  assert.deepEqual(
    (said(named(all, 'user', 'p1'), 'methods') as { value: { type: string }[] }).value.map(
      ({ type }) => type,
    ),
    ['password', 'platform_key'],
  );
  const sql = named(all, 'application', 'sql');
  const [password] = (said(sql, 'credentials') as { value: Record<string, unknown>[] }).value;
  assert.deepEqual(password, {
    id: 'password',
    kind: 'secret',
    added_at: '2024-02-28T00:00:00.000Z',
    expires_at: undefined,
  });
  const groups = all.observations.filter(({ kind }) => kind === 'privileged-group');
  assert.deepEqual(
    groups.map(({ name }) => name),
    ['Domain Admins'],
  );
  const members = said(groups[0] as Observation, 'members') as { value: unknown[]; complete: boolean };
  assert.deepEqual([members.value.length, members.complete], [7, true], 'a list in three parts is whole');
  assert.ok(
    !all.observations.some(({ name }) => name === 'desk$'),
    'a computer is neither a person nor a program',
  );
  const managed = (said(named(all, 'application', 'web$'), 'credentials') as { value: { kind: string }[] })
    .value;
  assert.deepEqual(
    managed.map(({ kind }) => kind),
    ['managed'],
  );
});

test('an attribute that the account may not see is unknown, never none, and nothing is known better without it', async (t) => {
  const { north, request } = await world(t);
  const alone = { targets: [`${north.url}/${NORTH}`] };
  const whole = await collected(request(alone));
  const attributes = [
    'employeetype',
    'pwdaccountlockedtime',
    'pwdchangedtime',
    'authtimestamp',
    'createtimestamp',
    'member',
  ];
  for (const attribute of attributes) {
    north.hidden.add(attribute);
    const less = await collected(request(alone));
    north.hidden.delete(attribute);
    for (const one of less.observations) {
      const full = whole.observations.find(({ id }) => id === one.id);
      assert.ok(full, `${one.id} without ${attribute}`);
      for (const [name, statement] of Object.entries(one.attributes)) {
        assert.ok(!('absent' in statement), `${name} of ${one.id} without ${attribute}`);
        const isPartial = 'complete' in statement && statement.complete === false;
        // A lock that cannot be seen may be there: the account then counts as one that can sign in, and more is asked of it.
        const isLock = attribute === 'pwdaccountlockedtime' && name === 'enabled';
        // What is left of the last sign-ins reaches less far back.
        if ('unobserved' in statement || isPartial || isLock || name === 'last_used_at') continue;
        assert.deepEqual(statement, full.attributes[name], `${name} of ${one.id} without ${attribute}`);
      }
    }
  }
  north.hidden.add('entryuuid');
  const none = await collected(request(alone));
  assert.deepEqual(none.observations, []);
  assert.match(none.collection.problems[0]?.message ?? '', /the base entry dc=north.* shows no `entryUUID`/);
});

test('a search that ends early, a wrong password and a power that nobody named are said, and no password is shown', async (t) => {
  const { north, request } = await world(t);
  const alone = { targets: [`${north.url}/${NORTH}`] };
  const open = await collected(request({ ...alone, options: {} }));
  assert.match(
    JSON.stringify(open.collection.problems),
    /name them by `--ldap-privileged FILTER`|--ldap-privileged FILTER/,
  );
  assert.equal(open.collection.partitions.find(({ kind }) => kind === 'privileged-group')?.complete, false);
  north.limit = 1;
  const cut = await collected(request(alone));
  north.limit = null;
  assert.equal(cut.collection.partitions.find(({ kind }) => kind === 'user')?.complete, false);
  assert.match(JSON.stringify(cut.collection.problems), /could not be listed to the end/);
  const environment = { LDAP_BIND_DN: north.account.dn, LDAP_BIND_PASSWORD: 'not-the-password-own-wren' };
  const wrong = await collected(request({ ...alone, environment }));
  assert.deepEqual(
    [wrong.observations.length, wrong.collection.problems[0]?.code],
    [0, 'credential-refused'],
  );
  const missing = await collected(request({ environment }));
  assert.match(missing.collection.problems[1]?.remedy ?? '', /LDAP_BIND_PASSWORD_DC_SOUTH_COAST_DC_EXAMPLE/);
  const nowhere = await collected(request({ targets: [`ldap://127.0.0.1:1/${NORTH}`], environment }));
  assert.equal(nowhere.collection.problems[0]?.code, 'directory-unreachable');
  for (const shown of [open, cut, wrong, missing, nowhere])
    assert.ok(!/own-wren|hush-wren/.test(JSON.stringify(shown)));
  await assert.rejects(
    collected(request({ targets: ['ldap.example.com'] })),
    /is not the address of a directory/,
  );
  await assert.rejects(
    collected(request({ options: { privileged: '(cn=' } })),
    /--ldap-privileged: .* is no filter/,
  );
});
