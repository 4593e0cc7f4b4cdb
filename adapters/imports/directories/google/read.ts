/** Saved answers of Google Workspace about one customer, as one collection. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { isRecord, type SavedAnswer } from '../answer.ts';
import { type Api, apiOf, errorUnder, narrowingIn, splitAddress, withParameter } from '../api.ts';
import {
  type ExportRead,
  type ExportRequest,
  type ExportScope,
  type Listed,
  observationOf,
} from '../export.ts';
import { type Listing, pageKey } from '../listing.ts';
import { readOf, savedFolder, scopeOf } from '../reading.ts';
import { idOf, type SavedLists, withoutId } from '../saved-lists.ts';
import { flagOf, type Item, textOf, unexpected, unobserved } from '../statement.ts';
import { ENDPOINTS, UNUSED } from './description.ts';

const LISTS = ['users', 'groups', 'members', 'memberships', 'items', 'devices', 'deviceUsers'];

const GOOGLE: Api = apiOf({
  endpoints: ENDPOINTS,
  unused: UNUSED,
  singletons: [],
  addressOf: (line) => splitAddress(line, /^\/?(?:admin\/(?:directory|reports)\/v1|v1(?:beta1)?)\//i),
  pathIn: () => null,
  lists: {
    listIn: (body) => {
      if (!isRecord(body)) return undefined;
      const name = LISTS.find((one) => Array.isArray(body[one]));
      // A list of nothing is left out of its answer, and leaves what every list has.
      return name === undefined ? (isEmptyList(body) ? [] : undefined) : body[name];
    },
    next: ({ address, query, body }: SavedAnswer) => {
      const token = isRecord(body) ? body.nextPageToken : undefined;
      if (typeof token !== 'string' || token === '') return null;
      return pageKey(address, withParameter(query ?? '', 'pageToken', token));
    },
    total: () => null,
    endUnknown: () => null,
    narrows: (query) => narrowingIn(query, ['query', 'domain', 'filter', 'userkey', 'roleid']),
    continues: (query) => /(?:^|&)pageToken=/.test(query),
    isError: (body) => errorUnder(body, 'error') !== null,
    errorOf: (body) => String(errorUnder(body, 'error')?.message ?? 'no reason given').slice(0, 200),
    isForbidden: (status, body) => [401, 403].includes(Number(errorUnder(body, 'error')?.code ?? status)),
    isRemoval: () => false,
  },
});

const isEmptyList = (body: Readonly<Record<string, unknown>>): boolean =>
  !Object.hasOwn(body, 'id') &&
  !Object.hasOwn(body, 'name') &&
  Object.keys(body).every((name) => ['kind', 'etag'].includes(name));

export function readGoogle(request: ExportRequest): ExportRead {
  const saved = savedFolder(request, GOOGLE);
  const { lists } = saved;
  const users = lists.list('/users');
  const customers = users.items.flatMap(({ record: { customerId } }) =>
    typeof customerId === 'string' && customerId !== '' ? [{ id: customerId, name: customerId }] : [],
  );
  const missing =
    'does not say of which customer it is; save the list of users, or give the `customerId` by `--subject`';
  const named = scopeOf('google', request, customers, missing);
  if ('mistakes' in named) return named;
  const { scope } = named;
  const listed = [usersOf(scope, users), rolesOf(scope, lists, users), devicesOf(scope, lists)];
  return readOf({ scope, saved, listed, parents: [], notes: [] });
}

const emailOf = ({ record: { primaryEmail } }: Item, id: string): string =>
  typeof primaryEmail === 'string' && primaryEmail !== '' ? primaryEmail : id;

function usersOf(scope: ExportScope, users: Listing): Listed {
  const observations = users.items.flatMap((item) => {
    const id = idOf(item.record);
    if (id === null) return [];
    const attributes: Record<string, Statement> = {
      directory: { value: scope.directory },
      object_id: { value: id },
      enabled: enabledOf(item),
    };
    return [
      observationOf(scope, { kind: 'user', key: [scope.directory, id], name: emailOf(item, id), attributes }),
    ];
  });
  return { kind: 'user', observations, gaps: [...users.gaps, ...withoutId(users.items, '/users')] };
}

function enabledOf(item: Item): Statement {
  const [suspended, archived] = [flagOf(item, 'suspended'), flagOf(item, 'archived')];
  for (const one of [suspended, archived]) if ('value' in one && one.value) return { value: false };
  if (!('value' in suspended)) return suspended;
  return 'value' in archived ? { value: true } : archived;
}

function rolesOf(scope: ExportScope, lists: SavedLists, users: Listing): Listed {
  const resource = `google/${scope.directory}`;
  const right = (
    where: string,
    principal: string,
    role: { id: string; name: string },
    kind: Statement,
  ): Observation =>
    observationOf(scope, {
      kind: 'privileged-assignment',
      key: [where, principal, role.id],
      name: `${role.name}: ${principal}`,
      attributes: {
        resource: { value: where },
        principal: { value: principal },
        role: { value: role.name },
        principal_kind: kind,
        mode: { value: 'standing' },
      },
    });
  const superAdministrators = users.items.flatMap((item) => {
    const id = idOf(item.record);
    const role = { id: 'super-admin', name: 'Super Admin' };
    return id !== null && item.record.isAdmin === true
      ? [right(resource, id, role, { value: 'person' })]
      : [];
  });
  const definitions = [...lists.below('/customer/{id}/roles').values()].flatMap(({ items }) => items);
  const named = new Map(definitions.map(({ record }) => [String(record.roleId), record] as const));
  const assignments = [...lists.below('/customer/{id}/roleassignments').values()];
  const assigned = assignments.flatMap(({ items }) =>
    items.flatMap((item) => {
      const { roleId, assignedTo, orgUnitId } = item.record;
      if ((typeof roleId !== 'string' && typeof roleId !== 'number') || typeof assignedTo !== 'string')
        return [];
      const definition = named.get(String(roleId));
      // Super administrators are known by their accounts.
      if (definition?.isSuperAdminRole === true) return [];
      const name = typeof definition?.roleName === 'string' ? definition.roleName : String(roleId);
      const where = typeof orgUnitId === 'string' && orgUnitId !== '' ? `${resource}/${orgUnitId}` : resource;
      return [right(where, assignedTo, { id: String(roleId), name }, assigneeKind(item))];
    }),
  );
  const [list] = assignments;
  const none = lists.list('/customer/{id}/roleassignments');
  const undecided = withoutFlag(users.items);
  const gaps = [
    ...(list === undefined ? none.gaps : assignments.flatMap((one) => one.gaps)),
    ...users.gaps,
    ...undecided,
  ];
  return { kind: 'privileged-assignment', observations: [...superAdministrators, ...assigned], gaps };
}

const withoutFlag = (items: readonly Item[]) => {
  const without = items.filter(({ record }) => typeof record.isAdmin !== 'boolean');
  const [first] = without;
  if (first === undefined) return [];
  const why = `${without.length} accounts in ${first.file} do not say whether they are super administrators; ask for \`isAdmin\``;
  return [{ code: 'id-missing', cause: 'incomplete' as const, why }];
};

function assigneeKind(item: Item): Statement {
  const type = textOf(item, 'assigneeType');
  if (!('value' in type)) return type;
  if (/^user$/i.test(type.value)) return { value: 'person' };
  if (/^group$/i.test(type.value)) return { value: 'group' };
  return unexpected(item, 'assigneeType', type.value, 'a user or a group');
}

const PLATFORMS: Readonly<Record<string, string | undefined>> = {
  ANDROID: 'android',
  IOS: 'ios',
  WINDOWS: 'windows',
  MAC_OS: 'macos',
  LINUX: 'linux',
  CHROME_OS: 'other',
  GOOGLE_SYNC: 'other',
};

function devicesOf(scope: ExportScope, lists: SavedLists): Listed {
  const devices = lists.list('/devices');
  const gaps = [...devices.gaps];
  const observations = devices.items.flatMap((item) => {
    const id = /^devices\/([^/]+)$/.exec(String(item.record.name))?.[1];
    if (id === undefined) {
      gaps.push({
        code: 'id-missing',
        cause: 'incomplete',
        why: `a device in ${item.file} has no \`name\`; ask for it`,
      });
      return [];
    }
    const type = textOf(item, 'deviceType');
    const platform = 'value' in type ? PLATFORMS[type.value] : undefined;
    const hostname = textOf(item, 'hostname');
    const attributes: Record<string, Statement> = {
      directory: { value: scope.directory },
      device_id: { value: id },
      hostname: 'value' in hostname ? hostname : unobserved(`the device in ${item.file} has no \`hostname\``),
      platform:
        platform !== undefined
          ? { value: platform }
          : 'value' in type
            ? unexpected(item, 'deviceType', type.value, 'a type that this version knows')
            : type,
    };
    const name = 'value' in hostname ? hostname.value : id;
    return [observationOf(scope, { kind: 'device', key: [scope.directory, id], name, attributes })];
  });
  return { kind: 'device', observations, gaps };
}
