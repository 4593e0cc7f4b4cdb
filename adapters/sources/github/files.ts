/** Files of repositories once more, from the copies that a collection keeps. Nothing is asked of the host. */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { assetId } from '@macadam/core/facts/observation';
import { openRepository } from '../../readers/git/repository.ts';
import { readTexts } from '../files.ts';
import type { CollectRequest, RepositoryFiles } from '../port.ts';
import { hostOf } from './host.ts';

export function filesOf(request: CollectRequest): RepositoryFiles {
  const host = hostOf(request.options.url);
  const prefix = `${assetId('repository', [host.name])}/`;
  return {
    texts: async ({ repository, commit, paths }) => {
      const id = repository.startsWith(prefix) ? repository.slice(prefix.length) : '';
      if (!/^\d+$/.test(id)) return new Map();
      const mirrors = await realpath(mirrorsIn(request.cacheDirectory, host.name)).catch(() => null);
      if (mirrors === null) return new Map();
      const open = await openRepository({
        path: join(mirrors, `${id}.git`),
        name: repository,
        within: [mirrors],
        scratch: join(request.cacheDirectory, 'scratch'),
        searchPath: request.environment.PATH,
        signal: request.signal,
      });
      try {
        return await readTexts(open, { view: 'head', commit, paths });
      } finally {
        await open.close();
      }
    },
  };
}

/** Where copies of a host's repositories are kept. */
export const mirrorsIn = (cache: string, host: string): string =>
  join(cache, 'github', host.replaceAll(/[^\w.-]/g, '_'), 'repositories');
