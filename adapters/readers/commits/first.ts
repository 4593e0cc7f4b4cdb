/** The first commit of a history: what tells a repository whose history was written anew from another one at its place. */
import type { Statement } from '@macadam/core/facts/observation';
import { isRefusal } from '../git/directory.ts';
import { faultCode } from '../git/head.ts';
import { unobserved } from '../git/problems.ts';
import { isGitFailure } from '../git/process.ts';
import type { Repository } from '../git/repository.ts';
import { commitIn } from './held.ts';

/** A repository of which the first commit is known already: at its tip, and at all that came after it. */
export interface EarlierTip {
  readonly head: string | null;
  readonly root: string | null;
}

/** So many commits are looked at one by one; of a longer history git looks for the first. */
const NEWEST = 100;

/** Of the default branch, by first parents. Rejects only when the signal aborts. */
export async function firstCommit(
  repository: Pick<Repository, 'firstParentRoot' | 'head' | 'object' | 'partial' | 'shallow'>,
  earlier?: EarlierTip,
): Promise<Statement> {
  const { head } = repository;
  if (isRefusal(head)) return unobserved(head.refused, head.detail);
  if ('unborn' in head) return { absent: true };
  let at = head.commit;
  for (let count = 0; count < NEWEST; count += 1) {
    if (at === earlier?.head && earlier.root !== null) return { value: earlier.root };
    if (repository.shallow.has(at)) return CUT_OFF;
    const commit = await commitIn(repository, at);
    // Git says below why it cannot be read.
    if (commit === null) break;
    const [parent] = commit.parents;
    if (parent === undefined) return { value: at };
    at = parent;
  }
  if (repository.shallow.size > 0) return CUT_OFF;
  const root = await repository.firstParentRoot(at);
  return isGitFailure(root) ? unobserved(faultCode(root, repository.partial), root.detail) : { value: root };
}

const CUT_OFF: Statement = {
  unobserved: 'incomplete',
  why: 'its history was cut off when it was cloned; fetch the rest with `git fetch --unshallow`',
};
