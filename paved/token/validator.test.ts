import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  AUDIENCE,
  accessToken,
  base64url,
  claims,
  ISSUER,
  NOW,
  proof,
  signRaw,
  testKey,
  thumbprintOf,
} from '@macadam/testing/token/issuing';
import { exportJWK, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import type { Algorithm } from './algorithms.ts';
import { fixedKeys } from './key-set.ts';
import { ConfigurationError } from './refusal.ts';
import { replayMemory } from './replay.ts';
import { createValidator, type ValidatorOptions } from './validator.ts';

const key = testKey('ES256', 'key-1');
const other = testKey('ES256', 'key-2');
const keys = fixedKeys([key.jwk, other.jwk], ['ES256']);
const usual: ValidatorOptions = {
  issuer: ISSUER,
  audience: AUDIENCE,
  algorithms: ['ES256'],
  keys,
  service: 'orders',
  clock: () => NOW,
};
const validator = createValidator(usual);
const reason = async (token: string, options: Partial<ValidatorOptions> = {}) => {
  const result = await createValidator({ ...usual, ...options }).validate(token);
  return result.ok ? 'accepted' : result.reason;
};

test('a token is accepted with its claims, by each key of the issuer', async () => {
  for (const one of [key, other]) {
    const result = await validator.validate(accessToken(one, { sub: 'somebody' }));
    assert.ok(result.ok);
    assert.equal(result.claims.sub, 'somebody');
    assert.equal(result.binding, 'none');
  }
});

test('headers that are remembered vouch for no signature, whichever token came last', async () => {
  const own = createValidator(usual);
  const [first, second] = [accessToken(key), accessToken(other)];
  for (const token of [first, first, second, second, first]) {
    assert.ok((await own.validate(token)).ok);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const elsewhere = (token === first ? second : first).split('.');
    const refused = async (parts: readonly (string | undefined)[]) => {
      const result = await own.validate(parts.join('.'));
      return result.ok ? 'accepted' : result.reason;
    };
    assert.equal(await refused([header, payload, elsewhere[2]]), 'signature-wrong');
    assert.equal(await refused([elsewhere[0], payload, signature]), 'signature-wrong');
    assert.equal(
      await refused([`${header}A`, payload, signature]),
      'malformed',
      'a header that begins alike',
    );
    assert.equal(await refused([header.slice(0, -1), payload, signature]), 'malformed');
  }
});

test('tokens of jose are accepted here and ours by jose, in every algorithm', async () => {
  const all: Algorithm[] = ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA', 'Ed25519'];
  const rsa = testKey('RS256', 'rsa');
  for (const algorithm of all) {
    const isRsa = algorithm.endsWith('S256') && algorithm !== 'ES256';
    const made = isRsa ? { ...rsa, algorithm, jwk: { ...rsa.jwk, alg: algorithm } } : testKey(algorithm, 'k');
    const options = { algorithms: [algorithm], keys: fixedKeys([made.jwk], [algorithm]) };
    const jwk = await exportJWK(made.privateKey);
    const theirs = await new SignJWT(claims())
      .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: String(made.jwk.kid) })
      .sign(await importJWK(jwk, algorithm));
    assert.equal(await reason(theirs, options), 'accepted', algorithm);
    const { payload } = await jwtVerify(
      accessToken(made),
      await importJWK({ ...made.jwk } as JWK, algorithm),
      {
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: 'at+jwt',
        currentDate: new Date(NOW),
      },
    );
    assert.equal(payload.sub, 'service-1');
  }
});

test('what a claim must be, it is: issuer, audience, times, types', async () => {
  const seconds = NOW / 1000;
  const cases: [Record<string, unknown>, string][] = [
    [{ iss: 'https://login.example.com/' }, 'issuer-wrong'],
    [{ iss: undefined }, 'claim-missing'],
    [{ iss: [ISSUER] }, 'claim-malformed'],
    [{ aud: 'https://api.example.com.evil.example' }, 'audience-wrong'],
    [{ aud: ['https://other.example', AUDIENCE] }, 'accepted'],
    [{ aud: [] }, 'claim-malformed'],
    [{ aud: [AUDIENCE, 7] }, 'claim-malformed'],
    [{ aud: { [AUDIENCE]: true } }, 'claim-malformed'],
    [{ exp: undefined }, 'claim-missing'],
    [{ exp: String(seconds + 300) }, 'claim-malformed'],
    [{ exp: null }, 'claim-malformed'],
    // Milliseconds, as clocks of JavaScript have them: it would hold for 50,000 years.
    [{ exp: (seconds + 300) * 1000 }, 'claim-malformed'],
    [{ exp: seconds - 29.5 }, 'accepted'],
    [{ exp: seconds - 30 }, 'expired'],
    [{ exp: -1 }, 'expired'],
    [{ nbf: seconds + 30 }, 'accepted'],
    [{ nbf: seconds + 31 }, 'not-yet-valid'],
    [{ nbf: 'soon' }, 'claim-malformed'],
    [{ iat: seconds + 31 }, 'not-yet-valid'],
    [{ sub: 5 }, 'claim-malformed'],
    [{ nonce: 'n' }, 'identity-token'],
    [{ at_hash: 'h' }, 'identity-token'],
    [{ ok: false, reason: 'inactive' }, 'accepted'],
  ];
  for (const [changed, expected] of cases)
    assert.equal(await reason(accessToken(key, changed)), expected, JSON.stringify(changed));
  assert.equal(await reason(accessToken(key), { longestLife: 300 }), 'lifetime-too-long');
  assert.equal(await reason(accessToken(key), { longestLife: 310 }), 'accepted');
  assert.equal(await reason(accessToken(key, { iat: undefined }), { longestLife: 600 }), 'claim-missing');
  assert.equal(await reason(accessToken(key), { requiredClaims: ['acr'] }), 'claim-missing');
});

test('a type of token is taken for no other, however it is spelled', async () => {
  const typed = (typ: string | undefined) => signRaw(key, { alg: 'ES256', kid: 'key-1', typ }, claims());
  const allowed = { 'at+jwt': true, 'application/AT+JWT': true, JWT: false, 'dpop+jwt': false, '': false };
  for (const [typ, isAllowed] of Object.entries(allowed))
    assert.equal(await reason(typed(typ)), isAllowed ? 'accepted' : 'type-not-allowed', typ);
  assert.equal(await reason(typed(undefined)), 'type-not-allowed');
  for (const typ of ['JWT', 'at+jwt', undefined])
    assert.equal(await reason(typed(typ), { type: 'JWT' }), 'accepted', typ);
  assert.equal(await reason(typed('logout+jwt'), { type: 'JWT' }), 'type-not-allowed');
});

test('a token that is bound by DPoP needs a fresh proof of its own key for this request', async () => {
  const holder = testKey('ES256');
  const thief = testKey('ES256');
  const token = accessToken(key, { cnf: { jkt: thumbprintOf(holder) } });
  const request = { scheme: 'DPoP', method: 'GET', url: `${AUDIENCE}/orders?page=2` } as const;
  const why = async (sent: string | undefined, changed: object = {}, of = token) => {
    const presented = { ...request, ...(sent !== undefined && { proof: sent }), ...changed };
    const result = await validator.validate(of, presented);
    return result.ok ? result.binding : result.reason;
  };
  const once = proof(holder, token);
  assert.equal(await why(once), 'dpop');
  assert.equal(await why(once), 'replayed');
  assert.equal(await why(undefined), 'binding-missing');
  assert.equal(await why(proof(holder, token), { scheme: 'Bearer' }), 'binding-missing');
  assert.equal(await why(proof(thief, token)), 'binding-wrong');
  assert.equal(await why(proof(holder, token), { method: 'POST' }), 'proof-wrong');
  assert.equal(await why(proof(holder, token), { url: `${AUDIENCE}/other` }), 'proof-wrong');
  assert.equal(await why(proof(holder, token), { url: undefined }), 'proof-wrong');
  assert.equal(await why(proof(holder, token, { ath: 'x' })), 'proof-wrong');
  assert.equal(await why(proof(holder, token, { iat: NOW / 1000 - 91 })), 'proof-wrong');
  assert.equal(await why(proof(holder, token, { iat: NOW / 1000 + 31 })), 'proof-wrong');
  assert.equal(await why(proof(holder, token, { jti: undefined })), 'proof-malformed');
  const { 0: header, 1: payload } = proof(holder, token).split('.');
  const { 2: wrong } = proof(holder, token).split('.');
  assert.equal(await why(`${header}.${payload}.${wrong}`), 'proof-wrong');
  const { kty, crv, x, y } = holder.jwk;
  const mac = { kty: 'oct', k: base64url('secret-secret-secret-secret-secret') };
  assert.equal(
    await why(signRaw(holder, { typ: 'dpop+jwt', alg: 'HS256', jwk: mac }, {})),
    'proof-malformed',
  );
  const privatePart = { ...holder.privateKey.export({ format: 'jwk' }) };
  assert.equal(
    await why(signRaw(holder, { typ: 'dpop+jwt', alg: 'ES256', jwk: privatePart }, {})),
    'proof-malformed',
  );
  assert.equal(
    await why(signRaw(holder, { typ: 'JWT', alg: 'ES256', jwk: { kty, crv, x, y } }, {})),
    'proof-malformed',
  );
  const bearer = accessToken(key);
  assert.equal(await why(proof(holder, bearer), {}, bearer), 'binding-missing');
});

test('a token that is bound to a certificate needs it, and a binding that nobody knows is none', async () => {
  const [mine, theirs] = [Buffer.from('certificate one'), Buffer.from('certificate two')];
  const digest = createHash('sha256').update(mine).digest('base64url');
  const token = accessToken(key, { cnf: { 'x5t#S256': digest } });
  const why = async (certificate?: Buffer) => {
    const result = await validator.validate(token, certificate === undefined ? {} : { certificate });
    return result.ok ? result.binding : result.reason;
  };
  assert.deepEqual(
    [await why(mine), await why(theirs), await why()],
    ['certificate', 'binding-wrong', 'binding-missing'],
  );
  for (const cnf of [null, {}, 'x', { jwk: key.jwk }, { kid: 'key-1' }])
    assert.equal(await reason(accessToken(key, { cnf })), 'binding-wrong', JSON.stringify(cnf));
  assert.equal(await reason(accessToken(key), { binding: 'required' }), 'binding-missing');
});

test('where it is asked for a token is accepted once, and a store that cannot say refuses', async () => {
  const once = createValidator({ ...usual, once: true, replay: replayMemory(2) });
  const why = async (token: string) => {
    const result = await once.validate(token);
    return result.ok ? 'accepted' : result.reason;
  };
  const [one, two, three] = [accessToken(key), accessToken(key), accessToken(key)];
  assert.deepEqual(
    [await why(one), await why(one), await why(two), await why(three)],
    ['accepted', 'replayed', 'accepted', 'replay-unknown'],
  );
  assert.equal(await why(accessToken(key, { jti: undefined })), 'claim-missing');
  const broken = { use: () => Promise.reject(new Error('down')) };
  assert.equal(await reason(accessToken(key), { once: true, replay: broken }), 'replay-unknown');
  const memory = replayMemory(1);
  assert.equal(await memory.use('a', NOW + 10, NOW), 'first');
  assert.equal(await memory.use('b', NOW + 5000, NOW + 2000), 'first', 'what has expired makes room');
});

test('a setting that is missing, unknown or out of bounds stops the service at its start', () => {
  const wrong: [object, RegExp][] = [
    [{ issuer: '' }, /issuer/],
    [{ audience: undefined }, /audience/],
    [{ audience: [] }, /audience/],
    [{ algorithms: [] }, /algorithms/],
    [{ algorithms: ['none'] }, /none/],
    [{ algorithms: ['HS256'] }, /HS256/],
    [{ algorithms: ['ES256', 'toString'] }, /toString/],
    [{ skew: 301 }, /skew/],
    [{ skew: Number.NaN }, /skew/],
    [{ ignoreExpiration: true }, /ignoreExpiration/],
    [{ type: '*' }, /type/],
    [{ binding: 'off' }, /binding/],
    [{ longestToken: Number.POSITIVE_INFINITY }, /longestToken/],
    [{ keys: undefined }, /keys/],
    // An array has a `find` too.
    [{ keys: [key.jwk] }, /keys: give publishedKeys/],
    [{ replay: {} }, /replay/],
    [{ audience: 7 }, /audience: is no list/],
    // A text is a list of letters to who goes through it.
    [{ requiredClaims: 'sub' }, /requiredClaims: is no list/],
    [{ clock: 5 }, /clock/],
  ];
  for (const [changed, names] of wrong)
    assert.throws(
      () => createValidator({ ...usual, ...changed } as ValidatorOptions),
      (error) => error instanceof ConfigurationError && names.test(error.message),
      JSON.stringify(changed),
    );
  assert.throws(() => createValidator(undefined as never), /settings: give an object/);
});
