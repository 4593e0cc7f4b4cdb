/** Subnets: what is attached, by which rules traffic leaves, and whether there is a way out that nobody made. */

import type { Observation, Statement } from '@macadam/core/facts/observation';
import { compact } from '../../../compact.ts';
import { isRecord, type Json, recordsIn, textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, lackingIds, listingGap, unobservedBy } from '../listing.ts';
import { listOf, unobserved } from '../statement.ts';
import { type AwsAnswers, type AwsItem, type AwsList, lacking } from './answers.ts';
import { type Egress, EVERYWHERE, egressOfRule, egressValue, prefixesOf, rulesOf } from './egress.ts';
import { textsIn } from './policy.ts';
import { reachableFrom } from './reachability.ts';

/** Whether a rule of a security group lets everybody connect to something behind it. */
export const letsEverybodyIn = ({ IsEgress, CidrIpv4, CidrIpv6 }: Json): boolean =>
  IsEgress === false && textsIn([CidrIpv4, CidrIpv6]).some((range) => EVERYWHERE.has(range));

export interface Network {
  readonly answers: AwsAnswers;
  readonly interfaces: AwsList;
  readonly rules: AwsList;
  readonly routes: AwsList;
  readonly denials: AwsList;
}

export function networkOf(answers: AwsAnswers): Network {
  return {
    answers,
    interfaces: lacking(answers.list('ec2/describe-network-interfaces', 'NetworkInterfaces'), {
      what: 'by `SubnetId` and `Groups` where they are and which rules they have',
      says: ({ SubnetId, Groups }) =>
        typeof SubnetId === 'string' &&
        Array.isArray(Groups) &&
        Groups.every((one) => isRecord(one) && typeof one.GroupId === 'string'),
    }),
    rules: lacking(answers.list('ec2/describe-security-group-rules', 'SecurityGroupRules'), {
      what: 'by `GroupId` and `IsEgress` of which group and which direction they are',
      says: ({ GroupId, IsEgress }) => typeof GroupId === 'string' && typeof IsEgress === 'boolean',
    }),
    routes: answers.list('ec2/describe-route-tables', 'RouteTables'),
    denials: answers.list('ec2/describe-network-acls', 'NetworkAcls'),
  };
}

export interface SubnetsRead {
  readonly network: Network;
  /** Null where nobody asked for flow records. */
  readonly senders: { readonly of: (item: AwsItem) => Statement } | null;
}

export function subnetsOf(scope: ExportScope, { network, senders }: SubnetsRead): Listed {
  const { answers } = network;
  const { items, gaps } = answers.list('ec2/describe-subnets', 'Subnets');
  const known = items.filter(({ record }) =>
    [record.SubnetId, record.VpcId, record.CidrBlock ?? null].every((one) => typeof one === 'string'),
  );
  const without = lackingIds(
    items.length - known.length,
    'subnets have no `SubnetId`, `VpcId` or `CidrBlock`, as those of IPv6 alone; they are not read',
  );
  return {
    kind: 'subnet',
    observations: known.map((item) =>
      subnetOf(scope, item, { network, senders }, reachableFrom(item, items, answers, scope.takenAt)),
    ),
    gaps: [...gaps, ...without],
  };
}

function subnetOf(
  scope: ExportScope,
  item: AwsItem,
  { network, senders }: SubnetsRead,
  reachable: Statement | undefined,
): Observation {
  const { SubnetId, VpcId, CidrBlock } = item.record;
  const attached = attachedTo(item, network);
  const unlisted = network.interfaces.gapOf(item.region);
  const routes = routesOf(item, network.routes);
  const tags = recordsIn(item.record.Tags);
  const name = tags.find(({ Key }) => Key === 'Name')?.Value;
  return observationOf(scope, {
    kind: 'subnet',
    key: [String(VpcId), String(CidrBlock)],
    name: textIn(name) ?? String(SubnetId),
    attributes: compact({
      network: { value: String(VpcId) },
      prefix: { value: String(CidrBlock) },
      workloads: unlisted === null ? { value: attached.length } : unobservedBy(unlisted),
      default_outbound: defaultOutbound(item.record, routes),
      egress: egressOf(item, network),
      ...(senders === null ? {} : { senders: senders.of(item) }),
      reachable_from: reachable,
    }),
  });
}

type Routes = readonly Json[] | ListingGap;

/** The table that a subnet was given, else the main one of its network. */
function routesOf({ record: { SubnetId, VpcId }, region }: AwsItem, tables: AwsList): Routes {
  const own = tables.items.filter(({ record }) => record.VpcId === VpcId);
  const given = own.find(({ record }) =>
    recordsIn(record.Associations).some((one) => one.SubnetId === SubnetId),
  );
  const gap = tables.gapOf(region);
  // A list with something missing may lack the table that was given.
  if (given === undefined && gap !== null) return gap;
  const table =
    given ?? own.find(({ record }) => recordsIn(record.Associations).some(({ Main }) => Main === true));
  if (table === undefined)
    return listingGap(
      'answer-misshapen',
      'incomplete',
      `no saved answer holds the routes of ${String(SubnetId)}; save ec2/describe-route-tables again`,
    );
  const { Routes: routes } = table.record;
  if (Array.isArray(routes) && routes.every((one) => isRecord(one) && saysWay(one)))
    return recordsIn(routes).filter(({ State }) => State !== 'blackhole');
  return listingGap(
    'answer-misshapen',
    'failed',
    `the routes of ${String(SubnetId)} in ${table.file} do not say where each leads; save the answer again`,
  );
}

const STATES: ReadonlySet<unknown> = new Set([undefined, null, 'active', 'blackhole', 'filtered']);

/** Where it leads, and by what: one by a connection has no gateway. */
const saysWay = (route: Json): boolean =>
  destinationOf(route) !== null &&
  STATES.has(route.State) &&
  Object.entries(route).some(([name, value]) => WAY.test(name) && typeof value === 'string');

/** `GatewayId`, `NatGatewayId`, `CoreNetworkArn` and so on. */
const WAY = /^(?!Destination|InstanceOwner).*(?:Id|Arn)$/;

const destinationOf = ({ DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId }: Json) =>
  textsIn([DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId])[0] ?? null;

const leavesByGateway = (route: Json): boolean =>
  EVERYWHERE.has(destinationOf(route) ?? '') &&
  typeof route.GatewayId === 'string' &&
  route.GatewayId.startsWith('igw-');

/** What AWS makes for every account: a subnet whose machines get public addresses, and a route to the internet. */
function defaultOutbound({ DefaultForAz, MapPublicIpOnLaunch }: Json, routes: Routes): Statement {
  if (DefaultForAz === false) return { value: false };
  if (typeof DefaultForAz !== 'boolean' || typeof MapPublicIpOnLaunch !== 'boolean')
    return unobserved('`DefaultForAz` or `MapPublicIpOnLaunch` is not among the fields saved; ask for them');
  if (!MapPublicIpOnLaunch) return { value: false };
  if ('why' in routes) return unobservedBy(routes);
  return { value: routes.some(leavesByGateway) };
}

/** The groups of what is attached. */
export const groupsOf = (record: Json): ReadonlySet<string> =>
  new Set(recordsIn(record.Groups).flatMap(({ GroupId }) => textsIn(GroupId)));

const attachedTo = ({ record: { SubnetId } }: AwsItem, { interfaces }: Network): readonly AwsItem[] =>
  interfaces.items.filter(({ record }) => record.SubnetId === SubnetId);

interface Ways {
  readonly rules: readonly Egress[];
  /** How many rules name nothing that is known. */
  readonly unknown: number;
}

/** The rules by which traffic leaves a subnet; or why nobody knows them. */
export function waysOut(item: AwsItem, network: Network): Ways | ListingGap {
  const gap = network.interfaces.gapOf(item.region) ?? network.rules.gapOf(item.region);
  if (gap !== null) return gap;
  const routes = routesOf(item, network.routes);
  if ('why' in routes) return routes;
  const ids = new Set(attachedTo(item, network).flatMap(({ record }) => [...groupsOf(record)]));
  const ways = routes.flatMap((route) => destinationOf(route) ?? []);
  const rules = rulesOf(network.rules, ids, 'out').map((record) =>
    egressOfRule(record, ways, (id) => prefixesOf(network.answers, id, item.region)),
  );
  return { rules: rules.flatMap((one) => one ?? []), unknown: rules.filter((one) => !one).length };
}

function egressOf(item: AwsItem, network: Network): Statement {
  const ways = waysOut(item, network);
  if ('why' in ways) return unobservedBy(ways);
  const value = ways.rules.map(egressValue);
  if (ways.unknown > 0)
    return {
      value,
      complete: false,
      why: 'some rules name no destination that is known; look at the answer',
    };
  const [nowhere] = ways.rules.flatMap(({ destination }) =>
    typeof destination === 'string' ? [] : [destination],
  );
  if (nowhere !== undefined) return { value, complete: false, why: nowhere.why };
  const unseen = network.denials.gapOf(item.region);
  if (unseen !== null) return { value, complete: false, why: unseen.why };
  return listOf(
    value,
    deniesMore(network.denials, String(item.record.SubnetId))
      ? 'the list of access of the subnet denies more than its groups, which is not worked out; look at it'
      : null,
  );
}

/** What denies traffic out before the last line, which denies whatever nothing else let through. */
function deniesMore(lists: AwsList, subnet: string): boolean {
  const own = lists.items.find(({ record }) =>
    recordsIn(record.Associations).some(({ SubnetId }) => SubnetId === subnet),
  );
  if (own === undefined) return true;
  const out = recordsIn(own.record.Entries).filter(({ Egress }) => Egress === true);
  const lets = out.some(
    ({ RuleAction, Protocol, CidrBlock }) =>
      RuleAction === 'allow' && Protocol === '-1' && CidrBlock === '0.0.0.0/0',
  );
  const denies = out.some(
    ({ RuleAction, RuleNumber }) => RuleAction === 'deny' && RuleNumber !== 32767 && RuleNumber !== 32768,
  );
  return denies || !lets;
}
