/** Standards as rows: the interval with its target, how it went, why it moved, what fails, whose it is, when it is done. */

import { count, isShort, listed, percentDown } from '@macadam/adapters/report-formats/figures';
import { bar } from '@macadam/adapters/report-formats/html/bar';
import { fullDay, monthOf, monthsBetween } from '@macadam/adapters/report-formats/html/dates';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { intervalEnds, points } from '@macadam/adapters/report-formats/html/parts/interval';
import { sparkline } from '@macadam/adapters/report-formats/html/parts/sparkline';
import { standingSign } from '@macadam/adapters/report-formats/html/parts/standing';
import { dot, glyph } from '@macadam/adapters/report-formats/html/signs';
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
  const head = (name: Sort | null, label: string, className: string) =>
    name === null
      ? html`<th scope="col" class="${className}">${label}</th>`
      : html`<th scope="col" class="${className}"${name === sort && html` aria-sort="${DESCENDING.has(name) ? 'descending' : 'ascending'}"`}><a href="${table.sorted(name)}">${label}</a></th>`;
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
  return html`<table class="grid standards quiet${rows.some(({ now }) => isShort(now.figures.containers)) && ' short'}"><caption class="hidden">Standards</caption><colgroup><col><col class="c-num"><col class="c-bar"><col class="c-most"><col class="c-spark"><col class="c-pts"><col class="c-cause"><col class="c-fail"><col class="c-crit">${!inHeads && html`<col class="c-who">`}<col class="c-target"><col class="c-fc"></colgroup>
<thead><tr>${head(sort === 'pillar' ? 'name' : 'pillar', 'Standard', '')}${head('least', 'At least', 'num')}<th scope="col" class="mid">share, %</th><th scope="col">At most</th><th scope="col" class="spk">26 weeks</th>${head('change', 'Change', 'num')}<th scope="col" class="cause">Largest cause</th>${head('failing', 'Failing', 'num fl')}${head('unknown', 'Unknown', 'num')}${!inHeads && html`<th scope="col" class="who">Accountable</th>`}${head('target', 'Target', 'tgt')}<th scope="col" class="fc">Forecast</th></tr></thead>
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
    accountable !== null &&
    html`<span class="ink-2"${!inHeads && html` title="accountable"`}>${inHeads && html`<span class="hidden">accountable: </span>`}${accountable}</span>`;
  const dots = own.toSorted((a, b) => gravity(a) - gravity(b)).map(({ now }) => dot(now.status));
  // Its text runs on over the empty cells beside it, of which narrow windows leave some out.
  return html`<tr class="group"><th scope="row" class="gp">${pillarName(pillar)}</th><td colspan="3" class="tally"><span class="name"><span class="dots" aria-hidden="true">${targets && dots}</span><span>${count(some)} of <a href="${list}">${count(own.length)}</a> ${targets ? 'met or on track' : 'with failures'}</span>${inHeads && answers}</span></td><td class="spk"></td><td class="pts"></td><td class="cause"></td><td class="num fl">${count(sum('fail'))}</td><td class="num cr">${count(sum('unknown'))}</td>${!inHeads && html`<td class="who cut">${answers}</td>`}<td class="tgt"></td><td class="fc"></td></tr>`;
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
      ? html`<span class="ink-3">0</span>`
      : html`<a href="${assetsAt(id, { to: query.at, as: query.as, state })}">${count(value)}</a>`;
  };
  const change = changeOf(row);
  // The history is of assets: beside another measure it would show something else.
  const spark = now.measure !== null ? null : sparkline(row.points);
  return html`<tr><th scope="row"><span class="name">${standingSign(now.status)}<a href="${standardAt(id, moments)}">${now.label}</a></span></th>
<td class="num least">${least}</td><td class="share">${bar(interval, target?.share ?? null)}</td><td class="most"${interval.unit !== null && html` title="of ${interval.unit}"`}>${most}${interval.unit !== null && html`<span class="hidden"> of ${interval.unit}</span>`}${isShort(figures.containers) && html` <small class="ink-3" title="${listed(figures.containers)}">${figures.containers?.whole ?? 0}/${figures.containers?.total ?? 0} listed</small>`}</td><td class="spk">${spark !== null && html`<a href="${standardAt(id, moments)}#trend" aria-label="Trend">${spark}</a>`}</td>
<td class="num pts">${change === null ? '' : points(change)}</td><td class="cause">${causeCell(row, window)}</td><td class="num fl">${list('fail')}</td><td class="num cr">${list('unknown')}</td>${!inHeads && html`<td class="who cut">${now.accountable ?? html`<span class="ink-3">nobody</span>`}</td>`}<td class="tgt">${targetCell(now)}</td><td class="fc">${forecastCell(now)}</td></tr>`;
}

function causeCell({ id, largest }: StandardRow, window: Window): Child {
  if (largest === null) return null;
  const { cause, number } = largest;
  return html`<span class="name">${glyph(CAUSE_SIGNS[cause])}<a href="${changesAt(id, { ...window, cause })}">${count(number)} ${CAUSE_NAMES[cause]}</a></span>`;
}

function targetCell({ target }: Pick<StandardProgress, 'target'>): Child {
  if (target === null) return html`<span class="ink-3">none</span>`;
  return html`<span class="ink-3">${Number((target.share * 100).toFixed(1))} %</span> ${monthOf(new Date(target.by))}`;
}

/** `; a week 7.4 failures end and 1.8 begin, which settles at about 79 %`: why there is no day. */
export function paceText(forecast: StandardProgress['forecast']): string {
  if (!forecast?.pace) return '';
  const { ended, began, settlesAt } = forecast.pace;
  // Of a closed cohort, or where futures differ widely, the long run says nothing against the target.
  const settles =
    settlesAt === null || settlesAt >= forecast.target
      ? ''
      : `, which settles at about ${percentDown(settlesAt)}`;
  return `; a week ${count(ended)} failures end and ${count(began)} begin${settles}`;
}

/** When it is done, in few words; red where that is late. */
export function forecastCell({ status, cause, forecast, target }: StandardProgress): Child {
  if (status === 'met') return html`<span class="ink-3">met</span>`;
  if (target === null) return null;
  const outcome = forecast?.outcome;
  if (cause === 'missed') return html`<span class="bad">missed</span>`;
  if (outcome?.kind === 'never')
    return html`<span class="bad" title="Fewer than half of 400 possible futures reach it within five years${paceText(forecast)}">not at this pace</span>`;
  if (outcome?.kind !== 'expected') return html`<span class="ink-3">cannot tell</span>`;
  const { likely, cautious } = outcome;
  const said = cautious === null ? `after ${monthOf(likely)}` : monthsBetween(likely, cautious);
  const title = `Half of the possible futures reach it by ${fullDay(likely)}${cautious === null ? '' : `, 85 of 100 by ${fullDay(cautious)}`}`;
  return html`<span${forecast?.atRisk === true && html` class="bad"`} title="${title}">${said}</span>`;
}
