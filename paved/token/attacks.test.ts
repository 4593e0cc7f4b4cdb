/** Attacks on libraries for tokens that became known, each with its refusal. */
import assert from 'node:assert/strict';
import {
  constants,
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto';
import { test } from 'node:test';
import {
  AUDIENCE,
  accessToken,
  base64url,
  claims,
  ISSUER,
  NOW,
  signRaw,
  testKey,
} from '@macadam/testing/token/issuing';
import type { Algorithm } from './algorithms.ts';
import { importKey, type Jwk } from './key.ts';
import { fixedKeys } from './key-set.ts';
import { createValidator } from './validator.ts';

const key = testKey('ES256', 'key-1');
const rsa = testKey('RS256', 'rsa-1');
const edwards = testKey('EdDSA', 'ed-1');
const attacker = testKey('ES256', 'key-1');
const algorithms = ['ES256', 'RS256', 'EdDSA'] as const;
const validator = createValidator({
  issuer: ISSUER,
  audience: AUDIENCE,
  algorithms,
  keys: fixedKeys([key.jwk, rsa.jwk, edwards.jwk], algorithms),
  service: 'orders',
  clock: () => NOW,
});
const usual = { alg: 'ES256', typ: 'at+jwt', kid: 'key-1' };
const text = JSON.stringify(claims());
const [header = '', payload = '', signature = ''] = accessToken(key).split('.');
const bytes = Buffer.from(signature, 'base64url');

const withHeader = (changed: object) => signRaw(key, { ...usual, ...changed }, text);
const byAttacker = (changed: object) => signRaw(attacker, { ...usual, ...changed }, text);
const withSignature = (changed: Buffer | string, head: string | object = usual) =>
  `${base64url(head)}.${base64url(text)}.${base64url(changed)}`;

function mac(secret: string | Buffer, kid: string): string {
  const signed = `${base64url({ ...usual, alg: 'HS256', kid })}.${base64url(text)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
const pem = (jwk: Jwk) =>
  createPublicKey({ key: { ...jwk, kty: String(jwk.kty) }, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });

/** The same point of the group, with the scalar that is larger by the group's order: a second signature of one text. */
function secondEdwardsSignature(): string {
  const token = signRaw(edwards, { ...usual, alg: 'EdDSA', kid: 'ed-1' }, text);
  const made = Buffer.from(token.split('.')[2] ?? '', 'base64url');
  const scalar = BigInt(`0x${Buffer.from(made.subarray(32)).reverse().toString('hex')}`);
  const larger = scalar + 2n ** 252n + 27742317777372353535851937790883648493n;
  const hex = Buffer.from(larger.toString(16).padStart(64, '0'), 'hex').reverse();
  return `${token.slice(0, token.lastIndexOf('.'))}.${base64url(Buffer.concat([made.subarray(0, 32), hex]))}`;
}

const ALTERED_LAST = (signature.at(-1) ?? '').replace(/./, (letter) =>
  String.fromCharCode(letter.charCodeAt(0) + 1),
);
const deep = `${'{"a":'.repeat(400)}1${'}'.repeat(400)}`;
const none = (alg: string) => `${base64url({ ...usual, alg })}.${base64url(text)}.`;

/** A letter beyond Latin-1 of which the lower half is this one. */
const folded = (letter: string) => String.fromCharCode(letter.charCodeAt(0) + 256);

const ATTACKS: Readonly<Record<string, readonly [token: unknown, reason: string]>> = {
  'alg none without a signature': [none('none'), 'algorithm-not-allowed'],
  'alg None with a signature': [withSignature(bytes, { ...usual, alg: 'None' }), 'algorithm-not-allowed'],
  'alg nOnE with a signature': [withSignature('x', { ...usual, alg: 'nOnE' }), 'algorithm-not-allowed'],
  'alg is missing': [withHeader({ alg: undefined }), 'malformed'],
  'alg is a list': [withHeader({ alg: ['ES256'] }), 'malformed'],
  'alg is a name of every object': [withHeader({ alg: 'constructor' }), 'algorithm-not-allowed'],
  'alg with a blank': [withHeader({ alg: 'ES256 ' }), 'algorithm-not-allowed'],
  'alg in small letters': [withHeader({ alg: 'es256' }), 'algorithm-not-allowed'],
  'a MAC by the public key in PEM': [mac(pem(rsa.jwk), 'rsa-1'), 'algorithm-not-allowed'],
  'a MAC by the public key as JSON': [mac(JSON.stringify(key.jwk), 'key-1'), 'algorithm-not-allowed'],
  'a MAC by an empty secret': [mac('', 'key-1'), 'algorithm-not-allowed'],
  'alg of another key of the issuer': [withHeader({ kid: 'rsa-1' }), 'key-unknown'],
  'PSS where PKCS #1 is configured': [withHeader({ alg: 'PS256', kid: 'rsa-1' }), 'algorithm-not-allowed'],
  'a key in the header': [byAttacker({ jwk: attacker.jwk }), 'signature-wrong'],
  'a key in the header, with its id': [byAttacker({ jwk: attacker.jwk, kid: 'mine' }), 'key-unknown'],
  'a key set elsewhere': [byAttacker({ jku: 'https://evil.example/jwks' }), 'signature-wrong'],
  'a certificate elsewhere': [byAttacker({ x5u: 'https://evil.example/cert' }), 'signature-wrong'],
  'a certificate in the header': [byAttacker({ x5c: ['MIIB'] }), 'signature-wrong'],
  'an id that leads out of a folder': [byAttacker({ kid: '../../../../dev/null' }), 'key-unknown'],
  'an id with SQL': [byAttacker({ kid: "key-1' UNION SELECT 'secret" }), 'key-unknown'],
  'an id of every object': [byAttacker({ kid: '__proto__' }), 'key-unknown'],
  'an id with a zero byte': [byAttacker({ kid: 'key-1\0' }), 'key-unknown'],
  'an id that is an object': [byAttacker({ kid: { $ne: null } }), 'malformed'],
  'an id of ten thousand characters': [byAttacker({ kid: 'k'.repeat(6000) }), 'too-large'],
  'no id': [byAttacker({ kid: undefined }), 'key-unknown'],
  'crit with what nobody knows': [withHeader({ crit: ['exp'], exp: 1 }), 'critical-extension'],
  'crit that is empty': [withHeader({ crit: [] }), 'critical-extension'],
  'b64 that is false': [withHeader({ b64: false, crit: ['b64'] }), 'critical-extension'],
  'b64 without crit': [withHeader({ b64: false }), 'critical-extension'],
  'a compressed payload': [withHeader({ zip: 'DEF' }), 'encrypted'],
  'an encrypted token': [`${base64url({ alg: 'dir', enc: 'A256GCM' })}..a.b.c`, 'encrypted'],
  'an encrypted token by a password of a billion rounds': [
    `${base64url({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 1e9, p2s: 'a' })}.a.b.c.d`,
    'encrypted',
  ],
  'r and s of zero': [withSignature(Buffer.alloc(64)), 'signature-wrong'],
  'r of zero': [withSignature(Buffer.concat([Buffer.alloc(32), bytes.subarray(32)])), 'signature-wrong'],
  's of zero': [withSignature(Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(32)])), 'signature-wrong'],
  'r and s of the group order': [
    withSignature(
      Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'.repeat(2), 'hex'),
    ),
    'signature-wrong',
  ],
  'a signature in DER': [
    withSignature(
      Buffer.concat([
        Buffer.from('3045022100', 'hex'),
        bytes.subarray(0, 32),
        Buffer.from('0220', 'hex'),
        bytes.subarray(32),
      ]),
    ),
    'signature-wrong',
  ],
  'a signature with a byte behind it': [
    withSignature(Buffer.concat([bytes, Buffer.alloc(1)])),
    'signature-wrong',
  ],
  'no signature': [`${header}.${payload}.`, 'malformed'],
  'a second signature of Ed25519': [secondEdwardsSignature(), 'signature-wrong'],
  'a signature of zeros by Ed25519': [
    withSignature(Buffer.alloc(64), { ...usual, alg: 'EdDSA', kid: 'ed-1' }),
    'signature-wrong',
  ],
  'a signature of one by RSA': [
    withSignature(Buffer.concat([Buffer.alloc(255), Buffer.from([1])]), {
      ...usual,
      alg: 'RS256',
      kid: 'rsa-1',
    }),
    'signature-wrong',
  ],
  'bits behind the last byte': [`${header}.${payload}.${signature.slice(0, -1)}${ALTERED_LAST}`, 'malformed'],
  padding: [`${header}.${payload}.${signature}==`, 'malformed'],
  'a line break in the signature': [`${header}.${payload}.${signature}\n`, 'malformed'],
  'base64 that is not of URLs': [`${header}.${payload}.${'+/'.repeat(43)}`, 'malformed'],
  'a blank before it': [` ${header}.${payload}.${signature}`, 'malformed'],
  'letters that another character set folds': [
    `${header}.${payload}.${signature.slice(0, -1)}\u0141`,
    'malformed',
  ],
  'such a letter in the payload': [
    `${header}.${payload.slice(0, -1)}${folded(payload.slice(-1))}.${signature}`,
    'malformed',
  ],
  'a fourth part': [`${header}.${payload}.${signature}.x`, 'malformed'],
  'the JSON form': [JSON.stringify({ protected: header, payload, signature }), 'malformed'],
  nothing: ['', 'malformed'],
  'no text': [{ toString: () => accessToken(key) }, 'malformed'],
  dots: ['..', 'malformed'],
  'a token of a megabyte': [`${header}.${'a'.repeat(2 ** 20)}.${signature}`, 'too-large'],
  'alg stands twice': [
    signRaw(key, '{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"key-1"}', text),
    'malformed',
  ],
  'alg stands twice, once in escapes': [
    signRaw(key, '{"al\\u0067":"none","alg":"ES256","typ":"at+jwt","kid":"key-1"}', text),
    'malformed',
  ],
  'exp stands twice': [signRaw(key, usual, text.replace('{', '{"exp":1,')), 'malformed'],
  'aud stands twice, nested': [signRaw(key, usual, text.replace('{', '{"x":{"a":1,"a":2},')), 'malformed'],
  'a payload nested 400 deep': [signRaw(key, usual, deep), 'malformed'],
  'a header nested 400 deep': [signRaw(key, deep, text), 'malformed'],
  'a payload that is a list': [signRaw(key, usual, '[]'), 'malformed'],
  'a payload that is nothing': [signRaw(key, usual, 'null'), 'malformed'],
  'a payload with bytes of no character': [
    signRaw(key, usual, Buffer.from(text.replace('service-1', 'service-\u00ff'), 'latin1')),
    'malformed',
  ],
  'a payload with a byte order mark': [signRaw(key, usual, `\ufeff${text}`), 'malformed'],
  'exp beyond all numbers': [
    signRaw(key, usual, text.replace(/"exp":\d+/, '"exp":1e999')),
    'claim-malformed',
  ],
  'exp as a list': [signRaw(key, usual, text.replace(/"exp":(\d+)/, '"exp":[$1]')), 'claim-malformed'],
};

for (const [name, [token, reason]] of Object.entries(ATTACKS))
  test(`refused: ${name}`, async () => {
    const result = await validator.validate(token as string);
    assert.equal(result.ok ? 'accepted' : result.reason, reason);
    assert.equal((await validator.validate(accessToken(key))).ok, true, 'and the next token is read as ever');
  });

test('a letter that another character set folds is found at the very end of the longest token', async () => {
  const options = { issuer: ISSUER, audience: AUDIENCE, algorithms, service: 'orders', clock: () => NOW };
  const longest = createValidator({
    ...options,
    keys: fixedKeys([rsa.jwk], ['RS256']),
    longestToken: 65_536,
  });
  const issued = (length: number) =>
    signRaw(
      rsa,
      { ...usual, alg: 'RS256', kid: 'rsa-1', x: '-' },
      text.replace('{', `{"pad":"${'x'.repeat(length)}",`),
    );
  let pad = 48_000;
  while (issued(pad).length < 65_536)
    pad += Math.max(1, Math.floor(((65_536 - issued(pad).length) * 3) / 4) - 3);
  const token = issued(pad);
  assert.equal(token.length, 65_536);
  assert.equal((await longest.validate(token)).ok, true);
  for (let back = 2; back < 6; back++) {
    const at = token.length - back;
    const result = await longest.validate(
      `${token.slice(0, at)}${folded(token.charAt(at))}${token.slice(at + 1)}`,
    );
    assert.equal(result.ok ? 'accepted' : result.reason, 'malformed', `${back} from the end`);
  }
});

test('a header that names where keys stand is passed over where the issuer itself wrote it', async () => {
  const result = await validator.validate(withHeader({ jku: 'https://evil.example/jwks', x5t: 'a' }));
  assert.equal(result.ok, true);
});

test('a member that a colon or a quote in a text looks like is none', async () => {
  const odd = {
    'a":"b': 'c":"d',
    colon: '::::',
    slash: '\\',
    'end\\': '"\\"',
    nested: [{ a: ':' }, { a: 1 }],
  };
  const result = await validator.validate(accessToken(key, odd));
  assert.equal(result.ok && result.claims.colon, '::::');
});

/** A modulus as the broken generator makes them: by every small prime a power of 65537. */
function factorableModulus(): Buffer {
  const product = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
  ]
    .concat(101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167)
    .reduce((all, prime) => all * BigInt(prime), 2n);
  const modulus = 65_537n ** 7n + product * (2n ** 2047n / product + 1n);
  return Buffer.from(modulus.toString(16), 'hex');
}

test('a key that is weak, meant for something else, or no longer secret is none', () => {
  const { n, e } = rsa.jwk;
  const zeros = base64url(Buffer.alloc(32));
  const order = base64url(
    Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex'),
  );
  const negated = base64url(
    Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa', 'hex'),
  );
  const unreduced = base64url(Buffer.from(`ee${'ff'.repeat(30)}7f`, 'hex'));
  const cases: [Jwk, 'ES256' | 'RS256' | 'EdDSA', RegExp][] = [
    [{ ...rsa.jwk, e: 'Aw' }, 'RS256', /exponent/],
    [{ ...rsa.jwk, e: 'AQ' }, 'RS256', /exponent/],
    [{ ...rsa.jwk, e: base64url(Buffer.from('010000', 'hex')) }, 'RS256', /exponent|no key/],
    [{ ...rsa.jwk, e: base64url(Buffer.alloc(200, 0xff)) }, 'RS256', /exponent|no key/],
    [{ ...rsa.jwk, n: String(n).slice(0, 170) }, 'RS256', /modulus/],
    [{ ...rsa.jwk, n: base64url(Buffer.alloc(2048, 0xff)) }, 'RS256', /modulus|no key/],
    [{ ...rsa.jwk, n: base64url(factorableModulus()) }, 'RS256', /factored/],
    [{ kty: 'RSA', n, e, use: 'enc' }, 'RS256', /use/],
    [{ kty: 'RSA', n, e, use: 'x509-svid' }, 'RS256', /use/],
    [{ kty: 'RSA', n, e, key_ops: ['sign'] }, 'RS256', /key_ops/],
    [{ kty: 'RSA', n, e, key_ops: 'verify' }, 'RS256', /key_ops/],
    [{ kty: 'RSA', n, e, d: 'AQAB' }, 'RS256', /private/],
    [{ kty: 'RSA', n, e, alg: 'RSA-OAEP' }, 'RS256', /alg/],
    [rsa.jwk, 'ES256', /kty/],
    [{ ...key.jwk, crv: 'P-384' }, 'ES256', /crv/],
    [{ ...key.jwk, crv: 'secp256k1' }, 'ES256', /crv/],
    [{ ...key.jwk, y: key.jwk.x }, 'ES256', /no point/],
    [{ ...key.jwk, x: zeros, y: zeros }, 'ES256', /no point/],
    [{ ...key.jwk, x: 'AA' }, 'ES256', /32 bytes/],
    [{ ...edwards.jwk, x: zeros }, 'EdDSA', /small order/],
    [{ ...edwards.jwk, x: order }, 'EdDSA', /small order/],
    [{ ...edwards.jwk, x: negated }, 'EdDSA', /small order/],
    [{ ...edwards.jwk, x: unreduced }, 'EdDSA', /small order/],
    [{ kty: 'oct', k: zeros }, 'ES256', /kty/],
    [{ kty: 'EC', crv: 'P-256' }, 'ES256', /32 bytes/],
  ];
  for (const [jwk, algorithm, why] of cases) {
    const imported = importKey(jwk, algorithm);
    assert.match(imported.ok ? 'is taken' : imported.why, why, JSON.stringify(jwk).slice(0, 120));
  }
});

/** A signature by the bare operation of RSA over what is made to look like a padded digest. */
function rawRsa(privateKey: KeyObject, content: Buffer): Buffer {
  const bytes = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const padding = Buffer.alloc(bytes - content.length - 3, 0xff);
  const padded = Buffer.concat([Buffer.of(0, 1), padding, Buffer.of(0), content]);
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, padded);
}

const bigint = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);
const bytesOf = (value: bigint, length: number) =>
  Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');

test('a signature that means the same and is written otherwise is refused: lax encodings of RSA, numbers out of range, another salt', () => {
  const data = Buffer.from('what is signed');
  const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsaJwk = { ...rsaPair.publicKey.export({ format: 'jwk' }) };
  const keyFor = (jwk: object, algorithm: Algorithm) => {
    const imported = importKey({ ...jwk }, algorithm);
    assert.ok(imported.ok);
    return imported.key;
  };
  const digest = createHash('sha256').update(data).digest();
  const prefix = (text: string) => Buffer.concat([Buffer.from(text, 'hex'), digest]);
  const right = '3031300d060960864801650304020105000420';
  const pkcs1 = keyFor(rsaJwk, 'RS256');
  assert.ok(pkcs1.verifies(data, rawRsa(rsaPair.privateKey, prefix(right))));
  const lax: Readonly<Record<string, Buffer>> = {
    'without NULL': prefix('302f300b06096086480165030402010420'),
    'a long length': prefix('308131300d060960864801650304020105000420'),
    'an indefinite length': Buffer.concat([
      prefix('3080300d060960864801650304020105000420'),
      Buffer.of(0, 0),
    ]),
    'more after it': Buffer.concat([prefix(right), Buffer.from('more')]),
    'another hash named': prefix('3031300d060960864801650304020205000420'),
    'no name of a hash': digest,
  };
  for (const [name, content] of Object.entries(lax))
    assert.equal(pkcs1.verifies(data, rawRsa(rsaPair.privateKey, content)), false, name);
  const good = sign('sha256', data, rsaPair.privateKey);
  const modulus = bigint(Buffer.from(String(rsaJwk.n), 'base64url'));
  const over =
    (bigint(good) + modulus).toString(16).length <= 512
      ? bytesOf(bigint(good) + modulus, 256)
      : good.subarray(1);
  assert.equal(pkcs1.verifies(data, over), false, 'the modulus added');
  assert.equal(pkcs1.verifies(data, Buffer.concat([Buffer.of(0), good])), false, 'a zero before it');
  const pss = keyFor(rsaJwk, 'PS256');
  for (const [saltLength, isRight] of [
    [32, true],
    [0, false],
    [20, false],
    [64, false],
  ] as const) {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const signature = sign('sha256', data, { key: rsaPair.privateKey, padding, saltLength });
    assert.equal(pss.verifies(data, signature), isRight, `a salt of ${saltLength} bytes`);
  }

  const orders = {
    'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    'P-521':
      0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  };
  for (const [curve, algorithm, hash, length] of [
    ['P-256', 'ES256', 'sha256', 32],
    ['P-521', 'ES512', 'sha512', 66],
  ] as const) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
    const key = keyFor(publicKey.export({ format: 'jwk' }), algorithm);
    const signature = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    assert.ok(key.verifies(data, signature), algorithm);
    const [r, s] = [signature.subarray(0, length), signature.subarray(length)];
    const order = orders[curve];
    const wrong: Readonly<Record<string, Buffer>> = {
      'the form of DER': sign(hash, data, privateKey),
      'r of the order': Buffer.concat([bytesOf(order, length), s]),
      's of the order': Buffer.concat([r, bytesOf(order, length)]),
      'r and s exchanged': Buffer.concat([s, r]),
      'r negated': Buffer.concat([bytesOf(order - bigint(r), length), s]),
      'shorter numbers': Buffer.concat([r.subarray(1), s.subarray(1)]),
      'longer numbers': Buffer.concat([Buffer.of(0), r, Buffer.of(0), s]),
      'two ones': Buffer.concat([bytesOf(1n, length), bytesOf(1n, length)]),
    };
    for (const [name, bytes] of Object.entries(wrong))
      assert.equal(key.verifies(data, bytes), false, `${algorithm}: ${name}`);
  }

  const edwards = generateKeyPairSync('ed25519');
  const edwardsKey = keyFor(edwards.publicKey.export({ format: 'jwk' }), 'EdDSA');
  const signature = sign(null, data, edwards.privateKey);
  const group = 2n ** 252n + 27742317777372353535851937790883648493n;
  const scalar = bigint(Buffer.from(signature.subarray(32)).reverse());
  for (const times of [1n, 2n, 8n]) {
    const other = bytesOf(scalar + times * group, 32).reverse();
    assert.equal(
      edwardsKey.verifies(data, Buffer.concat([signature.subarray(0, 32), other])),
      false,
      `${times}`,
    );
  }
  assert.equal(edwardsKey.verifies(data, Buffer.alloc(64)), false);
});

test('a key of a curve that no token has is none, by its own name or by that of another curve', () => {
  // Node writes no JWK of these curves, so their points are taken from the end of the DER form.
  const foreign = ['brainpoolP256r1', 'brainpoolP384r1'].flatMap((namedCurve) => {
    const der = generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'der', type: 'spki' });
    const length = namedCurve === 'brainpoolP256r1' ? 32 : 48;
    const x = der.subarray(-2 * length, -length).toString('base64url');
    const y = der.subarray(-length).toString('base64url');
    return [namedCurve, 'BP-256', 'P-256', 'P-384'].map((crv) => ({ kty: 'EC', crv, x, y }));
  });
  const bitcoin = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' });
  const montgomery = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  const large = generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' });
  const keys: readonly object[] = [
    ...foreign,
    bitcoin,
    Object.assign({}, bitcoin, { crv: 'P-256' }),
    montgomery,
    Object.assign({}, montgomery, { kty: 'EC', crv: 'P-256' }),
    large,
  ];
  for (const jwk of keys)
    for (const algorithm of ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const)
      assert.equal(importKey({ ...jwk }, algorithm).ok, false, `${JSON.stringify(jwk)} for ${algorithm}`);
});
