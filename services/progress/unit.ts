/** How a unit of the organisation stands by every standard, and what moved that between two moments; the whole company, too. */
import type { AmountCause } from '@macadam/adapters/facts/history/amounts';
import type { CellCount } from '@macadam/adapters/facts/history/read';
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import { change, type Figures } from '@macadam/core/figures/accounting';
import type { MeasureTally } from '@macadam/core/figures/measure';
import type { CatalogueStandard } from '../catalogue/load.ts';

/** What is weighed, or whom a cohort has. */
export interface UnitAmounts {
  readonly now: MeasureTally;
  /** Null where there is no earlier moment, or none were written at it. */
  readonly before: MeasureTally | null;
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
  const now =
    teams === null
      ? await past.figuresOfAll(between)
      : new Map(
          (await past.ofTeams(between, teams)).map(({ standard = '', team: _, ...one }) => [standard, one]),
        );
  const cells = Map.groupBy(
    await past.cells(between, teams === null ? {} : { teams }),
    ({ standard = '' }) => standard,
  );
  const amounts = new Map<string, UnitAmounts>();
  for (const [standard, { compiled }] of standards) {
    const found = await amountsBetween(past, between, teams, compiled);
    if (found !== null) amounts.set(standard, found);
  }
  const all = new Set([...now.keys(), ...cells.keys(), ...amounts.keys()]);
  return [...all].sort().map((standard) => ({
    standard,
    now: now.get(standard) ?? NOTHING,
    before: from && beforeBy(now.get(standard) ?? NOTHING, cells.get(standard) ?? []),
    cells: cells.get(standard) ?? [],
    amounts: amounts.get(standard) ?? null,
  }));
}

/** How it stood before what happened: the causes are all there is between both, so that it need not be asked for. */
function beforeBy(now: Figures, cells: readonly CellCount[]): Figures {
  const before = { pass: now.pass, fail: now.fail, unknown: now.unknown, excepted: now.excepted };
  for (const { cell, state, count } of cells) {
    const moved = change([{ cell, state }]);
    for (const name of ['pass', 'fail', 'unknown', 'excepted'] as const) before[name] -= moved[name] * count;
  }
  return before;
}

const isNothing = (tally: MeasureTally | null): boolean =>
  tally === null || Object.values(tally).every((amount) => amount === 0);

async function amountsBetween(
  past: Retrospect,
  between: Between,
  teams: readonly string[] | null,
  standard: CatalogueStandard['compiled'],
): Promise<UnitAmounts | null> {
  const now = await past.amountsTogether(between, standard, teams);
  if (now === null) return null;
  const { from } = between;
  const before = from && (await past.amountsTogether({ ...between, to: from }, standard, teams));
  const causes = before && (await past.amountCauses(between, standard, teams === null ? {} : { teams }));
  // Of most standards a team has nothing.
  if (isNothing(now) && isNothing(before) && (causes ?? []).length === 0) return null;
  return { now, before, causes };
}
