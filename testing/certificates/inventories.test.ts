/** Certificates in inventories of clouds beside those in files: one in two boundaries is found, keys stay where they are, and a fault in an answer is never a pass. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { LoadModule } from '@macadam/adapters/connector/aws/sdk';
import { collectBy } from '@macadam/adapters/sources/certificates/collect';
import { ingest } from '@macadam/core/facts/ingest';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { diagnose } from '@macadam/core/kinds/diagnose';
import { wholeCatalogue } from '../catalogue.ts';
import { mutationsOf, type Outcome, silentChange } from '../directories/faults.ts';
import { authority, certificate } from './stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-inventories-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const NOW = new Date('2026-12-01T00:00:00Z');
const ACCOUNT = '123456789012';
const x509 = new X509Certificate(certificate);
const THUMBPRINT = x509.fingerprint256.replaceAll(':', '').toLowerCase();
const ARN = `arn:aws:acm:eu-central-1:${ACCOUNT}:certificate/one`;
const SERVER = `arn:aws:iam::${ACCOUNT}:server-certificate/old`;
const kind = wholeCatalogue().kinds.get('credential') ?? assert.fail();

type Means = Parameters<typeof collectBy>[0];

interface Collected {
  readonly seen: readonly Observation[];
  readonly collection: Collection;
}

async function collected(
  text: string,
  environment: Record<string, string> = {},
  means: Means = {},
): Promise<Collected> {
  const file = join(folder, 'boundaries.yaml');
  writeFileSync(file, text);
  const seen: Observation[] = [];
  const collection = await collectBy(
    means,
    {
      targets: [file],
      options: {},
      view: 'head',
      excludes: [],
      parameters: {},
      cacheDirectory: folder,
      environment,
      now: () => NOW,
    },
    { emit: (one) => seen.push(one), report: () => {} },
  );
  for (const one of seen) {
    assert.deepEqual(diagnose(kind, one.attributes), []);
    assert.deepEqual(ingest(new Map([['credential', kind]]), one).problems, []);
  }
  return { seen, collection };
}

function put(path: string, content: unknown): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(
    join(folder, path),
    typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
  );
}

const placesOf = (one: Observation | undefined): readonly string[] => {
  const statement = one?.attributes.found_in;
  assert.ok(statement && 'value' in statement);
  return (statement.value as readonly { readonly place: string; readonly boundary: string }[]).map(
    ({ place, boundary }) => `${boundary}: ${place}`,
  );
};
const own = ({ seen }: Collected): Observation | undefined =>
  seen.find(({ attributes: { credential_id: id } }) => id && 'value' in id && id.value === THUMBPRINT);

const ACCOUNT_ANSWERS: Readonly<Record<string, unknown>> = {
  'ec2-describe-regions.json': { Regions: [{ RegionName: 'eu-central-1' }] },
  'eu-central-1/acm-list-certificates/all-key-types.json': {
    CertificateSummaryList: [
      { CertificateArn: ARN, Status: 'ISSUED', KeyAlgorithm: 'RSA_2048' },
      { CertificateArn: `${ARN}-asked-for`, Status: 'PENDING_VALIDATION', KeyAlgorithm: 'EC_prime256v1' },
    ],
  },
  [`eu-central-1/acm-get-certificate/${ARN}.json`]: { Certificate: certificate, CertificateChain: authority },
  'iam-list-server-certificates.json': {
    ServerCertificateMetadataList: [{ Arn: SERVER, ServerCertificateName: 'old' }],
  },
  'iam-get-server-certificate/old.json': {
    ServerCertificate: { CertificateBody: certificate, ServerCertificateMetadata: { Arn: SERVER } },
  },
};

const VAULT = 'https://payments.vault.azure.net';
const jwk = x509.publicKey.export({ format: 'jwk' });
const VAULT_ANSWERS: Readonly<Record<string, unknown>> = {
  'vaults/payments/certificates.json': { value: [{ id: `${VAULT}/certificates/shop` }] },
  'vaults/payments/certificates/shop/versions.json': {
    value: [{ id: `${VAULT}/certificates/shop/f60f2a4f` }],
    nextLink: null,
  },
  'vaults/payments/certificates/shop/f60f2a4f.json': {
    id: `${VAULT}/certificates/shop/f60f2a4f`,
    cer: x509.raw.toString('base64'),
  },
  'vaults/payments/keys.json': { value: [{ kid: `${VAULT}/keys/shop` }, { kid: `${VAULT}/keys/data` }] },
  'vaults/payments/keys/shop/versions.json': { value: [{ kid: `${VAULT}/keys/shop/f60f2a4f` }] },
  'vaults/payments/keys/shop/f60f2a4f.json': {
    key: { ...jwk, kid: `${VAULT}/keys/shop/f60f2a4f`, kty: `${jwk.kty}-HSM`, key_ops: ['sign', 'verify'] },
  },
  'vaults/payments/keys/data/versions.json': { value: [{ kid: `${VAULT}/keys/data/1` }] },
  'vaults/payments/keys/data/1.json': { key: { kty: 'oct-HSM', key_ops: ['encrypt'] } },
};

const secret = (namespace: string, name: string, more: object = {}) => ({
  metadata: {
    name,
    namespace,
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'canary' },
  },
  type: 'kubernetes.io/tls',
  data: {
    'tls.crt': Buffer.from(`${certificate}${authority}`).toString('base64'),
    'tls.key': Buffer.from('canary of a key').toString('base64'),
  },
  ...more,
});
const SECRETS: Readonly<Record<string, unknown>> = {
  'tls-secrets.json': {
    kind: 'List',
    metadata: {},
    items: [
      secret('shop', 'front'),
      secret('other', 'front'),
      secret('shop', 'settings', { type: 'Opaque', data: { password: 'canary' } }),
    ],
  },
};

for (const [name, answers] of [
  ['account', ACCOUNT_ANSWERS],
  ['azure', VAULT_ANSWERS],
  ['cluster', SECRETS],
] as const)
  for (const [path, body] of Object.entries(answers)) put(`${name}/${path}`, body);
put('files/shop.pem', certificate);

test('one certificate in a file, in an account, in a vault and in a cluster is one credential of four boundaries', async () => {
  const all = await collected(`boundaries:
  files: [{ path: files }]
  payments: [{ inventory: aws, path: account }]
  vault: [{ inventory: azure, path: azure }]
  shop: [{ inventory: kubernetes, path: cluster, namespace: shop }]
`);
  assert.deepEqual(all.collection.problems, []);
  assert.deepEqual(placesOf(own(all)), [
    'files: files/shop.pem',
    `payments: ${ARN}`,
    `payments: ${SERVER}`,
    `vault: ${VAULT}/certificates/shop/f60f2a4f`,
    'shop: cluster shop/front',
  ]);
  const [key] = all.seen.filter(({ name }) => name.startsWith('private key'));
  assert.deepEqual(placesOf(key), [
    `payments: ${ARN}`,
    `payments: ${SERVER}`,
    `vault: ${VAULT}/certificates/shop/f60f2a4f`,
    `vault: ${VAULT}/keys/shop/f60f2a4f`,
    'shop: cluster shop/front',
  ]);
  assert.equal(all.seen.length, 2, 'the authority in a chain is what somebody trusts');
  assert.doesNotMatch(JSON.stringify(all), /canary/);
});

test('what was not saved, or may be a part of it, keeps the lists of places open', async () => {
  const said = async (text: string) => {
    const { collection, seen } = await collected(`boundaries:\n  a: [{ path: files }]\n  b: [${text}]\n`);
    const places = own({ collection, seen })?.attributes.found_in;
    assert.equal(places && 'complete' in places && places.complete, false, text);
    return collection.problems.map(({ message, remedy }) => `${message}; ${remedy}`).join('\n');
  };
  put('usual/eu-central-1/acm-list-certificates.json', {
    CertificateSummaryList: [{ CertificateArn: ARN, Status: 'ISSUED', KeyAlgorithm: 'RSA_2048' }],
  });
  const usual = await said('{ inventory: aws, path: usual }');
  assert.match(usual, /may leave out all keys but those of RSA with 2048 bits; ask with/);
  assert.match(
    usual,
    /no answer of acm\/get-certificate of .* was saved; save it, which needs acm:GetCertificate/,
  );
  assert.match(usual, /no answer of iam\/list-server-certificates was saved/);
  put('page/vaults/payments/certificates.json', {
    value: [],
    nextLink: `${VAULT}/certificates?$skiptoken=2`,
  });
  assert.match(
    await said('{ inventory: azure, path: page }'),
    /goes on; save the pages that follow `nextLink`/,
  );
  put('named/secrets.json', { kind: 'SecretList', metadata: { continue: 'two' }, items: [] });
  const named = await said('{ inventory: kubernetes, path: named }');
  assert.match(named, /name it tls-secrets\.json where nothing but/);
  assert.match(named, /the list of secrets goes on after secrets\.json/);
  assert.match(await said('{ inventory: azure, path: named }'), /holds no answer of a vault/);
  assert.match(await said('{ inventory: aws, path: nowhere }'), /ENOENT/);
  assert.match(await said(`{ aws: "${ACCOUNT}" }`), /@aws-sdk\/client-acm|there is no key for the account/);
  assert.match(
    await said('{ cluster: "http://127.0.0.1:1", token_env: NONE }'),
    /NONE is not set; set NONE to a token of the cluster/,
  );
  assert.match(
    await said('{ vault: "https://login.example.com", token_env: NONE }'),
    /is no address of a vault/,
  );
  await assert.rejects(
    collected('boundaries:\n  a: [{ cluster: "http://10.0.0.1", token_env: T }]\n'),
    /boundaries\.yaml:2/,
  );
});

test('a snapshot of Config keeps what is written in a certificate: that is the one in the file, and the list of places stays open', async () => {
  const item = (id: string, more: object) => ({
    configurationItemStatus: 'OK',
    awsAccountId: ACCOUNT,
    awsRegion: 'eu-central-1',
    resourceType: 'AWS::ACM::Certificate',
    configuration: {
      certificateArn: `${ARN}-${id}`,
      status: 'ISSUED',
      subject: x509.subject.replaceAll('\n', ','),
      serial: x509.serialNumber.replaceAll(/..(?=.)/g, '$&:').toLowerCase(),
      notBefore: x509.validFromDate.toISOString(),
      notAfter: x509.validToDate.toISOString(),
      ...more,
    },
  });
  const items = [
    item('same', {}),
    item('other', { serial: '01:02' }),
    item('asked', { status: 'PENDING_VALIDATION' }),
  ];
  put('config/snapshot.json.gz', gzipSync(JSON.stringify({ fileVersion: '1.0', configurationItems: items })));
  const all = await collected(`boundaries:
  a: [{ path: files }]
  b: [{ inventory: aws-config, path: config }]
`);
  assert.deepEqual(placesOf(own(all)), ['a: files/shop.pem', `b: ${ARN}-same`]);
  const other = all.seen.find((one) => one !== own(all));
  assert.deepEqual(placesOf(other), [`b: ${ARN}-other`]);
  assert.match(JSON.stringify(other?.attributes.thumbprint), /keeps what is written/);
  assert.equal(all.seen.length, 2);
  assert.match(
    all.collection.problems[0]?.message ?? '',
    /does not say whether all certificates are recorded/,
  );
  put(
    'config/snapshot.json.gz',
    gzipSync(JSON.stringify({ fileVersion: '1.0', configurationItems: [item('odd', { serial: null })] })),
  );
  const odd = await collected('boundaries:\n  b: [{ inventory: aws-config, path: config }]\n');
  assert.match(JSON.stringify(odd.collection.problems), /does not say by `status`, `serial`/);
});

test('osquery tells a certificate by its SHA-1: whole results count, authorities and what changed do not', async () => {
  const row = (more: object) => ({
    common_name: 'orders',
    ca: '0',
    not_valid_before: String(x509.validFromDate.getTime() / 1000),
    not_valid_after: String(x509.validToDate.getTime() / 1000),
    sha1: x509.fingerprint.replaceAll(':', ''),
    serial: x509.serialNumber,
    path: '/Library/Keychains/System.keychain',
    ...more,
  });
  const result = (unixTime: number, ...snapshot: readonly object[]) =>
    JSON.stringify({
      name: 'certificates',
      hostIdentifier: 'laptop-7',
      unixTime,
      action: 'snapshot',
      snapshot,
    });
  put(
    'fleet/results.log',
    `${result(1, row({ sha1: 'a'.repeat(40), serial: '77' }))}\n${result(2, row({}), row({ ca: '1', common_name: 'Root' }))}\n`,
  );
  const text = 'boundaries:\n  a: [{ path: files }]\n  b: [{ inventory: osquery, path: fleet }]\n';
  const all = await collected(text);
  assert.deepEqual(all.collection.problems, []);
  assert.equal(all.seen.length, 1, 'an older result is over, and an authority is what the host trusts');
  assert.deepEqual(placesOf(own(all)), [
    'a: files/shop.pem',
    'b: laptop-7 /Library/Keychains/System.keychain#orders',
  ]);
  for (const [content, says] of [
    [[row({ sha1: null })], /does not say by `ca`, `sha1`/],
    [[row({ ca: 'maybe' })], /does not say by `ca`, `sha1`/],
    [
      { hostIdentifier: 'laptop-7', unixTime: 1, action: 'added', columns: row({}) },
      /what changed and not what there is/,
    ],
    ['not json', /neither JSON nor lines/],
  ] as const) {
    put('fleet/results.log', content);
    const odd = await collected(text);
    assert.match(JSON.stringify(odd.collection.problems), says);
    const places = own(odd)?.attributes.found_in;
    assert.equal(places && 'complete' in places && places.complete, false);
  }
});

interface Served {
  readonly url: string;
  readonly asked: string[];
}

/** A host whose answers are a function of the path that is asked for; who has another token is refused. */
async function serve(
  t: { readonly after: (end: () => void) => void },
  answer: (path: URL) => unknown,
): Promise<Served> {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    asked.push(`${url.pathname}${url.search}`);
    const isOpen = request.headers.authorization === 'Bearer canary-of-a-token';
    const body = isOpen ? answer(url) : { error: { code: 'Forbidden', message: 'not for you' } };
    response.writeHead(body === undefined ? 404 : isOpen ? 200 : 403, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('a cluster and a vault are asked for pages, by their own tokens, and no key or token is told', async (t) => {
  const cluster = await serve(t, ({ pathname, searchParams }) =>
    pathname !== '/api/v1/namespaces/shop/secrets'
      ? undefined
      : {
          kind: 'SecretList',
          metadata: searchParams.has('continue') ? {} : { continue: 'two' },
          items: [secret('shop', searchParams.has('continue') ? 'back' : 'front')],
        },
  );
  const vault = await serve(t, ({ pathname, searchParams }) => {
    if (pathname === '/certificates' && !searchParams.has('$skiptoken'))
      return { value: [], nextLink: `${VAULT}/certificates?api-version=7.4&$skiptoken=two` };
    return VAULT_ANSWERS[`vaults/payments${pathname}.json`];
  });
  const text = `boundaries:
  a: [{ cluster: "${cluster.url}", namespace: shop, token_env: CLUSTER }]
  b: [{ vault: "${VAULT}", token_env: VAULT }]
`;
  const TOKENS = { CLUSTER: 'canary-of-a-token', VAULT: 'canary-of-a-token' };
  const means = { vaultAt: () => vault.url };
  const all = await collected(text, TOKENS, means);
  assert.deepEqual(all.collection.problems, []);
  assert.deepEqual(placesOf(own(all)), [
    `a: ${cluster.url} shop/front`,
    `a: ${cluster.url} shop/back`,
    `b: ${VAULT}/certificates/shop/f60f2a4f`,
  ]);
  assert.ok(cluster.asked.every((path) => path.includes('fieldSelector=type%3Dkubernetes.io%2Ftls')));
  assert.ok(
    !vault.asked.some((path) => /secret|rotationpolicy/.test(path)),
    'what is not needed is not asked',
  );
  assert.doesNotMatch(JSON.stringify(all), /canary/);
  const refused = await collected(text, { CLUSTER: 'stranger', VAULT: 'stranger' }, means);
  const said = refused.collection.problems.map(({ remedy }) => remedy);
  assert.ok(said.includes('grant list secrets') && said.includes('grant Key Vault Reader on the vault'));
  assert.deepEqual(refused.seen, []);
});

/** The SDK's classes by their names, which answer as an account with one certificate in each of its two stores. */
function sdk(refused: string | null, sent: string[]): LoadModule {
  const answers: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => object>> = {
    GetCallerIdentity: () => ({ Account: ACCOUNT }),
    DescribeRegions: () => ({ Regions: [{ RegionName: 'eu-central-1' }] }),
    ListCertificates: ({ NextToken, Includes }) => {
      assert.ok(JSON.stringify(Includes).includes('EC_prime256v1'));
      return NextToken === undefined
        ? { CertificateSummaryList: [], NextToken: 'two' }
        : { CertificateSummaryList: [{ CertificateArn: ARN, Status: 'REVOKED' }] };
    },
    GetCertificate: () => ({ Certificate: certificate }),
    ListServerCertificates: () => ({
      ServerCertificateMetadataList: [{ Arn: SERVER, ServerCertificateName: 'old' }],
    }),
    GetServerCertificate: () => ({ ServerCertificate: { CertificateBody: certificate } }),
  };
  return () =>
    new Proxy({} as Record<string, new (input: object) => object>, {
      get: (_target, name: string) =>
        name.endsWith('Client')
          ? class {
              async send({ command, input }: { readonly command: string; readonly input: never }) {
                sent.push(command);
                if (command === refused) throw Object.assign(new Error('no'), { name: 'AccessDenied' });
                return answers[command]?.(input) ?? {};
              }
              destroy() {}
            }
          : class {
              readonly command = name.replace(/Command$/, '');
              readonly input: object;
              constructor(input: object) {
                this.input = input;
              }
            },
    });
}

test('an account is asked by the SDK, and each permission that is missing is named and leaves the list open', async () => {
  const KEY = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'canary-of-a-secret' };
  const text = `boundaries:\n  a: [{ aws: "${ACCOUNT}" }]\n  b: [{ path: files }]\n`;
  const all = await collected(text, KEY, { load: sdk(null, []) });
  assert.deepEqual(all.collection.problems, []);
  assert.deepEqual(placesOf(own(all)), [`a: ${ARN}`, `a: ${SERVER}`, 'b: files/shop.pem']);
  assert.deepEqual(own(all)?.attributes.state, { value: 'revoked' });
  for (const [command, permission] of [
    ['ListCertificates', 'acm:ListCertificates'],
    ['GetCertificate', 'acm:GetCertificate'],
    ['ListServerCertificates', 'iam:ListServerCertificates'],
    ['GetServerCertificate', 'iam:GetServerCertificate'],
    ['DescribeRegions', 'ec2:DescribeRegions'],
  ] as const) {
    const less = await collected(text, KEY, { load: sdk(command, []) });
    const named = less.collection.problems.some(({ remedy }) => remedy === `grant ${permission}`);
    assert.ok(named, `${permission} is named`);
    const places = own(less)?.attributes.found_in;
    assert.equal(places && 'complete' in places && places.complete, false, permission);
  }
  const other = await collected(`boundaries:\n  a: [{ aws: "210987654321" }]\n`, KEY, {
    load: sdk(null, []),
  });
  assert.match(other.collection.problems[0]?.message ?? '', /the key is of the account 123456789012/);
  assert.deepEqual(other.seen, []);
});

test('no fault of one answer of an inventory changes a fact without a word', async () => {
  const worlds = { aws: ACCOUNT_ANSWERS, azure: VAULT_ANSWERS, kubernetes: SECRETS };
  const outcome = async (inventory: string, path: string): Promise<Outcome> => {
    const { seen, collection } = await collected(
      `boundaries:\n  a: [{ path: files }]\n  b: [{ inventory: ${inventory}, path: ${path} }]\n`,
    );
    const said = collection.problems.map(({ message }) => message);
    return { directory: '', observations: seen, said };
  };
  let tried = 0;
  for (const [inventory, answers] of Object.entries(worlds)) {
    const place = `faulty-${inventory}`;
    for (const [path, body] of Object.entries(answers)) put(`${place}/${path}`, body);
    const before = await outcome(inventory, place);
    assert.deepEqual(before.said, []);
    for (const [path, body] of Object.entries(answers)) {
      for (const { said, kind: fault, exchange } of mutationsOf(inventory, { body })) {
        put(`${place}/${path}`, (exchange as { readonly body: unknown }).body ?? null);
        const now = await outcome(inventory, place);
        tried += 1;
        assert.equal(silentChange(before, now, fault), null, `${inventory} ${path} ${said}`);
      }
      put(`${place}/${path}`, body);
    }
  }
  assert.ok(tried > 100, `${tried} faults were tried`);
});
