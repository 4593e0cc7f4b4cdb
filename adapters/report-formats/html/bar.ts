/**
 * One bar from at-least to at-most: what passes is solid, what is unknown is hatched, what fails is empty. The three
 * differ in texture, not only in colour, so they survive greyscale, print and forced colours. The words beside the
 * bar say the same, so it is hidden from screen readers.
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

/** The pattern that all bars of a document fill their unknown part with; stands in it once. */
export const hatching: Markup = html`<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="gap" width="6" height="6"/><rect class="stripe" width="2.5" height="6"/></pattern>
</defs></svg>`;

const percent = (value: number) => `${Number(value.toFixed(3))}%`;

function part(name: string, x: number, width: number): Markup | null {
  if (width === 0) return null;
  return html`<svg x="${percent(x)}" width="${percent(width)}" height="14"><rect class="${name}" x="0.75" y="0.75" width="100%" height="12.5"/></svg>`;
}

/** How much of a standard is measured: decided is solid, unknown is hatched. */
export function measuredBar(standard: Figures): Markup {
  const decided = widths({ ...standard, pass: standard.pass + standard.fail, fail: 0 });
  return html`<svg class="bar" width="100%" height="14" aria-hidden="true" focusable="false">${part('decided', 0, decided.pass)}${part('unknown', decided.pass, decided.unknown)}</svg>`;
}

export function bar(standard: Figures): Markup {
  if (standard.scope === 0) {
    return html`<svg class="bar none" width="100%" height="14" aria-hidden="true" focusable="false"><line x1="0" x2="100%" y1="7" y2="7"/></svg>`;
  }
  const { pass, unknown, fail } = widths(standard);
  return html`<svg class="bar" width="100%" height="14" aria-hidden="true" focusable="false">${part('pass', 0, pass)}${part('unknown', pass, unknown)}${part('fail', pass + unknown, fail)}</svg>`;
}
