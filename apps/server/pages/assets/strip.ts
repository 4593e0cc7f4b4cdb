/** What one asset was by one standard over the last weeks: solid where it passed, hatched where unknown, a thin line where it failed. */
import type { Lived } from '@macadam/adapters/facts/history/read';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import type { State } from '@macadam/core/figures/accounting';

export const STRIP_WEEKS = 26;
const WEEK = 7 * 86_400_000;

export interface Stretch {
  readonly state: State;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** `lived`: of one standard, oldest first. What was before the first of them, the asset was not judged by. */
export function stretchesOf(lived: readonly Pick<Lived, 'valid' | 'to'>[], now: Date): readonly Stretch[] {
  const end = now.getTime();
  const begin = end - STRIP_WEEKS * WEEK;
  return lived.flatMap(({ valid, to: state }, index) => {
    const from = Math.max(begin, valid.getTime());
    const to = Math.min(end, lived[index + 1]?.valid.getTime() ?? end);
    return state === 'O' || to <= from ? [] : [{ state, from, to }];
  });
}

const SHAPES = {
  P: { className: 'b-pass', y: 3, height: 8 },
  U: { className: 'b-unknown', y: 3, height: 8 },
  F: { className: 'b-fail', y: 6, height: 2 },
  X: { className: 'b-fail', y: 6, height: 2 },
} as const;

/** Hidden from screen readers: what changed is told in words beside it. */
export function strip(stretches: readonly Stretch[], now: Date): Markup {
  const begin = now.getTime() - STRIP_WEEKS * WEEK;
  const percent = (time: number) => `${((time / (STRIP_WEEKS * WEEK)) * 100).toFixed(2)}%`;
  return html`<svg class="strip" aria-hidden="true" focusable="false">${stretches.map(
    ({ state, from, to }) => {
      if (state === 'O') return null;
      const { className, y, height } = SHAPES[state];
      return html`<rect class="${className}" x="${percent(from - begin)}" y="${y}" width="${percent(Math.max(to - from, WEEK / 20))}" height="${height}"/>`;
    },
  )}</svg>`;
}
