/** Small parts that the pages of work, assets and owners share. */
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { type Glyph, glyph } from '@macadam/adapters/report-formats/html/signs';
import { calendarDay, daysBetween, plural } from '@macadam/adapters/report-formats/html/words';
import { shortDay as dayAndMonth, fullDay } from './overview/words.ts';

/** A sign with its meaning, where no word beside it says that. */
export const sign = (name: Glyph, said: string): Markup =>
  html`${glyph(name)}<span class="hidden">${said} </span>`;

const WEEKDAYS = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' });
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
  return html`<time datetime="${instant}" title="${fullDay(at)}, ${instant.slice(11, 19)} UTC">${MOMENTS.format(at)}${zone && ' UTC'}</time>`;
}
/** 2 Dec, or 2 Dec 2025 of another year than `today`. */
export const dayNear = (day: string, today: string): string =>
  (day.slice(0, 4) === today.slice(0, 4) ? dayAndMonth : fullDay)(midnight(day));

const midnight = (day: string) => new Date(`${day}T00:00:00Z`);
/** `2026-12-02` as 2 Dec 2026. */
export const shortDay = (day: string): string => fullDay(midnight(day));

/** Days until which something is due that is soon. */
const SOON = 7;

/** Late 3 days, due Wed, 16 Dec. Days: `2026-12-02`, UTC. */
export function dueChip(due: string, today: string): Markup {
  const days = daysBetween(today, due);
  const [className, said] =
    days < 0
      ? ['late', `late ${plural(-days, 'day')}`]
      : days === 0
        ? ['soon', 'due today']
        : days <= SOON
          ? ['soon', `due ${WEEKDAYS.format(midnight(due))}`]
          : ['plain', daysBetween(today, due) > 300 ? shortDay(due) : dayAndMonth(midnight(due))];
  return html`<time class="chip ${className}" datetime="${due}" title="due ${shortDay(due)}">${said}</time>`;
}

/** The same with its date. */
export function dueInWords(due: string, today: string): Markup {
  const days = daysBetween(today, due);
  const className = days < 0 ? 'late' : days <= SOON ? 'soon' : 'plain';
  const said =
    days < 0
      ? html`late ${plural(-days, 'day')}, was due ${calendarDay(due)}`
      : days === 0
        ? html`due today, ${calendarDay(due)}`
        : html`due ${WEEKDAYS.format(midnight(due))} ${calendarDay(due)}, in ${plural(days, 'day')}`;
  return html`<span class="chip ${className}">${said}</span>`;
}

export interface EvidenceShown {
  readonly source: string;
  /** A commit, a log, a setting. */
  readonly what?: Child;
  readonly observedAt: string;
  readonly learnedAt: string | null;
  /** What weakens it: older than allowed, they disagree. */
  readonly weak?: string;
}

export const evidenceLine = ({ source, what, observedAt, learnedAt, weak }: EvidenceShown): Markup =>
  html`<div class="evidence"><b>${source}</b>${what && html`<span>${what}</span>`}<span>true ${shortMoment(observedAt, learnedAt === null)}${learnedAt !== null && html`, learned ${shortMoment(learnedAt)}`}</span>${weak && html`<span class="soon">${weak}</span>`}</div>`;

/** About how long, of so many minutes. */
export function duration(minutes: number): string {
  if (minutes < 90) return `${Math.round(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 16) return plural(Math.round(minutes / 480), 'working day');
  const rest = Math.round(minutes % 60);
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** How long something lasted, of seconds. */
export function span(seconds: number): string {
  const days = Math.round(seconds / 86_400);
  return days >= 1 ? plural(days, 'day') : plural(Math.max(1, Math.round(seconds / 3600)), 'hour');
}
