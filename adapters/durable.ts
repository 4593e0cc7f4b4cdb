/** What has its name outlives the machine's sudden end: until a disk is told, it may hold a name and nothing under it. */
import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * Gives what was made at `draft`, a file or a folder with all below it, its name, once all of it is on the disk; the name is too, when it resolves.
 * Where it rejects there is nothing of that name, and what is left of the draft is the caller's.
 */
export async function nameWhole(draft: string, path: string): Promise<void> {
  await syncAll(draft);
  await rename(draft, path);
  try {
    await sync(dirname(resolve(path)));
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  }
}

/** A folder after what is in it. */
async function syncAll(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return [];
    throw error;
  });
  for (const entry of entries)
    if (entry.isDirectory() || entry.isFile()) await syncAll(join(path, entry.name));
  await sync(path);
}

async function sync(path: string): Promise<void> {
  // Windows opens no folder, and takes no file that is open for reading alone.
  if (process.platform === 'win32') return;
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
