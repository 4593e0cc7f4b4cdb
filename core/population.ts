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

/** The unnamed assets that one partition hides. */
export function unnamed(partition: Partition): Unnamed[] {
  const surplus = Math.max(0, (partition.witness?.count ?? partition.seen) - partition.seen);
  const count = partition.complete ? surplus : Math.max(1, surplus);
  const cause = partition.cause ?? 'incomplete';
  const why = partition.why ?? witnessSays(partition);
  return Array.from({ length: count }, (_, index) => ({
    kind: partition.kind,
    id: assetId(partition.kind, [partition.container, `unlisted-${index + 1}`]),
    name: `a ${partition.kind} of ${partition.containerName} that could not be listed`,
    cause,
    why,
    remedy: partition.remedy ?? null,
  }));
}

function witnessSays({ witness, seen, kind }: Partition): string {
  return witness
    ? `${witness.id} counts ${witness.count}, ${seen} were seen`
    : `not every ${kind} could be listed`;
}
