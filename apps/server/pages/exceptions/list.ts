/** Permissions to fail for a while: what is in force, what waits for an answer, what is over. */

import type { ExceptionStage, ListedException } from '@macadam/adapters/decisions/listing';
import { count } from '@macadam/adapters/report-formats/figures';
import { calendarDay, daysBetween, moment, writtenDay } from '@macadam/adapters/report-formats/html/dates';
import {
  type Attempt,
  type FormOn,
  field,
  folded,
  refusal,
  typedIn,
} from '@macadam/adapters/report-formats/html/form';
import { exceptionAt, pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { pagerFromFirst } from '@macadam/adapters/report-formats/html/parts/pager';
import { glyph, icon } from '@macadam/adapters/report-formats/html/signs';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type { Exception } from '@macadam/core/verdicts/exception';
import type { ExceptionDrift } from '@macadam/services/work/exception-preview';
import type { NamedOption } from '../work/list.ts';
import { type ExceptionRequestShown, nextUp, requestBox } from './request.ts';

export interface ExceptionLine extends Omit<ListedException, 'key'> {
  readonly title: string;
  readonly stage: ExceptionStage;
}

export const EXCEPTIONS_SHOWN = ['in-force', 'soon', 'drifted', 'waiting', 'over'] as const;
export type ExceptionShown = (typeof EXCEPTIONS_SHOWN)[number];

export interface ExceptionQuery {
  readonly show: ExceptionShown;
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

/** Null: there are too many to be gone through. */
export interface ExceptionNumbers extends Readonly<Record<ExceptionLine['stage'], number>> {
  /** In force, ending within 30 days. */
  readonly soon: number | null;
  /** In force, of assets that are no longer as they were approved. */
  readonly drifted: number | null;
}

export interface ExceptionListPage extends ExceptionAsking {
  readonly query: ExceptionQuery;
  readonly counts: ExceptionNumbers;
  /** Assets that exceptions in force cover. */
  readonly excepted: number | null;
  /** Of what waits for an answer so many are of a critical standard. */
  readonly critical: number;
  /** What waits for an answer, the gravest first: as many as are laid out. */
  readonly requests: readonly ExceptionRequestShown[];
  readonly rows: readonly (ExceptionLine & { readonly drift: ExceptionDrift | null })[];
  readonly next: string | null;
  /** In force by the estate's own file, where nobody else approved them. */
  readonly stated: readonly StatedException[];
  readonly attempt: Attempt | null;
}

export interface StatedException extends Exception {
  readonly label: string;
}

const TABS: Readonly<Record<ExceptionShown, string>> = {
  'in-force': 'In force',
  soon: 'Ending within 30 days',
  drifted: 'Drifted',
  waiting: 'Waiting',
  over: 'Ended',
};

const addressOf = ({ query }: Pick<ExceptionListPage, 'query'>, show: ExceptionShown) =>
  pathWith('/exceptions', { show: show === 'in-force' ? '' : show, standard: query.standard });

/** What must be decided, how grave it is, and what is in force. */
export function exceptionHeading(page: ExceptionListPage): {
  readonly heading: string;
  readonly lead: Child;
} {
  const { counts, critical, excepted } = page;
  const grave = critical === 0 ? '' : `, ${count(critical)} of a critical standard`;
  const heading =
    counts.waiting === 0
      ? 'No exception waits for an answer.'
      : `${plural(counts.waiting, 'exception')} ${counts.waiting === 1 ? 'is' : 'are'} asked for${grave}.`;
  const link = (show: ExceptionShown, number: number, words: string) =>
    number === 0 ? html`0 ${words}` : html`<a href="${addressOf(page, show)}">${count(number)}</a> ${words}`;
  const lead = html`${link('in-force', counts['in-force'], counts['in-force'] === 1 ? 'exception is in force' : 'exceptions are in force')}${excepted !== null && excepted > 0 && html`, for ${plural(excepted, 'failure')}`}${counts.soon !== null && html`; ${link('soon', counts.soon, counts.soon === 1 ? 'ends within 30 days' : 'end within 30 days')}`}${counts.drifted !== null && html`, ${link('drifted', counts.drifted, counts.drifted === 1 ? 'is no longer what was approved' : 'are no longer what was approved')}`}${page.stated.length > 0 && html`. <a href="#stated">macadam.yaml</a> states ${count(page.stated.length)} more`}.`;
  return { heading, lead };
}

/** What stands in the estate's file is in force without a request: it is shown apart, since one person alone answers for it. */
function statedSection({ stated, today }: ExceptionListPage): Markup | null {
  if (stated.length === 0) return null;
  return html`<section aria-labelledby="stated"><div class="h2"><h2 id="stated">Stated in macadam.yaml<span class="sub">in force by the file; nobody else approved them</span></h2></div><table class="grid tall quiet"><caption class="hidden">Exceptions of macadam.yaml</caption><thead><tr><th scope="col">Standard</th><th scope="col">Assets</th><th scope="col">Why</th><th scope="col">Who says so</th><th scope="col">Until</th></tr></thead><tbody>${stated.map(
    ({ standard, label, assets, reason, approver, until }) =>
      html`<tr><th scope="row"><a href="/standards/${standard}">${label}</a></th><td>${joined(assets, (one) => html`<code>${one}</code>`)}</td><td>${reason}</td><td><bdi>${approver}</bdi></td><td>${writtenDay(until)}<div class="of">${plural(daysBetween(today, until), 'day')} left</div></td></tr>`,
  )}</tbody></table></section>`;
}

export function exceptionListBody(page: ExceptionListPage): Markup {
  const { query, counts, rows, next, attempt, requests } = page;
  return html`${refusal(attempt)}<p class="law">${icon('lock')}<span><b>An exception never changes a verdict.</b> What fails goes on failing in every figure. Its work item waits, until the date; then the exception ends by itself.</span></p>
${requests.slice(0, LAID_OUT).map((request, at) => requestBox(request, { place: `${at + 1} of ${count(counts.waiting)}`, today: page.today }))}${requests.slice(LAID_OUT).map(nextUp)}${counts.waiting > requests.length && html`<p class="note"><a href="${addressOf(page, 'waiting')}">All ${count(counts.waiting)} that wait</a></p>`}
<section aria-labelledby="exceptions"><div class="h2 list-head"><h2 id="exceptions" class="hidden">Exceptions</h2><nav class="tabs" aria-label="Which exceptions">${EXCEPTIONS_SHOWN.map(
    (show) => {
      const number = counts[show];
      return (
        number !== null &&
        html`<a href="${addressOf(page, show)}"${show === query.show && html` aria-current="true"`}>${TABS[show]} <span>${count(number)}</span></a>`
      );
    },
  )}</nav></div>
${standardFilter(page)}
${rows.length === 0 ? html`<p class="note">${EMPTY[query.show]}${query.standard ? ' For this standard.' : ''}</p>` : table(page)}
${pagerFromFirst('exceptions', query.after ? addressOf(page, query.show) : null, next === null ? null : pathWith('/exceptions', { ...query, after: next }))}
<p class="note">Drifted: an asset fails in another way than was accepted, or does not fail any more. The exception covers the first no longer; nobody needs it for the second.</p></section>
${statedSection(page)}<section aria-labelledby="ask"><div class="h2"><h2 id="ask">Ask for one</h2></div>
${
  page.teams.length === 0
    ? html`<p class="note">An engineer of the team that has to meet the standard asks. You are of no team here that could.</p>`
    : html`<p class="note">It is asked for from a work item, too, with its assets filled in. You say why; somebody else decides.</p><div class="acts">${folded(
        'Ask for an exception',
        {
          form: 'ask',
          attempt,
          action: '/exceptions',
          button: 'Ask',
          fields: html`${teamField(page, { form: 'ask', attempt })}${select({ form: 'ask', attempt }, 'standard', 'Standard', page.standards)}${askingFields(page, { form: 'ask', attempt })}`,
        },
      )}</div>`
}</section>`;
}

/** Requests that are laid out whole: one decision at a time, so that what is in force stays in sight. The others are a line each. */
const LAID_OUT = 1;

const EMPTY: Readonly<Record<ExceptionShown, string>> = {
  'in-force': 'None is in force.',
  soon: 'None ends within 30 days.',
  drifted: 'None has drifted: everything that is excepted is as it was approved.',
  waiting: 'No request is waiting for an answer.',
  over: 'None has ended.',
};

function standardFilter({ query, standards }: ExceptionListPage): Markup {
  return html`<details class="filters"${query.standard && html` open`}><summary>Filter</summary><form class="ask" action="/exceptions" role="search" aria-label="Exceptions">${query.show !== 'in-force' && html`<input type="hidden" name="show" value="${query.show}">`}<label>Standard <select class="field" name="standard"><option value="">all</option>${standards.map(({ id, name }) => html`<option value="${id}"${id === query.standard && html` selected`}>${name}</option>`)}</select></label><button class="btn">Show</button></form></details>`;
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

function table({ rows, today }: ExceptionListPage): Markup {
  return html`<table class="grid force stacked quiet"><colgroup><col><col class="w-std2"><col class="w-div2"><col class="w-n3"><col class="w-until"><col class="w-comp"></colgroup><thead><tr><th scope="col">What may fail</th><th scope="col">Standard</th><th scope="col">Asked by</th><th scope="col" class="num">Assets</th><th scope="col" class="gp">Until</th><th scope="col">What compensates</th></tr></thead>
<tbody>${rows.map((row) => {
    const { id, title, division, selectors, assets, requestedBy, stage, compensating, drift } = row;
    const [first = '', ...others] = selectors;
    return html`<tr><th scope="row"><span class="name"><a href="${exceptionAt(id)}"><code>${first}</code>${others.length > 0 && html` and ${plural(others.length, 'more selector')}`}</a></span></th><td class="std">${title}</td><td title="${division === '' ? requestedBy : `${requestedBy}, ${division}`}"><bdi>${requestedBy}</bdi>${division !== '' && html`<span class="ink-3">, <bdi>${division}</bdi></span>`}</td><td class="num">${stage === 'waiting' ? html`<span class="ink-3">none yet</span>` : html`<a href="${exceptionAt(id)}">${count(assets)}</a>`}</td><td class="gp">${endSaid(row, today)}</td><td class="p">${driftSaid(drift) ?? html`<span class="name">${glyph('said-so')}<span class="ink-2" title="${compensating ?? ''}">${compensating ?? 'nothing was said'}</span></span>`}</td></tr>`;
  })}</tbody></table>`;
}

function driftSaid(drift: ExceptionDrift | null): Markup | null {
  if (drift === null) return null;
  const { changed, settled } = drift;
  if (changed.length > 0)
    return html`<span class="name">${glyph('off-track')}<span>${count(changed.length)} ${changed.length === 1 ? 'fails' : 'fail'} in another way now</span></span>`;
  return settled.length > 0
    ? html`<span class="name">${glyph('pass')}<span>${count(settled.length)} ${settled.length === 1 ? 'does' : 'do'} not fail any more</span></span>`
    : null;
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
  if (stage === 'over') return html`ended ${calendarDay(until)}`;
  if (stage === 'waiting') return html`asked for until ${calendarDay(until)}`;
  return html`<span class="name">${writtenDay(until)}${days <= SOON_DAYS && html`<span class="chip soon">${days === 0 ? 'ends today' : `in ${plural(days, 'day')}`}</span>`}</span>`;
}

const SOON_DAYS = 30;
