/** How large the simulated company is. Counts of assets are the models' own. */
export interface Size {
  readonly name: SizeName;
  readonly teams: number;
  /** Days from one tick to the next, always the same. */
  readonly every: number;
  /**
   * Of how many of the last ticks the observations are kept one by one. `all`: judged tick by tick as they come, by
   * closures; otherwise everything is judged set at a time in the engine.
   */
  readonly observed: 'all' | number;
}

export const SIZE_NAMES = ['small', 'report'] as const;
export type SizeName = (typeof SIZE_NAMES)[number] | 'tiny';

/** `tiny` is for tests. No trouble of a source lasts longer than three ticks, so four hold all that still counts. */
export const SIZES: Readonly<Record<SizeName, Size>> = {
  tiny: { name: 'tiny', teams: 24, every: 18, observed: 4 },
  small: { name: 'small', teams: 60, every: 7, observed: 4 },
  report: { name: 'report', teams: 2000, every: 7, observed: 0 },
};

/** Days of history. */
export const DAYS = 180;
