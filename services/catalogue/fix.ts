/**
 * Applies the fixes of standards to the files of one repository, in memory. After every change the files are read and
 * judged again, so that a fix always sees lines as they are and many standards may change one file.
 */
import { pathToFileURL } from 'node:url';
import { ASKED_FILES } from '@macadam/adapters/readers/files/extract';
import type { Repository } from '@macadam/adapters/readers/git/repository';
import { overlaid } from '@macadam/adapters/readers/held';
import { readRepository } from '@macadam/adapters/readers/read';
import type { Tree } from '@macadam/adapters/readers/tree';
import type { Asset } from '@macadam/core/facts/asset';
import { assetsOf } from '@macadam/core/facts/asset';
import { ingest } from '@macadam/core/facts/ingest';
import { isUnobserved, type Value } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import { askedFiles } from '@macadam/core/verdicts/asked-files';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { evaluate, type Verdict } from '@macadam/core/verdicts/evaluate';
import type { Fix, FixInput, FixResult } from '@macadam/core/verdicts/fix';
import type { CatalogueStandard } from './load.ts';

export interface FixRequest {
  readonly tree: Tree;
  /** The repository that the tree came from; its commits are not looked at again. */
  readonly repository: Repository;
  readonly name: string;
  readonly standards: readonly CatalogueStandard[];
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly now: Date;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly resolve: FixInput['resolve'];
  readonly versionOf: FixInput['versionOf'];
  /** Which paths are looked at; all when left out. */
  readonly includes?: (path: string) => boolean;
  /** Failures that are to be left alone, an excepted one for example. */
  readonly skip?: (failure: Verdict) => boolean;
}

export interface Fixed {
  /** New text of each file that changed. */
  readonly files: ReadonlyMap<string, string>;
  /** What was fixed, in order. */
  readonly fixed: readonly { readonly standard: string; readonly asset: string }[];
  /** What a person must decide or do. */
  readonly notes: readonly { readonly standard: string; readonly asset: string; readonly note: string }[];
  /** What still fails, since nothing here can fix it or know what it takes. */
  readonly left: readonly { readonly standard: string; readonly asset: string }[];
}

export async function fix(request: FixRequest): Promise<Fixed> {
  const files = new Map<string, string>();
  const fixed: Fixed['fixed'][number][] = [];
  const notes: Fixed['notes'][number][] = [];
  let assets = await read(request, files);
  for (const standard of request.standards) {
    const standardFix = await loadFix(standard);
    if (!standardFix) continue;
    const tried = new Set<string>();
    for (;;) {
      const asset = assets.find((one) => !tried.has(one.id) && fails(standard.compiled, one, request));
      if (!asset) break;
      tried.add(asset.id);
      const result = await run({
        standardFix,
        standard: standard.compiled,
        asset,
        tree: overlaid(request.tree, files),
        request,
      });
      const changed = await changes(result, overlaid(request.tree, files));
      notes.push(...result.notes.map((note) => ({ standard: standard.id, asset: asset.name, note })));
      if (changed.length === 0) continue;
      for (const [path, text] of changed) files.set(path, text);
      fixed.push({ standard: standard.id, asset: asset.name });
      assets = await read(request, files);
    }
  }
  const left = request.standards.flatMap(({ id, compiled }) =>
    assets
      .filter((asset) => fails(compiled, asset, request))
      .map((asset) => ({ standard: id, asset: asset.name })),
  );
  return { files, fixed, notes, left };
}

/** The fix of a standard; null where it has a runbook instead. */
async function loadFix(standard: CatalogueStandard): Promise<Fix | null> {
  if (!standard.fix) return null;
  const module: unknown = await import(pathToFileURL(standard.fix).href);
  const found = (module as { fix?: unknown }).fix;
  if (typeof found !== 'function') throw new TypeError(`${standard.fix} has to export a function \`fix\``);
  return found as Fix;
}

async function read(request: FixRequest, files: ReadonlyMap<string, string>): Promise<Asset[]> {
  const tree = narrowed(overlaid(request.tree, files), request.includes);
  const reading = await readRepository(
    { ...request.repository, tree: async () => tree },
    {
      host: 'file',
      path: request.name,
      name: request.name,
      source: 'git',
      view: 'worktree',
      now: request.now,
      parameters: {
        ...request.parameters,
        [ASKED_FILES]: askedFiles(request.standards.map(({ definition }) => ({ definition }))),
      },
    },
  );
  const accepted = reading.observations.flatMap(
    (observation) => ingest(request.kinds, observation).observation ?? [],
  );
  return assetsOf(request.kinds, accepted);
}

/** A fix touches nothing that is left out, so it does not see it either. Nothing is measured by that. */
function narrowed(tree: Tree, includes: FixRequest['includes']): Tree {
  if (includes === undefined) return tree;
  return {
    ...tree,
    entries: tree.entries.filter(({ path }) => includes(path)),
    has: (path) => includes(path) && tree.has(path),
  };
}

function fails(standard: CompiledStandard, asset: Asset, { now, skip }: FixRequest): boolean {
  if (asset.kind !== standard.definition.scope.kind) return false;
  const verdict = evaluate(standard, asset, { asOf: now, real: now });
  return verdict.verdict === 'fail' && !skip?.(verdict);
}

interface RunInput {
  readonly standardFix: Fix;
  readonly standard: CompiledStandard;
  readonly asset: Asset;
  readonly tree: Tree;
  readonly request: FixRequest;
}

/** A fix asks for files by name, synchronously; what it asked for and was not there yet is read, and it runs again. */
async function run({
  standardFix,
  standard,
  asset,
  tree,
  request: { resolve, versionOf },
}: RunInput): Promise<FixResult> {
  const texts = new Map<string, string>();
  const input = {
    asset: {
      id: asset.id,
      kind: asset.kind,
      name: asset.name,
      attributes: values(asset),
      ...(asset.location && { location: asset.location }),
    },
    params: standard.params,
    resolve,
    versionOf,
  };
  for (;;) {
    const wanted = new Set<string>();
    const result = standardFix({
      ...input,
      read: (path) => {
        if (!texts.has(path) && tree.has(path)) wanted.add(path);
        return texts.get(path);
      },
    });
    if (wanted.size === 0) return result;
    for (const path of wanted) {
      const text = await tree.read(path);
      if (typeof text !== 'string') return { files: {}, notes: [`${path} could not be read: ${text.why}`] };
      texts.set(path, text);
    }
  }
}

function values(asset: Asset): Record<string, Value> {
  return Object.fromEntries(
    [...asset.attributes].flatMap(([name, { statement }]) =>
      !isUnobserved(statement) && 'value' in statement ? [[name, statement.value]] : [],
    ),
  );
}

async function changes(result: FixResult, tree: Tree): Promise<[string, string][]> {
  const changed: [string, string][] = [];
  for (const [path, text] of Object.entries(result.files)) {
    if (path.startsWith('/') || path.split('/').some((part) => part === '..' || part === '.git')) {
      throw new TypeError(`a fix may only write inside the repository, not \`${path}\``);
    }
    if (!tree.has(path) || (await tree.read(path)) !== text) changed.push([path, text]);
  }
  return changed;
}
