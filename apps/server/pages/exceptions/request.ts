/** One exception that waits for an answer: the words left, the figures right, the act below. */

import type { ExceptionRecord } from '@macadam/adapters/decisions/permissions';
import { count, percentDown } from '@macadam/adapters/report-formats/figures';
import { calendarDay, daysBetween, writtenDay } from '@macadam/adapters/report-formats/html/dates';
import { exceptionAt } from '@macadam/adapters/report-formats/html/link';
import { html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { evidenceLine } from '@macadam/adapters/report-formats/html/parts/evidence';
import { glyph } from '@macadam/adapters/report-formats/html/signs';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type { Figures } from '@macadam/core/figures/accounting';
import type { ExceptionPreview } from '@macadam/services/work/exception-preview';
import type { Sighting } from '@macadam/services/work/sightings';
import { standardAt } from '../history/address.ts';

export interface ExceptionRequestShown extends ExceptionRecord {
  readonly label: string;
  readonly severity: string | null;
  readonly kind: string;
  /** Null where there are no facts to judge. */
  readonly preview: ExceptionPreview | null;
  /** Who saw the first of them last. */
  readonly evidence: Sighting | null;
  /** Of the standard, at the newest look. */
  readonly figures: Figures | null;
  readonly mayApprove: boolean;
  readonly mayRefuse: boolean;
}

export interface RequestAround {
  /** Which one of how many. */
  readonly place: string;
  readonly today: string;
}

export function requestBox(request: ExceptionRequestShown, { place, today }: RequestAround): Markup {
  const { id, label, severity, until, requestedAt, requestedBy, division, standard } = request;
  const named = `request-${id}`;
  const days = daysBetween(today, until);
  const what = whatOf(request);
  return html`<article class="request" aria-labelledby="${named}"><div class="asked">
<p class="tags">${severity !== null && html`<span class="chip ${severity === 'critical' ? 'late' : 'plain'}">${severity}</span>`}<span class="chip plain">asked ${writtenDay(requestedAt.slice(0, 10))}</span>${days <= 7 && html`<span class="chip soon">would end in ${plural(days, 'day')}</span>`}<span class="chip plain">${place}</span></p>
<h2 id="${named}"><a class="quiet" href="${exceptionAt(id)}">${what} may fail ${label} until ${writtenDay(until)}</a></h2>
<p class="from"><bdi>${requestedBy}</bdi>${division !== '' && html`, <bdi>${division}</bdi>`}, asks for <a href="${standardAt(standard)}">${label}</a>, for ${joined(request.selectors, (one) => html`<code>${one}</code>`)}.</p>
<dl class="case"><dt>Why</dt><dd class="said">${request.reason}</dd><dt>What compensates</dt><dd class="said">${request.compensating ?? 'Nothing was said.'}</dd></dl>
<h3>What is proved</h3>
<ul class="proof">${proofs(request)}</ul></div>
${weigh(request)}${decide(request)}</article>`;
}

function whatOf({ preview, kind }: ExceptionRequestShown): string {
  if (preview === null) return 'What is selected';
  return preview.failing.length === 0
    ? 'Nothing that fails'
    : plural(preview.failing.length, kind.replaceAll('-', ' '));
}

/** A request in one line, where others are laid out before it. */
export function nextUp(request: ExceptionRequestShown): Markup {
  const { id, severity, label, until, requestedBy, division } = request;
  return html`<p class="nextup">${severity !== null && html`<span class="chip ${severity === 'critical' ? 'late' : 'plain'}">${severity}</span>`}<a class="strong" href="${exceptionAt(id)}">${whatOf(request)} may fail ${label} until ${writtenDay(until)}</a><span class="ink-2"><bdi>${requestedBy}</bdi>${division !== '' && html`, <bdi>${division}</bdi>`}, asks</span></p>`;
}

function proofs({ preview, evidence, kind, compensating }: ExceptionRequestShown): Markup {
  const noun = kind.replaceAll('-', ' ');
  const fails =
    preview === null
      ? html`<li>${glyph('unknown')}<span>Nothing can be judged here now: approving it judges again.</span></li>`
      : preview.failing.length === 0
        ? html`<li>${glyph('not-applicable')}<span>Nothing that it selects fails now: there is nothing to except.</span></li>`
        : html`<li>${glyph('fail')}<span>${plural(preview.failing.length, noun)} ${preview.failing.length === 1 ? 'fails' : 'fail'} now</span>${evidence !== null && evidenceLine(evidence)}</li>`;
  const passing =
    preview !== null &&
    preview.passing > 0 &&
    html`<li>${glyph('pass')}<span>${plural(preview.passing, noun)} that it selects ${preview.passing === 1 ? 'does' : 'do'} not fail now, and would not be covered</span></li>`;
  return html`${fails}${passing}<li>${glyph('said-so')}<span>${compensating === null ? 'Nothing is said to compensate' : 'What compensates'}</span><span class="evidence"><b>The request</b><span>said so and nobody looked</span></span></li>`;
}

/** A share in percent that is never rounded up to the whole. */
const shareOf = (part: number, whole: number) =>
  whole === 0 ? 'nothing in scope' : percentDown(part / whole);

function weigh({ preview, figures, severity }: ExceptionRequestShown): Markup | null {
  if (preview === null) return null;
  const failing = preview.failing.length;
  const whole = figures === null ? 0 : figures.pass + figures.fail + figures.unknown;
  return html`<div class="weigh"><table class="mini"><caption>Assets</caption>${severity !== null && html`<tr><td>Of severity ${severity}</td><td class="num">${count(failing)}</td></tr>`}<tr class="total"><td>All, of ${count(preview.allFailing)} failing here</td><td class="num">${count(failing)}</td></tr></table>
${
  figures !== null &&
  whole > 0 &&
  html`<table class="mini"><caption>What it changes</caption><tr><td>Share that meets it, at least</td><td class="num">${shareOf(figures.pass, whole)} stays</td></tr><tr><td>With exceptions, beside it</td><td class="num">${shareOf(figures.pass + figures.excepted, whole)} to ${shareOf(Math.min(whole, figures.pass + figures.excepted + failing), whole)}</td></tr></table>`
}</div>`;
}

function decide({ id, mayApprove, mayRefuse, until }: ExceptionRequestShown): Markup {
  const at = exceptionAt(id);
  if (!mayApprove && !mayRefuse)
    return html`<div class="decide"><p class="note">Somebody else decides: who asks and who approves are two people. <a href="${at}">Who may</a></p></div>`;
  return html`<form class="decide" method="post" action="${at}/approve"><label class="words">Where is the decision recorded?<input class="field" name="proof" required aria-describedby="proof-${id}"></label>
<p class="acts2">${mayApprove && html`<button class="btn go">Approve</button>`}${mayRefuse && html`<button class="btn" formaction="${at}/refuse" formnovalidate>Refuse</button>`}<span class="ink-2" id="proof-${id}">An address or a number by which an auditor finds it. It ends by itself after ${calendarDay(until)}.</span></p></form>`;
}
