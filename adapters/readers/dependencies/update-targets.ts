/** The places of a repository that an update tool must be told of: `ecosystem:directory`, as Dependabot counts them. */

import { isUnobserved, type Statement, type Unobserved, type Value } from '@macadam/core/facts/observation';
import type { PlaceName } from '@macadam/core/facts/place';
import { compact } from '../../compact.ts';
import type { Places } from '../places/places.ts';
import type { Tree } from '../tree.ts';
import { baseName, folder } from './format.ts';
import { isContainerFile } from './formats/container-file.ts';
import type { DependencyFiles, ReadFile } from './reading.ts';
import { eachLine } from './text.ts';
import { type UpdateConfig, updateConfigs } from './update-config.ts';

export interface UpdateTarget {
  readonly ecosystem: string;
  /** As Dependabot spells it: `/` for the root, `/web`. */
  readonly directory: string;
  readonly path: string;
  readonly line: number;
  /** The part that what is declared there plays: product, where one of its files is, or may be. */
  readonly place: PlaceName;
}

export interface UpdateTargets {
  readonly targets: readonly UpdateTarget[];
  /** Why there may be more: a file that could not be read. */
  readonly gap?: Unobserved;
}

const KNOWN = new Set([
  'npm',
  'pip',
  'uv',
  'gomod',
  'cargo',
  'nuget',
  'gradle',
  'maven',
  'bundler',
  'composer',
]);
const spelled = (directory: string): string => `/${directory}`;

/**
 * One for every project that has dependencies, members of a workspace counting as their root; one for the workflows,
 * and one for every folder with a Dockerfile whose base comes from a registry. `paths` are the repository's own.
 */
export async function updateTargets(
  tree: Tree,
  paths: readonly string[],
  { files, lockfiles }: DependencyFiles,
  places: Places,
): Promise<UpdateTargets> {
  const targets = new Map<string, UpdateTarget>();
  const add = (ecosystem: string, home: string, path: string, line: number): void => {
    const key = `${ecosystem}:${spelled(home)}`;
    const known = targets.get(key);
    const judged = places.of(path);
    // Where the reader could not tell, it may be product.
    const place = isUnobserved(judged) ? 'product' : judged;
    const declared = { ecosystem, directory: spelled(home), path, line, place };
    if (known === undefined) targets.set(key, declared);
    else if (known.place !== 'product' && place === 'product') targets.set(key, declared);
  };
  const roots = solutionRoots(paths);
  const installed = new Set(paths);
  for (const file of files) {
    const { format, path, reading } = file;
    if (!installed.has(path)) continue;
    if (format.role === 'lock' || !KNOWN.has(format.ecosystem)) continue;
    if (
      !isUnobserved(reading) &&
      reading.problems.length === 0 &&
      reading.packages.every(({ origin }) => origin === 'path')
    )
      continue;
    const locks = lockfiles.get(path) ?? [];
    const root = locks.length > 0 ? shortest(locks.map((lock) => folder(lock.path))) : folder(path);
    const ecosystem = locks.some((lock) => lock.format.ecosystem === 'uv')
      ? 'uv'
      : bun(locks)
        ? 'bun'
        : format.ecosystem;
    const home =
      roots.get(format.family)?.find((up) => up === '' || root === up || root.startsWith(`${up}/`)) ?? root;
    const first = isUnobserved(reading) ? undefined : reading.packages.find(({ line }) => line !== undefined);
    add(ecosystem, home, path, first?.line ?? 1);
  }
  let gap: Unobserved | undefined;
  let workflowGap: Unobserved | undefined;
  for (const path of paths) {
    const workflow = /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) || /^action\.ya?ml$/.test(path);
    const dockerfile = isContainerFile(path, baseName(path));
    if (!workflow && !dockerfile) continue;
    if (workflow && targets.has('github-actions:/')) continue;
    const source = await tree.read(path, 1_000_000);
    if (isUnobserved(source)) {
      if (workflow) workflowGap ??= source;
      else gap ??= source;
      continue;
    }
    const line = workflow ? firstUse(source) : firstBase(source);
    if (line !== undefined)
      add(workflow ? 'github-actions' : 'docker', workflow ? '' : folder(path), path, line);
  }
  // One workflow is enough: all of them are one target.
  if (!targets.has('github-actions:/')) gap ??= workflowGap;
  const sorted = [...targets.values()].sort((a, b) =>
    `${a.ecosystem}:${a.directory}` < `${b.ecosystem}:${b.directory}` ? -1 : 1,
  );
  return gap === undefined ? { targets: sorted } : { targets: sorted, gap };
}

const bun = (locks: readonly ReadFile[]): boolean =>
  locks.length > 0 && locks.every((lock) => lock.format.id.startsWith('bun-lock'));
const shortest = (folders: readonly string[]): string =>
  folders.reduce((a, b) => (b.length < a.length ? b : a));

/** Outermost folders whose build file joins all projects below it. */
function solutionRoots(paths: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>([
    ['nuget', []],
    ['maven', []],
  ]);
  for (const path of paths) {
    const name = baseName(path);
    if (/\.slnx?$|^dirs\.proj$/i.test(name)) found.get('nuget')?.push(folder(path));
    else if (/^(settings\.gradle(\.kts)?|pom\.xml)$/.test(name)) found.get('maven')?.push(folder(path));
  }
  for (const [family, folders] of found)
    found.set(
      family,
      folders.sort((a, b) => a.length - b.length),
    );
  return found;
}

/** Line of the first step that uses an action of another repository. */
function firstUse(source: string): number | undefined {
  let found: number | undefined;
  eachLine(source, (line, number) => {
    if (line.length < 500 && /^[\s-]*['"]?uses['"]?\s?:\s*['"]?[\w-]+\/[\w./-]+@/.test(line))
      found ??= number;
  });
  return found;
}

/** Line of the first base image that comes from a registry: neither `scratch`, nor an earlier stage, nor a variable. */
function firstBase(source: string): number | undefined {
  const stages = new Set(['scratch']);
  let found: number | undefined;
  eachLine(source, (line, number) => {
    if (line.length > 500) return;
    const [from, ...words] = line.trim().split(/\s+/);
    if (from?.toUpperCase() !== 'FROM') return;
    const [image, as, stage] = words.filter((word) => !word.startsWith('--'));
    if (image !== undefined && !stages.has(image.toLowerCase()) && !image.startsWith('$')) found ??= number;
    if (as?.toUpperCase() === 'AS' && stage !== undefined) stages.add(stage.toLowerCase());
  });
  return found;
}

/** The statements about the repository: what is to be updated, by what, as which file says. */
export async function updateStatements(
  tree: Tree,
  { targets, gap }: UpdateTargets,
): Promise<Record<'update_targets' | 'update_entries' | 'update_config', Statement>> {
  const configs = await updateConfigs(tree);
  const [config] = configs;
  return {
    update_targets: {
      value: targets.map((target): Value => {
        const updatedBy = coveredBy(target, configs, tree.incomplete);
        return compact({
          key: `${target.ecosystem}:${target.directory}`,
          ...target,
          updated_by: updatedBy,
        });
      }),
      complete: tree.incomplete === undefined && gap === undefined,
    },
    update_entries: {
      value: configs.flatMap(({ entries = [] }) =>
        entries.map(
          (each): Value =>
            compact({
              key: `${each.line}:${each.ecosystem}`,
              ecosystem: each.ecosystem,
              runs_code: each.runsCode,
              grouped: each.grouped,
              line: each.line,
              cooldown_days: each.cooldownDays,
              cooldown_line: each.cooldownLine,
              runs_code_line: each.runsCodeLine,
            }),
        ),
      ),
      complete: tree.incomplete === undefined && configs.every(({ covers }) => !isUnobserved(covers)),
    },
    update_config: config !== undefined ? { value: config.path } : (tree.incomplete ?? { absent: true }),
  };
}

/** A configuration that says yes decides; else one that cannot be read or was not listed leaves it open; else nothing does. */
function coveredBy(
  { ecosystem, directory, path }: UpdateTarget,
  configs: readonly UpdateConfig[],
  gap: Unobserved | undefined,
): string | Unobserved | undefined {
  let open = gap;
  for (const { covers, tool } of configs) {
    if (isUnobserved(covers)) open ??= covers;
    else if (covers(ecosystem, directory, path)) return tool;
  }
  return open;
}
