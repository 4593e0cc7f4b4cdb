/**
 * A Microsoft Graph of a few tenants, for tests: it judges every request by path, query and permission, gives pages, and can be told to
 * limit, to forget page tokens and to be without a permission. What it holds of paths and fields is what Microsoft's own description has;
 * the conformance suite holds every request against that description itself.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ENDPOINTS } from '../../imports/directories/entra/description.ts';

export type GraphRecord = Readonly<Record<string, unknown>>;

export interface FakeTenant {
  readonly id: string;
  readonly token: string;
  /** Address without version → its items; a record for what is no list. */
  readonly lists: Map<string, readonly GraphRecord[] | GraphRecord>;
  readonly permissions: Set<string>;
}

export interface FakeGraph {
  readonly url: string;
  /** Every request, with its version and query. */
  readonly requests: string[];
  /** What the fake found wrong with requests: empty when all were right. */
  readonly refusals: string[];
  /** Paths that answer 429 once, with how long to wait in seconds. */
  readonly limited: Map<string, string>;
  /** Lists that forget the token of their second page once, and `/users/delta` the one of its changes. */
  readonly forgetful: Set<string>;
  /** Changes of `/users`, in the order in which they came; whoever asks gets those after their token, in pages. */
  readonly changes: GraphRecord[];
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Asked {
  readonly address: string;
  readonly method: string | undefined;
  readonly authorization: string | undefined;
}

interface BatchedRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

const PAGE = 2;

/** Query parameters that lists of each path take; Graph answers 400 to others. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  '/users': ['$top', '$select', '$skiptoken'],
  '/applications': ['$top', '$select', '$skiptoken'],
  '/servicePrincipals': ['$top', '$select', '$skiptoken'],
  '/groups': ['$top', '$select', '$skiptoken'],
  '/groups/{id}/members': ['$top', '$select', '$skiptoken'],
  '/devices': ['$top', '$select', '$skiptoken'],
};

export async function fakeGraph(tenants: readonly FakeTenant[]): Promise<FakeGraph> {
  const requests: string[] = [];
  const refusals: string[] = [];
  const limited = new Map<string, string>();
  const forgetful = new Set<string>();
  const changes: GraphRecord[] = [];
  /** As Graph writes a token: where somebody's changes begin, and how far they have read. */
  const delta = (url: URL): Answer => {
    if (forgetful.delete('/users/delta'))
      return refusal(410, 'syncStateNotFound', 'The sync state generation is not found; resync.');
    const at = (token: string) => {
      const to = new URL(url);
      for (const name of [...to.searchParams.keys()]) if (name !== '$select') to.searchParams.delete(name);
      return Object.assign(to, { search: `${to.search}&${token}` }).href;
    };
    const begin = url.searchParams.get('$deltatoken');
    const from = Number(url.searchParams.get('$skiptoken') ?? (begin === 'latest' ? changes.length : begin));
    const value = changes.slice(from, from + PAGE);
    const end = from + value.length;
    return end < changes.length
      ? { status: 200, body: { value, '@odata.nextLink': at(`$skiptoken=${end}`) } }
      : { status: 200, body: { value, '@odata.deltaLink': at(`$deltatoken=${end}`) } };
  };
  const answer = ({ address: path, method, authorization }: Asked): Answer => {
    const url = new URL(path, base());
    requests.push(decodeURIComponent(`${url.pathname}${url.search}`));
    const tenant = tenants.find(({ token }) => authorization === `Bearer ${token}`);
    if (tenant === undefined) return refusal(401, 'InvalidAuthenticationToken', 'Access token is empty.');
    const [, version, address = ''] = /^\/(v1\.0|beta)(\/.*)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    if (address === '/users/delta' && method === 'GET')
      return tenant.permissions.has('User.Read.All')
        ? delta(url)
        : refusal(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
    const endpoint = ENDPOINTS.find(({ path }) => matches(path, address));
    const wrong =
      endpoint === undefined ? `no path ${url.pathname}` : misuse(endpoint.path, version ?? '', url);
    if (endpoint === undefined || wrong !== null || method !== 'GET') {
      refusals.push(wrong ?? `${method} ${url.pathname}`);
      return refusal(400, 'BadRequest', wrong ?? 'only GET');
    }
    const wait = limited.get(address);
    if (limited.delete(address))
      return {
        ...refusal(429, 'TooManyRequests', 'Please retry again later.'),
        headers: { 'retry-after': wait ?? '1' },
      };
    if (!tenant.permissions.has(endpoint.permission))
      return refusal(
        403,
        'Authorization_RequestDenied',
        'Insufficient privileges to complete the operation.',
      );
    const held = tenant.lists.get(address) ?? [];
    return Array.isArray(held) ? page(held, address, url) : { status: 200, body: held };
  };
  const page = (held: readonly GraphRecord[], address: string, url: URL): Answer => {
    const from = Number(url.searchParams.get('$skiptoken') ?? 0);
    if (from > 0 && forgetful.delete(address))
      return refusal(400, 'Directory_ExpiredPageToken', 'The specified page token value has expired.');
    const fields = url.searchParams.get('$select')?.split(',');
    const value = held.slice(from, from + PAGE).map((record) => chosen(record, fields));
    const next = new URL(url);
    next.searchParams.set('$skiptoken', String(from + PAGE));
    return {
      status: 200,
      body: from + PAGE < held.length ? { value, '@odata.nextLink': next.href } : { value },
    };
  };
  /** Each request of a batch is answered as if it had come alone. */
  const batched = (authorization: string | undefined, text: string): Answer => {
    const { requests: inner } = JSON.parse(text) as { readonly requests: readonly BatchedRequest[] };
    requests.push('/v1.0/$batch');
    if (inner.length > 20) return refusal(400, 'BadRequest', 'Number of batch request steps exceeds 20.');
    const responses = inner.map(({ id, method, url }) => {
      const { status, body, headers = {} } = answer({ address: `/v1.0${url}`, method, authorization });
      return { id, status, headers, body };
    });
    return { status: 200, body: { responses: responses.toReversed() } };
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method, url: address = '/' } = request;
      const { authorization } = request.headers;
      const isBatch = method === 'POST' && address === '/v1.0/$batch';
      const {
        status,
        body,
        headers = {},
      } = isBatch
        ? batched(authorization, Buffer.concat(parts).toString('utf8'))
        : answer({ address, method, authorization });
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const base = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: base(),
    requests,
    refusals,
    limited,
    forgetful,
    changes,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function misuse(path: string, version: string, url: URL): string | null {
  const isBeta = path === '/reports/servicePrincipalSignInActivities';
  if ((version === 'beta') !== isBeta) return `${path} is not in ${version}`;
  const allowed = PARAMETERS[path] ?? ['$select', '$skiptoken'];
  const odd = [...url.searchParams.keys()].find((name) => !allowed.includes(name));
  return odd === undefined ? null : `${path} takes no ${odd}`;
}

function matches(template: string, address: string): boolean {
  const [wanted, given] = [template.split('/'), address.split('/')];
  return (
    wanted.length === given.length && wanted.every((part, index) => part === '{id}' || part === given[index])
  );
}

/** Fields that were not asked for are left out, as Graph does; the type of a record is always there. */
const chosen = (record: GraphRecord, fields: readonly string[] | undefined): GraphRecord =>
  fields === undefined
    ? record
    : Object.fromEntries(
        Object.entries(record).filter(([name]) => fields.includes(name) || name.startsWith('@')),
      );

/** Every permission that the source asks for. */
export const allPermissions = (): Set<string> => new Set(ENDPOINTS.map(({ permission }) => permission));

/** A tenant with two of everything, and one of each that fails. */
export function sampleTenant(id: string, token: string): FakeTenant {
  const user = (name: string, more: GraphRecord = {}): GraphRecord => ({
    id: name,
    displayName: name,
    userPrincipalName: `${name}@contoso.example`,
    userType: 'Member',
    accountEnabled: true,
    employeeType: 'Employee',
    ...more,
  });
  const application = (number: number, more: GraphRecord = {}): GraphRecord => ({
    id: `object-${number}`,
    appId: `app-${number}`,
    displayName: `application ${number}`,
    createdDateTime: '2020-01-01T00:00:00Z',
    signInAudience: 'AzureADMyOrg',
    disabledByMicrosoftStatus: null,
    passwordCredentials: [],
    keyCredentials: [],
    servicePrincipalLockConfiguration: { isEnabled: true, allProperties: true },
    ...more,
  });
  const instance = (number: number, more: GraphRecord = {}): GraphRecord => ({
    id: `sp-${number}`,
    appId: `app-${number}`,
    servicePrincipalType: 'Application',
    appOwnerOrganizationId: id,
    accountEnabled: true,
    passwordCredentials: [],
    keyCredentials: [],
    appRoles: [],
    ...more,
  });
  const right = (principalId: string, more: GraphRecord): GraphRecord => ({
    id: `${principalId}-${String(more.assignmentType ?? 'e')}`,
    principalId,
    roleDefinitionId: 'role-1',
    directoryScopeId: '/',
    startDateTime: '2026-10-31T20:00:00Z',
    endDateTime: null,
    ...more,
  });
  const member = (name: string): GraphRecord => ({
    '@odata.type': '#microsoft.graph.user',
    id: name,
    displayName: name,
  });
  const reviews = '/identityGovernance/accessReviews/definitions';
  const directory = '/roleManagement/directory';
  const lists = new Map<string, readonly GraphRecord[] | GraphRecord>([
    ['/organization', [{ id, displayName: `tenant ${token}`, createdDateTime: '2020-01-01T00:00:00Z' }]],
    [
      '/policies/authorizationPolicy',
      {
        id: 'p',
        allowInvitesFrom: 'none',
        defaultUserRolePermissions: { permissionGrantPoliciesAssigned: [] },
      },
    ],
    [
      '/policies/authenticationMethodsPolicy',
      { id: 'm', authenticationMethodConfigurations: [{ id: 'X509Certificate', state: 'disabled' }] },
    ],
    [
      '/users',
      [
        user('ann'),
        user('bo'),
        user('cleo', { userType: 'Guest' }),
        user('dan', { accountEnabled: false }),
        user('eve'),
      ],
    ],
    [
      '/reports/authenticationMethods/userRegistrationDetails',
      [
        { id: 'ann', methodsRegistered: ['fido2SecurityKey'] },
        { id: 'bo', methodsRegistered: ['mobilePhone'] },
        { id: 'eve', methodsRegistered: [] },
      ],
    ],
    [
      '/users/ann/authentication/methods',
      [
        {
          '@odata.type': '#microsoft.graph.fido2AuthenticationMethod',
          id: 'k',
          createdDateTime: '2025-01-01T00:00:00Z',
        },
      ],
    ],
    [
      '/users/bo/authentication/methods',
      [
        {
          '@odata.type': '#microsoft.graph.phoneAuthenticationMethod',
          id: 'ph',
          phoneType: 'mobile',
          createdDateTime: null,
        },
      ],
    ],
    [
      '/applications',
      [
        application(1),
        application(2, {
          passwordCredentials: [
            {
              keyId: 's',
              startDateTime: '2024-01-01T00:00:00Z',
              endDateTime: null,
              secretText: null,
              hint: 'abc',
            },
          ],
        }),
        application(3, { signInAudience: 'AzureADMultipleOrgs', servicePrincipalLockConfiguration: null }),
      ],
    ],
    [
      '/servicePrincipals',
      [
        instance(1),
        instance(2),
        instance(3, { accountEnabled: false }),
        instance(9, { servicePrincipalType: 'ManagedIdentity' }),
      ],
    ],
    [
      '/reports/servicePrincipalSignInActivities',
      [
        { id: '1', appId: 'app-1', lastSignInActivity: { lastSignInDateTime: '2026-10-30T00:00:00Z' } },
        { id: '2', appId: 'app-2', lastSignInActivity: { lastSignInDateTime: '2026-05-01T00:00:00Z' } },
      ],
    ],
    [
      '/groups',
      [
        { id: 'g-1', displayName: 'admins', isAssignableToRole: true },
        { id: 'g-2', displayName: 'nested', isAssignableToRole: true },
        { id: 'g-3', displayName: 'everybody', isAssignableToRole: null },
      ],
    ],
    ['/groups/g-1/members', [member('ann'), member('bo'), member('eve')]],
    ['/groups/g-2/members', [{ '@odata.type': '#microsoft.graph.group', id: 'g-3' }]],
    [
      `${directory}/roleDefinitions`,
      [{ id: 'role-1', templateId: 'role-1', displayName: 'Global Administrator' }],
    ],
    [`${directory}/roleAssignments`, [right('ann', {}), right('g-1', {})]],
    [
      `${directory}/roleAssignmentScheduleInstances`,
      [
        right('ann', { assignmentType: 'Assigned' }),
        right('g-1', { assignmentType: 'Activated', endDateTime: '2026-11-01T02:00:00Z' }),
      ],
    ],
    [
      `${directory}/roleEligibilityScheduleInstances`,
      [right('bo', {}), right('eve', { endDateTime: '2027-01-01T00:00:00Z' })],
    ],
    [reviews, [{ id: 'd-1', scope: { query: '/groups/g-1/transitiveMembers' } }]],
    [`${reviews}/d-1/instances`, [{ id: 'i-1', status: 'Applied', endDateTime: '2026-10-01T00:00:00Z' }]],
    [
      `${reviews}/d-1/instances/i-1/decisions`,
      [
        {
          id: 'x',
          decision: 'Approve',
          reviewedDateTime: '2026-09-30T10:00:00Z',
          reviewedBy: { id: 'zoe', displayName: 'Zoe' },
        },
      ],
    ],
    [
      '/devices',
      [
        {
          id: 'x1',
          deviceId: 'dev-1',
          displayName: 'laptop',
          operatingSystem: 'Windows',
          isManaged: true,
          isCompliant: true,
        },
        {
          id: 'x2',
          deviceId: 'dev-2',
          displayName: 'phone',
          operatingSystem: 'iOS',
          isManaged: false,
          isCompliant: null,
        },
      ],
    ],
    [
      '/deviceManagement/managedDevices',
      [
        {
          id: 'm1',
          azureADDeviceId: 'dev-1',
          deviceName: 'LAPTOP',
          operatingSystem: 'Windows',
          complianceState: 'noncompliant',
          lastSyncDateTime: '2026-10-31T12:00:00Z',
        },
      ],
    ],
  ]);
  return { id, token, lists, permissions: allPermissions() };
}
