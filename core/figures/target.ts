/**
 * Whether a standard keeps what was promised of it: computed here alone, from the interval that the facts give, the target
 * and the forecast. Everything that shows a status asks this. Pure.
 */
import { z } from 'zod';
import type { ContainersListed } from '../facts/enumeration.ts';

export const TARGET_STATUSES = ['met', 'on-track', 'off-track', 'no-target', 'cannot-tell'] as const;
export type TargetStatus = (typeof TARGET_STATUSES)[number];

/** What explains a status that its name alone does not. */
export const STATUS_CAUSES = [
  /** No target was stated. */
  'no-target',
  'nothing-in-scope',
  /** A container was not listed whole, so there may be assets that nobody counts. */
  'not-listed-whole',
  /** What is unknown decides between met and not met. */
  'too-much-unknown',
  /** Too few weeks were observed for a forecast, or none was made. */
  'too-few-steps',
  /** The day has passed. */
  'missed',
  /** The forecast's cautious date lies after the day. */
  'late',
  /** At this pace the target is never reached. */
  'never',
] as const;
export type StatusCause = (typeof STATUS_CAUSES)[number];

/** The same in words, after the status: `off track, never at this pace`. Empty where the status says it. */
export const STATUS_CAUSE_WORDS: Readonly<Record<StatusCause, string>> = {
  'no-target': '',
  'nothing-in-scope': 'nothing is in scope',
  'not-listed-whole': 'a container was not listed whole',
  'too-much-unknown': 'what is unknown decides',
  'too-few-steps': 'fewer than six weeks were observed',
  missed: 'the day has passed',
  late: 'the forecast lies after the day',
  never: 'never at this pace',
};

export interface Target {
  /** 0 to 1, of what the standard's measure counts. */
  readonly share: number;
  /** The last day by which it was promised, such as 2027-03-01 (UTC). */
  readonly by: string;
}

/** What somebody promised of a standard. */
export interface Commitment {
  readonly target: Target | null;
  /** Who answers for it: an id or a name, as the company writes it. */
  readonly accountable: string | null;
}

export const targetSchema = z.strictObject({
  share: z.number().min(0).max(1),
  by: z.iso.date({ error: 'not a date: write it as 2027-03-01' }),
});
export const accountableSchema = z.string().min(2).max(80);

/** What a company says of one standard in macadam.yaml. What is left out is as the standard states it. */
export const ownCommitmentSchema = z.strictObject({
  share: targetSchema.shape.share.optional(),
  by: targetSchema.shape.by.optional(),
  accountable: accountableSchema.optional(),
});

/** Standard → what the company says of it. */
export type OwnCommitments = Readonly<Record<string, z.infer<typeof ownCommitmentSchema>>>;

interface Promised {
  readonly id: string;
  readonly target?: Target | undefined;
  readonly accountable?: string | undefined;
}

/** What is promised of a standard: the company's own words over the standard's. A share without a day is no target. */
export function commitmentOf({ id, target, accountable }: Promised, own: OwnCommitments): Commitment {
  const stated = Object.hasOwn(own, id) ? own[id] : undefined;
  const share = stated?.share ?? target?.share;
  const by = stated?.by ?? target?.by;
  return {
    target: share === undefined || by === undefined ? null : { share, by },
    accountable: stated?.accountable ?? accountable ?? null,
  };
}

/** What the company wrote that leaves a standard without a target although it names a part of one; null where nothing does. */
export function commitmentMistake(promised: Promised, own: OwnCommitments): string | null {
  const stated = Object.hasOwn(own, promised.id) ? own[promised.id] : undefined;
  if (stated === undefined || commitmentOf(promised, own).target !== null) return null;
  if (stated.share !== undefined) return 'has a `share` and no day: add `by`, such as 2027-03-01';
  return stated.by === undefined ? null : 'has a day and no share: add `share`, such as 0.95';
}

/** When a target is reached, if what happened so far goes on; of a forecast what a status needs. */
export type Outlook =
  | { readonly kind: 'met' }
  | { readonly kind: 'expected'; readonly cautious: Date | null }
  | { readonly kind: 'never' }
  | {
      readonly kind: 'cannot-tell';
      readonly why: 'nothing-in-scope' | 'too-few-steps' | 'too-much-unknown';
    };

export interface StatusInput {
  /** Of what the measure counts; null where nothing is in scope. */
  readonly atLeast: number | null;
  readonly atMost: number | null;
  /** Null or left out where no source lists containers of such assets. */
  readonly containers?: ContainersListed | null | undefined;
  readonly target: Target | null;
  /** The moment that the interval is of. */
  readonly at: Date;
  /** Null where none was made. */
  readonly forecast: Outlook | null;
}

export interface StatusOfTarget {
  readonly status: TargetStatus;
  /** Null where the status says all. */
  readonly cause: StatusCause | null;
}

const told = (status: TargetStatus, cause: StatusCause | null = null): StatusOfTarget => ({ status, cause });

/** The last instant of a target's day, in milliseconds. */
export const endOfDay = (day: string): number => Date.parse(`${day}T23:59:59.999Z`);

/**
 * `met`: at least the target passes, and all was listed. `on-track`: the forecast's cautious date keeps the day. `off-track`:
 * it does not, or the day has passed and the target is out of reach of what is known. While a container is not listed whole
 * it is never met and never off track: what was not listed may change both.
 */
export function statusOf(input: StatusInput): StatusOfTarget {
  const { atLeast, atMost, containers, target } = input;
  if (target === null) return told('no-target', 'no-target');
  if (atLeast === null || atMost === null) {
    return told('cannot-tell', isShort(containers) ? 'not-listed-whole' : 'nothing-in-scope');
  }
  const status = ofListed(input, { ...input, atLeast, atMost, target });
  if (!isShort(containers)) return status;
  const inTime = input.at.getTime() <= endOfDay(target.by);
  if (status.status === 'met' && inTime) return told('on-track', 'not-listed-whole');
  return status.status === 'on-track' ? status : told('cannot-tell', 'not-listed-whole');
}

interface Decidable {
  readonly atLeast: number;
  readonly atMost: number;
  readonly target: Target;
}

/** The status if what is listed were all there is. */
function ofListed({ at, forecast }: StatusInput, { atLeast, atMost, target }: Decidable): StatusOfTarget {
  if (atLeast >= target.share) return told('met');
  if (at.getTime() > endOfDay(target.by)) {
    return atMost < target.share ? told('off-track', 'missed') : told('cannot-tell', 'too-much-unknown');
  }
  if (forecast === null) return told('cannot-tell', 'too-few-steps');
  if (forecast.kind === 'cannot-tell') return told('cannot-tell', forecast.why);
  if (forecast.kind === 'never') return told('off-track', 'never');
  if (forecast.kind === 'met') return told('on-track');
  const { cautious } = forecast;
  return cautious !== null && cautious.getTime() <= endOfDay(target.by)
    ? told('on-track')
    : told('off-track', 'late');
}

const isShort = (containers: StatusInput['containers']): boolean =>
  containers !== null && containers !== undefined && containers.whole < containers.total;
