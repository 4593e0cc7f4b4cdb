/** The assets behind a number, a page at a time, and the life of one of them. */

import { count } from '@macadam/adapters/report-formats/figures';
import { codeLines, placeLink } from '@macadam/adapters/report-formats/html/code';
import { exceptionAt } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { moment, plural } from '@macadam/adapters/report-formats/html/words';
import type { State } from '@macadam/core/figures/accounting';
import type { Finding } from '@macadam/core/figures/scan';
import { worstPlaces } from '@macadam/core/figures/worst';
import { assetAt, standardAt } from './address.ts';

const STATES: Readonly<Record<State, string>> = {
  O: 'not there',
  P: 'pass',
  F: 'fail',
  X: 'fail, excepted',
  U: 'unknown',
};

export interface AssetRow {
  readonly asset: string;
  /** Left out where all rows are of one standard. */
  readonly standard?: { readonly id: string; readonly title: string };
  readonly team?: string;
  readonly what: Child;
}

/** `next`: the address of the page after this one. */
export function listBody(
  answer: Child,
  rows: readonly AssetRow[],
  next: string | null,
  first: string | null,
): Markup {
  const standards = rows.some(({ standard }) => standard !== undefined);
  const teams = rows.some(({ team }) => team !== undefined);
  return html`<section aria-labelledby="list"><h2 id="list">Which assets?</h2><p class="answer">${answer}</p>
<div class="scroll" tabindex="0" role="group" aria-label="Assets"><table class="past"><thead><tr><th scope="col">Asset</th>${standards && html`<th scope="col">Standard</th>`}${teams && html`<th scope="col">Team</th>`}<th scope="col">How</th></tr></thead>
<tbody>${rows.map(
    ({ asset, standard, team, what }) =>
      html`<tr><th scope="row" class="id"><a href="${assetAt(asset)}">${asset}</a></th>${standards && html`<td>${standard && html`<a href="${standardAt(standard.id)}">${standard.title}</a>`}</td>`}${teams && html`<td>${team ?? ''}</td>`}<td>${what}</td></tr>`,
  )}</tbody></table></div>
${(next ?? first) !== null && html`<nav class="pages" aria-label="Pages of assets">${first !== null && html`<a href="${first}">First</a>`}${next !== null && html`<a href="${next}">After</a>`}</nav>`}</section>`;
}

export const standsAs = (state: State, reason: string): string =>
  reason === '' || state === 'P' ? STATES[state] : `${STATES[state]}: ${reason}`;

export interface LifeRow {
  readonly at: Date;
  readonly standard: { readonly id: string; readonly title: string };
  readonly step: string;
  readonly from: State;
  readonly to: State;
  readonly team: string;
  readonly reason: string;
}

export interface LifePage {
  /** What is known of it now; null: it is gone, or was never seen. */
  readonly now: Child;
  readonly life: readonly LifeRow[];
  readonly explained: readonly {
    readonly title: string;
    readonly id: string;
    readonly verdict: string;
    readonly text: string;
    /** What fails, with its places; null of what does not fail. */
    readonly finding: Finding | null;
  }[];
  /** That name it, those in force first. */
  readonly exceptions: readonly {
    /** Null: it stands in the estate's file. */
    readonly id: string | null;
    readonly standard: { readonly id: string; readonly title: string };
    readonly inForce: boolean;
    readonly why: string;
  }[];
}

const STEPS: Readonly<Record<string, string>> = {
  definition: 'the standard changed',
  clock: 'time passed',
  evidence: 'new evidence',
  reassigned: 'another team',
  exception: 'an exception',
};

export function lifeBody({ now, life, explained, exceptions }: LifePage): Markup {
  return html`<section aria-labelledby="now"><h2 id="now">How does it stand?</h2><p class="answer">${now}</p>
${failingFirst(explained).map(
  ({ title, id, verdict, text, finding }) =>
    html`<h3><a href="${standardAt(id)}">${title}</a>: ${verdict}</h3>${finding && places(finding)}<details><summary>how that was decided</summary><pre class="explained" tabindex="0" role="group" aria-label="How ${title} was decided">${text}</pre></details>`,
)}</section>
${
  exceptions.length > 0 &&
  html`<section aria-labelledby="permitted"><h2 id="permitted">What may it fail?</h2>
<p class="answer">${exceptions.some(({ inForce }) => inForce) ? plural(exceptions.filter(({ inForce }) => inForce).length, 'exception') : 'No exception'} in force by now.</p>
<ul>${exceptions.map(({ id, standard, why, inForce }) => html`<li>${inForce ? 'in force' : 'not in force'}: ${id === null ? 'an exception of the estate’s file' : html`<a href="${exceptionAt(id)}">${id}</a>`}, of <a href="${standardAt(standard.id)}">${standard.title}</a>; ${why}</li>`)}</ul></section>`
}
<section aria-labelledby="life"><h2 id="life">What happened to it?</h2>
<p class="answer">${life.length === 0 ? 'Nothing is written down.' : plural(life.length, 'change')}</p>
${
  life.length > 0 &&
  html`<div class="scroll" tabindex="0" role="group" aria-label="Changes"><table class="past"><thead><tr><th scope="col">When</th><th scope="col">Standard</th><th scope="col">Because of</th><th scope="col">From</th><th scope="col">To</th><th scope="col">Team</th></tr></thead>
<tbody>${life
    .toReversed()
    .map(
      (row) =>
        html`<tr><th scope="row">${moment(row.at.toISOString())}</th><td><a href="${standardAt(row.standard.id)}">${row.standard.title}</a></td><td>${STEPS[row.step] ?? row.step}</td><td>${STATES[row.from]}</td><td>${standsAs(row.to, row.reason)}</td><td>${row.team}</td></tr>`,
    )}</tbody></table></div>`
}</section>`;
}

const PLACES = 20;

/** What fails comes first, then what is unknown, then the rest. */
const failingFirst = (explained: LifePage['explained']): LifePage['explained'] =>
  explained.toSorted((a, b) => weight(a) - weight(b));

const weight = ({ verdict }: LifePage['explained'][number]): number =>
  verdict.startsWith('fail') ? 0 : verdict.startsWith('unknown') ? 1 : 2;

/** Where it fails, each place with its line. */
function places(finding: Finding): Markup {
  return html`<ul class="places wide">${worstPlaces([finding], PLACES).map(
    ({ location, link, code, text }) =>
      html`<li><p>${placeLink(location, link)} <span class="quiet">${text}</span></p>${codeLines(code, location?.line)}</li>`,
  )}</ul>`;
}

export const shown = (from: number, number: number, all: number): string =>
  `${count(from + 1)} to ${count(from + number)} of ${count(all)}`;
