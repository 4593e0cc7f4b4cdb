/** Who holds power over projects, groups and the host: owners, maintainers and administrators. */

import type { Observation, Statement } from '@macadam/core/facts/observation';
import { textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type Listing, type ListingGap, listingGap } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { flagOf, type Item, textOf, timeOf } from '../statement.ts';
import { dayOf } from './credentials.ts';
import { groupsIn } from './groups.ts';
import { nameless, numberOf, pathOf, projectsIn } from './projects.ts';

const OF_PROJECTS = '/projects/{id}/members';
const OF_GROUPS = '/groups/{id}/members';

/** Roles that change who may push, which secrets pipelines get, or who else has a role. */
const POWER: ReadonlyMap<unknown, string> = new Map([
  [50, 'Owner'],
  [40, 'Maintainer'],
]);

export function membersOf(scope: ExportScope, lists: SavedLists): readonly Listed[] {
  const projects = projectsIn(lists);
  const groups = groupsIn(lists);
  const held = new Map<string, Observation>();
  const gaps: ListingGap[] = [];
  const take = (listing: Listing, where: Where): void => {
    gaps.push(...listing.gaps, ...nameless(listing, listing.address));
    for (const item of listing.items) {
      const one = assignmentOf(scope, item, where);
      if ('code' in one) gaps.push(one);
      else if ('id' in one) held.set(one.id, one);
    }
  };
  for (const [id, listing] of lists.below(OF_PROJECTS)) {
    const project = projects.items.get(id);
    take(listing, { resource: `projects/${id}`, name: project === undefined ? id : pathOf(project, id) });
  }
  for (const [id, listing] of lists.below(OF_GROUPS))
    take(listing, { resource: `groups/${id}`, name: groups.names.get(id) ?? id });
  const administrators = administratorsOf(scope, lists);
  if (held.size === 0 && gaps.length === 0 && administrators.observations.length === 0 && !groups.isAsked)
    return [];
  return [
    {
      kind: 'privileged-assignment',
      observations: [...administrators.observations, ...held.values()],
      gaps: [...openBecause(lists), ...administrators.gaps, ...gaps],
    },
  ];
}

/** What keeps the list of all holders from being whole. */
function openBecause(lists: SavedLists): readonly ListingGap[] {
  const projects = projectsIn(lists);
  const groups = groupsIn(lists);
  if (!projects.isAsked || !groups.isAsked) return [OF_EACH_PARENT];
  return [
    ...projects.gaps,
    ...groups.gaps,
    ...[...projects.items.keys()].flatMap((id) => lists.of(OF_PROJECTS, id).gaps),
    ...[...groups.names.keys()].flatMap((id) => lists.of(OF_GROUPS, id).gaps),
  ];
}

const OF_EACH_PARENT: ListingGap = listingGap(
  'list-of-each-parent',
  'incomplete',
  'members are listed below each project and group, and no answer counts them all; save `/projects`, `/groups`, and the members of every one',
);

interface Where {
  readonly resource: string;
  readonly name: string;
}

function assignmentOf(
  scope: ExportScope,
  item: Item,
  { resource, name }: Where,
): Observation | ListingGap | { readonly none: true } {
  const id = numberOf(item);
  const { access_level: level, username } = item.record;
  if (id === null) return { none: true };
  if (typeof level !== 'number')
    return listingGap(
      'id-missing',
      'incomplete',
      `a member in ${item.file} has no \`access_level\`; save it again`,
    );
  const role = POWER.get(level);
  if (role === undefined) return { none: true };
  const where = `${scope.directory}/${resource}`;
  const called = textIn(username) ?? id;
  return observationOf(scope, {
    kind: 'privileged-assignment',
    key: [where, id, role],
    name: `${role} of ${name}: ${called}`,
    attributes: {
      resource: { value: where },
      principal: { value: id },
      role: { value: role },
      principal_kind: kindOf(item),
      holders: { value: [], complete: true },
      mode: { value: 'standing' },
      starts_at: timeOf(item, 'created_at'),
      ends_at: dayOf(item, 'expires_at'),
    },
  });
}

/** A token of a project or a group acts as an account that the host makes for it. */
function kindOf(item: Item): Statement {
  const username = textOf(item, 'username');
  if (!('value' in username)) return username;
  const isToken = /^(?:project|group)_\d+_bot(?:_|$)|^service_account_/.test(username.value);
  return { value: isToken ? 'workload' : 'person' };
}

/** Administrators are told to administrators only. */
function administratorsOf(
  scope: ExportScope,
  lists: SavedLists,
): { readonly observations: readonly Observation[]; readonly gaps: readonly ListingGap[] } {
  const users = lists.list('/users');
  if (users.gaps.some(({ code }) => code === 'list-not-saved')) return { observations: [], gaps: [] };
  const silent = users.items.filter((item) => !('value' in flagOf(item, 'is_admin')));
  const observations = users.items.flatMap((item) => {
    const id = numberOf(item);
    if (id === null || item.record.is_admin !== true) return [];
    const { username } = item.record;
    const called = textIn(username) ?? id;
    return [
      observationOf(scope, {
        kind: 'privileged-assignment',
        key: [scope.directory, id, 'Administrator'],
        name: `Administrator: ${called}`,
        attributes: {
          resource: { value: scope.directory },
          principal: { value: id },
          role: { value: 'Administrator' },
          principal_kind: kindOf(item),
          holders: { value: [], complete: true },
          mode: { value: 'standing' },
          ends_at: { absent: true },
        },
      }),
    ];
  });
  const [first] = silent;
  const gaps: readonly ListingGap[] =
    first === undefined
      ? []
      : [
          listingGap(
            'permission-missing',
            'forbidden',
            `${silent.length} accounts in ${first.file} do not say whether they are administrators; that needs read_api of an administrator`,
          ),
        ];
  return { observations, gaps: [...users.gaps, ...gaps] };
}
