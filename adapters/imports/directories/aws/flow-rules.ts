/** Which rule of a security group lets a flow through: by protocol, port and the address at the other end. */
import { containsIp, parseCidr, parseIp, printIp } from '@macadam/core/cel/runtime/network';
import type { Cidr, Ip } from '@macadam/core/cel/runtime/value';
import { type Json, recordsIn } from '../answer.ts';
import { prefixesOf } from './egress.ts';
import { groupsOf, type Network } from './network.ts';
import { textsIn } from './policy.ts';

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

export interface Address {
  /** One text for one address. */
  readonly text: string;
  /** Null for what is none. */
  readonly ip: Ip | null;
}

export function addressOf(text: string): Address {
  const ip = parseIp(text);
  return { text: ip === null ? text : printIp(ip), ip };
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
    ].map((one) => addressOf(one).text),
  );
}

/** Prefixes that can be read; others hold no address. */
export const prefixesIn = (ranges: readonly string[]): readonly Cidr[] =>
  ranges.flatMap((range) => parseCidr(range) ?? []);

export const isWithin = (ranges: readonly Cidr[], ip: Ip | null): boolean =>
  ip !== null && ranges.some((range) => containsIp(range, ip));

/** How long the longest prefix is in which an address lies; null where it is in none. */
function lengthWithin(ranges: readonly Cidr[], ip: Ip | null): number | null {
  let longest: number | null = null;
  for (const range of ranges)
    if (ip !== null && containsIp(range, ip)) longest = Math.max(longest ?? 0, range.prefix);
  return longest;
}

/** What rules call a place: prefixes, lists of them, and the interfaces of a group. */
export class Places {
  readonly #network: Network;
  readonly #groups = new Map<string, Set<string>>();
  /** A rule is asked about for every flow: what it calls a place is read once. */
  readonly #ranges = new Map<string, readonly Cidr[] | undefined>();

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
  closeness(place: string, { text, ip }: Address, region: string | null): number | null | undefined {
    if (place.startsWith('sg-')) {
      const group = this.#groups.get(place);
      // A group without an interface here may be one of another network.
      if (group === undefined) return undefined;
      return group.has(text) ? SINGLE : null;
    }
    const key = `${region} ${place}`;
    if (!this.#ranges.has(key)) this.#ranges.set(key, this.#rangesOf(place, region));
    const ranges = this.#ranges.get(key);
    return ranges === undefined ? undefined : lengthWithin(ranges, ip);
  }

  #rangesOf(place: string, region: string | null): readonly Cidr[] | undefined {
    if (!place.startsWith('pl-')) return prefixesIn([place]);
    const list = prefixesOf(this.#network.answers, place, region);
    return 'why' in list || 'why' in list.ranges ? undefined : prefixesIn(list.ranges);
  }
}

/** As close as one address of IPv6. */
const SINGLE = 128;
