/** Beside an asset: whom to call, who owns it, what it touches. */

import { count } from '@macadam/adapters/report-formats/figures';
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { plural, sentence } from '@macadam/adapters/report-formats/html/words';
import type { Touched } from '@macadam/services/assets/around';
import { assetAt } from '../history/address.ts';
import { contactLink, verifiedSaid } from '../who/contact.ts';
import type { AssetPage } from './asset.ts';

export function whomBox({ reached, id, today }: AssetPage): Markup {
  const [first, ...others] = reached?.contacts ?? [];
  return html`<section aria-labelledby="whom" class="box"><h2 id="whom">Whom to call</h2>
${
  reached === null
    ? html`<p class="note">Nobody has gone over the owners of these assets yet.</p>`
    : first === undefined
      ? html`<p class="bad">Nobody has given a number for it.</p>${reached.accountable[0] && html`<p class="note">Accountable: <bdi>${reached.accountable[0].name}</bdi>.</p>`}`
      : html`<p class="call">${contactLink(first)}<span class="ink-2">${verifiedSaid(first.verified, today)}</span></p>${others.length > 0 && html`<p class="call second"><span class="ink-2">then</span>${others.slice(0, 3).map((one) => contactLink(one))}</p>`}`
}
<p class="note"><a href="${pathWith('/who', { text: id })}">Everybody to call, and how to stop it</a></p></section>`;
}

export function ownerBox({ reached, id }: AssetPage): Markup | null {
  if (reached === null) return null;
  const { owner, path, accountable, says } = reached;
  const chain = path.toReversed();
  return html`<section aria-labelledby="owner" class="box"><h2 id="owner">Who owns it</h2>
${
  owner?.owner == null
    ? html`<p class="bad">Nobody owns it.</p><p class="note"><a href="${pathWith('/owners', { prefix: id })}#queue">Give it an owner</a></p>`
    : html`${chain.length === 0 ? html`<p><bdi>${owner.owner}</bdi>, whom the organisation does not know.</p>` : html`<ol class="chain">${chain.map((unit, at) => html`<li${at === chain.length - 1 && html` class="is"`}><a href="${pathWith(`/owners/${encodeURIComponent(unit.id)}`)}"><bdi>${unit.name}</bdi></a><span class="ink-3">${unit.level}</span></li>`)}</ol>`}
<p class="note">${owner.state === 'confirmed' ? 'Confirmed' : html`<b>Not confirmed recently</b>`}${owner.confirmedAt !== null && html`, last said ${moment(owner.confirmedAt)}`}${says !== null && html`: ${sentence(says)}`}.</p>`
}
${accountable.length > 0 && html`<p class="note">Accountable: ${joined(accountable.slice(0, 3), ({ name }) => html`<bdi>${name}</bdi>`)}.</p>`}</section>`;
}

export function touchesBox({ touched, repository, parts }: AssetPage): Markup | null {
  const lies = repository !== null && !repository.own;
  if (!lies && touched.length === 0 && parts.length === 0) return null;
  return html`<section aria-labelledby="touches" class="box"><h2 id="touches">What it touches</h2>
<dl class="attrs">${lies && repository && html`<dt>lies in</dt><dd><a href="${assetAt(repository.id)}"><bdi>${repository.name}</bdi></a></dd>`}${parts.map(({ kind, count: number }) => html`<dt>holds</dt><dd><a href="#parts-${kind}">${plural(number, kind.replaceAll('-', ' '))}</a></dd>`)}${touched.map(relationLine)}</dl></section>`;
}

function relationLine({ relation, direction, first, count: number, kind }: Touched): Markup {
  const more = number - first.length;
  return html`<dt>${relation.replaceAll('_', ' ')}${direction === 'in' && html` of`}</dt><dd>${first.map(({ id, name }) => html`<p><a href="${assetAt(id)}"><bdi>${name}</bdi></a></p>`)}${more > 0 && html`<p class="ink-3">${count(more)} more of kind ${kind.replaceAll('-', ' ')}</p>`}</dd>`;
}
