/** What happened to a cohort between two moments, by pairs: each change is an asset that stands in it otherwise than before. */
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import { type CohortState, cohortState } from '@macadam/core/figures/measure';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';

export interface CohortMove {
  readonly asset: string;
  readonly from: CohortState;
  readonly to: CohortState;
}

export interface CohortPair {
  readonly from: CohortState;
  readonly to: CohortState;
  readonly count: number;
}

/**
 * In order of asset; empty for a standard that counts no cohort. Before the day of the cohort nobody is of it. `teams`: in the cohort of
 * these alone, which a handover brings an asset into or takes it out of.
 */
export async function cohortMoves(
  past: Retrospect,
  between: Between,
  standard: CompiledStandard,
  teams: readonly string[] | null = null,
): Promise<readonly CohortMove[]> {
  const { measure } = standard.definition;
  if (measure.kind !== 'elimination') return [];
  const states = async (at: Between): Promise<ReadonlyMap<string, CohortState>> => {
    const all = await past.cohort(at, standard);
    const members = all.filter(({ team }) => teams === null || teams.includes(team));
    return new Map(members.map(({ asset, team: _, ...member }) => [asset, cohortState(member)]));
  };
  const { from } = between;
  const taken = from !== null && from.valid >= new Date(`${measure.since}T00:00:00Z`);
  const before = from !== null && taken ? await states({ ...between, to: from }) : new Map();
  const after = await states(between);
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((asset): CohortMove[] => {
    const was = before.get(asset) ?? 'outside';
    const is = after.get(asset) ?? 'outside';
    return was === is ? [] : [{ asset, from: was, to: is }];
  });
}

/** How many of each: the change of every amount of the cohort is a sum over them. */
export function cohortPairs(moves: readonly CohortMove[]): readonly CohortPair[] {
  const groups = Map.groupBy(moves, ({ from, to }) => `${from} ${to}`);
  return [...groups.values()]
    .flatMap(([first, ...rest]) =>
      first === undefined ? [] : [{ from: first.from, to: first.to, count: rest.length + 1 }],
    )
    .sort((a, b) => b.count - a.count || (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1));
}
