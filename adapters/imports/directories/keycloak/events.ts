/** How far back the events of a realm reach, and what they show. */
import type { Statement, Unobserved } from '@macadam/core/facts/observation';
import { gapOf, isWhole } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { flagOf, type Item, recordsOf, unobserved } from '../statement.ts';

const HOUR_MS = 3_600_000;
/** More sign-ins of one account are not asked for. */
export const MOST_SIGN_INS = 1000;
const SIGN_INS_MS = 7 * 24 * HOUR_MS;

/** What counts as a use of a client. */
export const USES: readonly string[] = [
  'LOGIN',
  'CODE_TO_TOKEN',
  'CLIENT_LOGIN',
  'REFRESH_TOKEN',
  'TOKEN_EXCHANGE',
];

export interface EventLog {
  /** First moment that events of these types reach back to, in milliseconds; or why nobody knows. */
  readonly since: (types: readonly string[]) => number | Unobserved;
  readonly at: number;
}

export function eventLog(lists: SavedLists, takenAt: string): EventLog {
  const at = Date.parse(takenAt);
  const settings = lists.list('/events/config');
  const [config] = settings.items;
  const oldest = lists.list('/events/oldest');
  const first = Math.min(...oldest.items.map((item) => timeOfEvent(item) ?? Number.NaN));
  return {
    at,
    since: (types) => {
      if (config === undefined) return gapOf(settings);
      const enabled = flagOf(config, 'eventsEnabled');
      if (!('value' in enabled)) return enabled;
      if (!enabled.value) return unobserved('the realm keeps no events; turn on its user events');
      const kept = recordsOf(config, 'enabledEventTypes');
      if ('unobserved' in kept) return kept;
      const lacking = types.filter((type) => !kept.includes(type));
      if (lacking.length > 0)
        return unobserved(`the realm does not keep events of type ${lacking.join(', ')}; turn them on`);
      if (!isWhole(oldest)) return gapOf(oldest);
      if (!Number.isFinite(first))
        return unobserved('the realm holds no event yet, so nobody knows since when it keeps them');
      const seconds = config.record.eventsExpiration;
      const expired = typeof seconds === 'number' && seconds > 0 ? at - seconds * 1000 : first;
      return Math.max(first, expired);
    },
  };
}

function timeOfEvent({ record: { time } }: Item): number | null {
  return typeof time === 'number' && Number.isSafeInteger(time) && time > 0 && time < 8.64e15 ? time : null;
}

const hours = (from: number, to: number): string => `${Math.max(0, Math.floor((to - from) / HOUR_MS))}h`;

/**
 * Sign-ins of an account in the last seven days. An event does not say which method was used, so each of them may have been a weak one;
 * that there was none is known where the events reach back far enough, or to before the account was made.
 */
export function signInsOf(id: string, createdAt: number | null, lists: SavedLists, log: EventLog): Statement {
  const since = log.since(['LOGIN']);
  if (typeof since !== 'number') return since;
  const listing = lists.of('/events/user/{id}', id);
  if (!isWhole(listing)) return gapOf(listing);
  const begins = log.at - SIGN_INS_MS;
  const recent = listing.items.filter((item) => (timeOfEvent(item) ?? log.at) >= begins);
  if (recent.length > 0)
    return unobserved(
      'it signed in during the last seven days, and events do not say by which method; collect sign-ins from what it signed in to',
    );
  if (listing.items.length >= MOST_SIGN_INS)
    return unobserved('there are more events than were asked for; save those of the last seven days');
  const isWholeLife = createdAt !== null && createdAt >= since;
  if (since > begins && !isWholeLife)
    return unobserved(
      `events reach back to ${new Date(since).toISOString()} only, and seven days are asked for; keep them longer`,
    );
  return {
    value: [],
    complete: true,
    window: isWholeLife ? '168h' : hours(since, log.at),
    assurance: 'effective',
  };
}

/** The newest use of a client, as far back as events reach. */
export function lastUseOf(id: string, lists: SavedLists, log: EventLog): Statement {
  const since = log.since(USES);
  if (typeof since !== 'number') return since;
  const listing = lists.of('/events/client/{id}', id);
  if (!isWhole(listing)) return gapOf(listing);
  const window = hours(since, log.at);
  const times = listing.items.map(timeOfEvent);
  if (times.includes(null)) return unobserved(`an event of ${id} has no time; save the events again`);
  const newest = Math.max(...times.map((time) => time ?? 0));
  return times.length === 0 ? { absent: true, window } : { value: new Date(newest).toISOString(), window };
}
