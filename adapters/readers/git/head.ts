/**
 * Lists the files of a commit by reading its trees one by one. `git ls-tree -r` would end at the first tree that is
 * missing; here the rest is still listed, and a tree that repeats itself a million times over is cut short.
 * Format of a tree object: `mode SP name NUL id`, repeated (git's Documentation/gitformat-pack.txt and tree.c).
 */
import type { TreeEntry } from '../tree.ts';
import { isUnsafeName, type Notes, pathNames, quote } from './listing.ts';
import type { Objects } from './objects.ts';
import type { ProblemCode } from './problems.ts';
import { type GitFailure, isGitFailure, type Limits } from './process.ts';

export interface Listed {
  readonly path: string;
  /** The path's bytes, kept only where they are not what `path` spells. */
  readonly raw?: Buffer;
  readonly type: TreeEntry['type'];
  readonly oid: string;
  /** In the index: deliberately not in the working tree (sparse checkout). */
  readonly skipped?: boolean;
}

export interface Listing {
  readonly entries: readonly Listed[];
  /** Whether everything there is was listed. */
  readonly complete: boolean;
}

const TREE_BYTES = 64 * 2 ** 20;
const COMMIT_BYTES = 2 ** 20;
const PATH_BYTES = 4096;

export function entryType(mode: string): TreeEntry['type'] {
  if (mode === '160000') return 'submodule';
  if (mode === '120000') return 'symlink';
  return (Number.parseInt(mode, 8) & 0o111) === 0 ? 'file' : 'executable';
}

/** The problem that a fault is, in a clone that may have left objects out on purpose. */
export function faultCode(fault: GitFailure, partial: boolean): ProblemCode {
  return fault.fault === 'object-missing' && partial ? 'object-not-fetched' : fault.fault;
}

interface Item {
  readonly mode: string;
  readonly name: Buffer;
  readonly oid: string;
}

/** The items of a tree object, or undefined when it is malformed. */
export function parseTree(content: Buffer, idBytes: number): readonly Item[] | undefined {
  const items: Item[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space + 1);
    if (space < 0 || end < 0 || end + 1 + idBytes > content.length) return undefined;
    const mode = content.toString('latin1', at, space);
    if (!/^[0-7]{5,6}$/.test(mode)) return undefined;
    items.push({
      mode,
      name: content.subarray(space + 1, end),
      oid: content.toString('hex', end + 1, end + 1 + idBytes),
    });
    at = end + 1 + idBytes;
  }
  return items;
}

export async function listCommit(
  objects: Objects,
  commit: string,
  options: { limits: Limits; log: Notes; partial: boolean },
): Promise<Listing> {
  const { limits, log, partial } = options;
  const idBytes = commit.length / 2;
  const entries: Listed[] = [];
  const parsed = new Map<string, readonly Item[]>();
  const toPath = pathNames(log);
  let complete = true;
  let visited = 0;
  let pathBytes = 0;
  const lose = (code: ProblemCode, example: string) => {
    log.add(code, example);
    complete = false;
  };

  const itemsOf = async (oid: string, path: string): Promise<readonly Item[]> => {
    const known = parsed.get(oid);
    if (known) return known;
    const object = await objects.read(oid, TREE_BYTES);
    if (isGitFailure(object)) lose(faultCode(object, partial), path === '' ? object.detail : quote(path));
    else {
      const items = object.type === 'tree' ? parseTree(object.content, idBytes) : undefined;
      if (items) {
        parsed.set(oid, items);
        return items;
      }
      lose('object-corrupt', `${object.type} ${oid} is no tree`);
    }
    return [];
  };

  const header = await objects.read(commit, COMMIT_BYTES);
  if (isGitFailure(header)) {
    lose(faultCode(header, partial), header.detail);
    return { entries, complete };
  }
  const root = /^tree ([0-9a-f]+)\n/.exec(header.content.toString('latin1', 0, 80))?.[1];
  if (header.type !== 'commit' || root?.length !== commit.length) {
    lose('object-corrupt', `${header.type} ${commit} is not a commit`);
    return { entries, complete };
  }

  // Level by level, so that many trees are asked for at once and nothing recurses as deep as the tree does.
  let level: { oid: string; prefix: Buffer }[] = [{ oid: root, prefix: Buffer.alloc(0) }];
  while (level.length > 0) {
    const next: typeof level = [];
    for (let from = 0; from < level.length; from += 256) {
      const folders = level.slice(from, from + 256);
      const contents = await Promise.all(folders.map(({ oid, prefix }) => itemsOf(oid, prefix.toString())));
      for (const [index, items] of contents.entries()) {
        const prefix = folders[index]?.prefix ?? Buffer.alloc(0);
        const names = new Set<string>();
        for (const item of items) {
          const name = item.name.toString('latin1');
          const raw = Buffer.concat([prefix, item.name]);
          if (isUnsafeName(name) || names.has(name)) {
            lose('path-unsafe', quote(raw.toString()));
            continue;
          }
          names.add(name);
          pathBytes += raw.length;
          if (++visited > limits.entries || pathBytes > limits.paths || raw.length > PATH_BYTES) {
            lose(
              'tree-too-large',
              `more than ${Math.min(visited - 1, limits.entries)} entries, or paths too long`,
            );
            return { entries, complete };
          }
          if (Number.parseInt(item.mode, 8) === 0o40000) {
            next.push({ oid: item.oid, prefix: Buffer.concat([raw, Buffer.from('/')]) });
          } else entries.push({ path: toPath(raw), type: entryType(item.mode), oid: item.oid });
        }
      }
    }
    level = next;
  }
  return { entries, complete };
}
