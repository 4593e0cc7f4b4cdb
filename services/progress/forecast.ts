/** When standards reach their targets, from what their history says of each week. */
import { createHash } from 'node:crypto';
import type { Retrospect } from '@macadam/adapters/facts/history/past';
import type { CellCount } from '@macadam/adapters/facts/history/read';
import type { Figures } from '@macadam/core/figures/accounting';
import { type Forecast, forecast, type ObservedStep } from '@macadam/core/figures/forecast';
import { seeded } from '@macadam/core/figures/seeded';
import { endOfDay, type Target } from '@macadam/core/figures/target';

const WEEK = 7 * 24 * 3_600_000;
/** How many weeks back are looked at. */
const WEEKS = 26;

export interface StandardForecast {
  readonly target: number;
  /** The day by which it was promised. */
  readonly by: string;
  /** The moment that it is seen from. */
  readonly at: Date;
  readonly weeks: number;
  readonly outcome:
    | { readonly kind: 'met' }
    | { readonly kind: 'expected'; readonly likely: Date; readonly cautious: Date | null }
    | { readonly kind: 'never'; readonly chance: number }
    | Extract<Forecast, { kind: 'cannot-tell' }>;
  /** Whether the cautious date lies after the promised day, or there is none. Null where nothing can be told. */
  readonly atRisk: boolean | null;
}

const ENDED = ['fixed', 'gone-fail', 'out-of-scope-fail'];
const BEGAN = ['regressed', 'entered-fail', 'revealed-fail'];
const CAME = ['entered-pass', 'revealed-pass'];
const WENT = ['gone-pass', 'out-of-scope-pass', 'lost-pass'];

/** What a definition did is nobody's pace, and the clock is evidence that is late. */
const observed = ({ step }: CellCount) => step === 'evidence';

/** Weeks of every standard before a moment, oldest first; a week that history does not cover whole is none. */
export type ObservedWeeks = readonly ReadonlyMap<string, ObservedStep>[];

/** What each week before `to` did to every standard, or to one. */
export async function weeksBefore(past: Retrospect, to: Date, standard?: string): Promise<ObservedWeeks> {
  const first = (await past.ticks()).at(0)?.valid ?? to;
  const weeks: ReadonlyMap<string, ObservedStep>[] = [];
  for (let back = 1; back <= WEEKS; back++) {
    const from = new Date(to.getTime() - back * WEEK);
    if (from < first) break;
    const end = new Date(from.getTime() + WEEK);
    const between = await past.between({ from: from.toISOString(), to: end.toISOString() });
    if (between === null || 'fault' in between || between.from === null) break;
    const cells = (await past.cells(between, standard === undefined ? {} : { standard })).filter(observed);
    weeks.unshift(stepsOf(cells, await past.figuresOfAll({ ...between, to: between.from })));
  }
  return weeks;
}

function stepsOf(
  cells: readonly CellCount[],
  before: ReadonlyMap<string, Figures>,
): ReadonlyMap<string, ObservedStep> {
  const moved = Map.groupBy(cells, ({ standard = '' }) => standard);
  return new Map(
    [...before].map(([standard, { pass, fail, unknown }]) => {
      const own = moved.get(standard) ?? [];
      const sum = (names: readonly string[]) =>
        own.filter(({ cell }) => names.includes(cell)).reduce((total, { count }) => total + count, 0);
      return [
        standard,
        {
          pass,
          fail,
          unknown,
          ended: sum(ENDED),
          began: sum(BEGAN),
          passing: sum(CAME) - sum(WENT),
        },
      ] as const;
    }),
  );
}

/** The same standard, moment and target give the same forecast. */
function seedOf(standard: string, at: Date, target: number): number {
  return createHash('sha256').update(`${standard} ${at.toISOString()} ${target}`).digest().readUInt32BE();
}

export interface ForecastInput {
  readonly standard: string;
  readonly target: Target;
  /** The moment that it is seen from. */
  readonly at: Date;
  readonly now: Pick<Figures, 'pass' | 'fail' | 'unknown'>;
  readonly weeks: ObservedWeeks;
}

/** Pure: the same input gives the same forecast. A week before which a standard had no figures was none of its own. */
export function forecastOf({ standard, target, at, now, weeks }: ForecastInput): StandardForecast {
  const { share, by } = target;
  const steps = weeks.flatMap((week) => week.get(standard) ?? []);
  const found = forecast({ steps, now, target: share, random: seeded(seedOf(standard, at, share)) });
  const day = (ahead: number) => new Date(at.getTime() + ahead * WEEK);
  const common = { target: share, by, at, weeks: steps.length };
  if (found.kind === 'expected') {
    const likely = day(found.likely);
    const cautious = found.cautious === null ? null : day(found.cautious);
    const atRisk = cautious === null || cautious.getTime() > endOfDay(by);
    return { ...common, outcome: { kind: 'expected', likely, cautious }, atRisk };
  }
  if (found.kind === 'cannot-tell') return { ...common, outcome: found, atRisk: null };
  return { ...common, outcome: found, atRisk: found.kind === 'never' };
}

/** Null where nothing was measured yet. */
export async function forecastStandard(
  past: Retrospect,
  standard: string,
  target: Target,
): Promise<StandardForecast | null> {
  const between = await past.between({});
  if (between === null || 'fault' in between) return null;
  const at = between.to.valid;
  const now = await past.figures(between, standard);
  const weeks = await weeksBefore(past, at, standard);
  return forecastOf({ standard, target, at, now, weeks });
}
