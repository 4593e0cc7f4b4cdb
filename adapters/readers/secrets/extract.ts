/** Secrets in the files of a tree. */
import { isUnobserved, type Problem } from '@macadam/core/facts/observation';
import { IGNORE_FILES, type IgnoreFiles, isLockFile, readIgnoreFiles } from '@macadam/secrets';
import {
  at,
  type ExtractContext,
  type Extraction,
  type Extractor,
  type Tree,
  type TreeEntry,
} from '../tree.ts';
import { distinctSecrets, type FileSecrets, type FileWithSecrets, secretsInText, textOf } from './scan.ts';

/** Larger files are not looked into: text of that size is data, and a repository may hold many. */
const FILE_LIMIT = 32 * 1024 * 1024;
/** Files are read ahead by this many, or until they have this many bytes together. */
const AHEAD = 128;
const AHEAD_BYTES = 8 * 1024 * 1024;
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
  readonly problems: Problem[];
  files: number;
  binary: number;
  unread: number;
}

/** What a file holds, by its object and what its name says about it: equal contents are looked at once. */
type Seen = Map<string, FileSecrets | 'binary'>;

interface Search {
  readonly tree: Tree;
  readonly context: ExtractContext;
  readonly ignoreFiles: IgnoreFiles;
  readonly seen: Seen;
  readonly tally: Tally;
}

export const extractSecrets: Extractor = async (tree, context) => {
  const tally: Tally = { holding: [], problems: [], files: 0, binary: 0, unread: 0 };
  const ignoreFiles = await readIgnoredOf(tree);
  const search: Search = { tree, context, ignoreFiles, seen: new Map(), tally };
  // Symbolic links and submodules hold no contents of this repository.
  const files = tree.entries.filter(({ type }) => type === 'file' || type === 'executable');
  for (const batch of batches(files)) {
    const contents = await Promise.all(batch.map((entry) => fresh(search, entry)));
    batch.forEach((entry, index) => {
      count(search, entry, contents[index]);
    });
  }
  if (tally.unread > NAMED) tally.problems.push(more(tally.unread - NAMED, context));
  if (context.parameters.secrets_history === true) {
    tally.problems.push({ ...NO_HISTORY, asset: context.repository.id });
  }
  return extraction(search);
};

/** What the repository told other scanners to pass over. A file that cannot be read passes over nothing. */
async function readIgnoredOf(tree: Tree): Promise<IgnoreFiles> {
  const texts: Record<string, string> = {};
  for (const name of IGNORE_FILES) {
    const text = tree.has(name) ? await tree.read(name) : '';
    texts[name] = isUnobserved(text) ? '' : text;
  }
  return readIgnoreFiles(texts);
}

function extraction({ tree, context, tally }: Search): Extraction {
  const { holding, problems, files, binary, unread } = tally;
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
  };
}

function* batches(files: readonly TreeEntry[]): Generator<TreeEntry[]> {
  let batch: TreeEntry[] = [];
  let bytes = 0;
  for (const entry of files) {
    const size = entry.size ?? UNSIZED;
    if (batch.length > 0 && (batch.length === AHEAD || bytes + size > AHEAD_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Under what the findings of a file are remembered; undefined where they are its own. Its name says whether it is a lock
 * file and in which language it is written; a line that is passed over is passed over in one file.
 */
function memoryKey({ ignoreFiles }: Search, { path, oid }: TreeEntry): string | undefined {
  if (oid === undefined || ignoreFiles.names(path)) return undefined;
  return `${oid}${isLockFile(path) ? ' lock file' : ''}${path.endsWith('.rs') ? ' rust' : ''}`;
}

/** The bytes of a file, unless its contents were looked at before. */
async function fresh(search: Search, entry: TreeEntry) {
  const key = memoryKey(search, entry);
  if (key !== undefined && search.seen.has(key)) return undefined;
  return search.tree.bytes(entry.path, FILE_LIMIT);
}

function count(
  search: Search,
  entry: TreeEntry,
  content: Awaited<ReturnType<Tree['bytes']>> | undefined,
): void {
  const { tally, context, seen } = search;
  const { path } = entry;
  if (isUnobserved(content)) {
    tally.unread++;
    if (tally.unread <= NAMED) {
      tally.problems.push({
        code: 'secrets-not-searched',
        cause: content.unobserved,
        message: `no secrets were looked for in a file: ${content.why}`,
        asset: context.repository.id,
        location: at(path),
      });
    }
    return;
  }
  const key = memoryKey(search, entry);
  const known = key === undefined ? undefined : seen.get(key);
  const found = known ?? searched(content, path, search.ignoreFiles);
  if (key !== undefined) seen.set(key, found);
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

function searched(
  content: Uint8Array | undefined,
  path: string,
  ignoreFiles: IgnoreFiles,
): FileSecrets | 'binary' {
  const text = content === undefined ? '' : textOf(content);
  return text === null ? 'binary' : secretsInText(text, path, ignoreFiles);
}

function more(files: number, context: ExtractContext): Problem {
  return {
    code: 'secrets-not-searched',
    cause: 'incomplete',
    message: `no secrets were looked for in ${files} more files that could not be read`,
    remedy: 'mend what the other problems of this repository name',
    asset: context.repository.id,
  };
}
