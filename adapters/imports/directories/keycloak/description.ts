/** What Keycloak's admin API tells of our kinds, by which request and role, and what it does not. */
import { APPROVED, type Endpoint, from, type SourceDescription } from '../description.ts';

const REALM = 'view-realm';
const USERS = 'view-users';
const CLIENTS = 'view-clients';
const EVENTS = 'view-events';

export const ENDPOINTS: readonly Endpoint[] = [
  {
    path: '/openid-configuration',
    permission: 'no role',
    gives: 'the issuer of the realm, from `/realms/REALM/.well-known/openid-configuration`',
  },
  { path: '/realm', permission: REALM, gives: 'settings of the realm, from `/admin/realms/REALM` itself' },
  { path: '/users', permission: USERS, gives: 'accounts' },
  { path: '/users/{id}/credentials', permission: USERS, gives: 'what an account can prove itself with' },
  { path: '/users/{id}/role-mappings', permission: USERS, gives: 'roles of the service account of a client' },
  { path: '/clients', permission: CLIENTS, gives: 'clients, with the kind and age of their credentials' },
  {
    path: '/clients/{id}/service-account-user',
    permission: CLIENTS,
    gives: 'which account stands for a client itself',
  },
  { path: '/clients/{id}/roles', permission: CLIENTS, gives: 'roles of a client' },
  {
    path: '/clients/{id}/roles/{id}/users',
    permission: USERS,
    gives: 'accounts that hold a role of a client',
  },
  {
    path: '/clients/{id}/roles/{id}/groups',
    permission: USERS,
    gives: 'groups that hold a role of a client',
  },
  { path: '/roles', permission: REALM, gives: 'roles of the realm' },
  { path: '/roles-by-id/{id}/composites', permission: REALM, gives: 'roles that come with a role' },
  { path: '/roles/{id}/users', permission: USERS, gives: 'accounts that hold a role of the realm' },
  { path: '/roles/{id}/groups', permission: USERS, gives: 'groups that hold a role of the realm' },
  { path: '/groups/{id}/members', permission: USERS, gives: 'members of a group' },
  {
    path: '/groups/{id}/children',
    permission: USERS,
    gives: 'groups inside of a group, which have its roles',
  },
  {
    path: '/identity-provider/instances',
    permission: 'view-identity-providers',
    gives: 'whether accounts sign in elsewhere',
  },
  {
    path: '/authentication/flows/{id}/executions',
    permission: REALM,
    gives: 'what a sign-in asks for',
  },
  { path: '/events/config', permission: EVENTS, gives: 'which events are kept, and how long' },
  { path: '/events/oldest', permission: EVENTS, gives: 'how far back events reach (`?direction=asc&max=1`)' },
  { path: '/events/user/{id}', permission: EVENTS, gives: 'sign-ins of an account (`?user=ID`)' },
  { path: '/events/client/{id}', permission: EVENTS, gives: 'the newest use of a client (`?client=ID`)' },
];

const ELSEWHERE = 'no attribute of a kind comes from it';

export const UNUSED: Readonly<Record<string, string>> = {
  '/events': 'events are read for one account or one client at a time',
  '/admin-events': ELSEWHERE,
  '/groups': 'which groups are privileged is seen by their roles',
  '/groups/{id}': 'which groups are privileged is seen by their roles',
  '/users/profile': ELSEWHERE,
  '/users/{id}/groups': ELSEWHERE,
  '/users/{id}/sessions': ELSEWHERE,
  '/users/{id}/federated-identity': ELSEWHERE,
  '/clients/{id}/client-secret': 'the value of a secret is never read',
  '/client-scopes': ELSEWHERE,
  '/client-session-stats': ELSEWHERE,
  '/components': ELSEWHERE,
  '/keys': ELSEWHERE,
  '/authentication/flows': 'which flow is in force is in the settings of the realm',
  '/authentication/required-actions': ELSEWHERE,
  '/organizations': ELSEWHERE,
};

const NOT_TEAM = 'the realm knows people, and an owner is a team: state it in the organisation (`org.yaml`)';
const ENVIRONMENT = from(
  ['/realm'],
  'only where you state it (`--keycloak-environment`): a realm does not say what it serves',
);
const DIRECTORY = from(['/openid-configuration'], '`issuer`');
const HOLDERS = [
  '/roles/{id}/users',
  '/roles/{id}/groups',
  '/clients/{id}/roles/{id}/users',
  '/clients/{id}/roles/{id}/groups',
];

export const keycloakDescription: SourceDescription = {
  id: 'keycloak',
  title: 'Keycloak',
  intro:
    "Asks Keycloak's admin API (`macadam scan --keycloak https://sso.example.com/realms/staff`, or `npm start -- --keycloak …`), read only, or reads answers of it that an administrator saved (`macadam ingest --format keycloak DIR`). The credential is a client of that realm with a service account and a secret, in `KEYCLOAK_CLIENT_ID` and `KEYCLOAK_CLIENT_SECRET`; the permissions below are roles of the client `realm-management` (in the realm `master`: of `master-realm`), and the client needs the scope `roles`, so that its token says what it may see. A token that may see only some accounts gets a shorter list without a word, so a list counts only where the token says that it holds the role.",
  saving: [
    'One answer a file, as the whole exchange: `{"request": {"line": "GET https://sso.example.com/admin/realms/staff/users?first=0&max=500"}, "status": 200, "body": []}`. A body alone, in a file named by the path (`users.json`, `users/ID/credentials.json`, `realm.json`, `openid-configuration.json`), is read too.',
    'The realm is the `issuer` in `openid-configuration.json`; where that was not saved, give it by `--subject`.',
  ],
  endpoints: ENDPOINTS,
  kinds: {
    user: {
      directory: DIRECTORY,
      object_id: from(['/users'], '`id`'),
      environment: ENVIRONMENT,
      owners: NOT_TEAM,
      account: from(
        ['/users'],
        'the attribute `employeeType` of an account, where it is employee, contractor, guest or shared',
      ),
      enabled: from(['/users'], '`enabled`'),
      break_glass: APPROVED,
      methods: from(
        ['/users/{id}/credentials', '/identity-provider/instances'],
        'all credentials; the list may hold more for accounts of another directory, and where people sign in through another provider',
      ),
      weak_sign_in_blocked: from(
        ['/realm', '/clients', '/authentication/flows/{id}/executions', '/identity-provider/instances'],
        'whether every flow by which an account could sign in (browser, direct grant, forgotten password, those of single clients) asks for a passkey, a security key or a certificate; unknown where a step is not one that this version knows',
      ),
      weak_sign_ins: from(
        ['/events/user/{id}', '/events/config', '/events/oldest'],
        'sign-ins of seven days; an event does not say which method was used, so only "none at all" is known',
      ),
      recovery_path: 'how an account is recovered is a flow, not a fact of the account',
      last_recovery: 'events of recovery do not say who was checked, and how',
    },
    application: {
      directory: DIRECTORY,
      client_id: from(['/clients'], '`id`, of clients that can obtain tokens'),
      tenant: 'a realm is not a tenant of a cloud',
      environment: ENVIRONMENT,
      owners: NOT_TEAM,
      owner_accounts: 'a client has no owners in a realm',
      emergency_contact: 'a realm keeps no contact that somebody answered',
      enabled: from(['/clients'], '`enabled`'),
      break_glass: APPROVED,
      created_at: 'a realm does not keep when a client was made',
      last_used_at: from(
        ['/events/client/{id}', '/events/config', '/events/oldest'],
        'the newest sign-in or token, as far back as events reach',
      ),
      credentials: from(
        ['/clients'],
        'by how the client proves itself: its secret with its age and end, keys, or the word of another issuer; never a value',
      ),
      trusts: 'which issuers a client trusts is not read yet',
      entrances: 'which issuers it trusts is not read',
      machines: 'which issuers it trusts is not read',
      client_libraries: 'its code is in no directory; lockfiles say it (`token-clients`)',
      multi_tenant: from(['/clients'], 'never: a client belongs to one realm'),
      consent: from(['/clients'], '`own_tenant`: a client belongs to one realm'),
      instances_locked: 'there are no instances elsewhere',
      privileges: from(
        ['/clients/{id}/service-account-user', '/users/{id}/role-mappings'],
        'roles of its service account, without those that every account has',
      ),
    },
    'privileged-assignment': {
      resource: from(['/openid-configuration'], 'the realm'),
      principal: from(HOLDERS, '`id` of the account or group'),
      role: from(
        ['/roles', '/clients/{id}/roles', '/roles-by-id/{id}/composites'],
        'roles that manage the realm, and roles that bring them along',
      ),
      principal_kind: from(HOLDERS, 'account, service account or group'),
      holders: from(['/groups/{id}/members', '/groups/{id}/children'], 'members and inner groups of a group'),
      environment: ENVIRONMENT,
      owners: NOT_TEAM,
      break_glass: APPROVED,
      mode: from(HOLDERS, '`standing`: a role of a realm is in force without asking'),
      granted_through: 'whether a broker made it is not told',
      starts_at: 'a realm does not keep since when a role is held',
      ends_at: from(HOLDERS, 'none: a role of a realm does not end by itself'),
      last_used_at: 'events do not say which role an action needed',
    },
    'privileged-group': {
      directory: DIRECTORY,
      group_id: from(['/roles/{id}/groups', '/clients/{id}/roles/{id}/groups'], '`id`'),
      environment: ENVIRONMENT,
      owners: NOT_TEAM,
      grants: from(
        ['/roles/{id}/groups', '/clients/{id}/roles/{id}/groups'],
        'its roles, with those of the groups around it',
      ),
      members: from(
        ['/groups/{id}/members', '/groups/{id}/children'],
        'accounts and inner groups; since when is not told',
      ),
      decisions: 'a realm keeps no reviews',
      review: 'a realm keeps no reviews',
    },
  },
  unused: UNUSED,
  limits: [
    'Clients that only check tokens (`bearerOnly`) obtain none, and are counted in a note.',
    'Roles that only read (`view-…`, `query-…`) are not taken for privileged.',
    'Accounts of a directory behind the realm (LDAP) are listed as far as the realm has imported them.',
    'How a client is kept from weak sign-ins by its own code is not read.',
  ],
};
