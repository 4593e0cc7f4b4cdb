/** Saved answers of Microsoft Graph about one tenant, as one collection. Pure: the same files give the same observations. */
import { textIn } from '../answer.ts';
import { goneOn } from '../by-page.ts';
import type { ExportRead, ExportRequest } from '../export.ts';
import { readOf, type SavedFolder, savedFolder, scopeOf } from '../reading.ts';
import { idOf, type SavedLists } from '../saved-lists.ts';
import { type Applications, applicationsOf } from './applications.ts';
import { assignmentsOf, heldRoles } from './assignments.ts';
import { devicesOf } from './devices.ts';
import { GRAPH } from './dialect.ts';
import { groupsOf } from './groups.ts';
import { tenantOf } from './tenant.ts';
import { usersOf } from './users.ts';

const DEFINITIONS = '/identityGovernance/accessReviews/definitions';

const PARENTS = [
  { path: '/users/{id}/authentication/methods', parent: '/users' },
  { path: '/groups/{id}/members', parent: '/groups' },
  { path: '/applications/{id}/owners', parent: '/applications' },
  { path: '/applications/{id}/federatedIdentityCredentials', parent: '/applications' },
  { path: '/servicePrincipals/{id}/appRoleAssignments', parent: '/servicePrincipals' },
  { path: `${DEFINITIONS}/{id}/instances`, parent: DEFINITIONS },
  { path: `${DEFINITIONS}/{id}/instances/{id}/decisions`, parent: DEFINITIONS },
];

/** Which tenant the answers are of. */
export function tenantIn(request: ExportRequest, lists: SavedLists): ReturnType<typeof scopeOf> {
  const tenants = lists.list('/organization').items.flatMap(({ record }) => {
    const id = idOf(record);
    return id === null ? [] : [{ id, name: textIn(record.displayName) ?? id }];
  });
  const missing = `does not say of which tenant it is; save GET /organization as ${request.folder}/organization.json, or give the tenant's id by \`--subject\``;
  return scopeOf('entra', request, tenants, missing);
}

/** Of accounts that went on by themselves, page by page, the answers hold skeletons: `accounts` says how many there were. */
export function readEntra(
  request: ExportRequest,
  saved: SavedFolder = savedFolder(request, GRAPH),
  accounts?: number,
): ExportRead {
  const { lists } = saved;
  const named = tenantIn(request, lists);
  if ('mistakes' in named) return named;
  const { scope } = named;
  const roles = heldRoles(lists);
  const applications = applicationsOf(scope, lists);
  const groups = groupsOf(scope, lists, roles);
  const users = usersOf(scope, lists);
  return readOf({
    scope,
    saved,
    listed: [
      tenantOf(scope, lists),
      accounts === undefined ? users : goneOn(users, accounts),
      ...applications.listed,
      groups.listed,
      assignmentsOf(scope, lists, roles),
      devicesOf(scope, lists),
    ],
    parents: PARENTS,
    notes: notesOf(applications, groups.ordinary, lists),
  });
}

function notesOf(
  { foreign, unregistered }: Applications,
  ordinary: number,
  lists: SavedLists,
): readonly string[] {
  const notes: string[] = [];
  if (foreign > 0)
    notes.push(`${foreign} service principals belong to applications of other tenants, and are assets there`);
  if (unregistered > 0)
    notes.push(
      `${unregistered} service principals have no saved registration, and are not taken; save /applications`,
    );
  if (ordinary > 0)
    notes.push(`${ordinary} groups can hold no role of the directory, and are not taken for privileged`);
  const missing = notListed(lists);
  if (missing > 0)
    notes.push(
      `${missing} accounts of the report of registrations are not in the list of /users, and are not taken`,
    );
  return notes;
}

/** Accounts that only the report knows, where the list of accounts was saved too. */
function notListed(lists: SavedLists): number {
  const known = new Set(lists.list('/users').items.map(({ record }) => record.id));
  const reported = lists.list('/reports/authenticationMethods/userRegistrationDetails').items;
  return known.size === 0 ? 0 : reported.filter(({ record }) => !known.has(record.id)).length;
}
