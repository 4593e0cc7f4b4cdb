/** How a standard went: the band over 26 weeks with target and forecast, what happened on the way, and the same as a table. */

import { count, counted } from '@macadam/adapters/report-formats/figures';
import { dayAndMonth, fullDay } from '@macadam/adapters/report-formats/html/dates';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import {
  axisStart,
  type BandChart,
  bandChart,
  NARROW,
  WIDE,
} from '@macadam/adapters/report-formats/html/parts/band-chart';
import { intervalEnds } from '@macadam/adapters/report-formats/html/parts/interval';
import type { StandardProgress } from '@macadam/core/figures/standard-progress';
import { changesAt } from '../history/address.ts';
import type { TrendPoint } from '../overview/moments.ts';

export interface TrendEvent {
  readonly at: Date;
  readonly from: Date;
  readonly says: string;
}

/** A step of so much of what is in scope is an event; smaller ones are the usual coming and going. */
const NOTABLE = 0.05;
const EVENTS = 3;

/** The largest steps of what is unknown and of what is in scope, in order of time. */
function eventsIn(points: readonly TrendPoint[], noun: string): readonly TrendEvent[] {
  const steps = points.slice(1).flatMap((point, index) => {
    const before = points[index];
    if (before === undefined || before.scope === 0 || point.scope === 0) return [];
    const unknown = point.figures.unknown - before.figures.unknown;
    const scope = point.scope - before.scope;
    const size = Math.max(Math.abs(unknown), Math.abs(scope)) / point.scope;
    if (size < NOTABLE) return [];
    const says =
      Math.abs(scope) > Math.abs(unknown)
        ? `${counted(Math.abs(scope), noun).replace(/^(\S+) /, `$1 ${scope > 0 ? 'more' : 'fewer'} `)} in scope`
        : `${count(Math.abs(unknown))} ${unknown > 0 ? 'more' : 'fewer'} unknown`;
    return [{ at: point.at, from: before.at, says, size }];
  });
  return steps
    .toSorted((a, b) => b.size - a.size)
    .slice(0, EVENTS)
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())
    .map(({ at, from, says }) => ({ at, from, says }));
}

/** Where the share is expected on the target's day: on a line from now to the day on which it is reached. */
function expectedAt(
  { forecast, target, shares }: Pick<StandardProgress, 'forecast' | 'target' | 'shares'>,
  at: Date,
): { readonly low: number; readonly high: number } | null {
  const outcome = forecast?.outcome;
  const { atLeast, atMost } = shares;
  if (target === null || outcome?.kind !== 'expected' || atLeast === null || atMost === null) return null;
  const by = Date.parse(`${target.by}T23:59:59Z`);
  const on = (reached: Date | null): number => {
    if (reached === null) return atLeast;
    const share = (by - at.getTime()) / Math.max(1, reached.getTime() - at.getTime());
    return Math.min(target.share, atLeast + (target.share - atLeast) * Math.max(0, share));
  };
  const [low, high] = [on(outcome.cautious), on(outcome.likely)];
  return { low: Math.min(low, high), high: Math.min(1, Math.max(low, high)) };
}

export interface TrendSection {
  readonly id: string;
  readonly noun: string;
  readonly now: StandardProgress;
  readonly at: Date;
  readonly points: readonly TrendPoint[];
}

export function trendSection({ id, noun, now, at, points }: TrendSection): Markup {
  const events = eventsIn(points, noun);
  const chart: BandChart = {
    title: now.label,
    noun: counted(2, noun).replace(/^2 /, ''),
    points,
    target: now.target && { share: now.target.share, by: new Date(`${now.target.by}T00:00:00Z`) },
    forecast: expectedAt(now, at),
    events: events.map((event, index) => ({ at: event.at, number: index + 1 })),
  };
  const wide = bandChart(chart, WIDE);
  const from = axisStart(chart);
  const drawn =
    wide === null
      ? html`<p class="note">One scan so far: from the next one on, this shows the trend.</p>`
      : html`<div class="only-wide">${wide}</div><div class="only-narrow">${bandChart(chart, NARROW)}</div>`;
  return html`<section aria-labelledby="trend"><div class="h2"><h2 id="trend">Share of ${chart.noun} that meet it<span class="sub">%${wide !== null && from > 0 && `, axis starts at ${from}`}</span></h2><p class="legend more"><span><svg class="lg" aria-hidden="true"><path class="c-least" d="M0 7h16"/></svg>at least</span><span><svg class="lg" aria-hidden="true"><rect class="b-unknown" x=".5" y="3" width="15" height="8"/></svg>unknown</span>${chart.forecast !== null && html`<span><svg class="lg" aria-hidden="true"><rect class="c-fan" y="2" width="16" height="10"/></svg>forecast</span>`}</p></div>
${drawn}${events.length > 0 && html`<ol class="marks">${events.map((event, index) => html`<li><b>${index + 1}</b><span><b>${dayAndMonth(event.at)}</b> ${event.says}: <a href="${changesAt(id, { from: event.from.toISOString(), to: event.at.toISOString() })}">what changed</a></span></li>`)}</ol>`}${points.length > 1 && twin(points)}</section>`;
}

/** The same in words, newest first. */
function twin(points: readonly TrendPoint[]): Markup {
  return html`<details class="twin"><summary>Show as table</summary><table><caption class="hidden">What the chart shows</caption><thead><tr><th scope="col">Day</th><th scope="col">At least</th><th scope="col">At most</th><th scope="col" class="num">pass</th><th scope="col" class="num">unknown</th><th scope="col" class="num">fail</th></tr></thead><tbody>${points
    .toReversed()
    .map(({ at, atLeast, atMost, scope, figures }) => {
      const { least, most } = intervalEnds({ ...figures, scope, atLeast, atMost });
      return html`<tr><th scope="row"><time datetime="${at.toISOString()}">${fullDay(at)}</time></th><td>${least}</td><td>${most}</td><td class="num">${count(figures.pass)}</td><td class="num">${count(figures.unknown)}</td><td class="num">${count(figures.fail)}</td></tr>`;
    })}</tbody></table></details>`;
}
