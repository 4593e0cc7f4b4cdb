/** Issuers for tests: keys, tokens and proofs, right ones and any kind of wrong one. */
import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { type Algorithm, PROFILES } from '../../paved/token/algorithms.ts';
import { type Jwk, jwkThumbprint } from '../../paved/token/key.ts';

export interface TestKey {
  readonly jwk: Jwk;
  readonly privateKey: KeyObject;
  readonly algorithm: Algorithm;
}

export const NOW = Date.UTC(2026, 10, 2, 12);
export const ISSUER = 'https://login.example.com';
export const AUDIENCE = 'https://api.example.com';

export function testKey(algorithm: Algorithm, kid?: string): TestKey {
  const { keyType, curve = 'P-256' } = PROFILES[algorithm];
  const pair =
    keyType === 'RSA'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : keyType === 'OKP'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: curve });
  const jwk: Jwk = { ...pair.publicKey.export({ format: 'jwk' }), alg: algorithm, use: 'sig' };
  return { jwk: kid === undefined ? jwk : { ...jwk, kid }, privateKey: pair.privateKey, algorithm };
}

export const base64url = (value: string | object | Buffer): string =>
  Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString(
    'base64url',
  );

/** Signs texts as they are, so that a test can write what no library would. */
export function signRaw(key: TestKey, header: string | object, payload: string | object | Buffer): string {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  const { hash, padding, saltLength } = PROFILES[key.algorithm];
  const how = { key: key.privateKey, dsaEncoding: 'ieee-p1363' as const, padding, saltLength };
  return `${signed}.${sign(hash, Buffer.from(signed), how).toString('base64url')}`;
}

export function claims(changed: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const seconds = NOW / 1000;
  const usual = { iss: ISSUER, aud: AUDIENCE, sub: 'service-1', client_id: 'client-1', jti: randomUUID() };
  return { ...usual, iat: seconds - 10, exp: seconds + 300, scope: 'read write', ...changed };
}

export function accessToken(key: TestKey, changed: Readonly<Record<string, unknown>> = {}): string {
  return signRaw(key, { alg: key.algorithm, typ: 'at+jwt', kid: key.jwk.kid }, claims(changed));
}

export const thumbprintOf = (key: TestKey): string => jwkThumbprint(key.jwk) ?? '';

export function proof(key: TestKey, token: string, changed: Readonly<Record<string, unknown>> = {}): string {
  const { kty, crv, x, y } = key.jwk;
  const ath = createHash('sha256').update(token).digest('base64url');
  const usual = { htm: 'GET', htu: `${AUDIENCE}/orders`, jti: randomUUID(), iat: NOW / 1000, ath };
  return signRaw(
    key,
    { alg: key.algorithm, typ: 'dpop+jwt', jwk: { kty, crv, x, y } },
    { ...usual, ...changed },
  );
}
