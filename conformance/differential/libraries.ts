/** What the reference's extensions do: strings, math, addresses, versions, formats, times in zones. */
import {
  bool,
  double,
  duration,
  error,
  int,
  type Plain,
  SECOND,
  string,
  uint,
  undecided,
} from './plain-value.ts';

/** Of a function that is written behind a name of its library, as `math.abs`; null for one that does not exist. */
export function libraryCall(name: string, operands: readonly Plain[]): Plain | null {
  const [a = error, b = error] = operands;
  switch (name) {
    case 'math.greatest':
      return extreme(operands, (x, y) => x > y);
    case 'math.least':
      return extreme(operands, (x, y) => x < y);
    case 'math.abs':
      if (a.is === 'int') return int(a.of < 0n ? -a.of : a.of);
      return a.is === 'double' ? double(Math.abs(a.of)) : a;
    case 'math.sign':
      if (a.is === 'int') return int(a.of === 0n ? 0n : a.of < 0n ? -1n : 1n);
      if (a.is === 'uint') return uint(a.of === 0n ? 0n : 1n);
      return a.is === 'double' ? double(Math.sign(a.of)) : error;
    case 'math.sqrt':
      return a.is === 'int' || a.is === 'uint' || a.is === 'double' ? double(Math.sqrt(Number(a.of))) : error;
    case 'math.bitNot':
      return a.is === 'int' ? int(-a.of - 1n) : a.is === 'uint' ? uint(2n ** 64n - 1n - a.of) : error;
    case 'math.bitAnd':
    case 'math.bitOr':
    case 'math.bitXor':
      return bits(name, a, b);
    case 'math.bitShiftLeft':
    case 'math.bitShiftRight':
      return shifted(name === 'math.bitShiftLeft', a, b);
    case 'strings.quote':
      return a.is === 'string' ? string(quoted(a.of)) : error;
    case 'ip.isCanonical': {
      const address = a.is === 'string' ? readIp(a.of) : error;
      return address.is === 'ip' && a.is === 'string' ? bool(shownIp(address.of) === a.of) : address;
    }
    case 'optional.of':
      return { is: 'optional', of: a };
    case 'optional.none':
      return { is: 'optional', of: null };
    default:
      return a.is === 'double' ? ofDouble(name, a.of) : null;
  }
}

function ofDouble(name: string, value: number): Plain | null {
  const whole = Math.trunc(value);
  switch (name) {
    case 'math.ceil':
      return double(value > whole ? whole + 1 : whole);
    case 'math.floor':
      return double(value < whole ? whole - 1 : whole);
    case 'math.trunc':
      return double(whole);
    case 'math.round':
      return double(Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole);
    case 'math.isNaN':
      return bool(Number.isNaN(value));
    case 'math.isInf':
      return bool(value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY);
    case 'math.isFinite':
      return bool(Number.isFinite(value));
    default:
      return null;
  }
}

function extreme(
  given: readonly Plain[],
  better: (a: number | bigint, b: number | bigint) => boolean,
): Plain {
  const [first] = given;
  const numbers = given.length === 1 && first?.is === 'list' ? first.of : given;
  let best: Plain | null = null;
  for (const one of numbers) {
    if (one.is !== 'int' && one.is !== 'uint' && one.is !== 'double') return error;
    if (Number.isNaN(one.of) && numbers.length > 1) return error;
    if (best === null || better(one.of, best.of as number)) best = one;
  }
  return best ?? error;
}

const asBits = (value: bigint) => BigInt.asUintN(64, value);
const fromBits = (is: 'int' | 'uint', value: bigint): Plain =>
  is === 'int' ? int(BigInt.asIntN(64, value)) : uint(value);

function bits(name: string, a: Plain, b: Plain): Plain {
  if ((a.is !== 'int' && a.is !== 'uint') || b.is !== a.is) return error;
  const [x, y] = [asBits(a.of), asBits(b.of)];
  return fromBits(a.is, name === 'math.bitAnd' ? x & y : name === 'math.bitOr' ? x | y : x ^ y);
}

function shifted(left: boolean, a: Plain, by: Plain): Plain {
  if ((a.is !== 'int' && a.is !== 'uint') || by.is !== 'int' || by.of < 0n) return error;
  if (by.of >= 64n) return fromBits(a.is, 0n);
  return fromBits(a.is, left ? asBits(a.of << by.of) : asBits(a.of) >> by.of);
}

const ESCAPED = new Map([
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\f', 'f'],
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
  ['\v', 'v'],
  ['\\', '\\'],
  ['"', '"'],
]);
const quoted = (text: string) =>
  `"${[...text].map((point) => (ESCAPED.has(point) ? `\\${ESCAPED.get(point)}` : point)).join('')}"`;

/** Methods of strings beyond the plain ones; null for one that is none. */
export function stringMethod(name: string, text: string, rest: readonly Plain[]): Plain | null {
  const points = [...text];
  const [b, c] = rest;
  switch (name) {
    case 'indexOf':
    case 'lastIndexOf': {
      if (b?.is !== 'string') return error;
      const wanted = [...b.of];
      const places = [...points, ''].flatMap((_, at) =>
        wanted.every((point, more) => points[at + more] === point) ? [at] : [],
      );
      if (c === undefined) return int(BigInt((name === 'indexOf' ? places[0] : places.at(-1)) ?? -1));
      if (c.is !== 'int' || c.of < 0n || c.of > BigInt(points.length)) return error;
      const from = Number(c.of);
      if (from === points.length && wanted.length > 0) return error;
      const found =
        name === 'indexOf' ? places.find((at) => at >= from) : places.findLast((at) => at <= from);
      return int(BigInt(found ?? -1));
    }
    case 'replace': {
      const limit = rest[2];
      if (b?.is !== 'string' || c?.is !== 'string') return error;
      if (limit !== undefined && limit.is !== 'int') return error;
      return string(replaced(points, [...b.of], c.of, limit === undefined ? -1 : Number(limit.of)));
    }
    case 'split': {
      if (b?.is !== 'string') return error;
      if (c !== undefined && c.is !== 'int') return error;
      return texts(parts(points, [...b.of], c === undefined ? -1 : Number(c.of)));
    }
    case 'trim':
      return string(trimmed(points));
    case 'format':
      return b?.is === 'list' ? formatted(text, b.of) : error;
    default:
      return null;
  }
}

const texts = (of: readonly string[]): Plain => ({
  is: 'list',
  of: of.map(string),
  complete: true,
  path: '',
});

/** Where a part stands, from the left, never overlapping. An empty part stands before every point and at the end. */
function occurrences(points: readonly string[], part: readonly string[]): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at + part.length <= points.length; at++) {
    if (!part.every((point, more) => points[at + more] === point)) continue;
    found.push(at);
    if (part.length > 1) at += part.length - 1;
  }
  return found;
}

function replaced(points: readonly string[], old: readonly string[], by: string, limit: number): string {
  const all = occurrences(points, old);
  const chosen = new Set(limit < 0 ? all : all.slice(0, limit));
  let text = '';
  for (let at = 0; at <= points.length; at++) {
    if (!chosen.has(at)) text += points[at] ?? '';
    else if (old.length === 0) text += by + (points[at] ?? '');
    else {
      text += by;
      at += old.length - 1;
    }
  }
  return text;
}

function parts(points: readonly string[], separator: readonly string[], limit: number): readonly string[] {
  if (limit === 0) return [];
  const cuts = separator.length === 0 ? points.map((_, at) => at).slice(1) : occurrences(points, separator);
  const kept = limit < 0 ? cuts : cuts.slice(0, limit - 1);
  if (separator.length === 0 && points.length === 0) return [];
  const found: string[] = [];
  let from = 0;
  for (const cut of kept) {
    found.push(points.slice(from, cut).join(''));
    from = cut + separator.length;
  }
  return [...found, points.slice(from).join('')];
}

function trimmed(points: readonly string[]): string {
  const solid = points.map((point) => !/^[\p{White_Space}]$/u.test(point));
  return points
    .slice(solid.indexOf(true) < 0 ? points.length : solid.indexOf(true), solid.lastIndexOf(true) + 1)
    .join('');
}

function formatted(template: string, values: readonly Plain[]): Plain {
  let text = '';
  let next = 0;
  for (let at = 0; at < template.length; at++) {
    if (template[at] !== '%') {
      text += template[at];
      continue;
    }
    at++;
    const clause = template[at];
    if (clause === '%') {
      text += '%';
      continue;
    }
    const value = values[next++];
    if (value === undefined) return error;
    const written =
      clause === 's'
        ? written_(value)
        : clause === 'd' && value.is === 'int'
          ? string(String(value.of))
          : error;
    if (written.is !== 'string') return written;
    text += written.of;
  }
  return string(text);
}

/** `%s` */
function written_(value: Plain): Plain {
  switch (value.is) {
    case 'string':
      return value;
    case 'int':
    case 'bool':
      return string(String(value.of));
    case 'timestamp':
    case 'duration':
      return string(shownTime(value));
    case 'list': {
      const inside = value.of.map(written_);
      return inside.every((one) => one.is === 'string')
        ? string(`[${inside.map((one) => (one.is === 'string' ? one.of : '')).join(', ')}]`)
        : error;
    }
    default:
      return error;
  }
}

export function joined(list: readonly Plain[], separator: Plain | undefined): Plain {
  if (separator !== undefined && separator.is !== 'string') return error;
  return string(list.map((one) => (one.is === 'string' ? one.of : '')).join(separator?.of ?? ''));
}

/** RFC 3339 and seconds, with as many digits after the point as there are. */
export function shownTime({ is, of }: Plain & { readonly is: 'timestamp' | 'duration' }): string {
  const fraction = (nanos: bigint) => {
    const digits = String(nanos).padStart(9, '0').replace(/0+$/, '');
    return digits === '' ? '' : `.${digits}`;
  };
  if (is === 'duration') {
    const size = of < 0n ? -of : of;
    return `${of < 0n ? '-' : ''}${size / SECOND}${fraction(size % SECOND)}s`;
  }
  const nanos = ((of % SECOND) + SECOND) % SECOND;
  const date = new Date(Number((of - nanos) / 1_000_000n));
  return date.toISOString().replace('.000Z', `${fraction(nanos)}Z`);
}

/** An address as its family and its bits, as text: a prefix of it is a network. */
export function readIp(text: string): Plain {
  const address = text.includes(':') ? bitsOfV6(text) : bitsOfV4(text);
  if (address === null) return error;
  // ::ffff:0:0/96 would be a second way to write an IPv4 address.
  if (address.length === 128 && address.startsWith('0'.repeat(80) + '1'.repeat(16))) return error;
  return { is: 'ip', of: `${address.length === 32 ? 4 : 6}:${address}` };
}

function bitsOfV4(text: string): string | null {
  const octets = text.split('.');
  const sound =
    octets.length === 4 &&
    octets.every((one) => /^\d+$/.test(one) && String(Number(one)) === one && Number(one) < 256);
  return sound ? octets.map((one) => Number(one).toString(2).padStart(8, '0')).join('') : null;
}

function bitsOfV6(text: string): string | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const read = (half: string, last: boolean): string | null => {
    if (half === '') return '';
    const groups = half.split(':').map((group, at, all) => {
      if (last && at === all.length - 1 && group.includes('.')) return bitsOfV4(group);
      return /^[0-9a-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16).toString(2).padStart(16, '0') : null;
    });
    return groups.includes(null) ? null : groups.join('');
  };
  const [head = '', tail] = halves;
  const before = read(head, tail === undefined);
  const after = tail === undefined ? '' : read(tail, true);
  if (before === null || after === null) return null;
  if (tail === undefined) return before.length === 128 ? before : null;
  return before.length + after.length <= 112
    ? before + '0'.repeat(128 - before.length - after.length) + after
    : null;
}

const groupsOf = (bits: string, size: number) =>
  Array.from({ length: bits.length / size }, (_, at) =>
    Number.parseInt(bits.slice(at * size, at * size + size), 2),
  );

function shownIp(address: string): string {
  const bits = address.slice(2);
  if (bits.length === 32) return groupsOf(bits, 8).join('.');
  const groups = groupsOf(bits, 16).map((group) => group.toString(16));
  // RFC 5952: the longest run of zeros, of several the first, and none of one group alone.
  for (let length = 8; length > 1; length--) {
    for (let at = 0; at + length <= 8; at++) {
      if (groups.slice(at, at + length).every((group) => group === '0'))
        return `${groups.slice(0, at).join(':')}::${groups.slice(at + length).join(':')}`;
    }
  }
  return groups.join(':');
}

export function readCidr(text: string): Plain {
  const slash = text.lastIndexOf('/');
  const address = slash < 0 ? error : readIp(text.slice(0, slash));
  const prefix = text.slice(slash + 1);
  if (address.is !== 'ip' || !/^\d+$/.test(prefix) || String(Number(prefix)) !== prefix) return error;
  return Number(prefix) <= address.of.length - 2 ? { is: 'cidr', of: `${address.of}/${prefix}` } : error;
}

export function ofNetwork(name: string, a: Plain & { readonly is: 'ip' | 'cidr' }, b: Plain): Plain {
  if (a.is === 'cidr') {
    const [address = '', prefix = ''] = a.of.split('/');
    const start = address.slice(0, 2 + Number(prefix));
    const inner = b.is === 'string' ? (name === 'containsIP' ? readIp(b.of) : readCidr(b.of)) : b;
    if (name === 'containsIP') return inner.is === 'ip' ? bool(inner.of.startsWith(start)) : error;
    if (name === 'containsCIDR') {
      if (inner.is !== 'cidr') return error;
      const [other = '', length = ''] = inner.of.split('/');
      return bool(Number(length) >= Number(prefix) && other.startsWith(start));
    }
    if (name === 'prefixLength') return int(BigInt(prefix));
    if (name === 'ip') return { is: 'ip', of: address };
    return name === 'string' ? string(`${shownIp(address)}/${prefix}`) : error;
  }
  const [family, bits] = [a.of.slice(0, 1), a.of.slice(2)];
  const within = (v4: readonly string[], v6: readonly string[]) =>
    (family === '4' ? v4 : v6).some((network) => {
      const { of } = readCidr(network) as { readonly of: string };
      const [address = '', prefix = ''] = of.split('/');
      return a.of.startsWith(address.slice(0, 2 + Number(prefix)));
    });
  const unspecified = !bits.includes('1');
  const loopback = within(['127.0.0.0/8'], ['::1/128']);
  const local = within(['169.254.0.0/16'], ['fe80::/10']);
  switch (name) {
    case 'family':
      return int(BigInt(family));
    case 'isUnspecified':
      return bool(unspecified);
    case 'isLoopback':
      return bool(loopback);
    case 'isLinkLocalUnicast':
      return bool(local);
    case 'isGlobalUnicast':
      return bool(
        !unspecified && !loopback && !local && !within(['224.0.0.0/4', '255.255.255.255/32'], ['ff00::/8']),
      );
    case 'string':
      return string(shownIp(a.of));
    default:
      return error;
  }
}

/** The expression that semver.org suggests. */
const VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

export function readVersion(text: string): Plain {
  const match = VERSION.exec(text);
  if (!match) return error;
  const [, major = '', minor = '', patch = '', before] = match;
  return {
    is: 'semver',
    of: { numbers: [major, minor, patch].map(BigInt), before: before?.split('.') ?? [] },
  };
}

type Version = (Plain & { readonly is: 'semver' })['of'];

function compareVersions(a: Version, b: Version): number {
  for (const [at, number] of a.numbers.entries()) {
    const other = b.numbers[at] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.before.length === 0 || b.before.length === 0) {
    return a.before.length === b.before.length ? 0 : a.before.length === 0 ? 1 : -1;
  }
  for (let at = 0; at < Math.max(a.before.length, b.before.length); at++) {
    const [x, y] = [a.before[at], b.before[at]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    if (x === y) continue;
    const [numeric, other] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (numeric && other) return BigInt(x) < BigInt(y) ? -1 : 1;
    if (numeric !== other) return numeric ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

export function ofVersion(name: string, a: Plain & { readonly is: 'semver' }, b: Plain): Plain {
  const at = ['major', 'minor', 'patch'].indexOf(name);
  if (at >= 0) return int(a.of.numbers[at] ?? 0n);
  if (b.is !== 'semver') return error;
  const order = compareVersions(a.of, b.of);
  if (name === 'compareTo') return int(BigInt(order));
  return bool(name === 'isLessThan' ? order < 0 : order > 0);
}

export const days = (count: Plain, hours: bigint): Plain =>
  count.is === 'int' ? duration(count.of * hours * 3_600n * SECOND) : error;

/** What a clock in a zone shows at a moment, as a date whose UTC parts are those; null for no zone. */
export function localDate(nanos: bigint, zone: string): Date | null {
  const milliseconds = Number((nanos - (((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n);
  const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (fixed) {
    const [, sign, hours, minutes] = fixed;
    if (Number(hours) > 23 || Number(minutes) > 59) return null;
    const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return new Date(milliseconds + (sign === '-' ? -offset : offset));
  }
  if (!/^[A-Z]/.test(zone)) return null;
  const part = partsIn(zone);
  if (part === null) return null;
  const shown = new Map(part.formatToParts(milliseconds).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(shown.get(type));
  const year = shown.get('era')?.startsWith('B') ? 1 - number('year') : number('year');
  const date = new Date(0);
  date.setUTCFullYear(year, number('month') - 1, number('day'));
  date.setUTCHours(number('hour'), number('minute'), number('second'), ((milliseconds % 1000) + 1000) % 1000);
  return date;
}

const formats = new Map<string, Intl.DateTimeFormat | null>();
function partsIn(zone: string): Intl.DateTimeFormat | null {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        hourCycle: 'h23',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      format = null;
    }
    formats.set(zone, format);
  }
  return format;
}

export const gapOf = (container: Plain & { readonly is: 'list' | 'map' }): readonly Plain[] =>
  container.complete ? [] : [undecided('incomplete', container.path)];
