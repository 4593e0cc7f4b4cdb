/** The log of decisions as auditors read it: what was done, by whom, whether the chain holds, and what can be taken away. */

import type { AuditVerdict } from '@macadam/adapters/decisions/audit';
import type { AuditRecord } from '@macadam/adapters/decisions/port';
import { count } from '@macadam/adapters/report-formats/figures';
import { shortMoment } from '@macadam/adapters/report-formats/html/dates';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { pager } from '@macadam/adapters/report-formats/html/parts/pager';
import { emptyState } from '@macadam/adapters/report-formats/html/parts/states';
import { glyph } from '@macadam/adapters/report-formats/html/signs';

export interface AuditPage {
  readonly entries: readonly AuditRecord[];
  readonly action: string;
  readonly subject: string;
  readonly newest: number;
  readonly digest: string;
  /** Null where nobody asked for it. */
  readonly verified: AuditVerdict | null;
  readonly mayTake: boolean;
  readonly older: string | null;
  readonly first: string | null;
  readonly person: (id: string) => string;
}

export function auditHeading({ verified, newest }: Pick<AuditPage, 'verified' | 'newest'>): string {
  if (verified === null) return newest === 0 ? 'Nothing was decided yet.' : `The log has ${counted(newest)}.`;
  if (verified.whole) return `The log is whole: ${counted(verified.entries)}, each following the one before.`;
  return `The log is not what was written: entry ${count(verified.number)} is wrong.`;
}

const counted = (value: number): string => `${count(value)} ${value === 1 ? 'entry' : 'entries'}`;

export function auditBody(page: AuditPage): Markup {
  return html`${takenAway(page)}<section aria-labelledby="entries"><div class="h2"><h2 id="entries">What was done${(page.action !== '' || page.subject !== '') && html`<span class="sub">filtered</span>`}</h2></div>
<form class="ask" role="search" aria-label="Entries"><label>Action<input name="action" value="${page.action}" placeholder="exception.approve" autocomplete="off"></label><label>Record<input name="subject" value="${page.subject}" autocomplete="off"></label><button>Filter</button>${(page.action !== '' || page.subject !== '') && html`<a href="/audit">All</a>`}</form>
${page.entries.length === 0 ? emptyState({ kind: 'filtered', says: 'No entry that you may read fits.', next: 'An action is written as the log has it, such as exception.approve.' }) : entriesTable(page)}
${pager({
  of: 'entries',
  back: page.first === null ? null : { href: page.first, label: 'Newest' },
  next: page.older === null ? null : { href: page.older, label: 'Older' },
})}</section>`;
}

function takenAway({ verified, digest, newest, mayTake }: AuditPage): Markup {
  const chain =
    verified === null
      ? html`<p class="note">Each entry holds the digest of the one before. To note elsewhere: entry ${count(newest)} has the digest <code>${digest}</code>.</p>`
      : verified.whole
        ? html`<p class="note name">${glyph('pass')}<span>Read from its beginning just now. Entry ${count(verified.entries)} has the digest <code>${verified.digest}</code>: compare it with what you noted.</span></p>`
        : html`<p class="note name">${glyph('fail')}<span>Entry ${count(verified.number)}: ${verified.why}. What stands before it is whole. Export the log, and have it looked at by somebody who cannot write to the store.</span></p>`;
  return html`<section aria-labelledby="chain"><h2 id="chain">Is it whole?</h2>${chain}
<div class="quickly"><form action="/audit"><button name="verify" value="yes">Verify the whole log</button></form>${mayTake && html`<a class="btn" href="/api/audit/log" download>Export it</a>`}</div>
${
  mayTake &&
  html`<form class="ask" action="/api/audit/sample"><label>Seed<input name="seed" required maxlength="200" placeholder="any text, for instance a dice roll" autocomplete="off"></label><label>Of each sort, at most<input type="number" name="n" value="10" min="1" max="100"></label><button>Draw a sample</button></form><p class="note">The same seed draws the same. Whoever has the file derives each figure again without this server: <code>docs/audit/verify-sample.mjs</code> of the product, by Node alone.</p>
<h2 id="collections">Is every collection there?</h2><p class="note">Each collection of facts left a signed manifest, which names the one before. Whoever has the file finds what was changed, dropped or put in between: <code>docs/audit/verify-manifests.mjs</code>.</p><div class="quickly"><a class="btn" href="/api/audit/manifests" download>Export the manifests</a></div>`
}</section>`;
}

function entriesTable({ entries, person }: AuditPage): Markup {
  return html`<table class="grid tall log-entries stacked quiet"><caption class="hidden">Entries, newest first</caption><thead><tr><th scope="col" class="num">Entry</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">Did</th><th scope="col">Record</th><th scope="col">Given</th></tr></thead><tbody>${entries.map((entry) => html`<tr><td class="num">${count(entry.number)}</td><td>${shortMoment(entry.at)}</td><td><bdi title="${entry.principal}">${person(entry.principal)}</bdi></td><th scope="row"><code>${entry.action}</code>${entry.outcome === 'refused' && html` <span class="chip late">refused</span>`}</th><td class="cut"><a href="/audit?subject=${encodeURIComponent(entry.subject)}"><bdi>${entry.subject}</bdi></a></td><td>${given(entry)}</td></tr>`)}</tbody></table>`;
}

/** As it was given: plain data, never a secret. */
function given({ detail, reason }: AuditRecord): Child {
  const text = detail === undefined || detail === null ? '' : JSON.stringify(detail, null, 1);
  const short = text.replace(/\s+/g, ' ').slice(0, 80);
  return html`${reason !== undefined && html`<p>${reason}</p>`}${text !== '' && text !== '{}' && html`<details><summary><code>${short}${text.length > short.length && '…'}</code></summary><pre class="explained" tabindex="0">${text}</pre></details>`}`;
}
