/** Targets of standards: at risk before their day, missed after it, and why. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { asksWhy, countedReasons, MISS_REASONS, TARGET_SIGNALS } from '@macadam/core/figures/missed';
import { STATUS_CAUSES } from '@macadam/core/figures/target';
import { type StandardTarget, targetsAt } from '@macadam/services/progress/targets';
import { z } from 'zod';
import { anId, aText } from '../http/bounds.ts';
import { aDay } from '../http/day.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Call, list, route, type ServerParts } from '../http/route.ts';
import { siteOf } from '../server-context.ts';
import { scannedSpan } from '../time-range.ts';

const reason = z.enum(MISS_REASONS);
const said = z.object({
  due: z.iso.date().describe('The day of the target'),
  reason,
  note: z.string().nullable(),
  saidAt: z.string(),
  saidBy: z.string(),
});
const NOTHING = {};

/** Of every standard that has a target. Throws 503 before the first look. */
export async function targetsIn(
  parts: ServerParts,
  tx: DecisionTransaction,
): Promise<readonly StandardTarget[]> {
  const site = siteOf(parts);
  const between = await scannedSpan(site.past, {});
  const standards = [...site.standards.values()];
  return targetsAt(tx, {
    past: site.past,
    between,
    standards,
    commitments: site.commitments ?? NOTHING,
  });
}

export const missAsked = z.strictObject({
  reason,
  note: aText.nullable().default(null),
  due: aDay.optional().describe('Left out: the day of its target'),
});

/** Whose it is to say: an owner of the standard. */
export const ofStandard = ({ params: { id } }: { readonly params: { readonly id: string } }) => ({
  id,
  division: '',
  standard: id,
});

/** Records why the target of a standard was missed. Throws 404, and 422 for what has no target, or one that is not missed. */
export async function recordMiss(
  { parts, params: { id } }: Pick<Call, 'parts'> & { readonly params: { readonly id: string } },
  tx: DecisionTransaction,
  asked: z.output<typeof missAsked>,
) {
  if (!siteOf(parts).standards.has(id)) throw new HttpProblem(404, `there is no standard \`${id}\``);
  const found = (await targetsIn(parts, tx)).find(({ standard }) => standard === id);
  if (found === undefined) throw new HttpProblem(422, `\`${id}\` has no target, so that none was missed`);
  const due = asked.due ?? found.target.by;
  if (asked.due === undefined && !asksWhy(found))
    throw new HttpProblem(
      422,
      `the target of \`${id}\` by ${due} is not missed; name an earlier day in \`due\` where that one was`,
    );
  return tx.effects.miss({ standard: id, due, reason: asked.reason, note: asked.note });
}

export const routes = [
  list({
    action: 'Figure::read',
    of: 'anywhere',
    path: '/api/targets',
    summary: 'List targets of standards, those that are missed or at risk first',
    query: { signal: z.enum(TARGET_SIGNALS).optional() },
    row: z.object({
      place: z.int(),
      standard: z.string(),
      label: z.string(),
      accountable: z.string().nullable(),
      target: z.object({ share: z.number(), by: z.iso.date() }),
      signal: z
        .enum(TARGET_SIGNALS)
        .describe('`at-risk`: the day is ahead, and the forecast does not keep it'),
      cause: z.enum(STATUS_CAUSES).nullable(),
      daysLeft: z.int().describe('Negative where the day has passed'),
      miss: said.nullable().describe('The reason that was given for this day; null: none'),
      reasons: z
        .array(z.object({ reason, count: z.int() }))
        .describe('Of every target of the standard that was missed'),
    }),
    sorts: ['place'],
    key: ({ place }) => place,
    rows: async ({ parts, query: { signal } }, tx, { after = 0, limit }) =>
      (await targetsIn(parts, tx))
        .filter((one) => signal === undefined || one.signal === signal)
        .map((one, index) => ({
          ...one,
          place: index + 1,
          label: one.progress.label,
          accountable: one.progress.accountable,
          cause: one.progress.cause,
          reasons: countedReasons(one.misses),
        }))
        .slice(after, after + limit),
  }),
  route({
    method: 'POST',
    path: '/api/standards/:id/misses',
    summary: 'Say why the target of a standard was missed',
    status: 201,
    params: { id: anId.describe('Id of a standard') },
    action: 'Standard::propose',
    of: ofStandard,
    body: missAsked,
    answer: said.extend({ standard: z.string() }),
    does: (call, tx) => recordMiss(call, tx, call.body),
  }),
];
