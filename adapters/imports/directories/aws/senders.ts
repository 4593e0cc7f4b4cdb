/**
 * Whose workloads sent traffic out of a subnet, by which of its rules: flow records of 14 days, joined with the interfaces, their tags and
 * the rules of their groups. What is not known of a record leaves the list of its subnet open.
 */
import type { Cidr } from '@macadam/core/cel/runtime/value';
import type { Statement, Value } from '@macadam/core/facts/observation';
import { type ExportFile, isRecord, type Json, recordsIn } from '../answer.ts';
import { type ListingGap, listingGap, unobservedBy } from '../listing.ts';
import { unobserved } from '../statement.ts';
import type { AwsAnswers, AwsItem } from './answers.ts';
import { type Egress, OWNER_KEYS, rulesOf, tagsIn } from './egress.ts';
import { FlowCoverage, type FlowLog, flowLogsIn } from './flow-logs.ts';
import { type FlowLine, type FlowRecord, flowFileName, type QuietRecord, readFlows } from './flow-records.ts';
import {
  type Address,
  addressesOf,
  addressOf,
  isWithin,
  letsPort,
  Places,
  portsOf,
  prefixesIn,
} from './flow-rules.ts';
import { groupsOf, type Network, waysOut } from './network.ts';
import { textsIn } from './policy.ts';

interface Segment {
  readonly item: AwsItem;
  readonly ranges: readonly Cidr[];
  /** By the id of the element. */
  readonly senders: Map<string, Value>;
  /** Why the list is not whole. */
  readonly open: Map<Doubt, { flows: number; readonly why: string }>;
}

type Doubt = 'place-unknown' | 'nameless' | 'skipped' | 'gone' | 'passed-on' | 'no-rule' | 'either-way';

interface Interface {
  readonly id: string;
  readonly region: string | null;
  readonly segment: Segment;
  readonly record: Json;
  readonly addresses: ReadonlySet<string>;
  /** Of its own groups: by what something leaves the subnet, and by what something comes in. */
  readonly out: readonly Egress[];
  readonly in: readonly Json[];
  /** Whose it is, by the tag that a rule goes by. */
  readonly services: Map<string | null, Service>;
  /** What was found already: a machine talks to few others. */
  readonly found: Map<string, Fitting>;
}

type Service = { readonly name: string } | { readonly why: string };

/** Rules by protocol and port that let something out to a place, the closest first; and those of which nobody knows whether they do. */
interface Fitting {
  readonly rules: readonly Egress[];
  readonly undecided: readonly Egress[];
}

const MOST_FOUND = 10_000;

export class FlowSenders {
  readonly #network: Network;
  readonly #coverage: FlowCoverage;
  readonly #places: Places;
  readonly #logs: readonly FlowLog[];
  readonly #machines: ReadonlyMap<string, Json>;
  readonly #segments: readonly Segment[];
  readonly #interfaces: ReadonlyMap<string, Interface>;
  /** Why files of a log could not be read. */
  readonly #unread = new Map<string, string>();

  constructor(network: Network, takenAt: Date) {
    const { answers } = network;
    this.#network = network;
    this.#coverage = new FlowCoverage(answers, takenAt);
    this.#places = new Places(network);
    this.#logs = flowLogsIn(answers);
    this.#machines = machinesIn(answers);
    this.#segments = answers.list('ec2/describe-subnets', 'Subnets').items.map((item) => ({
      item,
      ranges: rangesOf(item.record),
      senders: new Map(),
      open: new Map(),
    }));
    this.#interfaces = interfacesIn(network, this.#segments);
  }

  /** The records of one file. Null, or why it is not used. */
  take(file: ExportFile): string | null {
    const name = flowFileName(file.path);
    if (name === null)
      return 'is not named as AWS names the files of flow logs, so nobody knows of which log it is; keep its name';
    if (!this.#logs.some(({ id }) => id === name.log))
      return `is of ${name.log}, of which no answer says that it is on and records what was let through; save ec2/describe-flow-logs`;
    if (!this.#coverage.isAsked(name.at)) return 'is of no time that is asked about';
    const wrong = readFlows(file, (line) => this.#take(line, name.region));
    this.#coverage.taken(file.path);
    if (wrong !== null) this.lacks(name.log, `${file.path} ${wrong}`);
    return null;
  }

  /** A file of a log could not be had, or not be read. */
  lacks(log: string, why: string): void {
    if (!this.#unread.has(log)) this.#unread.set(log, why);
  }

  of(item: AwsItem): Statement {
    const gap = this.#gapOf(item);
    if (gap !== null) return unobservedBy(gap);
    const segment = this.#segments.find((one) => one.item.record.SubnetId === item.record.SubnetId);
    if (segment === undefined) return unobserved('the subnet is not in its list; save the answer again');
    const attached = [...this.#interfaces.values()].filter((one) => one.segment === segment);
    const { SubnetId, VpcId } = item.record;
    const own = new Set([SubnetId, VpcId, ...attached.map(({ id }) => id)]);
    const logs = this.#logs.filter((one) => one.region === item.region && own.has(one.resource));
    const read = logs.filter(({ bucket }) => 'name' in bucket);
    if (read.length === 0)
      return unobserved(
        logs.flatMap(({ bucket }) => ('why' in bucket ? [bucket.why] : []))[0] ??
          'no flow log of it or its network is on and records what was let through; make one that delivers to a bucket',
      );
    const open = [
      ...read.flatMap(({ id }) => this.#unread.get(id) ?? []),
      ...read.flatMap((log) => this.#coverage.missing(log) ?? []),
      ...[...segment.open.values()].map(({ flows, why }) => `${flows} flows ${why}`),
      ...attached
        .filter(({ record }) => sends(record))
        .flatMap(({ id, record }) => this.#coverage.silence(id, attachedAt(record)) ?? []),
    ];
    const said = {
      value: [...segment.senders.values()],
      window: this.#coverage.window,
      assurance: 'effective',
    } as const;
    return open.length === 0
      ? { ...said, complete: true }
      : { ...said, complete: false, why: open.slice(0, 3).join('. ') };
  }

  #gapOf(item: AwsItem): ListingGap | null {
    const { answers, interfaces, rules } = this.#network;
    const gap =
      answers.list('ec2/describe-flow-logs', 'FlowLogs').gapOf(item.region) ?? interfaces.gapOf(item.region);
    if (gap !== null) return gap;
    const ways = waysOut(item, this.#network);
    if ('why' in ways) return ways;
    const inRegion = ({ region }: AwsItem): boolean => region === item.region;
    const isNameless = interfaces.items
      .filter(inRegion)
      .some(({ record }) => typeof record.NetworkInterfaceId !== 'string' || addressesOf(record).size === 0);
    if (isNameless)
      return misshapen(
        'some interfaces do not say by `NetworkInterfaceId` and `PrivateIpAddresses` which they are; save ec2/describe-network-interfaces again',
      );
    const isUnclear = rules.items.filter(inRegion).some(({ record }) => portsOf(record) === null);
    return ways.unknown > 0 || isUnclear
      ? misshapen(
          'some rules do not say by `IpProtocol`, `FromPort` and `ToPort` what they let through, or to where; save ec2/describe-security-group-rules again',
        )
      : null;
  }

  #take(line: FlowLine, region: string): void {
    this.#coverage.seen(line);
    const own = this.#interfaces.get(line.interfaceId);
    if (line.state === 'flow') {
      const counts = line.isAccepted && line.direction !== 'ingress' && !isAnswer(line);
      if (!counts || !this.#coverage.isAsked(line.end * 1000)) return;
      if (own === undefined) this.#sentByStranger(line, region);
      else this.#sent(line, own);
    } else if (line.state === 'skipped') this.#skipped(line, own);
  }

  #skipped({ interfaceId }: QuietRecord, own: Interface | undefined): void {
    const why = `of ${interfaceId} and others were skipped by AWS (\`SKIPDATA\`), and nobody can tell what they were`;
    for (const segment of own === undefined ? this.#segments : [own.segment]) doubt(segment, 'skipped', why);
  }

  /** By an interface that is gone, or that nobody listed: whose it was and which rules it had is not known. */
  #sentByStranger(flow: FlowRecord, region: string): void {
    const why = `were sent by ${flow.interfaceId} and others that are not there any more, so nobody knows whose they were; look at what ran then`;
    const { ip: source } = addressOf(flow.source);
    const { ip: destination } = addressOf(flow.destination);
    for (const segment of this.#segments) {
      if (segment.item.region !== null && segment.item.region !== region) continue;
      if (flow.subnet !== null && flow.subnet !== segment.item.record.SubnetId) continue;
      if (isWithin(segment.ranges, source) && !isWithin(segment.ranges, destination))
        doubt(segment, 'gone', why);
    }
  }

  #sent(flow: FlowRecord, own: Interface): void {
    const { segment, addresses } = own;
    const to = addressOf(flow.destination);
    if (!sends(own.record) || addresses.has(to.text) || isWithin(segment.ranges, to.ip)) return;
    if (!addresses.has(addressOf(flow.source).text)) {
      doubt(
        segment,
        'passed-on',
        `left by ${own.id} from ${flow.source} and others that are not its own addresses, so nobody knows who sent them; look at what it passes on`,
      );
      return;
    }
    const { rules, undecided } = this.#rulesFor(flow, to, own);
    const theirs = rules.find((rule) => this.#isTheirs(own, rule));
    // Whether it began here or is an answer: its own rule would let it out.
    if (theirs !== undefined) this.#add(own, theirs);
    else if (mayAnswer(flow) && this.#isLetIn(flow, to, own)) {
      if (rules.length > 0)
        doubt(
          segment,
          'either-way',
          `of ${own.id} may be answers, or sent by a rule of others; let the flow log record \`tcp-flags\``,
        );
    } else this.#byOthers(flow, own, { rules, undecided });
  }

  /** No rule of its own is known to let it out. */
  #byOthers(flow: FlowRecord, own: Interface, { rules, undecided }: Fitting): void {
    const { segment } = own;
    const [first] = undecided;
    if (first !== undefined)
      doubt(
        segment,
        'place-unknown',
        `of ${own.id} may go by the rule ${first.id}, of which nobody knows where it leads (${typeof first.destination === 'string' ? first.destination : first.destination.why}); ask for it`,
      );
    // Where one of these may be its own, the rule of others is no finding.
    if (undecided.some((rule) => this.#mayBeTheirs(own, rule))) return;
    const [closest] = rules;
    if (closest !== undefined) this.#add(own, closest);
    else
      doubt(
        segment,
        'no-rule',
        `of ${own.id} to port ${flow.destinationPort} of ${flow.destination} and others fit no rule that is there now; look at what was changed`,
      );
  }

  /** Every rule that lets it out, the closest first: groups have no order, so each of them did. */
  #rulesFor({ destinationPort, protocol }: FlowRecord, to: Address, own: Interface): Fitting {
    const key = `${to.text} ${destinationPort} ${protocol}`;
    const before = own.found.get(key);
    if (before !== undefined) return before;
    const fitting = own.out
      .filter((rule) => letsPort(rule.record, protocol, destinationPort))
      .map((rule) => ({
        rule,
        close:
          typeof rule.destination === 'string'
            ? this.#places.closeness(rule.destination, to, own.region)
            : undefined,
      }));
    const rules: Fitting = {
      rules: fitting
        .flatMap(({ rule, close }) => (typeof close === 'number' ? [{ rule, close }] : []))
        .toSorted((one, other) => other.close - one.close)
        .map(({ rule }) => rule),
      undecided: fitting.flatMap(({ rule, close }) => (close === undefined ? [rule] : [])),
    };
    if (own.found.size >= MOST_FOUND) own.found.clear();
    own.found.set(key, rules);
    return rules;
  }

  /** Whether the other side may have begun it. */
  #isLetIn({ sourcePort, protocol }: FlowRecord, to: Address, own: Interface): boolean {
    return own.in.some((rule) => {
      if (!letsPort(rule, protocol, sourcePort)) return false;
      const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } = rule;
      const group = isRecord(ReferencedGroupInfo) ? ReferencedGroupInfo.GroupId : undefined;
      const [place] = textsIn([CidrIpv4, CidrIpv6, PrefixListId, group]);
      if (place === undefined) return true;
      return this.#places.closeness(place, to, own.region) !== null;
    });
  }

  /** Whose an interface is, by the same tag by which the rule says whose it is; or why nobody knows. */
  #serviceOf(own: Interface, { tag }: Egress): Service {
    const key = tag?.key ?? null;
    const service = own.services.get(key) ?? this.#readService(own, key);
    own.services.set(key, service);
    return service;
  }

  #readService({ id, record }: Interface, key: string | null): Service {
    const keys = key === null ? OWNER_KEYS : [key];
    const own = tagsIn(record.TagSet);
    if (own === null)
      return { why: `are of ${id}, whose \`TagSet\` is not among the fields saved; ask for it` };
    const machine = isRecord(record.Attachment) ? record.Attachment.InstanceId : undefined;
    const tags = typeof machine === 'string' ? tagsIn(this.#machines.get(machine)?.Tags) : null;
    const named = keys.map((key) => own.get(key)).find((name) => name !== undefined);
    const inherited = keys.map((key) => tags?.get(key)).find((name) => name !== undefined);
    const name = named ?? inherited;
    if (name !== undefined) return { name };
    if (typeof machine === 'string' && !this.#machines.has(machine))
      return { why: `are of ${id}, whose machine ${machine} is in no answer; save ec2/describe-instances` };
    const tagsAsked = keys.map((one) => `\`${one}\``).join(' or ');
    return { why: `are of ${id} and others that have no tag ${tagsAsked}, nor have their machines; add it` };
  }

  #isTheirs(own: Interface, rule: Egress): boolean {
    const service = this.#serviceOf(own, rule);
    return 'name' in service && rule.tag?.value === service.name;
  }

  #mayBeTheirs(own: Interface, rule: Egress): boolean {
    const service = this.#serviceOf(own, rule);
    if (rule.tag === undefined) return false;
    return 'why' in service || typeof rule.tag.value !== 'string' || rule.tag.value === service.name;
  }

  #add(own: Interface, rule: Egress): void {
    const service = this.#serviceOf(own, rule);
    if ('why' in service) doubt(own.segment, 'nameless', service.why);
    else {
      const id = `${rule.id} ${service.name}`;
      own.segment.senders.set(id, { id, rule: rule.id, service: service.name });
    }
  }
}

const misshapen = (why: string): ListingGap => listingGap('answer-misshapen', 'failed', why);

function doubt({ open }: Segment, kind: Doubt, why: string): void {
  const before = open.get(kind);
  if (before === undefined) open.set(kind, { flows: 1, why });
  else before.flows += 1;
}

function interfacesIn(network: Network, segments: readonly Segment[]): ReadonlyMap<string, Interface> {
  const bySubnet = new Map(segments.map((segment) => [segment.item.record.SubnetId, segment] as const));
  const ways = new Map(segments.map((segment) => [segment, waysOut(segment.item, network)] as const));
  return new Map(
    network.interfaces.items.flatMap(({ record, region }) => {
      const { NetworkInterfaceId: id, SubnetId } = record;
      const segment = bySubnet.get(SubnetId);
      const way = segment === undefined ? undefined : ways.get(segment);
      if (typeof id !== 'string' || segment === undefined || way === undefined) return [];
      const groups = groupsOf(record);
      const out = 'why' in way ? [] : way.rules.filter((rule) => groups.has(String(rule.record.GroupId)));
      const one: Interface = {
        id,
        region,
        segment,
        record,
        addresses: addressesOf(record),
        out,
        in: rulesOf(network.rules, groups, 'in'),
        services: new Map(),
        found: new Map(),
      };
      return [[id, one] as const];
    }),
  );
}

const machinesIn = (answers: AwsAnswers): ReadonlyMap<string, Json> =>
  new Map(
    answers
      .list('ec2/describe-instances', 'Reservations')
      .items.flatMap(({ record }) => recordsIn(record.Instances))
      .flatMap((machine) =>
        typeof machine.InstanceId === 'string' ? [[machine.InstanceId, machine] as const] : [],
      ),
  );

const rangesOf = ({ CidrBlock, Ipv6CidrBlockAssociationSet }: Json): readonly Cidr[] =>
  prefixesIn(
    textsIn([CidrBlock, ...recordsIn(Ipv6CidrBlockAssociationSet).map(({ Ipv6CidrBlock }) => Ipv6CidrBlock)]),
  );

/** What has no groups passes on what others sent, whose own interfaces record it; what is attached to nothing sends nothing. */
const sends = (record: Json): boolean => groupsOf(record).size > 0 && record.Status !== 'available';

function attachedAt({ Attachment }: Json): number {
  const at = isRecord(Attachment) ? Date.parse(String(Attachment.AttachTime)) : Number.NaN;
  return Number.isNaN(at) ? 0 : at;
}

const TCP = 6;
const SYN = 0x02;
const ACK = 0x10;

/** The other side began it: whoever answers sets both. */
const isAnswer = ({ protocol, flags }: FlowRecord): boolean =>
  protocol === TCP && flags !== null && (flags & (SYN | ACK)) === (SYN | ACK);

/** Unless it is seen to begin, a record may be of what the other side began. */
const mayAnswer = ({ protocol, flags }: FlowRecord): boolean =>
  !(protocol === TCP && flags !== null && (flags & (SYN | ACK)) === SYN);
