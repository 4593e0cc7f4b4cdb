/**
 * Where in a collection an asset was seen. A partition is one kind in one container (of one estate) or one format of it:
 * the partition without a format speaks for every format that has none of its own.
 */

import type { Kind } from '../kinds/kind.ts';
import type { Observation, Partition } from './observation.ts';

/** What an observation says of where it was made. */
export type SeenIn = Pick<Observation, 'kind' | 'container' | 'estate' | 'format'>;

/** One kind in one container of one estate, whatever the format. */
const listingOf = (kind: string, container: string, estate: string | undefined): string =>
  JSON.stringify([kind, container, estate ?? '']);

/** Finds the partition that an observation belongs to; undefined where the collection has none for it. */
export function partitionFinder(
  partitions: readonly Partition[],
): (observation: SeenIn) => Partition | undefined {
  const listings = Map.groupBy(partitions, (one) => listingOf(one.kind, one.container, one.estate));
  const ofKind = Map.groupBy(partitions, ({ kind }) => kind);
  return ({ kind, container, estate, format }) => {
    const only = ofKind.get(kind);
    if (container === undefined) return only?.length === 1 ? only[0] : undefined;
    const listing = listings.get(listingOf(kind, container, estate)) ?? [];
    return listing.find((one) => one.format === format) ?? listing.find((one) => one.format === undefined);
  };
}

/** What is wrong with an observation of a contained asset that does not say what contains it; null where nothing is. */
export function containerMissing(
  { contained_in: holder }: Kind,
  { id, container }: Observation,
): string | null {
  if (holder === undefined || (container !== undefined && container !== '')) return null;
  return `${id} does not say which ${holder} it was seen in; give that one's id as \`container\``;
}

const HOLDERS = new WeakMap<ReadonlyMap<string, Kind>, ReadonlySet<string>>();

/** Kinds whose assets hold assets of other kinds. */
export function holdersOf(kinds: ReadonlyMap<string, Kind>): ReadonlySet<string> {
  const held =
    HOLDERS.get(kinds) ?? new Set([...kinds.values()].flatMap(({ contained_in: holder }) => holder ?? []));
  HOLDERS.set(kinds, held);
  return held;
}
