/** Standards as rows: the interval with its target, how it went, why it moved, what fails, whose it is, when it is done. */

import { count, isShort, listed, percentDown } from '@macadam/adapters/report-formats/figures';
import { bar } from '@macadam/adapters/report-formats/html/bar';
import { fullDay, monthOf, monthsBetween } from '@macadam/adapters/report-formats/html/dates';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { intervalEnds, points } from '@macadam/adapters/report-formats/html/parts/interval';
import { sparkline } from '@macadam/adapters/report-formats/html/parts/sparkline';
import { standingSign } from '@macadam/adapters/report-formats/html/parts/standing';
import { dots, glyph } from '@macadam/adapters/report-formats/html/signs';
import type { StandardProgress } from '@macadam/core/figures/standard-progress';
import { assetsAt, changesAt, standardAt, type Window } from '../history/address.ts';
import type { Sort, StandardsQuery } from './address.ts';
import { intervalOf, isKept, type StandardRow } from './reading.ts';
import { CAUSE_NAMES, CAUSE_SIGNS, PILLAR_ORDER, pillarName } from './words.ts';

export interface StandardsTable {
  readonly rows: readonly StandardRow[];
  /** All of each pillar, for the sums in its head; the table may show some of them. */
  readonly all: readonly StandardRow[];
  readonly query: StandardsQuery;
  /** Between which moments changes are counted. */
  readonly window: Window;
  /** Of the page, with another order. */
  readonly sorted: (sort: Sort) => string;
}

/**
 * By how much the share that passes at least moved, in points. Null where there is none on one side, and where nobody knew anything
 * then or now: what only became known is no progress.
 */
export function changeOf({ now, before }: StandardRow): number | null {
  if (before === null) return null;
  const [own, earlier] = [intervalOf(now), intervalOf(before)];
  if (own.atLeast === null || earlier.atLeast === null || saysNothing(own) || saysNothing(earlier))
    return null;
  return own.atLeast - earlier.atLeast;
}

const saysNothing = ({ atLeast, atMost }: ReturnType<typeof intervalOf>): boolean =>
  atLeast === 0 && atMost === 1;

const COMPARE: Readonly<Record<Sort, (a: StandardRow, b: StandardRow) => number>> = {
  pillar: (a, b) =>
    PILLAR_ORDER.indexOf(a.pillar) - PILLAR_ORDER.indexOf(b.pillar) || gravity(a) - gravity(b),
  name: (a, b) => (a.now.label < b.now.label ? -1 : 1),
  least: (a, b) => (intervalOf(a.now).atLeast ?? 2) - (intervalOf(b.now).atLeast ?? 2),
  change: (a, b) => (changeOf(a) ?? 2) - (changeOf(b) ?? 2),
  failing: (a, b) => b.now.figures.fail - a.now.figures.fail,
  unknown: (a, b) => b.now.figures.unknown - a.now.figures.unknown,
  target: (a, b) => ((a.now.target?.by ?? '9') < (b.now.target?.by ?? '9') ? -1 : 1),
};

const STATUS_ORDER = ['off-track', 'cannot-tell', 'no-target', 'on-track', 'met'];
const gravity = ({ now }: StandardRow): number => STATUS_ORDER.indexOf(now.status);

export const inOrder = (rows: readonly StandardRow[], sort: Sort): readonly StandardRow[] =>
  rows.toSorted((a, b) => COMPARE[sort](a, b) || (a.id < b.id ? -1 : 1));

const DESCENDING: ReadonlySet<Sort> = new Set(['failing', 'unknown']);

export function standardsTable(table: StandardsTable): Markup {
  const sort = table.query.sort ?? 'pillar';
  const rows = inOrder(table.rows, sort);
  const head = (name: Sort, label: string) =>
    html`<th scope="col"${name === sort && html` aria-sort="${DESCENDING.has(name) ? 'descending' : 'ascending'}"`}><a href="${table.sorted(name)}">${label}</a></th>`;
  // A column that says the same in each row of a pillar is said once, in its head.
  const inHeads =
    rows.every(({ now }) => now.accountable === null) || (sort === 'pillar' && accountableOfAll(table));
  const body =
    sort === 'pillar'
      ? [...Map.groupBy(rows, ({ pillar }) => pillar)].map(
          ([pillar, own]) =>
            html`${group(pillar, table, inHeads)}${own.map((row) => standardRow(row, table, inHeads))}`,
        )
      : rows.map((row) => standardRow(row, table, inHeads));
  // The style sheet knows each column by its place: a class in every cell would be a tenth of the page.
  return html`<table class="grid standards quiet${!inHeads && ' accountable'}${rows.some(({ now }) => isShort(now.figures.containers)) && ' short'}"><caption class="hidden">Standards</caption>
<thead><tr>${head(sort === 'pillar' ? 'name' : 'pillar', 'Standard')}${head('least', 'At least')}<th scope="col">share, %</th><th scope="col">At most</th><th scope="col">26 weeks</th>${head('change', 'Change')}<th scope="col">Largest cause</th>${head('failing', 'Failing')}${head('unknown', 'Unknown')}${!inHeads && html`<th scope="col">Accountable</th>`}${head('target', 'Target')}<th scope="col">Forecast</th></tr></thead>
<tbody>${body}</tbody></table>`;
}

/** Who answers for every standard of a pillar: one name, or null where they differ or nobody is named. */
function accountableOf(pillar: string, all: readonly StandardRow[]): string | null {
  const names = new Set(all.filter((row) => row.pillar === pillar).map(({ now }) => now.accountable));
  const [only = null] = names;
  return names.size === 1 ? only : null;
}

/** Whether the heads of pillars say who answers for each row, so that no column has to. */
const accountableOfAll = ({ rows, all }: StandardsTable): boolean =>
  rows.every(({ pillar, now }) => now.accountable === accountableOf(pillar, all));

/** The head of a pillar: each of its standards as a sign, and the sums of all of them. */
function group(pillar: string, { all, query }: StandardsTable, inHeads: boolean): Markup {
  const own = all.filter((row) => row.pillar === pillar && row.now.shares.scope > 0);
  const kept = own.filter(isKept).length;
  const sum = (of: 'fail' | 'unknown') => own.reduce((total, { now }) => total + now.figures[of], 0);
  const targets = own.some(({ now }) => now.target !== null);
  const some = targets ? kept : own.filter(({ now }) => now.figures.fail > 0).length;
  const list = pathWith('/standards', { pillar, at: query.at });
  const accountable = accountableOf(pillar, all);
  const answers =
    accountable !== null && html`<span${!inHeads && html` title="accountable"`}>${accountable}</span>`;
  const signs = own.toSorted((a, b) => gravity(a) - gravity(b)).map(({ now }) => now.status);
  // Its text runs on over the empty cells beside it, of which narrow windows leave some out.
  return html`<tr class="group"><th scope="row">${pillarName(pillar)}</th><td><span class="name">${targets && dots(signs)}<span>${count(some)} of <a href="${list}">${count(own.length)}</a> ${targets ? 'met or on track' : 'with failures'}</span>${inHeads && answers}</span></td><td></td><td></td><td></td><td></td><td></td><td>${count(sum('fail'))}</td><td>${count(sum('unknown'))}</td>${!inHeads && html`<td>${answers}</td>`}<td></td><td></td></tr>`;
}

function standardRow(row: StandardRow, { query, window }: StandardsTable, inHeads: boolean): Markup {
  const { id, now } = row;
  const { figures, target } = now;
  const interval = intervalOf(now);
  const moments = { from: query.from, to: query.at, as: query.as };
  const { least, most } = intervalEnds(interval);
  const list = (state: 'fail' | 'unknown'): Child => {
    const value = figures[state];
    return value === 0
      ? '0'
      : html`<a href="${assetsAt(id, { to: query.at, as: query.as, state })}">${count(value)}</a>`;
  };
  const change = changeOf(row);
  // The history is of assets: beside another measure it would show something else.
  const spark = now.measure !== null ? null : sparkline(row.points);
  // The whole row leads to the standard, which begins with its trend; its counts lead to their lists.
  return html`<tr><th scope="row">${standingSign(now.status)}<a href="${standardAt(id, moments)}">${now.label}</a></th><td>${least}</td><td>${bar(interval, target?.share ?? null)}</td><td${interval.unit !== null && html` title="of ${interval.unit}"`}>${most}${interval.unit !== null && html`<span class="hidden"> of ${interval.unit}</span>`}${isShort(figures.containers) && html` <small class="ink-3" title="${listed(figures.containers)}">${figures.containers?.whole ?? 0}/${figures.containers?.total ?? 0} listed</small>`}</td><td>${spark}</td><td>${change === null ? '' : points(change)}</td><td>${causeCell(row, window)}</td><td>${list('fail')}</td><td>${list('unknown')}</td>${!inHeads && html`<td>${now.accountable ?? html`<span class="ink-3">nobody</span>`}</td>`}<td>${targetCell(now)}</td><td>${forecastCell(now)}</td></tr>
`;
}

function causeCell({ id, largest }: StandardRow, window: Window): Child {
  if (largest === null) return null;
  const { cause, number } = largest;
  return html`${glyph(CAUSE_SIGNS[cause])}<a href="${changesAt(id, { ...window, cause })}">${count(number)} ${CAUSE_NAMES[cause]}</a>`;
}

function targetCell({ target }: Pick<StandardProgress, 'target'>): Child {
  if (target === null) return html`<span>none</span>`;
  return html`<span>${Number((target.share * 100).toFixed(1))} %</span> ${monthOf(new Date(target.by))}`;
}

/** `; each week 7.4 failures end and 1.8 begin, so the share settles at about 79 %`: why there is no day. */
export function paceText(forecast: StandardProgress['forecast']): string {
  if (!forecast?.pace) return '';
  const { ended, began, settlesAt } = forecast.pace;
  // Of a closed cohort, or where futures differ widely, the long run says nothing against the target.
  const settles =
    settlesAt === null || settlesAt >= forecast.target
      ? ''
      : `, so the share settles at about ${percentDown(settlesAt)}`;
  return `; each week ${count(ended)} failures end and ${count(began)} begin${settles}`;
}

/** When it is done, in few words, with the days by which so many possible futures reach it; red where that is late. Why is said on its page. */
export function forecastCell({ status, cause, forecast, target }: StandardProgress): Child {
  if (status === 'met') return 'met';
  if (target === null) return null;
  const outcome = forecast?.outcome;
  if (cause === 'missed') return html`<span class="bad">missed</span>`;
  if (outcome?.kind === 'never') return html`<span class="bad">not at this pace</span>`;
  if (outcome?.kind !== 'expected') return 'cannot tell';
  const { likely, cautious } = outcome;
  const said = cautious === null ? `after ${monthOf(likely)}` : monthsBetween(likely, cautious);
  const title = `half by ${fullDay(likely)}${cautious === null ? '' : `, 85 of 100 by ${fullDay(cautious)}`}`;
  return html`<span${forecast?.atRisk === true && html` class="bad"`} title="${title}">${said}</span>`;
}
