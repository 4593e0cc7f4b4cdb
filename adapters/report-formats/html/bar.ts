/**
 * One bar from at-least to at-most: what passes is solid, what is unknown is hatched, what fails is a thin line. The three
 * differ in shape, not only in colour, so they survive greyscale, print and forced colours.
 */
import type { ScanStandard } from '@macadam/core/figures/scan';
import { html, type Markup } from './markup.ts';

/** No part that exists is thinner than this, in percent of the bar: one failure among a million can be seen. */
const THINNEST = 1;

type Figures = Pick<ScanStandard, 'scope' | 'pass' | 'unknown' | 'fail'>;

/** Widths in percent, of 100 in all. A thin part that is widened takes from the widest one. */
export function widths(standard: Figures): {
  readonly pass: number;
  readonly unknown: number;
  readonly fail: number;
} {
  const { scope } = standard;
  const exact = { pass: standard.pass, unknown: standard.unknown, fail: standard.fail };
  const made = { pass: 0, unknown: 0, fail: 0 };
  if (scope === 0) return made;
  const parts = ['pass', 'unknown', 'fail'] as const;
  let taken = 0;
  for (const part of parts) {
    const share = (exact[part] / scope) * 100;
    made[part] = exact[part] > 0 ? Math.max(THINNEST, share) : 0;
    taken += made[part] - share;
  }
  const widest = parts.reduce((a, b) => (made[b] > made[a] ? b : a));
  made[widest] -= taken;
  return made;
}

/** A tenth of a percent is a tenth of a pixel. */
const percent = (value: number) => `${Number(value.toFixed(1))}%`;

/** Where the target stands, in percent of the bar: at its very end it would lie outside. */
function targetAt(target: number): Markup {
  return html`<rect x="${percent(Math.min(100, Math.max(0, target * 100)))}"/>`;
}

/**
 * What passes from the left, then what is unknown, then the thin line of what fails; an upright where the target is (0 to 1). Each part
 * begins at the left and covers what lies beneath it: the line, which is as wide as the bar and of the style sheet, then to where at most
 * is, then to where at least is. The words beside a bar say the same, so it is hidden from screen readers.
 */
export function bar(standard: Figures, target: number | null = null): Markup {
  const goal = target !== null && targetAt(target);
  if (standard.scope === 0) return html`<svg class="bar empty" aria-hidden="true">${goal}</svg>`;
  const { pass, unknown } = widths(standard);
  return html`<svg class="bar" aria-hidden="true"><rect width="${percent(pass + unknown)}"/><rect width="${percent(pass)}"/>${goal}</svg>`;
}

/** How much of a standard is measured: decided is solid, unknown is hatched. */
export function measuredBar(standard: Figures): Markup {
  const decided = widths({ ...standard, pass: standard.pass + standard.fail, fail: 0 });
  return html`<svg class="bar measured" aria-hidden="true"><rect width="${percent(decided.pass + decided.unknown)}"/><rect width="${percent(decided.pass)}"/></svg>`;
}

/** What the parts of a bar mean. */
export const barLegend: Markup = html`<div class="legend"><span class="lg-pass">at least</span><span class="lg-unknown">unknown</span><span class="lg-fail">fails</span><span class="lg-target">target</span></div>`;
