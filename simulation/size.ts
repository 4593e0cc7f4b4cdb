/** How large the simulated company is. Counts of assets are the models' own. */
export interface Size {
  readonly name: SizeName;
  readonly teams: number;
  /** Of history. */
  readonly days: number;
  /**
   * Days from one tick to the next, always the same. Two is as far as almost every standard lets evidence age: from a
   * longer tick to the next, everything would first grow stale and then be seen again.
   */
  readonly every: number;
  /**
   * Which observations are kept one by one. `all`: and then everything is judged tick by tick as they come, by closures.
   * Otherwise it is judged set at a time in the engine; `newest`: of every asset and source the last one, which is all
   * that still counts at the end.
   */
  readonly observed: 'all' | 'newest' | 'none';
}

export const SIZE_NAMES = ['small', 'report'] as const;
export type SizeName = (typeof SIZE_NAMES)[number] | 'tiny';

/** `tiny` is for tests. */
export const SIZES: Readonly<Record<SizeName, Size>> = {
  tiny: { name: 'tiny', teams: 24, days: 20, every: 2, observed: 'newest' },
  small: { name: 'small', teams: 60, days: 180, every: 2, observed: 'newest' },
  report: { name: 'report', teams: 2000, days: 180, every: 2, observed: 'none' },
};
