/** Which place the published globs give a path. Globs are sorted by shape once, so that a path costs a few look-ups. */
import type { PlaceName } from '@macadam/core/facts/place';
import { PLACE_RULES } from './globs.ts';

interface CompiledRule {
  readonly place: PlaceName;
  /** Names of folders without wildcards, lower case. */
  readonly folders: ReadonlySet<string>;
  /** Names of folders with wildcards. */
  readonly folderPatterns: readonly RegExp[];
  /** Whole paths: everything else. */
  readonly paths: readonly RegExp[];
}

const RULES: readonly CompiledRule[] = PLACE_RULES.map(({ place, globs }) => {
  const folders = new Set<string>();
  const folderPatterns: RegExp[] = [];
  const paths: RegExp[] = [];
  for (const glob of globs) {
    const folder = /^\*\*\/([^/]+)\/\*\*$/.exec(glob)?.[1]?.toLowerCase();
    if (folder === undefined) paths.push(new RegExp(`^${expression(glob.toLowerCase())}$`));
    else if (/[*?]/.test(folder)) folderPatterns.push(new RegExp(`^${expression(folder)}$`));
    else folders.add(folder);
  }
  return { place, folders, folderPatterns, paths };
});

/** A regular expression for a glob of this module's own list. */
function expression(glob: string): string {
  return glob
    .split(/(\*\*\/|\/\*\*$|\*|\?)/)
    .map((part) => {
      if (part === '**/') return '(?:[^/]+/)*';
      if (part === '/**') return '/.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      return part.replaceAll(/[\\^$.+()[\]{}|]/g, '\\$&');
    })
    .join('');
}

/** The place of a path by the globs alone. `path` is relative to the root, or to a folder that counts as one. */
export function placeByGlobs(path: string): PlaceName {
  const lower = path.toLowerCase();
  const folders = lower.split('/').slice(0, -1);
  const rule = RULES.find(
    ({ folders: names, folderPatterns, paths }) =>
      folders.some((name) => names.has(name) || folderPatterns.some((pattern) => pattern.test(name))) ||
      paths.some((pattern) => pattern.test(lower)),
  );
  return rule?.place ?? 'product';
}

/** The same for a folder: what a file without any telling name of its own would get in it. */
export function folderPlace(folder: string): PlaceName {
  return placeByGlobs(`${folder}/file`);
}
