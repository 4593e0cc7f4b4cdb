/** What cannot be seen, and who has to look better. */
import { count } from '@macadam/adapters/report-formats/figures';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { calendarDay, daysBetween, moment, plural } from '@macadam/adapters/report-formats/html/words';
import { standardAt } from '../history/address.ts';

export interface FaultLine {
  readonly subjectOf: 'source' | 'standard';
  readonly subject: string;
  readonly title: string;
  readonly team: string | null;
  readonly division: string;
  readonly causes: Readonly<Record<string, number>>;
  readonly openedAt: string;
  readonly dueOn: string;
  readonly closedAt: string | null;
}

export interface FaultListPage {
  readonly show: 'open' | 'closed';
  /** Whether anybody has looked: before that nothing is known of what cannot be seen. */
  readonly looked: boolean;
  readonly rows: readonly FaultLine[];
  readonly next: string | null;
  readonly today: string;
}

/** Why something is not known, for people. */
const CAUSES: Readonly<Record<string, string>> = {
  disputed: 'sources disagree',
  stale: 'seen too long ago',
  incomplete: 'looked at in part',
  forbidden: 'not permitted to look',
  failed: 'the look failed',
  unobserved: 'nobody looks',
  undefined: 'it cannot be computed',
};

export function faultListBody({ show, rows, next, today, looked }: FaultListPage): Markup {
  const none = looked
    ? 'Nothing is known to be out of sight.'
    : 'No look was taken in yet, so nobody knows what cannot be seen.';
  const untold = rows.reduce((sum, { causes }) => sum + sumOf(causes), 0);
  return html`<section aria-labelledby="blind"><h2 id="blind">What cannot be seen?</h2>
<p class="answer">${rows.length === 0 && !looked ? none : show === 'closed' ? `${plural(rows.length, 'fault')}${next === null ? '' : ' on this page'} mended.` : rows.length === 0 ? none : `${plural(rows.length, 'fault')}${next === null ? '' : ' on this page'} ${rows.length === 1 ? 'leaves' : 'leave'} ${plural(untold, 'verdict')} unknown.`}</p>
<p>Whoever runs a source mends it; what no source looks at is the standard’s. ${show === 'open' ? html`<a href="${pathWith('/faults', { show: 'closed' })}">Those that are mended</a>` : html`<a href="/faults">Those that are open</a>`}</p>
${
  rows.length > 0 &&
  html`<ul class="things">${rows.map(
    (
      row,
    ) => html`<li><div><p class="what">${row.subjectOf === 'standard' ? html`<a href="${standardAt(row.subject)}">${row.title}</a>` : html`<bdi>${row.title}</bdi>`}</p><p class="quiet">${row.subjectOf === 'source' ? 'a source that says too little' : 'a standard that cannot be told'}</p></div>
<div>${Object.entries(row.causes).map(([cause, number]) => html`<p>${count(number)}: ${CAUSES[cause] ?? cause}</p>`)}<p class="note">since ${moment(row.openedAt)}</p></div>
<div><p>${row.team === null ? html`<span class="late">Nobody’s</span>` : html`<bdi>${row.team}</bdi>${row.division !== '' && html`, <bdi>${row.division}</bdi>`}`}</p><p>${dueOf(row, today)}</p></div></li>`,
  )}</ul>`
}
${next !== null && html`<nav class="pages" aria-label="Pages of faults"><a href="${next}">After</a></nav>`}</section>`;
}

const sumOf = (causes: Readonly<Record<string, number>>) =>
  Object.values(causes).reduce((sum, number) => sum + number, 0);

function dueOf({ closedAt, dueOn }: FaultLine, today: string) {
  if (closedAt !== null) return html`mended ${moment(closedAt)}`;
  const days = daysBetween(today, dueOn);
  if (days < 0)
    return html`<span class="late">Overdue by ${plural(-days, 'day')}</span>, since ${calendarDay(dueOn)}`;
  return days === 0
    ? html`<strong>due today</strong>`
    : html`due in ${plural(days, 'day')}, on ${calendarDay(dueOn)}`;
}
