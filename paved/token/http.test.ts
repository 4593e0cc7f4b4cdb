import assert from 'node:assert/strict';
import { hash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import { createServer as createSecureServer, request as sendSecurely } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { madeCertificate } from '@macadam/testing/self-signed';
import {
  AUDIENCE,
  accessToken,
  ISSUER,
  NOW,
  proof,
  testKey,
  thumbprintOf,
} from '@macadam/testing/token/issuing';
import fastify from 'fastify';
import { toOcsf, toOpenTelemetry } from './adoption.ts';
import { authenticate, claimsOf, fastifyToken, requireToken } from './http.ts';
import { fixedKeys } from './key-set.ts';
import { ConfigurationError } from './refusal.ts';
import { createValidator } from './validator.ts';

const key = testKey('ES256', 'key-1');
const newValidator = () =>
  createValidator({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    keys: fixedKeys([key.jwk], ['ES256']),
    service: 'orders',
    clock: () => NOW,
  });
const validator = newValidator();
const options = { origin: AUDIENCE, scopes: ['read'] };

interface Answer {
  readonly status: number;
  readonly challenge: string;
  readonly body: string;
}

type Ask = (headers: Record<string, string | string[]>) => Promise<Answer>;

/** The same service in three ways, each on a port of its own. */
async function everywhere(run: (name: string, ask: Ask) => Promise<void>): Promise<void> {
  const guard = requireToken(validator, options);
  const plain = createServer((request, response) =>
    guard(request, response, (error) => response.end(String(error ?? claimsOf(request).sub))),
  );
  const app = fastify();
  app.addHook('onRequest', fastifyToken(validator, options));
  app.get('/orders', async (request) => String(claimsOf(request.raw).sub));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  await app.listen({ port: 0, host: '127.0.0.1' });
  try {
    for (const [name, server] of Object.entries({ plain, fastify: app.server })) {
      const { port } = server.address() as AddressInfo;
      const ask: Ask = (headers) =>
        new Promise((resolve, reject) => {
          const asked = send(
            { port, host: '127.0.0.1', path: '/orders?page=2', headers },
            async (response) => {
              let body = '';
              for await (const chunk of response) body += chunk;
              const challenge = response.headers['www-authenticate'] ?? '';
              resolve({ status: response.statusCode ?? 0, challenge, body });
            },
          );
          asked.on('error', reject).end();
        });
      await run(name, ask);
    }
  } finally {
    plain.closeAllConnections();
    await new Promise((resolve) => plain.close(resolve));
    await app.close();
  }
}

test('a handler runs for a token that holds, and a client is told what to do about any other', async () => {
  const good = accessToken(key);
  const holder = testKey('ES256');
  const bound = accessToken(key, { cnf: { jkt: thumbprintOf(holder) } });
  await everywhere(async (name, ask) => {
    assert.deepEqual(
      await ask({ authorization: `Bearer ${good}` }),
      { status: 200, challenge: '', body: 'service-1' },
      name,
    );
    assert.equal((await ask({ authorization: `bearer  ${good}` })).status, 200);
    assert.equal((await ask({ authorization: `DPoP ${bound}`, dpop: proof(holder, bound) })).status, 200);
    const stolen = await ask({ authorization: `Bearer ${bound}` });
    assert.deepEqual([stolen.status, stolen.body], [401, '{"error":"binding-missing"}']);
    const wrong = await ask({ authorization: `DPoP ${bound}`, dpop: proof(holder, bound, { htm: 'POST' }) });
    assert.match(wrong.challenge, /^DPoP error="invalid_dpop_proof"/);
    const missing = await ask({});
    assert.deepEqual([missing.status, missing.challenge], [401, 'Bearer']);
    assert.equal((await ask({ authorization: `Basic ${good}` })).status, 401);
    assert.equal((await ask({ authorization: good })).status, 401);
    const twice = await ask({ authorization: [`Bearer ${good}`, 'Bearer x'] });
    assert.deepEqual([twice.status, twice.body], [401, '{"error":"malformed"}'], name);
    const narrow = await ask({ authorization: `Bearer ${accessToken(key, { scope: 'write readonly' })}` });
    assert.deepEqual(
      [narrow.status, narrow.challenge],
      [403, 'Bearer error="insufficient_scope", scope="read"'],
    );
    const old = await ask({ authorization: `Bearer ${accessToken(key, { exp: 1 })}` });
    assert.match(old.challenge, /invalid_token.*expired/);
    assert.doesNotMatch(
      old.body + old.challenge,
      /login\.example|api\.example/,
      'nobody is told how it is configured',
    );
  });
});

test('a token that is bound to a certificate opens a TLS connection of that certificate, where the server verified it', async () => {
  const service = madeCertificate();
  const mine = madeCertificate('mine');
  const colleague = madeCertificate('colleague');
  const trusted = [mine.certificate, colleague.certificate];
  const secure = { cert: service.certificate, key: service.key, ca: trusted, requestCert: true };
  const guard = requireToken(validator, options);
  // As a service does that lets in others without a certificate too.
  const server = createSecureServer({ ...secure, rejectUnauthorized: false }, (request, response) =>
    guard(request, response, () => response.end(claimsOf(request).sub)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const thumbprint = hash('sha256', new X509Certificate(mine.certificate).raw, 'base64url');
  const authorization = `Bearer ${accessToken(key, { cnf: { 'x5t#S256': thumbprint } })}`;
  const ask = (client?: { readonly certificate: string; readonly key: string }) =>
    new Promise<string>((resolve, reject) => {
      const shown = client === undefined ? {} : { cert: client.certificate, key: client.key };
      const asked = sendSecurely(
        {
          port,
          host: '127.0.0.1',
          ca: service.certificate,
          headers: { authorization },
          agent: false,
          ...shown,
        },
        async (response) => {
          let body = '';
          for await (const chunk of response) body += chunk;
          resolve(body);
        },
      );
      asked.on('error', reject).end();
    });
  try {
    assert.deepEqual(
      [await ask(mine), await ask(colleague), await ask(madeCertificate('stranger')), await ask()],
      [
        'service-1',
        '{"error":"binding-wrong"}',
        '{"error":"binding-missing"}',
        '{"error":"binding-missing"}',
      ],
    );
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('where a router has cut the path, a proof is held to the whole one', async () => {
  const holder = testKey('ES256');
  const bound = accessToken(key, { cnf: { jkt: thumbprintOf(holder) } });
  const under = async (originalUrl: string) => {
    const headers = { authorization: `DPoP ${bound}`, dpop: proof(holder, bound) };
    const result = await authenticate(
      validator,
      { method: 'GET', url: '/?page=2', originalUrl, headers },
      options,
    );
    return result.ok || result.reason;
  };
  assert.deepEqual([await under('/orders?page=2'), await under('/?page=2')], [true, 'proof-wrong']);
});

test('claims cannot be had of a request that nobody guarded, and an origin is one', () => {
  assert.throws(() => claimsOf({}), /no token was accepted/);
  assert.throws(() => requireToken(validator, { origin: 'api.example.com' }), /origin/);
  assert.throws(() => fastifyToken(validator, { origin: 'https://api.example.com/path' }), /origin/);
});

test('the report says what was validated and why some was refused, by numbers, and begins again', async () => {
  const counted = newValidator();
  for (let count = 0; count < 3; count++)
    await counted.validate(accessToken(key, { sub: 'anna@example.com' }));
  await counted.validate(accessToken(key, { exp: 1 }));
  await counted.validate(accessToken(testKey('ES256', 'stolen-id')));
  const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
  const report = counted.takeReport();
  assert.deepEqual(report.accepted, { ES256: 3 });
  assert.deepEqual(report.refused, { expired: 1, 'key-unknown': 1 });
  assert.deepEqual(report.keyIds, ['key-1']);
  assert.deepEqual(
    [report.service, report.issuer, report.library.version],
    ['orders', ISSUER, manifest.version],
  );
  const all = JSON.stringify([report, toOpenTelemetry(report), toOcsf(report)]);
  assert.doesNotMatch(all, /anna|eyJ|stolen-id|client-1/);
  assert.match(JSON.stringify(toOpenTelemetry(report)), /"token.validations".*"asInt":"3"/);
  assert.equal(toOcsf(report).length, 3);
  assert.deepEqual(counted.takeReport().accepted, {});
});

test('a guard with a setting that nobody reads lets nobody in, and one without a validator does not begin', async () => {
  const wrong: [object, RegExp][] = [
    [{ scope: ['orders.read'] }, /scope: is no setting; there is origin, scopes, certificate/],
    [{ scopes: 'orders.read' }, /scopes: is no list/],
    [{ scopes: ['orders.read orders.write'] }, /scopes: is no list/],
    [{ scopes: ['a"\r\nx'] }, /scopes: is no list/],
  ];
  for (const [settings, words] of wrong)
    for (const make of [requireToken, fastifyToken])
      assert.throws(
        () => make(validator, settings as never),
        (error) => error instanceof ConfigurationError && words.test(error.message),
      );
  assert.throws(() => requireToken({} as never), /validator: give createValidator/);
  const request = { headers: { authorization: `Bearer ${accessToken(key)}` } };
  await assert.rejects(
    authenticate(validator, request, { scope: ['admin'] } as never),
    /scope: is no setting/,
  );
});
