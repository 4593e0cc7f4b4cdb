/** What Okta's management API tells of our kinds, by which request and scope, and what it does not. */
import type { Endpoint, SourceDescription } from '../description.ts';

export const ENDPOINTS: readonly Endpoint[] = [
  { path: '/org', permission: 'okta.orgs.read', gives: 'the id of the organisation' },
  { path: '/users', permission: 'okta.users.read', gives: 'accounts' },
  {
    path: '/users/{id}/authenticator-enrollments',
    permission: 'okta.users.read',
    gives: 'everything that an account enrolled, with the password',
  },
  {
    path: '/users/{id}/factors',
    permission: 'okta.users.read',
    gives: 'factors of an account, without the password',
  },
  {
    path: '/users/{id}/roles',
    permission: 'okta.roles.read',
    gives: 'roles of administrators, of an account',
  },
  { path: '/groups/{id}/roles', permission: 'okta.roles.read', gives: 'roles of administrators, of a group' },
  { path: '/iam/assignees/users', permission: 'okta.roles.read', gives: 'which accounts hold a role' },
  { path: '/groups', permission: 'okta.groups.read', gives: 'groups, and which of them give power' },
  {
    path: '/groups/{id}/users',
    permission: 'okta.groups.read',
    gives: 'who is in a group that holds a role',
  },
  { path: '/apps', permission: 'okta.apps.read', gives: 'applications' },
  {
    path: '/apps/{id}/credentials/secrets',
    permission: 'okta.apps.read',
    gives: 'secrets of an OAuth client; their values are not read',
  },
  {
    path: '/apps/{id}/credentials/jwks',
    permission: 'okta.apps.read',
    gives: 'public keys of an OAuth client',
  },
  { path: '/devices', permission: 'okta.devices.read', gives: 'registered devices' },
];

const ELSEWHERE = 'no attribute of a kind comes from it';

export const UNUSED: SourceDescription['unused'] = [
  { path: '/users/{id}/groups', why: ELSEWHERE },
  { path: '/users/{id}/factors/catalog', why: 'it holds what could be enrolled, not what is' },
  { path: '/users/{id}/devices', why: ELSEWHERE },
  { path: '/users/{id}/clients', why: ELSEWHERE },
  { path: '/users/{id}/grants', why: ELSEWHERE },
  { path: '/users/{id}/risk', why: ELSEWHERE },
  { path: '/users/{id}/classification', why: ELSEWHERE },
  {
    path: '/policies',
    why: 'what the policies together refuse an account has to be evaluated by the directory',
  },
  {
    path: '/policies/{id}/rules',
    why: 'what the policies together refuse an account has to be evaluated by the directory',
  },
  { path: '/policies/{id}/mappings', why: ELSEWHERE },
  { path: '/authenticators', why: ELSEWHERE },
  { path: '/authenticators/{id}/methods', why: ELSEWHERE },
  { path: '/zones', why: ELSEWHERE },
  { path: '/behaviors', why: ELSEWHERE },
  { path: '/apps/{id}/users', why: ELSEWHERE },
  { path: '/apps/{id}/groups', why: ELSEWHERE },
  { path: '/apps/{id}/grants', why: ELSEWHERE },
  { path: '/apps/{id}/tokens', why: 'tokens of people are no credentials of the application' },
  {
    path: '/apps/{id}/credentials/keys',
    why: 'keys with which Okta signs for an application are no credentials of the application',
  },
  { path: '/groups/rules', why: ELSEWHERE },
  { path: '/groups/{id}/owners', why: ELSEWHERE },
  { path: '/groups/{id}/apps', why: ELSEWHERE },
  { path: '/iam/roles', why: ELSEWHERE },
  { path: '/iam/roles/{id}/permissions', why: ELSEWHERE },
  { path: '/iam/resource-sets', why: ELSEWHERE },
  { path: '/iam/resource-sets/{id}/bindings', why: ELSEWHERE },
  { path: '/iam/resource-sets/{id}/bindings/{id}/members', why: ELSEWHERE },
  { path: '/logs', why: ELSEWHERE },
  { path: '/api-tokens', why: 'the kind of a credential does not yet take them' },
  { path: '/idps', why: ELSEWHERE },
  { path: '/domains', why: ELSEWHERE },
  { path: '/device-assurances', why: ELSEWHERE },
  { path: '/oauth2/v1/clients/{id}/roles', why: ELSEWHERE },
  { path: '/integrations/api/v1/api-services', why: ELSEWHERE },
  { path: '/org/orgSettings/thirdPartyAdminSetting', why: ELSEWHERE },
  { path: '/threats/configuration', why: ELSEWHERE },
];

const NOT_TEAM =
  'the directory knows people, and an owner is a team: state it in the organisation (`org.yaml`)';
const NOT_ENVIRONMENT = 'the directory does not say what it serves';
const APPROVED = 'set by an approval in Macadam, never by a source';

export const oktaDescription: SourceDescription = {
  id: 'okta',
  title: 'Okta',
  intro:
    "`macadam scan --okta https://contoso.okta.com` reads an organisation by Okta's management API, with the token in `OKTA_TOKEN`; it only reads. `macadam ingest --format okta DIR` reads answers that an administrator saved, and needs no credential.",
  saving: [
    'One answer a file, as the whole exchange: `{"request": {"line": "GET https://example.okta.com/api/v1/users?limit=200"}, "status": 200, "headers": {"link": "…"}, "body": []}`. Okta says in a header whether pages follow; a body alone, in a file named by the path (`users.json`, `users/ID/factors.json`), is read too, and its list then counts as one that may hold more.',
    'The organisation is the `id` in the answer of `/api/v1/org` (`org.json`); where that was not saved, give it by `--subject`.',
  ],
  endpoints: ENDPOINTS,
  kinds: {
    user: {
      directory: { from: ['/org'], how: 'id of the organisation' },
      object_id: { from: ['/users'], how: '`id`' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      account: { from: ['/users'], how: '`profile.userType` where it is Employee or Contractor' },
      enabled: { from: ['/users'], how: '`status`: not STAGED, SUSPENDED or DEPROVISIONED' },
      break_glass: { not: APPROVED },
      methods: {
        from: ['/users/{id}/authenticator-enrollments', '/users/{id}/factors'],
        how: 'active enrolments; factors alone lack the password, so that list may hold more',
      },
      weak_sign_in_blocked: { not: 'no answer evaluates every policy for one account' },
      weak_sign_ins: {
        from: ['/users'],
        how: '`lastLogin`: none where it lies more than seven days back; the account does not say by which method somebody signed in, and the log is not read yet',
      },
      recovery_path: { not: 'how an account is recovered is a policy, not a fact of the account' },
      last_recovery: { not: 'the log has to be read with its window; it is not read yet' },
    },
    application: {
      directory: { from: ['/org'], how: 'id of the organisation' },
      client_id: { from: ['/apps'], how: '`id`, of OAuth clients' },
      tenant: { not: 'an organisation of Okta is not a tenant of a cloud' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      owner_accounts: { not: 'a client has no owners in the directory' },
      emergency_contact: { not: 'the directory keeps no contact that somebody answered' },
      enabled: { from: ['/apps'], how: '`status` ACTIVE' },
      break_glass: { not: APPROVED },
      created_at: { from: ['/apps'], how: '`created`' },
      last_used_at: { not: 'the log has to be read with its window; it is not read yet' },
      credentials: {
        from: ['/apps/{id}/credentials/secrets', '/apps/{id}/credentials/jwks'],
        how: 'active secrets and keys, never their values; whole where both were saved',
      },
      trusts: { not: 'which issuers an application trusts is not told' },
      entrances: { not: 'which issuers it trusts is not read' },
      machines: { not: 'which issuers it trusts is not read' },
      client_libraries: { not: 'its code is in no directory; lockfiles say it (`token-clients`)' },
      multi_tenant: { not: 'a client belongs to one organisation; whether others use it is not told' },
      consent: { not: 'a client belongs to one organisation; whether others use it is not told' },
      instances_locked: { not: 'there are no instances elsewhere' },
      privileges: { not: 'scopes and roles of clients are not read yet' },
    },
    'privileged-assignment': {
      resource: { from: ['/org'], how: 'the organisation' },
      principal: {
        from: ['/users/{id}/roles', '/groups/{id}/roles'],
        how: 'the account or group of the path',
      },
      role: {
        from: ['/users/{id}/roles', '/groups/{id}/roles'],
        how: '`type`, or the label of a custom role',
      },
      principal_kind: {
        from: ['/users/{id}/roles', '/groups/{id}/roles'],
        how: "by the path; a role that an account has by a group is the group's",
      },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      break_glass: { not: APPROVED },
      holders: { from: ['/groups/{id}/users'], how: 'members of the group; empty for an account' },
      mode: {
        from: ['/users/{id}/roles', '/groups/{id}/roles'],
        how: '`standing`: a role that is active is in force without asking',
      },
      granted_through: { not: 'whether a broker made it is not told' },
      starts_at: { from: ['/users/{id}/roles'], how: '`created`' },
      ends_at: { not: 'whether a broker will end it is not told' },
      last_used_at: { not: 'the log does not say which role an action needed' },
    },
    'privileged-group': {
      directory: { from: ['/org'], how: 'id of the organisation' },
      group_id: { from: ['/groups/{id}/roles'], how: 'the group of the path, where it holds a role' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      grants: { from: ['/groups/{id}/roles'], how: '`type`, or the label of a custom role' },
      members: {
        from: ['/groups/{id}/users'],
        how: 'people; a group has no other group in it, and since when is not told',
      },
      decisions: { not: 'reviews of access are another product, which is not read' },
      review: { not: 'reviews of access are another product, which is not read' },
    },
    device: {
      directory: { from: ['/org'], how: 'id of the organisation' },
      device_id: { from: ['/devices'], how: '`id`' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      hostname: { not: 'the directory has only a display name of it' },
      platform: { from: ['/devices'], how: '`profile.platform`' },
      profile: { not: 'which profile a device has is not told' },
      compliant: { not: 'device management evaluates it, not Okta' },
      evaluated_at: { not: 'device management evaluates it, not Okta' },
      broken_rules: { not: 'device management evaluates it, not Okta' },
      reached_production_at: { not: 'it takes the sign-in log of production' },
    },
  },
  unused: UNUSED,
  limits: [
    'Applications that only sign people in (SAML, bookmarks) obtain no tokens of their own, and are counted in a note.',
    'Roles are listed below each account and group: the list of all of them is whole where it was asked who holds one, and each of these was asked.',
    'An organisation lists no accounts that were deprovisioned.',
  ],
};
