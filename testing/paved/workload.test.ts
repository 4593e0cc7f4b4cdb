/**
 * One service gives up its secret: the hour of docs/migration-hour.md, played. The service calls another with a token of Kubernetes that never ends and that
 * somebody pasted into its repository; afterwards it has nothing to steal.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Scan } from '@macadam/core/figures/scan';
import { createRemoteJWKSet, importJWK, jwtVerify } from 'jose';
import {
  brokenEntry,
  createWorkloadIssuer,
  developmentSigner,
  fileIssuanceLog,
  IssuerConfigurationError,
  type WorkloadIssuerOptions,
} from '../../paved/issuer/index.ts';
import { createSigner, fileLedger, softwareStore } from '../../paved/keys/index.ts';
import { createValidator, fixedKeys, publishedKeys } from '../../paved/token/index.ts';
import { askCommandLine } from '../command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-workload-'));
const ends: (() => void)[] = [() => rmSync(folder, { recursive: true, force: true })];
after(() => {
  for (const end of ends.toReversed()) end();
});

async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const CLUSTER = 'https://kubernetes.default.svc';
const PAYMENTS = 'https://payments.example.com';
const clusterKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const clusterJwk = Object.assign({}, clusterKey.publicKey.export({ format: 'jwk' }), { kid: 'cluster' });
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1000);

/** As the API server signs one, for the account `name` of the namespace `shop`. */
function clusterToken(claims: object): string {
  const data = `${encoded({ alg: 'RS256', kid: 'cluster' })}.${encoded(claims)}`;
  return `${data}.${sign('sha256', Buffer.from(data), clusterKey.privateKey).toString('base64url')}`;
}

const projected = (name: string, audience: string, life = 3600) =>
  clusterToken({
    iss: CLUSTER,
    aud: [audience],
    sub: `system:serviceaccount:shop:${name}`,
    iat: seconds(),
    exp: seconds() + life,
    'kubernetes.io': { namespace: 'shop', serviceaccount: { name, uid: `uid-of-${name}` } },
  });

/** The word of the cluster about its workloads, verified as any token is. */
function attestBy(audience: string): WorkloadIssuerOptions['attest'] {
  const validator = createValidator({
    issuer: CLUSTER,
    audience,
    algorithms: ['RS256'],
    keys: fixedKeys([clusterJwk], ['RS256']),
    service: 'workload-issuer',
    type: 'JWT',
    requiredClaims: ['sub'],
  });
  return async (proof) => {
    const result = await validator.validate(proof);
    return result.ok ? { subject: String(result.claims.sub), expires: result.claims.exp } : null;
  };
}

const WORKLOADS = {
  'system:serviceaccount:shop:orders': { path: '/shop/orders', audiences: [PAYMENTS] },
  'system:serviceaccount:shop:mail': { path: '/shop/mail', audiences: ['https://mail.example.com'] },
};

async function workloadIssuer(name: string, signer: WorkloadIssuerOptions['signer'] = developmentSigner()) {
  let answer: RequestListener = (_, response) => void response.end();
  const issuer = await listening((request, response) => answer(request, response));
  const log = fileIssuanceLog(join(folder, `${name}.db`));
  ends.push(() => log.close());
  const workloads = createWorkloadIssuer({
    trustDomain: 'example.com',
    issuer,
    signer,
    log,
    attest: attestBy(issuer),
    workloads: WORKLOADS,
  });
  answer = workloads.callback();
  return { issuer, log, workloads };
}

async function exchange(issuer: string, proof: string, audience = PAYMENTS) {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    redirect: 'error',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      subject_token: proof,
      audience,
    }),
  });
  const body = (await response.json()) as { access_token?: string; error?: string; expires_in?: number };
  return {
    status: response.status,
    token: body.access_token ?? '',
    error: body.error,
    life: body.expires_in,
  };
}

const validatorOf = (issuer: string) =>
  createValidator({
    issuer,
    audience: PAYMENTS,
    algorithms: ['ES256'],
    keys: publishedKeys({ issuer, algorithms: ['ES256'] }),
    service: 'payments',
    type: 'JWT',
    longestLife: 300,
  });

test('a workload that its platform vouches for gets a JWT-SVID, which two libraries accept and the log knows', async () => {
  const { issuer, log, workloads } = await workloadIssuer('plain');
  const { status, token, life } = await exchange(issuer, projected('orders', issuer));
  assert.deepEqual([status, life], [200, 300]);
  const accepted = await validatorOf(issuer).validate(token);
  assert.ok(accepted.ok, JSON.stringify(accepted));
  assert.equal(accepted.claims.sub, 'spiffe://example.com/shop/orders');
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${issuer}/jwks`)), {
    issuer,
    audience: PAYMENTS,
  });
  const digest = createHash('sha256')
    .update(token.slice(0, token.lastIndexOf('.')))
    .digest('base64url');
  const known = log.find(digest);
  assert.deepEqual(
    [known?.id, known?.client, known?.audience],
    [payload.jti, 'spiffe://example.com/shop/orders', [PAYMENTS]],
  );
  const bundle = JSON.parse(workloads.bundle()) as { keys: Record<string, string>[] };
  assert.deepEqual(
    bundle.keys.map(({ use }) => use),
    ['jwt-svid'],
  );
  await jwtVerify(token, await importJWK(bundle.keys[0] ?? {}, 'ES256'));
  const byBundle = createValidator({
    issuer,
    audience: PAYMENTS,
    algorithms: ['ES256'],
    keys: fixedKeys(bundle.keys, ['ES256']),
    service: 'payments',
    type: 'JWT',
  });
  assert.ok((await byBundle.validate(token)).ok, 'a bundle of SPIFFE is a key set');
  assert.equal(brokenEntry(log.entries()), null);
});

test('a workload gets nothing that its proof does not show: another audience, a proof for somebody else, a stranger, a forged one', async () => {
  const { issuer, log } = await workloadIssuer('refused');
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const good = projected('orders', issuer);
  const signed = good.slice(0, good.lastIndexOf('.'));
  const forged = `${signed}.${sign('sha256', Buffer.from(signed), foreign).toString('base64url')}`;
  const cases = {
    'for another service': await exchange(issuer, good, 'https://mail.example.com'),
    'a proof for the API server': await exchange(issuer, projected('orders', CLUSTER)),
    'an account that nobody registered': await exchange(issuer, projected('stranger', issuer)),
    'a proof of another key': await exchange(issuer, forged),
    'a proof that is over': await exchange(issuer, projected('orders', issuer, -3600)),
    'a name of an object': await exchange(issuer, projected('__proto__', issuer)),
    nothing: await exchange(issuer, ''),
  };
  assert.deepEqual(
    Object.entries(cases).map(([name, { status, error }]) => `${name}: ${status} ${error}`),
    [
      'for another service: 400 invalid_target',
      'a proof for the API server: 400 invalid_request',
      'an account that nobody registered: 400 invalid_request',
      'a proof of another key: 400 invalid_request',
      'a proof that is over: 400 invalid_request',
      'a name of an object: 400 invalid_request',
      'nothing: 400 invalid_request',
    ],
  );
  assert.equal(log.entries().length, 0, 'and nothing was signed');
  const short = await exchange(issuer, projected('orders', issuer, 90));
  assert.ok((short.life ?? 0) <= 90, 'a token does not outlive its proof');
});

test('a key that changes while a token is written, and a signer that is away, give no token that the log lacks', async () => {
  const ledger = fileLedger(join(folder, 'ring.db'));
  ends.push(() => ledger.close());
  let now = Date.now();
  const policy = { publishFor: 60_000, activeFor: 60_000, acceptFor: 3_600_000 };
  const store = softwareStore(join(folder, 'keys'));
  const signer = createSigner({ store, ledger, algorithm: 'ES256', policy, clock: () => now });
  const { issuer, log } = await workloadIssuer('ring', signer);
  assert.equal((await exchange(issuer, projected('orders', issuer))).status, 503, 'no key yet');
  await signer.rotate();
  for (let turn = 0; turn < 4; turn++) {
    const asking = [1, 2, 3].map(() => exchange(issuer, projected('orders', issuer)));
    now += 120_000;
    await signer.rotate();
    for (const { status, token } of await Promise.all(asking)) {
      assert.equal(status, 200);
      const digest = createHash('sha256')
        .update(token.slice(0, token.lastIndexOf('.')))
        .digest('base64url');
      assert.notEqual(log.find(digest), null);
      await jwtVerify(token, createRemoteJWKSet(new URL(`${issuer}/jwks`)), { issuer });
    }
  }
});

test('settings that would make tokens less safe stop the start, with the value', async () => {
  const { issuer, log } = await workloadIssuer('settings');
  const sound: WorkloadIssuerOptions = {
    trustDomain: 'example.com',
    issuer,
    signer: developmentSigner(),
    log,
    attest: async () => null,
    workloads: WORKLOADS,
  };
  const one = { path: '/a', audiences: ['x'] };
  const wrong: Readonly<Record<string, object>> = {
    'trustDomain: Example.com': { trustDomain: 'Example.com' },
    'issuer: login': { issuer: 'login' },
    'life: 7200': { life: 7200 },
    'trustDomain: undefined': { trustDomain: undefined },
    'issuer: http://login.example.com': { issuer: 'http://login.example.com' },
    'signer: ': { signer: {} },
    'log: ': { log: undefined },
    'attest: ': { attest: undefined },
    'workloads: ': { workloads: undefined },
    'audience: is no setting': { audience: 'x' },
    // Of a text `includes` is true for every part of it.
    'workloads.a.audiences: is no list': { workloads: { a: { path: '/a', audiences: 'https://x' } } },
    'workloads.a.path: a': { workloads: { a: { path: 'a', audiences: ['x'] } } },
    'workloads.a.path: /../b': { workloads: { a: { path: '/../b', audiences: ['x'] } } },
    'workloads.a.audiences': { workloads: { a: { path: '/a', audiences: [] } } },
    'workloads.b.path: /a is of a': { workloads: { a: one, b: one } },
  };
  for (const [said, change] of Object.entries(wrong))
    assert.throws(
      () => createWorkloadIssuer(Object.assign({}, sound, change)),
      (error) => error instanceof IssuerConfigurationError && error.message.startsWith(said),
      said,
    );
});

const environment = {
  PATH: process.env.PATH,
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  KUBERNETES_TOKEN: 'reader',
};

function commit(repository: string, file: string, text: string): void {
  mkdirSync(repository, { recursive: true });
  writeFileSync(join(repository, file), text);
  const git = (...words: string[]) => execFileSync('git', words, { cwd: repository, env: environment });
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'Call payments');
}

interface ClusterState {
  /** Names of the secrets that hold a token without end. */
  readonly secrets: Map<string, { readonly account: string; readonly token: string }>;
}

/** The API of a cluster with two accounts, as far as a scan asks it, and what a token that never ends opens. */
function clusterApi(state: ClusterState): RequestListener {
  const named = (name: string, more: object = {}) => {
    const metadata = {
      name,
      namespace: 'shop',
      uid: `uid-of-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
    };
    return Object.assign({ metadata }, more);
  };
  return (request, response) => {
    const plural = (request.url ?? '').split('?')[0]?.split('/').at(-1) ?? '';
    const bearer = (request.headers.authorization ?? '').replace('Bearer ', '');
    const isKnown = bearer === 'reader' || [...state.secrets.values()].some(({ token }) => token === bearer);
    const secrets = [...state.secrets].map(([name, { account }]) => ({
      type: 'kubernetes.io/service-account-token',
      metadata: {
        name,
        namespace: 'shop',
        uid: `uid-of-${name}`,
        creationTimestamp: '2026-01-01T00:00:00Z',
        annotations: { 'kubernetes.io/service-account.uid': `uid-of-${account}` },
      },
    }));
    const lists: Readonly<Record<string, readonly object[]>> = {
      namespaces: [named('kube-system'), named('shop')],
      serviceaccounts: [named('orders'), named('mail')],
      secrets,
    };
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'List', metadata: {}, items: lists[plural] ?? [] }));
  };
}

test('one service is moved: its secret is found, replaced, revoked and measured gone', async () => {
  const endless = clusterToken({
    iss: 'kubernetes/serviceaccount',
    sub: 'system:serviceaccount:shop:orders',
    'kubernetes.io/serviceaccount/secret.name': 'orders-token',
  });
  const state: ClusterState = {
    secrets: new Map([['orders-token', { account: 'orders', token: endless }]]),
  };
  const cluster = await listening(clusterApi(state));
  const { issuer } = await workloadIssuer('moved');
  const repository = join(folder, 'estate', 'orders');
  commit(repository, 'settings.py', `name = "orders"\npayments_token = "${endless}"\n`);
  const line = askCommandLine();
  const measure = async () => {
    const words = ['scan', join(folder, 'estate'), '--kubernetes', cluster, '--format', 'json', '--quiet'];
    const standards = ['services-use-managed-credentials', 'secrets-not-in-code'];
    const { status, stdout, stderr } = await line.ask({
      args: [...words, ...standards.flatMap((id) => ['--standard', id])],
      cwd: folder,
      env: environment,
    });
    assert.equal(stderr, '');
    return { status, scan: JSON.parse(stdout) as Scan };
  };
  const countsOf = ({ standards }: Scan) => standards.map(({ id, pass, fail }) => ({ id, pass, fail }));
  const opens = async (token: string) =>
    (await fetch(cluster, { headers: { authorization: `Bearer ${token}` }, redirect: 'error' })).status;

  // Found, by the account and by the line, and never shown.
  const before = await measure();
  assert.equal(before.status, 1);
  assert.deepEqual(countsOf(before.scan), [
    { id: 'secrets-not-in-code', pass: 0, fail: 1 },
    { id: 'services-use-managed-credentials', pass: 1, fail: 1 },
  ]);
  const told = JSON.stringify(before.scan.findings);
  assert.ok(told.includes('settings.py') && told.includes('uid-of-orders-token'), told);
  assert.ok(!told.includes(endless.slice(-40)), 'the secret itself is in no answer');
  assert.equal(await opens(endless), 200);

  // Replaced: the pod's own token is exchanged for one that payments accepts from orders alone.
  const { token } = await exchange(issuer, projected('orders', issuer, 600));
  const accepted = await validatorOf(issuer).validate(token);
  assert.ok(accepted.ok && accepted.claims.sub === 'spiffe://example.com/shop/orders');
  commit(repository, 'settings.py', 'name = "orders"\npayments_token_file = "/var/run/identity/token"\n');
  const between = await measure();
  assert.deepEqual(
    countsOf(between.scan).map(({ fail }) => fail),
    [0, 1],
    'out of the code is not revoked',
  );
  assert.equal(await opens(endless), 200);

  // Revoked, and measured gone.
  state.secrets.delete('orders-token');
  assert.equal(await opens(endless), 401);
  const gone = await measure();
  assert.deepEqual(countsOf(gone.scan), [
    { id: 'secrets-not-in-code', pass: 1, fail: 0 },
    { id: 'services-use-managed-credentials', pass: 2, fail: 0 },
  ]);
});
