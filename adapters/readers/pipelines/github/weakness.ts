/** One weak spot of a workflow: the shape that every reader of them gives. */

import type { Unobserved } from '@macadam/core/facts/observation';
import { compact } from '../../../compact.ts';
import type { Place } from '../document.ts';
import type { Placed } from '../facts.ts';

export type Rule =
  | 'privileged-trigger'
  | 'insecure-commands'
  | 'environment-file'
  | 'spoofable-condition'
  | 'constant-condition'
  | 'lost-ternary'
  | 'persisted-credentials'
  | 'credentials-uploaded'
  | 'cache-in-release'
  | 'cache-beside-release'
  | 'secrets-inherited'
  | 'secrets-whole'
  | 'secret-outside-environment'
  | 'self-hosted-runner'
  | 'obscured-reference'
  | 'constant-expression'
  | 'loose-contains'
  | 'written-credentials'
  | 'secret-unmasked'
  | 'unlocked-install'
  | 'registry-token'
  | 'runs-unlimited'
  | 'odd-setting'
  | 'archived-action'
  | 'replaceable-action'
  | 'unpinned-tool'
  | 'lookalike-action'
  | 'broad-app-token';

export interface Weakness extends Place {
  readonly rule: Rule;
  readonly text: string;
  /** False where a default decides and not the file's own words; unobserved where a value is made at run time. */
  readonly stated?: boolean | Unobserved;
  /** A step that is known to need it. */
  readonly needed_by?: string;
  readonly job?: string;
  /** Of another file of the repository that this one runs. */
  readonly path?: string;
}

/** Elements of the attribute; two of one rule at one place are one. */
export function weaknessValues(list: readonly Weakness[]): readonly Placed[] {
  const found = new Map<string, Placed>();
  for (const { rule, text, stated = true, needed_by, job, path, line, col } of list) {
    const key = `${path === undefined ? '' : `${path}:`}${rule}:${line}:${col}`;
    if (!found.has(key))
      found.set(
        key,
        compact({
          key,
          rule,
          text,
          stated,
          needed_by,
          line,
          col,
          ...(job === undefined || job === '' ? {} : { job }),
          path,
        }),
      );
  }
  return [...found.values()];
}
