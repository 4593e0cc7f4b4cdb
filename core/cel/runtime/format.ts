/**
 * `"…".format([…])` (strings extension of the CEL specification's suite; cel-go, ext/README.md, "Format"): `%s`, `%d`,
 * `%f`, `%e`, `%b`, `%o`, `%x`, `%X`, `%%`, and a precision before `f` and `e` (6 without one). Doubles are rounded
 * from their exact value, half to even, as C and Go do; JavaScript's `toFixed` rounds half up.
 */
import { doubleToString } from './conversion.ts';
import { bytesToString, stringToBytes } from './encoding.ts';
import { printCidr, printIp } from './network.ts';
import { compareStrings } from './order.ts';
import { concatenated, joinBy, MAX_TEXT } from './text.ts';
import { printDuration, printTimestamp } from './time.ts';
import {
  Cidr,
  type Data,
  Double,
  Duration,
  Ip,
  MapValue,
  Optional,
  PartialList,
  Semver,
  Timestamp,
  TypeValue,
  Uint,
  Unknown,
  undefinedHere,
  unknown,
} from './value.ts';

/** More digits than a double has; a larger precision in a text that comes from data would cost time for zeros. */
const MAX_PRECISION = 1000;
const CLAUSE = /%(?:%|(?:\.(\d*))?([a-zA-Z]?))/g;

type Text = string | Unknown;

/** An error for a clause that does not exist, that has no argument, or whose argument is of another type. */
export function format(template: string, values: readonly Data[]): Text {
  let out = '';
  let end = 0;
  let next = 0;
  for (const match of template.matchAll(CLAUSE)) {
    const [clause, precision, letter = ''] = match;
    out += template.slice(end, match.index);
    if (out.length > MAX_TEXT) break;
    end = match.index + clause.length;
    if (clause === '%%') {
      out += '%';
      continue;
    }
    const write = Object.hasOwn(CLAUSES, letter) ? CLAUSES[letter] : undefined;
    if (write === undefined) return undefinedHere(`"${clause}" is not a clause of format`);
    const digits = precision === undefined ? 6 : Number(precision);
    if (digits > MAX_PRECISION) return undefinedHere(`a precision is at most ${MAX_PRECISION} digits`);
    const value = values[next];
    if (value === undefined) return undefinedHere(`format has no value for clause ${next + 1}`);
    next++;
    const text = value instanceof Unknown ? value : write(value, digits);
    if (text instanceof Unknown) return text;
    out += text;
  }
  return concatenated(out, template.slice(end));
}

const CLAUSES: Readonly<Record<string, (value: Data, digits: number) => Text>> = {
  s: display,
  d: decimal,
  f: (value, digits) => real(value, digits, fixed, '%f'),
  e: (value, digits) => real(value, digits, scientific, '%e'),
  b: (value) => (typeof value === 'boolean' ? (value ? '1' : '0') : inBase(value, 2, '%b')),
  o: (value) => inBase(value, 8, '%o'),
  x: hexadecimal,
  X: (value) => {
    const text = hexadecimal(value);
    return typeof text === 'string' ? text.toUpperCase() : text;
  },
};

function unfit(clause: string, wanted: string, value: Data): Unknown {
  return undefinedHere(`${clause} writes ${wanted}, not a value of type ${typeOf(value)}`);
}

function typeOf(value: Data): string {
  if (value === null) return 'null_type';
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value) || value instanceof PartialList) return 'list';
  if (value instanceof MapValue) return 'map';
  if (value instanceof Optional) return 'optional_type';
  for (const type of [Double, Uint, Timestamp, Duration, Ip, Cidr, Semver]) {
    if (value instanceof type) return type.name.toLowerCase();
  }
  return value instanceof TypeValue ? 'type' : 'record';
}

/** `%s`, and each element in it. Keys of a map in order of their texts. */
export function display(value: Data): Text {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
  }
  if (value instanceof Double) return doubleToString(value.value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return bytesToString(value);
  if (value instanceof Timestamp) return printTimestamp(value);
  if (value instanceof Duration) return printDuration(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Ip) return printIp(value);
  if (value instanceof Cidr) return printCidr(value);
  if (value instanceof Unknown) return value;
  if (value instanceof PartialList) return partial(value.path, 'list');
  if (Array.isArray(value)) return displayList(value);
  if (value instanceof MapValue) return displayMap(value);
  return unfit('%s', 'scalars, lists and maps', value);
}

function partial(path: string, what: string): Unknown {
  return unknown('incomplete', path, `only a part of the ${what} was seen`);
}

function displayList(items: readonly Data[]): Text {
  const texts: string[] = [];
  for (const item of items) {
    const text = display(item);
    if (typeof text !== 'string') return text;
    texts.push(text);
  }
  return bracketed('[', texts, ']');
}

function displayMap(map: MapValue): Text {
  if (!map.complete) return partial(map.path, 'map');
  const entries: [key: string, value: string][] = [];
  for (const [key, value] of map.entries.values()) {
    const left = display(key);
    const right = display(value);
    if (typeof left !== 'string') return left;
    if (typeof right !== 'string') return right;
    entries.push([left, right]);
  }
  entries.sort(([a], [b]) => compareStrings(a, b));
  return bracketed(
    '{',
    entries.map(([key, value]) => `${key}: ${value}`),
    '}',
  );
}

function bracketed(open: string, texts: readonly string[], close: string): Text {
  const inside = joinBy(texts, ', ');
  return typeof inside === 'string' ? open + inside + close : inside;
}

function integer(value: Data): number | bigint | null {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return value instanceof Uint ? value.value : null;
}

function inBase(value: Data, base: number, clause: string): Text {
  const whole = integer(value);
  return whole === null
    ? unfit(clause, clause === '%b' ? 'integers and bools' : 'integers', value)
    : whole.toString(base);
}

/** Of doubles only those that no digits can write. */
function decimal(value: Data): Text {
  if (value instanceof Double && !Number.isFinite(value.value)) return String(value.value);
  return inBase(value, 10, '%d');
}

function hexadecimal(value: Data): Text {
  const bytes = typeof value === 'string' ? stringToBytes(value) : value;
  if (bytes instanceof Uint8Array) {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  const whole = integer(value);
  return whole === null ? unfit('%x', 'integers, strings and bytes', value) : whole.toString(16);
}

function real(
  value: Data,
  digits: number,
  write: (value: number, digits: number) => string,
  clause: string,
): Text {
  const whole = integer(value);
  const number = value instanceof Double ? value.value : whole === null ? null : Number(whole);
  if (number === null) return unfit(clause, 'numbers', value);
  if (!Number.isFinite(number)) return String(number);
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  return sign + write(Math.abs(number), digits);
}

/** A finite double that is not negative as numerator / 2^shift, exactly (IEEE 754, binary64). */
function exact(value: number): { readonly numerator: bigint; readonly shift: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const numerator = biased === 0 ? fraction : fraction | (1n << 52n);
  const exponent = Math.max(biased, 1) - 1075;
  return exponent >= 0
    ? { numerator: numerator << BigInt(exponent), shift: 0 }
    : { numerator, shift: -exponent };
}

/** value × 10^power as the nearest integer, half to even. */
function scaled(value: number, power: number): bigint {
  const { numerator, shift } = exact(value);
  const times = 10n ** BigInt(Math.abs(power));
  const top = power >= 0 ? numerator * times : numerator;
  const bottom = (1n << BigInt(shift)) * (power >= 0 ? 1n : times);
  const quotient = top / bottom;
  const twice = (top % bottom) * 2n;
  return twice > bottom || (twice === bottom && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

function fixed(value: number, digits: number): string {
  const text = scaled(value, digits)
    .toString()
    .padStart(digits + 1, '0');
  return point(text, text.length - digits);
}

function scientific(value: number, digits: number): string {
  let exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1]);
  let text = scaled(value, digits - exponent)
    .toString()
    .padStart(digits + 1, '0');
  // 9.99 rounded to 10.0.
  if (text.length > digits + 1) {
    exponent++;
    text = scaled(value, digits - exponent).toString();
  }
  const sign = exponent < 0 ? '-' : '+';
  return `${point(text, 1)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function point(digits: string, at: number): string {
  return at === digits.length ? digits : `${digits.slice(0, at)}.${digits.slice(at)}`;
}
