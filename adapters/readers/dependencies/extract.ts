/** Dependencies of a repository: the assets, the places where they are declared, and what keeps those current. */
import { isUnobserved, type Problem } from '@macadam/core/facts/observation';
import { partitionsOf } from '../partitions.ts';
import { at, type ExtractContext, type Extraction, type Extractor, type Tree } from '../tree.ts';
import { type Dependency, findDependencies, observation } from './assets.ts';
import { formatOf } from './formats.ts';
import { lockfilesOf, pnpmWorkspaces, type ReadFile, readFiles, understood } from './reading.ts';
import { fixtureNames, ownFiles } from './scope.ts';
import { updateStatements, updateTargets } from './update-targets.ts';

export const extractDependencies: Extractor = async (tree, context): Promise<Extraction> => {
  const fixtures = fixtureNames(context.parameters);
  const { own, leftOut } = ownFiles(filesOf(tree), fixtures, (path) => formatOf(path) !== undefined);
  const files = await readFiles(tree, own, context.remember);
  const lockfiles = lockfilesOf(files, await pnpmWorkspaces(tree, own));
  const observations = findDependencies(files, lockfiles, tree.incomplete).map((found) =>
    observation(found, context),
  );
  const unread = files.flatMap((file) =>
    problemsOf(file, lockfiles, context).map((problem) => ({ format: file.format.id, problem })),
  );
  return {
    attributes: {
      ...(await updateStatements(tree, await updateTargets(tree, own, files, lockfiles))),
      manifests_left_out: {
        value: leftOut.map((folder) => ({ ...folder })),
        complete: tree.incomplete === undefined,
      },
    },
    observations,
    partitions: partitionsOf('dependency', context, observations, unread),
    problems: unread.map(({ problem }) => problem),
  };
};

/** Not symbolic links: what they point to is read where it lies. */
const filesOf = (tree: Tree): string[] =>
  tree.entries.flatMap(({ path, type }) => (type === 'file' || type === 'executable' ? [path] : []));

/** The dependencies alone, with what each needs, for an inventory; `problems` are why it may not be whole. */
export async function inventory(
  tree: Tree,
  context: ExtractContext,
): Promise<{ readonly dependencies: readonly Dependency[]; readonly problems: readonly Problem[] }> {
  const { own } = ownFiles(filesOf(tree), fixtureNames(context.parameters));
  const files = await readFiles(tree, own);
  const lockfiles = lockfilesOf(files, await pnpmWorkspaces(tree, own));
  return {
    dependencies: findDependencies(files, lockfiles, tree.incomplete),
    problems: files.flatMap((file) => problemsOf(file, lockfiles, context)),
  };
}

/** Problems that do not matter once a lockfile was understood: it lists what the manifest's code decides. */
const SETTLED_BY_LOCK = /-not-read$|^dependencies-computed$/;

function problemsOf(
  file: ReadFile,
  lockfiles: ReadonlyMap<string, readonly ReadFile[]>,
  context: ExtractContext,
): Problem[] {
  const asset = context.repository.id;
  if (isUnobserved(file.reading)) {
    const { unobserved: cause, why } = file.reading;
    const message = `${file.path} could not be read, so its dependencies are not known: ${why}`;
    return [{ code: 'dependency-file-unread', cause, message, asset, location: at(file.path) }];
  }
  const settled = lockfiles.get(file.path)?.some(understood) === true;
  return file.reading.problems
    .filter(({ code }) => !(settled && SETTLED_BY_LOCK.test(code)))
    .map(({ code, message, remedy, line }) => ({
      code,
      cause: code.endsWith('-not-read') ? ('unobserved' as const) : ('failed' as const),
      message: `${file.path} ${joined(message)}`,
      ...(remedy === undefined ? {} : { remedy }),
      asset,
      location: at(file.path, line),
    }));
}

/** A message continues the path as a sentence; one that has a subject of its own follows a colon. */
function joined(message: string): string {
  return /^(is|has|holds|names|states|takes|leaves|line)\b/.test(message)
    ? message
    : `declares dependencies, but ${message}`;
}
