/** Which moments of the history a trend shows: one of each week, and the newest, so that a chart ends where the figures beside it are of. */
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import type { BandPoint } from '@macadam/adapters/report-formats/html/parts/sparkline';
import type { Figures } from '@macadam/core/figures/accounting';
import { share } from '@macadam/core/figures/share';

type Moment = Between['to'];

const WEEK = 7 * 86_400_000;
const WEEKS = 26;
/** A history of fewer weeks is shown by its single looks. */
const FEWEST_WEEKS = 6;
/** 1970 began on a Thursday. */
const MONDAY = 4 * 86_400_000;

const mondayOf = (time: number): number => Math.floor((time - MONDAY) / WEEK) * WEEK + MONDAY;

/** Those before `to` that stand for a week each, oldest first, and `to` itself. Of a young history: looks at even distances. */
export function weekly(ticks: readonly Moment[], to: Moment): readonly Moment[] {
  const before = ticks.filter(({ valid }) => valid < to.valid);
  const last = mondayOf(to.valid.getTime());
  const chosen = new Set<Moment>();
  for (let back = WEEKS; back >= 0; back--) {
    const found = before.findLast(({ valid }) => valid.getTime() <= last - back * WEEK);
    if (found) chosen.add(found);
  }
  if (chosen.size >= FEWEST_WEEKS) return [...chosen, to];
  const step = Math.max(1, Math.ceil(before.length / WEEKS));
  return [...before.filter((_, index) => (before.length - index) % step === 0), to];
}

export interface TrendPoint extends BandPoint {
  readonly scope: number;
  readonly figures: Figures;
}

/** Standard → its points, oldest first. What is known at a moment never changes, and is asked of the store once. */
export async function trends(
  past: Retrospect,
  span: Between,
): Promise<(id: string) => readonly TrendPoint[]> {
  const ticks = await past.ticks();
  const newest = ticks.at(-1);
  const moments = weekly(ticks, span.to);
  const read: { readonly at: Date; readonly figures: ReadonlyMap<string, Figures> }[] = [];
  for (const moment of moments) {
    const known = span.known ? (newest?.known ?? moment.known) : moment.known;
    const to = moment === span.to ? moment : { valid: moment.valid, known };
    read.push({ at: moment.valid, figures: await past.figuresOfAll({ ...span, to }) });
  }
  return (id) =>
    read.flatMap(({ at, figures }) => {
      const own = figures.get(id);
      if (own === undefined) return [];
      const { atLeast, atMost, scope } = share({ ...own, notApplicable: 0 });
      return [{ at, atLeast, atMost, scope, figures: own }];
    });
}
