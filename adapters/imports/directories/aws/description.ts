/** What AWS tells of our kinds, by which request and permission, and what it does not. */
import { APPROVED, type Delivery, from, type SourceDescription } from '../description.ts';
import { AWS_OPERATIONS, CERTIFICATE_OPERATIONS } from './operations.ts';

export const REPORT = 'credential-report.csv';

const NOT_TEAM =
  'AWS knows users and roles, and an owner is a team: state it in the organisation (`org.yaml`)';
const ENVIRONMENT = 'AWS does not say what an account serves; `--aws-environment` states it';
const NOT_ENVIRONMENT = 'AWS does not say what it serves; `--aws-environment` states it';

const IDENTITY = 'sts/get-caller-identity';
const ROLES = 'iam/get-account-authorization-details';
const ACCOUNTS = 'organizations/list-accounts';
const MFA = 'iam/list-mfa-devices';
const SUBNETS = 'ec2/describe-subnets';
const ROUTES = 'ec2/describe-route-tables';
const RULES = 'ec2/describe-security-group-rules';
const INTERFACES = 'ec2/describe-network-interfaces';
const ACLS = 'ec2/describe-network-acls';
const MACHINES = 'ec2/describe-instances';
const BUCKETS = 's3/list-buckets';
const POLICY = 's3/get-bucket-policy';
const KEY = 'kms/describe-key';
const KEYS = 'kms/list-keys';
const TAGS = 'organizations/list-tags-for-resource';
const SCHEDULES = 'scheduler/list-schedules';
const SCHEDULE = 'scheduler/get-schedule';
const ANALYSES = 'ec2/describe-network-insights-access-scope-analyses';
const SCOPE = 'ec2/get-network-insights-access-scope-content';
const FINDINGS = 'ec2/get-network-insights-access-scope-analysis-findings';
const TAGGING = 's3/get-bucket-tagging';
const GRANTS = 's3control/list-access-grants';
const SELECTORS = 'cloudtrail/get-event-selectors';
const OBJECTS = 's3/list-objects-v2';
const TRAILS = 'cloudtrail/describe-trails';
const PREFIXES = 'ec2/describe-managed-prefix-lists';
const ENTRIES = 'ec2/get-managed-prefix-list-entries';
const FLOW_LOGS = 'ec2/describe-flow-logs';
const FLOWS = 's3/get-object';

const user: Readonly<Record<string, Delivery>> = {
  directory: from([REPORT], '`aws/` and the account'),
  object_id: from([REPORT], '`arn`: the report does not have the id that never comes back'),
  environment: ENVIRONMENT,
  owners: NOT_TEAM,
  account: 'whether it is of an employee, a contractor or shared is not told',
  enabled: from([REPORT], 'true: users without a password are taken for applications'),
  break_glass: APPROVED,
  methods: from(
    [REPORT, MFA],
    'the password, and second steps: `u2f` in the serial is a key that refuses other sites, everything else gives out codes; whole where no second step is on, or where its devices were listed',
  ),
  weak_sign_in_blocked: 'policies that demand a second step are not worked out',
  weak_sign_ins: 'the trail has to be read with its window; it is not read yet',
  recovery_path: 'how it would be recovered is not told',
  last_recovery: 'how it was recovered is not told',
};

const application: Readonly<Record<string, Delivery>> = {
  directory: from([REPORT, ROLES], '`aws/` and the account'),
  client_id: from([REPORT, ROLES], '`arn` of users without a password, `RoleId` of roles'),
  tenant: from([REPORT, ROLES], 'the account'),
  environment: ENVIRONMENT,
  owners: NOT_TEAM,
  owner_accounts: 'users and roles of IAM have no owner',
  emergency_contact: 'IAM keeps no contact that somebody answered',
  enabled: from([REPORT, ROLES], 'whether a key or certificate is active; a role can always be taken on'),
  break_glass: APPROVED,
  created_at: from([REPORT, ROLES], '`user_creation_time`, `CreateDate`'),
  last_used_at: from(
    [REPORT, ROLES],
    'of a role as far back as AWS follows it, 400 days. Of a user the newest use of the keys that it has, as far back as the newest of them was made: a key that is replaced takes its use away; a certificate has none',
  ),
  credentials: from(
    [REPORT, ROLES],
    'active access keys (`secret`) and certificates; of a role the services (`managed`) and issuers (`federated`) that its trust policy names. Another user or role that takes it on proves itself with its own',
  ),
  trusts: from(
    [ROLES],
    'the providers of OpenID that the trust policy of a role names, with the subjects that its conditions ask for; subjects of GitHub, GitLab.com and accounts of Kubernetes are worked out. A user takes nobody’s word',
  ),
  entrances: from(
    [ROLES],
    'where both are measured at once: what `--github OWNER` says of the environments that it trusts',
  ),
  machines: from(
    [ROLES],
    'where both are measured at once: what `--github OWNER` says of the environments that it trusts',
  ),
  client_libraries: 'its code is in no directory; lockfiles say it (`token-clients`)',
  multi_tenant: from([ROLES], 'whether the trust policy of a role names another account'),
  consent: from(
    [ROLES],
    '`any_tenant` where it names everybody on no condition; unknown where there is a condition',
  ),
  instances_locked: from([ROLES], 'true: a role has no instance in another account'),
  privileges: from([ROLES], 'policies of a role, by name; who reviewed them is not told'),
};

const credential: Readonly<Record<string, Delivery>> = {
  store: from([REPORT], '`aws/` and the account'),
  credential_id: from([REPORT], 'the ARN and the slot: a key that is replaced keeps the slot'),
  type: from([REPORT], '`secret` for keys'),
  environment: NOT_ENVIRONMENT,
  owners: NOT_TEAM,
  thumbprint: from([REPORT], 'absent: a key is not a certificate'),
  state: from([REPORT], '`active`; a key that is off opens nothing, and is `revoked`'),
  issued_at: from([REPORT], '`access_key_N_last_rotated`'),
  expires_at: from([REPORT], 'absent: access keys never expire'),
  boundary: from([REPORT], 'the account'),
  registrations: 'which systems accept it is in policies',
  found_in: 'no answer holds a key of users, so nothing can be compared',
  uses: 'the report says when, and not from where',
};

const tenant: Readonly<Record<string, Delivery>> = {
  cloud: from([IDENTITY, ACCOUNTS], '`aws`'),
  tenant_id: from(
    [IDENTITY, 'organizations/describe-organization', ACCOUNTS],
    'the account, and all others where it manages the organisation',
  ),
  environment:
    'AWS does not say what an account serves; `--aws-environment` states it of the account that is measured',
  owners: from([TAGS], 'a tag `owner` or `team` of the account, as attested'),
  state: from([ACCOUNTS], '`State`, else the older `Status`'),
  lasting: APPROVED,
  created_at: from([ACCOUNTS], '`JoinedTimestamp` of an account that was created in the organisation'),
  created_through: 'whether the request came from the company’s own system is in its trail',
  expires_at: from(
    [SCHEDULES, SCHEDULE],
    'when a schedule that is on closes the account (`organizations:closeAccount`, once and in UTC); a tag ends nothing',
  ),
  last_active_at: from(
    [TRAILS, SELECTORS, 'cloudtrail/get-trail-status', OBJECTS],
    'the newest file that a trail of the organisation delivered of it, as far back as the trail records, where it records changes alone and one is of the last month; else unknown, since bills are not read',
  ),
  defaults: 'which of the company’s defaults it has is in its policies; they are not worked out',
};

const subnet: Readonly<Record<string, Delivery>> = {
  network: from([SUBNETS], '`VpcId`'),
  prefix: from([SUBNETS], '`CidrBlock`; subnets of IPv6 alone are not read'),
  environment: NOT_ENVIRONMENT,
  owners: NOT_TEAM,
  workloads: from([INTERFACES], 'network interfaces in it'),
  default_outbound: from(
    [SUBNETS, ROUTES],
    'true for what AWS makes with an account: a default subnet that gives out public addresses, with a route to an internet gateway',
  ),
  egress: from(
    [RULES, INTERFACES, ROUTES, ACLS, PREFIXES, ENTRIES],
    'rules of the security groups of what is attached, `any` only where a route leads there; one for each entry of a list of prefixes that AWS does not keep; `tag` is a tag `service`, `owner` or `team` of the rule itself. Partial where its list of access denies more',
  ),
  senders: from(
    [FLOW_LOGS, OBJECTS, FLOWS, INTERFACES, MACHINES, RULES],
    'flow records of 14 days that were let through: the interface sends, whose it is its own tag says, or that of its machine, of the same name as the tag of the rule; by the rule with the tag of who sends where one lets it out, else by the one with the longest prefix. Open where an interface is gone, no rule fits, AWS skipped records, an hour of an interface has none, or a file is missing',
  ),
  reachable_from: from(
    [ANALYSES, SCOPE, FINDINGS],
    'what Network Access Analyzer found in an analysis of the last three days that asks for every path to the subnet: from all interfaces and gateways, by any protocol, with nothing left out. The environment of a segment is a tag `environment` of it',
  ),
};

const connection: Readonly<Record<string, Delivery>> = {
  network: from([ROUTES], '`VpcId`'),
  connection_id: from([ROUTES], 'the peering, gateway or interface through which a route leads'),
  environment: NOT_ENVIRONMENT,
  owners: NOT_TEAM,
  type: from(
    [ROUTES],
    'by the field of the route; ways to the internet and to services of AWS are none. Endpoints of others’ services have no routes and are not read',
  ),
  reaches: from(
    [ROUTES],
    'destinations of all routes of the network through it, those that lead nowhere now too; a list of prefixes by its id',
  ),
  review: 'who reviewed it a table says (`cmdb`)',
};

const resource: Readonly<Record<string, Delivery>> = {
  cloud: from([MACHINES, BUCKETS], '`aws`'),
  resource_id: from([MACHINES, BUCKETS], '`InstanceId`, or the ARN of a bucket'),
  type: from([MACHINES, BUCKETS], '`AWS::EC2::Instance`, `AWS::S3::Bucket`; other types are not read yet'),
  environment: NOT_ENVIRONMENT,
  owners: NOT_TEAM,
  addresses: from([MACHINES], 'private and public ones of its interfaces'),
  created_at: from(
    [MACHINES, BUCKETS],
    'when its first interface was attached, since `LaunchTime` changes with every start; `CreationDate`',
  ),
  management_api: from([MACHINES, BUCKETS], '`legacy` for a machine outside of every VPC'),
  last_used_at: 'metrics have to be read; they are not read yet',
  holds_data: from([MACHINES, BUCKETS], 'true for buckets'),
  perimeter: from(
    [POLICY],
    'the policy of a bucket that denies everything from all but named networks; else unknown, since a policy of the organisation may do so',
  ),
  public_access: from(
    [MACHINES, RULES, POLICY],
    'of a machine: a public address and a rule that lets everybody in; of a bucket: unless its policy denies all but named networks, whatever it asks of who comes',
  ),
};

const key: Readonly<Record<string, Delivery>> = {
  issuer: from([KEYS], 'the account: KMS does not know who publishes the public part'),
  key_id: from([KEY], 'the ARN'),
  environment: NOT_ENVIRONMENT,
  owners: NOT_TEAM,
  thumbprint: 'KMS keeps no certificates',
  use: 'what a signature vouches for KMS does not know',
  state: 'whether somebody still trusts it the issuer knows',
  created_at: from([KEY], '`CreationDate`'),
  published_at: 'the key set of its issuer has to be read',
  activated_at: 'its first signature is in the trail; it is not read yet',
  storage: from([KEY], '`hsm`, save for a key store outside of AWS'),
  exportable: from([KEY], 'false: KMS has no operation for it'),
  made_in_hardware: from([KEY], '`Origin`: not where key material was imported'),
  public_thumbprint: 'the public part is not asked for yet',
  served_thumbprint: 'the key set of its issuer has to be read',
  attestation: 'KMS gives no statement about a single key',
  rotation: 'KMS rotates no key that signs; who makes the next one its issuer knows',
  human_operations: 'the trail has to be read with its window; it is not read yet',
  touch_alert: 'alerts are in the system that pages',
};

const logs: Readonly<Record<string, Delivery>> = {
  asset: from([IDENTITY], 'the account'),
  stream: from([TRAILS], '`audit`'),
  asset_kind: from([IDENTITY], '`tenant`'),
  environment: NOT_ENVIRONMENT,
  owners: NOT_TEAM,
  expected_since: 'since when a trail was asked of it AWS does not know',
  last_event_at: from(
    [TRAILS, 'cloudtrail/get-trail-status'],
    'when a trail delivered last, as `configured`: whether its bucket is the central store AWS does not know, so it is shown and decides nothing',
  ),
  delay: 'the central store knows it',
  missing_events: 'the central store knows it',
  standard_format: 'the central store knows it',
  retention: from(
    [TRAILS, 's3/get-bucket-lifecycle-configuration'],
    'the fewest days after which a rule of its bucket deletes; unknown without such a rule',
  ),
  retention_set: 'who may change the bucket is in policies',
  retention_locked: from(
    [TRAILS, 's3/get-object-lock-configuration'],
    'whether its bucket locks what comes in `COMPLIANCE` mode',
  ),
  oldest_event_at: 'the objects of the bucket are not listed',
};

const dumps: Readonly<Record<string, Delivery>> = {
  cloud: from([BUCKETS], '`aws`'),
  store_id: from([BUCKETS, TAGGING], 'the ARN of a bucket with a tag `holds` of `crash-dumps`'),
  environment: NOT_ENVIRONMENT,
  owners: NOT_TEAM,
  boundary: from([BUCKETS], 'the account'),
  readers: from(
    [POLICY, GRANTS, ROLES],
    'whom S3 Access Grants lets read, where the policy of the bucket denies that to all but a role that nothing but Access Grants becomes; `broker` for a grant of one object, which gives credentials for hours, `standing` for one of more. Unknown under any other policy',
  ),
  scrubbed: 'what searched a dump says so',
  secrets: 'what searched a dump says so',
};

export const awsDescription: SourceDescription = {
  id: 'aws',
  title: 'AWS',
  intro:
    'Measures an account (`macadam scan --aws 123456789012`, `macadam source add aws 123456789012`) by the official SDK, or reads what an administrator saved: `macadam ingest --format aws DIR`. It only reads; nothing that it asks for holds the value of a key.',
  saving: [
    '`aws iam generate-credential-report`, then `aws iam get-credential-report --query Content --output text | base64 -d > credential-report.csv`, into a folder of its own for each account. Every file that ends in .csv is read as a report. The account is in the ARNs, else in `aws sts get-caller-identity > sts-get-caller-identity.json`.',
    'Any other answer by its service and operation, in JSON, in a folder of its region where it has one: `aws ec2 describe-subnets --region eu-central-1 --output json > eu-central-1/ec2-describe-subnets.json`; what is about one bucket, key, trail or user below that: `s3-get-bucket-policy/BUCKET.json`. `aws ec2 describe-regions > ec2-describe-regions.json` says in which regions something can be, so that a list is known to be whole.',
    'Flow records lie beside, under the names that AWS gives the files (`aws s3 sync s3://BUCKET/AWSLogs/123456789012/vpcflowlogs .`), with `ec2-describe-flow-logs.json` of the region and the list of the files, `aws s3api list-objects-v2 --bucket BUCKET --prefix AWSLogs/123456789012/vpcflowlogs > s3-list-objects-v2/BUCKET/fl-0123456789abcdef0.json`: without it nobody knows whether all are here. Text of version 2 and later, `.log` or `.log.gz`; `tcp-flags` (version 3) says who began, without which what may be an answer leaves the list open.',
    'Snapshots of AWS Config need no answer of their own: `macadam ingest --format aws-config DIR` reads `.json` and `.json.gz` as Config delivers them, a folder for each account, as the answers that they were made of. Subnets, routes, interfaces, security groups, lists of access, machines, buckets, keys, trails and roles are read. When a role was last used is left out, since it makes no new item; rules have no tags there; users need the credential report.',
    'Tables of Steampipe too: `macadam ingest --format steampipe DIR` reads CSV files of whole tables (`steampipe query "select * from aws_vpc_subnet" --output csv > aws_vpc_subnet.csv`), named by the table: `aws_region`, `aws_vpc_subnet`, `aws_vpc_route_table`, `aws_vpc_network_acl`, `aws_ec2_network_interface`, `aws_vpc_security_group_rule`, `aws_ec2_instance`, `aws_s3_bucket`, `aws_kms_key`, `aws_cloudtrail_trail`, `aws_iam_role`. An empty cell may be an error that was let pass, and is unknown.',
  ],
  endpoints: [
    {
      path: REPORT,
      permission: 'iam:GenerateCredentialReport, iam:GetCredentialReport',
      gives: 'users, their passwords, second steps, access keys and certificates',
    },
    ...AWS_OPERATIONS,
  ],
  kinds: {
    user,
    application,
    credential,
    tenant,
    subnet,
    'network-connection': connection,
    'cloud-resource': resource,
    'signing-key': key,
    'log-source': logs,
    'dump-store': dumps,
  },
  unused: Object.fromEntries(
    CERTIFICATE_OPERATIONS.map(({ path }) => [
      path,
      'certificates are compared over several boundaries: `macadam scan --certificates` reads these answers',
    ]),
  ),
  limits: [
    'The SDK is not installed with Macadam, since most do not need its 60 MB: the source names the packages that are missing, and how to install them.',
    'A report is up to four hours old when AWS gives it.',
    'A flow is of an interface: what several services send from one machine is taken for what its tag says. Flow logs into CloudWatch and in Parquet are not read.',
    'Of resources, virtual machines and buckets are read; databases, functions, queues and all others are not yet.',
    'Subnets and resources that are shared by another account are listed by whoever may see them.',
  ],
};
