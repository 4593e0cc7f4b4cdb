/** What standards cost the people who obey them. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { CONCERNS, LEAST_ANSWERS, OPINIONS, type Opinion, type Toil } from '@macadam/core/figures/toil';
import { toilOfStandards } from '@macadam/services/progress/toil';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { list, route } from '../http/route.ts';
import { siteOf } from '../server-context.ts';
import { requireFilters } from '../unknown-name.ts';

const count = z.int().min(0);

const toilRow = z.object({
  standard: z.string(),
  items: count.describe('Work items of the last 365 days, of the divisions that you may read'),
  closed: count,
  assets: count,
  fixed: count.describe('Assets that were seen to pass'),
  reassigned: count,
  snoozes: count,
  disputes: z.object({ opened: count, upheld: count, rejected: count }),
  exceptions: z.object({ asked: count, approved: count, refused: count }),
  medianSeconds: z
    .number()
    .nullable()
    .describe('From the first failing observation to the first passing one'),
  engineers: count.nullable().describe('People of the teams that had work of it; null where nobody can tell'),
  itemsPerEngineer: z.number().nullable(),
  estimatedHours: z.number().describe('By the minutes that the standard states for a fix: an estimate'),
  upheldShare: z.number().nullable().describe('Of decided disputes; null below five'),
  concerns: z.array(z.enum(CONCERNS)).describe('What its owner should hear of'),
  gateBlocks: count.nullable().describe('Null: no gate reported anything within 365 days'),
  gateRuns: count.nullable().describe('Runs that were reported: those that found something wrong'),
  gateMeanMilliseconds: z.number().nullable(),
  gateSlowestMilliseconds: z.number().nullable(),
  opinions: z
    .object({
      enough: z.boolean().describe(`Whether ${LEAST_ANSWERS} or more answered: below it nothing is told`),
      answers: z.object({ 'worth-it': count, 'too-costly': count, wrong: count }).nullable(),
    })
    .describe('What people answered whose item was closed; ten answers are added at a time'),
});

const rowOf = (standard: string, { disputes, exceptions, concerns, gate, opinions, ...toil }: Toil) => ({
  standard,
  ...toil,
  disputes,
  exceptions,
  concerns,
  gateBlocks: gate?.blocked ?? null,
  gateRuns: gate?.runs ?? null,
  gateMeanMilliseconds: gate?.meanMilliseconds ?? null,
  gateSlowestMilliseconds: gate?.slowestMilliseconds ?? null,
  opinions,
});

export const routes = [
  list({
    action: 'WorkItem::read',
    of: 'anywhere',
    path: '/api/toil',
    summary: 'List what each standard costs the people who obey it',
    query: { standard: anId.optional() },
    row: toilRow,
    sorts: ['standard'],
    key: ({ standard }) => standard,
    rows: async ({ parts, query: { standard } }, tx, { after, limit }) => {
      const site = siteOf(parts);
      if (standard !== undefined && !site.standards.has(standard))
        await requireFilters({ standard }, tx, parts);
      const all = [...site.standards.values()]
        .filter(({ id }) => standard === undefined || id === standard)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .filter(({ id }) => after === undefined || id > after)
        .slice(0, limit);
      const toil = await toilOfStandards(tx, parts.decisions, all);
      return [...toil].map(([id, own]) => rowOf(id, own));
    },
  }),
  route({
    action: 'Figure::report',
    of: () => ({ id: '', division: '' }),
    method: 'POST',
    path: '/api/gate-runs',
    summary: 'Report what a gate stopped, and how long it took',
    status: 201,
    body: z.strictObject({
      runs: z
        .array(
          z.strictObject({
            standard: anId,
            blocked: z.boolean(),
            milliseconds: z.number().min(0).max(86_400_000).describe('How long the whole gate took'),
          }),
        )
        .min(1)
        .max(500),
    }),
    answer: z.object({ reported: count }),
    does: async ({ parts, body: { runs } }, tx) => {
      const { standards } = siteOf(parts);
      const own = runs.filter(({ standard }) => standards.has(standard));
      await tx.effects.gate(own);
      return { reported: own.length };
    },
  }),
  route({
    action: 'WorkItem::comment',
    of: async ({ params: { id } }, tx) => {
      const { division, team, standard } = await itemIn(tx, id);
      return { id, division, team, standard };
    },
    method: 'POST',
    path: '/api/work-items/:id/opinion',
    summary: 'Say what you think of the standard of an item that was closed; it is kept without your name',
    status: 201,
    params: { id: z.string().min(1).max(500) },
    body: z.strictObject({ answer: z.enum(OPINIONS) }),
    answer: z.object({ answered: z.literal(true) }),
    does: async ({ params: { id }, body: { answer } }, tx) => {
      await opine(tx, id, answer);
      return { answered: true as const };
    },
  }),
];

async function itemIn(tx: DecisionTransaction, id: string) {
  const batch = await tx.work.batch(id);
  if (batch) return batch;
  throw new HttpProblem(404, `there is no work item \`${id}\``);
}

/** Throws 404, and 409 where it is open. */
export async function opine(tx: DecisionTransaction, id: string, answer: Opinion): Promise<void> {
  const { closedAt, standard } = await itemIn(tx, id);
  if (closedAt === null) throw new HttpProblem(409, 'the item is open: answer when everything of it is done');
  await tx.effects.opine(id, standard, answer);
}
