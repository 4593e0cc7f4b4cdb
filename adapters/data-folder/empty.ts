/** Empties a directory of ours, while nobody else may have it. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FILE, lockFolder } from './lock.ts';

/** The directory itself stays. Throws `DirectoryHeld`. */
export function emptyDirectory(directory: string, now: Date): void {
  const release = lockFolder(directory, now);
  try {
    for (const name of readdirSync(directory))
      if (name !== FILE) rmSync(join(directory, name), { recursive: true, force: true });
  } finally {
    release();
  }
}
