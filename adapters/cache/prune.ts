/** Keeps a folder of caches from growing for ever. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Removes the files that were written longest ago until the rest has at most so many bytes. Never throws. */
export function prune(folder: string, bytes: number): void {
  const files = filesIn(folder).sort((a, b) => b.written - a.written);
  let total = 0;
  for (const { path, size } of files) {
    total += size;
    if (total > bytes) removed(path);
  }
}

function filesIn(folder: string): { path: string; size: number; written: number }[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      const facts = statSync(path, { throwIfNoEntry: false });
      return facts?.isFile() ? [{ path, size: facts.size, written: facts.mtimeMs }] : [];
    });
  } catch {
    return [];
  }
}

function removed(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Another process removed it, or may.
  }
}
