/** Who holds roles of administrators: accounts, and groups with who is in them. */
import type { Observation, Statement, Value } from '@macadam/core/facts/observation';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { gapOf, isWhole, type Listing, type ListingGap, lackingIds } from '../listing.ts';
import { idOf, type SavedLists, withoutId } from '../saved-lists.ts';
import { type Item, listOf, meaningOf, seenOf, textOf, unexpected, unobserved } from '../statement.ts';

const ROLES = '/customer/{id}/roles';
const ASSIGNMENTS = '/customer/{id}/roleassignments';
const MEMBERS = '/groups/{id}/members';

export function rolesOf(scope: ExportScope, lists: SavedLists, users: Listing): readonly Listed[] {
  const resource = `google/${scope.directory}`;
  const right = (
    where: string,
    principal: string,
    role: { readonly id: string; readonly name: Statement },
    kind: Statement,
  ): Observation =>
    observationOf(scope, {
      kind: 'privileged-assignment',
      key: [where, principal, role.id],
      name: `${'value' in role.name ? role.name.value : role.id}: ${principal}`,
      attributes: {
        resource: { value: where },
        principal: { value: principal },
        role: role.name,
        principal_kind: kind,
        holders: holdersOf(principal, kind, lists),
        mode: { value: 'standing' },
      },
    });
  const superAdministrators = users.items.flatMap((item) => {
    const id = idOf(item.record);
    const role = { id: 'super-admin', name: { value: 'Super Admin' } };
    return id !== null && item.record.isAdmin === true
      ? [right(resource, id, role, { value: 'person' })]
      : [];
  });
  const roles = [...lists.below(ROLES).values()];
  const named = new Map(
    roles.flatMap(({ items }) => items).map(({ record }) => [String(record.roleId), record] as const),
  );
  const administrators = new Set(
    users.items.flatMap(({ record }) => (record.isAdmin === true ? [record.id] : [])),
  );
  const nameless = roles.find((one) => !isWhole(one)) ?? roles[0] ?? lists.list(ROLES);
  const grants = new Map<string, Set<string>>();
  const unnamed: ListingGap[] = [];
  const assignments = [...lists.below(ASSIGNMENTS).values()];
  const assigned = assignments.flatMap(({ items }) =>
    items.flatMap((item) => {
      const { roleId, assignedTo, orgUnitId } = item.record;
      if ((typeof roleId !== 'string' && typeof roleId !== 'number') || typeof assignedTo !== 'string')
        return [];
      const definition = named.get(String(roleId));
      if (definition === undefined) unnamed.push(...nameless.gaps);
      // Super administrators are known by their accounts; a role that nobody can name may be that one.
      const isSuper = definition === undefined ? null : (definition.isSuperAdminRole ?? false);
      if (isSuper === true || (isSuper !== false && administrators.has(assignedTo))) return [];
      const name: Statement =
        typeof definition?.roleName === 'string' ? { value: definition.roleName } : gapOf(nameless);
      const where = typeof orgUnitId === 'string' && orgUnitId !== '' ? `${resource}/${orgUnitId}` : resource;
      const kind = assigneeKind(item);
      if ('value' in kind && kind.value === 'group')
        grants.set(
          assignedTo,
          (grants.get(assignedTo) ?? new Set()).add('value' in name ? String(name.value) : String(roleId)),
        );
      return [right(where, assignedTo, { id: String(roleId), name }, kind)];
    }),
  );
  const [list] = assignments;
  const isAsked = list !== undefined;
  const none = lists.list(ASSIGNMENTS);
  const undecided = withoutFlag(users.items);
  const gaps = [
    ...(list === undefined ? none.gaps : assignments.flatMap((one) => one.gaps)),
    ...users.gaps,
    ...undecided,
  ];
  const open = [...gaps, ...unnamed, ...unreadableIn(assignments.flatMap(({ items }) => items))];
  const groups = [...grants].map(([id, held]) =>
    groupOf(scope, id, listOf([...held].toSorted(), open[0]?.why), lists),
  );
  return [
    {
      kind: 'privileged-assignment',
      observations: [...superAdministrators, ...assigned],
      gaps: open,
    },
    ...(groups.length === 0 && !isAsked
      ? []
      : [{ kind: 'privileged-group', observations: groups, gaps: open }]),
  ];
}

/** An assignment that does not say of which role, or to whom, is power that nobody can name. */
function unreadableIn(items: readonly Item[]): readonly ListingGap[] {
  const odd = items.filter(
    ({ record: { roleId, assignedTo } }) =>
      (typeof roleId !== 'string' && typeof roleId !== 'number') || typeof assignedTo !== 'string',
  );
  return lackingIds(
    odd.length,
    `assignments in ${odd[0]?.file} have no \`roleId\` or no \`assignedTo\`; save them again`,
  );
}

function holdersOf(principal: string, kind: Statement, lists: SavedLists): Statement {
  if (!('value' in kind)) return kind;
  return kind.value === 'group' ? membersOf(principal, lists, (id, is) => ({ id, kind: is })) : NOBODY;
}

const NOBODY: Statement = { value: [], complete: true };

function groupOf(scope: ExportScope, id: string, grants: Statement, lists: SavedLists): Observation {
  const since = unobserved('the directory does not say since when somebody is in a group');
  return observationOf(scope, {
    kind: 'privileged-group',
    key: [scope.directory, id],
    name: id,
    attributes: {
      directory: { value: scope.directory },
      group_id: { value: id },
      grants,
      members: membersOf(id, lists, (member, kind) => ({ id: member, kind, since })),
    },
  });
}

const MEMBER_KINDS: Readonly<Record<string, string>> = {
  USER: 'person',
  EXTERNAL: 'person',
  GROUP: 'group',
  // Everybody of the customer.
  CUSTOMER: 'group',
};

function membersOf(group: string, lists: SavedLists, shown: (id: string, kind: Value) => Value): Statement {
  const listing = lists.of(MEMBERS, group);
  const value = listing.items.flatMap((item): readonly Value[] => {
    const id = idOf(item.record);
    if (id === null) return [];
    const kind = meaningOf(item, 'type', MEMBER_KINDS, 'a type of member that this version knows');
    return [shown(id, 'value' in kind ? kind.value : kind)];
  });
  return seenOf(value, [...listing.gaps, ...withoutId(listing.items, MEMBERS)]);
}

/** Groups to which a role is assigned. */
export const groupsHolding = (lists: SavedLists): readonly string[] => [
  ...new Set(
    [...lists.below(ASSIGNMENTS).values()].flatMap(({ items }) =>
      items.flatMap(({ record: { assignedTo, assigneeType } }) =>
        /^group$/i.test(String(assigneeType)) && typeof assignedTo === 'string' ? [assignedTo] : [],
      ),
    ),
  ),
];

const withoutFlag = (items: readonly Item[]) => {
  const without = items.filter(({ record }) => typeof record.isAdmin !== 'boolean');
  return lackingIds(
    without.length,
    `accounts in ${without[0]?.file} do not say whether they are super administrators; ask for \`isAdmin\``,
  );
};

function assigneeKind(item: Item): Statement {
  const type = textOf(item, 'assigneeType');
  if (!('value' in type)) return type;
  if (/^user$/i.test(type.value)) return { value: 'person' };
  if (/^group$/i.test(type.value)) return { value: 'group' };
  return unexpected(item, 'assigneeType', type.value, 'a user or a group');
}
