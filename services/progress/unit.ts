/** How a unit of the organisation stands by every standard, and what moved that between two moments; the whole company, too. */
import type { CellCount } from '@macadam/adapters/facts/history/read';
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import type { Figures } from '@macadam/core/figures/accounting';

export interface UnitStandard {
  readonly standard: string;
  readonly now: Figures;
  /** Null where there is no earlier moment. */
  readonly before: Figures | null;
  /** Their sum is the difference of both. */
  readonly cells: readonly CellCount[];
}

const NOTHING: Figures = { pass: 0, fail: 0, unknown: 0, excepted: 0 };

/** In order of standard, those alone that have or had something in scope. `teams`: of the unit; null for the whole company. */
export async function unitProgress(
  past: Retrospect,
  between: Between,
  teams: readonly string[] | null,
): Promise<readonly UnitStandard[]> {
  const figuresAt = async (at: Between): Promise<ReadonlyMap<string, Figures>> => {
    if (teams === null) return past.figuresOfAll(at);
    const counts = await past.ofTeams(at, teams);
    return new Map(counts.map(({ standard = '', team: _, ...figures }) => [standard, figures]));
  };
  const { from } = between;
  const now = await figuresAt(between);
  const before = from === null ? null : await figuresAt({ ...between, to: from });
  const cells = Map.groupBy(
    await past.cells(between, teams === null ? {} : { teams }),
    ({ standard = '' }) => standard,
  );
  return [...new Set([...now.keys(), ...(before?.keys() ?? []), ...cells.keys()])].sort().map((standard) => ({
    standard,
    now: now.get(standard) ?? NOTHING,
    before: before && (before.get(standard) ?? NOTHING),
    cells: cells.get(standard) ?? [],
  }));
}
