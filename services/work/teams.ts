/** Whose something is today: what a rule said of an asset, by the organisation of the day. */

import { NOBODY } from '@macadam/adapters/facts/history/teams';
import { divisionOf, EVERYBODY, heirOf, type OrgTree, pathOf } from '@macadam/core/org/org';

export interface WorkTeams {
  /** The team that answers for an asset by now, given the one that it was said to belong to; null: nobody. */
  readonly of: (team: string | null, asset: string) => string | null;
  /** Of a team that was merged, its heir's. Empty for one that belongs to no division, or to nobody known. */
  readonly division: (team: string | null) => string;
  /** A team, and the units that it lies in up to the company, by id. */
  readonly above: (team: string) => readonly string[];
}

/**
 * Names that the organisation does not know own nothing. Where there is none yet, every name is taken for a team, and what has no
 * owner is everybody's: somebody has to see it.
 */
export function teamsOf(tree: OrgTree): WorkTeams {
  if (tree.units.size === 0)
    return {
      of: (team) => (team === null || team === NOBODY ? EVERYBODY : team),
      division: () => '',
      above: (team) => [team],
    };
  return {
    of: (team) => (team === null || team === NOBODY ? null : heirOf(tree, team)),
    division: (team) => (team === null ? '' : (divisionOf(tree, heirOf(tree, team) ?? team) ?? '')),
    above: (team) => [...new Set([team, ...pathOf(tree, heirOf(tree, team) ?? team).map(({ id }) => id)])],
  };
}

/** What to do where a name that sources use is no team of the organisation: nobody is of it, so nobody may act for it. */
export const makeKnown = (team: string): string =>
  `import the organisation (\`org\` in macadam.yaml, or POST /api/organisation/imports), or set an alias for \`${team}\` (PUT /api/owners/rules), if it knows no such team`;
