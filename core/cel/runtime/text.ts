/**
 * Strings by code point (CEL specification, "String"; the strings extension of cel-go, ext/README.md, for charAt,
 * indexOf, join, quote and the rest). A lone surrogate, which JSON can carry, counts as one code point. A text without
 * surrogates has code points where it has units, so that case needs no copy; a text that an operation leaves
 * as it is comes back itself.
 */
import type { Int } from './arithmetic.ts';
import { type Unknown, undefinedHere } from './value.ts';

/**
 * The longest text that an expression makes, in UTF-16 units, as long as a line of observations may be: a few doublings
 * of a text would otherwise end the process.
 */
export const MAX_TEXT = 1 << 24;

function tooLong(): Unknown {
  return undefinedHere(`a text would have more than ${MAX_TEXT} characters`);
}

/** `a + b` */
export function concatenated(a: string, b: string): string | Unknown {
  return a.length + b.length > MAX_TEXT ? tooLong() : a + b;
}

/** Code points. */
export function size(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index++) {
    if (isPair(text, index)) {
      count--;
      index++;
    }
  }
  return count;
}

function isPair(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
}

/** The unit at which a code point begins; the text's length for the one after the last; −1 out of range. */
function unitOf(text: string, position: Int): number {
  if (typeof position !== 'number' || position < 0 || position > text.length) return -1;
  let unit = 0;
  for (let passed = 0; passed < position; passed++) {
    if (unit >= text.length) return -1;
    unit += isPair(text, unit) ? 2 : 1;
  }
  return unit;
}

/** The code point that begins at a unit, counted from 0. */
function positionOf(text: string, unit: number): number {
  let position = unit;
  for (let index = 0; index < unit; index++) if (isPair(text, index)) position--;
  return position;
}

function outOfRange(position: Int): Unknown {
  return undefinedHere(`position ${position} is outside the string`);
}

/** The empty string right after the last code point. */
export function charAt(text: string, position: Int): string | Unknown {
  const unit = unitOf(text, position);
  if (unit < 0) return outOfRange(position);
  return text.slice(unit, unit + (isPair(text, unit) ? 2 : 1));
}

/**
 * Units inside a pair are no place for a match: `part` may begin with a lone low surrogate, or end with a lone high one.
 */
function isWhole(text: string, unit: number, part: string): boolean {
  return !(unit > 0 && isPair(text, unit - 1)) && !(part !== '' && isPair(text, unit + part.length - 1));
}

export function startsWith(text: string, part: string): boolean {
  return text.startsWith(part) && !isPair(text, part.length - 1);
}

export function endsWith(text: string, part: string): boolean {
  return text.endsWith(part) && !isPair(text, text.length - part.length - 1);
}

export function contains(text: string, part: string): boolean {
  return findUnit(text, part, 0) >= 0;
}

/** −1 where there is none. */
export function indexOf(text: string, part: string): number {
  return find(text, part, 0);
}

/** From a position onward. An error outside the string, right after it too unless nothing is looked for. */
export function indexOfFrom(text: string, part: string, from: Int): Int | Unknown {
  const unit = unitOf(text, from);
  if (unit < 0 || (unit === text.length && part !== '')) return outOfRange(from);
  return part === '' ? from : find(text, part, unit);
}

function find(text: string, part: string, from: number): number {
  const unit = findUnit(text, part, from);
  return unit < 0 ? -1 : positionOf(text, unit);
}

function findUnit(text: string, part: string, from: number): number {
  let unit = text.indexOf(part, from);
  while (unit >= 0 && !isWhole(text, unit, part)) unit = text.indexOf(part, unit + 1);
  return unit;
}

/** −1 where there is none. */
export function lastIndexOf(text: string, part: string): number {
  return findLast(text, part, text.length);
}

/** The last one that begins at the position or before it. */
export function lastIndexOfFrom(text: string, part: string, from: Int): Int | Unknown {
  const unit = unitOf(text, from);
  if (unit < 0 || (unit === text.length && part !== '')) return outOfRange(from);
  return part === '' ? from : findLast(text, part, unit);
}

function findLast(text: string, part: string, from: number): number {
  let unit = text.lastIndexOf(part, from);
  while (unit > 0 && !isWhole(text, unit, part)) unit = text.lastIndexOf(part, unit - 1);
  return unit < 0 || !isWhole(text, unit, part) ? -1 : positionOf(text, unit);
}

export function substring(text: string, from: Int): string | Unknown {
  const start = unitOf(text, from);
  return start < 0 ? outOfRange(from) : text.slice(start);
}

/** `to` is excluded. */
export function substringTo(text: string, from: Int, to: Int): string | Unknown {
  if (from > to) return undefinedHere(`a substring cannot begin at ${from} and end at ${to}`);
  const start = unitOf(text, from);
  if (start < 0) return outOfRange(from);
  const end = unitOf(text, to);
  return end < 0 ? outOfRange(to) : text.slice(start, end);
}

/** Every one; an empty `old` stands before each code point and at the end. */
export function replace(text: string, old: string, by: string): string | Unknown {
  return replaceSome(text, old, by, -1);
}

/** The first `limit` ones; all for a negative limit. */
export function replaceSome(text: string, old: string, by: string, limit: Int): string | Unknown {
  if (limit === 0 || (old !== '' && !text.includes(old))) return text;
  if (old === '') {
    const points = Array.from(text);
    const count = limit < 0 || limit > points.length ? points.length + 1 : Number(limit);
    if (text.length + count * by.length > MAX_TEXT) return tooLong();
    return (
      points.map((point, index) => (index < count ? by + point : point)).join('') +
      (count > points.length ? by : '')
    );
  }
  const parts = text.split(old);
  const count = limit < 0 || limit >= parts.length - 1 ? parts.length - 1 : Number(limit);
  if (text.length + count * (by.length - old.length) > MAX_TEXT) return tooLong();
  if (count === parts.length - 1) return parts.join(by);
  return [...parts.slice(0, count), parts.slice(count).join(old)].join(by);
}

export function split(text: string, separator: string): readonly string[] {
  return separator === '' ? Array.from(text) : text.split(separator);
}

/** At most `limit` parts, the last of which holds the rest; all for a negative limit, none for 0. */
export function splitSome(text: string, separator: string, limit: Int): readonly string[] {
  if (limit === 0) return [];
  const parts = split(text, separator);
  if (limit < 0 || parts.length <= limit) return parts;
  const count = Number(limit) - 1;
  return [...parts.slice(0, count), parts.slice(count).join(separator)];
}

export function join(parts: readonly string[]): string | Unknown {
  return joinBy(parts, '');
}

export function joinBy(parts: readonly string[], separator: string): string | Unknown {
  let length = separator.length * (parts.length - 1);
  for (const part of parts) length += part.length;
  return length > MAX_TEXT ? tooLong() : parts.join(separator);
}

/** Unicode's White_Space at both ends; JavaScript's own `trim` takes U+FEFF for a space and U+0085 for none. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 9 && unit <= 13);
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  return (
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

export function lowerAscii(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (part) => part.toLowerCase()) : text;
}

export function upperAscii(text: string): string {
  return /[a-z]/.test(text) ? text.replace(/[a-z]+/g, (part) => part.toUpperCase()) : text;
}

export function reverse(text: string): string {
  return Array.from(text).reverse().join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** In double quotes, as a CEL literal; a lone surrogate becomes U+FFFD. */
export function quote(text: string): string | Unknown {
  // Every character may take two.
  if (text.length > MAX_TEXT / 2) return tooLong();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that the escapes stand for
  return `"${text.toWellFormed().replace(/[\x07-\r"\\]/g, (part) => ESCAPES[part] ?? part)}"`;
}

/** A text as messages quote it: in double quotes, its beginning only where it is long. */
export function excerpt(text: string): string {
  return text.length <= 80 ? `"${text}"` : `"${text.slice(0, 80)}…"`;
}
