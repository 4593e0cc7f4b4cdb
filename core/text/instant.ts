/** Times as observations spell them. */
import { parseTimestamp } from '../cel/runtime/time.ts';

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

let counted: { readonly text: string; readonly nanos: bigint } = { text: '', nanos: 0n };

/** The same in nanoseconds since 1970. A time that cannot be read is older than any other. */
export function timeOf(text: string): bigint {
  if (text !== counted.text) counted = { text, nanos: nanosOf(instant(text)) };
  return counted.nanos;
}

/** The nanoseconds of a time or duration; 0 for what could not be read. */
export const nanosOf = (pair: { readonly seconds: number; readonly nanos: number } | null): bigint =>
  pair ? BigInt(pair.seconds) * 1_000_000_000n + BigInt(pair.nanos) : 0n;
