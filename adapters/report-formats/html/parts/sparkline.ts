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

/**
 * In tenths, and weeks on whole pixels, so that a path of steps stays short: there are many of them on one page, and nobody sees where
 * within a pixel a week lies.
 */
const tenths = (value: number): number => Math.round(value * 10);
const written = (value: number): string => {
  const text = (value / 10).toString().replace(/^(-?)0\./, '$1.');
  return value < 0 ? text : ` ${text}`;
};

/** Lines through points, each said by its distance from the one before. */
function steps(points: readonly { readonly x: number; readonly y: number }[]): string {
  let [beforeX, beforeY] = [0, 0];
  return points
    .map(({ x, y }, index) => {
      const step = `${written(x - beforeX)}${written(y - beforeY)}`.trimStart();
      [beforeX, beforeY] = [x, y];
      return index === 0 ? `M${step}l` : step.startsWith('-') ? step : ` ${step}`;
    })
    .join('')
    .replace('l ', 'l');
}

/** Null where there are not two moments with a share. `label` says what it shows, for whoever does not see it. */
export function sparkline(points: readonly BandPoint[], label: string): Markup | null {
  const known = knownPoints(points);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || first.at.getTime() === last.at.getTime()) return null;
  const x = scaleLinear([first.at.getTime(), last.at.getTime()], [1, WIDTH - 3]);
  const y = scaleLinear(spanOf(known, LEAST_SPAN), [HEIGHT - 2, 2]);
  const at = (point: KnownPoint, share: number) => ({
    x: tenths(Math.round(x(point.at.getTime()))),
    y: tenths(y(share)),
  });
  const lower = known.map((point) => at(point, point.atLeast));
  const upper = known.map((point) => at(point, point.atMost));
  const band = known.some(({ atLeast, atMost }) => atMost > atLeast);
  const end = lower.at(-1) ?? { x: 0, y: 0 };
  return html`<svg class="spark" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${label}">${band && html`<path class="k-band" d="${steps([...upper, ...lower.toReversed()])}z"/>`}<path class="k-least" d="${steps(lower)}"/><circle class="k-dot" cx="${end.x / 10}" cy="${end.y / 10}" r="2"/></svg>`;
}
