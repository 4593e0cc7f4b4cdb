/** How a unit of the organisation stands by every standard, and what moved that between two moments; the whole company, too. */
import type { AmountCause, AmountsBetween } from '@macadam/adapters/facts/history/amounts';
import type { CellCount } from '@macadam/adapters/facts/history/read';
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import { change, type Figures } from '@macadam/core/figures/accounting';
import type { CatalogueStandard } from '../catalogue/load.ts';

/** What is weighed, or whom a cohort has. */
export interface UnitAmounts extends Pick<AmountsBetween, 'now' | 'before'> {
  /** Their sum is the difference of both; null where there is no `before`. */
  readonly causes: readonly AmountCause[] | null;
}

export interface UnitStandard {
  readonly standard: string;
  readonly now: Figures;
  /** Null where there is no earlier moment. */
  readonly before: Figures | null;
  /** Their sum is the difference of both. */
  readonly cells: readonly CellCount[];
  /** Null for a standard that counts assets or cases, as `now` does, and where no amounts were written. */
  readonly amounts: UnitAmounts | null;
}

const NOTHING: Figures = { pass: 0, fail: 0, unknown: 0, excepted: 0 };

/**
 * In order of standard, those alone that have or had something in scope, or somebody of a cohort. `teams`: of the unit; null for the
 * whole company.
 */
export async function unitProgress(
  past: Retrospect,
  between: Between,
  teams: readonly string[] | null,
  standards: ReadonlyMap<string, Pick<CatalogueStandard, 'compiled'>>,
): Promise<readonly UnitStandard[]> {
  const { from } = between;
  const compiled = [...standards.values()].map((standard) => standard.compiled);
  const [{ now, cells }, weighed] = await Promise.all([
    figuresBetween(past, between, teams),
    past.amountsBetween(between, compiled, teams),
  ]);
  const amounts = new Map([...weighed].filter(([, one]) => isAnything(one)));
  const all = new Set([...now.keys(), ...cells.keys(), ...amounts.keys()]);
  return [...all].sort().map((standard) => ({
    standard,
    now: now.get(standard) ?? NOTHING,
    before: from && beforeBy(now.get(standard) ?? NOTHING, cells.get(standard) ?? []),
    cells: cells.get(standard) ?? [],
    amounts: amountsOf(amounts.get(standard)),
  }));
}

async function figuresBetween(past: Retrospect, between: Between, teams: readonly string[] | null) {
  if (teams === null) {
    const [now, cells] = await Promise.all([past.figuresOfAll(between), past.cells(between, {})]);
    return { now, cells: byStandard(cells) };
  }
  const { counts, cells } = await past.teamsProgress(between, teams);
  const now = new Map<string, Figures>(counts.map(({ standard = '', ...one }) => [standard, one]));
  return { now, cells: byStandard(cells) };
}

const byStandard = (cells: readonly CellCount[]) => Map.groupBy(cells, ({ standard = '' }) => standard);

/** How it stood before what happened: the causes are all there is between both, so that it need not be asked for. */
function beforeBy(now: Figures, cells: readonly CellCount[]): Figures {
  const before = { pass: now.pass, fail: now.fail, unknown: now.unknown, excepted: now.excepted };
  for (const { cell, state, count } of cells) {
    const moved = change([{ cell, state }]);
    for (const name of ['pass', 'fail', 'unknown', 'excepted'] as const) before[name] -= moved[name] * count;
  }
  return before;
}

/** Of most standards a team has nothing. */
const isAnything = ({ now, before, causes }: AmountsBetween): boolean =>
  [now, before ?? {}].some((tally) => Object.values(tally).some((amount) => amount !== 0)) ||
  (before !== null && causes.length > 0);

const amountsOf = (found: AmountsBetween | undefined): UnitAmounts | null =>
  found === undefined ? null : { ...found, causes: found.before && found.causes };
