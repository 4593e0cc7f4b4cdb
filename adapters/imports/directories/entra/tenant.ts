/** The tenant itself, and which of its defaults are in force. */
import type { Statement, Value } from '@macadam/core/facts/observation';
import { isRecord } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { gapOf, listingGap } from '../listing.ts';
import { idOf, type SavedLists } from '../saved-lists.ts';
import { required, timeOf, unobserved } from '../statement.ts';

export function tenantOf(scope: ExportScope, lists: SavedLists): Listed {
  const organization = lists.list('/organization');
  const item = organization.items.find(({ record }) => idOf(record) === scope.directory);
  if (item === undefined) return { kind: 'tenant', observations: [], gaps: organization.gaps };
  const observation = observationOf(scope, {
    kind: 'tenant',
    key: ['entra', scope.directory],
    name: scope.directoryName,
    attributes: {
      cloud: { value: 'entra' },
      tenant_id: { value: scope.directory },
      created_at: required(timeOf(item, 'createdDateTime'), 'the directory keeps no time of it'),
      defaults: defaultsOf(lists),
    },
  });
  return { kind: 'tenant', observations: [observation], gaps: [...organization.gaps, OTHERS] };
}

/** A tenant names itself and no other: which tenants the company has, no answer of one says. */
const OTHERS = listingGap(
  'tenants-not-listed',
  'incomplete',
  'a tenant does not say which others the company has; send the list of tenants from who creates them',
);

function defaultsOf(lists: SavedLists): Statement {
  const policy = lists.list('/policies/authorizationPolicy');
  const [item] = policy.items;
  if (item === undefined) return gapOf(policy);
  const value: Value[] = [];
  const { allowInvitesFrom, defaultUserRolePermissions } = item.record;
  const invites = INVITES[String(allowInvitesFrom)];
  if (invites !== undefined) value.push({ name: 'no-guest-invites', in_force: invites });
  const grants = isRecord(defaultUserRolePermissions)
    ? defaultUserRolePermissions.permissionGrantPoliciesAssigned
    : undefined;
  // The members' own grants are named so; what an owner of a group may grant is another policy.
  if (Array.isArray(grants))
    value.push({
      name: 'no-user-consent',
      in_force: !grants.some((one) => !/^ManagePermissionGrantsForOwnedResource\./i.test(String(one))),
    });
  if (value.length === 0)
    return unobserved(`${item.file} says nothing of consents or invitations; save it again`);
  return {
    value,
    complete: false,
    why: 'only what the authorization policy says of defaults was read; the others are known elsewhere',
  };
}

/** Whether people without a role of the directory are kept from inviting guests. */
const INVITES: Readonly<Record<string, boolean | undefined>> = {
  none: true,
  adminsAndGuestInviters: true,
  adminsGuestInvitersAndAllMembers: false,
  everyone: false,
};
