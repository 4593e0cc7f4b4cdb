/**
 * Timestamps and durations (CEL specification, "Timestamp and duration"): reading, printing, arithmetic and their
 * ranges. A timestamp lies in the years 0001 to 9999, a duration in the ±2^63 nanoseconds (292 years) that the
 * specification's own suite asks for; beyond either is an error. Texts are those of RFC 3339 and of `1h30m`.
 * Days are counted by the proleptic Gregorian calendar, by arithmetic alone.
 */

import { type Int, int } from './arithmetic.ts';
import { excerpt } from './text.ts';
import { Duration, Timestamp, type Unknown, undefinedHere } from './value.ts';

const MIN_SECONDS = -62_135_596_800;
const MAX_SECONDS = 253_402_300_799;
/** ±2^63 nanoseconds as pairs. */
const LEAST = { seconds: -9_223_372_037, nanos: 145_224_192 };
const MOST = { seconds: 9_223_372_036, nanos: 854_775_807 };
const BILLION = 1_000_000_000;
const DAY = 86_400;

/** Seconds and nanoseconds as a timestamp; `nanos` may be out of 0 to 999,999,999 by one second. */
function timestampOrNull(seconds: number, nanos: number): Timestamp | null {
  const carry = Math.floor(nanos / BILLION);
  const whole = seconds + carry;
  return whole >= MIN_SECONDS && whole <= MAX_SECONDS ? new Timestamp(whole, nanos - carry * BILLION) : null;
}

function durationOrNull(seconds: number, nanos: number): Duration | null {
  const carry = Math.floor(nanos / BILLION);
  const whole = seconds + carry;
  const rest = nanos - carry * BILLION;
  if (whole < LEAST.seconds || (whole === LEAST.seconds && rest < LEAST.nanos)) return null;
  if (whole > MOST.seconds || (whole === MOST.seconds && rest > MOST.nanos)) return null;
  return new Duration(whole, rest);
}

function timestampHere(seconds: number, nanos: number): Timestamp | Unknown {
  return timestampOrNull(seconds, nanos) ?? undefinedHere('the timestamp is outside the years 0001 to 9999');
}

function durationHere(seconds: number, nanos: number): Duration | Unknown {
  return durationOrNull(seconds, nanos) ?? undefinedHere('the duration is longer than 292 years');
}

// Arithmetic

export function addDuration(a: Timestamp, b: Duration): Timestamp | Unknown {
  return timestampHere(a.seconds + b.seconds, a.nanos + b.nanos);
}

export function addTimestamp(a: Duration, b: Timestamp): Timestamp | Unknown {
  return timestampHere(a.seconds + b.seconds, a.nanos + b.nanos);
}

export function subtractDuration(a: Timestamp, b: Duration): Timestamp | Unknown {
  return timestampHere(a.seconds - b.seconds, a.nanos - b.nanos);
}

export function subtractTimestamps(a: Timestamp, b: Timestamp): Duration | Unknown {
  return durationHere(a.seconds - b.seconds, a.nanos - b.nanos);
}

export function addDurations(a: Duration, b: Duration): Duration | Unknown {
  return durationHere(a.seconds + b.seconds, a.nanos + b.nanos);
}

export function subtractDurations(a: Duration, b: Duration): Duration | Unknown {
  return durationHere(a.seconds - b.seconds, a.nanos - b.nanos);
}

/** `days(n)`, `hours(n)`: our own; a day is 24 hours. */
export function days(count: Int): Duration | Unknown {
  return durationHere(Number(count) * DAY, 0);
}

export function hours(count: Int): Duration | Unknown {
  return durationHere(Number(count) * 3600, 0);
}

// Calendar

/** Days since 1970-01-01. Counted from 1 March of year 0, so that the leap day ends a year; 400 years are 146,097 days. */
export function daysFromDate(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Year × 10,000 + month × 100 + day of the date that is so many days after 1970-01-01; one number, so nothing is allocated. */
export function dateFromDays(count: number): number {
  const shifted = count + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return year * 10_000 + month * 100 + day;
}

const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysInMonth(year: number, month: number): number {
  if (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) return 29;
  return MONTH_LENGTHS[month - 1] ?? 0;
}

// Reading

/** The number that these digits say, and NaN where one of them is none. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let index = from; index < to; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

/**
 * RFC 3339, section 5.6, with `T` and `Z` in capitals; a leap second is refused and digits beyond nanoseconds are cut
 * off, as Go's time package has it. Null for anything else, for a date that no calendar has and outside 0001 to 9999.
 * Read by hand: assets are full of times, and a pattern that captures costs ten times as much.
 */
export function parseTimestamp(text: string): Timestamp | null {
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':')
    return null;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  if (
    !(year >= 0 && day >= 1 && day <= daysInMonth(year, month) && hour <= 23 && minute <= 59 && second <= 59)
  )
    return null;
  let at = 19;
  let nanos = 0;
  if (text[at] === '.') {
    at += 1;
    const first = at;
    while (digits(text, at, at + 1) >= 0) at += 1;
    if (at === first) return null;
    const kept = Math.min(at, first + 9);
    nanos = digits(text, first, kept) * 10 ** (9 - (kept - first));
  }
  let offset = 0;
  if (text[at] !== 'Z') {
    const hours = digits(text, at + 1, at + 3);
    const minutes = digits(text, at + 4, at + 6);
    const sign = text[at];
    if ((sign !== '+' && sign !== '-') || text[at + 3] !== ':' || !(hours <= 23 && minutes <= 59))
      return null;
    offset = (hours * 3600 + minutes * 60) * (sign === '-' ? -1 : 1);
    at += 5;
  }
  if (at + 1 !== text.length) return null;
  const time = hour * 3600 + minute * 60 + second - offset;
  return timestampOrNull(daysFromDate(year, month, day) * DAY + time, nanos);
}

export function timestampOfDate(date: Date): Timestamp {
  const milliseconds = date.getTime();
  const seconds = Math.floor(milliseconds / 1000);
  return new Timestamp(seconds, (milliseconds - seconds * 1000) * 1_000_000);
}

/** Nanoseconds in a unit. `µ` is U+00B5 or U+03BC. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1000,
  µs: 1000,
  μs: 1000,
  ms: 1_000_000,
  s: BILLION,
  m: 60 * BILLION,
  h: 3600 * BILLION,
};
const UNITS_WITH_DAYS: Readonly<Record<string, number>> = { ...UNITS, d: DAY * BILLION };

const PART = /(\d*)(?:\.(\d*))?([a-zµμ]+)/y;
/** More digits than any duration has; a longer number is out of range, a longer fraction is cut off. */
const MAX_DIGITS = 19;

/**
 * `1h30m`, `-1.5s`, `.5ms`, `0`: a sign, then decimal numbers with the unit h, m, s, ms, us (µs) or ns each, as Go's
 * time.ParseDuration, on which the specification leans. What is finer than a nanosecond is cut off.
 * Null for anything else and beyond 2^63 nanoseconds.
 */
export function parseDuration(text: string): Duration | null {
  return readDuration(text, UNITS);
}

/** As `parseDuration`, and `d` for days of 24 hours: our addition, for parameters and attributes that people write. */
export function parseDurationWithDays(text: string): Duration | null {
  return readDuration(text, UNITS_WITH_DAYS);
}

function readDuration(text: string, units: Readonly<Record<string, number>>): Duration | null {
  const signed = text.startsWith('-') || text.startsWith('+');
  const start = signed ? 1 : 0;
  if (text.length === start + 1 && text[start] === '0') return new Duration(0, 0);
  if (text.length === start) return null;
  let nanos = 0n;
  PART.lastIndex = start;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (!match) return null;
    const [, whole = '', fraction = '', unit = ''] = match;
    const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
    if (scale === undefined || (whole === '' && fraction === '')) return null;
    const significant = whole.replace(/^0+/, '');
    if (significant.length > MAX_DIGITS) return null;
    nanos += BigInt(significant) * BigInt(scale);
    const digits = fraction.slice(0, MAX_DIGITS);
    if (digits !== '') nanos += (BigInt(digits) * BigInt(scale)) / 10n ** BigInt(digits.length);
  }
  if (text.startsWith('-')) nanos = -nanos;
  return durationFromNanos(nanos);
}

/** Null beyond 2^63 nanoseconds. */
function durationFromNanos(nanos: bigint): Duration | null {
  const rest = BigInt.asUintN(64, ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
  return durationOrNull(Number((nanos - rest) / 1_000_000_000n), Number(rest));
}

// Conversions

export function stringToTimestamp(text: string): Timestamp | Unknown {
  return (
    parseTimestamp(text) ??
    undefinedHere(`${excerpt(text)} is not an RFC 3339 timestamp of the years 0001 to 9999`)
  );
}

/** Seconds since 1970. */
export function intToTimestamp(seconds: Int): Timestamp | Unknown {
  return timestampHere(Number(seconds), 0);
}

/** Seconds since 1970, rounded down. */
export function timestampToInt(value: Timestamp): Int {
  return value.seconds;
}

export function stringToDuration(text: string): Duration | Unknown {
  return (
    parseDuration(text) ??
    undefinedHere(`${excerpt(text)} is not a duration such as 1h30m, of less than 292 years`)
  );
}

/** Nanoseconds, as cel-go has it; the specification has no such conversion. */
export function intToDuration(nanos: Int): Duration | Unknown {
  return durationFromNanos(BigInt(nanos)) ?? undefinedHere('the duration is longer than 292 years');
}

export function durationToInt(value: Duration): Int | Unknown {
  return int(BigInt(value.seconds) * 1_000_000_000n + BigInt(value.nanos));
}

// Printing

/** RFC 3339 in UTC, with as many digits of the second as it has. */
export function printTimestamp({ seconds, nanos }: Timestamp): string {
  const day = Math.floor(seconds / DAY);
  const time = seconds - day * DAY;
  const date = dateFromDays(day);
  return `${pad(Math.floor(date / 10_000), 4)}-${pad(Math.floor(date / 100) % 100)}-${pad(date % 100)}T${pad(
    Math.floor(time / 3600),
  )}:${pad(Math.floor(time / 60) % 60)}:${pad(time % 60)}${fraction(nanos)}Z`;
}

/** Decimal seconds: `5400s`, `-1.5s`. */
export function printDuration({ seconds, nanos }: Duration): string {
  if (seconds >= 0) return `${seconds}${fraction(nanos)}s`;
  return nanos === 0 ? `${seconds}s` : `-${-seconds - 1}${fraction(BILLION - nanos)}s`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** For messages to people: `30 Nov 2026`, and `30 Nov 2026, 02:14 UTC` where it is not the beginning of the day. */
export function displayTimestamp({ seconds, nanos }: Timestamp): string {
  const day = Math.floor(seconds / DAY);
  const time = seconds - day * DAY;
  const date = dateFromDays(day);
  const said = `${date % 100} ${MONTHS[(Math.floor(date / 100) % 100) - 1]} ${Math.floor(date / 10_000)}`;
  if (time === 0 && nanos === 0) return said;
  return `${said}, ${pad(Math.floor(time / 3600))}:${pad(Math.floor(time / 60) % 60)} UTC`;
}

const SAID = [
  ['day', DAY],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** For messages to people: `90 days`, `1 day 12 hours`, `15 minutes 20 seconds`. */
export function displayDuration(value: Duration): string {
  if (value.seconds < 0) return printDuration(value);
  let left = value.seconds;
  const parts: string[] = [];
  for (const [unit, size] of SAID) {
    const number = Math.floor(left / size);
    left -= number * size;
    if (number > 0) parts.push(`${number} ${unit}${number === 1 ? '' : 's'}`);
  }
  const seconds = `${left}${fraction(value.nanos)}`;
  if (seconds !== '0' || parts.length === 0) parts.push(`${seconds} second${seconds === '1' ? '' : 's'}`);
  // What is smaller than these two says nothing to a person.
  return parts.slice(0, 2).join(' ');
}

/** What stands in a file or a fact, `30d`, as people say it; what is none stands as it is. */
export function saidDuration(text: string): string {
  const duration = parseDurationWithDays(text);
  return duration === null ? text : displayDuration(duration);
}

/** `2026-11-30T02:14:00Z` as people write it; what is none stands as it is. */
export function saidTimestamp(text: string): string {
  const timestamp = parseTimestamp(text);
  return timestamp === null ? text : displayTimestamp(timestamp);
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}

function fraction(nanos: number): string {
  return nanos === 0 ? '' : `.${pad(nanos, 9).replace(/0+$/, '')}`;
}
