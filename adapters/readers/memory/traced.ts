/**
 * Remembers what a part of the reader made of a tree, together with everything that it looked at: the contents that it
 * opened or asked the size of, the paths that it asked for, and all names where it went through them. As long as these are
 * the same, so is what it makes of them, whatever else changed; nothing has to be known about the part itself.
 */
import { hash } from 'node:crypto';
import { isUnobserved, type Unobserved } from '@macadam/core/facts/observation';
import type { Tree, TreeEntry } from '../tree.ts';
import { keyOf, type Memory } from './memory.ts';

export interface TracedTree {
  readonly tree: Tree;
  /** What is looked at from now on, until it is ended. Several may be open, one inside another. */
  readonly begin: () => Recorder;
  readonly end: (recorder: Recorder) => void;
  readonly names: () => string;
  /** Whether all that was looked at is what it was. If so, whoever asks has looked at it, too. */
  readonly holds: (looked: Looked) => boolean;
}

/** What was looked at. */
export interface Looked {
  /** Digest of all names, and of where links lead; null where nobody went through them. */
  readonly names: string | null;
  /** Path → the id of its contents, whether there is such a file, or why it is left out. */
  readonly files: Readonly<Record<string, string>>;
}

const PRESENT = '+';
const ABSENT = '-';
/** Before the reason. */
const LEFT_OUT = '!';

export interface Recorder {
  readonly files: Map<string, string>;
  names: boolean;
  /** False where ids do not tell whether it is the same. */
  certain: boolean;
}

/** What is worked out of a tree. */
export interface Computation<T> {
  /** Tells it from others. */
  readonly name: string;
  /** All that it depends on beside the tree. */
  readonly dependencies: string;
  /** Its value is plain data. */
  readonly compute: (tree: Tree) => Promise<T>;
}

export interface Learned<T> {
  readonly value: T;
  /** Paths of the files whose contents it rests on; null where it is kept already, or may never be. */
  readonly paths: readonly string[] | null;
  readonly keep: () => void;
}

interface Remembered {
  readonly looked: Looked;
  readonly value: unknown;
}

const SECTION = 'traced';

/** What a damaged or incomplete tree gives is never kept. */
export async function learned<T>(
  memory: Memory,
  traced: TracedTree,
  { name, dependencies, compute }: Computation<T>,
): Promise<Learned<T>> {
  const key = `${name} ${keyOf(dependencies)}`;
  const known = memory.recall(SECTION, key) as Remembered | undefined;
  if (known !== undefined && traced.holds(known.looked))
    return { value: known.value as T, paths: null, keep: () => {} };
  const recorder = traced.begin();
  try {
    const value = await compute(traced.tree);
    if (!recorder.certain) return { value, paths: null, keep: () => {} };
    const looked: Looked = {
      names: recorder.names ? traced.names() : null,
      files: Object.fromEntries(recorder.files),
    };
    const paths = [...recorder.files].flatMap(([path, state]) =>
      [PRESENT, ABSENT, LEFT_OUT].includes(state.charAt(0)) ? [] : [path],
    );
    return { value, paths, keep: () => memory.keep(SECTION, key, { looked, value } satisfies Remembered) };
  } finally {
    traced.end(recorder);
  }
}

/** Small texts are asked for by several parts: so many characters of them are held. */
const HELD_CHARACTERS = 8 * 1024 * 1024;
const HELD_TEXT = 512 * 1024;

/** A tree that holds the texts that were read last. */
function holding(tree: Tree): Tree {
  const texts = new Map<string, string>();
  let characters = 0;
  const hold = (key: string, text: string) => {
    texts.set(key, text);
    characters += text.length;
    for (const [oldest, { length }] of texts) {
      if (characters <= HELD_CHARACTERS) return;
      texts.delete(oldest);
      characters -= length;
    }
  };
  return {
    ...tree,
    read: async (path, limit) => {
      const key = `${limit} ${path}`;
      const held = texts.get(key);
      if (held !== undefined) return held;
      const text = await tree.read(path, limit);
      if (!isUnobserved(text) && text.length <= HELD_TEXT) hold(key, text);
      return text;
    },
  };
}

/** `leftOut`: why the contents of a path may not be seen. */
export function tracedTree(whole: Tree, leftOut: (path: string) => Unobserved | undefined): TracedTree {
  const tree = holding(whole);
  const open = new Set<Recorder>();
  const entries = new Map(tree.entries.map((entry) => [entry.path, entry]));
  const doubt = () => {
    for (const recorder of open) recorder.certain = false;
  };
  const note = (path: string, state: string) => {
    // Who read a file knows that it is there.
    for (const { files } of open) if (!files.has(path) || files.get(path) === PRESENT) files.set(path, state);
  };
  const noteContents = ({ path, type, oid }: TreeEntry) => {
    const why = leftOut(path)?.why;
    // What a link leads to has an id of its own, and files of a working tree have none.
    if (why !== undefined) note(path, `${LEFT_OUT}${why}`);
    else if (oid === undefined || type === 'symlink') doubt();
    else note(path, oid);
  };
  /** An object that is missing or damaged today may be whole tomorrow, under the same id. */
  const isLasting = async ({ path, size }: TreeEntry, limit: number | undefined): Promise<boolean> =>
    leftOut(path) !== undefined ||
    (size !== undefined &&
      ((limit !== undefined && size > limit) || (await tree.bytes(path, limit)) instanceof Uint8Array));
  const checked = async <T>(path: string, limit: number | undefined, found: T | Unobserved) => {
    const entry = entries.get(path);
    if (entry !== undefined) noteContents(entry);
    if (isUnobserved(found) && (entry === undefined || !(await isLasting(entry, limit)))) doubt();
    return found;
  };
  let names: string | undefined;
  const namesOf = () => (names ??= digestOfNames(tree.entries));
  let listed: readonly TreeEntry[] | undefined;
  const isSame = ([path, state]: readonly [string, string]): boolean => {
    if (state === PRESENT || state === ABSENT) return tree.has(path) === (state === PRESENT);
    if (state.startsWith(LEFT_OUT)) return leftOut(path)?.why === state.slice(1);
    const entry = entries.get(path);
    return entry?.oid === state && entry.type !== 'symlink';
  };
  return {
    begin: () => {
      const recorder: Recorder = { files: new Map(), names: false, certain: tree.incomplete === undefined };
      open.add(recorder);
      return recorder;
    },
    end: (recorder) => open.delete(recorder),
    names: namesOf,
    holds: (looked) => {
      const files = Object.entries(looked.files);
      if (tree.incomplete !== undefined || !files.every(isSame)) return false;
      if (looked.names !== null && looked.names !== namesOf()) return false;
      for (const [path, state] of files) note(path, state);
      if (looked.names !== null) for (const recorder of open) recorder.names = true;
      return true;
    },
    tree: {
      ...tree,
      get entries() {
        for (const recorder of open) recorder.names = true;
        listed ??= tree.entries.map((entry) => new TracedEntry(entry, noteContents));
        return listed;
      },
      has: (path) => {
        const is = tree.has(path);
        note(path, is ? PRESENT : ABSENT);
        return is;
      },
      read: async (path, limit) => checked(path, limit, await tree.read(path, limit)),
      bytes: async (path, limit) => checked(path, limit, await tree.bytes(path, limit)),
    },
  };
}

const digestOfNames = (entries: readonly TreeEntry[]): string =>
  hash(
    'sha256',
    entries.map(({ path, type, oid }) => `${type} ${type === 'symlink' ? oid : ''} ${path}`).join('\0'),
  );

/** An entry that tells when somebody asks about its contents. */
class TracedEntry implements TreeEntry {
  readonly path: string;
  readonly type: TreeEntry['type'];
  readonly #entry: TreeEntry;
  readonly #note: (entry: TreeEntry) => void;

  constructor(entry: TreeEntry, note: (entry: TreeEntry) => void) {
    this.path = entry.path;
    this.type = entry.type;
    this.#entry = entry;
    this.#note = note;
  }

  get size(): number | undefined {
    this.#note(this.#entry);
    return this.#entry.size;
  }

  get oid(): string | undefined {
    this.#note(this.#entry);
    return this.#entry.oid;
  }
}
