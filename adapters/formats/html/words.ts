/** Small pieces of the page's language: places, moments, plurals, links to lists. */
import type { Location } from '@macadam/core/observation';
import type { ScanStandard } from '@macadam/core/scan';
import { count } from '../figures.ts';
import { address, type Selection } from './browser/address.ts';
import { type Child, html, type Markup } from './markup.ts';

const { print } = address();

const moments = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** An RFC 3339 timestamp as people write it, in UTC; what is none stands as it is. */
export function moment(timestamp: string): Child {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return timestamp;
  return html`<time datetime="${timestamp}">${moments.format(date).replace(' at ', ', ')} UTC</time>`;
}

export function place(location: Location | null | undefined): string {
  if (!location) return '';
  return location.line === undefined ? location.path : `${location.path}:${location.line}`;
}

/** `1 failure`, `1,204 failures`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A kind's name for a number of assets: `repositories`, `signing keys`. */
export function pluralOf(kind: string, value: number): string {
  const words = kind.replaceAll(/[_-]/g, ' ');
  if (value === 1) return words;
  if (/[^aeiou]y$/.test(words)) return `${words.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(words) ? `${words}es` : `${words}s`;
}

/** A link to the list that a number counts. */
export function listLink(selection: Selection, label: Child, className = 'number'): Markup {
  return html`<a class="${className}" href="${print(selection)}">${label}</a>`;
}

/**
 * How a standard stands as a whole: one known failure and it is not met; with none, one unknown and it cannot be said.
 */
export type Standing = 'met' | 'not met' | 'unmeasured' | 'nothing in scope';

export function standing(standard: Pick<ScanStandard, 'scope' | 'fail' | 'unknown'>): Standing {
  if (standard.scope === 0) return 'nothing in scope';
  if (standard.fail > 0) return 'not met';
  return standard.unknown > 0 ? 'unmeasured' : 'met';
}

/** `3 met, 5 not met, 2 unmeasured`: never one pooled percentage. */
export function tally(standards: readonly ScanStandard[]): string {
  const kinds: readonly Standing[] = ['met', 'not met', 'unmeasured', 'nothing in scope'];
  return kinds
    .map((kind) => ({ kind, number: standards.filter((standard) => standing(standard) === kind).length }))
    .filter(({ number }) => number > 0)
    .map(({ kind, number }) =>
      kind === 'nothing in scope' ? `${number} with nothing in scope` : `${number} ${kind}`,
    )
    .join(', ');
}
