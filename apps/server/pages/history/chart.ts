/**
 * A small history: the band from at-least to at-most over time. What passes is solid below, what is unknown is hatched
 * above it, so that it reads without colour; a table says the same in words.
 */

import {
  count,
  listed,
  percentDown,
  percentUp,
  share as shareText,
} from '@macadam/adapters/report-formats/figures';
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { unbroken } from '@macadam/adapters/report-formats/html/words';
import type { Figures } from '@macadam/core/figures/accounting';
import { share } from '@macadam/core/figures/share';

export interface Point extends Figures {
  readonly at: Date;
}

const WIDTH = 240;
const HEIGHT = 48;

/** Fractions of one moment; null where nothing was in scope. */
export function fractions({ pass, fail, unknown, excepted }: Figures): {
  readonly scope: number;
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly measured: number | null;
} {
  return share({ pass, fail, unknown, excepted, notApplicable: 0 });
}

/** How many are in a share and on no list; nothing where all have a name. */
export const unnamedOf = ({ unnamed = 0 }: Figures): string =>
  unnamed === 0 ? '' : `${count(unnamed)} counted and not identified`;

/** `at least 62 %, at most 91 %`, or counts where there are few; and how many of these have no name. */
export function shareOf(figures: Figures): string {
  const { scope, atLeast, atMost } = fractions(figures);
  const { pass, unknown } = figures;
  const text = unbroken(shareText({ scope, atLeast, atMost, pass, unknown }));
  const beside = [unnamedOf(figures), listed(figures.containers)].filter((one) => one !== '');
  return [text, ...beside].join('; ');
}

const round = (value: number) => Number(value.toFixed(1));

/** Steps rather than slopes: between two looks nothing is known. Null for fewer than two moments with a share. */
export function chart(title: string, points: readonly Point[]): Markup | null {
  const drawn = points.flatMap((point) => {
    const { atLeast, atMost } = fractions(point);
    return atLeast === null || atMost === null ? [] : [{ at: point.at.getTime(), atLeast, atMost }];
  });
  const [first] = drawn;
  const last = drawn.at(-1);
  if (!first || !last || first.at === last.at) return null;
  const x = (at: number) => round(((at - first.at) / (last.at - first.at)) * WIDTH);
  const y = (value: number) => round(HEIGHT - 1 - value * (HEIGHT - 2));
  const line = (of: 'atLeast' | 'atMost'): string =>
    drawn
      .map((point, index) => {
        const before = drawn[index - 1];
        const step = before ? `H${x(point.at)}` : `M${x(point.at)},${y(point[of])}`;
        return before ? `${step}V${y(point[of])}` : step;
      })
      .join('');
  const low = line('atLeast');
  const back = drawn
    .toReversed()
    .map((point, index) => (index === 0 ? '' : `V${y(point.atLeast)}H${x(point.at)}`))
    .join('');
  const label = `${title}: from at least ${percentDown(first.atLeast)}, at most ${percentUp(first.atMost)} to at least ${percentDown(last.atLeast)}, at most ${percentUp(last.atMost)}`;
  return html`<svg class="trend" role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" preserveAspectRatio="none">
<path class="pass" d="${low}V${HEIGHT}H0Z"/><path class="unknown" d="${line('atMost')}V${y(last.atLeast)}${back}Z"/>
<path class="edge" d="${low}"/><path class="edge most" d="${line('atMost')}"/></svg>`;
}

/** The same as the chart in words, newest first. */
export function twin(points: readonly Point[]): Markup {
  return html`<table><caption class="quiet">What the chart shows</caption><thead><tr><th scope="col">When</th><th scope="col">Share</th><th scope="col">pass</th><th scope="col">unknown</th><th scope="col">fail</th></tr></thead>
<tbody>${points
    .toReversed()
    .map(
      (point) =>
        html`<tr><th scope="row">${moment(point.at.toISOString())}</th><td>${shareOf(point)}</td><td class="amount">${count(point.pass)}</td><td class="amount">${count(point.unknown)}</td><td class="amount">${count(point.fail)}</td></tr>`,
    )}</tbody></table>`;
}
