/**
 * What a clock and a calendar show of a timestamp, in UTC or in a time zone (CEL specification, "getFullYear" and the
 * rest), and the parts of a duration. Zones are IANA's names, as the platform's Intl knows them, or fixed offsets
 * `+05:30`, `-08:00`, `02:00`.
 */

import { excerpt } from './text.ts';
import { dateFromDays, daysFromDate } from './time.ts';
import { type Duration, type Timestamp, type Unknown, undefinedHere } from './value.ts';

const DAY = 86_400;
const FIXED = /^([+-]?)(\d\d):(\d\d)$/;

/** Seconds to add to UTC at a moment. */
type Zone = (seconds: number) => number;

const ZONES = new Map<string, Zone | null>();
/** More names than there are zones; zones may come from data, which must not fill the memory. */
const MAX_ZONES = 1000;

/** Null for what is no zone. */
function zoneOf(name: string): Zone | null {
  const known = ZONES.get(name);
  if (known !== undefined) return known;
  if (ZONES.size >= MAX_ZONES) ZONES.clear();
  const zone = fixedZone(name) ?? namedZone(name);
  ZONES.set(name, zone);
  return zone;
}

function fixedZone(name: string): Zone | null {
  const match = FIXED.exec(name);
  if (!match) return null;
  const hours = Number(match[2]);
  const minutes = Number(match[3]);
  if (hours > 23 || minutes > 59) return null;
  const offset = (hours * 3600 + minutes * 60) * (match[1] === '-' ? -1 : 1);
  return () => offset;
}

/** Days whose offset is remembered for each zone. */
const MAX_DAYS = 4000;

/**
 * A call of Intl takes microseconds, so the offset of a UTC day is remembered when it is the same at both of its ends
 * (no zone has two transitions within a day that cancel out); on a day with a transition each moment is asked.
 */
function namedZone(name: string): Zone | null {
  if (!/^[A-Za-z]/.test(name)) return null;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
  const days = new Map<number, number>();
  return (seconds) => {
    const day = Math.floor(seconds / DAY);
    let offset = days.get(day);
    if (offset === undefined) {
      const first = offsetAt(format, day * DAY);
      offset = first === offsetAt(format, (day + 1) * DAY - 1) ? first : Number.NaN;
      if (days.size >= MAX_DAYS) days.clear();
      days.set(day, offset);
    }
    return Number.isNaN(offset) ? offsetAt(format, seconds) : offset;
  };
}

function offsetAt(format: Intl.DateTimeFormat, seconds: number): number {
  let day = 0;
  let time = 0;
  for (const part of format.formatToParts(seconds * 1000)) {
    if (part.type === 'day') day = Number(part.value);
    else if (part.type === 'hour') time += Number(part.value) * 3600;
    else if (part.type === 'minute') time += Number(part.value) * 60;
    else if (part.type === 'second') time += Number(part.value);
  }
  const utcDay = Math.floor(seconds / DAY);
  // The local date is UTC's, the one before or the one after; across a month's end the difference of days is large.
  let ahead = day - (dateFromDays(utcDay) % 100);
  if (ahead > 1) ahead = -1;
  else if (ahead < -1) ahead = 1;
  return ahead * DAY + time - (seconds - utcDay * DAY);
}

function accessor(read: (localSeconds: number, nanos: number) => number) {
  return {
    utc: (value: Timestamp): number => read(value.seconds, value.nanos),
    zoned: (value: Timestamp, name: string): number | Unknown => {
      const zone = zoneOf(name);
      if (zone === null) return undefinedHere(`${excerpt(name)} is not a time zone`);
      return read(value.seconds + zone(value.seconds), value.nanos);
    },
  };
}

const date = (seconds: number): number => dateFromDays(Math.floor(seconds / DAY));
const yearOf = (seconds: number): number => Math.floor(date(seconds) / 10_000);
const timeOfDay = (seconds: number): number => seconds - Math.floor(seconds / DAY) * DAY;

export const YEAR = accessor(yearOf);
/** From 0. */
export const MONTH = accessor((seconds) => (Math.floor(date(seconds) / 100) % 100) - 1);
/** `getDate`: from 1. */
export const DATE = accessor((seconds) => date(seconds) % 100);
/** From 0. */
export const DAY_OF_MONTH = accessor((seconds) => (date(seconds) % 100) - 1);
/** From 0. */
export const DAY_OF_YEAR = accessor(
  (seconds) => Math.floor(seconds / DAY) - daysFromDate(yearOf(seconds), 1, 1),
);
/** Sunday is 0; 1970-01-01 was a Thursday. */
export const DAY_OF_WEEK = accessor((seconds) => (((Math.floor(seconds / DAY) + 4) % 7) + 7) % 7);
export const HOURS = accessor((seconds) => Math.floor(timeOfDay(seconds) / 3600));
export const MINUTES = accessor((seconds) => Math.floor(timeOfDay(seconds) / 60) % 60);
export const SECONDS = accessor((seconds) => timeOfDay(seconds) % 60);
export const MILLISECONDS = accessor((_, nanos) => Math.floor(nanos / 1_000_000));

// Of a duration: the whole of it in hours, minutes or seconds, toward zero; of milliseconds only what is beyond whole seconds.

function wholeSeconds({ seconds, nanos }: Duration): number {
  return seconds < 0 && nanos > 0 ? seconds + 1 : seconds;
}

export function durationToHours(value: Duration): number {
  return Math.trunc(wholeSeconds(value) / 3600) + 0;
}

export function durationToMinutes(value: Duration): number {
  return Math.trunc(wholeSeconds(value) / 60) + 0;
}

export function durationToSeconds(value: Duration): number {
  return wholeSeconds(value) + 0;
}

export function durationToMilliseconds({ seconds, nanos }: Duration): number {
  const signed = seconds < 0 && nanos > 0 ? nanos - 1_000_000_000 : nanos;
  return Math.trunc(signed / 1_000_000) + 0;
}
