/** What an expression may call, and how strict its checker is. */
import type { Library, Signature } from './signature.ts';
import { DURATIONS } from './signatures/durations.ts';
import { ENCODERS } from './signatures/encoders.ts';
import { MATH } from './signatures/math.ts';
import { NETWORK } from './signatures/network.ts';
import { OPTIONAL } from './signatures/optional.ts';
import { SEMANTIC_VERSIONS } from './signatures/semver.ts';
import { STANDARD } from './signatures/standard.ts';
import { STRINGS } from './signatures/strings.ts';

/** Every row there is; ids are unique. */
export const SIGNATURES: readonly Signature[] = [
  ...STANDARD,
  ...OPTIONAL,
  ...STRINGS,
  ...MATH,
  ...NETWORK,
  ...SEMANTIC_VERSIONS,
  ...DURATIONS,
  ...ENCODERS,
];

export interface Language {
  /**
   * `standards`: every type is known when a standard is loaded, only values of one type are compared, patterns are
   * constant, and what may be absent is not read before it is known to be there. `cel`: the specification's checker.
   */
  readonly rules: 'standards' | 'cel';
  /** Rows by the name that is written. */
  readonly functions: ReadonlyMap<string, readonly Signature[]>;
}

export function language(
  rules: Language['rules'],
  libraries: readonly Library[],
  more: readonly Signature[] = [],
): Language {
  const functions = new Map<string, Signature[]>();
  for (const row of [...SIGNATURES, ...more]) {
    if (!libraries.includes(row.library) || (rules === 'standards' && row.loose)) continue;
    const rows = functions.get(row.function) ?? [];
    rows.push(row);
    functions.set(row.function, rows);
  }
  return { rules, functions };
}

export const STANDARDS: Language = language('standards', [
  'standard',
  'optional',
  'strings',
  'math',
  'network',
  'semver',
  'durations',
]);
