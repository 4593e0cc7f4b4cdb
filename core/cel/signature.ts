/**
 * What functions and operators take and give: one row an overload, with the specification's id. The checker chooses a
 * row, both compilers hold a table of meanings by id, so none of the three can know a function that another does not.
 */
import type { Type } from './type.ts';

/** Where a row comes from. `standard` is the specification's own; of the others a scope says which it allows. */
export type Library =
  | 'standard'
  | 'optional'
  | 'strings'
  | 'math'
  | 'network'
  | 'semver'
  | 'durations'
  | 'encoders';

export interface Signature {
  /** `add_int64`, `less_timestamp`; ids of functions that the specification does not name are made in its manner. */
  readonly id: string;
  /** As the tree has it: `_+_`, `size`, `math.greatest`. */
  readonly function: string;
  /** Whether it is written `x.f(…)`; `x` is then the first that it takes. */
  readonly method: boolean;
  readonly takes: readonly Type[];
  readonly gives: Type;
  readonly library: Library;
  /** Left out where a type has to be known before a run: it takes different types at once, or gives `dyn` or a type. */
  readonly loose?: true;
}

/** Makes the rows of one library: operators and functions by `plain`, those written behind a dot by `method`. */
export function rowsOf(library: Library) {
  const row =
    (method: boolean) =>
    (id: string, name: string, takes: readonly Type[], gives: Type): Signature => ({
      id,
      function: name,
      method,
      takes,
      gives,
      library,
    });
  return { plain: row(false), method: row(true) };
}

export const loose = (row: Signature): Signature => ({ ...row, loose: true });
