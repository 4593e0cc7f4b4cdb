/** The assets behind a number, a page at a time, and the life of one of them. */

import { count } from '@macadam/adapters/report-formats/figures';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { pagerFromFirst } from '@macadam/adapters/report-formats/html/parts/pager';
import { emptyState } from '@macadam/adapters/report-formats/html/parts/states';
import type { State } from '@macadam/core/figures/accounting';
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
  /** Left out where all rows are of one moment. */
  readonly when?: Child;
}

/** `answer`: what the heading of the page does not say. `next`: the address of the page after this one. */
export function listBody(
  answer: Child,
  rows: readonly AssetRow[],
  next: string | null,
  first: string | null,
): Markup {
  const standards = rows.some(({ standard }) => standard !== undefined);
  const teams = rows.some(({ team }) => team !== undefined);
  const times = rows.some(({ when }) => when !== undefined);
  return html`<section aria-labelledby="list"><h2 id="list" class="hidden">Assets</h2>${answer && html`<p class="answer">${answer}</p>`}
${
  rows.length === 0
    ? emptyState({ kind: 'good', says: 'There is none.' })
    : html`<div class="scroll" tabindex="0" role="group" aria-label="Assets"><table class="past"><thead><tr><th scope="col">Asset</th>${standards && html`<th scope="col">Standard</th>`}${teams && html`<th scope="col">Team</th>`}<th scope="col">How</th>${times && html`<th scope="col">When</th>`}</tr></thead>
<tbody>${rows.map(
        ({ asset, standard, team, what, when }) =>
          html`<tr><th scope="row" class="id"><a href="${assetAt(asset)}">${asset}</a></th>${standards && html`<td>${standard && html`<a href="${standardAt(standard.id)}">${standard.title}</a>`}</td>`}${teams && html`<td>${team === '' || team === 'nobody' ? html`<span class="ink-3">unowned</span>` : (team ?? '')}</td>`}<td>${what}</td>${times && html`<td>${when}</td>`}</tr>`,
      )}</tbody></table></div>`
}
${pagerFromFirst('assets', first, next)}</section>`;
}

export const standsAs = (state: State, reason: string): string =>
  reason === '' || state === 'P' ? STATES[state] : `${STATES[state]}: ${reasonSaid(state, reason)}`;

/** Why nobody can tell, by the code of the verdict. */
export const UNKNOWN_CAUSES: Readonly<Record<string, string>> = {
  disputed: 'sources disagree',
  stale: 'evidence expired',
  incomplete: 'not listed whole',
  forbidden: 'not permitted to read it',
  failed: 'the scan failed',
  unobserved: 'no source looks at it',
  undefined: 'it cannot be computed',
};

/** A reason as people read it; a standard names its own in a few words with dashes between them. */
export const reasonSaid = (state: State, reason: string): string =>
  (state === 'U' ? UNKNOWN_CAUSES[reason] : undefined) ?? reason.replaceAll('-', ' ');

export const shown = (from: number, number: number, all: number): string =>
  `${count(from + 1)} to ${count(from + number)} of ${count(all)}`;
