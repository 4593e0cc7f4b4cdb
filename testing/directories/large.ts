/** Directories of as many people as one likes, made page by page while they are asked: for whoever measures what a collection keeps of them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FakeEntry, fakeDirectory } from '@macadam/adapters/sources/ldap/fake';
import type { CollectRequest } from '@macadam/adapters/sources/port';

export const LARGE_DIRECTORIES = ['entra', 'keycloak', 'okta', 'ldap'] as const;
export type LargeDirectory = (typeof LARGE_DIRECTORIES)[number];

export interface Large {
  readonly targets: readonly string[];
  readonly options: CollectRequest['options'];
  readonly environment: CollectRequest['environment'];
  readonly close: () => Promise<void>;
}

/** Of people, of whom the first `askedAbout` are asked about by themselves, where a host answers that. */
export const largeDirectory = (
  id: LargeDirectory,
  people: number,
  askedAbout: number = people,
): Promise<Large> => (id === 'ldap' ? largeLdap(people) : largeHost(id, { people, askedAbout }));

interface Size {
  readonly people: number;
  readonly askedAbout: number;
}

interface Answer {
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ids as directories write them, and as long. */
const idOf = (index: number): string => `7d1f0c4e-51aa-4000-8000-${String(index).padStart(12, '0')}`;

const TENANT = '8a1b0000-0000-4000-8000-000000000001';
const SINCE = Date.parse('2026-03-01T09:00:00Z');

function page<T>(from: number, size: number, people: number, one: (index: number) => T): readonly T[] {
  return Array.from({ length: Math.max(0, Math.min(size, people - from)) }, (_, place) => one(from + place));
}

/** One in so many has no strong method in the report, and is asked about by itself. */
const UNDECIDED = 10;

function entra(url: URL, { people, askedAbout }: Size): Answer {
  const from = Number(url.searchParams.get('$skiptoken') ?? 0);
  const list = (size: number, one: (index: number) => unknown): Answer => {
    const next = from + size < people ? { '@odata.nextLink': nextLink(url, from + size) } : {};
    return { body: { value: page(from, size, people, one), ...next } };
  };
  const path = url.pathname.replace(/^\/(v1\.0|beta)/, '');
  if (path === '/organization') return { body: { value: [{ id: TENANT, displayName: 'North' }] } };
  if (path === '/policies/authenticationMethodsPolicy')
    return {
      body: { authenticationMethodConfigurations: [{ id: 'x509Certificate', state: 'disabled' }] },
    };
  if (path === '/users/delta')
    return { body: { value: [], '@odata.deltaLink': new URL('?$deltatoken=1', url).href } };
  if (path === '/users')
    return list(999, (index) => ({
      id: idOf(index),
      displayName: `Person ${index}`,
      userPrincipalName: `person.${index}@north.example`,
      userType: 'Member',
      accountEnabled: true,
      employeeType: 'Employee',
    }));
  if (path === '/reports/authenticationMethods/userRegistrationDetails')
    return list(999, (index) => ({
      id: idOf(index),
      userPrincipalName: `person.${index}@north.example`,
      userType: 'member',
      methodsRegistered:
        index < askedAbout && index % UNDECIDED === 0
          ? ['mobilePhone', 'email']
          : ['fido2SecurityKey', 'email'],
    }));
  if (path.endsWith('/authentication/methods'))
    return {
      body: {
        value: [
          {
            '@odata.type': '#microsoft.graph.passwordAuthenticationMethod',
            id: '28c10230-6103-485e-b985-444c60001490',
            createdDateTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    };
  return { body: { value: [] } };
}

function nextLink(url: URL, from: number): string {
  const next = new URL(url);
  next.searchParams.set('$skiptoken', String(from));
  return next.href;
}

function keycloak(url: URL, { people, askedAbout }: Size): Answer {
  if (url.pathname.endsWith('/token')) {
    const roles = ['view-users', 'view-clients', 'view-realm', 'view-events', 'view-identity-providers'];
    const claims = Buffer.from(JSON.stringify({ resource_access: { 'realm-management': { roles } } }));
    return { body: { access_token: `e30.${claims.toString('base64url')}.c2ln`, expires_in: 3600 } };
  }
  if (url.pathname.endsWith('/.well-known/openid-configuration'))
    return { body: { issuer: `${url.origin}/realms/north`, token_endpoint: 'x' } };
  const path = url.pathname.replace('/admin/realms/north', '');
  if (path === '') return { body: { id: 'north', realm: 'north', browserFlow: 'browser' } };
  if (path === '/users/count') return { body: people };
  if (path === '/users') {
    const [from, most] = ['first', 'max'].map((name) => Number(url.searchParams.get(name)));
    const user = (index: number) => ({
      id: idOf(index),
      username: `person.${index}`,
      email: `person.${index}@north.example`,
      enabled: index < askedAbout,
      createdTimestamp: SINCE,
      attributes: { employeeType: ['employee'] },
      access: { manage: false, view: true },
    });
    return { body: page(from ?? 0, most ?? 0, people, user) };
  }
  if (/^\/users\/[^/]+\/credentials$/.test(path))
    return { body: [{ id: `${path.slice(7, 43)}-p`, type: 'password', createdDate: SINCE }] };
  if (path === '/events/config') return { body: { eventsEnabled: false } };
  return { body: [] };
}

function okta(url: URL, { people, askedAbout }: Size): Answer {
  const path = url.pathname.replace('/api/v1', '');
  if (path === '/org') return { body: { id: '00o1', companyName: 'North' } };
  if (path === '/users') {
    const from = Number(url.searchParams.get('after') ?? 0);
    const user = (index: number) => ({
      id: idOf(index),
      status: index < askedAbout ? 'ACTIVE' : 'SUSPENDED',
      created: '2026-03-01T09:00:00.000Z',
      lastLogin: '2026-09-01T09:00:00.000Z',
      profile: { login: `person.${index}@north.example`, userType: 'employee', firstName: 'P' },
    });
    const next = `<${url.origin}/api/v1/users?limit=200&after=${from + 200}>; rel="next"`;
    const headers = from + 200 < people ? { link: next } : undefined;
    return { body: page(from, 200, people, user), ...(headers && { headers }) };
  }
  if (path.endsWith('/authenticator-enrollments'))
    return {
      body: [
        { id: 'aen1', key: 'okta_password', status: 'ACTIVE', created: '2026-03-01T09:00:00.000Z' },
        { id: 'aen2', key: 'webauthn', status: 'ACTIVE', created: '2026-03-01T09:00:00.000Z' },
      ],
    };
  return path === '/iam/assignees/users' ? { body: { value: [] } } : { body: [] };
}

/** A token that says whose it is, as Entra's do: then a listing is kept for the next look. */
const CLAIMS = Buffer.from(JSON.stringify({ tid: TENANT, appid: 'reader' })).toString('base64url');
const ENTRA = `token-own-wren.${CLAIMS}.wren`;

const HOSTS = { entra, keycloak, okta };

/** Requests of Entra that come as one. */
function batch(text: string, answer: (path: string) => Answer): Answer {
  const { requests } = JSON.parse(text) as {
    readonly requests: readonly { readonly id: string; readonly url: string }[];
  };
  const responses = requests.map(({ id, url }) => ({ id, status: 200, body: answer(`/v1.0${url}`).body }));
  return { body: { responses } };
}

async function largeHost(id: keyof typeof HOSTS, size: Size): Promise<Large> {
  let origin = '';
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const asked = new URL(request.url ?? '', origin);
      const text = Buffer.concat(parts).toString('utf8');
      const { body, headers } = asked.pathname.endsWith('/$batch')
        ? batch(text, (path) => HOSTS[id](new URL(path, origin), size))
        : HOSTS[id](asked, size);
      response.writeHead(200, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  const asked = {
    entra: { targets: [TENANT], options: { url: origin }, environment: { ENTRA_TOKEN: ENTRA } },
    keycloak: {
      targets: [`${origin}/realms/north`],
      options: {},
      environment: { KEYCLOAK_CLIENT_ID: 'macadam', KEYCLOAK_CLIENT_SECRET: 'secret-own-wren' },
    },
    okta: { targets: [origin], options: {}, environment: { OKTA_TOKEN: 'token-own-wren' } },
  }[id];
  return { ...asked, close };
}

const BASE = 'dc=north,dc=example';

/** Everybody is in one group that holds no power, as in most directories. */
async function largeLdap(people: number): Promise<Large> {
  const account = { dn: `uid=macadam,${BASE}`, password: 'secret-own-wren' };
  const person = (index: number): readonly [string, FakeEntry] => [
    `uid=person.${index},ou=people,${BASE}`,
    {
      objectClass: ['inetOrgPerson', 'person'],
      entryUUID: idOf(index),
      uid: `person.${index}`,
      employeeType: 'employee',
      pwdChangedTime: '20260701120000Z',
    },
  ];
  const { url, close } = await fakeDirectory(
    new Map<string, FakeEntry>([
      [BASE, { objectClass: ['organization'], entryUUID: TENANT }],
      ...page(0, people, people, person),
      [
        `cn=everybody,ou=groups,${BASE}`,
        {
          objectClass: 'groupOfNames',
          entryUUID: idOf(people),
          cn: 'everybody',
          member: page(0, people, people, (index) => person(index)[0]),
        },
      ],
    ]),
    account,
  );
  return {
    targets: [`${url}/${BASE}`],
    options: { privileged: '(cn=server-admins)' },
    environment: { LDAP_BIND_DN: account.dn, LDAP_BIND_PASSWORD: account.password },
    close,
  };
}
