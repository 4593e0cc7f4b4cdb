/**
 * A tree of the files on disk: what git tracks, and what it neither tracks nor ignores. Nothing is followed out of
 * the working tree, neither by a link nor through a folder that is one, and no pipe or device is waited for.
 */
import { lstatSync, type Stats } from 'node:fs';
import { readlink, realpath } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { Unobserved } from '@macadam/core/facts/observation';
import type { Tree, TreeEntry } from '../tree.ts';
import { type GitDirectory, isWithin, readRegular, refusalOf, stat } from './directory.ts';
import type { Listed } from './head.ts';
import { linkTarget, linkUnobserved, type Notes, pathNames, quote, textsOf, tooLarge } from './listing.ts';
import type { Objects } from './objects.ts';
import { unobserved } from './problems.ts';
import { isGitFailure, type Place, run } from './process.ts';
import { byPath, READ_LIMIT, readObject } from './snapshot.ts';
import { isSafePath, records } from './staged.ts';

/** Untracked paths that nothing ignores. Nested repositories end in `/` and are somebody else's. */
async function untracked(
  place: Place,
  directory: GitDirectory,
  root: string,
  log: Notes,
): Promise<Listed[] | undefined> {
  const index = (await stat(join(directory.path, 'index')))?.isFile()
    ? join(directory.path, 'index')
    : '/dev/null';
  const exclude = join(directory.common, 'info', 'exclude');
  const own = (await stat(exclude))?.isFile() ? [`--exclude-from=${exclude}`] : [];
  const output = await run(
    place,
    [
      `--work-tree=${root}`,
      '-c',
      'core.bare=false',
      'ls-files',
      '--others',
      '--exclude-standard',
      ...own,
      '-z',
    ],
    { env: { GIT_INDEX_FILE: index } },
  );
  if (isGitFailure(output)) {
    log.add(output.fault === 'git-failed' ? 'worktree-unreadable' : output.fault, output.detail);
    return undefined;
  }
  const toPath = pathNames(log);
  const found: Listed[] = [];
  for (const raw of records(output)) {
    if (raw.at(-1) === 0x2f || !isSafePath(raw)) continue;
    const path = toPath(raw);
    found.push({
      path,
      type: 'file',
      oid: '',
      ...(Buffer.from(path).equals(raw) ? {} : { raw: Buffer.from(raw) }),
    });
  }
  return found;
}

function typeOf(facts: Stats): TreeEntry['type'] | undefined {
  if (facts.isSymbolicLink()) return 'symlink';
  if (facts.isFile()) return (facts.mode & 0o111) === 0 ? 'file' : 'executable';
  return undefined;
}

interface WorktreeInput {
  readonly tracked: readonly Listed[];
  readonly objects: Objects;
  readonly place: Place;
  readonly directory: GitDirectory & { readonly worktree: string };
  readonly options: { log: Notes; incomplete: (lost: boolean) => Unobserved | undefined };
}

export async function worktree({
  tracked,
  objects,
  place,
  directory,
  options,
}: WorktreeInput): Promise<Tree> {
  const root = directory.worktree;
  const { log } = options;
  let lost = false;
  const others = await untracked(place, directory, root, log);
  if (others === undefined) lost = true;
  const onDisk = new Map<string, { entry: TreeEntry; file: Buffer | string; object?: string }>();
  const folders = new Map<string, boolean>([['.', true]]);
  /** Whether every folder above a path is a folder and not a link. */
  const isPlain = (folder: string): boolean => {
    let plain = folders.get(folder);
    if (plain === undefined) {
      plain =
        isPlain(posix.dirname(folder)) &&
        Boolean(lstatSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory());
      folders.set(folder, plain);
    }
    return plain;
  };
  for (const { path, raw, type, oid, skipped } of [...tracked, ...(others ?? [])]) {
    if (onDisk.size >= place.limits.entries) {
      log.add('tree-too-large', `more than ${place.limits.entries} entries`);
      lost = true;
      break;
    }
    const file = raw ? Buffer.concat([Buffer.from(`${root}/`), raw]) : join(root, path);
    try {
      if (type === 'submodule') {
        onDisk.set(path, { entry: { path, type, oid }, file });
        continue;
      }
      const facts =
        raw || isPlain(posix.dirname(path)) ? lstatSync(file, { throwIfNoEntry: false }) : undefined;
      const now = facts && typeOf(facts);
      if (facts && now) onDisk.set(path, { entry: { path, type: now, size: facts.size }, file });
      else if (facts && !facts.isDirectory()) {
        log.add('worktree-unreadable', quote(path));
        lost = true;
      } else if (skipped) onDisk.set(path, { entry: { path, type, oid }, file, object: oid });
    } catch (error) {
      log.add(
        refusalOf(error, path).refused === 'permission-missing'
          ? 'permission-missing'
          : 'worktree-unreadable',
        quote(path),
      );
      lost = true;
    }
  }
  const entries = [...onDisk.values()].map(({ entry }) => entry).sort(byPath);
  const byName = new Map(entries.map((entry) => [entry.path, entry]));
  const targets = new Map<string, string>();
  for (const { path, type } of entries) {
    const at = onDisk.get(path);
    if (type !== 'symlink' || !at) continue;
    targets.set(path, at.object === undefined ? await readlink(at.file).catch(() => '') : '');
    if (linkTarget(path, targets, byName) === 'outside') log.add('symlink-outside', quote(path));
  }

  const resolve = (path: string): string | Unobserved => {
    if (!byName.has(path)) throw new TypeError(`no file \`${path}\` in this tree`);
    const target = linkTarget(path, targets, byName);
    if (typeof target === 'string') return linkUnobserved(target, path);
    if (byName.get(target.path)?.type === 'submodule') {
      return {
        unobserved: 'unobserved',
        why: `${quote(path)} is a submodule; measure its own repository`,
      };
    }
    return target.path;
  };
  const bytes: Tree['bytes'] = async (path, limit = READ_LIMIT) => {
    const name = resolve(path);
    if (typeof name !== 'string') return name;
    const at = onDisk.get(name);
    if (!at) return linkUnobserved('nowhere', path);
    if (at.object !== undefined) {
      return readObject(objects, { ...at.entry, oid: at.object }, limit, directory.partial);
    }
    if (at.entry.size !== undefined && at.entry.size > limit) return tooLarge(path, at.entry.size, limit);
    try {
      // Again at the time of reading: a folder may have become a link since it was listed.
      if (typeof at.file === 'string' && !isWithin(await realpath(dirname(at.file)), [root])) {
        return linkUnobserved('outside', path);
      }
      const content = await readRegular(at.file, limit);
      return (
        content ?? {
          unobserved: 'failed',
          why: `${quote(path)} went away while it was read; measure again`,
        }
      );
    } catch (error) {
      const { refused, detail } = refusalOf(error, quote(path));
      return unobserved(refused === 'permission-missing' ? refused : 'worktree-unreadable', detail);
    }
  };
  const incomplete = options.incomplete(lost);
  return {
    entries,
    ...(incomplete ? { incomplete } : {}),
    has: (path) => byName.has(path) && typeof resolve(path) === 'string',
    bytes,
    read: textsOf(bytes),
  };
}
