/** Roles of the directory: who holds them, who may ask for them, and until when. */
import type { Statement, Unobserved, Value } from '@macadam/core/facts/observation';
import { isRecord, type Json } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { gapOf, isWhole, type ListingGap, listingGap } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { type Item, inner, seenOf, textOf, timeOf, unexpected, unobserved } from '../statement.ts';

const ASSIGNMENTS = '/roleManagement/directory/roleAssignments';
const ACTIVE = '/roleManagement/directory/roleAssignmentScheduleInstances';
const ELIGIBLE = '/roleManagement/directory/roleEligibilityScheduleInstances';
const ROLES = '/roleManagement/directory/roleDefinitions';

/** One right, by where, who and which role, with all that was saved of it. */
export interface HeldRole {
  readonly scope: string;
  readonly principal: string;
  readonly role: string;
  readonly assigned: Item | null;
  readonly active: readonly Item[];
  readonly eligible: readonly Item[];
}

export interface HeldRoles {
  readonly held: readonly HeldRole[];
  readonly gaps: readonly ListingGap[];
  /** The role's name, or why it is not known. */
  readonly roleName: (role: string) => Extract<Statement, { readonly value: unknown }> | Unobserved;
}

export function heldRoles(lists: SavedLists): HeldRoles {
  const assigned = lists.list(ASSIGNMENTS);
  const active = lists.list(ACTIVE);
  const eligible = lists.list(ELIGIBLE);
  const held = new Map<string, HeldRole & { assigned: Item | null; active: Item[]; eligible: Item[] }>();
  const nameless: ListingGap[] = [];
  const of = (item: Item) => {
    const { principalId, roleDefinitionId } = item.record;
    const scope = item.record.directoryScopeId ?? item.record.appScopeId ?? item.record.resourceScope;
    if (
      typeof principalId !== 'string' ||
      typeof roleDefinitionId !== 'string' ||
      typeof scope !== 'string'
    ) {
      const why = `a role in ${item.file} lacks \`principalId\`, \`roleDefinitionId\` or \`directoryScopeId\`; ask for them`;
      nameless.push(listingGap('id-missing', 'incomplete', why));
      return null;
    }
    const key = JSON.stringify([scope, principalId, roleDefinitionId]);
    const known = held.get(key) ?? {
      scope,
      principal: principalId,
      role: roleDefinitionId,
      assigned: null,
      active: [],
      eligible: [],
    };
    held.set(key, known);
    return known;
  };
  for (const item of assigned.items) {
    const one = of(item);
    if (one !== null) one.assigned = item;
  }
  for (const item of active.items) of(item)?.active.push(item);
  for (const item of eligible.items) of(item)?.eligible.push(item);
  // The plain list and that of the instances both hold every role that is in force.
  const inForce = isWhole(active) ? [] : isWhole(assigned) ? [] : [...active.gaps, ...assigned.gaps];
  return {
    held: [...held.values()],
    gaps: [...inForce, ...eligible.gaps, ...nameless],
    roleName: roleNames(lists, [...held.values()]),
  };
}

function roleNames(lists: SavedLists, held: readonly HeldRole[]): HeldRoles['roleName'] {
  const names = new Map<string, string>();
  const note = (record: unknown) => {
    if (!isRecord(record) || typeof record.displayName !== 'string') return;
    for (const id of [record.id, record.templateId])
      if (typeof id === 'string') names.set(id, record.displayName);
  };
  const definitions = lists.list(ROLES);
  for (const { record } of definitions.items) note(record);
  for (const { assigned, active, eligible } of held)
    for (const item of [assigned, ...active, ...eligible]) note(item?.record.roleDefinition);
  return (role) => {
    const value = names.get(role);
    return value === undefined ? gapOf(definitions) : { value };
  };
}

export function assignmentsOf(scope: ExportScope, lists: SavedLists, roles: HeldRoles): Listed {
  const byId = kindsById(lists);
  const kinds = principalKinds(byId);
  const observations = roles.held.map((one) => {
    const resource = `entra/${scope.directory}${one.scope === '/' ? '' : one.scope}`;
    const role = roles.roleName(one.role);
    const name = 'value' in role ? role.value : one.role;
    // The id of a role stays when its name is translated or changed.
    return observationOf(scope, {
      kind: 'privileged-assignment',
      key: [resource, one.principal, one.role],
      name: `${name}: ${one.principal}`,
      attributes: {
        resource: { value: resource },
        principal: { value: one.principal },
        role,
        principal_kind: kinds(one),
        holders: holdersOf(one, kinds(one), lists, byId),
        ...termsOf(one, lists),
      },
    });
  });
  return { kind: 'privileged-assignment', observations, gaps: roles.gaps };
}

type Terms = Readonly<Record<'mode' | 'granted_through' | 'starts_at' | 'ends_at', Statement>>;

/** The strongest of what is known: a standing right beats one that was activated, and that beats one that can be asked for. */
function termsOf(one: HeldRole, lists: SavedLists): Terms {
  const standing = one.active.find(({ record }) => record.assignmentType === 'Assigned');
  const activated = one.active.find(({ record }) => record.assignmentType === 'Activated');
  const inForce = standing ?? activated;
  if (inForce !== undefined)
    return {
      mode: { value: standing === undefined ? 'active' : 'standing' },
      granted_through: { value: standing === undefined ? 'broker' : 'direct' },
      starts_at: timeOf(inForce, 'startDateTime'),
      ends_at: timeOf(inForce, 'endDateTime'),
    };
  const [odd] = one.active;
  if (odd !== undefined) {
    const unknown = unexpected(odd, 'assignmentType', odd.record.assignmentType, 'Assigned or Activated');
    return all(unknown);
  }
  const active = lists.list(ACTIVE);
  if (one.assigned !== null)
    return all(
      isWhole(active)
        ? unobserved('it is in the list of assignments and among no instances; save both at one time')
        : gapOf(active),
    );
  const [eligible] = one.eligible;
  if (eligible === undefined) return all(unobserved('nothing was saved of it'));
  // While the roles in force were not seen whole, it may be in force as well.
  if (!isWhole(active)) return all(gapOf(active));
  return {
    mode: { value: 'eligible' },
    granted_through: { value: 'broker' },
    starts_at: { absent: true },
    ends_at: timeOf(eligible, 'endDateTime'),
  };
}

const all = (unknown: Unobserved): Terms => ({
  mode: unknown,
  granted_through: unknown,
  starts_at: unknown,
  ends_at: unknown,
});

export type PrincipalKind = 'person' | 'group' | 'workload';

/** By the type that Graph states with a record; null for what is none of the three. */
export function kindOfType(record: Json): PrincipalKind | null {
  const type = String(record['@odata.type'] ?? '')
    .replace(/^#?microsoft\.graph\./i, '')
    .toLowerCase();
  if (type === 'user') return 'person';
  if (type === 'group') return 'group';
  return type === 'serviceprincipal' ? 'workload' : null;
}

/** Which list of the tenant holds an id. */
export type KindOf = (id: string) => PrincipalKind | null;

export function kindsById(lists: SavedLists): KindOf {
  const found = new Map<unknown, PrincipalKind>();
  const from = [
    ['/users', 'person'],
    ['/groups', 'group'],
    ['/servicePrincipals', 'workload'],
  ] as const;
  for (const [path, kind] of from)
    for (const { record } of lists.list(path).items) found.set(record.id, kind);
  return (id) => found.get(id) ?? null;
}

function principalKinds(byId: KindOf): (one: HeldRole) => Statement {
  return ({ assigned, active, eligible, principal }) => {
    for (const item of [assigned, ...active, ...eligible]) {
      const expanded = item?.record.principal;
      const kind = isRecord(expanded) ? kindOfType(expanded) : null;
      if (kind !== null) return { value: kind };
    }
    const kind = byId(principal);
    if (kind !== null) return { value: kind };
    return unobserved(
      'no saved list holds the principal; save /users, /groups and /servicePrincipals, or ask with `$expand=principal`',
    );
  };
}

/** Who is in the group that holds it. */
function holdersOf({ principal }: HeldRole, kind: Statement, lists: SavedLists, kindOf: KindOf): Statement {
  if (!('value' in kind)) return kind;
  if (kind.value !== 'group') return { value: [], complete: true };
  const members = lists.of('/groups/{id}/members', principal);
  const value = members.items.map((item): Value => {
    const { id } = item.record;
    const known = kindOfType(item.record) ?? (typeof id === 'string' ? kindOf(id) : null);
    return {
      id: inner(textOf(item, 'id')),
      kind: known ?? unobserved(`${item.file} does not say what the member is; ask without \`$select\``),
    };
  });
  return seenOf(value, members.gaps);
}
