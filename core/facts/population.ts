/**
 * Assets that must exist but have no name: what a witness counts, or the source says that it saw, beyond those that arrived.
 * Each is an unknown of every standard of its kind. What a partition hides that nobody counts is no figure: how many
 * containers were listed whole stands beside the interval for that (`enumeration.ts`).
 */
import { assetId, type Cause, type Partition } from './observation.ts';

export interface Unnamed {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly cause: Cause;
  readonly why: string;
  readonly remedy: string | null;
}

/** How many assets there must be in a partition: as many as were seen, and as a witness counts. */
export const expectedIn = ({ witness, seen }: Partition): number => Math.max(witness?.count ?? 0, seen);

/** How many of those that there must be have no name. */
export const unnamedCount = (expected: number, named: number): number => Math.max(0, expected - named);

/** The unnamed assets that one partition hides. */
export const unnamed = (partition: Partition, named: number): Unnamed[] =>
  hiddenIn(partition, named, unnamedCount(expectedIn(partition), named));

/** So many unnamed assets of a partition of which so many have a name. */
export function hiddenIn(partition: Partition, named: number, count: number): Unnamed[] {
  const cause = partition.cause ?? 'incomplete';
  const why = partition.why ?? countsSay(partition, named);
  return Array.from({ length: count }, (_, index) => ({
    kind: partition.kind,
    id: assetId(partition.kind, [...placeOf(partition), `unlisted-${index + 1}`]),
    name: `a ${partition.kind} of ${partition.containerName} that could not be listed`,
    cause,
    why,
    remedy: partition.remedy ?? null,
  }));
}

const placeOf = ({ container, estate, format }: Partition): string[] =>
  [container, estate, format].filter((part) => part !== undefined);

function countsSay({ witness, seen, kind }: Partition, named: number): string {
  if (witness && witness.count > seen) return `${witness.id} counts ${witness.count}, ${seen} were seen`;
  return seen > named
    ? `the source says that it saw ${seen}, and ${named} arrived`
    : `not every ${kind} could be listed`;
}
