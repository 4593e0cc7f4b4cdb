/**
 * The language once more, as slowly and plainly as it can be said: one recursive function over the parser's tree, every
 * value tagged, every integer a bigint, nothing typed beforehand. It shares no code with the compilers, so that a
 * mistake would have to be made twice. What it says is SEMANTICS of the language, sentence by sentence.
 */
import type { Node } from '@macadam/core/cel/tree';
import { CAUSES, type Cause } from '@macadam/core/observation';
import { RE2JS } from 're2js';

export type Plain =
  | { readonly is: 'bool'; readonly of: boolean }
  | { readonly is: 'int'; readonly of: bigint }
  | { readonly is: 'double'; readonly of: number }
  | { readonly is: 'string'; readonly of: string }
  /** Nanoseconds. */
  | { readonly is: 'timestamp' | 'duration'; readonly of: bigint }
  | { readonly is: 'list'; readonly of: readonly Plain[]; readonly complete: boolean; readonly path: string }
  | {
      readonly is: 'map';
      readonly of: ReadonlyMap<string, Plain>;
      readonly complete: boolean;
      readonly path: string;
    }
  /** A field that is not there is absent. */
  | { readonly is: 'record'; readonly of: ReadonlyMap<string, Plain>; readonly path: string }
  | { readonly is: 'optional'; readonly of: Plain | null }
  | { readonly is: 'undecided'; readonly causes: readonly Reasoned[] };

export interface Reasoned {
  readonly cause: Cause;
  readonly path: string;
}

type Undecided = Plain & { readonly is: 'undecided' };

export const undecided = (cause: Cause, path: string): Undecided => ({
  is: 'undecided',
  causes: [{ cause, path }],
});
const error = undecided('undefined', '');
const bool = (of: boolean): Plain => ({ is: 'bool', of });
const int = (of: bigint): Plain => (of > 2n ** 63n - 1n || of < -(2n ** 63n) ? error : { is: 'int', of });
const double = (of: number): Plain => ({ is: 'double', of });
const string = (of: string): Plain => ({ is: 'string', of });
const SECOND = 1_000_000_000n;
const timestamp = (of: bigint): Plain =>
  of < -62_135_596_800n * SECOND || of > 253_402_300_799n * SECOND + SECOND - 1n
    ? error
    : { is: 'timestamp', of };
/** The specification's suite asks that 9999 − 0001 is an error: a duration is 64 bits of nanoseconds. */
const duration = (of: bigint): Plain =>
  of < -(2n ** 63n) || of > 2n ** 63n - 1n ? error : { is: 'duration', of };

/** The cause that is shown: the strongest, then the first by path. */
export function shown(value: Undecided): Reasoned {
  const order = (one: Reasoned) => CAUSES.indexOf(one.cause);
  const [first] = value.causes.toSorted(
    (a, b) => order(a) - order(b) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
  return first ?? { cause: 'unobserved', path: '' };
}

function join(values: readonly Plain[]): Undecided {
  return {
    is: 'undecided',
    causes: values.flatMap((value) => (value.is === 'undecided' ? value.causes : [])),
  };
}

export type Names = ReadonlyMap<string, Plain>;

export function interpret(node: Node, names: Names): Plain {
  const run = (part: Node) => interpret(part, names);
  switch (node.node) {
    case 'literal':
      if (node.type === 'bool') return bool(node.value);
      if (node.type === 'int') return int(node.value);
      if (node.type === 'double') return double(node.value);
      if (node.type === 'string') return string(node.value);
      throw new TypeError(`no case holds a literal ${node.type}`);
    case 'name':
      return names.get(node.name) ?? error;
    case 'select':
    case 'has':
      return select(node, run(node.of));
    case 'list': {
      const items = node.items.map(run);
      return strictly(items, () => ({ is: 'list', of: items, complete: true, path: '' }));
    }
    case 'macro':
      return macro(node, names);
    case 'call':
      return call(node, names);
    case 'map':
      throw new TypeError('no case builds a map');
  }
}

function select(node: Node & { readonly node: 'select' | 'has' }, of: Plain): Plain {
  if (of.is === 'undecided') return of;
  const has = node.node === 'has';
  const optional = node.node === 'select' && node.optional === true;
  if (of.is !== 'record' && of.is !== 'map') return error;
  const found = of.of.get(node.field);
  if (found === undefined) {
    if (of.is === 'map' && !of.complete) return undecided('incomplete', `${of.path}.${node.field}`);
    if (has) return bool(false);
    return optional ? { is: 'optional', of: null } : error;
  }
  if (found.is === 'undecided') return found;
  if (has) return bool(true);
  return optional ? { is: 'optional', of: found } : found;
}

/** Undecided when any operand is. */
function strictly(operands: readonly Plain[], otherwise: () => Plain): Plain {
  return operands.some(({ is }) => is === 'undecided') ? join(operands) : otherwise();
}

/** Kleene's `or` over any number of results; `and` is its dual. */
function anyOf(results: readonly Plain[]): Plain {
  if (results.some((result) => result.is === 'bool' && result.of)) return bool(true);
  return strictly(results, () => bool(false));
}

function allOf(results: readonly Plain[]): Plain {
  if (results.some((result) => result.is === 'bool' && !result.of)) return bool(false);
  return strictly(results, () => bool(true));
}

function macro(node: Node & { readonly node: 'macro' }, names: Names): Plain {
  const over = interpret(node.over, names);
  if (over.is === 'undecided') return over;
  if (over.is !== 'list') return error;
  const each = (part: Node) =>
    over.of.map((item) => interpret(part, new Map(names).set(node.variable, item)));
  const unseen = over.complete ? [] : [undecided('incomplete', over.path)];
  const list = (of: readonly Plain[]): Plain => ({ is: 'list', of, complete: true, path: over.path });
  const holds = (result: Plain | undefined) => result?.is === 'bool' && result.of;
  switch (node.macro) {
    case 'all':
      return allOf([...each(node.body), ...unseen]);
    case 'exists':
      return anyOf([...each(node.body), ...unseen]);
    case 'exists_one': {
      const results = each(node.body);
      return strictly([...results, ...unseen], () => bool(results.filter(holds).length === 1));
    }
    case 'filter': {
      const results = each(node.body);
      return strictly([...results, ...unseen], () =>
        list(over.of.filter((_, index) => holds(results[index]))),
      );
    }
    case 'map': {
      const kept = node.where ? each(node.where) : over.of.map(() => bool(true));
      const mapped = over.of
        .filter((_, index) => holds(kept[index]))
        .map((item) => interpret(node.body, new Map(names).set(node.variable, item)));
      return strictly([...kept, ...mapped, ...unseen], () => list(mapped));
    }
    default:
      throw new TypeError(`no case uses the macro ${node.macro}`);
  }
}

/** What is undecided anywhere inside. */
function holes(value: Plain): readonly Plain[] {
  switch (value.is) {
    case 'undecided':
      return [value];
    case 'list':
      return [...(value.complete ? [] : [undecided('incomplete', value.path)]), ...value.of.flatMap(holes)];
    case 'map':
      return [
        ...(value.complete ? [] : [undecided('incomplete', value.path)]),
        ...[...value.of.values()].flatMap(holes),
      ];
    case 'record':
      return [...value.of.values()].flatMap(holes);
    default:
      return [];
  }
}

function same(a: Plain, b: Plain): boolean {
  if (a.is === 'list' && b.is === 'list') {
    return a.of.length === b.of.length && a.of.every((item, at) => same(item, b.of[at] ?? error));
  }
  if ((a.is === 'map' || a.is === 'record') && a.is === b.is) {
    const other = b.of as ReadonlyMap<string, Plain>;
    return (
      a.of.size === other.size &&
      [...a.of].every(([key, value]) => other.has(key) && same(value, other.get(key) ?? error))
    );
  }
  return a.is !== 'undecided' && b.is !== 'undecided' && a.is === b.is && a.of === b.of;
}

const equal = (a: Plain, b: Plain): Plain => strictly([...holes(a), ...holes(b)], () => bool(same(a, b)));

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

function call(node: Node & { readonly node: 'call' }, names: Names): Plain {
  const run = (part: Node | undefined) => (part ? interpret(part, names) : error);
  const [first, second, third] = node.arguments;
  switch (node.function) {
    case '_&&_':
      return allOf([run(first), run(second)]);
    case '_||_':
      return anyOf([run(first), run(second)]);
    case '_?_:_': {
      const condition = run(first);
      if (condition.is !== 'bool') return condition;
      return run(condition.of ? second : third);
    }
    case '@in': {
      const [value, container] = [run(first), run(second)];
      return strictly([value, container], () => {
        if (container.is === 'map') {
          if (value.is === 'string' && container.of.has(value.of)) return bool(true);
          return container.complete ? bool(false) : undecided('incomplete', container.path);
        }
        if (container.is !== 'list') return error;
        const unseen = container.complete ? [] : [undecided('incomplete', container.path)];
        return anyOf([...container.of.map((item) => equal(item, value)), ...unseen]);
      });
    }
    case '_==_':
      return equal(run(first), run(second));
    case '_!=_': {
      const result = equal(run(first), run(second));
      return result.is === 'bool' ? bool(!result.of) : result;
    }
    default: {
      const operands = node.arguments.map(run);
      // Lists are joined whole: what is undecided anywhere inside counts.
      const inside = node.function === '_+_' ? operands.flatMap(holes) : operands;
      return strictly(inside, () => operation(node.function, operands));
    }
  }
}

function operation(name: string, operands: readonly Plain[]): Plain {
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
