/** Which place the published globs give a path. Globs are sorted by shape once, so that a path costs a few look-ups. */
import type { PlaceName } from '@macadam/core/facts/place';
import { PLACE_RULES } from './globs.ts';

interface CompiledRule {
  readonly place: PlaceName;
  /** Whether the name of a folder says it, lower case. */
  readonly folder: (name: string) => boolean;
  /** Whether the name of a file says it, lower case. */
  readonly file: (name: string) => boolean;
  /** Whether a whole path says it, lower case: by every other glob. */
  readonly path: (path: string) => boolean;
}

const RULES: readonly CompiledRule[] = PLACE_RULES.map(({ place, globs }) => {
  const folders: string[] = [];
  const files: string[] = [];
  const paths: string[] = [];
  for (const glob of globs.map((one) => one.toLowerCase())) {
    const folder = /^\*\*\/([^/]+)\/\*\*$/.exec(glob)?.[1];
    const file = /^\*\*\/([^/]+)$/.exec(glob)?.[1];
    if (folder !== undefined) folders.push(folder);
    else if (file !== undefined) files.push(file);
    else paths.push(glob);
  }
  return { place, folder: named(folders), file: named(files), path: whole(paths) };
});

/** Whether a name matches one of these globs: most are a name, or the end of one, and need no pattern. */
function named(globs: readonly string[]): (name: string) => boolean {
  const names = new Set(globs.filter((glob) => !/[*?]/.test(glob)));
  const ends = globs.filter((glob) => /^\*[^*?]+$/.test(glob)).map((glob) => glob.slice(1));
  const rest = anyOf(globs.filter((glob) => !names.has(glob) && !ends.includes(glob.slice(1))));
  return (name) => names.has(name) || ends.some((end) => name.endsWith(end)) || (rest?.test(name) ?? false);
}

/** A pattern is asked only of paths that hold the longest part of the glob that stands for itself. */
function whole(globs: readonly string[]): (path: string) => boolean {
  const all = globs.map((glob) => {
    const [part = ''] = glob.split(/[*?]+/).sort((a, b) => b.length - a.length);
    return { part: part.replace(/^\//, ''), pattern: new RegExp(`^${expression(glob)}$`) };
  });
  return (path) => all.some(({ part, pattern }) => path.includes(part) && pattern.test(path));
}

function anyOf(globs: readonly string[]): RegExp | undefined {
  return globs.length === 0 ? undefined : new RegExp(`^(?:${globs.map(expression).join('|')})$`);
}

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
  const folders = lower.split('/');
  const file = folders.pop() ?? '';
  const rule = RULES.find((one) => folders.some(one.folder) || one.file(file) || one.path(lower));
  return rule?.place ?? 'product';
}

/** The same for a folder: what a file without any telling name of its own would get in it. */
export function folderPlace(folder: string): PlaceName {
  return placeByGlobs(`${folder}/file`);
}
