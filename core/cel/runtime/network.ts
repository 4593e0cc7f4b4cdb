/**
 * Addresses and their prefixes as Kubernetes' CEL library has them (ip, cidr): strict texts, so that one address cannot
 * hide behind two spellings. No leading zeros in IPv4 (RFC 6943, section 3.1.1), no zone, no IPv4-mapped IPv6 address.
 * IPv6 texts are RFC 4291's (section 2.2), printed as RFC 5952 says.
 */
import { excerpt } from './text.ts';
import { Cidr, Ip, type Unknown, undefinedHere } from './value.ts';

/** Null for what is no address. */
export function parseIp(text: string): Ip | null {
  if (!text.includes(':')) {
    const bytes = new Uint8Array(4);
    return readIpv4(text, bytes, 0) ? new Ip(bytes) : null;
  }
  const bytes = readIpv6(text);
  return bytes === null || isMapped(bytes) ? null : new Ip(bytes);
}

const OCTET = /^(0|[1-9]\d{0,2})$/;

function readIpv4(text: string, into: Uint8Array, at: number): boolean {
  // The longest is 255.255.255.255.
  if (text.length > 15) return false;
  const parts = text.split('.');
  if (parts.length !== 4) return false;
  for (const [index, part] of parts.entries()) {
    if (!OCTET.test(part) || Number(part) > 255) return false;
    into[at + index] = Number(part);
  }
  return true;
}

/** The longest has six groups of four digits and an IPv4 address. */
const LONGEST_IPV6 = 45;

function readIpv6(text: string): Uint8Array | null {
  if (text.length > LONGEST_IPV6) return null;
  const bytes = new Uint8Array(16);
  const gap = text.indexOf('::');
  const head = gap < 0 ? text.split(':') : gap === 0 ? [] : text.slice(0, gap).split(':');
  const tail = gap < 0 || gap + 2 === text.length ? [] : text.slice(gap + 2).split(':');
  const last = gap < 0 || tail.length > 0 ? (gap < 0 ? head : tail).at(-1) : undefined;
  const embedded = last?.includes('.') === true;
  if (embedded && !readIpv4(last, bytes, 12)) return null;
  if (embedded) (gap < 0 ? head : tail).pop();
  const groups = embedded ? 6 : 8;
  // `::` stands for one group of zeros at least.
  if (gap < 0 ? head.length !== groups : head.length + tail.length >= groups) return null;
  const start = groups - tail.length;
  const read = (group: string, index: number): boolean => {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return false;
    const value = Number.parseInt(group, 16);
    bytes[index * 2] = value >> 8;
    bytes[index * 2 + 1] = value & 0xff;
    return true;
  };
  const fits = head.every(read) && tail.every((group, index) => read(group, start + index));
  return fits ? bytes : null;
}

/** ::ffff:0:0/96. */
function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}

/** `10.0.0.0/8`; bits after the prefix may be set. Null for anything else. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return null;
  const ip = parseIp(text.slice(0, slash));
  const prefix = text.slice(slash + 1);
  if (ip === null || !OCTET.test(prefix) || Number(prefix) > ip.bytes.length * 8) return null;
  return new Cidr(ip, Number(prefix));
}

export function stringToIp(text: string): Ip | Unknown {
  return (
    parseIp(text) ??
    undefinedHere(
      `${excerpt(text)} is not an IP address without a zone, leading zeros or an IPv4 inside IPv6`,
    )
  );
}

export function stringToCidr(text: string): Cidr | Unknown {
  return (
    parseCidr(text) ?? undefinedHere(`${excerpt(text)} is not a network such as 10.0.0.0/8 or 2001:db8::/32`)
  );
}

export function isIp(text: string): boolean {
  return parseIp(text) !== null;
}

export function isCidr(text: string): boolean {
  return parseCidr(text) !== null;
}

/** Whether the text is the address's own form; an error where it is no address. */
export function isCanonicalIp(text: string): boolean | Unknown {
  const ip = stringToIp(text);
  return ip instanceof Ip ? printIp(ip) === text : ip;
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
export function printIp({ bytes }: Ip): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => group(bytes, index));
  let start = -1;
  let length = 1;
  for (let index = 0; index < 8; index++) {
    let end = index;
    while (end < 8 && groups[end] === 0) end++;
    if (end - index > length) {
      start = index;
      length = end - index;
    }
    if (end > index) index = end;
  }
  const hex = (part: readonly number[]): string => part.map((value) => value.toString(16)).join(':');
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function group(bytes: Uint8Array, index: number): number {
  return ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0);
}

export function printCidr({ ip, prefix }: Cidr): string {
  return `${printIp(ip)}/${prefix}`;
}

/** 4 or 6. */
export function family({ bytes }: Ip): number {
  return bytes.length === 4 ? 4 : 6;
}

export function isUnspecified({ bytes }: Ip): boolean {
  return bytes.every((byte) => byte === 0);
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback({ bytes }: Ip): boolean {
  return bytes.length === 4
    ? bytes[0] === 127
    : bytes[15] === 1 && bytes.subarray(0, 15).every((byte) => byte === 0);
}

/** 224.0.0.0/24, and ff02::/16 whatever its flags. */
export function isLinkLocalMulticast({ bytes }: Ip): boolean {
  return bytes.length === 4
    ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0
    : bytes[0] === 0xff && ((bytes[1] ?? 0) & 0x0f) === 2;
}

/** 169.254.0.0/16 and fe80::/10. */
export function isLinkLocalUnicast({ bytes }: Ip): boolean {
  return bytes.length === 4
    ? bytes[0] === 169 && bytes[1] === 254
    : bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}

/** Every address but the unspecified, broadcast, loopback, multicast and link-local ones: private ones are global here. */
export function isGlobalUnicast(ip: Ip): boolean {
  const { bytes } = ip;
  const isMulticast = bytes.length === 4 ? ((bytes[0] ?? 0) & 0xf0) === 0xe0 : bytes[0] === 0xff;
  const isBroadcast = bytes.length === 4 && bytes.every((byte) => byte === 255);
  return !isMulticast && !isBroadcast && !isUnspecified(ip) && !isLoopback(ip) && !isLinkLocalUnicast(ip);
}

/** Whether two addresses of one family agree in the first `prefix` bits. */
function agree(a: Uint8Array, b: Uint8Array, prefix: number): boolean {
  if (a.length !== b.length) return false;
  const whole = prefix >> 3;
  for (let index = 0; index < whole; index++) if (a[index] !== b[index]) return false;
  const rest = prefix & 7;
  return rest === 0 || ((a[whole] ?? 0) ^ (b[whole] ?? 0)) >> (8 - rest) === 0;
}

export function containsIp(cidr: Cidr, ip: Ip): boolean {
  return agree(cidr.ip.bytes, ip.bytes, cidr.prefix);
}

export function containsIpText(cidr: Cidr, text: string): boolean | Unknown {
  const ip = stringToIp(text);
  return ip instanceof Ip ? containsIp(cidr, ip) : ip;
}

export function containsCidr(cidr: Cidr, other: Cidr): boolean {
  return cidr.prefix <= other.prefix && agree(cidr.ip.bytes, other.ip.bytes, cidr.prefix);
}

export function containsCidrText(cidr: Cidr, text: string): boolean | Unknown {
  const other = stringToCidr(text);
  return other instanceof Cidr ? containsCidr(cidr, other) : other;
}

export function cidrToIp(cidr: Cidr): Ip {
  return cidr.ip;
}

export function prefixLength(cidr: Cidr): number {
  return cidr.prefix;
}

/** The network itself: bits after the prefix are zero. */
export function masked({ ip, prefix }: Cidr): Cidr {
  const bytes = ip.bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix - index * 8));
    return byte & (0xff << (8 - bits));
  });
  return new Cidr(new Ip(bytes), prefix);
}
