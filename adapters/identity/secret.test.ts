import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { findSecrets } from '@macadam/secrets';
import fc from 'fast-check';
import { cookieIn, dropCookie, setCookie } from './cookie.ts';
import { ownPath } from './openid.ts';
import { derived, digestOf, isSecret, newSecret } from './secret.ts';
import { isToken, newToken, TOKEN_PREFIX } from './token.ts';

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((array) => Buffer.from(array));
const of = (random: Buffer) => (count: number) => random.subarray(0, count);

test('a secret is all of the randomness that it is made of', () => {
  fc.assert(
    fc.property(bytes, bytes, (one, other) => {
      const secret = newSecret(of(one));
      assert.equal(isSecret(secret), true);
      assert.deepEqual(Buffer.from(secret, 'base64url'), one);
      assert.equal(digestOf(secret) === digestOf(newSecret(of(other))), one.equals(other));
    }),
  );
  assert.equal(isSecret(`${newSecret(randomBytes)}=`), false);
});

test('what is derived for one purpose is neither the secret nor good for another', () => {
  const secret = newSecret(randomBytes);
  const made = [
    secret,
    digestOf(secret),
    ...['state', 'nonce', 'verifier'].map((one) => derived(secret, one)),
  ];
  assert.equal(new Set(made).size, 5);
  assert.equal(derived(secret, 'state'), derived(secret, 'state'));
});

test('a token checks itself: one letter changed, and it is none', () => {
  fc.assert(
    fc.property(bytes, fc.nat(35), fc.constantFrom(...'0Az'), (random, place, letter) => {
      const token = newToken(of(random));
      assert.equal(isToken(token), true);
      const at = TOKEN_PREFIX.length + place;
      const other = token.slice(0, at) + letter + token.slice(at + 1);
      assert.equal(isToken(other), other === token);
    }),
  );
  for (const text of ['', TOKEN_PREFIX, 'x'.repeat(40), `${newToken(randomBytes)}0`])
    assert.equal(isToken(text), false);
});

test('a token that was checked in is found for sure, and one with a wrong check is a guess', () => {
  const token = newToken(randomBytes);
  const found = (text: string) =>
    findSecrets(text)
      .filter(({ detector }) => detector === 'macadam-token')
      .map(({ confidence }) => confidence);
  assert.deepEqual(found(`curl -H "Authorization: Bearer ${token}" https://macadam.example`), ['high']);
  const wrong = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
  assert.notDeepEqual(found(`key = ${wrong}`), ['high']);
});

test('the session’s cookie is kept from scripts, other sites, other hosts and the clear', () => {
  assert.equal(
    setCookie('session', 'x', 60, true),
    '__Host-macadam=x; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
  );
  assert.equal(
    setCookie('login', 'x', 60.9, true),
    '__Host-macadam-login=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
  );
  assert.equal(
    setCookie('session', 'x', 60, false),
    'macadam=x; Path=/; Max-Age=60; HttpOnly; SameSite=Strict',
  );
  assert.match(dropCookie('session', true), /^__Host-macadam=; .*Max-Age=0;/);
  assert.equal(cookieIn({ macadam: 'planted' }, 'session', true), undefined);
});

test('nobody is sent to another site', () => {
  for (const path of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:x',
    '',
    '/\t/evil.example',
    '/.//evil.example',
    '/..//evil.example/work',
    '/a/..//evil.example',
    '/./\\evil.example',
  ])
    assert.equal(ownPath(path), '/', path);
  assert.equal(ownPath('/work?team=crew#x'), '/work?team=crew');
});

test('of many secrets and tokens that are asked for at once no two are alike', async () => {
  const asked = Array.from({ length: 5000 }, async () => [newSecret(randomBytes), newToken(randomBytes)]);
  const made = (await Promise.all(asked)).flat();
  assert.equal(new Set(made).size, made.length);
  const digests = new Set(made.map(digestOf));
  assert.equal(digests.size, made.length);
});
