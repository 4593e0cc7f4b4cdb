/** Secrets in the files of a tree. */
import { isUnobserved, type Problem, type Unobserved } from '@macadam/core/facts/observation';
import { IGNORE_FILES, type IgnoreFiles, isLockFile, readIgnoreFiles } from '@macadam/secrets/files';
import { keyOf, type Memory, NO_MEMORY } from '../memory/memory.ts';
import {
  at,
  type ExtractContext,
  type Extraction,
  type Extractor,
  type Tree,
  type TreeEntry,
} from '../tree.ts';
import { distinctSecrets, type FileWithSecrets } from './distinct.ts';
import type { Searched } from './searcher.ts';

/** Larger files are not looked into: text of that size is data, and a repository may hold many. */
const FILE_LIMIT = 32 * 1024 * 1024;
/** Files are read by this many, or until they have this many bytes together: a part that one thread searches at a time. */
const PART_FILES = 256;
const PART_BYTES = 1024 * 1024;
/** What a file counts for whose size is not known. */
const UNSIZED = 256 * 1024;
/** Distinct values listed of one repository. One with more has been found out. */
const MOST_SECRETS = 5_000;
/** Files that could not be read are named one by one up to this number, the rest in one sentence. */
const NAMED = 100;

const NO_HISTORY: Omit<Problem, 'asset'> = {
  code: 'history-not-searched',
  cause: 'unobserved',
  message: 'macadam.yaml asks for secrets in earlier commits, which this version does not search',
  remedy: 'search the history with a tool of its own, or set `secrets_history: false`',
};

interface Tally {
  readonly holding: FileWithSecrets[];
  /** Files that could not be searched. */
  readonly unsearched: string[];
  readonly problems: Problem[];
  files: number;
  binary: number;
  unread: number;
}

/** What a file holds, or why that is not known. */
type Contents = Searched | Unobserved;

export const extractSecrets: Extractor = async (tree, context) => {
  // Symbolic links and submodules hold no contents of this repository.
  const files = tree.entries.filter(({ type }) => type === 'file' || type === 'executable');
  const contents = await contentsOf(tree, files, context.memory ?? NO_MEMORY);
  const tally: Tally = { holding: [], unsearched: [], problems: [], files: 0, binary: 0, unread: 0 };
  for (const entry of files) count(tally, context, entry.path, contents.get(entry));
  if (tally.unread > NAMED) tally.problems.push(more(tally.unread - NAMED, context));
  if (context.parameters.secrets_history === true) {
    tally.problems.push({ ...NO_HISTORY, asset: context.repository.id });
  }
  return extraction(tree, context, tally);
};

/** Files of the same contents are searched once, and not at all when that was done at an earlier look. */
async function contentsOf(
  tree: Tree,
  files: readonly TreeEntry[],
  memory: Memory,
): Promise<ReadonlyMap<TreeEntry, Contents>> {
  const ignoreFiles = await readIgnoredOf(tree);
  const alike = Map.groupBy(files, (entry) => memoryKey(ignoreFiles, entry) ?? entry);
  const contents = new Map<TreeEntry, Contents>();
  const open: TreeEntry[] = [];
  for (const [key, entries] of alike) {
    const known = typeof key === 'string' ? memory.recall(SECTION, keyOf(key)) : undefined;
    if (known === undefined) open.push(...entries.slice(0, 1));
    else for (const entry of entries) contents.set(entry, known as Searched);
  }
  const settle = (entry: TreeEntry, found: Contents) => {
    const key = memoryKey(ignoreFiles, entry);
    for (const same of alike.get(key ?? entry) ?? []) contents.set(same, found);
    if (key !== undefined && !isUnobserved(found)) memory.keep(SECTION, keyOf(key), found);
  };
  if (open.length === 0) return contents;
  // A look that meets nothing new does without the detectors: to load them takes longer than all the rest of it.
  const { search, searchFiles } = await import('./searcher.ts');
  const together = open.reduce((sum, { size }) => sum + (size ?? UNSIZED), 0);
  const searches: Promise<void>[] = [];
  for (const part of parts(open)) {
    const read = await Promise.all(part.map(({ path }) => tree.bytes(path, FILE_LIMIT)));
    const readable: ReadFile[] = [];
    for (const [index, entry] of part.entries()) {
      const bytes = read[index] ?? new Uint8Array();
      if (isUnobserved(bytes)) settle(entry, bytes);
      else if (ignoreFiles.names(entry.path)) settle(entry, search(entry.path, bytes, ignoreFiles));
      else readable.push({ entry, path: entry.path, bytes });
    }
    searches.push(searchFiles(readable, together).then((found) => settled(readable, found, settle)));
  }
  await Promise.all(searches);
  return contents;
}

interface ReadFile {
  readonly entry: TreeEntry;
  readonly path: string;
  readonly bytes: Uint8Array;
}

function settled(
  files: readonly ReadFile[],
  found: readonly Searched[],
  settle: (entry: TreeEntry, found: Contents) => void,
): void {
  for (const [index, { entry }] of files.entries()) settle(entry, found[index] ?? 'binary');
}

/** In the memory of a repository. */
const SECTION = 'secrets';

/** What the repository told other scanners to pass over. A file that cannot be read passes over nothing. */
async function readIgnoredOf(tree: Tree): Promise<IgnoreFiles> {
  const texts: Record<string, string> = {};
  for (const name of IGNORE_FILES) {
    const text = tree.has(name) ? await tree.read(name) : '';
    texts[name] = isUnobserved(text) ? '' : text;
  }
  return readIgnoreFiles(texts);
}

function extraction(
  tree: Tree,
  context: ExtractContext,
  { holding, unsearched, problems, files, binary, unread }: Tally,
): Extraction {
  const all = distinctSecrets(holding, context.places);
  const secrets = all.slice(0, MOST_SECRETS);
  if (all.length > MOST_SECRETS) {
    problems.push({
      code: 'secrets-cut',
      cause: 'incomplete',
      message: `${all.length} distinct secrets were found, and ${MOST_SECRETS} of them are listed`,
      remedy: 'take out those that are listed',
      asset: context.repository.id,
    });
  }
  const complete = tree.incomplete === undefined && problems.length === 0;
  const why = tree.incomplete?.why ?? problems[0]?.message;
  return {
    attributes: {
      secrets:
        complete || why === undefined ? { value: secrets, complete } : { value: secrets, complete, why },
      secrets_searched: { value: { files, binary, unread } },
    },
    observations: [],
    partitions: [],
    problems,
    confidential: [...holding.map(({ path }) => path), ...unsearched],
  };
}

function* parts(files: readonly TreeEntry[]): Generator<TreeEntry[]> {
  let part: TreeEntry[] = [];
  let bytes = 0;
  for (const entry of files) {
    const size = entry.size ?? UNSIZED;
    if (part.length > 0 && (part.length === PART_FILES || bytes + size > PART_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(entry);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

/**
 * Under what the findings of a file are remembered; undefined where they are its own. Its name says whether it is a lock
 * file and in which language it is written; a line that is passed over is passed over in one file.
 */
function memoryKey(ignoreFiles: IgnoreFiles, { path, oid }: TreeEntry): string | undefined {
  if (oid === undefined || ignoreFiles.names(path)) return undefined;
  return `${oid}${isLockFile(path) ? ' lock file' : ''}${path.endsWith('.rs') ? ' rust' : ''}`;
}

function count(tally: Tally, context: ExtractContext, path: string, found: Contents | undefined): void {
  if (found === undefined) throw new TypeError(`${path} was never looked at`);
  if (isUnobserved(found)) {
    tally.unread++;
    tally.unsearched.push(path);
    if (tally.unread <= NAMED) {
      tally.problems.push({
        code: 'secrets-not-searched',
        cause: found.unobserved,
        message: `no secrets were looked for in a file: ${found.why}`,
        asset: context.repository.id,
        location: at(path),
      });
    }
    return;
  }
  if (found === 'binary') {
    tally.binary++;
    return;
  }
  tally.files++;
  if (found.secrets.length > 0) tally.holding.push({ path, secrets: found.secrets });
  if (found.cut) {
    tally.problems.push({
      code: 'secrets-cut',
      cause: 'incomplete',
      message: `${path} holds more secrets than are listed`,
      remedy: 'take out those that are listed',
      asset: context.repository.id,
      location: at(path),
    });
  }
}

function more(files: number, context: ExtractContext): Problem {
  return {
    code: 'secrets-not-searched',
    cause: 'incomplete',
    message: `no secrets were looked for in ${files} more files that could not be read`,
    remedy: 'fix what the other problems of this repository name',
    asset: context.repository.id,
  };
}
