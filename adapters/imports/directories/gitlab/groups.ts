/** Groups of a host: all of them, or one with those inside of it. */
import { textIn } from '../answer.ts';
import type { ListingGap } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { nameless, numberOf } from './projects.ts';

export interface HostGroups {
  /** Number → path, as people call it. */
  readonly names: ReadonlyMap<string, string>;
  readonly gaps: readonly ListingGap[];
  readonly isAsked: boolean;
}

export function groupsIn(lists: SavedLists): HostGroups {
  const all = lists.list('/groups');
  const below = [...lists.below('/groups/{id}/descendant_groups').values()];
  // One group alone is a part of the list of all, and whole with those inside of it.
  const isWholeHost = !all.gaps.some(({ code }) => code === 'list-not-saved' || code === 'list-missing');
  const listings = below.length > 0 && !isWholeHost ? below : [all, ...below];
  const names = new Map<string, string>();
  for (const item of [...all.items, ...below.flatMap(({ items }) => items)]) {
    const id = numberOf(item);
    const { full_path: path } = item.record;
    if (id !== null) names.set(id, textIn(path) ?? id);
  }
  return {
    names,
    gaps: listings.flatMap((listing) => [...listing.gaps, ...nameless(listing, listing.address)]),
    isAsked: below.length > 0 || isWholeHost,
  };
}
