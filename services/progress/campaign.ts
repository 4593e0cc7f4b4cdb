/** How campaigns stand at the newest look, from the history's sums by team. */
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import { NOBODY } from '@macadam/adapters/facts/history/teams';
import {
  type Campaign,
  type CampaignCount,
  type CampaignProgress,
  type CampaignStandard,
  campaignProgress,
} from '@macadam/core/figures/campaign';
import { forecastTo } from '@macadam/core/figures/standard-progress';
import { labelOf } from '@macadam/core/verdicts/standard';
import type { CatalogueStandard } from '../catalogue/load.ts';
import type { WorkTeams } from '../work/teams.ts';
import { weeksBefore } from './forecast.ts';

export interface CampaignRequest {
  readonly past: Retrospect;
  readonly between: Between;
  readonly standards: ReadonlyMap<string, CatalogueStandard>;
  readonly teams: Pick<WorkTeams, 'above'>;
}

/** Standards that are not in force here are left out of the figures, and named. */
export async function campaignAt(
  campaign: Campaign,
  { past, between, standards, teams }: CampaignRequest,
): Promise<CampaignProgress & { readonly missing: readonly string[] }> {
  const at = between.to.valid;
  const all = campaign.standards.flatMap((id) => standards.get(id) ?? []);
  const ids = new Set(all.map(({ id }) => id));
  const counts = (await past.byTeam(between)).flatMap(
    ({ standard = '', team = '', ...figures }): CampaignCount[] =>
      ids.has(standard)
        ? [
            {
              ...figures,
              standard,
              team,
              owners:
                team === '' || team === NOBODY ? null : team.split(', ').flatMap((one) => teams.above(one)),
            },
          ]
        : [],
  );
  const figuresOfAll = await past.figuresOfAll(between);
  // What was counted and never named is nobody's.
  for (const id of ids) {
    const { unnamed = 0 } = figuresOfAll.get(id) ?? {};
    const none = { pass: 0, fail: 0, unknown: unnamed, excepted: 0 };
    if (unnamed > 0) counts.push({ ...none, standard: id, team: '', owners: null });
  }
  const weeks = campaign.owners.length === 0 ? await weeksBefore(past, at) : null;
  const forecastOf = async ({ id, definition, compiled }: CatalogueStandard) => {
    if (weeks === null) return null;
    const figures = await past.figures(between, id);
    const measured = await past.measured(between, compiled);
    const steps = weeks.get(id) ?? [];
    return forecastTo(campaign.target, { definition, at, figures, steps, measured }).outcome;
  };
  const known: CampaignStandard[] = [];
  for (const one of all)
    known.push({
      standard: one.id,
      label: labelOf(one.definition),
      severity: one.definition.severity,
      ownerMinutes: one.definition.toil.owner_minutes,
      forecast: await forecastOf(one),
      containers: figuresOfAll.get(one.id)?.containers ?? null,
    });
  const progress = campaignProgress(campaign, { at, counts, standards: known });
  return { ...progress, missing: campaign.standards.filter((id) => !ids.has(id)) };
}
