/** How each request is written for the SDK, and by which words its pages lead on. */

export type Service =
  | 'sts'
  | 'iam'
  | 'organizations'
  | 'ec2'
  | 's3'
  | 'kms'
  | 'cloudtrail'
  | 'scheduler'
  | 's3control'
  | 'acm';

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

/** Every type of key that a certificate of Certificate Manager may be for. */
const KEY_TYPES = [
  'RSA_1024',
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'EC_prime256v1',
  'EC_secp384r1',
  'EC_secp521r1',
];

const ec2 = (command: string, list: string): SdkRequest => ({
  service: 'ec2',
  command,
  input: { MaxResults: 1000 },
  list,
  page: NEXT,
});

export const REQUESTS: Readonly<Record<string, SdkRequest | undefined>> = {
  'ec2/describe-managed-prefix-lists': {
    ...ec2('DescribeManagedPrefixListsCommand', 'PrefixLists'),
    input: { MaxResults: 100 },
  },
  'ec2/get-managed-prefix-list-entries': {
    ...ec2('GetManagedPrefixListEntriesCommand', 'Entries'),
    input: { MaxResults: 100 },
  },
  'ec2/describe-flow-logs': ec2('DescribeFlowLogsCommand', 'FlowLogs'),
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
  'organizations/list-tags-for-resource': {
    service: 'organizations',
    command: 'ListTagsForResourceCommand',
    list: 'Tags',
    page: NEXT,
  },
  'scheduler/list-schedules': {
    service: 'scheduler',
    command: 'ListSchedulesCommand',
    input: { MaxResults: 100 },
    list: 'Schedules',
    page: NEXT,
  },
  'scheduler/get-schedule': { service: 'scheduler', command: 'GetScheduleCommand' },
  'ec2/describe-network-insights-access-scope-analyses': {
    service: 'ec2',
    command: 'DescribeNetworkInsightsAccessScopeAnalysesCommand',
    input: { MaxResults: 100 },
    list: 'NetworkInsightsAccessScopeAnalyses',
    page: NEXT,
  },
  'ec2/get-network-insights-access-scope-content': {
    service: 'ec2',
    command: 'GetNetworkInsightsAccessScopeContentCommand',
  },
  'ec2/get-network-insights-access-scope-analysis-findings': {
    service: 'ec2',
    command: 'GetNetworkInsightsAccessScopeAnalysisFindingsCommand',
    input: { MaxResults: 100 },
    list: 'AnalysisFindings',
    page: NEXT,
  },
  's3/get-bucket-tagging': { service: 's3', command: 'GetBucketTaggingCommand' },
  's3control/list-access-grants': {
    service: 's3control',
    command: 'ListAccessGrantsCommand',
    input: { MaxResults: 1000 },
    list: 'AccessGrantsList',
    page: NEXT,
  },
  'cloudtrail/get-event-selectors': { service: 'cloudtrail', command: 'GetEventSelectorsCommand' },
  's3/list-objects-v2': {
    service: 's3',
    command: 'ListObjectsV2Command',
    list: 'Contents',
    page: { ask: 'ContinuationToken', given: 'NextContinuationToken' },
  },
  'acm/list-certificates': {
    service: 'acm',
    command: 'ListCertificatesCommand',
    // Without these it lists keys of RSA with 1024 and 2048 bits alone.
    input: { Includes: { keyTypes: KEY_TYPES }, MaxItems: 1000 },
    list: 'CertificateSummaryList',
    page: NEXT,
  },
  'acm/get-certificate': { service: 'acm', command: 'GetCertificateCommand' },
  'iam/list-server-certificates': {
    service: 'iam',
    command: 'ListServerCertificatesCommand',
    list: 'ServerCertificateMetadataList',
    page: MARKER,
  },
  'iam/get-server-certificate': { service: 'iam', command: 'GetServerCertificateCommand' },
};
