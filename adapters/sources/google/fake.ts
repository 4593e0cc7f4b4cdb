/**
 * A Google Workspace of one customer, for tests: it judges every request by path, query and scope, gives pages by tokens, and can be told
 * to limit and to be without a scope. Paths, parameters and scopes are those of Google's own description, against which the conformance
 * suite holds every request.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ENDPOINTS } from '../../imports/directories/google/description.ts';
import { GOOGLE } from '../../imports/directories/google/dialect.ts';

export type GoogleRecord = Readonly<Record<string, unknown>>;

export interface FakeCustomer {
  readonly id: string;
  readonly token: string;
  /** Address below the API → its items. */
  readonly lists: Map<string, readonly GoogleRecord[]>;
  readonly permissions: Set<string>;
}

export interface FakeGoogle {
  readonly url: string;
  readonly requests: string[];
  /** What the fake found wrong with requests: empty when all were right. */
  readonly refusals: string[];
  /** Paths that answer 429 once, with how long to wait in seconds. */
  readonly limited: Map<string, string>;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const PAGE = 2;

/** How the list of each path is called in its answer. */
export const LIST_NAMES: Readonly<Record<string, string>> = {
  '/users': 'users',
  '/customer/{id}/roles': 'items',
  '/customer/{id}/roleassignments': 'items',
  '/groups/{id}/members': 'members',
  '/devices': 'devices',
};

export const allPermissions = (): readonly string[] => [
  ...new Set(ENDPOINTS.map(({ permission }) => permission)),
];

const refusal = (code: number, message: string): Answer => ({
  status: code,
  body: { error: { code, message, errors: [{ message, domain: 'global', reason: 'forbidden' }] } },
});

export async function fakeGoogle(customer: FakeCustomer): Promise<FakeGoogle> {
  const requests: string[] = [];
  const refusals: string[] = [];
  const limited = new Map<string, string>();

  function answer(request: IncomingMessage): Answer {
    const asked = new URL(request.url ?? '', base());
    if (request.headers.authorization !== `Bearer ${customer.token}`)
      return refusal(401, 'Request had invalid authentication credentials.');
    const place = GOOGLE.answers.addressOf(asked.href);
    const resolved = place === null ? null : GOOGLE.resolve(place.address);
    const name = LIST_NAMES[resolved?.template ?? ''];
    if (place === null || resolved === null || name === undefined || request.method !== 'GET') {
      refusals.push(`${request.method} ${asked.pathname} is not described`);
      return refusal(404, 'Not Found');
    }
    const wait = limited.get(place.address);
    if (limited.delete(place.address))
      return { ...refusal(429, 'Quota exceeded'), headers: { 'retry-after': wait ?? '1' } };
    if (!customer.permissions.has(GOOGLE.permissionOf(resolved.template)))
      return refusal(403, 'Not Authorized to access this resource/api');
    const held = customer.lists.get(place.address) ?? [];
    const from = Number(asked.searchParams.get('pageToken') ?? 0);
    const items = held.slice(from, from + PAGE);
    const rest = from + PAGE < held.length ? { nextPageToken: String(from + PAGE) } : {};
    return {
      status: 200,
      body: { kind: 'list', etag: '"e"', ...(items.length === 0 ? {} : { [name]: items }), ...rest },
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
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** A customer with people, one of whom may do everything, and a group that holds a role. */
export function sampleCustomer(id: string, token: string): FakeCustomer {
  const user = (name: string, more: GoogleRecord = {}): GoogleRecord => ({
    id: name,
    customerId: id,
    primaryEmail: `${name}@north.example`,
    suspended: false,
    archived: false,
    isAdmin: false,
    lastLoginTime: '2026-09-01T00:00:00.000Z',
    recoveryPhone: '+1 555 0100 hush-wren',
    sshPublicKeys: [{ key: 'key-hush-wren' }],
    ...more,
  });
  const assignment = (number: number, to: string, role: string, type: string): GoogleRecord => ({
    roleAssignmentId: String(number),
    roleId: role,
    assignedTo: to,
    assigneeType: type,
    scopeType: 'CUSTOMER',
  });
  return {
    id,
    token,
    permissions: new Set(allPermissions()),
    lists: new Map<string, readonly GoogleRecord[]>([
      [
        '/users',
        [
          user('ann', { isAdmin: true }),
          user('bo', { lastLoginTime: '2026-10-31T00:00:00.000Z' }),
          user('cy', { suspended: true, lastLoginTime: '1970-01-01T00:00:00.000Z' }),
        ],
      ],
      [
        `/customer/${id}/roles`,
        [
          { roleId: '1', roleName: '_SEED_ADMIN_ROLE', isSuperAdminRole: true },
          { roleId: '2', roleName: '_HELP_DESK_ADMIN_ROLE' },
          { roleId: '3', roleName: '_USER_MANAGEMENT_ADMIN_ROLE' },
        ],
      ],
      [
        `/customer/${id}/roleassignments`,
        [
          assignment(1, 'ann', '1', 'user'),
          assignment(2, 'bo', '2', 'user'),
          assignment(3, 'g-admins', '3', 'group'),
        ],
      ],
      [
        '/groups/g-admins/members',
        [
          { id: 'bo', email: 'bo@north.example', type: 'USER', role: 'MEMBER' },
          { id: 'g-inner', email: 'inner@north.example', type: 'GROUP', role: 'MEMBER' },
        ],
      ],
      [
        '/devices',
        [{ name: 'devices/d1', deviceType: 'MAC_OS', hostname: 'laptop', serialNumber: 'serial-hush-wren' }],
      ],
    ]),
  };
}
