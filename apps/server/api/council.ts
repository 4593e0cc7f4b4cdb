/** The council: who is accountable for which division and function today. */
import { councilOf, SEAT_KINDS } from '@macadam/core/org/council';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { list } from '../http/route.ts';

export const seat = z.object({
  of: z.enum(SEAT_KINDS),
  for: z.string().describe('The division, or the function: a pillar or a kind of assets'),
  person: z.string().nullable().describe('Null: nobody is accountable'),
  name: z.string().nullable(),
});

export const routes = [
  list({
    action: 'Review::read',
    of: 'anywhere',
    path: '/api/council',
    summary: 'List who is accountable for each division and function, and which division has nobody',
    row: seat.extend({ place: z.int() }),
    sorts: ['place'],
    key: ({ place }) => place,
    rows: async ({ parts }, tx, { after = 0, limit }) =>
      councilOf(await currentTree(parts.decisions, tx))
        .map((one, index) => ({ ...one, place: index + 1 }))
        .slice(after, after + limit),
  }),
];
