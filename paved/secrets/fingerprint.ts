import { createHash, createHmac } from 'node:crypto';

/**
 * The same secret found by the same detector keeps its fingerprint wherever it moves. 128 bits of SHA-256, or of
 * HMAC-SHA-256 when a key is given: without one, whoever holds a fingerprint can test guesses of a weak password.
 */
export function fingerprint(detector: string, secret: string, key?: string): string {
  const hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  return hash.update(`${detector}\0${secret}`).digest('hex').slice(0, 32);
}
