/**
 * Dependencies as assets. What a lockfile lists is taken from it; what a manifest asks for is an asset of its own
 * only where no lockfile pins it. A lockfile that exists but cannot be understood leaves the version unobserved:
 * it may well pin everything.
 */
import {
  assetId,
  isUnobserved,
  type Observation,
  type Statement,
  type Unobserved,
} from '@macadam/core/facts/observation';
import { PackageURL } from 'packageurl-js';
import { at, type ExtractContext } from '../tree.ts';
import { folder, type Package, packageKey } from './format.ts';
import { type DependencyFiles, locks, type ReadFile, understood } from './reading.ts';

export interface Dependency {
  readonly package: Package;
  readonly file: ReadFile;
  /** Why the version is not known, for what an unreadable lockfile may pin. */
  readonly unread?: Unobserved;
}

/**
 * The dependencies of a repository: one for each package, specifier and file. `gap` says that the tree was not listed
 * whole: what no file seen pins may be pinned by one that was not.
 */
export function findDependencies(found: DependencyFiles, gap: Unobserved | undefined): Dependency[] {
  const merged = new Map<string, Dependency>();
  for (const file of found.files) {
    for (const one of packagesOf(file, found, gap)) {
      const weighed = gap === undefined ? one : weighedBy(one, gap);
      if (isOwn(weighed.package, file, found)) continue;
      const { type, name } = weighed.package;
      const key = `${file.path}\0${type}\0${name}\0${specifier(weighed.package)}`;
      const earlier = merged.get(key);
      const packages = earlier === undefined ? weighed.package : merge(earlier.package, weighed.package);
      merged.set(key, { ...weighed, package: packages });
    }
  }
  return [...merged.values()];
}

/** Whether it lies in the repository itself: a local path, or another project of the same workspace. */
export function isOwn({ name, origin }: Package, file: ReadFile, { siblings }: DependencyFiles): boolean {
  return origin === 'path' || (file.format.role !== 'lock' && siblings(file.path).has(name));
}

/** A lockfile, sums or metadata may lie in what was not listed. A lockfile's own word needs no other file. */
function weighedBy(found: Dependency, gap: Unobserved): Dependency {
  const { package: one, file } = found;
  if (one.version === undefined && file.format.role !== 'lock') return { unread: gap, ...found };
  return one.integrity === undefined && file.format.beside !== undefined
    ? { ...found, package: { ...one, integrity: gap } }
    : found;
}

function packagesOf(file: ReadFile, all: DependencyFiles, gap: Unobserved | undefined): Dependency[] {
  if (isUnobserved(file.reading)) return [];
  const { packages } = file.reading;
  if (file.format.role === 'lock') {
    const { byName, complete } = requestsOf(all.manifests.get(file.path) ?? []);
    const requests = { byName, complete: complete && gap === undefined };
    return packages.map((found) => ({ package: asked(found, requests), file }));
  }
  return askedFor(file, all)
    .filter(({ locked }) => !locked)
    .map(({ package: found, unread }) => {
      const open = found.undecided === undefined ? unread : undecided(found.undecided);
      return { package: found, file, ...(open && { unread: open }) };
    });
}

export const undecided = (why: string): Unobserved => ({ unobserved: 'incomplete', why });

/** One thing that a manifest asks for. */
export interface Request {
  readonly package: Package;
  readonly locked: boolean;
  /** Why it may be locked all the same: a lockfile could not be read. */
  readonly unread?: Unobserved;
}

/** What a manifest asks for, each with whether a lockfile pins it. What a file pins by itself is in it as it stands. */
export function askedFor(file: ReadFile, all: DependencyFiles): Request[] {
  if (isUnobserved(file.reading) || file.format.role === 'lock') return [];
  if (file.format.id === 'requirements-txt')
    return looseRequirements(file, all).map((found) => ({ package: found, locked: false }));
  const { packages } = file.reading;
  if (file.format.role === 'both') return packages.map((found) => ({ package: found, locked: false }));
  const governing = all.lockfiles.get(file.path) ?? [];
  const unreadable = governing.find((lock) => !understood(lock));
  const readable = governing.filter(understood);
  const compiled =
    file.format.family === 'pypi' && governing.length === 0 ? compiledNames(file, all) : new Set<string>();
  return packages.map((found) => {
    const locked = readable.some((lock) => locks(lock, file, found)) || compiled.has(found.name);
    const open = !locked && unreadable !== undefined;
    return { package: found, locked, ...(open && { unread: notRead(unreadable) }) };
  });
}

export const notRead = ({ path, reading }: ReadFile): Unobserved => {
  if (isUnobserved(reading))
    return { unobserved: reading.unobserved, why: `${path} could not be read: ${reading.why}` };
  const [problem] = reading.problems;
  const remedy = problem?.remedy === undefined ? '' : `; ${problem.remedy}`;
  const said = problem === undefined ? 'could not be understood' : continued(problem.message);
  return { unobserved: 'failed', why: `${path} ${said}${remedy}` };
};

/** A message continues the path as a sentence; one that has a subject of its own says first what the file is. */
export function continued(message: string): string {
  return /^(is|has|holds|names|states|takes|leaves|line)\b/.test(message)
    ? message
    : `declares dependencies, but ${message}`;
}

/** What the manifests of a lockfile ask for. */
interface Requests {
  readonly byName: ReadonlyMap<string, Package>;
  /** Whether every manifest of the lockfile could be read, and there is one. */
  readonly complete: boolean;
}

function requestsOf(manifests: readonly ReadFile[]): Requests {
  const byName = new Map<string, Package>();
  for (const { reading } of manifests) {
    if (isUnobserved(reading)) continue;
    for (const found of reading.packages) {
      const key = packageKey(found.type, found.name);
      const earlier = byName.get(key);
      byName.set(key, earlier === undefined ? found : merge(earlier, found));
    }
  }
  return { byName, complete: manifests.length > 0 && manifests.every(understood) };
}

/** Adds what only the manifests of a lockfile say: what was asked for, and for what. */
function asked(found: Package, { byName, complete }: Requests): Package {
  const request = byName.get(packageKey(found.type, found.name));
  return {
    ...found,
    ...(found.direct === undefined && complete ? { direct: request !== undefined } : {}),
    ...(found.requirement === undefined && found.direct !== false && request?.requirement !== undefined
      ? { requirement: request.requirement }
      : {}),
    ...(found.development === undefined && request?.development !== undefined
      ? { development: request.development }
      : {}),
  };
}

/** Names that a requirements file in the same folder pins: pip-compile makes one from a pyproject.toml or a .in file. */
function compiledNames(file: ReadFile, { byFolder }: DependencyFiles): Set<string> {
  const names = new Set<string>();
  for (const other of byFolder.get(folder(file.path)) ?? []) {
    if (other === file || other.format.id !== 'requirements-txt') continue;
    if (isUnobserved(other.reading) || other.path.endsWith('.in')) continue;
    for (const { name, version } of other.reading.packages) if (version !== undefined) names.add(name);
  }
  return names;
}

/** A `.in` file is asked for, the `.txt` of the same name is what pip-compile made of it. */
function looseRequirements(file: ReadFile, all: DependencyFiles): readonly Package[] {
  if (isUnobserved(file.reading)) return [];
  if (file.path.endsWith('.in')) {
    const compiled = compiledNames(file, all);
    return file.reading.packages.filter(({ name }) => !compiled.has(name));
  }
  const source = file.path.replace(/\.[a-z]+$/, '.in');
  const wishes = all.byFolder.get(folder(file.path))?.find(({ path }) => path === source)?.reading;
  if (wishes === undefined || isUnobserved(wishes)) return file.reading.packages;
  const names = new Set(wishes.packages.map(({ name }) => name));
  return file.reading.packages.map((found) => ({ ...found, direct: names.has(found.name) }));
}

export function specifier(found: Package): string {
  return found.version ?? found.requirement ?? '*';
}

/** One package that a file states twice (for two platforms, in two places) is as sure as the weaker statement. */
export function merge(a: Package, b: Package): Package {
  const { integrity, ...rest } = { ...b, ...a };
  return {
    ...rest,
    ...(a.integrity !== undefined && b.integrity !== undefined && integrity !== undefined
      ? { integrity }
      : {}),
    ...(a.direct === undefined && b.direct === undefined
      ? {}
      : { direct: a.direct === true || b.direct === true }),
    ...(a.development === undefined || b.development === undefined
      ? {}
      : { development: a.development && b.development }),
  };
}

/** Package URL of a package; undefined for a name that its type does not allow. */
export function purlOf({ type, name }: Package, version?: string): string | undefined {
  const separator = type === 'maven' ? ':' : '/';
  const cut = name.lastIndexOf(separator);
  const [namespace, rest] = cut < 0 ? [undefined, name] : [name.slice(0, cut), name.slice(cut + 1)];
  try {
    return new PackageURL(type, namespace, rest, version, undefined, undefined).toString();
  } catch {
    return undefined;
  }
}

export function observation(
  { package: found, file, unread }: Dependency,
  context: ExtractContext,
): Observation {
  const name = found.name;
  const purl = purlOf(found) ?? `pkg:${found.type}/${encodeURIComponent(name)}`;
  const unsaid = (what: string): Unobserved => ({
    unobserved: 'unobserved',
    why: `${file.path} does not say ${what}, and no manifest beside it was read that does`,
  });
  const maybe = (value: string | undefined): Statement =>
    value === undefined ? { absent: true } : { value };
  const integrity = found.integrity;
  const attributes: Record<string, Statement> = {
    repository: { value: context.repository.id },
    file: { value: file.path },
    package: { value: purl },
    specifier: { value: specifier(found) },
    name: { value: name },
    ecosystem: { value: file.format.ecosystem },
    version: unread ?? maybe(found.version),
    purl: unread ?? maybe(found.version === undefined ? undefined : purlOf(found, found.version)),
    integrity: unread ?? (isUnobserved(integrity) ? integrity : maybe(integrity)),
    requirement: maybe(found.requirement),
    direct: found.direct === undefined ? unsaid('what the project asks for itself') : { value: found.direct },
    development:
      found.development === undefined ? unsaid('what serves only development') : { value: found.development },
    origin: { value: found.origin },
    line: found.line === undefined ? { absent: true } : { value: found.line },
  };
  return {
    kind: 'dependency',
    id: assetId('dependency', [context.repository.id, purl, specifier(found)]),
    name: `${name}@${specifier(found)}`,
    source: context.source,
    observedAt: context.now.toISOString(),
    receivedAt: context.now.toISOString(),
    assurance: 'configured',
    attributes,
    location: at(file.path, found.line),
    container: context.repository.id,
    format: file.format.id,
  };
}
