/** What a standard counts by team, why that moved between two looks, and the assets behind each cause. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Selection } from '@macadam/adapters/facts/history/read';
import type { Between } from '@macadam/adapters/facts/history/retrospect';
import { STEPS } from '@macadam/core/figures/accounting';
import { AMOUNT_CELLS, type MeasureTally } from '@macadam/core/figures/measure';
import type { CatalogueStandard } from '@macadam/services/catalogue/load';
import { measureByTeam, type TeamMeasure, unitOf } from '@macadam/services/progress/amounts';
import { z } from 'zod';
import { teamsAsked, unitIn } from '../asked-unit.ts';
import { aMoment, anId, idOrNone } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { list, route, type ServerParts } from '../http/route.ts';
import type { ServerContext } from '../pages/history/pages.ts';
import { siteOf } from '../server-context.ts';
import type { Looking } from '../session/visibility.ts';
import { scannedSpan } from '../time-range.ts';

export const share = z.number().min(0).max(1).nullable();
export const tally = z.object({
  pass: z.number(),
  fail: z.number(),
  unknown: z.number(),
  blindPass: z.number().describe('Assets that pass and have an amount that nobody knows'),
  blindFail: z.number(),
  blindUnknown: z.number(),
});
export const amountsQuery = {
  from: aMoment.describe('Left out: the scan before `to`'),
  to: aMoment.describe('Left out: the newest scan'),
  as: z.enum(['known']).optional().describe('As it is known now, not as it was published then'),
  team: idOrNone.optional(),
  unit: anId.optional().describe('All teams of a unit of the organisation'),
};
const cause = z.enum(AMOUNT_CELLS);
const step = z.enum(STEPS);
const one = { id: anId.describe('Id of a standard') };

/** The moments that are asked for, and the standard. Throws a problem for what there is not. */
export async function amountsAsked(
  parts: ServerParts,
  id: string,
  { from, to, as }: Readonly<Partial<Record<'from' | 'to' | 'as', string | undefined>>>,
): Promise<{ readonly site: ServerContext; readonly found: CatalogueStandard; readonly between: Between }> {
  const site = siteOf(parts);
  const found = site.standards.get(id);
  if (found === undefined) throw new HttpProblem(404, `there is no standard \`${id}\``);
  const between = await scannedSpan(site.past, { from, to, as });
  return { site, found, between };
}

/** Whose amounts are asked for: figures are everybody's. */
export async function amountsOf(
  parts: ServerParts,
  tx: DecisionTransaction,
  { team, unit }: Readonly<Partial<Record<'team' | 'unit', string | undefined>>>,
): Promise<Pick<Selection, 'team' | 'teams'>> {
  return {
    team,
    ...(unit !== undefined && { teams: (await unitIn(parts, tx, unit)).teams }),
  };
}

export const isOf = (
  { team, teams }: Awaited<ReturnType<typeof amountsOf>>,
  one: Pick<TeamMeasure, 'team'>,
): boolean => (team ?? one.team) === one.team && (teams?.includes(one.team) ?? true);

/** A page of the assets behind a cause that the caller may see. */
export async function amountRows(
  call: Looking,
  tx: DecisionTransaction,
  { site, found, between }: Awaited<ReturnType<typeof amountsAsked>>,
  wanted: {
    readonly team: string | undefined;
    readonly unit: string | undefined;
    readonly cell: z.output<typeof cause>;
    readonly step: z.output<typeof step>;
    readonly offset: number;
    readonly limit: number;
  },
) {
  const of = await teamsAsked(call, tx, wanted);
  const { cell, step: within, offset, limit } = wanted;
  return site.past.amountChanges(between, found.compiled, of, { cell, step: within, offset, limit });
}

const plain = (own: MeasureTally) => ({ ...own });

export const routes = [
  route({
    action: 'Figure::read',
    of: 'anywhere',
    method: 'GET',
    path: '/api/standards/:id/amounts',
    summary: 'Say what a standard counts, by team, and why that moved',
    params: one,
    query: amountsQuery,
    answer: z.object({
      standard: z.string(),
      measure: z.enum(['share', 'weighted', 'elimination', 'duration']),
      unit: z.string(),
      from: z.iso.datetime().nullable(),
      to: z.iso.datetime(),
      teams: z
        .array(z.object({ team: z.string(), tally, atLeast: share, atMost: share, measured: share }))
        .nullable()
        .describe('Null where no amounts were written at that scan'),
      causes: z
        .array(
          z.object({
            cell: cause,
            step,
            changes: z.int().describe('As many assets are in the list of this cause'),
            moved: tally.describe('What it did to each amount'),
          }),
        )
        .nullable()
        .describe(
          'Of a standard that weighs its assets or eliminates a cohort, of `team` or `unit` where one is given; null for another one, whose causes are `changes`, and where no amounts were written at the earlier scan',
        ),
    }),
    does: async ({ parts, params: { id }, query }, tx) => {
      const { site, found, between } = await amountsAsked(parts, id, query);
      const teams = await measureByTeam(site.past, between, found);
      const of = await amountsOf(parts, tx, query);
      const causes = await site.past.amountCauses(between, found.compiled, of);
      const own = teams?.filter((one) => isOf(of, one)) ?? null;
      return {
        standard: id,
        measure: found.definition.measure.kind,
        unit: unitOf(found),
        from: between.from?.valid.toISOString() ?? null,
        to: between.to.valid.toISOString(),
        teams:
          own?.map(({ team, tally: amounts, atLeast, atMost, measured }) => ({
            team,
            tally: plain(amounts),
            atLeast,
            atMost,
            measured,
          })) ?? null,
        causes: causes?.map((row) => ({ ...row, moved: plain(row.moved) })) ?? null,
      };
    },
  }),
  list({
    action: 'Fact::read',
    of: 'anywhere',
    path: '/api/standards/:id/amounts/changes',
    summary: 'List the assets behind a cause that moved amounts, of the caller’s divisions',
    params: one,
    query: { ...amountsQuery, cell: cause, step },
    row: z.object({
      place: z.int(),
      asset: z.string(),
      at: z.iso.datetime(),
      team: z.string(),
      from: z.enum(['pass', 'fail', 'unknown']).nullable().describe('Null: it was not in scope'),
      to: z.enum(['pass', 'fail', 'unknown']).nullable(),
      before: z.number().nullable().describe('Null: nobody knew, or it was not in scope'),
      after: z.number().nullable(),
    }),
    sorts: ['place'],
    key: ({ place }) => place,
    rows: async (call, tx, { after = 0, limit }) => {
      const { team, unit, cell, step: of, ...when } = call.query;
      const asked = await amountsAsked(call.parts, call.params.id, when);
      const wanted = { team, unit, cell, step: of, offset: after, limit };
      const rows = await amountRows(call, tx, asked, wanted);
      return rows.map((row, index) => ({ ...row, at: row.at.toISOString(), place: after + index + 1 }));
    },
  }),
];
