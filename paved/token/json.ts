import { isUtf8 } from 'node:buffer';

/** An object of JSON; its values are not looked into. */
export type JsonObject = Readonly<Record<string, unknown>>;

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
/** Deeper than any claim needs; what walks the values of a token must not run out of stack. */
const DEPTH = 16;

/**
 * How many characters write this value at least, or NaN where that is not known: of numbers that may be written shorter than digit by digit, and of what is nested
 * too deeply. A text of exactly so many has nothing in it but what the value holds.
 */
function leastLength(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value === 'number') return digitsOf(value);
  if (typeof value === 'boolean') return value ? 4 : 5;
  if (value === null) return 4;
  if (depth === 0) return Number.NaN;
  // Each member or element has a comma before it, but for the first, which has the bracket.
  let length = 1;
  if (Array.isArray(value)) for (const one of value) length += 1 + leastLength(one, depth - 1);
  else
    for (const name in value as JsonObject)
      length += name.length + 4 + leastLength((value as JsonObject)[name], depth - 1);
  return length;
}

/** Digits of a whole number; NaN for what an exponent may write in fewer characters, as 1e3 does. */
function digitsOf(value: number): number {
  if (!(Number.isSafeInteger(value) && value > 0 && value % 1000 !== 0)) return Number.NaN;
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}

/** How many members the bytes write, in all their objects. Meant for what JSON.parse takes. */
function writtenMembers(bytes: Buffer, length: number): number {
  let members = 0;
  for (let at = 0; at < length; at++) {
    if (bytes[at] === COLON) members++;
    if (bytes[at] !== QUOTE) continue;
    for (at++; at < length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
  }
  return members;
}

/** How many members the value holds, in all its objects; NaN when it is nested too deeply. */
function heldMembers(value: unknown, depth: number): number {
  if (value === null || typeof value !== 'object') return 0;
  if (depth === 0) return Number.NaN;
  let members = 0;
  if (Array.isArray(value)) {
    for (const one of value) if (typeof one === 'object') members += heldMembers(one, depth - 1);
    return members;
  }
  for (const name in value) {
    const one = (value as JsonObject)[name];
    members++;
    if (typeof one === 'object') members += heldMembers(one, depth - 1);
  }
  return members;
}

/**
 * The object that these bytes, or the first `length` of them, are the JSON of, or null: also where they are no UTF-8, are nested more than 16 deep, or name a member
 * twice. Of two members of one name parsers choose differently, so two services would read one token differently.
 */
export function parseObject(bytes: Buffer, length = bytes.length): JsonObject | null {
  const text = bytes.toString('utf8', 0, length);
  // What is no UTF-8 is read as this character, which may stand there for itself too.
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(0, length))) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  if (leastLength(value, DEPTH) === text.length) return value as JsonObject;
  // A member that is written twice is held once.
  return writtenMembers(bytes, length) === heldMembers(value, DEPTH) ? (value as JsonObject) : null;
}
