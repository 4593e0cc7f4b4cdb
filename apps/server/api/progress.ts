/** How any unit of the organisation stands, and what moved that between any two dates. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Between } from '@macadam/adapters/facts/history/retrospect';
import type { Figures } from '@macadam/core/figures/accounting';
import type { OrgUnit } from '@macadam/core/org/org';
import { unitsBelow } from '@macadam/core/org/roll-up';
import { currentTree } from '@macadam/services/ownership/log';
import { type UnitStandard, unitProgress } from '@macadam/services/progress/unit';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { route, type ServerParts } from '../http/route.ts';
import { labelOf } from '../pages/assets/title.ts';
import { CAUSES_OF_CHANGE, causesOf } from '../pages/history/causes.ts';
import { siteOf } from '../server-context.ts';
import { spanOf } from '../time-range.ts';

const time = z.union([z.iso.datetime({ offset: true }), z.iso.date()]).optional();
const count = z.int().min(0);
const counts = z.object({ pass: count, fail: count, unknown: count, excepted: count });

export interface FoundUnit {
  readonly unit: OrgUnit;
  /** Everything below it, itself included. */
  readonly teams: readonly string[];
}

/** Throws 404 for one that there is not. */
export async function unitIn(
  { decisions }: Pick<ServerParts, 'decisions'>,
  tx: DecisionTransaction,
  id: string,
): Promise<FoundUnit> {
  const tree = await currentTree(decisions, tx);
  const unit = tree.units.get(id);
  if (unit !== undefined) return { unit, teams: unitsBelow(tree, id) };
  throw new HttpProblem(404, `there is no team or unit \`${id}\` in the organisation`, [
    { field: 'unit', reason: 'the organisation of today does not have it', fix: 'look for it at /owners' },
  ]);
}

const WEEK = 7 * 86_400_000;

/** Of a unit, or of the whole company, from a week before the newest look until it where nothing else is asked for. */
export async function unitStands(
  parts: ServerParts,
  found: FoundUnit | null,
  {
    from,
    to,
    as,
  }: {
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    readonly as?: string | undefined;
  },
): Promise<{ readonly between: Between; readonly standards: readonly UnitStandard[] }> {
  const { past } = siteOf(parts);
  const until = { ...(to !== undefined && { to }), ...(as !== undefined && { as }) };
  const end = await spanOf(past, until);
  if (end === null) throw new HttpProblem(503, 'nothing was looked at yet', [], { 'retry-after': '2' });
  const week = new Date(end.to.valid.getTime() - WEEK).toISOString();
  const between = (await spanOf(past, { ...until, from: from ?? week })) ?? end;
  return { between, standards: await unitProgress(past, between, found?.teams ?? null) };
}

const shown = ({ pass, fail, unknown, excepted }: Figures) => ({ pass, fail, unknown, excepted });

export const routes = [
  route({
    action: 'Figure::read',
    of: 'anywhere',
    method: 'GET',
    path: '/api/progress',
    summary: 'Say how a unit stands by every standard, and what moved that between two dates',
    query: {
      unit: anId.optional().describe('A team, or any unit above teams. Left out: the whole company'),
      from: time.describe('A time, or a day, which is its first instant (UTC). Left out: a week before `to`'),
      to: time.describe('Left out: the newest scan'),
      as: z.enum(['known']).optional().describe('As it is known now, not as it was published then'),
    },
    answer: z.object({
      unit: z.object({ id: z.string(), name: z.string(), level: z.string() }).nullable(),
      from: z.iso.datetime().nullable(),
      to: z.iso.datetime(),
      standards: z.array(
        z.object({
          standard: z.string(),
          label: z.string(),
          now: counts,
          before: counts.nullable().describe('Null where there is no earlier look'),
          changes: z
            .partialRecord(z.enum(CAUSES_OF_CHANGE), z.int())
            .describe('Cause to number of changes, each an asset in the list of `/standards/:id/changes`'),
        }),
      ),
    }),
    does: async ({ parts, query: { unit, ...when } }, tx) => {
      const found = unit === undefined ? null : await unitIn(parts, tx, unit);
      const { between, standards } = await unitStands(parts, found, when);
      const site = siteOf(parts);
      return {
        unit: found && { id: found.unit.id, name: found.unit.name, level: found.unit.level },
        from: between.from?.valid.toISOString() ?? null,
        to: between.to.valid.toISOString(),
        standards: standards.map(({ standard, now, before, cells }) => ({
          standard,
          label: labelOf(site, standard),
          now: shown(now),
          before: before && shown(before),
          changes: Object.fromEntries(causesOf(cells)),
        })),
      };
    },
  }),
];
