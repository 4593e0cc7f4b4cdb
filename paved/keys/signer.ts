/** Signs with the key whose turn it is, changes keys without anybody, and writes down every use before it happens. */
import { createPublicKey, hash, verify } from 'node:crypto';
import type { Entry, JournalEvent, Ledger } from './ledger.ts';
import {
  activeKey,
  addKey,
  advance,
  type KeyAlgorithm,
  needsKey,
  publishedKeys,
  type Ring,
  type RingKey,
  type RotationPolicy,
  requirePolicy,
  withdraw,
} from './ring.ts';
import { KeyMissing, type KeyStore, StoreUnavailable } from './store.ts';

export interface SignerOptions {
  readonly store: KeyStore;
  readonly ledger: Ledger;
  readonly algorithm: KeyAlgorithm;
  readonly policy: RotationPolicy;
  /** Hears of what should wake somebody: a key that is gone, was brought in, or is nobody's. */
  readonly onAlert?: (alert: string) => void;
  /** Milliseconds since 1970; the machine's clock by default. */
  readonly clock?: () => number;
}

/** Who signs: enough to write a header before the signature. */
export interface SigningKey {
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
}

export interface Signature {
  readonly key: SigningKey;
  /** What was signed. */
  readonly data: Buffer;
  /** In the form of JWS. */
  readonly signature: Buffer;
}

/** What taking a key out at once does. */
export interface BlastRadius {
  readonly key: string;
  /** Signatures of it that somebody may still hold and that are refused from now on. */
  readonly refused: number;
  /** When it signed last, in milliseconds since 1970; null when it never did. */
  readonly lastUsed: number | null;
  readonly successor: string | null;
  /** Milliseconds during which verifiers that keep an older key set refuse what the successor signs; 0 when it was published long enough. */
  readonly successorUnknownFor: number;
}

export interface KeySetAnswer {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Signer {
  /** `write` is given the key and returns what to sign, such as header and payload of a token. Throws StoreUnavailable; a later call tries anew. */
  readonly sign: (write: (key: SigningKey) => Buffer | string) => Promise<Signature>;
  /** Makes, puts in force and takes out what is due. Call it every minute or so, in every process; it does nothing that is not due. */
  readonly rotate: () => Promise<void>;
  /** The key set with its cache headers, for `/jwks`. */
  readonly keySet: () => KeySetAnswer;
  /** What withdrawing a key would do, without doing it. Throws RangeError for a key that never was of this ring. */
  readonly blastRadius: (id: string) => BlastRadius;
  /** Takes a key out at once, because somebody else may have it. `why` goes into the journal. */
  readonly withdraw: (id: string, why: string) => Promise<BlastRadius>;
  /** Holds the store against the ring and says, and journals, what is not as it should be. */
  readonly inspect: () => Promise<readonly string[]>;
  readonly ring: () => Ring;
}

interface Waiting {
  readonly write: (key: SigningKey) => Buffer | string;
  readonly resolve: (signature: Signature) => void;
  readonly reject: (error: unknown) => void;
}

/** What is to be signed, or why it could not be written. */
type Written =
  | { readonly ok: true; readonly data: Buffer; readonly digest: Buffer }
  | { readonly ok: false; readonly error: unknown };

const EVENT_OF: Readonly<Record<RingKey['state'], JournalEvent>> = {
  pending: 'made',
  active: 'activated',
  retiring: 'retiring',
  retired: 'retired',
  compromised: 'withdrawn',
};

/** An entry for every key that is in another state than before. */
function changes(before: Ring, after: Ring, at: number, detail = ''): Entry[] {
  const states = new Map(before.map(({ id, state }) => [id, state]));
  return after
    .filter(({ id, state }) => states.get(id) !== state)
    .map(({ id, state }) => ({ at, event: EVENT_OF[state], key: id, detail }));
}

/** So that an entry stays one that can be read, and nobody waits for more than a thousand others. */
const MOST_OF_AN_ENTRY = 1000;

const sha256 = (data: Buffer) => hash('sha256', data, 'buffer');

/** Whether a signature is of the key that the ring names, whatever the store says. */
function isOf({ jwk, algorithm }: RingKey, data: Buffer, signature: Buffer): boolean {
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  return verify(algorithm === 'EdDSA' ? null : 'sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

function radius(ring: Ring, id: string, { ledger, policy }: SignerOptions, now: number): BlastRadius {
  const { count, last } = ledger.uses(id, now - policy.acceptFor);
  const after = withdraw(ring, id, now);
  const successor = activeKey(after);
  const ripeAt = successor === undefined ? now : successor.publishedAt + policy.publishFor;
  return {
    key: id,
    refused: count,
    lastUsed: last,
    successor: successor?.id ?? null,
    successorUnknownFor: Math.max(0, ripeAt - now),
  };
}

const KNOWN = 'store ledger algorithm policy onAlert clock'.split(' ');
const ALGORITHMS: readonly string[] = ['ES256', 'EdDSA', 'RS256'] satisfies KeyAlgorithm[];

function requireMethods(name: string, value: unknown, methods: string, remedy: string): void {
  const held = (value ?? {}) as Readonly<Record<string, unknown>>;
  for (const method of methods.split(' '))
    if (typeof held[method] !== 'function') throw new TypeError(`${name}: ${remedy}`);
}

function requireOptions(options: SignerOptions): void {
  for (const name of Object.keys(options ?? {}))
    if (!KNOWN.includes(name)) throw new TypeError(`${name}: is no setting; there is ${KNOWN.join(', ')}`);
  const { store, ledger, algorithm, policy, onAlert, clock } = options ?? {};
  requireMethods(
    'store',
    store,
    'create sign list destroy',
    'give pkcs11Store(…), kmsStore(…) or softwareStore(folder)',
  );
  requireMethods('ledger', ledger, 'read transact journal uses', 'give fileLedger(path)');
  for (const [name, value] of Object.entries({ onAlert, clock }))
    if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name}: is no function`);
  if (!ALGORITHMS.includes(algorithm))
    throw new RangeError(`algorithm: ${algorithm} is not ${ALGORITHMS.join(' or ')}`);
  requirePolicy(policy);
}

/** What is to be signed, from whoever writes it: a promise would be signed as its name. */
function dataOf(written: unknown): Buffer {
  if (typeof written === 'string') return Buffer.from(written);
  if (written instanceof Uint8Array) return Buffer.from(written);
  throw new TypeError('write: returned neither text nor bytes; it is asked once, and not waited for');
}

/** Throws TypeError for a setting that is missing, unknown or no such thing, and RangeError for a policy that would refuse what is valid. */
export function createSigner(options: SignerOptions): Signer {
  requireOptions(options);
  const { store, ledger, algorithm, policy, clock = Date.now, onAlert } = options;
  const queue: Waiting[] = [];
  let isFlushing = false;
  /** Keys of which this process saw a right signature since the store was last in trouble. */
  const proved = new Set<string>();

  /** The private part of a key that nobody accepts is of use to a thief alone. */
  async function destroy(id: string): Promise<void> {
    try {
      await store.destroy(id);
      const entry: Entry = { at: clock(), event: 'destroyed', key: id, detail: '' };
      ledger.transact((ring) => ({ ring, entries: [entry], result: null }));
    } catch (error) {
      alert(id, `it is out of use and could not be destroyed: ${error}`);
    }
  }

  async function rotate(): Promise<void> {
    const now = clock();
    const due = (ring: Ring) =>
      needsKey(ring) ||
      advance(ring, policy, now).some((key, at) => key !== ring[at] && key.state !== ring[at]?.state);
    if (!due(ledger.read())) return;
    const turn = () =>
      ledger.transact((ring) => {
        const next = advance(ring, policy, now);
        return { ring: next, entries: changes(ring, next, now), result: next };
      });
    const before = ledger.read();
    const turned = turn();
    for (const { id, state } of turned)
      if (state === 'retired' && before.some((key) => key.id === id && key.state !== 'retired'))
        await destroy(id);
    if (!needsKey(turned)) return;
    const made = await store.create(algorithm);
    const isKept = ledger.transact((ring) => {
      const next = addKey(ring, made, clock());
      return { ring: next, entries: changes(ring, next, clock(), store.storage), result: next !== ring };
    });
    // Another process was quicker.
    if (!isKept) await store.destroy(made.id);
    if (activeKey(turned) === undefined) await rotate();
  }

  /** The ring's key, with the use written down: from here on it may be used for exactly this. */
  function record(waiting: readonly Waiting[]) {
    return ledger.transact((ring) => {
      const key = activeKey(ring);
      const now = clock();
      if (key === undefined) return { ring, entries: [], result: null };
      const { id } = key;
      const written: Written[] = [];
      const digests: string[] = [];
      for (const { write } of waiting)
        try {
          const data = dataOf(write({ id, algorithm: key.algorithm }));
          const digest = sha256(data);
          digests.push(digest.toString('base64url'));
          written.push({ ok: true, data, digest });
        } catch (error) {
          written.push({ ok: false, error });
        }
      const entry: Entry = { at: now, event: 'signs', key: id, detail: digests.join(' ') };
      return { ring, entries: digests.length === 0 ? [] : [entry], result: { key, written } };
    });
  }

  async function signOne(key: RingKey, data: Buffer, digest: Buffer): Promise<Signature> {
    let signature: Buffer;
    try {
      signature = await store.sign(key.id, key.algorithm, data, digest);
    } catch (error) {
      proved.delete(key.id);
      throw error;
    }
    if (!proved.has(key.id)) {
      if (!isOf(key, data, signature)) {
        alert(key.id, 'the store signed with another key than it was asked for');
        throw new KeyMissing(
          `the store signed with another key than ${key.id}; the signature was thrown away`,
        );
      }
      proved.add(key.id);
    }
    return { key: { id: key.id, algorithm: key.algorithm }, data, signature };
  }

  /** All that wait share one entry in the journal, so that the disk is waited for once, and a link of the chain is made once. */
  async function flush(): Promise<void> {
    while (queue.length > 0) {
      const waiting = queue.splice(0, MOST_OF_AN_ENTRY);
      try {
        const recorded = record(waiting);
        if (recorded === null) throw new StoreUnavailable('no key is active; rotate() makes one');
        for (const [index, { resolve, reject }] of waiting.entries()) {
          const one = recorded.written[index];
          if (one?.ok !== true) {
            reject(one?.error);
            continue;
          }
          try {
            resolve(await signOne(recorded.key, one.data, one.digest));
          } catch (error) {
            reject(error);
          }
        }
      } catch (error) {
        for (const { reject } of waiting) reject(error);
      }
    }
    // In the same step as the last look at the queue: who comes a step later must find nobody at work, or waits for ever.
    isFlushing = false;
  }

  function alert(key: string, detail: string): void {
    ledger.transact((ring) => ({
      ring,
      entries: [{ at: clock(), event: 'alert', key, detail }],
      result: null,
    }));
    onAlert?.(`${key}: ${detail}`);
  }

  return {
    rotate,
    sign: (write) =>
      new Promise((resolve, reject) => {
        queue.push({ write, resolve, reject });
        if (isFlushing) return;
        isFlushing = true;
        setImmediate(() => void flush());
      }),
    keySet() {
      const ring = publishedKeys(ledger.read());
      const keys = ring.map(({ id, jwk, algorithm: alg }) => ({ ...jwk, kid: id, use: 'sig', alg }));
      const body = JSON.stringify({ keys });
      // Half of what a key waits: so that whoever keeps the set for as long as it says has seen a key before it signs.
      const maxAge = Math.floor(policy.publishFor / 2000);
      return {
        body,
        headers: {
          'content-type': 'application/jwk-set+json',
          // Whoever kept a set without a key would refuse what the first one signs.
          'cache-control': keys.length === 0 ? 'no-store' : `public, max-age=${maxAge}, must-revalidate`,
          etag: `"${hash('sha256', body, 'base64url')}"`,
        },
      };
    },
    blastRadius(id) {
      const ring = ledger.read();
      if (!ring.some((key) => key.id === id)) throw new RangeError(`${id} is no key of this ring`);
      return radius(ring, id, options, clock());
    },
    async withdraw(id, why) {
      if (typeof why !== 'string' || why.trim() === '')
        throw new TypeError('why: say it, for whoever reads the journal');
      const result = ledger.transact((ring) => {
        const now = clock();
        if (!publishedKeys(ring).some((key) => key.id === id))
          throw new RangeError(`${id} is no key that is published`);
        const next = withdraw(ring, id, now);
        return { ring: next, entries: changes(ring, next, now, why), result: radius(ring, id, options, now) };
      });
      await destroy(id);
      await rotate();
      return result;
    },
    async inspect() {
      const stored = new Map((await store.list()).map((key) => [key.id, key]));
      const ring = ledger.read();
      const found: { readonly key: string; readonly what: string }[] = [];
      for (const { id, state } of ring) {
        const key = stored.get(id);
        const isUsed = state === 'active' || state === 'pending';
        if (isUsed && key === undefined) found.push({ key: id, what: `is ${state} and gone from the store` });
        if (isUsed && store.storage === 'hsm' && key?.exportable)
          found.push({ key: id, what: 'can be taken out of the store' });
        if (isUsed && store.storage === 'hsm' && key?.madeInside === false)
          found.push({ key: id, what: 'was not made in the store; there may be copies' });
      }
      for (const id of stored.keys())
        if (!ring.some((key) => key.id === id))
          found.push({ key: id, what: 'is in the store and not of this ring' });
      for (const { key, what } of found) alert(key, what);
      return found.map(({ key, what }) => `${key} ${what}`);
    },
    ring: () => ledger.read(),
  };
}
