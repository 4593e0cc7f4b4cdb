/**
 * Tables of Steampipe about an account of AWS (CSV), read as the answers that they were made of. A cell that is empty may be none, or an error
 * that somebody's settings let pass, so nothing is taken from it.
 */
import { isRecord, type Json } from '../answer.ts';
import type { ExportRead, ExportRequest } from '../export.ts';
import type { Item } from '../statement.ts';
import { tableOf } from '../table.ts';
import { type AwsAnswer, answerAt } from './answers.ts';
import { operationAt } from './operations.ts';
import { readFound } from './read.ts';

interface Table {
  /** The request whose list its rows are. */
  readonly path: string;
  readonly field: string;
  /** Column → field of the answer; one within another with a dot between. */
  readonly columns: Readonly<Record<string, string>>;
  /** What a row becomes, where it is more than its fields. */
  readonly record?: (fields: Json) => Json;
  /** Answers about this one thing: request → its body, and by which field it is called. */
  readonly beside?: (fields: Json) => readonly (readonly [path: string, about: unknown, body: Json])[];
}

const TABLES: Readonly<Record<string, Table | undefined>> = {
  aws_region: {
    path: 'ec2/describe-regions',
    field: 'Regions',
    columns: { name: 'RegionName', opt_in_status: 'OptInStatus' },
  },
  aws_vpc_subnet: {
    path: 'ec2/describe-subnets',
    field: 'Subnets',
    columns: {
      subnet_id: 'SubnetId',
      vpc_id: 'VpcId',
      cidr_block: 'CidrBlock',
      default_for_az: 'DefaultForAz',
      map_public_ip_on_launch: 'MapPublicIpOnLaunch',
      tags_src: 'Tags',
    },
  },
  aws_vpc_route_table: {
    path: 'ec2/describe-route-tables',
    field: 'RouteTables',
    columns: { vpc_id: 'VpcId', associations: 'Associations', routes: 'Routes' },
  },
  aws_vpc_network_acl: {
    path: 'ec2/describe-network-acls',
    field: 'NetworkAcls',
    columns: { associations: 'Associations', entries: 'Entries' },
  },
  aws_ec2_network_interface: {
    path: 'ec2/describe-network-interfaces',
    field: 'NetworkInterfaces',
    columns: { subnet_id: 'SubnetId', groups: 'Groups' },
  },
  aws_vpc_security_group_rule: {
    path: 'ec2/describe-security-group-rules',
    field: 'SecurityGroupRules',
    columns: {
      security_group_rule_id: 'SecurityGroupRuleId',
      group_id: 'GroupId',
      is_egress: 'IsEgress',
      cidr_ipv4: 'CidrIpv4',
      cidr_ipv6: 'CidrIpv6',
      prefix_list_id: 'PrefixListId',
      referenced_group_id: 'ReferencedGroupInfo.GroupId',
    },
  },
  aws_ec2_instance: {
    path: 'ec2/describe-instances',
    field: 'Reservations',
    columns: {
      instance_id: 'InstanceId',
      instance_state: 'State.Name',
      vpc_id: 'VpcId',
      network_interfaces: 'NetworkInterfaces',
      tags_src: 'Tags',
    },
    record: (machine) => ({ Instances: [machine] }),
  },
  aws_s3_bucket: {
    path: 's3/list-buckets',
    field: 'Buckets',
    columns: {
      name: 'Name',
      creation_date: 'CreationDate',
      policy: 'Policy',
      lifecycle_rules: 'Rules',
      object_lock_configuration: 'ObjectLockConfiguration',
      tags_src: 'TagSet',
    },
    record: ({ Name, CreationDate }) => ({ Name, CreationDate }),
    beside: ({ Name, Policy, Rules, ObjectLockConfiguration, TagSet }) =>
      [
        ['s3/get-bucket-policy', Name, { Policy }] as const,
        ['s3/get-bucket-lifecycle-configuration', Name, { Rules }] as const,
        ['s3/get-object-lock-configuration', Name, { ObjectLockConfiguration }] as const,
        ['s3/get-bucket-tagging', Name, { TagSet }] as const,
      ].filter(([, , body]) => Object.values(body).some((one) => one !== undefined)),
  },
  aws_kms_key: {
    path: 'kms/list-keys',
    field: 'Keys',
    columns: {
      id: 'KeyId',
      arn: 'Arn',
      creation_date: 'CreationDate',
      description: 'Description',
      key_usage: 'KeyUsage',
      origin: 'Origin',
    },
    beside: (key) => [['kms/describe-key', key.KeyId, { KeyMetadata: key }]],
  },
  aws_cloudtrail_trail: {
    path: 'cloudtrail/describe-trails',
    field: 'trailList',
    columns: {
      name: 'Name',
      arn: 'TrailARN',
      s3_bucket_name: 'S3BucketName',
      is_multi_region_trail: 'IsMultiRegionTrail',
      latest_delivery_time: 'LatestDeliveryTime',
    },
    beside: ({ TrailARN, LatestDeliveryTime }) =>
      LatestDeliveryTime === undefined
        ? []
        : [['cloudtrail/get-trail-status', TrailARN, { LatestDeliveryTime }]],
  },
  aws_iam_role: {
    path: 'iam/get-account-authorization-details',
    field: 'RoleDetailList',
    columns: {
      role_id: 'RoleId',
      name: 'RoleName',
      arn: 'Arn',
      create_date: 'CreateDate',
      assume_role_policy: 'AssumeRolePolicyDocument',
      attached_policy_arns: 'Attached',
      inline_policies: 'RolePolicyList',
      role_last_used_date: 'RoleLastUsed.LastUsedDate',
    },
    record: ({ Attached, ...role }) =>
      Array.isArray(Attached)
        ? { ...role, AttachedManagedPolicies: Attached.map((PolicyArn: unknown) => ({ PolicyArn })) }
        : role,
  },
};

const MISSING =
  'no row says by `account_id` of which account it is; save all columns, as `select * from aws_vpc_subnet` does';

export function readSteampipe(request: ExportRequest): ExportRead {
  const unread: { file: string; why: string }[] = [];
  const answers: AwsAnswer[] = [];
  const accounts = new Set<string>();
  for (const file of request.files) {
    const name = /([^/]+?)(?:-\d{1,6})?\.csv$/i.exec(file.path)?.[1]?.toLowerCase() ?? '';
    const table = TABLES[name];
    const refuse = (why: string) => void unread.push({ file: file.path, why });
    if (table === undefined) {
      refuse(
        `is none of the tables that are read; name it by its table, one of ${Object.keys(TABLES).join(', ')}`,
      );
      continue;
    }
    const read = tableOf(file);
    if ('why' in read) {
      refuse(read.why);
      continue;
    }
    if (read.rows.length > 0 && !read.columns.includes('account_id')) {
      refuse('has no column `account_id`, so nobody knows of which account it is; save all columns');
      continue;
    }
    for (const { record } of read.rows)
      if (/^\d{12}$/.test(String(record.account_id))) accounts.add(String(record.account_id));
    answers.push(...answersOf(table, file.path, read.rows));
  }
  const [account, ...others] = accounts;
  const refused = (reason: string): ExportRead => ({ mistakes: [{ file: request.folder, reason }] });
  if (others.length > 0)
    return refused(
      `holds tables of several accounts (${[...accounts].slice(0, 3).join(', ')}); save each into a folder of its own`,
    );
  if (account === undefined) return refused(MISSING);
  const identity = answerAt(
    'sts/get-caller-identity',
    { file: 'the tables', region: null },
    { Account: account },
  );
  return readFound(request, { answers: [identity, ...answers], report: null, unread, leftOut: null });
}

function answersOf(table: Table, file: string, rows: readonly Item[]): readonly AwsAnswer[] {
  const { path, field, record = (fields) => fields, beside = () => [] } = table;
  const isRegional = operationAt(path.replace('/', '-'))?.regional === true;
  const answers: AwsAnswer[] = [];
  const byRegion = Map.groupBy(rows, ({ record: { region } }) => (isRegional ? String(region) : ''));
  // A table without rows says nothing of any region; of what has none it says that there is none.
  if (rows.length === 0 && !isRegional) answers.push(answerAt(path, { file, region: null }, { [field]: [] }));
  for (const [name, own] of byRegion) {
    const region = isRegional && /^[a-z]{2}(-[a-z]+)+-\d+$/.test(name) ? name : null;
    const records: Json[] = [];
    for (const row of own) {
      const fields = fieldsOf(table, row);
      records.push(record(fields));
      const isSaid = /^\d{12}$/.test(String(row.record.account_id)) && (!isRegional || region !== null);
      if (!isSaid)
        answers.push(
          answerAt(
            path,
            { file: row.file, region },
            {
              Error: {
                Code: 'RowMisshapen',
                Message: `${row.file} does not say by \`account_id\` and \`region\` where it is`,
              },
            },
          ),
        );
      for (const [asked, about, body] of beside(fields))
        if (typeof about === 'string') answers.push(answerAt(asked, { file: row.file, region }, body, about));
    }
    answers.push(answerAt(path, { file, region }, { [field]: records }));
  }
  return answers;
}

/** What another part of the account is found by: what is not of its form is left out, and so is missing. */
const FORMS: Readonly<Record<string, RegExp | undefined>> = { SubnetId: /^subnet-/, GroupId: /^sg-/ };

function fieldsOf({ columns }: Table, { record }: Item): Json {
  const fields: Record<string, unknown> = {};
  for (const [column, field] of Object.entries(columns)) {
    const value = cellOf(record[column]);
    if (value === undefined || FORMS[field]?.test(String(value)) === false) continue;
    const [outer = field, inner] = field.split('.');
    fields[outer] = inner === undefined ? value : { [inner]: value };
  }
  return fields;
}

/** A cell: JSON where it is some, times as RFC 3339 writes them. */
function cellOf(cell: unknown): unknown {
  if (typeof cell !== 'string' || cell === '<null>') return undefined;
  if (cell === 'true' || cell === 'false') return cell === 'true';
  if (/^[[{]/.test(cell))
    try {
      const parsed: unknown = JSON.parse(cell);
      return isRecord(parsed) || Array.isArray(parsed) ? parsed : cell;
    } catch {
      return cell;
    }
  const [, day, time, zone] = /^(\d{4}-\d\d-\d\d)[ T]([\d:.]+)(Z|[+-]\d\d(?::?\d\d)?)$/.exec(cell) ?? [];
  if (day === undefined || time === undefined || zone === undefined) return cell;
  const [, hours, minutes = '00'] = /^([+-]\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return `${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`;
}
