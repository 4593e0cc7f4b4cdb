/**
 * A share over time: the band from at least to at most, the target and the forecast until its day, events, and how much was in scope.
 * Drawn in the width that it is for, so that no text in it shrinks.
 */
import { extent, max } from 'd3-array';
import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, line } from 'd3-shape';
import { html, type Markup } from '../markup.ts';
import { percentAtLeast, percentAtMost } from './interval.ts';
import { type BandPoint, type KnownPoint, knownPoints } from './sparkline.ts';

export interface ChartEvent {
  readonly at: Date;
  readonly number: number;
}

export interface BandChart {
  readonly title: string;
  readonly points: readonly (BandPoint & { readonly scope: number })[];
  /** `repositories`, for the curve of what is in scope. */
  readonly noun: string;
  readonly target: { readonly share: number; readonly by: Date } | null;
  /** Where the share is expected on the target's day; null where that cannot be told. */
  readonly forecast: { readonly low: number; readonly high: number } | null;
  readonly events: readonly ChartEvent[];
}

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

export const WIDE: ChartSize = { width: 840, height: 300 };
export const NARROW: ChartSize = { width: 358, height: 250 };

const MARGIN = { top: 16, left: 36, bottom: 42 } as const;
const DAY = 86_400_000;
const months = new Intl.DateTimeFormat('en-US', { month: 'short', timeZone: 'UTC' });
const monthsYears = new Intl.DateTimeFormat('en-US', { month: 'short', year: 'numeric', timeZone: 'UTC' });
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const fullDays = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

const round = (value: number): number => Number(value.toFixed(1));

/** A scale of whole tens that holds everything drawn; it begins at 0 unless all lies above a half. */
function shareRange(chart: BandChart, known: readonly KnownPoint[]): readonly [number, number] {
  const values = [
    ...known.flatMap(({ atLeast, atMost }) => [atLeast, atMost]),
    ...(chart.target ? [chart.target.share] : []),
    ...(chart.forecast ? [chart.forecast.low, chart.forecast.high] : []),
  ];
  const [low = 0, high = 1] = extent(values);
  const from = low >= 0.5 ? Math.floor(low * 10 - 0.5) / 10 : 0;
  return [Math.max(0, from), Math.min(1, Math.max(Math.ceil(high * 10) / 10, from + 0.3))];
}

/** Where the axis begins, in percent: an axis that does not begin at 0 has to say so. */
export function axisStart(chart: BandChart): number {
  return Math.round(shareRange(chart, knownPoints(chart.points))[0] * 100);
}

interface Scales {
  readonly x: (at: Date) => number;
  readonly y: (share: number) => number;
  readonly right: number;
  readonly bottom: number;
  readonly now: KnownPoint;
  readonly first: Date;
  readonly until: Date;
  readonly ticks: readonly Date[];
  readonly shares: readonly number[];
}

function scalesOf(
  chart: BandChart,
  known: readonly KnownPoint[],
  { width, height }: ChartSize,
): Scales | null {
  const [begin, now] = [known[0], known.at(-1)];
  if (begin === undefined || now === undefined || begin.at.getTime() === now.at.getTime()) return null;
  const wide = width > 500;
  const until = new Date(Math.max(now.at.getTime(), chart.target?.by.getTime() ?? 0));
  const right = width - (chart.target === null ? 12 : wide ? 116 : 12);
  const bottom = height - MARGIN.bottom;
  const time = scaleUtc([begin.at, until], [MARGIN.left, right]);
  const range = shareRange(chart, known);
  const y = scaleLinear(range, [bottom, MARGIN.top]);
  const shares = y.ticks(wide ? 6 : 4);
  return {
    x: (at) => round(time(at)),
    y: (share) => round(y(share)),
    right,
    bottom,
    now,
    first: begin.at,
    until,
    ticks: time.ticks(wide ? 7 : 4),
    shares,
  };
}

/** Null where there are not two moments with a share. */
export function bandChart(chart: BandChart, size: ChartSize): Markup | null {
  const known = knownPoints(chart.points);
  const scales = scalesOf(chart, known, size);
  if (scales === null) return null;
  const { x, y, right, bottom, now } = scales;
  const drawn = [...known];
  const at = (point: KnownPoint) => x(point.at);
  const band =
    area<KnownPoint>(
      at,
      (point) => y(point.atLeast),
      (point) => y(point.atMost),
    )(drawn) ?? '';
  const lower = line<KnownPoint>(at, (point) => y(point.atLeast))(drawn) ?? '';
  const upper = line<KnownPoint>(at, (point) => y(point.atMost))(drawn) ?? '';
  const [first] = drawn;
  const label = `${chart.title}: at least ${percentAtLeast(first?.atLeast ?? 0)} %, at most ${percentAtMost(first?.atMost ?? 0)} % on ${fullDays.format(scales.first)}; at least ${percentAtLeast(now.atLeast)} %, at most ${percentAtMost(now.atMost)} % on ${fullDays.format(now.at)}`;
  const grid = scales.shares.map(
    (share) =>
      html`<line class="c-grid" x1="${MARGIN.left}" x2="${right}" y1="${y(share)}" y2="${y(share)}"/><text x="${MARGIN.left - 6}" y="${y(share) + 4}" text-anchor="end">${Math.round(share * 100)}</text>`,
  );
  return html`<svg class="chart" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${label}">
${grid}${timeAxis(scales, size)}${scopeCurve(chart, scales)}${chart.target && forecastFan(chart, scales)}<path class="c-band" d="${band}"/><path class="c-most" d="${upper}"/><path class="c-least" d="${lower}"/>
<line class="c-now" x1="${x(now.at)}" x2="${x(now.at)}" y1="${MARGIN.top - 4}" y2="${bottom}"/><text x="${x(now.at)}" y="${MARGIN.top - 7}" text-anchor="middle">${days.format(now.at)}</text>
${chart.target && targetLine(chart, scales, size)}${marks(chart, known, scales)}${nowLabels(scales)}</svg>`;
}

function timeAxis({ ticks, x, until, first }: Scales, { height }: ChartSize): Markup {
  const long = until.getTime() - first.getTime() > 60 * DAY;
  const said = (tick: Date) =>
    long ? (tick.getUTCMonth() === 0 ? monthsYears : months).format(tick) : days.format(tick);
  return html`${ticks.map((tick) => html`<text x="${x(tick)}" y="${height - 4}" text-anchor="middle">${said(tick)}</text>`)}`;
}

/** How much was in scope, under the same axis: what a share is of. */
function scopeCurve({ points, noun }: BandChart, { x, bottom, right, now }: Scales): Markup | null {
  const most = max(points, ({ scope }) => scope) ?? 0;
  if (most === 0) return null;
  const height = scaleLinear([0, most], [bottom + 24, bottom + 6]);
  const curve =
    area<(typeof points)[number]>(
      (point) => x(point.at),
      bottom + 24,
      (point) => round(height(point.scope)),
    )([...points]) ?? '';
  const last = points.at(-1);
  const inside = right - x(now.at) > 130;
  return html`<path class="c-scope" d="${curve}"/><text x="${x(now.at) + (inside ? 6 : -6)}" y="${bottom + 20}" text-anchor="${inside ? 'start' : 'end'}">${(last?.scope ?? 0).toLocaleString('en-US')} ${noun} in scope</text>`;
}

function forecastFan({ target, forecast }: BandChart, { x, y, now }: Scales): Markup | null {
  if (target === null || forecast === null || target.by <= now.at) return null;
  const end = x(target.by);
  const from = x(now.at);
  return html`<path class="c-fan" d="M${from},${y(now.atLeast)}L${end},${y(forecast.low)}V${y(forecast.high)}L${from},${y(now.atMost)}Z"/><path class="c-fan-edge" d="M${from},${y(now.atMost)}L${end},${y(forecast.high)}M${from},${y(now.atLeast)}L${end},${y(forecast.low)}"/>`;
}

function targetLine(
  { target }: BandChart,
  { x, y, right, until }: Scales,
  { width }: ChartSize,
): Markup | null {
  if (target === null) return null;
  const end = Math.min(right, x(target.by < until ? target.by : until));
  const height = y(target.share);
  const beside = width > 500;
  const text = beside
    ? html`<text class="lab" x="${end + 10}" y="${height - 3}">target ${Number((target.share * 100).toFixed(1))} %</text><text class="lab-2" x="${end + 10}" y="${height + 12}">${fullDays.format(target.by)}</text>`
    : html`<text class="lab" x="${end}" y="${height - 8}" text-anchor="end">target ${Number((target.share * 100).toFixed(1))} %</text>`;
  return html`<line class="c-target" x1="${MARGIN.left}" x2="${end}" y1="${height}" y2="${height}"/><circle class="c-target-dot" cx="${end}" cy="${height}" r="4"/>${text}`;
}

/** Events are numbered on the lower line; what each was stands below the chart. */
function marks(
  { events }: BandChart,
  known: readonly KnownPoint[],
  { x, y, bottom }: Scales,
): readonly Markup[] {
  return events.map(({ at, number }) => {
    const nearest = known.reduce((best, point) =>
      Math.abs(point.at.getTime() - at.getTime()) < Math.abs(best.at.getTime() - at.getTime()) ? point : best,
    );
    const foot = y(nearest.atLeast);
    const centre = Math.min(foot + 30, bottom - 10);
    const left = x(at);
    return html`<line class="c-mark-line" x1="${left}" x2="${left}" y1="${foot + 3}" y2="${centre - 9}"/><circle class="c-mark" cx="${left}" cy="${centre}" r="9"/><text class="lab" x="${left}" y="${centre + 4}" text-anchor="middle">${number}</text>`;
  });
}

function nowLabels({ x, y, now, right }: Scales): Markup {
  const left = x(now.at);
  const inside = right - left > 110;
  const [low, high] = [y(now.atLeast), y(now.atMost)];
  const anchor = inside ? 'start' : 'end';
  const shift = inside ? 8 : -8;
  const same = now.atLeast === now.atMost;
  return html`${!same && html`<text class="lab" x="${left - 8}" y="${high - 6}" text-anchor="end">at most ${percentAtMost(now.atMost)} %</text>`}<text class="lab" x="${left + shift}" y="${low + (same ? 4 : 16)}" text-anchor="${anchor}">${same ? '' : 'at least '}${percentAtLeast(now.atLeast)} %</text>`;
}
