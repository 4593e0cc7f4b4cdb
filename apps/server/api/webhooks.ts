/** Who is told of what was decided: endpoints, and their secrets. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { WebhookRecord } from '@macadam/adapters/decisions/webhooks';
import { DELIVERIES } from '@macadam/adapters/delivery/lane';
import { webhookSecret } from '@macadam/adapters/webhooks/signature';
import { webhookObjections } from '@macadam/services/deliver/webhooks/settings';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { type Call, list, route } from '../http/route.ts';
import { requireNone, unknownDivision } from '../unknown-name.ts';

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'it is not an id; give lower-case letters, digits and hyphens');
const event = z
  .string()
  .max(100)
  .regex(
    /^(\*|[a-z-]+\.(\*|[a-z-]+))$/,
    'it is no action; give one of the log, as in `batch.open` or `batch.*`',
  );
const settings = {
  url: z.url({ protocol: /^https?$/ }).max(2000),
  events: z.array(event).min(1).max(50).describe('Actions of the log: `batch.open`, `batch.*`, `*`'),
  division: z.string().max(200).describe('Empty: of the whole company'),
  active: z.boolean(),
};
const row = z.object({
  id,
  url: z.string(),
  events: z.array(z.string()),
  division: z.string(),
  active: z.boolean(),
  disabledBecause: z.string().nullable(),
  previousUntil: z
    .string()
    .nullable()
    .describe('Until then deliveries are signed with the secret before, too'),
  version: z.int(),
  changedAt: z.string(),
});
const standing = row.extend({
  failing: z
    .object({
      since: z.string(),
      failures: z.int(),
      problem: z.string(),
      nextTry: z.string().describe('Not before'),
    })
    .nullable()
    .describe('How it answered last; null where all is well, or nothing was sent yet'),
});

/** How deliveries go is the server's to know, and told of those alone that the caller may see. */
async function withFailures(asking: DecisionTransaction, records: readonly WebhookRecord[]) {
  const failures = await asking.readAs(DELIVERIES, (tx) =>
    tx.webhooks.failures(records.map((one) => one.id)),
  );
  const failing = new Map(
    failures.map(({ webhook, retryAt, ...one }) => [webhook, { ...one, nextTry: retryAt }]),
  );
  return records.map((one) => ({ ...one, failing: failing.get(one.id) ?? null }));
}
const secretAnswer = z.object({
  secret: z.string().describe('Keep it: whoever has it can sign as this server'),
});

const DAY_MS = 86_400_000;

async function divisionOf({ params }: Pick<Call<{ id: typeof id }>, 'params'>, tx: DecisionTransaction) {
  return { id: params.id, division: (await tx.webhooks.webhook(params.id))?.division ?? '' };
}

async function found(tx: DecisionTransaction, name: string): Promise<WebhookRecord> {
  const record = await tx.webhooks.webhook(name);
  if (!record) throw new HttpProblem(404, `there is no webhook \`${name}\``);
  return record;
}

function keyOf({ parts }: Pick<Call, 'parts'>): string {
  if (parts.webhookKey === undefined)
    throw new HttpProblem(503, 'the server has no key to sign webhooks with');
  return parts.webhookKey;
}

export const routes = [
  list({
    path: '/api/webhooks',
    summary: 'List webhooks',
    action: 'Webhook::read',
    of: 'anywhere',
    row: standing,
    sorts: ['id'],
    key: (one) => one.id,
    rows: async (_, tx, page) => withFailures(tx, await tx.webhooks.webhooks(page)),
  }),
  route({
    method: 'GET',
    path: '/api/webhooks/:id',
    summary: 'Show a webhook',
    action: 'Webhook::read',
    params: { id },
    of: divisionOf,
    answer: standing,
    does: async ({ params }, tx) => {
      const [one] = await withFailures(tx, [await found(tx, params.id)]);
      if (!one) throw new TypeError('one was found');
      return one;
    },
  }),
  route({
    method: 'PUT',
    path: '/api/webhooks/:id',
    summary: 'Make or change a webhook',
    action: 'Webhook::change',
    params: { id },
    body: z.strictObject(settings),
    of: ({ params, body }) => ({ id: params.id, division: body.division }),
    answer: row,
    versioned: ({ params }, tx) => tx.webhooks.webhook(params.id),
    does: async ({ params, body, permit, parts }, tx) => {
      const before = await tx.webhooks.webhook(params.id);
      if (before) permit('Webhook::change', { id: params.id, division: before.division });
      requireNone(422, [
        ...webhookObjections(body, { allowed: parts.webhookNetworks ?? [] }),
        ...unknownDivision(body.division, await currentTree(parts.decisions, tx)),
      ]);
      return tx.webhooks.put({ ...params, ...body });
    },
  }),
  // What shows a secret is written down, so it is no GET.
  route({
    method: 'POST',
    path: '/api/webhooks/:id/secret',
    summary: 'Show the secret of a webhook, once',
    action: 'Webhook::change',
    params: { id },
    of: divisionOf,
    shownOnce: true,
    answer: secretAnswer,
    does: async (call, tx) => {
      await found(tx, call.params.id);
      const { id: name, secretVersion } = await tx.webhooks.reveal(call.params.id);
      return { secret: webhookSecret(keyOf(call), name, secretVersion) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/webhooks/:id/rotation',
    summary: 'Give a webhook a new secret; for a day both sign',
    action: 'Webhook::change',
    params: { id },
    of: divisionOf,
    shownOnce: true,
    answer: secretAnswer,
    does: async (call, tx) => {
      const until = new Date(call.now.getTime() + DAY_MS).toISOString();
      const { id: name, secretVersion } = await tx.webhooks.rotate(
        (await found(tx, call.params.id)).id,
        until,
      );
      return { secret: webhookSecret(keyOf(call), name, secretVersion) };
    },
  }),
];
