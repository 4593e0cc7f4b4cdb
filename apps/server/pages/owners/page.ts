/** How much has an owner, and the queue of what has none, with whom the facts point to. */
import { count } from '@macadam/adapters/report-formats/figures';
import { type Attempt, chosenIn, field, refusal, typedIn } from '@macadam/adapters/report-formats/html/form';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { assetAt } from '../history/address.ts';

export interface OwnedKind {
  readonly kind: string;
  readonly confirmed: number;
  readonly unconfirmed: number;
  readonly nobody: number;
}

export interface UnownedLine {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly suggestions: readonly {
    readonly owner: string;
    readonly name: string;
    readonly reason: string;
    readonly share: number;
  }[];
  /** What each rule said, so that the missing tag or file can be mended instead. */
  readonly chain: readonly { readonly rule: string; readonly why: string }[];
}

export interface OwnersPage {
  readonly kinds: readonly OwnedKind[];
  readonly query: {
    readonly kind?: string | undefined;
    readonly prefix?: string | undefined;
    readonly after?: string | undefined;
  };
  readonly queue: readonly UnownedLine[];
  readonly next: string | null;
  readonly attempt: Attempt | null;
  readonly told: string | null;
}

export function ownersBody(page: OwnersPage): Markup {
  const { kinds, attempt, told } = page;
  const sum = (of: 'confirmed' | 'unconfirmed' | 'nobody') => kinds.reduce((all, kind) => all + kind[of], 0);
  const [confirmed, unconfirmed, nobody] = [sum('confirmed'), sum('unconfirmed'), sum('nobody')];
  const all = confirmed + unconfirmed + nobody;
  return html`${refusal(attempt)}${told !== null && html`<p class="told" role="status">${told}</p>`}
<section aria-labelledby="owned"><h2 id="owned">Whose is it all?</h2>
<p class="answer">${all === 0 ? 'No pass over the assets was made yet.' : html`${count(confirmed)} of ${plural(all, 'asset')} ${confirmed === 1 ? 'has' : 'have'} a confirmed owner, ${count(unconfirmed)} an unconfirmed one, ${nobody === 0 ? '0' : html`<a href="#queue">${count(nobody)}</a>`} nobody.`}</p>
${all > 0 && html`<p class="quiet">As of the last pass over all assets.</p>`}
${
  all > 0 &&
  html`<div class="scroll" tabindex="0" role="group" aria-label="Owned by kind"><table class="past"><thead><tr><th scope="col">Kind</th><th scope="col" class="amount">Confirmed</th><th scope="col" class="amount">Unconfirmed</th><th scope="col" class="amount">Nobody’s</th></tr></thead>
<tbody>${kinds.map(({ kind, ...one }) => html`<tr><th scope="row">${kind.replaceAll('-', ' ')}</th><td class="amount">${count(one.confirmed)}</td><td class="amount">${count(one.unconfirmed)}</td><td class="amount">${one.nobody === 0 ? '0' : html`<a href="${pathWith('/owners', { kind })}#queue">${count(one.nobody)}</a>`}</td></tr>`)}
<tr><th scope="row"><strong>all</strong></th><td class="amount"><strong>${count(confirmed)}</strong></td><td class="amount"><strong>${count(unconfirmed)}</strong></td><td class="amount"><strong>${count(nobody)}</strong></td></tr></tbody></table></div>`
}</section>
<section aria-labelledby="queue"><h2 id="queue">Whose could these be?</h2>
<p class="answer">${page.queue.length === 0 ? 'Nothing here is without an owner.' : `${plural(page.queue.length, 'asset')} without an owner${page.next === null && !page.query.after ? '' : ' on this page'}.`}</p>
${filters(page)}${page.queue.length > 0 && queue(page)}
${(page.next !== null || page.query.after) && html`<nav class="pages" aria-label="Pages of the queue">${page.query.after && html`<a href="${pathWith('/owners', { ...page.query, after: '' })}#queue">First</a>`}${page.next !== null && html`<a href="${page.next}#queue">After</a>`}</nav>`}</section>`;
}

function filters({ kinds, query }: OwnersPage): Markup {
  return html`<form class="ask" action="/owners" role="search" aria-label="What nobody owns"><label>Kind<select name="kind"><option value="">all</option>${kinds.map(({ kind }) => html`<option value="${kind}"${kind === query.kind && html` selected`}>${kind.replaceAll('-', ' ')}</option>`)}</select></label><label>Ids that begin with<input type="search" name="prefix" value="${query.prefix ?? ''}"></label><button>Show</button></form>`;
}

function queue({ queue: lines, query, attempt }: OwnersPage): Markup {
  const on = { form: 'decide', attempt };
  const ticked = chosenIn(on, 'assets');
  const to = typedIn(on, 'to', 'suggested');
  return html`<form method="post" action="/owners" class="write">${Object.entries(query).map(([name, value]) => value !== undefined && value !== '' && html`<input type="hidden" name="${name}" value="${value}">`)}
<fieldset id="decide-assets"><legend>Which?</legend><ul class="places">${lines.map(
    ({ id, kind, name, suggestions, chain }) =>
      html`<li><label><input type="checkbox" name="assets" value="${id}"${ticked.has(id) && html` checked`}> <bdi>${name}</bdi> <span class="quiet">${kind.replaceAll('-', ' ')}</span></label>
${suggestions.length === 0 ? html`<p class="reason">Nothing points to anybody.</p>` : suggestions.slice(0, 3).map(({ name: team, reason, share }, at) => html`<p class="reason">${at === 0 ? html`<strong><bdi>${team}</bdi></strong>` : html`<bdi>${team}</bdi>`}: ${reason} (${String(Math.round(share * 100))} %)</p>`)}
${suggestions[0] && html`<input type="hidden" name="suggested" value="${JSON.stringify([id, suggestions[0].owner])}">`}
<details><summary>why nobody owns it</summary><p><a href="${assetAt(id)}">${id}</a></p><ul>${chain.map(({ rule, why }) => html`<li><code>${rule}</code>: ${why}</li>`)}</ul></details></li>`,
  )}</ul></fieldset>
<fieldset id="decide-to" class="lightly"><legend>To whom?</legend><label><input type="radio" name="to" value="suggested"${to === 'suggested' && html` checked`}> Each to the first that is suggested for it</label><label><input type="radio" name="to" value="team"${to === 'team' && html` checked`}> All to the team that is named here</label></fieldset>
${field({ ...on, name: 'team', label: 'Team', optional: true, hint: 'Its id, as in the organisation.' })}${field({ ...on, name: 'reason', label: 'Why?', hint: 'It stands in the log, and beside every one of them.' })}<button class="main">Give those that are ticked</button></form>`;
}
