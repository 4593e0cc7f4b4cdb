/** What a model says of one kind: how many assets, who sees them, and each attribute as an expression. */
import type { SizeName } from './size.ts';
import type { SourceName } from './source.ts';
import type { Terms } from './terms.ts';

export interface Model {
  readonly kind: string;
  /** The first sees everything that `aside` does not name; the second, what `aside` names. Both list every asset. */
  readonly sources: readonly [SourceName] | readonly [SourceName, SourceName];
  /** Living assets at the first tick. */
  readonly count: Readonly<Record<SizeName, number>>;
  /** Assets that appear later, and that go, as shares of `count`; the latter may be an expression that is true of them. */
  readonly comes: number;
  readonly leaves: number | ((terms: Terms) => string);
  /** Most leave at the beginning. */
  readonly early?: boolean;
  readonly attributes: (terms: Terms) => Readonly<Record<string, Said>>;
  /** Attributes that the second source says. */
  readonly aside?: readonly string[];
}

/** A scalar or a list of scalars as an expression, where NULL is absent; or what is below. */
export type Said = string | SaidRecord | SaidList;

export interface SaidRecord {
  /** True where there is one. Default: always. */
  readonly there?: string;
  readonly fields: Readonly<Record<string, Said>>;
}

export interface SaidList {
  /** Number of elements. */
  readonly size: string;
  /** Expressions over `i`, which counts from 0; NULL is absent. */
  readonly each: Readonly<Record<string, string>>;
}

/** The number of an element within `each`. */
export const EACH = 'i';

/** Numbers that `tiny` and `small` share with nobody. */
export const counts = (tiny: number, small: number, report: number): Model['count'] => ({
  tiny,
  small,
  report,
});

/** Where almost everything of the company is. */
export const ENVIRONMENTS = {
  production: 46,
  government: 4,
  productivity: 15,
  development: 22,
  test: 13,
} as const;
