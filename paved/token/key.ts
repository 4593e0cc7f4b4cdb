/** A public key with the one algorithm that it may be used for. */
import {
  createHash,
  createHmac,
  createPublicKey,
  createVerify,
  type Hmac,
  type KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { type Algorithm, type AlgorithmProfile, PROFILES, type SharedSecretAlgorithm } from './algorithms.ts';
import { decodeBase64url } from './base64url.ts';

/** A JSON Web Key as it stands in a key set (RFC 7517); what is not used here is left alone. */
export interface Jwk {
  readonly kty?: unknown;
  readonly kid?: unknown;
  readonly alg?: unknown;
  readonly use?: unknown;
  readonly key_ops?: unknown;
  readonly [member: string]: unknown;
}

export interface VerificationKey {
  readonly id: string | undefined;
  readonly algorithm: Algorithm | SharedSecretAlgorithm;
  /** Whether `signature` is this key's over `data`; false for anything else, it never throws. */
  readonly verifies: (data: Buffer, signature: Buffer) => boolean;
}

/** A key, or why this JWK is none for that algorithm. */
export type ImportedKey =
  | { readonly ok: true; readonly key: VerificationKey }
  | { readonly ok: false; readonly why: string };

const MODULUS_BITS = { least: 2048, most: 8192 };
const LEAST_EXPONENT = 65_537n;
/** Beyond 32 bits no key has an exponent, and verifying becomes slow at the will of whoever made it. */
const MOST_EXPONENT = 2n ** 32n;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv'];
const FIELD_BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66, Ed25519: 32 };
const FIELD_PRIME = 2n ** 255n - 19n;
/** y coordinates of the points of Ed25519 whose order divides 8: under such a key one signature fits any text. */
const SMALL_ORDER = new Set([
  0n,
  1n,
  FIELD_PRIME - 1n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
]);

function isSmallOrder(encoded: Buffer): boolean {
  const littleEndian = Buffer.from(encoded).reverse();
  littleEndian[0] = (littleEndian[0] ?? 0) & 0x7f;
  return SMALL_ORDER.has(BigInt(`0x${littleEndian.toString('hex')}`) % FIELD_PRIME);
}

/** Why a JWK says itself that it is not for verifying by `algorithm`, or null. */
function usageFault(jwk: Jwk, algorithm: string): string | null {
  // A bundle of SPIFFE says jwt-svid of the keys that sign tokens, and x509-svid of those that do not.
  if (jwk.use !== undefined && jwk.use !== 'sig' && jwk.use !== 'jwt-svid') return `its use is not sig`;
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify')))
    return 'its key_ops do not list verify';
  // RFC 9864 gave Ed25519 a name of its own; a key that carries the older one is the same key.
  const same = new Set([jwk.alg, algorithm]).isSubsetOf(new Set(['EdDSA', 'Ed25519']));
  if (jwk.alg !== undefined && jwk.alg !== algorithm && !same) return `its alg is not ${algorithm}`;
  if (jwk.kty !== 'oct' && PRIVATE_MEMBERS.some((member) => jwk[member] !== undefined))
    return 'it holds the private part: whoever reads this set can sign';
  return null;
}

/** The coordinates of a curve must have the length of its field: what is shorter was put together by hand. */
function coordinateFault(jwk: Jwk, curve: keyof typeof FIELD_BYTES): string | null {
  for (const member of curve === 'Ed25519' ? ['x'] : ['x', 'y']) {
    const text = jwk[member];
    const bytes = typeof text === 'string' ? decodeBase64url(text) : null;
    if (bytes?.length !== FIELD_BYTES[curve]) return `its ${member} is not ${FIELD_BYTES[curve]} bytes`;
    if (curve === 'Ed25519' && isSmallOrder(bytes)) return 'it is a point of small order';
  }
  return null;
}

function rsaFault(key: KeyObject, { n }: Jwk): string | null {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < MODULUS_BITS.least || modulusLength > MODULUS_BITS.most)
    return `its modulus has ${modulusLength} bits, not ${MODULUS_BITS.least} to ${MODULUS_BITS.most}`;
  const fits = publicExponent >= LEAST_EXPONENT && publicExponent <= MOST_EXPONENT;
  if (!fits || publicExponent % 2n === 0n) return 'its exponent is even, or not of 65537 to 2^32';
  const modulus = BigInt(`0x${Buffer.from(String(n), 'base64url').toString('hex')}`);
  return isFactorable(modulus) ? 'its modulus can be factored (CVE-2017-15361)' : null;
}

/** Moduli of the library that Infineon's chips used until 2017 are powers of 65537 by these primes; of other keys one in 2^27 is. */
const ROCA_PRIMES = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/** Whether the key has the mark of CVE-2017-15361: from its public part anybody can compute the private one. */
function isFactorable(modulus: bigint): boolean {
  return ROCA_PRIMES.every((prime) => {
    const rest = Number(modulus % BigInt(prime));
    let power = 1;
    do {
      if (power === rest) return true;
      power = (power * 65_537) % prime;
    } while (power !== 1);
    return false;
  });
}

function isZero(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** r and s of equal length, each without the zeros before it, as the two integers of DER. */
function toDer(signature: Buffer): Buffer {
  const half = signature.length / 2;
  let r = 0;
  while (r < half - 1 && signature[r] === 0) r++;
  let s = half;
  while (s < 2 * half - 1 && signature[s] === 0) s++;
  // An integer whose first bit is set would be negative.
  const rSign = (signature[r] ?? 0) > 127 ? 1 : 0;
  const sSign = (signature[s] ?? 0) > 127 ? 1 : 0;
  const rLength = half - r + rSign;
  const sLength = 2 * half - s + sSign;
  const content = 4 + rLength + sLength;
  const long = content > 127 ? 1 : 0;
  const der = Buffer.allocUnsafe(2 + long + content);
  der[0] = 0x30;
  if (long === 1) der[1] = 0x81;
  let at = 1 + long;
  der[at++] = content;
  der[at++] = 2;
  der[at++] = rLength;
  if (rSign === 1) der[at++] = 0;
  while (r < half) der[at++] = signature[r++] ?? 0;
  der[at++] = 2;
  der[at++] = sLength;
  if (sSign === 1) der[at++] = 0;
  while (s < 2 * half) der[at++] = signature[s++] ?? 0;
  return der;
}

function signatureCheck(key: KeyObject, profile: AlgorithmProfile): VerificationKey['verifies'] {
  const { hash, padding, saltLength } = profile;
  const bytes = profile.signatureBytes ?? Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  const isCurve = profile.keyType === 'EC';
  // Node takes a bare key much faster than one with options, so a signature of a curve is brought into the form that needs none.
  const how = saltLength === undefined ? key : { key, padding, saltLength };
  return (data, signature) => {
    if (signature.length !== bytes) return false;
    // r or s of zero verifies any text in a library that forgets to look.
    if (isCurve && (isZero(signature, 0, bytes / 2) || isZero(signature, bytes / 2, bytes))) return false;
    try {
      if (hash === null) return verify(null, data, how, signature);
      // Takes half a microsecond less than `verify` does for the same.
      return createVerify(hash)
        .update(data)
        .verify(how, isCurve ? toDer(signature) : signature);
    } catch {
      return false;
    }
  };
}

function mac(hash: AlgorithmProfile['hash'], secret: Buffer): Hmac {
  if (hash === 'sha256') return createHmac('sha256', secret);
  return hash === 'sha384' ? createHmac('sha384', secret) : createHmac('sha512', secret);
}

function importSecret(jwk: Jwk, profile: AlgorithmProfile): VerificationKey['verifies'] | string {
  const secret = typeof jwk.k === 'string' ? decodeBase64url(jwk.k) : null;
  const least = profile.signatureBytes ?? 64;
  if (secret === null || secret.length < least) return `its k is not base64url of ${least} bytes or more`;
  return (data, signature) => {
    const expected = mac(profile.hash, secret).update(data).digest();
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  };
}

/**
 * The key of a JWK for one algorithm, which the caller chooses by configuration. It is refused where it says itself that it is for something
 * else, is weak (RSA under 2048 bits, a small exponent, a modulus that can be factored, a point of small order), or holds its private part.
 */
export function importKey(jwk: Jwk, algorithm: Algorithm | SharedSecretAlgorithm): ImportedKey {
  const no = (why: string): ImportedKey => ({ ok: false, why });
  if (!Object.hasOwn(PROFILES, algorithm)) return no(`${algorithm} is no algorithm that is known here`);
  const profile = PROFILES[algorithm];
  if (jwk.kty !== profile.keyType) return no(`its kty is not ${profile.keyType}`);
  if (jwk.kid !== undefined && typeof jwk.kid !== 'string') return no('its kid is not text');
  const usage = usageFault(jwk, algorithm);
  if (usage !== null) return no(usage);
  if (profile.keyType === 'oct') {
    const verifies = importSecret(jwk, profile);
    return typeof verifies === 'string'
      ? no(verifies)
      : { ok: true, key: { id: jwk.kid, algorithm, verifies } };
  }
  if (profile.curve !== undefined) {
    if (jwk.crv !== profile.curve) return no(`its crv is not ${profile.curve}`);
    const coordinate = coordinateFault(jwk, profile.curve);
    if (coordinate !== null) return no(coordinate);
  }
  let key: KeyObject;
  try {
    key = createPublicKey({ key: { ...jwk, kty: profile.keyType }, format: 'jwk' });
  } catch {
    return no('it is no point of its curve, or no key at all');
  }
  const weakness = profile.keyType === 'RSA' ? rsaFault(key, jwk) : null;
  if (weakness !== null) return no(weakness);
  return { ok: true, key: { id: jwk.kid, algorithm, verifies: signatureCheck(key, profile) } };
}

/** SHA-256 thumbprint of a public JWK (RFC 7638), in base64url; null when a member that it takes is missing. */
export function jwkThumbprint(jwk: Jwk): string | null {
  const members = { EC: ['crv', 'kty', 'x', 'y'], RSA: ['e', 'kty', 'n'], OKP: ['crv', 'kty', 'x'] };
  const names = members[jwk.kty as keyof typeof members];
  if (names === undefined || names.some((name) => typeof jwk[name] !== 'string')) return null;
  const canonical = JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]])));
  return createHash('sha256').update(canonical).digest('base64url');
}
