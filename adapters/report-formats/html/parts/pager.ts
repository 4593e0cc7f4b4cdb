/** How one turns the pages of a list; the next one is named as browsers and programs know it. */
import { type Child, html, type Markup } from '../markup.ts';

export interface PageTurn {
  readonly href: string;
  readonly label: string;
}

export interface Pager {
  /** What the pages are of: `assets`. */
  readonly of: string;
  /** To the page before, or to the first one; null on the first. */
  readonly back: PageTurn | null;
  /** Null on the last. */
  readonly next: PageTurn | null;
  /** Between the two: `page 2 of 7`. */
  readonly place?: Child;
}

/** Nothing where there is one page. */
export function pager({ of, back, next, place = null }: Pager): Markup | null {
  if (back === null && next === null) return null;
  return html`<nav class="pages" aria-label="Pages of ${of}">${back !== null && html`<a href="${back.href}">${back.label}</a>`}${place !== null && html`<span class="ink-3">${place}</span>`}${next !== null && html`<a href="${next.href}" rel="next">${next.label}</a>`}</nav>`;
}

/** A list that is read from its beginning: back to the first page, and on to the one after. */
export const pagerFromFirst = (of: string, first: string | null, next: string | null): Markup | null =>
  pager({
    of,
    back: first === null ? null : { href: first, label: 'First' },
    next: next === null ? null : { href: next, label: 'Next' },
  });
