/** Joins of what is undecided, and the check that a value which only running shows is a condition. */
import { type Data, together, Unknown, undefinedHere } from './value.ts';

/** The causes of those of two values that are unknown; at least one is. */
export function join(a: Data, b: Data): Unknown {
  if (!(a instanceof Unknown)) return b as Unknown;
  return b instanceof Unknown && b !== a ? together([a, b]) : a;
}

/** The causes of those that are unknown; at least one is. */
export function joinAll(values: readonly Data[]): Unknown {
  const undecided = values.filter((value) => value instanceof Unknown);
  return undecided.length === 1 ? (undecided[0] as Unknown) : together(undecided);
}

/** A function on one value that may be unknown. */
export function strict1(run: (a: never) => Data, a: Data): Data {
  return a instanceof Unknown ? a : run(a as never);
}

/** A function on two values of which any may be unknown. */
export function strict2(run: (a: never, b: never) => Data, a: Data, b: Data): Data {
  return a instanceof Unknown || b instanceof Unknown ? join(a, b) : run(a as never, b as never);
}

/** A value of a type that only running shows, where a condition is needed. */
export function condition(value: Data): boolean | Unknown {
  if (typeof value === 'boolean' || value instanceof Unknown) return value;
  return undefinedHere('a condition is needed here, and this is none');
}
