/** Whom to call: read in the middle of the night, so the number to call stands first and everything old says so. */

import { count } from '@macadam/adapters/report-formats/figures';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { calendarDay, daysBetween, moment, plural } from '@macadam/adapters/report-formats/html/words';
import type { ReachedAsset } from '@macadam/services/ownership/who-reached';
import { assetAt, mailAt, telephoneAt } from '../history/address.ts';

export interface WhoPage {
  readonly text: string;
  /** Null before anything is asked. */
  readonly answer: {
    readonly key: string | null;
    readonly count: number;
    readonly found: readonly ReachedAsset[];
    readonly looked: readonly string[];
  } | null;
  readonly today: string;
}

/** A contact that nobody has tried for so many days may be nobody's any more. */
export const CONTACT_DAYS = 90;

export function whoBody({ text, answer, today }: WhoPage): Markup {
  return html`<section aria-labelledby="ask"><h2 id="ask">What do you have?</h2>
<form class="find" action="/who" role="search" aria-label="Whom to call"><label for="text">Host, address, application, repository, package, thumbprint or image</label><input id="text" type="search" name="text" value="${text}" required${answer === null && html` autofocus`} autocomplete="off" spellcheck="false"><button class="main">Find</button></form>
${answer === null && html`<p class="quiet">Anything by which an asset is known: <code>web-1.example.org</code>, <code>10.1.2.3</code>, <code>pkg:npm/left-pad@1.0.0</code>, <code>sha256:…</code>, or its id.</p>`}
</section>${answer !== null && found({ text, answer, today })}`;
}

function found({ text, answer, today }: WhoPage): Markup {
  const { key = null, count: number = 0, found: assets = [], looked = [] } = answer ?? {};
  return html`<section aria-labelledby="call"><h2 id="call">Whom to call?</h2>
<p class="answer">${
    number === 0
      ? html`Nothing is known by <bdi>${text}</bdi>.`
      : number === 1
        ? 'One asset is known by this.'
        : `${count(number)} assets are known by this${number > assets.length ? `; the first ${count(assets.length)} are shown` : ''}.`
  }</p>
${number === 0 ? html`<p>${looked.length > 0 && html`Looked up as ${looked.map((one, at) => html`${at > 0 && ', '}<code>${one}</code>`)}. `}Nothing that was collected carries it, as of the last pass. Try another name of the same thing: its address, its id, the repository that it comes from. If it is ours and cannot be found, that is a <a href="/faults">blind spot</a>.</p>` : html`<p class="quiet">Taken as <code>${key}</code>.</p>`}
${assets.map((asset) => call(asset, today))}</section>`;
}

function call(
  { asset, owner, path, accountable, contacts, runbook, instead }: ReachedAsset,
  today: string,
): Markup {
  const team = path[0];
  const row = (name: string, value: Child) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<article class="call" aria-label="${asset.name}"><h3><bdi>${asset.name}</bdi> <span class="quiet">${asset.kind.replaceAll('-', ' ')}</span></h3><dl>
${row(
  instead === null ? 'Call' : 'Call, for the company',
  contacts.length === 0
    ? html`<span class="late">Nobody has given an emergency contact.</span> ${accountable.length > 0 && 'Call the deputy CISO.'}`
    : contacts.map(
        (one) =>
          html`<p class="reach">${one.by === 'email' ? html`<a href="${mailAt(one.address)}">${one.address}</a>` : one.by === 'phone' ? html`<a href="${telephoneAt(one.address)}">${one.address}</a>` : one.address}</p><p>${one.by}, of <bdi>${[...path, ...(instead ? [instead] : [])].find(({ id }) => id === one.unit)?.name ?? one.unit}</bdi>; ${verifiedSaid(one.verified, today)}</p>`,
      ),
)}
${row(
  'Owner',
  owner?.owner == null
    ? html`<span class="late">Nobody owns it.</span> <a href="/owners">Give it an owner</a>`
    : html`<p><strong><bdi>${team?.name ?? owner.owner}</bdi></strong>${path.length > 1 && html`, of ${path.slice(1).map(({ name }, at) => html`${at > 0 && ', '}<bdi>${name}</bdi>`)}`}</p><p class="quiet">${owner.state === 'confirmed' ? 'confirmed' : html`<strong>not confirmed of late</strong>`}${owner.confirmedAt !== null && html`, last said ${moment(owner.confirmedAt)}`}</p>`,
)}
${row(
  'Deputy CISO',
  accountable.length === 0
    ? html`<span class="late">Nobody is accountable for it.</span>`
    : accountable.map(
        ({ name, email }) =>
          html`<p><bdi>${name}</bdi>${email !== null && html`, <a href="${mailAt(email)}">${email}</a>`}</p>`,
      ),
)}
${row('How to disable it', runbook === null ? 'There is no runbook for this kind.' : html`<span class="said">${runbook}</span>`)}
${row('All that is known of it', html`<a href="${assetAt(asset.id)}">${asset.id}</a>`)}</dl></article>`;
}

/** When somebody last tried a contact, and whether that is too long ago. */
export function verifiedSaid(verified: string | null, today: string): Child {
  if (verified === null) return html`<span class="late">never tried</span>`;
  const days = daysBetween(verified, today);
  return days > CONTACT_DAYS
    ? html`<span class="late">old: last tried ${plural(days, 'day')} ago</span>, on ${calendarDay(verified)}`
    : html`tried on ${calendarDay(verified)}`;
}
