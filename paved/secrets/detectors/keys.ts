/** Private keys in every wrapping, and tokens that carry their own signature. */
import { base58Check, bech32 } from '../checksum.ts';
import type { Confidence, Detector } from '../detector.ts';
import { entropy } from '../entropy.ts';
import {
  hasTokenHeader,
  isJsonWebKeyPart,
  judgeJwt,
  judgePrivateKey,
  jwtExpiry,
  jwtValue,
  keyBody,
} from '../structure.ts';
import { wordsOf } from '../value.ts';

const MADE_UP = /^(?:fake|dummy|mock|mocked|bogus)$/;

/** Whether a name on the line on which a key begins calls it made up: it is believed less, as a name is no proof. */
const isNamedMadeUp = (before: string): boolean =>
  wordsOf(before.slice(before.lastIndexOf('\n') + 1).slice(-120)).some((word) => MADE_UP.test(word));

/** Whoever makes such a key makes its checksum, too: it says that the key is whole, and not that anything knows it. */
const wholeIf =
  (isWhole: (secret: string) => boolean) =>
  (secret: string): Confidence =>
    isWhole(secret) ? 'high' : 'low';

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
    assess: (pem, { before }) => {
      const judged = judgePrivateKey(pem);
      return judged === 'high' && isNamedMadeUp(before) ? 'medium' : judged;
    },
    canonical: keyBody,
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
    assess: (pem) => (judgePrivateKey(pem) === null ? null : 'medium'),
    canonical: keyBody,
  },
  {
    id: 'encoded-private-key',
    title: 'Private key in PEM, encoded in base64',
    keywords: ['ls0tls1crudjti'],
    pattern: 'LS0tLS1CRUdJTi[A-Za-z0-9+/]{60,}={0,2}',
    reach: 20_100,
    confidence: 'high',
    assess: (secret) => judgePrivateKey(Buffer.from(secret, 'base64').toString('latin1')),
    canonical: (secret) => keyBody(Buffer.from(secret, 'base64').toString('latin1')),
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
    keywords: ['kty'],
    pattern: '[{,\\s]\\\\?["\']?d\\\\?["\']?\\s*:\\s*\\\\?["\']([A-Za-z0-9_-]{32,})\\\\?["\']',
    before: 3_000,
    reach: 3_000,
    confidence: 'high',
    accept: isJsonWebKeyPart,
  },
  {
    id: 'age-key',
    title: 'age identity',
    keywords: ['age-secret-key-'],
    pattern: 'AGE-SECRET-KEY-1[0-9A-Z]{50,58}',
    confidence: 'high',
    assess: wholeIf(bech32),
  },
  {
    id: 'nostr-key',
    title: 'Nostr secret key',
    keywords: ['nsec1'],
    pattern: 'nsec1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58}',
    confidence: 'high',
    assess: wholeIf(bech32),
  },
  {
    id: 'wallet-extended-key',
    title: 'Extended private key of a wallet',
    keywords: ['xprv', 'yprv', 'zprv', 'tprv'],
    pattern: '[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107}',
    confidence: 'high',
    assess: wholeIf(base58Check),
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
    follows: /[a-fA-F0-9]{63}/y,
    pattern: '(?i:priv|secret|wallet|signer|deployer|key|forgot|here)[^\\n]{0,40}?(0x[a-fA-F0-9]{64})',
    before: 60,
    confidence: 'medium',
    entropy: 3,
    assess: (_, { before }) =>
      /priv|secret|wallet|signer|deployer/i.test(before.slice(-60)) ? 'medium' : 'low',
    canonical: (secret) => secret.slice(2).toLowerCase(),
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
    follows: /(?<!(?<!\\)[A-Za-z0-9][\s\S]{3})[A-Za-z0-9_-]{13,4000}\.e[yw]/y,
    pattern: 'e[yw][A-Za-z0-9_-]{14,}\\.e[yw][A-Za-z0-9_-]{14,}\\.[A-Za-z0-9_-]{20,}',
    reach: 9_500,
    confidence: 'medium',
    accept: hasTokenHeader,
    assess: judgeJwt,
    expiry: jwtExpiry,
    canonical: jwtValue,
  },
  {
    id: 'encoded-json-web-token',
    title: 'JSON Web Token, encoded once more in base64',
    keywords: ['zxlk'],
    pattern: 'ZXlK[A-Za-z0-9+/]{60,}={0,2}',
    reach: 9_500,
    confidence: 'medium',
    accept: (secret) => hasTokenHeader(Buffer.from(secret, 'base64').toString('latin1')),
    assess: (secret) => {
      const token = Buffer.from(secret, 'base64').toString('latin1');
      return token.split('.').length === 3 ? judgeJwt(token) : null;
    },
    expiry: (secret) => jwtExpiry(Buffer.from(secret, 'base64').toString('latin1')),
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
    follows: /(?<!(?<!\\)[A-Za-z0-9][\s\S]{3})[A-Za-z0-9_-]{29,600}\.[A-Za-z0-9_-]{40}/y,
    pattern: 'ey[A-Za-z0-9_-]{30,}\\.[A-Za-z0-9_-]{40,}\\.[A-Za-z0-9_-]{30,}',
    reach: 4_000,
    confidence: 'medium',
    entropy: 4.5,
    accept: (secret) => entropy(secret) > 4.8,
    assess: (secret) => (hasTokenHeader(secret) ? judgeJwt(secret) : 'medium'),
  },
];
