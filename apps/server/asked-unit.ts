/** A unit of the organisation that is asked about, and what of its lists a caller may see. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Selection } from '@macadam/adapters/facts/history/read';
import type { OrgUnit } from '@macadam/core/org/org';
import { unitsBelow } from '@macadam/core/org/roll-up';
import { didYouMean } from '@macadam/core/text/suggestion';
import { currentTree } from '@macadam/services/ownership/log';
import { HttpProblem } from './http/problem.ts';
import type { ServerParts } from './http/route.ts';
import { type Looking, permitTeam, teamsSeen } from './session/visibility.ts';

export interface FoundUnit {
  readonly unit: OrgUnit;
  /** Everything below it, itself included. */
  readonly teams: readonly string[];
}

/** Throws 404 for one that there is not. */
export async function unitIn(
  { decisions }: Pick<ServerParts, 'decisions'>,
  tx: DecisionTransaction,
  id: string,
): Promise<FoundUnit> {
  const tree = await currentTree(decisions, tx);
  const unit = tree.units.get(id);
  if (unit !== undefined) return { unit, teams: unitsBelow(tree, id) };
  const reason = `there is no team or unit \`${id}\` in the organisation of today${didYouMean(id, tree.units.keys())}`;
  throw new HttpProblem(404, reason, [{ field: 'unit', reason, fix: 'look for it at /owners' }]);
}

/** Of which teams a list may be; of all where it says nothing. */
export async function teamsAsked(
  call: Looking,
  tx: DecisionTransaction,
  { team, unit }: { readonly team: string | undefined; readonly unit?: string | undefined },
): Promise<Pick<Selection, 'team' | 'teams'>> {
  if (team !== undefined) await permitTeam(call, tx, team);
  const seenTeams = await teamsSeen(call, tx);
  const below = unit === undefined ? null : (await unitIn(call.parts, tx, unit)).teams;
  const teams = below?.filter((one) => seenTeams === null || seenTeams.includes(one)) ?? seenTeams;
  return { team, ...(teams !== null && { teams }) };
}
