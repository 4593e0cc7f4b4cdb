/** Texts of files of an opened repository, for whoever shows lines of them. */
import { isUnobserved } from '@macadam/core/facts/observation';
import { parseTree } from '../readers/git/head.ts';
import { decodeText } from '../readers/git/listing.ts';
import { isGitFailure } from '../readers/git/process.ts';
import type { Repository } from '../readers/git/repository.ts';
import type { CollectRequest } from './port.ts';

export interface TextsRequest {
  readonly view: CollectRequest['view'];
  /** The commit that was judged; where HEAD names another by now, nothing is read. */
  readonly commit: string | null;
  readonly paths: readonly string[];
}

/** Larger files are not shown: lines of them are data. */
const LARGEST = 2 * 2 ** 20;
const TREE_BYTES = 64 * 2 ** 20;
const COMMIT_BYTES = 2 ** 20;

/** Text by path. What cannot be read, or is no longer what was judged, is left out. */
export async function readTexts(
  repository: Repository,
  { view, commit, paths }: TextsRequest,
): Promise<ReadonlyMap<string, string>> {
  const { head } = repository;
  const now = 'commit' in head ? head.commit : null;
  const texts = new Map<string, string>();
  if (view === 'head') {
    if (now === null || now !== commit) return texts;
    for (const [path, text] of await textsOfCommit(repository, now, paths)) texts.set(path, text);
    return texts;
  }
  const tree = await repository.tree(view);
  for (const path of paths) {
    const text = tree.has(path) ? await tree.read(path, LARGEST) : null;
    if (text !== null && !isUnobserved(text)) texts.set(path, text);
  }
  return texts;
}

/** A few files of a commit: only the folders on the way to them are read, and not the whole tree. */
async function textsOfCommit(
  repository: Repository,
  commit: string,
  paths: readonly string[],
): Promise<readonly (readonly [string, string])[]> {
  const folders = new Map<string, ReturnType<typeof parseTree>>();
  const itemsOf = async (oid: string) => {
    if (folders.has(oid)) return folders.get(oid);
    const object = await repository.object(oid, TREE_BYTES);
    const items =
      !isGitFailure(object) && object.type === 'tree'
        ? parseTree(object.content, commit.length / 2)
        : undefined;
    folders.set(oid, items);
    return items;
  };
  const header = await repository.object(commit, COMMIT_BYTES);
  const root = isGitFailure(header)
    ? undefined
    : /^tree ([0-9a-f]+)\n/.exec(header.content.toString('latin1', 0, 80))?.[1];
  if (root === undefined) return [];
  const texts: (readonly [string, string])[] = [];
  for (const path of paths) {
    let oid: string | undefined = root;
    for (const segment of path.split('/')) {
      const name = Buffer.from(segment);
      const items: ReturnType<typeof parseTree> = oid === undefined ? undefined : await itemsOf(oid);
      // A link stands for another file, whose lines are shown where it is found itself.
      oid = items?.find((item) => item.mode !== '120000' && item.name.equals(name))?.oid;
    }
    const object = oid === undefined ? undefined : await repository.object(oid, LARGEST);
    if (object === undefined || isGitFailure(object) || object.type !== 'blob') continue;
    const text = decodeText(object.content, path);
    if (!isUnobserved(text)) texts.push([path, text]);
  }
  return texts;
}
