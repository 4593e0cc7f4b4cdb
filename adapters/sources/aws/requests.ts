/** How each request is written for the SDK, and by which words its pages lead on. */

export type Service = 'sts' | 'iam' | 'organizations' | 'ec2' | 's3' | 'kms' | 'cloudtrail';

export interface SdkRequest {
  readonly service: Service;
  readonly command: string;
  readonly input?: Readonly<Record<string, unknown>>;
  /** The field of the answer that holds the list; left out where it is no list. */
  readonly list?: string;
  /** Names of the page's token: in the request, and in the answer. */
  readonly page?: { readonly ask: string; readonly given: string };
}

const NEXT = { ask: 'NextToken', given: 'NextToken' } as const;
const MARKER = { ask: 'Marker', given: 'Marker' } as const;

const ec2 = (command: string, list: string): SdkRequest => ({
  service: 'ec2',
  command,
  input: { MaxResults: 1000 },
  list,
  page: NEXT,
});

export const REQUESTS: Readonly<Record<string, SdkRequest | undefined>> = {
  'sts/get-caller-identity': { service: 'sts', command: 'GetCallerIdentityCommand' },
  'iam/get-account-authorization-details': {
    service: 'iam',
    command: 'GetAccountAuthorizationDetailsCommand',
    input: { Filter: ['Role'] },
    list: 'RoleDetailList',
    page: MARKER,
  },
  'iam/get-account-summary': { service: 'iam', command: 'GetAccountSummaryCommand' },
  'iam/list-mfa-devices': {
    service: 'iam',
    command: 'ListMFADevicesCommand',
    list: 'MFADevices',
    page: MARKER,
  },
  'organizations/describe-organization': {
    service: 'organizations',
    command: 'DescribeOrganizationCommand',
  },
  'organizations/list-accounts': {
    service: 'organizations',
    command: 'ListAccountsCommand',
    list: 'Accounts',
    page: NEXT,
  },
  'ec2/describe-regions': { service: 'ec2', command: 'DescribeRegionsCommand', list: 'Regions' },
  'ec2/describe-subnets': ec2('DescribeSubnetsCommand', 'Subnets'),
  'ec2/describe-route-tables': {
    service: 'ec2',
    command: 'DescribeRouteTablesCommand',
    input: { MaxResults: 100 },
    list: 'RouteTables',
    page: NEXT,
  },
  'ec2/describe-network-interfaces': ec2('DescribeNetworkInterfacesCommand', 'NetworkInterfaces'),
  'ec2/describe-security-group-rules': ec2('DescribeSecurityGroupRulesCommand', 'SecurityGroupRules'),
  'ec2/describe-network-acls': ec2('DescribeNetworkAclsCommand', 'NetworkAcls'),
  'ec2/describe-instances': ec2('DescribeInstancesCommand', 'Reservations'),
  's3/list-buckets': {
    service: 's3',
    command: 'ListBucketsCommand',
    input: { MaxBuckets: 1000 },
    list: 'Buckets',
    page: { ask: 'ContinuationToken', given: 'ContinuationToken' },
  },
  's3/get-bucket-policy': { service: 's3', command: 'GetBucketPolicyCommand' },
  's3/get-bucket-lifecycle-configuration': {
    service: 's3',
    command: 'GetBucketLifecycleConfigurationCommand',
    list: 'Rules',
  },
  's3/get-object-lock-configuration': { service: 's3', command: 'GetObjectLockConfigurationCommand' },
  'kms/list-keys': {
    service: 'kms',
    command: 'ListKeysCommand',
    input: { Limit: 1000 },
    list: 'Keys',
    page: { ask: 'Marker', given: 'NextMarker' },
  },
  'kms/describe-key': { service: 'kms', command: 'DescribeKeyCommand' },
  'cloudtrail/describe-trails': {
    service: 'cloudtrail',
    command: 'DescribeTrailsCommand',
    list: 'trailList',
  },
  'cloudtrail/get-trail-status': { service: 'cloudtrail', command: 'GetTrailStatusCommand' },
};
