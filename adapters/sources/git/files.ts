/** Files of repositories once more, as they were judged. Folders are looked for once, at the first question. */
import { excluder } from '../exclusion.ts';
import { readTexts } from '../files.ts';
import type { CollectRequest, OpenedRepository, RepositoryFiles } from '../port.ts';
import type { Folders } from './folders.ts';
import { identifiedFor } from './identified.ts';
import type { Places } from './places.ts';
import { newestOf, opened } from './targets.ts';

export function filesOf(request: CollectRequest): Required<RepositoryFiles> {
  let found: Promise<ReadonlyMap<string, Located>> | null = null;
  const excluded = excluder(request.excludes);
  const open = async (id: string): Promise<OpenedRepository | null> => {
    found ??= locate(request);
    const located = (await found).get(id);
    if (located === undefined) return null;
    const judged = await newestOf(located.places, located.folders.roots, request);
    const below = judged.below === '' ? '' : `${judged.below}/`;
    return {
      repository: await opened(judged, located.folders.roots, request),
      name: judged.key,
      includes: (path) => excluded(below + path) === undefined,
    };
  };
  return {
    open,
    texts: async ({ repository: id, commit, paths }) => {
      const held = await open(id);
      if (held === null) return new Map();
      try {
        const looked = paths.filter(held.includes);
        return await readTexts(held.repository, { view: request.view, commit, paths: looked });
      } finally {
        await held.repository.close();
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
