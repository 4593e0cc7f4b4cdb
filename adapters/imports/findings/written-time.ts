/**
 * Times as other tools write them. RFC 3339 demands a time zone, and many tools leave it out; then it is taken from
 * what else they say, and a note says from where.
 */
import { parseTimestamp } from '@macadam/core/cel/runtime/time';
import { z } from 'zod';

const WRITTEN =
  /^(?<day>\d{4}-\d\d-\d\d)[Tt ](?<clock>\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?<zone>[Zz]|[+-]\d\d:?\d\d)?$/;

export interface WrittenTime {
  /** RFC 3339; in UTC where no zone was written. */
  readonly at: string;
  /** Whether a zone was written. */
  readonly zoned: boolean;
}

/** Null for what is not a time of the years 1 to 9999. */
function writtenTime(text: string): WrittenTime | null {
  const { day, clock, zone } = WRITTEN.exec(text)?.groups ?? {};
  if (day === undefined || clock === undefined) return null;
  const at = `${day}T${clock}${zone === undefined ? 'Z' : offsetOf(zone)}`;
  return parseTimestamp(at) === null ? null : { at, zoned: zone !== undefined };
}

const offsetOf = (zone: string): string =>
  zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;

/** For a schema: what is not a time is a mistake of its field. */
export const writtenTimeSchema = z.string().transform((text, context): WrittenTime => {
  const written = writtenTime(text);
  if (written !== null) return written;
  context.addIssue({
    code: 'custom',
    message: `\`${text.slice(0, 40)}\` is not a time; write it like 2026-11-01T08:30:00Z`,
  });
  return z.NEVER;
});

const MINUTE = 60_000;
/** Offsets of the world's time zones are multiples of this. */
const QUARTER = 15 * MINUTE;
/** As much as a second that was cut or rounded may take. */
const ROUNDED = 1_000;
const [WEST, EAST] = [-12 * 60 * MINUTE, 14 * 60 * MINUTE];

/**
 * The zone that a local time must have been written in to be the instant `at` (milliseconds since 1970), as `+01:00`.
 * Null where no zone of the world makes them the same.
 */
export function zoneBetween(local: WrittenTime, at: number): string | null {
  const apart = Date.parse(local.at) - at;
  const offset = Math.round(apart / QUARTER) * QUARTER;
  if (Math.abs(apart - offset) > ROUNDED || offset < WEST || offset > EAST) return null;
  const minutes = Math.abs(offset) / MINUTE;
  const two = (number: number) => String(number).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
