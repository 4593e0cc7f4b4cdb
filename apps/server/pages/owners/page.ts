/** How much has an owner, and the queue of what has none, with whom the facts point to. */

import { count } from '@macadam/adapters/report-formats/figures';
import { type Attempt, chosenIn, field, refusal, typedIn } from '@macadam/adapters/report-formats/html/form';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { pagerFromFirst } from '@macadam/adapters/report-formats/html/parts/pager';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type { Ownership } from '@macadam/services/ownership/answers';
import { assetAt } from '../history/address.ts';
import { type OwnersTree, treeTable } from './tree.ts';

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
  readonly tree: OwnersTree;
  readonly kinds: readonly Ownership[];
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

type Owned = 'confirmed' | 'unconfirmed' | 'nobody';
const sumOf = (kinds: readonly Ownership[], of: Owned) => kinds.reduce((all, kind) => all + kind[of], 0);

export function ownersHeading({ kinds, tree: { sums, tree } }: OwnersPage): {
  readonly heading: Child;
  readonly lead: Child;
} {
  const [confirmed, unconfirmed, nobody] = [
    sumOf(kinds, 'confirmed'),
    sumOf(kinds, 'unconfirmed'),
    sumOf(kinds, 'nobody'),
  ];
  const all = confirmed + unconfirmed + nobody;
  const teams = [...tree.units.values()].filter(({ level }) => level === 'team').length;
  const total = [...tree.units.values()]
    .filter(({ parent }) => parent === null)
    .map(({ id }) => sums.units.get(id))
    .reduce(
      (sum, one) => sum + (one?.fail ?? 0),
      [...sums.elsewhere.values()].reduce((sum, one) => sum + one.fail, 0),
    );
  const owner = teams === 0 ? 'Owners are named for' : `${plural(teams, 'team')} own`;
  return {
    heading:
      all === 0
        ? 'Nobody has gone over the owners of these assets yet.'
        : nobody === all
          ? `None of ${plural(all, 'asset')} has an owner.`
          : nobody === 0
            ? `${owner} all ${plural(all, 'asset')}.`
            : `${owner} all but ${plural(nobody, 'asset')} of ${count(all)}.`,
    lead: html`${count(confirmed)} ${confirmed === 1 ? 'has' : 'have'} a confirmed owner, ${count(unconfirmed)} an unconfirmed one, ${nobody === 0 ? '0' : html`<a href="#queue">${count(nobody)}</a>`} nobody; ${plural(total, 'failure')} in all.`,
  };
}

export function ownersBody(page: OwnersPage): Markup {
  const { kinds, attempt, told, tree } = page;
  return html`${refusal(attempt)}${told !== null && html`<p class="told" role="status">${told}</p>`}
<div class="cols own"><section aria-labelledby="tree"><div class="h2"><h2 id="tree">Who answers for what</h2><span class="more"><a href="/organisation">the organisation of another day</a></span></div>${treeTable(tree)}</section>
<div class="stack">${
    kinds.length > 0 &&
    html`<section aria-labelledby="owned"><div class="h2"><h2 id="owned">Owned, by kind</h2><span class="more">as of the last assignment</span></div><table class="grid kinds quiet"><thead><tr><th scope="col">Kind</th><th scope="col" class="num">Confirmed</th><th scope="col" class="num">Unconfirmed</th><th scope="col" class="num">Unowned</th></tr></thead>
<tbody>${kinds.map(({ kind, ...one }) => html`<tr><th scope="row">${kind.replaceAll('-', ' ')}</th><td class="num">${count(one.confirmed)}</td><td class="num">${count(one.unconfirmed)}</td><td class="num">${one.nobody === 0 ? html`<span class="ink-3">0</span>` : html`<a href="${pathWith('/owners', { kind })}#queue">${count(one.nobody)}</a>`}</td></tr>`)}</tbody>
<tfoot><tr><th scope="row">All</th><td class="num">${count(sumOf(kinds, 'confirmed'))}</td><td class="num">${count(sumOf(kinds, 'unconfirmed'))}</td><td class="num">${count(sumOf(kinds, 'nobody'))}</td></tr></tfoot></table></section>`
  }
<section aria-labelledby="queue"><div class="h2"><h2 id="queue">What nobody owns, and whose it seems</h2><span class="more">${queueSaid(page)}</span></div>
${filters(page)}${page.queue.length > 0 && queue(page)}
${pagerFromFirst('the queue', page.query.after ? `${pathWith('/owners', { ...page.query, after: '' })}#queue` : null, page.next === null ? null : `${page.next}#queue`)}</section></div></div>`;
}

/** How long the whole queue is, as far as that is known: assets whose ids begin with something are not counted. */
function queueSaid({ queue: lines, kinds, query, next }: OwnersPage): string {
  if (lines.length === 0) return 'nothing here';
  const one = next === null && !query.after;
  if (query.prefix !== undefined) return `${plural(lines.length, 'asset')}${one ? '' : ' on this page'}`;
  const all = sumOf(
    query.kind === undefined ? kinds : kinds.filter(({ kind }) => kind === query.kind),
    'nobody',
  );
  return `${plural(all, 'asset')}${one ? '' : `, ${count(lines.length)} on this page`}`;
}

function filters({ kinds, query }: OwnersPage): Markup {
  return html`<form class="ask" action="/owners" role="search" aria-label="What nobody owns"><label>Kind <select class="field" name="kind"><option value="">all</option>${kinds.map(({ kind }) => html`<option value="${kind}"${kind === query.kind && html` selected`}>${kind.replaceAll('-', ' ')}</option>`)}</select></label><label>Ids that begin with <input class="field" type="search" name="prefix" value="${query.prefix ?? ''}"></label><button class="btn">Show</button></form>`;
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
