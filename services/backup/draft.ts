/** What is made beside its place and gets its name when it is whole. */
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isAlive } from '@macadam/adapters/data-folder/running';

const ENDING = /^\.(\d+)\.partial$/;

/** Where this process makes `path`. What processes left beside it that were killed while they did the same is taken away. */
export function draftOf(path: string): string {
  const folder = dirname(path);
  const name = basename(path);
  for (const other of namesIn(folder)) {
    if (!other.startsWith(name)) continue;
    const [, pid] = ENDING.exec(other.slice(name.length)) ?? [];
    if (pid === undefined || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue;
    try {
      rmSync(join(folder, other), { recursive: true, force: true });
    } catch {
      // A database that was killed with it may be writing its last there; the next one finds it.
    }
  }
  return `${path}.${process.pid}.partial`;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
