/** What every reader of saved answers does alike: finds the lists, says whose they are, and names what it could not use. */
import type { Problem } from '@macadam/core/facts/observation';
import { answersIn, type SavedAnswer, textIn, type UnreadFile } from './answer.ts';
import type { Api } from './api.ts';
import {
  collectionOf,
  type Described,
  type ExportRead,
  type ExportRequest,
  type ExportScope,
  type Listed,
  type Mistakes,
  observationOf,
  problemOf,
} from './export.ts';
import { type Listing, type ListingGap, listingGap } from './listing.ts';
import { EMPTY_LISTS, type SavedLists, savedLists, withoutId } from './saved-lists.ts';
import type { Item } from './statement.ts';

export interface SavedFolder {
  readonly lists: SavedLists;
  readonly answers: readonly SavedAnswer[];
  readonly unread: readonly UnreadFile[];
}

export function savedFolder(request: ExportRequest, api: Api): SavedFolder {
  const answers: SavedAnswer[] = [];
  const unread: UnreadFile[] = [];
  for (const file of request.files) {
    const read = answersIn(file, api.answers);
    answers.push(...read.answers);
    unread.push(...read.unread);
  }
  return { lists: savedLists(api, answers), answers, unread };
}

/** The same of answers that were asked for over the network. */
export const askedFolder = (api: Api, answers: readonly SavedAnswer[]): SavedFolder => ({
  lists: savedLists(api, answers),
  answers,
  unread: [],
});

/** Of a source that has no lists of an API. */
export const noLists = (unread: readonly UnreadFile[] = []): SavedFolder => ({
  lists: EMPTY_LISTS,
  answers: [],
  unread,
});

/** What is said of each item of a list, by its id; what has none keeps the list from being whole. */
export function listedById(
  scope: ExportScope,
  /** `field`: where the id stands. */
  {
    kind,
    listing,
    field = 'id',
  }: { readonly kind: string; readonly listing: Listing; readonly field?: string },
  described: (item: Item, id: string) => Omit<Described, 'kind' | 'key'>,
): Listed {
  const { items, gaps, address } = listing;
  const observations = items.flatMap((item) => {
    const id = textIn(item.record[field]);
    return id === null
      ? []
      : [observationOf(scope, { kind, key: [scope.directory, id], ...described(item, id) })];
  });
  return { kind, observations, gaps: [...gaps, ...withoutId(items, address, field)] };
}

/** A directory as an answer states it. */
export interface StatedDirectory {
  readonly id: string;
  readonly name: string;
}

/**
 * The directory is what its own answers say; an id that somebody states has to be the same. `missing` says what to do where
 * neither says it.
 */
export function scopeOf(
  source: string,
  request: ExportRequest,
  stated: readonly StatedDirectory[],
  missing: string,
): { readonly scope: ExportScope } | Mistakes {
  const { subject, folder } = request;
  const ids = [...new Set(stated.map(({ id }) => id))];
  const [id] = ids;
  const refused = (reason: string) => ({ mistakes: [{ file: folder, reason }] });
  if (ids.length > 1)
    return refused(`holds answers of several (${ids.join(', ')}); save each into a folder of its own`);
  if (id !== undefined && subject !== null && subject !== id)
    return refused(`is of ${id}, and \`--subject\` says ${subject}; give the right one, or leave it out`);
  const directory = id ?? subject;
  if (directory === null || directory === '') return refused(missing);
  return {
    scope: {
      source,
      directory,
      directoryName: stated.find((one) => one.id === directory)?.name ?? directory,
      takenAt: request.takenAt.toISOString(),
      receivedAt: request.receivedAt.toISOString(),
    },
  };
}

export interface FolderRead {
  readonly scope: ExportScope;
  readonly listed: readonly Listed[];
  /** Left out by a source that has no lists of an API. */
  readonly saved?: SavedFolder;
  /** Lists below something, and the list that would hold that. */
  readonly parents?: readonly { readonly path: string; readonly parent: string }[];
  readonly notes?: readonly string[];
}

export function readOf({
  scope,
  listed,
  saved = noLists(),
  parents = [],
  notes = [],
}: FolderRead): ExportRead {
  const { lists, unread } = saved;
  // Nobody knows of which list an unreadable file was a page.
  const unreadGaps = unread.map(({ file, why }) =>
    listingGap('answer-unreadable', 'failed', `${file} ${why}`),
  );
  const open =
    unreadGaps.length === 0
      ? listed
      : listed.map((one): Listed => ({ ...one, gaps: [...one.gaps, ...unreadGaps] }));
  const problems = [
    ...unreadGaps.map(problemOf),
    ...lists.unknown.map((answer) => problemOf(unknownGap(scope.source, answer))),
    ...orphans(lists, parents),
  ];
  const query = `saved answers: ${saved.answers.length}`;
  return {
    batch: {
      collection: collectionOf(scope, open, problems, query),
      observations: open.flatMap((one) => one.observations),
    },
    notes: [...lists.unused.map(({ file, why }) => `${file} is not used: ${why}`), ...notes],
  };
}

const unknownGap = (source: string, { file, address }: SavedAnswer): ListingGap =>
  listingGap(
    'answer-unknown',
    'unobserved',
    `${file} answers GET ${address}, which is not read; see docs/sources/${source}.md for what is`,
  );

/** Lists of things below something that no list holds. */
function orphans(lists: SavedLists, parents: NonNullable<FolderRead['parents']>): readonly Problem[] {
  return parents.flatMap(({ path, parent }) => {
    const known = new Set(lists.list(parent).items.map(({ record }) => String(record.id)));
    return [...lists.below(path)].flatMap(([ids, listing]): readonly Problem[] => {
      if (known.has(ids.split('/')[0] ?? '')) return [];
      const why = `GET ${listing.address} is about something that no saved answer of ${parent} holds, so it is not used; save ${parent}`;
      return [problemOf(listingGap('parent-not-saved', 'incomplete', why))];
    });
  });
}
