/**
 * A file that declares or locks dependencies is read by one format: text in, packages out, nothing else touched.
 * Formats are listed in formats.ts, the only place that knows them all.
 */
import type { Unobserved } from '@macadam/core/facts/observation';

/** One package as a file states it. */
export interface Package {
  /** Package URL type: npm, pypi, golang, cargo, nuget, maven, gem, composer, docker, jsr, github, generic. */
  readonly type: string;
  /** As the ecosystem spells it: `@scope/name`, `group:artifact`, a module path. */
  readonly name: string;
  /** Name under which the project uses it, where that is another one (an alias). */
  readonly as?: string;
  /** The one version that will be installed. A manifest's range is a `requirement`, not a version. */
  readonly version?: string;
  readonly integrity?: string | Unobserved;
  /** Why the file leaves open what it is, with the remedy after a semicolon: a build argument, say. */
  readonly undecided?: string;
  readonly requirement?: string;
  /** Left out when the file does not say. */
  readonly direct?: boolean;
  readonly development?: boolean;
  /** `path`: lies in the repository itself; the reader leaves it out, it is not a dependency. */
  readonly origin: 'registry' | 'git' | 'url' | 'path';
  readonly line?: number;
  /** Installed on machines of some platforms only; the tool writes no hash of it into its lockfile. */
  readonly ofPlatform?: true;
  /** Names of the packages in the same file that it needs, where that can be read at no cost. */
  readonly needs?: readonly string[];
}

/** What two spellings of one package have in common: NuGet tells no cases apart, and a lockfile spells as the registry does. */
export const packageKey = (type: string, name: string): string =>
  type === 'nuget' ? name.toLowerCase() : name;

/** Something in the file that could not be understood: what it lists is then incomplete. */
export interface ReadingProblem {
  /** Stable, kebab-case. */
  readonly code: string;
  /** Lower case, no final period. */
  readonly message: string;
  readonly remedy?: string;
  readonly line?: number;
}

/** What one member of a workspace asks for, by the names that it uses. */
export interface AskedNames {
  readonly member: string;
  readonly names: readonly string[];
}

/** Plain data: what was read of a file is kept for the next look. */
export interface FileReading {
  readonly packages: readonly Package[];
  readonly problems: readonly ReadingProblem[];
  /** Lockfiles: folders (relative to the file's own, `` for itself) of the projects that it locks, where it says so. */
  readonly members?: readonly string[];
  /**
   * Lockfiles: of each member, by the same folders, the names that it asks for as it writes them. A manifest that is not
   * among them is not locked by this file, whatever a glob of the workspace says.
   */
  readonly asked?: readonly AskedNames[];
  /** Manifests: whether it describes a package that others install, as far as the file says. */
  readonly published?: boolean;
  /** Manifests of a workspace root: globs of its members' folders. */
  readonly workspaces?: readonly string[];
  /** The project's own name: its siblings in a workspace are no dependencies. */
  readonly project?: string;
  /** Other files that must be read as this format, too (`-r other.txt`). */
  readonly includes?: readonly string[];
}

/** Other files of the tree that a format asked for, by path; what is not there is not in the map. */
export type Beside = ReadonlyMap<string, string | Unobserved>;

export interface DependencyFormat {
  /** Unique, kebab-case; shown to people. */
  readonly id: string;
  /** Manifests and lockfiles are paired within a family. */
  readonly family: string;
  /** As update tools spell it. */
  readonly ecosystem: string;
  /** `both`: a manifest that may pin by itself, so it is never replaced by a lockfile beside it. */
  readonly role: 'manifest' | 'lock' | 'both';
  /** Whether a file is one of this format. `name` is the last part of its path, cut off once for all formats. */
  readonly matches: (path: string, name: string) => boolean;
  /** Lockfiles: base names of the manifests that they lock. */
  readonly locks?: RegExp;
  /** Bytes above which it is not read. */
  readonly limit: number;
  /** It is no text, and `parse` says so without one. */
  readonly binary?: boolean;
  /** Paths of other files that it needs; asked for only when the tree has them. */
  readonly beside?: (path: string, text: string) => readonly string[];
  /** Never throws: what cannot be understood is a problem. */
  readonly parse: (text: string, path: string, beside: Beside) => FileReading;
}

export const MEBIBYTE = 1024 * 1024;

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Folder of a path, `` for the root. */
export function folder(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** Joins a folder and a relative path; undefined when it leaves the repository. */
export function join(directory: string, relative: string): string | undefined {
  const parts = directory === '' ? [] : directory.split('/');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** The folder itself and those above it, innermost first, `` last. */
export function foldersUp(directory: string): string[] {
  const found: string[] = [];
  for (let at = directory; ; at = folder(at)) {
    found.push(at);
    if (at === '') return found;
  }
}

export function named(...names: readonly string[]): DependencyFormat['matches'] {
  const set = new Set(names);
  return (_, name) => set.has(name);
}

export const failed = (problem: ReadingProblem): FileReading => ({ packages: [], problems: [problem] });

/** A plain object of parsed data, or undefined for anything else. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Own entries of parsed data that is a plain object; none of anything else. */
export function entries(value: unknown): [string, unknown][] {
  const found = record(value);
  return found === undefined ? [] : Object.entries(found);
}

/** An own field, so that `constructor` and the like are never found on a prototype. */
export function field(value: unknown, name: string): unknown {
  const found = record(value);
  return found !== undefined && Object.hasOwn(found, name) ? found[name] : undefined;
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function texts(value: unknown): string[] {
  return list(value).filter((item): item is string => typeof item === 'string');
}

/** `name@version`, also of a name in a scope; without a version where none stands there. */
export function nameAndVersion(found: string): { readonly name: string; readonly version?: string } {
  const at = found.indexOf('@', 1);
  return at < 0 ? { name: found } : { name: found.slice(0, at), version: found.slice(at + 1) };
}

/** Commit that a git reference's fragment or field names: 40 or 64 hex digits. */
export function commitOf(reference: string | undefined): string | undefined {
  return /(?:^|[#@/=])([0-9a-f]{40}(?:[0-9a-f]{24})?)(?:$|[&?])/i.exec(reference ?? '')?.[1]?.toLowerCase();
}
