/** Whether a repository has files of certain names: those that a standard asks for, and no others. */
import type { Extraction, Extractor, Tree } from '../tree.ts';

/** Where whoever collects says which names are asked for. */
export const ASKED_FILES = 'asked_files';

export const extractFiles: Extractor = async (tree, { parameters }): Promise<Extraction> => {
  const asked = parameters[ASKED_FILES];
  const names = Array.isArray(asked) ? asked.filter((name) => typeof name === 'string') : [];
  const value: Record<string, boolean> = Object.create(null);
  for (const name of names) {
    const there = isThere(tree, name);
    // What could not be listed may hold it.
    if (there || tree.incomplete === undefined) value[name] = there;
  }
  return {
    // Of a map that is a part of one, a name that is not in it is unobserved.
    attributes: { files: { value: { ...value }, complete: false } },
    observations: [],
    partitions: [],
    problems: [],
  };
};

function isThere(tree: Tree, name: string): boolean {
  if (!name.includes('*')) return tree.has(name) || linked(tree, name);
  const pattern = patternOf(name);
  return tree.entries.some(({ path, type }) => type !== 'submodule' && pattern.test(path));
}

/** A link is a file to whoever looks for its name. */
const linked = (tree: Tree, name: string): boolean =>
  tree.entries.some(({ path, type }) => path === name && type === 'symlink');

function patternOf(name: string): RegExp {
  const source = name
    .replaceAll(/[.+^${}()|[\]\\?]/g, '\\$&')
    .replaceAll(/(?:\*\*\/)+|\*\*+|\*/g, (stars) =>
      stars.endsWith('/') ? '(?:.*/)?' : stars.length > 1 ? '.*' : '[^/]*',
    );
  return new RegExp(`^${source}$`, 's');
}
