/** Projects as repositories, as far as the host itself says what they are. */

import type { Statement } from '@macadam/core/facts/observation';
import { textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type Listing, type ListingGap, listingGap } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { flagOf, type Item, textOf, unexpected } from '../statement.ts';
import { protectionOf } from './protection.ts';
import { pushProtectionOf } from './push-protection.ts';

const ALL = '/projects';
const OF_GROUPS = '/groups/{id}/projects';

/** The number of a record as a text; null where it has none. */
export const numberOf = ({ record: { id } }: Item): string | null =>
  typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : textIn(id);

export const nameless = ({ items }: Pick<Listing, 'items'>, address: string): readonly ListingGap[] =>
  items
    .filter((item) => numberOf(item) === null)
    .map(({ file }) =>
      listingGap('id-missing', 'incomplete', `one of ${address} in ${file} has no \`id\`; save it again`),
    );

export interface Projects {
  /** By number, each once. */
  readonly items: ReadonlyMap<string, Item>;
  readonly gaps: readonly ListingGap[];
  /** Whether anybody asked for a list of projects. */
  readonly isAsked: boolean;
}

/** Projects of the host, or of groups where only theirs were asked for. */
export function projectsIn(lists: SavedLists): Projects {
  const all = lists.list(ALL);
  const below = [...lists.below(OF_GROUPS).values()];
  const isAsked = !all.gaps.some(({ code }) => code === 'list-not-saved');
  const listings = isAsked || below.length === 0 ? [all, ...below] : below;
  const items = new Map<string, Item>();
  for (const item of listings.flatMap((listing) => listing.items)) {
    const id = numberOf(item);
    if (id !== null) items.set(id, item);
  }
  const gaps = listings.flatMap((listing) => [...listing.gaps, ...nameless(listing, listing.address)]);
  return { items, gaps, isAsked: isAsked || below.length > 0 };
}

/** As people call a project. */
export const pathOf = ({ record: { path_with_namespace: path } }: Item, id: string): string =>
  textIn(path) ?? id;

export function repositoriesOf(scope: ExportScope, lists: SavedLists): readonly Listed[] {
  const projects = projectsIn(lists);
  if (!projects.isAsked) return [];
  const observations = [...projects.items].map(([id, item]) =>
    observationOf(scope, {
      kind: 'repository',
      key: [scope.directory, id],
      name: pathOf(item, id),
      attributes: {
        host: { value: scope.directory },
        path: { value: id },
        archived: flagOf(item, 'archived'),
        visibility: visibilityOf(item),
        default_branch: branchOf(item),
        hosted_at: addressOf(item),
        default_branch_protection: protectionOf(id, item, lists),
        ...pushProtectionOf(id, lists),
      },
    }),
  );
  return [{ kind: 'repository', observations, gaps: projects.gaps }];
}

function visibilityOf(item: Item): Statement {
  const visibility = textOf(item, 'visibility');
  if (!('value' in visibility)) return visibility;
  return ['public', 'internal', 'private'].includes(visibility.value)
    ? visibility
    : unexpected(item, 'visibility', visibility.value, 'a visibility that this version knows');
}

/** A project without commits has no branch. */
const branchOf = (item: Item): Statement =>
  item.record.default_branch === null ? { absent: true } : textOf(item, 'default_branch');

function addressOf(item: Item): Statement {
  const address = textOf(item, 'web_url');
  return 'value' in address ? { value: { host: 'gitlab', address: address.value } } : address;
}
