/** One exception: what it permits, who said so, and what can still be decided about it. */

import { count } from '@macadam/adapters/report-formats/figures';
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { type Attempt, field, folded, pressed, refusal } from '@macadam/adapters/report-formats/html/form';
import { exceptionAt } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { pagerFromFirst } from '@macadam/adapters/report-formats/html/parts/pager';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { assetAt, standardAt } from '../history/address.ts';
import { askingFields, type ExceptionAsking, type ExceptionLine, endSaid, teamField } from './list.ts';

export interface ExceptionPage extends ExceptionAsking {
  readonly line: ExceptionLine;
  readonly accepted: readonly { readonly asset: string; readonly value: string | null }[];
  readonly next: string | null;
  readonly events: readonly {
    readonly at: string;
    readonly by: string | null;
    readonly what: string;
    readonly text?: string | null;
  }[];
  readonly may: ReadonlySet<'approve' | 'refuse' | 'end'>;
  readonly lacking: string | null;
  readonly attempt: Attempt | null;
  readonly told: string | null;
}

export function exceptionBody(page: ExceptionPage): Markup {
  const { line, attempt, told, accepted, events } = page;
  return html`${refusal(attempt)}${told !== null && html`<p class="told" role="status">${told}</p>`}
<section aria-labelledby="stands"><h2 id="stands" class="hidden">State</h2>
<p class="lead">${ANSWERS[line.stage]} ${endSaid(line, page.today)}</p>
<dl class="facts">${facts(page)}</dl></section>
<section aria-labelledby="why"><h2 id="why">Why</h2><dl class="case"><dt>Why it cannot be met</dt><dd class="said">${line.reason}</dd><dt>What compensates</dt><dd class="said">${line.compensating ?? 'Nothing was said.'}</dd></dl></section>
<section aria-labelledby="what"><h2 id="what">What may go on failing</h2>
<p class="answer">${line.assets === 0 ? 'Nothing yet: what the selectors mean is frozen when it is approved.' : `${plural(line.assets, 'asset')}, as they were when it was approved.`}</p>
<p>Selected by ${joined(line.selectors, (selector) => html`<code>${selector}</code>`)}.</p>
${
  accepted.length > 0 &&
  html`<div class="scroll" tabindex="0" role="group" aria-label="Accepted assets"><table class="past"><thead><tr><th scope="col">Asset</th><th scope="col">What was accepted of it</th></tr></thead><tbody>${accepted.map(
    ({ asset, value }) =>
      html`<tr><th scope="row" class="id"><a href="${assetAt(asset)}">${asset}</a></th><td>${value === null ? 'anything' : html`<code>${value}</code>`}</td></tr>`,
  )}</tbody></table></div>`
}
${pagerFromFirst('assets', null, page.next)}
<p class="note">An accepted asset still counts as a failure in every figure. Where its value changes, the exception covers it no more.</p></section>
${acts(page)}
<section aria-labelledby="happened"><h2 id="happened">What happened</h2><p class="note">${plural(events.length, 'event')}, the newest first.</p>
<ol class="events">${events.map(({ at, by, what, text }) => html`<li><p class="quiet">${moment(at)}</p><div><p>${by !== null && html`<strong><bdi>${by}</bdi></strong> `}${what}</p>${text && html`<p class="said">${text}</p>`}</div></li>`)}</ol></section>`;
}

const ANSWERS: Readonly<Record<ExceptionLine['stage'], string>> = {
  'in-force': 'In force:',
  waiting: 'Waits for an answer:',
  over: 'Over:',
};

function facts({ line }: ExceptionPage): Child {
  const { standard, proof, renews } = line;
  const fact = (name: string, value: Child) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return [
    fact('Standard', html`<a href="${standardAt(standard)}">${line.title}</a>`),
    line.division !== '' && fact('Division', html`<bdi>${line.division}</bdi>`),
    fact('Asked by', html`<bdi>${line.requestedBy}</bdi>`),
    line.approvedBy !== null && fact('Approved by', html`<bdi>${line.approvedBy}</bdi>`),
    line.refusedBy !== null && fact('Refused by', html`<bdi>${line.refusedBy}</bdi>`),
    fact('Assets', count(line.assets)),
    proof !== null && fact('Record of the decision', html`<span class="said">${proof}</span>`),
    renews !== null && fact('Follows', html`<a href="${exceptionAt(renews)}">exception ${renews}</a>`),
  ];
}

function acts(page: ExceptionPage): Markup | null {
  const { line, may, attempt, lacking, teams } = page;
  const at = exceptionAt(line.id);
  const on = (form: string) => ({ form, attempt });
  const parts: Child[] = [];
  if (line.stage === 'waiting' && may.has('approve'))
    parts.push(
      folded('Approve', {
        ...on('approve'),
        action: `${at}/approve`,
        button: 'Approve',
        fields: field({
          ...on('approve'),
          name: 'proof',
          label: 'Where is the decision recorded?',
          hint: 'An address, or a number, by which an auditor finds it.',
        }),
      }),
    );
  if (line.stage === 'waiting' && may.has('refuse')) parts.push(pressed(`${at}/refuse`, 'Refuse'));
  if (line.stage === 'in-force' && may.has('end'))
    parts.push(
      folded('End it early', {
        ...on('end'),
        action: `${at}/end`,
        button: 'End it',
        fields: field({ ...on('end'), name: 'reason', label: 'Why does it end?', kind: 'area' }),
      }),
    );
  if (line.stage !== 'waiting' && line.refusedBy === null && teams.length > 0)
    parts.push(
      folded('Ask for a renewal', {
        ...on('renew'),
        action: `${at}/renew`,
        button: 'Ask',
        fields: html`${teamField(page, on('renew'))}${askingFields(page, on('renew'), {
          selectors: line.selectors,
          reason: line.reason,
          ...(line.compensating !== null && { compensating: line.compensating }),
        })}`,
      }),
    );
  if (parts.length === 0 && lacking === null) return null;
  return html`<section aria-labelledby="acts"><h2 id="acts">What can be done</h2>${lacking !== null && html`<p class="note">${lacking}</p>`}<div class="acts">${parts}</div></section>`;
}
