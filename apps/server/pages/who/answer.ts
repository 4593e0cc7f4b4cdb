/** Whom to call: read in the middle of the night, so the number to call stands first and everything old says so. */

import { count } from '@macadam/adapters/report-formats/figures';
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { type Glyph, glyph, type Icon, icon } from '@macadam/adapters/report-formats/html/signs';
import { plural, sentence } from '@macadam/adapters/report-formats/html/words';
import type { EmergencyContact } from '@macadam/core/org/org';
import type { NamedPerson, NamedUnit } from '@macadam/services/ownership/named';
import type { ReachedAsset } from '@macadam/services/ownership/who-reached';
import { assetAt, mailAt } from '../history/address.ts';
import { capital } from '../overview/words.ts';
import { ownerLink } from '../owners/tree.ts';
import { contactAt, isOld, verifiedSaid } from './contact.ts';

export interface WhoFound {
  /** As what the text was taken; null where it is a part of names. */
  readonly key: string | null;
  readonly count: number;
  readonly assets: readonly ReachedAsset[];
  readonly units: readonly NamedUnit[];
  readonly people: readonly NamedPerson[];
  /** Of nothing found: as what it was looked up. */
  readonly looked: readonly string[];
}

export interface WhoPage {
  readonly text: string;
  /** Null before anything is asked. */
  readonly found: WhoFound | null;
  readonly today: string;
  /** Whether the reader may see who has to be told of an incident. */
  readonly mayTell: boolean;
}

export interface WhoShown {
  readonly heading: Child;
  readonly lead: Child;
  readonly body: Markup;
}

const kindSaid = (kind: string) => kind.replaceAll('-', ' ');

export function whoPage(page: WhoPage): WhoShown {
  const { text, found, today, mayTell } = page;
  const form = html`<form class="ask" action="/who" role="search" aria-label="Whom to call"><label for="text" class="hidden">Address, name, or part of a name</label><input class="field" id="text" type="search" name="text" value="${text}" required${found === null && html` autofocus`} autocomplete="off" spellcheck="false"><button class="btn go">Search</button></form>`;
  if (found === null)
    return {
      heading: 'Whom to call?',
      lead: 'Type whatever you have in hand: an address, a host, a package, a thumbprint, or any part of a name.',
      body: html`${form}<p class="note">For example <code>10.1.2.3</code>, <code>web-1.example.org</code>, <code>pkg:npm/left-pad@1.0.0</code>, <code>sha256:…</code>, or the name of a team or a person.</p>${mayTell && html`<p class="note">Who has to be told of an incident, and by when, stands at its <a href="/incidents">desk</a>.</p>`}`,
    };
  const [only] = found.assets;
  const one = found.count === 1 && only !== undefined && found.units.length + found.people.length === 0;
  return one
    ? { ...answerOf(only, page, found), body: html`${form}${answerBody(only, page, found)}` }
    : { ...matchesSaid(page, found), body: html`${form}${matches(found, today)}` };
}

function answerOf(
  { asset, owner, path }: ReachedAsset,
  { text }: WhoPage,
  { key }: WhoFound,
): Pick<WhoShown, 'heading' | 'lead'> {
  const team = path[0]?.name ?? owner?.owner;
  const taken = key === null ? '' : `, taken as its ${key.slice(0, key.indexOf(':'))}`;
  return {
    heading:
      team == null
        ? html`Nobody owns <bdi>${asset.name}</bdi>.`
        : html`<bdi>${asset.name}</bdi> is <bdi>${team}</bdi>’s.`,
    lead: html`<bdi>${text}</bdi>${taken}: <a href="${assetAt(asset.id)}"><bdi>${asset.name}</bdi></a>, ${kindSaid(asset.kind)}.`,
  };
}

const SIGNS: Readonly<Record<EmergencyContact['by'], Icon>> = {
  phone: 'phone',
  email: 'mail',
  page: 'phone',
  chat: 'chat',
};

/** A button that calls, writes or opens; what no link can open stands as it is. */
function dial(contact: Pick<EmergencyContact, 'by' | 'address'>, go = false): Markup {
  const at = contactAt(contact);
  const inside = html`${icon(SIGNS[contact.by])}<span><bdi>${contact.address}</bdi></span>`;
  return at === null
    ? html`<span class="dial">${inside}</span>`
    : html`<a class="dial${go && ' go'}" href="${at}" rel="noreferrer">${inside}</a>`;
}

const heldSign = ({ verified }: EmergencyContact, today: string): Markup =>
  glyph((isOld(verified, today) ? 'unknown' : 'pass') satisfies Glyph);

function answerBody(reached: ReachedAsset, page: WhoPage, found: WhoFound): Markup {
  const { contacts, accountable, path, instead } = reached;
  // A telephone first: at night nobody reads mail.
  const [first, ...others] = contacts.toSorted((a, b) => rank(a) - rank(b));
  const { today } = page;
  const whose = instead?.name ?? path.find(({ id }) => id === first?.unit)?.name ?? path[0]?.name ?? '';
  return html`<div class="answer"><section class="first" aria-labelledby="call">
${
  first === undefined
    ? html`<h2 id="call" class="bad">Nobody has given a number.</h2><p>${accountable[0] ? html`Call <bdi>${accountable[0].name}</bdi>, who is accountable.` : 'Call the CISO.'}</p>`
    : html`<h2 id="call">Call <bdi>${whose}</bdi></h2>${instead !== null && html`<p class="ink-2">It stands in: nobody owns this.</p>`}<p class="dials">${dial(first, true)}</p><p class="answered">${heldSign(first, today)}<span>${verifiedSaid(first.verified, today)}</span></p>`
}</section>
<section class="then" aria-labelledby="then"><h2 id="then">If nobody answers in 5 minutes</h2>${ladder(others, reached, today)}</section>
${stop(reached)}${sure(reached, page, found)}</div>`;
}

const rank = ({ by }: Pick<EmergencyContact, 'by'>) => ['phone', 'page', 'chat', 'email'].indexOf(by);

function ladder(others: ReachedAsset['contacts'], { accountable }: ReachedAsset, today: string): Markup {
  if (others.length + accountable.length === 0)
    return html`<p class="note">Nobody else is named: no other contact, and nobody is accountable for it.</p>`;
  return html`<ol class="ladder">${others.map((one) => html`<li><div><b>${one.by}</b></div>${dial(one)}<p>${heldSign(one, today)}<span>${verifiedSaid(one.verified, today)}</span></p></li>`)}${accountable.map(({ name, email }) => html`<li><div><b><bdi>${name}</bdi></b> <span class="ink-2">accountable</span></div>${email === null ? html`<span class="ink-3">no address is known</span>` : html`<a class="dial" href="${mailAt(email)}">${icon('mail')}<span><bdi>${email}</bdi></span></a>`}</li>`)}</ol>`;
}

/** Steps of a runbook: each sentence is one. */
export const stepsOf = (runbook: string): readonly string[] =>
  runbook
    .split(/(?<=[.;!?])\s+/)
    .map((step) =>
      capital(
        step
          .trim()
          .replace(/;$/, '.')
          .replace(/^then /, ''),
      ),
    )
    .filter((step) => step !== '');

function stop({ runbook, asset }: ReachedAsset): Markup {
  return html`<section class="stop" id="stop" aria-labelledby="stop-it"><h2 id="stop-it">How to stop it</h2>
${
  runbook === null
    ? html`<p class="ink-2">There is no runbook for a ${kindSaid(asset.kind)}. Until somebody answers: write down what you see and when, change nothing that you cannot change back, and tell the person who is accountable before you switch anything off.</p>`
    : html`<ol class="runbook">${stepsOf(runbook).map((step) => html`<li>${sentence(step)}</li>`)}</ol>`
}</section>`;
}

function sure({ asset, owner, path }: ReachedAsset, { text }: WhoPage, { key }: WhoFound): Markup {
  const team = path[0];
  const why = owner?.chain.find(({ outcome }) => outcome === 'decides')?.why ?? null;
  return html`<section class="sure" aria-labelledby="sure"><h2 id="sure">How sure this is</h2><ul class="proof">
<li>${glyph('pass')}<span><bdi>${text}</bdi> belongs to <a href="${assetAt(asset.id)}"><bdi>${asset.name}</bdi></a></span><span class="evidence">${key !== null && html`<b><code>${key}</code></b>`}<span>as of the last assignment of owners</span></span></li>
${
  owner?.owner == null
    ? html`<li>${glyph('fail')}<span>Nobody owns it</span><span class="evidence"><a href="${pathWith('/owners', { prefix: asset.id })}#queue">Give it an owner</a></span></li>`
    : html`<li>${glyph(owner.state === 'confirmed' ? 'pass' : 'unknown')}<span>${ownerLink({ id: owner.owner, name: team?.name ?? owner.owner, known: team !== undefined })} owns it${path.length > 1 && html`, of ${joined(path.slice(1), ({ name }) => html`<bdi>${name}</bdi>`)}`}</span><span class="evidence"><b>${owner.state === 'confirmed' ? 'confirmed' : 'not confirmed recently'}</b>${owner.confirmedAt !== null && html`<span>last said ${moment(owner.confirmedAt)}</span>`}</span></li>${why !== null && html`<li>${glyph('said-so')}<span>${sentence(why)}</span></li>`}`
}</ul></section>`;
}

function matchesSaid({ text }: WhoPage, found: WhoFound): Pick<WhoShown, 'heading' | 'lead'> {
  const { count: assets, units, people, looked } = found;
  const all = assets + units.length + people.length;
  if (all === 0)
    return {
      heading: html`Nothing is known by <bdi>${text}</bdi>.`,
      lead: html`${looked.length > 0 && html`Looked up as ${joined(looked, (one) => html`<code>${one}</code>`)}, and as a part of names. `}Try another name of the same thing: its address, its id, the repository that it comes from. What is ours and cannot be found is among <a href="/sources">what we cannot see</a>.`,
    };
  const parts = [
    ...(assets > 0 ? [plural(assets, 'asset')] : []),
    ...(units.length > 0 ? [plural(units.length, 'team')] : []),
    ...(people.length > 0 ? [people.length === 1 ? '1 person' : `${count(people.length)} people`] : []),
  ];
  const shown = found.assets.length < assets && `; the first ${count(found.assets.length)} assets are shown`;
  return {
    heading: html`${count(all)} ${all === 1 ? 'thing is' : 'things are'} called “<bdi>${text}</bdi>”.`,
    lead: `${parts.join(', ')}${shown || ''}. The number stands beside each.`,
  };
}

function matches({ assets, units, people }: WhoFound, today: string): Markup | null {
  if (assets.length + units.length + people.length === 0) return null;
  const group = (title: string, number: number, rows: Child) =>
    number > 0 &&
    html`<tbody><tr class="group"><th scope="rowgroup" colspan="4"><span class="name strong">${title}<span class="ink-3">${count(number)}</span></span></th></tr>${rows}</tbody>`;
  return html`<section class="matches" aria-label="What is called so"><table class="grid found2 stacked quiet"><thead><tr><th scope="col">Name</th><th scope="col">What it is</th><th scope="col">Owner</th><th scope="col">Whom to call</th></tr></thead>
${group(
  'Assets',
  assets.length,
  assets.map((one) => assetRow(one, today)),
)}${group(
  'Teams',
  units.length,
  units.map(
    ({ unit, contacts, instead }) =>
      html`<tr><th scope="row"><a href="/owners/${encodeURIComponent(unit.id)}"><bdi>${unit.name}</bdi></a></th><td class="ink-2">${unit.level}</td><td class="ink-2">${instead && html`<bdi>${instead.name}</bdi> answers`}</td><td>${numberOf(contacts, today)}</td></tr>`,
  ),
)}${group(
  'People',
  people.length,
  people.map(
    ({ person, units: own }) =>
      html`<tr><th scope="row"><bdi>${person.name}</bdi></th><td class="ink-2">person</td><td>${joined(own, ({ id, name }) => html`<a href="/owners/${encodeURIComponent(id)}"><bdi>${name}</bdi></a>`)}</td><td>${person.email === null ? html`<span class="ink-3">no address is known</span>` : html`<a class="dial" href="${mailAt(person.email)}">${icon('mail')}<span><bdi>${person.email}</bdi></span></a>`}</td></tr>`,
  ),
)}</table></section>`;
}

function assetRow({ asset, owner, path, contacts, accountable }: ReachedAsset, today: string): Markup {
  const team = path[0];
  return html`<tr><th scope="row"><a href="${pathWith('/who', { text: asset.id })}"><bdi>${asset.name}</bdi></a></th><td class="ink-2">${kindSaid(asset.kind)}</td><td>${owner?.owner == null ? html`<span class="bad">nobody</span>` : html`${ownerLink({ id: owner.owner, name: team?.name ?? owner.owner, known: team !== undefined })}`}</td><td>${contacts.length > 0 ? numberOf(contacts, today) : accountable[0] ? html`<bdi>${accountable[0].name}</bdi>, accountable` : html`<span class="bad">nobody has given a number</span>`}</td></tr>`;
}

function numberOf(contacts: readonly EmergencyContact[], today: string): Markup {
  const [first] = contacts.toSorted((a, b) => rank(a) - rank(b));
  if (first === undefined) return html`<span class="bad">nobody has given a number</span>`;
  return html`<span class="name">${heldSign(first, today)}<span class="hidden">${isOld(first.verified, today) ? 'not tried recently' : 'tried'} </span>${dial(first)}</span>`;
}
