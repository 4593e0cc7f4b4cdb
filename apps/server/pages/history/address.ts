/** Addresses of the served history. Every answer is one address, so it can be kept, sent and reloaded. */
import type { CauseOfChange } from './causes.ts';

/** Moments by their time; left out: the newest, and the one before it. */
export interface Window {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** `known`: as it is known now, not as it was published then. */
  readonly as?: string | undefined;
}

export interface HistoryQuery extends Window {
  readonly team?: string | undefined;
  readonly division?: string | undefined;
  readonly state?: string | undefined;
  readonly cause?: CauseOfChange | undefined;
  readonly search?: string | undefined;
  readonly after?: string | undefined;
  readonly page?: string | undefined;
}

const NAMES = ['from', 'to', 'as', 'team', 'division', 'state', 'cause', 'search', 'after', 'page'] as const;

export function address(path: string, query: HistoryQuery = {}): string {
  const pairs = NAMES.flatMap((name): string[] => {
    const value = query[name];
    return value === undefined || value === '' ? [] : [`${name}=${encodeURIComponent(value)}`];
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
export const assetAt = (id: string): string => `/assets/${encodeURIComponent(id)}`;
/** Of a mail: what stands before and after the `@` is encoded, so that no address brings a subject, a text or more recipients along. */
export const mailAt = (address: string): string =>
  `mailto:${address.split('@').map(encodeURIComponent).join('@')}`;
/** Of a telephone: digits alone. */
export const telephoneAt = (number: string): string => `tel:${number.replaceAll(/[^+\d]/g, '')}`;
