/** Which rule of a security group lets a flow through: by protocol, port and the address at the other end. */
import { containsIp, parseCidr, parseIp, printIp } from '@macadam/core/cel/runtime/network';
import { isRecord, type Json } from '../answer.ts';
import { prefixesOf } from './egress.ts';
import { groupsOf, type Network } from './network.ts';
import { textsIn } from './policy.ts';

const recordsIn = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** Null: any protocol. */
export interface Ports {
  readonly protocol: number | null;
  readonly from: number;
  readonly to: number;
}

const PROTOCOLS: Readonly<Record<string, number | undefined>> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 };
const TCP = 6;
const UDP = 17;
const ALL = { from: 0, to: 65_535 } as const;

/** Null where a rule does not say it. */
export function portsOf({ IpProtocol, FromPort, ToPort }: Json): Ports | null {
  if (typeof IpProtocol !== 'string') return null;
  if (IpProtocol === '-1') return { protocol: null, ...ALL };
  const protocol = PROTOCOLS[IpProtocol] ?? (/^\d{1,3}$/.test(IpProtocol) ? Number(IpProtocol) : null);
  if (protocol === null) return null;
  // Of ICMP these are types, which records do not have; all others have none.
  if (protocol !== TCP && protocol !== UDP) return { protocol, ...ALL };
  if (!Number.isInteger(FromPort) || !Number.isInteger(ToPort)) return null;
  return FromPort === -1 ? { protocol, ...ALL } : { protocol, from: Number(FromPort), to: Number(ToPort) };
}

export function letsPort(rule: Json, protocol: number, port: number): boolean {
  const ports = portsOf(rule);
  if (ports === null) return false;
  return (ports.protocol === null || ports.protocol === protocol) && port >= ports.from && port <= ports.to;
}

/** One text for one address of IPv6. */
export function plainAddress(text: string): string {
  if (!text.includes(':')) return text;
  const ip = parseIp(text);
  return ip === null ? text : printIp(ip);
}

export function addressesOf({
  PrivateIpAddress,
  PrivateIpAddresses,
  Ipv6Addresses,
}: Json): ReadonlySet<string> {
  return new Set(
    [
      ...textsIn(PrivateIpAddress),
      ...recordsIn(PrivateIpAddresses).flatMap((one) => textsIn(one.PrivateIpAddress)),
      ...recordsIn(Ipv6Addresses).flatMap((one) => textsIn(one.Ipv6Address)),
    ].map(plainAddress),
  );
}

export function isWithin(ranges: readonly string[], address: string): boolean {
  return lengthWithin(ranges, address) !== null;
}

/** How long the longest prefix is in which an address lies; null where it is in none. */
function lengthWithin(ranges: readonly string[], address: string): number | null {
  const ip = parseIp(address);
  if (ip === null) return null;
  const lengths = ranges.flatMap((range) => {
    const cidr = parseCidr(range);
    return cidr !== null && containsIp(cidr, ip) ? [cidr.prefix] : [];
  });
  return lengths.length === 0 ? null : Math.max(...lengths);
}

/** What rules call a place: prefixes, lists of them, and the interfaces of a group. */
export class Places {
  readonly #network: Network;
  readonly #groups = new Map<string, Set<string>>();

  constructor(network: Network) {
    this.#network = network;
    for (const { record } of network.interfaces.items)
      for (const group of groupsOf(record)) {
        const addresses = this.#groups.get(group) ?? new Set<string>();
        this.#groups.set(group, addresses);
        for (const address of addressesOf(record)) addresses.add(address);
      }
  }

  /** The longer, the closer; null where the address is not of that place, and undefined where nobody knows what the place is. */
  closeness(place: string, address: string, region: string | null): number | null | undefined {
    if (place.startsWith('pl-')) {
      const list = prefixesOf(this.#network.answers, place, region);
      if ('why' in list || 'why' in list.ranges) return undefined;
      return lengthWithin(list.ranges, address);
    }
    if (!place.startsWith('sg-')) return lengthWithin([place], address);
    const group = this.#groups.get(place);
    // A group without an interface here may be one of another network.
    if (group === undefined) return undefined;
    return group.has(address) ? SINGLE : null;
  }
}

/** As close as one address of IPv6. */
const SINGLE = 128;
