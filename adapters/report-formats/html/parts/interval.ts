/** The two ends of a share as they stand beside its bar: one decimal, each rounded so that the interval only ever widens. */
import type { Share, Tally } from '@macadam/core/figures/share';
import { count } from '../../figures.ts';

/** Below this many assets counts lead: a percentage of few suggests a precision that is not there. */
const COUNTS_BELOW = 100;
/** What comes of a division may be this far from the step that it is. */
const SLACK = 1e-9;

export interface IntervalFigures
  extends Pick<Tally, 'pass' | 'unknown'>,
    Pick<Share, 'scope' | 'atLeast' | 'atMost'> {}

/** `99.9`, and never 100.0 for less than all. */
function tenths(fraction: number, round: (value: number) => number): string {
  const steps = Math.max(0, round(fraction * 1000));
  return (Math.min(steps, fraction < 1 ? 999 : 1000) / 10).toFixed(1);
}

export const percentAtLeast = (fraction: number): string =>
  tenths(fraction, (value) => Math.floor(value + SLACK));
export const percentAtMost = (fraction: number): string =>
  tenths(fraction, (value) => Math.ceil(value - SLACK));

/** What stands left and right of the bar. `62.0` and `91.0`; of few assets `12` and `15 of 40`; a dash where there is no share. */
export function intervalEnds(figures: IntervalFigures): { readonly least: string; readonly most: string } {
  const { pass, unknown, scope, atLeast, atMost } = figures;
  if (atLeast === null || atMost === null) return { least: '–', most: '' };
  // The share of a weighted measure is not one of assets, so their counts cannot stand for it.
  const ofAssets = scope > 0 && Math.abs(atLeast - pass / scope) < SLACK;
  if (scope < COUNTS_BELOW && ofAssets)
    return { least: count(pass), most: `${count(pass + unknown)} of ${count(scope)}` };
  return { least: percentAtLeast(atLeast), most: percentAtMost(atMost) };
}

const MINUS = '−';
/** `+1,208`, `−3`, `0`. */
export const signed = (value: number): string =>
  value === 0 ? '0' : value > 0 ? `+${count(value)}` : `${MINUS}${count(-value)}`;

/** A difference of two fractions in points: `+0.6`, `−2.6`, `0.0`. */
export function points(difference: number): string {
  const tenth = Math.round(difference * 1000) / 10;
  const shown = Math.abs(tenth).toFixed(1);
  if (shown === '0.0') return shown;
  return tenth > 0 ? `+${shown}` : `${MINUS}${shown}`;
}
