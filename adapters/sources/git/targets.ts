/** Folders that were asked for, and the repositories in them, opened. */
import { realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Problem } from '@macadam/core/facts/observation';
import { commitIn } from '../../readers/commits/held.ts';
import { quote } from '../../readers/git/listing.ts';
import { openRepository } from '../../readers/git/repository.ts';
import type { CollectRequest } from '../port.ts';
import type { Found } from './discovery.ts';
import type { Places } from './places.ts';

export interface Target {
  readonly asked: string;
  readonly path: string;
  /** What keeps keys of several targets apart; empty for a single one. */
  readonly prefix: string;
}

const UNREADABLE: Readonly<Record<string, string>> = {
  'not a folder': 'is a file, and not a folder',
  EACCES: 'may not be read by who runs this (EACCES)',
};

export async function resolveTargets(asked: readonly string[]): Promise<Target[] | Problem[]> {
  const missing: Problem[] = [];
  const paths: { asked: string; path: string }[] = [];
  for (const target of asked) {
    try {
      const path = await realpath(target);
      if (!(await stat(path)).isDirectory()) throw new Error('not a folder');
      if (!paths.some((earlier) => earlier.path === path)) paths.push({ asked: target, path });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'not a folder';
      missing.push({
        code: 'target-missing',
        cause: 'failed',
        message:
          code === 'ENOENT'
            ? `there is no folder ${quote(target)}`
            : `${quote(target)} ${UNREADABLE[code] ?? `cannot be read (${code})`}`,
        remedy: 'name a folder that holds git repositories, or one of them',
      });
    }
  }
  if (missing.length > 0) return missing;
  const names = paths.map(({ path }) => basename(path));
  const apart = new Set(names).size === names.length;
  return paths.map(({ asked: target, path }) => ({
    asked: target,
    path,
    prefix: paths.length === 1 ? '' : apart ? basename(path) : path.replace(/^\/+/, ''),
  }));
}

export function isProblems(targets: Target[] | Problem[]): targets is Problem[] {
  return targets.some((target) => 'code' in target);
}

/** The folder with the newest commit: an old clone says nothing that a newer one does not. */
export async function newestOf(
  places: Places,
  roots: readonly string[],
  request: CollectRequest,
): Promise<Found> {
  let [best] = places;
  if (places.length === 1 || request.view !== 'head') return best;
  let newest = Number.NEGATIVE_INFINITY;
  for (const place of places) {
    const at = await committedAt(place, roots, request);
    if (at > newest) [best, newest] = [place, at];
  }
  return best;
}

/** Milliseconds since 1970 of the commit that HEAD names; as early as can be where it cannot be read. */
async function committedAt(place: Found, roots: readonly string[], request: CollectRequest): Promise<number> {
  const repository = await opened(place, roots, request);
  try {
    const { head } = repository;
    const commit = 'commit' in head ? await commitIn(repository, head.commit) : null;
    return commit?.committedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  } finally {
    await repository.close();
  }
}

export function opened({ path, key }: Found, roots: readonly string[], request: CollectRequest) {
  const hookIndex = request.environment.GIT_INDEX_FILE;
  return openRepository({
    path,
    name: key,
    within: roots,
    scratch: join(request.cacheDirectory, 'scratch'),
    searchPath: request.environment.PATH,
    ...(hookIndex ? { indexFile: resolve(hookIndex) } : {}),
    signal: request.signal,
  });
}
