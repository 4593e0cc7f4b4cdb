/** Permissions to fail for a while: what is in force, what waits for an answer, what is over. */
import { count } from '@macadam/adapters/report-formats/figures';
import {
  type Attempt,
  type FormOn,
  field,
  folded,
  refusal,
  typedIn,
} from '@macadam/adapters/report-formats/html/form';
import { exceptionAt, pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { calendarDay, daysBetween, moment, plural } from '@macadam/adapters/report-formats/html/words';
import type { NamedOption } from '../work/list.ts';

export interface ExceptionLine {
  readonly id: string;
  readonly title: string;
  readonly division: string;
  readonly selectors: readonly string[];
  readonly assets: number;
  readonly until: string;
  readonly stage: 'in-force' | 'waiting' | 'over';
  readonly requestedBy: string;
  readonly approvedBy: string | null;
  readonly refusedBy: string | null;
  /** When somebody ended it early. */
  readonly endedAt: string | null;
}

export interface ExceptionQuery {
  readonly show: ExceptionLine['stage'];
  readonly standard?: string | undefined;
  readonly after?: string | undefined;
}

/** Who may ask for one, in which teams' names. */
export interface ExceptionAsking {
  readonly teams: readonly NamedOption[];
  readonly standards: readonly NamedOption[];
  readonly today: string;
  /** The last day that an exception may have. */
  readonly latest: string;
}

export interface ExceptionListPage extends ExceptionAsking {
  readonly query: ExceptionQuery;
  readonly counts: Readonly<Record<ExceptionLine['stage'], number>>;
  readonly rows: readonly ExceptionLine[];
  readonly next: string | null;
  readonly attempt: Attempt | null;
}

const SHOWN: Readonly<Record<ExceptionLine['stage'], string>> = {
  'in-force': 'in force',
  waiting: 'waiting for an answer',
  over: 'over',
};

export function exceptionListBody(page: ExceptionListPage): Markup {
  const { query, counts, rows, next, standards, today, attempt } = page;
  const at = (show: ExceptionLine['stage']) => pathWith('/exceptions', { show, standard: query.standard });
  const part = (show: ExceptionLine['stage'], words: string) =>
    html`${counts[show] === 0 ? '0' : html`<a href="${at(show)}">${count(counts[show])}</a>`} ${words}`;
  return html`${refusal(attempt)}<section aria-labelledby="permitted"><h2 id="permitted">What may fail?</h2>
<p class="answer">${part('in-force', counts['in-force'] === 1 ? 'exception is in force' : 'exceptions are in force')}, ${part('waiting', counts.waiting === 1 ? 'waits for an answer' : 'wait for an answer')}, ${part('over', counts.over === 1 ? 'is over' : 'are over')}${query.standard ? ', for this standard' : ''}.</p>
<form class="ask" action="/exceptions" role="search" aria-label="Exceptions"><label>Which<select name="show">${Object.entries(SHOWN).map(([id, words]) => html`<option value="${id}"${id === query.show && html` selected`}>${words}</option>`)}</select></label>
<label>Standard<select name="standard"><option value="">all</option>${standards.map(({ id, name }) => html`<option value="${id}"${id === query.standard && html` selected`}>${name}</option>`)}</select></label><button>Show</button></form>
${rows.length === 0 ? html`<p>None is ${SHOWN[query.show]}${query.standard ? ' for this standard' : ''}.</p>` : html`<ul class="things">${rows.map((row) => line(row, today))}</ul>`}
${(next !== null || query.after) && html`<nav class="pages" aria-label="Pages of exceptions">${query.after && html`<a href="${at(query.show)}">First</a>`}${next !== null && html`<a href="${pathWith('/exceptions', { ...query, after: next })}">After</a>`}</nav>`}</section>
<section aria-labelledby="ask"><h2 id="ask">How is one asked for?</h2>
<p class="answer">You say why; somebody else decides; it ends by itself.</p>
${
  page.teams.length === 0
    ? html`<p>An engineer of the team that has to meet the standard asks. You are of no team here that could.</p>`
    : html`<div class="acts">${folded('Ask for an exception', {
        form: 'ask',
        attempt,
        action: '/exceptions',
        button: 'Ask',
        fields: html`${teamField(page, { form: 'ask', attempt })}${select({ form: 'ask', attempt }, 'standard', 'Standard', standards)}${askingFields(page, { form: 'ask', attempt })}`,
      })}</div>`
}</section>`;
}

export const teamField = ({ teams }: ExceptionAsking, on: FormOn): Markup =>
  select(on, 'team', 'In the name of', teams);

function select(on: FormOn, name: string, label: string, options: readonly NamedOption[]): Markup {
  const id = `${on.form}-${name}`;
  const typed = typedIn(on, name);
  return html`<div class="field"><label for="${id}">${label}</label><select id="${id}" name="${name}" required>${options.length > 1 && html`<option value="">choose one</option>`}${options.map(({ id: value, name: text }) => html`<option value="${value}"${value === typed && html` selected`}>${text}</option>`)}</select></div>`;
}

/** What is asked again at a renewal, with what stood there before. */
export function askingFields(
  { today, latest }: ExceptionAsking,
  on: FormOn,
  before: {
    readonly selectors?: readonly string[];
    readonly reason?: string;
    readonly compensating?: string;
  } = {},
): Markup {
  const { selectors = [], reason = '', compensating = '' } = before;
  return html`${field({
    ...on,
    name: 'selectors',
    label: 'Which assets?',
    kind: 'area',
    value: selectors.join('\n'),
    hint: html`Ids or names, one a line; <code>*</code> stands for anything. What they mean is frozen at the approval.`,
  })}${field({ ...on, name: 'reason', label: 'Why can it not be met now?', kind: 'area', value: reason })}${field(
    {
      ...on,
      name: 'compensating',
      label: 'What makes up for it meanwhile?',
      kind: 'area',
      value: compensating,
    },
  )}${field({
    ...on,
    name: 'until',
    label: 'Last day',
    kind: 'date',
    least: today,
    most: latest,
    hint: html`At the latest ${calendarDay(latest)}.`,
  })}`;
}

function line(row: ExceptionLine, today: string): Markup {
  const { id, title, division, selectors, assets, requestedBy, approvedBy, refusedBy } = row;
  const [first = '', ...others] = selectors;
  return html`<li><div><p class="what"><a href="${exceptionAt(id)}">${title}</a></p><p class="quiet"><code>${first}</code>${others.length > 0 && html` and ${plural(others.length, 'more selector')}`}${division !== '' && html` · <bdi>${division}</bdi>`}</p></div>
<div><p>${endSaid(row, today)}</p><p class="note">${row.stage === 'waiting' ? 'no asset is excepted yet' : plural(assets, 'asset')}</p></div>
<div class="quiet"><p>asked by <bdi>${requestedBy}</bdi></p>${approvedBy !== null && html`<p>approved by <bdi>${approvedBy}</bdi></p>`}${refusedBy !== null && html`<p>refused by <bdi>${refusedBy}</bdi></p>`}</div></li>`;
}

/** Until when it holds, and how long that is. */
export function endSaid(
  row: Pick<ExceptionLine, 'stage' | 'until' | 'endedAt' | 'refusedBy'>,
  today: string,
): Child {
  const { stage, until, endedAt, refusedBy } = row;
  if (refusedBy !== null) return 'refused';
  if (endedAt !== null) return html`ended early, ${moment(endedAt)}`;
  const days = daysBetween(today, until);
  if (stage === 'over') return html`over since ${calendarDay(until)}`;
  if (stage === 'waiting') return html`asked for until ${calendarDay(until)}`;
  if (days === 0) return html`<strong>ends today</strong>`;
  const soon = days <= 7;
  return html`${soon ? html`<strong>${plural(days, 'day')} left</strong>` : `${plural(days, 'day')} left`}, until ${calendarDay(until)}`;
}
