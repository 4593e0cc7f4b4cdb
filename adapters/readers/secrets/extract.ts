/** Secrets in the files of a tree. */
import { isUnobserved, type Problem } from '@macadam/core/facts/observation';
import {
  at,
  type ExtractContext,
  type Extraction,
  type Extractor,
  type Tree,
  type TreeEntry,
} from '../tree.ts';
import { type FileSecrets, placed, type SecretFact, secretsInText, textOf } from './scan.ts';

/** Larger files are not looked into: text of that size is data, and a repository may hold many. */
const FILE_LIMIT = 32 * 1024 * 1024;
/** Files are read ahead by this many, or until they have this many bytes together. */
const AHEAD = 128;
const AHEAD_BYTES = 8 * 1024 * 1024;
/** What a file counts for whose size is not known. */
const UNSIZED = 256 * 1024;
/** Files that could not be read are named one by one up to this number, the rest in one sentence. */
const NAMED = 100;

const NO_HISTORY: Omit<Problem, 'asset'> = {
  code: 'history-not-searched',
  cause: 'unobserved',
  message: 'macadam.yaml asks for secrets in earlier commits, which this version does not search',
  remedy: 'search the history with a tool of its own, or set `secrets_history: false`',
};

interface Tally {
  readonly secrets: SecretFact[];
  readonly problems: Problem[];
  files: number;
  binary: number;
  unread: number;
}

/** What a file holds, by its object: equal contents are looked at once. */
type Seen = Map<string, FileSecrets | 'binary'>;

export const extractSecrets: Extractor = async (tree, context) => {
  const tally: Tally = { secrets: [], problems: [], files: 0, binary: 0, unread: 0 };
  const seen: Seen = new Map();
  // Symbolic links and submodules hold no contents of this repository.
  const files = tree.entries.filter(({ type }) => type === 'file' || type === 'executable');
  for (const batch of batches(files)) {
    const contents = await Promise.all(batch.map((entry) => fresh(tree, entry, seen)));
    batch.forEach((entry, index) => {
      count(tally, context, entry, contents[index], seen);
    });
  }
  if (tally.unread > NAMED) tally.problems.push(more(tally.unread - NAMED, context));
  if (context.parameters.secrets_history === true) {
    tally.problems.push({ ...NO_HISTORY, asset: context.repository.id });
  }
  return extraction(tree, tally);
};

function extraction(tree: Tree, { secrets, problems, files, binary, unread }: Tally): Extraction {
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

/** The bytes of a file, unless its contents were looked at before. */
async function fresh(tree: Tree, entry: TreeEntry, seen: Seen) {
  if (entry.oid !== undefined && seen.has(entry.oid)) return undefined;
  return tree.bytes(entry.path, FILE_LIMIT);
}

function count(
  tally: Tally,
  context: ExtractContext,
  { path, oid }: TreeEntry,
  content: Awaited<ReturnType<Tree['bytes']>> | undefined,
  seen: Seen,
): void {
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
  const known = oid === undefined ? undefined : seen.get(oid);
  const found = known ?? search(content);
  if (oid !== undefined) seen.set(oid, found);
  if (found === 'binary') {
    tally.binary++;
    return;
  }
  tally.files++;
  tally.secrets.push(...placed(path, found));
  if (found.cut) {
    tally.problems.push({
      code: 'secrets-cut',
      cause: 'incomplete',
      message: `${path} holds more secrets than are listed`,
      remedy: 'take out those that are listed, or exclude the file in macadam.yaml',
      asset: context.repository.id,
      location: at(path),
    });
  }
}

function search(content: Uint8Array | undefined): FileSecrets | 'binary' {
  const text = content === undefined ? '' : textOf(content);
  return text === null ? 'binary' : secretsInText(text);
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
