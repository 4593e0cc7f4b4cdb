/** Times as observations spell them, as numbers. */
import { timestamp } from './cel/value.ts';

let last: { readonly text: string; readonly nanos: bigint | null } = { text: '', nanos: null };

/**
 * Nanoseconds since 1970 of an RFC 3339 time, or null for anything else. One collection states many things at one
 * time, so the last answer is kept: reading a time costs more than all else that is done with most statements.
 */
export function instant(text: string): bigint | null {
  if (text !== last.text) last = { text, nanos: timestamp(text)?.nanos ?? null };
  return last.nanos;
}
