/** What is asked of a tenant: every list that is read, with the fields that are needed of it and no others. */

export interface ListRequest {
  /** As the description of the source names it. */
  readonly endpoint: string;
  /** With version and query. */
  readonly path: string;
}

const select = (...fields: readonly string[]): string => `$select=${fields.join(',')}`;

/** Asked of every tenant. */
export const LISTS: readonly ListRequest[] = [
  { endpoint: '/organization', path: `/v1.0/organization?${select('id', 'displayName', 'createdDateTime')}` },
  { endpoint: '/policies/authorizationPolicy', path: '/v1.0/policies/authorizationPolicy' },
  { endpoint: '/policies/authenticationMethodsPolicy', path: '/v1.0/policies/authenticationMethodsPolicy' },
  {
    endpoint: '/users',
    path: `/v1.0/users?$top=999&${select('id', 'displayName', 'userPrincipalName', 'userType', 'accountEnabled', 'employeeType')}`,
  },
  {
    endpoint: '/reports/authenticationMethods/userRegistrationDetails',
    path: `/v1.0/reports/authenticationMethods/userRegistrationDetails?${select('id', 'userPrincipalName', 'userType', 'methodsRegistered')}`,
  },
  {
    endpoint: '/applications',
    path: `/v1.0/applications?$top=999&${select('id', 'appId', 'displayName', 'createdDateTime', 'signInAudience', 'disabledByMicrosoftStatus', 'isDisabled', 'passwordCredentials', 'keyCredentials', 'servicePrincipalLockConfiguration')}`,
  },
  {
    endpoint: '/servicePrincipals',
    path: `/v1.0/servicePrincipals?$top=999&${select('id', 'appId', 'displayName', 'servicePrincipalType', 'appOwnerOrganizationId', 'accountEnabled', 'passwordCredentials', 'keyCredentials', 'appRoles')}`,
  },
  {
    endpoint: '/reports/servicePrincipalSignInActivities',
    path: '/beta/reports/servicePrincipalSignInActivities',
  },
  { endpoint: '/groups', path: `/v1.0/groups?$top=999&${select('id', 'displayName', 'isAssignableToRole')}` },
  {
    endpoint: '/roleManagement/directory/roleDefinitions',
    path: `/v1.0/roleManagement/directory/roleDefinitions?${select('id', 'templateId', 'displayName')}`,
  },
  {
    endpoint: '/roleManagement/directory/roleAssignments',
    path: '/v1.0/roleManagement/directory/roleAssignments',
  },
  {
    endpoint: '/roleManagement/directory/roleAssignmentScheduleInstances',
    path: '/v1.0/roleManagement/directory/roleAssignmentScheduleInstances',
  },
  {
    endpoint: '/roleManagement/directory/roleEligibilityScheduleInstances',
    path: '/v1.0/roleManagement/directory/roleEligibilityScheduleInstances',
  },
  {
    endpoint: '/identityGovernance/accessReviews/definitions',
    path: '/v1.0/identityGovernance/accessReviews/definitions',
  },
  {
    endpoint: '/devices',
    path: `/v1.0/devices?$top=999&${select('id', 'deviceId', 'displayName', 'operatingSystem', 'isManaged', 'isCompliant')}`,
  },
  {
    endpoint: '/deviceManagement/managedDevices',
    path: `/v1.0/deviceManagement/managedDevices?${select('id', 'azureADDeviceId', 'deviceName', 'operatingSystem', 'complianceState', 'lastSyncDateTime')}`,
  },
];

const encoded = (id: string): string => encodeURIComponent(id);

export const methodsOf = (user: string): string => `/v1.0/users/${encoded(user)}/authentication/methods`;
export const ownersOf = (application: string): string => `/v1.0/applications/${encoded(application)}/owners`;
export const trustsOf = (application: string): string =>
  `/v1.0/applications/${encoded(application)}/federatedIdentityCredentials`;
export const grantsOf = (principal: string): string =>
  `/v1.0/servicePrincipals/${encoded(principal)}/appRoleAssignments`;
export const membersOf = (group: string): string => `/v1.0/groups/${encoded(group)}/members?$top=999`;
const REVIEWS = '/v1.0/identityGovernance/accessReviews/definitions';
export const roundsOf = (review: string): string => `${REVIEWS}/${encoded(review)}/instances`;
export const decisionsOf = (review: string, round: string): string =>
  `${REVIEWS}/${encoded(review)}/instances/${encoded(round)}/decisions`;
