/**
 * A source is something that can be asked. Its folder name is its id; discovery is `readdir` of this folder, and
 * each `<id>/source.ts` exports `source`. Adding or removing a source edits nothing else.
 */
import type { Collection, Observation, Unobserved } from '@macadam/core/facts/observation';
import type { SourceDescription } from '../imports/directories/description.ts';
import type { Repository } from '../readers/git/repository.ts';
import type { EstateMemory, FolderEstate } from './estate.ts';
import type { Exclusion } from './exclusion.ts';

export interface Progress {
  /** What is being looked at now. */
  readonly name: string;
  readonly done: number;
  /** Unknown until the source has listed what there is. */
  readonly total?: number;
}

/** When what stands in a container was read last, by what is kept. */
export interface EarlierRead {
  /** Milliseconds since 1970: the start of that collection. */
  readonly at: number;
  /** Whether anything of it could be read. */
  readonly any: boolean;
}

export interface CollectRequest {
  /** What to collect from: paths for `git`, organisations for `github`. */
  readonly targets: readonly string[];
  /** Values of the source's own options, by option name. */
  readonly options: Readonly<Record<string, string | undefined>>;
  /** `head` reads the commit that HEAD names, `index` what is staged, `worktree` the files. */
  readonly view: 'head' | 'index' | 'worktree';
  /** Paths relative to a target that are not looked at: what they cover is emitted as unobserved, never passed over. */
  readonly excludes: readonly Exclusion[];
  /** The id that macadam.yaml in a folder states for the estate in that folder. */
  readonly estate?: { readonly id: string; readonly folder: string };
  /** What is remembered of an estate from earlier measurements; left out where nothing is kept. */
  readonly remembered?: (estate: FolderEstate) => Promise<EstateMemory>;
  /** Parameters of the estate that extraction needs (macadam.yaml `parameters`), passed through unread. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /**
   * Of when a clone speaks: of its last fetch, as an estate's present is asked about (also where this is left out), or of the moment
   * it is read, as somebody asked about this very folder; how old it is stands beside.
   */
  readonly clonesSpeakOf?: 'last-fetch' | 'now';
  /**
   * What is kept of earlier collections, by the id of each container of an estate that one of them read. With it a source may list everything and
   * read in turn what changed or is old; where it is left out everything is read.
   */
  readonly earlier?: (source: string, estate: string) => Promise<ReadonlyMap<string, EarlierRead>>;
  /** What the source was told of since, as it names it, and when: it is read first. Asked again while a collection goes on. */
  readonly told?: () => ReadonlyMap<string, Date>;
  /** Read these alone, as the source names them, and list nothing. */
  readonly alone?: readonly string[];
  /** Attributes that nobody asks about in this run: they may stay unread, and are unobserved then. None where it is left out. */
  readonly unasked?: readonly string[];
  /** Takes what keeps attestations of artefacts, where somebody has a policy to verify them by. */
  readonly attestations?: (kept: KeptAttestations) => void;
  /** A folder for caches that may be deleted at any time. */
  readonly cacheDirectory: string;
  /** The environment variables a source may read its credentials from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
}

/** Attestations about one artefact, and why there may be others; null where there are none. */
export interface AttestationsOf {
  readonly texts: readonly string[];
  readonly gap: Unobserved | null;
}

/** Whoever keeps attestations, to be asked after the collection; what is asked for is nothing that a collection counts. */
export interface KeptAttestations {
  /** `digest` is `sha256:` and hex. Rejects only on an aborted signal. */
  of(digest: string): Promise<AttestationsOf>;
}

/** What there is to be collected, in short. */
export interface SourceMark {
  /** Changes when a collection would see something else, and stays the same where nothing happened. */
  readonly digest: string;
  /** How many things it is of, and what they are called: `5 repositories`. */
  readonly watched: number;
  readonly of: string;
  /** What could not be looked at, in a sentence; null where nothing is missing. */
  readonly problem: string | null;
}

/** Files of repositories that a source collected, once more: for whoever shows lines of them. */
export interface RepositoryFiles {
  /**
   * Text by path, of the commit that was judged. What cannot be read, was left out, or is no longer what was judged is not
   * among them. Rejects only on an aborted signal.
   */
  texts(asked: {
    /** Id of the asset. */
    readonly repository: string;
    readonly commit: string | null;
    readonly paths: readonly string[];
  }): Promise<ReadonlyMap<string, string>>;
  /**
   * A repository as a whole, for whoever proposes a change to it: by the id of the asset. Null where this source has it not, or
   * only in parts. Left out by a source that holds none. Rejects only on an aborted signal.
   */
  open?(repository: string): Promise<OpenedRepository | null>;
}

export interface OpenedRepository {
  readonly repository: Repository;
  /** As a collection calls it. */
  readonly name: string;
  /** Whether a path is looked at: what the company leaves out is not. */
  readonly includes: (path: string) => boolean;
}

export interface CredentialNeed {
  readonly name: string;
  /** What it holds, and where somebody gets it. */
  readonly description: string;
  /** Whether it is asked for only where somebody names it. */
  readonly optional?: boolean;
  /** The option beside which it is not needed. */
  readonly unlessOption?: string;
}

/** What a host sent by itself. */
export interface DeliveredEvent {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as it came, and as JSON. */
  readonly raw: Uint8Array;
  readonly body: unknown;
}

/** Events that a host sends when something changed there. They are no evidence: they say what to read again. */
export interface SourceEvents {
  /** The credential that holds the secret they are signed with. */
  readonly secret: string;
  /** Takes as long whatever the signature. */
  isSigned(event: DeliveredEvent, secret: string): boolean;
  /** What to read again, as `told` and `alone` of a request name it; nothing of an event that says nothing. A name with `*` is of everything. */
  names(event: DeliveredEvent): readonly string[];
}

export interface Source {
  readonly id: string;
  readonly description: string;
  /** How a target is called in the usage text, for example `PATH` or `ORG`. */
  readonly target: string;
  /** Extra command line options: `--<source id>-<name> <value>`. */
  readonly options: readonly {
    readonly name: string;
    readonly value: string;
    readonly description: string;
  }[];
  /** What it is asked with, by the names of the environment variables that it reads. Left out by a source that needs none. */
  readonly credentials?: readonly CredentialNeed[];
  /** What it asks, by which permission, and what rests on it. Left out by a source that does not say. */
  described?(): Promise<SourceDescription>;
  /**
   * Asks the source. Every asset it sees is handed to `emit` once; what it could not see is in the collection that
   * it returns, never thrown: `collect` rejects only on an aborted signal or a broken request (`TypeError`).
   */
  collect(
    request: CollectRequest,
    emit: (observation: Observation) => void,
    report: (progress: Progress) => void,
  ): Promise<Collection>;
  /** Left out by a source whose host sends nothing. */
  events?(): Promise<SourceEvents>;
  /** Left out by a source that has no files. */
  files?(request: CollectRequest): RepositoryFiles;
  /**
   * A mark that is cheap to ask for again and again, so that a change is seen minutes after it happened. Left out by a source
   * that cannot be asked cheaply: then a schedule says when it is asked.
   */
  mark?(request: Pick<CollectRequest, 'targets' | 'signal'>): Promise<SourceMark>;
}
