/** What a standard counts, by team: tokens, tenants, cases, or assets where it counts those; each team has an interval of its own. */
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import {
  cohortTally,
  type MeasureShare,
  type MeasureTally,
  measureShare,
  NO_AMOUNTS,
} from '@macadam/core/figures/measure';
import type { CatalogueStandard } from '../catalogue/load.ts';

export interface TeamMeasure extends MeasureShare {
  readonly team: string;
  readonly tally: MeasureTally;
}

/** In order of team; null where nobody wrote amounts at that moment. What was counted and has no name is in no team. */
export async function measureByTeam(
  past: Retrospect,
  between: Between,
  { id, definition, compiled }: Pick<CatalogueStandard, 'id' | 'definition' | 'compiled'>,
): Promise<readonly TeamMeasure[] | null> {
  const { kind } = definition.measure;
  if (kind === 'weighted') return (await past.amounts(between, compiled))?.map(withShare) ?? null;
  if (kind === 'elimination') {
    const teams = Map.groupBy(await past.cohort(between, compiled), ({ team }) => team);
    return [...teams]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([team, members]) => withShare({ team, tally: cohortTally(members) }))
      .filter(({ amount }) => amount > 0);
  }
  const counts = await past.teams(between, id);
  return counts
    .map(({ team = '', pass, fail, unknown }) =>
      withShare({ team, tally: { ...NO_AMOUNTS, pass, fail, unknown } }),
    )
    .sort((a, b) => (a.team < b.team ? -1 : 1));
}

const withShare = ({ team, tally }: Pick<TeamMeasure, 'team' | 'tally'>): TeamMeasure => ({
  team,
  tally,
  ...measureShare(tally),
});

/** What the standard counts, in the plural. */
export const unitOf = ({ definition }: Pick<CatalogueStandard, 'definition'>): string =>
  definition.measure.kind === 'share'
    ? `assets of kind ${definition.scope.kind.replaceAll('-', ' ')}`
    : definition.measure.unit;
