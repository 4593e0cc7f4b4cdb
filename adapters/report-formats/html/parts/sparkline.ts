/** A small history beside a row: the band from at least to at most, on a scale of its own. */
import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { html, type Markup } from '../markup.ts';

export interface BandPoint {
  readonly at: Date;
  /** Fractions; null where nothing was in scope. */
  readonly atLeast: number | null;
  readonly atMost: number | null;
}

export interface KnownPoint {
  readonly at: Date;
  readonly atLeast: number;
  readonly atMost: number;
}

export const knownPoints = (points: readonly BandPoint[]): readonly KnownPoint[] =>
  points.flatMap(({ at, atLeast, atMost }) =>
    atLeast === null || atMost === null ? [] : [{ at, atLeast, atMost }],
  );

/** A flat history must not look like a mountain: the scale spans at least so much. */
const LEAST_SPAN = 0.12;
const WIDTH = 84;
const HEIGHT = 18;

/** Lower and upper end of a scale that holds all points and spans at least `least`, within 0 and 1. */
export function spanOf(points: readonly KnownPoint[], least: number): readonly [number, number] {
  const low = Math.min(...points.map(({ atLeast }) => atLeast));
  const high = Math.max(...points.map(({ atMost }) => atMost));
  const missing = Math.max(0, least - (high - low)) / 2;
  const from = Math.max(0, Math.min(low - missing, 1 - least));
  return [from, Math.min(1, Math.max(high + missing, from + least))];
}

const round = (value: number): number => Number(value.toFixed(1));

/** Null where there are not two moments with a share. `label` says what it shows, for whoever does not see it. */
export function sparkline(points: readonly BandPoint[], label: string): Markup | null {
  const known = knownPoints(points);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || first.at.getTime() === last.at.getTime()) return null;
  const x = scaleLinear([first.at.getTime(), last.at.getTime()], [1, WIDTH - 3]);
  const y = scaleLinear(spanOf(known, LEAST_SPAN), [HEIGHT - 2, 2]);
  const at = (point: KnownPoint) => round(x(point.at.getTime()));
  const least = (point: KnownPoint) => round(y(point.atLeast));
  const most = (point: KnownPoint) => round(y(point.atMost));
  const drawn = [...known];
  const band = area<KnownPoint>(at, least, most)(drawn) ?? '';
  const lower = line<KnownPoint>(at, least)(drawn) ?? '';
  const upper = line<KnownPoint>(at, most)(drawn) ?? '';
  return html`<svg class="spark" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}"><path class="k-band" d="${band}"/><path class="k-most" d="${upper}"/><path class="k-least" d="${lower}"/><circle class="k-dot" cx="${at(last)}" cy="${least(last)}" r="2"/></svg>`;
}
