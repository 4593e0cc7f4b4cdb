/** One weak spot of a workflow: the shape that every reader of them gives. */
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
  | 'cache-in-release'
  | 'secrets-inherited'
  | 'secrets-whole'
  | 'secret-outside-environment'
  | 'self-hosted-runner'
  | 'obscured-reference'
  | 'constant-expression'
  | 'loose-contains'
  | 'written-credentials'
  | 'secret-unmasked';

export interface Weakness extends Place {
  readonly rule: Rule;
  readonly text: string;
  /** False where a default or a value made at run time decides, not the file's own words. */
  readonly stated?: boolean;
  readonly job?: string;
  /** Of another file of the repository that this one runs. */
  readonly path?: string;
}

/** Elements of the attribute; two of one rule at one place are one. */
export function weaknessValues(list: readonly Weakness[]): readonly Placed[] {
  const found = new Map<string, Placed>();
  for (const { rule, text, stated = true, job, path, line, col } of list) {
    const key = `${path === undefined ? '' : `${path}:`}${rule}:${line}:${col}`;
    if (!found.has(key))
      found.set(key, {
        key,
        rule,
        text,
        stated,
        line,
        col,
        ...(job === undefined || job === '' ? {} : { job }),
        ...(path === undefined ? {} : { path }),
      });
  }
  return [...found.values()];
}
