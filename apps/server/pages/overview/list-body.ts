/** The list of standards: all of them, or those that one filter leaves. */
import { count } from '@macadam/adapters/report-formats/figures';
import { barLegend } from '@macadam/adapters/report-formats/html/bar';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { emptyState } from '@macadam/adapters/report-formats/html/parts/states';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { momentsOf, type StandardsQuery, type StatusFilter, standardsAt } from './address.ts';
import { windowOf } from './body.ts';
import { applies, isKept, needingAttention, type StandardRow, type StandardsReading } from './reading.ts';
import { standardsTable } from './standards-table.ts';
import { PILLAR_ORDER, pillarName } from './words.ts';

const LABELS: Readonly<Record<StatusFilter, string>> = {
  attention: 'Need attention',
  kept: 'Met or on track',
  met: 'Met',
  'on-track': 'On track',
  'off-track': 'Off track',
  'cannot-tell': 'Cannot tell',
  'no-target': 'No target',
  failing: 'With failures',
  empty: 'Nothing in scope',
};
const SHOWN: readonly StatusFilter[] = [
  'attention',
  'met',
  'on-track',
  'off-track',
  'cannot-tell',
  'no-target',
  'failing',
  'empty',
];

export function fitting(
  rows: readonly StandardRow[],
  status: StatusFilter | undefined,
): readonly StandardRow[] {
  if (status === 'empty') return rows.filter((row) => !applies(row));
  if (status === 'attention') return needingAttention(rows);
  const own = rows.filter(applies);
  if (status === undefined) return own;
  if (status === 'kept') return own.filter(isKept);
  return status === 'failing'
    ? own.filter(({ now }) => now.figures.fail > 0)
    : own.filter(({ now }) => now.status === status);
}

export interface ListPage {
  readonly reading: StandardsReading;
  readonly query: StandardsQuery;
  /** Ids of those that apply in the division that is asked for and are below their target there; null where none is asked for. */
  readonly inDivision: ReadonlySet<string> | null;
}

export function listed({ reading, query, inDivision }: ListPage): readonly StandardRow[] {
  const wanted = (query.search ?? '').toLowerCase();
  return fitting(reading.rows, query.status).filter(
    (row) =>
      (query.pillar === undefined || row.pillar === query.pillar) &&
      (query.accountable === undefined || row.now.accountable === query.accountable) &&
      (inDivision === null || inDivision.has(row.id)) &&
      `${row.id} ${row.title} ${row.now.label}`.toLowerCase().includes(wanted),
  );
}

/** `48 of 49 standards apply here`, `11 standards: off track in Networks`. */
export function listHeading(page: ListPage): string {
  const { query, reading } = page;
  const found = listed(page).length;
  const all = reading.rows.length;
  const { status, pillar, division, accountable, search = '' } = query;
  const narrowed = [status, pillar, division, accountable].some((one) => one !== undefined) || search !== '';
  if (!narrowed && found < all) return `${count(found)} of ${plural(all, 'standard')} apply here.`;
  return `${plural(found, 'standard')}${where(query)}.`;
}

const where = ({ status, pillar, division, search, accountable }: StandardsQuery): string =>
  [
    status === undefined ? 'that apply here' : `: ${LABELS[status].toLowerCase()}`,
    pillar === undefined ? '' : ` in ${pillarName(pillar)}`,
    division === undefined ? '' : `, below target in ${division}`,
    accountable === undefined ? '' : `, ${accountable} accountable`,
    search === undefined || search === '' ? '' : `, with “${search}”`,
  ]
    .join('')
    .replace(/^(?=that)/, ' ');

export function listBody(page: ListPage): Markup {
  const { reading, query } = page;
  const rows = listed(page);
  const { pillar } = query;
  // What a tab leads to keeps the pillar and nothing else of the filters.
  const of = (status: StatusFilter | undefined) =>
    listed({ reading, query: { pillar, status }, inDivision: null }).length;
  const tab = (status: StatusFilter | undefined) =>
    html`<a href="${standardsAt({ ...momentsOf(query), pillar, sort: query.sort, status })}"${query.status === status && html` aria-current="page"`}>${status === undefined ? 'All' : LABELS[status]} <span>${count(of(status))}</span></a>`;
  const tabs = SHOWN.filter((status) => of(status) > 0 || status === query.status);
  return html`<div class="h2 list-head"><h2 class="hidden">Standards</h2><nav class="tabs" aria-label="Which standards">${tab(undefined)}${tabs.map(tab)}</nav>${barLegend}</div>
${filters(page)}
${
  rows.length === 0
    ? emptyState({
        kind: 'filtered',
        says: 'No standard fits these filters.',
        next: html`<a href="${standardsAt(momentsOf(query))}">Show all</a>`,
      })
    : standardsTable({
        rows,
        all: reading.rows,
        query,
        window: windowOf(query),
        sorted: (sort) => standardsAt({ ...query, sort }),
      })
}`;
}

function filters({ reading, query }: ListPage): Markup {
  const pillars = PILLAR_ORDER.filter((pillar) => reading.rows.some((row) => row.pillar === pillar));
  const people = [...new Set(reading.rows.flatMap(({ now }) => now.accountable ?? []))].sort();
  const kept = (name: 'at' | 'from' | 'as' | 'status' | 'sort' | 'division') =>
    query[name] !== undefined && html`<input type="hidden" name="${name}" value="${query[name]}">`;
  return html`<form class="ask" action="/standards" role="search" aria-label="Standards">${kept('at')}${kept('from')}${kept('as')}${kept('status')}${kept('sort')}${kept('division')}
<label>Name<input type="search" name="search" value="${query.search ?? ''}" autocomplete="off"></label>
<label>Pillar<select name="pillar"><option value="">all</option>${pillars.map((pillar) => html`<option value="${pillar}"${pillar === query.pillar && html` selected`}>${pillarName(pillar)}</option>`)}</select></label>
${people.length > 0 && html`<label>Accountable<select name="accountable"><option value="">anybody</option>${people.map((person) => html`<option${person === query.accountable && html` selected`}>${person}</option>`)}</select></label>`}
<button>Filter</button></form>`;
}
