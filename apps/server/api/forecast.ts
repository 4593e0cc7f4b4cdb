/** When standards reach their targets, if what happened so far goes on. */
import { commitmentOf } from '@macadam/core/figures/target';
import { forecastStandard } from '@macadam/services/progress/forecast';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import { siteOf } from '../server-context.ts';

const day = z.iso.date();
const share = z.number().min(0).max(1);

export const routes = [
  route({
    action: 'Figure::read',
    of: 'anywhere',
    method: 'GET',
    path: '/api/standards/:id/forecast',
    summary: 'Say when a standard reaches its target, by what was observed each week',
    params: { id: anId.describe('Id of a standard') },
    query: {
      share: z.coerce.number().min(0).max(1).optional().describe('Another target than that of the standard'),
      by: day.optional().describe('Another day than that of the standard'),
    },
    answer: z.object({
      id: z.string(),
      target: share,
      by: day,
      at: z.iso.datetime().describe('The moment that it is seen from'),
      weeks: z.int().describe('How many weeks were observed; 26 at most'),
      pace: z
        .object({
          ended: z.number(),
          began: z.number(),
          settlesAt: share
            .nullable()
            .describe('The share that passes in the long run; null where none ended'),
        })
        .nullable()
        .describe('Failures that ended and began in a week, on average; null where no week was observed'),
      outcome: z.enum(['met', 'expected', 'never', 'cannot-tell']),
      likely: day.nullable().describe('Half of the futures have reached it by then'),
      cautious: day.nullable().describe('85 of 100 futures have; null where fewer ever do'),
      chance: share.nullable().describe('Of `never`: how many of the futures reach it within five years'),
      why: z.enum(['nothing-in-scope', 'too-few-steps', 'too-much-unknown']).nullable(),
      atRisk: z.boolean().nullable().describe('Whether the promised day is likely to be missed'),
    }),
    does: async ({ parts, params: { id }, query }) => {
      const site = siteOf(parts);
      const found = site.standards.get(id);
      if (found === undefined) throw new HttpProblem(404, `there is no standard \`${id}\``);
      const own = commitmentOf(found.definition, site.commitments ?? {}).target;
      const target = query.share ?? own?.share;
      const by = query.by ?? own?.by;
      if (target === undefined || by === undefined)
        throw new HttpProblem(
          422,
          `\`${id}\` has no target: give \`share\` and \`by\`, or state a target in its standard.yaml, or in \`targets\` of macadam.yaml`,
        );
      const made = await forecastStandard(site.past, found, { share: target, by: String(by) });
      if (made === null) throw new HttpProblem(503, 'nothing was measured yet', [], { 'retry-after': '2' });
      const { outcome } = made;
      const expected = outcome.kind === 'expected' ? outcome : null;
      const dayOf = (date: Date | null | undefined) => date?.toISOString().slice(0, 10) ?? null;
      return {
        id,
        target: made.target,
        by: made.by,
        at: made.at.toISOString(),
        weeks: made.weeks,
        pace: made.pace,
        outcome: outcome.kind,
        likely: dayOf(expected?.likely),
        cautious: dayOf(expected?.cautious),
        chance: outcome.kind === 'never' ? outcome.chance : null,
        why: outcome.kind === 'cannot-tell' ? outcome.why : null,
        atRisk: made.atRisk,
      };
    },
  }),
];
