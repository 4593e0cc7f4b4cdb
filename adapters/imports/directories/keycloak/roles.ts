/** Who holds power over a realm: by which roles, directly or by a group. */

import type { Observation, Statement, Value } from '@macadam/core/facts/observation';
import { textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type Listing, type ListingGap, listingGap } from '../listing.ts';
import { idOf, type SavedLists, withoutId } from '../saved-lists.ts';
import { type Item, seenOf, unobserved } from '../statement.ts';

const COMPOSITES = '/roles-by-id/{id}/composites';
const MEMBERS = '/groups/{id}/members';
const CHILDREN = '/groups/{id}/children';

/** A role that manages the realm, or brings one along that does. */
export interface PowerRole {
  readonly name: string;
  /** As people call it: with its client. */
  readonly label: string;
  /** The client that it belongs to, by id; null for a role of the realm. */
  readonly client: string | null;
}

interface Role extends PowerRole {
  readonly id: string;
  readonly composite: boolean;
}

/** Roles of these clients manage a realm: its own, and in `master` one for each realm. */
const manages = (clientId: unknown): boolean =>
  clientId === 'realm-management' || (typeof clientId === 'string' && clientId.endsWith('-realm'));
const ONLY_READS = /^(view|query)-/;
const OF_MASTER: ReadonlySet<string> = new Set(['admin', 'create-realm']);

export interface Power {
  readonly roles: readonly PowerRole[];
  /** What keeps the list of roles from being whole. */
  readonly gaps: readonly ListingGap[];
}

/** Needs the roles of the realm and of every client, and what the composite ones bring along. */
export function powerRoles(lists: SavedLists): Power {
  const clients = lists.list('/clients');
  const own = lists.list('/roles');
  const gaps: ListingGap[] = [...clients.gaps, ...own.gaps, ...unreadable(own)];
  const all: Role[] = own.items.flatMap((item) => roleOf(item, null, null));
  const [realm] = lists.list('/realm').items;
  const isMaster = realm?.record.realm === 'master';
  const power = new Set<string>();
  for (const one of all) if (isMaster && OF_MASTER.has(one.name)) power.add(one.id);
  for (const { record } of clients.items) {
    const id = idOf(record);
    if (id === null) continue;
    const listing = lists.of('/clients/{id}/roles', id);
    gaps.push(...listing.gaps, ...unreadable(listing));
    for (const item of listing.items)
      for (const role of roleOf(item, id, String(record.clientId))) {
        all.push(role);
        if (manages(record.clientId) && !ONLY_READS.test(role.name)) power.add(role.id);
      }
  }
  const brings = new Map<string, readonly string[]>();
  for (const { id, composite } of all) {
    if (!composite) continue;
    const listing = lists.of(COMPOSITES, id);
    gaps.push(...listing.gaps, ...withoutId(listing.items, listing.address));
    brings.set(
      id,
      listing.items.flatMap(({ record }) => idOf(record) ?? []),
    );
  }
  for (let before = -1; before < power.size; ) {
    before = power.size;
    for (const [id, parts] of brings) if (parts.some((part) => power.has(part))) power.add(id);
  }
  return {
    roles: all.filter(({ id }) => power.has(id)).map(({ name, label, client }) => ({ name, label, client })),
    gaps,
  };
}

function roleOf({ record }: Item, client: string | null, clientId: string | null): readonly Role[] {
  const id = idOf(record);
  const { name, composite } = record;
  if (id === null || typeof name !== 'string' || name === '') return [];
  const label = clientId === null ? name : `${clientId}: ${name}`;
  return [{ id, name, label, client, composite: composite === true }];
}

/** Roles that cannot be told from one another, or of which nobody knows whether they bring others along. */
const unreadable = ({ items, address }: Listing): readonly ListingGap[] => [
  ...withoutId(items, address),
  ...withoutId(items, address, 'name'),
  ...items
    .filter(({ record }) => typeof record.composite !== 'boolean')
    .slice(0, 1)
    .map(
      ({ file }): ListingGap =>
        listingGap(
          'id-missing',
          'incomplete',
          `a role in ${file} does not say by \`composite\` whether it brings others along; ask for it`,
        ),
    ),
];

/** Where the holders of a role are listed. */
export function holdersOf(
  role: PowerRole,
  lists: SavedLists,
): { readonly users: Listing; readonly groups: Listing } {
  const of = (end: 'users' | 'groups'): Listing => {
    const ids = (name: string) => (role.client === null ? [name] : [role.client, name]);
    const path = role.client === null ? `/roles/{id}/${end}` : `/clients/{id}/roles/{id}/${end}`;
    const plain = lists.of(path, ...ids(role.name));
    return plain.gaps.some(({ code }) => code === 'list-not-saved')
      ? lists.of(path, ...ids(encodeURIComponent(role.name)))
      : plain;
  };
  return { users: of('users'), groups: of('groups') };
}

export function rolesOf(scope: ExportScope, lists: SavedLists): readonly Listed[] {
  const power = powerRoles(lists);
  const services = new Set(
    [...lists.below('/clients/{id}/service-account-user').values()].flatMap(({ items }) =>
      items.map(({ record }) => record.id),
    ),
  );
  const kindOf = ({ record: { id, username } }: Item): 'workload' | 'person' =>
    services.has(id) || (typeof username === 'string' && username.startsWith('service-account-'))
      ? 'workload'
      : 'person';
  const gaps: ListingGap[] = [...power.gaps];
  const assignments = new Map<string, Observation>();
  const groups = new Map<string, { readonly item: Item; readonly grants: Set<string> }>();
  for (const role of power.roles) {
    const { users, groups: held } = holdersOf(role, lists);
    gaps.push(
      ...users.gaps,
      ...held.gaps,
      ...withoutId(users.items, users.address),
      ...withoutId(held.items, held.address),
    );
    for (const item of users.items) {
      const one = assignmentOf(scope, {
        role,
        item,
        kind: kindOf(item),
        holders: { value: [], complete: true },
      });
      if (one !== null) assignments.set(one.id, one);
    }
    for (const item of held.items) {
      const one = assignmentOf(scope, { role, item, kind: 'group', holders: membersOf(item, lists, kindOf) });
      if (one !== null) assignments.set(one.id, one);
      grantTo(groups, item, role.label, lists);
    }
  }
  const privileged = [...groups].map(([id, { item, grants }]) =>
    observationOf(scope, {
      kind: 'privileged-group',
      key: [scope.directory, id],
      name: groupName(item, id),
      attributes: {
        directory: { value: scope.directory },
        group_id: { value: id },
        grants: { value: [...grants].toSorted(), complete: true },
        members: membersOf(item, lists, kindOf),
      },
    }),
  );
  const inner = [...groups.keys()].flatMap((id) => {
    const children = lists.of(CHILDREN, id);
    return [...children.gaps, ...withoutId(children.items, children.address)];
  });
  return [
    { kind: 'privileged-assignment', observations: [...assignments.values()], gaps },
    { kind: 'privileged-group', observations: privileged, gaps: [...gaps, ...inner] },
  ];
}

function groupName({ record: { path, name } }: Item, id: string): string {
  if (typeof path === 'string' && path !== '') return path;
  return textIn(name) ?? id;
}

/** A group inside of another has its roles too. */
function grantTo(
  groups: Map<string, { readonly item: Item; readonly grants: Set<string> }>,
  item: Item,
  label: string,
  lists: SavedLists,
): void {
  const id = idOf(item.record);
  if (id === null) return;
  const known = groups.get(id) ?? { item, grants: new Set<string>() };
  // A list that leads back to itself ends here.
  if (known.grants.has(label)) return;
  known.grants.add(label);
  groups.set(id, known);
  for (const child of lists.of(CHILDREN, id).items) grantTo(groups, child, label, lists);
}

function membersOf(item: Item, lists: SavedLists, kindOf: (item: Item) => string): Statement {
  const id = idOf(item.record);
  if (id === null) return unobserved(`a group in ${item.file} has no \`id\`; ask for it`);
  const members = lists.of(MEMBERS, id);
  const children = lists.of(CHILDREN, id);
  const since = unobserved('the realm does not keep since when');
  const of = ({ items }: Listing, called: (one: Item) => string): readonly Value[] =>
    items.flatMap((one) => {
      const own = idOf(one.record);
      return own === null ? [] : [{ id: own, kind: called(one), since }];
    });
  return seenOf(
    [...of(members, kindOf), ...of(children, () => 'group')],
    [
      ...members.gaps,
      ...children.gaps,
      ...withoutId(members.items, members.address),
      ...withoutId(children.items, children.address),
    ],
  );
}

interface Held {
  readonly role: PowerRole;
  readonly item: Item;
  readonly kind: 'person' | 'workload' | 'group';
  readonly holders: Statement;
}

function assignmentOf(scope: ExportScope, { role, item, kind, holders }: Held): Observation | null {
  const id = idOf(item.record);
  if (id === null) return null;
  const { username } = item.record;
  const who = kind === 'group' ? groupName(item, id) : typeof username === 'string' ? username : id;
  return observationOf(scope, {
    kind: 'privileged-assignment',
    key: [scope.directory, id, role.label],
    name: `${role.label} of ${who}`,
    attributes: {
      resource: { value: scope.directory },
      principal: { value: id },
      role: { value: role.label },
      principal_kind: { value: kind },
      holders: holdersStatement(holders),
      mode: { value: 'standing' },
      ends_at: { absent: true },
    },
  });
}

/** Holders are named without since when. */
function holdersStatement(members: Statement): Statement {
  if (!('value' in members) || !Array.isArray(members.value)) return members;
  const value = members.value.map(({ id, kind }: { id: Value; kind: Value }): Value => ({ id, kind }));
  return { ...members, value };
}
