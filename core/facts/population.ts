/**
 * Assets that must exist but have no name: what a witness counts beyond the assets seen, and at least one in every
 * partition that could not be listed to its end. Each is an unknown of every standard of its kind, so that a source
 * that looks less never makes a share narrower.
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

/** How many of those that there must be have no name. A partition that could not be listed to its end hides one at least. */
export const unnamedCount = (complete: boolean, expected: number, named: number): number =>
  Math.max(complete ? 0 : 1, expected - named);

/** The unnamed assets that one partition hides. */
export function unnamed(partition: Partition, named: number): Unnamed[] {
  const count = unnamedCount(partition.complete, expectedIn(partition), named);
  const cause = partition.cause ?? 'incomplete';
  const why = partition.why ?? countsSay(partition, named);
  return Array.from({ length: count }, (_, index) => ({
    kind: partition.kind,
    id: assetId(partition.kind, [partition.container, `unlisted-${index + 1}`]),
    name: `a ${partition.kind} of ${partition.containerName} that could not be listed`,
    cause,
    why,
    remedy: partition.remedy ?? null,
  }));
}

function countsSay({ witness, seen, kind }: Partition, named: number): string {
  if (witness && witness.count > seen) return `${witness.id} counts ${witness.count}, ${seen} were seen`;
  return seen > named
    ? `the source says that it saw ${seen}, and ${named} arrived`
    : `not every ${kind} could be listed`;
}
