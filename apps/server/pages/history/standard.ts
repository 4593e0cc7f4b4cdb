/** One standard over time: how it stands, what happened between two days and why, and how each team stands. */
import { count } from '@macadam/adapters/report-formats/figures';
import { bar } from '@macadam/adapters/report-formats/html/bar';
import { codeLines, placeLink } from '@macadam/adapters/report-formats/html/code';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { moment, plural } from '@macadam/adapters/report-formats/html/words';
import type { FailingPlace } from '@macadam/core/figures/worst';
import { describeMistake, type Mistake } from '@macadam/core/text/document';
import { assetAt, assetsAt, type HistoryQuery, standardAt, type Window } from './address.ts';
import { chart, fractions, type Point, shareOf, twin, unnamedOf } from './chart.ts';
import { causesList, type PastStandard } from './overview.ts';

export interface TeamRow {
  readonly team: string;
  readonly division: string | null;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly excepted: number;
}

export interface StandardPage {
  readonly standard: PastStandard;
  readonly statement: string;
  /** Not null where its file does not load. */
  readonly lastGood: { readonly since: Date; readonly mistakes: readonly Mistake[] } | null;
  readonly query: HistoryQuery;
  readonly ticks: readonly Date[];
  readonly from: Date | null;
  readonly to: Date;
  readonly known: boolean;
  /** Said where a beginning before it was asked for. */
  readonly fromFirst: boolean;
  readonly teams: readonly TeamRow[];
  /** Teams that fit the search, of which `teams` is one page. */
  readonly found: number;
  readonly page: number;
  readonly pages: number;
  readonly divisions: readonly string[];
  /** Of the newest look: what fails worst. */
  readonly worst: readonly FailingPlace[];
}

export function standardBody(page: StandardPage): Markup {
  const { standard, statement, query, from } = page;
  const { id, figures } = standard;
  const window: Window = { from: query.from, to: query.to, as: query.as };
  const list = (state: string, value: number, word: string): Child =>
    value === 0
      ? `0 ${word}`
      : html`<a href="${assetsAt(id, { ...window, state })}">${count(value)} ${word}</a>`;
  const { scope } = fractions(figures);
  return html`${failingSection(page, window)}<section aria-labelledby="stands"><h2 id="stands">How does it stand?</h2>
<p class="answer">${shareOf(figures)}</p><p>${statement}</p>${page.lastGood && notLoaded(page.lastGood)}
<p>${list('pass', figures.pass, 'pass')} · ${list('unknown', figures.unknown, 'unknown')} · ${list('fail', figures.fail, 'fail')}${figures.excepted > 0 && html` · ${list('excepted', figures.excepted, 'of them excepted')}`}</p>
${bar({ ...figures, scope })}
${wide(standard.title, standard.trend)}</section>
<section aria-labelledby="changed"><h2 id="changed">What changed, and why?</h2>
${chooser(page)}
<p class="answer">${from === null ? 'There is no look before this one.' : html`From ${moment(from.toISOString())} to ${moment(page.to.toISOString())}`}</p>
${from !== null && causesList(standard.causes, id, window)}</section>
<section aria-labelledby="teams"><h2 id="teams">How does each team stand?</h2>
<p class="answer">${plural(page.found, 'team')}${query.search || query.division ? ' found' : ''}, the most failures first.</p>
${unnamedOf(figures) !== '' && html`<p>${unnamedOf(figures)}: nobody can say whose they are, so they are in no team's share.</p>`}
${search(page)}${teamTable(page, window)}${pager(page)}</section>`;
}

/** What fails comes first; nothing where nothing does, or an earlier look is asked for. */
function failingSection({ standard, worst }: StandardPage, window: Window): Markup | null {
  if (worst.length === 0) return null;
  const failures = standard.figures.fail;
  return html`<section aria-labelledby="failing"><h2 id="failing">What fails?</h2>
<p class="answer">${plural(failures, 'failure')}, the worst first.</p>
<ul class="places wide">${worst.map(worstEntry)}</ul>
<p><a href="${assetsAt(standard.id, { ...window, state: 'fail' })}">All that fail</a></p></section>`;
}

function worstEntry({ finding, location, link, code, text }: FailingPlace): Markup {
  const { asset, message } = finding;
  const first = finding.location?.line === location?.line;
  return html`<li><p><a href="${assetAt(asset.id)}"><bdi>${asset.name}</bdi></a> ${placeLink(location, link)} <span class="quiet">${first ? message : text}</span></p>${codeLines(code, location?.line)}</li>`;
}

function notLoaded({ since, mistakes }: NonNullable<StandardPage['lastGood']>): Markup {
  return html`<div class="warning" role="note"><p>Its file does not load. The version of ${moment(since.toISOString())} goes on judging until the file is correct:</p>
<ul>${mistakes.map((mistake) => html`<li><code>${describeMistake(mistake)}</code></li>`)}</ul></div>`;
}

function wide(title: string, trend: readonly Point[]): Markup | null {
  const drawn = chart(title, trend, 'trend wide');
  return (
    drawn && html`<h3>How it went</h3>${drawn}<details><summary>in words</summary>${twin(trend)}</details>`
  );
}

const hidden = (name: string, value: string | undefined) =>
  value !== undefined && value !== '' && html`<input type="hidden" name="${name}" value="${value}">`;

/** Two ticks out of all, and whether what was learned since counts. */
export function chooser({
  ticks,
  from,
  to,
  known,
  fromFirst,
  query,
}: Pick<StandardPage, 'ticks' | 'from' | 'to' | 'known' | 'fromFirst' | 'query'>): Markup {
  const option = (at: Date, chosen: Date | null) =>
    html`<option value="${at.toISOString()}"${at.getTime() === chosen?.getTime() && html` selected`}>${at.toISOString().slice(0, 16).replace('T', ' ')}</option>`;
  const newestFirst = ticks.toReversed();
  return html`<form class="ask" method="get">${hidden('search', query.search)}${hidden('division', query.division)}
<label>From<select name="from">${newestFirst.map((at) => option(at, from))}</select></label>
<label>To<select name="to">${newestFirst.map((at) => option(at, to))}</select></label>
<label class="check"><input type="checkbox" name="as" value="known"${known && html` checked`}>as it is known now</label>
<button>Show</button></form>${fromFirst && from !== null && html`<p>Nothing was known at the time asked for: this is from the first look, ${moment(from.toISOString())}.</p>`}`;
}

function search({ query, divisions }: StandardPage): Markup {
  return html`<form class="ask" method="get" role="search" aria-label="Teams">${hidden('from', query.from)}${hidden('to', query.to)}${hidden('as', query.as)}
<label>Team<input type="search" name="search" value="${query.search ?? ''}" autocomplete="off"></label>
${
  divisions.length > 0 &&
  html`<label>Division<select name="division"><option value="">any</option>${divisions.map((one) => html`<option value="${one}"${one === query.division && html` selected`}>${one}</option>`)}</select></label>`
}
<button>Search</button></form>`;
}

function teamTable({ standard, teams, divisions }: StandardPage, window: Window): Markup {
  const list = (team: string, state: string, value: number): Child =>
    value === 0
      ? '0'
      : html`<a href="${assetsAt(standard.id, { ...window, team, state })}">${count(value)}</a>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Teams"><table class="past"><thead><tr><th scope="col">Team</th>${divisions.length > 0 && html`<th scope="col">Division</th>`}<th scope="col">Share</th><th scope="col" class="amount">pass</th><th scope="col" class="amount">unknown</th><th scope="col" class="amount">fail</th></tr></thead>
<tbody>${teams.map(
    (
      row,
    ) => html`<tr><th scope="row" class="id">${row.team}</th>${divisions.length > 0 && html`<td>${row.division ?? ''}</td>`}<td>${shareOf(row)}${bar({ ...row, scope: fractions(row).scope })}</td>
<td class="amount">${list(row.team, 'pass', row.pass)}</td><td class="amount">${list(row.team, 'unknown', row.unknown)}</td><td class="amount">${list(row.team, 'fail', row.fail)}</td></tr>`,
  )}</tbody></table></div>`;
}

function pager({ standard, query, page, pages }: StandardPage): Markup | null {
  if (pages <= 1) return null;
  const to = (number: number, word: string) =>
    html`<a href="${standardAt(standard.id, { ...query, page: String(number) })}#teams">${word}</a>`;
  return html`<nav class="pages" aria-label="Pages of teams">${page > 1 && to(page - 1, 'Before')}<span>${page} of ${pages}</span>${page < pages && to(page + 1, 'After')}</nav>`;
}
