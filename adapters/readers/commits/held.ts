/** Single commits of a repository, by id. */

import { type Commit, parseCommit } from '@macadam/secrets/signatures';
import { isGitFailure } from '../git/process.ts';
import type { Repository } from '../git/repository.ts';

/** A commit with a longer message than this is not read. */
const COMMIT_BYTES = 2 ** 20;

export async function holdsCommit(repository: Pick<Repository, 'object'>, commit: string): Promise<boolean> {
  const object = await repository.object(commit, COMMIT_BYTES);
  return !isGitFailure(object) && object.type === 'commit';
}

/** Null where it is not there, or cannot be read. */
export async function commitIn(
  repository: Pick<Repository, 'object'>,
  commit: string,
): Promise<Commit | null> {
  const object = await repository.object(commit, COMMIT_BYTES);
  if (isGitFailure(object) || object.type !== 'commit') return null;
  return parseCommit(object.content, commit.length === 64 ? 'sha256' : 'sha1') ?? null;
}
