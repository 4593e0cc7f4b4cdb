/** Saved answers of those that are no directory of people, written after their vendors' documents: for the faults that each may have. */
import type { SavedExchange } from './worlds.ts';

/** A body that is saved alone, under a name that says what it answers. A table's body is its rows. */
const file = (name: string, body: unknown): SavedExchange => ({
  file: name,
  request: { line: name },
  status: 200,
  headers: {},
  body,
});

const REGION = 'eu-central-1';
const USER = 'arn:aws:iam::123456789012:user';
const GRANTS = 'arn:aws:iam::123456789012:role/grants';

const reported = (name: string, more: Readonly<Record<string, string>>) => ({
  user: name,
  arn: `${USER}/${name}`,
  user_creation_time: '2020-01-01T00:00:00+00:00',
  password_enabled: 'false',
  password_last_used: 'N/A',
  password_last_changed: 'N/A',
  password_next_rotation: 'N/A',
  mfa_active: 'false',
  access_key_1_active: 'false',
  access_key_1_last_rotated: 'N/A',
  access_key_1_last_used_date: 'N/A',
  access_key_1_last_used_region: 'N/A',
  access_key_1_last_used_service: 'N/A',
  access_key_2_active: 'false',
  access_key_2_last_rotated: 'N/A',
  access_key_2_last_used_date: 'N/A',
  access_key_2_last_used_region: 'N/A',
  access_key_2_last_used_service: 'N/A',
  cert_1_active: 'false',
  cert_1_last_rotated: 'N/A',
  cert_2_active: 'false',
  cert_2_last_rotated: 'N/A',
  ...more,
});

const trust = (Principal: unknown) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }],
});

const FLOW_LOG = 'fl-0123456789abcdef0';
const FLOW_FILE = `123456789012_vpcflowlogs_${REGION}_${FLOW_LOG}_20261031T2255Z_1a2b3c4d.log`;

/** The fourteen days before the first of November, in which one interface sent twice. */
function flowRecords(): string {
  const begin = Date.UTC(2026, 9, 17, 23) / 1000;
  const quiet = Array.from(
    { length: 336 },
    (_, hour) => `eni-1 - - - - - ${begin + hour * 3600} ${begin + hour * 3600 + 60} - NODATA -`,
  );
  const sent = ['192.0.2.9', '198.51.100.3'].map(
    (to) => `eni-1 10.0.1.7 ${to} 40000 443 6 ${begin} ${begin + 60} ACCEPT OK 2`,
  );
  const head = 'interface-id srcaddr dstaddr srcport dstport protocol start end action log-status tcp-flags';
  return [head, ...quiet, ...sent, ''].join('\n');
}

export const awsAnswers = (): readonly SavedExchange[] => [
  file('sts-get-caller-identity.json', { Account: '123456789012' }),
  file('ec2-describe-regions.json', {
    Regions: [{ RegionName: REGION, OptInStatus: 'opt-in-not-required' }],
  }),
  file('report.csv', [
    reported('ann', {
      password_enabled: 'true',
      password_last_changed: '2021-01-01T00:00:00+00:00',
      mfa_active: 'true',
    }),
    reported('ci', {
      access_key_1_active: 'true',
      access_key_1_last_rotated: '2026-01-01T00:00:00+00:00',
      access_key_1_last_used_date: '2026-02-01T00:00:00+00:00',
      access_key_1_last_used_region: REGION,
      access_key_1_last_used_service: 's3',
    }),
  ]),
  file('iam/get-account-authorization-details.json', {
    RoleDetailList: [
      {
        RoleId: 'AROAOWN',
        RoleName: 'own',
        CreateDate: '2026-01-22T00:00:00+00:00',
        AssumeRolePolicyDocument: trust({ AWS: 'arn:aws:iam::123456789012:root' }),
        AttachedManagedPolicies: [
          { PolicyName: 'AdministratorAccess', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
        ],
        RolePolicyList: [],
        RoleLastUsed: { LastUsedDate: '2026-10-30T00:00:00+00:00', Region: REGION },
      },
      {
        RoleId: 'AROAGRANTS',
        RoleName: 'grants',
        Arn: GRANTS,
        CreateDate: '2026-01-22T00:00:00+00:00',
        AssumeRolePolicyDocument: trust({ Service: 'access-grants.s3.amazonaws.com' }),
        AttachedManagedPolicies: [],
        RolePolicyList: [],
        RoleLastUsed: {},
      },
    ],
  }),
  file(`${REGION}/ec2-describe-subnets.json`, {
    Subnets: [
      {
        SubnetId: 'subnet-1',
        VpcId: 'vpc-1',
        CidrBlock: '10.0.1.0/24',
        DefaultForAz: false,
        MapPublicIpOnLaunch: true,
      },
    ],
  }),
  file(`${REGION}/ec2-describe-route-tables.json`, {
    RouteTables: [
      {
        VpcId: 'vpc-1',
        Associations: [{ Main: true }],
        Routes: [
          { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local' },
          { DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1' },
          { DestinationCidrBlock: '10.20.4.0/24', VpcPeeringConnectionId: 'pcx-1' },
        ],
      },
    ],
  }),
  file(`${REGION}/ec2-describe-network-interfaces.json`, {
    NetworkInterfaces: [
      {
        NetworkInterfaceId: 'eni-1',
        SubnetId: 'subnet-1',
        Status: 'in-use',
        Groups: [{ GroupId: 'sg-1' }],
        PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.7' }],
        Ipv6Addresses: [],
        TagSet: [{ Key: 'Team', Value: 'payments' }],
        Attachment: { AttachTime: '2026-02-01T00:00:00+00:00' },
      },
    ],
  }),
  file(`${REGION}/ec2-describe-managed-prefix-lists.json`, {
    PrefixLists: [{ PrefixListId: 'pl-1', OwnerId: '123456789012' }],
  }),
  file(`${REGION}/ec2-get-managed-prefix-list-entries/pl-1.json`, {
    Entries: [{ Cidr: '198.51.100.0/24' }],
  }),
  file(`${REGION}/ec2-describe-flow-logs.json`, {
    FlowLogs: [
      {
        FlowLogId: FLOW_LOG,
        FlowLogStatus: 'ACTIVE',
        ResourceId: 'vpc-1',
        TrafficType: 'ALL',
        LogDestinationType: 's3',
        LogDestination: 'arn:aws:s3:::flows',
        DestinationOptions: { FileFormat: 'plain-text', HiveCompatiblePartitions: false },
      },
    ],
  }),
  file(`s3-list-objects-v2/flows/${FLOW_LOG}.json`, { Contents: [{ Key: FLOW_FILE }] }),
  file(FLOW_FILE, flowRecords()),
  file(`${REGION}/ec2-describe-security-group-rules.json`, {
    SecurityGroupRules: [
      {
        SecurityGroupRuleId: 'sgr-1',
        GroupId: 'sg-1',
        IsEgress: true,
        IpProtocol: 'tcp',
        FromPort: 443,
        ToPort: 443,
        CidrIpv4: '192.0.2.0/24',
        Tags: [{ Key: 'Team', Value: 'payments' }],
      },
      {
        SecurityGroupRuleId: 'sgr-2',
        GroupId: 'sg-1',
        IsEgress: true,
        IpProtocol: '-1',
        FromPort: -1,
        ToPort: -1,
        PrefixListId: 'pl-1',
        Tags: [{ Key: 'Team', Value: 'reports' }],
      },
    ],
  }),
  file(`${REGION}/ec2-describe-network-acls.json`, {
    NetworkAcls: [
      {
        Associations: [{ SubnetId: 'subnet-1' }],
        Entries: [
          { Egress: true, RuleNumber: 100, RuleAction: 'allow', Protocol: '-1', CidrBlock: '0.0.0.0/0' },
          { Egress: true, RuleNumber: 32_767, RuleAction: 'deny', Protocol: '-1', CidrBlock: '0.0.0.0/0' },
        ],
      },
    ],
  }),
  file('s3/list-buckets.json', {
    Buckets: [{ Name: 'closed', CreationDate: '2026-01-01T00:00:00+00:00' }],
  }),
  file('s3/get-bucket-policy/closed.json', {
    Policy: JSON.stringify({
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: ['arn:aws:s3:::closed', 'arn:aws:s3:::closed/*'],
          Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
        },
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:GetObject*',
          Resource: 'arn:aws:s3:::closed/*',
          Condition: { ArnNotEquals: { 'aws:PrincipalArn': GRANTS } },
        },
      ],
    }),
  }),
];

const TRAIL = `arn:aws:cloudtrail:${REGION}:123456789012:trail/all`;
const KEY = '1234abcd-12ab-34cd-56ef-1234567890ab';

/** A machine, a key that signs, and a trail with the bucket that it fills. */
export const awsOperations = (): readonly SavedExchange[] => [
  file(`${REGION}/ec2-describe-instances.json`, {
    Reservations: [
      {
        Instances: [
          {
            InstanceId: 'i-1',
            VpcId: 'vpc-1',
            State: { Name: 'running' },
            Tags: [{ Key: 'Name', Value: 'web' }],
            NetworkInterfaces: [
              {
                Attachment: { DeviceIndex: 0, AttachTime: '2026-02-01T00:00:00+00:00' },
                Association: { PublicIp: '192.0.2.7' },
                PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.7' }],
                Ipv6Addresses: [],
                Groups: [{ GroupId: 'sg-1' }],
              },
            ],
          },
        ],
      },
    ],
  }),
  file(`${REGION}/kms-list-keys.json`, { Keys: [{ KeyId: KEY }] }),
  file(`${REGION}/kms-describe-key/${KEY}.json`, {
    KeyMetadata: {
      KeyId: KEY,
      Arn: `arn:aws:kms:${REGION}:123456789012:key/${KEY}`,
      CreationDate: '2026-01-01T00:00:00+00:00',
      KeyUsage: 'SIGN_VERIFY',
      Origin: 'AWS_KMS',
    },
  }),
  file(`${REGION}/cloudtrail-describe-trails.json`, {
    trailList: [{ Name: 'all', TrailARN: TRAIL, S3BucketName: 'trail', IsMultiRegionTrail: true }],
  }),
  file(`cloudtrail-get-trail-status/${TRAIL}.json`, {
    IsLogging: true,
    LatestDeliveryTime: '2026-10-31T23:00:00+00:00',
  }),
  file('s3/get-bucket-lifecycle-configuration/trail.json', {
    Rules: [{ Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 400 } }],
  }),
  file('s3/get-object-lock-configuration/trail.json', {
    ObjectLockConfiguration: {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 400 } },
    },
  }),
];

/** A bucket of crash dumps that grants alone open, and an organisation with an account that a schedule closes. */
export const awsOrganisation = (): readonly SavedExchange[] => [
  file('s3/get-bucket-tagging/closed.json', { TagSet: [{ Key: 'holds', Value: 'crash-dumps' }] }),
  file(`${REGION}/s3control-list-access-grants.json`, {
    AccessGrantsList: [
      {
        Permission: 'READ',
        GrantScope: 's3://closed/released/core.1',
        Grantee: { GranteeType: 'IAM', GranteeIdentifier: 'arn:aws:iam::123456789012:role/ann' },
      },
    ],
  }),
  file('organizations-list-accounts.json', {
    Accounts: [
      {
        Id: '123456789012',
        Name: 'payments',
        State: 'ACTIVE',
        JoinedTimestamp: '2024-01-01T00:00:00+00:00',
      },
    ],
  }),
  file('organizations-list-tags-for-resource/123456789012.json', {
    Tags: [{ Key: 'team', Value: 'payments' }],
  }),
  file(`${REGION}/scheduler-list-schedules.json`, {
    Schedules: [{ Name: 'end', Target: { Arn: 'arn:aws:scheduler:::aws-sdk:organizations:closeAccount' } }],
  }),
  file(`${REGION}/scheduler-get-schedule/end.json`, {
    Name: 'end',
    State: 'ENABLED',
    ScheduleExpression: 'at(2027-01-31T00:00:00)',
    ScheduleExpressionTimezone: 'UTC',
    Target: {
      Arn: 'arn:aws:scheduler:::aws-sdk:organizations:closeAccount',
      Input: JSON.stringify({ AccountId: '123456789012' }),
    },
  }),
  file('iam/list-mfa-devices/ann.json', {
    MFADevices: [
      {
        UserName: 'ann',
        SerialNumber: 'arn:aws:iam::123456789012:u2f/user/ann/key-1',
        EnableDate: '2026-01-01T00:00:00+00:00',
      },
    ],
  }),
];

const snapshot = (type: string, region: string, more: object): SavedExchange =>
  file(`${type.split('::').at(-1)}.json`, {
    fileVersion: '1.0',
    configSnapshotId: '2a3b4c5d',
    configurationItems: [
      {
        configurationItemVersion: '1.3',
        configurationItemCaptureTime: '2026-10-01T00:00:00.000Z',
        configurationItemStatus: 'OK',
        awsAccountId: '123456789012',
        awsRegion: region,
        resourceType: type,
        tags: {},
        relationships: [],
        ...more,
      },
    ],
  });

const openTo = (cidrIp: string) => ({
  ipProtocol: '-1',
  ipv4Ranges: [{ cidrIp }],
  ipv6Ranges: [],
  prefixListIds: [],
  userIdGroupPairs: [],
});

/** An account as AWS Config keeps it, an item of each type that is read. */
export const awsSnapshots = (): readonly SavedExchange[] => [
  file('ec2-describe-regions.json', {
    Regions: [{ RegionName: REGION, OptInStatus: 'opt-in-not-required' }],
  }),
  snapshot('AWS::EC2::Subnet', REGION, {
    configuration: {
      subnetId: 'subnet-1',
      vpcId: 'vpc-1',
      cidrBlock: '10.0.1.0/24',
      defaultForAz: true,
      mapPublicIpOnLaunch: true,
      tags: [{ key: 'Name', value: 'front' }],
    },
  }),
  snapshot('AWS::EC2::RouteTable', REGION, {
    configuration: {
      vpcId: 'vpc-1',
      associations: [{ main: true, subnetId: null }],
      routes: [
        { destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' },
        { destinationCidrBlock: '0.0.0.0/0', gatewayId: 'igw-1', state: 'active' },
      ],
    },
  }),
  snapshot('AWS::EC2::NetworkInterface', REGION, {
    configuration: { subnetId: 'subnet-1', groups: [{ groupId: 'sg-1', groupName: 'web' }] },
  }),
  snapshot('AWS::EC2::NetworkAcl', REGION, {
    configuration: {
      associations: [{ subnetId: 'subnet-1' }],
      entries: [
        { egress: true, ruleNumber: 100, ruleAction: 'allow', protocol: '-1', cidrBlock: '0.0.0.0/0' },
        { egress: true, ruleNumber: 32_767, ruleAction: 'deny', protocol: '-1', cidrBlock: '0.0.0.0/0' },
      ],
    },
  }),
  snapshot('AWS::EC2::SecurityGroup', REGION, {
    configuration: {
      groupId: 'sg-1',
      ipPermissions: [openTo('0.0.0.0/0')],
      ipPermissionsEgress: [openTo('192.0.2.0/24')],
    },
  }),
  snapshot('AWS::EC2::Instance', REGION, {
    configuration: {
      instanceId: 'i-1',
      vpcId: 'vpc-1',
      state: { code: 16, name: 'running' },
      tags: [{ key: 'Name', value: 'web' }],
      networkInterfaces: [
        {
          attachment: { deviceIndex: 0, attachTime: '2026-02-01T00:00:00.000Z' },
          association: { publicIp: '192.0.2.7' },
          privateIpAddresses: [{ privateIpAddress: '10.0.1.7', association: null }],
          ipv6Addresses: [],
          groups: [{ groupId: 'sg-1' }],
        },
      ],
    },
  }),
  snapshot('AWS::S3::Bucket', REGION, {
    configuration: { name: 'trail', creationDate: '2026-01-01T00:00:00.000Z' },
    supplementaryConfiguration: {
      BucketPolicy: {
        policyText: JSON.stringify({
          Statement: [
            {
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: ['arn:aws:s3:::trail', 'arn:aws:s3:::trail/*'],
              Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
            },
          ],
        }),
      },
      ObjectLockConfiguration: {
        objectLockEnabled: 'Enabled',
        rule: { defaultRetention: { mode: 'COMPLIANCE', days: 400 } },
      },
    },
  }),
  snapshot('AWS::KMS::Key', REGION, {
    configuration: {
      keyId: KEY,
      arn: `arn:aws:kms:${REGION}:123456789012:key/${KEY}`,
      creationDate: '2026-01-01T00:00:00.000Z',
      keyUsage: 'SIGN_VERIFY',
      origin: 'AWS_KMS',
      description: '',
    },
  }),
  snapshot('AWS::CloudTrail::Trail', REGION, {
    configuration: { name: 'all', trailARN: TRAIL, s3BucketName: 'trail', isMultiRegionTrail: true },
  }),
  snapshot('AWS::IAM::Role', 'global', {
    configuration: {
      roleId: 'AROAOWN',
      roleName: 'own',
      arn: 'arn:aws:iam::123456789012:role/own',
      createDate: '2026-01-22T00:00:00.000Z',
      assumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trust({ AWS: '*' }))),
      attachedManagedPolicies: [
        { policyName: 'AdministratorAccess', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
      ],
      rolePolicyList: [],
      roleLastUsed: { lastUsedDate: '2026-02-01T00:00:00.000Z', region: REGION },
    },
  }),
];

const table = (name: string, more: Readonly<Record<string, unknown>>): SavedExchange =>
  file(`${name}.csv`, [
    {
      ...Object.fromEntries(
        Object.entries(more).map(([column, value]) => [
          column,
          typeof value === 'object' ? JSON.stringify(value) : value,
        ]),
      ),
      account_id: '123456789012',
      region: REGION,
    },
  ]);

/** The same account as tables of Steampipe. */
export const awsTables = (): readonly SavedExchange[] => [
  table('aws_region', { name: REGION, opt_in_status: 'opt-in-not-required' }),
  table('aws_vpc_subnet', {
    subnet_id: 'subnet-1',
    vpc_id: 'vpc-1',
    cidr_block: '10.0.1.0/24',
    default_for_az: true,
    map_public_ip_on_launch: true,
  }),
  table('aws_vpc_route_table', {
    vpc_id: 'vpc-1',
    associations: [{ Main: true }],
    routes: [{ DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1', State: 'active' }],
  }),
  table('aws_vpc_network_acl', {
    associations: [{ SubnetId: 'subnet-1' }],
    entries: [{ Egress: true, RuleNumber: 100, RuleAction: 'allow', Protocol: '-1', CidrBlock: '0.0.0.0/0' }],
  }),
  table('aws_ec2_network_interface', { subnet_id: 'subnet-1', groups: [{ GroupId: 'sg-1' }] }),
  table('aws_vpc_security_group_rule', {
    security_group_rule_id: 'sgr-1',
    group_id: 'sg-1',
    is_egress: true,
    cidr_ipv4: '192.0.2.0/24',
  }),
  table('aws_ec2_instance', {
    instance_id: 'i-1',
    instance_state: 'running',
    vpc_id: 'vpc-1',
    network_interfaces: [
      {
        Attachment: { DeviceIndex: 0, AttachTime: '2026-02-01T00:00:00Z' },
        PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.7' }],
        Ipv6Addresses: [],
        Groups: [{ GroupId: 'sg-1' }],
      },
    ],
  }),
  table('aws_s3_bucket', {
    name: 'trail',
    creation_date: '2026-01-01 00:00:00+00',
    policy: {
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: ['arn:aws:s3:::trail', 'arn:aws:s3:::trail/*'],
          Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
        },
      ],
    },
    lifecycle_rules: [{ Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 400 } }],
    object_lock_configuration: {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 400 } },
    },
  }),
  table('aws_kms_key', {
    id: KEY,
    arn: `arn:aws:kms:${REGION}:123456789012:key/${KEY}`,
    creation_date: '2026-01-01T00:00:00Z',
    key_usage: 'SIGN_VERIFY',
    origin: 'AWS_KMS',
  }),
  table('aws_cloudtrail_trail', {
    name: 'all',
    arn: TRAIL,
    s3_bucket_name: 'trail',
    is_multi_region_trail: true,
    latest_delivery_time: '2026-10-31T23:00:00Z',
  }),
  table('aws_iam_role', {
    role_id: 'AROAOWN',
    name: 'own',
    arn: 'arn:aws:iam::123456789012:role/own',
    create_date: '2026-01-22T00:00:00Z',
    assume_role_policy: trust({ AWS: '*' }),
    attached_policy_arns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
    inline_policies: [],
    role_last_used_date: '2026-10-30T00:00:00Z',
  }),
];

const meta = (name: string, more: object = {}) => ({
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, creationTimestamp: '2026-01-01T00:00:00Z' },
  ...more,
});
const list = (...items: readonly object[]) => ({ apiVersion: 'v1', kind: 'List', metadata: {}, items });

export const kubernetesAnswers = (): readonly SavedExchange[] => [
  file(
    'namespaces.json',
    list({ metadata: { name: 'kube-system', uid: 'c1' } }, { metadata: { name: 'shop', uid: 'c2' } }),
  ),
  file(
    'pods.json',
    list({
      metadata: { name: 'web', namespace: 'shop', uid: 'uid-pod', labels: { app: 'web' } },
      spec: { serviceAccountName: 'web' },
    }),
  ),
  file(
    'networkpolicies.json',
    list(meta('out', { spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } })),
  ),
  file('serviceaccounts.json', list(meta('web'), meta('batch'))),
  file(
    'secrets.json',
    list(
      meta('token', {
        type: 'kubernetes.io/service-account-token',
        metadata: {
          name: 'token',
          namespace: 'shop',
          uid: 'uid-token',
          creationTimestamp: '2026-01-01T00:00:00Z',
          annotations: { 'kubernetes.io/service-account.name': 'web' },
        },
      }),
    ),
  ),
  file('services.json', list(meta('shop', { spec: { type: 'ClusterIP', selector: { app: 'web' } } }))),
  file(
    'ingresses.json',
    list(
      meta('front', {
        spec: {
          rules: [{ host: 'shop.example', http: { paths: [{ backend: { service: { name: 'shop' } } }] } }],
        },
      }),
    ),
  ),
  file(
    'rolebindings.json',
    list(
      meta('reads', {
        roleRef: { kind: 'Role', name: 'reader' },
        subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'shop' }],
      }),
    ),
  ),
  file('clusterrolebindings.json', list()),
];

export const peopleTable = (): readonly SavedExchange[] => [
  file('mapping.json', {
    directory: '8a1b0000-0000-4000-8000-000000000001',
    object_id: 'Account',
    name: 'Name',
    team: 'Team',
    account: { column: 'Contract', employee: ['Permanent'], shared: ['Function'] },
  }),
  file('people.csv', [
    { Account: 'ann', Name: 'Ann', Team: 'payments', Contract: 'Permanent' },
    { Account: 'bo', Name: 'Bo', Team: 'checkout', Contract: 'Function' },
  ]),
];

export const servicesTable = (): readonly SavedExchange[] => [
  file('mapping.json', {
    catalogue: 'cmdb.example.com',
    service_id: 'Number',
    owners: { column: 'Owned by', separator: ';' },
    environment: { column: 'Used for', production: ['Production'], test: ['QA'] },
    customer_facing: { column: 'Customers', yes: ['true'], no: ['false'] },
  }),
  file('services.csv', [
    { Number: 's1', 'Owned by': 'payments', 'Used for': 'Production', Customers: 'true' },
    { Number: 's2', 'Owned by': 'checkout', 'Used for': 'QA', Customers: 'false' },
  ]),
];

/** What osquery's shell prints on two devices, and the rules of the company. */
export const deviceResults = (): readonly SavedExchange[] => [
  file('mapping.json', {
    directory: 'osquery.example.com',
    rules: {
      encryption: true,
      screen_lock: { within_seconds: 300 },
      os_version: { darwin: '15.1', windows: '10.0.22631' },
      secure_boot: true,
      firewall: true,
    },
  }),
  file('mac/system_info.json', [{ uuid: 'A1-1', hostname: 'ann.local', hardware_serial: 'C02-1' }]),
  file('mac/os_version.json', [{ platform: 'darwin', version: '15.2', platform_like: 'darwin' }]),
  file('mac/mounts.json', [{ path: '/', device: '/dev/disk3s1s1', device_alias: '/dev/disk3s1s1' }]),
  file('mac/disk_encryption.json', [{ name: '/dev/disk3s1s1', encrypted: '1' }]),
  file('mac/screenlock.json', [{ enabled: '1', grace_period: '60' }]),
  file('mac/secureboot.json', [{ secure_boot: '1' }]),
  file('mac/alf.json', [{ global_state: '1' }]),
  file('windows/system_info.json', [{ uuid: 'B2-1', hostname: 'bob.local', hardware_serial: 'W1-1' }]),
  file('windows/os_version.json', [{ platform: 'windows', version: '10.0.22631' }]),
  file('windows/bitlocker_info.json', [{ drive_letter: 'C:', protection_status: '1' }]),
  file('windows/windows_security_center.json', [{ firewall: 'Good' }]),
];
