/** What happened to those that a standard wants eliminated, between two looks. */
import { cohortMoves } from '@macadam/services/progress/cohort';
import { z } from 'zod';
import { aMoment, anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { list } from '../http/route.ts';
import { siteOf } from '../server-context.ts';
import { scannedSpan } from '../time-range.ts';

const state = z
  .enum(['outside', 'remaining', 'eliminated', 'open'])
  .describe('`open`: it failed on the day, or was unknown, and nobody can tell now');

export const routes = [
  list({
    action: 'Fact::read',
    of: () => ({ id: '', division: '' }),
    path: '/api/standards/:id/cohort',
    summary: 'List the assets of a cohort that stand in it otherwise than at an earlier scan',
    params: { id: anId.describe('Id of a standard that counts an elimination') },
    query: {
      from: aMoment.describe('Left out: the scan before `to`'),
      to: aMoment.describe('Left out: the newest scan'),
    },
    row: z.object({ asset: z.string(), from: state, to: state }),
    sorts: ['asset'],
    key: ({ asset }) => asset,
    rows: async ({ parts, params: { id }, query: { from, to } }, _, { after, limit }) => {
      const site = siteOf(parts);
      const found = site.standards.get(id);
      if (found === undefined) throw new HttpProblem(404, `there is no standard \`${id}\``);
      if (found.definition.measure.kind !== 'elimination')
        throw new HttpProblem(422, `\`${id}\` counts no elimination, so that it has no cohort`);
      const between = await scannedSpan(site.past, {
        from,
        to,
      });
      const moves = await cohortMoves(site.past, between, found.compiled);
      return moves.filter(({ asset }) => after === undefined || asset > after).slice(0, limit);
    },
  }),
];
