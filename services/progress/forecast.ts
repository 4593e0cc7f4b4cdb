/** When standards reach their targets, from what their history says of each week. */

import type { CellCount } from '@macadam/adapters/facts/history/read';
import type { Retrospect } from '@macadam/adapters/facts/history/retrospect';
import type { Figures } from '@macadam/core/figures/accounting';
import type { ObservedStep } from '@macadam/core/figures/forecast';
import { forecastTo, type StandardForecast } from '@macadam/core/figures/standard-progress';
import type { Target } from '@macadam/core/figures/target';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Standard } from '@macadam/core/verdicts/standard';

const WEEK = 7 * 24 * 3_600_000;
/** How many weeks back are looked at. */
const WEEKS = 26;

const ENDED = ['fixed', 'gone-fail', 'out-of-scope-fail'];
const BEGAN = ['regressed', 'entered-fail', 'revealed-fail'];
const CAME = ['entered-pass', 'revealed-pass'];
const WENT = ['gone-pass', 'out-of-scope-pass', 'lost-pass'];

/** What a definition did is nobody's pace, and the clock is evidence that is late. */
const observed = ({ step }: CellCount) => step === 'evidence';

/** A standard as a catalogue holds it. */
export interface Promised {
  readonly id: string;
  readonly definition: Standard;
  readonly compiled: CompiledStandard;
}

/** Standard → what each week before a moment did to it, oldest first. Weeks before it had figures are none of its own. */
export type ObservedWeeks = ReadonlyMap<string, readonly ObservedStep[]>;

/** The weeks before `to` that history covers whole, of every standard, or of one. */
export async function weeksBefore(past: Retrospect, to: Date, standard?: string): Promise<ObservedWeeks> {
  const first = (await past.ticks()).at(0)?.valid ?? to;
  const weeks = new Map<string, ObservedStep[]>();
  for (let back = 1; back <= WEEKS; back++) {
    const from = new Date(to.getTime() - back * WEEK);
    if (from < first) break;
    const end = new Date(from.getTime() + WEEK);
    const between = await past.between({ from: from.toISOString(), to: end.toISOString() });
    if (between === null || 'fault' in between || between.from === null) break;
    const cells = (await past.cells(between, standard === undefined ? {} : { standard })).filter(observed);
    const before = await past.figuresOfAll({ ...between, to: between.from });
    for (const [id, step] of stepsOf(cells, before)) {
      const own = weeks.get(id) ?? [];
      weeks.set(id, own);
      own.unshift(step);
    }
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
      const step = {
        pass,
        fail,
        unknown,
        ended: sum(ENDED),
        began: sum(BEGAN),
        passing: sum(CAME) - sum(WENT),
      };
      return [standard, step] as const;
    }),
  );
}

/** Null where nothing was measured yet. */
export async function forecastStandard(
  past: Retrospect,
  { id, definition, compiled }: Promised,
  target: Target,
): Promise<StandardForecast | null> {
  const between = await past.between({});
  if (between === null || 'fault' in between) return null;
  const at = between.to.valid;
  const figures = await past.figures(between, id);
  const steps = (await weeksBefore(past, at, id)).get(id) ?? [];
  const measured = await past.measured(between, compiled);
  return forecastTo(target, { definition, at, figures, steps, measured });
}
