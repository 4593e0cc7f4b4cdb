/** Assets on their way from one team to another, and what each side can say. */

import { count } from '@macadam/adapters/report-formats/figures';
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { type Attempt, choices, field, folded, refusal } from '@macadam/adapters/report-formats/html/form';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { emptyState } from '@macadam/adapters/report-formats/html/parts/states';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { assetAt } from '../history/address.ts';

export interface HandoverLine {
  readonly number: number;
  readonly assets: readonly string[];
  readonly from: string;
  readonly to: string | null;
  readonly state: 'asked' | 'returned' | 'deputy' | 'done' | 'withdrawn';
  readonly bounces: number;
  readonly steps: readonly {
    readonly at: string;
    readonly by: string;
    readonly what: string;
    readonly why: string;
    readonly to: string | null;
  }[];
  readonly may: ReadonlySet<HandoverActName>;
}
export type HandoverActName = 'answer' | 'ask' | 'withdraw' | 'decide';

export interface HandoverListPage {
  /** Those that wait for the visitor first. */
  readonly rows: readonly HandoverLine[];
  readonly attempt: Attempt | null;
  readonly told: string | null;
}

export function handoverListBody({ rows, attempt, told }: HandoverListPage): Markup {
  return html`${refusal(attempt)}${told !== null && html`<p class="told" role="status">${told}</p>`}
<section aria-labelledby="moves"><h2 id="moves" class="hidden">Hand-overs</h2>
${rows.length === 0 && emptyState({ kind: 'good', says: 'No team is asked to take over an asset that you can see.', next: 'Whoever has work that is not theirs hands it over where it is listed: “Hand over”.' })}${rows.map((row) => card(row, attempt))}</section>`;
}

/** The first line of the page. */
export function handoverHeading(rows: readonly HandoverLine[]): string {
  if (rows.length === 0) return 'No hand-over is under way.';
  const waiting = rows.filter(({ may }) => may.has('answer') || may.has('decide')).length;
  return `${count(rows.length)} ${rows.length === 1 ? 'hand-over is' : 'hand-overs are'} under way; ${count(waiting)} ${waiting === 1 ? 'waits' : 'wait'} for your answer.`;
}

const STANDS: Readonly<Record<HandoverLine['state'], string>> = {
  asked: 'waits for the answer of',
  returned: 'was refused, and is again with',
  deputy: 'waits for the deputy CISO: two teams have refused',
  done: 'is done: they belong to',
  withdrawn: 'was withdrawn by',
};

const STEPS: Readonly<Record<string, string>> = {
  asked: 'asked',
  accepted: 'accepted for',
  refused: 'refused',
  decided: 'decided for',
  withdrawn: 'withdrew it',
};

function card(row: HandoverLine, attempt: Attempt | null): Markup {
  const { number, assets, from, to, state, steps } = row;
  const whose = state === 'asked' || state === 'done' ? to : state === 'deputy' ? null : from;
  return html`<article class="call" aria-label="Hand-over ${number}"><h3>${plural(assets.length, 'asset')} of <bdi>${from}</bdi></h3>
<p>It ${STANDS[state]}${whose !== null && html` <strong><bdi>${whose}</bdi></strong>`}.</p>
<details><summary>Which assets</summary><ul>${assets.map((id) => html`<li><a href="${assetAt(id)}">${id}</a></li>`)}</ul></details>
<ol class="events">${steps.map(({ at, by, what, why, to: team }) => html`<li><p class="quiet">${moment(at)}</p><div><p><strong><bdi>${by}</bdi></strong> ${STEPS[what] ?? what}${team !== null && html`${what === 'refused' && ', and named'} <bdi>${team}</bdi>`}</p><p class="said">${why}</p></div></li>`)}</ol>
<div class="acts">${acts(number, row.may, attempt)}</div></article>`;
}

function acts(number: number, may: HandoverLine['may'], attempt: Attempt | null): Child {
  const at = (act: HandoverActName) => ({
    action: `/handovers/${number}/${act}`,
    form: `${act}-${number}`,
    attempt,
  });
  const why = (act: HandoverActName) => field({ ...at(act), name: 'why', label: 'Why?', kind: 'area' });
  const team = (act: HandoverActName, label: string, optional = false) =>
    field({ ...at(act), name: 'to', label, optional, hint: 'Its id, as in the organisation.' });
  return [
    may.has('answer') &&
      folded('Answer', {
        ...at('answer'),
        button: 'Answer',
        fields: html`${choices({
          ...at('answer'),
          name: 'accepted',
          label: 'Are they yours?',
          one: true,
          options: [
            { value: 'true', label: 'Yes: our team owns them from now on' },
            { value: 'false', label: 'No' },
          ],
        })}${team('answer', 'If not, whose are they?', true)}${why('answer')}`,
      }),
    may.has('ask') &&
      folded('Ask another team', {
        ...at('ask'),
        button: 'Ask',
        fields: html`${team('ask', 'Which team?')}${why('ask')}`,
      }),
    may.has('withdraw') &&
      folded('Withdraw it', { ...at('withdraw'), button: 'Withdraw', fields: why('withdraw') }),
    may.has('decide') &&
      folded('Decide whose they are', {
        ...at('decide'),
        button: 'Decide',
        fields: html`${team('decide', 'Which team owns them?')}${why('decide')}`,
      }),
  ];
}
