/**
 * Which dependency files are the repository's own. A copy of somebody's package (node_modules, vendor) brings its
 * manifests along; nobody installs from them. A fixture of a test is material to be read, often broken or outdated
 * on purpose, and a tool that reads lockfiles holds hundreds: judging them would bury what is real. Both are left out
 * and counted, folder by folder, as `manifests_left_out`. The names of fixture folders are a parameter of the estate,
 * `dependency_fixtures`; an empty list measures them all.
 */
import { folder } from './format.ts';

export interface LeftOut {
  readonly directory: string;
  readonly reason: 'vendored' | 'fixture';
  readonly files: number;
}

const VENDORED = new Set(['node_modules', 'bower_components', 'vendor', 'site-packages', '.venv', 'Pods']);
export const FIXTURES: readonly string[] = [
  'fixtures',
  '__fixtures__',
  'fixture',
  'testdata',
  'test-data',
  'test_data',
  'test-fixtures',
  'test_fixtures',
];

/** Reads the parameter `dependency_fixtures`; anything but a list of names means the default. */
export function fixtureNames(parameters: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const own = parameters.dependency_fixtures;
  const names = Array.isArray(own) ? own.filter((name) => typeof name === 'string') : FIXTURES;
  return new Set(names);
}

/** The outermost folder that takes a path out, or undefined for a file of the repository's own. */
export function leftOutBy(
  path: string,
  fixtures: ReadonlySet<string>,
): { readonly directory: string; readonly reason: LeftOut['reason'] } | undefined {
  const parts = folder(path).split('/');
  for (const [at, part] of parts.entries()) {
    const reason = VENDORED.has(part) ? 'vendored' : fixtures.has(part) ? 'fixture' : undefined;
    if (reason !== undefined) return { directory: parts.slice(0, at + 1).join('/'), reason };
  }
  return undefined;
}

/** Splits paths into the repository's own and a count by folder of those others that count. */
export function ownFiles(
  paths: Iterable<string>,
  fixtures: ReadonlySet<string>,
  counts: (path: string) => boolean = () => true,
): { readonly own: readonly string[]; readonly leftOut: readonly LeftOut[] } {
  const own: string[] = [];
  const folders = new Map<string, LeftOut>();
  for (const path of paths) {
    const by = leftOutBy(path, fixtures);
    if (by === undefined) own.push(path);
    else if (counts(path))
      folders.set(by.directory, { ...by, files: (folders.get(by.directory)?.files ?? 0) + 1 });
  }
  return { own, leftOut: [...folders.values()] };
}
