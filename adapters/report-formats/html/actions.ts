/** The second question: what should be done first, where, by whom, with which command. */
import { changeCounts } from '../figures.ts';
import type { NextStep, Report } from '../port.ts';
import { visible } from './browser/visible.ts';
import { placeLink } from './code.ts';
import { html, type Markup } from './markup.ts';
import { listLink, plural } from './words.ts';

/** Actions that stand open; the rest are folded away. */
const OPEN = 3;
/** Beyond this many the list of findings is the better tool. */
const MOST = 100;

export function actions(report: Report): Markup {
  const { scan } = report;
  const fails = scan.standards.reduce((sum, standard) => sum + standard.fail, 0);
  const unknowns = scan.standards.reduce((sum, standard) => sum + standard.unknown, 0);
  const listed = report.actions.slice(0, MOST);
  const first = listed[0];
  return html`<section id="first" aria-labelledby="first-title">
<h2 id="first-title">What should I do first?</h2>
<p class="answer">${
    first
      ? `Start in ${first.where}: ${plural(first.failures, 'failure')} of “${first.title}”.`
      : nothing(
          fails,
          unknowns,
          scan.standards.every(({ scope }) => scope === 0),
        )
  }</p>
${first && html`<ol class="actions">${listed.slice(0, OPEN).map(card)}</ol>`}
${
  listed.length > OPEN &&
  html`<details class="rest"><summary>${plural(report.actions.length - OPEN, 'further thing')} to do</summary>
<ol class="actions" start="${OPEN + 1}">${listed.slice(OPEN).map(card)}</ol>
${report.actions.length > MOST && html`<p class="quiet">The first ${MOST} are shown; ${listLink({ verdict: 'fail', group: 'owner' }, 'all failures by owner', 'plain')} are below.</p>`}</details>`
}
${comparison(report)}
</section>`;
}

function nothing(fails: number, unknowns: number, empty: boolean): string {
  if (empty) return 'Nothing was measured, so nothing can be said.';
  if (fails > 0) return `${plural(fails, 'failure')}, and no step to take is known.`;
  return unknowns > 0
    ? `Nothing is known to fail, but ${plural(unknowns, 'verdict')} ${unknowns === 1 ? 'is' : 'are'} unknown: let the picture see first.`
    : 'Nothing: no standard fails anywhere.';
}

function card(action: NextStep): Markup {
  const { first, owner } = action;
  // A place of a finding is the most useful thing to read; else whatever the action itself calls its place.
  const where = first?.location
    ? placeLink(first.location, first.link)
    : action.place !== '' && html`<code class="place">${action.place}</code>`;
  return html`<li><div class="card"><p class="severity ${action.severity}">${action.severity}</p>
<h3>${action.title}</h3>
<p>${listLink({ standard: action.standard, verdict: 'fail', excepted: 'no', repository: action.where }, plural(action.failures, 'failure'))} in <bdi>${action.where}</bdi>, ${owner === null ? 'owned by nobody known' : html`owned by <bdi>${owner}</bdi>`}</p>
${where && html`<p>${where}${first && html` <span class="quiet">${first.text}</span>`}</p>`}
${command(action.command)}</div></li>`;
}

/** A command that holds anything deceptive is shown, with what is wrong made visible, but is not offered for copying. */
export function command(text: string): Markup | null {
  if (text === '') return null;
  const honest = visible(text) === text && !/[\n\r\t]/.test(text);
  return html`<p class="command"><code>${text}</code>${honest && html`<button type="button" class="copy" hidden>Copy</button>`}</p>`;
}

function comparison(report: Report): Markup | null {
  const compared = report.comparison;
  if (compared === null) return null;
  const listed = (change: string, number: number, words: string) =>
    html`<li>${number === 0 ? '0' : listLink({ change }, String(number))} ${words}</li>`;
  const changes = compared.changes.slice(0, MOST);
  const notes = (compared.notes ?? []).map((note) => html`<p>${note}</p>`);
  return html`<h3>Since ${compared.since}</h3>${notes}<ul class="changes">
${listed('new', compared.new.length, 'new failures')}
${listed('still-failing', compared.stillFailing.length, 'still failing')}
<li><details><summary>${changeCounts(compared).join(', ')}</summary><ul>${changes.map(
    ({ asset, standard, cause, from, to }) =>
      html`<li>${cause}: <bdi>${asset.name}</bdi>, ${from} to ${to} <span class="quiet">${standard}</span></li>`,
  )}</ul>${compared.changes.length > MOST && html`<p class="quiet">The first ${MOST} of ${compared.changes.length} are shown; the JSON has them all.</p>`}</details></li></ul>`;
}
