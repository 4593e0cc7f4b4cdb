/** Reviews as pages: what was frozen, in the words that every page uses. */

import type { ReviewRecord } from '@macadam/adapters/decisions/reviews';
import { count, percentDown, percentUp } from '@macadam/adapters/report-formats/figures';
import { type Attempt, choices, field, form, refusal } from '@macadam/adapters/report-formats/html/form';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { calendarDay, moment, plural } from '@macadam/adapters/report-formats/html/words';
import type { ReviewAction, ReviewFigure, TeamCounts } from '@macadam/core/figures/review';
import type { StatusCause, TargetStatus } from '@macadam/core/figures/target';
import type { CouncilSeat } from '@macadam/core/org/council';
import type { Agenda } from '@macadam/services/progress/agenda';
import type { ShownReview } from '@macadam/services/progress/reviews';

export const STATUS_WORDS: Readonly<Record<TargetStatus, string>> = {
  met: 'met',
  'on-track': 'on track',
  'off-track': 'off track',
  'no-target': 'no target',
  'cannot-tell': 'cannot tell',
};

export const CAUSE_WORDS: Readonly<Record<StatusCause, string>> = {
  'no-target': '',
  'nothing-in-scope': 'nothing is in scope',
  'not-listed-whole': 'a container was not listed whole',
  'too-much-unknown': 'what is unknown decides',
  'too-few-steps': 'fewer than six weeks were observed',
  missed: 'the day has passed',
  late: 'the forecast lies after the day',
  never: 'never at this pace',
};

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
}

/** What the next one is about, and which are due. */
function agendaSection({ since, programs, items }: Agenda): Markup {
  const due = programs.filter(({ isDue }) => isDue);
  return html`<section aria-labelledby="agenda"><h2 id="agenda">What is the next one about?</h2>
${due.map(({ title, every, due: from }) => html`<p class="note"><bdi>${title}</bdi> is due, of the ${every} from ${calendarDay(from)}.</p>`)}<p class="answer">${items.length === 0 ? 'Nothing changed, and nothing is open.' : since === null ? `It is the first: ${plural(items.length, 'item')}.` : `${plural(items.length, 'item')} since review ${since}.`}</p>
${items.length > 0 && html`<ul>${items.map(({ kind, standard, says }) => html`<li>${standard === null ? html`<bdi>${says}</bdi>` : html`<a href="/standards/${standard}"><bdi>${says}</bdi></a>`} <span class="quiet">${kind.replaceAll('-', ' ')}</span></li>`)}</ul>`}</section>`;
}

export function reviewListBody({ reviews, freezing, attempt, agenda, council }: ReviewListPage): Markup {
  return html`${refusal(attempt)}${agenda && agendaSection(agenda)}<section aria-labelledby="frozen"><h2 id="frozen">What was frozen?</h2>
<p class="answer">${reviews.length === 0 ? 'No review was frozen yet.' : `${plural(reviews.length, 'review')}, the newest first.`}</p>
${
  reviews.length > 0 &&
  html`<div class="scroll" tabindex="0" role="group" aria-label="Reviews"><table class="past"><thead><tr><th scope="col">Review</th><th scope="col">Figures of</th><th scope="col">Frozen</th><th scope="col">Seal</th></tr></thead><tbody>${reviews.map(
    ({ number, title, at, frozenAt, frozenBy, digest }) =>
      html`<tr><th scope="row"><a href="/reviews/${String(number)}">${String(number)} <bdi>${title}</bdi></a></th><td>${moment(at)}</td><td>${moment(frozenAt)}, <bdi>${frozenBy}</bdi></td><td><code>${digest.slice(0, 12)}</code></td></tr>`,
  )}</tbody></table></div>`
}<p><a href="/targets">Targets: what will be missed, what was, and why</a></p><p><a href="/campaigns">Campaigns: what is to be reached in waves, and what to do first</a></p><p><a href="/frameworks">What outside bodies ask, and how much of it is met</a></p></section>${councilSection(council)}${freezing && freezeForm(freezing.open, council, attempt)}`;
}

function freezeForm(
  open: readonly ReviewAction[],
  council: readonly CouncilSeat[],
  attempt: Attempt | null,
): Markup {
  const members = new Map(
    council.flatMap(({ person, name }) => (person === null ? [] : [[person, name ?? person]])),
  );
  const on = { form: 'freeze', attempt };
  const fields = [
    field({ ...on, name: 'title', label: 'Title', hint: 'Such as "Week 48"' }),
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

export function reviewBody({ record, shown, file, done }: ReviewPage): Markup {
  const { figures, minutes, head } = shown;
  const groups = Map.groupBy(figures, ({ status }) => status);
  const promised = figures.length - (groups.get('no-target')?.length ?? 0);
  const kept = (groups.get('met')?.length ?? 0) + (groups.get('on-track')?.length ?? 0);
  const byStatus = order.flatMap((status) => groups.get(status) ?? []);
  // What nothing is in scope of is no news of a week.
  const idle = byStatus.filter(isIdle);
  const sorted = [...byStatus.filter((one) => !isIdle(one)), ...idle];
  return html`${done && html`<p class="done" role="status">It is frozen.</p>`}<section aria-labelledby="stands"><h2 id="stands">How did it stand?</h2>
<p class="answer">${count(kept)} of ${plural(promised, 'standard')} with a target ${kept === 1 ? 'is' : 'are'} met or on track.</p>
<p>${order.flatMap((status) => (groups.has(status) ? [`${count(groups.get(status)?.length ?? 0)} ${STATUS_WORDS[status]}`] : [])).join(', ')}.${head.previous ? html` Changes are since <a href="/reviews/${String(head.previous.number)}">review ${String(head.previous.number)}</a>.` : ' It is the first review, so there is nothing to compare with.'}</p>
<div class="scroll" tabindex="0" role="group" aria-label="Figures"><table class="past"><thead><tr><th scope="col">Standard</th><th scope="col">Status</th><th scope="col">Share</th><th scope="col" class="amount">pass</th><th scope="col" class="amount">unknown</th><th scope="col" class="amount">fail</th><th scope="col">Target</th><th scope="col">Accountable</th></tr></thead>
<tbody>${sorted.map(figureRow)}</tbody></table></div></section>
${minutesSection(minutes)}${councilSection(minutes.council ?? [])}
<section aria-labelledby="seal"><h2 id="seal">How is it known that nobody changed it?</h2>
<p>Its file is sealed with <code>${record.digest}</code>${record.key === null ? ', and not signed: this server has no key' : html` and signed with the key <code>${record.key}</code>`}. It holds what every figure follows from.</p>
<p>${file ? html`<a href="/api/reviews/${String(record.number)}/file">Download the file</a>, and run ` : 'Whoever may read the facts of the whole company downloads the file, and runs '}<code>macadam review verify review-${String(record.number)}.ndjson${record.key !== null && ` --key ${record.key}`}</code>.</p></section>`;
}

const isIdle = ({ pass, fail, unknown }: ReviewFigure): boolean => pass + fail + unknown === 0;

function figureRow(figure: ReviewFigure): Markup {
  const { standard, label, status, statusCause, target, accountable, since } = figure;
  const why = statusCause === null ? '' : CAUSE_WORDS[statusCause];
  return html`<tr><th scope="row"><a href="/standards/${standard}">${label}</a><div class="of">${figure.pillar}</div></th><td>${STATUS_WORDS[status]}${why !== '' && html`<div class="of">${why}</div>`}</td><td>${shareOf(figure)}</td>
<td class="amount">${amount(figure, since, 'pass')}</td><td class="amount">${amount(figure, since, 'unknown')}</td><td class="amount">${amount(figure, since, 'fail')}</td>
<td>${target === null ? '' : `${percentDown(target.share)} by ${target.by}`}${forecastOf(figure)}</td><td><bdi>${accountable ?? ''}</bdi></td></tr>`;
}

function shareOf({ measure, ...figure }: ReviewFigure): string {
  const { atLeast, atMost } = measure ?? figure;
  if (atLeast === null || atMost === null) return 'nothing in scope';
  const of = measure === null ? '' : ` of ${measure.unit}`;
  return `at least ${percentDown(atLeast)}, at most ${percentUp(atMost)}${of}`;
}

function amount(now: TeamCounts, since: TeamCounts | null, name: 'pass' | 'fail' | 'unknown'): Child {
  const moved = since?.[name] ?? 0;
  if (moved === 0) return count(now[name]);
  return html`${count(now[name])}<div class="of">${moved > 0 ? '+' : '−'}${count(Math.abs(moved))}</div>`;
}

function forecastOf({ forecast }: ReviewFigure): Child {
  if (forecast?.outcome !== 'expected') return null;
  return html`<div class="of">likely ${forecast.likely ?? ''}, cautiously ${forecast.cautious ?? 'no day'}</div>`;
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
  return html`<section aria-labelledby="council"><h2 id="council">Who is accountable?</h2><p class="answer">${isReview ? `${count(present)} of ${plural(seats.length, 'seat')} of the council were there` : plural(seats.length, 'seat')}${empty > 0 ? `; of ${plural(empty, 'division')} nobody is accountable` : ''}.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Council"><table class="past"><thead><tr><th scope="col">For</th><th scope="col">Who</th>${isReview && html`<th scope="col">Attendance</th>`}</tr></thead><tbody>${seats.map(
    ({ of, for: what, person, name, present: here }) =>
      html`<tr><th scope="row"><bdi>${what}</bdi><div class="of">${SEATS[of]}</div></th><td>${person === null ? 'nobody' : html`<bdi>${name ?? person}</bdi>`}</td>${isReview && html`<td>${person === null ? '' : there(here)}</td>`}</tr>`,
  )}</tbody></table></div></section>`;
}

function missesOf(misses: NonNullable<ShownReview['minutes']['misses']>): Markup | null {
  if (misses.length === 0) return null;
  return html`<p>Why targets were missed: ${misses.map(({ standard, due, reason }, at) => html`${at > 0 && ', '}<a href="/standards/${standard}">${standard}</a> (${calendarDay(due)}) ${reason.replaceAll('-', ' ')}`)}.</p>`;
}

function minutesSection({
  attendance,
  decisions,
  actions,
  exceptions,
  misses = [],
}: ShownReview['minutes']): Markup {
  const present = attendance.filter((one) => one.present);
  return html`<section aria-labelledby="decided"><h2 id="decided">What was decided?</h2>
<p class="answer">${decisions.length === 0 ? 'Nothing was written down.' : `${plural(decisions.filter(({ decided }) => decided !== null).length, 'decision')}, ${count(decisions.filter(({ decided }) => decided === null).length)} open.`}</p>
${decisions.length > 0 && html`<ul>${decisions.map(({ question, decided }) => html`<li><bdi>${question}</bdi> ${decided === null ? html`<em>It is open.</em>` : html`<strong><bdi>${decided}</bdi></strong>`}</li>`)}</ul>`}
<p>${plural(exceptions.asked.length, 'exception')} waited for a decision, ${count(exceptions.approved.length)} ${exceptions.approved.length === 1 ? 'was' : 'were'} approved since the review before.</p></section>
<section aria-labelledby="actions"><h2 id="actions">Who does what until when?</h2>
<p class="answer">${actions.length === 0 ? 'No action was agreed on.' : `${plural(actions.filter(({ state }) => state === 'open').length, 'action')} open, ${count(actions.filter(({ state }) => state === 'done').length)} done.`}</p>
${missesOf(misses)}${actions.length > 0 && html`<ul>${actions.map(({ what, owner, due, state }) => html`<li><bdi>${what}</bdi>: <bdi>${owner}</bdi>, by ${calendarDay(due)}, ${state}</li>`)}</ul>`}
<p>${present.length === 0 ? 'Nobody was written down as present.' : html`Present: ${present.map(({ person }, at) => html`${at > 0 && ', '}<bdi>${person}</bdi>`)}.`}</p></section>`;
}
