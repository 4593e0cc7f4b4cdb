/**
 * Paths that macadam.yaml asks not to look at. Leaving out is not looking: what a pattern covers is known to be there and
 * unobserved, with the line that says so.
 */
import type { Unobserved } from '@macadam/core/facts/observation';

/** One line of `excludes`. */
export interface Exclusion {
  /** `*` stands for any part of a name, `**` for any folders; one that names a folder covers what is in it. */
  readonly pattern: string;
  /** Where it is written, as people read it: `macadam.yaml:3`. */
  readonly stated: string;
}

/** Finds the exclusion that covers a path, the first of several; undefined for a path that is looked at. */
export function excluder(exclusions: readonly Exclusion[]): (path: string) => Exclusion | undefined {
  const compiled = exclusions.map((exclusion) => ({
    exclusion,
    expression: expressionOf(exclusion.pattern),
  }));
  return (path) => compiled.find(({ expression }) => expression.test(path))?.exclusion;
}

/** What is known of something that an exclusion covers. */
export function leftOut({ pattern, stated }: Exclusion): Unobserved {
  return {
    unobserved: 'incomplete',
    why: `${stated} leaves \`${pattern}\` out, so nobody looked; take that line out to measure it`,
  };
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/^\.?\/+|\/+$/g, '')
    .replaceAll(/[.+^${}()|[\]\\?]/g, '\\$&')
    .replaceAll(/(?:\*\*\/)+|\*\*+|\*/g, (stars) =>
      stars.endsWith('/') ? '(?:.*/)?' : stars.length > 1 ? '.*' : '[^/]*',
    );
  return new RegExp(`^(?:${source})(?:/|$)`);
}
