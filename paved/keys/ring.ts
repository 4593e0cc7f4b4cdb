/** Which key of an issuer signs, which are published, and when that changes. Pure: times come in, in milliseconds since 1970. */

export type KeyAlgorithm = 'ES256' | 'RS256' | 'EdDSA';

/** A public key as a key set publishes it (RFC 7517). */
export type PublicJwk = Readonly<Record<string, string>>;

/**
 * `pending`: published, signs nothing yet. `active`: signs. `retiring`: signs no more, what it signed is still accepted. `retired`: published no more.
 * `compromised`: taken out at once.
 */
export type KeyState = 'pending' | 'active' | 'retiring' | 'retired' | 'compromised';

export interface RingKey {
  /** Its RFC 7638 thumbprint: so an id can be of no other key. */
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
  readonly jwk: PublicJwk;
  readonly state: KeyState;
  readonly publishedAt: number;
  readonly activatedAt: number | null;
  /** When it stopped to sign. */
  readonly endedAt: number | null;
}

/** All in milliseconds. */
export interface RotationPolicy {
  /** How long a key is published before it signs: at least as long as any verifier keeps a key set, and the skew of its clock. */
  readonly publishFor: number;
  /** How long a key signs. */
  readonly activeFor: number;
  /** The longest life of what is signed, and the skew of clocks: so long a key is published after it signed last. */
  readonly acceptFor: number;
}

export type Ring = readonly RingKey[];

const isPublished = ({ state }: RingKey) => state === 'pending' || state === 'active' || state === 'retiring';

/** Keys of the key set. */
export const publishedKeys = (ring: Ring): Ring => ring.filter(isPublished);
/** The key that signs, if there is one. */
export const activeKey = (ring: Ring): RingKey | undefined => ring.find(({ state }) => state === 'active');
export const pendingKey = (ring: Ring): RingKey | undefined => ring.find(({ state }) => state === 'pending');
/** A key is made as soon as none waits, so that the next one is ripe long before it is needed, in an emergency too. */
export const needsKey = (ring: Ring): boolean => pendingKey(ring) === undefined;

/** Throws RangeError where rotating by this policy would refuse what is valid. */
export function requirePolicy(policy: RotationPolicy): void {
  const { publishFor, activeFor, acceptFor } = policy ?? {};
  for (const [name, value] of Object.entries({ publishFor, activeFor, acceptFor }))
    if (!(Number.isFinite(value) && value > 0))
      throw new RangeError(`${name}: ${value} is no number of milliseconds`);
  if (activeFor < publishFor)
    throw new RangeError(
      `activeFor: ${activeFor} ms is less than publishFor, so no next key would be ripe in time`,
    );
}

function activate(ring: Ring, id: string, now: number): Ring {
  return ring.map((key) => {
    if (key.id === id) return { ...key, state: 'active', activatedAt: now };
    return key.state === 'active' ? { ...key, state: 'retiring', endedAt: now } : key;
  });
}

/** The ring after everything that is due at `now`. Whatever was missed is caught up with; called again, nothing more happens. */
export function advance(ring: Ring, policy: RotationPolicy, now: number): Ring {
  const next = pendingKey(ring);
  const active = activeKey(ring);
  const isFirst = active === undefined && ring.every(({ activatedAt }) => activatedAt === null);
  const isRipe = next !== undefined && now - next.publishedAt >= policy.publishFor;
  const isDue = active === undefined || now - (active.activatedAt ?? now) >= policy.activeFor;
  // The first key of all has no verifier that could know an older set.
  const turned = next !== undefined && isDue && (isRipe || isFirst) ? activate(ring, next.id, now) : ring;
  return turned.map((key) =>
    key.state === 'retiring' && now - (key.endedAt ?? now) >= policy.acceptFor
      ? { ...key, state: 'retired' }
      : key,
  );
}

/** With a new key, which waits. A ring that has one waiting stays as it is. */
export function addKey(ring: Ring, made: Pick<RingKey, 'id' | 'algorithm' | 'jwk'>, now: number): Ring {
  if (!needsKey(ring) || ring.some(({ id }) => id === made.id)) return ring;
  const { id, algorithm, jwk } = made;
  return [
    ...ring,
    { id, algorithm, jwk, state: 'pending', publishedAt: now, activatedAt: null, endedAt: null },
  ];
}

/**
 * Without a key that somebody else may have: it leaves the key set at once, and the waiting key signs, ripe or not, because tokens that some verifiers
 * refuse for a while are better than tokens that an attacker makes.
 */
export function withdraw(ring: Ring, id: string, now: number): Ring {
  const wasActive = activeKey(ring)?.id === id;
  const without = ring.map((key) =>
    key.id === id && isPublished(key)
      ? { ...key, state: 'compromised' as const, endedAt: key.endedAt ?? now }
      : key,
  );
  const next = pendingKey(without);
  return wasActive && next !== undefined ? activate(without, next.id, now) : without;
}
