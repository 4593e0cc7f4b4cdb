import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import * as network from './network.ts';
import { type Cidr, Ip, Unknown } from './value.ts';

const ip = (text: string): Ip => network.parseIp(text) ?? assert.fail(text);
const cidr = (text: string): Cidr => network.parseCidr(text) ?? assert.fail(text);
const why = (value: unknown): string =>
  value instanceof Unknown ? (value.causes[0]?.why ?? '') : 'no error';

const isMapped = (bytes: Uint8Array): boolean =>
  bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
/** Many zeros, so that `::` has something to shorten. */
const byte = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 }));
const anyIp = fc
  .oneof(
    fc.array(byte, { minLength: 4, maxLength: 4 }),
    fc.array(byte, { minLength: 16, maxLength: 16 }),
    fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 16, maxLength: 16 }),
  )
  .map((bytes) => new Ip(Uint8Array.from(bytes)))
  .filter(({ bytes }) => bytes.length === 4 || !isMapped(bytes));

test('an address reads back from its own text, which is canonical', () => {
  fc.assert(
    fc.property(anyIp, (value) => {
      const text = network.printIp(value);
      assert.deepEqual(network.parseIp(text), value);
      assert.equal(network.isCanonicalIp(text), true);
      assert.equal(isIP(text), network.family(value));
    }),
    { numRuns: 2000 },
  );
});

const MAPPED = /^\[::ffff:[0-9a-f]+:[0-9a-f]+\]$/;

test('whatever is read, the platform reads as an address too', () => {
  const unit = fc.constantFrom('0', '1', 'f', ':', '::', '.', '10', 'ffff', '1.2.3.4', '/');
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      const value = network.parseIp(text);
      if (value) assert.equal(isIP(text), network.family(value), text);
      // What the platform reads and we refuse is an IPv4-mapped address, in whatever spelling: a URL prints each address in one.
      else if (isIP(text) !== 0) assert.match(new URL(`http://[${text}]`).hostname, MAPPED, text);
    }),
    { numRuns: 5000 },
  );
});

test('one address has one spelling: zones, leading zeros and IPv4 inside IPv6 are refused', () => {
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.04',
    '1.2.3.4 ',
    '0x1.2.3.4',
    '1.2.3.-4',
    '::ffff:1.2.3.4',
    '::FFFF:102:304',
    '0:0:0:0:0:ffff:1.2.3.4',
    'fe80::1%eth0',
    '::1::',
    ':::',
    ':',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    '1.2.3.4::',
    '::1.2.3.04',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '[::1]',
  ]) {
    assert.equal(network.isIp(text), false, text);
    assert.match(why(network.stringToIp(text)), /is not an IP address/);
    assert.match(why(network.isCanonicalIp(text)), /is not an IP address/);
  }
});

test('the canonical form is that of RFC 5952', () => {
  for (const [text, canonical] of [
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['127.0.0.1', '127.0.0.1'],
  ] as const) {
    assert.equal(network.printIp(ip(text)), canonical);
    assert.equal(network.isCanonicalIp(text), text === canonical);
  }
});

test('kinds of addresses', () => {
  const table: readonly [string, (value: Ip) => boolean, readonly string[], readonly string[]][] = [
    ['unspecified', network.isUnspecified, ['0.0.0.0', '::'], ['127.0.0.1', '::1']],
    [
      'loopback',
      network.isLoopback,
      ['127.0.0.1', '127.1.2.3', '::1'],
      ['192.168.0.1', '::2', '2001:db8::1'],
    ],
    [
      'link-local multicast',
      network.isLinkLocalMulticast,
      ['224.0.0.1', 'ff02::1', 'ff12::1'],
      ['224.0.1.1', 'fd00::1', 'ff01::1'],
    ],
    [
      'link-local unicast',
      network.isLinkLocalUnicast,
      ['169.254.169.254', 'fe80::1', 'febf::1'],
      ['192.168.0.1', 'fd80::1', 'fec0::1'],
    ],
    [
      'global unicast',
      network.isGlobalUnicast,
      ['192.168.0.1', '8.8.8.8', '2001:db8::abcd', 'fd00::1'],
      ['255.255.255.255', '0.0.0.0', '::', '127.0.0.1', '224.0.1.1', 'ff00::1', 'fe80::1', '169.254.0.1'],
    ],
  ];
  for (const [name, holds, yes, no] of table) {
    for (const text of yes) assert.equal(holds(ip(text)), true, `${text} is ${name}`);
    for (const text of no) assert.equal(holds(ip(text)), false, `${text} is not ${name}`);
  }
});

test('networks: texts, parts and the mask', () => {
  assert.equal(network.printCidr(network.masked(cidr('192.168.77.1/22'))), '192.168.76.0/22');
  assert.equal(network.printCidr(network.masked(cidr('2001:db8:ffff::1/33'))), '2001:db8:8000::/33');
  assert.equal(network.printCidr(cidr('192.168.77.1/22')), '192.168.77.1/22');
  assert.equal(network.printIp(network.cidrToIp(cidr('10.1.2.3/8'))), '10.1.2.3');
  assert.equal(network.prefixLength(cidr('::/0')), 0);
  for (const text of [
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '::/129',
    '10.0/8',
    '::ffff:1.2.3.4/96',
    '10.0.0.0/8/8',
    'fe80::%a/10',
  ]) {
    assert.equal(network.isCidr(text), false, text);
    assert.match(why(network.stringToCidr(text)), /is not a network/);
  }
});

test('a network contains what its masked addresses say, of its own family only', () => {
  const bits = ({ bytes }: Ip): string =>
    Array.from(bytes, (value) => value.toString(2).padStart(8, '0')).join('');
  fc.assert(
    fc.property(anyIp, anyIp, fc.nat(128), fc.nat(128), (a, b, m, n) => {
      const x = cidr(`${network.printIp(a)}/${m % (a.bytes.length * 8 + 1)}`);
      const y = cidr(`${network.printIp(b)}/${n % (b.bytes.length * 8 + 1)}`);
      const inside = a.bytes.length === b.bytes.length && bits(b).startsWith(bits(a).slice(0, x.prefix));
      assert.equal(network.containsIp(x, b), inside);
      assert.equal(network.containsIpText(x, network.printIp(b)), inside);
      assert.equal(network.containsCidr(x, y), inside && x.prefix <= y.prefix);
      assert.equal(network.containsCidrText(x, network.printCidr(y)), inside && x.prefix <= y.prefix);
      assert.ok(network.containsIp(x, a));
      assert.equal(
        bits(network.masked(x).ip),
        bits(a)
          .slice(0, x.prefix)
          .padEnd(a.bytes.length * 8, '0'),
      );
    }),
    { numRuns: 1000 },
  );
  assert.match(why(network.containsIpText(cidr('10.0.0.0/8'), 'ten')), /is not an IP address/);
  assert.match(why(network.containsCidrText(cidr('10.0.0.0/8'), '10.0.0.0')), /is not a network/);
});
