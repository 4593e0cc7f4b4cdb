/**
 * What a source says: observations of assets, and the manifest of the collection that made them.
 *
 * An attribute has three states. A value and `absent` are statements ("somebody looked"); `unobserved` is the
 * lack of one ("nobody looked, or could not") and always says why. Nothing ever passes on `unobserved`.
 */

/** Why something is not known, strongest first: of several causes the first in this order is shown. */
export const CAUSES = [
  'disputed',
  'stale',
  'incomplete',
  'forbidden',
  'failed',
  'unobserved',
  'undefined',
] as const;
export type Cause = (typeof CAUSES)[number];

/** How strongly a source knows, weakest first. */
export const ASSURANCES = ['attested', 'configured', 'effective', 'tested'] as const;
export type Assurance = (typeof ASSURANCES)[number];

/** Nobody looked, or could not look. `why` is shown to people: lower case, no final period, then `; ` and the remedy. */
export interface Unobserved {
  readonly unobserved: Cause;
  readonly why: string;
}

/**
 * Plain data, as in JSON, with two additions: an `Unobserved` may stand anywhere inside a record or list, and a
 * key that a record lacks is *absent*. Integers are JavaScript numbers; timestamps and durations are strings
 * (RFC 3339, `2160h`) whose meaning the kind's type gives.
 */
export type Value =
  | string
  | number
  | boolean
  | Unobserved
  | readonly Value[]
  | { readonly [field: string]: Value | undefined };

/** Somebody looked, and this is what is there. `complete: false` marks a list or map that may hold more. */
export interface Known {
  readonly value: Value;
  readonly complete?: boolean;
  /** Of a list that may hold more: why, in the form of an `Unobserved`. Shown to people, and nothing else. */
  readonly why?: string;
  readonly assurance?: Assurance;
  /** How far back the source looked, as a duration, where the answer depends on it. */
  readonly window?: string;
}

/** Somebody looked, and there is none. Only an attribute that its kind calls optional can be absent. */
export interface Absent {
  readonly absent: true;
  readonly assurance?: Assurance;
  readonly window?: string;
}

export type Statement = Known | Absent | Unobserved;

/** The source whose statements are the approvals in force: what only an approval sets, nobody else states. */
export const APPROVALS = 'approvals';

/** Where in a repository something stands. `line` counts from 1. */
export interface Location {
  readonly path: string;
  readonly line?: number;
}

/** What one collection saw of one asset at one time. Append-only; facts are never edited. */
export interface Observation {
  readonly kind: string;
  /** `assetId(kind, key)`: derived from the natural key, never random. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  readonly source: string;
  /** When it was true, and when we learned it: RFC 3339. */
  readonly observedAt: string;
  readonly receivedAt: string;
  /** Assurance of every statement that does not give its own. */
  readonly assurance: Assurance;
  /** Attribute name → statement. An attribute of the kind that is not listed is unobserved. */
  readonly attributes: Readonly<Record<string, Statement>>;
  /** Where the asset itself stands, when it is something in a repository. */
  readonly location?: Location;
  /**
   * Container of the partition in which it was seen: a later complete listing of that partition without it says that
   * it is gone. An asset of a kind that is `contained_in` another always names it, by that asset's id; others may leave
   * it out where the collection has one partition of the kind.
   */
  readonly container?: string;
  /** The estate in which its container was read, where several may hold that container: none speaks for another. */
  readonly estate?: string;
  /** The format it was read from, where formats of one container are listed apart. */
  readonly format?: string;
}

/** Something that went wrong or was out of reach while collecting. It always has a consequence: `unknown`. */
export interface Problem {
  /** Stable, kebab-case: `object-missing`, `yaml-invalid`, `permission-missing` … */
  readonly code: string;
  readonly cause: Cause;
  /** One sentence for people, naming what could not be seen and why. */
  readonly message: string;
  /** What would let Macadam see it. */
  readonly remedy?: string;
  /** The asset it concerns, and the file. */
  readonly asset?: string;
  readonly location?: Location;
}

/**
 * What a collection claims to enumerate: the assets of one kind in one container (an estate, a repository), or of one
 * format of it. The partition without a format speaks for every format that has none of its own in the collection, so a
 * file that cannot be read costs its own format alone. An incomplete partition says nothing of what it does not list.
 */
export interface Partition {
  readonly kind: string;
  /** The container: an asset's id, or the estate's name where nothing holds the assets but the estate. */
  readonly container: string;
  readonly containerName: string;
  /** As the observations in it state it. */
  readonly estate?: string;
  readonly format?: string;
  readonly complete: boolean;
  /**
   * A second opinion on how many there are, when there is one. What is named by the hash of its bytes and was read whole
   * (a git tree at a commit) is its own.
   */
  readonly witness?: { readonly id: string; readonly count: number };
  /** Number of assets that the collection saw here. */
  readonly seen: number;
  /** Of a list of containers that are read in turn and not all in each collection; left out where all of them were. */
  readonly contents?: Contents;
  /** Why it is incomplete. Required when `complete` is false. */
  readonly cause?: Cause;
  readonly why?: string;
  readonly remedy?: string;
}

/** How far what stands in a list of containers was read, by this collection and those before it. */
export interface Contents {
  /** Each that was ever read was read since then: RFC 3339. */
  readonly since: string;
  /** How many were never read. */
  readonly unread: number;
  /** How many are to be read again, or for the first time, and were not in this collection. */
  readonly waiting: number;
  /** Of these nothing can be read at the moment, as the limit of the host is spent. */
  readonly limited?: boolean;
}

/** One run of a source: what it looked at, with which rights, how completely, with what problems. */
export interface Collection {
  readonly source: string;
  /** Who asked, and with which rights, as far as the source knows. */
  readonly principal?: string;
  readonly rights?: readonly string[];
  /** What was asked, as the source would be asked again. */
  readonly query?: string;
  /** It read what it was told of, and nothing else: what it does not name stands as it was. */
  readonly part?: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** `failed`: nothing could be read. `incomplete`: at least one partition or asset could not be read whole. */
  readonly status: 'complete' | 'incomplete' | 'failed';
  readonly partitions: readonly Partition[];
  readonly problems: readonly Problem[];
  /** Clones that were judged as they are although nobody fetched them for long; left out where there are none. */
  readonly oldClones?: readonly OldClone[];
}

/** A clone that may be behind the repository that it is a clone of. */
export interface OldClone {
  /** The name of its repository. */
  readonly name: string;
  /** When it was fetched last, or a commit was made in it since. */
  readonly fetchedAt: string;
  /** The command that fetches it. */
  readonly command: string;
}

/** The stable id of an asset: its kind and natural key, each part percent-encoded except `/` and `@`. */
export function assetId(kind: string, key: readonly string[]): string {
  return [kind, ...key].map((part) => encodeURI(part).replaceAll(/[?#&]/g, encodeURIComponent)).join('/');
}

export function isUnobserved(value: unknown): value is Unobserved {
  return (
    typeof value === 'object' &&
    value !== null &&
    'unobserved' in value &&
    (CAUSES as readonly unknown[]).includes(value.unobserved)
  );
}

/** The cause that is shown of several, or `unobserved` for none. */
export function strongestCause(causes: Iterable<Cause>): Cause {
  const present = new Set(causes);
  return CAUSES.find((cause) => present.has(cause)) ?? 'unobserved';
}

/** The weakest of several assurances: a verdict is as strong as the weakest thing that decided it. */
export function weakestAssurance(assurances: Iterable<Assurance>): Assurance | null {
  const present = new Set(assurances);
  return ASSURANCES.find((assurance) => present.has(assurance)) ?? null;
}
