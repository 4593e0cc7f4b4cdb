/** Assets that were searched for, with what they can be narrowed by. */
import { count } from '@macadam/adapters/report-formats/figures';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { pagerFromFirst } from '@macadam/adapters/report-formats/html/parts/pager';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type { Facet, FoundAsset } from '@macadam/services/assets/search';
import { assetAt } from '../history/address.ts';
import { type NamedOwner, ownerLink } from '../owners/tree.ts';
import type { NamedOption } from '../work/list.ts';

export const ASSET_STATES = ['fail', 'unknown', 'pass', 'excepted'] as const;
export type AssetState = (typeof ASSET_STATES)[number];

const STATES: Readonly<Record<AssetState, string>> = {
  fail: 'fails',
  unknown: 'is unknown by',
  pass: 'passes',
  excepted: 'fails, excepted, of',
};

/** As in the address. */
export interface AssetQuery {
  readonly text?: string | undefined;
  readonly kind?: string | undefined;
  /** Id of a unit, or `nobody`. */
  readonly owner?: string | undefined;
  readonly standard?: string | undefined;
  readonly state?: AssetState | undefined;
  /** Id of the asset that holds them. */
  readonly in?: string | undefined;
  readonly after?: string | undefined;
}

export interface AssetListPage {
  readonly query: AssetQuery;
  readonly rows: readonly (FoundAsset & { readonly ownedBy: NamedOwner | null })[];
  readonly count: number;
  /** There may be more: not all was gone through. */
  readonly more: boolean;
  readonly kinds: readonly Facet[];
  readonly owners: readonly (Facet & { readonly name: string })[];
  readonly ownerName: string | null;
  readonly containerName: string | null;
  readonly standards: readonly NamedOption[];
  readonly kindNames: readonly string[];
  readonly next: string | null;
}

const kindSaid = (kind: string) => kind.replaceAll('-', ' ');

export function assetListHeading(page: AssetListPage): { readonly heading: string; readonly lead: Child } {
  const { query, count: number, more } = page;
  const what = query.kind === undefined ? 'asset' : kindSaid(query.kind);
  const named = query.text === undefined ? '' : ` called “${query.text}”`;
  const heading = `${more ? 'At least ' : ''}${plural(number, what)}${named}.`;
  return { heading, lead: leadSaid(page) };
}

function leadSaid({ query, standards, ownerName, containerName }: AssetListPage): Child {
  const parts: Child[] = [];
  const standard = standards.find(({ id }) => id === query.standard)?.name;
  if (standard !== undefined) parts.push(html`that ${STATES[query.state ?? 'fail']} <b>${standard}</b>`);
  if (query.owner === 'nobody') parts.push('that nobody owns');
  else if (ownerName !== null) parts.push(html`owned by <bdi>${ownerName}</bdi>`);
  if (containerName !== null) parts.push(html`in <bdi>${containerName}</bdi>`);
  return parts.length === 0
    ? 'As of the last assignment of owners.'
    : html`Those ${joined(parts, (part) => part)}, as of the last scan.`;
}

export function assetListBody(page: AssetListPage): Markup {
  const { query, rows, next, kinds, owners } = page;
  const at = (change: Readonly<Record<string, string | undefined>>) =>
    pathWith('/assets', { ...query, after: '', ...change });
  const facet = (
    title: string,
    all: readonly { readonly label: string; readonly value: string; readonly count: number }[],
    name: 'kind' | 'owner',
  ) =>
    all.length > 1 &&
    html`<section aria-labelledby="facet-${name}" class="box"><h2 id="facet-${name}">${title}</h2><ul class="facets quiet">${all.map(({ label, value, count: number }) => html`<li><a href="${at({ [name]: value === query[name] ? '' : value })}"${value === query[name] && html` aria-current="true"`}><bdi>${label}</bdi><span class="num ink-3">${count(number)}</span></a></li>`)}</ul></section>`;
  return html`${searchForm(page)}<div class="asset found"><section aria-labelledby="found"><h2 id="found" class="hidden">Assets</h2>
${rows.length === 0 ? html`<p class="note">${emptySaid(query)}</p>` : table(page)}
${pagerFromFirst('assets', query.after ? at({}) : null, next)}</section>
<aside class="stack" aria-label="Narrow it down">${facet(
    'Kind',
    kinds.map((one) => ({ ...one, label: kindSaid(one.value) })),
    'kind',
  )}${facet(
    'Owner',
    owners.map((one) => ({ ...one, label: one.name, value: one.value || 'nobody' })),
    'owner',
  )}</aside></div>`;
}

const emptySaid = ({ text, standard, state }: AssetQuery): string =>
  standard !== undefined && text === undefined
    ? `None that ${STATES[state ?? 'fail']} it, among what you may see.`
    : 'Nothing that was collected fits. Leave something out, or search for whom to call by an address or a package.';

function searchForm({ query, standards, kindNames }: AssetListPage): Markup {
  const { text = '', kind, owner, standard, state, in: container } = query;
  return html`<form class="ask" action="/assets" role="search" aria-label="Assets">
<label>Name or id <input class="field" type="search" name="text" value="${text}" autocomplete="off" spellcheck="false"></label>
<label>Kind <select class="field" name="kind"><option value="">all</option>${kindNames.map((one) => html`<option value="${one}"${one === kind && html` selected`}>${kindSaid(one)}</option>`)}</select></label>
<label>Standard <select class="field" name="standard"><option value="">any</option>${standards.map((one) => html`<option value="${one.id}"${one.id === standard && html` selected`}>${one.name}</option>`)}</select></label>
${standard !== undefined && html`<label>that <select class="field" name="state">${Object.entries(STATES).map(([one, said]) => html`<option value="${one}"${one === state && html` selected`}>${said} it</option>`)}</select></label>`}
${owner !== undefined && html`<input type="hidden" name="owner" value="${owner}">`}${container !== undefined && html`<input type="hidden" name="in" value="${container}">`}<button class="btn go">Search</button>${Object.values(query).some((one) => one !== undefined) && html` <a href="/assets">All</a>`}</form>`;
}

function table({ rows }: AssetListPage): Markup {
  return html`<table class="grid assets quiet"><thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Owner</th></tr></thead>
<tbody>${rows.map(({ id, name, kind, ownedBy, state }) => html`<tr><th scope="row"><span class="name"><a href="${assetAt(id)}" title="${id}"><bdi>${name}</bdi></a></span></th><td class="ink-2">${kindSaid(kind)}</td><td>${ownedBy === null ? html`<span class="bad">nobody</span>` : html`${ownerLink(ownedBy)}${state === 'unconfirmed' && html` <span class="ink-3">not confirmed recently</span>`}`}</td></tr>`)}</tbody></table>`;
}
