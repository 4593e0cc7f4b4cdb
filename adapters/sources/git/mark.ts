/**
 * What stands at the tips of a folder's repositories, by the files in which git keeps its references. No git runs and no
 * file of a repository is read, so it may be asked for every few seconds.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { quote } from '../../readers/git/listing.ts';
import type { CollectRequest, SourceMark } from '../port.ts';
import { discover } from './discovery.ts';

export async function markOf({
  targets,
  signal,
}: Pick<CollectRequest, 'targets' | 'signal'>): Promise<SourceMark> {
  const digest = createHash('sha256');
  let watched = 0;
  let problem: string | null = null;
  for (const target of [...new Set(targets.map((path) => resolve(path)))].sort()) {
    const root = await realpath(target).catch(() => null);
    if (root === null) {
      problem ??= `${quote(target)} cannot be read`;
      digest.update(`${target}\nmissing\n`);
      continue;
    }
    const found = await discover({ path: root, prefix: '' }, signal);
    problem ??= found.incomplete?.why ?? null;
    for (const { path, key } of found.repositories) {
      watched += 1;
      digest.update(`${key}\n${await standOf(path)}\n`);
    }
  }
  return { digest: digest.digest('hex'), watched, of: 'repositories', problem };
}

/** Files of a repository that change when a reference does; `FETCH_HEAD` when somebody looked whether one did. */
const FILES = ['HEAD', 'packed-refs', 'FETCH_HEAD', 'shallow', 'reftable/tables.list'];

async function standOf(path: string): Promise<string> {
  const own = await gitFolderOf(path);
  // A linked working copy has a HEAD of its own, and its references where it was linked from.
  const shared = resolve(own, (await textOf(join(own, 'commondir'))).trim() || '.');
  const folders = [...new Set([own, shared])];
  const lines: string[] = [];
  for (const folder of folders) {
    for (const file of FILES) lines.push(`${file} ${await stampOf(join(folder, file))}`);
    lines.push(...(await referencesBelow(join(folder, 'refs'))));
  }
  return lines.join('\n');
}

/** `.git` is the folder itself, or a file that says where it is; a bare repository is its own. */
async function gitFolderOf(path: string): Promise<string> {
  const inside = join(path, '.git');
  const found = await stat(inside).catch(() => null);
  if (found === null) return path;
  if (found.isDirectory()) return inside;
  const [, named] = /^gitdir: (.+)$/m.exec(await textOf(inside)) ?? [];
  return named === undefined ? path : resolve(path, named.trim());
}

/** More than this are packed long before; a folder that holds them anyway is looked at in part. */
const MOST_REFERENCES = 20_000;

async function referencesBelow(folder: string): Promise<string[]> {
  const lines: string[] = [];
  const folders = [folder];
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) folders.push(inside);
      else if (entry.isFile() && lines.length < MOST_REFERENCES)
        lines.push(`${inside} ${await stampOf(inside)}`);
    }
    if (lines.length >= MOST_REFERENCES) break;
  }
  return lines.sort();
}

/** When a file was written, and which one it is: what replaces it in the same moment is another one. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? '-' : `${found.mtimeNs} ${found.size} ${found.ino}`;
}

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
