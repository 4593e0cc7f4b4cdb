/** Which test files need a store or start a process: `npm test -- --quick` leaves them out. */
import { importedPath, imports, type SourceFile } from './repository.ts';

export interface TestGroups {
  readonly pure: readonly string[];
  readonly reaching: readonly string[];
}

/** What a test file, or anything that it imports, reaches the world by. */
const WORLD = new Set(['node:child_process', 'node:worker_threads', 'chdb']);

/** `paths`: the test files among `files`, relative to the root; every one comes into one of the groups. */
export function testGroups(files: readonly SourceFile[], paths: readonly string[]): TestGroups {
  const sources = new Map(files.map((file) => [file.path, file]));
  const importsOf = new Map<string, readonly string[]>();
  const read = (path: string): readonly string[] => {
    const known = importsOf.get(path);
    if (known) return known;
    const found = imports(sources.get(path)?.text ?? '')
      .filter(({ typeOnly }) => !typeOnly)
      .map(({ specifier }) => fileOf(path, specifier));
    importsOf.set(path, found);
    return found;
  };
  const reachesTheWorld = (start: string): boolean => {
    const seen = new Set([start]);
    for (const path of seen) {
      if (WORLD.has(path)) return true;
      for (const imported of read(path)) seen.add(imported);
    }
    return false;
  };
  const groups = Map.groupBy(paths, reachesTheWorld);
  return { pure: groups.get(false) ?? [], reaching: groups.get(true) ?? [] };
}

/** A file of ours, or the specifier of what is not. */
function fileOf(from: string, specifier: string): string {
  const path = importedPath(from, specifier);
  if (path === '') return specifier;
  return /\.\w+$/.test(path) ? path : `${path}.ts`;
}
