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

/** The sign; its words are beside it, where whoever does not see it finds them. */
export const standingSign = (status: TargetStatus): Markup =>
  html`<i class="g g-${status satisfies Glyph}">${STANDING_WORDS[status]}</i>`;
