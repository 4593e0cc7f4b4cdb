/** How moments, days and lengths of time are written on pages, in UTC. */
import { type Child, html, type Markup } from './markup.ts';
import { plural } from './words.ts';

const moments = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** An RFC 3339 timestamp as people write it, in UTC; what is none stands as it is. */
export function moment(timestamp: string): Child {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return timestamp;
  return html`<time datetime="${timestamp}">${threeLetters(moments.format(date))} UTC</time>`;
}

/** A day, `2026-03-01`, as people write it; what is none stands as it is. */
export function calendarDay(day: string): Child {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  return html`<time datetime="${day}">${fullDay(date)}</time>`;
}

/** How many days (UTC) one lies after another; below zero for one before it. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);

const months = new Intl.DateTimeFormat('en-US', { month: 'short', timeZone: 'UTC' });
const shortDays = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const fullDays = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
/** The one month whose short name British English writes with four letters: in a column each has three. */
export const threeLetters = (text: string): string => text.replace('Sept', 'Sep');
/** `30 Nov`. */
export const dayAndMonth = (at: Date): string => threeLetters(shortDays.format(at));
/** `30 Nov 2026`. */
export const fullDay = (at: Date): string => threeLetters(fullDays.format(at));
/** `Mar 2027`. */
export const monthOf = (at: Date): string => `${months.format(at)} ${at.getUTCFullYear()}`;

/** `Mar–Jun 2028`, `Mar 2027`; of two years the years alone. */
export function monthsBetween(from: Date, to: Date): string {
  if (monthOf(from) === monthOf(to)) return monthOf(from);
  return from.getUTCFullYear() === to.getUTCFullYear()
    ? `${months.format(from)}–${monthOf(to)}`
    : `${from.getUTCFullYear()}–${to.getUTCFullYear()}`;
}

const MOMENTS = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});
/** 30 Nov, 02:14 UTC: with its year on hover. `zone`: whether UTC is said. */
export function shortMoment(instant: string, zone = true): Markup {
  const at = new Date(instant);
  return html`<time datetime="${instant}" title="${fullDay(at)}, ${instant.slice(11, 19)} UTC">${threeLetters(MOMENTS.format(at))}${zone && ' UTC'}</time>`;
}
/** 2 Dec, or 2 Dec 2025 of another year than `today`. */
export const dayNear = (day: string, today: string): string =>
  (day.slice(0, 4) === today.slice(0, 4) ? dayAndMonth : fullDay)(dayStart(day));

/** When a day begins. */
export const dayStart = (day: string): Date => new Date(`${day}T00:00:00Z`);
/** `2026-12-02` as 2 Dec 2026. */
export const writtenDay = (day: string): string => fullDay(dayStart(day));

/** About how long, of so many minutes. */
export function duration(minutes: number): string {
  if (minutes < 90) return `${Math.round(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 16) return plural(Math.round(minutes / 480), 'working day');
  const rest = Math.round(minutes % 60);
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** How long something lasted, of seconds. */
export function lasted(seconds: number): string {
  const days = Math.round(seconds / 86_400);
  return days >= 1 ? plural(days, 'day') : plural(Math.max(1, Math.round(seconds / 3600)), 'hour');
}
