/**
 * A list that is too long for memory, read a page at a time: what is said of each of its items goes on at once. What stays is a skeleton of
 * every page, which still says whether the list is whole and how many it holds.
 */
import { isRecord, type Json, type SavedAnswer } from './answer.ts';
import type { Api } from './api.ts';
import type { Listed } from './export.ts';
import type { Listing } from './listing.ts';
import { idOf, type SavedLists } from './saved-lists.ts';

/** A page without its items: with those alone that somebody still asks about, and those that are no items, which are gaps. */
export function skeletonOf(
  { lists }: Api,
  answer: SavedAnswer,
  isAskedAbout: (record: Json) => boolean,
): SavedAnswer {
  const isKept = (item: unknown): boolean =>
    !isRecord(item) || idOf(item) === null || lists.isRemoval(item) || isAskedAbout(item);
  return { ...answer, body: withItems(lists, answer.body, (items) => items.filter(isKept)) };
}

/** A page with the items alone that were on none before it: a list that changes while it is read shows some of them twice. */
export function firstSeen({ lists }: Api, answer: SavedAnswer, isNew: (id: string) => boolean): SavedAnswer {
  const isFirst = (item: unknown): boolean => {
    const id = isRecord(item) ? idOf(item) : null;
    return id === null || isNew(id);
  };
  return { ...answer, body: withItems(lists, answer.body, (items) => items.filter(isFirst)) };
}

function withItems(
  lists: Api['lists'],
  body: unknown,
  change: (items: readonly unknown[]) => readonly unknown[],
): unknown {
  if (Array.isArray(body)) return change(body);
  const items = lists.listIn(body);
  if (!isRecord(body) || !Array.isArray(items)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, value === items ? change(items) : value]),
  );
}

const isSaved = ({ gaps }: Listing): boolean => !gaps.some(({ code }) => code === 'list-not-saved');

/** Lists of one page laid over those that every page needs. What is of no page is asked of the others. */
export function laidOver(page: SavedLists, others: SavedLists): SavedLists {
  return {
    list: (path) => {
      const own = page.list(path);
      return isSaved(own) ? own : others.list(path);
    },
    of: (path, ...ids) => {
      const own = page.of(path, ...ids);
      return isSaved(own) ? own : others.of(path, ...ids);
    },
    below: (path) => new Map([...others.below(path), ...page.below(path)]),
    unused: page.unused,
    unknown: page.unknown,
  };
}

/** What is said of a list whose items went on by themselves; the skeletons of its pages are among the lists. */
export const goneOn = (listed: Listed, seen: number): Listed => ({ ...listed, observations: [], seen });
