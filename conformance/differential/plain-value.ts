/** The reference's values: tagged, whole, and slow on purpose. */
import { CAUSES, type Cause } from '@macadam/core/facts/observation';

export type Plain =
  | { readonly is: 'bool'; readonly of: boolean }
  | { readonly is: 'int'; readonly of: bigint }
  | { readonly is: 'uint'; readonly of: bigint }
  | { readonly is: 'double'; readonly of: number }
  | { readonly is: 'string'; readonly of: string }
  /** Nanoseconds. */
  | { readonly is: 'timestamp' | 'duration'; readonly of: bigint }
  | { readonly is: 'list'; readonly of: readonly Plain[]; readonly complete: boolean; readonly path: string }
  | {
      readonly is: 'map';
      readonly of: ReadonlyMap<string, Plain>;
      readonly complete: boolean;
      readonly path: string;
    }
  /** A field that is not there is absent. */
  | { readonly is: 'record'; readonly of: ReadonlyMap<string, Plain>; readonly path: string }
  /** Family and bits of an address, with `/` and a length for a network. */
  | { readonly is: 'ip' | 'cidr'; readonly of: string }
  | {
      readonly is: 'semver';
      readonly of: { readonly numbers: readonly bigint[]; readonly before: readonly string[] };
    }
  | { readonly is: 'optional'; readonly of: Plain | null }
  | { readonly is: 'undecided'; readonly causes: readonly Reasoned[] };

export interface Reasoned {
  readonly cause: Cause;
  readonly path: string;
}

export type Undecided = Plain & { readonly is: 'undecided' };

export const undecided = (cause: Cause, path: string): Undecided => ({
  is: 'undecided',
  causes: [{ cause, path }],
});
export const error = undecided('undefined', '');
export const bool = (of: boolean): Plain => ({ is: 'bool', of });
export const int = (of: bigint): Plain =>
  of > 2n ** 63n - 1n || of < -(2n ** 63n) ? error : { is: 'int', of };
export const uint = (of: bigint): Plain => (of > 2n ** 64n - 1n || of < 0n ? error : { is: 'uint', of });
export const double = (of: number): Plain => ({ is: 'double', of });
export const string = (of: string): Plain => ({ is: 'string', of });
export const SECOND = 1_000_000_000n;
export const timestamp = (of: bigint): Plain =>
  of < -62_135_596_800n * SECOND || of > 253_402_300_799n * SECOND + SECOND - 1n
    ? error
    : { is: 'timestamp', of };
/** The specification's suite asks that 9999 − 0001 is an error: a duration is 64 bits of nanoseconds. */
export const duration = (of: bigint): Plain =>
  of < -(2n ** 63n) || of > 2n ** 63n - 1n ? error : { is: 'duration', of };

/** The cause that is shown: the strongest, then the first by path. */
export function shown(value: Undecided): Reasoned {
  const order = (one: Reasoned) => CAUSES.indexOf(one.cause);
  const [first] = value.causes.toSorted(
    (a, b) => order(a) - order(b) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
  return first ?? { cause: 'unobserved', path: '' };
}

export function join(values: readonly Plain[]): Undecided {
  return {
    is: 'undecided',
    causes: values.flatMap((value) => (value.is === 'undecided' ? value.causes : [])),
  };
}
