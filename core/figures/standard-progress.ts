/**
 * How one standard stands against what was promised of it: its figures, the forecast from the weeks that were observed, and
 * the status. Pages, programs, reviews and whoever verifies a review compute it here. Pure.
 */
import { hash } from 'node:crypto';
import { labelOf, type Standard } from '../verdicts/standard.ts';
import type { Figures } from './accounting.ts';
import { type Forecast, forecast, type ObservedStep } from './forecast.ts';
import { type Measure, type Measured, type MeasureFigures, measureFigures, NO_AMOUNTS } from './measure.ts';
import { seeded } from './seeded.ts';
import { type Share, share } from './share.ts';
import {
  type Commitment,
  commitmentOf,
  endOfDay,
  type OwnCommitments,
  type StatusOfTarget,
  statusOf,
  type Target,
} from './target.ts';

const WEEK = 7 * 24 * 3_600_000;

/** What happened in a week, on average of those that were observed; in assets, to one decimal. */
export interface WeeklyPace {
  /** Failures that were fixed, or gone. */
  readonly ended: number;
  /** Failures that were new, added or found out. */
  readonly began: number;
  /**
   * The share that passes in the long run, 0 to 1: failures end in proportion to how many there are, so that they sink to where as many
   * end as begin, and no lower. Null where none ended.
   */
  readonly settlesAt: number | null;
}

export interface StandardForecast {
  readonly target: number;
  /** The day by which it was promised. */
  readonly by: string;
  /** The moment that it is seen from. */
  readonly at: Date;
  readonly weeks: number;
  /** Null where no week was observed. */
  readonly pace: WeeklyPace | null;
  readonly outcome:
    | { readonly kind: 'met' }
    | { readonly kind: 'expected'; readonly likely: Date; readonly cautious: Date | null }
    | { readonly kind: 'never'; readonly chance: number }
    | Extract<Forecast, { kind: 'cannot-tell' }>;
  /** Whether the cautious date lies after the promised day, or there is none. Null where nothing can be told. */
  readonly atRisk: boolean | null;
}

export interface ForecastInput {
  readonly standard: string;
  readonly target: Target;
  /** The moment that it is seen from. */
  readonly at: Date;
  readonly now: Pick<Figures, 'pass' | 'fail' | 'unknown'>;
  /** What each week did to this standard, oldest first. */
  readonly steps: readonly ObservedStep[];
}

/** The same standard, moment and target give the same forecast. */
function seedOf(standard: string, at: Date, target: number): number {
  const digest = hash('sha256', `${standard} ${at.toISOString()} ${target}`, 'buffer');
  return digest.readUInt32BE();
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);
/** Of the failures there are. */
const endsIn = ({ ended, fail }: ObservedStep): number => Math.min(1, ended / Math.max(1, fail));
/** Of all in scope. */
const beginsIn = ({ began, pass, fail, unknown }: ObservedStep): number =>
  began / Math.max(1, pass + fail + unknown);

function weeklyPace(steps: readonly ObservedStep[]): WeeklyPace | null {
  if (steps.length === 0) return null;
  const average = (name: 'ended' | 'began') =>
    Math.round((steps.reduce((sum, step) => sum + step[name], 0) / steps.length) * 10) / 10;
  const [ends, begins] = [sumOf(steps.map(endsIn)), sumOf(steps.map(beginsIn))];
  const settlesAt = ends === 0 ? null : Math.max(0, 1 - begins / ends);
  return { ended: average('ended'), began: average('began'), settlesAt };
}

/** The same input gives the same forecast. */
export function forecastOf({ standard, target, at, now, steps }: ForecastInput): StandardForecast {
  const { share: wanted, by } = target;
  const random = seeded(seedOf(standard, at, wanted));
  const found = forecast({ steps, now, target: wanted, random });
  const day = (ahead: number) => new Date(at.getTime() + ahead * WEEK);
  const common = { target: wanted, by, at, weeks: steps.length, pace: weeklyPace(steps) };
  if (found.kind === 'expected') {
    const likely = day(found.likely);
    const cautious = found.cautious === null ? null : day(found.cautious);
    const atRisk = cautious === null || cautious.getTime() > endOfDay(by);
    return { ...common, outcome: { kind: 'expected', likely, cautious }, atRisk };
  }
  if (found.kind === 'cannot-tell') return { ...common, outcome: found, atRisk: null };
  return { ...common, outcome: found, atRisk: found.kind === 'never' };
}

export interface StandardProgress extends Commitment, StatusOfTarget {
  readonly standard: string;
  readonly label: string;
  readonly figures: Figures;
  readonly shares: Share;
  /** What it counts, where that is not a share of assets. */
  readonly measure: MeasureFigures | null;
  /** Null without a target. */
  readonly forecast: StandardForecast | null;
}

export interface ProgressInput {
  readonly definition: Standard;
  /** What the company promises of its standards. */
  readonly commitments: OwnCommitments;
  readonly at: Date;
  readonly figures: Figures;
  readonly steps: readonly ObservedStep[];
  /** What its measure came to, without what has no name; null for a share, and where it is not known. */
  readonly measured: Measured | null;
}

/** What was counted and never named has no amount that anybody knows; of cases it is an unknown like any other. */
function withUnnamed(measure: Measure, measured: Measured, { unnamed = 0 }: Figures): Measured {
  const { tally } = measured;
  if (measure.kind === 'weighted')
    return { ...measured, tally: { ...tally, blindUnknown: tally.blindUnknown + unnamed } };
  return measure.kind === 'duration'
    ? { ...measured, tally: { ...tally, unknown: tally.unknown + unnamed } }
    : measured;
}

function measureIn({
  definition: { measure },
  figures,
  measured,
}: Pick<ProgressInput, 'definition' | 'figures' | 'measured'>): MeasureFigures | null {
  // Where no asset is in scope there is no amount, whether that was written down or not.
  const nothing = measure.kind !== 'elimination' && figures.pass + figures.fail + figures.unknown === 0;
  const none = { tally: NO_AMOUNTS, pending: measure.kind === 'duration' ? 0 : null, medianSeconds: null };
  const known = measured ?? (nothing ? none : null);
  return measureFigures(measure, known && withUnnamed(measure, known, figures));
}

/** The pace of assets is taken for that of their amounts. A cohort is closed: nothing comes to it. */
function paceOf(
  measure: MeasureFigures | null,
  figures: Figures,
  steps: readonly ObservedStep[],
): Pick<ForecastInput, 'now' | 'steps'> {
  if (measure === null || measure.kind === 'duration') return { now: figures, steps };
  const { tally } = measure;
  // What is blind may be anything, so that nothing can be told before it is known.
  const blind = measure.atLeast === 0 && measure.amount > 0 && tally.pass > 0;
  const now = blind ? { pass: 0, fail: 0, unknown: measure.amount } : tally;
  if (measure.kind === 'weighted') return { now, steps };
  return { now, steps: steps.map((step) => ({ ...step, began: 0, passing: 0 })) };
}

/** The forecast of a standard by what it counts, towards any target. */
export function forecastTo(target: Target, input: Omit<ProgressInput, 'commitments'>): StandardForecast {
  const { definition, at, figures, steps } = input;
  const measure = measureIn(input);
  return forecastOf({ standard: definition.id, target, at, ...paceOf(measure, figures, steps) });
}

export function progressOf(input: ProgressInput): StandardProgress {
  const { definition, commitments, at, figures, steps } = input;
  const measure = measureIn(input);
  const { id: standard } = definition;
  const commitment = commitmentOf(definition, commitments);
  const { target } = commitment;
  const shares = share({ ...figures, notApplicable: 0 });
  const made = target && forecastOf({ standard, target, at, ...paceOf(measure, figures, steps) });
  const status = statusOf({
    ...(measure ?? shares),
    containers: figures.containers,
    target,
    at,
    forecast: made?.outcome ?? null,
  });
  return {
    standard,
    label: labelOf(definition),
    figures,
    shares,
    measure,
    ...commitment,
    ...status,
    forecast: made,
  };
}
