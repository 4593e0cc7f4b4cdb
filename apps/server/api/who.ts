/** Whom to call at night, about anything that somebody has in hand. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { currentTree } from '@macadam/services/ownership/log';
import { LOOK_UP } from '@macadam/services/ownership/pass';
import { ownerSettings } from '@macadam/services/ownership/rules';
import { whoIn } from '@macadam/services/ownership/who';
import type { Reached } from '@macadam/services/ownership/who-reached';
import { z } from 'zod';
import { route, type ServerParts } from '../http/route.ts';
import { passedStores } from '../server-context.ts';

const rows = <T extends z.ZodType>(of: T) => z.array(of).readonly();

const chain = rows(
  z.object({
    rule: z.string(),
    by: z.string(),
    outcome: z.enum(['decides', 'silent', 'unobserved', 'not-asked']),
    why: z.string(),
  }),
);
export const ownerAnswer = z.object({
  asset: z.string(),
  owner: z.string().nullable().describe('A unit; null for nobody'),
  state: z.enum(['confirmed', 'unconfirmed', 'nobody']),
  confirmedAt: z.string().nullable().describe('When what decides was last seen or said'),
  rule: z.string().nullable(),
  chain: chain.describe('How each rule fared, in their order'),
});
const covers = z.object({
  unit: z.string().optional(),
  pillar: z.string().optional(),
  kind: z.string().optional(),
});
const contact = z.object({
  by: z.enum(['phone', 'email', 'page', 'chat']),
  address: z.string(),
  verified: z.string().nullable().describe('Day on which somebody last tried it'),
});
const reached = z.object({
  key: z.string().nullable().describe('As what the text was taken; null for nothing'),
  count: z.int().describe('How many assets are known by it; `found` has the first'),
  found: rows(
    z.object({
      asset: z.object({ id: z.string(), kind: z.string(), name: z.string() }),
      owner: ownerAnswer.nullable(),
      path: rows(
        z.object({
          id: z.string(),
          level: z.string(),
          name: z.string(),
          parent: z.string().nullable(),
          contacts: rows(contact),
        }),
      ),
      accountable: rows(
        z.object({ person: z.string(), name: z.string(), email: z.string().nullable(), for: covers }),
      ),
      contacts: rows(contact.extend({ unit: z.string() })),
      runbook: z.string().nullable().describe('How to disable it'),
      instead: z
        .object({ id: z.string(), name: z.string() })
        .nullable()
        .describe('The unit whose contacts and accountable people these are, where nobody owns it'),
    }),
  ),
  looked: rows(z.string()).describe('Of nothing found: as what it was looked up'),
});

/** Across divisions, whoever asks: nobody knows whose it is before it is found. */
export async function reachedBy(
  parts: ServerParts,
  asking: DecisionTransaction,
  text: string,
  now: Date,
): Promise<Reached> {
  const stores = await passedStores(parts);
  return asking.readAs(LOOK_UP, async (tx) => {
    const tree = await currentTree(parts.decisions, tx);
    return whoIn(tx, text, { stores, now, tree, settings: await ownerSettings(tx) });
  });
}

export const routes = [
  route({
    method: 'GET',
    path: '/api/who',
    summary: 'Say whom to call about anything',
    action: 'Owner::read',
    of: 'anywhere',
    holds: 'search',
    query: {
      text: z
        .string()
        .trim()
        .min(1)
        .max(2000)
        .describe(
          'A host, an address, an application id, a repository, a package URL, a thumbprint, an image digest, or an id',
        ),
    },
    answer: reached,
    does: ({ parts, query: { text }, now }, tx) => reachedBy(parts, tx, text, now),
  }),
];
