/**
 * Standards over which a pass would do nothing: a tick saw nothing new of them, and nothing that fails waits, is excepted or changes
 * hands. A catalogue has dozens of standards and a quiet tick touches a few, so that these are found by one question for all.
 */

import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Exception } from '@macadam/core/verdicts/exception';
import { exceptionsInForce } from './exceptions.ts';
import type { WorkTeams } from './teams.ts';

export interface IdleAsked {
  /** Of which nothing new was seen. `opens`: what fails there opens work. */
  readonly standards: readonly { readonly id: string; readonly opens: boolean }[];
  /** Time of the tick that is taken in. */
  readonly valid: Date;
  readonly teams: WorkTeams;
  /** Those that are no decisions of the store. */
  readonly exceptions?: readonly Exception[] | undefined;
  /** Assets whose owner was decided anew. */
  readonly touched?: readonly string[] | undefined;
}

/** Ids of those that are idle. `pass-laws.test.ts` holds that a pass over them does nothing. */
export async function idleStandards(
  tx: DecisionTransaction,
  { standards, valid, teams, exceptions = [], touched = [] }: IdleAsked,
): Promise<readonly string[]> {
  if (standards.length === 0) return [];
  const excepting = new Set(
    [...exceptions, ...(await exceptionsInForce(tx, { after: valid.toISOString() }))].map(
      ({ standard }) => standard,
    ),
  );
  const candidates = standards.filter(({ id }) => !excepting.has(id));
  const opening = new Set(candidates.flatMap(({ id, opens }) => (opens ? [id] : [])));
  const failing = await tx.failing.summaries(
    candidates.map(({ id }) => id),
    touched,
  );
  const moved = (team: string | null, division: string) =>
    team !== null && (teams.of(team, '') !== team || teams.division(team) !== division);
  const busy = new Set(
    failing.flatMap(({ standard, team, division, waiting, excepted, touched: asked }) =>
      excepted || asked || (waiting && opening.has(standard)) || moved(team, division) ? [standard] : [],
    ),
  );
  return candidates.flatMap(({ id }) => (busy.has(id) ? [] : [id]));
}
