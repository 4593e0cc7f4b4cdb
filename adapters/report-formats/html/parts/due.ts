/** When something is due, as a chip. Days are `2026-12-02`, UTC. */
import { calendarDay, dayAndMonth, dayStart, daysBetween, writtenDay } from '../dates.ts';
import { html, type Markup } from '../markup.ts';
import { plural } from '../words.ts';

const WEEKDAYS = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' });

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
          ? ['soon', `due ${days === 7 ? dayAndMonth(dayStart(due)) : WEEKDAYS.format(dayStart(due))}`]
          : ['plain', daysBetween(today, due) > 300 ? writtenDay(due) : dayAndMonth(dayStart(due))];
  return html`<time class="chip ${className}" datetime="${due}" title="due ${writtenDay(due)}">${said}</time>`;
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
        : html`due ${WEEKDAYS.format(dayStart(due))} ${calendarDay(due)}, in ${plural(days, 'day')}`;
  return html`<span class="chip ${className}">${said}</span>`;
}
