/** Reads every dependency file of a tree, and says which lockfile locks which manifest. */
import { isUnobserved, type Unobserved } from '@macadam/core/facts/observation';
import type { Remember, Tree } from '../tree.ts';
import { baseName, type DependencyFormat, type FileReading, folder, join, type Package } from './format.ts';
import { requirementsTxt } from './formats/requirements-txt.ts';
import { formatOf } from './formats.ts';
import { globMatches } from './glob.ts';
import { parseYaml, yamlGet } from './yaml.ts';

export interface ReadFile {
  readonly path: string;
  readonly format: DependencyFormat;
  /** Unobserved when the file itself could not be read. */
  readonly reading: FileReading | Unobserved;
}

/** Reads the files in the order of their paths. Files that one of them includes are read, too, once. */
export async function readFiles(
  tree: Tree,
  paths: readonly string[],
  remember: Remember = (_, compute) => compute(tree),
): Promise<ReadFile[]> {
  const files = new Map<string, ReadFile>();
  const open = paths.flatMap((path) => {
    const format = formatOf(path);
    return format === undefined ? [] : [{ path, format }];
  });
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { path, format } = next;
    if (files.has(path)) continue;
    const reading = await remember(`dependencies ${format.id} ${path}`, (seen) =>
      readFile(seen, path, format),
    );
    if (isUnobserved(reading)) {
      files.set(path, { path, format, reading });
      continue;
    }
    files.set(path, { path, format, reading: withMissingIncludes(tree, reading) });
    for (const include of reading.includes ?? []) {
      if (tree.has(include)) open.push({ path: include, format: formatOf(include) ?? requirementsTxt });
    }
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function readFile(
  tree: Tree,
  path: string,
  format: DependencyFormat,
): Promise<FileReading | Unobserved> {
  const source = await tree.read(path, format.limit);
  if (isUnobserved(source)) return source;
  const beside = new Map<string, string | Unobserved>();
  for (const other of format.beside?.(path, source) ?? []) {
    if (other !== path && tree.has(other)) beside.set(other, await tree.read(other, 64 * 1024 * 1024));
  }
  return format.parse(source, path, beside);
}

function withMissingIncludes(tree: Tree, reading: FileReading): FileReading {
  const missing = (reading.includes ?? []).filter((path) => !tree.has(path));
  if (missing.length === 0) return reading;
  const problems = missing.slice(0, 5).map((path) => ({
    code: 'include-missing',
    message: `takes more requirements from ${path}, which does not exist`,
    remedy: 'add the file or remove the line',
  }));
  return { ...reading, problems: [...reading.problems, ...problems] };
}

/** Globs of pnpm-workspace.yaml, by its folder; package.json's own `workspaces` come with its reading. */
export async function pnpmWorkspaces(tree: Tree, paths: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const path of paths) {
    if (baseName(path) !== 'pnpm-workspace.yaml') continue;
    const source = await tree.read(path);
    if (isUnobserved(source)) continue;
    const parsed = parseYaml(source);
    const globs = 'value' in parsed ? yamlGet(parsed.value, 'packages') : undefined;
    if (Array.isArray(globs)) {
      found.set(
        folder(path),
        globs.filter((glob) => typeof glob === 'string' && !glob.startsWith('!')),
      );
    }
  }
  return found;
}

/** The lockfiles of each manifest, by path. A manifest that nothing locks has none. */
export function lockfilesOf(
  files: readonly ReadFile[],
  workspaces: ReadonlyMap<string, readonly string[]>,
): Map<string, readonly ReadFile[]> {
  const locks = files.filter(({ format }) => format.role === 'lock');
  const globs = new Map<string, readonly string[]>(workspaces);
  for (const { path, reading, format } of files) {
    if (format.role !== 'manifest' || isUnobserved(reading) || reading.workspaces === undefined) continue;
    const key = folder(path);
    globs.set(key, [...(globs.get(key) ?? []), ...reading.workspaces]);
  }
  const found = new Map<string, readonly ReadFile[]>();
  for (const manifest of files) {
    if (manifest.format.role !== 'manifest') continue;
    const home = folder(manifest.path);
    const governing = locks.filter((lock) => {
      if (lock.format.family !== manifest.format.family) return false;
      if (lock.format.locks?.test(baseName(manifest.path)) !== true) return false;
      const root = folder(lock.path);
      if (root === home) return true;
      if (root !== '' && !home.startsWith(`${root}/`)) return false;
      const relative = root === '' ? home : home.slice(root.length + 1);
      return (
        (globs.get(root) ?? []).some((glob) => globMatches(glob, relative)) ||
        isMember(lock, manifest, relative)
      );
    });
    found.set(manifest.path, governing);
  }
  return found;
}

function isMember(lock: ReadFile, manifest: ReadFile, relative: string): boolean {
  if (isUnobserved(lock.reading)) return false;
  const members = lock.reading.members ?? [];
  if (members.some((member) => join('', member) === relative)) return true;
  // Cargo names the members in its lockfile, not their folders.
  const project = isUnobserved(manifest.reading) ? undefined : manifest.reading.project;
  return (
    lock.format.family === 'cargo' &&
    project !== undefined &&
    lock.reading.packages.some(({ name, origin }) => origin === 'path' && name === project)
  );
}

/** Names that the lockfile knows, local ones included. */
export function lockedNames(file: ReadFile): Map<string, Package> {
  return new Map(isUnobserved(file.reading) ? [] : file.reading.packages.map((found) => [found.name, found]));
}

/** Whether the file could be read and held something that could be understood. */
export function understood(file: ReadFile): boolean {
  return (
    !isUnobserved(file.reading) && (file.reading.packages.length > 0 || file.reading.problems.length === 0)
  );
}
