/** The overview: the state in a sentence, what changed and why, who is late, what cannot be seen, what is asked, and what needs attention. */

import { count } from '@macadam/adapters/report-formats/figures';
import { barLegend } from '@macadam/adapters/report-formats/html/bar';
import { dayAndMonth, daysBetween } from '@macadam/adapters/report-formats/html/dates';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { signed } from '@macadam/adapters/report-formats/html/parts/interval';
import { STANDING_WORDS } from '@macadam/adapters/report-formats/html/parts/standing';
import { emptyState } from '@macadam/adapters/report-formats/html/parts/states';
import { waterfall } from '@macadam/adapters/report-formats/html/parts/waterfall';
import { place } from '@macadam/adapters/report-formats/html/places';
import { PAGE_SECTIONS } from '@macadam/adapters/report-formats/html/sections';
import { glyph } from '@macadam/adapters/report-formats/html/signs';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type { TargetStatus } from '@macadam/core/figures/target';
import { changesAt, standardAt } from '../history/address.ts';
import type { CauseOfChange } from '../history/causes.ts';
import { momentsOf, overviewAt, type StandardsQuery, standardsAt } from './address.ts';
import { type Duties, type DutyCount, LATE } from './duties.ts';
import {
  apartFromSight,
  applies,
  hasBefore,
  isKept,
  mostlyPromised,
  movedBy,
  needingAttention,
  type StandardRow,
  type StandardsReading,
} from './reading.ts';
import { standardsTable } from './standards-table.ts';
import { CAUSE_KINDS, CAUSE_NAMES, capital, inWords } from './words.ts';

export interface OverviewPage {
  readonly reading: StandardsReading;
  readonly duties: Duties;
  readonly query: StandardsQuery;
  /** The heat map of divisions, where that is asked for in place of the table. */
  readonly heat: Markup | null;
  /** What a server adds above: what it left out, a clock that is wrong. */
  readonly notices: Child;
  /** Whether the report of the newest look is there to be read. */
  readonly report: boolean;
}

const DAY = 86_400_000;

/** `than a week ago`, `than on 23 Nov`. */
function sinceWords({ between }: StandardsReading): string {
  if (!hasBefore(between)) return '';
  const days = (between.to.valid.getTime() - between.from.valid.getTime()) / DAY;
  const { from } = between;
  if (days >= 6.5 && days <= 7.5) return 'than a week ago';
  const sameDay = from.valid.toISOString().slice(0, 10) === between.to.valid.toISOString().slice(0, 10);
  return sameDay
    ? `than at ${from.valid.toISOString().slice(11, 16)} UTC`
    : `than on ${dayAndMonth(from.valid)}`;
}

/** The state in one sentence, which stays true when it is read aloud. */
export function stateSentence(reading: StandardsReading): string {
  const rows = reading.rows.filter(applies);
  const compared = rows.filter(({ before }) => before !== null);
  if (rows.length === 0) return 'Nothing is in scope of any standard, so nothing can be said.';
  const without = rows.filter(({ now }) => now.target === null).length;
  const promised = mostlyPromised(rows);
  const counts = promised
    ? {
        now: rows.filter(isKept).length,
        before: compared.filter(({ before }) => before && isKept({ now: before })).length,
      }
    : {
        now: rows.filter(({ now }) => now.figures.fail > 0).length,
        before: compared.filter(({ before }) => (before?.figures.fail ?? 0) > 0).length,
      };
  const subject = `${counts.now} of ${plural(rows.length, 'standard')}`;
  const state = promised
    ? `${subject} ${counts.now === 1 ? 'is' : 'are'} met or on track`
    : `${subject} ${counts.now === 1 ? 'has' : 'have'} failures`;
  const targets = promised
    ? ''
    : without === rows.length
      ? ' None has a target yet.'
      : ` Only ${inWords(rows.length - without)} of them ${rows.length - without === 1 ? 'has' : 'have'} a target.`;
  if (compared.length === 0) return `${state}.${targets}`;
  const change = counts.now - counts.before;
  const moved =
    change === 0
      ? `as many as ${sinceWords(reading).replace(/^than /, '')}`
      : `${inWords(Math.abs(change))} ${change > 0 ? 'more' : 'fewer'} ${sinceWords(reading)}`;
  return `${state}, ${moved}.${targets}`;
}

/** What became worse since, by name: at most two, and how many more. */
export function leadOf(reading: StandardsReading, query: StandardsQuery): Child {
  const fell = reading.rows.filter(
    (row) => row.before !== null && isKept({ now: row.before }) && !isKept(row),
  );
  const moments = { from: query.from, to: query.at, as: query.as };
  const named = joined(
    fell.slice(0, 2),
    ({ id, now }) =>
      html`<a href="${standardAt(id, moments)}">${now.label}</a> ${now.status === 'off-track' ? 'went off track' : 'became unknown'}`,
    '; ',
  );
  if (fell.length > 0) return html`${named}${fell.length > 2 && `; and ${fell.length - 2} more`}.`;
  const [worst] = reading.rows
    .filter(({ now }) => now.figures.fail > 0)
    .toSorted(
      (a, b) =>
        SEVERITY.indexOf(a.severity) - SEVERITY.indexOf(b.severity) ||
        b.now.figures.fail - a.now.figures.fail,
    );
  if (worst === undefined) return 'Nothing is known to fail.';
  return html`The gravest of those that fail is <a href="${standardAt(worst.id, moments)}">${worst.now.label}</a>, a ${worst.severity} standard: ${plural(worst.now.figures.fail, 'asset')}.`;
}

const SEVERITY = ['critical', 'high', 'medium', 'low'];

export function overviewBody(page: OverviewPage): Markup {
  const { reading, duties, query, notices } = page;
  return html`${place('measuring')}${notices}<div class="answers quiet">${stateAnswer(reading, query)}${changesAnswer(reading, query)}${lateAnswer(duties.late, reading)}${blindAnswer(duties.blind, page)}${askedAnswer(duties, reading)}</div>${listSection(page)}`;
}

/** Work, problems and decisions are those of today, also beside the figures of an earlier day. */
const ofToday = ({ inPast }: StandardsReading): Child => inPast && html` <small>today</small>`;

/** What cannot be told stands beside what is off track, and what nobody promised comes last. */
const STATES: readonly TargetStatus[] = ['met', 'on-track', 'off-track', 'cannot-tell', 'no-target'];

function stateAnswer({ rows }: StandardsReading, query: StandardsQuery): Markup {
  const own = rows.filter(applies);
  const line = (status: TargetStatus) => {
    const now = own.filter((row) => row.now.status === status).length;
    const before = own.filter((row) => row.before?.status === status).length;
    const compared = own.some((row) => row.before !== null);
    const number =
      now === 0
        ? STANDING_WORDS[status]
        : html`<a href="${standardsAt({ ...momentsOf(query), status })}">${STANDING_WORDS[status]}</a>`;
    return html`<tr><td>${glyph(status)}${number}</td><td>${count(now)}</td><td>${compared && signed(now - before)}</td></tr>`;
  };
  const kept = own.filter(isKept).length;
  return html`<section aria-labelledby="state"><h2 id="state">State<a class="fig" href="${standardsAt({ ...momentsOf(query), status: 'kept' })}">${count(kept)}<small> of ${count(own.length)}</small></a></h2><table class="mini"><caption class="hidden">Standards by state, and the change</caption><tbody>${STATES.map(line)}</tbody></table></section>`;
}

function changesAnswer({ between, cells }: StandardsReading, query: StandardsQuery): Markup {
  if (!hasBefore(between))
    return html`<section aria-labelledby="changed"><h2 id="changed">What changed, and why</h2><p class="note">This is the first scan that is kept. From the next one on, this says what changed.</p></section>`;
  const list = (cause: CauseOfChange) => changesAt(null, { ...windowOf(query), cause, side: 'fail' });
  const { changed, seen } = apartFromSight(movedBy(cells, 'fail'));
  const total = changed.reduce((sum, { value }) => sum + value, 0);
  const rows = changed
    .toSorted((a, b) => a.value - b.value)
    .map(({ cause, value }) => ({
      label: capital(CAUSE_NAMES[cause]),
      value,
      kind: CAUSE_KINDS[cause],
      href: list(cause),
    }));
  const caption = `Failing, all standards, from ${dayAndMonth(between.from.valid)} to ${dayAndMonth(between.to.valid)}`;
  const apart =
    seen.length > 0 &&
    html`<p class="note">Besides, ${joined(seen, ({ cause, value }) => html`<a href="${list(cause)}">${plural(Math.abs(value), 'failure')} ${CAUSE_NAMES[cause]}</a>`)}.</p>`;
  return html`<section aria-labelledby="changed"><h2 id="changed">What changed, and why<span class="fig"><small>failing </small>${signed(total)}</span></h2>${rows.length > 0 ? waterfall({ caption, rows }) : html`<p class="note">Nothing that fails has changed since then.</p>`}${apart}</section>`;
}

/** A label that is longer than its column is wide on some screen: the whole stands on hover. */
const mayBeCut = (label: string): boolean => label.length > 34;

function dutyTable({ rows, others }: DutyCount, rest: string): Markup {
  return html`<table class="mini"><tbody>${rows.map(({ label, href, number }) => html`<tr><td><a href="${href}"${mayBeCut(label) && html` title="${label}"`}>${label}</a></td><td>${count(number)}</td></tr>`)}${others > 0 && html`<tr><td class="ink-3">${rest}</td><td>${count(others)}</td></tr>`}</tbody></table>`;
}

function lateAnswer(late: DutyCount | null, reading: StandardsReading): Markup {
  const href = pathWith(PAGE_SECTIONS.work.href, LATE);
  const heading = html`Late work items${ofToday(reading)}`;
  if (late === null)
    return html`<section aria-labelledby="late"><h2 id="late">${heading}</h2><p class="note">You may not read work items.</p></section>`;
  if (late.total === 0)
    return html`<section aria-labelledby="late"><h2 id="late">${heading}<span class="fig">0</span></h2><p class="note">Nobody is late.</p></section>`;
  return html`<section aria-labelledby="late"><h2 id="late">${heading}<a class="fig" href="${href}">${count(late.total)}</a></h2>${dutyTable(late, 'All others')}</section>`;
}

function blindAnswer(blind: DutyCount | null, { reading, query }: OverviewPage): Markup {
  const { rows } = reading;
  const unknown = rows.reduce((sum, { now }) => sum + now.figures.unknown, 0);
  const unnamed = rows.reduce((sum, { now }) => sum + (now.figures.unnamed ?? 0), 0);
  const href = PAGE_SECTIONS.sources.href;
  const said = html`<p class="note"><a href="${standardsAt({ ...momentsOf(query), sort: 'unknown' })}">${plural(unknown, 'verdict')}</a> ${unknown === 1 ? 'is' : 'are'} unknown${unnamed > 0 && html`, ${count(unnamed)} counted and not identified`}.</p>`;
  if (blind === null)
    return html`<section aria-labelledby="blind"><h2 id="blind">What we cannot see</h2>${said}</section>`;
  const figure =
    blind.total === 0
      ? html`<span class="fig">0</span>`
      : html`<a class="fig" href="${href}"><small>problems${reading.inPast && ' today'} </small>${count(blind.total)}</a>`;
  return html`<section aria-labelledby="blind"><h2 id="blind">What we cannot see${figure}</h2>${(blind.total === 0 || unnamed > 0) && said}${blind.total > 0 && dutyTable(blind, 'Other sources and standards')}</section>`;
}

function askedAnswer({ asked, today }: Duties, reading: StandardsReading): Markup {
  const heading = html`Decisions asked${ofToday(reading)}`;
  if (asked === null)
    return html`<section class="decisions" aria-labelledby="asked"><h2 id="asked">${heading}</h2><p class="note">You may not read exceptions.</p></section>`;
  if (asked.total === 0)
    return html`<section class="decisions" aria-labelledby="asked"><h2 id="asked">${heading}<span class="fig">0</span></h2><p class="note">No decision is waiting.</p></section>`;
  const href = `${PAGE_SECTIONS.exceptions.href}?show=waiting`;
  const due = (day: string | null): Child => {
    if (day === null) return null;
    const days = daysBetween(today, day);
    if (days > 7) return null;
    return html`<span class="chip ${days < 0 ? 'late' : 'soon'}">${days < 0 ? 'late' : days === 0 ? 'today' : `in ${plural(days, 'day')}`}</span>`;
  };
  return html`<section class="decisions" aria-labelledby="asked"><h2 id="asked">${heading}<a class="fig" href="${href}"><small>exceptions </small>${count(asked.total)}</a></h2><ol class="asks">${asked.rows.map((row) => html`<li><a href="${row.href}"${mayBeCut(row.label) && html` title="${row.label}"`}>${row.label}</a>${due(row.due)}</li>`)}</ol></section>`;
}

/** Rows of the first page, which would else be as long as there is trouble; the others are one link further. */
const MOST_ROWS = 17;

/** Off track before what cannot be told, then by severity and by how much fails. */
const gravest = (rows: readonly StandardRow[]): readonly StandardRow[] =>
  rows
    .toSorted(
      (a, b) =>
        Number(b.now.status === 'off-track') - Number(a.now.status === 'off-track') ||
        SEVERITY.indexOf(a.severity) - SEVERITY.indexOf(b.severity) ||
        b.now.figures.fail - a.now.figures.fail,
    )
    .slice(0, MOST_ROWS);

function listSection({ reading, query, heat, report }: OverviewPage): Markup {
  const rows = reading.rows.filter(applies);
  const attention = needingAttention(reading.rows);
  const empty = reading.rows.length - rows.length;
  const tabs = html`<nav class="tabs" aria-label="Which standards"><a href="${overviewAt({ ...momentsOf(query) })}"${heat === null && html` aria-current="page"`}>Need attention <span>${attention.length > MOST_ROWS ? `${MOST_ROWS} of ${attention.length}` : attention.length}</span></a><a href="${standardsAt({ ...momentsOf(query) })}">All <span>${rows.length}</span></a><a href="${overviewAt({ ...momentsOf(query), by: 'division' })}"${heat !== null && html` aria-current="page"`}>By division</a>${report && html`<a href="/report">Report of the newest scan</a>`}</nav>`;
  const list =
    heat ??
    (attention.length === 0
      ? emptyState({
          kind: 'good',
          says: 'No standard needs attention: each is met or on track, or has no target and no failure.',
        })
      : standardsTable({
          rows: gravest(attention),
          all: reading.rows,
          query,
          window: windowOf(query),
          sorted: (sort) => standardsAt({ ...momentsOf(query), status: 'attention', sort }),
        }));
  const rest =
    heat === null &&
    attention.length > MOST_ROWS &&
    html`<p class="after">The gravest ${MOST_ROWS}; <a href="${standardsAt({ ...momentsOf(query), status: 'attention' })}">all ${attention.length}</a> are in the list of standards.</p>`;
  return html`<section aria-labelledby="list"><div class="h2 list-head"><h2 id="list" class="hidden">Standards</h2>${tabs}${barLegend}</div>${list}${rest}
${empty > 0 && html`<p class="after"><a href="${standardsAt({ ...momentsOf(query), status: 'empty' })}">${plural(empty, 'standard')}</a> ${empty === 1 ? 'has' : 'have'} nothing in scope here.</p>`}</section>`;
}

/** The moments that lists of changes are between: what is left out is there what it is here, the week before the newest. */
export const windowOf = ({ from, at, as }: StandardsQuery) => ({ from, to: at, as });
