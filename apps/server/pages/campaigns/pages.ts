/** Campaigns as pages: all, one of them, and the assets behind its numbers. */
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { html } from '@macadam/adapters/report-formats/html/markup';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { labelOf } from '@macadam/core/verdicts/standard';
import { campaignAt, campaignTeams } from '@macadam/services/progress/campaign';
import { z } from 'zod';
import { campaignAsked, settingsOf, settingsQuery } from '../../api/campaigns.ts';
import { anAsset, anId } from '../../http/bounds.ts';
import { HttpProblem } from '../../http/problem.ts';
import { siteOf } from '../../server-context.ts';
import { teamsSeen } from '../../session/visibility.ts';
import { unnamedOf } from '../history/chart.ts';
import { listBody, standsAs } from '../history/lists.ts';
import { STATES } from '../history/pages.ts';
import { shownPage, standingPage } from '../page.ts';
import {
  type CampaignRow,
  campaignAssetsAt,
  campaignBody,
  campaignListBody,
  campaignsHeading,
} from './body.ts';

const one = { id: anId.describe('Id of a campaign, as macadam.yaml names it') };
const LISTED = 100;

export const campaignPages = [
  shownPage({
    path: '/campaigns',
    summary: 'Show campaigns',
    action: 'Figure::read',
    of: 'anywhere',
    does: async (call, tx) => {
      const site = siteOf(call.parts);
      const rows: CampaignRow[] = [];
      for (const [id, { title, target }] of Object.entries(site.campaigns ?? {})) {
        const { campaign, request } = await campaignAsked(call.parts, tx, id);
        rows.push({ campaign: id, title, target, progress: await campaignAt(campaign, request) });
      }
      return standingPage(call, {
        section: 'campaigns',
        heading: campaignsHeading(rows),
        title: 'Campaigns',
        when: 'Some standards, for some owners, in waves, until a day.',
        body: campaignListBody(rows),
      });
    },
  }),
  shownPage({
    path: '/campaigns/:id',
    summary: 'Show how a campaign stands, and what to do first',
    action: 'Figure::read',
    of: 'anywhere',
    params: one,
    query: settingsQuery,
    does: async (call, tx) => {
      const { id } = call.params;
      const { site, campaign, between, request } = await campaignAsked(call.parts, tx, id);
      const settings = settingsOf(campaign, call.query);
      const progress = await campaignAt(campaign, { ...request, settings });
      return standingPage(call, {
        section: 'campaigns',
        trail: [{ href: '/campaigns', label: 'Campaigns' }],
        heading: html`<bdi>${campaign.title}</bdi>`,
        title: campaign.title,
        when: moment(between.to.valid.toISOString()),
        body: campaignBody({
          id,
          campaign,
          progress,
          settings,
          exploited: site.exploited?.version ?? null,
          tried: Object.values(call.query).some((given) => given !== undefined),
        }),
      });
    },
  }),
  shownPage({
    path: '/campaigns/:id/assets',
    summary: 'Show the assets behind a number of a campaign',
    action: 'Fact::read',
    of: 'anywhere',
    params: one,
    query: {
      standard: anId,
      state: z.enum(['pass', 'fail', 'unknown']),
      wave: z.coerce.number().int().min(0).max(19).optional(),
      after: anAsset.optional(),
    },
    does: async (call, tx) => {
      const { id } = call.params;
      const { standard, state, wave: asked, after } = call.query;
      const wave = asked ?? null;
      const { site, campaign, between, request } = await campaignAsked(call.parts, tx, id);
      const found = site.standards.get(standard);
      if (found === undefined || !campaign.standards.includes(standard))
        throw new HttpProblem(404, `the campaign has no standard \`${standard}\``);
      const owners = await campaignTeams(campaign, wave, request);
      const seen = await teamsSeen(call, tx);
      const teams = owners === null ? seen : owners.filter((team) => seen === null || seen.includes(team));
      const selection = { standard, ...(teams !== null && { teams }) };
      const page = { limit: LISTED + 1, states: STATES[state] ?? [], after };
      const rows = await site.past.assets(between, selection, page);
      const shown = rows.slice(0, LISTED);
      const last = shown.at(-1)?.asset;
      const at = (from?: string) => campaignAssetsAt(id, { standard, state, wave, after: from });
      const counts = (await site.past.teams(between, standard)).filter(
        ({ team = '' }) => teams === null || teams.includes(team),
      );
      const all = counts.reduce((sum, one) => sum + one[state], 0);
      // What was counted and has no name is in the figure of everybody, and in no list.
      const isWhole = state === 'unknown' && teams === null;
      const hidden = isWhole ? unnamedOf(await site.past.figures(between, standard)) : '';
      const label = labelOf(found.definition);
      const of = wave === null ? '' : `, wave ${campaign.waves[wave]?.name ?? wave}`;
      const title = `${label}: ${state}${of}`;
      const body = listBody(
        html`${plural(all, 'asset')}${(rows.length > LISTED || after !== undefined) && `, ${shown.length} on this page`}${hidden !== '' && `, and ${hidden}`}${seen !== null && ' of your divisions'}, as of ${moment(between.to.valid.toISOString())}.`,
        shown.map(({ asset, team, state: stands, reason }) => ({
          asset,
          team,
          what: standsAs(stands, reason),
        })),
        rows.length > LISTED && last !== undefined ? at(last) : null,
        after === undefined ? null : at(),
      );
      return standingPage(call, {
        section: 'campaigns',
        trail: [
          { href: '/campaigns', label: 'Campaigns' },
          { href: `/campaigns/${encodeURIComponent(id)}`, label: campaign.title },
        ],
        heading: title,
        title,
        when: moment(between.to.valid.toISOString()),
        body,
      });
    },
  }),
];
