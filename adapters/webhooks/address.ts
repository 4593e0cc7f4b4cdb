/**
 * Where a delivery may go. A name is resolved once and the connection is made to the address that was looked at, so that a
 * name cannot mean one host while it is checked and another while it is used.
 */
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Networks that are not the internet's (IANA's registries of special-purpose addresses, RFC 6890 and its followers). */
const V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** What is not global unicast, and within it what leads to an IPv4 address, is for documents or for tests. */
const V6 = [
  '::/3',
  '4000::/2',
  '8000::/1',
  '64:ff9b::/96',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
];

const listOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const six = isIP(address) === 6;
    list.addSubnet(address, Number(bits ?? (six ? 128 : 32)), six ? 'ipv6' : 'ipv4');
  }
  return list;
};
// One for each: a list that has both looks for IPv4 addresses among the mapped ones, too.
const HIDDEN = { ipv4: listOf(V4), ipv6: listOf(V6) };

export interface AddressRules {
  /** Receivers inside the house, as networks: `10.20.0.0/16`. Named by whoever runs the server, never by a route. */
  readonly allowed: readonly string[];
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

export type AddressAnswer = LookupAddress | { readonly problem: string };

/** The address to connect to. Every one that the name has must be allowed: a public one does not excuse a private one. */
export async function addressFor(url: URL, { allowed, resolve = all }: AddressRules): Promise<AddressAnswer> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const own = listOf(allowed);
  const addresses = family === 0 ? await resolve(host).catch(() => null) : [{ address: host, family }];
  const [first] = addresses ?? [];
  if (!addresses || !first) return { problem: `${host} has no address` };
  const hidden = addresses.find((one) => !isPublic(one) && !own.check(one.address, sortOf(one)));
  if (hidden)
    return { problem: `${host} is ${hidden.address}, which is not on the internet and not allowed` };
  if (url.protocol === 'http:' && !own.check(first.address, sortOf(first)))
    return { problem: `${host} would be told in clear; give an https address` };
  return first;
}

/** Why an address can never be sent to, where that is told by the address itself; null where a name has to be looked up. */
export function literalProblem(url: URL, allowed: readonly string[]): string | null {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const here = family === 0 && /(^|\.)localhost\.?$/.test(host);
  if (family === 0 && !here)
    return url.protocol === 'http:' && allowed.length === 0 ? `${host} would be told in clear` : null;
  const addresses = here
    ? ['127.0.0.1', '::1'].map((address) => ({ address, family: isIP(address) }))
    : [{ address: host, family }];
  const own = listOf(allowed);
  if (addresses.some((one) => own.check(one.address, sortOf(one)))) return null;
  if (!addresses.every(isPublic)) return `${host} is not on the internet and not allowed`;
  return url.protocol === 'http:' ? `${host} would be told in clear` : null;
}

const all = (host: string) => lookup(host, { all: true });
const sortOf = ({ family }: LookupAddress) => (family === 6 ? 'ipv6' : 'ipv4');

/** A mapped IPv4 address (`::ffff:10.0.0.1`) lies in `::/3`. */
const isPublic = (one: LookupAddress) => !HIDDEN[sortOf(one)].check(one.address, sortOf(one));
