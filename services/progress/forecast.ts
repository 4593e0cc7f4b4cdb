/** When a standard reaches its target, from what its history says of each week. */
import { createHash } from 'node:crypto';
import type { Retrospect } from '@macadam/adapters/facts/history/past';
import type { CellCount } from '@macadam/adapters/facts/history/read';
import { type Forecast, forecast, type ObservedStep } from '@macadam/core/figures/forecast';
import { seeded } from '@macadam/core/figures/seeded';

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

/** The weeks before `to` that history covers whole, oldest first. */
async function weeksOf(past: Retrospect, standard: string, to: Date): Promise<ObservedStep[]> {
  const first = (await past.ticks()).at(0)?.valid ?? to;
  const steps: ObservedStep[] = [];
  for (let back = 1; back <= WEEKS; back++) {
    const from = new Date(to.getTime() - back * WEEK);
    if (from < first) break;
    const end = new Date(from.getTime() + WEEK);
    const between = await past.between({ from: from.toISOString(), to: end.toISOString() });
    if (between === null || 'fault' in between || between.from === null) break;
    const cells = (await past.cells(between, { standard })).filter(observed);
    const { pass, fail, unknown } = await past.figures({ ...between, to: between.from }, standard);
    const sum = (names: readonly string[]) =>
      cells.filter(({ cell }) => names.includes(cell)).reduce((total, { count }) => total + count, 0);
    steps.unshift({
      pass,
      fail,
      unknown,
      ended: sum(ENDED),
      began: sum(BEGAN),
      passing: sum(CAME) - sum(WENT),
    });
  }
  return steps;
}

/** The same standard, moment and target give the same forecast. */
function seedOf(standard: string, at: Date, target: number): number {
  return createHash('sha256').update(`${standard} ${at.toISOString()} ${target}`).digest().readUInt32BE();
}

/** Null where nothing was measured yet. */
export async function forecastStandard(
  past: Retrospect,
  standard: string,
  { share: target, by }: { readonly share: number; readonly by: string },
): Promise<StandardForecast | null> {
  const between = await past.between({});
  if (between === null || 'fault' in between) return null;
  const at = between.to.valid;
  const now = await past.figures(between, standard);
  const steps = await weeksOf(past, standard, at);
  const found = forecast({ steps, now, target, random: seeded(seedOf(standard, at, target)) });
  const day = (weeks: number) => new Date(at.getTime() + weeks * WEEK);
  const promised = Date.parse(`${by}T23:59:59Z`);
  const common = { target, by, at, weeks: steps.length };
  if (found.kind === 'expected') {
    const likely = day(found.likely);
    const cautious = found.cautious === null ? null : day(found.cautious);
    const atRisk = cautious === null || cautious.getTime() > promised;
    return { ...common, outcome: { kind: 'expected', likely, cautious }, atRisk };
  }
  if (found.kind === 'cannot-tell') return { ...common, outcome: found, atRisk: null };
  return { ...common, outcome: found, atRisk: found.kind === 'never' };
}
