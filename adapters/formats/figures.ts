/** How figures are written for people. The figures themselves come from the scan. */
import type { ScanStandard } from '@macadam/core/scan';

const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** `12,345`. */
export function count(value: number): string {
  return grouped.format(value);
}

/**
 * A fraction as a whole percentage; what is neither nothing nor everything never reads as 0 % or 100 %: it gets
 * decimals until it differs, four at most, then `> 99.99 %`. The space does not break.
 */
export function percent(fraction: number): string {
  if (fraction === 0) return '0\u00a0%';
  if (fraction === 1) return '100\u00a0%';
  for (const digits of [0, 1, 2]) {
    const text = (fraction * 100).toFixed(digits);
    if (Number(text) > 0 && Number(text) < 100) return `${text}\u00a0%`;
  }
  return fraction < 0.5 ? '< 0.01\u00a0%' : '> 99.99\u00a0%';
}

/**
 * The share of a standard in words: `at least 62 %, at most 91 %`. Under 100 assets counts lead, and nothing in
 * scope has no share.
 */
export function interval(standard: ScanStandard): string {
  const { scope, pass, unknown, atLeast, atMost } = standard;
  if (atLeast === null || atMost === null) return 'nothing in scope, so no share';
  const share =
    atLeast === atMost ? percent(atLeast) : `at least ${percent(atLeast)}, at most ${percent(atMost)}`;
  if (scope >= 100) return share;
  const counts = unknown === 0 ? `${pass} of ${scope}` : `${pass} to ${pass + unknown} of ${scope}`;
  return `${counts} (${share})`;
}
