/** Sums over the organisation: what is known of teams, for every unit above them. */
import { heirOf, type OrgTree, pathOf } from './org.ts';

/** What is summed: plain numbers, by name. */
export type Amounts = Readonly<Record<string, number>>;

export interface RolledUp<A extends Amounts> {
  /** Unit → its own and all below it. A unit without anything is left out. */
  readonly units: ReadonlyMap<string, A>;
  /** Of owners that the organisation does not know, and of nobody (the empty name). */
  readonly elsewhere: ReadonlyMap<string, A>;
}

/** `rows`: of an owner as the history names it; a unit that has ended counts for its heir. */
export function rollUp<A extends Amounts>(
  tree: OrgTree,
  rows: Iterable<readonly [owner: string, amounts: A]>,
): RolledUp<A> {
  const units = new Map<string, A>();
  const elsewhere = new Map<string, A>();
  const add = (sums: Map<string, A>, key: string, amounts: A) => sums.set(key, plus(sums.get(key), amounts));
  for (const [owner, amounts] of rows) {
    const unit = tree.units.has(owner) ? owner : heirOf(tree, owner);
    if (unit === null) add(elsewhere, owner, amounts);
    else for (const { id } of pathOf(tree, unit)) add(units, id, amounts);
  }
  return { units, elsewhere };
}

function plus<A extends Amounts>(sum: A | undefined, amounts: A): A {
  if (sum === undefined) return amounts;
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [name, amount + (sum[name] ?? 0)]),
  ) as A;
}

/** Teams of a unit and of all below it, the unit itself among them. */
export function unitsBelow(tree: OrgTree, unit: string): readonly string[] {
  const below = Map.groupBy(tree.units.values(), ({ parent }) => parent ?? '');
  const found: string[] = [];
  for (const queue = [unit]; queue.length > 0; ) {
    const id = queue.shift() ?? '';
    if (found.includes(id)) continue;
    found.push(id);
    queue.push(...(below.get(id) ?? []).map((one) => one.id));
  }
  return found;
}
