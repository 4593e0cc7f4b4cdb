/**
 * Rotations of a signer beside verifiers that keep key sets, whose clocks differ and that are restarted: in one process, by a clock of its own, with the code
 * of `@macadam/keys` and `@macadam/token` as services run it. What is asked: no valid token is refused, and no key is accepted past its grace.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  createSigner,
  type KeyStore,
  type Ledger,
  type Ring,
  type RotationPolicy,
  type Signer,
} from '../../paved/keys/index.ts';
import { createValidator, publishedKeys, type TokenValidator } from '../../paved/token/index.ts';
import { randomOf } from '../fuzz-api/value.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const ISSUER = 'https://login.example.com';
const AUDIENCE = 'https://api.example.com';
/** Of a token. */
const LIFE = 10 * MINUTE;
/** Of a verifier's clock, to either side. */
const SKEW = 30 * SECOND;
const REVOKED_WITHIN = 5 * MINUTE;
/** The job that rotates comes up to so late. */
const LATENESS = 20 * MINUTE;
const SOUND_POLICY: RotationPolicy = {
  publishFor: 12 * MINUTE,
  activeFor: 15 * MINUTE,
  acceptFor: LIFE + 2 * SKEW,
};

export interface RotationCounts {
  readonly rotations: number;
  /** Validations of tokens that held. */
  readonly checked: number;
  /** Those of them that were refused, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Validations of tokens that a retired or withdrawn key signed anew, past its grace. */
  readonly forged: number;
  /** Those of them that were accepted. */
  readonly late: number;
  readonly restarts: number;
  readonly withdrawn: number;
}

interface Scene {
  readonly signer: Signer;
  /** Private keys that the signer destroyed, as a thief may have them, by id. */
  readonly stolen: Map<string, KeyObject>;
  readonly forget: () => void;
}

function memoryStore(privateKeys: Map<string, KeyObject>): KeyStore {
  let made = 0;
  return {
    storage: 'hsm',
    async create(algorithm) {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      const id = `key-${made++}`;
      privateKeys.set(id, privateKey);
      const { kty = '', crv = '', x = '' } = publicKey.export({ format: 'jwk' });
      return { id, algorithm, jwk: { kty, crv, x } };
    },
    async sign(id, _algorithm, data) {
      const key = privateKeys.get(id);
      if (key === undefined) throw new Error(`there is no key ${id}`);
      return sign(null, data, key);
    },
    list: async () => [],
    destroy: async () => {},
    close: async () => {},
  };
}

function memoryLedger(): Ledger & { readonly forget: () => void } {
  let kept: Ring = [];
  return {
    read: () => kept,
    transact(change) {
      const { ring, result } = change(kept);
      kept = ring;
      return result;
    },
    journal: () => [],
    uses: () => ({ count: 0, last: null }),
    close: () => {},
    /** A hundred thousand keys that are out of use make each look at the ring slower. */
    forget: () => {
      kept = kept.filter(({ state }) => state !== 'retired' && state !== 'compromised');
    },
  };
}

function newScene(policy: RotationPolicy, clock: () => number): Scene {
  const stolen = new Map<string, KeyObject>();
  const ledger = memoryLedger();
  const signer = createSigner({ store: memoryStore(stolen), ledger, algorithm: 'EdDSA', policy, clock });
  return { signer, stolen, forget: ledger.forget };
}

function newVerifier(signer: Signer, clock: () => number): TokenValidator {
  const answer: typeof fetch = async () => {
    const { body, headers } = signer.keySet();
    return new Response(body, { headers });
  };
  const keys = publishedKeys({
    url: `${ISSUER}/jwks`,
    algorithms: ['EdDSA'],
    revokedWithin: REVOKED_WITHIN / SECOND,
    fetch: answer,
  });
  return createValidator({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['EdDSA'],
    keys,
    service: 'orders',
    skew: SKEW / SECOND,
    clock,
  });
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function unsigned(kid: string, now: number): string {
  const seconds = Math.floor(now / SECOND);
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'shop', iat: seconds, exp: seconds + LIFE / SECOND };
  return `${encoded({ alg: 'EdDSA', typ: 'at+jwt', kid })}.${encoded(claims)}`;
}

interface IssuedToken {
  readonly text: string;
  readonly key: string;
  readonly until: number;
}

async function issue(signer: Signer, now: number): Promise<IssuedToken> {
  const { key, data, signature } = await signer.sign(({ id }) => unsigned(id, now));
  return { text: `${data}.${signature.toString('base64url')}`, key: key.id, until: now + LIFE - SECOND };
}

/** Ends after `rotations` changes of the key that signs. One in a thousand is an emergency, in which the key is taken out at once. */
export async function rotateUnderLoad({
  rotations,
  seed,
  policy = SOUND_POLICY,
  grace = REVOKED_WITHIN,
  progress = () => {},
}: {
  readonly rotations: number;
  readonly seed: number;
  readonly policy?: RotationPolicy;
  /** Milliseconds after which a key that left the set must be accepted by nobody. */
  readonly grace?: number;
  readonly progress?: (counts: RotationCounts) => void;
}): Promise<RotationCounts> {
  const next = randomOf(seed);
  let now = Date.UTC(2026, 10, 1);
  const { signer, stolen, forget } = newScene(policy, () => now);
  const skews = [-SKEW, next() * SKEW, SKEW];
  const newVerifierAt = (index: number) => newVerifier(signer, () => now + (skews[index] ?? 0));
  const verifiers = skews.map((_, index) => newVerifierAt(index));
  const refused: Record<string, number> = {};
  let [done, checked, forged, late, restarts, withdrawn] = [0, 0, 0, 0, 0, 0];
  let tokens: IssuedToken[] = [];
  let gone: { readonly id: string; readonly at: number }[] = [];
  let last = '';
  const counts = () => ({ rotations: done, checked, refused, forged, late, restarts, withdrawn });

  async function checkValid(verifier: TokenValidator, token: IssuedToken): Promise<void> {
    checked++;
    const result = await verifier.validate(token.text);
    if (!result.ok) refused[result.reason] = (refused[result.reason] ?? 0) + 1;
  }

  async function checkForged(verifier: TokenValidator, id: string): Promise<void> {
    const key = stolen.get(id);
    if (key === undefined) return;
    const data = unsigned(id, now);
    forged++;
    const result = await verifier.validate(
      `${data}.${sign(null, Buffer.from(data), key).toString('base64url')}`,
    );
    if (result.ok) late++;
  }

  function noteGone(before: Ring): void {
    const published = new Set(signer.ring().map(({ id, state }) => `${id} ${state}`));
    for (const { id, state } of before)
      if (state !== 'retired' && state !== 'compromised')
        if (published.has(`${id} retired`) || published.has(`${id} compromised`)) gone.push({ id, at: now });
  }

  while (done < rotations) {
    now += 1 + Math.floor(next() * (next() < 0.5 ? LATENESS / 4 : LATENESS));
    const before = signer.ring();
    await signer.rotate();
    if (done % 1000 === 999 && withdrawn < Math.floor((done + 1) / 1000)) {
      await signer.withdraw(last, 'an emergency');
      tokens = tokens.filter(({ key }) => key !== last);
      withdrawn++;
    }
    noteGone(before);
    forget();
    const token = await issue(signer, now);
    if (token.key !== last) {
      done++;
      if (done % 5000 === 0) progress(counts());
    }
    last = token.key;
    tokens = [...tokens.filter(({ until }) => until > now), token];
    const restarted = Math.floor(next() * 60);
    if (restarted < verifiers.length) {
      verifiers[restarted] = newVerifierAt(restarted);
      restarts++;
    }
    for (const verifier of verifiers) await checkValid(verifier, token);
    const chosen = verifiers[Math.floor(next() * verifiers.length)];
    const oldest = tokens[0];
    if (chosen !== undefined && oldest !== undefined) await checkValid(chosen, oldest);
    const past = gone.filter(({ at }) => now - at >= grace);
    // The key that left last is the one that a verifier may still have.
    const thief = past.at(next() < 0.7 ? -1 : 0);
    if (thief !== undefined && chosen !== undefined) await checkForged(chosen, thief.id);
    for (const { id } of gone.slice(0, -4)) stolen.delete(id);
    gone = gone.slice(-4);
  }
  return counts();
}
