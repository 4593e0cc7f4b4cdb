/**
 * Token validation against Wycheproof: every group of signed tokens in the folder, every raw signature that has a place in a token (fixed-length
 * ECDSA, Ed25519, RSA), and every other one, which no algorithm of a token may take. A token of the set carries any bytes, so it is verified below the claims; the
 * claims are held in paved/token.
 */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PROFILES } from '../../paved/token/algorithms.ts';
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
// The schemas of the set ask for hardly any member, so a file that nobody here has seen may lack those that all files here have.
const groupSchema = z.object({
  type: z.string().optional(),
  comment: z.string().optional(),
  public: jwkSchema.optional(),
  private: jwkSchema.optional(),
  publicKeyDer: z.string().optional(),
  publicKeyPem: z.string().optional(),
  publicKeyJwk: jwkSchema.optional(),
  // As groups of generated signatures, and releases of the set before version 1, name them.
  keyDer: z.string().optional(),
  keyPem: z.string().optional(),
  keyJwk: jwkSchema.optional(),
  jwk: jwkSchema.optional(),
  sha: z.string().optional(),
  mgf: z.string().optional(),
  mgfSha: z.string().optional(),
  sLen: z.number().optional(),
  tests: z
    .array(
      z.object({
        tcId: z.number().optional(),
        comment: z.string().optional(),
        /** What says nothing is held to nothing but to be read. */
        result: z.enum(['valid', 'invalid', 'acceptable']).default('acceptable'),
        flags: z.array(z.string()).default([]),
        /** An object where the case is the JSON serialisation. */
        jws: z.unknown().optional(),
        /** An encrypted token. */
        jwe: z.unknown().optional(),
        msg: z.string().optional(),
        sig: z.string().optional(),
      }),
    )
    .default([]),
});
const fileSchema = z.object({ schema: z.string().default(''), testGroups: z.array(groupSchema) });
type Group = z.infer<typeof groupSchema>;
type Test = Group['tests'][number];

/**
 * What is right where the set contradicts itself or the standard, else what it says. By rules and not by numbers, so that groups which nobody here has seen are
 * judged alike. A key that names an algorithm is for no other (RFC 7517 §4.4), a token has letters of base64url alone, and of two cases with one key and one
 * token, both must come out alike.
 */
function rightOf({ tests }: Group, { jws, result }: Test, jwk: Jwk): Test['result'] {
  const token = String(jws);
  if (!/^[\w.-]*$/.test(token)) return 'invalid';
  if (jwk.alg !== undefined && result === 'valid' && jwk.alg !== headerOf(token).alg) return 'invalid';
  const isValidElsewhere = tests.some((other) => other.jws === jws && other.result === 'valid');
  return isValidElsewhere ? 'valid' : result;
}

function headerOf(token: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString());
  } catch {
    return {};
  }
}

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
  const { kid } = headerOf(jws);
  const own = keys.filter((key) => key.kid === kid);
  const isMixed = new Set(keys.map(({ kty }) => kty === 'oct')).size > 1;
  return own.length === 1 && !isMixed ? (own[0] ?? {}) : {};
}

const anyKey = importKey({ ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) }, 'EdDSA');

/** What is no signed token of three parts is refused for that, whoever made it: encrypted ones, and the serialisations in JSON. */
function unsupportedCase(token: unknown): string | null {
  if (!anyKey.ok) return anyKey.why;
  const result = verifyJws(token as string, anyKey.key);
  if (result.ok) return 'we accept it';
  const isCompact = typeof token === 'string' && token.split('.').length === 5;
  return !isCompact || result.reason === 'encrypted' ? null : `we refuse it as ${result.reason}`;
}

function tokenCase(group: Group, test: Test): string | null {
  const { jws } = test;
  if (typeof jws !== 'string') return unsupportedCase(jws);
  const given = group.public ?? group.private ?? {};
  const jwk = publicPart(Array.isArray(given.keys) ? keyOfSet(given.keys, jws) : given);
  const right = rightOf(group, test, jwk);
  const imported = importKey(jwk, configured(jwk));
  if (!imported.ok) return compare(false, right, imported.why);
  const verified = verifyJws(jws, imported.key);
  return compare(verified.ok, right, verified.ok ? '' : verified.detail);
}

/** What the signatures of a group are: by its own word, else by the schema of its file. */
const formOf = ({ type }: Group, schema: string) => (type ?? schema).replaceAll('_', '');

/** The algorithm whose signatures a group of raw ones holds, or null: no token has such a signature. */
function rawAlgorithm(form: string, { sha, mgfSha, sLen, mgf }: Group, jwk: Jwk): AnyAlgorithm | null {
  if (/^EcdsaP1363/i.test(form)) {
    const algorithm = OF_CURVE[String(jwk.crv)];
    return algorithm !== undefined && `SHA-${algorithm.slice(2)}` === sha ? algorithm : null;
  }
  if (/^Eddsa/i.test(form)) return jwk.crv === 'Ed25519' ? 'EdDSA' : null;
  const rsa = OF_RSA[sha ?? ''];
  if (rsa === undefined) return null;
  if (/^RsassaPkcs1(Verify|Generate)/i.test(form)) return rsa[0];
  const isPss = /^RsassaPssVerify/i.test(form) && mgf === 'MGF1' && mgfSha === sha && sLen === rsa[2];
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
    const given = group.publicKeyJwk ?? group.keyJwk ?? group.jwk;
    return given === undefined ? null : publicPart(given);
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

/**
 * A signature of a form, a curve or a hash that no token has: no algorithm takes it, whatever the set says of it. But for what is wrong as DER because it is written as in a
 * token: that is right in a token.
 */
function foreignCase(form: string, jwk: Jwk, { msg = '', sig = '', result }: Test): string | null {
  if (/^Ecdsa(Bitcoin)?Verify/i.test(form) && result === 'invalid') return null;
  for (const algorithm of Object.keys(PROFILES) as AnyAlgorithm[]) {
    const imported = importKey(jwk, algorithm);
    if (imported.ok && imported.key.verifies(Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex')))
      return `we accept it as ${algorithm}`;
  }
  return null;
}

const outputSchema = z.object({
  compact: z.string().optional(),
  json: z.unknown(),
  json_flat: z.unknown(),
});
const cookbookSchema = z.object({
  jws: z.array(
    z.object({
      title: z.string(),
      input: z.object({ payload: z.unknown(), key: jwkSchema, alg: z.string() }),
      output: outputSchema,
    }),
  ),
  jwe: z.array(z.object({ title: z.string(), output: outputSchema })),
});

/** The examples of RFC 7520 and its successors. An algorithm that is not known here is refused at the key, with its name. */
function cookbookCase(
  token: string,
  { payload, key, alg }: { readonly payload?: unknown; readonly key: Jwk; readonly alg: string },
): string | null {
  const imported = importKey(publicPart(key), alg as AnyAlgorithm);
  if (!imported.ok) return imported.why.includes(alg) ? null : `we refuse its key: ${imported.why}`;
  const verified = verifyJws(token, imported.key);
  if (!verified.ok) return `we refuse it: ${verified.detail}`;
  return verified.payload.toString() === payload ? null : 'we read another payload';
}

function cookbookCases(material: unknown): Case[] {
  const { jws, jwe } = cookbookSchema.parse(material);
  const name = (title: string) => title.replace(/^https?:\/\/\S+\/info\//, '');
  const inJson = [...jws, ...jwe].flatMap(({ title, output: { json, json_flat } }) => [
    { id: `${name(title)}: in JSON`, run: () => unsupportedCase(JSON.stringify(json)) },
    { id: `${name(title)}: in flat JSON`, run: () => unsupportedCase(JSON.stringify(json_flat)) },
  ]);
  const signed = jws.flatMap(({ title, input, output: { compact } }) =>
    compact === undefined ? [] : [{ id: name(title), run: () => cookbookCase(compact, input) }],
  );
  const encrypted = jwe.flatMap(({ title, output: { compact } }) =>
    compact === undefined ? [] : [{ id: name(title), run: () => unsupportedCase(compact) }],
  );
  return [...signed, ...encrypted, ...inJson];
}

function casesOf(file: string, schema: string, group: Group, place: number): Case[] {
  const of = (test: Test, index: number, run: Case['run']): Case => ({
    id: `${file.replace(/(_test)?\.json$/, '')}/${test.tcId ?? `group ${place}, ${index}`}`,
    run,
  });
  if (group.tests.some(({ jws, jwe }) => jws !== undefined || jwe !== undefined))
    return group.tests.map((test, index) =>
      of(test, index, () => (test.jws === undefined ? unsupportedCase(test.jwe) : tokenCase(group, test))),
    );
  const jwk = publicJwk(group);
  if (jwk === null) return [];
  const form = formOf(group, schema);
  const algorithm = rawAlgorithm(form, group, jwk);
  return group.tests
    .filter(({ sig }) => sig !== undefined)
    .map((test, index) =>
      of(test, index, () =>
        algorithm === null ? foreignCase(form, jwk, test) : rawCase(jwk, algorithm, test),
      ),
    );
}

export const suite: Suite = {
  name: 'token',
  proves: 'tokens and signatures of Wycheproof are accepted and refused as it says',
  vectors: ['jwt/json_web_signature_test.json'],
  load: async (vectors) => {
    const folder = join(vectors, 'jwt');
    const cases: Case[] = [];
    for (const file of (await readdir(folder)).filter((one) => one.endsWith('.json')).sort()) {
      const material = JSON.parse(await readFile(join(folder, file), 'utf8'));
      if (Array.isArray(material.testGroups)) {
        const { schema, testGroups } = fileSchema.parse(material);
        for (const [place, group] of testGroups.entries()) cases.push(...casesOf(file, schema, group, place));
      } else if (/cookbook/.test(file)) cases.push(...cookbookCases(material));
    }
    return cases;
  },
};
