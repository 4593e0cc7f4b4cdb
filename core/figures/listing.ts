/**
 * What one scan keeps for a later one to be compared with: the verdicts that are no findings, and what was listed where.
 * Without it a later scan could not tell what passed from what was not there, nor what is gone from what nobody looked for.
 */
import { enumerations } from '../facts/enumeration.ts';
import type { Collection, Observation, Partition } from '../facts/observation.ts';
import { partitionFinder } from '../facts/partition.ts';
import type { Verdict } from '../verdicts/evaluate.ts';

/** The assets of one kind in one container, or in one format of it. */
export interface Listing {
  readonly kind: string;
  readonly container: string;
  readonly estate?: string;
  readonly format?: string;
  /** Whether there is nothing else of the kind in it. */
  readonly complete: boolean;
  /** Ids. */
  readonly assets: readonly string[];
}

/** Ids of the assets that passed, and of those that the standard does not apply to. */
export interface SettledAssets {
  readonly standard: string;
  readonly pass: readonly string[];
  readonly notApplicable: readonly string[];
}

export interface Remembered {
  readonly settled: readonly SettledAssets[];
  readonly listings: readonly Listing[];
}

export interface RememberInput {
  readonly verdicts: readonly Verdict[];
  readonly collected: readonly {
    readonly collection: Collection;
    readonly observations: readonly Observation[];
  }[];
  /** Kinds of which anything is judged; of the others nothing is compared. */
  readonly kinds: ReadonlySet<string>;
  /** How many assets of each partition arrived. */
  readonly arrived: ReadonlyMap<Partition, number>;
}

export function remembered({ verdicts, collected, kinds, arrived }: RememberInput): Remembered {
  const byStandard = Map.groupBy(verdicts, ({ standard }) => standard);
  const settled = [...byStandard].map(([standard, own]): SettledAssets => {
    const ids = (name: Verdict['verdict']) =>
      own.flatMap(({ verdict, asset }) => (verdict === name ? [asset.id] : []));
    return { standard, pass: ids('pass'), notApplicable: ids('not-applicable') };
  });
  return { settled, listings: collected.flatMap((one) => listingsOf(one, kinds, arrived)) };
}

function listingsOf(
  { collection, observations }: RememberInput['collected'][number],
  kinds: ReadonlySet<string>,
  arrived: ReadonlyMap<Partition, number>,
): Listing[] {
  const find = partitionFinder(collection.partitions);
  const ids = new Map<Partition, string[]>();
  for (const observation of observations) {
    const partition = find(observation);
    if (partition === undefined) continue;
    const known = ids.get(partition) ?? [];
    known.push(observation.id);
    ids.set(partition, known);
  }
  const runs = enumerations(collection, arrived);
  return collection.partitions.flatMap((given, index): Listing[] => {
    const { kind, container, estate, format } = given;
    if (!kinds.has(kind)) return [];
    return [
      {
        kind,
        container,
        ...(estate !== undefined && { estate }),
        ...(format !== undefined && { format }),
        complete: runs[index]?.completeness.complete === true,
        assets: ids.get(given) ?? [],
      },
    ];
  });
}
