/**
 * Which test files may run in one process. Starting one for each file costs more than most of them run: imports are read and compiled
 * again each time. A file gets a process of its own where it may leave something behind for the next one: a store, a process,
 * or a hook that would run around everybody's tests.
 */
import { importedPath, imports, type SourceFile } from './repository.ts';

export interface TestGroups {
  readonly together: readonly string[];
  readonly apart: readonly string[];
}

/** What a test file, or anything that it imports, reaches the world by. */
const WORLD = new Set(['node:child_process', 'node:worker_threads', 'chdb']);
/** node:test runs a hook of a file around every test of the process. */
const HOOK = /^(?:before|after|beforeEach|afterEach)\(/m;

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
  const isApart = (path: string) => HOOK.test(sources.get(path)?.text ?? '') || reachesTheWorld(path);
  const groups = Map.groupBy(paths, isApart);
  return { together: groups.get(false) ?? [], apart: groups.get(true) ?? [] };
}

/** A file of ours, or the specifier of what is not. */
function fileOf(from: string, specifier: string): string {
  const path = importedPath(from, specifier);
  if (path === '') return specifier;
  return /\.\w+$/.test(path) ? path : `${path}.ts`;
}
