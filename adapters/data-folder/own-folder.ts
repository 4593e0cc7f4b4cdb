/** A folder that no other living process has. */
import { join } from 'node:path';
import { DirectoryHeld, lockFolder } from './lock.ts';

export interface OwnFolder {
  readonly path: string;
  /** Lets it go, with whatever is in it. */
  release(): void;
}

/** As many processes as anybody runs on one machine. */
const MOST = 100;

/**
 * The first of `1`, `2` … in `place` that nobody holds, which is made. So a process finds again what one that died before it has left, and
 * two beside each other never meet.
 */
export function ownFolder(place: string, now: Date): OwnFolder {
  for (let number = 1; number <= MOST; number += 1) {
    const path = join(place, String(number));
    try {
      return { path, release: lockFolder(path, now) };
    } catch (error) {
      if (!(error instanceof DirectoryHeld)) throw error;
    }
  }
  throw new Error(`${MOST} processes have a folder in ${place} already; end those that are not needed`);
}
