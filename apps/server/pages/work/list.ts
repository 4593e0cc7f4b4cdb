/** Work as a whole: what the page says first, which part is shown, and the list by standard where there is too much to do one by one. */

import type { ListedBatch, WorkCounts, WorkStage } from '@macadam/adapters/decisions/listing';
import { count } from '@macadam/adapters/report-formats/figures';
import { calendarDay, daysBetween, moment, writtenDay } from '@macadam/adapters/report-formats/html/dates';
import { pathWith, workAt } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { dueChip } from '@macadam/adapters/report-formats/html/parts/due';
import { pager } from '@macadam/adapters/report-formats/html/parts/pager';
import { plural } from '@macadam/adapters/report-formats/html/words';

/** What to do about one standard, in few words. */
export interface WorkLine extends Omit<ListedBatch, 'key'> {
  readonly title: string;
  readonly severity: string | null;
}

/** As in the address. */
export interface WorkQuery {
  readonly show?: string | undefined;
  readonly team?: string | undefined;
  readonly standard?: string | undefined;
  readonly division?: string | undefined;
  readonly mine?: string | undefined;
  readonly by?: string | undefined;
  readonly after?: string | undefined;
  /** The work item that is opened, and the repository in it. */
  readonly item?: string | undefined;
  readonly in?: string | undefined;
}

export interface NamedOption {
  readonly id: string;
  readonly name: string;
}

const TABS: Readonly<Record<WorkStage, string>> = {
  open: 'Open',
  overdue: 'Late',
  soon: 'This week',
  unclaimed: 'Unclaimed',
  disputed: 'Said to be wrong',
  excepted: 'Excepted',
  snoozed: 'Snoozed',
  closed: 'Done',
};
/** Shown even where there are none. */
const ALWAYS: readonly WorkStage[] = ['open', 'overdue', 'soon', 'closed'];

/** Which part of the work is shown; each number is the length of the list that it leads to. */
export function workTabs(counts: WorkCounts, query: WorkQuery): Markup {
  const current = query.show ?? 'open';
  return html`<nav class="tabs" aria-label="Which work">${Object.entries(TABS).map(([show, label]) => {
    const number = show === 'closed' ? null : counts[show as Exclude<WorkStage, 'closed'>];
    if (number === 0 && !ALWAYS.includes(show as WorkStage) && show !== current) return null;
    return html`<a href="${pathWith('/work', { ...query, after: '', show: show === 'open' ? '' : show })}"${show === current && html` aria-current="true"`}>${label}${number !== null && html` <span>${count(number)}</span>`}</a>`;
  })}</nav>`;
}

/** More than these are typed, not chosen from. */
const LISTED_TEAMS = 500;

export interface WorkFilters {
  readonly query: WorkQuery;
  readonly standards: readonly NamedOption[];
  readonly divisions: readonly NamedOption[];
  readonly teams: readonly NamedOption[];
  /** Whether the visitor has teams, so that there is something of theirs. */
  readonly hasOwn: boolean;
}

export function workFilters({ query, standards, divisions, teams, hasOwn }: WorkFilters): Markup {
  const select = (name: 'standard' | 'division', label: string, options: readonly NamedOption[]) =>
    html`<label>${label} <select class="field" name="${name}"><option value="">all</option>${options.map(({ id, name: text }) => html`<option value="${id}"${id === query[name] && html` selected`}>${text}</option>`)}</select></label>`;
  const listed = teams.length <= LISTED_TEAMS;
  const filtered = [query.team, query.standard, query.division].some(
    (one) => one !== undefined && one !== '',
  );
  return html`<details class="filters"${filtered && html` open`}><summary>Filter</summary><form class="ask" action="/work" role="search" aria-label="Work items">
${query.show !== undefined && query.show !== 'open' && html`<input type="hidden" name="show" value="${query.show}">`}${query.by && html`<input type="hidden" name="by" value="${query.by}">`}
${select('standard', 'Standard', standards)}${divisions.length > 0 && select('division', 'Division', divisions)}
<label>Team <input class="field" type="search" name="team" value="${query.team ?? ''}"${listed && html` list="teams"`}></label>${listed && html`<datalist id="teams">${teams.map(({ id, name }) => html`<option value="${id}">${name}</option>`)}</datalist>`}
${hasOwn && html`<label>Whose <select class="field" name="mine"><option value="yes"${query.mine === 'yes' && html` selected`}>mine and my teams’</option><option value="no"${query.mine !== 'yes' && html` selected`}>everybody’s that I may see</option></select></label>`}
<button class="btn">Show</button>${filtered && html` <a href="${pathWith('/work', { show: query.show, by: query.by, mine: query.mine })}">No filter</a>`}</form></details>`;
}

export interface WorkTable {
  readonly query: WorkQuery;
  readonly rows: readonly WorkLine[];
  readonly next: string | null;
  readonly today: string;
}

/** A row for each work item. */
export function workTable({ query, rows, next, today }: WorkTable): Markup {
  return html`${
    rows.length > 0 &&
    html`<table class="grid items stacked quiet"><thead><tr><th scope="col">Standard</th><th scope="col">Team</th><th scope="col" class="num">Left</th><th scope="col" class="gp">Due</th><th scope="col">State</th></tr></thead>
<tbody>${rows.map((row) => tableRow(row, today))}</tbody></table>`
  }
${pager({
  of: 'work items',
  back: query.after ? { href: pathWith('/work', { ...query, after: '' }), label: 'First' } : null,
  next: next === null ? null : { href: pathWith('/work', { ...query, after: next }), label: 'Less urgent' },
})}`;
}

function tableRow(row: WorkLine, today: string): Markup {
  const { id, title, team, division, left, members, closedAt, severity } = row;
  return html`<tr><th scope="row"><span class="name"><a href="${workAt(id)}">${title}</a>${severity === 'critical' && html`<span class="sev bad">critical</span>`}</span></th>
<td class="cut"><bdi>${team}</bdi>${division !== '' && html`<span class="ink-3">, <bdi>${division}</bdi></span>`}</td>
<td class="num" data-label="left">${closedAt === null ? html`<a href="${workAt(id)}">${count(left)}</a> <span class="ink-3">of ${count(members)}</span>` : html`<span class="ink-3">all ${count(members)} done</span>`}</td>
<td class="gp">${closedAt === null ? dueChip(row.nextDue ?? row.dueOn, today) : html`<span class="ink-3">done ${moment(closedAt)}</span>`}</td>
<td class="ink-2 cut">${statesOf(row)}</td></tr>`;
}

/** When it is due, in words: nobody has to see a colour. */
export function dueSaid(
  row: Omit<WorkLine, 'id' | 'title' | 'severity' | 'team' | 'division'>,
  today: string,
): Child {
  const { closedAt, nextDue, dueOn, late, left, excepted, disputed } = row;
  if (closedAt !== null) return html`closed ${moment(closedAt)}`;
  const due = nextDue ?? dueOn;
  const cause = excepted > 0 || disputed === 0 ? 'an exception' : 'somebody says that it is wrong';
  const stopped = due > dueOn && html`; deadline paused (${cause}), it was due ${calendarDay(dueOn)}`;
  const days = daysBetween(today, due);
  if (days < 0)
    return html`<span class="bad">late ${plural(-days, 'day')}</span>, was due ${calendarDay(due)}${late < left && html` (${count(late)} of ${count(left)})`}${stopped}`;
  if (days === 0) return html`<strong>due today</strong>${stopped}`;
  return html`due in ${plural(days, 'day')}, on ${calendarDay(due)}${stopped}`;
}

function statesOf({ claimedBy, snoozedUntil, disputed, excepted, left, late }: WorkLine): Child {
  const parts: Child[] = [];
  if (late > 0 && late < left) parts.push(html`${count(late)} late`);
  parts.push(claimedBy === null ? 'nobody has claimed it' : html`claimed by <bdi>${claimedBy}</bdi>`);
  if (snoozedUntil !== null) parts.push(`snoozed until ${writtenDay(snoozedUntil)}`);
  if (disputed > 0) parts.push(`${count(disputed)} of ${count(left)} said to be wrong`);
  if (excepted > 0) parts.push(`${count(excepted)} of ${count(left)} excepted for now, still failing`);
  return joined(parts, (part) => part, '; ');
}
