/** The contract of `get/fix.ts` in a standard's folder: pure, from what is known and what the files say to new files. */
import type { Value } from '../facts/observation.ts';

export interface FixInput {
  readonly asset: {
    readonly id: string;
    readonly kind: string;
    readonly name: string;
    /** Observed values; a key that is missing is absent or unobserved: a fix never guesses. */
    readonly attributes: Readonly<Record<string, Value | undefined>>;
    readonly location?: { readonly path: string; readonly line?: number };
  };
  readonly params: Readonly<Record<string, Value>>;
  /** Text of a file of the repository, or undefined when there is none. */
  readonly read: (path: string) => string | undefined;
  /** Commit that a tag or branch of `owner/repo` names, or undefined when nothing here knows. */
  readonly resolve: (repository: string, ref: string) => string | undefined;
  /** The most exact version tag of `owner/repo` that names a commit, or undefined when nothing here knows one. */
  readonly versionOf: (repository: string, commit: string) => string | undefined;
}

/** Of the tags that name one commit the one that says most: `v4.2.2` before `v4`; undefined where none is a version. */
export function exactVersion(tags: readonly string[]): string | undefined {
  return tags
    .filter((tag) => /^v?\d+(\.\d+)*([-+.][\w.+-]*)?$/.test(tag))
    .reduce<string | undefined>(
      (best, tag) => (best === undefined || tag.split('.').length > best.split('.').length ? tag : best),
      undefined,
    );
}

export interface FixResult {
  /** New text of each file that changes, by path. Empty when nothing can or need be done. */
  readonly files: Readonly<Record<string, string>>;
  /** What could not be mended and why, or what a person must decide; one sentence each. */
  readonly notes: readonly string[];
}

/** Applied to its own result it changes nothing more. */
export type Fix = (input: FixInput) => FixResult;
