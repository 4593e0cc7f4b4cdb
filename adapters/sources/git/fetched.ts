/**
 * Of when what a clone says is: of the last fetch, or of a commit that was made in it since. Reading an old clone makes nothing
 * of it newer. A repository without an origin, and one whose origin is gone, is the only one there is, and says what is so now.
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { OldClone, Problem, Statement } from '@macadam/core/facts/observation';
import { commitIn, holdsCommit } from '../../readers/commits/held.ts';
import { isRefusal } from '../../readers/git/directory.ts';
import type { Repository } from '../../readers/git/repository.ts';
import type { Found } from './discovery.ts';
import type { Folders } from './folders.ts';
import { addressOf, remoteOf } from './places.ts';

export interface TipsRequest {
  /** Every folder of the repository, and the one that is judged, opened. */
  readonly places: readonly Found[];
  readonly judged: Found;
  readonly repository: Repository;
  readonly open: (place: Found) => Promise<Repository>;
  readonly folders: Folders;
  readonly now: Date;
}

export interface Tips {
  /** When the judged tip was the newest, as far as any folder knows; never later than `now`. */
  readonly at: Date;
  /** Tips of other folders of which neither holds the other. */
  readonly diverged: readonly string[];
}

export async function tipsOf({ places, judged, repository, open, folders, now }: TipsRequest): Promise<Tips> {
  const tip = 'commit' in repository.head ? repository.head.commit : null;
  const diverged = new Set<string>();
  let at = await saidAt(judged.path, repository, folders, now);
  for (const place of places) {
    if (place === judged) continue;
    const other = await open(place);
    try {
      const own = 'commit' in other.head ? other.head.commit : null;
      if (own === null || tip === null) continue;
      if (own === tip) {
        const said = await saidAt(place.path, other, folders, now);
        if (said > at) at = said;
      } else if (!(await holdsCommit(repository, own)) && !(await holdsCommit(other, tip))) diverged.add(own);
    } finally {
      await other.close();
    }
  }
  return { at, diverged: [...diverged].sort() };
}

/** Folders of one repository went different ways: nobody can say which of their tips is the default branch's. */
export function dispute(tip: Statement, diverged: readonly string[]): Statement {
  if (diverged.length === 0 || !('value' in tip)) return tip;
  const tips = [String(tip.value), ...diverged].map((commit) => commit.slice(0, 12)).join(', ');
  return {
    unobserved: 'disputed',
    why: `its clones went different ways, to ${tips}; bring them together, or take old ones out of the folder`,
  };
}

/** Never later than `now`. */
async function saidAt(
  path: string,
  repository: Pick<Repository, 'head' | 'object'>,
  folders: Folders,
  now: Date,
): Promise<Date> {
  const remote = await remoteOf(path, folders);
  if (remote === null) return now;
  const isFolder = addressOf(remote) === null;
  if (isFolder && (await changedAt(resolve(path, remote.replace(/^file:\/\//, '')))) === null) return now;
  const known = [await fetchedAt(path, folders), await committedAt(repository)].filter(
    (time) => time !== null,
  );
  // Where neither can be read, nothing of it can, and there is nothing to date.
  return known.length === 0 ? now : new Date(Math.min(Math.max(...known), now.getTime()));
}

/** Milliseconds since 1970; null where nothing tells. */
async function fetchedAt(path: string, folders: Folders): Promise<number | null> {
  const directory = await folders.directory(path);
  if (isRefusal(directory)) return null;
  const both = [...new Set([directory.path, directory.common])];
  const fetches = await Promise.all(both.map((folder) => changedAt(join(folder, 'FETCH_HEAD'))));
  const times = fetches.filter((time) => time !== null);
  if (times.length > 0) return Math.max(...times);
  // Never fetched since it was cloned: git writes these once, then.
  for (const name of ['description', 'info/exclude', 'config']) {
    const time = await changedAt(join(directory.common, name));
    if (time !== null) return time;
  }
  return null;
}

async function changedAt(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found === null ? null : found.mtimeMs;
}

async function committedAt(repository: Pick<Repository, 'head' | 'object'>): Promise<number | null> {
  const { head } = repository;
  const commit = 'commit' in head ? await commitIn(repository, head.commit) : null;
  return commit?.committedAt?.getTime() ?? null;
}

/** From here on it is said that a clone is old; each kind says itself until when its evidence counts. */
const OLD_MS = 7 * 86_400_000;

export const isOld = (at: Date, now: Date): boolean => now.getTime() - at.getTime() > OLD_MS;

/** The clone that is judged, and since when it may be behind. */
export function oldClone(name: string, at: Date, { path }: Found, { bare }: Repository): OldClone {
  // A bare clone states no branches to fetch, so that they have to be named.
  const branches = bare ? " origin '+refs/heads/*:refs/heads/*'" : '';
  return { name, fetchedAt: at.toISOString(), command: `git -C ${shellWord(path)} fetch${branches}` };
}

const shellWord = (text: string): string =>
  /^[\w./@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Where the present of the repository is asked about, what an old clone says is as old as its last fetch. */
export function oldCloneProblem({ name, fetchedAt, command }: OldClone): Problem {
  return {
    code: 'clone-old',
    cause: 'stale',
    message: `${name} was fetched last at ${fetchedAt}, and what it says is as old as that`,
    remedy: `fetch it (\`${command}\`) and measure again`,
  };
}
