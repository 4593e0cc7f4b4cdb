/** A published key set, and the standard that holds it against what the key store says. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { assetId } from '@macadam/core/facts/observation';
import { collectedFrom, statementOf } from '@macadam/testing/sources/collected';
import { sourceContract } from '@macadam/testing/sources/contract';
import type { CollectRequest } from '../port.ts';
import { addressFault, keySetIn } from './key-set.ts';
import { source } from './source.ts';

interface Issuer {
  readonly url: string;
  readonly answers: Map<string, unknown>;
  readonly close: () => Promise<void>;
}

const OPENID = '/.well-known/openid-configuration';

async function issuer(): Promise<Issuer> {
  const answers = new Map<string, unknown>();
  const server = createServer((request, response) => {
    const body = answers.get(request.url ?? '');
    assert.equal(
      request.headers.authorization,
      undefined,
      'what everybody may read is asked for without a credential',
    );
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { message: 'not here' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers.set(OPENID, { issuer: url, jwks_uri: `${url}/keys` });
  answers.set('/keys', { keys: [publicKey('a')] });
  return {
    url,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function publicKey(kid: string): JsonWebKey & { readonly kid: string } {
  const { publicKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...key.export({ format: 'jwk' }), kid, use: 'sig' };
}

async function world(t: TestContext): Promise<Issuer> {
  const made = await issuer();
  t.after(made.close);
  return made;
}

const requestOf = (targets: readonly string[]): CollectRequest => ({
  targets,
  options: {},
  view: 'head',
  excludes: [],
  parameters: {},
  cacheDirectory: '/nonexistent',
  environment: {},
  now: () => new Date('2026-11-01T00:00:00Z'),
});

sourceContract('jwks', async () => {
  const { url, close } = await issuer();
  return { source, request: requestOf([url]), close };
});

test('the thumbprint is that of RFC 7638, and of RFC 8037 for an Edwards curve', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  const set = keySetIn({
    keys: [
      { kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' },
      { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: 'edwards' },
    ],
  });
  assert.deepEqual(
    set?.keys.map(({ thumbprint }) => thumbprint),
    [
      { value: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' },
      { value: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k' },
    ],
  );
});

test('what an issuer publishes is one asset a key, under the name that its key store gives it too', async (t) => {
  const { url, answers } = await world(t);
  const [a, b] = [publicKey('a'), publicKey('b')];
  answers.set('/keys', { keys: [a, { ...a, use: 'enc' }, b] });
  const run = await collectedFrom(source, requestOf([url]));
  assert.deepEqual(
    run.observations.map(({ id }) => id),
    ['a', 'b'].map((kid) => assetId('signing-key', [url, kid])),
  );
  const served = ['a', 'b'].map((kid) =>
    statementOf(run, assetId('signing-key', [url, kid]), 'served_thumbprint'),
  );
  assert.ok(
    served.every((one) => one !== undefined && 'value' in one && /^[\w-]{43}$/.test(String(one.value))),
  );
  assert.notDeepEqual(served[0], served[1]);
  assert.deepEqual(run.collection.problems, []);
});

test('two keys under one id, a key without one, of a type that has no public part, or with its private part are said', async (t) => {
  const { url, answers } = await world(t);
  answers.set('/keys', {
    keys: [
      publicKey('twice'),
      publicKey('twice'),
      { ...publicKey(''), kid: undefined },
      { kty: 'oct', k: 'c2VjcmV0', kid: 'shared' },
      { ...publicKey('shown'), d: 'cHJpdmF0ZQ' },
      { kty: 'EC', crv: 'P-256', x: 'eA', kid: 'half' },
    ],
  });
  const run = await collectedFrom(source, requestOf([url]));
  const why = (kid: string) =>
    (statementOf(run, assetId('signing-key', [url, kid]), 'served_thumbprint') as { readonly why?: string })
      .why;
  assert.match(why('twice') ?? '', /two different keys/);
  assert.match(why('shared') ?? '', /no public key/);
  assert.match(why('half') ?? '', /no `y`/);
  assert.equal(why('shown'), undefined);
  assert.deepEqual(run.collection.problems.map(({ code }) => code).toSorted(), [
    'id-missing',
    'private-part-published',
    'private-part-published',
  ]);
  assert.ok(!/c2VjcmV0|cHJpdmF0ZQ/.test(JSON.stringify(run)), 'no private part is passed on');
});

test('nobody elsewhere makes the machine that measures ask itself', () => {
  const fault = (issuer: string, keySet: string) => addressFault(new URL(issuer), new URL(keySet));
  const login = 'https://login.example.com';
  assert.equal(fault(login, 'https://keys.example.net/jwks'), null);
  assert.equal(fault('http://127.0.0.1:8080', 'http://127.0.0.1:8081/keys'), null);
  assert.match(fault(login, 'http://keys.example.net/jwks') ?? '', /not https/);
  assert.match(fault(login, 'http://127.0.0.1:8081/keys') ?? '', /not https/);
  assert.match(fault(login, 'https://localhost/keys') ?? '', /on the machine that measures/);
});

test('an issuer that is described elsewhere, by another, or not at all publishes nothing that counts', async (t) => {
  const { url, answers } = await world(t);
  const codes = async () => (await collectedFrom(source, requestOf([url]))).collection.problems;
  answers.set(OPENID, { issuer: 'https://login.example.com', jwks_uri: `${url}/keys` });
  assert.match((await codes())[0]?.message ?? '', /says that it is of "https:\/\/login\.example\.com"/);
  answers.set(OPENID, { issuer: url });
  assert.match((await codes())[0]?.message ?? '', /names no `jwks_uri`/);
  answers.set(OPENID, { issuer: url, jwks_uri: 'http://keys.example.com/keys' });
  assert.match((await codes())[0]?.message ?? '', /is not https/);
  answers.set(OPENID, { issuer: url, jwks_uri: `${url}/gone` });
  assert.match((await codes())[0]?.message ?? '', /cannot be read/);
  answers.delete(OPENID);
  answers.set('/.well-known/oauth-authorization-server', { issuer: url, jwks_uri: `${url}/keys` });
  assert.deepEqual(await codes(), []);
  answers.set('/keys', { keys: 'none' });
  assert.match((await codes())[0]?.message ?? '', /holds no list `keys`/);
  for (const wrong of ['login.example.com', 'http://login.example.com', `${url}/?a=b`])
    await assert.rejects(collectedFrom(source, requestOf([wrong])), /is not the address of an issuer/);
});
