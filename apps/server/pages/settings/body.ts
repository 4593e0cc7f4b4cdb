/** What is set of the server and of oneself: tokens, sessions, who may do what, and where work and news are sent. */

import { ROLES } from '@macadam/adapters/authorisation/authorise';
import type { RoleRecord, SessionRecord, TokenRecord } from '@macadam/adapters/decisions/access';
import type { TrackerRecord } from '@macadam/adapters/decisions/trackers';
import type { WebhookFailure, WebhookRecord } from '@macadam/adapters/decisions/webhooks';
import { shortMoment } from '@macadam/adapters/report-formats/html/dates';
import {
  type Attempt,
  choices,
  field,
  folded,
  opened,
  pressed,
  refusal,
} from '@macadam/adapters/report-formats/html/form';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { pagerFromFirst } from '@macadam/adapters/report-formats/html/parts/pager';
import { emptyState } from '@macadam/adapters/report-formats/html/parts/states';
import { glyph } from '@macadam/adapters/report-formats/html/signs';
import { plural } from '@macadam/adapters/report-formats/html/words';

/** A page of the roles in force. */
export interface RolesShown {
  readonly rows: readonly RoleRecord[];
  readonly next: string | null;
  /** The first page; null on it. */
  readonly first: string | null;
}

export interface SettingsPage {
  readonly attempt: Attempt | null;
  /** What was just done; null: nothing. */
  readonly done: string | null;
  /** They come from the command line, for a token for it. */
  readonly forCommandLine: boolean;
  readonly tokens: readonly (TokenRecord & { readonly used: string | null })[];
  readonly sessions: readonly (SessionRecord & { readonly used: string | null })[];
  /** Why the reader may not make a token; null: they may. */
  readonly noToken: string | null;
  /** Null: the reader may not see them. */
  readonly roles: RolesShown | null;
  /** What was searched for among them. */
  readonly roleSearch: string;
  readonly mayGrant: boolean;
  readonly trackers: readonly TrackerRecord[] | null;
  readonly webhooks: readonly (WebhookRecord & { readonly failure: WebhookFailure | null })[] | null;
  readonly divisions: readonly { readonly id: string; readonly name: string }[];
  readonly person: (id: string) => string;
  readonly division: (id: string) => string;
  readonly now: string;
}

export const DONE = {
  'revoked-token': 'The token is revoked. What uses it is refused from now on.',
  'ended-session': 'The session is ended.',
  granted: 'The role is given.',
  'revoked-role': 'The role is taken back.',
} as const;

/** Scopes that are asked for most; others can be typed. */
const SCOPES = [
  { value: '*::*', label: 'Whatever I may, for the command line' },
  { value: '*::read', label: 'Read whatever I may read' },
  { value: 'WorkItem::*', label: 'Work items: claim, comment, dispute, snooze' },
  { value: 'Exception::*', label: 'Exceptions: ask, approve, refuse, end' },
  { value: 'Fact::ingest', label: 'Send facts of a source that is named below' },
];
const HOURS = [
  { value: '1', label: 'An hour' },
  { value: '24', label: 'A day' },
  { value: '168', label: 'A week' },
];

export function settingsBody(page: SettingsPage): Markup {
  return html`${refusal(page.attempt)}${page.done !== null && html`<p class="told" role="status">${page.done}</p>`}${tokensSection(page)}${sessionsSection(page)}${page.trackers !== null && trackersSection(page.trackers, page)}${page.webhooks !== null && webhooksSection(page.webhooks, page)}
<section aria-labelledby="others"><h2 id="others">Elsewhere</h2><ul class="note"><li><a href="/sources">Sources</a>, with the last run of each and what is unknown because of it.</li><li>Standards, their parameters and targets, places and exclusions are in files: macadam.yaml and the folder of standards.</li><li>Log-in, mail and addresses are set in the environment of the server; <code>npm start -- --help</code> names each.</li></ul></section>
${page.roles !== null && rolesSection(page, page.roles)}`;
}

function tokensSection({ tokens, attempt, noToken, now, forCommandLine }: SettingsPage): Markup {
  const on = { form: 'token', attempt };
  const live = tokens.filter(({ revokedAt, expiresAt }) => revokedAt === null && expiresAt > now);
  const past = tokens.length - live.length;
  const table = html`<table class="grid tall stacked quiet"><caption class="hidden">Tokens that are good now</caption><thead><tr><th scope="col">For</th><th scope="col">May</th><th scope="col">Last used</th><th scope="col">Ends</th><th scope="col"><span class="hidden">Revoke</span></th></tr></thead><tbody>${live.map((token) => html`<tr><th scope="row"><bdi>${token.name}</bdi></th><td>${token.scopes.join(', ')}${token.sources.map(({ source, kinds }) => html` <span class="ink-2">${source}: ${kinds.join(', ')}</span>`)}</td><td>${token.used === null ? 'never' : shortMoment(token.used)}</td><td>${shortMoment(token.expiresAt)}</td><td>${pressed(`/settings/tokens/${encodeURIComponent(token.id)}/revoke`, html`Revoke<span class="hidden">: ${token.name}</span>`)}</td></tr>`)}</tbody></table>`;
  return html`<section aria-labelledby="tokens"><h2 id="tokens">Your tokens<span class="sub">${plural(live.length, 'token')} good now${past > 0 && `, ${past} over`}</span></h2>${live.length === 0 ? emptyState({ kind: 'good', says: 'No program can act in your name.' }) : table}
<div class="acts">${
    noToken === null
      ? (forCommandLine ? opened : folded)('Make a token', {
          ...on,
          action: '/settings/tokens',
          fields: html`${field({ ...on, name: 'name', value: forCommandLine ? 'command line' : '', label: 'What is it for?', hint: 'So that whoever finds it in the list knows whether it may go.' })}
${choices({ ...on, name: 'scopes', label: 'What may it do?', hint: 'Never more than you may.', options: SCOPES, chosen: forCommandLine ? ['*::*'] : ['*::read'] })}
${field({ ...on, name: 'others', label: 'Other scopes', kind: 'area', optional: true, hint: 'One a line, as WorkItem::read.' })}
${field({ ...on, name: 'source', label: 'Facts of which source?', optional: true })}
${field({ ...on, name: 'kinds', label: 'Facts of which kinds?', optional: true, kind: 'area', hint: 'One a line.' })}
${choices({ ...on, name: 'hours', label: 'How long is it good?', options: HOURS, one: true, chosen: ['24'] })}`,
          button: 'Make it',
        })
      : html`<p class="note">You may not make a token: ${noToken}.</p>`
  }</div></section>`;
}

/** What a token is, this once. */
export function madeToken(token: string, record: TokenRecord): Markup {
  return html`<section aria-labelledby="made"><h2 id="made">Keep it now</h2><p class="answer">It is not shown again: the server keeps its digest alone.</p>
<div class="cmd"><code id="token" tabindex="0">${token}</code></div>
<p class="note">For ${record.name}; may ${record.scopes.join(', ')}; until ${shortMoment(record.expiresAt)}. Send it as <code>Authorization: Bearer …</code>, or to the command line in <code>MACADAM_TOKEN</code>.</p>
<p><a class="btn" href="/settings">Done</a></p></section>`;
}

function sessionsSection({ sessions }: SettingsPage): Markup {
  return html`<section aria-labelledby="sessions"><h2 id="sessions">Where you are logged in<span class="sub">${plural(sessions.length, 'session')}</span></h2>${
    sessions.length === 0
      ? html`<p class="note">Nowhere by a browser.</p>`
      : html`<table class="grid tall stacked quiet"><caption class="hidden">Sessions</caption><thead><tr><th scope="col">Since</th><th scope="col">By</th><th scope="col">Last used</th><th scope="col">Ends</th><th scope="col"><span class="hidden">End</span></th></tr></thead><tbody>${sessions.map((one) => html`<tr><th scope="row">${shortMoment(one.startedAt)}</th><td data-label="by">${one.means === 'link' ? 'a link' : 'the identity provider'}</td><td data-label="last used">${one.used === null ? 'never' : shortMoment(one.used)}</td><td data-label="ends">${shortMoment(one.expiresAt)}</td><td>${pressed(`/settings/sessions/${encodeURIComponent(one.digest)}/end`, html`End<span class="hidden"> the session of ${shortMoment(one.startedAt)}</span>`)}</td></tr>`)}</tbody></table>`
  }</section>`;
}

function rolesSection(page: SettingsPage, { rows: roles, next, first }: RolesShown): Markup {
  const { attempt, mayGrant, person, division, divisions, roleSearch } = page;
  const on = { form: 'role', attempt };
  const where = (id: string) => (id === '' ? 'the whole company' : division(id));
  const words = (role: string) => role.replaceAll('-', ' ').replace('ciso', 'CISO');
  return html`<section aria-labelledby="roles"><h2 id="roles">People and roles<span class="sub">${plural(roles.length, 'role')} in force${next === null && first === null ? '' : ' on this page'}</span></h2><form class="ask" action="/settings#roles" role="search" aria-label="Roles"><label>Person <input class="field" type="search" name="search" value="${roleSearch}" autocomplete="off"></label><button class="btn">Show</button>${roleSearch !== '' && html` <a href="/settings#roles">All</a>`}</form>${roles.length === 0 && emptyState({ kind: 'filtered', says: 'Nobody who is called so has a role.' })}<table class="grid tall stacked quiet roles"><caption class="hidden">Roles in force</caption><thead><tr><th scope="col">Who</th><th scope="col">Role</th><th scope="col">Where</th><th scope="col">Given</th><th scope="col">Until</th>${mayGrant && html`<th scope="col"><span class="hidden">Take back</span></th>`}</tr></thead><tbody>${roles.map((role) => html`<tr><th scope="row"><bdi title="${role.person}">${person(role.person)}</bdi></th><td>${words(role.role)}</td><td>${where(role.division)}</td><td>${shortMoment(role.grantedAt, false)} <span class="ink-2">by ${person(role.grantedBy)}</span></td><td>${role.until === null ? 'it is taken back' : shortMoment(role.until)}</td>${mayGrant && html`<td>${pressed(`/settings/roles/${role.number}/revoke`, html`Take back<span class="hidden">: ${words(role.role)} of ${person(role.person)}</span>`)}</td>`}</tr>`)}</tbody></table>${pagerFromFirst('roles', first, next)}
${
  mayGrant &&
  html`<div class="acts">${folded('Give a role', {
    ...on,
    action: '/settings/roles',
    fields: html`${field({ ...on, name: 'person', label: 'To whom?', hint: 'The id of a person of the organisation; nobody gives a role to oneself.' })}
${choices({ ...on, name: 'role', label: 'Which role?', one: true, options: ROLES.map((value) => ({ value, label: words(value) })) })}
${choices({ ...on, name: 'division', label: 'Where?', one: true, chosen: ['company'], options: [{ value: 'company', label: 'the whole company' }, ...divisions.map(({ id, name }) => ({ value: id, label: name }))] })}
${field({ ...on, name: 'until', label: 'Last day', kind: 'date', optional: true, least: page.now.slice(0, 10) })}`,
    button: 'Give it',
  })}</div>`
}</section>`;
}

const ofWhom = (team: string, division: string, { division: name }: Pick<SettingsPage, 'division'>): Child =>
  team !== '' ? name(team) : division !== '' ? name(division) : 'the whole company';

function trackersSection(trackers: readonly TrackerRecord[], page: SettingsPage): Markup {
  return html`<section aria-labelledby="trackers"><h2 id="trackers">Trackers<span class="sub">where work is an issue too</span></h2>${
    trackers.length === 0
      ? emptyState({
          kind: 'unknown',
          says: 'Work is in no tracker.',
          next: html`<code>PUT /api/trackers/NAME</code> names one: see <a href="/api">the API</a>.`,
        })
      : html`<table class="grid tall stacked quiet"><caption class="hidden">Trackers</caption><thead><tr><th scope="col">Tracker</th><th scope="col">Sort</th><th scope="col">Of whom</th><th scope="col">Project</th><th scope="col">State</th></tr></thead><tbody>${trackers.map((one) => html`<tr><th scope="row">${one.id}</th><td>${one.kind}</td><td>${ofWhom(one.team, one.division, page)}</td><td><bdi>${one.project}</bdi></td><td>${one.active ? html`<span class="name">${glyph('pass')}in use</span>` : 'off: its issues stay as they are'}</td></tr>`)}</tbody></table>`
  }</section>`;
}

function webhooksSection(webhooks: NonNullable<SettingsPage['webhooks']>, page: SettingsPage): Markup {
  const state = ({ active, disabledBecause, failure }: (typeof webhooks)[number]): Child =>
    disabledBecause !== null
      ? html`<span class="name">${glyph('fail')}off: ${disabledBecause}</span>`
      : failure !== null
        ? html`<span class="name">${glyph('fail')}${plural(failure.failures, 'delivery').replace('deliverys', 'deliveries')} failed since ${shortMoment(failure.since)}: ${failure.problem}</span>`
        : active
          ? html`<span class="name">${glyph('pass')}in use</span>`
          : 'off';
  return html`<section aria-labelledby="webhooks"><h2 id="webhooks">Webhooks<span class="sub">who is told of what is decided</span></h2>${
    webhooks.length === 0
      ? emptyState({
          kind: 'unknown',
          says: 'No other program is told.',
          next: html`<code>PUT /api/webhooks/NAME</code> names one: see <a href="/api">the API</a>.`,
        })
      : html`<table class="grid tall stacked quiet"><caption class="hidden">Webhooks</caption><thead><tr><th scope="col">Webhook</th><th scope="col">Address</th><th scope="col">Of whom</th><th scope="col">Events</th><th scope="col">State</th></tr></thead><tbody>${webhooks.map((one) => html`<tr><th scope="row">${one.id}</th><td class="cut"><bdi>${one.url}</bdi></td><td>${ofWhom('', one.division, page)}</td><td>${one.events.join(', ')}</td><td>${state(one)}</td></tr>`)}</tbody></table>`
  }</section>`;
}
