/** Which division a team lies in, by its name: for pages that group by it. */
import { type OrgTree, pathOf } from '@macadam/core/org/org';

/** Team → name of its division; a team that lies in none is left out. */
export function divisionNames(tree: OrgTree): ReadonlyMap<string, string> {
  return new Map(
    [...tree.units.values()].flatMap(({ id }) => {
      const division = pathOf(tree, id).find(({ level }) => level === 'division');
      return division ? [[id, division.name] as const] : [];
    }),
  );
}
