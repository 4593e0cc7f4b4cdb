/**
 * The facts store: every observation that was ever made, what they say together, and what can be shown for it.
 * Append-only; the same collections give the same facts byte for byte, in any order, grouping and number of times.
 *
 * Times are RFC 3339 text in UTC at the port. A *batch* is a number of the store: given out only when everything of
 * it can be read, rising, with gaps. `known` is such a number: what the store says at it never changes (until rows
 * are forgotten by age, and then it says so). Every method rejects with `FactsError` for what its caller can mend, and
 * with the engine's own error where the engine fails; after a rejected append nothing of it is to be seen, and the
 * same append may be made again.
 */
import type { Asset } from '@macadam/core/facts/asset';
import type { Completeness, Span } from '@macadam/core/facts/existence';
import type { Collection, Observation, Problem } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import type { EstateNaming } from './estates.ts';
import type { SignedManifest } from './manifest.ts';

export interface Facts {
  /** What is open: a directory, or a server's URL without credentials. */
  readonly place: string;

  /**
   * Takes one collection with all that it saw. Durable and visible when it resolves; the merged assets follow (see
   * `settled`). The same content again changes nothing and gives the first batch. An observation that cannot be
   * taken (made in the future, of an unknown kind) is quarantined, with a problem; the others are taken.
   * An iterable that throws leaves nothing behind, and the rejection is its own.
   */
  append(
    collection: Collection,
    observations: Iterable<Observation> | AsyncIterable<Observation | WrittenObservation>,
    receivedAt: Date,
  ): Promise<Appended>;

  /**
   * Withdraws a collection, by digest: from this batch on, nothing that it says counts, nor if it is appended again.
   * Earlier `known`s still see it. `reason` is for people, and required.
   */
  retract(collection: string, reason: string, at: Date): Promise<Sealed>;
  /** Confirms the population of a collection that counts as incomplete because too many assets were missing. */
  confirm(collection: string, reason: string, at: Date): Promise<Sealed>;
  /** Withdraws a source's word that its assets exist, from `at` on. What it said of them stays. */
  retireSource(source: string, reason: string, at: Date): Promise<Sealed>;
  /** Records that an asset is gone, which a source that is never complete cannot say. A later sighting brings it back. */
  retireAsset(asset: string, reason: string, at: Date): Promise<Sealed>;

  /** Records where the estate lies that is listed as a container, and what its file states as its id. */
  nameEstate(naming: EstateNaming, at: Date): Promise<Sealed>;
  /** All that was recorded so, oldest first. */
  estateNamings(): Promise<readonly EstateNaming[]>;

  /** The newest batch, or 0. */
  newest(): Promise<number>;
  /** Whether there is a batch of such an event, or may be one by now. Without one nobody need look for what it says. */
  readonly hasEvent: (event: 'retract' | 'confirm' | 'retire-source' | 'retire-asset' | 'forget') => boolean;
  /** Kinds of which there may be merged assets. Of all others there is none, and to look for one takes as long as to read some. */
  readonly inhabited: () => ReadonlySet<string>;
  /** Waits until the merged assets hold all that was appended before the call; gives the batch that they hold. */
  settled(): Promise<number>;

  /** Existing assets of a kind, by id in order, as of the last settled batch. Constant memory. */
  assets(kind: string): AsyncIterable<Asset>;
  /** As above, at a time and a batch of the past: merged anew from the observations, so it takes its time. */
  assetsAsOf(kind: string, asOf: AsOf): AsyncIterable<Asset>;
  /**
   * What is known of some assets of a kind at any time of the past; an id that was never seen is left out. Not more than a few
   * hundred ids at once.
   */
  pastsOf(kind: string, ids: readonly string[], known?: number): Promise<ReadonlyMap<string, AssetPast>>;
  /** One asset as of the last settled batch; null if it does not exist, or never did. */
  asset(id: string): Promise<Asset | null>;
  /** All observations of an asset that count, oldest first, each with the batch and the collection it came with. */
  observations(asset: string, known?: number): Promise<readonly Recorded[]>;
  /** When an asset existed; empty if it was never seen. */
  existence(asset: string, known?: number): Promise<readonly Span[]>;

  /** Collections in order of their start, newest last. */
  collections(filter?: CollectionFilter): Promise<readonly Collected[]>;
  /** The manifests of a source, or of all, in order of their chain. */
  manifests(source?: string): Promise<readonly SignedManifest[]>;
  /** Leaf digests of a collection's observations, for `inclusion`. */
  leaves(collection: string): Promise<readonly string[]>;
  quarantine(collection?: string): Promise<readonly Quarantined[]>;

  /**
   * Forgets rows that are older than the ages given (`365d`), received before `now` minus the age. Of observations,
   * every one that still says something about an asset stays, however old: the facts of today are the same after it.
   */
  forget(ages: Retention, now: Date): Promise<Forgotten>;

  /** Nothing is written while `work` runs, and all that was sealed is settled: for a copy that is of one moment. Keep it short. */
  still<T>(work: () => Promise<T>): Promise<T>;

  /** Merged assets stay as of one batch, which `work` is told, while it runs; what is appended meanwhile waits to be merged. */
  steady<T>(work: (settled: number) => Promise<T>): Promise<T>;

  /** Waits for what is running, and lets the directory go. */
  close(): Promise<void>;
}

/** One asset at any time. */
export interface AssetPast {
  /** Null: it did not exist then. `kind`: as it was defined at another time. */
  at(valid: Date, kind?: Kind): Asset | null;
}

/**
 * An observation whose canonical text was made by whoever read it, so that no value has to be made of it. Nobody holds it
 * against that text again: only a reader that keeps to `observationText` gives one.
 */
export interface WrittenObservation
  extends Pick<
    Observation,
    'kind' | 'id' | 'name' | 'source' | 'container' | 'estate' | 'format' | 'observedAt' | 'receivedAt'
  > {
  /** UTF-8, good until the next observation is asked for. */
  readonly text: Uint8Array;
  /** Which attributes it speaks of, and which it says are absent. */
  readonly attributes: Readonly<Record<string, { readonly absent?: true }>>;
}

export interface Sealed {
  readonly batch: number;
  /** The same was recorded before, and this is its batch. */
  readonly repeated: boolean;
}

export interface Appended extends Sealed {
  /** Digest of the collection, by content. */
  readonly collection: string;
  readonly observations: number;
  readonly quarantined: number;
  /** What was wrong with observations; at most the first hundred, each once. */
  readonly problems: readonly Problem[];
  readonly manifest: SignedManifest;
}

export interface AsOf {
  /** When it was true. */
  readonly valid: string;
  /** What was known: a sealed batch. Default: the newest. */
  readonly known?: number;
}

export interface Recorded {
  readonly observation: Observation;
  readonly collection: string;
  readonly batch: number;
}

export interface CollectionFilter {
  readonly source?: string | undefined;
  readonly known?: number;
  /** Only so many, those of the newest batches. A store holds as many as were ever sent: whoever shows a page asks for a page. */
  readonly limit?: number;
  /** Only those of batches before this one. */
  readonly before?: number;
  /** Only those that list something: of single observations, which many send, none does. */
  readonly listing?: true;
}

export interface Collected {
  readonly digest: string;
  readonly batch: number;
  readonly collection: Collection;
  /** Of each of its partitions, in their order. */
  readonly completeness: readonly Completeness[];
  readonly retracted: boolean;
  /** When its source was retired after it, RFC 3339: from then on it says nothing of what there is. Null: it was not. */
  readonly retired: string | null;
}

export interface Quarantined {
  readonly observation: Observation;
  readonly collection: string;
  readonly why: string;
}

/** Durations; what is left out is kept for ever. */
export interface Retention {
  readonly observations?: string;
  readonly quarantine?: string;
}

export interface Forgotten {
  readonly observations: number;
  readonly quarantine: number;
}

/** An asset whose merged state a batch changed. Null: it did not exist. */
export interface Change {
  readonly id: string;
  readonly kind: string;
  readonly before: Asset | null;
  readonly after: Asset | null;
}

export interface FactsOptions {
  readonly kinds: ReadonlyMap<string, Kind>;
  /** PKCS #8 PEM of an Ed25519 key, to sign manifests with; without one they are chained only. */
  readonly signingKey?: string;
  readonly now: () => Date;
  /**
   * Told of changed assets, some of one kind at a time, in order of id, before the batch counts as settled.
   * After a crash a page may come a second time, with `before` as it is by then.
   */
  readonly changed?: (changes: readonly Change[], batch: number) => Promise<void> | void;
}

const FACTS_FAULTS = ['unknown', 'invalid', 'damaged', 'forgotten', 'superseded', 'unmigrated'] as const;

/** What the caller can mend. The message says what to do. */
export class FactsError extends Error {
  readonly fault: (typeof FACTS_FAULTS)[number];
  constructor(fault: (typeof FACTS_FAULTS)[number], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FactsError';
    this.fault = fault;
  }
}
