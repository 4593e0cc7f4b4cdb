/**
 * The one arithmetic. A share is an interval over all assets in scope: at least what passes, at most what passes or is
 * unknown. `not-applicable` stands outside; an excepted failure is a failure, and its share stands beside.
 */

/** How many assets of a group got which verdict. `unknown` includes unnamed ones; `excepted` is a part of `fail`. */
export interface Tally {
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly notApplicable: number;
  readonly excepted: number;
}

export interface Share {
  /** Number of assets in scope. */
  readonly scope: number;
  /** Fractions of `scope`; null when nothing is in scope, which is never 100 %. */
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly measured: number | null;
  /** `atLeast` with the excepted failures counted as met. */
  readonly adjustedAtLeast: number | null;
}

export function share(tally: Tally): Share {
  const scope = tally.pass + tally.fail + tally.unknown;
  const of = (count: number) => (scope === 0 ? null : count / scope);
  return {
    scope,
    atLeast: of(tally.pass),
    atMost: of(tally.pass + tally.unknown),
    measured: of(tally.pass + tally.fail),
    adjustedAtLeast: of(tally.pass + tally.excepted),
  };
}
