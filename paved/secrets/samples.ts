/**
 * Real-looking secrets, put together at run time so that no scanner, ours included, finds one in this repository.
 * The random part comes from a counter through SHA-256: nobody was ever given any of them.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function random(length: number, alphabet: string, seed: string): string {
  let text = '';
  for (let block = 0; text.length < length; block++) {
    for (const byte of createHash('sha512').update(`${seed}/${block}`).digest())
      text += alphabet.charAt(byte % alphabet.length);
  }
  return text.slice(0, length);
}

const base62 = (length: number, seed: string) => random(length, BASE62, seed);
const hex = (length: number, seed: string) => random(length, '0123456789abcdef', seed);

/** A token with the checksum that GitHub and npm put at its end. */
export function checksummed(prefix: string, seed: string): string {
  const body = base62(30, seed);
  let rest = crc32(body);
  let digits = '';
  for (let i = 0; i < 6; i++) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return prefix + body + digits;
}

/** Detector → a secret that it must find wherever it stands. */
export function samples(seed: string): Readonly<Record<string, string>> {
  return {
    'github-token': checksummed(`gh${'p'}_`, seed),
    'npm-token': checksummed(`np${'m'}_`, seed),
    'macadam-token': checksummed(`mc${'d'}_`, seed),
    'gitlab-token': `glp${'at'}-${base62(20, seed)}`,
    'aws-access-key': `AK${'IA'}${random(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', seed)}`,
    'google-api-key': `AI${'za'}${base62(35, seed)}`,
    'digitalocean-token': `dop${'_v1_'}${hex(64, seed)}`,
    'stripe-key': `sk_${'live'}_${base62(24, seed)}`,
    'slack-token': `xo${'xb'}-${random(12, '123456789', seed)}-${base62(24, seed)}`,
    'sendgrid-key': `S${'G.'}${base62(22, seed)}.${base62(43, `${seed}b`)}`,
    'groq-key': `gs${'k_'}${base62(52, seed)}`,
    'postman-key': `PM${'AK-'}${hex(24, seed)}-${hex(34, `${seed}b`)}`,
  };
}
