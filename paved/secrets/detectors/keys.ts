/** Private keys in every wrapping, and tokens that carry their own signature. */
import { base58Check, bech32 } from '../checksum.ts';
import type { Detector } from '../detector.ts';
import { entropy } from '../entropy.ts';

/** A header of JSON that names an algorithm or a type: what makes three base64url parts a JSON Web Token. */
function hasTokenHeader(secret: string): boolean {
  const header = Buffer.from(secret.slice(0, secret.indexOf('.')), 'base64url').toString('latin1');
  return header.startsWith('{"') && /"?(?:alg|typ|kid|enc)"/.test(header);
}

/** Enough of a key to be one: not dots, stars or a short sample. */
function isKeyBody(pem: string): boolean {
  const body = pem
    .replaceAll(/-----[^-]*-----/g, '')
    .replaceAll(/\\[nr]|(?:Proc-Type|DEK-Info|Comment|Version|Hash|PuTTY[\w-]*|Encryption)\s?:[^\n\\]*/g, '')
    .replaceAll(/[^A-Za-z0-9+/=]/g, '');
  return body.length >= 40 && new Set(body).size >= 12;
}

export const KEYS: readonly Detector[] = [
  {
    id: 'private-key',
    title: 'Private key in PEM',
    keywords: ['-----begin'],
    pattern:
      '-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?s:.{8,}?)-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----',
    reach: 24_000,
    confidence: 'high',
    edges: 'none',
    accept: isKeyBody,
  },
  {
    id: 'private-key-cut',
    title: 'Private key in PEM, without its end',
    keywords: ['private key-----', 'private key block-----'],
    pattern:
      '(-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[\\s"\'+,\\\\nr]{1,12}[A-Za-z0-9+/=:, -]{20,80})+)',
    before: 40,
    reach: 4_000,
    confidence: 'medium',
    edges: 'none',
    accept: isKeyBody,
  },
  {
    id: 'encoded-private-key',
    title: 'Private key in PEM, encoded in base64',
    keywords: ['ls0tls1crudjti'],
    pattern: 'LS0tLS1CRUdJTi[A-Za-z0-9+/]{60,}={0,2}',
    reach: 20_100,
    confidence: 'high',
    accept: (secret) =>
      /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(Buffer.from(secret.slice(0, 120), 'base64').toString('latin1')),
  },
  {
    id: 'putty-key',
    title: 'PuTTY private key',
    keywords: ['private-lines:'],
    pattern: 'Private-Lines: \\d{1,3}\\r?\\n([A-Za-z0-9+/=\\r\\n]{40,})',
    reach: 4_100,
    confidence: 'high',
    edges: 'none',
  },
  {
    id: 'json-web-key',
    title: 'Private JSON Web Key',
    keywords: ['"kty"'],
    pattern: '"d"\\s*:\\s*"([A-Za-z0-9_-]{32,})"',
    before: 3_000,
    reach: 3_000,
    confidence: 'high',
  },
  {
    id: 'age-key',
    title: 'age identity',
    keywords: ['age-secret-key-'],
    pattern: 'AGE-SECRET-KEY-1[0-9A-Z]{50,58}',
    confidence: 'high',
    checksum: bech32,
  },
  {
    id: 'nostr-key',
    title: 'Nostr secret key',
    keywords: ['nsec1'],
    pattern: 'nsec1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58}',
    confidence: 'high',
    checksum: bech32,
  },
  {
    id: 'wallet-extended-key',
    title: 'Extended private key of a wallet',
    keywords: ['xprv', 'yprv', 'zprv', 'tprv'],
    pattern: '[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107}',
    confidence: 'high',
    checksum: base58Check,
  },
  {
    id: 'wallet-private-key',
    title: 'Private key of a wallet in hexadecimal',
    keywords: [
      '0x0',
      '0x1',
      '0x2',
      '0x3',
      '0x4',
      '0x5',
      '0x6',
      '0x7',
      '0x8',
      '0x9',
      '0xa',
      '0xb',
      '0xc',
      '0xd',
      '0xe',
      '0xf',
    ],
    pattern: '(?i:key|priv|secret|wallet|sign|forgot|here|account)[^\\n]{0,40}?(0x[a-fA-F0-9]{64})',
    before: 60,
    confidence: 'medium',
    entropy: 3,
  },
  {
    id: 'wireguard-key',
    title: 'WireGuard private or preshared key',
    keywords: ['privatekey', 'presharedkey'],
    pattern: '(?:PrivateKey|PresharedKey)\\s{0,3}=\\s{0,3}([A-Za-z0-9+/]{43}=)',
    confidence: 'high',
  },
  {
    id: 'json-web-token',
    title: 'JSON Web Token',
    keywords: ['eyj', 'eya', 'eyi', 'ewo', 'ewk'],
    pattern: 'e[yw][A-Za-z0-9_-]{14,}\\.e[yw][A-Za-z0-9_-]{14,}\\.[A-Za-z0-9_-]{20,}',
    reach: 9_500,
    confidence: 'medium',
    accept: hasTokenHeader,
  },
  {
    id: 'signed-token',
    title: 'Signed token of a form of its own',
    keywords: [
      'eya',
      'eyb',
      'eyc',
      'eyd',
      'eye',
      'eyf',
      'eyg',
      'eyh',
      'eyi',
      'eyj',
      'eyk',
      'eyl',
      'eym',
      'eyn',
      'eyo',
      'eyp',
      'eyq',
      'eyr',
      'eyt',
      'eys',
    ],
    pattern: 'ey[A-Za-z0-9_-]{30,}\\.[A-Za-z0-9_-]{80,}\\.[A-Za-z0-9_-]{30,}',
    reach: 4_000,
    confidence: 'medium',
    entropy: 4.5,
    accept: (secret) => entropy(secret) > 4.8,
  },
];
