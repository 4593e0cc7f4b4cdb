/** What Microsoft Graph tells of our kinds, by which request and permission, and what it does not. */
import { APPROVED, type Endpoint, from, type SourceDescription } from '../description.ts';

export const ENDPOINTS: readonly Endpoint[] = [
  { path: '/organization', permission: 'Organization.Read.All', gives: 'the tenant, and its id' },
  { path: '/policies/authorizationPolicy', permission: 'Policy.Read.All', gives: 'defaults of the tenant' },
  { path: '/users', permission: 'User.Read.All', gives: 'accounts' },
  {
    path: '/reports/authenticationMethods/userRegistrationDetails',
    permission: 'AuditLog.Read.All',
    gives: 'which methods each account registered',
  },
  {
    path: '/users/{id}/authentication/methods',
    permission: 'UserAuthenticationMethod.Read.All',
    gives: 'the methods of one account, with the password and when each was registered',
  },
  {
    path: '/policies/authenticationMethodsPolicy',
    permission: 'Policy.Read.AuthenticationMethod',
    gives: 'whether certificates are accepted, which no list of an account shows',
  },
  {
    path: '/applications',
    permission: 'Application.Read.All',
    gives: 'app registrations and their credentials',
  },
  {
    path: '/applications/{id}/owners',
    permission: 'Application.Read.All',
    gives: 'accounts that own an application',
  },
  {
    path: '/applications/{id}/federatedIdentityCredentials',
    permission: 'Application.Read.All',
    gives: 'issuers whose word an application takes',
  },
  {
    path: '/servicePrincipals',
    permission: 'Application.Read.All',
    gives: 'whether an application may sign in here, and managed identities',
  },
  {
    path: '/servicePrincipals/{id}/appRoleAssignments',
    permission: 'Application.Read.All',
    gives: 'permissions that an application holds without a person',
  },
  {
    path: '/reports/servicePrincipalSignInActivities',
    permission: 'AuditLog.Read.All',
    gives: 'when each application was last used (beta)',
  },
  { path: '/groups', permission: 'GroupMember.Read.All', gives: 'groups that can hold roles' },
  { path: '/groups/{id}/members', permission: 'GroupMember.Read.All', gives: 'direct members of a group' },
  {
    path: '/roleManagement/directory/roleDefinitions',
    permission: 'RoleManagement.Read.Directory',
    gives: 'names of roles',
  },
  {
    path: '/roleManagement/directory/roleAssignments',
    permission: 'RoleManagement.Read.Directory',
    gives: 'who holds which role',
  },
  {
    path: '/roleManagement/directory/roleAssignmentScheduleInstances',
    permission: 'RoleAssignmentSchedule.Read.Directory',
    gives: 'whether a role stands or was activated, and until when',
  },
  {
    path: '/roleManagement/directory/roleEligibilityScheduleInstances',
    permission: 'RoleEligibilitySchedule.Read.Directory',
    gives: 'who may ask for which role, and until when',
  },
  {
    path: '/identityGovernance/accessReviews/definitions',
    permission: 'AccessReview.Read.All',
    gives: 'which groups are reviewed',
  },
  {
    path: '/identityGovernance/accessReviews/definitions/{id}/instances',
    permission: 'AccessReview.Read.All',
    gives: 'each round of a review',
  },
  {
    path: '/identityGovernance/accessReviews/definitions/{id}/instances/{id}/decisions',
    permission: 'AccessReview.Read.All',
    gives: 'who decided what about whom, and when',
  },
  { path: '/devices', permission: 'Device.Read.All', gives: 'devices of the directory' },
  {
    path: '/deviceManagement/managedDevices',
    permission: 'DeviceManagementManagedDevices.Read.All',
    gives: "Intune's own evaluation of each device",
  },
];

const ELSEWHERE = 'no attribute of a kind comes from it';

export const UNUSED: Readonly<Record<string, string>> = {
  '/me': 'the account of whoever saved it; it is among /users',
  '/me/authentication/methods':
    'it does not say whose methods they are; save /users/{id}/authentication/methods',
  '/me/authentication/methods/{id}':
    'it does not say whose method it is; save /users/{id}/authentication/methods',
  '/auditLogs/signIns': 'version 1.0 does not say by which method somebody signed in',
  '/auditLogs/directoryAudits': ELSEWHERE,
  '/identity/conditionalAccess/policies':
    'what the policies together refuse an account has to be evaluated by the directory; their texts do not tell it',
  '/identity/conditionalAccess/namedLocations': ELSEWHERE,
  '/policies/authenticationStrengthPolicies': ELSEWHERE,
  '/policies/roleManagementPolicies': ELSEWHERE,
  '/policies/roleManagementPolicyAssignments': ELSEWHERE,
  '/oauth2PermissionGrants':
    'permissions with a signed-in person are no privileges of the application itself',
  '/directoryRoles': 'who holds a role is read from /roleManagement/directory/roleAssignments',
  '/directoryRoleTemplates': 'names of roles are read from /roleManagement/directory/roleDefinitions',
  '/roleManagement/directory/roleAssignmentSchedules': 'the instances of a schedule say what is in force',
  '/roleManagement/directory/roleEligibilitySchedules': 'the instances of a schedule say what is in force',
  '/roleManagement/directory/roleAssignmentScheduleRequests': 'a request is not yet a right',
  '/roleManagement/directory/roleEligibilityScheduleRequests': 'a request is not yet a right',
  '/me/authentication/{id}':
    'it does not say whose methods they are; save /users/{id}/authentication/methods',
  '/users/{id}/authentication/{id}':
    'it holds methods of one type alone; save /users/{id}/authentication/methods',
  '/domains': ELSEWHERE,
  '/subscribedSkus': ELSEWHERE,
};

const NOT_TEAM =
  'the directory knows people, and an owner is a team: state it in the organisation (`org.yaml`), which the owner rules apply';
const NOT_ENVIRONMENT =
  'the directory does not say what it serves; send it as an observation of another source';

const REGISTRATION = '/reports/authenticationMethods/userRegistrationDetails';
const METHODS = '/users/{id}/authentication/methods';
const METHODS_POLICY = '/policies/authenticationMethodsPolicy';
const ASSIGNMENTS = '/roleManagement/directory/roleAssignments';
const ACTIVE = '/roleManagement/directory/roleAssignmentScheduleInstances';
const ELIGIBLE = '/roleManagement/directory/roleEligibilityScheduleInstances';
const ROLES = '/roleManagement/directory/roleDefinitions';
const DECISIONS = '/identityGovernance/accessReviews/definitions/{id}/instances/{id}/decisions';

export const entraDescription: SourceDescription = {
  id: 'entra',
  title: 'Entra ID and Intune (Microsoft Graph)',
  intro:
    'Reads answers of Microsoft Graph that an administrator saved: `macadam ingest --format entra DIR` sends nothing to Microsoft and needs no credential. `macadam scan --entra TENANT` asks for the same answers itself. A field, a page or a permission that is missing makes what it would have said unknown, with the reason; it never makes anything pass.',
  saving: [
    'Or let Macadam ask: `ENTRA_TOKEN=… macadam scan --entra TENANT`, with an access token of an application that has the permissions below (`az account get-access-token --resource-type ms-graph` gives one of yours). With several tenants each has a variable of its own, `ENTRA_TOKEN_` and its id with `_` for `-`. Nothing is ever written, and a permission that is missing costs what it would have shown, by name.',
    'One answer a file. The body as Graph gives it, in a file named by the path of the request below one folder: `organization.json`, `users.json`, `users-2.json` for its second page, `groups/ID/members.json`. A file of that name is taken for the whole list, so save it without `$filter` and `$search`. Or the whole exchange, in a file of any name: `{"request": {"line": "GET https://graph.microsoft.com/v1.0/users?$select=id,accountEnabled"}, "status": 200, "headers": {}, "body": {}}`.',
    'Save the errors too: a 403 says which permission was missing, and the report then names it. The tenant is the id in `organization.json`; where that was not saved, give it by `--subject`.',
    'Ask `/users` with `$select=id,displayName,userPrincipalName,userType,accountEnabled,employeeType`, since Graph leaves most of these out otherwise; `/groups` with `$select=id,displayName,isAssignableToRole`.',
  ],
  endpoints: ENDPOINTS,
  kinds: {
    user: {
      directory: from(['/organization'], 'id of the tenant'),
      object_id: from(['/users'], '`id`'),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      account: from(
        ['/users'],
        '`userType` Guest is `guest`; `employeeType` Employee or Contractor where it is kept. A member without it may be anybody: unknown, until a directory of people says so',
      ),
      enabled: from(['/users'], '`accountEnabled`'),
      break_glass: APPROVED,
      methods: from(
        [METHODS, REGISTRATION, METHODS_POLICY],
        'the list of the account is whole where certificates are disabled by policy; the report alone shows neither the password nor certificates, so that list may hold more',
      ),
      weak_sign_in_blocked: 'Graph has no answer in version 1.0 that evaluates every policy for one account',
      weak_sign_ins: 'the sign-in log of version 1.0 does not say which method was used',
      recovery_path: 'how an account is recovered is not kept in the directory',
      last_recovery: 'how an account was recovered is not kept in the directory',
    },
    application: {
      directory: from(['/organization'], 'id of the tenant'),
      client_id: from(['/applications', '/servicePrincipals'], '`appId`'),
      tenant: from(['/organization'], 'the tenant asset'),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      owner_accounts: from(
        ['/applications/{id}/owners', '/users', '/servicePrincipals'],
        'owners in the directory, and `accountEnabled` of each',
      ),
      emergency_contact: 'the directory keeps no contact that somebody answered',
      enabled: from(
        ['/servicePrincipals', '/applications'],
        '`accountEnabled` of its instance in this tenant, unless Microsoft or an administrator disabled it',
      ),
      break_glass: APPROVED,
      created_at: from(['/applications'], '`createdDateTime`; of a managed identity it is not told'),
      last_used_at: from(
        ['/reports/servicePrincipalSignInActivities'],
        'the newest of its activities. The report does not say how far back it reaches: the oldest activity that it holds shows that',
      ),
      credentials: from(
        ['/applications', '/servicePrincipals', '/applications/{id}/federatedIdentityCredentials'],
        'secrets and certificates of the registration and of its instance, and the issuers that it trusts; whole where all three were saved',
      ),
      trusts: from(
        ['/applications', '/applications/{id}/federatedIdentityCredentials'],
        '`issuer` and `subject` of each, or the one subject that its `claimsMatchingExpression` asks for; subjects of GitHub, GitLab.com and accounts of Kubernetes are worked out',
      ),
      entrances: from(
        ['/applications', '/applications/{id}/federatedIdentityCredentials'],
        'where both are measured at once: what `--github OWNER` says of the environments that it trusts',
      ),
      machines: from(
        ['/applications', '/applications/{id}/federatedIdentityCredentials'],
        'where both are measured at once: what `--github OWNER` says of the environments that it trusts',
      ),
      client_libraries: 'its code is in no directory; lockfiles say it (`token-clients`)',
      multi_tenant: from(['/applications'], '`signInAudience`'),
      consent: from(
        ['/applications'],
        '`own_tenant` by `signInAudience`; of an application for many tenants version 1.0 does not say whether only some of them may consent',
      ),
      instances_locked: from(
        ['/applications'],
        '`servicePrincipalLockConfiguration`: enabled, for all or for both uses of credentials',
      ),
      privileges: from(
        ['/servicePrincipals/{id}/appRoleAssignments', '/servicePrincipals'],
        'named by the roles of the application that gives them, else by id; whether a reviewer approved one is unknown',
      ),
    },
    tenant: {
      cloud: from(['/organization'], '`entra`'),
      tenant_id: from(['/organization'], '`id`'),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      state: 'Graph does not tell; a tenant that is disabled answers nobody',
      lasting: APPROVED,
      created_at: from(['/organization'], '`createdDateTime`'),
      created_through: 'the directory does not know who ordered it',
      expires_at: 'a tenant has no end in the directory; whoever vends them keeps it',
      last_active_at: 'it takes the sign-in log, the audit log and the bill of 90 days together',
      defaults: from(
        ['/policies/authorizationPolicy'],
        '`no-user-consent` and `no-guest-invites`, as far as the policy says it plainly; the list may hold more',
      ),
    },
    'privileged-group': {
      directory: from(['/organization'], 'id of the tenant'),
      group_id: from(
        ['/groups'],
        '`id`, of groups with `isAssignableToRole`: only these can hold a role of the directory',
      ),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      grants: from([ASSIGNMENTS, ELIGIBLE, ROLES], 'roles that the group holds or may ask for'),
      members: from(['/groups/{id}/members'], 'direct members; since when is not told'),
      decisions: from([DECISIONS], '`decision` and `reviewedDateTime` of that round'),
      review: from(
        [
          '/identityGovernance/accessReviews/definitions',
          '/identityGovernance/accessReviews/definitions/{id}/instances',
          DECISIONS,
        ],
        'the newest round that is over, of the reviews about the group',
      ),
    },
    'privileged-assignment': {
      resource: from(['/organization', ASSIGNMENTS], 'the tenant and `directoryScopeId`'),
      principal: from([ASSIGNMENTS, ACTIVE, ELIGIBLE], '`principalId`'),
      role: from([ROLES, ASSIGNMENTS], 'the name of the role; unknown where the definitions were not saved'),
      principal_kind: from(
        [ASSIGNMENTS, '/users', '/groups', '/servicePrincipals'],
        'type of the principal where it was expanded, else the list that holds its id',
      ),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      break_glass: APPROVED,
      holders: from(
        ['/groups/{id}/members', ASSIGNMENTS],
        'direct members of the group that holds it; none for a person or an application',
      ),
      mode: from(
        [ACTIVE, ELIGIBLE],
        '`standing` for `Assigned`, `active` for `Activated`, `eligible`; the plain list of assignments does not tell the first two apart',
      ),
      granted_through: from(
        [ACTIVE, ELIGIBLE],
        '`broker` for what was activated or can be asked for, `direct` for what was assigned',
      ),
      starts_at: from([ACTIVE], '`startDateTime`; absent while it can only be asked for'),
      ends_at: from([ACTIVE, ELIGIBLE], '`endDateTime`; absent when it never ends'),
      last_used_at: 'the directory does not log which role an action needed',
    },
    device: {
      directory: from(['/organization'], 'id of the tenant'),
      device_id: from(
        ['/devices', '/deviceManagement/managedDevices'],
        '`deviceId`, by which Intune knows it as `azureADDeviceId`',
      ),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      hostname: from(
        ['/deviceManagement/managedDevices', '/devices'],
        '`deviceName`, else the first of `hostNames`',
      ),
      platform: from(['/devices', '/deviceManagement/managedDevices'], '`operatingSystem`'),
      profile: from(
        ['/devices'],
        '`unmanaged` where `isManaged` is false; which profile a managed device has is not told',
      ),
      compliant: from(
        ['/deviceManagement/managedDevices', '/devices'],
        "Intune's evaluation is effective; what the directory repeats of it is configured, and no statement",
      ),
      evaluated_at: from(['/deviceManagement/managedDevices'], '`lastSyncDateTime`'),
      broken_rules: from(
        ['/deviceManagement/managedDevices'],
        'none where it is compliant; which ones otherwise is not in the list',
      ),
      reached_production_at: 'it takes the sign-in log of production',
    },
  },
  unused: UNUSED,
  limits: [
    'Applications of other tenants that have an instance here are counted in a note: they are assets of the directory in which they are registered.',
    'Groups give power outside of the directory too (subscriptions, repositories). Only those that can hold a role of the directory are taken for privileged.',
    'Saved changes (`/delta`) are no list: what they hold is taken, and nothing is gone by them.',
    'A measurement keeps the accounts that it listed in the folder of caches, in a file that its owner alone reads, and asks for what changed (`/users/delta`) for a week. Whoever asks as somebody else, or by a token that does not say whose it is, lists all of them.',
  ],
};
