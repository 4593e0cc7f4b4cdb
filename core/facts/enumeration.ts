/**
 * How whole the kinds of an estate were listed: of each partition what its newest collection says, held against what
 * came of it. What refers to an asset is only known where everything that may refer to it was listed, and lately.
 */

import type { Kind } from '../kinds/kind.ts';
import { type Completeness, completeness } from './existence.ts';
import type { Collection, Observation, Partition } from './observation.ts';
import { holdersOf, partitionFinder } from './partition.ts';
import { expectedIn } from './population.ts';

/** One partition as one collection listed it. */
export interface Enumerated {
  readonly source: string;
  readonly partition: Partition;
  /** Start of the run in milliseconds since 1970, rounded down so that it never looks younger than it is. */
  readonly at: number;
  readonly completeness: Completeness;
}

/** Since when what stands in the containers that it lists was read: as it began, unless it reads them in turn. */
const contentsAt = ({ at, partition: { contents } }: Enumerated): number =>
  contents === undefined ? at : Math.min(at, Date.parse(contents.since));

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
      containers: false,
      seen: given.seen,
      delivered: arrived.get(given) ?? 0,
      witness: given.witness?.count ?? null,
    };
    const at = Date.parse(startedAt);
    return { source, partition, at, completeness: completeness(run, 0, 0) };
  });
}

/** A partition of a source but for its format, as a key. */
const listingKey = (source: string, { kind, container, estate }: PartitionName): string =>
  JSON.stringify([source, kind, container, estate ?? '']);

type PartitionName = Pick<Partition, 'kind' | 'container' | 'estate'>;

/**
 * Of each partition its newest enumeration; of two that started together the later one given. What a newer enumeration speaks
 * for has none of its own any more: a format of a listing that was read whole since, and in an estate that was listed since
 * a container that was not seen there, or a part of it that could not be listed then.
 */
export function newestEnumerations(all: Iterable<Enumerated>): readonly Enumerated[] {
  const newest = new Map<string, Enumerated>();
  for (const one of all) {
    const { format = '' } = one.partition;
    const key = JSON.stringify([listingKey(one.source, one.partition), format]);
    const held = newest.get(key);
    if (!held || held.at <= one.at) newest.set(key, one);
  }
  const whole = new Map<string, Enumerated>();
  for (const one of newest.values())
    if (one.partition.format === undefined) whole.set(listingKey(one.source, one.partition), one);
  return [...newest.values()].filter((one) => {
    const { kind, container, estate, format } = one.partition;
    const base = whole.get(listingKey(one.source, one.partition));
    if (format !== undefined && base && base.at > one.at) return false;
    if (estate === undefined) return true;
    const around = (of: string) => whole.get(listingKey(one.source, { kind: of, container: estate }));
    const parent = around(kind);
    if (parent) return parent.at <= one.at;
    const holder = around(kindOfId(container));
    return !(holder?.completeness.complete && contentsAt(holder) > one.at);
  });
}

/** Ids begin with their kind. */
const kindOfId = (id: string): string => id.slice(0, Math.max(0, id.indexOf('/')));

/**
 * Kinds of which the newest enumeration of every partition is complete → the start of the oldest of these: whether it is
 * fresh depends on who asks. What stands in others is listed whole only where these are.
 */
export function wholeKinds(
  newest: Iterable<Enumerated>,
  kinds: ReadonlyMap<string, Kind> = new Map(),
): ReadonlyMap<string, number> {
  const since = new Map<string, number>();
  const all = [...newest];
  /** Kinds of containers of which some were never read: what stands in those is not known. */
  const unread = new Set(
    all.flatMap(({ partition: { kind, contents } }) => ((contents?.unread ?? 0) > 0 ? [kind] : [])),
  );
  for (const { partition, at, completeness: said } of all) {
    const held = since.get(partition.kind) ?? Number.POSITIVE_INFINITY;
    // NaN, of a time that cannot be read, is no time.
    const isWhole = said.complete && at >= 0 && !unread.has(kindOfId(partition.container));
    since.set(partition.kind, isWhole ? Math.min(held, at) : Number.NEGATIVE_INFINITY);
  }
  const within = (kind: string, seen: readonly string[]): number => {
    const own = since.get(kind) ?? Number.POSITIVE_INFINITY;
    const holder = kinds.get(kind)?.contained_in;
    return holder === undefined || seen.includes(kind) ? own : Math.min(own, within(holder, [...seen, kind]));
  };
  return new Map(
    [...since.keys()]
      .map((kind) => [kind, within(kind, [])] as const)
      .filter(([, at]) => at !== Number.NEGATIVE_INFINITY),
  );
}

/** Of the containers in which assets of a kind may stand, how many were listed whole. */
export interface ContainersListed {
  readonly whole: number;
  /** Those that are known, and those that there must be beside them. */
  readonly total: number;
}

/** What lists containers that are there: one that is gone is listed no more, whatever was said of it once. */
export function ofExisting(
  enumerated: readonly Enumerated[],
  assets: Iterable<{ readonly id: string; readonly kind: string }>,
  kinds: ReadonlyMap<string, Kind>,
): readonly Enumerated[] {
  const there = new Set<string>();
  const holders = holdersOf(kinds);
  for (const { id, kind } of assets) if (holders.has(kind)) there.add(id);
  return enumerated.filter(({ partition: { kind, container } }) => {
    const holder = kinds.get(kind)?.contained_in;
    if (holder === undefined || !kinds.has(holder) || !container.startsWith(`${holder}/`)) return true;
    return there.has(container);
  });
}

/** What is known of one container of a kind. */
interface Container {
  /** Whether it was read when its estate was last listed. */
  current: boolean;
  whole: boolean;
}

/**
 * The figure that stands beside every interval of a kind. A container is an asset that holds others, such as a repository; of a
 * kind that neither stands in one nor is one, it is whatever the sources list. A container that is known from before and was not
 * read when its estate was last listed counts, and is not whole; nor is one that a witness counts and nobody named, or a part
 * of an estate that could not be listed. Null where no source lists such assets.
 */
export function containersListed(
  kind: string,
  newest: readonly Enumerated[],
  kinds: ReadonlyMap<string, Kind>,
): ContainersListed | null {
  const holder = kinds.get(kind)?.contained_in ?? (holdersOf(kinds).has(kind) ? kind : undefined);
  const own = newest.filter(({ partition }) => partition.kind === kind);
  if (own.length === 0) return null;
  if (holder === undefined) {
    const listings = Map.groupBy(own, ({ source, partition }) => listingKey(source, partition));
    const isWhole = kinds.get(kind)?.population === 'witnessed' ? isCounted : isComplete;
    const whole = [...listings.values()].filter((all) => all.every(isWhole)).length;
    return { whole, total: listings.size };
  }
  const estates = newest.filter(({ partition }) => partition.kind === holder);
  const listedAt = new Map(
    estates.map((one) => [estateKey(one.source, one.partition.container), contentsAt(one)]),
  );
  const inside = newest.filter(({ partition: { kind: of } }) =>
    kind === holder ? kinds.get(of)?.contained_in === holder : of === kind,
  );
  const containers = new Map<string, Container>();
  const unread = new Map<string, Set<string>>();
  for (const [id, all] of Map.groupBy(inside, ({ partition }) => partition.container)) {
    const whole = kind === holder ? all.some(isBaseListed) || all.every(isComplete) : all.every(isComplete);
    const current = all.some(({ source, partition: { estate }, at }) => {
      const listed = estate === undefined ? undefined : listedAt.get(estateKey(source, estate));
      return listed === undefined || at >= listed;
    });
    containers.set(id, { current, whole });
    if (current) continue;
    for (const { source, partition } of all) {
      const key = estateKey(source, partition.estate ?? '');
      unread.set(key, (unread.get(key) ?? new Set()).add(id));
    }
  }
  const current = [...containers.values()].filter((one) => one.current);
  const missing = new Map([...unread].map(([key, ids]) => [key, ids.size]));
  for (const [key, all] of Map.groupBy(estates, ({ source, partition }) =>
    estateKey(source, partition.estate ?? partition.container),
  )) {
    const hidden = all.reduce((sum, one) => sum + hiddenIn(one), 0);
    const never = all.reduce((sum, { partition: { contents } }) => sum + (contents?.unread ?? 0), 0);
    missing.set(key, Math.max(hidden, (missing.get(key) ?? 0) + never));
  }
  const total = current.length + [...missing.values()].reduce((sum, count) => sum + count, 0);
  return total === 0 ? null : { whole: current.filter(({ whole }) => whole).length, total };
}

const estateKey = (source: string, estate: string): string => JSON.stringify([source, estate]);

const isComplete = ({ completeness: { complete } }: Enumerated): boolean => complete;

/** Somebody else counts as many, or a person confirmed it. */
const isCounted = ({ completeness: said }: Enumerated): boolean => said.complete && said.confirmed;

const isBaseListed = ({ partition, completeness: { complete } }: Enumerated): boolean =>
  complete && partition.format === undefined;

/** How many containers one partition of them leaves unnamed: those that are counted, and one at least where it has no end. */
const hiddenIn = ({ partition, completeness: { complete } }: Enumerated): number =>
  Math.max(complete ? 0 : 1, expectedIn(partition) - partition.seen);
