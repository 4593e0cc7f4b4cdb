/** How campaigns stand at the newest look, from the history's sums by team. */
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import { NOBODY } from '@macadam/adapters/facts/history/teams';
import {
  type Campaign,
  type CampaignCount,
  type CampaignProgress,
  type CampaignSettings,
  type CampaignStandard,
  campaignProgress,
  isInScope,
  waveOf,
} from '@macadam/core/figures/campaign';
import { exploitationOf, type KnownExploited } from '@macadam/core/figures/known-exploited';
import { median } from '@macadam/core/figures/measure';
import { forecastTo } from '@macadam/core/figures/standard-progress';
import type { WorkDone } from '@macadam/core/figures/toil';
import { labelOf } from '@macadam/core/verdicts/standard';
import { type Framework, mappingsOf } from '../catalogue/framework.ts';
import type { CatalogueStandard } from '../catalogue/load.ts';
import type { WorkTeams } from '../work/teams.ts';
import { exposedByTeam } from './exposure.ts';
import { weeksBefore } from './forecast.ts';

export interface CampaignRequest {
  readonly past: Retrospect;
  readonly between: Between;
  readonly standards: ReadonlyMap<string, CatalogueStandard>;
  readonly teams: Pick<WorkTeams, 'above'>;
  /** What outside bodies name, and which standards answer it. */
  readonly frameworks: readonly Framework[];
  /** Null where no catalogue is configured. */
  readonly exploited: KnownExploited | null;
  /** What was done of the work of every standard, as far as whoever asks may read. */
  readonly done: ReadonlyMap<string, Pick<WorkDone, 'fixed' | 'medianSeconds'>>;
  /** In place of what the campaign states. */
  readonly settings?: CampaignSettings;
}

/** Frameworks that name what catalogues of exploited vulnerabilities name. */
const NAMED_BY_CATALOGUES = ['cwe', 'mitre-attack'];

/** Standards that are not in force here are left out of the figures, and named. */
export async function campaignAt(
  campaign: Campaign,
  request: CampaignRequest,
): Promise<CampaignProgress & { readonly missing: readonly string[] }> {
  const { past, between, standards, frameworks, exploited, done, settings } = request;
  const at = between.to.valid;
  const all = campaign.standards.flatMap((id) => standards.get(id) ?? []);
  const counts = await countsIn(campaign, request);
  const weeks = campaign.owners.length === 0 ? await weeksBefore(past, at) : null;
  const forecastOf = async ({ id, definition, compiled }: CatalogueStandard) => {
    if (weeks === null) return null;
    const figures = await past.figures(between, id);
    const measured = await past.measured(between, compiled);
    const steps = weeks.get(id) ?? [];
    return forecastTo(campaign.target, { definition, at, figures, steps, measured }).outcome;
  };
  const effort = observedEffort(done);
  const answersOf = (id: string) => {
    const mapped = mappingsOf(frameworks, id);
    return new Set(NAMED_BY_CATALOGUES.flatMap((name) => mapped[name] ?? []));
  };
  const known: CampaignStandard[] = [];
  for (const one of all)
    known.push({
      standard: one.id,
      label: labelOf(one.definition),
      severity: one.definition.severity,
      ownerMinutes: one.definition.toil.owner_minutes,
      observedEffort: effort.get(one.id) ?? null,
      exploitation: exploited && exploitationOf(exploited, answersOf(one.id)),
      exposed: await exposedByTeam(past, between, one),
      forecast: await forecastOf(one),
      containers: (await past.figures(between, one.id)).containers ?? null,
    });
  const progress = campaignProgress(campaign, {
    at,
    counts,
    standards: known,
    settings,
  });
  return { ...progress, missing: campaign.standards.filter((id) => !standards.has(id)) };
}

/** By standard and team, with what was counted and has no name. */
async function countsIn(
  campaign: Campaign,
  { past, between, standards, teams }: Pick<CampaignRequest, 'past' | 'between' | 'standards' | 'teams'>,
): Promise<readonly CampaignCount[]> {
  const ids = new Set(campaign.standards.filter((id) => standards.has(id)));
  const counts: CampaignCount[] = [];
  for (const { standard = '', team = '', ...figures } of await past.byTeam(between)) {
    if (!ids.has(standard)) continue;
    const isNobody = team === '' || team === NOBODY;
    const owners = isNobody ? null : team.split(', ').flatMap((one) => teams.above(one));
    counts.push({ ...figures, standard, team, owners });
  }
  const figuresOfAll = await past.figuresOfAll(between);
  // What was counted and never named is nobody's.
  for (const id of ids) {
    const { unnamed = 0 } = figuresOfAll.get(id) ?? {};
    const none = { pass: 0, fail: 0, unknown: unnamed, excepted: 0 };
    if (unnamed > 0) counts.push({ ...none, standard: id, team: '', owners: null });
  }
  return counts;
}

/** Teams of a campaign, or of one of its waves: whose assets are behind its figures. Null: everybody's. */
export async function campaignTeams(
  campaign: Campaign,
  wave: number | null,
  request: Pick<CampaignRequest, 'past' | 'between' | 'standards' | 'teams'>,
): Promise<readonly string[] | null> {
  if (wave === null && campaign.owners.length === 0) return null;
  const counts = await countsIn(campaign, request);
  const own = counts.filter(
    (one) => isInScope(campaign, one) && (wave === null || waveOf(campaign, one) === wave),
  );
  return [...new Set(own.map(({ team }) => team))].sort();
}

/** Fixes that were seen say something from here on. */
const ENOUGH = 5;

/** Standard → how long its fixes took, by the middle of all standards. */
function observedEffort(done: CampaignRequest['done']): ReadonlyMap<string, number> {
  const seen = [...done].flatMap(([id, { fixed, medianSeconds }]) =>
    fixed >= ENOUGH && medianSeconds !== null ? [{ id, seconds: medianSeconds }] : [],
  );
  const usual = median(seen.map(({ seconds }) => seconds));
  if (usual === null || usual === 0) return new Map();
  return new Map(seen.map(({ id, seconds }) => [id, seconds / usual]));
}
