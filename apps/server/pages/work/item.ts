/** One work item: why it matters, how it is mended, what is left, what somebody can do with it, and what happened. */

import { count } from '@macadam/adapters/report-formats/figures';
import { calendarDay, moment, shortMoment } from '@macadam/adapters/report-formats/html/dates';
import {
  type Attempt,
  choices,
  field,
  folded,
  form,
  pressed,
  refusal,
} from '@macadam/adapters/report-formats/html/form';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { pagerFromFirst } from '@macadam/adapters/report-formats/html/parts/pager';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { OPINIONS, type Opinion } from '@macadam/core/figures/toil';
import type { WorkRow } from '@macadam/core/work/by-repository';
import { assetAt } from '../history/address.ts';
import { detailSection, type RowDetail } from './detail.ts';
import { dueSaid, type WorkLine } from './list.ts';
import { repositorySection, type ShownRepository } from './rows.ts';

/** One change mends what lies in one place. */
export interface WorkPlace {
  /** Empty where an asset lies in none. */
  readonly repository: string;
  readonly path: string;
  readonly assets: readonly {
    readonly id: string;
    readonly failingSince: string;
    /** Why it fails by now, or that it does not; null: it cannot be told. */
    readonly reason: string | null;
    /** Its own last day, where a dispute stopped its clock. */
    readonly due: string | null;
    /** What an exception does, or did, to its clock. */
    readonly pause: WorkPause | null;
  }[];
}

export interface WorkPause {
  /** The exception in force; null once it has ended. `at` is its address, null where it stands in the estate's file. */
  readonly exception: { readonly id: string; readonly at: string | null; readonly until: string } | null;
  /** Its own last day. */
  readonly due: string;
}

export interface WorkEventShown {
  readonly at: string;
  readonly by: string | null;
  readonly what: Child;
  /** What somebody wrote. */
  readonly text?: string | undefined;
}

export type WorkActName =
  | 'claim'
  | 'comment'
  | 'snooze'
  | 'dispute'
  | 'not-mine'
  | 'except'
  | 'check'
  | 'settle';

export interface WorkItemPage {
  readonly line: WorkLine;
  readonly today: string;
  /** Its repositories, and the one that is opened. */
  readonly repositories: readonly ShownRepository[];
  readonly opened: RowDetail | null;
  readonly addressOf: (row: WorkRow) => string;
  readonly openedAt: string;
  readonly version: number;
  readonly places: readonly WorkPlace[];
  /** Address of the part of the list after this one. */
  readonly next: string | null;
  /** What is left, by id: what a dispute or a hand-over can name. */
  readonly left: readonly string[];
  readonly disputes: readonly {
    readonly asset: string;
    readonly assets: number;
    readonly by: string;
    readonly why: string;
    readonly until: string;
  }[];
  readonly events: readonly WorkEventShown[];
  /** Where the forms are sent: `ACT` at the end. */
  readonly at: string;
  readonly may: ReadonlySet<WorkActName>;
  /** What it takes to do what the visitor may not. */
  readonly lacking: string | null;
  readonly mostSnoozed: string;
  /** The last day that an exception may have. */
  readonly latestException: string;
  readonly attempt: Attempt | null;
  /** Whether the visitor is asked what the standard of this closed item is worth. */
  readonly asks: boolean;
  /** What was just done. */
  readonly told: string | null;
  /** What takes that back; null: nothing does. */
  readonly undo: 'claim' | 'release' | null;
}

/** More than these are named by number, not one by one. */
const CHOSEN_FROM = 200;

export function workItemBody(page: WorkItemPage): Markup {
  const { line, attempt, told, today, opened } = page;
  const open = line.closedAt === null;
  const rows = open ? page.repositories : [];
  return html`${refusal(attempt)}${told !== null && html`<div class="told" role="status"><p>${told}</p>${undoOf(page)}</div>`}
<div class="work" data-live="${line.id}"><div class="stack">
<section aria-labelledby="state"><h2 id="state" class="hidden">State</h2><dl class="facts">${facts(page)}</dl>
${quickly(page)}</section>
${
  rows.length > 0 &&
  html`<section aria-labelledby="where" class="list"><div class="h2"><h2 id="where">Where</h2><span class="more">${plural(rows.length, 'repository')}</span></div>${rows.map((one) => repositorySection(one, { today, opened: opened?.shown ?? null, addressOf: page.addressOf }))}</section>`
}
${open && leftSection(page)}
${open && acts(page)}
${page.asks && question(page)}
<section aria-labelledby="happened"><div class="h2"><h2 id="happened">What happened</h2><span class="more">${plural(page.events.length, 'event')}, the newest first</span></div>
<ol class="log">${page.events.map(({ at, by, what, text }) => html`<li>${shortMoment(at)}<div><p>${by !== null && html`<b><bdi>${by}</bdi></b> `}${what}</p>${text !== undefined && html`<p class="said">${text}</p>`}</div></li>`)}</ol></section>
</div>${opened !== null && detailSection(opened)}</div>`;
}

const ANSWERS: Readonly<Record<Opinion, string>> = {
  'worth-it': 'Yes, it is worth it',
  'too-costly': 'No, it costs more than it brings',
  wrong: 'No, it is wrong',
};

/** One question, one click. */
function question({ at }: WorkItemPage): Markup {
  return html`<section aria-labelledby="worth"><h2 id="worth">Was this work worth it?</h2><p>Your answer is kept without your name, and shown to nobody before ten have answered.</p><div class="acts">${OPINIONS.map((answer) => pressed(`${at}/opinion`, ANSWERS[answer], { answer }))}</div></section>`;
}

/** Takes back what was just done, where that can be. */
function undoOf({ undo, at, version }: WorkItemPage): Markup | null {
  if (undo === null) return null;
  const claimed = String(undo === 'claim');
  return html`<form method="post" action="${at}/claim"><input type="hidden" name="claimed" value="${claimed}"><input type="hidden" name="version" value="${String(version)}"><button class="btn small" data-key="u">Undo</button></form>`;
}

function leftSection(page: WorkItemPage): Markup {
  const { line, next } = page;
  const places = page.places.length;
  return html`<section aria-labelledby="left"><div class="h2"><h2 id="left">What is left</h2><span class="more">${line.left === 0 ? 'nothing' : `${count(line.left)} in ${plural(places, 'place')}${next === null ? '' : ' on this page'}`}</span></div>
<ul class="places">${page.places.map((place) => placeOf(place, page))}</ul>
${pagerFromFirst('assets', null, next)}</section>`;
}

/** The first line of its page, in words. */
export function standsNow({ closedAt, left, members, late, excepted }: WorkLine): string {
  if (closedAt !== null) return 'everything is done';
  const excused =
    excepted === 0
      ? ''
      : `, ${excepted === left ? 'all' : count(excepted)} excepted for now and still failing`;
  return `${count(left)} of ${plural(members, 'asset')} left${late === 0 ? '' : `, ${count(late)} late`}${excused}`;
}

function facts({ line, openedAt, today }: WorkItemPage): Child {
  const fact = (name: string, value: Child) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const { team, division, claimedBy, snoozedUntil, disputed, excepted, closedAt } = line;
  return [
    fact(closedAt === null ? 'Due' : 'Done', dueSaid(line, today)),
    fact('Team', html`<bdi>${team}</bdi>${division !== '' && html`, <bdi>${division}</bdi>`}`),
    fact('Claimed by', claimedBy === null ? 'nobody' : html`<bdi>${claimedBy}</bdi>`),
    fact('Opened', moment(openedAt)),
    line.severity !== null && fact('Severity of the standard', line.severity),
    snoozedUntil !== null && fact('Reminders', html`silent until ${calendarDay(snoozedUntil)}`),
    disputed > 0 && fact('Said to be wrong', plural(disputed, 'asset')),
    excepted > 0 && fact('Excepted for now, still failing', plural(excepted, 'asset')),
  ];
}

function quickly({ line, at, may, version, lacking }: WorkItemPage): Markup {
  const hidden = { version: String(version) };
  const open = line.closedAt === null;
  return html`<div class="quickly">${
    open &&
    may.has('claim') &&
    (line.claimedBy === null
      ? pressed(`${at}/claim`, 'Claim it', { ...hidden, claimed: 'true' }, true)
      : pressed(`${at}/claim`, 'Give it back', { ...hidden, claimed: 'false' }))
  }${open && may.size > 0 && html`<a href="#acts">Comment, snooze, hand over, say that it is wrong, ask for an exception</a>`}${open && lacking !== null && html`<p class="note">${lacking}</p>`}</div>`;
}

function placeOf({ repository, path, assets }: WorkPlace, { at, may }: WorkItemPage): Markup {
  const alone = repository === '';
  return html`<li>${!alone && html`<p><code>${path}</code> in <bdi>${repository}</bdi>${assets.length > 1 && html` <span class="ink-3">(${count(assets.length)} assets)</span>`}</p>`}
<ul>${assets.map(
    ({ id, failingSince, reason, due, pause }) =>
      html`<li><p><a href="${assetAt(id)}">${id}</a></p><p class="reason">${reason ?? 'why is unknown now'} · fails since ${moment(failingSince)}${due !== null && pause === null && html` · deadline paused: somebody says that it is wrong; due ${calendarDay(due)}`}${pause !== null && pauseSaid(pause)}</p>${may.has('check') && html`<form method="post" action="${at}/check"><input type="hidden" name="asset" value="${id}"><button aria-label="Check again: ${id}">Check again</button></form>`}</li>`,
  )}</ul></li>`;
}

/** It stays on the list, since it still fails. */
function pauseSaid({ exception, due }: WorkPause): Markup {
  if (exception === null) return html` · its exception has ended, due ${calendarDay(due)}`;
  const { id, at, until } = exception;
  const named = at === null ? html`${id}` : html`<a href="${at}">exception ${id}</a>`;
  return html` · <strong>excepted until ${calendarDay(until)}, still failing</strong> (${named}); due ${calendarDay(due)} after it`;
}

function acts(page: WorkItemPage): Markup | null {
  const { at, may, attempt, version, left, disputes } = page;
  const { today, mostSnoozed } = page;
  if (![...may].some((act) => act !== 'check' && act !== 'claim')) return null;
  const named = left.slice(0, CHOSEN_FROM).map((id) => ({ value: id, label: id }));
  const hidden = { version: String(version) };
  const on = (name: string) => ({ form: name, attempt });
  const which = (name: string, label: string) =>
    choices({
      ...on(name),
      name: 'assets',
      label,
      options: named,
      ...(left.length > CHOSEN_FROM && { hint: `The first ${CHOSEN_FROM} of ${count(left.length)}.` }),
      ...(left.length === 1 && { chosen: left }),
    });
  return html`<section aria-labelledby="acts"><div class="h2"><h2 id="acts">What else can be done</h2></div><div class="acts">
${
  may.has('comment') &&
  folded('Comment', {
    ...on('comment'),
    action: `${at}/comment`,
    button: 'Say it',
    fields: field({ ...on('comment'), name: 'text', label: 'What is there to say?', kind: 'area' }),
  })
}
${
  may.has('snooze') &&
  folded('Snooze', {
    ...on('snooze'),
    action: `${at}/snooze`,
    hidden,
    button: 'Snooze',
    fields: field({
      ...on('snooze'),
      name: 'until',
      label: 'No reminders until',
      kind: 'date',
      least: today,
      hint: html`At the latest ${calendarDay(mostSnoozed)}. The due date stays where it is.`,
    }),
  })
}
${
  may.has('dispute') &&
  folded('It is wrong: the verdict is false', {
    ...on('dispute'),
    action: `${at}/dispute`,
    button: 'Say that it is wrong',
    fields: html`${which('dispute', 'Which verdicts are false?')}${field({
      ...on('dispute'),
      name: 'why',
      label: 'Why is this wrong?',
      kind: 'area',
      hint: 'It pauses the deadline of these assets for 14 days at most. The owner of the standard decides.',
    })}`,
  })
}
${
  may.has('not-mine') &&
  folded('Hand over: it is another team’s', {
    ...on('not-mine'),
    action: `${at}/not-mine`,
    button: 'Ask the other team',
    fields: html`${which('not-mine', 'Which are not yours?')}${field({
      ...on('not-mine'),
      name: 'to',
      label: 'Which team is it?',
      hint: 'Its id, as in the organisation. They stay yours until that team accepts.',
    })}${field({ ...on('not-mine'), name: 'why', label: 'Why is it theirs?', kind: 'area' })}`,
  })
}
${may.has('except') && exceptForm(page, which)}
</div>
${
  may.has('settle') &&
  disputes.map(
    ({ asset, assets, by, why: because, until }) =>
      html`<h3><bdi>${by}</bdi> says that ${plural(assets, 'verdict')} ${assets === 1 ? 'is' : 'are'} wrong</h3><p class="said">${because}</p><p class="quiet">Decide until ${calendarDay(until)}; after it the deadline runs again.</p>${form(
        {
          action: `${at}/settle`,
          hidden: { asset },
          button: 'Decide',
          fields: html`${choices({
            ...on('settle'),
            name: 'upheld',
            label: 'Is the verdict false?',
            one: true,
            options: [
              { value: 'true', label: 'Yes: it is a defect of the standard' },
              { value: 'false', label: 'No: the verdict is right' },
            ],
          })}${field({ ...on('settle'), name: 'why', label: 'Why?', kind: 'area' })}`,
        },
      )}`,
  )
}</section>`;
}

/** Asked for from the work itself: which assets it is for stands here already. */
function exceptForm(
  { at, attempt, today, latestException }: WorkItemPage,
  which: (name: string, label: string) => Markup,
): Markup {
  const on = { form: 'except', attempt };
  return folded('Ask for an exception: it cannot be met now', {
    ...on,
    action: `${at}/except`,
    button: 'Ask for it',
    fields: html`${which('except', 'Which may go on failing?')}${field({
      ...on,
      name: 'reason',
      label: 'Why can it not be met now?',
      kind: 'area',
    })}${field({ ...on, name: 'compensating', label: 'What makes up for it meanwhile?', kind: 'area' })}${field(
      {
        ...on,
        name: 'until',
        label: 'Last day',
        kind: 'date',
        least: today,
        most: latestException,
        hint: html`At the latest ${calendarDay(latestException)}. Somebody else decides; until then the due date stays.`,
      },
    )}`,
  });
}
