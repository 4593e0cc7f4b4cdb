/**
 * A frozen review as one HTML document that needs nothing else, for whoever is sent it and for printing: a title, a language,
 * headings in order and tables with header cells, so that what is printed from it is tagged. It has no script.
 */
import { createHash } from 'node:crypto';
import type { Review, ReviewAction, ReviewFigure, TeamCounts } from '@macadam/core/figures/review';
import { TARGET_STATUSES } from '@macadam/core/figures/target';
import { count, counted, interval, percentDown } from '../figures.ts';
import { type Child, html, type Markup, textOf, verbatim } from './markup.ts';

const STYLE = `:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}body{max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)}
thead th{font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums}.of{opacity:.75;font-size:.85rem}
.banner{border:2px solid;padding:.5rem 1rem}code{overflow-wrap:anywhere}@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}`;

export type ReviewDocument = Pick<Review, 'head' | 'minutes' | 'figures'>;

/** `seal`: the digest that the file ends with; null where that was not looked at. */
export function reviewDocument({ head, minutes, figures }: ReviewDocument, seal: string | null): string {
  const digest = createHash('sha256').update(STYLE).digest('base64');
  const title = `${head.title}: review ${head.number}`;
  const made =
    head.simulated && html`<p class="banner">All of it is made up: this company does not exist.</p>`;
  return textOf(html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${verbatim(STYLE)}</style></head>
<body><main><h1><bdi>${title}</bdi></h1>${made}<p>Figures of ${time(head.at)}, frozen ${time(head.frozenAt)} by <bdi>${head.frozenBy}</bdi>${head.previous && `; changes are since review ${head.previous.number} of ${head.previous.at.slice(0, 10)}`}.</p>
${standingSection(figures)}${minutesSections(minutes)}
<h2>How it is known that nobody changed it</h2><p>${seal === null ? 'This page is not sealed: the file that was frozen is.' : html`The file that it was made from is sealed with <code>${seal}</code>.`} <code>macadam review verify FILE</code> holds that file against itself. Made by ${head.engine}.</p></main></body></html>
`);
}

const time = (text: string): Markup =>
  html`<time datetime="${text}">${text.slice(0, 16).replace('T', ' ')} UTC</time>`;

function standingSection(figures: readonly ReviewFigure[]): Markup {
  const kept = figures.filter(({ status }) => status === 'met' || status === 'on-track').length;
  const promised = figures.filter(({ status }) => status !== 'no-target').length;
  const counts = TARGET_STATUSES.flatMap((status) => {
    const many = figures.filter((one) => one.status === status).length;
    return many > 0 ? [`${count(many)} ${status.replaceAll('-', ' ')}`] : [];
  });
  return html`<h2>How it stood</h2><p>${count(kept)} of ${counted(promised, 'standard')} with a target met or on track: ${counts.join(', ')}.</p>
${table(
  'How each standard stood',
  ['Standard', 'Status', 'Share', '#Pass', '#Unknown', '#Fail', 'Target', 'Accountable'],
  figures.map((one) => [
    html`${one.label}<div class="of">${one.pillar}</div>`,
    html`${one.status.replaceAll('-', ' ')}${one.statusCause !== null && html`<div class="of">${one.statusCause.replaceAll('-', ' ')}</div>`}`,
    shareText(one),
    amount(one, 'pass'),
    amount(one, 'unknown'),
    amount(one, 'fail'),
    one.target === null ? 'none' : `${percentDown(one.target.share)} by ${one.target.by}`,
    one.accountable ?? 'nobody is named',
  ]),
)}`;
}

function shareText({ measure, ...figure }: ReviewFigure): string {
  const { atLeast, atMost } = measure ?? figure;
  if (atLeast === null || atMost === null) return 'nothing in scope';
  return `${interval(atLeast, atMost)}${measure === null ? '' : ` of ${measure.unit}`}`;
}

function amount({ since, ...figure }: ReviewFigure, name: keyof TeamCounts): Child {
  const moved = since?.[name] ?? 0;
  return html`${count(figure[name])}${moved !== 0 && html`<div class="of">${moved > 0 ? '+' : '−'}${count(Math.abs(moved))}</div>`}`;
}

function minutesSections({
  attendance,
  decisions,
  actions,
  exceptions,
  misses = [],
  council = [],
  agenda = [],
}: Review['minutes']): Markup {
  const named = (present: boolean) =>
    attendance.filter((one) => one.present === present).map(({ person }) => person);
  const absent = named(false);
  const due = ({ what, owner, due: by, state, id }: ReviewAction): readonly Child[] => [
    id,
    what,
    owner,
    by,
    state,
  ];
  return html`<h2>Who was there</h2><p>${named(true).join(', ') || 'Nobody is named.'}${absent.length > 0 && ` Absent: ${absent.join(', ')}.`}</p>
${
  council.length > 0 &&
  html`<h2>The council</h2>${table(
    'Who is accountable',
    ['For', 'Who', 'Attendance'],
    council.map(({ for: what, of, person, name, present }) => [
      html`${what}<div class="of">${of}</div>`,
      name ?? 'nobody',
      person === null ? '' : present === null ? 'not written down' : present ? 'was there' : 'was absent',
    ]),
  )}`
}
${
  agenda.length > 0 &&
  html`<h2>Agenda</h2>${table(
    'What it was about',
    ['Why it is here', 'Item'],
    agenda.map(({ kind, says }) => [kind.replaceAll('-', ' '), says]),
  )}`
}
<h2>What was decided</h2>${
    decisions.length === 0
      ? html`<p>Nothing.</p>`
      : table(
          'Decisions',
          ['Question', 'Decided', 'By'],
          decisions.map(({ question, decided, by }) => [question, decided ?? 'open', by ?? '']),
        )
  }
<h2>Who does what next</h2>${
    actions.length === 0
      ? html`<p>Nothing was agreed.</p>`
      : table('Actions', ['Action', 'What', 'Owner', 'Due', 'State'], actions.map(due))
  }
${
  misses.length > 0 &&
  html`<h2>Why targets were missed</h2>${table(
    'Missed targets',
    ['Standard', 'Day', 'Reason', 'What happened', 'Said by'],
    misses.map(({ standard, due, reason, note, saidBy }) => [
      standard,
      due,
      reason.replaceAll('-', ' '),
      note ?? '',
      saidBy,
    ]),
  )}`
}
<h2>Exceptions</h2><p>${counted(exceptions.asked.length, 'exception')} waited for an answer; ${count(exceptions.approved.length)} ${exceptions.approved.length === 1 ? 'was' : 'were'} approved that no earlier review has.</p>`;
}

/** A head that begins with `#` is of numbers. The first cell of a row names it. */
function table(caption: string, heads: readonly string[], rows: readonly (readonly Child[])[]): Markup {
  const isNumber = (at: number) => heads[at]?.startsWith('#') === true;
  return html`<table><caption>${caption}</caption><thead><tr>${heads.map((head, at) => html`<th scope="col"${isNumber(at) && html` class="n"`}>${head.replace(/^#/, '')}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell, at) => (at === 0 ? html`<th scope="row">${cell}</th>` : html`<td${isNumber(at) && html` class="n"`}>${cell}</td>`))}</tr>`)}</tbody></table>`;
}
