/** Ways from one network into another that is not the internet: what routes lead through, and to where. A peering without a route carries nothing. */

import { isRecord, type Json, recordsIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, listingGap, onceEach } from '../listing.ts';
import { listOf } from '../statement.ts';
import type { AwsAnswers, AwsItem } from './answers.ts';
import { textsIn } from './policy.ts';

/** Field of a route → what it leads through. All others lead to the internet, to a service of AWS, or stay inside. */
const WAYS: Readonly<Record<string, string>> = {
  VpcPeeringConnectionId: 'peering',
  TransitGatewayId: 'transit',
  CoreNetworkArn: 'transit',
  LocalGatewayId: 'private_line',
  NetworkInterfaceId: 'appliance',
};

/** Fields of a route that lead to no other network. */
const INSIDE = ['NatGatewayId', 'EgressOnlyInternetGatewayId', 'CarrierGatewayId', 'OdbNetworkArn'] as const;
const GATEWAYS: readonly (readonly [RegExp, string | null])[] = [
  [/^vgw-/, 'private_line'],
  [/^(?:local$|igw-|vpce-)/, null],
];

interface Connection {
  readonly network: string;
  readonly id: string;
  readonly type: string;
  readonly reaches: Set<string>;
  /** Whether every route through it says where it leads. */
  isWhole: boolean;
}

export function connectionsOf(scope: ExportScope, answers: AwsAnswers): Listed {
  const { items, gaps } = answers.list('ec2/describe-route-tables', 'RouteTables');
  const found = new Map<string, Connection>();
  const unclear: ListingGap[] = [];
  for (const item of items) readTable(item, found, unclear);
  // A table that was not listed may lead further through what another one names.
  const why = [...gaps, ...unclear][0]?.why;
  return {
    kind: 'network-connection',
    observations: [...found.values()].map(({ network, id, type, reaches, isWhole }) => {
      const open =
        why ??
        (isWhole
          ? undefined
          : `some routes through ${id} do not say where they lead; save ec2/describe-route-tables again`);
      const prefixes = [...reaches].toSorted();
      return observationOf(scope, {
        kind: 'network-connection',
        key: [network, id],
        name: id,
        attributes: {
          network: { value: network },
          connection_id: { value: id },
          type: { value: type },
          reaches: listOf(prefixes, open),
        },
      });
    }),
    gaps: [...gaps, ...distinct(unclear)],
  };
}

const distinct = (gaps: readonly ListingGap[]): readonly ListingGap[] => onceEach(gaps, (gap) => gap.why);

function readTable({ record, file }: AwsItem, found: Map<string, Connection>, unclear: ListingGap[]): void {
  const { VpcId, Routes } = record;
  const isShaped = typeof VpcId === 'string' && Array.isArray(Routes) && Routes.every(isRecord);
  const routes = recordsIn(Routes).map((route) => ({ route, way: wayOf(route) }));
  if (!isShaped || routes.some(({ way }) => way === 'unknown'))
    unclear.push(
      listingGap(
        'answer-misshapen',
        'failed',
        `some tables in ${file} do not say by \`VpcId\` and \`Routes\` where they lead; save ec2/describe-route-tables again`,
      ),
    );
  if (typeof VpcId !== 'string') return;
  for (const { route, way } of routes) {
    if (way === null || way === 'unknown') continue;
    const key = `${VpcId} ${way.id}`;
    const connection = found.get(key) ?? { network: VpcId, ...way, reaches: new Set(), isWhole: true };
    found.set(key, connection);
    const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = route;
    const [to] = textsIn([DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId]);
    if (to === undefined) connection.isWhole = false;
    // One that leads nowhere now leads there again as soon as the other side is back.
    else connection.reaches.add(to);
  }
}

/** Null where a route leads to no other network, and `unknown` where it does not say. */
function wayOf(route: Json): { readonly id: string; readonly type: string } | null | 'unknown' {
  for (const [field, type] of Object.entries(WAYS)) {
    const id = route[field];
    if (typeof id === 'string' && id !== '') return { id, type };
  }
  const gateway = route.GatewayId;
  if (typeof gateway === 'string') {
    const known = GATEWAYS.find(([pattern]) => pattern.test(gateway));
    if (known === undefined) return 'unknown';
    return known[1] === null ? null : { id: gateway, type: known[1] };
  }
  return INSIDE.some((field) => typeof route[field] === 'string') ? null : 'unknown';
}
