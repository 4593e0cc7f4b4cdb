/** What keys and tokens say by their own structure: whether they are whole, locked, examples, and until when they are good. */

import type { Confidence } from './detector.ts';
import { crypto } from './late.ts';

/** Everything between the markers of a PEM that is no header, escape or quote: the same however the lines are written. */
export function keyBody(pem: string): string {
  return pem
    .replaceAll(/-----[^-]*-----/g, '')
    .replaceAll(/["'`]\s*[+.]\s*["'`]?/g, '')
    .replaceAll(/^[ \t]*(?:\*|#|\/\/+|;|>)[ \t]+/gm, '')
    .replaceAll(/(?:Proc-Type|DEK-Info|Comment|Version|Hash|Charset|PuTTY[\w-]*|Encryption)\s?:[^\n\\]*/g, '')
    .replaceAll(/\\[nrt]/g, '')
    .replaceAll(/[^A-Za-z0-9+/=]/g, '')
    .replace(/(?<!=)=+[A-Za-z0-9+/]{4}$/, '')
    .replace(/(?<!=)=+$/, '');
}

/** A key that is locked with a passphrase. */
const LOCKED = /ENCRYPTED|bcrypt|aes256-ctr/;

/**
 * How sure it is that a text in PEM is a private key: `high` when its structure is whole, `medium` when a passphrase
 * locks it, `low` when it is cut or made up, null when it is no key at all (code that takes keys apart, a sample in dots).
 */
export function judgePrivateKey(pem: string): Confidence | null {
  const kind = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----/.exec(pem)?.[1];
  if (kind === undefined) return null;
  const body = keyBody(pem);
  if (body.length < 40 || new Set(body).size < 12 || isMostlyCode(pem, body)) return null;
  const bytes = Buffer.from(body, 'base64');
  if (/Proc-Type:[^\n]*ENCRYPTED/.test(pem) || kind.includes('ENCRYPTED')) return 'medium';
  const start = bytes.toString('latin1', 0, 120);
  if (start.startsWith('openssh-key-v1\0')) return LOCKED.test(start) ? 'medium' : 'high';
  if (kind.includes('PGP')) return (bytes[0] ?? 0) >= 0x80 ? 'high' : 'low';
  return isWholeSequence(bytes) ? 'high' : 'low';
}

/** More between the markers than a key and what programs put around its lines. */
function isMostlyCode(pem: string, body: string): boolean {
  const inside = pem
    .replaceAll(/-----[^-]*-----|\\[nrt]/g, '')
    .replaceAll(/(?:Proc-Type|DEK-Info|Comment|Version|Hash|Charset)\s?:[^\n\\]*/g, '')
    .replaceAll(/[\s"'`+,;*#/\\|>.&=-]/g, '');
  return /[(){}[\]<$]/.test(inside) || body.length < inside.length * 0.8;
}

/** The outer sequence of a key in DER has the length that it says. */
function isWholeSequence(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30) return false;
  const first = bytes[1] ?? 0;
  if (first < 0x80) return bytes.length === first + 2;
  const size = first & 0x7f;
  if (size === 0 || size > 3 || bytes.length < 2 + size) return false;
  return bytes.length === 2 + size + bytes.readUIntBE(2, size);
}

/** Lengths in base64url of the private parts of keys: 32, 48, 56, 57, 66, 128, 192, 256, 384 and 512 bytes; RSA may lose a byte. */
export function isJsonWebKeyPart(value: string): boolean {
  const bytes = Buffer.from(value, 'base64url').length;
  return (
    [32, 48, 56, 57, 66].includes(bytes) ||
    [128, 192, 256, 384, 512].some((size) => size - bytes < 4 && size >= bytes)
  );
}

/** Secrets that documentation and tests sign tokens with: whoever reads this can make the same token. */
const STOCK_SECRETS = [
  'secret',
  'your-256-bit-secret',
  'your-384-bit-secret',
  'your-512-bit-secret',
  'a-string-secret-at-least-256-bits-long',
  'a-valid-string-secret-that-is-at-least-384-bits-long-which-is-very-long',
  'a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long',
  'a-secret',
  'mysecret',
  'my-secret',
  'my_secret',
  'secretkey',
  'secret-key',
  'secret_key',
  'password',
  'test',
  'testing',
  'test-secret',
  'shhhh',
  'shhhhh',
  'key',
  'changeme',
  'jwt-secret',
  'supersecret',
  'super-secret',
  'example_key',
  '',
];
/** The signature that a secret makes, by the algorithm that the token names. */
const SIGNED: Readonly<Record<string, (secret: string, signed: string) => string>> = {
  HS256: (secret, signed) => crypto().createHmac('sha256', secret).update(signed).digest('base64url'),
  HS384: (secret, signed) => crypto().createHmac('sha384', secret).update(signed).digest('base64url'),
  HS512: (secret, signed) => crypto().createHmac('sha512', secret).update(signed).digest('base64url'),
};

/**
 * How sure it is that a signed token opens something; null for one that cannot: unsigned, the example of jwt.io, signed
 * with a secret that everybody uses in examples, or given to every visitor by design.
 */
export function judgeJwt(token: string): Confidence | null {
  const [head = '', body = '', signature = ''] = token.split('.');
  const header = objectOf(head) ?? {};
  if (/^none$/i.test(String(header.alg))) return null;
  const claims = objectOf(body);
  // The payload of an encrypted or a foreign token is not JSON.
  if (claims === null) return 'low';
  if (claims.sub === '1234567890' || claims.role === 'anon') return null;
  const sign = SIGNED[String(header.alg)];
  if (sign && STOCK_SECRETS.some((secret) => sign(secret, `${head}.${body}`) === signature)) return null;
  const made = /example|localhost|test|fake|dummy|foo|hello|world/i;
  return made.test(JSON.stringify(claims)) ? 'low' : 'medium';
}

/** A header of JSON that names an algorithm or a type: what makes three base64url parts a JSON Web Token. */
export function hasTokenHeader(token: string): boolean {
  const header = objectOf(token.split('.')[0] ?? '');
  return header !== null && ('alg' in header || 'typ' in header || 'kid' in header || 'enc' in header);
}

/** Whether the first part of a token is JSON at all: a token that was cut to be shown has none. */
export function beginsWithJson(token: string): boolean {
  return objectOf(token.split('.')[0] ?? '') !== null;
}

/** Whether a text is a JSON Web Token without a signature of any length that signs. */
export function isUnsigned(token: string): boolean {
  const parts = token.split('.');
  return parts.length < 4 && (parts[2] ?? '').length < 20 && hasTokenHeader(token);
}

/** When the token ends, by its own claim. */
export function jwtExpiry(token: string): string | undefined {
  const end = objectOf(token.split('.')[1] ?? '')?.exp;
  if (typeof end !== 'number') return undefined;
  const time = new Date(end * 1_000);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** Of a token everything but padding. */
export function jwtValue(token: string): string {
  return token.replace(/(?<!=)=+$/, '');
}

function objectOf(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
