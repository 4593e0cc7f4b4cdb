/** Files of repositories once more, as they were judged. Folders are looked for once, at the first question. */
import { excluder } from '../exclusion.ts';
import { readTexts } from '../files.ts';
import type { CollectRequest, RepositoryFiles } from '../port.ts';
import type { Folders } from './folders.ts';
import { identifiedFor } from './identified.ts';
import type { Places } from './places.ts';
import { newestOf, opened } from './targets.ts';

export function filesOf(request: CollectRequest): RepositoryFiles {
  let found: Promise<ReadonlyMap<string, Located>> | null = null;
  const excluded = excluder(request.excludes);
  return {
    texts: async ({ repository, commit, paths }) => {
      found ??= locate(request);
      const located = (await found).get(repository);
      if (located === undefined) return new Map();
      const judged = await newestOf(located.places, located.folders.roots, request);
      const open = await opened(judged, located.folders.roots, request);
      const below = judged.below === '' ? '' : `${judged.below}/`;
      const looked = paths.filter((path) => excluded(below + path) === undefined);
      try {
        return await readTexts(open, { view: request.view, commit, paths: looked });
      } finally {
        await open.close();
      }
    },
  };
}

interface Located {
  readonly places: Places;
  readonly folders: Folders;
}

/** Asset → its folders, found as a collection finds them. */
async function locate(request: CollectRequest): Promise<ReadonlyMap<string, Located>> {
  const all = await identifiedFor(request);
  if (!('repositories' in all)) return new Map();
  return new Map(
    all.repositories.map(({ places, identity }) => [identity.id, { places, folders: all.folders }]),
  );
}
