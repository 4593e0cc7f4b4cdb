/**
 * What a step of a rollout would do, by owner, before anybody takes it: who would get work, who would be stopped at the gate,
 * and who would be let go. A step changes no verdict, so that all of it is counted from verdicts that are there. Pure.
 */
import { effectsAt } from '../verdicts/gate.ts';
import {
  opensWork,
  type Ring,
  type Rollout,
  type RolloutStep,
  ringOf,
  stepOfRing,
} from '../verdicts/rollout.ts';
import type { State } from './accounting.ts';

/** A step that somebody considers, or has announced. */
export interface ConsideredStep {
  /** Name of the ring; null: whoever is in none. */
  readonly ring: string | null;
  readonly to: RolloutStep;
  /** First day, UTC. */
  readonly on: string;
}

/** The rollout as it would be with a step taken. Throws `TypeError` for a ring that there is not. */
export function withStep(rollout: Rollout, { ring, to, on }: ConsideredStep): Rollout {
  if (ring === null) {
    const { state: _, enforce_from: __, ...rest } = rollout;
    return { ...rest, state: to, ...(to === 'enforce' && { enforce_from: on }) };
  }
  const { rings = [] } = rollout;
  if (!rings.some(({ name }) => name === ring)) throw new TypeError(`there is no ring \`${ring}\``);
  return { ...rollout, rings: rings.map((one) => (one.name === ring ? ringWith(one, to, on) : one)) };
}

function ringWith(ring: Ring, to: RolloutStep, on: string): Ring {
  const { warn, enforce, ...rest } = ring;
  if (to === 'draft' || to === 'observe') return rest;
  if (to === 'warn') return { ...rest, warn: on, ...(enforce !== undefined && enforce > on && { enforce }) };
  return { ...rest, ...(warn !== undefined && warn <= on && { warn }), enforce: on };
}

/** Steps that are announced for after a moment, the next one first. */
export function announcedSteps(rollout: Rollout, after: Date): readonly ConsideredStep[] {
  const { state, enforce_from: from, rings = [] } = rollout;
  const steps: ConsideredStep[] = [];
  if (from !== undefined && opensWork(state)) steps.push({ ring: null, to: 'enforce', on: from });
  for (const { name, warn, enforce } of rings) {
    if (warn !== undefined) steps.push({ ring: name, to: 'warn', on: warn });
    if (enforce !== undefined) steps.push({ ring: name, to: 'enforce', on: enforce });
  }
  return steps
    .filter(({ on }) => Date.parse(`${on}T00:00:00Z`) > after.getTime())
    .sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
}

/** An asset in scope, or so many of one team that stand alike. */
export interface RolloutAsset {
  readonly id: string;
  readonly name: string;
  readonly count: number;
  /** As the history calls it. */
  readonly team: string;
  /** The team and the units above it; null where nobody can tell. */
  readonly owners: readonly string[] | null;
  readonly state: State;
  /** How it would stand on the day of the step, if nothing is done; null where that was not judged. */
  readonly later: State | null;
}

/** What a step would do to one owner. Each is a number of assets. */
export interface OwnerImpact {
  readonly team: string;
  /** In the step's reach. */
  readonly assets: number;
  /** Pass, or are unknown, today, and fail on that day. */
  readonly newlyFailing: number;
  /** Fail, and open work that they do not open without the step. */
  readonly work: number;
  /** Fail, and would be stopped at the gate. */
  readonly blocked: number;
  /** Unknown, and would be stopped, or asked about, at the gate. */
  readonly unknownStopped: number;
  /** Fail under an exception: nothing changes for them. */
  readonly excepted: number;
  /** Fail, and would be to be done no more: the step goes back. */
  readonly released: number;
}

/** The first instant of a day, UTC. */
const instant = (day: string) => new Date(`${day}T00:00:00Z`);

/** By owner, most work first. Whoever the step does not reach is left out. */
export function impactOf(
  rollout: Rollout,
  step: ConsideredStep,
  assets: Iterable<RolloutAsset>,
): readonly OwnerImpact[] {
  const after = withStep(rollout, step);
  const at = instant(step.on);
  const found = new Map<string, { -readonly [Name in keyof OwnerImpact]: OwnerImpact[Name] }>();
  for (const asset of assets) {
    const steps = [rollout, after].map((one) => stepOfRing(one, ringOf(one, asset).ring, at));
    const [before = 'draft', next = 'draft'] = steps;
    if (before === next) continue;
    const own = found.get(asset.team) ?? nothing(asset.team);
    found.set(asset.team, own);
    count(own, asset, { before, next, onUnknown: rollout.on_unknown });
  }
  return [...found.values()].sort(
    (a, b) => b.work - a.work || b.blocked - a.blocked || (a.team < b.team ? -1 : 1),
  );
}

const nothing = (team: string) => ({
  team,
  assets: 0,
  newlyFailing: 0,
  work: 0,
  blocked: 0,
  unknownStopped: 0,
  excepted: 0,
  released: 0,
});

function count(
  own: { -readonly [Name in keyof OwnerImpact]: OwnerImpact[Name] },
  { count: size, state, later }: RolloutAsset,
  {
    before,
    next,
    onUnknown,
  }: {
    readonly before: RolloutStep;
    readonly next: RolloutStep;
    readonly onUnknown: Rollout['on_unknown'];
  },
): void {
  const stands = later ?? state;
  if (stands === 'O') return;
  const effects = { before: effectsAt(before, onUnknown), next: effectsAt(next, onUnknown) };
  const stops = (effect: string) => effect === 'block' || effect === 'ask';
  own.assets += size;
  if ((stands === 'F' || stands === 'X') && state !== 'F' && state !== 'X') own.newlyFailing += size;
  if (stands === 'X') own.excepted += size;
  if (stands === 'U' && stops(effects.next.unknown) && !stops(effects.before.unknown))
    own.unknownStopped += size;
  if (stands !== 'F') return;
  if (opensWork(next) && !opensWork(before)) own.work += size;
  if (opensWork(before) && !opensWork(next)) own.released += size;
  if (effects.next.fail === 'block' && effects.before.fail !== 'block') own.blocked += size;
}
