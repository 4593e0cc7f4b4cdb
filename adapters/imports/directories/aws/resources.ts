/** Virtual machines and buckets as resources of a cloud. */
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { isRecord, type Json, recordsIn, textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, lackingIds, listingGap, unobservedBy } from '../listing.ts';
import { type Item, listOf, required, timeOf, timestamp, unobserved } from '../statement.ts';
import type { AwsAnswers, AwsItem } from './answers.ts';
import { letsEverybodyIn } from './network.ts';
import { deniesOtherNetworks, statementsIn, textsIn } from './policy.ts';

const MACHINE = 'AWS::EC2::Instance';
const BUCKET = 'AWS::S3::Bucket';

export function resourcesOf(scope: ExportScope, answers: AwsAnswers): readonly Listed[] {
  return [
    ...(answers.has('ec2/describe-instances') ? [machinesOf(scope, answers)] : []),
    ...(answers.has('s3/list-buckets') ? [bucketsOf(scope, answers)] : []),
  ];
}

function machinesOf(scope: ExportScope, answers: AwsAnswers): Listed {
  const reservations = answers.list('ec2/describe-instances', 'Reservations');
  const machines = reservations.items.flatMap(({ record, file, region }): readonly AwsItem[] =>
    recordsIn(record.Instances).map((one) => ({
      record: one,
      file,
      region,
    })),
  );
  const rules = answers.list('ec2/describe-security-group-rules', 'SecurityGroupRules');
  const groups = Map.groupBy(rules.items, ({ record }) => String(record.GroupId));
  const open = new Map(
    [...groups].map(([id, all]) => [id, all.some(({ record }) => letsEverybodyIn(record))] as const),
  );
  // What is ended is shown for an hour, and is no more.
  const alive = machines.filter(
    ({ record }) => !isRecord(record.State) || record.State.Name !== 'terminated',
  );
  const known = alive.filter(({ record }) => typeof record.InstanceId === 'string');
  const gaps: ListingGap[] = [...reservations.gaps];
  const empty = reservations.items.find(({ record }) => !Array.isArray(record.Instances));
  if (empty !== undefined)
    gaps.push(
      listingGap(
        'answer-misshapen',
        'failed',
        `a reservation in ${empty.file} has no list \`Instances\`; save it again`,
      ),
    );
  gaps.push(...lackingIds(alive.length - known.length, 'machines have no `InstanceId`; save them again'));
  return {
    kind: 'cloud-resource',
    format: MACHINE,
    observations: known.map((item) => machineOf(scope, item, { open, gap: rules.gapOf(item.region) })),
    gaps,
  };
}

interface Groups {
  readonly open: ReadonlyMap<string, boolean>;
  readonly gap: ListingGap | null;
}

function machineOf(scope: ExportScope, item: AwsItem, groups: Groups): Observation {
  const { InstanceId, VpcId, NetworkInterfaces } = item.record;
  const interfaces = Array.isArray(NetworkInterfaces) ? NetworkInterfaces.filter(isRecord) : null;
  const id = String(InstanceId);
  return observationOf(scope, {
    kind: 'cloud-resource',
    key: ['aws', id],
    name: nameIn(item.record) ?? id,
    attributes: {
      cloud: { value: 'aws' },
      resource_id: { value: id },
      type: { value: MACHINE },
      addresses:
        interfaces === null
          ? unobserved(`\`NetworkInterfaces\` is not among the fields saved in ${item.file}; ask for it`)
          : addressesOf(interfaces, item.file),
      created_at: attachedAt(interfaces ?? [], item.file),
      management_api: generationOf(VpcId, interfaces, item.file),
      holds_data: { value: false },
      public_access: reachable(interfaces, groups, item.file),
    },
    format: MACHINE,
  });
}

/** A machine outside of every network is of the generation before there were any; then it has no interface of one either. */
function generationOf(network: unknown, interfaces: readonly Json[] | null, file: string): Statement {
  if (typeof network === 'string') return { value: 'current' };
  if ((network === undefined || network === null) && interfaces?.length === 0) return { value: 'legacy' };
  return unobserved(`\`VpcId\` is not among the fields saved in ${file}; ask for it`);
}

/** Whether an interface says which addresses it has; a public one stands there only where it has one. */
const saysAddresses = ({ PrivateIpAddresses, Ipv6Addresses, Association }: Json): boolean =>
  Array.isArray(PrivateIpAddresses) &&
  (Ipv6Addresses === undefined || Array.isArray(Ipv6Addresses)) &&
  isAssociation(Association) &&
  recordsIn(PrivateIpAddresses).every((one) => isAssociation(one.Association)) &&
  recordsIn(PrivateIpAddresses).every((one) => typeof one.PrivateIpAddress === 'string');

const isAssociation = (value: unknown): boolean =>
  value === undefined || value === null || (isRecord(value) && typeof value.PublicIp === 'string');

function addressesOf(interfaces: readonly Json[], file: string): Statement {
  const value = addressesIn(interfaces);
  return listOf(
    value,
    interfaces.every(saysAddresses)
      ? null
      : `an interface in ${file} does not say which addresses it has; save the whole answer`,
  );
}

function nameIn({ Tags }: Json): string | null {
  const tags = recordsIn(Tags);
  const name = tags.find(({ Key }) => Key === 'Name')?.Value;
  return textIn(name);
}

function addressesIn(interfaces: readonly Json[]): readonly string[] {
  const found = interfaces.flatMap(({ PrivateIpAddresses, Ipv6Addresses, Association }) => [
    ...recordsIn(PrivateIpAddresses).flatMap(({ PrivateIpAddress, Association: own }) => [
      ...textsIn(PrivateIpAddress),
      ...(isRecord(own) ? textsIn(own.PublicIp) : []),
    ]),
    ...recordsIn(Ipv6Addresses).flatMap(({ Ipv6Address }) => textsIn(Ipv6Address)),
    ...(isRecord(Association) ? textsIn(Association.PublicIp) : []),
  ]);
  return [...new Set(found)].toSorted();
}

/** `LaunchTime` changes with every start; the first interface is attached once and cannot be taken off. */
function attachedAt(interfaces: readonly Json[], file: string): Statement {
  for (const { Attachment } of interfaces) {
    if (!isRecord(Attachment) || Attachment.DeviceIndex !== 0) continue;
    const at = typeof Attachment.AttachTime === 'string' ? timestamp(Attachment.AttachTime) : null;
    if (at !== null) return { value: at };
  }
  return unobserved(
    `its first network interface and the time of that are not in ${file}; save the whole answer`,
  );
}

/** From everywhere: by an address that everybody can reach, and a group that lets everybody in. */
function reachable(interfaces: readonly Json[] | null, { open, gap }: Groups, file: string): Statement {
  if (interfaces === null)
    return unobserved(`\`NetworkInterfaces\` is not among the fields saved in ${file}; ask for it`);
  const reached = interfaces.filter(
    ({ Association, Ipv6Addresses, PrivateIpAddresses }) =>
      isRecord(Association) ||
      recordsIn(Ipv6Addresses).length > 0 ||
      recordsIn(PrivateIpAddresses).some((one) => isRecord(one.Association)),
  );
  const groups = reached.flatMap(({ Groups }) =>
    recordsIn(Groups).flatMap(({ GroupId }) => textsIn(GroupId)),
  );
  if (groups.some((id) => open.get(id) === true)) return { value: true };
  const says = (one: Json): boolean =>
    saysAddresses(one) &&
    Array.isArray(one.Groups) &&
    one.Groups.every((group) => isRecord(group) && typeof group.GroupId === 'string');
  if (!interfaces.every(says))
    return unobserved(
      `an interface in ${file} does not say which addresses or which groups it has; save the whole answer`,
    );
  // A group of which a whole list has no rule lets nobody in.
  return reached.length === 0 || gap === null ? { value: false } : unobservedBy(gap);
}

function bucketsOf(scope: ExportScope, answers: AwsAnswers): Listed {
  const { items, gaps } = answers.list('s3/list-buckets', 'Buckets');
  const named = items.filter(({ record }) => typeof record.Name === 'string' && record.Name !== '');
  return {
    kind: 'cloud-resource',
    format: BUCKET,
    observations: named.map((item) => bucketOf(scope, item, answers)),
    gaps: [...gaps, ...lackingIds(items.length - named.length, 'buckets have no `Name`; save them again')],
  };
}

function bucketOf(scope: ExportScope, item: Item, answers: AwsAnswers): Observation {
  const name = String(item.record.Name);
  return observationOf(scope, {
    kind: 'cloud-resource',
    key: ['aws', `arn:aws:s3:::${name}`],
    name,
    attributes: {
      cloud: { value: 'aws' },
      resource_id: { value: `arn:aws:s3:::${name}` },
      type: { value: BUCKET },
      addresses: { value: [], complete: true },
      created_at: required(timeOf(item, 'CreationDate'), 'the list does not say when it was made'),
      management_api: { value: 'current' },
      holds_data: { value: true },
      ...networksOf(name, answers),
    },
    format: BUCKET,
  });
}

/** Everybody can knock at a bucket, whatever it asks of them then, until its policy denies all but named networks. */
function networksOf(bucket: string, answers: AwsAnswers): Record<string, Statement> {
  const answer = answers.about('s3/get-bucket-policy', bucket);
  if ('why' in answer) return { public_access: unobservedBy(answer), perimeter: unobservedBy(answer) };
  const statements = 'absent' in answer ? [] : statementsIn(answer.body.Policy);
  if (statements === null) {
    const why = unobserved(`the policy of ${bucket} could not be read; look at the answer`);
    return { public_access: why, perimeter: why };
  }
  if (deniesOtherNetworks(statements, bucket))
    return {
      public_access: { value: false },
      perimeter: { value: { name: `policy of ${bucket}`, mode: 'enforced' } },
    };
  return {
    public_access: { value: true },
    perimeter: unobserved(
      'a policy of the organisation may stand before every bucket, and is not read; state the perimeter',
    ),
  };
}
