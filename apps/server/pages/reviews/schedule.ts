/**
 * Which reviews come again. The schedule is of macadam.yaml, whose repository says who changed it and who agreed: nothing is written here,
 * and whoever wants to change it gets the lines to put there.
 */
import { calendarDay } from '@macadam/adapters/report-formats/html/dates';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import type { ReviewProgram } from '@macadam/core/figures/agenda';
import type { OrgUnit } from '@macadam/core/org/org';
import type { Agenda } from '@macadam/services/progress/agenda';
import { z } from 'zod';
import { HttpProblem } from '../../http/problem.ts';
import { requireNone, unknownName } from '../../unknown-name.ts';

/** What an address may ask for: the lines with one review more or otherwise, or without one. */
export const scheduleQuery = {
  title: z.string().trim().max(80).optional(),
  every: z.enum(['week', 'month', 'quarter']).optional(),
  unit: z.string().trim().max(200).optional(),
  by: z.enum(['people', 'server']).optional(),
  end: z.string().max(80).optional(),
};
export type ScheduleAsked = z.output<z.ZodObject<typeof scheduleQuery>>;

export interface Schedule {
  /** As it is stated. */
  readonly stated: readonly ReviewProgram[];
  /** As it would be; null where nobody asked. */
  readonly wanted: readonly ReviewProgram[] | null;
  readonly units: readonly OrgUnit[];
  readonly asked: ScheduleAsked;
}

/** Throws a problem for a unit or a review that there is not, and for a title of one letter. */
export function scheduleAsked(
  stated: readonly ReviewProgram[],
  units: readonly OrgUnit[],
  asked: ScheduleAsked,
): Schedule {
  const { title, every = 'week', by, end } = asked;
  const found = { stated, units, asked };
  const refused = (field: string, reason: string, fix: string) =>
    new HttpProblem(400, reason, [{ field: `query.${field}`, reason, fix }]);
  if (end !== undefined) {
    if (!stated.some((one) => one.title === end))
      throw refused(
        'end',
        `no review of the schedule is called \`${end}\``,
        'choose one at /reviews#schedule',
      );
    return { ...found, wanted: stated.filter((one) => one.title !== end) };
  }
  if (title === undefined) return { ...found, wanted: null };
  if (title.length < 2)
    throw refused(
      'title',
      'a title has two characters or more',
      'call it as its reviews begin, such as Week',
    );
  const unit = asked.unit || undefined;
  const known = units.map(({ id }) => id);
  requireNone(400, unknownName('query.unit', 'unit', unit, known));
  const one: ReviewProgram = {
    title,
    every,
    ...(unit !== undefined && { unit }),
    ...(by === 'server' && { unattended: true }),
  };
  const isOld = stated.some((other) => other.title === title);
  return {
    ...found,
    wanted: isOld ? stated.map((other) => (other.title === title ? one : other)) : [...stated, one],
  };
}

/** What needs no quotes in any reader of YAML. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_ -]*[A-Za-z0-9]$/;
const WORDS = /^(true|false|yes|no|on|off|null)$/i;
const yamlText = (text: string) => (PLAIN.test(text) && !WORDS.test(text) ? text : JSON.stringify(text));

/** The lines of macadam.yaml. */
export const scheduleLines = (programs: readonly ReviewProgram[]): string =>
  programs.length === 0
    ? 'reviews: []'
    : `reviews:\n${programs
        .map(({ title, every, unit, unattended }) =>
          [
            `  - title: ${yamlText(title)}`,
            `    every: ${every}`,
            ...(unit === undefined ? [] : [`    unit: ${yamlText(unit)}`]),
            ...(unattended ? ['    unattended: true'] : []),
          ].join('\n'),
        )
        .join('\n')}`;

/** `may`: whoever may freeze reviews is shown how the schedule is changed. */
export function scheduleSection(
  { programs }: Pick<Agenda, 'programs'>,
  schedule: Schedule,
  may: boolean,
): Markup | null {
  if (programs.length === 0 && !may) return null;
  return html`<section aria-labelledby="schedule"><h2 id="schedule">Schedule<span class="sub">as macadam.yaml states it</span></h2>${
    programs.length === 0
      ? html`<p>No review comes again by itself.</p>`
      : html`<table class="grid tall quiet"><caption class="hidden">Schedule</caption><thead><tr><th scope="col">Review</th><th scope="col">When</th><th scope="col">Frozen by</th></tr></thead><tbody>${programs.map(
          ({ title, every, unit, unattended, due, isDue, last, next }) =>
            html`<tr><th scope="row"><bdi>${title}</bdi><div class="of">${unit === null ? 'the company' : html`<a href="/owners/${encodeURIComponent(unit)}"><bdi>${unit}</bdi></a>`}${last !== null && html`, the last is <a href="/reviews/${String(last)}">review ${String(last)}</a>`}</div></th><td>each ${every}<div class="of">${isDue ? html`due, of the ${every} from ${calendarDay(due)}` : html`next from ${calendarDay(next)}`}</div></td><td>${unattended ? 'the server, after the first measurement' : 'somebody who was there'}${may && html`<div class="of">${otherwise(title, { every, unit, unattended })}</div>`}</td></tr>`,
        )}</tbody></table>`
  }${may && linesToWrite(schedule)}${may && changeForm(schedule)}</section>`;
}

function otherwise(
  title: string,
  { every, unit, unattended }: { every: string; unit: string | null; unattended: boolean },
): Child {
  const change = new URLSearchParams({ title, every, by: unattended ? 'server' : 'people' });
  if (unit !== null) change.set('unit', unit);
  const end = new URLSearchParams({ end: title });
  return html`<a href="/reviews?${change.toString()}#schedule">Change<span class="hidden">: ${title}</span></a> or <a href="/reviews?${end.toString()}#schedule">end<span class="hidden">: ${title}</span></a>`;
}

function linesToWrite({ wanted, stated, asked: { end, title } }: Schedule): Markup | null {
  if (wanted === null) return null;
  const what =
    end !== undefined
      ? html`To end <bdi>${end}</bdi>`
      : stated.some((one) => one.title === title)
        ? html`To have <bdi>${title}</bdi> so`
        : html`To add <bdi>${title}</bdi>`;
  const place =
    stated.length === 0
      ? 'put these lines into macadam.yaml'
      : 'put these lines into macadam.yaml, in place of its reviews';
  return html`<p role="status">${what}, ${place}. The server follows them from the first measurement after that; reviews that were frozen stay.</p><pre class="explained" tabindex="0" role="group" aria-label="Lines of macadam.yaml">${scheduleLines(wanted)}</pre>`;
}

function changeForm({
  units,
  asked: { title = '', every = 'week', unit = '', by = 'people' },
}: Schedule): Markup {
  const option = (value: string, chosen: string, label: string) =>
    html`<option value="${value}"${value === chosen && html` selected`}>${label}</option>`;
  return html`<details${title !== '' && html` open`}><summary>Add a review, or change one</summary><form action="/reviews#schedule" class="write">
<div class="field"><label for="schedule-title">Title</label><span class="hint" id="schedule-title-hint">Its reviews begin with it: Week, for "Week 48". That of one that there is changes it.</span><input id="schedule-title" name="title" required minlength="2" maxlength="80" value="${title}" aria-describedby="schedule-title-hint"></div>
<div class="field"><label for="schedule-every">How often</label><select id="schedule-every" name="every">${option('week', every, 'each week')}${option('month', every, 'each month')}${option('quarter', every, 'each quarter')}</select></div>
<div class="field"><label for="schedule-unit">Of whom <span class="quiet">(may be left out)</span></label><span class="hint" id="schedule-unit-hint">Left out: of the whole company.</span><input id="schedule-unit" name="unit" list="schedule-units" value="${unit}" aria-describedby="schedule-unit-hint"><datalist id="schedule-units">${units.map(({ id, name }) => html`<option value="${id}">${name}</option>`)}</datalist></div>
<div class="field"><label for="schedule-by">Frozen by</label><select id="schedule-by" name="by">${option('people', by, 'somebody who was there')}${option('server', by, 'the server, after the first measurement')}</select></div>
<button class="main">Show the lines</button></form></details>`;
}
