import { isUtf8 } from 'node:buffer';

/** An object of JSON; its values are not looked into. */
export type JsonObject = Readonly<Record<string, unknown>>;

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
/** Deeper than any claim needs; what walks the values of a token must not run out of stack. */
const DEPTH = 16;

/**
 * How many members the bytes write, in all their objects, and whether they are ASCII. Meant for what JSON.parse takes. It looks at bytes, and at those of a
 * text in a loop of its own: both are quicker by far than to ask of each character what it is.
 */
function writtenMembers(
  bytes: Buffer,
  length: number,
): { readonly members: number; readonly isAscii: boolean } {
  let members = 0;
  let all = 0;
  for (let at = 0; at < length; at++) {
    const code = bytes[at] ?? 0;
    all |= code;
    if (code === COLON) members++;
    if (code !== QUOTE) continue;
    for (at++; at < length && bytes[at] !== QUOTE; at++) {
      all |= bytes[at] ?? 0;
      if (bytes[at] === BACKSLASH) at++;
    }
  }
  return { members, isAscii: all < 128 };
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
  const { members, isAscii } = writtenMembers(bytes, length);
  // Almost every token is ASCII, which takes half the time to read.
  if (!isAscii && !isUtf8(bytes.subarray(0, length))) return null;
  const text = bytes.toString(isAscii ? 'latin1' : 'utf8', 0, length);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  // A member that is written twice is held once.
  return members === heldMembers(value, DEPTH) ? (value as JsonObject) : null;
}
