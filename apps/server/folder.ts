/** What is asked when one folder of git repositories is measured by the whole catalogue. */
import { join, resolve } from 'node:path';
import { discoverSources } from '@macadam/adapters/discover';
import type { MeasureRequest } from '@macadam/services/measure/measure';
import manifest from './package.json' with { type: 'json' };

/** The folder of this repository: its catalogue, and the first estate that must obey it. */
export const HERE = join(import.meta.dirname, '../..');

export async function folderRequest(folder: {
  readonly path: string;
  readonly title: string;
  readonly cache: string;
  readonly signal?: AbortSignal;
}): Promise<Omit<MeasureRequest, 'progress'>> {
  const source = (await discoverSources()).find(({ id }) => id === 'git');
  if (source === undefined) throw new TypeError('there is no source for folders of git repositories');
  return {
    asks: [{ source, targets: [folder.path], options: {} }],
    view: 'head',
    estateFolder: folder.path,
    catalogueRoots: [HERE],
    standards: [],
    pillars: [],
    engine: `macadam ${manifest.version}`,
    title: folder.title,
    cacheDirectory: resolve(folder.cache),
    environment: process.env,
    now: () => new Date(),
    ...(folder.signal && { signal: folder.signal }),
  };
}
