import { isAscii, isUtf8 } from 'node:buffer';

/** An object of JSON; its values are not looked into. */
export type JsonObject = Readonly<Record<string, unknown>>;

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
/** Deeper than any claim needs; what walks the values of a token must not run out of stack. */
const DEPTH = 16;

/** How many members the text writes, in all its objects. Meant for text that JSON.parse takes. */
function writtenMembers(text: string): number {
  let members = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isText = !isText;
    else if (!isText && code === COLON) members++;
    else if (code === BACKSLASH) at++;
  }
  return members;
}

/** How many members the value holds, in all its objects; NaN when it is nested too deeply. */
function heldMembers(value: unknown, depth: number): number {
  if (value === null || typeof value !== 'object') return 0;
  if (depth === 0) return Number.NaN;
  const values = Object.values(value);
  let members = Array.isArray(value) ? 0 : values.length;
  for (const one of values) if (typeof one === 'object') members += heldMembers(one, depth - 1);
  return members;
}

/**
 * The object that these bytes are the JSON of, or null: also where they are no UTF-8, are nested more than 16 deep, or name a member
 * twice. Of two members of one name parsers choose differently, so two services would read one token differently.
 */
export function parseObject(bytes: Buffer): JsonObject | null {
  // Almost every token is ASCII, which takes half the time to read.
  const isPlain = isAscii(bytes);
  if (!isPlain && !isUtf8(bytes)) return null;
  const text = bytes.toString(isPlain ? 'latin1' : 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  // A member that is written twice is held once.
  return writtenMembers(text) === heldMembers(value, DEPTH) ? (value as JsonObject) : null;
}
