/** How a standard stands against its target: a sign and a word. */
import type { TargetStatus } from '@macadam/core/figures/target';
import { html, type Markup } from '../markup.ts';
import type { Glyph } from '../signs.ts';

/** `empty`: it applies to nothing here. `failing` and `passing`: where there is no target. */
export const STANDING_WORDS: Readonly<Record<TargetStatus, string>> = {
  met: 'Met',
  'on-track': 'On track',
  'off-track': 'Off track',
  'cannot-tell': 'Cannot tell',
  'no-target': 'No target',
};

/** The sign alone, said in words to whoever does not see it. */
export const standingSign = (status: TargetStatus): Markup =>
  html`<svg class="g" role="img" aria-label="${STANDING_WORDS[status]}"><use href="#g-${status satisfies Glyph}"/></svg>`;
