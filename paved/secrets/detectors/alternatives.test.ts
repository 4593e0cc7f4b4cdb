/** Every branch of every pattern finds something: a dead one looks like a detector and is none. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import { patternSamples } from '@macadam/testing/secrets/pattern-samples';
import type { PatternDetector } from '../detector.ts';
import { findSecrets } from '../index.ts';
import { random } from '../samples.ts';
import { DETECTORS } from './all.ts';

/** A small generator with a seed (Mulberry32), so that a failure comes again. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const patterns = DETECTORS.filter((detector): detector is PatternDetector => 'pattern' in detector);

/** What a machine makes by rules that no pattern says: detector → a text that holds one, and the secret in it. */
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const pair = base64(`robot:${random(18, 'abcdefghijkmnopqrstuvwxyz23456789', 'pair')}`);
const pem = (label: string): string => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const body = key.export({ type: 'pkcs8', format: 'pem' }).toString().split('\n').slice(1, -2).join('\n');
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`;
};
const token = (header: object): string =>
  [header, { sub: 'u-81', aud: 'ledger' }].map((part) => base64url(JSON.stringify(part))).join('.');
const base64url = (text: string): string => Buffer.from(text).toString('base64url');
const MADE: Readonly<Record<string, readonly string[]>> = {
  'docker-config-auth': [`{"auth": "${pair}"}`],
  'basic-header': [`Authorization: Basic ${pair}`],
  'kubernetes-secret': [
    `kind: Secret\ndata:\n  token: ${base64(random(24, 'abcdefghkmnpqrstuvwxyz23456789', 'k8s'))}\n`,
    `kind: Secret\nstringData:\n  note: x\n  api-key: "${random(24, 'abcdefghkmnpqrstuvwxyz23456789', 'k8s')}"\n`,
  ],
  'private-key': ['PRIVATE KEY', 'EC PRIVATE KEY', 'PRIVATE KEY BLOCK'].map(pem),
  'private-key-cut': [pem('PRIVATE KEY').split('\n').slice(0, -1).join('\n')],
  'encoded-private-key': [base64(pem('PRIVATE KEY'))],
  'kubernetes-secret-data': [
    `kind: Secret\ndata:\n  note: ${base64(random(24, 'abcdefghkmnpqrstuvwxyz23456789', 'k8s'))}\n`,
  ],
  'encoded-json-web-token': [
    base64(
      `${token({ alg: 'RS256' })}.${random(86, 'ABCDEFGHJKMNPQRSTabcdefghkmnpqrst2345678', 'signature')}`,
    ),
  ],
  'json-web-key': [`{"kty":"EC","d":"${base64url(random(32, 'abcdefghijklmnop', 'd'))}"}`],
  'json-web-token': [
    `${token({ alg: 'RS256' })}.${random(86, 'ABCDEFGHJKMNPQRSTabcdefghkmnpqrst2345678', 'signature')}`,
  ],
};

/** Detectors whose keyword stands beside the secret and not in what the pattern reads. */
const BESIDE = new Set(['discord-bot-token']);

test('every branch of every pattern is found', () => {
  const dead: string[] = [];
  for (const detector of patterns) {
    if (Object.hasOwn(MADE, detector.id)) continue;
    const next = numbers(7);
    const found = new Set<number>();
    let count = Number.POSITIVE_INFINITY;
    // A random text may fail a rule of the detector by chance; ten in a row do not.
    for (let round = 0; round < 10 && found.size < count; round++) {
      const samples = patternSamples(detector.pattern, next);
      count = samples.length;
      for (const { text, secret, branch } of samples) {
        if (found.has(branch)) continue;
        const holds = detector.keywords.some((keyword) => text.toLowerCase().includes(keyword));
        const beside = BESIDE.has(detector.id) && !holds;
        const texts = beside
          ? detector.keywords.map((keyword) => `\n ${keyword} ${text} \n`)
          : [`\n ${text} \n`];
        const matches = texts.flatMap((one) => findSecrets(one, { detectors: [detector], reveal: true }));
        if (matches.some((match) => match.secret === secret)) found.add(branch);
      }
    }
    for (let branch = 0; branch < count; branch++)
      if (!found.has(branch)) dead.push(`${detector.id} ${branch}`);
  }
  assert.deepEqual(dead, []);
});

test('every form that no pattern can make up is found', () => {
  for (const [id, texts] of Object.entries(MADE)) {
    for (const text of texts) {
      const detectors = DETECTORS.filter((detector) => detector.id === id);
      assert.equal(
        findSecrets(text, { detectors })[0]?.detector,
        id,
        `${id} in a text of ${text.length} characters`,
      );
    }
  }
});
