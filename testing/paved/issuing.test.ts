/** An issuer of its own on localhost, with oidc-provider as it comes and keys as @macadam/keys keeps them. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readTokenReports } from '@macadam/adapters/imports/findings/token-reports';
import {
  createTokenWatch,
  type ForgeryAlert,
  type OpenedSeal,
  type SealedForgery,
} from '@macadam/services/tokens/watch';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import {
  brokenEntry,
  createIssuer,
  developmentSigner,
  fileIssuanceLog,
  type IssuerOptions,
} from '../../paved/issuer/index.ts';
import { brokenEntry as brokenUse, createSigner, fileLedger, softwareStore } from '../../paved/keys/index.ts';
import { createValidator, publishedKeys } from '../../paved/token/index.ts';
import { logInAt } from '../identity/identity-provider.ts';

const MODULE: string = 'oidc-provider';
const oidc = await import(MODULE);
const MINUTE = 60_000;
const RESOURCE = 'https://api.example.com';
const CLIENT = { id: 'orders', secret: 's'.repeat(43) };
const folder = mkdtempSync(join(tmpdir(), 'macadam-issuer-'));
const ends: (() => void)[] = [() => rmSync(folder, { recursive: true, force: true })];
after(() => {
  for (const end of ends.toReversed()) end();
});

const digestOf = (token: string) =>
  createHash('sha256')
    .update(token.slice(0, token.lastIndexOf('.')))
    .digest('base64url');

async function listening(): Promise<{
  readonly address: string;
  readonly answerBy: (by: RequestListener) => void;
}> {
  let answer: RequestListener = (_, response) => void response.end();
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const answerBy = (by: RequestListener) => {
    answer = by;
  };
  return { address: `http://localhost:${(server.address() as AddressInfo).port}`, answerBy };
}

const CONFIGURATION = {
  clients: [
    {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      grant_types: ['client_credentials', 'authorization_code'],
      redirect_uris: ['http://127.0.0.1:1/back'],
    },
  ],
  cookies: { keys: ['k'.repeat(32)] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
};

async function issuerWith(signer: IssuerOptions['signer'], name: string) {
  const log = fileIssuanceLog(join(folder, `${name}.db`));
  ends.push(() => log.close());
  const { address, answerBy } = await listening();
  const { callback } = await createIssuer({
    oidc,
    issuer: address,
    signer,
    log,
    resources: { [RESOURCE]: { scope: 'orders.read orders.write', life: 300 } },
    configuration: CONFIGURATION,
  });
  answerBy(callback());
  return { address, log };
}

async function ask(address: string, body: Record<string, string>): Promise<Response> {
  const basic = Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64');
  return fetch(`${address}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams(body),
  });
}

const tokenOf = (address: string, resource = RESOURCE) =>
  ask(address, { grant_type: 'client_credentials', resource, scope: 'orders.read' });

async function issued(address: string): Promise<string> {
  const response = await tokenOf(address);
  const body = (await response.json()) as { access_token?: string };
  assert.equal(response.status, 200, JSON.stringify(body));
  return body.access_token ?? '';
}

const validatorFor = (issuer: string) =>
  createValidator({
    issuer,
    audience: RESOURCE,
    algorithms: ['ES256'],
    keys: publishedKeys({ issuer, algorithms: ['ES256'], cooldown: 1 }),
    service: 'orders',
  });

function ringSigner(name: string, clock: () => number) {
  const ledger = fileLedger(join(folder, `${name}-ring.db`));
  ends.push(() => ledger.close());
  const policy = { publishFor: MINUTE, activeFor: 2 * MINUTE, acceptFor: 120 * MINUTE };
  const store = softwareStore(join(folder, `${name}-keys`));
  return { ledger, signer: createSigner({ store, ledger, algorithm: 'ES256', policy, clock }) };
}

test('a token is accepted by two libraries that know the issuer by its address alone, and its log knows it', async () => {
  const { address, log } = await issuerWith(developmentSigner(), 'plain');
  const token = await issued(address);
  const accepted = await validatorFor(address).validate(token);
  assert.ok(accepted.ok, JSON.stringify(accepted));
  assert.equal(accepted.claims.exp - (accepted.claims.iat ?? 0), 300, 'as long as its resource says');
  assert.deepEqual(
    [accepted.claims.aud, accepted.claims.client_id, accepted.claims.scope],
    [RESOURCE, 'orders', 'orders.read'],
  );
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${address}/jwks`)), {
    issuer: address,
    audience: RESOURCE,
    typ: 'at+jwt',
  });
  const known = log.find(digestOf(token));
  assert.equal(known?.id, payload.jti);
  assert.deepEqual(
    [known?.type, known?.audience, known?.client, known?.expires],
    ['at+jwt', [RESOURCE], 'orders', payload.exp],
  );
  assert.equal(log.find(digestOf(`${token.slice(0, 40)}x.y`)), null);
});

test('a person signs in, and the identity token is in the log as well', async () => {
  const { address, log } = await issuerWith(developmentSigner(), 'person');
  const verifier = 'v'.repeat(43);
  const question = new URL(`${address}/auth`);
  question.search = new URLSearchParams({
    client_id: CLIENT.id,
    redirect_uri: 'http://127.0.0.1:1/back',
    response_type: 'code',
    scope: 'openid',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const back = await logInAt(question.href, 'ana');
  const code = back.searchParams.get('code') ?? '';
  const response = await ask(address, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: 'http://127.0.0.1:1/back',
  });
  const { id_token: idToken = '' } = (await response.json()) as { id_token?: string };
  const keys = createRemoteJWKSet(new URL(`${address}/jwks`));
  const { payload } = await jwtVerify(idToken, keys, { issuer: address, audience: CLIENT.id });
  assert.equal(payload.sub, 'ana');
  assert.equal(log.find(digestOf(idToken))?.type, 'JWT');
  const refused = await validatorFor(address).validate(idToken);
  assert.equal(refused.ok, false, 'and no service takes it for an access token');
});

test('keys change under load: every request gets a token, every token is accepted, signed once and logged', async () => {
  let now = Date.now();
  const { ledger, signer } = ringSigner('load', () => now);
  await signer.rotate();
  const { address, log } = await issuerWith(signer, 'load');
  const tokens: string[] = [];
  const kids = new Set<string>();
  for (let turn = 0; turn < 12; turn++) {
    const asking = Array.from({ length: 8 }, () => issued(address));
    now += 2 * MINUTE;
    await signer.rotate();
    for (const token of await Promise.all(asking)) tokens.push(token);
  }
  const validator = validatorFor(address);
  for (const token of tokens) {
    const result = await validator.validate(token);
    assert.ok(result.ok, JSON.stringify(result));
    kids.add(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid);
    assert.notEqual(log.find(digestOf(token)), null);
  }
  assert.ok(kids.size >= 12, `${kids.size} keys signed`);
  assert.equal(brokenEntry(log.entries()), null);
  // The journal of the keys and the log of the issuer agree: nothing else was signed, and nothing twice.
  const journal = ledger.journal();
  assert.equal(brokenUse(journal), null);
  const signed = journal.filter(({ event }) => event === 'signs').flatMap(({ detail }) => detail.split(' '));
  assert.deepEqual(signed.toSorted(), tokens.map(digestOf).toSorted());
});

test('a token that the stolen key signed passes every validation, and is found within seconds because nobody issued it', async () => {
  let now = Date.now() - 2 * 60 * MINUTE;
  const clock = () => now;
  const signer = developmentSigner();
  const log = fileIssuanceLog(join(folder, 'forged.db'), clock);
  ends.push(() => log.close());
  const { address, answerBy } = await listening();
  const resources = { [RESOURCE]: { scope: 'orders.read', life: 300 } };
  const { callback } = await createIssuer({
    oidc,
    issuer: address,
    signer,
    log,
    resources,
    configuration: CONFIGURATION,
  });
  answerBy(callback());
  const validator = createValidator({
    issuer: address,
    audience: RESOURCE,
    algorithms: ['ES256'],
    keys: publishedKeys({ issuer: address, algorithms: ['ES256'] }),
    service: 'orders',
    lookUp: true,
  });
  const alerts: ForgeryAlert[] = [];
  const records: (SealedForgery | OpenedSeal)[] = [];
  const watch = createTokenWatch(
    {
      mostIssued: 1e6,
      mostWaiting: 1e6,
      skew: 2000,
      patience: 900_000,
      injectEvery: 7 * 1440 * MINUTE,
      alertWithin: 60 * MINUTE,
    },
    {
      records,
      onRecord: (one) => void records.push(one),
      onAlert: (one) => void alerts.push(one),
      random: () => randomBytes(32).toString('base64url'),
    },
  );
  log.mark();
  let after = 0;
  const speak = () => {
    log.mark();
    const next = log.report({ issuer: address, longestLife: 3600 }, after);
    after = next?.next ?? after;
    if (next) assert.equal(watch.take(JSON.stringify(next.report)), null);
  };
  speak();
  now = Date.now();
  const honest = await issued(address);
  const [, body = ''] = honest.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  // As whoever holds the key would: the same id, the same claims, more scope.
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  let data = '';
  const { signature } = await signer.sign(({ id, algorithm }) => {
    data = `${part({ alg: algorithm, typ: 'at+jwt', kid: id })}.${part({ ...claims, scope: 'orders.admin' })}`;
    return data;
  });
  const forged = `${data}.${signature.toString('base64url')}`;
  for (const token of [honest, forged, honest])
    assert.equal((await validator.validate(token)).ok, true, 'the signature is the right one');
  const report = { ...validator.takeAccepted(), from: now - 500, to: now };
  assert.equal(watch.take(JSON.stringify(report)), null);
  assert.equal(alerts.length, 0, 'the issuer has not spoken yet');
  now += 3000;
  speak();
  const found = alerts.map(({ token }) => token);
  assert.ok(found.includes(digestOf(forged)));
  assert.ok(!found.includes(digestOf(honest)));
  assert.ok(alerts.every(({ foundAt, acceptedBy }) => foundAt - acceptedBy <= 3000));
  // The other alert is the forgery that the watch put there itself; nothing but the seal says so.
  assert.equal(found.length, 2);
  const [sealed, opened] = records;
  assert.deepEqual([sealed?.schema, opened?.schema], ['macadam.sealed-forgery/1', 'macadam.opened-seal/1']);
  for (const token of found) assert.ok(!JSON.stringify(sealed).includes(token));
  const [summary] = watch.summary(now);
  assert.deepEqual([summary?.explained, summary?.forged], [2, 2]);
  // What both sides say makes the facts that the standards judge.
  const counts = log.counts({ issuer: address, services: { [RESOURCE]: 'orders' } }, 0);
  const text = [...counts, summary, validator.takeReport()].map((line) => JSON.stringify(line)).join('\n');
  const receivedAt = new Date(now);
  const paper = { text, file: 'a', subject: '', takenAt: { at: receivedAt, stated: false }, receivedAt };
  const read = readTokenReports(paper);
  assert.ok('batches' in read, JSON.stringify(read));
  const [observation] = read.batches.flatMap(({ observations }) => observations);
  assert.deepEqual(observation?.attributes.tokens_per_day, { value: 1 });
  const validation = observation?.attributes.validation_log;
  assert.ok(validation !== undefined && 'value' in validation);
  assert.equal((validation.value as { share_joined: number }).share_joined, 1);
  assert.equal(summary?.injected?.foundAt, opened?.schema === 'macadam.opened-seal/1' ? opened.foundAt : 0);
});

test('while the signer cannot sign there is no token, and then there is one again', async () => {
  const own = developmentSigner();
  let isLocked = false;
  const signer: typeof own = {
    keySet: own.keySet,
    sign: (write) => (isLocked ? Promise.reject(new Error('the token is locked')) : own.sign(write)),
  };
  const { address, log } = await issuerWith(signer, 'locked');
  isLocked = true;
  const response = await tokenOf(address);
  assert.equal(response.status, 500);
  assert.equal(((await response.json()) as { error: string }).error, 'server_error');
  isLocked = false;
  const token = await issued(address);
  assert.notEqual(log.find(digestOf(token)), null);
});

test('what a configuration must not change is refused, and nobody is issued a token for a resource that is not there', async () => {
  const { address, log } = await issuerWith(developmentSigner(), 'settings');
  const base = { oidc, issuer: address, signer: developmentSigner(), log, resources: {} };
  const cases: [Partial<IssuerOptions>, RegExp][] = [
    [{ issuer: 'login' }, /issuer: login is no address/],
    [{ issuer: 'http://login.example.com' }, /no address of https, nor of this machine/],
    [
      {
        issuer: 'https://login.example.com',
        configuration: { features: { devInteractions: { enabled: true } } },
      },
      /devInteractions: lets anybody log in as anybody/,
    ],
    [{ log: {} as never }, /log: give fileIssuanceLog/],
    [{ signer: undefined as never }, /signer: give what has/],
    [{ oidc: {} as never }, /oidc: give await import/],
    [{ resources: { [RESOURCE]: { life: 60 } as never } }, /scope: is no text of scopes/],
    [{ ttl: 5 } as never, /ttl: is no setting/],
    [{ longestLife: 1e6 }, /longestLife: 1000000 is not of 60 to 86400/],
    [{ resources: { [RESOURCE]: { scope: 'a', life: 3601 } } }, /life: 3601 is not of 1 to 3600/],
    [{ resources: { api: { scope: 'a' } } }, /api is no address/],
    [{ configuration: { jwks: { keys: [] } } }, /configuration\.jwks/],
    [{ configuration: { responseTypes: ['id_token'] } }, /configuration\.responseTypes/],
    [{ configuration: { features: { resourceIndicators: {} } } }, /features\.resourceIndicators/],
  ];
  for (const [changed, why] of cases) await assert.rejects(createIssuer({ ...base, ...changed }), why);
  const response = await tokenOf(address, 'https://other.example.com');
  assert.equal(((await response.json()) as { error: string }).error, 'invalid_target');
});
