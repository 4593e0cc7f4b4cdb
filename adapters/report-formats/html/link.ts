/** Addresses of the served pages of what people decide. Every list is one address, so it can be kept, sent and reloaded. */
import { PAGE_SECTIONS } from './sections.ts';

export type LinkQuery = Readonly<Record<string, string | undefined>>;

/** Times are read more easily with their colons, which may stand in a query, and without milliseconds that there are none of. */
export const inQuery = (value: string): string =>
  encodeURIComponent(value.replace(/(T\d\d:\d\d:\d\d)\.000Z$/, '$1Z')).replaceAll('%3A', ':');

/** What is empty is left out. */
export function pathWith(path: string, query: LinkQuery = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${inQuery(value)}`],
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

export const workAt = (id: string, query?: LinkQuery): string =>
  pathWith(`${PAGE_SECTIONS.work.href}/${encodeURIComponent(id)}`, query);
export const exceptionAt = (id: string, query?: LinkQuery): string =>
  pathWith(`${PAGE_SECTIONS.exceptions.href}/${encodeURIComponent(id)}`, query);
