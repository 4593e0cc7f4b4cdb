/** Who holds roles of administrators: accounts and groups, and who is in these groups. */
import type { Observation, Statement, Value } from '@macadam/core/facts/observation';
import { textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import { idOf, type SavedLists, unnamedIn, withoutId } from '../saved-lists.ts';
import { type Item, listOf, meaningOf, seenOf, timeOf, unobserved, within } from '../statement.ts';

const OF_USERS = '/users/{id}/roles';
const OF_GROUPS = '/groups/{id}/roles';
const HOLDERS = '/iam/assignees/users';
const GROUPS = '/groups';
const MEMBERS = '/groups/{id}/users';

/** Accounts of which the organisation says that they hold a role. */
export const holdersOfRoles = (lists: SavedLists): readonly string[] =>
  lists.list(HOLDERS).items.flatMap(({ record }) => idOf(record) ?? []);

/** Groups but those of which the organisation says that they give no power: its description and its answers spell the word apart. */
export const groupsWithRoles = (lists: SavedLists): readonly string[] =>
  lists.list(GROUPS).items.flatMap((item) => {
    const { hasAdminPrivilege, hasAdminPrivlege } = within(within(item, '_embedded'), 'stats').record;
    return (hasAdminPrivilege ?? hasAdminPrivlege) === false ? [] : (idOf(item.record) ?? []);
  });

export function rolesOf(scope: ExportScope, lists: SavedLists): readonly Listed[] {
  const from = [
    ...[...lists.below(OF_USERS)].map(([id, listing]) => ({ id, listing, kind: 'person' as const })),
    ...[...lists.below(OF_GROUPS)].map(([id, listing]) => ({ id, listing, kind: 'group' as const })),
  ];
  const unnamed = { holder: [] as Item[], role: [] as Item[], way: [] as Item[] };
  const assignments = new Map<string, Observation>();
  const grants = new Map<string, Set<string>>();
  for (const { id, listing, kind } of from)
    for (const item of listing.items) {
      // What a person has by a group is the group's.
      const { status, assignmentType } = item.record;
      if (status === 'INACTIVE' || (kind === 'person' && assignmentType === 'GROUP')) continue;
      if (kind === 'person' && assignmentType !== 'USER') {
        unnamed.way.push(item);
        continue;
      }
      const principal =
        assigneeOf(item, kind === 'person' ? 'users' : 'groups') ?? (/^[{:<]/.test(id) ? null : id);
      const role = roleName(item);
      if (principal === null || role === null) {
        unnamed[principal === null ? 'holder' : 'role'].push(item);
        continue;
      }
      const one = assignmentOf(scope, { item, kind, principal, role, lists });
      assignments.set(one.id, one);
      if (kind === 'group') grants.set(principal, (grants.get(principal) ?? new Set()).add(role));
    }
  const gaps = [
    ...openBecause(lists),
    ...unnamedIn(unnamed.holder, HOLDERLESS),
    ...unnamedIn(unnamed.role, NAMELESS),
    ...unnamedIn(unnamed.way, WAYLESS),
  ];
  const groups = [...grants].map(([id, roles]) => groupOf(scope, id, [...roles].toSorted(), lists));
  return [
    { kind: 'privileged-assignment', observations: [...assignments.values()], gaps },
    ...(groups.length === 0 && !isAsked(lists)
      ? []
      : [{ kind: 'privileged-group', observations: groups, gaps: openBecause(lists) }]),
  ];
}

interface Held {
  readonly item: Item;
  readonly kind: 'person' | 'group';
  readonly principal: string;
  readonly role: string;
  readonly lists: SavedLists;
}

function assignmentOf(scope: ExportScope, { item, kind, principal, role, lists }: Held): Observation {
  const resource = `okta/${scope.directory}`;
  return observationOf(scope, {
    kind: 'privileged-assignment',
    key: [resource, principal, role],
    name: `${role}: ${principal}`,
    attributes: {
      resource: { value: resource },
      principal: { value: principal },
      role: { value: role },
      principal_kind: { value: kind },
      holders: kind === 'person' ? { value: [], complete: true } : membersOf(principal, lists, holder),
      mode: meaningOf(item, 'status', { ACTIVE: 'standing' }, 'a status that this version knows'),
      starts_at: timeOf(item, 'created'),
    },
  });
}

/** A label is free text that somebody may change; only a role of the company's own has no other name. */
const roleName = ({ record: { type, label } }: Item): string | null => {
  const name = type === 'CUSTOM' ? label : type;
  return textIn(name);
};

const isAsked = (lists: SavedLists): boolean =>
  [HOLDERS, GROUPS].every((path) => !lists.list(path).gaps.some(({ code }) => code === 'list-not-saved'));

/** What keeps the list of all roles from being whole. */
function openBecause(lists: SavedLists): readonly ListingGap[] {
  if (!isAsked(lists)) return [OF_EACH_PARENT];
  return [
    ...lists.list(HOLDERS).gaps,
    ...lists.list(GROUPS).gaps,
    ...holdersOfRoles(lists).flatMap((id) => lists.of(OF_USERS, id).gaps),
    ...groupsWithRoles(lists).flatMap((id) => lists.of(OF_GROUPS, id).gaps),
  ];
}

const OF_EACH_PARENT: ListingGap = listingGap(
  'list-of-each-parent',
  'incomplete',
  'roles are listed below each account and group; save `/iam/assignees/users` and `/groups?expand=stats`, which say who holds one, and the roles of each of them',
);

function groupOf(scope: ExportScope, id: string, roles: readonly string[], lists: SavedLists): Observation {
  const found = lists.list(GROUPS).items.find(({ record }) => record.id === id);
  const name = found === undefined ? undefined : within(found, 'profile').record.name;
  return observationOf(scope, {
    kind: 'privileged-group',
    key: [scope.directory, id],
    name: textIn(name) ?? id,
    attributes: {
      directory: { value: scope.directory },
      group_id: { value: id },
      grants: listOf([...roles], lists.of(OF_GROUPS, id).gaps[0]?.why),
      members: membersOf(id, lists, member),
    },
  });
}

const holder = (id: string): Value => ({ id, kind: 'person' });
const member = (id: string): Value => ({
  id,
  kind: 'person',
  since: unobserved('the organisation does not say since when somebody is in a group'),
});

/** A group of Okta has people in it, and no other group. */
function membersOf(group: string, lists: SavedLists, shown: (id: string) => Value): Statement {
  const listing = lists.of(MEMBERS, group);
  const value = listing.items.flatMap(({ record }) => idOf(record) ?? []).map(shown);
  return seenOf(value, [...listing.gaps, ...withoutId(listing.items, listing.address)]);
}

const rolesThat =
  (why: string) =>
  (count: number, file: string): string =>
    `${count} roles in ${file} ${why}`;
const HOLDERLESS = rolesThat(
  'do not say who holds them, and neither does the request; save them with the request',
);
const NAMELESS = rolesThat(
  'do not say which they are by `type`, or `label` where they are custom ones; save them again',
);

const WAYLESS = rolesThat(
  'do not say by `assignmentType` whether the account holds them itself or by a group; save them again',
);

/** Who holds a role by its own link; null where the link leads to something else. */
function assigneeOf(item: Item, collection: 'users' | 'groups'): string | null {
  const { href } = within(within(item, '_links'), 'assignee').record;
  const [, kind, id] = typeof href === 'string' ? (/\/(users|groups)\/([^/?{}]+)$/.exec(href) ?? []) : [];
  return kind === collection && id !== undefined ? id : null;
}

/** Groups that hold a role, by their own roles. */
export const groupsHolding = (lists: SavedLists): readonly string[] =>
  [...lists.below(OF_GROUPS)].flatMap(([id, { items }]) =>
    items.some(({ record }) => record.status !== 'INACTIVE') ? [id] : [],
  );
