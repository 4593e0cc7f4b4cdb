/** Dependencies of a repository: the assets, the places where they are declared, and what keeps those current. */

import { isUnobserved, type Observation, type Problem } from '@macadam/core/facts/observation';
import { compact } from '../../compact.ts';
import { partitionsOf } from '../partitions.ts';
import { at, type ExtractContext, type Extraction, type Extractor, type Tree } from '../tree.ts';
import { continued, type Dependency, findDependencies, merge, observation, specifier } from './assets.ts';
import { findManifests, SETTLED_BY_LOCK } from './manifests.ts';
import {
  type DependencyFiles,
  paired,
  pnpmWorkspaces,
  type ReadFile,
  readFiles,
  understood,
} from './reading.ts';
import { ownFiles } from './scope.ts';
import { updateStatements, updateTargets } from './update-targets.ts';

export const extractDependencies: Extractor = async (tree, context): Promise<Extraction> => {
  const { own, leftOut, installed } = ownFiles(tree, context.places);
  const all = await pairedFiles(tree, own, context);
  // What a fixture asks for, nobody uses; whether it is locked is judged all the same.
  const used = new Set(installed);
  const found = findDependencies(all, tree.incomplete).filter(({ file }) => used.has(file.path));
  const observations = merged(found, context);
  const manifests = findManifests(all, tree.incomplete, context);
  const unread = all.files
    .filter(({ path }) => used.has(path))
    .flatMap((file) =>
      problemsOf(file, all, context).map((problem) => ({ format: file.format.id, problem })),
    );
  return {
    attributes: {
      ...(await updateStatements(tree, await updateTargets(tree, installed, all, context.places))),
      manifests_left_out: {
        value: leftOut.map((folder) => ({ ...folder })),
        complete: tree.incomplete === undefined,
      },
    },
    observations: [...observations, ...manifests],
    partitions: [
      ...partitionsOf('dependency', context, observations, unread),
      // Every manifest is known by its name; one that could not be read is there, and unknown.
      ...partitionsOf('manifest', context, manifests, []),
    ],
    problems: unread.map(({ problem }) => problem),
  };
};

async function pairedFiles(
  tree: Tree,
  paths: readonly string[],
  { remember }: ExtractContext,
): Promise<DependencyFiles> {
  const files = await readFiles(tree, paths, remember);
  return paired(files, await pnpmWorkspaces(tree, paths));
}

/** One asset for one package in one version, however many files state it: a file of the product's comes first. */
function merged(found: readonly Dependency[], context: ExtractContext): Observation[] {
  const rank = ({ file }: Dependency): number => (context.places.of(file.path) === 'product' ? 0 : 1);
  const groups = Map.groupBy(found, (one) => {
    const { type, name } = one.package;
    return `${type}\0${name}\0${specifier(one.package)}`;
  });
  return [...groups.values()].map((group) => {
    const [first, ...others] = group.toSorted((a, b) => rank(a) - rank(b));
    if (first === undefined) throw new Error('a group has at least one member');
    const packages = others.reduce((one, other) => merge(one, other.package), first.package);
    return observation({ ...first, package: packages }, context);
  });
}

/** The dependencies alone, with what each needs, for an inventory; `problems` are why it may not be whole. */
export async function inventory(
  tree: Tree,
  context: ExtractContext,
): Promise<{ readonly dependencies: readonly Dependency[]; readonly problems: readonly Problem[] }> {
  const all = await pairedFiles(tree, ownFiles(tree, context.places).installed, context);
  return {
    dependencies: findDependencies(all, tree.incomplete),
    problems: all.files.flatMap((file) => problemsOf(file, all, context)),
  };
}

function problemsOf(file: ReadFile, { lockfiles }: DependencyFiles, context: ExtractContext): Problem[] {
  const asset = context.repository.id;
  if (isUnobserved(file.reading)) {
    const { unobserved: cause, why } = file.reading;
    const message = `${file.path} could not be read, so its dependencies are not known: ${why}`;
    return [{ code: 'dependency-file-unread', cause, message, asset, location: at(file.path) }];
  }
  const settled = lockfiles.get(file.path)?.some(understood) === true;
  return file.reading.problems
    .filter(({ code }) => !(settled && SETTLED_BY_LOCK.test(code)))
    .map(({ code, message, remedy, line }) =>
      compact({
        code,
        cause: code.endsWith('-not-read') ? ('unobserved' as const) : ('failed' as const),
        message: `${file.path} ${continued(message)}`,
        remedy,
        asset,
        location: at(file.path, line),
      }),
    );
}
