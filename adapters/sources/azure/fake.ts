/**
 * An Azure Resource Graph of one tenant, for tests: it takes the two queries that are asked, gives pages by `$skipToken`, and can be told to
 * limit and to refuse. What it holds is made up after Microsoft's description; no recorded answer of these tables was to be had.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type AzureRecord = Readonly<Record<string, unknown>>;

export interface FakeAzure {
  readonly url: string;
  /** Table → its rows. */
  readonly tables: Map<string, readonly AzureRecord[]>;
  /** Address of a vault → its answer. */
  readonly vault: Map<string, AzureRecord>;
  /** Tables, and addresses of a vault, that may not be read. */
  readonly refused: Set<string>;
  /** Tables that answer 429 once, with how long to wait in seconds. */
  readonly limited: Map<string, string>;
  /** What the fake found wrong with requests: empty when all were right. */
  readonly refusals: string[];
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const PAGE = 2;
const ADDRESS = '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01';

const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

export async function fakeAzure(tenant: string, token: string): Promise<FakeAzure> {
  const tables = sampleTables(tenant);
  const vault = sampleVault();
  const refused = new Set<string>();
  const limited = new Map<string, string>();
  const refusals: string[] = [];

  function answer(request: IncomingMessage, text: string): Answer {
    if (request.headers.authorization !== `Bearer ${token}`)
      return refusal(401, 'InvalidAuthenticationToken', 'The access token is invalid.');
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const kept = vault.get(pathname);
    if (kept !== undefined && request.method === 'GET' && searchParams.get('api-version') === '7.4')
      return refused.has(pathname)
        ? refusal(403, 'Forbidden', 'The user does not have keys get permission on key vault.')
        : { status: 200, body: kept };
    if (request.method !== 'POST' || request.url !== ADDRESS) {
      refusals.push(`${request.method} ${request.url}`);
      return refusal(404, 'NotFound', 'not described');
    }
    const { query = '', options = {} } = JSON.parse(text);
    const [table = ''] = String(query).split(' ');
    const rows = tables.get(table);
    if (rows === undefined || options.resultFormat !== 'objectArray') {
      refusals.push(text);
      return refusal(400, 'BadRequest', 'The query is not described');
    }
    const wait = limited.get(table);
    if (limited.delete(table))
      return { ...refusal(429, 'RateLimiting', 'Please wait'), headers: { 'retry-after': wait ?? '1' } };
    if (refused.has(table))
      return refusal(403, 'AccessDenied', 'The client does not have authorization to perform the action.');
    const from = Number(options.$skipToken ?? 0);
    const data = rows.slice(from, from + PAGE);
    const rest = from + PAGE < rows.length ? { $skipToken: String(from + PAGE) } : {};
    return {
      status: 200,
      body: {
        totalRecords: rows.length,
        count: data.length,
        data,
        facets: [],
        resultTruncated: 'false',
        ...rest,
      },
    };
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { status, body, headers = {} } = answer(request, Buffer.concat(parts).toString('utf8'));
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tables,
    vault,
    refused,
    limited,
    refusals,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** A vault with a key in hardware that rotates, with two versions, one in software that does not, and one that does not sign. */
export function sampleVault(): Map<string, AzureRecord> {
  const host = 'https://payments.vault.azure.net';
  const name = (key: string) => ({ kid: `${host}/keys/${key}`, attributes: { enabled: true } });
  const versions = (key: string, ...all: readonly string[]): AzureRecord => ({
    value: all.map((version) => ({ kid: `${host}/keys/${key}/${version}`, attributes: { enabled: true } })),
    nextLink: null,
  });
  const version = (key: string, id: string, more: AzureRecord): AzureRecord => ({
    key: { kid: `${host}/keys/${key}/${id}`, key_ops: ['sign', 'verify'], ...CURVE, ...more },
    attributes: { enabled: true, created: 1_790_000_000, updated: 1_790_000_000, exportable: false },
  });
  const policy = (key: string, ...actions: readonly AzureRecord[]): AzureRecord => ({
    id: `${host}/keys/${key}/rotationpolicy`,
    lifetimeActions: actions,
    attributes: { expiryTime: 'P90D' },
  });
  const rotate = { trigger: { timeAfterCreate: 'P60D' }, action: { type: 'Rotate' } };
  const notify = { trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Notify' } };
  return new Map<string, AzureRecord>([
    ['/keys', { value: ['tokens', 'old', 'data'].map(name), nextLink: null }],
    ['/keys/tokens/versions', versions('tokens', 'a1', 'a2')],
    ['/keys/tokens/a1', version('tokens', 'a1', { kty: 'EC-HSM' })],
    ['/keys/tokens/a2', version('tokens', 'a2', { kty: 'EC-HSM' })],
    ['/keys/tokens/rotationpolicy', policy('tokens', rotate, notify)],
    ['/keys/old/versions', versions('old', 'b1')],
    ['/keys/old/b1', version('old', 'b1', { kty: 'EC' })],
    ['/keys/old/rotationpolicy', policy('old', notify)],
    ['/keys/data/versions', versions('data', 'c1')],
    ['/keys/data/c1', version('data', 'c1', { kty: 'EC', key_ops: ['encrypt', 'decrypt'] })],
    ['/keys/data/rotationpolicy', policy('data')],
  ]);
}

/** The public key of the example in RFC 7517, appendix A.1. */
const CURVE: AzureRecord = {
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};

/** Resources of two kinds and a network; an owner, a group that may change things, and somebody who only reads. */
export function sampleTables(tenantId: string): Map<string, readonly AzureRecord[]> {
  const place = '/subscriptions/s1/resourceGroups/g/providers';
  const resource = (type: string, name: string, properties: AzureRecord): AzureRecord => ({
    id: `${place}/${type}/${name}`,
    name,
    type,
    tenantId,
    properties,
  });
  const definition = (id: string, roleName: string, actions: readonly string[]): AzureRecord => ({
    id: `/providers/Microsoft.Authorization/RoleDefinitions/${id}`,
    name: id,
    type: 'microsoft.authorization/roledefinitions',
    tenantId,
    properties: {
      roleName,
      type: 'BuiltInRole',
      permissions: [{ actions, notActions: [], dataActions: [] }],
    },
  });
  const assignment = (id: string, role: string, principalId: string, principalType: string): AzureRecord => ({
    id: `/subscriptions/s1/providers/Microsoft.Authorization/RoleAssignments/${id}`,
    name: id,
    type: 'microsoft.authorization/roleassignments',
    tenantId,
    properties: {
      roleDefinitionId: `/subscriptions/s1/providers/Microsoft.Authorization/RoleDefinitions/${role}`,
      principalId,
      principalType,
      scope: '/subscriptions/S1',
      createdOn: '2026-01-05T10:00:00.000Z',
    },
  });
  return new Map<string, readonly AzureRecord[]>([
    [
      'resources',
      [
        resource('microsoft.storage/storageaccounts', 'data', { publicNetworkAccess: 'Disabled' }),
        resource('microsoft.classiccompute/virtualmachines', 'old', {}),
        resource('microsoft.keyvault/vaults', 'payments', {
          vaultUri: 'https://payments.vault.azure.net/',
          publicNetworkAccess: 'Disabled',
        }),
        resource('microsoft.network/virtualnetworks', 'net', {
          subnets: [
            { name: 'a', properties: { addressPrefix: '10.0.0.0/24', defaultOutboundAccess: false } },
          ],
        }),
      ],
    ],
    [
      'authorizationresources',
      [
        definition('owner', 'Owner', ['*']),
        definition('reader', 'Reader', ['*/read']),
        assignment('a1', 'owner', 'ann', 'User'),
        assignment('a2', 'owner', 'g-ops', 'Group'),
        assignment('a3', 'reader', 'bo', 'User'),
        assignment('a4', 'unlisted', 'app', 'ServicePrincipal'),
      ],
    ],
  ]);
}
