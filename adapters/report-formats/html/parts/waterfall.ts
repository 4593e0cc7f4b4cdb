/** Why a figure moved: a table whose rows float from where the one before ended. It begins and ends in a dot, never in a cut-off bar. */
import { scaleLinear } from 'd3-scale';
import { count } from '../../figures.ts';
import { type Child, html, type Markup } from '../markup.ts';
import { signed } from './interval.ts';

export interface WaterfallRow {
  readonly label: string;
  /** What it added, below zero for what it took away. */
  readonly value: number;
  /** The list behind it. */
  readonly href: string;
  readonly kind: 'better' | 'worse' | 'unknown' | 'scope';
}

export interface WaterfallEnds {
  readonly begin: { readonly label: Child; readonly value: number };
  readonly end: { readonly label: Child; readonly value: number };
}

export interface Waterfall {
  readonly caption: string;
  readonly rows: readonly WaterfallRow[];
  /** Left out where only the changes are shown. */
  readonly ends?: WaterfallEnds;
}

const CLASSES = { better: 'w-up', worse: 'w-down', unknown: 'w-unknown', scope: 'w-scope' } as const;

/** A bar of nothing is still a line that can be seen, in percent of the width. */
const THINNEST = 0.6;

/** A tenth of a percent is less than half a pixel. */
const round = (value: number): number => Number(value.toFixed(1));
const at = (value: number): string => `${round(value)}%`;

/** Where each row begins and ends, from 0 at the first one. */
function floats(rows: readonly WaterfallRow[]): readonly { readonly from: number; readonly to: number }[] {
  let sum = 0;
  return rows.map(({ value }) => {
    const from = sum;
    sum += value;
    return { from, to: sum };
  });
}

export function waterfall({ caption, rows, ends }: Waterfall): Markup {
  const spans = floats(rows);
  const all = [0, ...spans.map(({ to }) => to)];
  const x = scaleLinear([Math.min(...all), Math.max(...all)], [2, 98]).clamp(true);
  const place = (value: number) => (all.every((one) => one === 0) ? 50 : x(value));
  const link = (value: number, part: 'above' | 'below') =>
    html`<rect class="w-${part}" x="${at(place(value))}"/>`;
  const row = ({ label, value, href, kind }: WaterfallRow, index: number) => {
    const { from, to } = spans[index] ?? { from: 0, to: 0 };
    const [low, high] = [place(Math.min(from, to)), place(Math.max(from, to))];
    const before = index > 0 || ends !== undefined;
    const after = index < rows.length - 1 || ends !== undefined;
    return html`<tr><th scope="row"><a href="${href}">${label}</a></th><td><svg aria-hidden="true">${before && link(from, 'above')}${after && link(to, 'below')}<rect class="${CLASSES[kind]}" x="${at(low)}" width="${at(Math.max(THINNEST, high - low))}"/></svg></td><td class="num">${signed(value)}</td></tr>`;
  };
  const dot = (value: number, part: 'above' | 'below') =>
    html`<svg aria-hidden="true">${link(value, part)}<circle class="w-end" cx="${at(place(value))}" cy="50%" r="3"/></svg>`;
  const total = spans.at(-1)?.to ?? 0;
  const end = (side: WaterfallEnds['begin'], drawn: Markup) =>
    html`<tr class="end"><th scope="row">${side.label}</th><td>${drawn}</td><td class="num">${count(side.value)}</td></tr>`;
  return html`<table class="waterfall"><caption class="hidden">${caption}</caption><tbody>${ends && end(ends.begin, dot(0, 'below'))}${rows.map(row)}${ends && end(ends.end, dot(total, 'above'))}</tbody></table>`;
}
