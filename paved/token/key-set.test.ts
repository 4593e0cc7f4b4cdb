import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { AUDIENCE, accessToken, NOW, testKey } from '@macadam/testing/token/issuing';
import { createIntrospector } from './introspection.ts';
import type { Jwk } from './key.ts';
import { fixedKeys, publishedKeys, readKeySet } from './key-set.ts';
import { ConfigurationError } from './refusal.ts';
import { createValidator } from './validator.ts';

/** An issuer on this machine, whose answers a test changes. */
async function issuer(answer: (path: string, response: ServerResponse, body: string) => void) {
  let asked = 0;
  const server = createServer(async (request, response) => {
    asked++;
    let body = '';
    for await (const chunk of request) body += chunk;
    answer(request.url ?? '', response, `${request.headers.authorization ?? ''} ${body}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked: () => asked,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const SECOND = 1000;
const [one, two, three] = [testKey('ES256', 'one'), testKey('ES256', 'two'), testKey('ES256', 'three')];

/** A validator whose clock a test moves, beside an issuer whose key set it changes. */
async function scene(settings: object = {}) {
  const state = {
    keys: [one.jwk, two.jwk] as unknown[],
    status: 200,
    headers: {} as Record<string, string>,
    now: NOW,
  };
  const server = await issuer((_path, response) => {
    response.writeHead(state.status, state.headers);
    response.end(JSON.stringify({ keys: state.keys }));
  });
  const keys = publishedKeys({ url: `${server.url}/jwks`, algorithms: ['ES256'], ...settings });
  const validator = createValidator({
    issuer: 'https://login.example.com',
    audience: AUDIENCE,
    algorithms: ['ES256'],
    keys,
    service: 'orders',
    clock: () => state.now,
  });
  const reason = async (key: typeof one) => {
    const seconds = state.now / SECOND;
    const result = await validator.validate(accessToken(key, { iat: seconds, exp: seconds + 60 }));
    return result.ok ? 'accepted' : result.reason;
  };
  return { state, server, keys, reason, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test('keys are asked for once, however many tokens come at once, and again when they are old', async () => {
  await using at = await scene();
  const answers = await Promise.all([one, two, one, two].map(at.reason));
  assert.deepEqual(answers, ['accepted', 'accepted', 'accepted', 'accepted']);
  assert.equal(at.server.asked(), 1);
  at.state.now += 299 * SECOND;
  assert.equal(await at.reason(one), 'accepted');
  assert.equal(at.server.asked(), 1);
  at.state.now += 1 * SECOND;
  assert.equal(await at.reason(one), 'accepted');
  assert.equal(at.server.asked(), 2);
});

test('a key that left the set is refused within the time that was chosen, and at once where it is revoked', async () => {
  await using at = await scene({ revokedWithin: 60 });
  assert.equal(await at.reason(one), 'accepted');
  at.state.keys = [two.jwk];
  at.state.now += 60 * SECOND;
  assert.equal(await at.reason(one), 'key-unknown');
  assert.equal(await at.reason(two), 'accepted');
  at.keys.revoke('two');
  assert.equal(await at.reason(two), 'key-unknown');
});

test('what the issuer says of the age of its keys shortens the time, and never lengthens it', async () => {
  await using at = await scene();
  at.state.headers = { 'cache-control': 'public, max-age=20' };
  await at.reason(one);
  at.state.headers = { 'cache-control': 'max-age=999999999' };
  at.state.now += 20 * SECOND;
  await at.reason(one);
  assert.equal(at.server.asked(), 2);
  at.state.now += 300 * SECOND;
  await at.reason(one);
  assert.equal(at.server.asked(), 3);
});

test('a new key is found at its first token, and a flood of unknown ids asks once in a while', async () => {
  await using at = await scene();
  assert.equal(await at.reason(one), 'accepted');
  at.state.keys = [one.jwk, two.jwk, three.jwk];
  at.state.now += 11 * SECOND;
  assert.equal(await at.reason(three), 'accepted');
  const before = at.server.asked();
  for (let count = 0; count < 50; count++)
    assert.equal(await at.reason(testKey('ES256', `x${count}`)), 'key-unknown');
  assert.equal(at.server.asked(), before);
  at.state.now += 10 * SECOND;
  assert.equal(await at.reason(testKey('ES256', 'y')), 'key-unknown');
  assert.equal(at.server.asked(), before + 1);
});

test('while the issuer fails what was known holds for the time that was chosen, and no longer', async () => {
  await using at = await scene({ outageTolerance: 600 });
  await at.reason(one);
  at.state.status = 500;
  at.state.now += 301 * SECOND;
  assert.equal(await at.reason(one), 'accepted');
  at.state.now += 590 * SECOND;
  assert.equal(await at.reason(one), 'accepted');
  at.state.now += 10 * SECOND;
  assert.equal(await at.reason(one), 'keys-unavailable');
  at.state.status = 200;
  at.state.now += 10 * SECOND;
  assert.equal(await at.reason(one), 'accepted', 'and it recovers by itself');
  at.state.now -= 3600 * SECOND;
  assert.equal(await at.reason(one), 'accepted', 'a clock that was set back makes it ask again');
});

test('an answer that is no key set, too large, or elsewhere, is none', async () => {
  const bodies: Record<string, (response: ServerResponse) => void> = {
    '/list': (response) => response.end('[]'),
    '/text': (response) => response.end('<html>'),
    '/keys': (response) => response.end('{"keys":{}}'),
    '/large': (response) => response.end(`{"keys":[],"x":"${'x'.repeat(300_000)}"}`),
    '/moved': (response) => response.writeHead(302, { location: '/good' }).end(),
    '/good': (response) => response.end(JSON.stringify({ keys: [one.jwk] })),
  };
  await using server = await issuer((path, response) => bodies[path]?.(response));
  for (const path of Object.keys(bodies)) {
    const keys = publishedKeys({ url: server.url + path, algorithms: ['ES256'] });
    await keys.refresh(NOW);
    const found = keys.find('one', 'ES256', NOW);
    assert.equal(
      typeof found === 'object' ? 'found' : found,
      path === '/good' ? 'found' : 'unavailable',
      path,
    );
    if (path !== '/good') assert.match(keys.problems().join(), /could not be asked for/);
  }
});

test('metadata leads to the keys only where it is of that very issuer', async () => {
  const told = { issuer: '', jwks_uri: '' };
  await using server = await issuer((path, response) =>
    response.end(JSON.stringify(path === '/jwks' ? { keys: [one.jwk] } : told)),
  );
  told.jwks_uri = `${server.url}/jwks`;
  const find = async () => {
    const keys = publishedKeys({ issuer: server.url, algorithms: ['ES256'] });
    await keys.refresh(NOW);
    return typeof keys.find('one', 'ES256', NOW);
  };
  told.issuer = 'https://evil.example';
  assert.equal(await find(), 'string');
  told.issuer = server.url;
  assert.equal(await find(), 'object');
  told.jwks_uri = 'http://evil.example/jwks';
  assert.equal(await find(), 'string');
});

test('an issuer elsewhere names no key set on this machine, whose keys anybody here could serve', async () => {
  const elsewhere = 'https://login.example.com';
  const asked: string[] = [];
  let jwksUri = '';
  const keys = publishedKeys({
    issuer: elsewhere,
    algorithms: ['ES256'],
    cooldown: 1,
    fetch: async (url) => {
      asked.push(String(url));
      const isMetadata = String(url).includes('/.well-known/');
      return Response.json(isMetadata ? { issuer: elsewhere, jwks_uri: jwksUri } : { keys: [one.jwk] });
    },
  });
  const here = ['localhost:8080', '127.0.0.1:8080', '127.1:8080', '[::1]:8080', 'LOCALHOST'];
  const attacks = here.flatMap((host) => [`http://${host}/jwks`, `https://${host}/jwks`]);
  let now = NOW;
  for (const attack of attacks) {
    jwksUri = attack;
    now += 10 * SECOND;
    await keys.refresh(now);
    assert.equal(keys.find('one', 'ES256', now), 'unavailable', attack);
    assert.match(keys.problems().join(), /jwks_uri: .* is on this machine, and the issuer is not/, attack);
  }
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(elsewhere)),
    [],
  );
  jwksUri = 'https://keys.example.net/jwks';
  now += 10 * SECOND;
  await keys.refresh(now);
  assert.equal(typeof keys.find('one', 'ES256', now), 'object', 'another host over https is as before');
});

test('addresses that anybody can read along, or answer in place of the issuer, are refused at the start', () => {
  for (const url of [
    'http://login.example.com/jwks',
    'file:///etc/passwd',
    'nothing',
    'https://a:b@example.com/',
  ])
    assert.throws(() => publishedKeys({ url, algorithms: ['ES256'] }), /https address|no password/, url);
  assert.throws(() => publishedKeys({ algorithms: ['ES256'] }), /issuer or url/);
  assert.throws(
    () => publishedKeys({ url: 'https://a.example/', algorithms: ['ES256'], revokedWithin: 1e9 }),
    /revokedWithin/,
  );
  assert.throws(
    () => publishedKeys({ url: 'https://a.example/', algorithms: ['HS256' as 'ES256'] }),
    /HS256/,
  );
});

test('of a key set what cannot be used is left out and said, and two keys of one id are none', () => {
  const clash: Jwk = { ...three.jwk, kid: 'one' };
  const { keys, problems } = readKeySet(
    [one.jwk, clash, two.jwk, { kty: 'oct', k: 'AA' }, null, 'x'],
    ['ES256'],
  );
  assert.deepEqual([...(keys.get('ES256')?.keys() ?? [])], ['two']);
  assert.equal(problems.length, 4);
  assert.match(problems.join('\n'), /two keys for ES256 one/);
  const many = readKeySet(
    Array.from({ length: 150 }, (_none, index) => ({ ...one.jwk, kid: `k${index}` })),
    ['ES256'],
  );
  assert.equal(many.keys.get('ES256')?.size, 100);
  assert.throws(() => fixedKeys([one.jwk, clash], ['ES256']), /two keys/);
  assert.throws(() => fixedKeys([], ['ES256']), /none/);
});

test('an opaque token is what its issuer says of it now, and anything but a clear yes is a no', async () => {
  const told: Record<string, unknown> = {};
  let heard = '';
  let status = 200;
  await using server = await issuer((_path, response, body) => {
    heard = body;
    response.writeHead(status).end(JSON.stringify(told));
  });
  const introspector = createIntrospector({
    endpoint: `${server.url}/introspect`,
    issuer: 'https://login.example.com',
    audience: AUDIENCE,
    clientId: 'orders:eu',
    clientSecret: () => 's&cret',
    service: 'orders',
    clock: () => NOW,
  });
  const why = async (answer: object, token = 'opaque-1') => {
    for (const name of Object.keys(told)) delete told[name];
    Object.assign(told, answer);
    const result = await introspector.validate(token);
    return result.ok ? 'accepted' : result.reason;
  };
  const yes = { active: true, aud: AUDIENCE, exp: NOW / SECOND + 60 };
  assert.equal(await why(yes), 'accepted');
  const credentials = Buffer.from('orders%3Aeu:s%26cret').toString('base64');
  assert.equal(heard, `Basic ${credentials} token=opaque-1&token_type_hint=access_token`);
  assert.equal(await why({ active: false }), 'inactive');
  assert.equal(await why({ ...yes, active: 'true' }), 'inactive');
  assert.equal(await why({ ...yes, iss: 'https://evil.example' }), 'issuer-wrong');
  assert.equal(await why({ ...yes, aud: 'https://other.example' }), 'audience-wrong');
  assert.equal(await why({ ...yes, aud: undefined }), 'claim-missing');
  assert.equal(await why({ ...yes, exp: NOW / SECOND - 60 }), 'expired');
  assert.equal(await why({ ...yes, cnf: { jkt: 'x' } }), 'binding-missing');
  assert.equal(await why(yes, 'a b'), 'malformed');
  status = 500;
  assert.equal(await why(yes), 'introspection-unavailable');
  const { accepted, refused } = introspector.takeReport();
  assert.deepEqual(
    [accepted, refused.inactive, refused['introspection-unavailable']],
    [{ introspection: 1 }, 2, 1],
  );
});

test('keys that are given in another form than asked for stop the service, in words', () => {
  const wrong: [() => unknown, RegExp][] = [
    [() => fixedKeys({ keys: [] } as never, ['ES256']), /keys: give a list of JWKs; of a key set its `keys`/],
    [() => fixedKeys(['-----BEGIN PUBLIC KEY-----'] as never, ['ES256']), /key 1: it is no JWK/],
    [() => publishedKeys('https://login.example.com/jwks' as never), /settings: give an object/],
    [() => publishedKeys({ issuer: 'https://login.example.com' } as never), /algorithms: name at least one/],
    [
      () =>
        publishedKeys({
          issuer: 'https://login.example.com',
          algorithms: ['ES256'],
          cacheMaxAge: 5,
        } as never),
      /cacheMaxAge: is no setting/,
    ],
    [() => createIntrospector({ clientSecret: 'text' } as never), /clientSecret: give a function/],
    [() => createIntrospector({ active: true } as never), /active: is no setting/],
  ];
  for (const [make, words] of wrong)
    assert.throws(make, (error) => error instanceof ConfigurationError && words.test(error.message));
});
