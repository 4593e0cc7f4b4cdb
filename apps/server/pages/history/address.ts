/** Addresses of the served history. Every answer is one address, so it can be kept, sent and reloaded. */
import type { AmountCause } from '@macadam/adapters/facts/history/amounts';
import { inQuery } from '@macadam/adapters/report-formats/html/link';
import type { CauseOfChange } from './causes.ts';

/** Moments by their time; left out: the newest, and the one before it. */
export interface Window {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** `known`: as it is known now, not as it was published then. */
  readonly as?: string | undefined;
}

export interface HistoryQuery extends Window {
  /** The same as `to`. */
  readonly at?: string | undefined;
  /** Of changes: those that moved this figure. */
  readonly side?: 'pass' | 'fail' | undefined;
  readonly team?: string | undefined;
  /** Any unit of the organisation: all teams below it. */
  readonly unit?: string | undefined;
  readonly division?: string | undefined;
  readonly state?: string | undefined;
  readonly cause?: CauseOfChange | undefined;
  readonly search?: string | undefined;
  readonly after?: string | undefined;
  readonly page?: string | undefined;
}

/** Names of what an address of the history may hold. */
export const HISTORY_NAMES = [
  'from',
  'to',
  'at',
  'as',
  'team',
  'unit',
  'division',
  'state',
  'cause',
  'side',
  'search',
  'after',
  'page',
] as const;

export function address(path: string, query: HistoryQuery = {}): string {
  const pairs = HISTORY_NAMES.flatMap((name): string[] => {
    const value = query[name];
    return value === undefined || value === '' ? [] : [`${name}=${inQuery(value)}`];
  });
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

export const standardAt = (id: string, query?: HistoryQuery): string =>
  address(`/standards/${encodeURIComponent(id)}`, query);
export const assetsAt = (id: string, query?: HistoryQuery): string =>
  address(`/standards/${encodeURIComponent(id)}/assets`, query);
/** Without a standard: of all. */
export const changesAt = (id: string | null, query?: HistoryQuery): string =>
  address(id === null ? '/changes' : `/standards/${encodeURIComponent(id)}/changes`, query);
type AmountsOf = Pick<AmountCause, 'cell' | 'step'>;
const withCause = (path: string, query: HistoryQuery, { cell, step }: AmountsOf): string => {
  const asked = address(path, query);
  return `${asked}${asked.includes('?') ? '&' : '?'}cell=${cell}&step=${step}`;
};
/** The assets behind one cause that moved amounts: as a page, and for programs. */
export const amountsAt = (id: string, query: HistoryQuery, cause: AmountsOf): string =>
  withCause(`/standards/${encodeURIComponent(id)}/amounts`, query, cause);
export const amountListAt = (id: string, query: HistoryQuery, cause: AmountsOf): string =>
  withCause(`/api/standards/${encodeURIComponent(id)}/amounts/changes`, query, cause);
export const assetAt = (id: string): string => `/assets/${encodeURIComponent(id)}`;
/** Of a mail: what stands before and after the `@` is encoded, so that no address brings a subject, a text or more recipients along. */
export const mailAt = (address: string): string =>
  `mailto:${address.split('@').map(encodeURIComponent).join('@')}`;
/** Of a telephone: digits alone. */
export const telephoneAt = (number: string): string => `tel:${number.replaceAll(/[^+\d]/g, '')}`;
