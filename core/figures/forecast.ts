/**
 * When a standard reaches its target, if what happened so far goes on. Each of many possible futures draws its steps from
 * the steps that were observed (how much of the open work was fixed, how much new work came in), with weights of its own,
 * so that few observations give wide answers (the Bayesian bootstrap: Rubin, The Annals of Statistics 9, 1981). Pure: chance
 * is passed in.
 */

/** What happened within one step of fixed length, counted in assets. */
export interface ObservedStep {
  /** At the beginning of the step. */
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  /** Failures that ended: fixed, or gone. */
  readonly ended: number;
  /** Failures that began: newly failing, added, or found out. */
  readonly began: number;
  /** Passing assets that were added (not those that were fixed), less those that left. */
  readonly passing: number;
}

export interface ForecastRequest {
  /** Oldest first. Steps in which a definition moved the figures are left out by the caller: they are nobody's pace. */
  readonly steps: readonly ObservedStep[];
  readonly now: { readonly pass: number; readonly fail: number; readonly unknown: number };
  /** A share of the assets in scope, 0 to 1, that must pass. */
  readonly target: number;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
  /** How many futures are tried; 400 without it. */
  readonly futures?: number;
  /** How many steps ahead are looked at; 260 without it, five years of weeks. */
  readonly horizon?: number;
}

export type Forecast =
  | { readonly kind: 'met' }
  | {
      readonly kind: 'expected';
      /** Steps from now until half of the futures have reached the target. */
      readonly likely: number;
      /** Steps until 85 of 100 have; null where fewer ever do. */
      readonly cautious: number | null;
    }
  | {
      readonly kind: 'never' /** How many of the futures reach it at all, 0 to below 0.5. */;
      readonly chance: number;
    }
  | { readonly kind: 'cannot-tell'; readonly why: 'nothing-in-scope' | 'too-few-steps' | 'too-much-unknown' };

/** With fewer observed steps than these nothing is said: a pace needs more than a beginning and an end. */
export const FEWEST_STEPS = 6;
const LIKELY = 0.5;
const CAUTIOUS = 0.85;
/** What was not seen yet may still happen: it is given the weight of this many observed steps. */
const UNSEEN = 1;

interface Pace {
  /** Chance of one failure to end within a step. */
  readonly ends: number;
  /** New failures in a step, as a share of the assets in scope. */
  readonly begins: number;
  readonly grows: number;
}

const paceOf = ({ pass, fail, unknown, ended, began, passing }: ObservedStep): Pace => {
  const scope = Math.max(1, pass + fail + unknown);
  return { ends: Math.min(1, ended / Math.max(1, fail)), begins: began / scope, grows: passing / scope };
};

/** A normal deviate (Box and Muller, 1958). */
function normal(random: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

/** About a binomial number: how many of `count` happen with this chance each. */
function happening(count: number, chance: number, random: () => number): number {
  if (count < 30) {
    let sum = 0;
    for (let at = 0; at < count; at++) if (random() < chance) sum += 1;
    return sum;
  }
  const drawn = Math.round(count * chance + Math.sqrt(count * chance * (1 - chance)) * normal(random));
  return Math.min(count, Math.max(0, drawn));
}

/** About a Poisson number of this mean. */
function arriving(mean: number, random: () => number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let product = random();
  let sum = 0;
  while (product > limit) {
    product *= random();
    sum += 1;
  }
  return sum;
}

/** How likely each observed pace is in one future; they add up to 1. */
function weights(count: number, random: () => number): number[] {
  const drawn = Array.from({ length: count }, () => -Math.log(1 - random()));
  const sum = drawn.reduce((total, one) => total + one, 0);
  return drawn.map((one) => one / sum);
}

function pick(paces: readonly Pace[], weight: readonly number[], random: () => number): Pace {
  let left = random();
  for (const [at, pace] of paces.entries()) {
    left -= weight[at] ?? 0;
    if (left < 0) return pace;
  }
  return paces.at(-1) ?? { ends: 0, begins: 0, grows: 0 };
}

/** A pace slower than all that was seen: nothing is fixed while as much comes in as in the worst step. */
function standstill(paces: readonly Pace[]): Pace {
  return { ends: 0, begins: Math.max(...paces.map(({ begins }) => begins)), grows: 0 };
}

/** Steps until one future reaches the target; null where it does not within the horizon. */
function reach(
  request: Required<Pick<ForecastRequest, 'now' | 'target' | 'random' | 'horizon'>>,
  paces: readonly Pace[],
): number | null {
  const { now, target, random, horizon } = request;
  const weight = weights(paces.length, random);
  let { pass, fail } = now;
  for (let step = 1; step <= horizon; step++) {
    const pace = pick(paces, weight, random);
    const scope = pass + fail + now.unknown;
    const ended = happening(fail, pace.ends, random);
    const began = arriving(pace.begins * scope, random);
    pass = Math.max(0, pass + ended + Math.round(pace.grows * scope));
    fail = fail - ended + began;
    if (pass / (pass + fail + now.unknown) >= target) return step;
  }
  return null;
}

/** Forecasts the step at which the share that is known to pass reaches the target; what is unknown is taken to stay so. */
export function forecast(request: ForecastRequest): Forecast {
  const { now, steps, target, random, futures = 400, horizon = 260 } = request;
  const scope = now.pass + now.fail + now.unknown;
  if (scope === 0) return { kind: 'cannot-tell', why: 'nothing-in-scope' };
  // Divided as shares are, so that no figure is met in one place and missed in another.
  if (now.pass / scope >= target) return { kind: 'met' };
  if ((now.pass + now.fail) / scope < target) return { kind: 'cannot-tell', why: 'too-much-unknown' };
  if (steps.length < FEWEST_STEPS) return { kind: 'cannot-tell', why: 'too-few-steps' };
  const observed = steps.map(paceOf);
  const paces = [...observed, ...Array.from({ length: UNSEEN }, () => standstill(observed))];
  const reached: number[] = [];
  for (let future = 0; future < futures; future++) {
    const step = reach({ now, target, random, horizon }, paces);
    if (step !== null) reached.push(step);
  }
  reached.sort((a, b) => a - b);
  const quantile = (share: number) => reached[Math.ceil(futures * share) - 1] ?? null;
  const likely = quantile(LIKELY);
  if (likely === null) return { kind: 'never', chance: reached.length / futures };
  return { kind: 'expected', likely, cautious: quantile(CAUTIOUS) };
}
