/** A tree whose contents are git objects: of a commit, or of the index. */
import type { Unobserved } from '@macadam/core/facts/observation';
import type { Tree, TreeEntry } from '../tree.ts';
import { faultCode, type Listed } from './head.ts';
import { linkTarget, linkUnobserved, type Notes, quote, textsOf, tooLarge } from './listing.ts';
import type { Objects } from './objects.ts';
import { unobserved } from './problems.ts';
import { isGitFailure } from './process.ts';

export const READ_LIMIT = 5 * 2 ** 20;
/** The longest target that a link may have; longer is no link. */
const LINK_BYTES = 4096;
/** Links beyond this many are not followed. */
const LINKS = 10_000;

/** By code unit, as `sort()` would; quicker than a locale's order and the same everywhere. */
export function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** Reads one object for what a tree's `bytes` promises. */
export async function readObject(
  objects: Objects,
  entry: TreeEntry & { readonly oid: string },
  limit: number,
  partial: boolean,
): Promise<Uint8Array | Unobserved> {
  if (entry.size !== undefined && entry.size > limit) return tooLarge(entry.path, entry.size, limit);
  const object = await objects.read(entry.oid, limit);
  if (!isGitFailure(object)) return object.content;
  return unobserved(faultCode(object, partial), `${quote(entry.path)}: ${object.detail}`);
}

export async function snapshot(
  listed: readonly Listed[],
  objects: Objects,
  options: { log: Notes; partial: boolean; incomplete: () => Unobserved | undefined },
): Promise<Tree> {
  const { log, partial } = options;
  const blobs = new Set(listed.filter(({ type }) => type !== 'submodule').map(({ oid }) => oid));
  const sizes = await objects.sizes(blobs);
  if (isGitFailure(sizes)) log.add(sizes.fault, sizes.detail);
  const entries = listed
    .map(({ path, type, oid }): TreeEntry => {
      const found = isGitFailure(sizes) ? undefined : sizes.get(oid);
      if (type === 'submodule') return { path, type, oid };
      if (found?.type === 'blob') return { path, type, oid, size: found.size };
      if (!isGitFailure(sizes))
        log.add(found ? 'object-corrupt' : partial ? 'object-not-fetched' : 'object-missing', quote(path));
      return { path, type, oid };
    })
    .sort(byPath);
  const byName = new Map(entries.map((entry) => [entry.path, entry]));

  const targets = new Map<string, string>();
  const links = entries.filter((entry) => entry.type === 'symlink').slice(0, LINKS);
  await Promise.all(
    links.map(async ({ path, oid }) => {
      const object = oid === undefined ? undefined : await objects.read(oid, LINK_BYTES);
      if (object && !isGitFailure(object)) targets.set(path, object.content.toString('utf8'));
    }),
  );
  for (const { path } of links) {
    if (linkTarget(path, targets, byName) === 'outside') log.add('symlink-outside', quote(path));
  }

  /** The file that a path stands for, links followed within the tree; or why there is none. */
  const resolve = (path: string): (TreeEntry & { oid: string }) | Unobserved => {
    const entry = byName.get(path);
    if (!entry) throw new TypeError(`no file \`${path}\` in this tree`);
    if (entry.type === 'symlink' && !targets.has(path)) {
      return unobserved('object-missing', `the link ${quote(path)} could not be read`);
    }
    const target = linkTarget(path, targets, byName);
    if (typeof target === 'string') return linkUnobserved(target, path);
    const file = byName.get(target.path);
    if (file?.type === 'submodule') {
      return {
        unobserved: 'unobserved',
        why: `${quote(path)} is a submodule; measure its own repository`,
      };
    }
    return file?.oid === undefined ? linkUnobserved('nowhere', path) : { ...file, oid: file.oid };
  };
  const bytes: Tree['bytes'] = async (path, limit = READ_LIMIT) => {
    const file = resolve(path);
    return 'unobserved' in file ? file : readObject(objects, file, limit, partial);
  };
  const incomplete = options.incomplete();
  return {
    entries,
    ...(incomplete ? { incomplete } : {}),
    has: (path) => byName.has(path) && !('unobserved' in resolve(path)),
    bytes,
    read: textsOf(bytes),
  };
}
