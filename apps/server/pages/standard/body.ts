/** One standard: how many meet it and since when, why it moved, whose it is, what fails and how we know, and when it is enforced. */

import type { MissRecord } from '@macadam/adapters/decisions/effects';
import { count, counted, isShort, listed, percentDown } from '@macadam/adapters/report-formats/figures';
import { bar } from '@macadam/adapters/report-formats/html/bar';
import { codeLines, placeLink } from '@macadam/adapters/report-formats/html/code';
import { dayAndMonth, fullDay, moment, shortMoment } from '@macadam/adapters/report-formats/html/dates';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { intervalEnds, signed } from '@macadam/adapters/report-formats/html/parts/interval';
import { pager } from '@macadam/adapters/report-formats/html/parts/pager';
import { STANDING_WORDS } from '@macadam/adapters/report-formats/html/parts/standing';
import { emptyState } from '@macadam/adapters/report-formats/html/parts/states';
import { waterfall } from '@macadam/adapters/report-formats/html/parts/waterfall';
import { glyph } from '@macadam/adapters/report-formats/html/signs';
import { plural, unbroken } from '@macadam/adapters/report-formats/html/words';
import type { Figures } from '@macadam/core/figures/accounting';
import { countedReasons } from '@macadam/core/figures/missed';
import { share } from '@macadam/core/figures/share';
import type { StandardProgress } from '@macadam/core/figures/standard-progress';
import { STATUS_CAUSE_WORDS } from '@macadam/core/figures/target';
import type { Concern, Toil } from '@macadam/core/figures/toil';
import type { FailingPlace } from '@macadam/core/figures/worst';
import { describeFileDiagnostic, type FileDiagnostic } from '@macadam/core/text/diagnostic';
import { type Ring, type Rollout, stepOfRing } from '@macadam/core/verdicts/rollout';
import type { Standard } from '@macadam/core/verdicts/standard';
import type { CohortPair } from '@macadam/services/progress/cohort';
import { assetAt, assetsAt, changesAt, type HistoryQuery, standardAt } from '../history/address.ts';
import { unnamedOf } from '../history/chart.ts';
import type { TrendPoint } from '../overview/moments.ts';
import { type CauseRow, intervalOf } from '../overview/reading.ts';
import { forecastCell, paceText } from '../overview/standards-table.ts';
import { CAUSE_KINDS, CAUSE_NAMES, capital } from '../overview/words.ts';
import { trendSection } from './trend.ts';

export interface TeamRow extends Figures {
  readonly team: string;
  readonly division: string | null;
}

export interface StandardPage {
  /** What it costs the people who obey it; null where nobody may say. */
  readonly toil: Toil | null;
  /** Targets of it that were missed, with the reason. */
  readonly misses: readonly MissRecord[];
  /** What happened to its cohort since the moment that is compared with. */
  readonly cohort: readonly CohortPair[];
  readonly definition: Standard;
  /** Not null where its file does not load. */
  readonly lastGood: { readonly since: Date; readonly mistakes: readonly FileDiagnostic[] } | null;
  readonly now: StandardProgress;
  /** At the moment that is compared with; null where there is none. */
  readonly before: { readonly at: Date; readonly figures: Figures } | null;
  readonly at: Date;
  readonly points: readonly TrendPoint[];
  /** What moved those that pass. */
  readonly moved: readonly CauseRow[];
  readonly query: HistoryQuery;
  /** Said where a beginning before the first look was asked for. */
  readonly fromFirst: boolean;
  readonly teams: readonly TeamRow[];
  /** Teams that fit the search, of which `teams` is one page. */
  readonly found: number;
  readonly page: number;
  readonly pages: number;
  readonly divisions: readonly string[];
  /** Of the newest look: what fails worst. Empty where an earlier one is shown. */
  readonly worst: readonly FailingPlace[];
}

export function standardBody(page: StandardPage): Markup {
  return html`${page.lastGood && notLoaded(page.lastGood)}${page.fromFirst && page.before && html`<p class="note">Nothing was known at the time asked for: this is from the first scan, ${moment(page.before.at.toISOString())}.</p>`}
${factsOf(page)}<div class="cols trend">${trendSection({ id: page.now.standard, noun: page.definition.scope.kind.replaceAll('-', ' '), now: page.now, at: page.at, points: page.points })}${side(page)}</div>
<div class="cols who">${ownersSection(page)}<div class="stack">${failingSection(page)}${enforcement(page)}${toilSection(page)}</div></div>`;
}

function factsOf({ definition, now, at, misses }: StandardPage): Markup {
  const { status, cause, target, accountable } = now;
  const why = cause === null ? '' : STATUS_CAUSE_WORDS[cause];
  const { severity, rollout, toil, origin } = definition;
  const forecast = status === 'met' || target === null ? null : forecastCell(now);
  return html`<dl class="facts"><div><dt>State</dt><dd>${glyph(status)}${STANDING_WORDS[status]}${why !== '' && `, ${why}`}</dd></div><div><dt>Severity</dt><dd>${capital(severity)}</dd></div><div><dt>Target</dt><dd>${target === null ? 'None: state one in macadam.yaml' : `${Number((target.share * 100).toFixed(1))} % by ${fullDay(new Date(target.by))}`}</dd></div>${forecast !== null && html`<div><dt>Forecast</dt><dd>${forecast}${now.forecast?.outcome.kind === 'never' && `: fewer than half of 400 possible futures reach it within five years${paceText(now.forecast)}`}</dd></div>`}<div><dt>Accountable</dt><dd>${accountable ?? 'Nobody is named'}</dd></div>${
    misses.length > 0 &&
    html`<div><dt>Missed before</dt><dd>${countedReasons(misses)
      .map(({ reason, count: many }) => `${reason.replaceAll('-', ' ')} (${count(many)})`)
      .join(', ')}</dd></div>`
  }<div><dt>In force</dt><dd>${inForce(rollout, at)}</dd></div>${toil.owner_minutes > 0 && html`<div><dt>Costs its owners</dt><dd>${toil.owner_minutes} min a fix</dd></div>`}${origin.report !== 'none' && html`<div class="taught"><dt>Taught by</dt><dd title="${origin.report}">${origin.report}</dd></div>`}</dl>`;
}

function inForce({ state, enforce_from: from }: Standard['rollout'], at: Date): string {
  const words = {
    draft: 'Draft: asks nothing of anybody',
    observe: 'Observes',
    warn: 'Warns',
    enforce: 'Enforced',
  };
  const ahead = from !== undefined && new Date(from) > at && state !== 'enforce';
  return `${words[state]}${ahead ? `; enforced from ${fullDay(new Date(from))}` : ''}`;
}

function side({ definition, now, before, moved, query, at, cohort }: StandardPage): Markup {
  const { figures, shares, target } = now;
  const { id } = definition;
  const row = (sign: 'pass' | 'unknown' | 'fail', label: string) => {
    const value = figures[sign];
    const list = assetsAt(id, { to: query.to, as: query.as, state: sign });
    const change = before && signed(value - before.figures[sign]);
    return html`<tr><td><span class="name">${glyph(sign)}${value === 0 ? html`<span>${label}</span>` : html`<a href="${list}">${label}</a>`}</span></td><td class="num">${count(value)}</td><td class="num ink-3">${change}</td></tr>`;
  };
  const scopeBefore = before && share({ ...before.figures, notApplicable: 0 }).scope;
  const named = unnamedOf(figures);
  return html`<div class="stack side"><section class="now" aria-labelledby="stands"><h2 id="stands" class="hidden">How it stands</h2><p class="fig">${bothEnds(now)}</p>${bar(intervalOf(now), target?.share ?? null)}
<table class="mini quiet"><caption class="hidden">Assets in scope, and the change</caption><tbody>${row('pass', 'Pass')}${row('unknown', 'Unknown')}${row('fail', 'Fail')}<tr class="total"><td>In scope</td><td class="num">${count(shares.scope)}</td><td class="num ink-3">${scopeBefore !== null && signed(shares.scope - scopeBefore)}</td></tr></tbody></table>
${figures.excepted > 0 && html`<p class="note"><a href="${assetsAt(id, { to: query.to, as: query.as, state: 'excepted' })}">${count(figures.excepted)} of the failing</a> ${figures.excepted === 1 ? 'has' : 'have'} an exception; with ${figures.excepted === 1 ? 'it' : 'them'}, at least ${unbroken(percentDown(shares.adjustedAtLeast ?? 0))}.</p>`}${figures.containers && html`<p class="note">${listed(figures.containers)}${isShort(figures.containers) && ': there may be assets that nobody counts'}.</p>`}${named !== '' && html`<p class="note">${named}: nobody can say whose they are, so they are in no team's share.</p>`}</section>
<section aria-labelledby="moved"><h2 id="moved">Why it moved${before && html`<span class="sub">passing, since ${dayAndMonth(before.at)}</span>`}</h2>${whyItMoved({ id, before, now, moved, query, at })}${definition.measure.kind !== 'share' && html`<p class="note"><a href="/standards/${id}/amounts">By team and cause, in ${definition.measure.unit}</a></p>`}${cohort.length > 0 && html`<p class="note">Of those that are to be eliminated: ${joined(cohort, ({ from, to, count: many }) => html`${count(many)} from ${from} to ${to}`)}.</p>`}</section></div>`;
}

/** `73.0 % to 83.1 %`, `41 of 50`; one number where everything is known. */
function bothEnds(now: StandardProgress): Child {
  const interval = intervalOf(now);
  const { least, most } = intervalEnds(interval);
  const unit = interval.unit !== null && html`<small>of ${interval.unit}</small>`;
  const ofCounts = most.includes(' of ');
  const percent = interval.scope > 0 && !ofCounts && html`<small>%</small>`;
  if (interval.unknown === 0) return ofCounts ? most : html`${least}${percent}${unit}`;
  return html`${least}${percent}<span class="to">to</span>${most}${percent}${unit}`;
}

function whyItMoved({
  id,
  before,
  now,
  moved,
  query,
  at,
}: Pick<StandardPage, 'before' | 'now' | 'moved' | 'query' | 'at'> & { readonly id: string }): Markup {
  if (before === null)
    return html`<p class="note">There is no scan before this one. From the next one on, this says what changed.</p>`;
  const window = { from: before.at.toISOString(), to: query.to, as: query.as };
  const all = html`<p class="note"><a href="${changesAt(id, window)}">All changes</a></p>`;
  if (moved.length === 0) return html`<p class="note">Nothing that passes has changed.</p>${all}`;
  const rows = moved
    .toSorted((a, b) => b.value - a.value)
    .map(({ cause, value }) => ({
      label: capital(CAUSE_NAMES[cause]),
      value,
      kind: CAUSE_KINDS[cause],
      href: changesAt(id, { ...window, cause, side: 'pass' }),
    }));
  return html`${waterfall({
    caption: `Passing, from ${fullDay(before.at)} to ${fullDay(at)}`,
    rows,
    ends: {
      begin: { label: dayAndMonth(before.at), value: before.figures.pass },
      end: { label: dayAndMonth(at), value: now.figures.pass },
    },
  })}${all}`;
}

function failingSection({ worst, now, definition, query }: StandardPage): Markup | null {
  const { figures } = now;
  if (worst.length === 0) return null;
  const noun = counted(2, definition.scope.kind.replaceAll('-', ' ')).replace(/^2 /, '');
  return html`<section aria-labelledby="failing"><div class="h2"><h2 id="failing">Failing ${noun}<span class="sub">the worst of ${count(figures.fail)}</span></h2><a class="more" href="${assetsAt(definition.id, { to: query.to, as: query.as, state: 'fail' })}">All that fail</a></div>
<table class="grid tall failing quiet"><caption class="hidden">What fails</caption><thead><tr><th scope="col">Asset, reason and evidence</th></tr></thead><tbody>${worst.map(worstRow)}</tbody></table></section>`;
}

function worstRow({ finding, location, link, code, text }: FailingPlace): Markup {
  const { asset, message, owner, evidence = [] } = finding;
  const first = finding.location?.line === location?.line;
  const seen = evidence.find(({ source }) => source !== undefined);
  return html`<tr><th scope="row"><span class="name">${glyph('fail')}<a class="strong" href="${assetAt(asset.id)}"><bdi>${asset.name}</bdi></a><span class="ink-2">${first ? message : text}</span></span>
<p class="evidence">${seen !== undefined && html`<b>${seen.source}</b>`}${location && html`<span>${placeLink(location, link)}</span>`}${seen?.observedAt !== undefined && html`<span>true ${shortMoment(seen.observedAt)}</span>`}${owner !== null && html`<span>of <bdi>${owner}</bdi></span>`}</p>${codeLines(code, location?.line)}</th></tr>`;
}

function ownersSection(page: StandardPage): Markup {
  const { definition, teams, found, query, now } = page;
  const { id } = definition;
  const list = (team: string, state: 'fail' | 'unknown', value: number): Child =>
    value === 0
      ? html`<span class="ink-3">0</span>`
      : html`<a href="${assetsAt(id, { to: query.to, as: query.as, team, state })}">${count(value)}</a>`;
  const target = now.target?.share ?? null;
  const filtered = Boolean(query.search || query.division);
  const table = html`<table class="grid owners quiet"><caption class="hidden">Teams</caption><colgroup><col><col class="w-bar"><col class="w-n"><col class="w-n"></colgroup><thead><tr><th scope="col">Team</th><th scope="col">At least to at most</th><th scope="col" class="num">Failing</th><th scope="col" class="num">Unknown</th></tr></thead>
<tbody>${teams.map(
    (row) =>
      html`<tr><th scope="row" class="cut" title="${row.division ?? ''}">${row.team === '' || row.team === 'nobody' ? html`<span class="ink-3">unowned</span>` : row.team}</th><td>${bar({ ...row, scope: row.pass + row.fail + row.unknown }, target)}</td><td class="num">${list(row.team, 'fail', row.fail)}</td><td class="num">${list(row.team, 'unknown', row.unknown)}</td></tr>`,
  )}</tbody></table>`;
  return html`<section aria-labelledby="teams"><div class="h2"><h2 id="teams">Teams, most failing first</h2><span class="more">${plural(found, 'team')}${filtered && ' found'}</span></div>${search(page)}${teams.length === 0 ? emptyState({ kind: filtered ? 'filtered' : 'unknown', says: filtered ? 'No team fits.' : 'Nothing in scope belongs to a team.' }) : table}${teamPages(page)}</section>`;
}

const hidden = (name: string, value: string | undefined) =>
  value !== undefined && value !== '' && html`<input type="hidden" name="${name}" value="${value}">`;

function search({ query, divisions }: StandardPage): Markup {
  return html`<form class="ask" method="get" role="search" aria-label="Teams">${hidden('from', query.from)}${hidden('to', query.to)}${hidden('as', query.as)}
<label>Team<input type="search" name="search" value="${query.search ?? ''}" autocomplete="off"></label>${divisions.length > 0 && html`<label>Division<select name="division"><option value="">any</option>${divisions.map((one) => html`<option value="${one}"${one === query.division && html` selected`}>${one}</option>`)}</select></label>`}
<button>Search</button></form>`;
}

function teamPages({ definition, query, page, pages }: StandardPage): Markup | null {
  const to = (number: number, label: string) => ({
    href: `${standardAt(definition.id, { ...query, page: String(number) })}#teams`,
    label,
  });
  return pager({
    of: 'teams',
    back: page > 1 ? to(page - 1, 'Before') : null,
    next: page < pages ? to(page + 1, 'After') : null,
    place: `page ${page} of ${pages}`,
  });
}

const STEPS = ['draft', 'observe', 'warn', 'enforce'] as const;
const STEP_SAYS = {
  draft: 'asks nothing of anybody',
  observe: 'is judged and shown',
  warn: 'warns at the gate',
  enforce: 'stops at the gate',
} as const;

/** What it does today, what comes, and who would be stopped by it now. */
function enforcement({ definition, now, query, at }: StandardPage): Markup {
  const { rollout, id } = definition;
  const reached = STEPS.indexOf(rollout.state);
  const { fail, unknown } = now.figures;
  const onUnknown = { allow: 'let through', warn: 'warned', ask: 'asked', block: 'stopped' }[
    rollout.on_unknown
  ];
  const list = (state: 'fail' | 'unknown', value: number) =>
    value === 0
      ? '0'
      : html`<a href="${assetsAt(id, { to: query.to, as: query.as, state })}">${count(value)}</a>`;
  return html`<section aria-labelledby="force"><h2 id="force">When it is enforced</h2><ol class="steps">${STEPS.map((step, index) => html`<li class="${index < reached ? 'done' : index === reached ? 'is' : ''}"><b>${capital(step)}</b><span>${step === 'enforce' && rollout.enforce_from !== undefined ? `from ${fullDay(new Date(rollout.enforce_from))}` : STEP_SAYS[step]}</span></li>`)}</ol>
${ringsTable(rollout, at)}
<p class="note">Enforced today, it would stop changes to ${list('fail', fail)} that ${fail === 1 ? 'fails' : 'fail'}; ${list('unknown', unknown)} that ${unknown === 1 ? 'is' : 'are'} unknown would be ${onUnknown}.</p><p class="note">${definition.why}</p></section>`;
}

/** Where each ring stands, and on which days it goes on; nothing where everybody goes together. */
function ringsTable(rollout: Rollout, at: Date): Markup | null {
  const { rings = [] } = rollout;
  if (rings.length === 0) return null;
  const day = (from: string | undefined) => (from === undefined ? '–' : dayAndMonth(new Date(from)));
  const row = (name: string, whom: string, ring: Ring | null) =>
    html`<tr><th scope="row">${name}<span class="sub">${whom}</span></th><td>${capital(stepOfRing(rollout, ring, at))}</td><td>${day(ring?.warn)}</td><td>${day(ring === null ? rollout.enforce_from : ring.enforce)}</td></tr>`;
  return html`<table class="grid quiet"><caption class="hidden">Rings</caption><thead><tr><th scope="col">Ring</th><th scope="col">Today</th><th scope="col">Warns from</th><th scope="col">Enforced from</th></tr></thead><tbody>${rings.map((ring) => row(ring.name, [...ring.owners, ...ring.assets].join(', '), ring))}${row('Everybody else', '', null)}</tbody></table>`;
}

const CONCERN_SAYS: Readonly<Record<Concern, string>> = {
  'often-wrong': 'a fifth or more of the disputes that were decided were upheld',
  'rather-excepted': 'more exceptions were asked for than assets fixed',
  'passed-on': 'more assets went to another team than were fixed',
  'too-costly': 'more engineers say that it costs more than it brings, or is wrong, than that it is worth it',
};

/** What it cost the people who obey it within a year; nothing where nobody had work of it. */
function toilSection({ toil }: StandardPage): Markup | null {
  if (toil === null || (toil.items + toil.exceptions.asked === 0 && toil.gate === null)) return null;
  const { items, itemsPerEngineer, fixed, medianSeconds, disputes, exceptions, concerns } = toil;
  const each = itemsPerEngineer === null ? 'cannot tell' : itemsPerEngineer.toFixed(1);
  const took = medianSeconds === null ? 'nothing was fixed' : `${(medianSeconds / 86_400).toFixed(1)} days`;
  const row = (name: string, value: Child) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const { gate, opinions } = toil;
  const stopped =
    gate === null
      ? 'none reported'
      : `${plural(gate.blocked, 'change')}, in ${(gate.meanMilliseconds / 1000).toFixed(1)} s on average`;
  const { answers } = opinions;
  const thought =
    answers === null
      ? 'fewer than ten answered'
      : `${count(answers['worth-it'])} worth it, ${count(answers['too-costly'])} too costly, ${count(answers.wrong)} wrong`;
  return html`<section aria-labelledby="toil"><h2 id="toil">What it costs<span class="sub">the last year</span></h2><dl class="facts">${row('Work items', count(items))}${row('Items per engineer', each)}${row('Assets fixed', count(fixed))}${row('Median time to fix', took)}${row('Disputes upheld', `${disputes.upheld} of ${disputes.opened}`)}${row('Exceptions asked', count(exceptions.asked))}${row('Stopped by gates', stopped)}${row('What engineers say', thought)}</dl>
${concerns.map((one) => html`<p class="note">Worth a look: ${CONCERN_SAYS[one]}.</p>`)}</section>`;
}

function notLoaded({ since, mistakes }: NonNullable<StandardPage['lastGood']>): Markup {
  return html`<aside class="banner" role="note"><p>Its file does not load. The version of ${moment(since.toISOString())} goes on judging until the file is correct:</p>
<ul>${mistakes.map((mistake) => html`<li><code>${describeFileDiagnostic(mistake)}</code></li>`)}</ul></aside>`;
}
