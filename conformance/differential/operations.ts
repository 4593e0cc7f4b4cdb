/** What the reference's functions and operators do to values that are known. */
import { RE2JS } from 're2js';
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
    case 'int':
    case 'double':
    case 'string':
    case 'timestamp':
    case 'duration':
      return conversion(name, a);
    default:
      return a.is === 'string'
        ? textual(name, a.of, b, c)
        : a.is === 'timestamp' || a.is === 'duration'
          ? part(name, a)
          : error;
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
      if (value.is === 'double') {
        return value.of > -(2 ** 63) && value.of < 2 ** 63 ? int(BigInt(Math.trunc(value.of))) : error;
      }
      if (value.is === 'string') return /^-?\d+$/.test(value.of) ? int(BigInt(value.of)) : error;
      return value.is === 'timestamp' ? int(floorDivide(value.of, SECOND)) : error;
    case 'double':
      if (value.is === 'double') return value;
      return value.is === 'int' ? double(Number(value.of)) : error;
    case 'string':
      if (value.is === 'string') return value;
      return value.is === 'int' || value.is === 'bool' ? string(String(value.of)) : error;
    case 'timestamp':
      return value.is === 'timestamp' ? value : value.is === 'string' ? readTimestamp(value.of) : error;
    default:
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
      case 'indexOf': {
        const wanted = [...b.of];
        const at = points.findIndex((_, from) =>
          wanted.every((point, more) => points[from + more] === point),
        );
        return int(BigInt(wanted.length === 0 ? 0 : at));
      }
      case 'replace':
        return c.is === 'string' ? string(text.split(b.of).join(c.of)) : error;
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

/** Parts of a time, in UTC. */
function part(name: string, time: Plain & { readonly is: 'timestamp' | 'duration' }): Plain {
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
  const date = new Date(Number(floorDivide(time.of, 1_000_000n)));
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
