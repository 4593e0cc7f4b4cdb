/** Everything that can be wrong with a repository: stable code → its cause, and what would let Macadam see it. */
import type { Cause, Problem, Unobserved } from '@macadam/core/facts/observation';

interface Row {
  readonly cause: Cause;
  /** What could not be seen; the detail follows in brackets. */
  readonly what: string;
  readonly remedy: string;
}

const FSCK = 'run `git fsck` in it, then fetch or restore what is missing';

export const PROBLEMS = {
  'repository-invalid': {
    cause: 'failed',
    what: 'it looks like a git repository but is none',
    remedy: 'repair it, or remove it from the folder',
  },
  'permission-missing': {
    cause: 'forbidden',
    what: 'it may not be read',
    remedy: 'run Macadam as a user who may read it',
  },
  'gitdir-outside': {
    cause: 'forbidden',
    what: 'its git directory stands outside of the folder that is measured',
    remedy: 'measure a folder that holds both',
  },
  'alternates-outside': {
    cause: 'forbidden',
    what: 'it borrows objects from outside of the folder that is measured',
    remedy: 'run `git repack -a -d` in it, or measure a folder that holds both',
  },
  'format-unsupported': {
    cause: 'failed',
    what: 'its storage format is not supported',
    remedy: 'measure a fresh clone in the files format',
  },
  'head-invalid': {
    cause: 'failed',
    what: 'HEAD cannot be understood',
    remedy: 'check out its default branch again',
  },
  'head-missing': {
    cause: 'failed',
    what: 'HEAD names a branch that does not exist',
    remedy: 'set HEAD to the default branch with `git symbolic-ref HEAD refs/heads/NAME`',
  },
  'head-detached': {
    cause: 'unobserved',
    what: 'HEAD is detached and names no branch',
    remedy: 'check out the default branch',
  },
  'object-missing': { cause: 'failed', what: 'objects are missing or damaged', remedy: FSCK },
  'object-not-fetched': {
    cause: 'unobserved',
    what: 'the partial clone left objects out',
    remedy: 'clone it whole, or run `git fetch --refetch` without a filter',
  },
  'object-corrupt': { cause: 'failed', what: 'objects are corrupt', remedy: FSCK },
  'object-unsafe': {
    cause: 'failed',
    what: 'its object store holds what are no plain files',
    remedy: 'measure a fresh clone',
  },
  'tree-too-large': {
    cause: 'incomplete',
    what: 'it holds more files than are listed',
    remedy: 'measure it in parts',
  },
  'path-unsafe': {
    cause: 'failed',
    what: 'it holds names that no checkout would create',
    remedy: 'run `git fsck` and remove them from its history',
  },
  'path-not-utf8': { cause: 'failed', what: 'it holds file names that are not UTF-8', remedy: 'rename them' },
  'symlink-outside': {
    cause: 'unobserved',
    what: 'it holds links that lead out of the repository and are not followed',
    remedy: 'replace them by files',
  },
  'index-invalid': {
    cause: 'failed',
    what: 'its index cannot be read',
    remedy: 'run `git status` in it, or measure HEAD',
  },
  'index-unmerged': {
    cause: 'failed',
    what: 'its index holds unresolved conflicts',
    remedy: 'finish the merge',
  },
  'worktree-missing': {
    cause: 'unobserved',
    what: 'a bare repository has no files or index',
    remedy: 'measure HEAD',
  },
  'worktree-unreadable': {
    cause: 'failed',
    what: 'files could not be listed',
    remedy: 'fix what is named, or measure HEAD',
  },
  'git-missing': { cause: 'failed', what: 'git was not found', remedy: 'install git' },
  'git-failed': { cause: 'failed', what: 'git failed', remedy: FSCK },
  'git-timeout': {
    cause: 'failed',
    what: 'git did not answer in time',
    remedy: 'run `git fsck` in it, or look for a slow disk',
  },
  'too-large': {
    cause: 'incomplete',
    what: 'it holds an object that is too large to read',
    remedy: 'read the file with a tool of its own',
  },
  'extractor-failed': {
    cause: 'failed',
    what: 'reading it came upon a mistake in Macadam',
    remedy: 'report the message as a bug',
  },
} as const satisfies Readonly<Record<string, Row>>;

export type ProblemCode = keyof typeof PROBLEMS;

export function problem(code: ProblemCode, name: string, detail: string): Problem {
  const { cause, what, remedy } = PROBLEMS[code];
  return { code, cause, message: `${name}: ${what}${detail === '' ? '' : ` (${detail})`}`, remedy };
}

export function unobserved(code: ProblemCode, detail: string): Unobserved {
  const { cause, what, remedy } = PROBLEMS[code];
  return { unobserved: cause, why: `${what}${detail === '' ? '' : ` (${detail})`}; ${remedy}` };
}
