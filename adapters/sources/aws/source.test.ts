/** What is asked of AWS, and what comes of it: by a stand-in for the SDK, whose real parts run in `npm run conformance -- --suite aws`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Observation } from '@macadam/core/facts/observation';
import type { LoadModule } from '../../connector/aws/sdk.ts';
import type { CollectRequest } from '../port.ts';
import { collectWith } from './collect.ts';
import { source } from './source.ts';

const NORTH = '111111111111';
const SOUTH = '222222222222';
const NOW = new Date('2026-11-01T00:00:00Z');
const HEAD =
  'user,arn,user_creation_time,password_enabled,password_last_changed,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,cert_1_active,cert_2_active';
const row = (account: string, name: string, password: boolean) =>
  `${name},arn:aws:iam::${account}:user/${name},2020-01-01T00:00:00Z,${password},2021-01-01T00:00:00Z,${password},${!password},2021-01-01T00:00:00Z,N/A,false,N/A,N/A,false,false`;

interface Sent {
  readonly command: string;
  readonly account: string;
  readonly region: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Answers = (sent: Sent) => object;

/** The names of the SDK's classes are what is asked for; what they answer is a function. */
function sdk(answers: Answers, sent: Sent[] = []): LoadModule {
  return () =>
    new Proxy({} as Record<string, new (input: object) => object>, {
      get: (_target, name: string) =>
        name.endsWith('Client')
          ? class {
              readonly settings: {
                readonly region: string;
                readonly credentials: { readonly accessKeyId: string };
              };
              constructor(settings: never) {
                this.settings = settings;
              }
              async send({ command, input }: { readonly command: string; readonly input: Sent['input'] }) {
                const { region, credentials } = this.settings;
                const one = { command, account: credentials.accessKeyId, region, input };
                sent.push(one);
                return answers(one);
              }
              destroy() {}
            }
          : class {
              readonly command = name.replace(/Command$/, '');
              readonly input: object;
              constructor(input: object) {
                this.input = input;
              }
            },
    });
}

const CLOSES = 'arn:aws:scheduler:::aws-sdk:organizations:closeAccount';
const TRAIL = `arn:aws:cloudtrail:eu-central-1:${NORTH}:trail/all`;
const EVERYWHERE = [
  'AWS::EC2::NetworkInterface',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::VPCPeeringConnection',
  'AWS::EC2::TransitGatewayAttachment',
  'AWS::EC2::VPNGateway',
  'AWS::EC2::VPCEndpointService',
];
/** Denies reading to all but a role that Access Grants alone becomes. */
const CLOSED = JSON.stringify({
  Statement: [
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:GetObject*',
      Resource: 'arn:aws:s3:::dumps/*',
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${NORTH}:role/role-1` } },
    },
  ],
});

/** A trail's bucket: of the first account files of two days in one region, of the other nothing. */
function delivered(prefix: string, { Delimiter }: Sent['input']): object {
  const files = ['2026/10/29', '2026/10/30'].map(
    (day) => `kept/AWSLogs/o-1/${NORTH}/CloudTrail/eu-west-1/${day}/${NORTH}.json.gz`,
  );
  const found = files.filter((one) => one.startsWith(prefix));
  if (Delimiter === undefined)
    return { Contents: found.map((Key) => ({ Key, LastModified: new Date('2026-10-30T12:00:00Z') })) };
  const below = found.map((one) => `${prefix}${one.slice(prefix.length).split('/')[0]}/`);
  return { CommonPrefixes: [...new Set(below)].map((Prefix) => ({ Prefix })) };
}

const FLOW_LOG = 'fl-0123456789abcdef0';
const FLOW_FILE = `flows/AWSLogs/${NORTH}/vpcflowlogs/eu-central-1/2026/10/31/${NORTH}_vpcflowlogs_eu-central-1_${FLOW_LOG}_20261031T2255Z_1a2b3c4d.log.gz`;

/** Fourteen days in which one interface sent once. */
function flowRecords(): Uint8Array {
  const begin = NOW.getTime() / 1000 - 337 * 3600;
  const quiet = Array.from(
    { length: 336 },
    (_, hour) => `eni-1 - - - - - ${begin + hour * 3600} ${begin + hour * 3600 + 60} - NODATA -`,
  );
  const sent = `eni-1 10.0.0.7 192.0.2.9 40000 443 6 ${begin} ${begin + 60} ACCEPT OK 2`;
  const head = 'interface-id srcaddr dstaddr srcport dstport protocol start end action log-status tcp-flags';
  return gzipSync([head, ...quiet, sent, ''].join('\n'));
}

const refusal = (name: string) => Object.assign(new Error('not for you'), { name });

const PAYMENTS = [{ Key: 'service', Value: 'payments' }];
/** One interface, its rule to a list of prefixes, and a log of what flows. */
const NETWORK: Readonly<Record<string, () => object>> = {
  DescribeNetworkInterfaces: () => ({
    NetworkInterfaces: [
      {
        NetworkInterfaceId: 'eni-1',
        SubnetId: 'subnet-1',
        Groups: [{ GroupId: 'sg-1' }],
        PrivateIpAddresses: [{ PrivateIpAddress: '10.0.0.7' }],
        TagSet: PAYMENTS,
      },
    ],
  }),
  DescribeSecurityGroupRules: () => ({
    SecurityGroupRules: [
      {
        SecurityGroupRuleId: 'sgr-1',
        GroupId: 'sg-1',
        IsEgress: true,
        IpProtocol: '-1',
        PrefixListId: 'pl-1',
        Tags: PAYMENTS,
      },
    ],
  }),
  DescribeRouteTables: () => ({
    RouteTables: [
      {
        VpcId: 'vpc-1',
        Associations: [{ Main: true }],
        Routes: [{ DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1' }],
      },
    ],
  }),
  DescribeManagedPrefixLists: () => ({ PrefixLists: [{ PrefixListId: 'pl-1', OwnerId: NORTH }] }),
  GetManagedPrefixListEntries: () => ({ Entries: [{ Cidr: '192.0.2.0/24' }] }),
  DescribeFlowLogs: () => ({
    FlowLogs: [
      {
        FlowLogId: FLOW_LOG,
        FlowLogStatus: 'ACTIVE',
        ResourceId: 'vpc-1',
        TrafficType: 'ALL',
        LogDestinationType: 's3',
        LogDestination: 'arn:aws:s3:::logs/flows/',
      },
    ],
  }),
};

/** An account as the SDK tells it, in pages of one. */
const whole: Answers = ({ command, account, region, input }) => {
  const report = [HEAD, row(account, 'ann', true), row(account, 'ci', false)].join('\n');
  const role = (n: number) => ({
    RoleId: `AROA${n}`,
    RoleName: `role-${n}`,
    Arn: `arn:aws:iam::${NORTH}:role/role-${n}`,
    CreateDate: new Date('2026-01-01T00:00:00Z'),
    AssumeRolePolicyDocument: JSON.stringify({
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'access-grants.s3.amazonaws.com' },
        },
      ],
    }),
    AttachedManagedPolicies: [],
    RolePolicyList: [],
    RoleLastUsed: {},
  });
  const known: Readonly<Record<string, () => object>> = {
    GetCallerIdentity: () => ({ Account: account, $metadata: {} }),
    AssumeRole: () => ({
      Credentials: {
        AccessKeyId: String(input.RoleArn).split(':')[4],
        SecretAccessKey: 's',
        SessionToken: 't',
      },
    }),
    GenerateCredentialReport: () => ({ State: 'COMPLETE' }),
    GetCredentialReport: () => ({ Content: new TextEncoder().encode(report) }),
    ListMFADevices: () => ({
      MFADevices: [{ SerialNumber: `arn:aws:iam::${account}:u2f/user/ann`, EnableDate: NOW }],
      IsTruncated: false,
    }),
    GetAccountAuthorizationDetails: () =>
      input.Marker === undefined
        ? { RoleDetailList: [role(1)], IsTruncated: true, Marker: 'second' }
        : { RoleDetailList: [role(2)], IsTruncated: false },
    GetAccountSummary: () => ({ SummaryMap: { Roles: 2 } }),
    DescribeOrganization: () => ({ Organization: { Id: 'o-1', MasterAccountId: NORTH } }),
    ListTagsForResource: () => ({ Tags: [{ Key: 'team', Value: `team-${input.ResourceId}` }] }),
    ListSchedules: () =>
      region === 'eu-west-1'
        ? { Schedules: ['a', 'b'].map((GroupName) => ({ Name: 'end', GroupName, Target: { Arn: CLOSES } })) }
        : { Schedules: [{ Name: 'report', Target: { Arn: 'arn:aws:lambda:::function:report' } }] },
    GetSchedule: () => ({
      Name: 'end',
      State: 'ENABLED',
      ScheduleExpression: input.GroupName === 'a' ? 'at(2027-01-31T00:00:00)' : 'at(2027-02-28T00:00:00)',
      Target: { Arn: CLOSES, Input: JSON.stringify({ AccountId: input.GroupName === 'a' ? NORTH : SOUTH }) },
    }),
    DescribeSubnets: () =>
      region === 'eu-west-1'
        ? {}
        : { Subnets: [{ SubnetId: 'subnet-1', VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24' }] },
    DescribeNetworkInsightsAccessScopeAnalyses: () =>
      region === 'eu-west-1'
        ? {}
        : {
            NetworkInsightsAccessScopeAnalyses: [26, 31, 30].map((day) => ({
              NetworkInsightsAccessScopeAnalysisId: `nisa-${day}`,
              NetworkInsightsAccessScopeId: 'nis-1',
              Status: 'succeeded',
              EndDate: new Date(`2026-10-${day}T00:00:00Z`),
            })),
          },
    GetNetworkInsightsAccessScopeContent: () => ({
      NetworkInsightsAccessScopeContent: {
        MatchPaths: [
          {
            Source: { ResourceStatement: { ResourceTypes: EVERYWHERE } },
            Destination: { ResourceStatement: { Resources: ['subnet-1'] } },
          },
        ],
      },
    }),
    GetNetworkInsightsAccessScopeAnalysisFindings: () =>
      input.NextToken === undefined
        ? { AnalysisFindings: [], NextToken: 'second' }
        : {
            AnalysisFindings: [
              {
                FindingId: 'f-1',
                FindingComponents: [{ SequenceNumber: 1, Component: { Id: 'igw-1' } }],
              },
            ],
          },
    GetBucketTagging: () => {
      if (input.Bucket === 'dumps') return { TagSet: [{ Key: 'holds', Value: 'crash-dumps' }] };
      throw refusal('NoSuchTagSet');
    },
    ListAccessGrants: () => {
      if (region === 'eu-west-1') throw refusal('AccessGrantsInstanceNotExistsError');
      return {
        AccessGrantsList: [
          {
            Permission: 'READ',
            GrantScope: 's3://dumps/core.1',
            Grantee: { GranteeType: 'IAM', GranteeIdentifier: `arn:aws:iam::${NORTH}:role/ann` },
          },
        ],
      };
    },
    DescribeTrails: () => ({
      trailList: [
        {
          Name: 'all',
          TrailARN: TRAIL,
          S3BucketName: 'logs',
          S3KeyPrefix: 'kept',
          HomeRegion: 'eu-central-1',
          IsMultiRegionTrail: true,
          IsOrganizationTrail: true,
        },
      ],
    }),
    GetTrailStatus: () => ({
      IsLogging: true,
      StartLoggingTime: new Date('2026-01-01T00:00:00Z'),
      LatestDeliveryTime: NOW,
    }),
    GetEventSelectors: () => ({ EventSelectors: [{ ReadWriteType: 'WriteOnly' }] }),
    ListObjectsV2: () =>
      String(input.Prefix).startsWith('flows/')
        ? { Contents: FLOW_FILE.startsWith(String(input.Prefix)) ? [{ Key: FLOW_FILE }] : undefined }
        : delivered(String(input.Prefix), input),
    GetObject: () => ({ Body: { transformToByteArray: async () => flowRecords() } }),
    ...(region === 'eu-west-1' ? {} : NETWORK),
    ListAccounts: () => ({
      Accounts: [NORTH, SOUTH].map((Id) => ({
        Id,
        Name: Id,
        State: 'ACTIVE',
        JoinedMethod: 'CREATED',
        JoinedTimestamp: NOW,
      })),
    }),
    DescribeRegions: () => ({ Regions: [{ RegionName: 'eu-central-1' }, { RegionName: 'eu-west-1' }] }),
    // The SDK leaves an empty list out.
    DescribeInstances: () => ({}),
    GetBucketPolicy: () => {
      if (input.Bucket === 'dumps') return { Policy: CLOSED };
      throw refusal('NoSuchBucketPolicy');
    },
    GetBucketLifecycleConfiguration: () => ({
      Rules: [{ Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 800 } }],
    }),
    GetObjectLockConfiguration: () => {
      throw refusal('ObjectLockConfigurationNotFoundError');
    },
    ListBuckets: () => ({ Buckets: ['b', 'dumps'].map((Name) => ({ Name, CreationDate: NOW })) }),
    ListKeys: () => (region === 'eu-west-1' ? {} : { Keys: [{ KeyId: 'key-1' }] }),
    DescribeKey: () => ({
      KeyMetadata: {
        KeyId: 'key-1',
        Arn: `arn:aws:kms:eu-central-1:${NORTH}:key/key-1`,
        CreationDate: NOW,
        KeyUsage: 'SIGN_VERIFY',
        Origin: 'AWS_KMS',
      },
    }),
  };
  return (known[command] ?? (() => ({})))();
};

async function collected(load: LoadModule, more: Partial<CollectRequest> = {}) {
  const observations: Observation[] = [];
  const request: CollectRequest = {
    targets: [NORTH],
    options: {},
    view: 'head',
    excludes: [],
    parameters: {},
    cacheDirectory: '/nonexistent',
    environment: { AWS_ACCESS_KEY_ID: NORTH, AWS_SECRET_ACCESS_KEY: 'canary-of-a-secret' },
    now: () => NOW,
    ...more,
  };
  const collection = await collectWith(load, request, {
    emit: (one) => observations.push(one),
    report: () => {},
  });
  assert.ok(!JSON.stringify([collection, observations]).includes('canary'), 'a secret stays where it is');
  const partition = (kind: string, format?: string) => {
    const found = collection.partitions.find((one) => one.kind === kind && one.format === format);
    assert.ok(found, `${kind} ${format}`);
    return found;
  };
  return { collection, observations, partition };
}

test('an account is whole when every page and region answered, and its accounts are those of the organisation that it manages', async () => {
  const sent: Sent[] = [];
  const { collection, observations, partition } = await collected(sdk(whole, sent));
  assert.equal(collection.status, 'complete');
  assert.deepEqual(collection.problems, []);
  assert.deepEqual(partition('application', 'role').witness, { id: 'iam:GetAccountSummary', count: 2 });
  assert.equal(partition('tenant').seen, 2);
  assert.equal(partition('cloud-resource', 'AWS::EC2::Instance').complete, true);
  const ann = observations.find(({ name }) => name === 'ann');
  const methods = ann?.attributes.methods as {
    readonly value: readonly { readonly type: string }[];
    readonly complete: boolean;
  };
  assert.deepEqual(
    [methods.value.map(({ type }) => type), methods.complete],
    [['password', 'security_key'], true],
  );
  const asked = sent.filter(({ command }) => command === 'DescribeSubnets').map(({ region }) => region);
  assert.deepEqual(asked.toSorted(), ['eu-central-1', 'eu-west-1']);
});

test('tags, schedules, analyses, grants and what a trail delivered are asked for, and no more of them than is read', async () => {
  const sent: Sent[] = [];
  const { observations } = await collected(sdk(whole, sent));
  const said = (kind: string, name: string, attribute: string) =>
    observations.find((one) => one.kind === kind && one.name === name)?.attributes[attribute];
  assert.deepEqual(said('tenant', SOUTH, 'owners'), {
    value: [`team-${SOUTH}`],
    complete: true,
    assurance: 'attested',
  });
  assert.deepEqual(
    [NORTH, SOUTH].map((account) => said('tenant', account, 'expires_at')),
    [{ value: '2027-01-31T00:00:00Z' }, { value: '2027-02-28T00:00:00Z' }],
    'two schedules of one name are two',
  );
  const active = said('tenant', NORTH, 'last_active_at');
  assert.ok(active && 'value' in active && active.value === '2026-10-30T12:00:00.000Z');
  assert.match(JSON.stringify(said('tenant', SOUTH, 'last_active_at')), /delivered no change of it/);
  assert.match(JSON.stringify(said('subnet', 'subnet-1', 'reachable_from')), /igw-1/);
  assert.deepEqual(
    sent.flatMap(({ command, input }) =>
      command === 'GetNetworkInsightsAccessScopeAnalysisFindings' && input.NextToken === undefined
        ? [input.NetworkInsightsAccessScopeAnalysisId]
        : [],
    ),
    ['nisa-31'],
  );
  const dumps = observations.filter(({ kind }) => kind === 'dump-store');
  assert.deepEqual(
    dumps.map(({ name }) => name),
    ['dumps'],
  );
  assert.match(JSON.stringify(dumps[0]?.attributes.readers), /"through":"broker"/);
  const schedules = sent
    .filter(({ command }) => command === 'GetSchedule')
    .map(({ input }) => input.GroupName);
  assert.deepEqual(schedules, ['a', 'b'], 'a schedule that closes nothing is not looked at');
  const member = await collected(sdk(whole, sent.splice(0)), {
    targets: [SOUTH],
    environment: { AWS_ACCESS_KEY_ID: SOUTH, AWS_SECRET_ACCESS_KEY: 'canary-of-a-secret' },
  });
  assert.ok(!sent.some(({ command }) => ['ListSchedules', 'ListTagsForResource'].includes(command)));
  assert.equal(
    member.collection.partitions.some(({ kind }) => kind === 'tenant'),
    true,
  );
});

test('flow records are read where that is asked for, from the days that count, and a file that breaks off leaves open what it says', async () => {
  const sent: Sent[] = [];
  const without = await collected(sdk(whole, sent));
  assert.ok(!sent.some(({ command }) => ['DescribeFlowLogs', 'GetObject'].includes(command)));
  const sendersIn = ({ observations }: { readonly observations: readonly Observation[] }) =>
    observations.find(({ kind }) => kind === 'subnet')?.attributes.senders;
  assert.equal(sendersIn(without), undefined);
  const flows = { options: { flows: 'read' } };
  assert.deepEqual(sendersIn(await collected(sdk(whole, sent), flows)), {
    value: [{ id: 'sgr-1/192.0.2.0/24 payments', rule: 'sgr-1/192.0.2.0/24', service: 'payments' }],
    window: '336h',
    assurance: 'effective',
    complete: true,
  });
  const days = sent.flatMap(({ command, input }) =>
    command === 'ListObjectsV2' && String(input.Prefix).startsWith('flows/') ? [String(input.Prefix)] : [],
  );
  assert.equal(days.length, 16);
  assert.equal(days.at(-1), `flows/AWSLogs/${NORTH}/vpcflowlogs/eu-central-1/2026/10/17/`);
  const broken = sdk((one) =>
    one.command === 'GetObject'
      ? { Body: { transformToByteArray: () => Promise.reject(new Error('socket hang up')) } }
      : whole(one),
  );
  const less = sendersIn(await collected(broken, flows));
  assert.ok(less && 'complete' in less && less.complete === false);
  assert.match(less.why ?? '', /broke off \(socket hang up\)/);
  await assert.rejects(
    collected(sdk(whole), { options: { flows: 'all' } }),
    /--aws-flows: `all` is not `read`/,
  );
});

test('a package of the SDK that is missing leaves unknown what it would tell, and nothing else', async () => {
  const all = sdk(whole);
  const load: LoadModule = (name) => {
    if (/scheduler|s3-control/.test(name)) throw new Error(`Cannot find module '${name}'`);
    return all(name);
  };
  const { collection, observations, partition } = await collected(load);
  assert.equal(partition('application', 'role').complete, true);
  const said = JSON.stringify([collection, observations]);
  assert.match(said, /npm install @aws-sdk\/client-scheduler/);
  assert.match(said, /npm install @aws-sdk\/client-s3-control/);
});

test('without any one permission of its description nothing is known better, and the permission is named', async () => {
  const described = await source.described?.();
  assert.ok(described);
  const flows = { options: { flows: 'read' } };
  const full = await collected(sdk(whole), flows);
  const names = new Map(full.observations.map((one) => [one.id, one] as const));
  for (const permission of new Set(described.endpoints.flatMap((one) => one.permission.split(', ')))) {
    const action = permission.split(':')[1] ?? '';
    const command = COMMANDS[permission] ?? action;
    if (permission === 'no permission') continue;
    const less = await collected(
      sdk((sent) => {
        if (sent.command === command) throw refusal('AccessDenied');
        return whole(sent);
      }),
      flows,
    );
    for (const one of less.observations) {
      const before = names.get(one.id);
      assert.ok(before, `${one.id} without ${permission}`);
      for (const [name, statement] of Object.entries(one.attributes)) {
        if ('unobserved' in statement || ('complete' in statement && !statement.complete)) continue;
        assert.deepEqual(statement, before.attributes[name], `${name} of ${one.id} without ${permission}`);
      }
    }
    const isAsked = full.observations.length > 0 && !NEVER_ASKED.has(permission);
    const said = JSON.stringify([less.collection, less.observations]);
    if (isAsked) assert.ok(said.includes(permission), `${permission} is named`);
  }
});

/** Where the permission is called otherwise than what it is for. */
const COMMANDS: Readonly<Record<string, string>> = {
  's3:ListAllMyBuckets': 'ListBuckets',
  's3:GetLifecycleConfiguration': 'GetBucketLifecycleConfiguration',
  's3:GetBucketObjectLockConfiguration': 'GetObjectLockConfiguration',
  's3:ListBucket': 'ListObjectsV2',
};

/** A count that is not told stands beside nothing, and what has no rule is denied nothing. */
const NEVER_ASKED: ReadonlySet<string> = new Set(['iam:GetAccountSummary', 'ec2:DescribeNetworkAcls']);

test('two accounts are asked by one key through a role in each, and a key of another account takes nothing', async () => {
  const two = await collected(sdk(whole), { targets: [NORTH, SOUTH], options: { role: 'reader' } });
  const accounts = two.collection.partitions
    .filter(({ kind }) => kind === 'user')
    .map(({ container }) => container);
  assert.deepEqual(accounts, [`aws/${NORTH}`, `aws/${SOUTH}`]);
  const other = await collected(sdk(whole), { targets: [SOUTH] });
  assert.deepEqual(other.observations, []);
  assert.match(
    other.collection.problems[0]?.message ?? '',
    /is of the account 111111111111, not of 222222222222/,
  );
  const none = await collected(sdk(whole), { environment: {} });
  assert.match(none.collection.problems[0]?.remedy ?? '', /AWS_ACCESS_KEY_ID_111111111111/);
  const both = await collected(sdk(whole), { targets: [NORTH, SOUTH] });
  assert.equal(both.collection.problems.length, 2, 'a key of no account by name asks one account alone');
});

test('a page that leads back, an answer that fails and an SDK that is not there are said, and nothing is guessed', async () => {
  const looping = sdk((sent) =>
    sent.command === 'GetAccountAuthorizationDetails' ? { RoleDetailList: [], Marker: 'again' } : whole(sent),
  );
  assert.match((await collected(looping)).partition('application', 'role').why ?? '', /PagingLoop/);
  const failing = sdk((sent) => {
    if (sent.command === 'ListBuckets') throw refusal('ThrottlingException');
    return whole(sent);
  });
  assert.equal((await collected(failing)).partition('cloud-resource', 'AWS::S3::Bucket').cause, 'failed');
  const absent: LoadModule = (name) => {
    throw new Error(`Cannot find module '${name}'`);
  };
  const { collection } = await collected(absent);
  assert.equal(collection.status, 'failed');
  assert.match(
    collection.problems[0]?.remedy ?? '',
    /npm install @aws-sdk\/client-sts @aws-sdk\/client-iam /,
  );
});
