/**
 * Regular expressions: RE2's syntax (CEL specification, "Regular Expressions"), matched in time linear in the text,
 * anywhere in it unless the pattern has anchors.
 */
import { RE2JS } from 're2js';
import { excerpt } from './text.ts';
import { type Unknown, undefinedHere } from './value.ts';

export interface Regex {
  /** Whether the pattern occurs in the text. */
  test(text: string): boolean;
}

/** More patterns than standards hold. Where they come from data, forgetting them is what keeps memory bounded. */
const MAX_PATTERNS = 1000;
const PATTERNS = new Map<string, Regex | null>();

/** The compiled pattern, the same one for the same text; null when it is not valid. */
export function regexOf(pattern: string): Regex | null {
  const known = PATTERNS.get(pattern);
  if (known !== undefined) return known;
  if (PATTERNS.size >= MAX_PATTERNS) PATTERNS.clear();
  const compiled = compile(pattern);
  PATTERNS.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): Regex | null {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return null;
  }
}

/** For a pattern that is known only when it runs; a constant one is compiled beforehand with `regexOf`. */
export function matches(text: string, pattern: string): boolean | Unknown {
  const regex = regexOf(pattern);
  return regex === null ? undefinedHere(`${excerpt(pattern)} is not a valid RE2 pattern`) : regex.test(text);
}
