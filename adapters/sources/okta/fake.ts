/**
 * An Okta of a few organisations, for tests: it judges every request by path, query and scope, gives pages by `Link` and in bodies, and
 * can be told to limit and to be without a scope. Paths and fields are those of Okta's own description, against which the conformance
 * suite holds every request.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ENDPOINTS } from '../../imports/directories/okta/description.ts';
import { OKTA } from '../../imports/directories/okta/dialect.ts';

export type OktaRecord = Readonly<Record<string, unknown>>;

export interface FakeOrganisation {
  readonly token: string;
  /** Address below the API → its items; a record for what is no list. */
  readonly lists: Map<string, readonly OktaRecord[] | OktaRecord>;
  readonly permissions: Set<string>;
}

export interface FakeOkta {
  readonly url: string;
  readonly requests: string[];
  /** What the fake found wrong with requests: empty when all were right. */
  readonly refusals: string[];
  /** Paths that answer 429 once; when it ends stands in a header, in whole seconds since 1970. */
  readonly limited: Set<string>;
  /** Addresses that an organisation of an older kind does not have. */
  readonly missing: Set<string>;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const refusal = (status: number, errorCode: string, errorSummary: string): Answer => ({
  status,
  body: { errorCode, errorSummary, errorLink: errorCode, errorId: 'sample', errorCauses: [] },
});

const PAGE = 2;

/** Query parameters that are asked of each path. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  '/users': ['limit', 'after'],
  '/apps': ['limit', 'after'],
  '/devices': ['limit', 'after'],
  '/iam/assignees/users': ['limit', 'after'],
  '/groups': ['limit', 'after', 'expand'],
  '/groups/{id}/users': ['limit', 'after'],
};

export const allPermissions = (): readonly string[] => [
  ...new Set(ENDPOINTS.map(({ permission }) => permission)),
];

export async function fakeOkta(organisation: FakeOrganisation): Promise<FakeOkta> {
  const requests: string[] = [];
  const refusals: string[] = [];
  const limited = new Set<string>();
  const missing = new Set<string>();

  function answer(request: IncomingMessage): Answer {
    const asked = new URL(request.url ?? '', base());
    if (
      ![`SSWS ${organisation.token}`, `Bearer ${organisation.token}`].includes(
        String(request.headers.authorization),
      )
    )
      return refusal(401, 'E0000011', 'Invalid token provided');
    const place = OKTA.answers.addressOf(asked.href);
    const resolved = place === null ? null : OKTA.resolve(place.address);
    if (place === null || resolved === null || resolved.form !== 'list' || request.method !== 'GET') {
      refusals.push(`${request.method} ${asked.pathname} is not described`);
      return refusal(404, 'E0000022', 'The endpoint does not support the provided HTTP method');
    }
    const odd = [...asked.searchParams.keys()].find(
      (name) => !(PARAMETERS[resolved.template] ?? []).includes(name),
    );
    if (odd !== undefined) refusals.push(`${resolved.template} takes no ${odd}`);
    if (limited.delete(place.address))
      return {
        ...refusal(429, 'E0000047', 'API call exceeded rate limit due to too many requests.'),
        headers: {
          'x-rate-limit-limit': '600',
          'x-rate-limit-remaining': '0',
          'x-rate-limit-reset': String(Math.floor(Date.now() / 1000)),
        },
      };
    if (!organisation.permissions.has(OKTA.permissionOf(resolved.template)))
      return refusal(403, 'E0000006', 'You do not have permission to perform the requested action');
    if (missing.has(place.address)) return refusal(404, 'E0000007', 'Not found: Resource not found');
    const held = organisation.lists.get(place.address) ?? [];
    if (!Array.isArray(held)) return { status: 200, body: held };
    // What takes no `after` comes whole.
    if (!PARAMETERS[resolved.template]?.includes('after'))
      return { status: 200, body: held, headers: { link: `<${asked.href}>; rel="self"` } };
    return page(held, asked, resolved.template === '/iam/assignees/users');
  }

  function page(held: readonly OktaRecord[], asked: URL, isInBody: boolean): Answer {
    const after = asked.searchParams.get('after');
    const from = after === null ? 0 : held.findIndex(({ id }) => id === after) + 1;
    const items = held.slice(from, from + PAGE);
    const next = new URL(asked);
    next.searchParams.set('after', String(items.at(-1)?.id));
    const isLast = from + PAGE >= held.length;
    if (isInBody)
      return {
        status: 200,
        body: isLast ? { value: items } : { value: items, _links: { next: { href: next.href } } },
      };
    const self = `<${asked.href}>; rel="self"`;
    return {
      status: 200,
      body: items,
      headers: { link: isLast ? self : `${self}, <${next.href}>; rel="next"` },
    };
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push(decodeURIComponent(request.url ?? ''));
    const { status, body, headers = {} } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const base = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: base(),
    requests,
    refusals,
    limited,
    missing,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** An organisation in which people have a password or a passkey too, and somebody and a group hold roles. */
export function sampleOrganisation(id: string, token: string): FakeOrganisation {
  const user = (name: string, more: OktaRecord = {}): OktaRecord => ({
    id: name,
    status: 'ACTIVE',
    created: '2025-01-01T00:00:00.000Z',
    lastLogin: '2026-09-01T00:00:00.000Z',
    profile: { login: `${name}@north.example`, userType: 'Employee', mobilePhone: '+1 555 0100 hush-wren' },
    credentials: { password: {}, recovery_question: { question: 'answer is hush-wren' } },
    ...more,
  });
  const enrolment = (key: string, more: OktaRecord = {}): OktaRecord => ({
    id: `e-${key}`,
    key,
    status: 'ACTIVE',
    created: '2025-02-01T00:00:00.000Z',
    ...more,
  });
  const role = (type: string, more: OktaRecord = {}): OktaRecord => ({
    id: `r-${type}`,
    type,
    label: type,
    status: 'ACTIVE',
    assignmentType: 'USER',
    created: '2025-03-01T00:00:00.000Z',
    ...more,
  });
  const application = (name: string, more: OktaRecord = {}): OktaRecord => ({
    id: name,
    label: name,
    status: 'ACTIVE',
    created: '2024-01-01T00:00:00.000Z',
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { client_id: name, client_secret: `value-of-${name}-hush-wren` } },
    ...more,
  });
  const group = (name: string, hasAdminPrivilege: boolean): OktaRecord => ({
    id: name,
    profile: { name: `group ${name}` },
    type: 'OKTA_GROUP',
    _embedded: { stats: { usersCount: 1, hasAdminPrivilege } },
  });
  const lists = new Map<string, readonly OktaRecord[] | OktaRecord>([
    ['/org', { id, companyName: 'North', subdomain: 'north' }],
    [
      '/users',
      [
        user('ann'),
        user('bo', { lastLogin: '2026-10-31T00:00:00.000Z' }),
        user('cy', { status: 'SUSPENDED', lastLogin: null }),
      ],
    ],
    ['/users/ann/authenticator-enrollments', [enrolment('okta_password'), enrolment('webauthn')]],
    ['/users/bo/authenticator-enrollments', [enrolment('okta_password'), enrolment('google_otp')]],
    [
      '/apps',
      [
        application('billing'),
        application('wiki', { signOnMode: 'SAML_2_0' }),
        application('old', { status: 'INACTIVE' }),
      ],
    ],
    [
      '/apps/billing/credentials/secrets',
      [
        {
          id: 's1',
          status: 'ACTIVE',
          created: '2024-01-01T00:00:00.000Z',
          client_secret: 'secret-hush-wren',
          secret_hash: 'hash-hush-wren',
        },
        {
          id: 's2',
          status: 'INACTIVE',
          created: '2023-01-01T00:00:00.000Z',
          client_secret: 'older-hush-wren',
        },
      ],
    ],
    [
      '/apps/billing/credentials/jwks',
      [{ id: 'k1', kid: 'k1', kty: 'RSA', status: 'ACTIVE', created: '2025-01-01T00:00:00.000Z' }],
    ],
    ['/devices', [{ id: 'd1', status: 'ACTIVE', profile: { displayName: 'laptop', platform: 'MACOS' } }]],
    [
      '/iam/assignees/users',
      [
        { id: 'ann', orn: 'orn:okta:directory:x:users:ann' },
        { id: 'bo', orn: 'orn:okta:directory:x:users:bo' },
        { id: 'cy', orn: 'orn:x' },
      ],
    ],
    ['/users/ann/roles', [role('SUPER_ADMIN')]],
    ['/users/bo/roles', [role('ORG_ADMIN', { assignmentType: 'GROUP' })]],
    ['/users/cy/roles', []],
    ['/groups', [group('g-admins', true), group('g-staff', false), group('g-empty', true)]],
    ['/groups/g-admins/roles', [role('ORG_ADMIN', { assignmentType: 'GROUP' })]],
    ['/groups/g-empty/roles', [role('READ_ONLY_ADMIN', { assignmentType: 'GROUP' })]],
    ['/groups/g-admins/users', [user('bo')]],
    ['/groups/g-empty/users', []],
  ]);
  return { token, lists, permissions: new Set(allPermissions()) };
}
