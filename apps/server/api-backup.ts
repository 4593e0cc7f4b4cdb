/** The facts as routes reach them, and both stores as an archive. */
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stores } from '@macadam/adapters/facts/open';
import { writeArchive } from '@macadam/services/backup/archive';
import { verifiedContents } from '@macadam/services/backup/contents';
import { backup } from '@macadam/services/backup/make';
import type { ServerParts } from './http/route.ts';
import manifest from './package.json' with { type: 'json' };

export interface CopiesOptions {
  /** Directory or URL. */
  readonly decisions: string;
  readonly stores: () => Stores | null;
  /** Where an archive lies while it is made, read back and fetched: a folder of this process alone, with room for both stores. */
  readonly folder: string;
  readonly now: () => Date;
}

/** An archive is made whole and read back before anybody gets it: no snapshot is held open for whoever is slow to take it. */
export function copiesOf({
  decisions,
  stores,
  folder,
  now,
}: CopiesOptions): Required<Pick<ServerParts, 'stores' | 'backup'>> {
  let number = 0;
  return {
    stores,
    backup: async ({ facts }) => {
      // What a crash left; one at a time is made.
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `${number++}.tar`);
      const parts = backup({ decisions, now, stores: facts ? stores() : null, release: manifest.version });
      await writeArchive(path, parts, verifiedContents);
      return {
        bytes: () => createReadStream(path, { highWaterMark: 1 << 20 }),
        forget: () => rm(path, { force: true }),
      };
    },
  };
}
