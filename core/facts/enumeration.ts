/**
 * How whole the kinds of an estate were listed: of each partition what its newest collection says, held against what
 * came of it. What refers to an asset is only known where everything that may refer to it was listed, and lately.
 */

import { type Completeness, completeness } from './existence.ts';
import type { Collection, Observation, Partition } from './observation.ts';
import { partitionFinder } from './partition.ts';

/** One partition as one collection listed it. */
export interface Enumerated {
  readonly source: string;
  readonly partition: Partition;
  /** Start of the run in milliseconds since 1970, rounded down so that it never looks younger than it is. */
  readonly at: number;
  readonly completeness: Completeness;
}

/** Assets of each partition of a collection that arrived, whatever it says that it saw. */
export function arrivals(
  { partitions }: Collection,
  observations: Iterable<Observation>,
): ReadonlyMap<Partition, number> {
  const ids = new Map(partitions.map((one) => [one, new Set<string>()]));
  const find = partitionFinder(partitions);
  for (const observation of observations) {
    const partition = find(observation);
    if (partition) ids.get(partition)?.add(observation.id);
  }
  return new Map([...ids].map(([partition, { size }]) => [partition, size]));
}

/** What a collection claims of a partition. A failed one lists nothing, whatever it says. */
export const claimed = ({ status }: Collection, partition: Partition): Partition =>
  status === 'failed' ? { ...partition, complete: false } : partition;

/** What a collection lists, with no other one of the same partitions at hand: who is missing since then is not asked. */
export function enumerations(
  collection: Collection,
  arrived: ReadonlyMap<Partition, number>,
): readonly Enumerated[] {
  const { source, startedAt, partitions } = collection;
  return partitions.map((given) => {
    const partition = claimed(collection, given);
    const run = {
      collection: '',
      startedAt: 0n,
      claimed: partition.complete,
      confirmed: false,
      seen: given.seen,
      delivered: arrived.get(given) ?? 0,
      witness: given.witness?.count ?? null,
    };
    const at = Date.parse(startedAt);
    return { source, partition, at, completeness: completeness(run, 0, 0) };
  });
}

/** Of each partition its newest enumeration; of two that started together the later one given. */
export function newestEnumerations(all: Iterable<Enumerated>): readonly Enumerated[] {
  const newest = new Map<string, Enumerated>();
  for (const one of all) {
    const { kind, container, estate, format } = one.partition;
    const key = JSON.stringify([one.source, kind, container, estate, format]);
    const held = newest.get(key);
    if (!held || held.at <= one.at) newest.set(key, one);
  }
  return [...newest.values()];
}

/**
 * Kinds of which the newest enumeration of every partition is complete → the start of the oldest of these: whether it is
 * fresh depends on who asks.
 */
export function wholeKinds(newest: Iterable<Enumerated>): ReadonlyMap<string, number> {
  const since = new Map<string, number>();
  for (const { partition, at, completeness: said } of newest) {
    const held = since.get(partition.kind) ?? Number.POSITIVE_INFINITY;
    // NaN, of a time that cannot be read, is no time.
    since.set(partition.kind, said.complete && at >= 0 ? Math.min(held, at) : Number.NEGATIVE_INFINITY);
  }
  return new Map([...since].filter(([, at]) => at !== Number.NEGATIVE_INFINITY));
}
