/** One way to reach somebody, and whether it still holds. */
import { calendarDay, daysBetween } from '@macadam/adapters/report-formats/html/dates';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type { EmergencyContact } from '@macadam/core/org/org';
import { mailAt, telephoneAt } from '../history/address.ts';

/** A contact that nobody has tried for so many days may be nobody's any more. */
const CONTACT_DAYS = 90;

/** Where a contact leads; null for what no link can open. */
export function contactAt({ by, address }: Pick<EmergencyContact, 'by' | 'address'>): string | null {
  if (by === 'phone') return telephoneAt(address);
  if (by === 'email') return mailAt(address);
  return /^https:\/\//.test(address) && URL.canParse(address) ? address : null;
}

export function contactLink(contact: Pick<EmergencyContact, 'by' | 'address'>): Markup {
  const at = contactAt(contact);
  return at === null
    ? html`<span><bdi>${contact.address}</bdi></span>`
    : html`<a href="${at}" rel="noreferrer"><bdi>${contact.address}</bdi></a>`;
}

/** Whether nobody has tried it for so long that it may be nobody's any more. */
export const isOld = (verified: string | null, today: string): boolean =>
  verified === null || daysBetween(verified, today) > CONTACT_DAYS;

/** When somebody last tried a contact, and whether that is too long ago. */
export function verifiedSaid(verified: string | null, today: string): Child {
  if (verified === null) return html`<span class="bad">never tried</span>`;
  const days = daysBetween(verified, today);
  return days > CONTACT_DAYS
    ? html`<span class="bad">old: last tried ${plural(days, 'day')} ago</span>, on ${calendarDay(verified)}`
    : html`tried on ${calendarDay(verified)}`;
}
