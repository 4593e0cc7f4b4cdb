/** Answers of a GitLab host, as one collection. Values of tokens are never read. */
import type { Statement } from '@macadam/core/facts/observation';
import {
  type ExportRead,
  type ExportRequest,
  type ExportScope,
  type Listed,
  observationOf,
} from '../export.ts';
import { type Listing, type ListingGap, listingGap, onceEach } from '../listing.ts';
import { readOf, type SavedFolder, savedFolder, scopeOf } from '../reading.ts';
import type { SavedLists } from '../saved-lists.ts';
import { type Item, textOf, unexpected } from '../statement.ts';
import { credentialsOf } from './credentials.ts';
import { GITLAB } from './dialect.ts';
import { membersOf } from './members.ts';
import { nameless, numberOf, repositoriesOf } from './projects.ts';

export function readGitlab(
  request: ExportRequest,
  saved: SavedFolder = savedFolder(request, GITLAB),
): ExportRead {
  const hosts = saved.answers.flatMap(({ host }) => (host === null ? [] : [{ id: host, name: host }]));
  const missing =
    'does not say of which host it is; save answers with their requests, or give the host by `--subject`';
  const named = scopeOf('gitlab', request, hosts, missing);
  if ('mistakes' in named) return named;
  const { scope } = named;
  const { lists } = saved;
  const users = usersOf(scope, lists);
  const listed = [
    users.listed,
    credentialsOf(scope, lists),
    ...repositoriesOf(scope, lists),
    ...membersOf(scope, lists),
  ];
  const notes =
    users.bots > 0 ? [`${users.bots} accounts are of tokens and not of people, and are not taken`] : [];
  return readOf({ scope, saved, listed, notes });
}

function usersOf(scope: ExportScope, lists: SavedLists): { readonly listed: Listed; readonly bots: number } {
  const { items, gaps } = accountsIn(lists);
  const people = items.filter(({ record }) => record.bot !== true);
  const observations = people.flatMap((item) => {
    const id = numberOf(item);
    if (id === null) return [];
    const state = textOf(item, 'state');
    const name = typeof item.record.username === 'string' ? item.record.username : id;
    return [
      observationOf(scope, {
        kind: 'user',
        key: [scope.directory, id],
        name,
        attributes: {
          directory: { value: scope.directory },
          object_id: { value: id },
          enabled: 'value' in state ? enabledBy(item, state.value) : state,
        },
      }),
    ];
  });
  return { listed: { kind: 'user', observations, gaps }, bots: items.length - people.length };
}

/** Accounts of the host; where only those of groups were asked for, these, which are never all. */
function accountsIn(lists: SavedLists): {
  readonly items: readonly Item[];
  readonly gaps: readonly ListingGap[];
} {
  const all = lists.list('/users');
  const below = [...lists.below('/groups/{id}/members/all').values()];
  const isOfGroups = below.length > 0 && all.gaps.some(({ code }) => code === 'list-not-saved');
  if (!isOfGroups)
    return { items: onceEach(all.items, numberOf), gaps: [...all.gaps, ...nameless(all, '/users')] };
  return {
    // Pages overlap when an account is made or removed meanwhile.
    items: onceEach(
      below.flatMap(({ items }) => items),
      numberOf,
    ),
    gaps: [
      MEMBERS_ONLY,
      ...below.flatMap((listing: Listing) => [...listing.gaps, ...nameless(listing, listing.address)]),
    ],
  };
}

const MEMBERS_ONLY: ListingGap = listingGap(
  'members-only',
  'incomplete',
  'only members of groups were read, and the host has other accounts; measure the whole host with read_api of an administrator',
);

function enabledBy(item: Item, state: string): Statement {
  if (state === 'active') return { value: true };
  const closed = ['blocked', 'deactivated', 'banned', 'ldap_blocked', 'blocked_pending_approval'];
  return closed.includes(state)
    ? { value: false }
    : unexpected(item, 'state', state, 'a state that this version knows');
}
