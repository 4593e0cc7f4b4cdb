import { crypto } from './late.ts';

/**
 * The same secret keeps its fingerprint wherever it stands and whichever detector sees it. 128 bits of SHA-256, or of
 * HMAC-SHA-256 when a key is given: without one, whoever holds a fingerprint can test guesses of a weak password.
 */
export function fingerprint(secret: string, key?: string): string {
  const { createHash, createHmac } = crypto();
  const hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  return hash.update(`secret\0${secret}`).digest('hex').slice(0, 32);
}
