/** A repository whose files are held in memory: a standard's examples, what `start/` makes, a fix's patched copy. */
import type { GitFailure } from './git/process.ts';
import type { Repository } from './git/repository.ts';
import { memoryTree, type Tree } from './tree.ts';

/** The commit that a repository in memory is at; no real one has it. */
const NO_COMMIT = '0'.repeat(40);

const NO_OBJECT: GitFailure = {
  fault: 'object-missing',
  detail: 'a repository in memory has no objects',
};

export function heldRepository(tree: Tree): Repository {
  return {
    head: { branch: 'main', commit: NO_COMMIT },
    shallow: new Set(),
    partial: false,
    bare: false,
    problems: () => [],
    tree: async () => tree,
    object: async () => NO_OBJECT,
    firstParentRoot: async () => NO_OBJECT,
    close: async () => {},
  };
}

/** A tree with some files replaced or added. */
export function overlaid(tree: Tree, files: ReadonlyMap<string, string>): Tree {
  const top = memoryTree(Object.fromEntries(files));
  const below = tree.entries.filter(({ path }) => !files.has(path));
  return {
    ...tree,
    entries: [...below, ...top.entries].sort((a, b) => (a.path < b.path ? -1 : 1)),
    has: (path) => files.has(path) || tree.has(path),
    read: (path, limit) => (files.has(path) ? top : tree).read(path, limit),
    bytes: (path, limit) => (files.has(path) ? top : tree).bytes(path, limit),
  };
}
