/** App registrations of the tenant and its managed identities. */
import { assetId, type Statement, type Unobserved, type Value } from '@macadam/core/facts/observation';
import { isRecord, recordsIn } from '../answer.ts';
import type { ExportScope, Listed } from '../export.ts';
import { type FederatedTrust, trustList } from '../federated-trust.ts';
import { gapOf, isWhole, type Listing, listingGap, onceEach } from '../listing.ts';
import { listedById } from '../reading.ts';
import { idOf, type SavedLists, withoutId } from '../saved-lists.ts';
import {
  flagOf,
  type Item,
  inner,
  listOf,
  recordsOf,
  required,
  seenOf,
  textOf,
  timeOf,
  unexpected,
  unobserved,
} from '../statement.ts';
import { nameOf } from './users.ts';

export interface Applications {
  readonly listed: readonly Listed[];
  /** Instances of applications that are registered in other tenants. */
  readonly foreign: number;
  /** Instances of which no saved registration is known. */
  readonly unregistered: number;
}

const isForeign = (owner: unknown, { directory }: ExportScope): boolean =>
  typeof owner === 'string' && owner.toLowerCase() !== directory.toLowerCase();

export function applicationsOf(scope: ExportScope, lists: SavedLists): Applications {
  const registrations = lists.list('/applications');
  const principals = lists.list('/servicePrincipals');
  const instances = new Map(principals.items.map((item) => [item.record.appId, item] as const));
  const used = useOf(scope, lists);
  const roles = rolesBy(principals);
  const owners = ownersIn(lists);
  const tenant = { value: assetId('tenant', ['entra', scope.directory]) };
  const registered = listedById(
    scope,
    { kind: 'application', listing: registrations, field: 'appId' },
    (item, appId) => {
      const instance = instances.get(appId);
      return {
        name: nameOf(item.record, appId),
        attributes: {
          directory: { value: scope.directory },
          client_id: { value: appId },
          tenant,
          owner_accounts: owners(item),
          enabled: enabledOf(item, instance, principals),
          created_at: required(timeOf(item, 'createdDateTime'), 'the directory keeps no time of it'),
          last_used_at: used(appId),
          credentials: credentialsOf(item, instance, lists, principals),
          trusts: trustsOf(item, lists),
          ...reachOf(item),
          instances_locked: lockOf(item),
          privileges: privilegesOf(instance, lists, principals, roles),
        },
        format: 'registration',
      };
    },
  );
  const isManaged = ({ record }: Item) => record.servicePrincipalType === 'ManagedIdentity';
  const managed = listedById(
    scope,
    {
      kind: 'application',
      listing: { ...principals, items: principals.items.filter(isManaged) },
      field: 'appId',
    },
    (item, appId) => ({
      name: nameOf(item.record, appId),
      attributes: {
        directory: { value: scope.directory },
        client_id: { value: appId },
        tenant,
        enabled: flagOf(item, 'accountEnabled'),
        last_used_at: used(appId),
        credentials: {
          value: [
            { id: 'managed', kind: 'managed', added_at: unobserved('the platform keeps no time of it') },
          ],
          complete: true,
        },
        multi_tenant: { value: false },
        consent: { value: 'own_tenant' },
        privileges: privilegesOf(item, lists, principals, roles),
      },
      format: 'managed-identity',
    }),
  );
  const untyped = principals.items.filter(({ record }) => record.servicePrincipalType === undefined);
  const own = new Set(registrations.items.map(({ record }) => record.appId));
  const others = principals.items.filter((item) => !isManaged(item) && !own.has(item.record.appId));
  const foreign = others.filter(({ record }) => isForeign(record.appOwnerOrganizationId, scope)).length;
  const { total } = registrations;
  return {
    listed: [
      {
        ...registered,
        format: 'registration',
        total: total === null ? null : { id: 'graph:/applications/$count', count: total },
      },
      {
        ...managed,
        format: 'managed-identity',
        gaps: [...managed.gaps, ...withoutId(untyped, '/servicePrincipals', 'servicePrincipalType')],
      },
    ],
    foreign,
    unregistered: others.length - foreign,
  };
}

/** Accounts that own a registration, and whether each can still sign in. */
function ownersIn(lists: SavedLists): (item: Item) => Statement {
  const accounts = new Map(
    [...lists.list('/users').items, ...lists.list('/servicePrincipals').items].map(
      (item) => [item.record.id, item] as const,
    ),
  );
  return (item) => {
    const id = idOf(item.record);
    if (id === null) return unobserved(`the application in ${item.file} has no \`id\`; ask for it`);
    const owners = lists.of('/applications/{id}/owners', id);
    const value = owners.items.map((owner): Value => {
      const account = accounts.get(owner.record.id);
      return {
        id: inner(textOf(owner, 'id')),
        enabled: inner(flagOf(account ?? owner, 'accountEnabled')),
      };
    });
    return seenOf(value, owners.gaps);
  };
}

/** It can obtain tokens here when its instance is enabled and nobody disabled the application itself. */
function enabledOf(item: Item, instance: Item | undefined, principals: Listing): Statement {
  const { disabledByMicrosoftStatus, isDisabled } = item.record;
  const disabled =
    typeof disabledByMicrosoftStatus === 'string' && /^Disabled/i.test(disabledByMicrosoftStatus);
  if (disabled || isDisabled === true) return { value: false };
  if (instance !== undefined) return flagOf(instance, 'accountEnabled');
  return isWhole(principals)
    ? unobserved('it has no instance in this tenant, and whether it obtains tokens in others is not told')
    : gapOf(principals);
}

/** What belongs to an application, saved with it in a field or listed by itself. */
function belowOf(
  item: Item,
  lists: SavedLists,
  { field, path, called }: { readonly field: string; readonly path: string; readonly called: string },
): Pick<Listing, 'items' | 'gaps'> {
  const { [field]: expanded } = item.record;
  if (Array.isArray(expanded))
    return { items: recordsIn(expanded).map((record) => ({ record, file: item.file })), gaps: [] };
  const id = idOf(item.record);
  if (id !== null) return lists.of(path, id);
  const why = `${called} in ${item.file} has no \`id\`; ask for it`;
  return { items: [], gaps: [listingGap('id-missing', 'unobserved', why)] };
}

const FEDERATED = {
  field: 'federatedIdentityCredentials',
  path: '/applications/{id}/federatedIdentityCredentials',
  called: 'the application',
};
const GRANTED = {
  field: 'appRoleAssignments',
  path: '/servicePrincipals/{id}/appRoleAssignments',
  called: 'an instance',
};

/** An expression that asks for one subject, exactly or by a pattern. */
const ONE_SUBJECT = /^\s*claims\['sub'\]\s+(eq|matches)\s+'([^']*)'\s*$/;

function trustsOf(item: Item, lists: SavedLists): Statement {
  const { items, gaps } = belowOf(item, lists, FEDERATED);
  const trusts = items.flatMap(trustIn);
  const value = trustList(trusts);
  const lost =
    trusts.length < items.length ? 'some federated credentials name no issuer; look at them' : undefined;
  const why = gaps[0]?.why ?? lost;
  return why !== undefined && value.length === 0 ? unobserved(why) : listOf(value, why);
}

function trustIn({ record }: Item): readonly FederatedTrust[] {
  const { issuer: address, subject, claimsMatchingExpression: expression } = record;
  if (typeof address !== 'string' || address === '') return [];
  const issuer = address.replace(/^https:\/\//, '').replace(/\/$/, '');
  if (typeof subject === 'string' && subject !== '')
    return [{ issuer, subject, isPattern: false, also: null }];
  const text = isRecord(expression) && typeof expression.value === 'string' ? expression.value : '';
  const [, how, pattern = ''] = ONE_SUBJECT.exec(text) ?? [];
  return how === undefined
    ? [{ issuer, subject: null, isPattern: true, also: 'its expression asks for more than one subject' }]
    : [{ issuer, subject: pattern, isPattern: how === 'matches', also: null }];
}

function credentialsOf(
  item: Item,
  instance: Item | undefined,
  lists: SavedLists,
  principals: Listing,
): Statement {
  const federated = belowOf(item, lists, FEDERATED);
  const found: Value[] = [];
  const whys: string[] = [];
  for (const holder of instance === undefined ? [item] : [item, instance]) {
    for (const [field, kind] of [
      ['passwordCredentials', 'secret'],
      ['keyCredentials', 'certificate'],
    ] as const) {
      const records = recordsOf(holder, field);
      if ('unobserved' in records) whys.push(records.why);
      else for (const one of records) found.push(credentialOf(holder, field, kind, one));
    }
  }
  for (const one of federated.items)
    found.push({
      id: inner(textOf(one, 'id')),
      kind: 'federated',
      added_at: unobserved('the directory keeps no time of it'),
    });
  if (instance === undefined && !isWhole(principals)) whys.push(gapOf(principals).why);
  whys.push(...federated.gaps.map(({ why }) => why));
  const [why] = whys;
  return found.length === 0 && why !== undefined ? unobserved(why) : listOf(distinctById(found), why);
}

/** A certificate of the registration stands at its instance too. */
const distinctById = (found: readonly Value[]): readonly Value[] =>
  onceEach(found, (one) => (isRecord(one) && typeof one.id === 'string' ? one.id : one));

function credentialOf(holder: Item, field: string, kind: string, record: unknown): Value {
  // Never quoted: where a record is expected, a text may be the secret itself.
  if (!isRecord(record))
    return unobserved(`an entry of \`${field}\` in ${holder.file} is not a record; look at the answer`);
  const item: Item = { record, file: holder.file };
  return {
    id: inner(textOf(item, 'keyId')),
    kind,
    expires_at: inner(timeOf(item, 'endDateTime')),
    added_at: inner(required(timeOf(item, 'startDateTime'), 'the directory keeps no time of it')),
  };
}

function reachOf(item: Item): { readonly multi_tenant: Statement; readonly consent: Statement } {
  const audience = textOf(item, 'signInAudience');
  if (!('value' in audience)) return { multi_tenant: audience, consent: audience };
  switch (audience.value) {
    case 'AzureADMyOrg':
      return { multi_tenant: { value: false }, consent: { value: 'own_tenant' } };
    case 'PersonalMicrosoftAccount':
      return {
        multi_tenant: { value: false },
        consent: unobserved('it is for personal accounts, which have no administrator who consents'),
      };
    case 'AzureADMultipleOrgs':
    case 'AzureADandPersonalMicrosoftAccount':
      return { multi_tenant: { value: true }, consent: consentOf(item) };
    default: {
      const unknown = unexpected(
        item,
        'signInAudience',
        audience.value,
        'an audience that this version knows',
      );
      return { multi_tenant: unknown, consent: unknown };
    }
  }
}

/** Newer answers say whether only listed tenants may consent. */
function consentOf(item: Item): Statement {
  const { signInAudienceRestrictions: restrictions } = item.record;
  if (!isRecord(restrictions))
    return unobserved(
      'the directory does not say whether only listed tenants may consent; save it with `signInAudienceRestrictions`',
    );
  const kind = String(restrictions['@odata.type'] ?? restrictions.kind ?? '');
  if (/unrestricted/i.test(kind)) return { value: 'any_tenant' };
  if (/allowedTenants/i.test(kind)) return { value: 'listed_tenants' };
  return unexpected(item, 'signInAudienceRestrictions', kind, 'a restriction that this version knows');
}

function lockOf(item: Item): Statement {
  const lock = item.record.servicePrincipalLockConfiguration;
  if (lock === undefined) return flagOf(item, 'servicePrincipalLockConfiguration');
  // Nobody configured a lock: none is in force.
  if (lock === null) return { value: false };
  if (!isRecord(lock) || typeof lock.isEnabled !== 'boolean')
    return unexpected(item, 'servicePrincipalLockConfiguration', lock, 'a lock');
  const { isEnabled, allProperties, credentialsWithUsageSign, credentialsWithUsageVerify } = lock;
  const parts = [allProperties, credentialsWithUsageSign, credentialsWithUsageVerify];
  // Parts may be left out, where another says enough.
  if (isEnabled && parts.every((part) => typeof part !== 'boolean'))
    return unexpected(item, 'servicePrincipalLockConfiguration', lock, 'a lock that says what it covers');
  return {
    value:
      isEnabled &&
      (allProperties === true || (credentialsWithUsageSign === true && credentialsWithUsageVerify === true)),
  };
}

/** Role id → its name, of every application that gives roles. */
const rolesBy = (principals: Listing): ReadonlyMap<unknown, string> =>
  new Map(
    principals.items.flatMap(({ record }) => {
      const roles = recordsIn(record.appRoles);
      return roles.flatMap(({ id, value }) =>
        typeof value === 'string' && value !== '' ? [[id, value] as const] : [],
      );
    }),
  );

function privilegesOf(
  instance: Item | undefined,
  lists: SavedLists,
  principals: Listing,
  roles: ReadonlyMap<unknown, string>,
): Statement {
  if (instance === undefined)
    return isWhole(principals)
      ? unobserved('it has no instance in this tenant, and what it holds in others is not told')
      : gapOf(principals);
  const { items, gaps } = belowOf(instance, lists, GRANTED);
  const value = items.map((item): Value => {
    const role = roles.get(item.record.appRoleId);
    const of =
      typeof item.record.resourceDisplayName === 'string' ? `${item.record.resourceDisplayName}: ` : '';
    const roleId = textOf(item, 'appRoleId');
    return {
      id: inner(textOf(item, 'id')),
      permission: 'value' in roleId ? `${of}${role ?? roleId.value}` : roleId,
      across_tenants: unobserved('the directory tells only what it holds in this tenant'),
      reviewed_at: unobserved('the directory does not say that a reviewer approved it'),
    };
  });
  return seenOf(value, gaps);
}

const ACTIVITIES = [
  'delegatedClientSignInActivity',
  'delegatedResourceSignInActivity',
  'applicationAuthenticationClientSignInActivity',
  'applicationAuthenticationResourceSignInActivity',
];

/**
 * The newest use of each application, as a client or as what others call. The report does not say how far back it reaches; that it holds an
 * activity of some age shows that it reaches that far, so the oldest one is the window of all.
 */
function useOf(scope: ExportScope, lists: SavedLists): (appId: string) => Statement {
  const report = lists.list('/reports/servicePrincipalSignInActivities');
  const uses = new Map<unknown, Statement>();
  let oldest = Date.parse(scope.takenAt);
  for (const item of report.items) {
    const use = newestUse(item);
    uses.set(item.record.appId, use);
    if ('value' in use && typeof use.value === 'string') oldest = Math.min(oldest, Date.parse(use.value));
  }
  const window = `${Math.floor((Date.parse(scope.takenAt) - oldest) / 3_600_000)}h`;
  return (appId) => {
    const use = uses.get(appId);
    if (use !== undefined) return 'value' in use ? { value: use.value, window } : use;
    return isWhole(report)
      ? unobserved(
          'the report of sign-ins does not hold it, and does not say how far back it looked; collect the sign-in log',
        )
      : gapOf(report);
  };
}

/** The report's own newest; where it is left out, the newest of its parts, if every one of them can be read. */
function newestUse(item: Item): Statement {
  const [last] = activityTimes(item, 'lastSignInActivity');
  const times = last === undefined ? ACTIVITIES.flatMap((field) => activityTimes(item, field)) : [last];
  const unreadable = times.find((time) => 'unobserved' in time);
  if (unreadable !== undefined) return unreadable;
  const [newest] = times
    .flatMap((time) => ('value' in time ? [time.value] : []))
    .toSorted((a, b) => Date.parse(b) - Date.parse(a));
  return newest === undefined
    ? unobserved(`no activity in ${item.file} has a time; save the report again`)
    : { value: newest };
}

/** None where the activity is left out or never was. */
function activityTimes(item: Item, field: string): readonly ({ readonly value: string } | Unobserved)[] {
  const activity = item.record[field];
  if (activity === undefined || activity === null) return [];
  if (!isRecord(activity)) return [unexpected(item, field, activity, 'an activity')];
  const at = timeOf({ record: activity, file: item.file }, 'lastSignInDateTime');
  return 'absent' in at ? [] : [at];
}
