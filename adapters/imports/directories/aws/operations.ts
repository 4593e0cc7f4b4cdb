/** What is asked of AWS, by the names of its command line: each with the permission that it takes. */
import { compact } from '../../../compact.ts';
import type { Endpoint } from '../description.ts';

export interface AwsOperation extends Endpoint {
  /** `ec2/describe-subnets`, as the command line of AWS calls it. */
  readonly path: string;
  /** Whether each region answers for itself. */
  readonly regional: boolean;
  /** The error by which AWS says that there is none of it, which is an answer. */
  readonly noneCode?: string;
}

const inRegion = (path: string, permission: string, gives: string, noneCode?: string): AwsOperation =>
  compact({
    path,
    permission,
    gives,
    regional: true,
    noneCode,
  });

const global = (path: string, permission: string, gives: string, noneCode?: string): AwsOperation =>
  compact({
    path,
    permission,
    gives,
    regional: false,
    noneCode,
  });

/** What a live measurement asks for. */
export const AWS_OPERATIONS: readonly AwsOperation[] = [
  global('sts/get-caller-identity', 'no permission', 'which account it is'),
  global(
    'iam/get-account-authorization-details',
    'iam:GetAccountAuthorizationDetails',
    'roles, who may take them on, their last use and policies',
  ),
  global(
    'iam/get-account-summary',
    'iam:GetAccountSummary',
    'how many roles there are, which nothing listed has to agree with',
  ),
  global(
    'iam/list-mfa-devices',
    'iam:ListMFADevices',
    'of which type the second steps of a user are, one answer a user',
  ),
  global(
    'organizations/describe-organization',
    'organizations:DescribeOrganization',
    'whether the account manages an organisation',
    'AWSOrganizationsNotInUseException',
  ),
  global(
    'organizations/list-accounts',
    'organizations:ListAccounts',
    'all accounts of the organisation, from its management account',
  ),
  global('ec2/describe-regions', 'ec2:DescribeRegions', 'in which regions something can be'),
  inRegion('ec2/describe-subnets', 'ec2:DescribeSubnets', 'subnets'),
  inRegion('ec2/describe-route-tables', 'ec2:DescribeRouteTables', 'whether a subnet has a way out'),
  inRegion(
    'ec2/describe-network-interfaces',
    'ec2:DescribeNetworkInterfaces',
    'what is attached to a subnet',
  ),
  inRegion(
    'ec2/describe-security-group-rules',
    'ec2:DescribeSecurityGroupRules',
    'who may connect to what is attached, and where that may connect to',
  ),
  inRegion(
    'ec2/describe-network-acls',
    'ec2:DescribeNetworkAcls',
    'whether a subnet itself denies something',
  ),
  inRegion('ec2/describe-instances', 'ec2:DescribeInstances', 'virtual machines'),
  global('s3/list-buckets', 's3:ListAllMyBuckets', 'buckets'),
  global(
    's3/get-bucket-policy',
    's3:GetBucketPolicy',
    'whether a bucket denies all but named networks, one answer a bucket',
    'NoSuchBucketPolicy',
  ),
  global(
    's3/get-bucket-lifecycle-configuration',
    's3:GetLifecycleConfiguration',
    'how long a bucket of logs keeps them',
    'NoSuchLifecycleConfiguration',
  ),
  global(
    's3/get-object-lock-configuration',
    's3:GetBucketObjectLockConfiguration',
    'whether nobody can shorten that',
    'ObjectLockConfigurationNotFoundError',
  ),
  inRegion('kms/list-keys', 'kms:ListKeys', 'keys'),
  global('kms/describe-key', 'kms:DescribeKey', 'what a key is for and where it was made, one answer a key'),
  inRegion('cloudtrail/describe-trails', 'cloudtrail:DescribeTrails', 'trails, and where they deliver'),
  global(
    'cloudtrail/get-trail-status',
    'cloudtrail:GetTrailStatus',
    'when a trail delivered last, one answer a trail',
  ),
  global(
    'organizations/list-tags-for-resource',
    'organizations:ListTagsForResource',
    'which team an account is for, by a tag `owner` or `team`, one answer an account',
  ),
  inRegion('scheduler/list-schedules', 'scheduler:ListSchedules', 'schedules'),
  inRegion(
    'scheduler/get-schedule',
    'scheduler:GetSchedule',
    'whether a schedule closes an account, and when, one answer a schedule',
  ),
  inRegion(
    'ec2/describe-network-insights-access-scope-analyses',
    'ec2:DescribeNetworkInsightsAccessScopeAnalyses',
    'which analyses of reachability ended, and when',
  ),
  inRegion(
    'ec2/get-network-insights-access-scope-content',
    'ec2:GetNetworkInsightsAccessScopeContent',
    'what an analysis asked for, one answer a scope',
  ),
  inRegion(
    'ec2/get-network-insights-access-scope-analysis-findings',
    'ec2:GetNetworkInsightsAccessScopeAnalysisFindings',
    'the paths that an analysis found, one answer an analysis',
  ),
  global(
    's3/get-bucket-tagging',
    's3:GetBucketTagging',
    'whether a bucket holds crash dumps, one answer a bucket',
    'NoSuchTagSet',
  ),
  inRegion(
    's3control/list-access-grants',
    's3:ListAccessGrants',
    'who may read which object or prefix by S3 Access Grants, where a bucket holds crash dumps',
    'AccessGrantsInstanceNotExistsError',
  ),
  global(
    'cloudtrail/get-event-selectors',
    'cloudtrail:GetEventSelectors',
    'whether a trail records changes alone, one answer a trail',
  ),
  global(
    's3/list-objects-v2',
    's3:ListBucket',
    'what a trail of the organisation delivered of an account, one answer a bucket and account; and which files a flow log delivered, one answer a bucket and log',
  ),
  inRegion(
    'ec2/describe-managed-prefix-lists',
    'ec2:DescribeManagedPrefixLists',
    'which lists of prefixes rules and routes name, and whether AWS keeps them',
  ),
  inRegion(
    'ec2/get-managed-prefix-list-entries',
    'ec2:GetManagedPrefixListEntries',
    'what a list of prefixes stands for, one answer a list',
  ),
  inRegion(
    'ec2/describe-flow-logs',
    'ec2:DescribeFlowLogs',
    'which flow logs are on, of what, and where they deliver',
  ),
  global('s3/get-object', 's3:GetObject', 'the flow records themselves, with `--aws-flows read` alone'),
];

/** What an account holds of certificates, for whoever compares them over several boundaries. */
export const CERTIFICATE_OPERATIONS: readonly AwsOperation[] = [
  inRegion('acm/list-certificates', 'acm:ListCertificates', 'certificates of Certificate Manager'),
  inRegion('acm/get-certificate', 'acm:GetCertificate', 'a certificate itself, one answer a certificate'),
  global('iam/list-server-certificates', 'iam:ListServerCertificates', 'certificates that IAM keeps'),
  global(
    'iam/get-server-certificate',
    'iam:GetServerCertificate',
    'a certificate itself, one answer a certificate; never its key',
  ),
];

const BY_NAME: ReadonlyMap<string, AwsOperation> = new Map(
  [...AWS_OPERATIONS, ...CERTIFICATE_OPERATIONS].map((one) => [one.path.replace('/', '-'), one] as const),
);

/** By the name of a file or folder: `ec2-describe-subnets`. */
export const operationAt = (name: string): AwsOperation | null => BY_NAME.get(name.toLowerCase()) ?? null;
