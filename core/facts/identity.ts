/**
 * Which of the repositories that are found are which of those that are known. A repository is the same one while it holds the
 * commit that was its tip: a path, which anybody may change, is believed only where history does not speak against it.
 */

/** A repository as it was last seen in an estate. */
export interface KnownRepository {
  readonly id: string;
  /** Where it was last seen. */
  readonly path: string;
  /** The commit that was its tip; null where it had none, or nobody could tell. */
  readonly head: string | null;
  /** Its first commit, where its history was read to the end. */
  readonly root: string | null;
  /** Where it was before it came to its path; null where it was never seen elsewhere. */
  readonly renamedFrom: string | null;
  /** The batch in which it was last seen: of two at one path the later one counts. */
  readonly seen: number;
}

/** A repository that is there now. */
export interface FoundRepository {
  readonly path: string;
  readonly head: string | null;
  readonly root: string | null;
  /** Those of the known tips that it was asked about and holds. */
  readonly holds: ReadonlySet<string>;
  /** Nothing could be read of it, so that it could not be asked. */
  readonly unreadable: boolean;
}

/** Pairs each found repository with the known one that it is. One without a pair is new. */
export function sameRepositories<Found extends FoundRepository>(
  known: readonly KnownRepository[],
  found: readonly Found[],
): ReadonlyMap<Found, KnownRepository> {
  const pairs = new Map<Found, KnownRepository>();
  const taken = new Set<KnownRepository>();
  const latest = known.toSorted(later);
  const pair = (one: Found, which: KnownRepository | undefined) => {
    if (which === undefined || taken.has(which) || pairs.has(one)) return;
    pairs.set(one, which);
    taken.add(which);
  };
  const byPath = Map.groupBy(latest, ({ path }) => path);
  const byHead = Map.groupBy(latest, ({ head }) => head);
  const there = (one: Found) => byPath.get(one.path) ?? [];
  /** Those whose tip it has or holds, the latest first. */
  const held = (one: Found) =>
    [...new Set([one.head, ...one.holds])]
      .flatMap((head) => (head === null ? [] : (byHead.get(head) ?? [])))
      .toSorted(later);
  /** Pairs what is left on both sides, each with the first candidate that fits. */
  const pairBy = (
    candidates: (one: Found) => readonly KnownRepository[],
    fits: (one: Found, which: KnownRepository) => boolean,
  ) => {
    for (const one of found)
      if (!pairs.has(one))
        pair(
          one,
          candidates(one).find((which) => !taken.has(which) && fits(one, which)),
        );
  };
  for (const [one, which] of exchanged(latest, found)) pair(one, which);
  pairBy(there, holds);
  // Nothing can be said against a path by what cannot be read.
  pairBy(there, (one) => one.unreadable);
  pairBy(held, (one, which) => one.head === which.head);
  pairBy(held, () => true);
  pairBy(there, (one, which) => !differ(one, which));
  const left = Map.groupBy(
    latest.filter((which) => !taken.has(which) && which.root !== null),
    ({ root }) => root,
  );
  const free = Map.groupBy(
    found.filter((one) => !pairs.has(one) && one.root !== null),
    ({ root }) => root,
  );
  for (const [root, [one, ...others]] of free) {
    const same = left.get(root) ?? [];
    // Of two that grew from one first commit nobody can say which it is.
    if (one !== undefined && others.length === 0 && same.length === 1) pair(one, same[0]);
  }
  return pairs;
}

const later = (a: KnownRepository, b: KnownRepository): number => b.seen - a.seen || (a.id < b.id ? -1 : 1);

const holds = (one: FoundRepository, { head }: KnownRepository): boolean =>
  head !== null && (one.head === head || one.holds.has(head));

const differ = (one: FoundRepository, { root }: KnownRepository): boolean =>
  root !== null && one.root !== null && one.root !== root;

/**
 * Repositories of one origin that changed places: each holds what the other has, so only their tips tell. One has been moved where
 * the tip of another known one stands at its path, and its own tip stands elsewhere.
 */
function exchanged<Found extends FoundRepository>(
  known: readonly KnownRepository[],
  found: readonly Found[],
): ReadonlyMap<Found, KnownRepository> {
  const byHead = Map.groupBy(found, ({ head }) => head);
  const knownByHead = Map.groupBy(known, ({ head }) => head);
  const occupantOf = new Map(found.map((one) => [one.path, one]));
  const pairs = new Map<Found, KnownRepository>();
  for (const which of known) {
    const occupant = occupantOf.get(which.path);
    if (which.head === null || occupant === undefined || occupant.head === which.head) continue;
    const [now, ...others] = byHead.get(which.head) ?? [];
    if (now === undefined || others.length > 0 || knownByHead.get(which.head)?.length !== 1) continue;
    const came = (knownByHead.get(occupant.head) ?? []).some(
      (other) => occupantOf.get(other.path)?.head !== other.head,
    );
    if (came) pairs.set(now, which);
  }
  return pairs;
}
