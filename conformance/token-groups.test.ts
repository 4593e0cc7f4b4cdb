/** The reader of Wycheproof's groups, over groups of every schema of it that are made here: files that nobody has seen are to be read too. */
import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runSuite } from './run-suite.ts';
import { suite } from './suites/token.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-groups-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}
const curve = (namedCurve: string): Pair => generateKeyPairSync('ec', { namedCurve });
const [p256, p384, p521, bitcoin] = ['P-256', 'P-384', 'P-521', 'secp256k1'].map(curve) as [
  Pair,
  Pair,
  Pair,
  Pair,
];
const edwards: Pair = generateKeyPairSync('ed25519');
const larger: Pair = generateKeyPairSync('ed448');
const rsa: Pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const message = Buffer.from('0102030405', 'hex');

const der = ({ publicKey }: Pair) => publicKey.export({ type: 'spki', format: 'der' }).toString('hex');
const jwk = ({ publicKey }: Pair) => publicKey.export({ format: 'jwk' });
const fixed = ({ privateKey }: Pair, hash: string) =>
  sign(hash, message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
const pss = (hash: string, saltLength: number) =>
  sign(hash, message, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });

/** Two cases without an id: the signature, and another of its length. */
function rawTests(signature: Buffer, right = 'valid') {
  const other = Buffer.from(signature);
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
  const msg = message.toString('hex');
  return [
    { msg, sig: signature.toString('hex'), result: right },
    { msg, sig: other.toString('hex'), result: 'invalid' },
  ];
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
function token(header: object, pair: Pair, hash: string | null): string {
  const signed = `${encoded(header)}.${encoded({ sub: 'x' })}`;
  const signature = sign(hash, Buffer.from(signed), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

const p1363 = 'ecdsa_p1363_verify_schema_v1.json';
const own = token({ alg: 'ES384' }, p384, 'sha384');
const ofSet = token({ alg: 'EdDSA', kid: 'b' }, edwards, null);
const FILES: Readonly<Record<string, object>> = {
  ecdsa: {
    schema: p1363,
    testGroups: [
      {
        type: 'EcdsaP1363Verify',
        sha: 'SHA-384',
        publicKeyDer: der(p384),
        tests: rawTests(fixed(p384, 'sha384')),
      },
      { sha: 'SHA-512', publicKeyJwk: jwk(p521), tests: rawTests(fixed(p521, 'sha512')) },
      // No token has these: another hash, another curve.
      { sha: 'SHA-512', publicKeyDer: der(p256), tests: rawTests(fixed(p256, 'sha512')) },
      { sha: 'SHA-256', publicKeyDer: der(bitcoin), tests: rawTests(fixed(bitcoin, 'sha256')) },
    ],
  },
  der: {
    schema: 'ecdsa_verify_schema_v1.json',
    testGroups: [
      {
        type: 'EcdsaVerify',
        sha: 'SHA-256',
        publicKeyDer: der(p256),
        tests: rawTests(sign('sha256', message, p256.privateKey)),
      },
    ],
  },
  eddsa: {
    schema: 'eddsa_verify_schema_v1.json',
    testGroups: [
      { publicKeyDer: der(edwards), tests: rawTests(sign(null, message, edwards.privateKey)) },
      {
        publicKeyPem: larger.publicKey.export({ type: 'spki', format: 'pem' }),
        tests: rawTests(sign(null, message, larger.privateKey)),
      },
      {},
    ],
  },
  rsa: {
    testGroups: [
      {
        type: 'RsassaPkcs1Verify',
        sha: 'SHA-256',
        publicKeyDer: der(rsa),
        tests: rawTests(sign('sha256', message, rsa.privateKey)),
      },
      // Its key is given with the private part, which a key set must not have.
      {
        type: 'RsassaPkcs1Generate',
        sha: 'SHA-512',
        keyJwk: rsa.privateKey.export({ format: 'jwk' }),
        tests: rawTests(sign('sha512', message, rsa.privateKey)),
      },
      {
        type: 'RsassaPkcs1Verify',
        sha: 'SHA-1',
        publicKeyDer: der(rsa),
        tests: rawTests(sign('sha1', message, rsa.privateKey)),
      },
      {
        type: 'RsassaPssVerify',
        sha: 'SHA-256',
        mgf: 'MGF1',
        mgfSha: 'SHA-256',
        sLen: 32,
        publicKeyDer: der(rsa),
        tests: rawTests(pss('sha256', 32)),
      },
      {
        type: 'RsassaPssVerify',
        sha: 'SHA-256',
        mgf: 'MGF1',
        mgfSha: 'SHA-256',
        sLen: 20,
        publicKeyDer: der(rsa),
        tests: rawTests(pss('sha256', 20)),
      },
    ],
  },
  crypto: {
    schema: 'json_web_crypto_schema_v1.json',
    testGroups: [
      {
        source: {},
        public: jwk(p384),
        tests: [
          { tcId: 1, comment: '', jws: own, result: 'valid', flags: [] },
          { tcId: 2, jws: `${own.slice(0, -4)}AAAA`, result: 'invalid' },
          { tcId: 3, jws: { payload: 'e30', signatures: [] }, result: 'valid' },
          { tcId: 4, jwe: 'a.b.c.d.e', result: 'valid' },
          { tcId: 5, jwe: { ciphertext: 'a' }, result: 'invalid' },
        ],
      },
      {
        private: {
          keys: [
            { ...jwk(edwards), kid: 'b' },
            { ...jwk(p256), kid: 'c' },
          ],
        },
        tests: [
          { tcId: 6, jws: ofSet, result: 'valid' },
          { tcId: 7, jws: token({ alg: 'EdDSA', kid: 'c' }, edwards, null), result: 'invalid' },
        ],
      },
      { source: {} },
    ],
  },
  // Neither signatures nor tokens.
  oaep: {
    testGroups: [
      { type: 'RsaesOaepDecrypt', sha: 'SHA-256', tests: [{ msg: '', ct: '00', result: 'valid' }] },
    ],
  },
  schema: { type: 'object', properties: { testGroups: {} } },
};

async function held(files: Readonly<Record<string, object>>) {
  const vectors = mkdtempSync(join(folder, 'vectors-'));
  mkdirSync(join(vectors, 'jwt'));
  for (const [name, file] of Object.entries(files))
    writeFileSync(join(vectors, 'jwt', `${name}.json`), JSON.stringify(file));
  return runSuite(suite, {}, vectors);
}

test('groups of every schema are read, what has a place in a token is verified, and nothing else is taken', async () => {
  const { agree, problems } = await held(FILES);
  assert.deepEqual(problems, []);
  assert.equal(agree, 4 * 2 + 2 + 2 * 2 + 5 * 2 + 7);
});

test('a signature that we would take and the set refuses is told, and one that we refuse', async () => {
  const wrong = rawTests(fixed(p384, 'sha384')).map((one) => ({
    ...one,
    result: one.result === 'valid' ? 'invalid' : 'valid',
  }));
  const { problems } = await held({
    ecdsa: { schema: p1363, testGroups: [{ sha: 'SHA-384', publicKeyDer: der(p384), tests: wrong }] },
  });
  assert.deepEqual(
    problems.map(({ id, what }) => `${id}: ${what}`),
    ['ecdsa/group 0, 0: is invalid, we accept', 'ecdsa/group 0, 1: is valid, we refuse: the signature'],
  );
});

test('a signature that no token has and that some algorithm takes is told', async () => {
  const group = { type: 'Unheard', publicKeyDer: der(p384), tests: rawTests(fixed(p384, 'sha384')) };
  const { problems } = await held({ odd: { testGroups: [group] } });
  assert.deepEqual(problems, [{ id: 'odd/group 0, 0', what: 'we accept it as ES384' }]);
});
