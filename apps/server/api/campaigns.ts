/** Campaigns: where each stands, what is to be done first, and why. */
import { STATUS_CAUSES, TARGET_STATUSES } from '@macadam/core/figures/target';
import { currentTree } from '@macadam/services/ownership/log';
import { campaignAt } from '@macadam/services/progress/campaign';
import { teamsOf } from '@macadam/services/work/teams';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { list, route } from '../http/route.ts';
import { siteOf } from '../server-context.ts';
import { spanOf } from '../time-range.ts';

const reads = { action: 'Figure::read', of: 'anywhere' } as const;
const count = z.int().min(0);
const share = z.number().min(0).max(1).nullable();
const target = z.object({ share: z.number(), by: z.iso.date() });
const figures = {
  standard: z.string(),
  pass: count,
  fail: count,
  unknown: count,
  excepted: count,
  atLeast: share,
  atMost: share,
  status: z.enum(TARGET_STATUSES),
  cause: z.enum(STATUS_CAUSES).nullable(),
};

/** Steps that are listed. */
const FIRST = 200;

export const routes = [
  list({
    ...reads,
    path: '/api/campaigns',
    summary: 'List campaigns',
    row: z.object({ campaign: z.string(), title: z.string(), standards: z.array(z.string()), target }),
    sorts: ['campaign'],
    key: ({ campaign }) => campaign,
    rows: async ({ parts }, _, { after, limit }) =>
      Object.entries(siteOf(parts).campaigns ?? {})
        .map(([campaign, { title, standards, target: own }]) => ({
          campaign,
          title,
          standards: [...standards],
          target: { ...own },
        }))
        .sort((a, b) => (a.campaign < b.campaign ? -1 : 1))
        .filter(({ campaign }) => after === undefined || campaign > after)
        .slice(0, limit),
  }),
  route({
    ...reads,
    method: 'GET',
    path: '/api/campaigns/:id',
    summary: 'Say how a campaign stands, by standard and wave, and what to do first',
    params: { id: anId.describe('Id of a campaign, as macadam.yaml names it') },
    answer: z.object({
      campaign: z.string(),
      title: z.string(),
      target,
      at: z.iso.datetime(),
      standards: z.array(z.object({ ...figures, label: z.string() })).describe('In the campaign’s scope'),
      waves: z.array(z.object({ name: z.string(), by: z.iso.date(), standards: z.array(z.object(figures)) })),
      sequence: z
        .array(
          z.object({
            standard: z.string(),
            team: z.string(),
            failing: count.describe('Not excepted'),
            score: z.number().describe('Weight of a failure by minutes of a fix'),
            why: z.string(),
          }),
        )
        .describe(`What takes most risk away by a minute of work first; ${FIRST} at most`),
      unowned: count.describe('Assets of which nobody can tell whether they are in scope: nobody owns them'),
      missing: z.array(z.string()).describe('Standards of it that are not in force here'),
    }),
    does: async ({ parts, params: { id } }, tx) => {
      const site = siteOf(parts);
      const campaigns = site.campaigns ?? {};
      const campaign = Object.hasOwn(campaigns, id) ? campaigns[id] : undefined;
      if (campaign === undefined) throw new HttpProblem(404, `there is no campaign \`${id}\``);
      const between = await spanOf(site.past, {});
      if (between === null)
        throw new HttpProblem(503, 'nothing was looked at yet', [], { 'retry-after': '2' });
      const teams = teamsOf(await currentTree(parts.decisions, tx));
      const found = await campaignAt(campaign, {
        past: site.past,
        between,
        standards: site.standards,
        teams,
      });
      return {
        campaign: id,
        title: campaign.title,
        target: { ...campaign.target },
        at: between.to.valid.toISOString(),
        standards: found.standards.map((one) => ({ ...one })),
        waves: found.waves.map(({ standards, ...wave }) => ({
          ...wave,
          standards: standards.map((one) => ({ ...one })),
        })),
        sequence: found.sequence.slice(0, FIRST).map((one) => ({ ...one })),
        unowned: found.unowned,
        missing: [...found.missing],
      };
    },
  }),
];
