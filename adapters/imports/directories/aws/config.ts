/**
 * Snapshots of AWS Config, read as the answers that they were made of: an item keeps the answer of its service, with names that begin in
 * lower case. What an item does not keep, or keeps as it was when something else changed, is not taken.
 */
import { gunzipSync } from 'node:zlib';
import { type ExportFile, isRecord, type Json, jsonOf, textIn } from '../answer.ts';
import type { DescribedCertificate, Inventory } from '../certificates/inventory.ts';
import type { ExportRead, ExportRequest } from '../export.ts';
import { type ListingGap, listingGap, onceEach } from '../listing.ts';
import { timestamp } from '../statement.ts';
import { type AwsAnswer, answerAt, answerIn } from './answers.ts';
import { ISSUED, NOT_ISSUED } from './certificates.ts';
import { operationAt } from './operations.ts';
import { readFound } from './read.ts';

const LARGEST = 512 * 2 ** 20;

interface ConfigItem {
  readonly file: string;
  readonly type: string;
  readonly account: string;
  readonly region: string | null;
  readonly record: Json;
  readonly configuration: Json | null;
}

interface Snapshot {
  readonly items: readonly ConfigItem[];
  /** Of which nobody knows what they are, or that were not recorded. */
  readonly unread: readonly { readonly file: string; readonly why: string }[];
}

/** States of an item of something that is there, and of something that is not any more. */
const THERE: ReadonlySet<unknown> = new Set(['OK', 'ResourceDiscovered']);
const GONE: ReadonlySet<unknown> = new Set(['ResourceDeleted', 'ResourceDeletedNotRecorded']);

export function readAwsConfig(request: ExportRequest): ExportRead {
  const { items, unread: unreadItems } = snapshotsIn(request.files.filter((file) => !isRegions(file)));
  const regions = request.files.filter(isRegions).map(regionsOf);
  const unread = [...unreadItems, ...regions.flatMap((one) => ('why' in one ? [one] : []))];
  const accounts = [...new Set(items.map(({ account }) => account))];
  const [account] = accounts;
  const refused = (reason: string): ExportRead => ({ mistakes: [{ file: request.folder, reason }] });
  if (accounts.length > 1)
    return refused(
      `holds snapshots of several accounts (${accounts.slice(0, 3).join(', ')}); save each into a folder of its own`,
    );
  if (account === undefined) {
    const [first] = unread;
    return refused(
      first === undefined
        ? 'holds no item that is there, so nobody knows of which account it is'
        : `holds no item that could be read: ${first.file} ${first.why}`,
    );
  }
  const answers = [
    identityOf(account),
    ...regions.flatMap((one) => ('why' in one ? [] : [one])),
    ...answersOf(items),
  ];
  const read = readFound(request, { answers, report: null, unread, leftOut: null });
  if ('mistakes' in read) return read;
  return { ...read, notes: [...read.notes, ...unusedIn(items)] };
}

/** Which regions the account has, as its own answer says it: a snapshot is of one. */
const isRegions = ({ path }: ExportFile): boolean => /(^|\/)ec2-describe-regions\.json$/.test(path);

function regionsOf(file: ExportFile): AwsAnswer | { readonly file: string; readonly why: string } {
  const parsed = jsonOf(file);
  if ('why' in parsed) return parsed;
  const answer = answerIn(file, parsed.json);
  return 'why' in answer ? { file: file.path, why: answer.why } : answer;
}

/** The certificates of snapshots: what is written in them, since Config does not keep the certificates themselves. */
export function configCertificates(files: readonly ExportFile[]): Inventory {
  const { items, unread } = snapshotsIn(files.filter((file) => !isRegions(file)));
  const described: DescribedCertificate[] = [];
  const gaps: ListingGap[] = unread.map(({ file, why }) =>
    listingGap('answer-unreadable', 'failed', `${file} ${why}`),
  );
  for (const item of items) {
    if (item.type === 'AWS::IAM::ServerCertificate')
      gaps.push(
        listingGap(
          'certificate-not-kept',
          'unobserved',
          `Config keeps the name of ${nameOf(item)} in IAM and nothing of the certificate; save iam/get-server-certificate`,
        ),
      );
    if (item.type !== 'AWS::ACM::Certificate') continue;
    const read = certificateOf(item);
    if (read === null) continue;
    if ('why' in read) gaps.push(read);
    else described.push(read);
  }
  // A recorder may leave types out, and a snapshot does not say which.
  gaps.push(
    listingGap(
      'recorder-unknown',
      'incomplete',
      'a snapshot does not say whether all certificates are recorded; ask Certificate Manager too',
    ),
  );
  return { certificates: [], described, keys: [], gaps };
}

function certificateOf(item: ConfigItem): DescribedCertificate | ListingGap | null {
  const { status, serial, notBefore, notAfter, subject, certificateArn } = item.configuration ?? {};
  if (NOT_ISSUED.has(status)) return null;
  const times = [notBefore, notAfter].map(timeIn);
  const [from, to] = times;
  if (
    !ISSUED.has(status) ||
    typeof serial !== 'string' ||
    !/^[0-9a-f:]+$/i.test(serial) ||
    typeof certificateArn !== 'string' ||
    typeof subject !== 'string' ||
    typeof from !== 'string' ||
    typeof to !== 'string'
  )
    return listingGap(
      'answer-misshapen',
      'failed',
      `${nameOf(item)} in ${item.file} does not say by \`status\`, \`serial\`, \`subject\`, \`notBefore\` and \`notAfter\` which certificate it is; save the snapshot again`,
    );
  const name = /(?:^|,\s*)CN=([^,]*)/.exec(subject)?.[1] ?? '';
  return {
    place: certificateArn,
    name,
    serial,
    notBefore: from,
    notAfter: to,
    isRevoked: status === 'REVOKED',
  };
}

const timeIn = (value: unknown): string | null =>
  typeof value === 'string' && timestamp(value) !== null ? value : null;

function snapshotsIn(files: readonly ExportFile[]): Snapshot {
  const items: ConfigItem[] = [];
  const unread: { file: string; why: string }[] = [];
  for (const file of files) {
    const read = recordsIn(file);
    if ('why' in read) {
      unread.push({ file: file.path, why: read.why });
      continue;
    }
    for (const record of read.records) {
      const item = itemIn(file.path, record);
      if (item === null) continue;
      if ('why' in item) unread.push({ file: file.path, why: item.why });
      else items.push(item);
    }
  }
  return { items, unread: onceEach(unread, (one) => `${one.file}\n${one.why}`) };
}

function recordsIn({
  path,
  bytes,
}: ExportFile): { readonly records: readonly unknown[] } | { readonly why: string } {
  let plain: Uint8Array = bytes;
  try {
    if (/\.gz$/i.test(path)) plain = gunzipSync(bytes, { maxOutputLength: LARGEST });
  } catch {
    return { why: `is no gzip of at most ${LARGEST} bytes; save the snapshot again` };
  }
  const parsed = jsonOf({ path, bytes: plain });
  if ('why' in parsed) return parsed;
  const { json: body } = parsed;
  if (!isRecord(body) || !Array.isArray(body.configurationItems))
    return { why: 'holds no `configurationItems` of AWS Config; save the whole snapshot' };
  if (!/^1\./.test(String(body.fileVersion)))
    return {
      why: `is of \`fileVersion\` ${JSON.stringify(body.fileVersion) ?? 'none'}, and 1 is what is read; look at the snapshot`,
    };
  return { records: body.configurationItems };
}

const textOf = (record: Json, ...names: readonly string[]): string | null => {
  const found = names.map((name) => record[name]).find((value) => value !== undefined);
  return textIn(found);
};

/** Null for what is not there any more. */
function itemIn(file: string, record: unknown): ConfigItem | { readonly why: string } | null {
  if (!isRecord(record)) return { why: 'holds an item that is no record; save the snapshot again' };
  const type = textOf(record, 'resourceType');
  if (type === null) return { why: 'holds an item without `resourceType`; save the snapshot again' };
  const status = record.configurationItemStatus;
  if (GONE.has(status)) return null;
  if (!THERE.has(status))
    return {
      why: `holds a ${type} whose \`configurationItemStatus\` is ${JSON.stringify(status) ?? 'missing'}, so nobody knows whether it is there; look at that item`,
    };
  const account = textOf(record, 'awsAccountId', 'accountId');
  if (account === null || !/^\d{12}$/.test(account))
    return { why: `holds a ${type} without \`awsAccountId\`; save the snapshot again` };
  const region = textOf(record, 'awsRegion', 'region');
  const configuration = parsed(record.configuration);
  return {
    file,
    type,
    account,
    region: region === null || region === 'global' ? null : region,
    record,
    configuration: isRecord(configuration) ? configuration : null,
  };
}

/** Histories keep it as text, snapshots as it is. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const nameOf = ({ record }: ConfigItem): string =>
  textOf(record, 'ARN', 'arn', 'resourceName', 'resourceId') ?? 'an item without an id';

/** Each name begins in upper case, as the service's own answers write it. Time zones get their colon. */
function asAnswered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asAnswered);
  if (typeof value === 'string') return value.replace(/^(\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d)(\d\d)$/, '$1:$2');
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
      asAnswered(inner),
    ]),
  );
}

const identityOf = (account: string): AwsAnswer =>
  answerAt('sts/get-caller-identity', { file: 'the snapshot', region: null }, { Account: account });

const misshapen = (item: ConfigItem): Json => ({
  Error: {
    Code: 'ItemMisshapen',
    Message: `the item of ${nameOf(item)} in the snapshot does not say what it should`,
  },
});

interface Conversion {
  readonly path: string;
  /** The list of the answer. */
  readonly field: string;
  /** Null where the item does not hold what it should. */
  readonly record: (item: ConfigItem) => Json | readonly Json[] | null;
  /** Answers about this one thing. */
  readonly beside?: (item: ConfigItem) => readonly AwsAnswer[];
}

const whole = ({ configuration }: ConfigItem): Json | null =>
  configuration === null ? null : (asAnswered(configuration) as Json);

const list = (path: string, field: string): Conversion => ({ path, field, record: whole });

const CONVERSIONS: Readonly<Record<string, Conversion | undefined>> = {
  'AWS::EC2::Subnet': list('ec2/describe-subnets', 'Subnets'),
  'AWS::EC2::RouteTable': list('ec2/describe-route-tables', 'RouteTables'),
  'AWS::EC2::NetworkInterface': list('ec2/describe-network-interfaces', 'NetworkInterfaces'),
  'AWS::EC2::NetworkAcl': list('ec2/describe-network-acls', 'NetworkAcls'),
  'AWS::EC2::Instance': {
    path: 'ec2/describe-instances',
    field: 'Reservations',
    record: (item) => {
      const machine = whole(item);
      return machine === null ? null : { Instances: [machine] };
    },
  },
  'AWS::EC2::SecurityGroup': {
    path: 'ec2/describe-security-group-rules',
    field: 'SecurityGroupRules',
    record: rulesOf,
  },
  'AWS::S3::Bucket': {
    path: 's3/list-buckets',
    field: 'Buckets',
    record: whole,
    beside: besideBucket,
  },
  'AWS::KMS::Key': {
    path: 'kms/list-keys',
    field: 'Keys',
    record: whole,
    beside: (item) => {
      const key = whole(item);
      return key === null || typeof key.KeyId !== 'string'
        ? []
        : [answerAt('kms/describe-key', item, { KeyMetadata: key }, key.KeyId)];
    },
  },
  'AWS::CloudTrail::Trail': list('cloudtrail/describe-trails', 'trailList'),
  'AWS::IAM::Role': {
    path: 'iam/get-account-authorization-details',
    field: 'RoleDetailList',
    record: (item) => {
      const role = whole(item);
      if (role === null) return null;
      // Nobody's use of a role makes a new item: what it keeps of that is as old as the last change.
      const { RoleLastUsed: _stale, ...rest } = role;
      return rest;
    },
  },
};

/** A group keeps its rules by what they let through; each place of one is a rule of its own, as the newer answer lists them. */
function rulesOf({ configuration }: ConfigItem): readonly Json[] | null {
  const { groupId, ipPermissions, ipPermissionsEgress } = configuration ?? {};
  if (typeof groupId !== 'string') return null;
  const rules: Json[] = [];
  for (const [IsEgress, permissions] of [
    [false, ipPermissions],
    [true, ipPermissionsEgress],
  ] as const) {
    if (!Array.isArray(permissions)) return null;
    for (const permission of permissions) {
      const places = isRecord(permission) ? placesOf(permission) : null;
      if (places === null || !isRecord(permission) || typeof permission.ipProtocol !== 'string') return null;
      const { ipProtocol: IpProtocol, fromPort: FromPort, toPort: ToPort } = permission;
      for (const { id, place } of places)
        rules.push({
          SecurityGroupRuleId: [groupId, IsEgress ? 'out' : 'in', IpProtocol, FromPort, ToPort, id].join(' '),
          GroupId: groupId,
          IsEgress,
          IpProtocol,
          FromPort,
          ToPort,
          ...place,
        });
    }
  }
  return rules;
}

interface PermittedPlace {
  readonly id: string;
  readonly place: Json;
}

/** Null where the permission does not say for whom it is. */
function placesOf(permission: Json): readonly PermittedPlace[] | null {
  const { ipRanges, ipv4Ranges, ipv6Ranges, prefixListIds, userIdGroupPairs } = permission;
  const named = (values: unknown, field: string, as: (value: string) => Json) =>
    valuesIn(values, field)?.map((id): PermittedPlace => ({ id, place: as(id) })) ?? null;
  const parts = [
    named(ipv4Ranges ?? ipRanges, 'cidrIp', (CidrIpv4) => ({ CidrIpv4 })),
    named(ipv6Ranges ?? [], 'cidrIpv6', (CidrIpv6) => ({ CidrIpv6 })),
    named(prefixListIds ?? [], 'prefixListId', (PrefixListId) => ({ PrefixListId })),
    named(userIdGroupPairs ?? [], 'groupId', (GroupId) => ({ ReferencedGroupInfo: { GroupId } })),
  ];
  const found: PermittedPlace[] = [];
  for (const part of parts) {
    if (part === null) return null;
    found.push(...part);
  }
  return found.length === 0 ? null : found;
}

/** Each may be a text, or a record with that field. Null where one is neither. */
function valuesIn(values: unknown, field: string): readonly string[] | null {
  if (!Array.isArray(values)) return null;
  const found = values.map((value) => (isRecord(value) ? value[field] : value));
  return found.every((one): one is string => typeof one === 'string' && one !== '') ? found : null;
}

/** Policy, lock and tags of a bucket; how long it keeps things Config leaves out where there is no rule, and elsewhere writes in its own way. */
function besideBucket(item: ConfigItem): readonly AwsAnswer[] {
  const name = item.configuration?.name;
  const supplement = item.record.supplementaryConfiguration;
  if (typeof name !== 'string' || !isRecord(supplement)) return [];
  const answers: AwsAnswer[] = [];
  const about = (path: string, body: Json) => void answers.push(answerAt(path, item, body, name));
  const none = (code: string): Json => ({ Error: { Code: code, Message: 'there is none' } });
  const policy = parsed(supplement.BucketPolicy);
  if (isRecord(policy) && 'policyText' in policy) {
    if (typeof policy.policyText === 'string') about('s3/get-bucket-policy', { Policy: policy.policyText });
    if (policy.policyText === null) about('s3/get-bucket-policy', none('NoSuchBucketPolicy'));
  }
  const lock = parsed(supplement.ObjectLockConfiguration);
  if (isRecord(lock))
    about('s3/get-object-lock-configuration', { ObjectLockConfiguration: asAnswered(lock) });
  const { tags } = item.record;
  if (isRecord(tags)) {
    const set = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    about('s3/get-bucket-tagging', set.length === 0 ? none('NoSuchTagSet') : { TagSet: set });
  }
  return answers;
}

function answersOf(items: readonly ConfigItem[]): readonly AwsAnswer[] {
  const answers: AwsAnswer[] = [];
  const byList = Map.groupBy(
    items.filter(({ type }) => CONVERSIONS[type] !== undefined),
    ({ type, region, file }) => [type, region, file].join('\n'),
  );
  for (const group of byList.values()) {
    const [first] = group;
    const conversion = first === undefined ? undefined : CONVERSIONS[first.type];
    if (first === undefined || conversion === undefined) continue;
    const { path, field, record, beside } = conversion;
    const records = group.map((item) => ({ item, read: record(item) }));
    answers.push(answerAt(path, first, { [field]: records.flatMap(({ read }) => read ?? []) }));
    for (const { item, read } of records) {
      if (read === null || !saysRegion(item, path)) answers.push(answerAt(path, item, misshapen(item)));
      answers.push(...(beside?.(item) ?? []));
    }
  }
  return answers;
}

/** What is of a region has to say of which. */
const saysRegion = ({ region }: ConfigItem, path: string): boolean =>
  region !== null || operationAt(path.replace('/', '-'))?.regional !== true;

/** Types that are recorded and not read here, with how many there are. */
function unusedIn(items: readonly ConfigItem[]): readonly string[] {
  const unused = items.filter(({ type }) => CONVERSIONS[type] === undefined);
  return [...Map.groupBy(unused, ({ type }) => type)].map(
    ([type, all]) => `${all.length} of ${type} are not used: ${OTHERS[type] ?? 'nothing here is about them'}`,
  );
}

const OTHERS: Readonly<Record<string, string | undefined>> = {
  'AWS::IAM::User': 'Config does not keep how they sign in; save the credential report',
  'AWS::ACM::Certificate':
    'certificates are compared over several boundaries; `macadam scan --certificates` reads them',
  'AWS::IAM::ServerCertificate': 'Config does not keep certificates; save iam/get-server-certificate',
};
