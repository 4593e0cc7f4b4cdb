/** What standards cost the people who obey them. */
import { CONCERNS, type Toil } from '@macadam/core/figures/toil';
import { toilOfStandards } from '@macadam/services/progress/toil';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { list } from '../http/route.ts';
import { siteOf } from '../server-context.ts';
import { demandFilters } from '../unknown-name.ts';

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
  gateBlocks: z.null().describe('Null: gates run where changes are made, and nobody counts what they stop'),
});

const rowOf = (standard: string, { disputes, exceptions, concerns, ...toil }: Toil) => ({
  standard,
  ...toil,
  disputes: { ...disputes },
  exceptions: { ...exceptions },
  concerns: [...concerns],
  gateBlocks: null,
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
        await demandFilters({ standard }, tx, parts);
      const all = [...site.standards.values()]
        .filter(({ id }) => standard === undefined || id === standard)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .filter(({ id }) => after === undefined || id > after)
        .slice(0, limit);
      const toil = await toilOfStandards(tx, parts.decisions, all);
      return [...toil].map(([id, own]) => rowOf(id, own));
    },
  }),
];
