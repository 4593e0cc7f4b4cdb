/**
 * A Keycloak of a few realms, for tests: gives tokens that say what they may see, judges every path, comes in pages, and can be told to
 * be without a role. As the real one it gives a short list, and no refusal, to a token that may see only some accounts; the conformance
 * suite asks a real one.
 */
import { Buffer } from 'node:buffer';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ENDPOINTS } from '../../imports/directories/keycloak/description.ts';
import { KEYCLOAK } from '../../imports/directories/keycloak/dialect.ts';

export type KeycloakRecord = Readonly<Record<string, unknown>>;

export interface FakeRealm {
  readonly name: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Address → its items; a record for what is no list. */
  readonly lists: Map<string, readonly KeycloakRecord[] | KeycloakRecord | number>;
  readonly permissions: Set<string>;
}

export interface FakeKeycloak {
  readonly url: string;
  readonly requests: string[];
  /** What the fake found wrong with requests: empty when all were right. */
  readonly refusals: string[];
  /** How often a token was given. */
  readonly tokens: () => number;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const allPermissions = (): readonly string[] => [
  ...new Set(ENDPOINTS.map(({ permission }) => permission).filter((role) => role !== 'no role')),
];

/** `seconds`: how long a token is good. */
export async function fakeKeycloak(realms: readonly FakeRealm[], seconds = 60): Promise<FakeKeycloak> {
  const requests: string[] = [];
  const refusals: string[] = [];
  const given = new Map<string, FakeRealm>();
  let url = '';

  function tokenFor(realm: FakeRealm, request: IncomingMessage): Answer {
    const basic = Buffer.from(
      String(request.headers.authorization).replace('Basic ', ''),
      'base64',
    ).toString();
    if (request.method !== 'POST' || basic !== `${realm.client.id}:${realm.client.secret}`)
      return { status: 401, body: { error: 'unauthorized_client', error_description: 'Invalid client' } };
    const claims = {
      n: given.size,
      resource_access: { 'realm-management': { roles: [...realm.permissions] } },
    };
    const token = `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
    given.set(token, realm);
    return { status: 200, body: { access_token: token, expires_in: seconds, token_type: 'Bearer' } };
  }

  function answer(request: IncomingMessage): Answer {
    const asked = new URL(request.url ?? '', url);
    const [, first, second, third] = asked.pathname.split('/');
    const realm = realms.find(
      ({ name }) => name === decodeURIComponent((first === 'admin' ? third : second) ?? ''),
    );
    if (realm === undefined) return { status: 404, body: { error: 'Realm does not exist' } };
    if (asked.pathname.endsWith('/protocol/openid-connect/token')) return tokenFor(realm, request);
    if (asked.pathname.endsWith('/.well-known/openid-configuration'))
      return { status: 200, body: { issuer: `${url}/realms/${realm.name}`, token_endpoint: 'x' } };
    const token = String(request.headers.authorization).replace('Bearer ', '');
    if (given.get(token) !== realm) return { status: 401, body: { error: 'HTTP 401 Unauthorized' } };
    const place = KEYCLOAK.answers.addressOf(asked.href);
    const resolved = place === null ? null : KEYCLOAK.resolve(place.address);
    if (place === null || resolved === null || request.method !== 'GET') {
      refusals.push(`${request.method} ${asked.pathname} is not described`);
      return { status: 404, body: { error: 'HTTP 404 Not Found' } };
    }
    const role = KEYCLOAK.permissionOf(resolved.template);
    const found = realm.lists.get(place.address);
    if (!realm.permissions.has(role))
      return Array.isArray(found)
        ? { status: 200, body: [] }
        : { status: 403, body: { error: 'HTTP 403 Forbidden' } };
    if (found === undefined) return { status: 200, body: [] };
    if (!Array.isArray(found)) return { status: 200, body: found };
    const from = Number(asked.searchParams.get('first') ?? 0);
    const most = Number(asked.searchParams.get('max') ?? 100);
    return { status: 200, body: found.slice(from, from + most) };
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`);
    const { status, body } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    refusals,
    tokens: () => given.size,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const EVENT_TYPES = ['LOGIN', 'CODE_TO_TOKEN', 'CLIENT_LOGIN', 'REFRESH_TOKEN', 'TOKEN_EXCHANGE'];

/** A realm in which people have a password or a passkey too, and somebody and a group hold power. */
export function sampleRealm(name: string, secret: string, now: Date): FakeRealm {
  const created = now.getTime() - 40 * 86_400_000;
  const user = (id: string, username = id) => ({
    id,
    username,
    enabled: true,
    createdTimestamp: created,
    attributes: { employeeType: ['employee'] },
  });
  const credential = (id: string, type: string) => ({ id, type, createdDate: created, credentialData: '{}' });
  const client = (id: string, clientId: string, more: KeycloakRecord = {}) => ({
    id,
    clientId,
    enabled: true,
    bearerOnly: false,
    publicClient: false,
    serviceAccountsEnabled: false,
    directAccessGrantsEnabled: false,
    clientAuthenticatorType: 'client-secret',
    secret: `value-of-${clientId}-hush-wren`,
    attributes: { 'client.secret.creation.time': String(Math.floor(created / 1000)) },
    ...more,
  });
  const step = (level: number, providerId: string, requirement = 'REQUIRED') => ({
    id: `${level}${providerId}`,
    level,
    providerId,
    requirement,
    displayName: providerId,
  });
  const role = (id: string, roleName: string, composite = false) => ({ id, name: roleName, composite });
  const lists: FakeRealm['lists'] = new Map<string, readonly KeycloakRecord[] | KeycloakRecord | number>([
    [
      '/realm',
      {
        id: name,
        realm: name,
        browserFlow: 'keys only',
        directGrantFlow: 'direct grant',
        resetPasswordAllowed: false,
      },
    ],
    ['/users', [user('ann'), user('bo'), user('cy')]],
    ['/users/count', 3],
    ['/users/ann/credentials', [credential('a1', 'password'), credential('a2', 'webauthn-passwordless')]],
    ['/users/bo/credentials', [credential('b1', 'password'), credential('b2', 'otp')]],
    ['/users/cy/credentials', [credential('c1', 'webauthn')]],
    [
      '/clients',
      [
        client('c-billing', 'billing', { serviceAccountsEnabled: true }),
        client('c-portal', 'portal', { publicClient: true }),
        client('c-power', 'realm-management', { bearerOnly: true }),
      ],
    ],
    [
      '/clients/c-power/roles',
      [role('r-users', 'manage-users'), role('r-view', 'view-users'), role('r-all', 'realm-admin', true)],
    ],
    ['/clients/c-billing/service-account-user', user('s-billing', 'service-account-billing')],
    [
      '/users/s-billing/role-mappings',
      {
        realmMappings: [role('r-default', `default-roles-${name}`)],
        clientMappings: { 'realm-management': { mappings: [role('r-users', 'manage-users')] } },
      },
    ],
    ['/roles', [role('r-default', `default-roles-${name}`, true), role('r-ops', 'operators', true)]],
    ['/roles-by-id/r-default/composites', []],
    ['/roles-by-id/r-ops/composites', [role('r-users', 'manage-users')]],
    ['/roles-by-id/r-all/composites', [role('r-users', 'manage-users'), role('r-view', 'view-users')]],
    ['/clients/c-power/roles/manage-users/users', [user('bo'), user('s-billing', 'service-account-billing')]],
    ['/clients/c-power/roles/realm-admin/groups', [{ id: 'g-admins', name: 'admins', path: '/admins' }]],
    ['/roles/operators/users', [user('ann')]],
    ['/groups/g-admins/members', [user('cy')]],
    ['/groups/g-admins/children', [{ id: 'g-inner', name: 'inner', path: '/admins/inner' }]],
    ['/groups/g-inner/members', [user('ann')]],
    ['/identity-provider/instances', []],
    [
      '/authentication/flows/keys only/executions',
      [
        step(0, 'auth-cookie', 'ALTERNATIVE'),
        { ...step(0, 'forms', 'ALTERNATIVE'), authenticationFlow: true },
        step(1, 'auth-username-form'),
        step(1, 'webauthn-authenticator-passwordless'),
      ],
    ],
    ['/authentication/flows/direct grant/executions', [step(0, 'direct-grant-validate-password')]],
    ['/events/config', { eventsEnabled: true, eventsExpiration: 0, enabledEventTypes: EVENT_TYPES }],
    ['/events/oldest', [{ time: now.getTime() - 100 * 86_400_000, type: 'LOGIN' }]],
    ['/events/client/billing', [{ time: now.getTime() - 3_600_000, type: 'CLIENT_LOGIN' }]],
    ['/events/user/cy', [{ time: now.getTime() - 3_600_000, type: 'LOGIN' }]],
  ]);
  return { name, client: { id: 'macadam', secret }, lists, permissions: new Set(allPermissions()) };
}
