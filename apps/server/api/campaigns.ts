/** Campaigns: where each stands, what is to be done first, and why. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { type Campaign, type CampaignSettings, campaignSettings } from '@macadam/core/figures/campaign';
import { STATUS_CAUSES, TARGET_STATUSES } from '@macadam/core/figures/target';
import { currentTree } from '@macadam/services/ownership/log';
import { type CampaignRequest, campaignAt } from '@macadam/services/progress/campaign';
import { teamsOf } from '@macadam/services/work/teams';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { list, route, type ServerParts } from '../http/route.ts';
import { siteOf } from '../server-context.ts';
import { scannedSpan } from '../time-range.ts';

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

const termsSchema = z.object({
  severity: z.object({ name: z.enum(['critical', 'high', 'medium', 'low']), weight: z.number() }),
  exposure: z.object({
    exposed: count.nullable().describe('Null: nothing in the facts of the kind says so'),
    unknown: count,
    of: count,
    factor: z.number(),
  }),
  reach: z.object({ failing: count, factor: z.number() }),
  exploitation: z.object({
    known: count.nullable().describe('Null: no catalogue of exploited vulnerabilities is configured'),
    of: count,
    by: z.array(z.string()),
    factor: z.number(),
  }),
  effort: z.object({
    statedMinutes: z.number(),
    observed: z
      .number()
      .nullable()
      .describe('How long fixes took, by the middle of all standards; null: too few'),
    minutes: z.number(),
  }),
});

/** Steps that are listed. */
const FIRST = 200;

const number = z.coerce.number().min(0).max(1000).optional();
const factor = z.coerce.number().min(1).max(1000).optional();
/** The terms of the sequence, in place of what the campaign states. */
export const settingsQuery = {
  critical: number.describe('Weight of a critical failure'),
  high: number,
  medium: number,
  low: number,
  exposed: factor.describe('By so many a failure counts where all failing assets are exposed'),
  exploited: factor.describe(
    'By so many where vulnerabilities that the standard answers are known to be exploited',
  ),
  reach: z.coerce.number().min(0).max(10).optional().describe('What ten times as many failing assets add'),
};
type SettingsAsked = { readonly [Name in keyof typeof settingsQuery]?: number | undefined };

/** As the campaign states them, and as somebody tries them. */
export function settingsOf(campaign: Campaign, asked: SettingsAsked): CampaignSettings {
  const { weights, factors } = campaignSettings(campaign);
  return {
    weights: {
      critical: asked.critical ?? weights.critical,
      high: asked.high ?? weights.high,
      medium: asked.medium ?? weights.medium,
      low: asked.low ?? weights.low,
    },
    factors: {
      exposed: asked.exposed ?? factors.exposed,
      exploited: asked.exploited ?? factors.exploited,
      reach: asked.reach ?? factors.reach,
    },
  };
}

/** A campaign, and all that its figures are made of. Throws a problem where there is none, and before the first look. */
export async function campaignAsked(parts: ServerParts, tx: DecisionTransaction, id: string) {
  const site = siteOf(parts);
  const campaigns = site.campaigns ?? {};
  const campaign = Object.hasOwn(campaigns, id) ? campaigns[id] : undefined;
  if (campaign === undefined) throw new HttpProblem(404, `there is no campaign \`${id}\``);
  const between = await scannedSpan(site.past, {});
  const request: CampaignRequest = {
    past: site.past,
    between,
    standards: site.standards,
    teams: teamsOf(await currentTree(parts.decisions, tx)),
    frameworks: site.frameworks ?? [],
    exploited: site.exploited ?? null,
    done: await tx.listing.workDone([...site.standards.keys()]),
  };
  return { site, campaign, between, request };
}

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
          standards,
          target: own,
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
    query: settingsQuery,
    answer: z.object({
      campaign: z.string(),
      title: z.string(),
      target,
      at: z.iso.datetime(),
      standards: z.array(z.object({ ...figures, label: z.string() })).describe('In the campaign’s scope'),
      waves: z.array(z.object({ name: z.string(), by: z.iso.date(), standards: z.array(z.object(figures)) })),
      settings: z.object({
        weights: z.object({ critical: z.number(), high: z.number(), medium: z.number(), low: z.number() }),
        factors: z.object({ exposed: z.number(), exploited: z.number(), reach: z.number() }),
      }),
      steps: count.describe('Of the whole sequence'),
      sequence: z
        .array(
          z.object({
            standard: z.string(),
            team: z.string(),
            failing: count.describe('Not excepted'),
            score: z.number().describe('Severity × exposure × reach × exploitation / minutes of a fix'),
            terms: termsSchema,
            why: z.string(),
          }),
        )
        .describe(`What takes most risk away by a minute of work first; ${FIRST} at most`),
      unowned: count.describe('Assets of which nobody can tell whether they are in scope: nobody owns them'),
      missing: z.array(z.string()).describe('Standards of it that are not in force here'),
    }),
    does: async ({ parts, params: { id }, query }, tx) => {
      const { campaign, between, request } = await campaignAsked(parts, tx, id);
      const settings = settingsOf(campaign, query);
      const found = await campaignAt(campaign, { ...request, settings });
      return {
        campaign: id,
        title: campaign.title,
        target: campaign.target,
        at: between.to.valid.toISOString(),
        standards: found.standards,
        waves: found.waves.map(({ standards, ...wave }) => ({
          ...wave,
          standards,
        })),
        settings,
        steps: found.sequence.length,
        sequence: found.sequence.slice(0, FIRST),
        unowned: found.unowned,
        missing: found.missing,
      };
    },
  }),
];
