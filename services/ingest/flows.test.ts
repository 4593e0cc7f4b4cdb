/** Flow records joined with interfaces, tags and rules: who sent by which rule, and what of a record or of a missing one leaves that open. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { assetsOf } from '@macadam/core/facts/asset';
import { ingest } from '@macadam/core/facts/ingest';
import { diagnose } from '@macadam/core/kinds/diagnose';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { readExport } from './export.ts';

const { kinds, standards } = wholeCatalogue();
const standard = standards.find(({ id }) => id === 'segments-default-outbound-off');
const TAKEN = new Date('2026-11-01T00:00:00Z');
const HOUR_S = 3600;
const END_S = TAKEN.getTime() / 1000 - HOUR_S;
const BEGIN_S = END_S - 336 * HOUR_S;
const REGION = 'eu-central-1';
const FILE = `123456789012_vpcflowlogs_${REGION}_fl-0123456789abcdef0_20261031T2300Z_1a2b3c4d.log.gz`;
const HEAD =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status tcp-flags';

type Json = Readonly<Record<string, unknown>>;

interface Flow {
  readonly by?: string;
  readonly from?: string;
  readonly to?: string;
  readonly ports?: string;
  readonly protocol?: number;
  readonly action?: string;
  readonly status?: string;
  readonly flags?: string;
  readonly at?: number;
}

/** A connection that the interface began, an hour before the end. */
const flow = ({
  by = 'eni-1',
  from = '10.0.1.7',
  to = '192.0.2.9',
  ports = '40000 443',
  protocol = 6,
  action = 'ACCEPT',
  status = 'OK',
  flags = '2',
  at = END_S - HOUR_S,
}: Flow = {}): string =>
  `5 123456789012 ${by} ${from} ${to} ${ports} ${protocol} 9 900 ${at} ${at + 60} ${action} ${status} ${flags}`;

/** That nothing came or went in an hour. */
const quiet = (by: string, hour: number): string =>
  `5 123456789012 ${by} - - - - - - - ${BEGIN_S + hour * HOUR_S} ${BEGIN_S + hour * HOUR_S + 60} - NODATA -`;
const everyHour = (by: string): readonly string[] =>
  Array.from({ length: 336 }, (_, hour) => quiet(by, hour));

const tags = (service: string) => [{ Key: 'Service', Value: service }];
const rule = (id: string, more: Json = {}): Json => ({
  SecurityGroupRuleId: id,
  GroupId: 'sg-1',
  IsEgress: true,
  IpProtocol: 'tcp',
  FromPort: 443,
  ToPort: 443,
  CidrIpv4: '192.0.2.0/24',
  Tags: tags('payments'),
  ...more,
});
const networkInterface = (id: string, address: string, service: string): Json => ({
  NetworkInterfaceId: id,
  SubnetId: 'subnet-1',
  Status: 'in-use',
  Groups: [{ GroupId: 'sg-1' }],
  PrivateIpAddresses: [{ PrivateIpAddress: address }],
  Ipv6Addresses: [],
  TagSet: tags(service),
  Attachment: { AttachTime: '2026-01-01T00:00:00+00:00' },
});

interface Account {
  readonly rules?: readonly Json[];
  readonly interfaces?: readonly Json[];
  readonly log?: Json;
  readonly listed?: Json;
  /** Instead of what is saved, by the name of the file; undefined leaves it out. */
  readonly files?: Json;
}

function account({ rules = [rule('sgr-1')], interfaces, log, listed, files = {} }: Account): Json {
  const at = (name: string) => `${REGION}/${name}.json`;
  return {
    'sts-get-caller-identity.json': { Account: '123456789012' },
    'ec2-describe-regions.json': { Regions: [{ RegionName: REGION }] },
    [at('ec2-describe-subnets')]: {
      Subnets: [
        {
          SubnetId: 'subnet-1',
          VpcId: 'vpc-1',
          CidrBlock: '10.0.1.0/24',
          DefaultForAz: false,
          MapPublicIpOnLaunch: false,
          Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: '2001:db8:0:1::/64' }],
        },
      ],
    },
    [at('ec2-describe-route-tables')]: {
      RouteTables: [
        {
          VpcId: 'vpc-1',
          Associations: [{ Main: true }],
          Routes: [
            { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local' },
            { DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1' },
          ],
        },
      ],
    },
    [at('ec2-describe-network-interfaces')]: {
      NetworkInterfaces: interfaces ?? [networkInterface('eni-1', '10.0.1.7', 'payments')],
    },
    [at('ec2-describe-security-group-rules')]: { SecurityGroupRules: rules },
    [at('ec2-describe-network-acls')]: {
      NetworkAcls: [
        {
          Associations: [{ SubnetId: 'subnet-1' }],
          Entries: [
            { Egress: true, RuleNumber: 100, RuleAction: 'allow', Protocol: '-1', CidrBlock: '0.0.0.0/0' },
          ],
        },
      ],
    },
    [at('ec2-describe-flow-logs')]: {
      FlowLogs: [
        {
          FlowLogId: 'fl-0123456789abcdef0',
          FlowLogStatus: 'ACTIVE',
          ResourceId: 'vpc-1',
          TrafficType: 'ALL',
          LogDestinationType: 's3',
          LogDestination: 'arn:aws:s3:::flows/kept',
          ...log,
        },
      ],
    },
    's3-list-objects-v2/flows/fl-0123456789abcdef0.json': {
      Contents: [{ Key: `kept/AWSLogs/123456789012/vpcflowlogs/${REGION}/2026/10/31/${FILE}` }],
      ...listed,
    },
    ...files,
  };
}

/** What a subnet says of who sends, and the verdict in production. */
function judged(lines: readonly string[], more: Account = {}, file: Uint8Array | null = null) {
  const text = [HEAD, ...everyHour('eni-1'), ...lines, ''].join('\n');
  const files = Object.entries(account(more)).flatMap(([path, body]) =>
    body === undefined ? [] : [{ path, bytes: Buffer.from(JSON.stringify(body)) }],
  );
  const read = readExport('vpc-flow-logs', {
    folder: 'saved',
    files: [...files, { path: `2026/10/31/${FILE}`, bytes: file ?? gzipSync(text) }],
    subject: null,
    takenAt: TAKEN,
    receivedAt: TAKEN,
  });
  assert.ok('batch' in read, JSON.stringify(read));
  const [subnet] = read.batch.observations.filter(({ kind }) => kind === 'subnet');
  const kind = kinds.get('subnet');
  assert.ok(subnet && kind && standard);
  assert.deepEqual(diagnose(kind, subnet.attributes), []);
  assert.deepEqual(ingest(kinds, subnet).problems, []);
  const placed = { ...subnet, attributes: { ...subnet.attributes, environment: { value: 'production' } } };
  const [asset] = assetsOf(kinds, [placed]);
  assert.ok(asset);
  const { verdict, reason } = evaluate(standard.compiled, asset, { asOf: TAKEN, real: TAKEN });
  const senders = subnet.attributes.senders as {
    readonly value?: readonly Json[];
    readonly complete?: boolean;
    readonly why?: string;
  };
  return {
    senders,
    verdict,
    reason,
    egress: subnet.attributes.egress as { readonly value: readonly Json[] },
  };
}

test('who sends by a rule that is tagged as theirs passes, by the rule of others fails, and without a tag is not known', () => {
  const own = judged([flow()]);
  assert.deepEqual(own.senders, {
    value: [{ id: 'sgr-1 payments', rule: 'sgr-1', service: 'payments' }],
    window: '336h',
    assurance: 'effective',
    complete: true,
  });
  assert.equal(own.verdict, 'pass');
  const reports = networkInterface('eni-1', '10.0.1.7', 'reports');
  const others = judged([flow()], { interfaces: [reports] });
  assert.deepEqual([others.verdict, others.reason], ['fail', 'other-sender']);
  const nameless = judged([flow()], { interfaces: [{ ...reports, TagSet: [] }] });
  assert.equal(nameless.verdict, 'unknown');
  assert.match(
    JSON.stringify(nameless.senders),
    /1 flows are of eni-1 and others that have no tag `service`, nor have their machines/,
  );
  // A tag of another name is no answer to the rule's.
  const team = judged([flow()], {
    interfaces: [{ ...reports, TagSet: [{ Key: 'team', Value: 'payments' }] }],
  });
  assert.equal(team.verdict, 'unknown');
  const machine = judged([flow()], {
    interfaces: [
      { ...reports, TagSet: [], Attachment: { InstanceId: 'i-1', AttachTime: '2026-01-01T00:00:00Z' } },
    ],
    files: {
      [`${REGION}/ec2-describe-instances.json`]: {
        Reservations: [{ Instances: [{ InstanceId: 'i-1', Tags: tags('payments') }] }],
      },
    },
  });
  assert.equal(machine.verdict, 'pass');
  const unlisted = judged([flow()], {
    interfaces: [{ ...reports, TagSet: [], Attachment: { InstanceId: 'i-1' } }],
  });
  assert.match(unlisted.senders.why ?? '', /whose machine i-1 is in no answer; save ec2\/describe-instances/);
});

test('a rule lets out what is of its protocol, port and place: its own before others, the closest of others, and none is said', () => {
  const near = rule('sgr-2', { CidrIpv4: '192.0.2.8/30', Tags: tags('reports') });
  const wide = rule('sgr-1', { FromPort: 0, ToPort: 65_535 });
  const sentBy = (rules: readonly Json[], one: Flow = {}) =>
    judged([flow(one)], { rules }).senders.value?.map(({ rule: by }) => by);
  assert.deepEqual(sentBy([near, wide]), ['sgr-1'], 'groups have no order: its own rule lets it out');
  const other = rule('sgr-3', { CidrIpv4: '192.0.2.0/24', Tags: tags('search') });
  assert.deepEqual(sentBy([other, near]), ['sgr-2']);
  assert.deepEqual(sentBy([near, other], { to: '192.0.2.200' }), ['sgr-3']);
  assert.deepEqual(sentBy([near, rule('sgr-4', { IpProtocol: '-1' })], { ports: '40000 22' }), ['sgr-4']);
  for (const one of [{ ports: '40000 22' }, { protocol: 17 }, { to: '198.51.100.1' }]) {
    const none = judged([flow(one)]);
    assert.deepEqual([none.senders.value, none.verdict], [[], 'unknown']);
    assert.match(none.senders.why ?? '', /1 flows of eni-1 to port \d+ of [\d.]+ and others fit no rule/);
  }
  const inside = judged([flow({ to: '10.0.1.99' }), flow({ action: 'REJECT' })]);
  assert.deepEqual([inside.senders.value, inside.verdict], [[], 'pass'], 'nothing left');
  const group = rule('sgr-5', { CidrIpv4: undefined, ReferencedGroupInfo: { GroupId: 'sg-2' } });
  const peer = {
    ...networkInterface('eni-2', '10.0.2.8', 'db'),
    SubnetId: 'subnet-2',
    Groups: [{ GroupId: 'sg-2' }],
  };
  const interfaces = [networkInterface('eni-1', '10.0.1.7', 'payments'), peer];
  assert.equal(judged([flow({ to: '10.0.2.8' })], { rules: [group], interfaces }).verdict, 'pass');
  const six = rule('sgr-6', { CidrIpv4: undefined, CidrIpv6: '2001:db8:9::/48' });
  const sixth = {
    ...networkInterface('eni-1', '10.0.1.7', 'payments'),
    Ipv6Addresses: [{ Ipv6Address: '2001:db8:0:1::7' }],
  };
  const ipv6 = judged([flow({ from: '2001:0db8:0:1:0:0:0:7', to: '2001:db8:9::1' })], {
    rules: [six],
    interfaces: [sixth],
  });
  assert.deepEqual([ipv6.senders.value?.length, ipv6.verdict], [1, 'pass']);
});

test('an answer is no traffic of a rule, and what may be one leaves the list open only where another rule would let it out', () => {
  const web = rule('sgr-in', { IsEgress: false, CidrIpv4: '0.0.0.0/0' });
  const served = { ports: '443 40000', to: '203.0.113.5' };
  const rules = [rule('sgr-1'), web];
  assert.equal(judged([flow({ ...served, flags: '18' })], { rules }).verdict, 'pass');
  assert.equal(judged([flow({ ...served, flags: '0' })], { rules }).verdict, 'pass', 'no rule lets it out');
  const began = judged([flow({ ...served, flags: '2' })], { rules });
  assert.match(began.senders.why ?? '', /fit no rule/, 'it was begun from the port of a server');
  const back = rule('sgr-2', {
    CidrIpv4: '203.0.113.0/24',
    FromPort: 0,
    ToPort: 65_535,
    Tags: tags('reports'),
  });
  const answer = judged([flow({ ...served, flags: '18' })], { rules: [...rules, back] });
  assert.deepEqual([answer.senders.value, answer.verdict], [[], 'pass']);
  const either = judged([flow({ ...served, flags: '0' })], { rules: [...rules, back] });
  assert.equal(either.verdict, 'unknown');
  assert.match(
    either.senders.why ?? '',
    /may be answers, or sent by a rule of others; let the flow log record `tcp-flags`/,
  );
  assert.equal(judged([flow({ ...served, flags: '2' })], { rules: [...rules, back] }).reason, 'other-sender');
});

test('what is not known of a record, an hour or a file leaves the list open, and says which', () => {
  const cases: readonly (readonly [string, RegExp, () => ReturnType<typeof judged>])[] = [
    [
      'an interface that is gone',
      /sent by eni-9 and others that are not there any more/,
      () => judged([flow({ by: 'eni-9', from: '10.0.1.50' })]),
    ],
    [
      'records that AWS skipped',
      /skipped by AWS/,
      () => judged([quiet('eni-1', 3).replace('NODATA', 'SKIPDATA')]),
    ],
    ['what it passes on', /not its own addresses/, () => judged([flow({ from: '10.9.9.9' })])],
    ['a status of another version', /`log-status` of "PARTIAL"/, () => judged([flow({ status: 'PARTIAL' })])],
    ['an action of another version', /`action` of "OBSERVE"/, () => judged([flow({ action: 'OBSERVE' })])],
    ['a line that is cut', /other columns than its first line names/, () => judged(['5 123456789012 eni-1'])],
    [
      'a file that is cut',
      /is no gzip/,
      () => judged([], {}, gzipSync(`${HEAD}\n${flow()}\n`).subarray(0, 60)),
    ],
    [
      'a file that ends early',
      /ends in the middle of a line/,
      () => judged([], {}, gzipSync(`${HEAD}\n${flow()}`)),
    ],
    [
      'a column that is not recorded',
      /has no column `dstport`/,
      () => judged([], {}, gzipSync(`${HEAD.replace('dstport ', '')}\n`)),
    ],
    [
      'an hour without records',
      /1 hours have no record of eni-1, the first at 2026-10-17T23:00:00/,
      () => judged([], {}, gzipSync([HEAD, ...everyHour('eni-1').slice(1), ''].join('\n'))),
    ],
    [
      'another interface without any',
      /336 hours have no record of eni-2/,
      () =>
        judged([], {
          interfaces: ['eni-1', 'eni-2'].map((id, index) =>
            networkInterface(id, `10.0.1.${7 + index}`, 'payments'),
          ),
        }),
    ],
    [
      'a file that is listed and not here',
      /1 of 2 files of fl-0123456789abcdef0 are not here/,
      () =>
        judged([], { listed: { Contents: [FILE, FILE.replace('1a2b', 'ffff')].map((Key) => ({ Key })) } }),
    ],
    [
      'no list of the files',
      /s3\/list-objects-v2 of flows\/fl-0123456789abcdef0 was saved; save it, which needs s3:ListBucket/,
      () => judged([], { files: { 's3-list-objects-v2/flows/fl-0123456789abcdef0.json': undefined } }),
    ],
  ];
  for (const [what, why, run] of cases) {
    const { senders, verdict } = run();
    assert.equal(senders.complete, false, what);
    assert.match(senders.why ?? '', why, what);
    assert.equal(verdict, 'unknown', what);
  }
  const closed: readonly (readonly [RegExp, Account])[] = [
    [/no flow log of it or its network is on/, { log: { TrafficType: 'REJECT' } }],
    [/no flow log of it or its network is on/, { log: { FlowLogStatus: 'SOMETHING' } }],
    [/no flow log of it or its network is on/, { log: { ResourceId: 'vpc-2' } }],
    [
      /delivers to "cloud-watch-logs", which is not read/,
      { log: { LogDestinationType: 'cloud-watch-logs' } },
    ],
    [/delivers files of "parquet"/, { log: { DestinationOptions: { FileFormat: 'parquet' } } }],
    [/`IpProtocol`, `FromPort` and `ToPort`/, { rules: [rule('sgr-1', { FromPort: null })] }],
    [
      /ec2:DescribeFlowLogs/,
      { files: { [`${REGION}/ec2-describe-flow-logs.json`]: { Error: { Code: 'UnauthorizedOperation' } } } },
    ],
  ];
  for (const [why, more] of closed) {
    const { senders, verdict } = judged([flow()], more);
    assert.match(senders.why ?? '', why);
    assert.equal(verdict, 'unknown');
  }
  // What is seen is a failure, however much is missing beside it.
  const seen = judged([flow(), flow({ by: 'eni-9', from: '10.0.1.50' })], {
    interfaces: [networkInterface('eni-1', '10.0.1.7', 'reports')],
  });
  assert.equal(seen.reason, 'other-sender');
  const old = judged([flow({ to: '198.51.100.1', at: BEGIN_S - 7200 })]);
  assert.equal(old.verdict, 'pass', 'what was before the window is not asked about');
});

test('a list of prefixes is what stands in it: halves of everything are everything, and one that nobody asked for is not known', () => {
  const by = rule('sgr-1', { CidrIpv4: undefined, PrefixListId: 'pl-1' });
  const listOf = (OwnerId: string, ...ranges: readonly string[]): Account => ({
    rules: [by],
    files: {
      [`${REGION}/ec2-describe-managed-prefix-lists.json`]: {
        PrefixLists: [{ PrefixListId: 'pl-1', OwnerId }],
      },
      [`${REGION}/ec2-get-managed-prefix-list-entries/pl-1.json`]: {
        Entries: ranges.map((Cidr) => ({ Cidr })),
      },
    },
  });
  const halves = judged([], listOf('123456789012', '0.0.0.0/1', '128.0.0.0/1'));
  assert.deepEqual([halves.verdict, halves.reason], ['fail', 'wide']);
  assert.equal(judged([], listOf('123456789012', '::/0')).reason, 'anywhere');
  const named = judged([flow()], listOf('123456789012', '192.0.2.0/28', '198.51.100.0/24'));
  assert.deepEqual(named.senders.value, [
    { id: 'sgr-1/192.0.2.0/28 payments', rule: 'sgr-1/192.0.2.0/28', service: 'payments' },
  ]);
  assert.equal(named.verdict, 'pass');
  const kept = judged([flow()], listOf('AWS', '192.0.2.0/24'));
  assert.deepEqual([kept.egress.value[0]?.destination, kept.verdict], ['pl-1', 'pass']);
  // A rule of which nobody knows where it leads may be what let it out: the rule of others is no finding then.
  const reports = rule('sgr-2', { Tags: tags('reports') });
  const hidden = judged([flow()], { rules: [by, reports] });
  assert.deepEqual([hidden.senders.value, hidden.senders.complete, hidden.verdict], [[], false, 'unknown']);
  assert.match(hidden.senders.why ?? '', /may go by the rule sgr-1, of which nobody knows where it leads/);
  const foreign = judged([flow()], { rules: [rule('sgr-1', { ...by, Tags: tags('search') }), reports] });
  assert.deepEqual([foreign.senders.value?.length, foreign.senders.complete], [1, false]);
  const unasked = judged([], { rules: [by] });
  assert.equal(unasked.verdict, 'unknown');
  assert.match(JSON.stringify(unasked.egress), /ec2:DescribeManagedPrefixLists/);
});
