/** Opens a git repository for reading. Whatever is wrong with it is a problem and something unobserved, never thrown. */
import type { Problem, Unobserved } from '@macadam/core/facts/observation';
import { memoryTree, type Tree } from '../tree.ts';
import {
  type GitDirectory,
  type Head,
  isRefusal,
  openDirectory,
  readDefaultBranch,
  readHead,
  refusalOf,
  type UnreadableRepository,
} from './directory.ts';
import { type Listing, listCommit } from './head.ts';
import { type Notes, notes, quote, summary } from './listing.ts';
import { type GitObject, isOid, type Objects, openObjects } from './objects.ts';
import { openObjectFiles } from './packs.ts';
import { type ProblemCode, problem, unobserved } from './problems.ts';
import { type GitFailure, isGitFailure, LIMITS, type Limits, type Place, run } from './process.ts';
import { indexFile, openScratch, type Scratch } from './scratch.ts';
import { snapshot } from './snapshot.ts';
import { listIndex } from './staged.ts';
import { worktree } from './worktree.ts';

export interface OpenRequest {
  /** Folder of a working copy, a bare repository or a linked worktree. */
  readonly path: string;
  /** What people call it, for messages. */
  readonly name: string;
  /** Real paths of the folders whose git directories and objects may be read. */
  readonly within: readonly string[];
  /** Where scratch folders may be made; each is removed by `close`. */
  readonly scratch: string;
  /** `PATH`, to find git. */
  readonly searchPath: string | undefined;
  /** `GIT_INDEX_FILE` as an absolute path, where git runs us as a hook. */
  readonly indexFile?: string | undefined;
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal | undefined;
}

export interface Repository {
  readonly head: Head;
  /** Whether the history, or the objects, were left out on purpose when it was cloned. */
  readonly shallow: ReadonlySet<string>;
  readonly partial: boolean;
  readonly bare: boolean;
  /** Everything that went wrong so far; one problem a code. */
  problems(): readonly Problem[];
  /** Always a tree: an empty, incomplete one where nothing could be read. Rejects only when the signal aborts. */
  tree(view: 'head' | 'index' | 'worktree'): Promise<Tree>;
  object(oid: string, limit: number): Promise<GitObject | GitFailure>;
  /** The oldest first parent of a commit that is here, however long its history is. */
  firstParentRoot(commit: string): Promise<string | GitFailure>;
  close(): Promise<void>;
}

/** A tree of which nothing is known. */
export function unreadableTree(incomplete: Unobserved): Tree {
  return { ...memoryTree({}), incomplete };
}

function unreadable(name: string, { refused, detail }: UnreadableRepository): Repository {
  return {
    head: { refused, detail },
    shallow: new Set(),
    partial: false,
    bare: false,
    problems: () => [problem(refused, name, detail)],
    tree: async () => unreadableTree(unobserved(refused, detail)),
    object: async () => ({ fault: 'git-failed', detail }),
    firstParentRoot: async () => ({ fault: 'git-failed', detail }),
    close: async () => {},
  };
}

export async function openRepository(request: OpenRequest): Promise<Repository> {
  const directory = await openDirectory(request.path, request.within);
  if (isRefusal(directory)) return unreadable(request.name, directory);
  let scratch: Scratch;
  try {
    scratch = await openScratch(directory, request.scratch);
  } catch (error) {
    return unreadable(request.name, refusalOf(error, 'its object store could not be opened'));
  }
  const limits = { ...LIMITS, ...request.limits };
  const place: Place = {
    get gitDirectory() {
      return scratch.path;
    },
    searchPath: request.searchPath,
    limits,
    signal: request.signal,
  };
  const objects = openObjects(place, openObjectFiles(scratch.files, limits.direct));
  const head = await defaultHead(directory, objects);
  return reader({ request, directory, scratch, place, objects, head });
}

const COMMIT_BYTES = 2 ** 20;

/** Seconds since 1970 at which a commit was made; as early as can be where it cannot be read. */
async function committedAt(objects: Objects, commit: string): Promise<number> {
  const object = await objects.read(commit, COMMIT_BYTES);
  if (isGitFailure(object)) return Number.NEGATIVE_INFINITY;
  return Number(/^committer .*> (\d+) [+-]\d{4}$/m.exec(object.content.toString('latin1'))?.[1] ?? 0);
}

/**
 * The newest tip of the default branch that is here: as the remote names that branch, else HEAD's. Another branch that is
 * checked out says nothing of what is released.
 */
async function defaultHead(directory: GitDirectory, objects: Objects): Promise<Head> {
  const head = await readHead(directory);
  if (isRefusal(head)) return head;
  const tips = await readDefaultBranch(directory);
  const [first] = tips;
  if (first === undefined) return head;
  if (tips.every(({ commit }) => commit === first.commit)) return first;
  let best = first;
  let newest = Number.NEGATIVE_INFINITY;
  for (const tip of tips) {
    const at = await committedAt(objects, tip.commit);
    if (at > newest) {
      newest = at;
      best = tip;
    }
  }
  return best;
}

/** A history of a million commits is walked in less. */
const HISTORY_MILLISECONDS = 15_000;

async function rootOf(place: Place, commit: string): Promise<string | GitFailure> {
  if (!isOid(commit)) throw new TypeError(`not an object id: \`${commit}\``);
  const args = ['rev-list', '--first-parent', '--max-parents=0', commit];
  const { gitDirectory, searchPath, signal } = place;
  const limits = { ...place.limits, listing: Math.min(place.limits.listing, HISTORY_MILLISECONDS) };
  const output = await run({ gitDirectory, searchPath, limits, signal }, args);
  if (isGitFailure(output)) return output;
  const root = output.toString('latin1').trim();
  return isOid(root) ? root : { fault: 'git-failed', detail: 'its history has no first commit' };
}

interface Opened {
  readonly request: OpenRequest;
  readonly directory: GitDirectory;
  readonly scratch: Scratch;
  readonly place: Place;
  readonly objects: Objects;
  readonly head: Head;
}

function reader({ request, directory, scratch, place, objects, head }: Opened): Repository {
  const { name, indexFile: offered } = request;
  const log: Notes = notes();
  for (const path of scratch.alternatesOutside) log.add('alternates-outside', quote(path));
  for (const path of scratch.unsafe) log.add('object-unsafe', quote(path));
  if (isRefusal(head)) log.add(head.refused, head.detail);
  if ('commit' in head && head.branch === undefined) log.add('head-detached', head.commit);

  /** Why the tree may hold more than was listed: the first problem that cost it something. */
  const loss = (listing: Listing, before: ReadonlyMap<ProblemCode, number>): Unobserved | undefined => {
    if (listing.complete) return undefined;
    for (const [code, found] of log.found) {
      if (found.count > (before.get(code) ?? 0)) return unobserved(code, summary(found));
    }
    return unobserved('git-failed', 'it could not be listed whole');
  };
  const counts = () => new Map([...log.found].map(([code, { count }]) => [code, count]));

  const tree = async (view: 'head' | 'index' | 'worktree'): Promise<Tree> => {
    const before = counts();
    const { partial } = directory;
    if (view === 'head') {
      if (isRefusal(head)) return unreadableTree(unobserved(head.refused, head.detail));
      if ('unborn' in head) return memoryTree({});
      const listing = await listCommit(objects, head.commit, { limits: place.limits, log, partial });
      const incomplete = loss(listing, before);
      return snapshot(listing.entries, objects, { log, partial, incomplete: () => incomplete });
    }
    if (directory.worktree === undefined) {
      log.add('worktree-missing', '');
      return unreadableTree(unobserved('worktree-missing', ''));
    }
    try {
      const listing = await listIndex(place, await indexFile(directory, offered), log);
      const incomplete = loss(listing, before);
      if (view === 'index') {
        return await snapshot(listing.entries, objects, { log, partial, incomplete: () => incomplete });
      }
      return await worktree({
        tracked: listing.entries,
        objects,
        place,
        directory: { ...directory, worktree: directory.worktree },
        options: {
          log,
          incomplete: (lost) => loss({ entries: [], complete: listing.complete && !lost }, before),
        },
      });
    } catch (error) {
      place.signal?.throwIfAborted();
      const { refused, detail } = refusalOf(error, 'its files could not be listed');
      const code =
        refused === 'permission-missing'
          ? refused
          : view === 'index'
            ? 'index-invalid'
            : 'worktree-unreadable';
      log.add(code, detail);
      return unreadableTree(unobserved(code, detail));
    }
  };

  return {
    head,
    shallow: directory.shallow,
    partial: directory.partial,
    bare: directory.worktree === undefined,
    problems: () => [...log.found].map(([code, found]) => problem(code, name, summary(found))),
    tree,
    object: (oid, limit) => objects.read(oid, limit),
    firstParentRoot: (commit) => rootOf(place, commit),
    close: async () => {
      objects.close();
      scratch.remove();
    },
  };
}
