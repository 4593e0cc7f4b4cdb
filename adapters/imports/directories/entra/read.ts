/** Saved answers of Microsoft Graph about one tenant, as one collection. Pure: the same files give the same observations. */
import type { Problem } from '@macadam/core/facts/observation';
import { answersIn, type SavedAnswer, type UnreadFile } from '../answer.ts';
import {
  collectionOf,
  type ExportRead,
  type ExportRequest,
  type ExportScope,
  type Listed,
} from '../export.ts';
import { type Applications, applicationsOf } from './applications.ts';
import { assignmentsOf, heldRoles } from './assignments.ts';
import { devicesOf } from './devices.ts';
import { ANSWERS } from './dialect.ts';
import { groupsOf } from './groups.ts';
import { tenantOf } from './tenant.ts';
import { idOf, type TenantLists, tenantLists } from './tenant-lists.ts';
import { usersOf } from './users.ts';

export function readEntra(request: ExportRequest): ExportRead {
  const answers: SavedAnswer[] = [];
  const unread: UnreadFile[] = [];
  for (const file of request.files) {
    const read = answersIn(file, ANSWERS);
    answers.push(...read.answers);
    unread.push(...read.unread);
  }
  const lists = tenantLists(answers);
  const tenant = tenantIdOf(request, lists);
  if ('reason' in tenant) return { mistakes: [{ file: request.folder, reason: tenant.reason }] };
  const scope: ExportScope = {
    source: 'entra',
    directory: tenant.id,
    directoryName: tenant.name,
    takenAt: request.takenAt.toISOString(),
    receivedAt: request.receivedAt.toISOString(),
  };
  const roles = heldRoles(lists);
  const applications = applicationsOf(scope, lists);
  const groups = groupsOf(scope, lists, roles);
  const own = tenantOf(scope, lists);
  const listed = [
    ...(own === null ? [] : [own]),
    usersOf(scope, lists),
    ...applications.listed,
    groups.listed,
    assignmentsOf(scope, lists, roles),
    devicesOf(scope, lists),
  ];
  const unreadGaps = unread.map(unreadProblem);
  // Nobody knows of which list an unreadable file was a page.
  const open =
    unreadGaps.length === 0
      ? listed
      : listed.map((one): Listed => ({ ...one, gaps: [...one.gaps, ...unread.map(unreadGap)] }));
  const problems = [...unreadGaps, ...lists.unknown.map(unknownProblem), ...orphans(lists)];
  const observations = open.flatMap((one) => one.observations);
  const collection = collectionOf(
    scope,
    open,
    problems,
    `saved answers of Microsoft Graph: ${request.files.length} files`,
  );
  return {
    batch: { collection, observations },
    notes: notesOf(lists, applications, groups.ordinary),
  };
}

/** The tenant is what its own answer says; an id that somebody states has to be the same. */
function tenantIdOf(
  { subject, folder }: ExportRequest,
  lists: TenantLists,
): { readonly id: string; readonly name: string } | { readonly reason: string } {
  const records = lists.list('/organization').items.map(({ record }) => record);
  const ids = [...new Set(records.flatMap((record) => idOf(record) ?? []))];
  const [id] = ids;
  if (ids.length > 1)
    return {
      reason: `holds answers of several tenants (${ids.join(', ')}); save each tenant into a folder of its own`,
    };
  if (id !== undefined && subject !== null && subject !== id)
    return {
      reason: `is of the tenant ${id}, and \`--subject\` says ${subject}; give the right one, or leave it out`,
    };
  const directory = id ?? subject;
  if (directory === null || directory === '')
    return {
      reason: `does not say of which tenant it is; save GET /organization as ${folder}/organization.json, or give the tenant's id by \`--subject\``,
    };
  const named = records.find((record) => idOf(record) === directory)?.displayName;
  return { id: directory, name: typeof named === 'string' && named !== '' ? named : directory };
}

const unreadProblem = ({ file, why }: UnreadFile): Problem => ({
  code: 'answer-unreadable',
  cause: 'failed',
  message: `${file} ${why}`,
});

const unreadGap = ({ file, why }: UnreadFile) => ({
  code: 'answer-unreadable',
  cause: 'failed' as const,
  why: `${file} ${why}`,
});

const unknownProblem = ({ file, address }: SavedAnswer): Problem => ({
  code: 'answer-unknown',
  cause: 'unobserved',
  message: `${file} answers GET ${address}, which is not read; see docs/sources/entra.md for what is`,
});

/** Lists of things below something that no list holds. */
function orphans(lists: TenantLists): readonly Problem[] {
  const parents = [
    ['/users/{id}/authentication/methods', '/users'],
    ['/groups/{id}/members', '/groups'],
    ['/applications/{id}/federatedIdentityCredentials', '/applications'],
    ['/servicePrincipals/{id}/appRoleAssignments', '/servicePrincipals'],
    [
      '/identityGovernance/accessReviews/definitions/{id}/instances',
      '/identityGovernance/accessReviews/definitions',
    ],
    [
      '/identityGovernance/accessReviews/definitions/{id}/instances/{id}/decisions',
      '/identityGovernance/accessReviews/definitions',
    ],
  ] as const;
  return parents.flatMap(([path, parent]) => {
    const known = new Set(lists.list(parent).items.map(({ record }) => String(record.id).toLowerCase()));
    return [...lists.below(path)].flatMap(([ids, listing]): readonly Problem[] => {
      if (known.has(ids.split('/')[0] ?? '')) return [];
      const message = `GET ${listing.address} is about something that no saved answer of ${parent} holds, so it is not used; save ${parent}`;
      return [{ code: 'parent-not-saved', cause: 'incomplete', message }];
    });
  });
}

function notesOf(
  lists: TenantLists,
  { foreign, unregistered }: Applications,
  ordinary: number,
): readonly string[] {
  const notes = lists.unused.map(({ file, why }) => `${file} is not used: ${why}`);
  if (foreign > 0)
    notes.push(`${foreign} service principals belong to applications of other tenants, and are assets there`);
  if (unregistered > 0)
    notes.push(
      `${unregistered} service principals have no saved registration, and are not taken; save /applications`,
    );
  if (ordinary > 0)
    notes.push(`${ordinary} groups can hold no role of the directory, and are not taken for privileged`);
  return notes;
}
