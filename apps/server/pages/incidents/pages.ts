/** The incident desk as a page: each time against its limit, notices with who is reached, and the forms of two people. */

import { authorise, COMPANY } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { count } from '@macadam/adapters/report-formats/figures';
import { lasted, moment } from '@macadam/adapters/report-formats/html/dates';
import {
  type Attempt,
  choices,
  field,
  form as formOf,
  pressed,
  refusal,
} from '@macadam/adapters/report-formats/html/form';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { PAGE_SECTIONS } from '@macadam/adapters/report-formats/html/sections';
import { plural } from '@macadam/adapters/report-formats/html/words';
import {
  AUDIENCES,
  NOTICE_TEMPLATES,
  type TimeAgainstLimit,
} from '@macadam/core/advisories/incident-notices';
import { z } from 'zod';
import { approveNotice, deskOf, desksOf, draftAsked, draftNotice, ofNotice } from '../../api/notices.ts';
import { anAsset, anId } from '../../http/bounds.ts';
import type { RawAnswer } from '../../http/route.ts';
import { form, readForm, shownPage, standingPage, type Visit, written } from '../page.ts';

const STATES: Readonly<Record<TimeAgainstLimit['state'] | 'not-touched', string>> = {
  'not-touched': 'no customer is affected',
  kept: 'kept',
  late: 'late',
  due: 'due',
  overdue: 'late, not sent yet',
  'cannot-tell': 'cannot tell',
};

type Desk = Awaited<ReturnType<typeof deskOf>>;
type Notice = Desk['notices'][number];

const DESKS = { href: '/incidents', label: 'Incident desks' };
const deskAt = (incident: string): string => `/incidents/${encodeURIComponent(incident)}`;

function timesTable(times: Desk['times']): Markup {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Times"><table class="past"><thead><tr><th scope="col">Time</th><th scope="col">Is</th><th scope="col">Was</th><th scope="col">Has to be by</th></tr></thead><tbody>${times.map(
    ({ what, state, at, by }) =>
      html`<tr><th scope="row">${what}</th><td${(state === 'late' || state === 'overdue') && html` class="bad"`}>${STATES[state]}</td><td>${at === null ? 'not yet' : moment(at)}</td><td>${by === null ? '' : moment(by)}</td></tr>`,
  )}</tbody></table></div>`;
}

function reachedText({ sentAt, reached }: Notice): string {
  if (sentAt === null) return 'nobody yet';
  const { recipients, opened, delivered, failed, notKnown } = reached;
  return `${count(opened)} of ${plural(recipients, 'recipient')} opened it; ${count(delivered)} delivered, ${count(failed)} failed, ${count(notKnown)} not known`;
}

function noticeBox(call: Visit, incident: string, notice: Notice): Markup {
  const { id, audience, template, text, draftedBy, draftedAt, approvedBy, approvedAt } = notice;
  const may =
    approvedAt === null &&
    authorise(call.caller, 'Notice::approve', { ...COMPANY, person: draftedBy }).allowed;
  return html`<section aria-labelledby="notice-${id}"><h3 id="notice-${id}">To ${audience}: ${template} notice</h3>
<p class="note">Drafted by <bdi>${draftedBy}</bdi>, ${moment(draftedAt)}. ${approvedAt === null ? 'Not approved yet: by somebody else.' : html`Approved by <bdi>${approvedBy}</bdi>, ${moment(approvedAt)}.`} Reached: ${reachedText(notice)}.</p>
<details${may && html` open`}><summary>What it says</summary>${text.split(/\n{2,}/).map((part) => html`<p>${part}</p>`)}</details>
${may && pressed(`/incidents/${encodeURIComponent(incident)}/approval`, 'Approve this text', { notice: id }, true)}
${approvedAt !== null && html`<p class="note">Send it: <code>macadam case send ${id} --recipients FILE</code></p>`}</section>`;
}

function draftForm(incident: string, attempt: Attempt | null): Markup {
  const on = { form: 'draft', attempt };
  const fields = [
    choices({
      ...on,
      name: 'audience',
      label: 'To whom',
      one: true,
      options: AUDIENCES.map((value) => ({ value, label: value })),
    }),
    choices({
      ...on,
      name: 'template',
      label: 'Template',
      one: true,
      options: NOTICE_TEMPLATES.map((value) => ({ value, label: value })),
    }),
    field({
      ...on,
      name: 'text',
      label: 'Text',
      hint: 'Left out: the text of the template, in which [[ ]] has to be filled in before anybody can approve it',
      kind: 'area',
      optional: true,
    }),
  ];
  return html`<section aria-labelledby="draft"><h2 id="draft">Draft a notice</h2>${formOf({ action: `${deskAt(incident)}/notices`, fields, button: 'Draft' })}</section>`;
}

async function deskPage(
  call: Visit,
  tx: DecisionTransaction,
  { incident, attempt }: { readonly incident: string; readonly attempt: Attempt | null },
): Promise<RawAnswer> {
  const desk = await deskOf(call, tx, incident);
  const { name, declaredAt } = desk.incident;
  const drafting = authorise(call.caller, 'Notice::draft', COMPANY).allowed;
  const { firstHours, rhythmHours } = desk.limits;
  return standingPage(call, {
    section: 'assets',
    trail: [PAGE_SECTIONS.assets, DESKS],
    heading: `Incident desk: ${name}`,
    title: `Incident desk: ${name}`,
    when: moment(tx.at),
    body: html`${refusal(attempt)}<section aria-labelledby="times"><h2 id="times">Is everybody told in time?</h2><p class="answer">${declaredAt === null ? 'Nobody knows when it was declared.' : html`Declared ${moment(declaredAt)}.`} A first notice is due within ${lasted(firstHours * 3600)}, then one every ${lasted(rhythmHours * 3600)} until it is over. Notices to customers and victims count, and what the tracker knows of.</p>${desk.times.length === 0 ? html`<p>No customer is affected, as far as is known, so nobody has to be told.</p>` : timesTable(desk.times)}</section>
<section aria-labelledby="notices"><h2 id="notices">Who was told what?</h2>${desk.notices.length === 0 ? html`<p class="answer">No notice was drafted yet.</p>` : desk.notices.map((one) => noticeBox(call, incident, one))}</section>${drafting && draftForm(incident, attempt)}`,
  });
}

async function desksPage(call: Visit, tx: DecisionTransaction): Promise<RawAnswer> {
  const rows = await desksOf(call, tx);
  const open = rows.filter(({ closedAt }) => closedAt === null);
  const pressing = open.filter(({ state }) => state === 'overdue').length;
  const blind = open.filter(({ state }) => state === 'cannot-tell').length;
  const said =
    rows.length === 0
      ? html`<p class="answer">No incident is known.</p><p class="note">They come from a tracker by <code>macadam ingest</code>; <code>macadam catalogue --kind incident</code> says what it needs.</p>`
      : html`<p class="answer">${plural(open.length, 'open incident')}: ${pressing === 0 ? 'no notice is late' : html`a notice is late in ${count(pressing)}`}${blind > 0 && html`; of ${count(blind)} nobody can tell`}.</p><div class="scroll" tabindex="0" role="group" aria-label="Incidents"><table class="past"><thead><tr><th scope="col">Incident</th><th scope="col">Declared</th><th scope="col">Is</th><th scope="col">Next notice</th><th scope="col">Has to be by</th><th scope="col">Came late</th></tr></thead><tbody>${rows.map(
          ({ id, name, declaredAt, closedAt, state, lacks, by, late }) =>
            html`<tr><th scope="row"><a href="${deskAt(id)}">${name}</a></th><td>${declaredAt === null ? 'nobody knows' : moment(declaredAt)}</td><td${state === 'overdue' && html` class="bad"`}>${closedAt === null ? 'open, ' : 'over, '}${STATES[state]}</td><td>${lacks ?? 'nothing'}</td><td>${by === null ? '' : moment(by)}</td><td>${late === 0 ? '' : plural(late, 'notice')}</td></tr>`,
        )}</tbody></table></div>`;
  return standingPage(call, {
    section: 'assets',
    below: true,
    heading: 'Incident desks',
    title: 'Incident desks',
    when: moment(tx.at),
    body: html`<section aria-labelledby="incidents"><h2 id="incidents">Who has to be told next?</h2>${said}</section>`,
  });
}

const incidentParams = { id: anAsset.describe('Id of the asset that is the incident') };
const typedDraft = z.strictObject({
  audience: draftAsked.shape.audience,
  template: draftAsked.shape.template,
  text: written.optional(),
});
const typedApproval = z.strictObject({ notice: anId });

export const incidentPages = [
  shownPage({
    path: '/incidents',
    summary: 'Show incident desks, open ones first',
    action: 'Notice::read',
    of: () => COMPANY,
    does: desksPage,
  }),
  shownPage({
    path: '/incidents/:id',
    summary: 'Show an incident desk',
    action: 'Notice::read',
    of: () => COMPANY,
    params: incidentParams,
    does: (call, tx) => deskPage(call, tx, { incident: call.params.id, attempt: null }),
  }),
  form({
    path: '/incidents/:id/notices',
    name: 'draft',
    summary: 'Draft a notice',
    action: 'Notice::draft',
    params: incidentParams,
    of: () => COMPANY,
    does: async (call, tx) => {
      await draftNotice(call, tx, { incident: call.params.id, asked: readForm(typedDraft, call.body) });
      return deskAt(call.params.id);
    },
    reads: 'Notice::read',
    page: (call, tx, attempt) => deskPage(call, tx, { incident: call.params.id, attempt }),
  }),
  form({
    path: '/incidents/:id/approval',
    name: 'approval',
    summary: 'Approve a notice that somebody else drafted',
    action: 'Notice::approve',
    params: incidentParams,
    of: (call, tx) => ofNotice(tx, readForm(typedApproval, call.body).notice),
    does: async (call, tx) => {
      await approveNotice(tx, readForm(typedApproval, call.body).notice);
      return deskAt(call.params.id);
    },
    reads: 'Notice::read',
    page: (call, tx, attempt) => deskPage(call, tx, { incident: call.params.id, attempt }),
  }),
];
