/** Finds the repositories below a folder. No link is followed, so no loop is possible and nothing lies outside. */
import { readdir, realpath, stat as statThrough } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Cause, Problem } from '@macadam/core/facts/observation';
import { BARE, looksBare, refusalOf, stat } from '../../readers/git/directory.ts';
import { quote } from '../../readers/git/listing.ts';

export interface Found {
  /** Real path on disk. */
  readonly path: string;
  /** Path below the target's folder; empty for that folder itself. */
  readonly below: string;
  /** Natural key: path below the target, `/`-separated. */
  readonly key: string;
}

export interface Discovery {
  readonly repositories: readonly Found[];
  readonly problems: readonly Problem[];
  /** Why some folders could not be listed, when there are such. */
  readonly incomplete?: { readonly cause: Cause; readonly why: string; readonly remedy: string };
}

const NEVER = new Set(['.git', 'node_modules']);
const FOLDERS = 2_000_000;

export async function discover(
  target: { readonly path: string; readonly prefix: string },
  signal?: AbortSignal,
): Promise<Discovery> {
  const root = target.path;
  const repositories: Found[] = [];
  const problems: Problem[] = [];
  let incomplete: Discovery['incomplete'];
  const isRepository = async (path: string) => Boolean(await stat(join(path, '.git'))) || looksBare(path);
  const lose = (problem: Problem & { remedy: string }) => {
    problems.push(problem);
    incomplete ??= { cause: problem.cause, why: problem.message, remedy: problem.remedy };
  };

  // The target's own name is the key of a target that is itself a repository, and stands before all below it.
  const rootIsRepository = await isRepository(root).catch(() => false);
  const prefix = [target.prefix || (rootIsRepository ? basename(root) : '')].filter((part) => part !== '');
  const folders = [''];
  let listed = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    if (++listed > FOLDERS) {
      lose({
        code: 'folder-too-large',
        cause: 'incomplete',
        message: `${quote(root)} holds more than ${FOLDERS} folders`,
        remedy: 'measure it in parts',
      });
      break;
    }
    const path = join(root, folder);
    try {
      const entries = await readdir(path, { withFileTypes: true });
      const isWorking = entries.some(({ name }) => name === '.git');
      // Names first: three questions to the file system for every folder would cost more than all the rest.
      const mayBeBare = BARE.every((part) => entries.some(({ name }) => name === part));
      if (isWorking || (mayBeBare && (await looksBare(path)))) {
        repositories.push({
          path,
          below: folder,
          key: [...prefix, ...folder.split('/')].filter((part) => part !== '').join('/'),
        });
        if (!isWorking) continue;
      }
      for (const entry of entries.sort((a, b) => (a.name < b.name ? 1 : -1))) {
        const below = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (NEVER.has(entry.name)) continue;
        if (entry.isDirectory()) folders.push(below);
        else if (entry.isSymbolicLink()) await noteLink(root, below, isRepository, problems);
      }
    } catch (error) {
      const { refused, detail } = refusalOf(error, quote(folder || root));
      const unnamed = folder.includes('\ufffd');
      lose({
        code: unnamed ? 'path-not-utf8' : refused === 'permission-missing' ? refused : 'folder-unreadable',
        cause: refused === 'permission-missing' ? 'forbidden' : 'failed',
        message: `a folder could not be listed for repositories (${detail})`,
        remedy: unnamed
          ? 'give it a name in UTF-8'
          : refused === 'permission-missing'
            ? 'run Macadam as a user who may read it'
            : 'fix it',
      });
    }
  }
  return { repositories, problems, ...(incomplete ? { incomplete } : {}) };
}

/** A link to a repository elsewhere is said, because people who made it expect to see it measured. */
async function noteLink(
  root: string,
  below: string,
  isRepository: (path: string) => Promise<boolean>,
  problems: Problem[],
): Promise<void> {
  try {
    const real = await realpath(join(root, below));
    if (real === root || real.startsWith(`${root}/`)) return;
    if (!(await statThrough(real)).isDirectory() || !(await isRepository(real))) return;
    problems.push({
      code: 'link-not-followed',
      cause: 'unobserved',
      message: `${quote(below)} is a link to a repository outside of the folder and is not measured`,
      remedy: 'name that folder as well',
    });
  } catch {
    // A link that leads nowhere hides nothing.
  }
}
