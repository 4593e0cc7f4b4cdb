/** A standard that somebody would change, as the checker reads it: what is wrong in it, and where. Nothing is saved. */
import { draftOf, textsOf } from '@macadam/services/judge/draft';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import { draftQuery, typedOver } from '../pages/definition/address.ts';
import { ownedStores, siteOf } from '../server-context.ts';

export const routes = [
  route({
    action: 'Fact::read',
    of: 'anywhere',
    method: 'GET',
    path: '/api/standards/:id/draft',
    summary: 'Check how a standard would be written, and say what is wrong in it and where',
    params: { id: anId.describe('Id of a standard') },
    query: draftQuery,
    answer: z.object({
      mistakes: z.array(
        z.object({
          field: z.string().describe('`statement`, `where`, `check`, a reason, or the name of a parameter'),
          line: z.int().describe('In the text of the field, from 1'),
          column: z.int().describe('From 1'),
          reason: z.string(),
        }),
      ),
    }),
    does: ({ parts, params: { id }, query }) => {
      const standard = siteOf(parts).standards.get(id);
      if (standard === undefined)
        throw new HttpProblem(404, `there is no standard ${id}; all standards are at /api/standards`);
      const draft = draftOf(standard, typedOver(textsOf(standard), query), ownedStores(parts).kinds);
      const mistakes = 'mistakes' in draft ? draft.mistakes : [];
      return {
        mistakes,
      };
    },
  }),
];
