/**
 * Manifests as assets: each file by which a project asks for dependencies, with everything of it that no lockfile pins.
 * What is wrong with a lockfile itself belongs to the manifest beside it, so that one cause is one finding. A lockfile
 * that is no manifest's is an asset of its own.
 */
import {
  assetId,
  isUnobserved,
  type Observation,
  type Statement,
  type Unobserved,
  type Value,
} from '@macadam/core/facts/observation';
import { at, type ExtractContext } from '../tree.ts';
import { askedFor, isOwn, notRead, specifier, undecided } from './assets.ts';
import { folder, type Package } from './format.ts';
import { type DependencyFiles, type ReadFile, understood } from './reading.ts';

/** One dependency that is not pinned: an element of the attribute `unpinned`. */
type Unpinned = {
  readonly key: string;
  readonly name: string;
  readonly specifier: string;
  readonly missing: 'version' | 'integrity' | 'platform-integrity';
  readonly path: string;
  readonly line?: number;
};

/** What was found of one manifest. */
interface Assessment {
  readonly unpinned: Map<string, Unpinned>;
  /** Why there may be more that is not pinned. */
  open: Unobserved | undefined;
  /** Dependencies that it asks for. */
  readonly names: Set<string>;
}

/** Problems of a manifest that do not matter once a lockfile was understood: it lists what the manifest's code decides. */
export const SETTLED_BY_LOCK = /-not-read$|^dependencies-computed$/;

/** `gap` says that the tree was not listed whole: a lockfile may lie in what was not. */
export function findManifests(
  all: DependencyFiles,
  gap: Unobserved | undefined,
  context: ExtractContext,
): Observation[] {
  const locksOf = locksByManifest(all);
  const claimed = new Set([...locksOf.values()].flatMap((locks) => locks.map(({ path }) => path)));
  return all.files
    .filter(({ path, format }) => format.role !== 'lock' || !claimed.has(path))
    .map((file) => observation({ file, locks: locksOf.get(file.path) ?? [], all, gap, context }));
}

/** Manifest → the lockfiles that it answers for: those beside it, and those of which it is the first that they lock. */
function locksByManifest({ files, manifests }: DependencyFiles): Map<string, ReadFile[]> {
  const found = new Map<string, ReadFile[]>();
  for (const lock of files) {
    if (lock.format.role !== 'lock') continue;
    const locked = manifests.get(lock.path) ?? [];
    const home = locked.find((one) => folder(one.path) === folder(lock.path)) ?? locked[0];
    if (home === undefined) continue;
    const own = found.get(home.path) ?? [];
    own.push(lock);
    found.set(home.path, own);
  }
  return found;
}

function assess(
  file: ReadFile,
  locks: readonly ReadFile[],
  all: DependencyFiles,
  gap: Unobserved | undefined,
): Assessment {
  const found: Assessment = { unpinned: new Map(), open: undefined, names: new Set() };
  const { reading, format } = file;
  if (isUnobserved(reading)) return { ...found, open: notRead(file) };
  const settled = all.lockfiles.get(file.path)?.some(understood) === true;
  const [problem] = reading.problems.filter(({ code }) => !(settled && SETTLED_BY_LOCK.test(code)));
  if (problem !== undefined) found.open = notRead({ ...file, reading: { ...reading, problems: [problem] } });
  for (const { package: one, locked, unread } of askedFor(file, all)) {
    if (isOwn(one, file, all)) continue;
    found.names.add(`${one.type}:${one.name}`);
    if (locked) continue;
    if (format.role === 'both') weigh(found, one, file.path, gap);
    else if (unread ?? gap) found.open ??= unread ?? gap;
    else add(found, one, 'version', file.path);
  }
  for (const lock of format.role === 'lock' ? [file] : locks) {
    if (isUnobserved(lock.reading)) {
      found.open ??= notRead(lock);
      continue;
    }
    if (lock.reading.problems.length > 0) found.open ??= notRead(lock);
    for (const one of lock.reading.packages) {
      if (isOwn(one, lock, all)) continue;
      // What is not read of a manifest stands in its lockfile.
      if (format.role === 'lock' || reading.packages.length === 0) found.names.add(`${one.type}:${one.name}`);
      weigh(found, one, lock.path, undefined);
    }
  }
  return found;
}

/** A file that pins by itself: what lacks a version, or what says what stands behind the version. */
function weigh(found: Assessment, one: Package, path: string, gap: Unobserved | undefined): void {
  if (one.undecided !== undefined) found.open ??= undecided(one.undecided);
  else if (one.version === undefined) add(found, one, 'version', path);
  else if (isUnobserved(one.integrity)) found.open ??= one.integrity;
  else if (one.integrity !== undefined) return;
  else if (gap === undefined) add(found, one, one.ofPlatform ? 'platform-integrity' : 'integrity', path);
  else found.open ??= gap;
}

function add(found: Assessment, one: Package, missing: Unpinned['missing'], path: string): void {
  const name = one.as ?? one.name;
  const key = `${path}:${name}@${specifier(one)}`;
  if (found.unpinned.has(key)) return;
  const line = one.line === undefined ? {} : { line: one.line };
  found.unpinned.set(key, { key, name, specifier: specifier(one), missing, path, ...line });
}

interface ObservationInput {
  readonly file: ReadFile;
  readonly locks: readonly ReadFile[];
  readonly all: DependencyFiles;
  readonly gap: Unobserved | undefined;
  readonly context: ExtractContext;
}

function observation({ file, locks, all, gap, context }: ObservationInput): Observation {
  const { path, format, reading } = file;
  const time = context.now.toISOString();
  const { unpinned, open, names } = assess(file, locks, all, gap);
  const list: Value[] = [...unpinned.values()];
  const governing = (all.lockfiles.get(path) ?? []).map((lock) => lock.path);
  const readable = !isUnobserved(reading) && (names.size > 0 || open === undefined);
  const whole = (value: Value): Statement => {
    if (readable) return { value };
    return isUnobserved(reading) ? reading : (open ?? { value });
  };
  const first = list.length > 0 ? unpinned.values().next().value : undefined;
  return {
    kind: 'manifest',
    id: assetId('manifest', [context.repository.id, path]),
    name: `${context.repository.name}/${path}`,
    source: context.source,
    observedAt: time,
    receivedAt: time,
    assurance: 'configured',
    format: format.id,
    attributes: {
      repository: { value: context.repository.id },
      path: { value: path },
      format: { value: format.id },
      ecosystem: { value: format.ecosystem },
      project: isUnobserved(reading)
        ? reading
        : reading.project === undefined
          ? { absent: true }
          : { value: reading.project },
      published: whole(!isUnobserved(reading) && reading.published === true),
      lockfiles:
        gap === undefined
          ? { value: governing, complete: true }
          : { value: governing, complete: false, why: gap.why },
      dependencies: whole(names.size),
      unpinned:
        open === undefined
          ? { value: list, complete: true }
          : { value: list, complete: false, why: open.why },
    },
    location: at(path, first?.path === path ? first.line : undefined),
  };
}
