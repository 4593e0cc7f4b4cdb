/**
 * Reads a catalogue from folders: kinds/*.yaml, standards/<pillar>/<id>/, frameworks/*.yaml. The folder's name is the
 * standard's id, discovery is `readdir`, and a standard that does not load is said and left out: it stops no other. In a
 * folder of one's own a standard may also be a single file, <id>.yaml, in standards/ or beside it.
 */
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { Value } from '@macadam/core/facts/observation';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { relationMistakes } from '@macadam/core/kinds/relation';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { type ReadDocument, readDocument } from '@macadam/core/text/document';
import { readPlainYaml } from '@macadam/core/text/plain-yaml';
import { didYouMean } from '@macadam/core/text/suggestion';
import {
  type CompileContext,
  type CompiledStandard,
  compileStandard,
  overrideMistake,
} from '@macadam/core/verdicts/compiled-standard';
import { guidanceOf, shortStandardSchema, wholeOf } from '@macadam/core/verdicts/short-standard';
import { type Standard, standardSchema } from '@macadam/core/verdicts/standard';
import type { z } from 'zod';
import { expressionMistakes } from './expressions.ts';
import { type Framework, frameworkSchema } from './framework.ts';
import { type LastGood, lastGoodStandard, NO_LAST_GOOD } from './last-good.ts';
import { cachedIn, digestOf, type Prepared, preparedIn, recall, writeCachedIn } from './prepared.ts';

/** A standard with everything in its folder that the product itself needs. */
export interface CatalogueStandard {
  readonly id: string;
  /** Where its parts are; of one in a single file there is no such folder. */
  readonly folder: string;
  /** In which it is defined. */
  readonly file: string;
  readonly definition: Standard;
  readonly compiled: CompiledStandard;
  readonly readme: string;
  /** Path of `get/fix.ts` (or `.js` in the published package); null where there is a runbook instead. */
  readonly fix: string | null;
  /** Its file does not load: this is its version that is in force since then, and what is wrong with the file. */
  readonly lastGood?: { readonly since: Date; readonly mistakes: readonly FileDiagnostic[] };
}

export interface Catalogue {
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CatalogueStandard[];
  readonly frameworks: readonly Framework[];
  /** Standards whose definitions did not load, by the names of their folders or files, each with what is wrong. */
  readonly unloaded: ReadonlyMap<string, readonly FileDiagnostic[]>;
  /** Names of kinds, by their files, whose definitions did not load. */
  readonly unloadedKinds: readonly string[];
  /** Everything that did not load, and why. */
  readonly mistakes: readonly FileDiagnostic[];
  /** Digest over what was loaded: two runs with one digest judged by the same words. */
  readonly digest: string;
}

interface Place {
  readonly file: string;
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

export type Overrides = Readonly<Record<string, Readonly<Record<string, Value>>>>;

/** Reads the files of a catalogue, and keeps what was read. */
interface Reader {
  readonly text: (path: string) => string;
  readonly document: <S extends z.ZodType>(path: string, schema: S) => ReadDocument<z.output<S>>;
  /** Whether a document is the one that was prepared, and is known to load. */
  readonly recalled: (path: string) => boolean;
  readonly texts: readonly string[];
  /** Keeps what is known to load for the next run; `except`: paths of what is not known to load as it stands. */
  readonly keep: (except: ReadonlySet<string>) => void;
}

/** Where the first root has its documents; a folder of an estate may lie below it too. */
const OWN = /^(kinds|standards|frameworks)\//;

/** Only the first root, which is the product's own, is looked at for documents that were prepared. */
function readerOf(roots: readonly string[], cacheDirectory: string | undefined): Reader {
  const [root = ''] = roots;
  const packed: Prepared = preparedIn(root);
  const cache = Object.keys(packed).length === 0 ? cacheDirectory : undefined;
  const prepared = cache === undefined ? packed : cachedIn(cache, root);
  const documents: Record<string, Prepared[string]> = {};
  const texts: string[] = [];
  const recalled = new Set<string>();
  const text = (path: string): string => {
    const found = readFileSync(path, 'utf8');
    texts.push(`${nameBelow(roots, path)}\n${found}`);
    return found;
  };
  return {
    text,
    texts,
    recalled: (path) => recalled.has(path),
    document: (path, schema) => {
      const written = text(path);
      const name = relative(root, path);
      const digest = digestOf(written);
      const known = prepared[name];
      if (known?.digest === digest) {
        recalled.add(path);
        documents[name] = known;
        return recall(known.value, written, shown(path), schema);
      }
      const document = documentOf(written, shown(path), schema);
      if ('value' in document && OWN.test(name)) documents[name] = { digest, value: document.value };
      return document;
    },
    keep: (except) => {
      const names = Object.keys(documents).filter(
        (name) => recalled.has(join(root, name)) || !except.has(join(root, name)),
      );
      const isNew = names.some((name) => documents[name] !== prepared[name]);
      if (cache === undefined || !isNew) return;
      const entries = names.map((name) => [name, documents[name] as Prepared[string]]);
      writeCachedIn(cache, root, Object.fromEntries(entries));
    },
  };
}

/** A file's name wherever its root lies: one catalogue has one digest in every checkout. */
function nameBelow(roots: readonly string[], path: string): string {
  const index = roots.findIndex((root) => isBelow(path, root));
  return `${index}/${relative(roots[index] ?? '', path)}`;
}

/** What is plainly written and right is not read a second time for the lines that only a mistake asks for. */
function documentOf<S extends z.ZodType>(text: string, file: string, schema: S): ReadDocument<z.output<S>> {
  const plain = readPlainYaml(text);
  const checked = plain === null ? null : schema.safeParse(plain.value);
  return checked?.success ? recall(checked.data, text, file, schema) : readDocument(text, file, schema);
}

interface LoadedKinds {
  readonly kinds: Map<string, Kind>;
  readonly unloadedKinds: readonly string[];
  readonly mistakes: FileDiagnostic[];
}

function loadKinds(roots: readonly string[], read: Reader, lastGood: LastGood): LoadedKinds {
  const mistakes: FileDiagnostic[] = [];
  const kinds = new Map<string, Kind>();
  const places = new Map<string, Place>();
  const failed = new Set<string>();
  for (const path of roots.flatMap((root) => yamlFiles(join(root, 'kinds')))) {
    const kind = read.document(path, kindSchema);
    const wrong =
      'mistakes' in kind
        ? kind.mistakes
        : path.endsWith(`/${kind.value.kind}.yaml`)
          ? []
          : [misnamed(path, 'kind', kind.value.kind)];
    if (wrong.length > 0 || 'mistakes' in kind) {
      mistakes.push(...wrong);
      failed.add(basename(path, '.yaml'));
    } else if (kinds.has(kind.value.kind)) mistakes.push(taken(path, 'kind', kind.value.kind));
    else {
      kinds.set(kind.value.kind, kind.value);
      places.set(kind.value.kind, { file: shown(path), lineOf: kind.lineOf });
    }
  }
  const unloadedKinds = [...failed].filter((name) => !kinds.has(name));
  for (const name of unloadedKinds) {
    const before = lastGood.kinds.get(name);
    if (before) kinds.set(name, before);
  }
  for (const { kind, path, reason } of relationMistakes(kinds)) {
    const place = places.get(kind);
    if (!place) continue;
    mistakes.push({ file: place.file, line: place.lineOf(path), column: 1, field: path.join('.'), reason });
  }
  return { kinds, unloadedKinds, mistakes };
}

/** What there is to prepare of a catalogue, or what is wrong with it. */
export function prepareCatalogue(root: string): Prepared | { readonly mistakes: readonly FileDiagnostic[] } {
  const { mistakes } = loadCatalogue([root]);
  if (mistakes.length > 0) return { mistakes };
  const documents: readonly (readonly [string, z.ZodType])[] = [
    ...yamlFiles(join(root, 'kinds')).map((path) => [path, kindSchema] as const),
    ...standardFolders(root).map((folder) => [join(folder, 'standard.yaml'), standardSchema] as const),
    ...yamlFiles(join(root, 'frameworks')).map((path) => [path, frameworkSchema] as const),
  ];
  return Object.fromEntries(
    documents.flatMap(([path, schema]) => {
      const text = readFileSync(path, 'utf8');
      const document = readDocument(text, path, schema);
      const name = relative(root, path);
      return 'value' in document ? [[name, { digest: digestOf(text), value: document.value }]] : [];
    }),
  );
}

/**
 * Loads catalogue roots in order; a kind or standard of a later root with an id that is taken is a mistake. In a cache
 * directory it keeps what was read of the first root, where that was not prepared.
 */
export function loadCatalogue(
  roots: readonly string[],
  overrides: Overrides = {},
  cacheDirectory?: string,
  lastGood: LastGood = NO_LAST_GOOD,
): Catalogue {
  const read = readerOf(roots, cacheDirectory);
  const { kinds, mistakes, unloadedKinds } = loadKinds(roots, read, lastGood);
  const sound = yamlFiles(join(roots[0] ?? '', 'kinds')).every(read.recalled);
  const standards = new Map<string, CatalogueStandard>();
  const unloaded = new Map<string, readonly FileDiagnostic[]>();
  const around = { kinds, overrides, read, sound, typed: hash('sha256', JSON.stringify([...kinds])) };
  const [, ...owns] = roots;
  const loading = [
    ...roots.flatMap(standardFolders).map((folder) => ({
      path: join(folder, 'standard.yaml'),
      name: basename(folder),
      loaded: loadStandard(folder, around),
    })),
    ...owns.flatMap(shortStandards).map((path) => ({
      path,
      name: basename(path, '.yaml'),
      loaded: loadShort(path, around),
    })),
  ];
  for (const { path, name, loaded } of loading) {
    if ('mistakes' in loaded) {
      mistakes.push(...loaded.mistakes);
      unloaded.set(name, loaded.mistakes);
      const before = lastGoodStandard(name, path, { mistakes: loaded.mistakes, kinds, lastGood });
      if (before && !standards.has(name)) standards.set(name, before);
    } else if (standards.has(loaded.id)) mistakes.push(taken(path, 'id', loaded.id));
    else standards.set(loaded.id, loaded);
  }
  const frameworks = roots
    .flatMap((root) => yamlFiles(join(root, 'frameworks')))
    .flatMap((path) => {
      const framework = read.document(path, frameworkSchema);
      if ('value' in framework) return [framework.value];
      mistakes.push(...framework.mistakes);
      return [];
    });
  if (!mistakes.some(({ file }) => isBelow(file, roots[0] ?? '')))
    read.keep(
      // With its own parameters it is not known to compile.
      new Set(
        [...standards.values()]
          .filter(({ id }) => Object.hasOwn(overrides, id))
          .map(({ folder }) => join(folder, 'standard.yaml')),
      ),
    );
  return {
    kinds,
    standards: [...standards.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    frameworks,
    unloaded,
    unloadedKinds,
    mistakes,
    digest: hash('sha256', read.texts.toSorted().join('\n')),
  };
}

const isBelow = (file: string, root: string): boolean => !relative(root, resolve(file)).startsWith('..');

/** Folders of standards below a root: standards/<pillar>/<id>. */
export function standardFolders(root: string): string[] {
  return folders(join(root, 'standards')).flatMap(folders);
}

/** Files of a catalogue of one's own that are a standard each. What else lies beside its folders is no business of ours. */
function shortStandards(root: string): string[] {
  const beside = yamlFiles(root).filter((path) => /^(title|check):/m.test(readFileSync(path, 'utf8')));
  return [...beside, ...yamlFiles(join(root, 'standards'))];
}

function loadShort(
  path: string,
  { kinds, overrides, read }: Around,
): CatalogueStandard | { readonly mistakes: readonly FileDiagnostic[] } {
  const document = read.document(path, shortStandardSchema);
  if ('mistakes' in document) {
    const expressions = expressionMistakes(readFileSync(path, 'utf8'), shown(path), kinds);
    return { mistakes: [...document.mistakes, ...expressions] };
  }
  const { value, lineOf, within } = document;
  const name = basename(path, '.yaml');
  const definition = wholeOf(value, name);
  if (definition.id !== name) return { mistakes: [misnamed(path, 'id', definition.id)] };
  const kind = kinds.get(definition.scope.kind);
  if (!kind) return { mistakes: [unknownKind(definition.scope.kind, kinds, { file: shown(path), lineOf })] };
  const own = Object.hasOwn(overrides, definition.id) ? (overrides[definition.id] ?? {}) : {};
  const compiled = compileStandard(definition, kind, {
    file: shown(path),
    lineOf,
    within,
    overrides: usableOf(definition, own),
    kinds,
  });
  if ('mistakes' in compiled) return compiled;
  return {
    id: definition.id,
    folder: path.slice(0, -'.yaml'.length),
    file: path,
    definition,
    compiled,
    readme: guidanceOf(value),
    fix: null,
  };
}

/** What cannot be used is told by `estateMistakes`, with its line in macadam.yaml; the standard's own mistakes here. */
const usableOf = (definition: Standard, own: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(own).filter(([name, value]) => overrideMistake(definition, name, value) === null),
  );

function unknownKind(
  named: string,
  kinds: ReadonlyMap<string, Kind>,
  { file, lineOf }: Place,
): FileDiagnostic {
  const hint = didYouMean(named, kinds.keys()) || `; there are ${[...kinds.keys()].join(', ')}`;
  return {
    file,
    line: lineOf(['scope', 'kind']),
    column: 1,
    field: 'scope.kind',
    reason: `there is no kind \`${named}\`${hint}`,
  };
}

/** What a standard is loaded among. */
interface Around {
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly overrides: Overrides;
  readonly read: Reader;
  /** Whether every kind of the product is as it was prepared. */
  readonly sound: boolean;
  /** A digest of all kinds. */
  readonly typed: string;
}

/** What compiled before, by a digest of all that it was compiled of: a server reads its catalogue at each measurement, and hardly ever finds another one. */
const compiledBefore = new Map<string, CompiledStandard>();
/** Of many catalogues in one process, the oldest are let go of together. */
const MOST_COMPILED = 1000;

function compiledOf(
  definition: Standard,
  kind: Kind,
  typed: string,
  context: CompileContext,
): ReturnType<typeof compileStandard> {
  const key = hash('sha256', JSON.stringify([definition, context.overrides, typed]));
  const before = compiledBefore.get(key);
  if (before !== undefined) return before;
  const compiled = compileStandard(definition, kind, context);
  if ('mistakes' in compiled) return compiled;
  if (compiledBefore.size >= MOST_COMPILED) compiledBefore.clear();
  compiledBefore.set(key, compiled);
  return compiled;
}

function loadStandard(
  folder: string,
  { kinds, overrides, read, sound, typed }: Around,
): CatalogueStandard | { readonly mistakes: readonly FileDiagnostic[] } {
  const path = join(folder, 'standard.yaml');
  if (!existsSync(path)) return { mistakes: [missing(path, 'a standard is defined by it')] };
  const document = read.document(path, standardSchema);
  if ('mistakes' in document) {
    const expressions = expressionMistakes(readFileSync(path, 'utf8'), shown(path), kinds);
    return { mistakes: [...document.mistakes, ...expressions] };
  }
  const { value: definition, lineOf, within } = document;
  const [pillar, id] = folder.split('/').slice(-2);
  const mistakes: FileDiagnostic[] = [];
  if (definition.id !== id) mistakes.push(misnamed(path, 'id', definition.id));
  if (definition.pillar !== pillar) mistakes.push(misnamed(path, 'pillar', definition.pillar));
  const kind = kinds.get(definition.scope.kind);
  if (!kind) {
    const unknown = unknownKind(definition.scope.kind, kinds, { file: shown(path), lineOf });
    return { mistakes: [...mistakes, unknown] };
  }
  const own = Object.hasOwn(overrides, id ?? '') ? (overrides[definition.id] ?? {}) : {};
  const usable = usableOf(definition, own);
  const compile = () =>
    compiledOf(definition, kind, typed, { file: shown(path), lineOf, within, overrides: usable, kinds });
  // What is known to compile does so when it is first needed: a run judges a part of what there is.
  const later = sound && read.recalled(path) && Object.keys(own).length === 0;
  let compiled = later ? null : compile();
  if (compiled && 'mistakes' in compiled) return { mistakes: [...mistakes, ...compiled.mistakes] };
  if (mistakes.length > 0) return { mistakes };
  const readme = join(folder, 'README.md');
  if (!existsSync(readme)) return { mistakes: [missing(readme, 'an engineer acts on it')] };
  const fix = ['fix.ts', 'fix.js'].map((name) => join(folder, 'get', name)).find((file) => existsSync(file));
  return {
    id: definition.id,
    folder,
    file: path,
    definition,
    get compiled() {
      compiled ??= compile();
      if ('mistakes' in compiled) throw new Error(`${folder} was prepared and does not compile`);
      return compiled;
    },
    readme: read.text(readme),
    fix: fix ?? null,
  };
}

function yamlFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
}

function folders(parent: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(parent, entry.name))
    .sort();
}

/** Paths in messages are relative to where the command was given, when that is shorter. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

const missing = (path: string, why: string): FileDiagnostic => ({
  file: shown(path),
  line: 1,
  column: 1,
  field: '',
  reason: `there is no such file: ${why}`,
});

const misnamed = (path: string, field: string, value: string): FileDiagnostic => ({
  file: shown(path),
  line: 1,
  column: 1,
  field,
  reason: `\`${value}\` and the name of its folder or file differ; rename one of them`,
});

const taken = (path: string, field: string, value: string): FileDiagnostic => ({
  file: shown(path),
  line: 1,
  column: 1,
  field,
  reason: `\`${value}\` is taken by an earlier folder of the catalogue; choose another name`,
});
