/** Accounts of moto, filled by the official SDK as an administrator would. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { LoadModule } from '@macadam/adapters/connector/aws/sdk';

export const CONFORMANCE = join(import.meta.dirname, '../..');
export const REGION = 'eu-central-1';
/** The account that moto gives whoever has a key that it does not know. */
export const NORTH = '123456789012';

export const load: LoadModule = createRequire(join(CONFORMANCE, 'package.json'));

interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type Answer = Readonly<Record<string, unknown>>;
export type Ask = (service: string, command: string, input?: object, region?: string) => Promise<Answer>;

const CLIENTS: Readonly<Record<string, string>> = {
  sts: 'STS',
  iam: 'IAM',
  organizations: 'Organizations',
  ec2: 'EC2',
  s3: 'S3',
  kms: 'KMS',
  cloudtrail: 'CloudTrail',
  scheduler: 'Scheduler',
  acm: 'ACM',
};

export function administrator(endpoint: string, credentials: Key): Ask {
  return async (service, command, input = {}, region = REGION) => {
    const module = load(`@aws-sdk/client-${service}`);
    const Client = module[`${CLIENTS[service]}Client`] as new (
      settings: object,
    ) => {
      readonly send: (command: object) => Promise<Answer>;
    };
    const Command = module[`${command}Command`] as new (input: object) => object;
    const settings = { region, endpoint, credentials, forcePathStyle: true };
    return new Client(service === 's3' ? settings : { region, endpoint, credentials }).send(
      new Command(input),
    );
  };
}

export const ROOT: Key = { accessKeyId: 'testing', secretAccessKey: 'canary-of-a-secret' };

/** A second account of the organisation of the first: its id, and whoever may do everything in it. */
export async function secondAccount(endpoint: string): Promise<{ readonly id: string; readonly ask: Ask }> {
  const root = administrator(endpoint, ROOT);
  await root('organizations', 'CreateOrganization', { FeatureSet: 'ALL' });
  const made = await root('organizations', 'CreateAccount', {
    AccountName: 'south',
    Email: 'south@example.com',
  });
  const { AccountId } = made.CreateAccountStatus as { readonly AccountId: string };
  const assumed = await root('sts', 'AssumeRole', {
    RoleArn: `arn:aws:iam::${AccountId}:role/administrator`,
    RoleSessionName: 'fill',
  });
  const given = assumed.Credentials as Readonly<Record<string, string>>;
  const key: Key = {
    accessKeyId: given.AccessKeyId ?? '',
    secretAccessKey: given.SecretAccessKey ?? '',
    sessionToken: given.SessionToken ?? '',
  };
  return { id: AccountId, ask: administrator(endpoint, key) };
}

export const trust = (Principal: unknown): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }],
  });

export async function person(ask: Ask, name: string): Promise<void> {
  await ask('iam', 'CreateUser', { UserName: name });
  const Password = 'canary-Of-a-Passw0rd!'; // macadam:allow-secret a stand-in's, which no reader may keep
  await ask('iam', 'CreateLoginProfile', { UserName: name, Password });
}

async function secondStep(ask: Ask, name: string): Promise<void> {
  const made = await ask('iam', 'CreateVirtualMFADevice', { VirtualMFADeviceName: name });
  const { SerialNumber } = made.VirtualMFADevice as { readonly SerialNumber: string };
  await ask('iam', 'EnableMFADevice', {
    UserName: name,
    SerialNumber,
    AuthenticationCode1: '123456',
    AuthenticationCode2: '234567',
  });
}

/** AWS gives the first network of an account a way out, which moto does not. */
async function wayOut(ask: Ask): Promise<void> {
  const [main] = (await ask('ec2', 'DescribeRouteTables')).RouteTables as readonly {
    readonly RouteTableId: string;
    readonly VpcId: string;
  }[];
  const made = await ask('ec2', 'CreateInternetGateway');
  const { InternetGatewayId } = made.InternetGateway as { readonly InternetGatewayId: string };
  await ask('ec2', 'AttachInternetGateway', { InternetGatewayId, VpcId: main?.VpcId });
  await ask('ec2', 'CreateRoute', {
    RouteTableId: main?.RouteTableId,
    DestinationCidrBlock: '0.0.0.0/0',
    GatewayId: InternetGatewayId,
  });
}

/** Two of everything; `suffix` keeps names apart that are of all accounts. */
export async function fill(ask: Ask, suffix: string): Promise<void> {
  for (const name of ['ann', 'bob']) await person(ask, name);
  await secondStep(ask, 'ann');
  for (const name of ['ci', 'batch']) {
    await ask('iam', 'CreateUser', { UserName: name });
    await ask('iam', 'CreateAccessKey', { UserName: name });
  }
  const roles = {
    platform: { Service: 'lambda.amazonaws.com' },
    partner: { AWS: '999999999999' },
    anybody: '*',
  };
  for (const [RoleName, principal] of Object.entries(roles))
    await ask('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: trust(principal) });
  await ask('kms', 'CreateKey', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', Description: 'tokens' });
  // The usual, which AWS tells of every key, and moto of those alone for which it was stated.
  await ask('kms', 'CreateKey', { KeyUsage: 'ENCRYPT_DECRYPT', Description: 'data' });
  for (const Bucket of [`data-${suffix}`, `logs-${suffix}`])
    await ask('s3', 'CreateBucket', { Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } });
  await ask('s3', 'PutBucketLifecycleConfiguration', {
    Bucket: `logs-${suffix}`,
    LifecycleConfiguration: {
      Rules: [{ ID: 'end', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 800 } }],
    },
  });
  await wayOut(ask);
  await ask('cloudtrail', 'CreateTrail', {
    Name: 'all',
    S3BucketName: `logs-${suffix}`,
    IsMultiRegionTrail: true,
  });
  await ask('cloudtrail', 'StartLogging', { Name: 'all' });
  const images = (await ask('ec2', 'DescribeImages')).Images as readonly { readonly ImageId: string }[];
  await ask('ec2', 'RunInstances', {
    ImageId: images[0]?.ImageId,
    MinCount: 2,
    MaxCount: 2,
    InstanceType: 't3.micro',
  });
}

export const CLOSES = 'arn:aws:scheduler:::aws-sdk:organizations:closeAccount';

/** What the management account says of an organisation: whose an account is, when it ends, and what changes in it. */
export async function organise(ask: Ask, member: string): Promise<void> {
  await ask('organizations', 'TagResource', {
    ResourceId: member,
    Tags: [{ Key: 'team', Value: 'payments' }],
  });
  const target = { RoleArn: `arn:aws:iam::${NORTH}:role/closer`, Arn: CLOSES };
  await ask('scheduler', 'CreateSchedule', {
    Name: 'end',
    ScheduleExpression: 'at(2027-01-31T00:00:00)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { ...target, Input: JSON.stringify({ AccountId: member }) },
  });
  await ask('scheduler', 'CreateSchedule', {
    Name: 'report',
    ScheduleExpression: 'rate(1 day)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { ...target, Arn: `arn:aws:lambda:${REGION}:${NORTH}:function:report` },
  });
  await ask('cloudtrail', 'UpdateTrail', { Name: 'all', IsOrganizationTrail: true });
  await ask('cloudtrail', 'PutEventSelectors', {
    TrailName: 'all',
    EventSelectors: [{ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true }],
  });
  const { Organization } = await ask('organizations', 'DescribeOrganization');
  const { Id } = Organization as { readonly Id: string };
  const today = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  const folder = `AWSLogs/${Id}/${member}/CloudTrail`;
  for (const Key of [
    `${folder}/${REGION}/${today}/one.json.gz`,
    `AWSLogs/${Id}/${member}/CloudTrail-Digest/x`,
  ])
    await ask('s3', 'PutObject', { Bucket: 'logs-north', Key, Body: 'canary of an event' });
}

interface Machine {
  readonly InstanceId: string;
  readonly SubnetId: string;
  readonly VpcId: string;
  readonly NetworkInterfaces: readonly {
    readonly NetworkInterfaceId: string;
    readonly PrivateIpAddress: string;
  }[];
}

/** A service whose machine sends by the rule of another, as the records of fourteen days in a bucket show. */
export async function recordFlows(ask: Ask, Bucket: string): Promise<void> {
  const { Reservations } = await ask('ec2', 'DescribeInstances');
  const machines = (Reservations as readonly { readonly Instances: readonly Machine[] }[]).flatMap(
    ({ Instances }) => Instances,
  );
  const [sender] = machines;
  if (sender === undefined) throw new Error('the account has no machine');
  const tags = (service: string) => [{ Key: 'service', Value: service }];
  await ask('ec2', 'CreateTags', { Resources: [sender.InstanceId], Tags: tags('reports') });
  const made = await ask('ec2', 'CreateManagedPrefixList', {
    PrefixListName: 'partners',
    AddressFamily: 'IPv4',
    MaxEntries: 2,
    Entries: [{ Cidr: '192.0.2.0/24' }],
  });
  const { PrefixListId } = made.PrefixList as { readonly PrefixListId: string };
  const { SecurityGroups } = await ask('ec2', 'DescribeSecurityGroups', {
    Filters: [{ Name: 'vpc-id', Values: [sender.VpcId] }],
  });
  const [{ GroupId } = { GroupId: '' }] = SecurityGroups as readonly { readonly GroupId: string }[];
  await ask('ec2', 'AuthorizeSecurityGroupEgress', {
    GroupId,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId }] }],
    TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: tags('payments') }],
  });
  const logs = await ask('ec2', 'CreateFlowLogs', {
    ResourceIds: [sender.VpcId],
    ResourceType: 'VPC',
    TrafficType: 'ALL',
    LogDestinationType: 's3',
    LogDestination: `arn:aws:s3:::${Bucket}`,
  });
  const [log] = logs.FlowLogIds as readonly string[];
  if (log === undefined) throw new Error(`no flow log was made: ${JSON.stringify(logs.Unsuccessful)}`);
  const now = new Date();
  const day = now.toISOString().slice(0, 10).replaceAll('-', '/');
  const minute = now.toISOString().slice(0, 16).replaceAll(/[-:]/g, '');
  const name = `${NORTH}_vpcflowlogs_${REGION}_${log}_${minute}Z_1a2b3c4d.log.gz`;
  await ask('s3', 'PutObject', {
    Bucket,
    Key: `AWSLogs/${NORTH}/vpcflowlogs/${REGION}/${day}/${name}`,
    Body: gzipSync(recordsOf(machines, now)),
  });
}

/** Each machine was heard of in every hour, and the first one sent. */
function recordsOf(machines: readonly Machine[], now: Date): string {
  const last = Math.floor(now.getTime() / 3_600_000) * 3600;
  const interfaces = machines.flatMap(({ NetworkInterfaces }) => NetworkInterfaces);
  const quiet = interfaces.flatMap(({ NetworkInterfaceId }) =>
    Array.from({ length: 340 }, (_, hour) => {
      const at = last - hour * 3600;
      return `${NetworkInterfaceId} - - - - - ${at} ${at + 60} - NODATA -`;
    }),
  );
  const [first] = interfaces;
  const sent = `${first?.NetworkInterfaceId} ${first?.PrivateIpAddress} 192.0.2.9 40000 443 6 ${last} ${last + 60} ACCEPT OK 2`;
  const head = 'interface-id srcaddr dstaddr srcport dstport protocol start end action log-status tcp-flags';
  return [head, ...quiet, sent, ''].join('\n');
}

interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate in both stores of an account. */
export async function keepCertificate(ask: Ask, { certificate, key }: Pair): Promise<void> {
  const bytes = (text: string) => Buffer.from(text);
  await ask('acm', 'ImportCertificate', { Certificate: bytes(certificate), PrivateKey: bytes(key) });
  await ask('iam', 'UploadServerCertificate', {
    ServerCertificateName: 'front',
    CertificateBody: certificate,
    PrivateKey: key,
  });
}

/** Denies everything from all but one network. */
export const closedTo = (bucket: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
        Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
      },
    ],
  });
