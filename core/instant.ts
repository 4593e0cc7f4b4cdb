/** Times as observations spell them. */
import { parseTimestamp } from './cel/runtime/time.ts';

type Instant = ReturnType<typeof parseTimestamp>;

let last: { readonly text: string; readonly time: Instant } = { text: '', time: null };

/**
 * An RFC 3339 time, or null for anything else. One collection states many things at one time, so the last answer is
 * kept: reading a time costs more than all else that is done with most statements.
 */
export function instant(text: string): Instant {
  if (text !== last.text) last = { text, time: parseTimestamp(text) };
  return last.time;
}
