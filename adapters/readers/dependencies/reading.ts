/** Reads every dependency file of a tree, and says which lockfile locks which manifest. */
import { isUnobserved, type Unobserved } from '@macadam/core/facts/observation';
import type { Remember, Tree } from '../tree.ts';
import {
  baseName,
  type DependencyFormat,
  type FileReading,
  folder,
  foldersUp,
  join,
  type Package,
  packageKey,
} from './format.ts';
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
  const source = format.binary === true ? '' : await tree.read(path, format.limit);
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

/** The dependency files of a tree, and which lockfile locks which manifest. */
export interface DependencyFiles {
  /** By path. */
  readonly files: readonly ReadFile[];
  /** The lockfiles of each manifest, by the manifest's path; none of one that nothing locks. */
  readonly lockfiles: ReadonlyMap<string, readonly ReadFile[]>;
  /** The manifests of each lockfile, by the lockfile's path. */
  readonly manifests: ReadonlyMap<string, readonly ReadFile[]>;
  readonly byFolder: ReadonlyMap<string, readonly ReadFile[]>;
  /** Names of the projects that share a workspace or lockfile with a manifest, by its path: they are no dependencies of it. */
  readonly siblings: (path: string) => ReadonlySet<string>;
}

/** `workspaces`: globs of pnpm-workspace.yaml, by its folder. */
export function paired(
  files: readonly ReadFile[],
  workspaces: ReadonlyMap<string, readonly string[]>,
): DependencyFiles {
  const byFolder = Map.groupBy(files, ({ path }) => folder(path));
  const globs = new Map<string, readonly string[]>(workspaces);
  for (const { path, reading, format } of files) {
    if (format.role !== 'manifest' || isUnobserved(reading) || reading.workspaces === undefined) continue;
    const key = folder(path);
    globs.set(key, [...(globs.get(key) ?? []), ...reading.workspaces]);
  }
  const lockfiles = new Map<string, readonly ReadFile[]>();
  const manifests = new Map<string, ReadFile[]>();
  const groups = new Map<string, string[]>();
  const projects = new Map<string, Set<string>>();
  const belong = (manifest: ReadFile, group: string): void => {
    groups.set(manifest.path, [...(groups.get(manifest.path) ?? []), group]);
    const project = isUnobserved(manifest.reading) ? undefined : manifest.reading.project;
    const names = projects.get(group) ?? new Set();
    projects.set(group, names);
    if (project !== undefined) names.add(project);
  };
  for (const manifest of files) {
    const { family, role } = manifest.format;
    if (family === 'golang') belong(manifest, family);
    if (role !== 'manifest') continue;
    for (const root of workspacesOf(manifest, globs)) belong(manifest, `${family} in ${root}`);
    const above = foldersUp(folder(manifest.path)).flatMap((up) => byFolder.get(up) ?? []);
    const governing = above
      .filter((lock) => governs(lock, manifest, globs))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    lockfiles.set(manifest.path, governing);
    for (const lock of governing) {
      belong(manifest, lock.path);
      const locked = manifests.get(lock.path) ?? [];
      locked.push(manifest);
      manifests.set(lock.path, locked);
    }
  }
  const siblings = (path: string) => {
    const all = (groups.get(path) ?? []).map((group) => projects.get(group) ?? new Set<string>());
    return all.length === 1 && all[0] ? all[0] : new Set(all.flatMap((names) => [...names]));
  };
  return { files, lockfiles, manifests, byFolder, siblings };
}

/** Folders of the workspaces that a manifest is the root or, by a glob, a member of. */
function workspacesOf(manifest: ReadFile, globs: ReadonlyMap<string, readonly string[]>): string[] {
  const home = folder(manifest.path);
  return foldersUp(home).filter((root) => {
    const own = globs.get(root);
    if (own === undefined) return false;
    const relative = root === '' ? home : home.slice(root.length + 1);
    return root === home || own.some((glob) => globMatches(glob, relative));
  });
}

/** Whether a lockfile in the manifest's folder or above it is the manifest's. */
function governs(lock: ReadFile, manifest: ReadFile, globs: ReadonlyMap<string, readonly string[]>): boolean {
  if (lock.format.role !== 'lock' || lock.format.family !== manifest.format.family) return false;
  if (lock.format.locks?.test(baseName(manifest.path)) !== true) return false;
  const home = folder(manifest.path);
  const { byMember } = contentsOf(lock);
  if (byMember !== undefined) return byMember.has(home);
  const root = folder(lock.path);
  if (root === home) return true;
  const relative = root === '' ? home : home.slice(root.length + 1);
  return (
    (globs.get(root) ?? []).some((glob) => globMatches(glob, relative)) || isMember(lock, manifest, relative)
  );
}

function isMember(lock: ReadFile, manifest: ReadFile, relative: string): boolean {
  if (isUnobserved(lock.reading)) return false;
  const members = lock.reading.members ?? [];
  if (members.some((member) => join('', member) === relative)) return true;
  // Cargo names the members in its lockfile, not their folders.
  const project = isUnobserved(manifest.reading) ? undefined : manifest.reading.project;
  return lock.format.family === 'cargo' && project !== undefined && contentsOf(lock).local.has(project);
}

interface LockContents {
  /** Folder of a member → the names that it asks for as it writes them; undefined where the lockfile does not list them. */
  readonly byMember: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  /** Names that it knows, aliases included. */
  readonly names: ReadonlySet<string>;
  /** Names of those that lie in the repository. */
  readonly local: ReadonlySet<string>;
}

const CONTENTS = new WeakMap<ReadFile, LockContents>();

/** What a lockfile knows, worked out once: a workspace asks for it once a member. */
function contentsOf(lock: ReadFile): LockContents {
  const known = CONTENTS.get(lock);
  if (known !== undefined) return known;
  const reading = isUnobserved(lock.reading) ? undefined : lock.reading;
  const packages = reading?.packages ?? [];
  const root = folder(lock.path);
  const byMember = new Map<string, Set<string>>();
  for (const { member, names } of reading?.asked ?? []) {
    const home = join(root, member);
    if (home === undefined) continue;
    const known = byMember.get(home) ?? new Set();
    for (const name of names) known.add(name);
    byMember.set(home, known);
  }
  const contents = {
    byMember: byMember.size > 0 ? byMember : undefined,
    names: new Set(
      packages.flatMap(({ type, name, as }) => {
        const key = packageKey(type, name);
        return as === undefined ? [key] : [key, as];
      }),
    ),
    local: new Set(packages.flatMap(({ name, origin }) => (origin === 'path' ? [name] : []))),
  };
  CONTENTS.set(lock, contents);
  return contents;
}

/**
 * Whether a lockfile locks what a manifest asks for. One that lists what each member asks for decides by the names as they
 * are written there; of others the names that they know decide.
 */
export function locks(lock: ReadFile, manifest: ReadFile, { type, name, as }: Package): boolean {
  const { byMember, names } = contentsOf(lock);
  if (byMember !== undefined) return byMember.get(folder(manifest.path))?.has(as ?? name) === true;
  return names.has(packageKey(type, name)) || (as !== undefined && names.has(as));
}

/** Whether the file could be read and held something that could be understood. */
export function understood(file: ReadFile): boolean {
  return (
    !isUnobserved(file.reading) && (file.reading.packages.length > 0 || file.reading.problems.length === 0)
  );
}
