/** A small history beside a row: the band from at least to at most, on a scale of its own. */
import { scaleLinear } from 'd3-scale';
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

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A point that lies so close to the line between its neighbours, in pixels, is not seen: the line is wider. */
const UNSEEN = 0.5;

/** Without the points that nobody would miss: there are many histories on one page, and most go evenly. */
function simplified(points: readonly Place[]): readonly Place[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 3) return points;
  let [furthest, at] = [0, 0];
  for (const [index, { x, y }] of points.entries()) {
    const along = (x - first.x) / (last.x - first.x);
    const distance = Math.abs(y - (first.y + along * (last.y - first.y)));
    if (distance > furthest) [furthest, at] = [distance, index];
  }
  if (furthest <= UNSEEN) return [first, last];
  return [...simplified(points.slice(0, at + 1)), ...simplified(points.slice(at)).slice(1)];
}

/** In tenths, of which every fifth is taken, and weeks on whole pixels: nobody sees where within half a pixel a line lies. */
const tenths = (value: number): number => Math.round(value * 2) * 5;
const written = (value: number): string => {
  const text = (value / 10).toString().replace(/^(-?)0\./, '$1.');
  return value < 0 ? text : ` ${text}`;
};

/** Lines through points, each said by its distance from the one before. */
function steps(points: readonly Place[]): string {
  let [beforeX, beforeY] = [0, 0];
  return points
    .map((place, index) => {
      const [x, y] = [tenths(place.x), tenths(place.y)];
      const step = `${written(x - beforeX)}${written(y - beforeY)}`.trimStart();
      [beforeX, beforeY] = [x, y];
      return index === 0 ? `M${step}l` : step.startsWith('-') ? step : ` ${step}`;
    })
    .join('')
    .replace('l ', 'l');
}

/** Stretches in which so much is unknown that the line does not hide it, each with the points beside it. */
function stretches<P>(points: readonly P[], open: (point: P) => boolean): readonly (readonly P[])[] {
  const found: P[][] = [];
  for (const [index, point] of points.entries()) {
    if (!open(point)) continue;
    const before = points[index - 1];
    if (before === undefined || !open(before)) found.push(before === undefined ? [] : [before]);
    const after = points[index + 1];
    found.at(-1)?.push(point, ...(after === undefined || open(after) ? [] : [after]));
  }
  return found;
}

/** Null where there are not two moments with a share. Figures beside it say where it ends, so it is hidden from screen readers. */
export function sparkline(points: readonly BandPoint[]): Markup | null {
  const known = knownPoints(points);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || first.at.getTime() === last.at.getTime()) return null;
  const x = scaleLinear([first.at.getTime(), last.at.getTime()], [1, WIDTH - 3]);
  const y = scaleLinear(spanOf(known, LEAST_SPAN), [HEIGHT - 2, 2]);
  const drawn = known.map((one) => ({ known: one, x: Math.round(x(one.at.getTime())) }));
  const line = (of: 'atLeast' | 'atMost', some: readonly (typeof drawn)[number][]) =>
    simplified(some.map((one) => ({ x: one.x, y: y(one.known[of]) })));
  const band = stretches(drawn, ({ known: { atLeast, atMost } }) => y(atLeast) - y(atMost) > UNSEEN)
    .map((some) => `${steps([...line('atMost', some), ...line('atLeast', some).toReversed()])}z`)
    .join('');
  return html`<svg class="spark" aria-hidden="true">${band !== '' && html`<path d="${band}"/>`}<path d="${steps(line('atLeast', drawn))}"/></svg>`;
}
