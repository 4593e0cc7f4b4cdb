/**
 * The files of one repository in one view (a commit, the index, the working tree), and what may be learned from
 * them. Extractors see this interface only, so the same code reads git objects, a fix's patched copy and a
 * standard's examples.
 */
import type {
  Location,
  Observation,
  Partition,
  Problem,
  Statement,
  Unobserved,
} from '@macadam/core/facts/observation';
import type { Memory } from './memory/memory.ts';
import type { Places } from './places/places.ts';

export interface TreeEntry {
  /** Relative to the root, `/`-separated, as git has it (invalid UTF-8 is replaced and reported by the reader). */
  readonly path: string;
  readonly type: 'file' | 'executable' | 'symlink' | 'submodule';
  /** Bytes; undefined where only reading would tell. */
  readonly size?: number | undefined;
  /** The object's id, when the view has one: equal ids mean equal contents. */
  readonly oid?: string | undefined;
}

export interface Tree {
  /** Every entry, sorted by path. */
  readonly entries: readonly TreeEntry[];
  /** When something could not be listed: what is missing may exist. */
  readonly incomplete?: Unobserved;
  /** False for something that is not there (or is not a file). */
  has(path: string): boolean;
  /**
   * Text of a file, decoded as UTF-8 (a byte order mark is dropped). Unobserved when the object is missing or
   * corrupt, larger than `limit` bytes (default 5 MiB) or not valid UTF-8. Rejects only for a path that is not an entry.
   */
  read(path: string, limit?: number): Promise<string | Unobserved>;
  /** Raw bytes, under the same rules, for what need not be text. */
  bytes(path: string, limit?: number): Promise<Uint8Array | Unobserved>;
}

export interface ExtractContext {
  /** The repository asset that these files belong to. */
  readonly repository: { readonly id: string; readonly name: string };
  readonly source: string;
  readonly now: Date;
  /** The estate's parameters and organisation, as macadam.yaml gives them. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What part each path plays: product, test, example … The reader adds `place` to assets by their location. */
  readonly places: Places;
  /** What earlier looks learned of single files; nothing where it is left out. */
  readonly memory?: Memory;
  /** Remembers what a part of an extraction is, where much of it stays the same when something else changes. */
  readonly remember?: Remember;
}

/** The value is plain data that depends on nothing but the tree, and whose name no other part has. */
export type Remember = <T>(name: string, compute: (tree: Tree) => Promise<T>) => Promise<T>;

/** What one extractor learned. */
export interface Extraction {
  /** Statements about the repository itself. */
  readonly attributes: Readonly<Record<string, Statement>>;
  /** Assets found in it. The reader adds `owners` and `place` by their location. */
  readonly observations: readonly Observation[];
  /** One for every kind that this extractor enumerates, even when it found none. */
  readonly partitions: readonly Partition[];
  readonly problems: readonly Problem[];
  /** Of who looks for secrets: the files in which one was found, or none was looked for. Nothing of them may be kept. */
  readonly confidential?: readonly string[];
}

/** Never rejects for what a file contains: a file that cannot be understood is a problem and something unobserved. */
export type Extractor = (tree: Tree, context: ExtractContext) => Promise<Extraction>;

export interface NamedExtractor {
  readonly name: string;
  readonly extract: Extractor;
  /** Attributes of the repository, and kinds of asset, that only this extractor states. */
  readonly attributes: readonly string[];
  readonly kinds: readonly string[];
  /** It weighs itself what a tree that was not listed whole may hide; of the others only lists are kept, as partial. */
  readonly weighsGaps?: boolean;
  /** It remembers by itself what each file holds; the others are remembered as a whole, with all that they looked at. */
  readonly byFile?: boolean;
}

/** A tree held in memory, for examples, fixes and tests. */
export function memoryTree(files: Readonly<Record<string, string>>): Tree {
  const entries = Object.keys(files)
    .sort()
    .map((path): TreeEntry => ({ path, type: 'file', size: new TextEncoder().encode(files[path]).length }));
  const text = (path: string): string => {
    const found = files[path];
    if (found === undefined) throw new TypeError(`no file \`${path}\` in this tree`);
    return found;
  };
  return {
    entries,
    has: (path) => Object.hasOwn(files, path),
    read: async (path) => text(path),
    bytes: async (path) => new TextEncoder().encode(text(path)),
  };
}

/** A location that has a line only when it is known. */
export function at(path: string, line?: number): Location {
  return line === undefined ? { path } : { path, line };
}
