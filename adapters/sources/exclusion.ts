/**
 * Paths that macadam.yaml asks not to look at. Leaving out is not looking: what a pattern covers is known to be there and
 * unobserved, with the line that says so.
 */
import type { Unobserved } from '@macadam/core/facts/observation';
import { type CentralExclusion, centralExclusionSaid } from '@macadam/core/verdicts/central-exclusion';

/** One line of `excludes`. */
export interface Exclusion {
  /** `*` stands for any part of a name, `**` for any folders; one that names a folder covers what is in it. */
  readonly pattern: string;
  /** Where it is written, as people read it: `macadam.yaml:3`. */
  readonly stated: string;
  /** What somebody approved for the company; left out where the estate's own file just says so. */
  readonly central?: CentralExclusion;
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
export function leftOut({ pattern, stated, central }: Exclusion): Unobserved {
  if (central !== undefined)
    return {
      unobserved: 'incomplete',
      why: `${centralExclusionSaid(central)} (${stated}, \`${pattern}\`), so nobody looked; it is measured again after that day`,
    };
  return {
    unobserved: 'incomplete',
    why: `${stated} leaves \`${pattern}\` out, so nobody looked; take that line out to measure it`,
  };
}

/** The sentence of a problem that says how much an exclusion covers. */
export const leftOutSentence = (name: string, files: number, why: string): string =>
  `${name}: ${files} ${files === 1 ? 'file was' : 'files were'} not looked at: ${why}`;

const SENTENCE = /^.*?: (\d+) files? (?:was|were) not looked at: (.*)$/s;

/** How much a sentence of a problem says is left out, and why; null for another sentence. */
export function leftOutOf(sentence: string): { readonly files: number; readonly why: string } | null {
  const [, files, why] = SENTENCE.exec(sentence) ?? [];
  return files === undefined || why === undefined ? null : { files: Number(files), why };
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/^\.?\/+|(?<!\/)\/+$/g, '')
    .replaceAll(/[.+^${}()|[\]\\?]/g, '\\$&')
    .replaceAll(/(?:\*\*\/)+|\*\*+|\*/g, (stars) =>
      stars.endsWith('/') ? '(?:.*/)?' : stars.length > 1 ? '.*' : '[^/]*',
    );
  return new RegExp(`^(?:${source})(?:/|$)`);
}
