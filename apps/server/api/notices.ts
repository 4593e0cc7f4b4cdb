/** The incident desk: notices about incidents, by two people, to recipients by name, with what is known of their arrival. */

import { randomUUID } from 'node:crypto';
import { COMPANY } from '@macadam/adapters/authorisation/authorise';
import type { DecisionPrincipal, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { digestOf, isSecret, newSecret } from '@macadam/adapters/identity/secret';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import {
  AUDIENCES,
  BLANK,
  type IncidentFacts,
  type IncidentStatus,
  NOTICE_TEMPLATES,
  type NoticeLimits,
  noticeText,
  RECEIPTS,
  reachedBy,
  statusOf,
  TIME_STATES,
  timesOf,
} from '@macadam/core/advisories/incident-notices';
import { parseDuration } from '@macadam/core/cel/runtime/time';
import type { Asset } from '@macadam/core/facts/asset';
import { z } from 'zod';
import { anAsset, anId, aText } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { sameOrigin } from '../http/request.ts';
import { type Call, list, open, type RawAnswer, route } from '../http/route.ts';
import { framed } from '../pages/history/frame.ts';
import { HTML, pageAnswer } from '../pages/page-answer.ts';
import { siteOf } from '../server-context.ts';

const INCIDENT = 'incident';
/** Its parameters are the limits. */
const STANDARD = 'incidents-communicated';
const HOUR = 3_600_000;
const LIMITS: NoticeLimits = { first: 72 * HOUR, rhythm: 168 * HOUR };
const MOST_RECIPIENTS = 5000;
/** Opens a notice for whoever holds its link. */
const DESK_PART: DecisionPrincipal = { id: 'machine:incident-desk', divisions: 'all' };
export const NOTICE_PATH = '/notice';

type Site = ReturnType<typeof siteOf>;

/** Those of the standard in force; the ones that it is published with where it is not. */
function limitsOf(site: Site): NoticeLimits {
  const params = site.standards.get(STANDARD)?.compiled.params ?? {};
  const read = (name: keyof NoticeLimits): number => {
    const duration = typeof params[name] === 'string' ? parseDuration(params[name]) : null;
    return duration === null ? LIMITS[name] : duration.seconds * 1000;
  };
  return { first: read('first'), rhythm: read('rhythm') };
}

/** Throws 404 where there is no such incident. */
async function incidentIn(site: Site, id: string): Promise<IncidentFacts> {
  const asset = await site.facts.asset(id);
  if (asset === null || asset.kind !== INCIDENT)
    throw new HttpProblem(404, `there is no incident \`${id}\`; name the id of its asset`);
  return factsOf(asset);
}

function factsOf(asset: Asset): IncidentFacts {
  const known = (name: string): unknown => {
    const statement = asset.attributes.get(name)?.statement;
    return statement !== undefined && 'value' in statement ? statement.value : null;
  };
  const time = (name: string): string | null => {
    const value = known(name);
    return value === null ? null : String(value);
  };
  const touched = known('customers_affected');
  const told = [time('first_notice_at'), time('last_notice_at')].filter((one) => one !== null);
  return {
    id: asset.id,
    name: asset.name,
    declaredAt: time('declared_at'),
    closedAt: time('closed_at'),
    touchesCustomers: typeof touched === 'boolean' ? touched : null,
    toldAt: [...new Set(told)],
  };
}

/** Throws 404. */
async function noticeIn(tx: DecisionTransaction, id: string) {
  const found = await tx.notices.notice(id);
  if (found === null) throw new HttpProblem(404, `there is no notice \`${id}\``);
  return found;
}

const time = z.string().describe('RFC 3339');
const reached = z.object({
  recipients: z.int(),
  opened: z.int().describe('With proof: by their own link'),
  delivered: z.int().describe('By the word of a mail server alone'),
  failed: z.int(),
  notKnown: z.int().describe('Nobody knows whether they have it'),
});
const notice = z.object({
  id: z.string(),
  incident: z.string(),
  audience: z.enum(AUDIENCES),
  template: z.enum(NOTICE_TEMPLATES),
  text: z.string(),
  draftedAt: time,
  draftedBy: z.string(),
  approvedAt: time.nullable(),
  approvedBy: z.string().nullable(),
  sentAt: time.nullable(),
});
const incident = { id: anAsset.describe('Id of the asset that is the incident') };
const one = { id: anId };

/** What stands of an incident: its notices, who is reached, and each time against its limit. */
export async function deskOf(call: Pick<Call, 'parts' | 'now'>, tx: DecisionTransaction, id: string) {
  const site = siteOf(call.parts);
  const facts = await incidentIn(site, id);
  const limits = limitsOf(site);
  const notices = await tx.notices.notices(id);
  const shown = [];
  for (const found of notices) {
    const recipients = await tx.notices.recipients(found.id);
    shown.push({ ...found, reached: reachedBy(recipients.map(({ receipt }) => receipt)) });
  }
  return {
    incident: facts,
    limits: { firstHours: limits.first / HOUR, rhythmHours: limits.rhythm / HOUR },
    times: timesOf(facts, notices, { now: call.now, limits }),
    notices: shown,
  };
}

interface DeskRow extends Omit<IncidentFacts, 'toldAt'>, IncidentStatus {
  readonly late: number;
  readonly notices: number;
}

/** Every incident that there is: open ones first, and of those what has to be done first. */
export async function desksOf(
  call: Pick<Call, 'parts' | 'now'>,
  tx: DecisionTransaction,
): Promise<readonly DeskRow[]> {
  const site = siteOf(call.parts);
  const limits = limitsOf(site);
  const notices = Map.groupBy(await tx.notices.notices(), (each) => each.incident);
  const found: DeskRow[] = [];
  for await (const asset of site.facts.assets(INCIDENT)) {
    const { toldAt: _, ...facts } = factsOf(asset);
    const own = notices.get(asset.id) ?? [];
    const times = timesOf(factsOf(asset), own, { now: call.now, limits });
    found.push({
      ...facts,
      ...statusOf(times),
      late: times.filter(({ state }) => state === 'late').length,
      notices: own.length,
    });
  }
  return found.toSorted((a, b) => (deskKey(a) < deskKey(b) ? -1 : 1));
}

const URGENCY: readonly string[] = ['overdue', 'cannot-tell', 'due', 'late', 'kept', 'not-touched'];

/** Orders by code point: open, how urgent, until when, id. */
const deskKey = (row: Pick<DeskRow, 'id' | 'closedAt' | 'state' | 'by'>): string =>
  [row.closedAt === null ? '0' : '1', URGENCY.indexOf(row.state), row.by ?? '', row.id].join(' ');

export const draftAsked = z.strictObject({
  audience: z.enum(AUDIENCES),
  template: z.enum(NOTICE_TEMPLATES),
  text: aText.optional().describe('Left out: the text of the template, with what people fill in in [[ ]]'),
});

/** Throws 404 where there is no such incident. */
export async function draftNotice(
  { parts, now }: Pick<Call, 'parts' | 'now'>,
  tx: DecisionTransaction,
  { incident: id, asked }: { readonly incident: string; readonly asked: z.output<typeof draftAsked> },
) {
  const site = siteOf(parts);
  const facts = await incidentIn(site, id);
  const { audience, template } = asked;
  const text = asked.text ?? noticeText({ audience, template }, facts, { now, limits: limitsOf(site) });
  return tx.notices.draft({ id: randomUUID(), incident: id, audience, template, text });
}

/** For the policy, which refuses whoever drafted it. Throws 404. */
export const ofNotice = async (tx: DecisionTransaction, id: string) => ({
  ...COMPANY,
  person: (await noticeIn(tx, id)).draftedBy,
});

/** Throws 404, and 422 for a text in which something has to be filled in. */
export async function approveNotice(tx: DecisionTransaction, id: string) {
  const { text } = await noticeIn(tx, id);
  const [blank] = BLANK.exec(text) ?? [];
  if (blank !== undefined)
    throw new HttpProblem(422, 'it is not filled in', [
      {
        field: 'text',
        reason: `\`${blank.slice(0, 100)}\` stands in it`,
        fix: 'draft it again with that filled in',
      },
    ]);
  await tx.notices.approve(id);
  return noticeIn(tx, id);
}

const shownPage = (heading: string, body: Markup): RawAnswer =>
  pageAnswer(
    framed({
      title: heading,
      heading,
      when: 'Notice',
      simulated: null,
      trail: [],
      sections: null,
      body: html`<section aria-labelledby="notice"><h2 id="notice" class="hidden">What it says</h2>${body}</section>`,
    }),
  );

/** Throws 404 for a key that opens nothing; which kind of wrong it is, is nobody's business who holds none. */
async function linkedTo(parts: Call['parts'], key: string, opening: boolean) {
  const found = isSecret(key)
    ? await parts.decisions.transaction(DESK_PART, async (tx) => {
        const linked = await tx.notices.linked(digestOf(key));
        if (linked !== null && opening)
          await tx.notices.record(linked.notice.id, [{ recipient: linked.recipient, how: 'opened' }]);
        return linked;
      })
    : null;
  if (found === null) throw new HttpProblem(404, 'this link opens no notice');
  return found;
}

const paragraphs = (text: string): Markup =>
  html`${text.split(/\n{2,}/).map((part) => html`<p>${part}</p>`)}`;

const key = z.string().min(1).max(200);

export const routes = [
  list({
    path: '/api/incidents',
    summary: 'List incidents, open ones first, each with what lacks next and until when',
    action: 'Notice::read',
    of: () => COMPANY,
    row: z.object({
      id: z.string(),
      name: z.string(),
      declaredAt: time.nullable(),
      closedAt: time.nullable().describe('Null: it goes on'),
      touchesCustomers: z.boolean().nullable().describe('Null: nobody knows'),
      state: z.enum([...TIME_STATES, 'not-touched']),
      lacks: z.string().nullable().describe('What has to be done next; null: nothing'),
      by: time.nullable().describe('Until when'),
      late: z.int().describe('Notices that came later than allowed'),
      notices: z.int().describe('Drafted here'),
    }),
    sorts: ['urgency'],
    key: deskKey,
    rows: async (call, tx, { after, limit }) => {
      const rows = await desksOf(call, tx);
      return rows.filter((row) => after === undefined || deskKey(row) > after).slice(0, limit);
    },
  }),
  route({
    method: 'GET',
    path: '/api/incidents/:id/desk',
    summary: 'Show an incident desk: notices, who is reached, and each time against its limit',
    params: incident,
    action: 'Notice::read',
    of: () => COMPANY,
    answer: z.object({
      incident: z.object({
        id: z.string(),
        name: z.string(),
        declaredAt: time.nullable(),
        closedAt: time.nullable(),
        touchesCustomers: z.boolean().nullable().describe('Null: nobody knows'),
        toldAt: z.array(time).describe('When the tracker says that customers were told'),
      }),
      limits: z.object({ firstHours: z.number(), rhythmHours: z.number() }),
      times: z.array(
        z.object({
          what: z.string(),
          from: time.nullable(),
          by: time.nullable(),
          at: time.nullable().describe('Null: it was not yet'),
          state: z.enum(TIME_STATES),
        }),
      ),
      notices: z.array(notice.extend({ reached })),
    }),
    does: (call, tx) => deskOf(call, tx, call.params.id),
  }),
  route({
    method: 'POST',
    path: '/api/incidents/:id/notices',
    summary: 'Draft a notice, from a template or with a text',
    status: 201,
    params: incident,
    action: 'Notice::draft',
    of: () => COMPANY,
    body: draftAsked,
    answer: notice,
    does: (call, tx) => draftNotice(call, tx, { incident: call.params.id, asked: call.body }),
  }),
  route({
    method: 'POST',
    path: '/api/notices/:id/approval',
    summary: 'Approve a notice that somebody else drafted',
    params: one,
    action: 'Notice::approve',
    of: ({ params }, tx) => ofNotice(tx, params.id),
    answer: notice,
    does: ({ params }, tx) => approveNotice(tx, params.id),
  }),
  route({
    method: 'POST',
    path: '/api/notices/:id/recipients',
    summary: 'Send an approved notice: a link for each recipient, which is shown this once',
    status: 201,
    shownOnce: true,
    params: one,
    action: 'Notice::send',
    of: () => COMPANY,
    body: z.strictObject({
      recipients: z.array(z.string().min(1).max(320)).min(1).max(MOST_RECIPIENTS),
    }),
    answer: z.object({
      links: z.array(
        z.object({
          recipient: z.string(),
          path: z.string().describe('Behind the address of the server; mail it to this recipient alone'),
        }),
      ),
    }),
    does: async ({ params, body, parts }, tx) => {
      await noticeIn(tx, params.id);
      const given = [...new Set(body.recipients)].map((recipient) => ({
        recipient,
        secret: newSecret(parts.random),
      }));
      await tx.notices.send(
        params.id,
        given.map(({ recipient, secret }) => ({ recipient, digest: digestOf(secret) })),
      );
      return {
        links: given.map(({ recipient, secret }) => ({ recipient, path: `${NOTICE_PATH}?key=${secret}` })),
      };
    },
  }),
  list({
    path: '/api/notices/:id/recipients',
    summary: 'List recipients of a notice, with what is known of its arrival',
    params: one,
    action: 'Notice::read',
    of: () => COMPANY,
    row: z.object({
      recipient: z.string(),
      sentAt: time,
      receipt: z.enum(RECEIPTS).nullable().describe('Null: nobody knows'),
      receivedAt: time.nullable(),
    }),
    sorts: ['recipient'],
    key: ({ recipient }) => recipient,
    rows: async ({ params }, tx, { after, limit }) => {
      await noticeIn(tx, params.id);
      const rows = await tx.notices.recipients(params.id);
      return rows.filter(({ recipient }) => after === undefined || recipient > after).slice(0, limit);
    },
  }),
  route({
    method: 'POST',
    path: '/api/notices/:id/receipts',
    summary: 'Record what a mail server says of recipients',
    params: one,
    action: 'Notice::send',
    of: () => COMPANY,
    body: z.strictObject({
      receipts: z
        .array(
          z.strictObject({ recipient: z.string().min(1).max(320), how: z.enum(['delivered', 'failed']) }),
        )
        .min(1)
        .max(MOST_RECIPIENTS),
    }),
    answer: reached,
    does: async ({ params, body }, tx) => {
      await noticeIn(tx, params.id);
      await tx.notices.record(params.id, body.receipts);
      return reachedBy((await tx.notices.recipients(params.id)).map(({ receipt }) => receipt));
    },
  }),
  // Programs that look at links in mails ask by GET, so that a look proves nothing: a person presses the button.
  open({
    method: 'GET',
    path: NOTICE_PATH,
    summary: 'Show a notice to whoever holds its link',
    media: HTML,
    query: { key },
    does: async ({ parts, query }) => {
      const { notice: found } = await linkedTo(parts, query.key, false);
      return shownPage(
        'A notice for you',
        html`${paragraphs(found.text)}<form method="post" action="${NOTICE_PATH}"><input type="hidden" name="key" value="${query.key}"><p><button>I have read this</button></p></form>`,
      );
    },
  }),
  open({
    method: 'POST',
    path: NOTICE_PATH,
    summary: 'Say that a notice was read, by its link',
    media: HTML,
    body: z.strictObject({ key }),
    does: async (call) => {
      sameOrigin({ headers: call.headers } as Parameters<typeof sameOrigin>[0]);
      const { notice: found } = await linkedTo(call.parts, call.body.key, true);
      return shownPage(
        'Thank you',
        html`<p class="answer">It is recorded that you have read this.</p>${paragraphs(found.text)}`,
      );
    },
  }),
];
