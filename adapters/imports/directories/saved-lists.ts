/** All that was saved of one directory, by list. */
import { type Json, type SavedAnswer, textIn } from './answer.ts';
import type { Api, Resolved } from './api.ts';
import { type Listing, type ListingGap, listingGap, listingOf } from './listing.ts';
import type { Item } from './statement.ts';

export interface SavedLists {
  /** A list by its described path, where that has no id in it. */
  readonly list: (path: string) => Listing;
  /** Lists of a path with ids in it: by the ids, joined by `/`. */
  readonly below: (path: string) => ReadonlyMap<string, Listing>;
  /** The list of one parent; one that was not saved where there is none. */
  readonly of: (path: string, ...ids: readonly string[]) => Listing;
  /** Answers that are recognised and not used, and why. */
  readonly unused: readonly { readonly file: string; readonly why: string }[];
  readonly unknown: readonly SavedAnswer[];
}

interface Placed {
  readonly answer: SavedAnswer;
  readonly resolved: Resolved;
}

export function savedLists(api: Api, answers: readonly SavedAnswer[]): SavedLists {
  const placed: Placed[] = [];
  const unused: { file: string; why: string }[] = [];
  const unknown: SavedAnswer[] = [];
  for (const answer of answers) {
    const resolved = api.resolve(answer.address);
    const why = resolved === null ? null : api.unusedBecause(resolved.template);
    if (resolved === null) unknown.push(answer);
    else if (why !== null) unused.push({ file: answer.file, why });
    else placed.push({ answer, resolved });
  }
  const byList = new Map<string, Listing>();
  for (const [list, group] of Map.groupBy(placed, ({ resolved }) => resolved.list))
    byList.set(list, put(api, group));
  const none = (path: string, address: string): Listing =>
    listingOf(address, [], api.lists, api.permissionOf(path));
  return {
    list: (path) => byList.get(path) ?? none(path, path),
    below: (path) => belowPath(placed, byList, path),
    of: (path, ...ids) => {
      const address = filled(path, ids);
      return byList.get(address) ?? none(path, address);
    },
    unused,
    unknown,
  };
}

function filled(path: string, ids: readonly string[]): string {
  const rest = [...ids];
  return path.replaceAll('{id}', () => rest.shift() ?? '{id}');
}

function belowPath(
  placed: readonly Placed[],
  byList: ReadonlyMap<string, Listing>,
  path: string,
): ReadonlyMap<string, Listing> {
  const found = new Map<string, Listing>();
  const template = path.split('/');
  for (const { resolved } of placed) {
    const listing = byList.get(resolved.list);
    if (resolved.template !== path || listing === undefined) continue;
    const ids = resolved.list.split('/').filter((_, index) => template[index] === '{id}');
    found.set(ids.join('/'), listing);
  }
  return found;
}

/** The answers of one list, with those about single items of it and about its length. */
function put(api: Api, group: readonly Placed[]): Listing {
  const { list, template } = group[0]?.resolved ?? { list: '', template: '' };
  const permission = api.permissionOf(template);
  const counted = group.find(
    ({ resolved, answer }) => resolved.form === 'count' && typeof answer.body === 'number',
  );
  const rest = group.filter((one) => one.resolved.form !== 'count');
  const whole = rest.filter(({ resolved }) => resolved.form === 'list').map(({ answer }) => answer);
  const listing = listingOf(list, whole, api.lists, permission);
  const single = api.singletons.has(template);
  const parts = rest
    .filter(({ resolved }) => resolved.form !== 'list')
    .map(({ answer }) => listingOf(list, [answer], api.lists, permission));
  const gaps: readonly ListingGap[] = [
    // Parts of a list show that it was asked for, and not whole.
    ...(whole.length === 0 && parts.length > 0 ? [] : listing.gaps).filter(
      ({ code }) => !(single && ONE_ANSWER.has(code)),
    ),
    ...parts.flatMap((part) => (whole.length > 0 ? [] : part.gaps)),
  ];
  const items = merged([...listing.items, ...parts.flatMap((part) => part.items)]);
  return {
    address: list,
    items: items.items,
    gaps:
      parts.length > 0 && whole.length === 0 && gaps.length === 0
        ? [onlyParts(list)]
        : [...gaps, ...items.gaps],
    total: typeof counted?.answer.body === 'number' ? counted.answer.body : listing.total,
  };
}

const ONE_ANSWER: ReadonlySet<string> = new Set(['list-missing', 'request-unknown', 'end-unknown']);

const onlyParts = (list: string): ListingGap =>
  listingGap('list-missing', 'incomplete', `only parts of GET ${list} were saved; save the whole list`);

/** Records of one id as one: fields that only one has are joined, and fields that disagree are known of neither. */
function merged(items: readonly Item[]): {
  readonly items: readonly Item[];
  readonly gaps: readonly ListingGap[];
} {
  const kept = new Map<string, Item>();
  // Records are joined in copies of their own; most stand alone, and are kept as they came.
  const joined = new Map<string, Record<string, unknown>>();
  const others: Item[] = [];
  const gaps: ListingGap[] = [];
  for (const item of items) {
    const id = item.record.id ?? item.record.appId;
    if (typeof id !== 'string') {
      others.push(item);
      continue;
    }
    const before = kept.get(id);
    if (before === undefined) {
      kept.set(id, item);
      continue;
    }
    const record = joined.get(id) ?? { ...before.record };
    joined.set(id, record);
    kept.set(id, { record, file: before.file });
    for (const [field, value] of Object.entries(item.record)) {
      if (!Object.hasOwn(record, field)) record[field] = value;
      else if (JSON.stringify(record[field]) !== JSON.stringify(value)) {
        delete record[field];
        const why = `${before.file} and ${item.file} say different things of \`${field}\` of ${id}; save both anew`;
        gaps.push(listingGap('answers-disagree', 'disputed', why));
      }
    }
  }
  return { items: [...kept.values(), ...others], gaps };
}

export const idOf = (record: Json): string | null => textIn(record.id);

/** Records that cannot be told from one another are not taken, and their list is not whole. */
export function withoutId(items: readonly Item[], address: string, field = 'id'): readonly ListingGap[] {
  const without = items.filter(({ record }) => typeof record[field] !== 'string' || record[field] === '');
  return unnamedIn(
    without,
    (count, file) => `${count} of ${address} in ${file} have no \`${field}\`; ask for it`,
  );
}

/** What is said of each file with items of which nobody knows what they are. */
export const unnamedIn = (
  items: readonly Item[],
  said: (count: number, file: string) => string,
): readonly ListingGap[] =>
  [...Map.groupBy(items, ({ file }) => file)].map(([file, group]) =>
    listingGap('id-missing', 'incomplete', said(group.length, file)),
  );

/** Of a source that has no lists of an API. */
export const EMPTY_LISTS: SavedLists = {
  list: (address) => ({ address, items: [], gaps: [], total: null }),
  below: () => new Map(),
  of: (address) => ({ address, items: [], gaps: [], total: null }),
  unused: [],
  unknown: [],
};
