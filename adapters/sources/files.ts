/** Texts of files of an opened repository, for whoever shows lines of them. */
import { isUnobserved } from '@macadam/core/facts/observation';
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

/** Text by path. What cannot be read, or is no longer what was judged, is left out. */
export async function readTexts(
  repository: Repository,
  { view, commit, paths }: TextsRequest,
): Promise<ReadonlyMap<string, string>> {
  const { head } = repository;
  const now = 'commit' in head ? head.commit : null;
  if (view === 'head' && now !== commit) return new Map();
  const tree = await repository.tree(view);
  const texts = new Map<string, string>();
  for (const path of paths) {
    const text = tree.has(path) ? await tree.read(path, LARGEST) : null;
    if (text !== null && !isUnobserved(text)) texts.set(path, text);
  }
  return texts;
}
