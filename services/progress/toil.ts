/** What standards cost the people who obey them, from the decisions of the last year. */
import type { Decisions, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { NO_WORK_DONE, type Toil, toilOf } from '@macadam/core/figures/toil';
import { EVERYBODY, heirOf, type OrgTree, peopleOf } from '@macadam/core/org/org';
import type { CatalogueStandard } from '../catalogue/load.ts';
import { currentTree } from '../ownership/log.ts';

/** Standard → its toil, of the divisions that the transaction may read. */
export async function toilOfStandards(
  tx: DecisionTransaction,
  decisions: Decisions,
  standards: readonly Pick<CatalogueStandard, 'id' | 'definition'>[],
): Promise<ReadonlyMap<string, Toil>> {
  const tree = await currentTree(decisions, tx);
  const ids = standards.map(({ id }) => id);
  const done = await tx.listing.workDone(ids);
  const gates = await tx.effects.gates(ids);
  const opinions = await tx.effects.opinions(ids);
  return new Map(
    standards.map(({ id, definition }) => [
      id,
      toilOf(done.get(id) ?? NO_WORK_DONE, definition.toil.owner_minutes, {
        peopleOf: (team) => membersOf(tree, team),
        gate: gates.get(id) ?? null,
        opinions: opinions.get(id),
      }),
    ]),
  );
}

/** Null where nobody can tell who they are. */
function membersOf(tree: OrgTree, team: string): readonly string[] | null {
  if (team === EVERYBODY) return tree.people.size === 0 ? null : [...tree.people.keys()];
  const heir = heirOf(tree, team);
  if (heir === null) return null;
  return peopleOf(tree, heir).map(({ id }) => id);
}
