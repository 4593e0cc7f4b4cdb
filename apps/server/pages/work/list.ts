/** What has to be done, the most urgent first. */
import { count } from '@macadam/adapters/report-formats/figures';
import { pathWith, workAt } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { calendarDay, daysBetween, moment, plural } from '@macadam/adapters/report-formats/html/words';

/** What to do about one standard, in few words. */
export interface WorkLine {
  readonly id: string;
  readonly title: string;
  readonly severity: string | null;
  readonly team: string;
  readonly division: string;
  readonly members: number;
  readonly left: number;
  readonly late: number;
  readonly disputed: number;
  /** Of what is left, what an exception allows to fail for now. */
  readonly excepted: number;
  /** The batch's own day, which never moves. */
  readonly dueOn: string;
  /** The earliest day of what is left; null where nothing is. */
  readonly nextDue: string | null;
  readonly claimedBy: string | null;
  readonly snoozedUntil: string | null;
  readonly closedAt: string | null;
}

/** As in the address. */
export interface WorkQuery {
  readonly show?: string | undefined;
  readonly team?: string | undefined;
  readonly standard?: string | undefined;
  readonly division?: string | undefined;
  readonly mine?: string | undefined;
  readonly after?: string | undefined;
}

export interface NamedOption {
  readonly id: string;
  readonly name: string;
}

export interface WorkListPage {
  readonly query: WorkQuery;
  /** Whether anybody has looked: before that there can be no work. */
  readonly looked: boolean;
  /** Of everything that the filters but `show` let through. */
  readonly counts: Readonly<Record<Exclude<WorkShown, 'closed'>, number>>;
  /** How many of the open ones are the visitor's. */
  readonly mine: number;
  readonly rows: readonly WorkLine[];
  readonly next: string | null;
  readonly today: string;
  readonly standards: readonly NamedOption[];
  readonly divisions: readonly NamedOption[];
  readonly teams: readonly NamedOption[];
}

type WorkShown = 'open' | 'overdue' | 'soon' | 'unclaimed' | 'disputed' | 'excepted' | 'snoozed' | 'closed';
const SHOWN: Readonly<Record<WorkShown, string>> = {
  open: 'open',
  overdue: 'overdue',
  soon: 'due within a week',
  unclaimed: 'claimed by nobody',
  disputed: 'disputed',
  excepted: 'partly excepted',
  snoozed: 'snoozed',
  closed: 'closed',
};

/** More than these are typed, not chosen from. */
const LISTED_TEAMS = 500;

export function workListBody(page: WorkListPage): Markup {
  const { query, rows, next, counts } = page;
  return html`<section aria-labelledby="todo"><h2 id="todo">What has to be done?</h2>
<p class="answer">${said(page)}</p>
<p><a href="/handovers">Hand-overs between teams</a></p>
${filters(page)}
${
  rows.length === 0
    ? page.looked &&
      html`<p>${counts.open === 0 && !filtered(query) ? 'Nothing fails that somebody could work on.' : 'Nothing fits these filters.'}</p>`
    : html`<ul class="things">${rows.map((row) => line(row, page.today))}</ul>`
}
${(next !== null || query.after) && html`<nav class="pages" aria-label="Pages of work items">${query.after && html`<a href="${pathWith('/work', { ...query, after: '' })}">First</a>`}${next !== null && html`<a href="${pathWith('/work', { ...query, after: next })}">Less urgent</a>`}</nav>`}</section>`;
}

const filtered = ({ team, standard, division, mine, show }: WorkQuery) =>
  [team, standard, division, mine, show].some((one) => one !== undefined && one !== '' && one !== 'open');

function said({ counts, mine, query, looked }: WorkListPage): Child {
  if (counts.open === 0)
    return looked
      ? 'No work item is open.'
      : 'No look was taken in yet, so nobody knows what has to be done.';
  const own = { ...query, after: '' };
  const link = (show: WorkShown, number: number) =>
    number === 0 ? '0' : html`<a href="${pathWith('/work', { ...own, show })}">${count(number)}</a>`;
  const part = (show: Exclude<WorkShown, 'closed'>) => html`${link(show, counts[show])} ${SHOWN[show]}`;
  return html`${link('open', counts.open)} work ${counts.open === 1 ? 'item is' : 'items are'} open: ${part('overdue')}, ${part('soon')}, ${part('unclaimed')}, ${part('disputed')}, ${part('excepted')}, ${part('snoozed')}.${mine > 0 && html` <a href="${pathWith('/work', { ...own, mine: 'yes' })}">${count(mine)}</a> ${mine === 1 ? 'is' : 'are'} yours.`}`;
}

function filters({ query, standards, divisions, teams }: WorkListPage): Markup {
  const select = (name: 'show' | 'standard' | 'division', label: string, options: readonly NamedOption[]) =>
    html`<label>${label}<select name="${name}">${name !== 'show' && html`<option value="">all</option>`}${options.map(({ id, name: text }) => html`<option value="${id}"${id === query[name] && html` selected`}>${text}</option>`)}</select></label>`;
  const listed = teams.length <= LISTED_TEAMS;
  return html`<form class="ask" action="/work" role="search" aria-label="Work items">
${select(
  'show',
  'Which',
  Object.entries(SHOWN).map(([id, name]) => ({ id, name })),
)}${select('standard', 'Standard', standards)}${divisions.length > 0 && select('division', 'Division', divisions)}
<label>Team<input type="search" name="team" value="${query.team ?? ''}"${listed && html` list="teams"`}></label>${listed && html`<datalist id="teams">${teams.map(({ id, name }) => html`<option value="${id}">${name}</option>`)}</datalist>`}
<label class="check"><input type="checkbox" name="mine" value="yes"${query.mine === 'yes' && html` checked`}>mine and my teams’</label>
<button>Show</button>${filtered(query) && html` <a href="/work">All that is open</a>`}</form>`;
}

function line(row: WorkLine, today: string): Markup {
  const { id, title, team, division, left, members, closedAt, severity } = row;
  return html`<li><div><p class="what"><a href="${workAt(id)}">${title}</a></p><p class="quiet"><bdi>${team}</bdi>${division !== '' && html`, <bdi>${division}</bdi>`}${severity !== null && html` · ${severity}`}</p></div>
<div><p>${closedAt === null ? `${count(left)} of ${count(members)} left` : `all ${count(members)} done`}</p><p class="note">${dueSaid(row, today)}</p></div>
<div class="quiet">${statesOf(row)}</div></li>`;
}

/** When it is due, in words: nobody has to see a colour. */
export function dueSaid(
  row: Omit<WorkLine, 'id' | 'title' | 'severity' | 'team' | 'division'>,
  today: string,
): Child {
  const { closedAt, nextDue, dueOn, late, left, excepted, disputed } = row;
  if (closedAt !== null) return html`closed ${moment(closedAt)}`;
  const due = nextDue ?? dueOn;
  const cause = excepted > 0 || disputed === 0 ? 'an exception paused' : 'a dispute stopped';
  const stopped = due > dueOn && html`; ${cause} its clock, it was due ${calendarDay(dueOn)}`;
  const days = daysBetween(today, due);
  if (days < 0)
    return html`<span class="late">Overdue by ${plural(-days, 'day')}</span>, since ${calendarDay(due)}${late < left && html` (${count(late)} of ${count(left)})`}${stopped}`;
  if (days === 0) return html`<strong>due today</strong>${stopped}`;
  return html`due in ${plural(days, 'day')}, on ${calendarDay(due)}${stopped}`;
}

function statesOf({ claimedBy, snoozedUntil, disputed, excepted, left }: WorkLine): Child {
  const parts: Child[] = [
    claimedBy === null ? html`<p>claimed by nobody</p>` : html`<p>claimed by <bdi>${claimedBy}</bdi></p>`,
  ];
  if (snoozedUntil !== null) parts.push(html`<p>snoozed until ${calendarDay(snoozedUntil)}</p>`);
  if (disputed > 0) parts.push(html`<p>${count(disputed)} of ${count(left)} disputed</p>`);
  if (excepted > 0)
    parts.push(html`<p>${count(excepted)} of ${count(left)} excepted for now, still failing</p>`);
  return parts;
}
