/** What every unit fails, cannot tell and is late with, at the newest look. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Between } from '@macadam/adapters/facts/history/retrospect';
import { accountableFor, type OrgTree } from '@macadam/core/org/org';
import { type RolledUp, rollUp } from '@macadam/core/org/roll-up';
import type { ServerContext } from '../history/pages.ts';
import type { UnitAmounts } from './tree.ts';

/** Null before the first look. */
export async function newestOf({ past }: Pick<ServerContext, 'past'>): Promise<Between | null> {
  const between = await past.between({});
  return between === null || 'fault' in between ? null : between;
}

export async function sumsOf(
  tx: DecisionTransaction,
  site: ServerContext,
  tree: OrgTree,
): Promise<RolledUp<UnitAmounts>> {
  const between = await newestOf(site);
  const counts = between === null ? [] : await site.past.teamsOfAll(between);
  const work = await tx.listing.openByTeam();
  const rows: (readonly [string, UnitAmounts])[] = [
    // The history calls what nobody owns `nobody`.
    ...counts.map(
      ({ team = '', fail, unknown }) =>
        [team === 'nobody' ? '' : team, { fail, unknown, late: 0, open: 0 }] as const,
    ),
    ...[...work].map(([team, { open, late }]) => [team, { fail: 0, unknown: 0, late, open }] as const),
  ];
  return rollUp(tree, rows);
}

/** Unit → the name of whoever is accountable for it, and for nothing narrower. */
export function headsOf(tree: OrgTree): ReadonlyMap<string, string> {
  const heads = new Map<string, string>();
  for (const { person, for: covers } of tree.accountabilities.values())
    if (covers.unit !== undefined && covers.pillar === undefined && covers.kind === undefined)
      heads.set(covers.unit, tree.people.get(person)?.name ?? person);
  return heads;
}

/** The nearest person who is accountable for a unit; null for nobody. */
export function headOf(tree: OrgTree, unit: string): string | null {
  const [first] = accountableFor(tree, { owner: unit });
  return first ? (tree.people.get(first.person)?.name ?? first.person) : null;
}
