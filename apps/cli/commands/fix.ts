/** `macadam fix`: one patch for each repository, for many standards at once. Idempotent; a dirty file is left alone. */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { openRepository, type Repository } from '@macadam/adapters/readers/git/repository';
import type { Tree } from '@macadam/adapters/readers/tree';
import { counted } from '@macadam/adapters/report-formats/figures';
import { excluder } from '@macadam/adapters/sources/exclusion';
import { discover, type Found } from '@macadam/adapters/sources/git/discovery';
import { didYouMean } from '@macadam/core/text/suggestion';
import { acceptedValue, exceptionFor } from '@macadam/core/verdicts/exception';
import { exactVersion, type FixInput } from '@macadam/core/verdicts/fix';
import { type Fixed, fix } from '@macadam/services/catalogue/fix';
import { type CatalogueStandard, loadCatalogue } from '@macadam/services/catalogue/load';
import { patchOf } from '@macadam/services/catalogue/patch';
import { estateMistakes } from '@macadam/services/measure/mistakes';
import { exclusionsOf, type ReadEstate, readEstate } from '@macadam/services/measure/read';
import { EXIT } from '../exit.ts';
import { cacheDirectory, catalogueRoot } from '../request.ts';
import { complain, UsageError } from '../terminal.ts';
import type { RepositoryFix } from './fix-pull-requests.ts';
import { nothingIn } from './scan.ts';

export interface FixOptions {
  readonly standard?: string[];
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly resolve?: readonly string[] | true;
  readonly ownFixes?: boolean;
  /** Propose at the code host instead of writing. */
  readonly pullRequests?: boolean;
  readonly api?: string;
}

export async function fixCommand(paths: readonly string[], options: FixOptions): Promise<number> {
  const targets = paths.length > 0 ? paths : ['.'];
  const estate = readEstate(targets[0] ?? '.', new Date());
  if ('mistakes' in estate) {
    complain(estate.mistakes);
    return EXIT.usage;
  }
  const own = estate.estate.catalogue.map((name) => join(estate.folder, name));
  const catalogue = loadCatalogue([catalogueRoot(), ...own], estate.estate.parameters, cacheDirectory());
  complain(catalogue.mistakes);
  const mistakes = estateMistakes(estate, catalogue);
  if (mistakes.length > 0) {
    complain(mistakes);
    return EXIT.usage;
  }
  const standards = chosen(catalogue.standards, options);
  const resolver = resolverOf(options.resolve);
  const excluded = excluder(exclusionsOf(estate, new Date()));
  const proposing = options.pullRequests === true ? await import('./fix-pull-requests.ts') : null;
  const unasked = catalogue.standards.filter((one) => !standards.includes(one)).map(({ id }) => id);
  const run = await proposing?.pullRequestRun(options, unasked);
  let changed = 0;
  let printed = 0;
  let met = 0;
  let unproposed = 0;
  for (const target of targets) {
    if (!existsSync(target)) throw new UsageError(`there is no folder \`${target}\``);
    const place = { path: realpathSync(target), prefix: '' };
    const discovery = await discover(place);
    const repositories = discovery.repositories.filter(({ below }) => below === '' || !excluded(below));
    for (const found of repositories) {
      const below = found.below === '' ? '' : `${found.below}/`;
      const includes = (path: string) => !excluded(below + path);
      const request = { found, standards, kinds: catalogue.kinds, estate, resolver, options, includes };
      if (proposing !== null && run !== undefined) {
        if (!(await proposing.proposeFixes(found, repositoryFix(request), run))) unproposed++;
        continue;
      }
      const { files, written } = await fixRepository(request);
      if (written) changed += files;
      else printed += files;
    }
    met += repositories.length;
  }
  if (met === 0) throw new UsageError(nothingIn(targets));
  if (proposing !== null) return unproposed > 0 ? EXIT.unjudged : EXIT.ok;
  const said = [
    ...(changed > 0 ? [`changed ${counted(changed, 'file')}`] : []),
    ...(printed > 0
      ? [
          `would change ${counted(printed, 'file')}${options.dryRun ? '' : ' of bare repositories: apply the patch in a working copy'}`,
        ]
      : []),
  ];
  process.stderr.write(`macadam: ${said.join('; ') || 'nothing to change'}\n`);
  return catalogue.mistakes.length > 0 ? EXIT.usage : EXIT.ok;
}

/** Fixes are code: those of an estate's own catalogue run only when the person who types the command says so. */
function chosen(standards: readonly CatalogueStandard[], options: FixOptions): CatalogueStandard[] {
  const ids = standards.map(({ id }) => id);
  for (const id of options.standard ?? []) {
    if (!ids.includes(id))
      throw new UsageError(
        `--standard: there is no standard \`${id}\`${didYouMean(id, ids) || '; `macadam catalogue` lists them'}`,
      );
  }
  const root = resolve(catalogueRoot());
  const picked = standards.filter(({ id, fix: path }) => path && (options.standard?.includes(id) ?? true));
  const unfixable = (options.standard ?? []).filter((id) => !picked.some((standard) => standard.id === id));
  for (const id of unfixable) {
    process.stderr.write(`macadam: ${id} has a runbook instead of a fix; see \`macadam explain ${id}\`\n`);
  }
  return picked.filter(({ id, folder }) => {
    const trusted = options.ownFixes === true || resolve(folder).startsWith(root);
    if (!trusted) process.stderr.write(`macadam: ${id} is left out; run its own code with --own-fixes\n`);
    return trusted;
  });
}

interface RepositoryRequest {
  readonly found: Found;
  readonly standards: readonly CatalogueStandard[];
  readonly kinds: Parameters<typeof fix>[0]['kinds'];
  readonly estate: ReadEstate;
  readonly resolver: Commits;
  readonly options: FixOptions;
  readonly includes: (path: string) => boolean;
}

async function fixRepository(
  request: RepositoryRequest,
): Promise<{ readonly files: number; readonly written: boolean }> {
  const { found, options } = request;
  const scratch = mkdtempSync(join(tmpdir(), 'macadam-fix-'));
  const repository = await openRepository({
    path: found.path,
    name: found.key,
    within: [found.path],
    scratch: join(scratch, 'git'),
    searchPath: process.env.PATH,
  });
  try {
    const tree = await repository.tree(repository.bare ? 'head' : 'worktree');
    const fixed = await fix({
      ...repositoryFix(request),
      tree,
      repository,
      name: found.key,
      now: new Date(),
    });
    const files = await writable({ fixed, tree, repository, found, options });
    const written = !options.dryRun && !repository.bare;
    if (files.size === 0 && fixed.notes.length === 0) return { files: 0, written };
    process.stdout.write(`# ${found.key}\n`);
    for (const { standard, asset, note } of fixed.notes)
      process.stdout.write(`# ${standard}, ${asset}: ${note}\n`);
    if (files.size > 0) process.stdout.write(await patchOf(files, tree));
    if (written) for (const [path, text] of files) replace(join(found.path, path), text);
    return { files: files.size, written };
  } finally {
    await repository.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What is fixed: every failure that nobody excepted, in what is not left out. */
function repositoryFix({ standards, kinds, estate, resolver, includes }: RepositoryRequest): RepositoryFix {
  const now = new Date();
  return {
    standards,
    kinds,
    parameters: estate.parameters,
    ...resolver,
    includes,
    skip: (failure) => {
      const { id, name } = failure.asset;
      const subject = { id, name, value: () => acceptedValue(failure) };
      return exceptionFor(estate.estate.exceptions, failure.standard, subject, now) !== null;
    },
  };
}

interface WritableInput {
  readonly fixed: Fixed;
  readonly tree: Tree;
  readonly repository: Repository;
  readonly found: Found;
  readonly options: FixOptions;
}

/** Files that may be changed: those that stand as HEAD has them, or any with `--force`. */
async function writable({
  fixed: { files },
  tree,
  repository,
  found,
  options: { force },
}: WritableInput): Promise<ReadonlyMap<string, string>> {
  if (repository.bare) return files;
  const writes = new Map<string, string>();
  for (const [path, text] of files) {
    const reason = unsafe(found.path, path);
    if (reason === null) writes.set(path, text);
    else process.stderr.write(`macadam: ${join(found.key, path)} ${reason} and is left alone\n`);
  }
  if (force) return writes;
  const head = await repository.tree('head');
  const clean = new Map<string, string>();
  for (const [path, text] of writes) {
    const committed = head.has(path) ? await head.read(path) : undefined;
    const present = tree.has(path) ? await tree.read(path) : undefined;
    if (committed === present) clean.set(path, text);
    else
      process.stderr.write(
        `macadam: ${join(found.key, path)} has uncommitted changes and is left alone; use --force\n`,
      );
  }
  return clean;
}

/** Why a file of a working copy may not be written, whatever is asked; null when it may. */
function unsafe(root: string, path: string): string | null {
  // Such a name on disk is not the text that we hold: writing would make a second file.
  if (path.includes('\ufffd')) return 'has a name that is not UTF-8';
  const parts = path.split('/');
  const linked = parts.some((_, index) =>
    lstatSync(join(root, ...parts.slice(0, index + 1)), { throwIfNoEntry: false })?.isSymbolicLink(),
  );
  return linked ? 'is reached through a symbolic link' : null;
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Whole or not at all; the file keeps its mode. */
function replace(path: string, text: string): void {
  const partial = `${path}.macadam-partial`;
  put(partial, text);
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode !== undefined) chmodSync(partial, mode & 0o777);
  renameSync(partial, path);
}

/**
 * `--resolve FILE` reads `owner/repo@ref` → commit from JSON, `--resolve owner/repo@ref=commit` says one, and `--resolve`
 * alone asks the code host through git.
 */
function resolverOf(given: FixOptions['resolve']): Commits {
  if (given === undefined) return { resolve: () => undefined, versionOf: () => undefined };
  if (given === true) return { resolve: askHost, versionOf: askHostForVersion };
  const named = given.flatMap(commitsIn).filter((one): one is [string, string] => isCommit(one[1]));
  const table = new Map(named);
  return {
    resolve: (repository, ref) => table.get(`${repository}@${ref}`),
    versionOf: (repository, commit) =>
      exactVersion(
        named
          .filter(([name, each]) => name.startsWith(`${repository}@`) && each === commit)
          .map(([name]) => name.slice(repository.length + 1)),
      ),
  };
}

/** Commits of other repositories, as far as something here knows them. */
type Commits = Pick<FixInput, 'resolve' | 'versionOf'>;

function isCommit(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value);
}

function commitsIn(given: string): [string, unknown][] {
  const one = /^([^\s@=]+@[^\s=]+)=([0-9a-f]+)$/.exec(given);
  if (one) return [[one[1] ?? '', one[2]]];
  try {
    return Object.entries(JSON.parse(readFileSync(given, 'utf8')) ?? {});
  } catch (error) {
    throw new UsageError(`--resolve: \`${given}\` cannot be read as JSON (${(error as Error).message})`);
  }
}

const answers = new Map<string, ReadonlyMap<string, string>>();

function askHost(repository: string, ref: string): string | undefined {
  const refs = refsOf(repository);
  // An annotated tag names a tag object; what it points to is listed with `^{}`.
  return refs?.get(`refs/tags/${ref}^{}`) ?? refs?.get(`refs/tags/${ref}`) ?? refs?.get(`refs/heads/${ref}`);
}

function askHostForVersion(repository: string, commit: string): string | undefined {
  const tags = [...(refsOf(repository) ?? [])].flatMap(([name, named]) => {
    const tag = /^refs\/tags\/(.*?)(\^\{\})?$/.exec(name)?.[1];
    return tag !== undefined && named === commit ? [tag] : [];
  });
  return exactVersion(tags);
}

function refsOf(repository: string): ReadonlyMap<string, string> | undefined {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) return undefined;
  let refs = answers.get(repository);
  if (!refs) {
    const result = spawnSync('git', ['ls-remote', '--', `https://github.com/${repository}`], {
      encoding: 'utf8',
      timeout: 30_000,
      env: {
        PATH: process.env.PATH,
        GIT_TERMINAL_PROMPT: '0',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
      },
    });
    const lines = result.status === 0 ? result.stdout.split('\n') : [];
    refs = new Map(lines.map((line) => line.split('\t')).map(([commit = '', name = '']) => [name, commit]));
    answers.set(repository, refs);
  }
  return refs;
}
