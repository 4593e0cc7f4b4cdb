/** What changed since last time, in all and for each standard, with how each went. */

import { count } from '@macadam/adapters/report-formats/figures';
import { bar } from '@macadam/adapters/report-formats/html/bar';
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type { Figures } from '@macadam/core/figures/accounting';
import type { Severity } from '@macadam/core/figures/scan';
import { CAUSE_NAMES } from '../overview/words.ts';
import { changesAt, type HistoryQuery, standardAt, type Window } from './address.ts';
import { CAUSES_OF_CHANGE, type CauseOfChange, MEANINGS } from './causes.ts';
import { chart, fractions, type Point, shareOf, twin } from './chart.ts';

/** A standard in the picture of the past. */
export interface PastStandard {
  readonly id: string;
  readonly title: string;
  readonly pillar: string;
  readonly severity: Severity | null;
  readonly figures: Figures;
  readonly causes: ReadonlyMap<CauseOfChange, number>;
  readonly trend: readonly Point[];
}

export interface Overview {
  readonly window: Window;
  /** Null: there is no tick before this one. */
  readonly from: Date | null;
  readonly to: Date;
  readonly standards: readonly PastStandard[];
}

/** Each cause that happened, its number opening the list behind it. */
function causesList(
  causes: ReadonlyMap<CauseOfChange, number>,
  query: HistoryQuery,
  shown: readonly CauseOfChange[],
): Markup {
  return html`<ul class="causes">${shown.map((cause) => {
    const number = causes.get(cause) ?? 0;
    const value =
      number === 0
        ? html`<span class="value none">0</span>`
        : html`<a class="value" href="${changesAt(null, { ...query, cause })}">${count(number)}</a>`;
    return html`<li>${value} ${CAUSE_NAMES[cause]}<span class="quiet">${MEANINGS[cause]}</span></li>`;
  })}</ul>`;
}

function allCauses(standards: readonly PastStandard[]): ReadonlyMap<CauseOfChange, number> {
  const sums = new Map<CauseOfChange, number>();
  for (const { causes } of standards)
    for (const [cause, number] of causes) sums.set(cause, (sums.get(cause) ?? 0) + number);
  return sums;
}

/** In one sentence, the causes that happened only. */
function sinceSentence({ from, standards }: Overview): string {
  if (from === null)
    return 'This is the first scan that is kept. From the next one on, this says what changed.';
  const causes = allCauses(standards);
  const parts = CAUSES_OF_CHANGE.flatMap((cause) => {
    const number = causes.get(cause) ?? 0;
    return number === 0 ? [] : [`${count(number)} ${CAUSE_NAMES[cause]}`];
  });
  return parts.length === 0 ? 'Nothing changed.' : `${parts.join(', ')}.`;
}

/** The part of the report that says what changed. */
export function since(overview: Overview): Markup {
  const { from, standards } = overview;
  const changed = standards.filter(({ causes }) => [...causes.values()].some((number) => number !== 0));
  const all = allCauses(standards);
  const happened = CAUSES_OF_CHANGE.filter((cause) => (all.get(cause) ?? 0) !== 0);
  return html`<section id="since" class="since" aria-labelledby="since-title">
<h2 id="since-title">What changed since last time?</h2>
<p class="answer">${sinceSentence(overview)}</p>
${from !== null && html`<p class="quiet">Since ${moment(from.toISOString())}. Every number opens the assets behind it.</p>`}
${changed.length > 0 && causesList(all, overview.window, happened)}
${changed.length > 0 && table(overview, changed)}
<details><summary>The trend of ${plural(standards.length, 'standard')}</summary>${table(overview, standards)}</details>
<p><a href="/">Overview</a></p>
</section>`;
}

/** Why there is nothing to compare with. */
export function unkept(why: string): Markup {
  return html`<section id="since" class="since" aria-labelledby="since-title">
<h2 id="since-title">What changed since last time?</h2>
<p class="answer">That is not known: no history is kept.</p><p>${why}</p></section>`;
}

export function table({ window }: Pick<Overview, 'window'>, standards: readonly PastStandard[]): Markup {
  const happened = CAUSES_OF_CHANGE.filter((cause) =>
    standards.some(({ causes }) => (causes.get(cause) ?? 0) !== 0),
  );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Standards"><table class="past">
<thead><tr><th scope="col">Standard</th><th scope="col">Share</th><th scope="col">Trend</th>${happened.map((cause) => html`<th scope="col" class="amount">${CAUSE_NAMES[cause]}</th>`)}</tr></thead>
<tbody>${standards.map(
    (
      one,
    ) => html`<tr><th scope="row" class="id"><a href="${standardAt(one.id, window)}">${one.title}</a><div class="of">${one.pillar}${one.severity !== null && `, ${one.severity}`}</div></th>
<td>${shareOf(one.figures)}${bar({ ...one.figures, scope: fractions(one.figures).scope })}</td>
<td>${trend(one)}</td>
${happened.map((cause) => html`<td class="amount">${number(one, cause, window)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

function number({ id, causes }: PastStandard, cause: CauseOfChange, window: Window): Child {
  const value = causes.get(cause) ?? 0;
  return value === 0 ? '0' : html`<a href="${changesAt(id, { ...window, cause })}">${count(value)}</a>`;
}

function trend({ title, trend: points }: PastStandard): Child {
  const drawn = chart(title, points);
  if (drawn === null) return html`<span class="quiet">one scan so far</span>`;
  return html`${drawn}<details><summary>as a table</summary>${twin(points)}</details>`;
}
