/** Folders of saved answers: what they become, and what each missing page, field and permission leaves unknown. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { descriptionGaps, sourcePage } from '@macadam/adapters/imports/directories/description';
import { assetsOf } from '@macadam/core/facts/asset';
import { ingest } from '@macadam/core/facts/ingest';
import { assetId, type Observation, type Partition } from '@macadam/core/facts/observation';
import { diagnose } from '@macadam/core/kinds/diagnose';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { EXPORT_DESCRIPTIONS, linesOf, readExport } from './export.ts';

const root = join(import.meta.dirname, '../..');
const loaded = wholeCatalogue();
const { kinds } = loaded;
const TAKEN = new Date('2026-11-01T00:00:00Z');
const NORTH = '8a1b0000-0000-4000-8000-000000000001';
const SOUTH = '8a1b0000-0000-4000-8000-000000000002';

type Files = Readonly<Record<string, unknown>>;

function read(files: Files, subject: string | null = null, format = 'entra') {
  return readExport(format, {
    folder: 'saved',
    files: Object.entries(files).map(([path, body]) => ({
      path,
      bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    })),
    subject,
    takenAt: TAKEN,
    receivedAt: new Date('2026-11-02T00:00:00Z'),
  });
}

/** What an export becomes; every observation fits its kind. */
function taken(files: Files, subject: string | null = null, format = 'entra') {
  const result = read(files, subject, format);
  assert.ok('batch' in result, JSON.stringify(result));
  const { collection, observations } = result.batch;
  for (const one of observations) {
    const kind = kinds.get(one.kind);
    assert.ok(kind, one.kind);
    assert.deepEqual(diagnose(kind, one.attributes), [], one.id);
    assert.deepEqual(ingest(kinds, one).problems, [], one.id);
  }
  assert.equal(new Set(observations.map(({ id }) => id)).size, observations.length, 'each asset once');
  const partition = (kind: string, format?: string): Partition => {
    const found = collection.partitions.find((one) => one.kind === kind && one.format === format);
    assert.ok(found, kind);
    return found;
  };
  return { collection, observations, partition, notes: result.notes };
}

function attribute(observations: readonly Observation[], id: string, name: string): unknown {
  const found = observations.find((one) => one.id === id);
  assert.ok(found, `${id} is among ${observations.map((one) => one.id).join(', ')}`);
  return found.attributes[name];
}

const whyOf = (statement: unknown): string => (statement as { why: string }).why;

const organization = (id = NORTH) => ({
  value: [{ id, displayName: 'Contoso', createdDateTime: '2021-08-02T10:30:06Z' }],
});
const user = (id: string, more: object = {}) => ({
  id,
  displayName: id,
  userType: 'Member',
  accountEnabled: true,
  ...more,
});

test('every attribute of the kinds is described, from an endpoint or with the reason, and the page says so', () => {
  for (const description of EXPORT_DESCRIPTIONS) {
    assert.deepEqual(descriptionGaps(description, kinds), []);
    const page = readFileSync(join(root, 'docs/sources', `${description.id}.md`), 'utf8');
    assert.equal(page, sourcePage(description, kinds), `run node tools/source-pages.ts`);
  }
});

test('accounts become users of their tenant, and two tenants stay two', () => {
  for (const tenant of [NORTH, SOUTH]) {
    const { observations, partition } = taken({
      'organization.json': organization(tenant),
      'users.json': { value: [user('ann'), user('bo', { accountEnabled: false, userType: 'Guest' })] },
    });
    const ann = assetId('user', [tenant, 'ann']);
    assert.deepEqual(attribute(observations, ann, 'enabled'), { value: true });
    assert.match(whyOf(attribute(observations, ann, 'account')), /employee, a contractor or shared/);
    assert.deepEqual(attribute(observations, assetId('user', [tenant, 'bo']), 'account'), { value: 'guest' });
    assert.equal(partition('user').complete, true);
    assert.equal(partition('user').container, tenant);
  }
});

test('an export that does not say of which tenant it is, or that is of two, is refused with what to do', () => {
  const none = read({ 'users.json': { value: [user('ann')] } });
  assert.ok('mistakes' in none);
  assert.match(
    none.mistakes[0]?.reason ?? '',
    /save GET \/organization .* or give the tenant's id by `--subject`/,
  );
  const two = read({
    'a/organization.json': organization(NORTH),
    'b/organization.json': organization(SOUTH),
  });
  assert.ok('mistakes' in two);
  assert.match(two.mistakes[0]?.reason ?? '', /of several/);
  const other = read({ 'organization.json': organization(NORTH) }, SOUTH);
  assert.ok('mistakes' in other);
  assert.match(other.mistakes[0]?.reason ?? '', /`--subject` says/);
  assert.equal(taken({ 'users.json': { value: [user('ann')] } }, SOUTH).partition('user').complete, true);
});

test('a list is whole only with all of its pages, and unfiltered', () => {
  const page = (ids: readonly string[], next?: string) => ({
    value: ids.map((id) => user(id)),
    ...(next === undefined
      ? {}
      : { '@odata.nextLink': `https://graph.microsoft.com/v1.0/users?$skiptoken=${next}` }),
  });
  const both = { 'users.json': page(['ann'], 'two'), 'users-2.json': page(['bo']) };
  assert.equal(taken(both, NORTH).partition('user').complete, true);
  const first = taken({ 'users.json': page(['ann'], 'two') }, NORTH).partition('user');
  assert.equal(first.complete, false);
  assert.match(first.why ?? '', /goes on after users\.json/);
  const exchange = (query: string, body: unknown) => ({
    request: { line: `GET https://graph.microsoft.com/v1.0/users${query}` },
    status: 200,
    body,
  });
  const last = taken({ 'x.json': exchange('?$skiptoken=two', page(['bo'])) }, NORTH).partition('user');
  assert.match(last.why ?? '', /first page/);
  const linked = taken(
    {
      'x.json': exchange('?%24skiptoken=two', page(['bo'])),
      'y.json': exchange('?$select=id', page(['ann'], 'two')),
    },
    NORTH,
  );
  assert.equal(linked.partition('user').complete, true, linked.partition('user').why);
  const filtered = taken({ 'x.json': exchange("?$filter=userType eq 'Guest'", page(['ann'])) }, NORTH);
  assert.match(filtered.partition('user').why ?? '', /\$filter/);
  const hinted = {
    '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users(id)',
    value: [user('ann')],
  };
  assert.match(
    taken({ 'x.json': hinted }, NORTH).partition('user').why ?? '',
    /does not say how it was asked/,
  );
  const delta = taken(
    { 'x.json': exchange('/delta', { value: [user('ann'), { id: 'bo', '@removed': {} }] }) },
    NORTH,
  );
  assert.deepEqual(
    delta.observations.map(({ id }) => id),
    [assetId('user', [NORTH, 'ann'])],
  );
  assert.equal(delta.partition('user').complete, false);
  const counted = taken({ 'users.json': page(['ann']), 'users/$count.json': 5 }, NORTH).partition('user');
  assert.equal(counted.witness?.count, 5);
  const one = taken({ 'users/ann.json': user('ann') }, NORTH).partition('user');
  assert.match(one.why ?? '', /only single answers of \/users/);
});

test('a refusal names the permission, and what it would have said is forbidden, not absent', () => {
  const denied = { error: { code: 'Authorization_RequestDenied', message: 'Insufficient privileges.' } };
  const { observations, partition, collection } = taken(
    {
      'users.json': { value: [user('ann')] },
      'userRegistrationDetails.json': denied,
      'devices.json': denied,
    },
    NORTH,
  );
  const methods = attribute(observations, assetId('user', [NORTH, 'ann']), 'methods');
  assert.equal((methods as { unobserved: string }).unobserved, 'forbidden');
  assert.match(whyOf(methods), /it needs AuditLog\.Read\.All/);
  assert.equal(partition('device').cause, 'forbidden');
  assert.match(partition('device').why ?? '', /Device\.Read\.All/);
  assert.ok(collection.problems.some(({ code }) => code === 'permission-missing'));
});

test('methods: a strong one counts; none is a statement only where nothing can hide', () => {
  const policy = (state: string) => ({
    authenticationMethodConfigurations: [{ id: 'X509Certificate', state }],
  });
  const registrations = (methodsRegistered: unknown) => ({ value: [{ id: 'ann', methodsRegistered }] });
  const own = {
    value: [
      { '@odata.type': '#microsoft.graph.passwordAuthenticationMethod', id: 'p', createdDateTime: null },
    ],
  };
  const methodsOf = (more: Files) =>
    attribute(
      taken({ 'users.json': { value: [user('ann')] }, ...more }, NORTH).observations,
      assetId('user', [NORTH, 'ann']),
      'methods',
    ) as { value: readonly Record<string, unknown>[]; complete: boolean; why: string };
  const strong = methodsOf({
    'userRegistrationDetails.json': registrations(['fido2SecurityKey', 'mobilePhone', 'newThing']),
  });
  assert.deepEqual(
    strong.value.map((one) => one.phishing_resistant === true),
    [true, false, false],
  );
  assert.equal(strong.complete, false);
  assert.match(whyOf(strong.value[2]?.type), /does not know/);
  const listed = { 'users/ann/authentication/methods.json': own };
  assert.equal(
    methodsOf({ ...listed, 'authenticationMethodsPolicy.json': policy('disabled') }).complete,
    true,
  );
  assert.match(
    methodsOf({ ...listed, 'authenticationMethodsPolicy.json': policy('enabled') }).why,
    /certificates/,
  );
  assert.equal(methodsOf(listed).complete, false);
});

const APPLICATION = {
  id: 'object-1',
  appId: 'app-1',
  displayName: 'billing',
  createdDateTime: '2019-09-17T19:10:35.2742618Z',
  signInAudience: 'AzureADMultipleOrgs',
  passwordCredentials: [
    { keyId: 's', startDateTime: '2024-01-01T00:00:00Z', endDateTime: '2026-01-01T00:00:00-8:00' },
  ],
  keyCredentials: [],
  servicePrincipalLockConfiguration: null,
};
const INSTANCE = {
  id: 'sp-1',
  appId: 'app-1',
  servicePrincipalType: 'Application',
  appOwnerOrganizationId: NORTH,
  accountEnabled: true,
  passwordCredentials: [{ keyId: 'hidden', startDateTime: '2025-01-01T00:00:00Z', endDateTime: null }],
  keyCredentials: [],
};

test('applications: credentials of the instance count too, a bad date is unknown, and a managed identity is one', () => {
  const { observations, notes } = taken(
    {
      'applications.json': { value: [APPLICATION] },
      'servicePrincipals.json': {
        value: [
          INSTANCE,
          { id: 'sp-2', appId: 'app-2', servicePrincipalType: 'ManagedIdentity', accountEnabled: true },
          { id: 'sp-3', appId: 'app-3', servicePrincipalType: 'Application', appOwnerOrganizationId: SOUTH },
        ],
      },
      'applications/object-1/federatedIdentityCredentials.json': { value: [] },
      'servicePrincipals/sp-1/appRoleAssignments.json': {
        value: [{ id: 'g', appRoleId: 'r', resourceDisplayName: 'Graph' }],
      },
    },
    NORTH,
  );
  const id = assetId('application', [NORTH, 'app-1']);
  const credentials = attribute(observations, id, 'credentials') as {
    value: readonly Record<string, unknown>[];
    complete: boolean;
  };
  assert.deepEqual(
    credentials.value.map((one) => one.id),
    ['s', 'hidden'],
  );
  assert.equal(credentials.complete, true);
  assert.match(whyOf(credentials.value[0]?.expires_at), /not a time as RFC 3339 writes it/);
  assert.equal(credentials.value[1]?.expires_at, undefined);
  assert.deepEqual(attribute(observations, id, 'enabled'), { value: true });
  assert.deepEqual(attribute(observations, id, 'multi_tenant'), { value: true });
  assert.match(whyOf(attribute(observations, id, 'consent')), /only listed tenants/);
  assert.deepEqual(attribute(observations, id, 'instances_locked'), { value: false });
  assert.deepEqual(
    observations.map((one) => one.id),
    [id, assetId('application', [NORTH, 'app-2'])],
  );
  assert.ok(notes.some((note) => /^1 service principals belong to applications of other tenants/.test(note)));
});

test('what an application trusts is its federated credentials, by their subjects and by expressions that ask for one', () => {
  const issuer = 'https://token.actions.githubusercontent.com';
  const expression = (value: string) => ({ value, languageVersion: 1 });
  const trusted = [
    { id: 'a', issuer, subject: 'repo:acme/shop:environment:production' },
    {
      id: 'b',
      issuer,
      claimsMatchingExpression: expression("claims['sub'] matches 'repo:acme/shop:ref:refs/heads/*'"),
    },
    {
      id: 'c',
      issuer,
      claimsMatchingExpression: expression("claims['sub'] eq 'x' and claims['actor'] eq 'ann'"),
    },
  ];
  const registration = { id: 'object-1', appId: 'app-1' };
  const saved = (value: readonly object[]) =>
    taken(
      {
        'applications.json': { value: [registration] },
        'servicePrincipals.json': { value: [] },
        'applications/object-1/federatedIdentityCredentials.json': { value },
      },
      NORTH,
    );
  const id = assetId('application', [NORTH, 'app-1']);
  const trusts = attribute(saved(trusted).observations, id, 'trusts') as {
    readonly value: readonly { readonly from: unknown }[];
    readonly complete: boolean;
  };
  assert.deepEqual(
    trusts.value.map(({ from }) => (typeof from === 'string' ? from : 'unknown')),
    ['environment', 'any_change', 'unknown'],
  );
  assert.equal(trusts.complete, true);
  const without = saved([{ id: 'd', subject: 'repo:acme/shop:environment:production' }]);
  assert.match(whyOf(attribute(without.observations, id, 'trusts')), /name no issuer/);
});

test('last use: the window of the report is as long as its oldest activity shows', () => {
  const activity = (appId: string, lastSignInDateTime: string) => ({
    id: appId,
    appId,
    lastSignInActivity: { lastSignInDateTime },
  });
  const use = (activities: readonly unknown[]) =>
    attribute(
      taken(
        {
          'applications.json': { value: [APPLICATION] },
          'servicePrincipalSignInActivities.json': { value: activities },
        },
        NORTH,
      ).observations,
      assetId('application', [NORTH, 'app-1']),
      'last_used_at',
    );
  assert.deepEqual(
    use([activity('app-1', '2026-10-30T00:00:00Z'), activity('app-9', '2026-07-01T00:00:00Z')]),
    {
      value: '2026-10-30T00:00:00Z',
      window: '2952h',
    },
  );
  assert.deepEqual(use([activity('app-1', '2026-10-30T00:00:00Z')]), {
    value: '2026-10-30T00:00:00Z',
    window: '48h',
  });
  assert.match(whyOf(use([activity('app-9', '2026-10-30T00:00:00Z')])), /does not say how far back/);
  assert.match(whyOf(use([activity('app-1', '2021-03-01T00:00:00-8:00')])), /not a time/);
});

const HELD = { principalId: 'ann', roleDefinitionId: 'admin', directoryScopeId: '/' };

test('roles: standing, active and eligible are told apart only by the instances', () => {
  const rights = (files: Files) => {
    const { observations, partition } = taken(files, NORTH);
    const [one] = observations.filter(({ kind }) => kind === 'privileged-assignment');
    return { attributes: one?.attributes ?? {}, complete: partition('privileged-assignment').complete };
  };
  const instance = (more: object) => ({
    value: [
      {
        id: 'i',
        ...HELD,
        startDateTime: '2026-10-31T20:00:00Z',
        endDateTime: '2026-11-01T02:00:00Z',
        ...more,
      },
    ],
  });
  const none = { value: [] };
  const plain = rights({ 'roleAssignments.json': { value: [{ id: 'a', ...HELD }] } });
  assert.match(whyOf(plain.attributes.mode), /roleAssignmentScheduleInstances/);
  assert.equal(plain.complete, false);
  const standing = rights({
    'roleAssignmentScheduleInstances.json': instance({ assignmentType: 'Assigned', endDateTime: null }),
    'roleEligibilityScheduleInstances.json': instance({}),
  });
  assert.deepEqual(standing.attributes.mode, { value: 'standing' });
  assert.deepEqual(standing.attributes.ends_at, { absent: true });
  assert.equal(standing.complete, true);
  const active = rights({
    'roleAssignmentScheduleInstances.json': instance({ assignmentType: 'Activated' }),
    'roleEligibilityScheduleInstances.json': none,
  });
  assert.deepEqual(active.attributes.mode, { value: 'active' });
  assert.deepEqual(active.attributes.granted_through, { value: 'broker' });
  const eligible = rights({
    'roleAssignmentScheduleInstances.json': none,
    'roleEligibilityScheduleInstances.json': instance({ endDateTime: null }),
  });
  assert.deepEqual(eligible.attributes.mode, { value: 'eligible' });
  assert.deepEqual(eligible.attributes.ends_at, { absent: true });
  assert.deepEqual(eligible.attributes.starts_at, { absent: true });
});

test('groups: those that can hold roles, with direct members, and the review that is over', () => {
  const group = { id: 'g', displayName: 'admins', isAssignableToRole: true };
  const members = {
    value: [
      { '@odata.type': '#microsoft.graph.user', id: 'ann' },
      { '@odata.type': '#microsoft.graph.group', id: 'nested' },
      { '@odata.type': '#microsoft.graph.device', id: 'odd' },
    ],
  };
  const round = { id: 'i', status: 'Applied', endDateTime: '2026-10-01T00:00:00Z' };
  const decision = (id: string, what: string, by: string) => ({
    id,
    decision: what,
    reviewedBy: { id: by, displayName: by },
  });
  const files = {
    'groups.json': { value: [group, { id: 'other', isAssignableToRole: null }] },
    'groups/g/members.json': members,
    'roleAssignments.json': { value: [{ id: 'a', ...HELD, principalId: 'g' }] },
    'roleEligibilityScheduleInstances.json': { value: [] },
    'roleDefinitions.json': { value: [{ id: 'admin', displayName: 'Global Administrator' }] },
    'identityGovernance/accessReviews/definitions.json': {
      value: [{ id: 'd', scope: { query: '/groups/g/transitiveMembers' } }],
    },
    'identityGovernance/accessReviews/definitions/d/instances.json': { value: [round] },
    'identityGovernance/accessReviews/definitions/d/instances/i/decisions.json': {
      value: [decision('1', 'Approve', 'ann'), decision('2', 'NotReviewed', 'ann')],
    },
  };
  const id = assetId('privileged-group', [NORTH, 'g']);
  const { observations, partition, notes } = taken(files, NORTH);
  assert.equal(partition('privileged-group').complete, true);
  assert.ok(notes.some((note) => /^1 groups can hold no role/.test(note)));
  const seen = attribute(observations, id, 'members') as {
    value: readonly Record<string, unknown>[];
    complete: boolean;
  };
  assert.deepEqual(
    seen.value.slice(0, 2).map((one) => one.kind),
    ['person', 'group'],
  );
  assert.equal(seen.complete, true);
  assert.deepEqual(attribute(observations, id, 'grants'), {
    value: ['Global Administrator'],
    complete: true,
  });
  assert.deepEqual(attribute(observations, id, 'review'), {
    value: { at: '2026-10-01T00:00:00Z', reviewer: 'ann', reviewer_is_member: true, undecided: 1 },
  });
  const [decided, ...others] = (
    attribute(observations, id, 'decisions') as { value: readonly Record<string, unknown>[] }
  ).value;
  assert.equal(decided?.removed, false);
  assert.match(whyOf(decided?.at), /`reviewedDateTime`/);
  assert.deepEqual(others, []);
  const [right] = observations.filter(({ kind }) => kind === 'privileged-assignment');
  const holders = (right?.attributes.holders as { value: readonly Record<string, unknown>[] } | undefined)
    ?.value;
  assert.deepEqual(holders?.slice(0, 2), [
    { id: 'ann', kind: 'person' },
    { id: 'nested', kind: 'group' },
  ]);
  const unreviewed = taken(
    { ...files, 'identityGovernance/accessReviews/definitions.json': { value: [] } },
    NORTH,
  );
  assert.deepEqual(attribute(unreviewed.observations, id, 'review'), { absent: true });
  const { 'groups/g/members.json': _, ...rest } = files;
  assert.match(
    whyOf(attribute(taken(rest, NORTH).observations, id, 'members')),
    /\/groups\/g\/members was saved/,
  );
});

test("devices: Intune's own word is effective, the directory's copy is no statement, and a grace period is not compliance", () => {
  const directory = {
    deviceId: 'D-1',
    displayName: 'ann-laptop',
    operatingSystem: 'Windows',
    isManaged: true,
    isCompliant: true,
  };
  const managed = {
    id: 'm',
    azureADDeviceId: 'd-1',
    deviceName: 'ANN-1',
    complianceState: 'inGracePeriod',
    lastSyncDateTime: '2026-10-31T00:00:00Z',
  };
  const id = assetId('device', [NORTH, 'd-1']);
  const alone = taken({ 'devices.json': { value: [directory] } }, NORTH);
  assert.deepEqual(attribute(alone.observations, id, 'compliant'), { value: true, assurance: 'configured' });
  const [asset] = assetsOf(kinds, alone.observations);
  assert.ok('unobserved' in (asset?.attributes.get('compliant')?.statement ?? {}));
  const both = taken(
    { 'devices.json': { value: [directory] }, 'managedDevices.json': { value: [managed] } },
    NORTH,
  );
  assert.deepEqual(attribute(both.observations, id, 'compliant'), { value: false, assurance: 'effective' });
  assert.deepEqual(attribute(both.observations, id, 'hostname'), { value: 'ANN-1' });
  const unregistered = { ...managed, azureADDeviceId: '00000000-0000-0000-0000-000000000000' };
  const unnamed = taken(
    { 'devices.json': { value: [] }, 'managedDevices.json': { value: [unregistered] } },
    NORTH,
  );
  assert.match(unnamed.partition('device').why ?? '', /no `azureADDeviceId`/);
});

test('what cannot be read or is not known is named, and no list is whole beside it', () => {
  const { collection, partition } = taken(
    {
      'users.json': { value: [user('ann')] },
      'broken.json': '{"value": [',
      'odd.json': { request: { line: 'GET /v1.0/planner/tasks' }, status: 200, body: { value: [] } },
    },
    NORTH,
  );
  const codes = collection.problems.map(({ code }) => code);
  assert.ok(codes.includes('answer-unreadable') && codes.includes('answer-unknown'), codes.join());
  assert.match(partition('user').why ?? '', /broken\.json is not whole JSON/);
});

test('no answer, however cut, makes an attribute or an asset that the whole export does not have', () => {
  const whole: Files = {
    'organization.json': organization(),
    'users.json': { value: [user('ann')] },
    'userRegistrationDetails.json': { value: [{ id: 'ann', methodsRegistered: ['fido2SecurityKey'] }] },
    'applications.json': { value: [APPLICATION] },
    'servicePrincipals.json': { value: [INSTANCE] },
    'roleAssignments.json': { value: [{ id: 'a', ...HELD }] },
    'roleAssignmentScheduleInstances.json': {
      value: [{ id: 'i', ...HELD, assignmentType: 'Assigned', startDateTime: null, endDateTime: null }],
    },
    'roleEligibilityScheduleInstances.json': { value: [] },
  };
  const all = taken(whole).observations;
  const denied = { error: { code: 'Authorization_RequestDenied' } };
  for (const lost of Object.keys(whole).filter((file) => file !== 'organization.json')) {
    const less = taken({ ...whole, [lost]: denied });
    for (const one of less.observations) {
      const full = all.find(({ id }) => id === one.id);
      assert.ok(full, `${one.id} without ${lost}`);
      for (const [name, statement] of Object.entries(one.attributes)) {
        if ('unobserved' in statement || ('complete' in statement && statement.complete === false)) continue;
        assert.deepEqual(statement, full.attributes[name], `${name} of ${one.id} without ${lost}`);
      }
    }
  }
});

const exchange = (address: string, body: unknown, headers: object = { date: 'now' }) => ({
  request: { line: `GET https://${address}` },
  status: 200,
  headers,
  body,
});

test("okta: a list is whole only where its headers say so, ids keep their case, and a role by a group is the group's", () => {
  const users = [
    { id: '00uA', status: 'ACTIVE', profile: { login: 'ann', userType: 'Employee' } },
    { id: '00ua', status: 'SUSPENDED', profile: {} },
  ];
  const at = 'x.okta.com/api/v1';
  const files = {
    'org.json': { id: '00o1', companyName: 'Contoso' },
    'users.json': exchange(`${at}/users?limit=200`, users),
    'a.json': exchange(`${at}/users/00uA/authenticator-enrollments`, [
      { id: 'e1', key: 'okta_password', status: 'ACTIVE', created: '2020-07-26T21:05:23.000Z' },
      { id: 'e2', key: 'webauthn', status: 'ACTIVE' },
      { id: 'e3', key: 'okta_verify', status: 'ACTIVE' },
      { id: 'e4', key: 'google_otp', status: 'INACTIVE' },
    ]),
    'r.json': exchange(`${at}/users/00uA/roles`, [
      { type: 'SUPER_ADMIN', status: 'ACTIVE', assignmentType: 'USER' },
      { type: 'ORG_ADMIN', status: 'ACTIVE', assignmentType: 'GROUP' },
    ]),
  };
  const { observations, partition } = taken(files, null, 'okta');
  assert.equal(partition('user').complete, true, partition('user').why);
  const [big, small] = ['00uA', '00ua'].map((id) => assetId('user', ['00o1', id]));
  assert.deepEqual(attribute(observations, big ?? '', 'account'), { value: 'employee' });
  assert.deepEqual(attribute(observations, small ?? '', 'enabled'), { value: false });
  assert.match(
    whyOf(attribute(observations, small ?? '', 'methods')),
    /\/users\/00ua\/authenticator-enrollments/,
  );
  const methods = attribute(observations, big ?? '', 'methods') as {
    value: readonly Record<string, unknown>[];
    complete: boolean;
  };
  assert.deepEqual(
    methods.value.map((one) => [one.id, one.phishing_resistant === true]),
    [
      ['e1', false],
      ['e2', true],
      ['e3', false],
    ],
  );
  assert.match(whyOf(methods.value[2]?.phishing_resistant), /`okta_verify` alone/);
  const rights = observations.filter(({ kind }) => kind === 'privileged-assignment');
  assert.deepEqual(
    rights.map(({ id }) => id),
    [assetId('privileged-assignment', ['okta/00o1', '00uA', 'SUPER_ADMIN'])],
  );
  const more = { link: `<https://${at}/users?after=00ua&limit=200>; rel="next"` };
  const cut = taken({ ...files, 'users.json': exchange(`${at}/users?limit=200`, users, more) }, null, 'okta');
  assert.match(cut.partition('user').why ?? '', /goes on after users\.json/);
  assert.match(
    taken({ ...files, 'users.json': users }, null, 'okta').partition('user').why ?? '',
    /does not show the header/,
  );
});

test('google: super administrators and roles, and an account that is archived cannot sign in', () => {
  const users = [
    { id: '1', customerId: 'C1', primaryEmail: 'ann@x', suspended: false, archived: false, isAdmin: true },
    { id: '2', customerId: 'C1', suspended: false, archived: true, isAdmin: false },
    { id: '3', customerId: 'C1', suspended: false },
  ];
  const { observations, partition } = taken(
    {
      'users.json': { users },
      'customer/C1/roles.json': { items: [{ roleId: '9', roleName: '_HELP_DESK_ADMIN_ROLE' }] },
      'customer/C1/roleassignments.json': { items: [{ roleId: '9', assignedTo: '2', assigneeType: 'user' }] },
    },
    null,
    'google',
  );
  assert.deepEqual(attribute(observations, assetId('user', ['C1', '2']), 'enabled'), { value: false });
  assert.match(whyOf(attribute(observations, assetId('user', ['C1', '3']), 'enabled')), /`archived`/);
  const rights = observations.filter(({ kind }) => kind === 'privileged-assignment');
  assert.deepEqual(
    rights.map(({ name }) => name),
    ['Super Admin: 1', '_HELP_DESK_ADMIN_ROLE: 2'],
  );
  assert.match(
    partition('privileged-assignment').why ?? '',
    /do not say whether they are super administrators/,
  );
  const paged = taken({ 'users.json': { users, nextPageToken: 'more' } }, null, 'google');
  assert.match(paged.partition('user').why ?? '', /goes on after/);
});

test('gitlab: a token that has a day for its end is expired from that day on, and its value is never kept', () => {
  const token = (id: number, more: object) => ({
    id,
    name: 'ci',
    created_at: '2026-01-01T00:00:00Z',
    revoked: false,
    active: true,
    ...more,
  });
  const tokens = [
    token(1, { expires_at: '2026-11-01' }),
    token(2, { expires_at: '2026-11-02' }),
    token(3, { expires_at: null }),
    token(4, { revoked: true }),
  ];
  const { observations } = taken(
    { 'x.json': exchange('git.example.com/api/v4/projects/5/access_tokens', tokens) },
    null,
    'gitlab',
  );
  const state = (id: number) =>
    attribute(observations, assetId('credential', ['git.example.com', `access/${id}`]), 'state');
  assert.deepEqual(
    [state(1), state(2), state(3), state(4)],
    [{ value: 'expired' }, { value: 'active' }, { value: 'active' }, { value: 'revoked' }],
  );
});

test('aws: a user with a password is a person, one without is an application, and a slot without a key is none', () => {
  const head =
    'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated';
  const none = 'false,N/A,N/A,N/A,N/A';
  const row = (name: string, password: string, second: string, key: string) =>
    `${name},arn:aws:iam::123456789012:user/${name},2020-01-01T00:00:00+00:00,${password},N/A,2021-01-01T00:00:00+00:00,N/A,${second},${key},${none},false,N/A,false,N/A`;
  const used = 'true,2026-01-01T00:00:00+00:00,2026-02-01T00:00:00+00:00,eu-west-1,s3';
  const report = [
    head,
    row('ann', 'true', 'false', none),
    row('bo', 'true', 'true', none),
    row('ci', 'false', 'false', used),
    row('idle', 'false', 'false', 'true,2026-01-01T00:00:00+00:00,N/A,N/A,N/A'),
  ];
  const { observations, partition } = taken({ 'report.csv': `${report.join('\n')}\n` }, null, 'aws');
  const directory = 'aws/123456789012';
  const of = (kind: string, name: string) =>
    assetId(kind, [directory, `arn:aws:iam::123456789012:user/${name}`]);
  assert.equal(partition('user').complete, true);
  assert.deepEqual(
    observations.map(({ kind, name }) => `${kind} ${name}`),
    [
      'user ann',
      'user bo',
      'application ci',
      'application idle',
      'credential ci, access_key_1',
      'credential idle, access_key_1',
    ],
  );
  const methods = (name: string) =>
    attribute(observations, of('user', name), 'methods') as { complete: boolean };
  assert.equal(methods('ann').complete, true);
  assert.equal(methods('bo').complete, false);
  assert.deepEqual(attribute(observations, of('application', 'ci'), 'last_used_at'), {
    value: '2026-02-01T00:00:00+00:00',
    window: '7296h',
  });
  assert.deepEqual(attribute(observations, of('application', 'idle'), 'last_used_at'), {
    absent: true,
    window: '7296h',
  });
  assert.match(
    taken({ 'report.csv': report.join('\n'), 'odd.csv': 'a,b\n1,2\n' }, null, 'aws').partition('user').why ??
      '',
    /odd\.csv is no credential report/,
  );
});

const AWS = 'aws/123456789012';
const IDENTITY = { 'sts-get-caller-identity.json': { Account: '123456789012' } };
const REGIONS = {
  'ec2-describe-regions.json': {
    Regions: [
      { RegionName: 'eu-central-1', OptInStatus: 'opt-in-not-required' },
      { RegionName: 'eu-west-1', OptInStatus: 'opted-in' },
      { RegionName: 'ap-east-1', OptInStatus: 'not-opted-in' },
    ],
  },
};

test('aws: whoever may take a role on is read from its trust policy, and a condition on everybody is not guessed', () => {
  const trust = (Principal: unknown, more: object = {}) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal, ...more }],
  });
  const role = (name: string, policy: unknown, used: unknown = {}) => ({
    RoleId: `AROA${name}`,
    RoleName: name,
    CreateDate: '2026-10-22T00:00:00+00:00',
    AssumeRolePolicyDocument: policy,
    AttachedManagedPolicies: [
      { PolicyName: 'AdministratorAccess', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    ],
    RolePolicyList: [],
    RoleLastUsed: used,
  });
  const roles = [
    role('own', trust({ AWS: 'arn:aws:iam::123456789012:root', Service: ['ec2.amazonaws.com'] })),
    role('other', encodeURIComponent(JSON.stringify(trust({ AWS: ['999999999999', '123456789012'] }))), {
      LastUsedDate: '2026-10-30T00:00:00+00:00',
    }),
    role('anybody', trust('*')),
    role('organisation', trust('*', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } })),
    role('broken', '{"Statement"'),
    role('unasked', trust({ Federated: 'token.actions.githubusercontent.com' }), null),
  ];
  const { observations, partition } = taken(
    { ...IDENTITY, 'iam/get-account-authorization-details.json': { RoleDetailList: roles } },
    null,
    'aws',
  );
  assert.equal(partition('application', 'role').complete, true);
  const of = (name: string, what: string) =>
    attribute(observations, assetId('application', [AWS, `AROA${name}`]), what);
  const consents = ['own', 'other', 'anybody'].map((name) => of(name, 'consent'));
  assert.deepEqual(consents, [{ value: 'own_tenant' }, { value: 'listed_tenants' }, { value: 'any_tenant' }]);
  assert.match(whyOf(of('organisation', 'multi_tenant')), /everybody on a condition/);
  assert.match(whyOf(of('broken', 'credentials')), /trust policy .* could not be read/);
  assert.match(whyOf(of('unasked', 'last_used_at')), /RoleLastUsed/);
  assert.deepEqual(of('other', 'last_used_at'), { value: '2026-10-30T00:00:00+00:00', window: '9600h' });
  assert.deepEqual(of('own', 'last_used_at'), { absent: true, window: '240h' }, 'its whole life of ten days');
});

test('aws: a list is whole when every region of the account answered, and a region that is off is none', () => {
  const subnet = { SubnetId: 'subnet-1', VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24', DefaultForAz: false };
  const files = {
    ...IDENTITY,
    ...REGIONS,
    'eu-central-1/ec2-describe-subnets.json': { Subnets: [subnet] },
  };
  assert.match(taken(files, null, 'aws').partition('subnet').why ?? '', /not asked in eu-west-1/);
  const west = { 'eu-west-1/ec2/describe-subnets.json': { Subnets: [] } };
  assert.equal(taken({ ...files, ...west }, null, 'aws').partition('subnet').complete, true);
  const paged = { 'eu-west-1/ec2-describe-subnets.json': { Subnets: [], NextToken: 'more' } };
  assert.match(taken({ ...files, ...paged }, null, 'aws').partition('subnet').why ?? '', /goes on after/);
  const refused = {
    'eu-west-1/ec2-describe-subnets.json': { Error: { Code: 'UnauthorizedOperation', Message: 'no' } },
  };
  const less = taken({ ...files, ...refused }, null, 'aws').partition('subnet');
  assert.equal(less.cause, 'forbidden');
  assert.match(less.why ?? '', /grant ec2:DescribeSubnets/);
  const unknown = taken({ ...IDENTITY, 'ec2-describe-subnets.json': { Subnets: [subnet] } }, null, 'aws');
  assert.match(unknown.partition('subnet').why ?? '', /which regions the account has/);
});

test('aws: a subnet lets traffic out where a rule and a route do, and a list of access that denies leaves it open', () => {
  const region = 'eu-central-1';
  const rule = (id: string, CidrIpv4: string, Tags: readonly object[] = []) => ({
    SecurityGroupRuleId: id,
    GroupId: 'sg-1',
    IsEgress: true,
    CidrIpv4,
    Tags,
  });
  const acl = (entries: readonly object[]) => ({
    NetworkAcls: [
      {
        Associations: [{ SubnetId: 'subnet-1' }, { SubnetId: 'subnet-2' }],
        Entries: [
          ...entries,
          { Egress: true, RuleNumber: 32767, RuleAction: 'deny', Protocol: '-1', CidrBlock: '0.0.0.0/0' },
        ],
      },
    ],
  });
  const open = { Egress: true, RuleNumber: 100, RuleAction: 'allow', Protocol: '-1', CidrBlock: '0.0.0.0/0' };
  const denied = {
    Egress: true,
    RuleNumber: 90,
    RuleAction: 'deny',
    Protocol: '6',
    CidrBlock: '198.51.100.0/24',
  };
  const network = (entries: readonly object[]) => ({
    ...IDENTITY,
    'ec2-describe-regions.json': { Regions: [{ RegionName: region }] },
    [`${region}/ec2-describe-subnets.json`]: {
      Subnets: [1, 2].map((n) => ({
        SubnetId: `subnet-${n}`,
        VpcId: 'vpc-1',
        CidrBlock: `10.0.${n}.0/24`,
        DefaultForAz: n === 1,
        MapPublicIpOnLaunch: n === 1,
      })),
    },
    [`${region}/ec2-describe-route-tables.json`]: {
      RouteTables: [
        {
          VpcId: 'vpc-1',
          Associations: [{ Main: true }],
          Routes: [
            { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local' },
            { DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1' },
          ],
        },
        {
          VpcId: 'vpc-1',
          Associations: [{ SubnetId: 'subnet-2' }],
          Routes: [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local' }],
        },
      ],
    },
    [`${region}/ec2-describe-network-interfaces.json`]: {
      NetworkInterfaces: ['subnet-1', 'subnet-2'].map((SubnetId) => ({
        SubnetId,
        Groups: [{ GroupId: 'sg-1' }],
      })),
    },
    [`${region}/ec2-describe-security-group-rules.json`]: {
      SecurityGroupRules: [
        rule('sgr-1', '0.0.0.0/0'),
        rule('sgr-2', '192.0.2.0/24', [{ Key: 'Team', Value: 'payments' }]),
      ],
    },
    [`${region}/ec2-describe-network-acls.json`]: acl(entries),
  });
  const { observations } = taken(network([open]), null, 'aws');
  const of = (prefix: string, what: string) =>
    attribute(observations, assetId('subnet', ['vpc-1', prefix]), what);
  const tagged = { id: 'sgr-2', destination: '192.0.2.0/24', tag: 'payments' };
  assert.deepEqual(of('10.0.1.0/24', 'egress'), {
    value: [{ id: 'sgr-1', destination: 'any' }, tagged],
    complete: true,
  });
  assert.deepEqual(of('10.0.1.0/24', 'default_outbound'), { value: true });
  assert.deepEqual(of('10.0.2.0/24', 'default_outbound'), { value: false });
  assert.deepEqual(of('10.0.2.0/24', 'egress'), {
    value: [{ id: 'sgr-1/10.0.0.0/16', destination: '10.0.0.0/16' }, tagged],
    complete: true,
  });
  const less = taken(network([denied, open]), null, 'aws').observations;
  const partial = attribute(less, assetId('subnet', ['vpc-1', '10.0.1.0/24']), 'egress') as {
    complete: boolean;
  };
  assert.equal(partial.complete, false);
});

test('a way into another network is what routes lead through, and is reviewed where somebody else saw all that it leads to', () => {
  const region = 'eu-central-1';
  const standard = loaded.standards.find(({ id }) => id === 'back-end-connections-reviewed');
  assert.ok(standard);
  const routed = (routes: readonly object[]) =>
    taken(
      {
        ...IDENTITY,
        'ec2-describe-regions.json': { Regions: [{ RegionName: region }] },
        [`${region}/ec2-describe-route-tables.json`]: {
          RouteTables: [{ VpcId: 'vpc-1', Associations: [{ Main: true }], Routes: routes }],
        },
      },
      null,
      'aws',
    );
  const to = (DestinationCidrBlock: string, more: object) => ({ DestinationCidrBlock, ...more });
  const routes = [
    to('10.0.0.0/16', { GatewayId: 'local' }),
    to('0.0.0.0/0', { NatGatewayId: 'nat-1' }),
    to('10.20.4.0/24', { VpcPeeringConnectionId: 'pcx-1' }),
    to('10.30.0.0/16', { TransitGatewayId: 'tgw-1', State: 'blackhole' }),
    to('172.16.0.0/12', { GatewayId: 'vgw-1' }),
    { DestinationPrefixListId: 'pl-1', GatewayId: 'vpce-1' },
    to('192.168.0.0/16', { NetworkInterfaceId: 'eni-1' }),
  ];
  const { observations, partition } = routed(routes);
  const ways = observations.filter(({ kind }) => kind === 'network-connection');
  assert.deepEqual(
    ways.map(({ name, attributes: { type, reaches } }) => [name, type, reaches]),
    [
      ['pcx-1', 'peering', '10.20.4.0/24'],
      ['tgw-1', 'transit', '10.30.0.0/16'],
      ['vgw-1', 'private_line', '172.16.0.0/12'],
      ['eni-1', 'appliance', '192.168.0.0/16'],
    ].map(([id, type, prefix]) => [id, { value: type }, { value: [prefix], complete: true }]),
  );
  assert.equal(partition('network-connection').complete, true);
  for (const odd of [{ GatewayId: 'new-1' }, { NewWayId: 'x' }, {}]) {
    const less = routed([...routes, to('10.40.0.0/16', odd)]);
    assert.match(less.partition('network-connection').why ?? '', /do not say by `VpcId` and `Routes`/);
    const open = less.observations.find(({ name }) => name === 'pcx-1')?.attributes.reaches;
    assert.ok(open && 'complete' in open && open.complete === false, 'more may lead through it');
  }
  const review = (rows: readonly string[]) =>
    taken(
      {
        'mapping.json': {
          catalogue: 'cmdb.example.com',
          network_connections: {
            network: 'Network',
            connection_id: 'Connection',
            environment: { column: 'Carries', production: ['Production'] },
            review: {
              at: 'Decided',
              reviewer: 'By',
              asked_by: 'Asked',
              approved: { column: 'Decision', yes: ['approved'], no: ['refused'] },
              reaches: { column: 'To', separator: ' ' },
            },
          },
        },
        'network-connections.csv': ['Network,Connection,Carries,Decided,By,Asked,Decision,To', ...rows].join(
          '\n',
        ),
      },
      null,
      'cmdb',
    ).observations;
  /** What the peering is judged as, with these rows beside its routes. */
  const judged = (...rows: readonly string[]) => {
    const [asset] = assetsOf(kinds, [...observations, ...review(rows)]).filter(
      ({ name }) => name === 'pcx-1',
    );
    assert.ok(asset);
    const { verdict, reason } = evaluate(standard.compiled, asset, { asOf: TAKEN, real: TAKEN });
    return [verdict, reason];
  };
  const row = (id: string, at: string, rest = 'ann,bob,approved,10.20.4.0/24') =>
    `vpc-1,${id},Production,${at},${rest}`;
  const at = '2026-10-20T09:30:00Z';
  assert.deepEqual(judged(row('pcx-1', at)), ['pass', 'meets']);
  assert.deepEqual(judged(row('pcx-1', at, 'ann,bob,approved,10.20.0.0/24')), ['fail', 'grown']);
  assert.deepEqual(judged('vpc-1,pcx-1,Production,,,,,'), ['fail', 'never-reviewed']);
  assert.deepEqual(judged(row('pcx-1', at, 'ann,,approved,10.20.4.0/24')), ['unknown', 'unobserved']);
  assert.deepEqual(judged(row('pcx-1', at, 'ann,bob,perhaps,10.20.4.0/24')), ['unknown', 'unobserved']);
  const many = ['a', 'b', 'c', 'd'].map((id, index) => row(id, `2026-10-20T09:3${index % 2}:30Z`));
  assert.deepEqual(judged(row('pcx-1', at), ...many), ['fail', 'waved-through']);
  assert.deepEqual(judged(row('pcx-1', at), ...many.slice(1)), ['pass', 'meets']);
  assert.deepEqual(judged(row('pcx-1', at), row('a', '2026-10-20')), ['unknown', 'unobserved']);
});

test('aws: everybody can knock at a bucket until its policy denies all but named networks', () => {
  const deny = (Condition: object, more: object = {}) => ({
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'],
    Condition,
    ...more,
  });
  const endpoint = { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } };
  const policies = {
    closed: deny(endpoint),
    anyValue: deny({ 'ForAnyValue:StringNotEquals': { 'aws:SourceVpce': 'vpce-1' } }),
    more: deny({ ...endpoint, Bool: { 'aws:SecureTransport': 'false' } }),
    wide: deny({ NotIpAddress: { 'aws:SourceIp': ['0.0.0.0/1', '128.0.0.0/1'] } }),
    reading: deny(endpoint, { Action: 's3:GetObject' }),
    somebody: deny(endpoint, { Principal: { AWS: 'arn:aws:iam::123456789012:user/ann' } }),
  };
  const names = [...Object.keys(policies), 'none', 'hidden'];
  const files: Record<string, unknown> = {
    ...IDENTITY,
    's3/list-buckets.json': {
      Buckets: names.map((Name) => ({ Name, CreationDate: '2026-01-01T00:00:00+00:00' })),
    },
    's3/get-bucket-policy/none.json': { Error: { Code: 'NoSuchBucketPolicy', Message: 'none' } },
    's3/get-bucket-policy/hidden.json': { Error: { Code: 'AccessDenied', Message: 'Access Denied' } },
  };
  for (const [name, statement] of Object.entries(policies)) {
    const text = JSON.stringify({ Statement: [statement] }).replaceAll(':::b', `:::${name}`);
    files[`s3/get-bucket-policy/${name}.json`] = { Policy: text };
  }
  const { observations, partition } = taken(files, null, 'aws');
  assert.equal(partition('cloud-resource', 'AWS::S3::Bucket').complete, true);
  const isPublic = (name: string) =>
    attribute(observations, assetId('cloud-resource', ['aws', `arn:aws:s3:::${name}`]), 'public_access');
  for (const name of names.slice(1, -1)) assert.deepEqual(isPublic(name), { value: true }, name);
  assert.deepEqual(isPublic('closed'), { value: false });
  assert.match(whyOf(isPublic('hidden')), /grant s3:GetBucketPolicy/);
});

test('kubernetes: what kubectl saved under the name of its list is whole, and a list of several kinds under no name is not taken for one', () => {
  const meta = (name: string, more: object = {}) => ({
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, creationTimestamp: '2026-01-01T00:00:00Z' },
    ...more,
  });
  const list = (...items: readonly object[]) => ({ apiVersion: 'v1', kind: 'List', metadata: {}, items });
  const spaces = list(
    { metadata: { name: 'kube-system', uid: 'c1' } },
    { metadata: { name: 'shop', uid: 'c2' } },
  );
  const covers = (podSelector: object) =>
    list(meta('out', { spec: { podSelector, policyTypes: ['Ingress', 'Egress'] } }));
  const pods = list(
    meta('web', { metadata: { name: 'web', namespace: 'shop', uid: 'p', labels: { app: 'web' } } }),
  );
  const read = (networkpolicies: object, more: Files = {}) =>
    taken(
      { 'namespaces.json': spaces, 'pods.json': pods, 'networkpolicies.json': networkpolicies, ...more },
      null,
      'kubernetes',
    );
  const open = (networkpolicies: object) =>
    attribute(
      read(networkpolicies).observations,
      assetId('subnet', ['kubernetes/c1', 'namespace/shop']),
      'default_outbound',
    );
  assert.deepEqual(open(list()), { value: true });
  assert.deepEqual(open(covers({})), { value: false });
  assert.deepEqual(open(covers({ matchLabels: { app: 'web' } })), { value: false });
  assert.deepEqual(open(covers({ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] })), {
    value: true,
  });
  assert.match(
    whyOf(open(covers({ matchExpressions: [{ key: 'app', operator: 'Gt', values: ['1'] }] }))),
    /operator/,
  );
  assert.deepEqual(open(list(meta('in', { spec: { podSelector: {}, policyTypes: ['Ingress'] } }))), {
    value: true,
  });
  const accounts = read(list(), {
    'serviceaccounts.json': list(meta('web'), { metadata: { name: 'never-applied' } }),
  });
  assert.match(accounts.partition('application').why ?? '', /1 of \/serviceaccounts have no `metadata.uid`/);
  const credentials = attribute(
    accounts.observations,
    assetId('application', ['kubernetes/c1', 'uid-web']),
    'credentials',
  ) as { complete: boolean };
  assert.equal(credentials.complete, false, 'no secret was listed, so one may be there');
  const mixed = read(list(), {
    'everything.json': list({ ...meta('a'), kind: 'Service' }, { ...meta('b'), kind: 'Pod' }),
  });
  assert.match(
    mixed.collection.problems.map(({ message }) => message).join(),
    /everything\.json does not say which request/,
  );
});

test('services: a table of the catalogue says which there are and who answers for them, and a value that no mapping names is unknown', () => {
  const mapping = {
    catalogue: 'cmdb.example.com',
    service_id: 'Number',
    owners: { column: 'Owned by', separator: ';' },
    environment: { column: 'Used for', production: ['Production'], test: ['QA'] },
    customer_facing: { column: 'Customers', yes: ['true'], no: ['false'] },
  };
  const services =
    'Number,Owned by,Used for,Customers\ns1,payments; checkout,Production,true\ns2,,Pilot,\ns2,x,QA,false\n,x,QA,false\n';
  const { observations, partition } = taken(
    { 'mapping.json': mapping, 'services.csv': services },
    null,
    'cmdb',
  );
  const of = (id: string, name: string) =>
    attribute(observations, assetId('service', ['cmdb.example.com', id]), name);
  assert.deepEqual(of('s1', 'owners'), { value: ['payments', 'checkout'], complete: true });
  assert.deepEqual(of('s2', 'owners'), { value: [], complete: true });
  assert.deepEqual(
    [of('s1', 'environment'), of('s1', 'customer_facing')],
    [{ value: 'production' }, { value: true }],
  );
  assert.match(whyOf(of('s2', 'environment')), /`Pilot`/);
  assert.match(whyOf(of('s1', 'dns_names')), /which column tells `dns_names`/);
  assert.match(partition('service').why ?? '', /services\.csv:4|services\.csv:5/);
  const wrong = read(
    { 'mapping.json': { ...mapping, service_id: 'Id' }, 'services.csv': services },
    null,
    'cmdb',
  );
  assert.ok('mistakes' in wrong);
  assert.match(wrong.mistakes[0]?.reason ?? '', /names the column `Id`, and services\.csv has Number/);
});

test('cmdb: firmware is approved by model, an access list that nobody compared is unknown, and a contact that is not named is absent', () => {
  const mapping = {
    catalogue: 'cmdb.example.com',
    network_devices: {
      serial: 'Serial',
      owners: { column: 'Team', separator: ';' },
      firmware: { model: 'Model', version: 'Runs', approved: { EX: ['22.4'] } },
      access_list: {
        baseline: 'Baseline',
        deviations: { column: 'Differs', separator: ';' },
        none: 'compliant',
      },
    },
    applications: {
      directory: 'Tenant',
      client_id: 'Client',
      emergency_contact: { reach: 'Night', confirmed_at: 'Answered' },
    },
    devices: {
      directory: 'Tenant',
      device_id: 'Device',
      profile: { column: 'As', locked_down: ['Workstation'], standard: ['Laptop'] },
    },
  };
  const files = {
    'mapping.json': mapping,
    'network-devices.csv':
      'Serial,Team,Model,Runs,Baseline,Differs\nn1,edge,EX,22.4,e7,compliant\nn2,,EX,21.1,e7,permit any;permit ssh\nn3,edge,MX,23.4,e7,\n',
    'applications.csv':
      'Tenant,Client,Night,Answered\nt,a,rota@example.com,2026-10-01\nt,b,,\nt,c,rota@example.com,\n',
    'devices.csv': 'Tenant,Device,As\nt,d1,Workstation\nt,d2,Tablet\n',
  };
  const { observations, partition } = taken(files, null, 'cmdb');
  const network = (id: string, name: string) =>
    attribute(observations, assetId('network-device', ['cmdb.example.com', id]), name);
  const application = (id: string) =>
    attribute(observations, assetId('application', ['t', id]), 'emergency_contact');
  const device = (id: string) => attribute(observations, assetId('device', ['t', id]), 'profile');
  assert.deepEqual(
    ['n1', 'n2'].map((id) => network(id, 'access_list')),
    [
      { value: { baseline: 'e7', deviations: [] } },
      { value: { baseline: 'e7', deviations: ['permit any', 'permit ssh'] } },
    ],
  );
  assert.match(whyOf(network('n3', 'access_list')), /nothing under `Differs`/);
  const approved = ['n1', 'n2', 'n3'].map((id) => {
    const { value } = network(id, 'firmware') as { value: { approved: unknown } };
    return value.approved;
  });
  assert.deepEqual(approved.slice(0, 2), [true, false]);
  assert.match(whyOf(approved[2]), /no version is approved for the model/);
  assert.deepEqual(network('n2', 'owners'), { value: [], complete: true });
  assert.deepEqual(application('a'), {
    value: { reach: 'rota@example.com', confirmed_at: '2026-10-01T00:00:00Z' },
  });
  assert.deepEqual(application('b'), { absent: true });
  const { value } = application('c') as { value: { confirmed_at: unknown } };
  assert.match(whyOf(value.confirmed_at), /nothing under `Answered`/);
  assert.deepEqual(device('d1'), { value: 'locked_down' });
  assert.match(whyOf(device('d2')), /`Tablet`/);
  assert.deepEqual(
    ['network-device', 'application', 'device'].map((kind) => partition(kind).seen),
    [3, 3, 2],
  );
  const { 'devices.csv': _, ...fewer } = files;
  const without = read(fewer, null, 'cmdb');
  assert.ok('mistakes' in without);
});

test('cmdb: a device is recorded where discovery saw it and the inventory has it, and no table says so of itself', () => {
  const devices = { serial: 'Serial', owners: { column: 'Team', separator: ';' } };
  const mapping = (more: object) => ({
    catalogue: 'cmdb.example.com',
    network_devices: { ...devices, ...more },
  });
  const table = { 'network-devices.csv': 'Serial,Team\nn1,edge\nn2,edge\n' };
  const recorded = ({ observations }: { readonly observations: readonly Observation[] }, id: string) =>
    attribute(observations, assetId('network-device', ['cmdb.example.com', id]), 'recorded');
  const alone = taken({ 'mapping.json': mapping({}), ...table }, null, 'cmdb');
  assert.match(whyOf(recorded(alone, 'n1')), /nobody compared the inventory with what is on the network/);
  const place = { column: 'Carries', production: ['Production'] };
  const seen = mapping({ discovered: { serial: 'Seen', site: 'Where', environment: place } });
  const rows = (...all: readonly string[]) => ({
    'mapping.json': seen,
    ...table,
    'discovered-devices.csv': ['Seen,Where,Carries', ...all, ''].join('\n'),
  });
  const both = taken(rows('n1,ams1,Production', 'n9,ams2,Production'), null, 'cmdb');
  assert.deepEqual(recorded(both, 'n1'), { value: true, assurance: 'effective' });
  assert.match(whyOf(recorded(both, 'n2')), /discovery did not see it/);
  assert.deepEqual(recorded(both, 'n9'), { value: false });
  assert.deepEqual(
    attribute(both.observations, assetId('network-device', ['cmdb.example.com', 'n9']), 'environment'),
    { value: 'production' },
  );
  assert.deepEqual(both.partition('network-device').witness, { id: 'discovery', count: 2 });
  for (const wrong of [rows(',ams1,Production'), { ...rows(), 'discovered-devices.csv': undefined }]) {
    const files = Object.fromEntries(Object.entries(wrong).filter(([, body]) => body !== undefined));
    const refused = read(files, null, 'cmdb');
    assert.ok('mistakes' in refused);
    assert.match(refused.mistakes[0]?.reason ?? '', /a row without `Seen`|holds no discovered-devices\.csv/);
  }
});

test('azure: what a network lets in is read where the resource says it, a classic one is legacy, and a page that was not saved is missed', () => {
  const place = '/subscriptions/s1/resourceGroups/g/providers';
  const one = (type: string, name: string, properties: object) => ({
    id: `${place}/${type}/${name}`,
    name,
    type,
    tenantId: NORTH,
    properties,
  });
  const data = [
    one('microsoft.storage/storageaccounts', 'open', { networkAcls: { defaultAction: 'Allow' } }),
    one('microsoft.storage/storageaccounts', 'denied', {
      publicNetworkAccess: 'Enabled',
      networkAcls: { defaultAction: 'Deny' },
    }),
    one('Microsoft.KeyVault/vaults', 'off', {
      publicNetworkAccess: 'Disabled',
      networkAcls: { defaultAction: 'Allow' },
    }),
    one('microsoft.sql/servers', 'rules', { publicNetworkAccess: 'Enabled' }),
    one('microsoft.documentdb/databaseaccounts', 'inside', { publicNetworkAccess: 'SecuredByPerimeter' }),
    one('microsoft.classiccompute/virtualmachines', 'old', {}),
    one('microsoft.network/virtualnetworks', 'net', {
      subnets: [
        {
          name: 'a',
          properties: { addressPrefix: '10.0.0.0/24', defaultOutboundAccess: false, ipConfigurations: [{}] },
        },
        { name: 'b', properties: { addressPrefixes: ['10.0.1.0/24', '10.0.2.0/24'] } },
      ],
    }),
  ];
  const answer = { count: 7, data, skip_token: null, total_records: 7 };
  const { observations, partition } = taken({ 'resources.json': answer }, null, 'azure');
  assert.deepEqual([partition('cloud-resource').complete, partition('subnet').seen], [true, 3]);
  const of = (type: string, name: string, what: string) =>
    attribute(
      observations,
      assetId('cloud-resource', ['azure', `${place}/${type}/${name}`.toLowerCase()]),
      what,
    );
  const storage = 'microsoft.storage/storageaccounts';
  assert.deepEqual(
    [of(storage, 'open', 'public_access'), of(storage, 'denied', 'public_access')],
    [{ value: true }, { value: false }],
  );
  assert.deepEqual(of('microsoft.keyvault/vaults', 'off', 'public_access'), { value: false });
  assert.match(whyOf(of('microsoft.sql/servers', 'rules', 'public_access')), /whom its network lets in/);
  assert.deepEqual(of('microsoft.classiccompute/virtualmachines', 'old', 'management_api'), {
    value: 'legacy',
  });
  const network = `${place}/microsoft.network/virtualnetworks/net`.toLowerCase();
  const outbound = (prefix: string) =>
    attribute(observations, assetId('subnet', [network, prefix]), 'default_outbound');
  assert.deepEqual(outbound('10.0.0.0/24'), { value: false });
  assert.match(whyOf(outbound('10.0.1.0/24')), /is not said/);
  const less = taken({ 'resources.json': { ...answer, total_records: 1007 } }, null, 'azure');
  assert.match(less.partition('cloud-resource').why ?? '', /7 of 1007 resources were saved/);
  const other = { ...answer, data: [...data, { ...data[0], id: 'x', tenantId: SOUTH }] };
  assert.ok('mistakes' in read({ 'resources.json': other }, null, 'azure'));
});

test('people: the table says whose an account is, by what the mapping names, and joins the account of the directory', () => {
  const mapping = {
    directory: NORTH,
    object_id: 'Account',
    name: 'Name',
    team: 'Team',
    account: { column: 'Contract', employee: ['Permanent'], shared: ['Function'] },
  };
  const people =
    'Account,Name,Team,Contract\nann,Ann,payments,Permanent\nbo,Bo,,Secondment\n,Nobody,x,Permanent\n';
  const { observations, partition } = taken({ 'mapping.json': mapping, 'people.csv': people }, null, 'hr');
  const ann = assetId('user', [NORTH, 'ann']);
  assert.deepEqual(attribute(observations, ann, 'account'), { value: 'employee' });
  assert.match(whyOf(attribute(observations, assetId('user', [NORTH, 'bo']), 'account')), /`Secondment`/);
  assert.match(partition('user').why ?? '', /people\.csv:4 has nothing under `Account`/);
  const directory = taken({ 'users.json': { value: [user('ann')] } }, NORTH).observations;
  const merged = assetsOf(kinds, [...directory, ...observations]).find(({ id }) => id === ann);
  assert.deepEqual(merged?.attributes.get('account')?.statement, { value: 'employee' });
  assert.deepEqual(merged?.attributes.get('enabled')?.statement, { value: true });
  const wrong = read({ 'mapping.json': { ...mapping, team: 'Crew' }, 'people.csv': people }, null, 'hr');
  assert.match('mistakes' in wrong ? (wrong.mistakes[0]?.reason ?? '') : '', /column `Crew`/);
});

const COURSE = {
  academy: 'academy-a',
  courses: ['basics'],
  people: {
    id: 'Account',
    team: 'Team',
    state: { column: 'Status', active: ['Active'], on_leave: ['Leave'], left: ['Left'] },
  },
  enrolments: {
    person: 'User',
    course: 'Course',
    assigned_at: 'Assigned',
    due_at: 'Due',
    completed_at: 'Completed',
    assessed: { column: 'Test', yes: ['passed'], no: ['none'] },
  },
};

test('training: whoever is at work and was never enrolled is unknown, and whoever left is not asked for', () => {
  const { observations, partition } = taken(
    {
      'mapping.json': COURSE,
      'people.csv':
        'Account,Team,Status\nann,payments,Active\nbo,payments,Active\ncy,ships,Leave\ndee,ships,Left\neve,,Odd\n',
      'enrolments.csv':
        'User,Course,Assigned,Due,Completed,Test\nann,basics,2025-01-10,2025-02-10,2025-02-01,passed\nann,basics,2026-01-10,2026-02-10,,\nzoe,basics,2026-01-10,soon,,\n',
    },
    null,
    'academy',
  );
  const of = (person: string, name: string) =>
    attribute(observations, assetId('training-enrolment', ['academy-a', person, 'basics']), name);
  assert.deepEqual(observations.map(({ name }) => name.slice('basics: '.length)).sort(), [
    'ann',
    'bo',
    'cy',
    'eve',
    'zoe',
  ]);
  // The newest enrolment is due; the newest completion counts, of whichever enrolment it was.
  assert.deepEqual(of('ann', 'due_at'), { value: '2026-02-10T23:59:59Z' });
  assert.deepEqual(of('ann', 'completed_at'), { value: '2025-02-01T00:00:00Z' });
  assert.deepEqual(of('ann', 'assessed'), { value: true });
  assert.match(whyOf(of('bo', 'completed_at')), /no enrolment of this person in `basics`/);
  assert.match(whyOf(of('zoe', 'person_state')), /people\.csv does not have this person/);
  assert.match(whyOf(of('zoe', 'due_at')), /`soon` under `Due` in enrolments\.csv:4 is not a time/);
  assert.match(whyOf(of('eve', 'person_state')), /what `Odd` under `Status` means/);
  assert.equal(partition('training-enrolment').complete, true);
  const training = loaded.standards.find(({ id }) => id === 'training-completed');
  assert.ok(training);
  const clock = { asOf: TAKEN, real: TAKEN };
  const verdicts = assetsOf(kinds, observations).map((asset) => [
    asset.name.slice('basics: '.length),
    evaluate(training.compiled, asset, clock).verdict,
  ]);
  assert.deepEqual(Object.fromEntries(verdicts), {
    ann: 'fail',
    bo: 'unknown',
    cy: 'not-applicable',
    eve: 'unknown',
    zoe: 'unknown',
  });
});

const DESK = {
  tracker: 'desk-a',
  cases: {
    id: 'Case',
    team: 'Team',
    reported_at: 'Reported',
    severity: { column: 'Severity', critical: ['P1'], high: ['P2'], medium: ['P3'], low: ['P4'] },
    state: { column: 'Status', triage: ['New'], open: ['Open'], mitigated: ['Done'], rejected: ['No'] },
    service: 'Service',
    environment: 'Place',
    fixed_by: 'Fix',
    mitigated_at: 'Typed',
    miss_reason: 'Why',
  },
};
const FIX = `sha256:${'f1'.repeat(32)}`;
const OLD = `sha256:${'00'.repeat(32)}`;
const NEWER = `sha256:${'99'.repeat(32)}`;

interface DeployedInput {
  readonly day: number;
  readonly place: string;
  readonly artifact: string | null;
  readonly verb?: string;
  readonly service?: string;
}

/** As CDEvents 0.4 writes it. */
const deployed = ({ day, place, artifact, verb = 'deployed', service = 'shop' }: DeployedInput) => ({
  context: {
    version: '0.4.1',
    id: `${day} ${place} ${verb} ${service}`,
    source: '/deployer',
    type: `dev.cdevents.service.${verb}.0.2.0`,
    timestamp: `2026-10-${String(day).padStart(2, '0')}T12:00:00Z`,
  },
  subject: {
    id: service,
    source: '/deployer',
    content: {
      environment: { id: place },
      ...(artifact !== null && { artifactId: `pkg:oci/${service}@${artifact.replace(':', '%3A')}` }),
    },
  },
});

/** What is known of the mitigation of each case, and its verdict. */
function mitigations(rows: readonly string[], events: unknown) {
  const made = taken(
    {
      'mapping.json': DESK,
      'cases.csv': ['Case,Team,Reported,Severity,Status,Service,Place,Fix,Typed,Why', ...rows].join('\n'),
      'events.json': events,
    },
    null,
    'deployments',
  );
  const standard = loaded.standards.find(({ id }) => id === 'vulnerabilities-mitigated-in-time');
  assert.ok(standard);
  const clock = { asOf: TAKEN, real: TAKEN };
  const found = assetsOf(kinds, made.observations).map((asset) => {
    const statement = asset.attributes.get('mitigated_at')?.statement;
    assert.ok(statement);
    const known =
      'value' in statement
        ? String(statement.value)
        : 'absent' in statement
          ? 'at risk'
          : (statement.why ?? '');
    return [asset.name, { known, verdict: evaluate(standard.compiled, asset, clock).verdict }] as const;
  });
  return Object.fromEntries(found);
}

test('mitigation is what was deployed in every place, and no typed date ends a clock', () => {
  const events = [
    deployed({ day: 1, place: 'west', artifact: OLD }),
    deployed({ day: 1, place: 'east', artifact: OLD }),
    deployed({ day: 5, place: 'west', artifact: FIX, verb: 'upgraded' }),
    deployed({ day: 8, place: 'east', artifact: FIX }),
    // What comes after has it too; what is no event of a service is nobody's deployment.
    deployed({ day: 20, place: 'east', artifact: NEWER }),
    { context: { type: 'dev.cdevents.artifact.published.0.2.0' } },
  ];
  const found = mitigations(
    [
      `both,pay,2026-10-02,P1,Open,shop,west,${FIX},,`,
      `both,pay,2026-10-02,P1,Open,shop,east,pkg:oci/shop@${FIX},,`,
      // Typed in time, deployed nowhere, or in a place of which nothing is known.
      `typed,pay,2026-10-02,P1,Done,shop,west,${NEWER},2026-10-03,`,
      `half,pay,2026-10-02,P1,Done,shop,west,${FIX},2026-10-03,`,
      `half,pay,2026-10-02,P1,Done,shop,south,${FIX},2026-10-03,`,
      'unnamed,pay,2026-10-02,P1,Done,,,,2026-10-03,',
      'open,pay,2026-10-02,P1,New,shop,west,,,',
    ],
    events,
  );
  assert.deepEqual(found.both, { known: '2026-10-08T12:00:00Z', verdict: 'pass' });
  assert.deepEqual(found.typed, { known: 'at risk', verdict: 'fail' });
  assert.deepEqual(found.open, { known: 'at risk', verdict: 'fail' });
  assert.equal(found.half?.verdict, 'unknown');
  assert.match(
    found.half?.known ?? '',
    /no deploy event is about `shop` in `south` \(somebody typed 2026-10-03T23:59:59Z, which ends no clock\); have its/,
  );
  assert.equal(found.unnamed?.verdict, 'unknown');
  assert.match(found.unnamed?.known ?? '', /does not say which service in which environment is at risk/);
});

test('a fix that is taken back is none: rolled back, the old one deployed again, and a place that is switched off runs nothing', () => {
  const row = [`case,pay,2026-10-02,P1,Done,shop,west,${FIX},2026-10-03,`];
  const before = [
    deployed({ day: 1, place: 'west', artifact: OLD }),
    deployed({ day: 3, place: 'west', artifact: FIX }),
  ];
  const known = (...more: readonly unknown[]) => mitigations(row, [...before, ...more]).case?.known;
  assert.equal(known(), '2026-10-03T12:00:00Z');
  assert.equal(known(deployed({ day: 6, place: 'west', artifact: NEWER })), '2026-10-03T12:00:00Z');
  assert.equal(known(deployed({ day: 6, place: 'west', artifact: OLD })), 'at risk');
  assert.equal(known(deployed({ day: 6, place: 'west', artifact: NEWER, verb: 'rolledback' })), 'at risk');
  assert.equal(
    known(
      deployed({ day: 6, place: 'west', artifact: OLD }),
      deployed({ day: 9, place: 'west', artifact: FIX }),
    ),
    '2026-10-09T12:00:00Z',
  );
  assert.equal(
    known(
      deployed({ day: 6, place: 'west', artifact: OLD }),
      deployed({ day: 9, place: 'west', artifact: null, verb: 'removed' }),
    ),
    '2026-10-09T12:00:00Z',
  );
  // Another service, or another place, takes nothing back.
  assert.equal(
    known(
      deployed({ day: 6, place: 'east', artifact: OLD }),
      deployed({ day: 6, place: 'west', artifact: OLD, verb: 'deployed', service: 'other' }),
    ),
    '2026-10-03T12:00:00Z',
  );
  assert.match(
    known(deployed({ day: 6, place: 'west', artifact: null })) ?? '',
    /does not say which artifact runs since/,
  );
  // In whichever order the events stand, and however often each.
  assert.equal(
    mitigations(
      row,
      [...before, ...before]
        .toReversed()
        .map((event) => JSON.stringify(event))
        .join('\n'),
    ).case?.known,
    '2026-10-03T12:00:00Z',
  );
});

test('one event that cannot be read makes every mitigation unknown, and says which it is', () => {
  const row = [`case,pay,2026-10-02,P1,Done,shop,west,${FIX},,`];
  const why = (odd: unknown) => {
    const found = mitigations(row, [deployed({ day: 3, place: 'west', artifact: FIX }), odd]).case;
    assert.equal(found?.verdict, 'unknown');
    return found?.known ?? '';
  };
  const good = deployed({ day: 6, place: 'west', artifact: OLD });
  assert.match(why({ deployment: 1 }), /event 2, is no CDEvent; take it out/);
  assert.match(
    why({ ...good, subject: { id: 'shop', content: {} } }),
    /event 2, lacks `subject\.content\.environment`/,
  );
  assert.match(
    why({ ...good, context: { ...good.context, timestamp: 'yesterday' } }),
    /has the time `yesterday`/,
  );
  const ahead = { ...good, context: { ...good.context, timestamp: '2027-01-01T00:00:00Z' } };
  assert.match(why(ahead), /is of 2027-01-01T00:00:00Z, which is after the export was taken/);
  assert.match(
    why(deployed({ day: 6, place: 'west', artifact: OLD, verb: 'teleported' })),
    /which is not read/,
  );
  assert.match(mitigations(row, '{"a":').case?.known ?? '', /line 1 of events\.json is no whole JSON/);
});

test('a date of mitigation that any other source typed is no statement either', () => {
  const { observations } = taken(
    {
      'mapping.json': DESK,
      'cases.csv': `Case,Team,Reported,Severity,Status,Service,Place,Fix,Typed,Why\ncase,pay,2026-10-02,P1,Done,shop,west,${FIX},,`,
      'events.json': [],
    },
    null,
    'deployments',
  );
  const typed = observations.map((one) => ({
    ...one,
    source: 'tracker',
    attributes: { ...one.attributes, mitigated_at: { value: '2026-10-03T00:00:00Z' } },
  }));
  const [asset] = assetsOf(kinds, typed);
  assert.match(
    whyOf(asset?.attributes.get('mitigated_at')?.statement),
    /tracker only knows it as attested, effective is asked for/,
  );
});

test('priorities: nothing that comes out names a person, or tells of fewer than ten', () => {
  const rows = Array.from({ length: 57 }, (_, at) => {
    const group = at < 45 ? 'Cloud' : at < 52 ? 'Legal' : 'Ships';
    return `secret-person-${at},${group},${at % 9 === 0 ? 'No' : 'Yes'},${at < 22 ? 'L8' : 'L3'},${at % 2 ? 'Yes' : 'No'}`;
  });
  const mapping = {
    company: 'example',
    person: 'Account',
    group: 'Division',
    review: { column: 'Goal', yes: ['Yes'], no: ['No'] },
    pay: { column: 'Pay', yes: ['Yes'], no: ['No'], leader: { column: 'Grade', values: ['L8'] } },
  };
  const table = (more: readonly string[]) => ['Account,Division,Goal,Grade,Pay', ...rows, ...more].join('\n');
  const files = { 'mapping.json': mapping, 'people.csv': table(['secret-person-1,Legal,Yes,L3,No']) };
  const made = taken(files, null, 'priorities');
  const found = read(files, null, 'priorities');
  assert.ok('batch' in found);
  const lines = [...linesOf(found.batch), JSON.stringify(found.notes)].join('\n');
  assert.doesNotMatch(lines, /secret-person/);
  assert.match(
    made.partition('people-group').why ?? '',
    /people\.csv:59 is of somebody who has a row already/,
  );
  const numbers = made.observations.map(({ name, attributes }) => [
    name,
    'value' in (attributes.people ?? {}) && (attributes.people as { value: number }).value,
  ]);
  assert.deepEqual(Object.fromEntries(numbers), {
    'Cloud, review: yes': 30,
    'Cloud, review: withheld': 15,
    '(smaller groups), review: withheld': 12,
    'Cloud, pay: withheld': 12,
    'Cloud, pay: no': 10,
  });
  for (const [name, people] of numbers) assert.ok(Number(people) >= 10, `${name}: ${people}`);
});

test('no value of a credential comes out of any export, whether its answer is whole or odd', () => {
  const canary = 'CANARY-0c1f';
  const secret = { secretText: canary, hint: canary, key: canary, customKeyIdentifier: canary };
  const exports = {
    entra: {
      'organization.json': organization(),
      'users.json': { value: [{ ...user('ann'), passwordProfile: { password: canary } }] },
      'applications.json': {
        value: [
          {
            ...APPLICATION,
            passwordCredentials: [{ keyId: 's', ...secret }, canary],
            keyCredentials: canary,
          },
        ],
      },
      'servicePrincipals.json': { value: [{ ...INSTANCE, keyCredentials: [{ keyId: 'k', ...secret }] }] },
      'users/ann/authentication/methods.json': {
        value: [
          {
            '@odata.type': '#microsoft.graph.temporaryAccessPassAuthenticationMethod',
            id: 't',
            temporaryAccessPass: canary,
          },
        ],
      },
    },
    okta: {
      'org.json': { id: 'o' },
      'apps.json': [
        {
          id: 'a',
          signOnMode: 'OPENID_CONNECT',
          status: 'ACTIVE',
          credentials: { oauthClient: { client_secret: canary } },
        },
      ],
      'apps/a/credentials/secrets.json': [
        { id: 's', status: 'ACTIVE', client_secret: canary, secret_hash: canary },
      ],
      'apps/a/credentials/jwks.json': [{ kid: 'k', n: canary, d: canary }],
    },
    gitlab: { 'x.json': exchange('h/api/v4/personal_access_tokens', [{ id: 1, token: canary, name: 'ci' }]) },
  };
  for (const [format, files] of Object.entries(exports)) {
    const result = taken(files, null, format);
    assert.ok(result.observations.length > 0);
    assert.ok(!JSON.stringify(result).includes(canary), format);
  }
});

const accountAnswers = (more: Files): Files => ({
  ...IDENTITY,
  'ec2-describe-regions.json': { Regions: [{ RegionName: 'eu-central-1' }] },
  'organizations-list-accounts.json': {
    Accounts: [{ Id: '210987654321', Name: 'trial', State: 'ACTIVE' }],
  },
  ...more,
});
const tenantOf = (more: Files, name: string) =>
  attribute(
    taken(accountAnswers(more), null, 'aws').observations,
    assetId('tenant', ['aws', '210987654321']),
    name,
  );

test('aws: an account ends when a schedule closes it, and a date in a tag ends nothing', () => {
  const tags = (...Tags: readonly object[]) => ({
    'organizations-list-tags-for-resource/210987654321.json': { Tags },
    'organizations-list-tags-for-resource/123456789012.json': { Tags: [] },
  });
  const owned = tags({ Key: 'Owner', Value: 'payments' }, { Key: 'expires', Value: '2027-01-01' });
  assert.deepEqual(tenantOf(owned, 'owners'), { value: ['payments'], complete: true, assurance: 'attested' });
  assert.equal(tenantOf(owned, 'expires_at'), undefined);
  assert.match(whyOf(tenantOf(tags(), 'owners')), /no tag `owner`/);
  const closing = (more: object, when = 'at(2027-05-01T00:00:00)', target = 'closeAccount') => {
    const Arn = `arn:aws:scheduler:::aws-sdk:organizations:${target}`;
    return {
      'eu-central-1/scheduler-list-schedules.json': { Schedules: [{ Name: 'end', Target: { Arn } }] },
      'eu-central-1/scheduler-get-schedule/end.json': {
        State: 'ENABLED',
        ScheduleExpression: when,
        Target: { Arn, Input: '{"AccountId":"210987654321"}' },
        ...more,
      },
    };
  };
  const end = (files: Files) => tenantOf(files, 'expires_at');
  assert.deepEqual(end(closing({})), { value: '2027-05-01T00:00:00Z' });
  assert.match(whyOf(end(closing({ State: 'DISABLED' }))), /no schedule closes it/);
  assert.match(whyOf(end(closing({}, undefined, 'moveAccount'))), /no schedule closes it/);
  assert.match(whyOf(end(closing({ Target: { Input: '{"AccountId":"1"}' } }))), /no schedule closes it/);
  assert.match(whyOf(end(closing({ ScheduleExpressionTimezone: 'Europe/Berlin' }))), /not worked out/);
  assert.match(whyOf(end(closing({}, 'rate(1 day)'))), /not worked out/);
});

test('aws: an account is in use where a trail of changes alone delivered something lately, and digests show nothing', () => {
  const arn = 'arn:aws:cloudtrail:eu-central-1:123456789012:trail/changes';
  const used = (contents: readonly object[], readWrite = 'WriteOnly', trail: object = {}) =>
    tenantOf(
      {
        'eu-central-1/cloudtrail-describe-trails.json': {
          trailList: [
            {
              TrailARN: arn,
              S3BucketName: 'b',
              IsOrganizationTrail: true,
              IsMultiRegionTrail: true,
              ...trail,
            },
          ],
        },
        [`cloudtrail-get-event-selectors/${arn}.json`]: { EventSelectors: [{ ReadWriteType: readWrite }] },
        [`cloudtrail-get-trail-status/${arn}.json`]: { StartLoggingTime: '2026-01-01T00:00:00Z' },
        's3-list-objects-v2/b/210987654321.json': { Contents: contents },
        's3-list-objects-v2/b/123456789012.json': { Contents: [] },
      },
      'last_active_at',
    );
  const file = (LastModified: string, folder = 'CloudTrail') => ({
    Key: `AWSLogs/o-1/210987654321/${folder}/eu-central-1/2026/a.json.gz`,
    LastModified,
  });
  const recent = file('2026-10-20T00:00:00Z');
  const newest = used([file('2026-10-01T00:00:00Z'), recent]) as { value: string; window: string };
  assert.equal(newest.value, '2026-10-20T00:00:00Z');
  assert.ok(Number.parseInt(newest.window, 10) > 2160);
  assert.match(whyOf(used([file('2026-10-20T00:00:00Z', 'CloudTrail-Digest')])), /delivered no change/);
  assert.match(whyOf(used([file('2026-03-01T00:00:00Z')])), /nothing was changed in it since 2026-03-01/);
  assert.match(whyOf(used([recent], 'All')), /records changes alone/);
  assert.match(whyOf(used([recent], 'WriteOnly', { IsOrganizationTrail: false })), /records changes alone/);
});

test('aws: what reaches a subnet is known by an analysis that asks for every path, and by no other', () => {
  const types = [
    'NetworkInterface',
    'InternetGateway',
    'VPCPeeringConnection',
    'TransitGatewayAttachment',
    'VPNGateway',
    'VPCEndpointService',
  ].map((type) => `AWS::EC2::${type}`);
  const path = (more: object = {}, resourceTypes = types) => ({
    Source: { ResourceStatement: { ResourceTypes: resourceTypes } },
    Destination: { ResourceStatement: { Resources: ['subnet-1'] } },
    ...more,
  });
  const reached = (content: object, findings: unknown = [], EndDate = '2026-10-31T00:00:00Z') => {
    const { observations } = taken(
      {
        ...IDENTITY,
        'ec2-describe-regions.json': { Regions: [{ RegionName: 'eu-central-1' }] },
        'eu-central-1/ec2-describe-subnets.json': {
          Subnets: [
            { SubnetId: 'subnet-1', VpcId: 'vpc-1', CidrBlock: '10.1.0.0/24' },
            {
              SubnetId: 'subnet-2',
              VpcId: 'vpc-2',
              CidrBlock: '10.2.0.0/24',
              Tags: [{ Key: 'Environment', Value: 'Development' }],
            },
          ],
        },
        'eu-central-1/ec2-describe-network-insights-access-scope-analyses.json': {
          NetworkInsightsAccessScopeAnalyses: [
            {
              NetworkInsightsAccessScopeAnalysisId: 'a1',
              NetworkInsightsAccessScopeId: 's1',
              Status: 'succeeded',
              EndDate,
            },
          ],
        },
        'eu-central-1/ec2-get-network-insights-access-scope-content/s1.json': {
          NetworkInsightsAccessScopeContent: content,
        },
        'eu-central-1/ec2-get-network-insights-access-scope-analysis-findings/a1.json': {
          AnalysisFindings: findings,
        },
      },
      null,
      'aws',
    );
    return attribute(observations, assetId('subnet', ['vpc-1', '10.1.0.0/24']), 'reachable_from');
  };
  const whole = { MatchPaths: [path()] };
  assert.deepEqual(reached(whole), { value: [], complete: true, assurance: 'effective' });
  const finding = {
    FindingId: 'f1',
    FindingComponents: [
      { SequenceNumber: 2, Component: { Id: 'pcx-1' } },
      { SequenceNumber: 1, Component: { Id: 'eni-1' }, Subnet: { Id: 'subnet-2' } },
    ],
  };
  const way = { id: 'vpc-2 10.2.0.0/24', environment: 'development', through: 'pcx-1' };
  assert.deepEqual(reached(whole, [finding, finding]), {
    value: [way],
    complete: true,
    assurance: 'effective',
  });
  const gateway = { FindingId: 'f2', FindingComponents: [{ SequenceNumber: 1, Component: { Id: 'igw-1' } }] };
  const { value } = reached(whole, [gateway]) as { value: readonly { environment: unknown }[] };
  assert.match(whyOf(value[0]?.environment), /no tag `environment`/);
  const narrow: readonly object[] = [
    { MatchPaths: [path({}, types.slice(1))] },
    { MatchPaths: [path({ ThroughResources: [{}] })] },
    { MatchPaths: [path({ Destination: { ResourceStatement: { Resources: ['subnet-2'] } } })] },
    { MatchPaths: [path()], ExcludePaths: [path()] },
  ];
  for (const one of narrow) assert.match(whyOf(reached(one)), /asks for every path/);
  assert.match(whyOf(reached(whole, [], '2026-10-20T00:00:00Z')), /analyse it again/);
  assert.match(whyOf(reached(whole, null)), /hold no list/);
});

test('aws: who reads dumps is known where nothing but grants can, and a grant of all buckets counts', () => {
  const bucket = 'arn:aws:s3:::dumps/*';
  const role = 'arn:aws:iam::123456789012:role/grants';
  const deny = (Condition: object, more: object = {}) => ({
    Statement: [
      { Effect: 'Deny', Principal: '*', Action: 's3:GetObject*', Resource: bucket, Condition, ...more },
    ],
  });
  const leaving = (one: string) => ({ ArnNotEquals: { 'aws:PrincipalArn': one } });
  const readers = (policy: object, scopes: readonly string[], service = 'access-grants.s3.amazonaws.com') => {
    const { observations } = taken(
      {
        ...IDENTITY,
        'ec2-describe-regions.json': { Regions: [{ RegionName: 'eu-central-1' }] },
        's3-list-buckets.json': { Buckets: [{ Name: 'dumps' }, { Name: 'other' }] },
        's3-get-bucket-tagging/dumps.json': { TagSet: [{ Key: 'holds', Value: 'crash-dumps' }] },
        's3-get-bucket-tagging/other.json': { TagSet: [] },
        's3-get-bucket-policy/dumps.json': { Policy: JSON.stringify(policy) },
        's3-get-bucket-policy/other.json': { Policy: JSON.stringify(policy) },
        'iam-get-account-authorization-details.json': {
          RoleDetailList: [
            {
              RoleId: 'R',
              RoleName: 'grants',
              Arn: role,
              AssumeRolePolicyDocument: {
                Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
              },
            },
          ],
        },
        'eu-central-1/s3control-list-access-grants.json': {
          AccessGrantsList: scopes.map((GrantScope) => ({
            Permission: 'READ',
            GrantScope,
            Grantee: { GranteeType: 'IAM', GranteeIdentifier: 'arn:aws:iam::123456789012:role/ann' },
          })),
        },
      },
      null,
      'aws',
    );
    assert.equal(observations.filter(({ kind }) => kind === 'dump-store').length, 1);
    return attribute(observations, assetId('dump-store', ['aws', 'arn:aws:s3:::dumps']), 'readers');
  };
  const closed = deny(leaving(role));
  const through = (scopes: readonly string[]) => {
    const { value } = readers(closed, scopes) as { value: readonly { through: string; boundary: string }[] };
    return value.map((one) => [one.through, one.boundary]);
  };
  assert.deepEqual(through(['s3://dumps/released/core.1']), [['broker', AWS]]);
  assert.deepEqual(through(['s3://dumps/*', 's3://*', 's3://other/a', 's3://dumps-of-others/a']), [
    ['standing', AWS],
    ['standing', AWS],
  ]);
  for (const policy of [
    deny(leaving('arn:aws:iam::123456789012:role/*')),
    deny(leaving(role), { Effect: 'Allow' }),
    deny({ ...leaving(role), Bool: { 'aws:SecureTransport': 'false' } }),
    // Earlier versions of an object are read by another action.
    deny(leaving(role), { Action: 's3:GetObject' }),
    deny(leaving(role), { Action: 's3:PutObject' }),
  ])
    assert.match(whyOf(readers(policy, [])), /leaves reading to policies elsewhere/);
  assert.match(whyOf(readers(deny(leaving('arn:aws:iam::1:user/ann')), [])), /user\/ann may read dumps/);
  assert.match(whyOf(readers(closed, [], 'ec2.amazonaws.com')), /role\/grants may read dumps/);
});

test('detections: a rule is proved by an attack that it names and an alert of its own within a day', () => {
  const rule = (id: string, more = '') =>
    `title: Rule ${id}\nid: ${id}\ntags: [attack.persistence, attack.t1098, attack.t1078.004]\n${more}`;
  const simulated = (guid: string) => `simulation: [{ type: atomic-red-team, atomic_guid: ${guid} }]\n`;
  const attack = (id: string, start: string) => ({
    'attire-version': '1.1',
    procedures: [{ 'procedure-id': { type: 'guid', id }, steps: [{ 'time-start': start }] }],
  });
  const alert = (uid: string, at: string) => ({
    class_uid: 2004,
    time: Date.parse(at),
    finding_info: { analytic: { uid } },
  });
  const files = {
    'rules/a.yml': `${rule('a', simulated('G1'))}---\n${rule('b', simulated('g2'))}---\n${rule('c')}---\n${rule('d', `status: deprecated\n${simulated('g9')}`)}`,
    'attacks.json': [
      attack('g1', '2026-10-20T10:00:00Z'),
      attack('G1', '2026-10-28T10:00:00Z'),
      attack('g2', '2026-10-28T10:00:00Z'),
    ],
    'alerts.json': [
      alert('a', '2026-10-20T10:00:05Z'),
      alert('a', '2026-10-28T10:02:00Z'),
      alert('b', '2026-10-29T11:00:00Z'),
      { class_uid: 3002, time: 0 },
    ],
  };
  const { observations } = taken(files, 'rules.example.com', 'detections');
  const of = (id: string, name: string) =>
    attribute(observations, assetId('detection', ['rules.example.com', id]), name);
  const at = '2026-10-28T10:00:00.000Z';
  assert.deepEqual(of('a', 'proof'), {
    value: { at, method: 'live_attack', fired: true, latency: '120s' },
    assurance: 'tested',
  });
  assert.deepEqual(of('b', 'proof'), {
    value: { at, method: 'live_attack', fired: false },
    assurance: 'tested',
  });
  assert.match(whyOf(of('c', 'proof')), /names no attack/);
  assert.deepEqual(of('d', 'proof'), { absent: true, assurance: 'tested' });
  const first = taken(
    { ...files, 'attacks.json': [attack('g9', '2026-10-31T23:30:00Z')] },
    'rules.example.com',
    'detections',
  );
  assert.match(
    whyOf(attribute(first.observations, assetId('detection', ['rules.example.com', 'd']), 'proof')),
    /the alert may still come/,
  );
  assert.deepEqual([of('a', 'enabled'), of('d', 'enabled')], [{ value: true }, { value: false }]);
  assert.deepEqual(of('a', 'techniques'), { value: ['T1098', 'T1078.004'], complete: true });
  const broken = (name: string, body: unknown) => {
    const result = read({ ...files, [name]: body }, 'rules.example.com', 'detections');
    return 'mistakes' in result ? result.mistakes.map(({ reason }) => reason).join() : '';
  };
  assert.match(broken('alerts.json', [{ class_uid: 2004, time: 1 }]), /no Detection Finding: `finding_info`/);
  assert.match(broken('attacks.json', [{ procedures: [] }]), /no log of ATTiRe: `attire-version`/);
  assert.match(broken('attacks.json', [attack('g1', 'yesterday')]), /not RFC 3339/);
  const partly = taken({ ...files, 'rules/b.yml': 'title: [' }, 'rules.example.com', 'detections');
  assert.match(partly.partition('detection').why ?? '', /rules\/b\.yml is not whole YAML/);
});

test('log store: a stream is what arrived of it, and an operation was logged by what wrote its newest event', () => {
  const at = (time: string) => Date.parse(time);
  const event = (time: string, more: object = {}, product = 'audit', version = '2.1') => ({
    class_uid: 3002,
    category_uid: 3,
    activity_id: 1,
    type_uid: 300201,
    severity_id: 1,
    time: at(time),
    metadata: {
      version: '1.8.0',
      log_name: 'orders',
      logged_time: at(time) + 30_000,
      product: { name: product, version },
    },
    ...more,
  });
  const mapping = {
    store: 'logs.example.com',
    window: '168h',
    streams: ['orders', 'silent'].map((name) => ({
      asset: `service/${name}`,
      kind: 'service',
      stream: 'audit',
      environment: 'production',
      since: '2026-10-01',
      where: { 'metadata.log_name': name },
    })),
    services: [
      {
        catalogue: 'c',
        service_id: 'orders',
        where: { 'metadata.log_name': 'orders' },
        operations: [
          { name: 'sign-in', class_uid: 3002, activity_id: 1 },
          { name: 'grant', class_uid: 3005, activity_id: 1 },
        ],
      },
    ],
    library: { name: 'audit', supported: ['2.'] },
  };
  const of = (events: readonly object[]) => {
    const { observations } = taken({ 'mapping.json': mapping, 'events.json': events }, null, 'log-store');
    return {
      stream: (name: string, what: string) =>
        attribute(observations, assetId('log-source', [`service/${name}`, 'audit']), what),
      service: (what: string) => attribute(observations, assetId('service', ['c', 'orders']), what),
    };
  };
  const day = '2026-10-31T';
  const good = of([event(`${day}23:00:00Z`), event(`${day}22:00:00Z`, {}, 'printf')]);
  assert.deepEqual(good.stream('orders', 'last_event_at'), {
    value: '2026-10-31T23:00:00.000Z',
    window: '168h',
  });
  assert.deepEqual(good.stream('orders', 'delay'), { value: '30s' });
  assert.deepEqual(good.stream('orders', 'standard_format'), { value: true });
  assert.deepEqual(good.stream('silent', 'last_event_at'), { absent: true, window: '168h' });
  assert.match(whyOf(good.stream('silent', 'standard_format')), /no event of it came/);
  const operations = good.service('security_operations') as {
    value: readonly { name: string; logged_by: unknown }[];
  };
  assert.equal(operations.value[0]?.logged_by, 'standard_library');
  assert.match(whyOf(operations.value[1]?.logged_by), /nobody says whether it ran/);
  assert.deepEqual(good.service('audit_library_supported'), { value: true });
  const odd = of([event(`${day}23:00:00Z`, { type_uid: 1 }, 'printf')]);
  assert.deepEqual(odd.stream('orders', 'standard_format'), { value: false });
  assert.deepEqual(odd.service('audit_library_supported'), { absent: true });
  assert.deepEqual(of([event(`${day}23:00:00Z`, {}, 'audit', '1.9')]).service('audit_library_supported'), {
    value: false,
  });
  const unlogged = of([event(`${day}23:00:00Z`, { metadata: { log_name: 'orders' } })]);
  assert.match(whyOf(unlogged.stream('orders', 'delay')), /1 of 1 events/);
  const whole = (events: readonly object[]) =>
    taken({ 'mapping.json': mapping, 'events.json': events }, null, 'log-store').partition('log-source');
  const strange = event(`${day}23:00:00Z`, { metadata: { log_name: 'nobody' } });
  assert.equal(whole([event(`${day}23:00:00Z`)]).complete, true);
  assert.equal(whole([strange]).complete, false);
  assert.match(whole([strange]).why ?? '', /1 events are of no stream and no service/);
  const later = read(
    { 'mapping.json': mapping, 'events.json': [event('2027-01-01T00:00:00Z')] },
    null,
    'log-store',
  );
  assert.ok('mistakes' in later);
  assert.match(later.mistakes[0]?.reason ?? '', /after the export was taken/);
});

test('hr: by which way an account would come back the table says, where the mapping names the column', () => {
  const mapping = {
    directory: NORTH,
    object_id: 'Account',
    recovery: { column: 'Way', verified: ['Live'], help_desk: ['Desk'] },
  };
  const people = 'Account,Way\nann,Live\nben,Desk\ncleo,Phone\n';
  const { observations } = taken({ 'mapping.json': mapping, 'people.csv': people }, null, 'hr');
  const of = (id: string) => attribute(observations, assetId('user', [NORTH, id]), 'recovery_path');
  assert.deepEqual([of('ann'), of('ben')], [{ value: 'verified' }, { value: 'help_desk' }]);
  assert.match(whyOf(of('cleo')), /`Phone` under `Way` means; name it once under `recovery`/);
});

test('deployments: a case is published by the record of its CVE, and machine-readable by a finished advisory', () => {
  const mapping = {
    tracker: 'desk',
    cases: {
      id: 'Case',
      reported_at: 'Reported',
      severity: { column: 'Severity', critical: ['P1'], high: [], medium: [], low: [] },
      state: { column: 'State', triage: [], open: ['Open'], mitigated: ['Done'], rejected: [] },
      service: 'Service',
      environment: 'Place',
      fixed_by: 'Fix',
      cve: 'CVE',
    },
  };
  const record = (cveId: string, state: string, cna: object = {}) => ({
    cveMetadata: { cveId, state, datePublished: '2026-10-25T00:00:00' },
    containers: { cna },
  });
  const cna = {
    problemTypes: [{ descriptions: [{ cweId: 'CWE-639' }] }],
    affected: [{ cpes: ['cpe:2.3:a:x:y:-:*:*:*:*:*:*:*'], packageURL: 'pkg:generic/x/y' }],
  };
  const advisory = (cve: string, status: string) => ({
    document: { csaf_version: '2.0', tracking: { status } },
    vulnerabilities: [{ cve }],
  });
  const cases = [1, 2, 3, 4].map(
    (one) => `V-${one},2026-10-01,P1,Open,shop,production,,${one === 4 ? '' : `CVE-2026-1000${one}`}`,
  );
  const files = {
    'mapping.json': mapping,
    'cases.csv': `Case,Reported,Severity,State,Service,Place,Fix,CVE\n${cases.join('\n')}\n`,
    'events.json': [],
    'cve/CVE-2026-10001.json': record('CVE-2026-10001', 'PUBLISHED', cna),
    'cve/CVE-2026-10002.json': record('CVE-2026-10002', 'RESERVED'),
    'csaf/1.json': advisory('CVE-2026-10001', 'final'),
    'csaf/2.json': advisory('CVE-2026-10002', 'draft'),
  };
  const { observations, notes } = taken(files, null, 'deployments');
  const of = (id: string) =>
    attribute(observations, assetId('vulnerability-case', ['desk', id]), 'publication');
  assert.deepEqual(of('V-1'), {
    value: {
      cve: 'CVE-2026-10001',
      published_at: '2026-10-25T00:00:00Z',
      weakness: 'CWE-639',
      products: ['cpe:2.3:a:x:y:-:*:*:*:*:*:*:*', 'pkg:generic/x/y'],
      machine_readable: true,
    },
  });
  assert.deepEqual([of('V-2'), of('V-4')], [{ absent: true }, { absent: true }]);
  assert.match(whyOf(of('V-3')), /no record of CVE-2026-10003 was saved/);
  assert.deepEqual(notes, []);
  const broken = taken({ ...files, 'cve/odd.json': { cveMetadata: {} } }, null, 'deployments');
  assert.match(broken.partition('vulnerability-case').why ?? '', /cve\/odd\.json is no CVE record/);
  const twice = {
    ...advisory('CVE-2026-10001', 'final'),
    vulnerabilities: [1, 2].map(() => ({ cve: 'CVE-2026-10001' })),
  };
  const faulty = taken({ ...files, 'csaf/1.json': twice }, null, 'deployments');
  assert.match(
    faulty.partition('vulnerability-case').why ?? '',
    /csaf\/1\.json breaks the test 6\.1\.23 of CSAF/,
  );
  const { value } = attribute(
    faulty.observations,
    assetId('vulnerability-case', ['desk', 'V-1']),
    'publication',
  ) as { value: { machine_readable: boolean } };
  assert.equal(value.machine_readable, false);
});

test('osquery: a device meets the rules of the company by what its tables show, and a table or column that is not there leaves that open', () => {
  const RULES = {
    encryption: true,
    screen_lock: { within_seconds: 300 },
    os_version: { darwin: '15.1', windows: '10.0.22631' },
    secure_boot: true,
    firewall: true,
  };
  const mapping = { directory: 'osquery.example.com', rules: RULES };
  const mac: Readonly<Record<string, readonly object[]>> = {
    system_info: [{ uuid: 'A1', hostname: 'ann.local', hardware_serial: 'C02' }],
    os_version: [{ platform: 'darwin', version: '15.10' }],
    mounts: [
      { path: '/', device: '/dev/disk3s1s1', device_alias: '/dev/disk3s1s1' },
      { path: '/System/Volumes/Data', device: '/dev/disk3s5' },
    ],
    disk_encryption: [
      { name: '/dev/disk3s1s1', encrypted: '1' },
      { name: '/dev/disk9', encrypted: '0' },
    ],
    screenlock: [{ enabled: '1', grace_period: '60' }],
    secureboot: [{ secure_boot: '1' }],
    alf: [{ global_state: '1' }],
  };
  const line = (name: string, snapshot: unknown, more: object = {}) =>
    JSON.stringify({
      snapshot,
      action: 'snapshot',
      name: `pack_base_${name}`,
      hostIdentifier: 'h1',
      unixTime: 1_793_400_000,
      ...more,
    });
  const logOf = (tables: Readonly<Record<string, unknown>>) =>
    Object.entries(tables)
      .map(([name, rows]) => line(name, rows))
      .join('\n');
  const seen = (tables: Readonly<Record<string, unknown>>, more: Files = {}) =>
    taken({ 'mapping.json': mapping, 'snapshots.json': logOf(tables), ...more }, null, 'osquery');
  const of = ({ observations }: { readonly observations: readonly Observation[] }, name: string) =>
    observations[0]?.attributes[name];
  const whole = seen(mac);
  assert.deepEqual(of(whole, 'compliant'), { value: true });
  assert.deepEqual(of(whole, 'broken_rules'), { value: [], complete: true });
  assert.deepEqual(of(whole, 'platform'), { value: 'macos' });
  assert.deepEqual(of(whole, 'evaluated_at'), { value: new Date(1_793_400_000_000).toISOString() });
  assert.equal(whole.observations[0]?.assurance, 'effective');
  assert.match(whole.partition('device').why ?? '', /knows the devices that reported and no others/);
  const broken: readonly (readonly [string, string, readonly object[]])[] = [
    ['encryption', 'disk_encryption', [{ name: '/dev/disk3s1s1', encrypted: 0 }]],
    ['screen_lock', 'screenlock', [{ enabled: '1', grace_period: '900' }]],
    ['screen_lock', 'screenlock', [{ enabled: '0', grace_period: '-1' }]],
    ['os_version', 'os_version', [{ platform: 'darwin', version: '15.0.1' }]],
    ['secure_boot', 'secureboot', [{ secure_boot: '0' }]],
    ['firewall', 'alf', [{ global_state: '0' }]],
  ];
  for (const [rule, table, rows] of broken) {
    const found = seen({ ...mac, [table]: rows });
    assert.deepEqual(of(found, 'broken_rules'), { value: [rule], complete: true }, rule);
    assert.deepEqual(of(found, 'compliant'), { value: false }, rule);
  }
  const open: readonly (readonly [RegExp, Readonly<Record<string, unknown>>])[] = [
    [/`encryption` is not known: no result says `encrypted` of `disk_encryption`/, { disk_encryption: [] }],
    [/`encryption` is not known: no result says `path` of `mounts`/, { mounts: [] }],
    [
      /`screen_lock` is not known: no result says `grace_period`/,
      { screenlock: [{ enabled: '1', grace_period: '-1' }] },
    ],
    [
      /`screen_lock` is not known: no result says `enabled`/,
      { screenlock: [{ enabled: 'yes', grace_period: '1' }] },
    ],
    [
      /`os_version` is not known: nothing says which version of `ubuntu`/,
      { os_version: [{ platform: 'ubuntu', version: '24.04' }] },
    ],
    [/`secure_boot` is not known: no result says `secure_boot`/, { secureboot: [{ secure_boot: null }] }],
    [/`firewall` is not known: no result says `global_state`/, { alf: [{}] }],
  ];
  for (const [why, tables] of open) {
    const found = seen({ ...mac, ...tables });
    assert.match(whyOf(of(found, 'compliant')), why);
    assert.match(whyOf(of(found, 'broken_rules')), why);
  }
  const windows = {
    system_info: [{ uuid: 'B2', hostname: '', hardware_serial: 'W1' }],
    os_version: [{ platform: 'windows', version: '10.0.22631' }],
    bitlocker_info: [
      { drive_letter: 'C:', protection_status: '1' },
      { drive_letter: 'D:', protection_status: '2' },
    ],
    secureboot: [{ secure_boot: '1' }],
    windows_security_center: [{ firewall: 'Snoozed' }],
  };
  const win = seen(windows, {
    'mapping.json': { ...mapping, devices: { serial: 'Serial', directory: 'Tenant', device_id: 'Device' } },
    'devices.csv': `Serial,Tenant,Device\nW1,${NORTH},d1\n`,
  });
  assert.equal(win.observations[0]?.id, assetId('device', [NORTH, 'd1']));
  assert.deepEqual(of(win, 'hostname'), { absent: true });
  assert.deepEqual(of(win, 'compliant'), { value: false }, 'a broken rule decides, whatever is not known');
  assert.match(whyOf(of(win, 'broken_rules')), /`protection_status` of `bitlocker_info`/);
  // The newest result of a table counts, in whatever order they stand.
  const older = line('alf', [{ global_state: '0' }], { unixTime: 1_793_300_000 });
  assert.deepEqual(of(seen(mac, { 'zzz.json': older }), 'compliant'), { value: true });
  const shell = taken(
    {
      'mapping.json': mapping,
      'h1/system_info.json': mac.system_info,
      'h1/alf.json': mac.alf,
      'alf.json': mac.alf,
    },
    null,
    'osquery',
  );
  assert.equal(shell.observations[0]?.name, 'ann.local');
  assert.match(shell.partition('device').why ?? '', /alf\.json does not say of which host it is/);
  const changes = read(
    { 'mapping.json': mapping, 'a.json': '{"diffResults":{},"name":"alf"}' },
    null,
    'osquery',
  );
  assert.ok('batch' in changes);
  assert.match(changes.batch.collection.partitions[0]?.why ?? '', /holds what changed and not what there is/);
  const none = read({ 'mapping.json': { ...mapping, rules: {} } }, null, 'osquery');
  assert.ok('mistakes' in none);
  assert.match(none.mistakes[0]?.reason ?? '', /names no rule/);
});

test('token clients: an application obtains tokens by what its own lockfiles ask for, and one that cannot be read leaves that open', () => {
  const standard = loaded.standards.find(({ id }) => id === 'applications-use-approved-client-libraries');
  assert.ok(standard);
  const locked = (packages: Readonly<Record<string, object>>, asked: readonly string[]) => ({
    name: 'shop',
    lockfileVersion: 3,
    packages: {
      '': { name: 'shop', dependencies: Object.fromEntries(asked.map((name) => [name, '*'])) },
      ...Object.fromEntries(
        Object.entries(packages).map(([name, more]) => [
          `node_modules/${name}`,
          { version: '1.0.0', ...more },
        ]),
      ),
    },
  });
  const mapping = {
    store: 'lockfiles.example.com',
    applications: [{ directory: NORTH, client_id: 'shop', folders: ['shop'] }],
  };
  const judged = (files: Files) => {
    const { observations, notes, partition } = taken(
      { 'mapping.json': mapping, ...files },
      null,
      'token-clients',
    );
    assert.equal(partition('application', 'lockfiles').complete, false, 'it lists no applications');
    const [found] = observations;
    assert.ok(found);
    const used = { value: '2026-10-31T10:00:00Z', window: '2160h' };
    const told = { ...found, source: 'directory', attributes: { last_used_at: used } };
    const [asset] = assetsOf(kinds, [found, told]);
    assert.ok(asset);
    const { verdict, reason } = evaluate(standard.compiled, asset, { asOf: TAKEN, real: TAKEN });
    return { libraries: found.attributes.client_libraries, said: `${verdict} ${reason}`, notes };
  };
  const own = judged({
    'shop/package-lock.json': locked(
      { 'openid-client': {}, 'adal-node': { dev: true }, 'google-auth-library': {}, left: {} },
      ['openid-client', 'left'],
    ),
    'elsewhere/package-lock.json': locked({ 'adal-node': {} }, ['adal-node']),
  });
  assert.deepEqual(own.libraries, {
    value: [
      ['openid-client', true],
      ['google-auth-library', false],
    ].map(([name, direct]) => ({
      id: `shop pkg:npm/${name}`,
      package: `pkg:npm/${name}`,
      direct,
      version: '1.0.0',
    })),
    complete: true,
  });
  assert.equal(own.said, 'pass meets');
  assert.match(own.notes.join(), /elsewhere\/package-lock\.json is not used/);
  const brought = judged({ 'shop/package-lock.json': locked({ 'openid-client': {}, left: {} }, ['left']) });
  assert.equal(brought.said, 'fail own-code');
  const other = judged({
    'shop/package-lock.json': locked({ 'openid-client': {} }, ['openid-client']),
    'shop/worker/go.mod':
      'module example.com/worker\n\ngo 1.24\n\nrequire github.com/Azure/go-autorest/autorest/adal v0.9.24\n',
  });
  assert.equal(other.said, 'fail other-library');
  const resolved = { type: 'Direct', requested: '[1.13.0, )', resolved: '1.13.0', contentHash: 'aGFzaA==' };
  const spelt = judged({
    'shop/packages.lock.json': { version: 1, dependencies: { 'net9.0': { 'azure.identity': resolved } } },
  });
  assert.equal(spelt.said, 'pass meets', 'NuGet tells no cases apart');
  const cut = judged({
    'shop/package-lock.json': locked({ 'openid-client': {} }, ['openid-client']),
    'shop/worker/package-lock.json': '{"lockfileVersion": 3, "pack',
  });
  assert.equal(cut.said, 'unknown incomplete');
  assert.match(whyOf(cut.libraries), /shop\/worker\/package-lock\.json /);
  const none = judged({ 'other/package-lock.json': locked({}, []) });
  assert.equal(none.said, 'unknown unobserved');
  assert.match(whyOf(none.libraries), /no lockfile that is read lies below shop/);
  const twice = read(
    { 'mapping.json': { ...mapping, applications: [...mapping.applications, ...mapping.applications] } },
    null,
    'token-clients',
  );
  assert.ok('mistakes' in twice);
  assert.match(twice.mistakes[0]?.reason ?? '', /shop twice/);
  const above = { ...mapping, applications: [{ directory: NORTH, client_id: 'shop', folders: ['../shop'] }] };
  assert.ok('mistakes' in read({ 'mapping.json': above }, null, 'token-clients'));
});

test('AWS Config: a snapshot is the answers that it was made of, and what is gone, odd or of another version is no fact', () => {
  const item = (resourceType: string, more: object) => ({
    configurationItemStatus: 'OK',
    awsAccountId: '123456789012',
    awsRegion: 'eu-central-1',
    resourceType,
    ...more,
  });
  const subnet = (subnetId: string, more: object = {}) =>
    item('AWS::EC2::Subnet', {
      configuration: { subnetId, vpcId: 'vpc-1', cidrBlock: `10.0.${subnetId}.0/24`, defaultForAz: false },
      ...more,
    });
  // As the vendor's own example writes an item: with other names, and of something that is not read.
  const volume = {
    configurationItemStatus: 'OK',
    accountId: '123456789012',
    arn: 'arn:aws:us-west-2b:123456789012:volume/vol-1',
    resourceType: 'AWS::EC2::Volume',
    configuration: { volumeId: 'vol-1', state: 'in-use' },
  };
  const snapshot = (...configurationItems: readonly object[]) => ({ fileVersion: '1.0', configurationItems });
  const gone = subnet('2', { configurationItemStatus: 'ResourceDeleted' });
  const fine = taken({ '1.json': snapshot(subnet('1'), gone, volume) }, null, 'aws-config');
  assert.deepEqual(
    fine.observations.filter(({ kind }) => kind === 'subnet').map(({ id }) => id),
    ['subnet/vpc-1/10.0.1.0/24'],
  );
  assert.deepEqual(attribute(fine.observations, 'subnet/vpc-1/10.0.1.0/24', 'default_outbound'), {
    value: false,
  });
  assert.match(fine.partition('subnet').why ?? '', /nothing says which regions the account has/);
  assert.match(fine.notes.join(), /1 of AWS::EC2::Volume are not used/);
  for (const [odd, says] of [
    [
      subnet('3', { configurationItemStatus: 'ResourceNotRecorded' }),
      /`configurationItemStatus` is "ResourceNotRecorded"/,
    ],
    [{ ...subnet('3'), resourceType: null }, /an item without `resourceType`/],
    [subnet('3', { awsRegion: null }), /ItemMisshapen/],
    [subnet('3', { configuration: null }), /ItemMisshapen/],
  ] as const) {
    const read = taken({ '1.json': snapshot(subnet('1'), odd) }, null, 'aws-config');
    assert.match(read.collection.problems.map(({ message }) => message).join('\n'), says);
    assert.equal(read.partition('subnet').complete, false);
  }
  const refused = (files: Files) => JSON.stringify(read(files, null, 'aws-config'));
  assert.match(refused({ '1.json': { ...snapshot(subnet('1')), fileVersion: '2.0' } }), /`fileVersion`/);
  assert.match(refused({ '1.json': { configurationItems: 7 } }), /holds no `configurationItems`/);
  assert.match(
    refused({
      '1.json': snapshot(subnet('1')),
      '2.json': snapshot(subnet('2', { awsAccountId: '210987654321' })),
    }),
    /several accounts/,
  );
});

test('Steampipe: a table is the answer that it was made of; an empty cell is unknown, and a table that nobody knows is named', () => {
  const subnet =
    'subnet_id,vpc_id,cidr_block,default_for_az,map_public_ip_on_launch,account_id,region\nsubnet-1,vpc-1,10.0.1.0/24,false,,123456789012,eu-central-1\n';
  const bucket = 'name,creation_date,policy,account_id\nclosed,2026-01-01 00:00:00+00,<null>,123456789012\n';
  const all = taken({ 'aws_vpc_subnet.csv': subnet, 'aws_s3_bucket.csv': bucket }, null, 'steampipe');
  const id = assetId('cloud-resource', ['aws', 'arn:aws:s3:::closed']);
  assert.deepEqual(attribute(all.observations, id, 'created_at'), { value: '2026-01-01T00:00:00+00:00' });
  assert.match(
    JSON.stringify(attribute(all.observations, id, 'public_access')),
    /get-bucket-policy of closed was saved/,
  );
  assert.equal(all.partition('subnet').complete, false, 'nothing says which regions there are');
  const odd = taken({ 'aws_vpc_subnet.csv': subnet, 'subnets.csv': subnet }, null, 'steampipe');
  assert.match(JSON.stringify(odd.collection.problems), /subnets\.csv is none of the tables that are read/);
  const where = taken({ 'aws_vpc_subnet.csv': subnet.replace('eu-central-1', '') }, null, 'steampipe');
  assert.match(JSON.stringify(where.collection.problems), /RowMisshapen/);
  const refused = (text: string) => JSON.stringify(read({ 'aws_vpc_subnet.csv': text }, null, 'steampipe'));
  assert.match(refused(subnet.replace('account_id', 'account')), /no row says by `account_id`/);
  const two = `${subnet}subnet-2,vpc-1,10.0.2.0/24,false,,210987654321,eu-central-1\n`;
  assert.match(refused(two), /tables of several accounts/);
});
