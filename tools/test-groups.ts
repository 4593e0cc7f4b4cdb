/** Which test files need a store of facts or start a process: `npm test -- --quick` leaves them out. */
import { importedPath, imports, type SourceFile } from './repository.ts';

export interface TestGroups {
  readonly pure: readonly string[];
  /** Those that start processes, and have no need of the engine. */
  readonly starting: readonly string[];
  /** Those that may open the engine. It stays in its process, and each process that is started from there first copies the tables of its memory. */
  readonly engine: readonly string[];
}

/** What a test file, or anything that it imports, reaches the world by. */
const ENGINE = 'chdb';
const WORLD = ['node:child_process', 'node:worker_threads'];

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
  const groupOf = (start: string): keyof TestGroups => {
    const seen = new Set([start]);
    for (const path of seen) for (const imported of read(path)) seen.add(imported);
    if (seen.has(ENGINE)) return 'engine';
    return WORLD.some((name) => seen.has(name)) ? 'starting' : 'pure';
  };
  const { pure = [], starting = [], engine = [] } = Object.groupBy(paths, groupOf);
  return { pure, starting, engine };
}

/** A file of ours, or the specifier of what is not. */
function fileOf(from: string, specifier: string): string {
  const path = importedPath(from, specifier);
  if (path === '') return specifier;
  return /\.\w+$/.test(path) ? path : `${path}.ts`;
}
