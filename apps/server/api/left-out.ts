/** What is left out for the company, for programs. */
import { z } from 'zod';
import { list } from '../http/route.ts';
import { leftOutAt } from '../left-out.ts';
import { siteOf } from '../server-context.ts';

export const routes = [
  list({
    path: '/api/left-out',
    summary: 'List what is left out for the company, or was at a time',
    action: 'Figure::read',
    of: 'anywhere',
    query: {
      at: z.iso
        .datetime({ offset: true })
        .optional()
        .describe('The last scan before this time. Left out: the newest scan'),
    },
    row: z.object({
      said: z.string().describe('Until when, by whom, why, and where that is stated'),
      files: z.int().min(0).describe('Files that were not looked at'),
    }),
    sorts: ['said'],
    key: ({ said }) => said,
    rows: async ({ parts, query, now }, _, { after, limit }) => {
      const all = await leftOutAt(siteOf(parts), query.at === undefined ? now : new Date(query.at));
      return all.filter(({ said }) => after === undefined || said > after).slice(0, limit);
    },
  }),
];
