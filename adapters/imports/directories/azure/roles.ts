/** Role assignments of Azure, as its Resource Graph lists them, with what each role may do. */

import type { Observation, Statement } from '@macadam/core/facts/observation';
import { isRecord, type Json } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, onceEach } from '../listing.ts';
import { unnamedIn } from '../saved-lists.ts';
import { type Item, required, textOf, timeOf, unexpected, unobserved, within } from '../statement.ts';

const typeOf = ({ record }: Item): string => String(record.type).toLowerCase();
/** `gaps` is what keeps the table from being whole. */
export function rolesOf(
  scope: ExportScope,
  items: readonly Item[],
  gaps: readonly ListingGap[],
): readonly Listed[] {
  const definitions = new Map(
    items
      .filter((item) => typeOf(item) === 'microsoft.authorization/roledefinitions')
      .map((item) => [roleId(item.record.id), within(item, 'properties')] as const),
  );
  const assignments = items.filter((item) => typeOf(item) === 'microsoft.authorization/roleassignments');
  const odd: Item[] = [];
  const held = assignments.flatMap((item): readonly Observation[] => {
    const inner = within(item, 'properties');
    const [principal, role, where] = ['principalId', 'roleDefinitionId', 'scope'].map((name) => {
      const value = textOf(inner, name);
      return 'value' in value ? value.value : null;
    });
    const id = roleId(role);
    if (principal == null || where == null || id === null) {
      odd.push(item);
      return [];
    }
    const definition = definitions.get(id);
    if (definition !== undefined && onlyReads(definition.record) === true) return [];
    return [assignmentOf(scope, { inner, principal, where: where.toLowerCase(), id, definition })];
  });
  const strange = items.filter((item) => !TYPES.has(typeOf(item)));
  const silent = [...definitions.values()].filter(({ record }) => onlyReads(record) === null);
  const unread = [
    ...unnamedIn(
      silent,
      (count, file) =>
        `${count} roles in ${file} do not say what they may do, and count as if they might do anything; save all columns`,
    ),
    ...unnamedIn(
      odd,
      (count, file) =>
        `${count} role assignments in ${file} do not say who holds which role where; save all columns`,
    ),
    ...unnamedIn(
      strange,
      (count, file) =>
        `${count} rows in ${file} are neither a role nor an assignment of one; save all columns`,
    ),
  ];
  const unique = onceEach(held, (one) => one.id);
  return [{ kind: 'privileged-assignment', observations: unique, gaps: [...gaps, ...unread] }];
}

const TYPES: ReadonlySet<string> = new Set([
  'microsoft.authorization/roledefinitions',
  'microsoft.authorization/roleassignments',
]);

/** The last part of a role's id: the same role has another path in each subscription. */
function roleId(id: unknown): string | null {
  const last = typeof id === 'string' ? (id.split('/').at(-1) ?? '').toLowerCase() : '';
  return last === '' ? null : last;
}

interface Held {
  readonly inner: Item;
  readonly principal: string;
  readonly where: string;
  readonly id: string;
  readonly definition: Item | undefined;
}

function assignmentOf(scope: ExportScope, { inner, principal, where, id, definition }: Held): Observation {
  const role: Statement =
    definition === undefined
      ? unobserved('the list of roles does not hold it; save `microsoft.authorization/roledefinitions` too')
      : textOf(definition, 'roleName');
  const kind = principalKind(inner);
  const resource = `azure${where === '/' ? '' : where}`;
  return observationOf(scope, {
    kind: 'privileged-assignment',
    key: [resource, principal, id],
    name: `${'value' in role ? role.value : id}: ${principal}`,
    attributes: {
      resource: { value: resource },
      principal: { value: principal },
      role,
      principal_kind: kind,
      holders: holdersOf(kind),
      starts_at: required(timeOf(inner, 'createdOn'), 'the assignment does not say when it was made'),
    },
  });
}

const KINDS: Readonly<Record<string, string | undefined>> = {
  user: 'person',
  group: 'group',
  foreigngroup: 'group',
  serviceprincipal: 'workload',
};

function principalKind(inner: Item): Statement {
  const type = textOf(inner, 'principalType');
  if (!('value' in type)) return type;
  const kind = KINDS[type.value.toLowerCase()];
  return kind === undefined
    ? unexpected(inner, 'principalType', type.value, 'a type of principal that this version knows')
    : { value: kind };
}

function holdersOf(kind: Statement): Statement {
  if (!('value' in kind)) return kind;
  return kind.value === 'group'
    ? unobserved('who is in a group says Entra ID; measure the tenant there too')
    : { value: [], complete: true };
}

/** Whether every action of a role ends with `read`; null where the role does not say what it may do. */
function onlyReads({ permissions }: Json): boolean | null {
  if (!Array.isArray(permissions) || permissions.length === 0) return null;
  const lists = permissions.map((one) => (isRecord(one) ? [one.actions, one.dataActions ?? []] : [null]));
  const actions = lists.flat().flatMap((list) => (Array.isArray(list) ? list : [null]));
  return actions.every((action) => typeof action === 'string')
    ? actions.every((action) => /\/read$/i.test(String(action)))
    : null;
}
