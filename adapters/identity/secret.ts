/** Secrets that are handed out: 256 bits of randomness, of which only the digest is kept. */
import { createHash } from 'node:crypto';

/** So many random bytes, of a cryptographic source. */
export type Random = (bytes: number) => Buffer;

const SECRET_BYTES = 32;
/** What `newSecret` gives: 43 characters of base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

export const newSecret = (random: Random): string => random(SECRET_BYTES).toString('base64url');
export const isSecret = (text: string): boolean => SECRET.test(text);

/**
 * SHA-256 in hex. A slow hash is for what people choose; 256 random bits cannot be guessed however fast one tries. Looking a
 * digest up in an index takes a time that tells something of digests, from which nobody gets back to a secret.
 */
export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Another secret made of one, for a purpose: who knows the one knows the other, and nobody gets back. 43 characters. */
export const derived = (secret: string, purpose: string): string =>
  createHash('sha256').update(`macadam ${purpose}\n${secret}`).digest('base64url');
