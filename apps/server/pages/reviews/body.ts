/** Reviews as pages: what was frozen, in the words that every page uses. */

import type { ReviewRecord } from '@macadam/adapters/decisions/reviews';
import { count, interval, percentDown } from '@macadam/adapters/report-formats/figures';
import { calendarDay, moment, writtenDay } from '@macadam/adapters/report-formats/html/dates';
import { type Attempt, choices, field, form, refusal } from '@macadam/adapters/report-formats/html/form';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { STANDING_WORDS } from '@macadam/adapters/report-formats/html/parts/standing';
import { emptyState } from '@macadam/adapters/report-formats/html/parts/states';
import { type Glyph, glyph } from '@macadam/adapters/report-formats/html/signs';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type { AgendaItem, AgendaKind } from '@macadam/core/figures/agenda';
import type { ReviewAction, ReviewFigure, TeamCounts } from '@macadam/core/figures/review';
import { STATUS_CAUSE_WORDS, type TargetStatus } from '@macadam/core/figures/target';
import type { CouncilSeat } from '@macadam/core/org/council';
import type { Agenda } from '@macadam/services/progress/agenda';
import type { ShownReview } from '@macadam/services/progress/reviews';
import { PILLAR_ORDER, pillarName } from '../overview/words.ts';
import { type Schedule, scheduleSection } from './schedule.ts';

export const STATUS_WORDS: Readonly<Record<TargetStatus, string>> = {
  met: 'met',
  'on-track': 'on track',
  'off-track': 'off track',
  'no-target': 'no target',
  'cannot-tell': 'cannot tell',
};

const STATES: readonly TargetStatus[] = ['met', 'on-track', 'off-track', 'cannot-tell', 'no-target'];
const order: readonly TargetStatus[] = ['off-track', 'cannot-tell', 'on-track', 'met', 'no-target'];

export interface ReviewListPage {
  /** Who is accountable today. */
  readonly council: readonly CouncilSeat[];
  readonly reviews: readonly ReviewRecord[];
  /** Null: the visitor may not freeze. */
  readonly freezing: { readonly open: readonly ReviewAction[] } | null;
  readonly attempt: Attempt | null;
  /** What the next one is about; null before anything was measured. */
  readonly agenda: Agenda | null;
  readonly schedule: Schedule;
}

/** Kinds of items: how the group is called, and its sign. */
const AGENDA_GROUPS: Readonly<Record<AgendaKind, { readonly name: string; readonly sign: Glyph }>> = {
  'exceptions-waiting': { name: 'To decide', sign: 'said-so' },
  'action-overdue': { name: 'Actions that are late', sign: 'fail' },
  'missed-unexplained': { name: 'Targets missed, and nobody said why', sign: 'off-track' },
  worse: { name: 'Worse than at the review before', sign: 'newly-failing' },
  'more-failing': { name: 'More fail than at the review before', sign: 'newly-failing' },
  'off-track': { name: 'Off track', sign: 'off-track' },
  'cannot-tell': { name: 'Cannot tell', sign: 'cannot-tell' },
  redefined: { name: 'The definition changed', sign: 'not-applicable' },
  better: { name: 'Better than at the review before', sign: 'fixed' },
  'fewer-failing': { name: 'Fewer fail than at the review before', sign: 'fixed' },
  'still-failing': { name: 'As many fail', sign: 'fail' },
  'action-open': { name: 'Open actions', sign: 'no-target' },
};

/** What the page answers, in one sentence. */
export function reviewListHeading({
  agenda,
  reviews,
}: Pick<ReviewListPage, 'agenda' | 'reviews'>): Markup | string {
  if (agenda === null)
    return reviews.length === 0
      ? 'No review was frozen yet.'
      : `${plural(reviews.length, 'review')}, the newest first.`;
  const due = agenda.programs.filter(({ isDue }) => isDue);
  const items =
    agenda.items.length === 0
      ? 'nothing changed, and nothing is open'
      : `${plural(agenda.items.length, 'item')} on the agenda`;
  if (due.length === 0) return `No review is due; ${items}.`;
  return html`${due.map(({ title }, at) => html`${at > 0 && (at === due.length - 1 ? ' and ' : ', ')}<bdi>${title}</bdi>`)} ${due.length === 1 ? 'is' : 'are'} due: ${items}.`;
}

/** Of which period each is that is due, and what changes are counted from. */
export function reviewListLead(agenda: Agenda | null): Markup | null {
  if (agenda === null) return null;
  const due = agenda.programs.filter(({ isDue }) => isDue);
  return html`${due.length > 0 && html`Due: ${joined(due, ({ every, due: from }) => html`of the ${every} from ${calendarDay(from)}`)}. `}${agenda.since === null ? 'It is the first review, so nothing is compared.' : html`Changes are since <a href="/reviews/${String(agenda.since)}">review ${String(agenda.since)}</a>.`}`;
}

/** What the next one is about, what has to be decided first. */
function agendaSection({ items }: Pick<Agenda, 'items'>): Markup {
  if (items.length === 0)
    return html`<section aria-labelledby="agenda"><h2 id="agenda">Agenda</h2>${emptyState({ kind: 'good', says: 'Nothing changed, and nothing is open.' })}</section>`;
  const groups = [...Map.groupBy(items, ({ kind }) => kind)];
  const link = ({ kind, standard, label, detail }: AgendaItem): Markup => {
    if (standard !== null) return html`<a href="/standards/${standard}"><bdi>${label}</bdi></a>`;
    return kind === 'exceptions-waiting'
      ? html`<a href="/exceptions?show=waiting"><bdi>${detail}</bdi></a>`
      : html`<bdi>${detail}</bdi>`;
  };
  return html`<section aria-labelledby="agenda"><h2 id="agenda">Agenda<span class="sub">what has to be decided first</span></h2><table class="grid agenda quiet"><caption class="hidden">Agenda</caption><thead><tr><th scope="col">Item</th><th scope="col">Why it is here</th></tr></thead><tbody>${groups.map(
    ([kind, own]) =>
      html`<tr class="group"><th scope="rowgroup" colspan="2">${AGENDA_GROUPS[kind].name} <span class="ink-3">${count(own.length)}</span></th></tr>${own.map(
        (item) =>
          html`<tr><th scope="row"><span class="name">${glyph(AGENDA_GROUPS[kind].sign)}${link(item)}</span></th><td class="ink-2">${item.standard !== null && whyHere(item)}</td></tr>`,
      )}`,
  )}</tbody></table></section>`;
}

/** What the head of its group does not say. */
function whyHere({ kind, detail }: AgendaItem): string {
  if (kind === 'redefined') return "what that moved is nobody's doing";
  return kind === 'off-track' || kind === 'cannot-tell' ? detail.split(', ').slice(1).join(', ') : detail;
}

function frozenSection(reviews: readonly ReviewRecord[]): Markup {
  return html`<section aria-labelledby="frozen"><h2 id="frozen">Frozen reviews${reviews.length > 0 && html`<span class="sub">${count(reviews.length)}, the newest first</span>`}</h2>${
    reviews.length === 0
      ? emptyState({ kind: 'filtered', says: 'No review was frozen yet.' })
      : html`<table class="grid tall frozen quiet"><caption class="hidden">Frozen reviews</caption><thead><tr><th scope="col">Review</th><th scope="col">Frozen</th></tr></thead><tbody>${reviews.map(
          ({ number, title, at, frozenAt, frozenBy, digest }) =>
            html`<tr><th scope="row"><a href="/reviews/${String(number)}">${String(number)} <bdi>${title}</bdi></a><div class="of">figures of ${moment(at)}</div></th><td>${moment(frozenAt)}<div class="of"><bdi>${frozenBy}</bdi>, seal <code>${digest.slice(0, 12)}</code></div></td></tr>`,
        )}</tbody></table>`
  }</section>`;
}

const beyond = html`<section aria-labelledby="beyond"><h2 id="beyond">Also asked in reviews</h2><ul class="list"><li><a href="/targets">Targets: what will be missed, what was, and why</a></li><li><a href="/campaigns">Campaigns: what is to be reached in waves, and what to do first</a></li><li><a href="/frameworks">What outside bodies ask, and how much of it is met</a></li></ul></section>`;

export function reviewListBody({
  reviews,
  freezing,
  attempt,
  agenda,
  council,
  schedule,
}: ReviewListPage): Markup {
  return html`${refusal(attempt)}<div class="cols two even"><div class="stack">${agenda && agendaSection(agenda)}${freezing && freezeForm(freezing.open, council, attempt, agenda?.programs ?? [])}</div><div class="stack">${frozenSection(reviews)}${agenda && scheduleSection(agenda, schedule, freezing !== null)}${beyond}${councilSection(council)}</div></div>`;
}

function freezeForm(
  open: readonly ReviewAction[],
  council: readonly CouncilSeat[],
  attempt: Attempt | null,
  programs: Agenda['programs'],
): Markup {
  const due = programs.find(({ isDue }) => isDue);
  const members = new Map(
    council.flatMap(({ person, name }) => (person === null ? [] : [[person, name ?? person]])),
  );
  const on = { form: 'freeze', attempt };
  const fields = [
    field({
      ...on,
      name: 'title',
      label: 'Title',
      // One by another name is of no program, which would stay due.
      hint:
        programs.length === 0
          ? 'Such as "Week 48"'
          : html`That of a review of the schedule begins with its name: ${joined(programs, ({ title }) => html`<bdi>${title}</bdi>`)}.`,
      ...(due && { value: `${due.title} ${due.due}` }),
    }),
    members.size > 0 &&
      choices({
        ...on,
        name: 'members',
        label: 'Who of the council is here',
        hint: 'Whoever is not ticked was absent.',
        options: [...members].map(([value, name]) => ({ value, label: html`<bdi>${name}</bdi>` })),
      }),
    field({
      ...on,
      name: 'attendance',
      label: members.size > 0 ? 'Who else is here' : 'Who is here',
      kind: 'area',
      optional: true,
      hint: 'One a line',
    }),
    field({
      ...on,
      name: 'decisions',
      label: 'Decisions',
      kind: 'area',
      optional: true,
      hint: 'One a line: the question, then = and what was decided. Without it the question stays open.',
    }),
    field({
      ...on,
      name: 'actions',
      label: 'Actions',
      kind: 'area',
      optional: true,
      hint: 'One a line: what; who; until which day, such as 2027-03-01',
    }),
    open.length > 0 &&
      choices({
        ...on,
        name: 'done',
        label: 'Earlier actions that are done',
        options: open.map(({ id, what, owner, due }) => ({
          value: id,
          label: html`<bdi>${what}</bdi>, <bdi>${owner}</bdi>, by ${due}`,
        })),
      }),
  ];
  return html`<section aria-labelledby="next"><h2 id="next">Freeze the next review</h2>
<p>It holds the figures of the newest measurement, and nobody changes it afterwards.</p>
${form({ action: '/reviews', fields, button: 'Freeze' })}</section>`;
}

export interface ReviewPage {
  readonly record: ReviewRecord;
  readonly shown: ShownReview;
  /** Whether the visitor may have the file, which holds facts of every division. */
  readonly file: boolean;
  readonly done: boolean;
}

/** How it stood on that day, in one sentence. */
export function reviewLead({ figures, head }: ShownReview): Markup {
  const groups = Map.groupBy(figures, ({ status }) => status);
  const promised = figures.length - (groups.get('no-target')?.length ?? 0);
  const kept = (groups.get('met')?.length ?? 0) + (groups.get('on-track')?.length ?? 0);
  const counts = order.flatMap((status) => {
    const number = groups.get(status)?.length ?? 0;
    return number === 0 || status === 'no-target' ? [] : [`${count(number)} ${STATUS_WORDS[status]}`];
  });
  return html`${count(kept)} of ${plural(promised, 'standard')} with a target ${kept === 1 ? 'is' : 'are'} met or on track: ${counts.join(', ')}.${figures.length > promised && ` ${count(figures.length - promised)} more ${figures.length - promised === 1 ? 'has' : 'have'} no target.`}${head.previous ? html` Changes are since <a href="/reviews/${String(head.previous.number)}">review ${String(head.previous.number)}</a>.` : ' It is the first review, so there is nothing to compare with.'}`;
}

export function reviewBody({ record, shown, file, done }: ReviewPage): Markup {
  const { figures, minutes } = shown;
  const byStatus = order.flatMap((status) => figures.filter((one) => one.status === status));
  // What nothing is in scope of is no news of a week.
  const sorted = [...byStatus.filter((one) => !isIdle(one)), ...byStatus.filter(isIdle)];
  return html`${done && html`<p class="done" role="status">It is frozen.</p>`}${sealedFacts(record)}
<div class="cols two"><div class="stack">${pillarTable(figures)}</div><div class="stack">${minutesSection(minutes)}</div></div>
${minutes.agenda !== undefined && agendaSection({ items: minutes.agenda })}
<section aria-labelledby="figures"><h2 id="figures">Every standard<span class="sub">off track first</span></h2>
<div class="scroll" tabindex="0" role="group" aria-label="Figures"><table class="past"><thead><tr><th scope="col">Standard</th><th scope="col">Status</th><th scope="col">Share</th><th scope="col" class="amount">Pass</th><th scope="col" class="amount">Unknown</th><th scope="col" class="amount">Fail</th><th scope="col">Target</th><th scope="col">Accountable</th></tr></thead>
<tbody>${sorted.map(figureRow)}</tbody></table></div></section>
${councilSection(minutes.council ?? [])}
<section aria-labelledby="seal"><h2 id="seal">Check that nobody changed it</h2>
<p>Its file is sealed with <code>${record.digest}</code>${record.key === null ? ', and not signed: this server has no key' : html` and signed with the key <code>${record.key}</code>`}. It holds what every figure follows from.</p>
<p>${file ? html`<a href="/api/reviews/${String(record.number)}/file">Download the file</a>, and run ` : 'Whoever may read the facts of the whole company downloads the file, and runs '}<code>macadam review verify review-${String(record.number)}.ndjson${record.key !== null && ` --key ${record.key}`}</code>.</p></section>`;
}

/** When it was frozen, by whom, of what. */
function sealedFacts({ at, frozenAt, frozenBy, digest, key, known }: ReviewRecord): Markup {
  const row = (name: string, value: Child) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl class="facts">${row('Frozen', moment(frozenAt))}${row('By', html`<bdi>${frozenBy}</bdi>`)}${row('Figures of', html`${moment(at)}, batch ${count(known)}`)}${row('Signed', key === null ? html`${glyph('unknown')}no: this server has no key` : html`<code>${key.slice(0, 12)}</code>`)}${row('Seal', html`<a href="#seal"><code>${digest.slice(0, 12)}</code></a>`)}</dl>`;
}

/** Standards of each pillar by how they stood; every column sums to the last row. */
function pillarTable(figures: readonly ReviewFigure[]): Markup {
  const number = (of: readonly ReviewFigure[], status: TargetStatus, sign: boolean) => {
    const many = of.filter((one) => one.status === status).length;
    return many === 0
      ? html`<td class="num ink-3">0</td>`
      : html`<td class="num"><span class="name">${sign && glyph(status)}${count(many)}</span></td>`;
  };
  const cells = (of: readonly ReviewFigure[], sign: boolean) => {
    const sum = (side: 'fail' | 'unknown') => of.reduce((all, one) => all + one[side], 0);
    return html`${STATES.map((status) => number(of, status, sign))}<td class="num">${count(sum('fail'))}</td><td class="num">${count(sum('unknown'))}</td>`;
  };
  const pillars = PILLAR_ORDER.flatMap((pillar) => {
    const own = figures.filter((one) => one.pillar === pillar);
    return own.length === 0 ? [] : [{ pillar, own }];
  });
  return html`<section aria-labelledby="pillars"><h2 id="pillars">State by pillar<span class="sub">standards</span></h2><table class="grid pillars quiet"><caption class="hidden">State by pillar</caption><colgroup><col>${STATES.map(() => html`<col class="w-k">`)}<col class="w-f"><col class="w-f"></colgroup><thead><tr><th scope="col">Pillar</th>${STATES.map((status) => html`<th scope="col" class="num">${STANDING_WORDS[status]}</th>`)}<th scope="col" class="num">Failing</th><th scope="col" class="num">Unknown</th></tr></thead><tbody>${pillars.map(({ pillar, own }) => html`<tr><th scope="row">${pillarName(pillar)}</th>${cells(own, true)}</tr>`)}</tbody><tfoot><tr><th scope="row">All</th>${cells(figures, false)}</tr></tfoot></table></section>`;
}

const isIdle = ({ pass, fail, unknown }: ReviewFigure): boolean => pass + fail + unknown === 0;

function figureRow(figure: ReviewFigure): Markup {
  const { standard, label, status, statusCause, target, accountable, since } = figure;
  const why = statusCause === null ? '' : STATUS_CAUSE_WORDS[statusCause];
  return html`<tr><th scope="row"><a href="/standards/${standard}">${label}</a><div class="of">${pillarName(figure.pillar)}</div></th><td>${STATUS_WORDS[status]}${why !== '' && html`<div class="of">${why}</div>`}</td><td>${shareOf(figure)}</td>
<td class="amount">${amount(figure, since, 'pass')}</td><td class="amount">${amount(figure, since, 'unknown')}</td><td class="amount">${amount(figure, since, 'fail')}</td>
<td>${target === null ? '' : `${percentDown(target.share)} by ${writtenDay(target.by)}`}${forecastOf(figure)}</td><td><bdi>${accountable ?? ''}</bdi></td></tr>`;
}

function shareOf({ measure, ...figure }: ReviewFigure): string {
  const { atLeast, atMost } = measure ?? figure;
  if (atLeast === null || atMost === null) return 'nothing in scope';
  const of = measure === null ? '' : ` of ${measure.unit}`;
  return `${interval(atLeast, atMost)}${of}`;
}

function amount(now: TeamCounts, since: TeamCounts | null, name: 'pass' | 'fail' | 'unknown'): Child {
  const moved = since?.[name] ?? 0;
  if (moved === 0) return count(now[name]);
  return html`${count(now[name])}<div class="of">${moved > 0 ? '+' : '−'}${count(Math.abs(moved))}</div>`;
}

function forecastOf({ forecast }: ReviewFigure): Child {
  if (forecast?.outcome !== 'expected') return null;
  return html`<div class="of">likely ${forecast.likely === null ? 'on no day' : writtenDay(forecast.likely)}, cautiously ${forecast.cautious === null ? 'on no day' : writtenDay(forecast.cautious)}</div>`;
}

const SEATS: Readonly<Record<CouncilSeat['of'], string>> = {
  company: 'company',
  division: 'division',
  function: 'function',
};

/** Who is accountable, and in a review whether they were there. */
function councilSection(
  seats: readonly (CouncilSeat & { readonly present?: boolean | null })[],
): Markup | null {
  if (seats.length === 0) return null;
  const there = (present: boolean | null | undefined) =>
    present === true ? 'was there' : present === false ? 'was absent' : 'not written down';
  const isReview = seats.some(({ present }) => present !== undefined);
  const empty = seats.filter(({ person }) => person === null).length;
  const present = seats.filter((one) => one.present === true).length;
  return html`<section aria-labelledby="council"><h2 id="council">Who is accountable<span class="sub">${isReview ? `${count(present)} of ${plural(seats.length, 'seat')} of the council were there` : plural(seats.length, 'seat')}${empty > 0 && `; for ${plural(empty, 'division')} nobody is accountable`}</span></h2>
<div class="scroll" tabindex="0" role="group" aria-label="Council"><table class="past"><thead><tr><th scope="col">For</th><th scope="col">Who</th>${isReview && html`<th scope="col">Attendance</th>`}</tr></thead><tbody>${seats.map(
    ({ of, for: what, person, name, present: here }) =>
      html`<tr><th scope="row"><bdi>${what}</bdi> <span class="of">${SEATS[of]}</span></th><td>${person === null ? 'nobody' : html`<bdi>${name ?? person}</bdi>`}</td>${isReview && html`<td>${person === null ? '' : there(here)}</td>`}</tr>`,
  )}</tbody></table></div></section>`;
}

function missesOf(misses: NonNullable<ShownReview['minutes']['misses']>): Markup | null {
  if (misses.length === 0) return null;
  return html`<p>Why targets were missed: ${joined(misses, ({ standard, due, reason }) => html`<a href="/standards/${standard}">${standard}</a> (${calendarDay(due)}) ${reason.replaceAll('-', ' ')}`)}.</p>`;
}

function minutesSection({
  attendance,
  decisions,
  actions,
  exceptions,
  misses = [],
  council = [],
}: ShownReview['minutes']): Markup {
  const names = new Map(council.map(({ person, name }) => [person, name]));
  const present = attendance.flatMap(({ person, present: here }) =>
    here ? [names.get(person) ?? person] : [],
  );
  return html`<section aria-labelledby="decided"><h2 id="decided">What was decided</h2>
<p>${decisions.length === 0 ? 'Nothing was written down.' : `${plural(decisions.filter(({ decided }) => decided !== null).length, 'decision')}, ${count(decisions.filter(({ decided }) => decided === null).length)} open.`}</p>
${decisions.length > 0 && html`<ul>${decisions.map(({ question, decided }) => html`<li><bdi>${question}</bdi> ${decided === null ? html`<em>It is open.</em>` : html`<strong><bdi>${decided}</bdi></strong>`}</li>`)}</ul>`}
<p>${plural(exceptions.asked.length, 'exception')} waited for a decision, ${count(exceptions.approved.length)} ${exceptions.approved.length === 1 ? 'was' : 'were'} approved that no earlier review has.</p></section>
<section aria-labelledby="actions"><h2 id="actions">Who does what by when</h2>
<p>${actions.length === 0 ? 'No action was agreed on.' : `${plural(actions.filter(({ state }) => state === 'open').length, 'action')} open, ${count(actions.filter(({ state }) => state === 'done').length)} done.`}</p>
${missesOf(misses)}${actions.length > 0 && html`<ul>${actions.map(({ what, owner, due, state }) => html`<li><bdi>${what}</bdi>: <bdi>${owner}</bdi>, by ${calendarDay(due)}, ${state}</li>`)}</ul>`}
<p>${present.length === 0 ? 'Nobody was written down as present.' : html`Present: ${joined(present, (name) => html`<bdi>${name}</bdi>`)}.`}</p></section>`;
}
