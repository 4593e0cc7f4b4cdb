/** What stands in place of a list that has nothing to show: why, and what then. Unknown is not zero, and says so. */
import { type Child, html, type Markup } from '../markup.ts';
import { glyph } from '../signs.ts';

export interface EmptyState {
  /** `good`: there is nothing, and that is known. `filtered`: the filters leave nothing. `unknown`: nobody has looked. */
  readonly kind: 'good' | 'filtered' | 'unknown';
  readonly says: Child;
  /** What to do then. */
  readonly next?: Child;
}

export function emptyState({ kind, says, next }: EmptyState): Markup {
  const sign = kind === 'good' ? glyph('pass') : kind === 'unknown' ? glyph('unknown') : null;
  return html`<div class="state"><p>${sign}${says}</p>${next && html`<p class="ink-3">${next}</p>`}</div>`;
}

/** What went wrong: what still holds, and what to do. */
export function errorState({
  says,
  holds,
  next,
}: {
  readonly says: Child;
  readonly holds: Child;
  readonly next: Child;
}): Markup {
  return html`<div class="state bad-state" role="alert"><p>${glyph('fail')}${says}</p><p>${holds}</p><p class="ink-3">${next}</p></div>`;
}

/** The shape of rows that are still being read. */
export const loadingRows = (rows: number): Markup =>
  html`<div class="sks" aria-busy="true"><span class="hidden">Reading…</span>${Array.from({ length: rows }, () => html`<span class="sk w100"></span>`)}</div>`;
