/** What outside bodies ask, and where each requirement stands by the standards that answer it: computed when it is asked. */
import { REQUIREMENT_STATUSES, requirementStatus } from '@macadam/core/figures/framework-status';
import { TARGET_STATUSES } from '@macadam/core/figures/target';
import { groupOf } from '@macadam/services/catalogue/framework';
import { progressAt } from '@macadam/services/progress/status';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { list, route, type ServerParts } from '../http/route.ts';
import type { ServerContext } from '../pages/history/pages.ts';
import { siteOf } from '../server-context.ts';
import { scannedSpan } from '../time-range.ts';

const reads = { action: 'Figure::read', of: 'anywhere' } as const;
const counts = z.record(z.enum(REQUIREMENT_STATUSES), z.int()).describe('How many requirements stand so');
const requirement = z.object({
  requirement: z.string(),
  group: z.string().nullable().describe('What it is listed under; null where nothing is grouped'),
  status: z.enum(REQUIREMENT_STATUSES),
  standards: z.array(
    z.object({
      standard: z.string(),
      label: z.string().nullable(),
      status: z.enum(TARGET_STATUSES).nullable().describe('Null where it is not in force here'),
    }),
  ),
});
type Requirement = z.infer<typeof requirement>;

type Framework = NonNullable<ServerContext['frameworks']>[number];

/** Every requirement of a framework as it stands at the newest look. Throws 503 before the first. */
export async function requirementsOf(
  site: ServerContext,
  framework: Framework,
): Promise<readonly Requirement[]> {
  const between = await scannedSpan(site.past, {});
  const progress = await progressAt(site.past, between, site.standards.values(), site.commitments ?? NOTHING);
  return Object.entries(framework.requirements).map(([name, ids]) => {
    const standards = ids.map((standard) => {
      const own = progress.get(standard);
      return { standard, label: own?.label ?? null, status: own?.status ?? null };
    });
    const group = groupOf(framework, name);
    return {
      requirement: name,
      group,
      status: requirementStatus(standards.map(({ status }) => status)),
      standards,
    };
  });
}

const NOTHING = {};

export const countsOf = (requirements: readonly Requirement[]): z.infer<typeof counts> =>
  Object.fromEntries(
    REQUIREMENT_STATUSES.map((status) => [
      status,
      requirements.filter((one) => one.status === status).length,
    ]),
  ) as z.infer<typeof counts>;

export function frameworkIn(parts: ServerParts, id: string): { site: ServerContext; framework: Framework } {
  const site = siteOf(parts);
  const framework = site.frameworks?.find((one) => one.framework === id);
  if (framework === undefined) throw new HttpProblem(404, `there is no framework \`${id}\``);
  return { site, framework };
}

export const routes = [
  list({
    ...reads,
    path: '/api/frameworks',
    summary: 'List what outside bodies ask, and how much of it is met',
    row: z.object({ framework: z.string(), title: z.string(), requirements: z.int(), counts }),
    sorts: ['framework'],
    key: ({ framework }) => framework,
    rows: async ({ parts }, _, { after, limit }) => {
      const site = siteOf(parts);
      const rows = [];
      for (const one of site.frameworks ?? []) {
        const requirements = await requirementsOf(site, one);
        const { framework, title } = one;
        rows.push({ framework, title, requirements: requirements.length, counts: countsOf(requirements) });
      }
      return rows
        .sort((a, b) => (a.framework < b.framework ? -1 : 1))
        .filter(({ framework }) => after === undefined || framework > after)
        .slice(0, limit);
    },
  }),
  route({
    ...reads,
    method: 'GET',
    path: '/api/frameworks/:id',
    summary: 'Say where every requirement of one stands',
    params: { id: anId.describe('Id of a framework') },
    answer: z.object({
      framework: z.string(),
      title: z.string(),
      counts,
      requirements: z.array(requirement),
    }),
    does: async ({ parts, params }) => {
      const { site, framework } = frameworkIn(parts, params.id);
      const requirements = [...(await requirementsOf(site, framework))];
      return {
        framework: framework.framework,
        title: framework.title,
        counts: countsOf(requirements),
        requirements,
      };
    },
  }),
];
