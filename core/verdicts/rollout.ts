/**
 * How far a standard is rolled out: what it does to whom, from which day on. A ring is a named selection of owners or assets
 * that takes its steps on days of its own; whoever is in no ring follows the standard's own state. A step never changes a
 * verdict: it says what a gate does and whether work opens. Pure.
 */
import { z } from 'zod';
import { selects } from './exception.ts';

/** In order: judges and shows nobody's work · is judged and shown · warns and opens work · stops at the gate. */
export const ROLLOUT_STEPS = ['draft', 'observe', 'warn', 'enforce'] as const;
export type RolloutStep = (typeof ROLLOUT_STEPS)[number];

const date = z.iso.date({ error: 'not a date: write it as 2027-03-01' });
const selectors = z.array(z.string().min(1).max(200)).max(500).default([]);

const ringSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,37}$/, 'a short name in kebab-case, such as `early-adopters`'),
    /** Teams or units by id; a unit means all below it. `*` stands for any characters. */
    owners: selectors,
    /** Names or ids of assets; `*` stands for any characters. */
    assets: selectors,
    /** First day of each step, UTC. Before the first of them the ring is observed. */
    warn: date.optional(),
    enforce: date.optional(),
  })
  .check(({ value, issues }) => {
    const say = (path: string, message: string) =>
      issues.push({ code: 'custom', path: [path], message, input: value });
    if (value.owners.length + value.assets.length === 0)
      say('owners', 'selects nothing: name `owners`, or `assets`, or both');
    if (value.warn !== undefined && value.enforce !== undefined && value.enforce < value.warn)
      say('enforce', `is on ${value.enforce}, before it warns on ${value.warn}: name a later day`);
  });
export type Ring = z.infer<typeof ringSchema>;

const rings = z
  .array(ringSchema)
  .max(20)
  .check(({ value, issues }) => {
    const names = value.map(({ name }) => name);
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index)
        issues.push({
          code: 'custom',
          path: [index, 'name'],
          message: `there is a ring \`${name}\` above: choose another name`,
          input: value,
        });
  });

const state = z.enum(ROLLOUT_STEPS);
const onUnknown = z.enum(['allow', 'warn', 'ask', 'block']);

export const rolloutSchema = z.strictObject({
  state,
  enforce_from: date.optional(),
  on_unknown: onUnknown,
  /** The first ring that selects an asset is its ring. */
  rings: rings.optional(),
});
export type Rollout = z.infer<typeof rolloutSchema>;

/** What a company says of the rollout of one standard in macadam.yaml. What is left out is as the standard states it. */
export const ownRolloutSchema = z.strictObject({
  state: state.optional(),
  enforce_from: date.optional(),
  on_unknown: onUnknown.optional(),
  rings: rings.optional(),
});
export type OwnRollout = z.infer<typeof ownRolloutSchema>;

/** The company's own words over the standard's. Another state takes the standard's day away: that was announced for its own. */
export function rolloutOf(stated: Rollout, own: OwnRollout | undefined): Rollout {
  if (own === undefined) return stated;
  const day = own.enforce_from ?? (own.state === undefined ? stated.enforce_from : undefined);
  const ringsInForce = own.rings ?? stated.rings;
  return {
    state: own.state ?? stated.state,
    on_unknown: own.on_unknown ?? stated.on_unknown,
    ...(day !== undefined && { enforce_from: day }),
    ...(ringsInForce !== undefined && { rings: ringsInForce }),
  };
}

/** What a ring is chosen by. */
export interface RolloutSubject {
  readonly id: string;
  readonly name: string;
  /** The team that owns it and the units above that; null where nobody can tell. */
  readonly owners: readonly string[] | null;
}

/** The ring of an asset. `undecided`: its owner is not known, and a ring that selects by owner may mean it. */
export interface RingFound {
  readonly ring: Ring | null;
  readonly undecided: boolean;
}

const NO_RING: RingFound = { ring: null, undecided: false };

export function ringOf({ rings: all = [] }: Rollout, subject: RolloutSubject): RingFound {
  for (const ring of all) {
    if (ring.assets.some((one) => selects(one, subject.id) || selects(one, subject.name)))
      return { ring, undecided: false };
    if (ring.owners.length === 0) continue;
    // What comes after it cannot be told either: the first ring counts.
    if (subject.owners === null) return { ring: null, undecided: true };
    const { owners } = subject;
    if (ring.owners.some((one) => owners.some((owner) => selects(one, owner))))
      return { ring, undecided: false };
  }
  return NO_RING;
}

/** The step of a ring on a day (UTC); null: of whoever is in none. */
export function stepOfRing(rollout: Rollout, ring: Ring | null, asOf: Date): RolloutStep {
  if (ring === null) return stepOn(rollout, asOf);
  const reached = (day: string | undefined) =>
    day !== undefined && asOf.getTime() >= Date.parse(`${day}T00:00:00Z`);
  if (reached(ring.enforce)) return 'enforce';
  return reached(ring.warn) ? 'warn' : 'observe';
}

/**
 * The step that is in force on a day for whoever is in no ring. An announced day is kept: from `enforce_from` on (UTC) a
 * standard that warns is enforced, and one that is to be enforced warns until then.
 */
export function stepOn({ state: stated, enforce_from: from }: Rollout, asOf: Date): RolloutStep {
  if (from === undefined || (stated !== 'warn' && stated !== 'enforce')) return stated;
  return asOf.getTime() >= Date.parse(`${from}T00:00:00Z`) ? 'enforce' : 'warn';
}

/** The step of one asset on a day. Of whom nobody can tell the ring counts as in none. */
export const stepFor = (rollout: Rollout, subject: RolloutSubject, asOf: Date): RolloutStep =>
  stepOfRing(rollout, ringOf(rollout, subject).ring, asOf);

/** Whether somebody has to do something at a step. */
export const opensWork = (step: RolloutStep): boolean => step === 'warn' || step === 'enforce';

/** Whether any gate asks it, of anybody and at any time: one that is only drafted or observed is never asked. */
export const everAsked = ({ state: stated, rings: all = [] }: Rollout): boolean =>
  opensWork(stated) || all.some(({ warn, enforce }) => warn !== undefined || enforce !== undefined);
