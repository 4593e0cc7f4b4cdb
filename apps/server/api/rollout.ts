/** How a standard is rolled out: where each ring stands, what a step would do by owner, and what its versions did. */

import { withStep } from '@macadam/core/figures/rollout-impact';
import { divisionOf } from '@macadam/core/org/org';
import { ROLLOUT_STEPS } from '@macadam/core/verdicts/rollout';
import { currentTree } from '@macadam/services/ownership/log';
import { rolloutOfStandard } from '@macadam/services/progress/rollout';
import { teamsOf } from '@macadam/services/work/teams';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { aDay } from '../http/day.ts';
import { HttpProblem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import { siteOf } from '../server-context.ts';
import { scannedSpan } from '../time-range.ts';

const count = z.int().min(0);
const day = z.iso.date();
const step = z.enum(ROLLOUT_STEPS);

const answer = z.object({
  id: z.string(),
  title: z.string(),
  at: z.iso.datetime().describe('The look whose verdicts are counted'),
  state: step.describe('Of whoever is in no ring'),
  onUnknown: z.enum(['allow', 'warn', 'ask', 'block']),
  rings: z
    .array(
      z.object({
        ring: z.string().nullable().describe('Null: whoever is in no ring'),
        owners: z.array(z.string()),
        assets: z.array(z.string()),
        step: step.describe('Today'),
        warn: day.nullable(),
        enforce: day.nullable(),
      }),
    )
    .describe('In order: the first that selects an asset is its ring'),
  next: z
    .object({
      ring: z.string().nullable(),
      to: step,
      on: day,
      notJudgedThen: z
        .string()
        .nullable()
        .describe('Why nobody was judged as of that day, so that who would newly fail then is not counted'),
      owners: z.array(
        z.object({
          team: z.string(),
          division: z.string().nullable(),
          assets: count.describe('In the reach of the step'),
          newlyFailing: count.describe('Pass, or are unknown, today, and fail on that day'),
          work: count.describe('Would open work that is not open today'),
          blocked: count.describe('Fail, and would be stopped at the gate'),
          unknownStopped: count.describe('Unknown, and would be stopped or asked about at the gate'),
          excepted: count,
          released: count.describe('Would open work no more: the step goes back'),
        }),
      ),
      write: z.string().describe('What to write into macadam.yaml to take the step'),
    })
    .nullable()
    .describe('The step that was asked about, else the next one that is announced; null where there is none'),
  versions: z
    .array(
      z.object({
        digest: z
          .string()
          .describe('Of the standard with its parameters and its kind: another content is another version'),
        from: z.iso.datetime(),
        tightened: count.describe(
          'Assets that were judged worse because the definition changed: nobody’s doing',
        ),
        relaxed: count,
        owners: z.array(z.object({ team: z.string(), tightened: count, relaxed: count })),
      }),
    )
    .describe('Newest first, ten at most'),
});

export const routes = [
  route({
    action: 'Figure::read',
    of: 'anywhere',
    method: 'GET',
    path: '/api/standards/:id/rollout',
    summary: 'Say how a standard is rolled out, and what a step would do to each owner',
    params: { id: anId.describe('Id of a standard') },
    query: {
      to: step.optional().describe('A step that is considered'),
      ring: anId.optional().describe('Name or number of a ring; left out: whoever is in none'),
      on: aDay.optional().describe('The first day of that step; left out: today'),
    },
    answer,
    does: async ({ parts, params: { id }, query, now }, tx) => {
      const site = siteOf(parts);
      const standard = site.standards.get(id);
      if (standard === undefined) throw new HttpProblem(404, `there is no standard \`${id}\``);
      const between = await scannedSpan(site.past, {});
      const { rollout } = standard.definition;
      const asked = askedStep(query, rollout.rings?.map(({ name }) => name) ?? [], now);
      const tree = await currentTree(parts.decisions, tx);
      const { above } = teamsOf(tree);
      const stores = site.reviews?.source.stores ?? null;
      const found = await rolloutOfStandard({
        past: site.past,
        between,
        standard,
        teams: {
          above,
          division: (team) =>
            site.divisions.get(team ?? '') ?? (team === null ? '' : (divisionOf(tree, team) ?? '')),
        },
        stores,
        kinds: site.reviews?.source.kinds ?? new Map(),
        ...(asked && { step: asked }),
        now,
      });
      const { next } = found;
      return {
        id,
        title: standard.definition.title,
        at: between.to.valid.toISOString(),
        state: rollout.state,
        onUnknown: rollout.on_unknown,
        rings: found.rings,
        next: next && { ...next, write: written(id, withStep(rollout, next)) },
        versions: found.versions.map((one) => ({
          ...one,
          from: one.from.toISOString(),
        })),
      };
    },
  }),
];

function askedStep(
  {
    to,
    ring,
    on,
  }: { to?: z.infer<typeof step> | undefined; ring?: string | undefined; on?: string | undefined },
  names: readonly string[],
  now: Date,
) {
  if (to === undefined) {
    if (ring === undefined && on === undefined) return null;
    throw new HttpProblem(422, 'a ring or a day is named, and no step: add `to`, such as to=warn');
  }
  const name = ring === undefined ? null : (names[Number(ring) - 1] ?? names.find((one) => one === ring));
  if (name === undefined)
    throw new HttpProblem(
      422,
      `there is no ring \`${ring}\`; ${names.length === 0 ? 'the standard has none: state `rings` in `rollouts` of macadam.yaml' : `there are ${names.join(', ')}`}`,
    );
  return { ring: name, to, on: on ?? now.toISOString().slice(0, 10) };
}

/** As lines of macadam.yaml. */
function written(id: string, rollout: ReturnType<typeof withStep>): string {
  return `rollouts:\n  ${id}: ${JSON.stringify(rollout)
    .replaceAll(/"([a-z_]+)":/g, '$1: ')
    .replaceAll(',', ', ')}\n`;
}
