/**
 * The place of each path of a repository: product, test, example, docs, vendored or generated. The published globs
 * decide, except that a path which a build or deployment refers to is product, whatever its folder.
 */
import type { Unobserved } from '@macadam/core/facts/observation';
import type { PlaceName } from '@macadam/core/facts/place';
import type { Tree } from '../tree.ts';
import { placeByGlobs } from './match.ts';

export interface Places {
  /**
   * Unobserved only where the globs say something other than product, and a file that may refer to the path could not
   * be read: then it may well be product.
   */
  of(path: string): PlaceName | Unobserved;
}

/** Never rejects for what a file contains. */
export async function readPlaces(tree: Tree): Promise<Places> {
  const { readReferences } = await import('./references.ts');
  const { referred, unread } = await readReferences(tree);
  return placesOf(referred, unread ?? tree.incomplete);
}

/** `referred`: paths of files and folders that builds and deployments refer to. `gap`: why there may be more. */
export function placesOf(referred: ReadonlySet<string>, gap?: Unobserved): Places {
  const known = new Map<string, PlaceName | Unobserved>();
  const decide = (path: string): PlaceName | Unobserved => {
    const base = innermostReference(path, referred);
    // A document stays one, also where it is published.
    if (base === path) return placeByGlobs(baseName(path)) === 'docs' ? 'docs' : 'product';
    const place = placeByGlobs(base === undefined ? path : path.slice(base.length + 1));
    return place === 'product' || gap === undefined ? place : gap;
  };
  return {
    of: (path) => {
      const earlier = known.get(path);
      if (earlier !== undefined) return earlier;
      const place = decide(path);
      known.set(path, place);
      return place;
    },
  };
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** What lies inside of a folder that is product is judged by the rest of its path: a test of it is still a test. */
function innermostReference(path: string, referred: ReadonlySet<string>): string | undefined {
  if (referred.size === 0) return undefined;
  if (referred.has(path)) return path;
  let found: string | undefined;
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const folder = path.slice(0, slash);
    if (referred.has(folder)) {
      found = folder;
      break;
    }
  }
  return found;
}
