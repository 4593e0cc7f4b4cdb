/**
 * Token validation against Wycheproof: every group of signed tokens in the folder, and every raw signature that has a place in a token (fixed-length
 * ECDSA, Ed25519, RSA). A token of the set carries any bytes, so it is verified below the claims; the claims are held in paved/token.
 */
import { createPublicKey } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type Algorithm,
  importKey,
  type Jwk,
  type SharedSecretAlgorithm,
  verifyJws,
} from '../../paved/token/index.ts';
import type { Case, Suite } from '../suite.ts';

type AnyAlgorithm = Algorithm | SharedSecretAlgorithm;

const jwkSchema = z.record(z.string(), z.unknown());
/** Groups of tokens; others hold raw signatures. */
const TOKEN_GROUPS = new Set(['JsonWebSignature', 'JsonWebKey', 'JsonWebCrypto']);
const groupSchema = z.object({
  type: z.string(),
  comment: z.string().optional(),
  public: jwkSchema.optional(),
  private: jwkSchema.optional(),
  publicKeyDer: z.string().optional(),
  publicKeyPem: z.string().optional(),
  publicKeyJwk: jwkSchema.optional(),
  // As releases of the set before version 1 name them.
  keyDer: z.string().optional(),
  keyPem: z.string().optional(),
  jwk: jwkSchema.optional(),
  sha: z.string().optional(),
  mgf: z.string().optional(),
  mgfSha: z.string().optional(),
  sLen: z.number().optional(),
  tests: z.array(
    z.object({
      tcId: z.number(),
      comment: z.string(),
      result: z.enum(['valid', 'invalid', 'acceptable']),
      flags: z.array(z.string()).default([]),
      /** An object where the case is the JSON serialisation. */
      jws: z.unknown().optional(),
      msg: z.string().optional(),
      sig: z.string().optional(),
    }),
  ),
});
const fileSchema = z.object({ testGroups: z.array(groupSchema) });
type Group = z.infer<typeof groupSchema>;
type Test = Group['tests'][number];

/** Where the set contradicts itself or the standard, and what is right. Of JWS, by its case. */
const FAULTS: Readonly<Record<number, readonly [right: 'valid' | 'invalid', why: string]>> = {
  346: ['invalid', 'alg of the key is PS256, the token has PS384: a key is for its own algorithm alone'],
  347: ['invalid', 'alg of the key is ES521, which no registry has'],
  350: ['invalid', 'alg of the key is PS256, the token has PS384: a key is for its own algorithm alone'],
  351: ['invalid', 'alg of the key is ES521, which no registry has'],
  367: ['valid', 'byte for byte the token of case 357, which is valid'],
  370: ['valid', 'byte for byte the token of case 357, which is valid'],
  372: ['invalid', 'there is a `?` in it, which is no letter of base64url'],
  373: ['invalid', 'there is a `?` in it, which is no letter of base64url'],
};

const OF_CURVE: Readonly<Record<string, AnyAlgorithm>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
};
const OF_RSA: Readonly<Record<string, readonly [AnyAlgorithm, AnyAlgorithm, number]>> = {
  'SHA-256': ['RS256', 'PS256', 32],
  'SHA-384': ['RS384', 'PS384', 48],
  'SHA-512': ['RS512', 'PS512', 64],
};

/** The algorithm that a service would configure for a key: the key's own, else the usual one of its type. */
function configured(jwk: Jwk): AnyAlgorithm {
  const usual = jwk.kty === 'RSA' ? 'RS256' : jwk.kty === 'oct' ? 'HS256' : OF_CURVE[String(jwk.crv)];
  return (jwk.alg ?? usual) as AnyAlgorithm;
}

function compare(accepted: boolean, result: Test['result'], why: string): string | null {
  if (result === 'acceptable') return null;
  return accepted === (result === 'valid')
    ? null
    : `is ${result}, we ${accepted ? 'accept' : `refuse: ${why}`}`;
}

/** Some groups give an asymmetric key with its private part alone. */
function publicPart(jwk: Jwk): Jwk {
  if (jwk.kty === 'oct') return jwk;
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...rest } = jwk;
  return rest;
}

/** The one key that a set has for a token's id, as `publishedKeys` takes it: of two of one id neither; never secrets beside public keys. */
function keyOfSet(keys: readonly Jwk[], jws: string): Jwk {
  const [header = ''] = jws.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString() || '{}');
  const own = keys.filter((key) => key.kid === kid);
  const isMixed = new Set(keys.map(({ kty }) => kty === 'oct')).size > 1;
  return own.length === 1 && !isMixed ? (own[0] ?? {}) : {};
}

function tokenCase(group: Group, { tcId, jws, result }: Test): string | null {
  const given = group.public ?? group.private ?? {};
  const token = jws as string;
  const jwk = publicPart(Array.isArray(given.keys) ? keyOfSet(given.keys, token) : given);
  const right = (group.type === 'JsonWebSignature' && FAULTS[tcId]?.[0]) || result;
  const imported = importKey(jwk, configured(jwk));
  if (!imported.ok) return compare(false, right, imported.why);
  const verified = verifyJws(token, imported.key);
  return compare(verified.ok, right, verified.ok ? '' : verified.detail);
}

/** The algorithm whose signatures a group of raw ones holds, or null: no token has such a signature. */
function rawAlgorithm({ type, sha, mgfSha, sLen, mgf }: Group, jwk: Jwk): AnyAlgorithm | null {
  if (/^EcdsaP1363/i.test(type)) {
    const algorithm = OF_CURVE[String(jwk.crv)];
    return algorithm !== undefined && `SHA-${algorithm.slice(2)}` === sha ? algorithm : null;
  }
  if (/^Eddsa/i.test(type)) return jwk.crv === 'Ed25519' ? 'EdDSA' : null;
  const rsa = OF_RSA[sha ?? ''];
  if (rsa === undefined) return null;
  if (/^RsassaPkcs1Verify/i.test(type)) return rsa[0];
  const isPss = /^RsassaPssVerify/i.test(type) && mgf === 'MGF1' && mgfSha === sha && sLen === rsa[2];
  return isPss ? rsa[1] : null;
}

function publicJwk(group: Group): Jwk | null {
  const encoded = group.publicKeyDer ?? group.keyDer;
  const pem = group.publicKeyPem ?? group.keyPem;
  try {
    if (encoded !== undefined) {
      const der = Buffer.from(encoded, 'hex');
      return { ...createPublicKey({ key: der, format: 'der', type: 'spki' }).export({ format: 'jwk' }) };
    }
    if (pem !== undefined) return { ...createPublicKey(pem).export({ format: 'jwk' }) };
    return group.publicKeyJwk ?? group.jwk ?? null;
  } catch {
    return null;
  }
}

/** Whatever a key signed that is too weak for a token, nothing of it is accepted; the set only asks about the signature. */
const WEAK = /exponent|modulus|small order/;

function rawCase(jwk: Jwk, algorithm: AnyAlgorithm, { msg = '', sig = '', result }: Test): string | null {
  const imported = importKey(jwk, algorithm);
  if (!imported.ok) return WEAK.test(imported.why) ? null : compare(false, result, imported.why);
  const accepted = imported.key.verifies(Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex'));
  return compare(accepted, result, 'the signature');
}

function casesOf(file: string, group: Group): Case[] {
  const name = (test: Test) => `${file.replace(/(_test)?\.json$/, '')}/${test.tcId}`;
  // Encrypted tokens stand in some of these files: they are refused as such, and no case here.
  if (TOKEN_GROUPS.has(group.type))
    return group.tests
      .filter(({ jws }) => jws !== undefined)
      .map((test) => ({ id: name(test), run: () => tokenCase(group, test) }));
  const jwk = publicJwk(group);
  const algorithm = jwk === null ? null : rawAlgorithm(group, jwk);
  if (jwk === null || algorithm === null) return [];
  return group.tests.map((test) => ({ id: name(test), run: () => rawCase(jwk, algorithm, test) }));
}

export const suite: Suite = {
  name: 'token',
  proves: 'tokens and signatures of Wycheproof are accepted and refused as it says',
  vectors: ['jwt/json_web_signature_test.json'],
  load: async (vectors) => {
    const folder = join(vectors, 'jwt');
    const cases: Case[] = [];
    for (const file of (await readdir(folder)).filter((one) => one.endsWith('_test.json')).sort()) {
      const { testGroups } = fileSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
      for (const group of testGroups) cases.push(...casesOf(file, group));
    }
    return cases;
  },
};
