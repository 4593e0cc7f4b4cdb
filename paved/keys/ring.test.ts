import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activeKey,
  addKey,
  advance,
  needsKey,
  publishedKeys,
  type Ring,
  type RotationPolicy,
  requirePolicy,
  withdraw,
} from './ring.ts';

const MINUTE = 60_000;
const policy: RotationPolicy = { publishFor: 15 * MINUTE, activeFor: 60 * MINUTE, acceptFor: 11 * MINUTE };

let made = 0;
function tick(ring: Ring, now: number, chosen = policy): Ring {
  const turned = advance(ring, chosen, now);
  const id = `key-${made}`;
  if (!needsKey(turned)) return turned;
  made++;
  const added = addKey(turned, { id, algorithm: 'ES256', jwk: {} }, now);
  return advance(added, chosen, now);
}

const states = (ring: Ring) => ring.map(({ state }) => state).join(' ');

test('the first key signs at once, each next one is published before it signs and after it signed', () => {
  let ring = tick([], 0);
  ring = tick(ring, 0);
  assert.equal(states(ring), 'active pending');
  assert.equal(states(tick(ring, 60 * MINUTE - 1)), 'active pending');
  ring = tick(ring, 60 * MINUTE);
  assert.equal(states(ring), 'retiring active pending');
  assert.equal(publishedKeys(ring).length, 3);
  assert.equal(states(tick(ring, 71 * MINUTE - 1)), 'retiring active pending');
  assert.equal(states(tick(ring, 71 * MINUTE)), 'retired active pending');
  assert.deepEqual(tick(ring, 60 * MINUTE), ring, 'and once is enough');
});

test('a key that somebody else may have is out at once, and what waits signs, or nothing does', () => {
  const ring = tick(tick([], 0), 0);
  const [first = '', second] = ring.map(({ id }) => id);
  const without = withdraw(ring, first, MINUTE);
  assert.equal(states(without), 'compromised active');
  assert.equal(activeKey(without)?.id, second);
  assert.equal(activeKey(withdraw(without, second ?? '', MINUTE)), undefined);
  assert.deepEqual(publishedKeys(withdraw(without, second ?? '', MINUTE)), []);
  assert.equal(withdraw(ring, 'nobody', 0).length, 2);
});

test('a policy by which a valid token would be refused is none', () => {
  requirePolicy(policy);
  for (const wrong of [{ activeFor: 1 }, { publishFor: 0 }, { acceptFor: Number.NaN }, { publishFor: -5 }])
    assert.throws(() => requirePolicy({ ...policy, ...wrong }), RangeError, JSON.stringify(wrong));
});

/** Numbers from a seed, so that a red run is red again. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Verifier {
  /** Its clock minus the true time. */
  readonly skew: number;
  /** How long it keeps a key set. */
  readonly keeps: number;
  set: ReadonlySet<string>;
  readAt: number;
}

interface Outcome {
  /** Tokens that held and were refused. */
  readonly refused: number;
  /** Times that a verifier took a key past its grace. */
  readonly late: number;
  readonly checked: number;
}

const SKEW = MINUTE / 2;
const KEEPS = 14 * MINUTE;
const LIFE = 10 * MINUTE;
const LATENESS = 12 * MINUTE;

function newVerifiers(next: () => number): Verifier[] {
  return Array.from({ length: 5 }, () => ({
    skew: (next() - 0.5) * 2 * SKEW,
    keeps: KEEPS * (0.5 + next() / 2),
    set: new Set(),
    readAt: Number.NEGATIVE_INFINITY,
  }));
}

/** Verifiers that keep key sets, whose clocks differ and that are restarted, beside a job that rotates and comes late, as jobs do. */
function simulate(chosen: RotationPolicy, rotations: number): Outcome {
  const next = numbers(7);
  const verifiers = newVerifiers(next);
  let ring: Ring = [];
  let now = 0;
  let done = 0;
  let [refused, late, checked] = [0, 0, 0];
  let last: string | undefined;
  let tokens: { readonly key: string; readonly until: number }[] = [];
  while (done < rotations) {
    now += next() * LATENESS;
    ring = tick(tick(ring, now, chosen), now, chosen);
    const key = activeKey(ring);
    if (key === undefined) throw new TypeError('no key signs');
    if (key.id !== last) done++;
    last = key.id;
    tokens = [...tokens.filter(({ until }) => until > now), { key: key.id, until: now + LIFE }];
    const published = new Set(publishedKeys(ring).map(({ id }) => id));
    for (const verifier of verifiers) {
      // One that is restarted knows nothing and asks.
      if (next() < 0.05 || now + verifier.skew - verifier.readAt >= verifier.keeps) {
        verifier.set = published;
        verifier.readAt = now + verifier.skew;
      }
      checked += tokens.length;
      for (const token of tokens) if (!verifier.set.has(token.key)) refused++;
      for (const one of ring) {
        const grace = (one.endedAt ?? now) + chosen.acceptFor + LATENESS + KEEPS + 2 * SKEW;
        if (one.state === 'retired' && now > grace && verifier.set.has(one.id)) late++;
      }
    }
    // What is long past is of no more interest to anybody.
    ring = ring.filter(({ state, endedAt }) => state !== 'retired' || now - (endedAt ?? now) < 90 * MINUTE);
  }
  return { refused, late, checked };
}

test('over 100,000 rotations no valid token is refused and no retired key is accepted past its grace', () => {
  const short = { ...policy, activeFor: 20 * MINUTE };
  const { refused, late, checked } = simulate(short, 100_000);
  assert.deepEqual({ refused, late }, { refused: 0, late: 0 });
  assert.ok(checked > 500_000, `${checked} tokens were checked`);
  assert.ok(
    simulate({ ...short, publishFor: MINUTE, activeFor: 2 * MINUTE }, 500).refused > 0,
    'a key that signs too early is noticed',
  );
  assert.ok(
    simulate({ ...short, acceptFor: MINUTE }, 500).refused > 0,
    'a key that leaves too early is noticed',
  );
});
