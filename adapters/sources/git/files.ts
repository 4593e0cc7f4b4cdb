/** Files of repositories once more, as they were judged. Folders are looked for once, at the first question. */
import { assetId } from '@macadam/core/facts/observation';
import { excluder } from '../exclusion.ts';
import { readTexts } from '../files.ts';
import type { CollectRequest, RepositoryFiles } from '../port.ts';
import { discover } from './discovery.ts';
import { type Places, placesOf } from './places.ts';
import { isProblems, newestOf, opened, resolveTargets } from './targets.ts';

export function filesOf(request: CollectRequest): RepositoryFiles {
  let found: Promise<ReadonlyMap<string, Located>> | null = null;
  const excluded = excluder(request.excludes);
  return {
    texts: async ({ repository, commit, paths }) => {
      found ??= locate(request);
      const located = (await found).get(repository);
      if (located === undefined) return new Map();
      const judged = await newestOf(located.places, located.roots, request);
      const open = await opened(judged, located.roots, request);
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
  readonly roots: readonly string[];
}

/** Asset → its folders, found as a collection finds them. */
async function locate(request: CollectRequest): Promise<ReadonlyMap<string, Located>> {
  const targets = await resolveTargets(request.targets);
  if (isProblems(targets)) return new Map();
  const roots = targets.map(({ path }) => path);
  const known = new Set<string>();
  const all = [];
  for (const target of targets.toSorted((a, b) => a.path.length - b.path.length)) {
    const { repositories } = await discover(target, request.signal);
    const own = repositories.filter(({ path }) => !known.has(path));
    for (const { path } of own) known.add(path);
    all.push(...own);
  }
  const places = await placesOf(all, roots);
  return new Map(places.map((own) => [assetId('repository', ['file', own[0].key]), { places: own, roots }]));
}
