/**
 * How many elements one run may still go through. The cost of an expression is known when it is loaded, for lists as long as their kind says;
 * a list that is longer than anybody thought must not keep everything else waiting. Counted and not timed, so that the same facts always
 * come to the same verdict.
 */

/** Nothing counts outside `limited`. */
export const steps = { left: Number.POSITIVE_INFINITY };

/** Thrown out of a run that went through more than it may, and caught by `limited`. */
class TookTooLong extends Error {}

export function tooLong(): never {
  throw new TookTooLong();
}

/** What `run` gives, or `otherwise` where it goes through more elements than `most`. Nothing is limited twice: the outermost limit counts. */
export function limited<T, O>(most: number, run: () => T, otherwise: O): T | O {
  if (steps.left !== Number.POSITIVE_INFINITY) return run();
  steps.left = most;
  try {
    return run();
  } catch (error) {
    if (error instanceof TookTooLong) return otherwise;
    throw error;
  } finally {
    steps.left = Number.POSITIVE_INFINITY;
  }
}
