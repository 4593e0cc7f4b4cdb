/** What the reference's functions and operators do to values that are known. */
import { RE2JS } from 're2js';
import {
  days,
  joined,
  libraryCall,
  localDate,
  ofNetwork,
  ofVersion,
  readCidr,
  readIp,
  readVersion,
  shownTime,
  stringMethod,
} from './libraries.ts';
import {
  bool,
  double,
  duration,
  error,
  int,
  type Plain,
  SECOND,
  string,
  timestamp,
  uint,
  undecided,
} from './plain-value.ts';

/** Negative, zero or positive; null when one is not a number. */
function order(a: Plain, b: Plain): number | null {
  if (a.is === 'string' && b.is === 'string') {
    const [x, y] = [[...a.of], [...b.of]];
    for (let at = 0; at < Math.max(x.length, y.length); at++) {
      const difference = (x[at]?.codePointAt(0) ?? -1) - (y[at]?.codePointAt(0) ?? -1);
      if (difference !== 0) return difference;
    }
    return 0;
  }
  if (a.is === 'undecided' || b.is === 'undecided') return null;
  const [x, y] = [a.of as number | bigint | boolean, b.of as number | bigint | boolean];
  if (Number.isNaN(x) || Number.isNaN(y)) return null;
  return x < y ? -1 : x > y ? 1 : 0;
}
export function operation(name: string, operands: readonly Plain[]): Plain {
  const qualified = name.includes('.') ? libraryCall(name, operands) : null;
  if (qualified) return qualified;
  const [a = error, b = error, c = error] = operands;
  const compared = (holds: (order: number) => boolean): Plain => {
    const result = order(a, b);
    return bool(result !== null && holds(result));
  };
  switch (name) {
    case '!_':
      return a.is === 'bool' ? bool(!a.of) : error;
    case '_<_':
      return compared((result) => result < 0);
    case '_<=_':
      return compared((result) => result <= 0);
    case '_>_':
      return compared((result) => result > 0);
    case '_>=_':
      return compared((result) => result >= 0);
    case '_+_':
    case '_-_':
    case '_*_':
    case '_/_':
    case '_%_':
    case '-_':
      return arithmetic(name, a, b);
    case '_[_]':
      return element(a, b);
    case '_[?_]': {
      const found = element(a, b);
      // Nothing there is no error here.
      return found === error
        ? { is: 'optional', of: null }
        : found.is === 'undecided'
          ? found
          : { is: 'optional', of: found };
    }
    case 'or':
      return a.is === 'optional' && a.of === null ? b : a;
    case 'value':
      return a.is === 'optional' ? (a.of ?? error) : error;
    case 'isIP':
      return a.is === 'string' ? bool(readIp(a.of).is === 'ip') : error;
    case 'isCIDR':
      return a.is === 'string' ? bool(readCidr(a.of).is === 'cidr') : error;
    case 'isSemver':
      return a.is === 'string' ? bool(readVersion(a.of).is === 'semver') : error;
    case 'ip':
      return a.is === 'string' ? readIp(a.of) : a.is === 'cidr' ? ofNetwork(name, a, b) : error;
    case 'cidr':
      return a.is === 'string' ? readCidr(a.of) : error;
    case 'semver':
      return a.is === 'string' ? readVersion(a.of) : error;
    case 'days':
      return days(a, 24n);
    case 'hours':
      return days(a, 1n);
    case 'join':
      if (a.is !== 'list') return error;
      return joined(a.of, operands[1]);
    case 'size':
      if (a.is === 'string') return int(BigInt([...a.of].length));
      if (a.is === 'list' || a.is === 'map') {
        if (!a.complete) return undecided('incomplete', a.path);
        return int(BigInt(a.is === 'list' ? a.of.length : a.of.size));
      }
      return error;
    case 'orValue':
      return a.is === 'optional' ? (a.of ?? b) : error;
    case 'hasValue':
      return a.is === 'optional' ? bool(a.of !== null) : error;
    case 'bool':
    case 'int':
    case 'uint':
    case 'double':
    case 'string':
    case 'timestamp':
    case 'duration':
      return conversion(name, a);
    default:
      if (a.is === 'string') return stringMethod(name, a.of, operands.slice(1)) ?? textual(name, a.of, b, c);
      if (a.is === 'ip' || a.is === 'cidr') return ofNetwork(name, a, b);
      if (a.is === 'semver') return ofVersion(name, a, b);
      return a.is === 'timestamp' || a.is === 'duration' ? part(name, a, operands[1]) : error;
  }
}

function arithmetic(name: string, a: Plain, b: Plain): Plain {
  if (name === '-_') return a.is === 'int' ? int(-a.of) : a.is === 'double' ? double(-a.of) : error;
  if (a.is === 'int' && b.is === 'int') {
    if (name === '_+_') return int(a.of + b.of);
    if (name === '_-_') return int(a.of - b.of);
    if (name === '_*_') return int(a.of * b.of);
    if (b.of === 0n) return error;
    // The remainder of the least integer by −1 is 0 in mathematics; the quotient does not fit, and either is an error in CEL.
    if (a.of === -(2n ** 63n) && b.of === -1n) return error;
    return int(name === '_/_' ? a.of / b.of : a.of % b.of);
  }
  if (a.is === 'uint' && b.is === 'uint') {
    if (name === '_+_') return uint(a.of + b.of);
    if (name === '_-_') return uint(a.of - b.of);
    if (name === '_*_') return uint(a.of * b.of);
    if (b.of === 0n) return error;
    return uint(name === '_/_' ? a.of / b.of : a.of % b.of);
  }
  if (a.is === 'double' && b.is === 'double') {
    if (name === '_+_') return double(a.of + b.of);
    if (name === '_-_') return double(a.of - b.of);
    if (name === '_*_') return double(a.of * b.of);
    return name === '_/_' ? double(a.of / b.of) : error;
  }
  if (name === '_+_') {
    if (a.is === 'string' && b.is === 'string') return string(a.of + b.of);
    if (a.is === 'list' && b.is === 'list') {
      const whole = [...a.of, ...b.of];
      return { is: 'list', of: whole, complete: true, path: '' };
    }
    if (a.is === 'timestamp' && b.is === 'duration') return timestamp(a.of + b.of);
    if (a.is === 'duration' && b.is === 'timestamp') return timestamp(a.of + b.of);
    if (a.is === 'duration' && b.is === 'duration') return duration(a.of + b.of);
  }
  if (name === '_-_') {
    if (a.is === 'timestamp' && b.is === 'duration') return timestamp(a.of - b.of);
    if (a.is === 'timestamp' && b.is === 'timestamp') return duration(a.of - b.of);
    if (a.is === 'duration' && b.is === 'duration') return duration(a.of - b.of);
  }
  return error;
}

function element(container: Plain, key: Plain): Plain {
  if (container.is === 'list' && key.is === 'int') {
    if (!container.complete) return undecided('incomplete', container.path);
    return key.of < 0n ? error : (container.of[Number(key.of)] ?? error);
  }
  if (container.is === 'map' && key.is === 'string') {
    return (
      container.of.get(key.of) ??
      (container.complete ? error : undecided('incomplete', `${container.path}.${key.of}`))
    );
  }
  return error;
}

function conversion(to: string, value: Plain): Plain {
  switch (to) {
    case 'int':
      if (value.is === 'int') return value;
      if (value.is === 'uint') return int(value.of);
      if (value.is === 'double') {
        return value.of > -(2 ** 63) && value.of < 2 ** 63 ? int(BigInt(Math.trunc(value.of))) : error;
      }
      if (value.is === 'string') return /^-?\d+$/.test(value.of) ? int(BigInt(value.of)) : error;
      // A duration is nanoseconds, as cel-go has it.
      if (value.is === 'duration') return int(value.of);
      return value.is === 'timestamp' ? int(floorDivide(value.of, SECOND)) : error;
    case 'uint':
      if (value.is === 'uint') return value;
      if (value.is === 'double') {
        return value.of > -1 && value.of < 2 ** 64 ? uint(BigInt(Math.trunc(value.of))) : error;
      }
      if (value.is === 'string') return /^\d+$/.test(value.of) ? uint(BigInt(value.of)) : error;
      return value.is === 'int' ? uint(value.of) : error;
    case 'bool':
      if (value.is === 'bool') return value;
      if (value.is !== 'string') return error;
      if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value.of)) return bool(true);
      return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value.of) ? bool(false) : error;
    case 'double':
      if (value.is === 'double') return value;
      return value.is === 'uint' || value.is === 'int' ? double(Number(value.of)) : error;
    case 'string':
      if (value.is === 'string') return value;
      if (value.is === 'timestamp' || value.is === 'duration') return string(shownTime(value));
      if (value.is === 'ip' || value.is === 'cidr') return ofNetwork('string', value, error);
      return value.is === 'int' || value.is === 'uint' || value.is === 'bool'
        ? string(String(value.of))
        : error;
    case 'timestamp':
      if (value.is === 'int') return timestamp(value.of * SECOND);
      return value.is === 'timestamp' ? value : value.is === 'string' ? readTimestamp(value.of) : error;
    default:
      if (value.is === 'int') return duration(value.of);
      return value.is === 'duration' ? value : value.is === 'string' ? readDuration(value.of) : error;
  }
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339. */
export function readTimestamp(text: string): Plain {
  const match = TIME.exec(text);
  if (!match) return error;
  const [, date = '', time = '', fraction = '', zone = ''] = match;
  const atMidnight = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(atMidnight.getTime()) || !atMidnight.toISOString().startsWith(date)) return error;
  const milliseconds = Date.parse(`${date}T${time}${zone}`);
  if (Number.isNaN(milliseconds)) return error;
  return timestamp(BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}

const UNITS = new Map([
  ['h', 3_600n * SECOND],
  ['m', 60n * SECOND],
  ['s', SECOND],
  ['ms', 1_000_000n],
  ['us', 1_000n],
  ['ns', 1n],
]);

export function readDuration(text: string): Plain {
  // The one number without a unit, as in Go.
  if (/^[+-]?0$/.test(text)) return duration(0n);
  if (!/^[+-]?(\d+(\.\d+)?(h|ms|us|ns|m|s))+$/.test(text)) return error;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(
    /(\d+)(?:\.(\d+))?(h|ms|us|ns|m|s)/g,
  )) {
    const scale = UNITS.get(unit) ?? 0n;
    total += BigInt(whole) * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length);
  }
  return duration(text.startsWith('-') ? -total : total);
}

function textual(name: string, text: string, b: Plain, c: Plain): Plain {
  const points = [...text];
  if (b.is === 'string') {
    switch (name) {
      case 'startsWith':
        return bool(text.startsWith(b.of));
      case 'endsWith':
        return bool(text.endsWith(b.of));
      case 'contains':
        return bool(text.includes(b.of));
      case 'matches':
        return bool(RE2JS.compile(b.of).matcher(text).find());
    }
  }
  if (b.is === 'int') {
    const length = BigInt(points.length);
    if (name === 'charAt') {
      return b.of < 0n || b.of > length ? error : string(points[Number(b.of)] ?? '');
    }
    if (name === 'substring') {
      const end = c.is === 'int' ? c.of : length;
      if (b.of < 0n || b.of > length || end < b.of || end > length) return error;
      return string(points.slice(Number(b.of), Number(end)).join(''));
    }
  }
  switch (name) {
    case 'lowerAscii':
      return string(
        points.map((point) => (point >= 'A' && point <= 'Z' ? point.toLowerCase() : point)).join(''),
      );
    case 'upperAscii':
      return string(
        points.map((point) => (point >= 'a' && point <= 'z' ? point.toUpperCase() : point)).join(''),
      );
    case 'reverse':
      return string(points.toReversed().join(''));
    default:
      return error;
  }
}

/** Parts of a time, in UTC or a zone. */
function part(name: string, time: Plain & { readonly is: 'timestamp' | 'duration' }, zone?: Plain): Plain {
  const whole = (unit: bigint) => int(time.of / unit);
  if (time.is === 'duration') {
    switch (name) {
      case 'getHours':
        return whole(3_600n * SECOND);
      case 'getMinutes':
        return whole(60n * SECOND);
      case 'getSeconds':
        return whole(SECOND);
      case 'getMilliseconds':
        return int((time.of % SECOND) / 1_000_000n);
      default:
        return error;
    }
  }
  const date =
    zone === undefined
      ? new Date(Number(floorDivide(time.of, 1_000_000n)))
      : zone.is === 'string'
        ? localDate(time.of, zone.of)
        : null;
  if (date === null) return error;
  const number = (of: number) => int(BigInt(of));
  switch (name) {
    case 'getFullYear':
      return number(date.getUTCFullYear());
    case 'getMonth':
      return number(date.getUTCMonth());
    case 'getDate':
      return number(date.getUTCDate());
    case 'getDayOfMonth':
      return number(date.getUTCDate() - 1);
    case 'getDayOfWeek':
      return number(date.getUTCDay());
    case 'getDayOfYear':
      return number(
        Math.round(
          (Date.UTC(2001, date.getUTCMonth(), date.getUTCDate()) - Date.UTC(2001, 0, 1)) / 86_400_000,
        ) + (date.getUTCMonth() > 1 && isLeap(date.getUTCFullYear()) ? 1 : 0),
      );
    case 'getHours':
      return number(date.getUTCHours());
    case 'getMinutes':
      return number(date.getUTCMinutes());
    case 'getSeconds':
      return number(date.getUTCSeconds());
    case 'getMilliseconds':
      return number(date.getUTCMilliseconds());
    default:
      return error;
  }
}

const isLeap = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
