/** How often laws are tried at random: some of the times in `npm test` and `npm run conformance`, and as many as one likes by hand. */

/** Of a hundred: chance finds what is wrong in the first cases or after very many, and every run draws others. */
const SHARE = 0.3;

/**
 * So many of `all` random cases as this run tries: 30 of a hundred, or `MACADAM_RUNS` times all of them. Throws `RangeError` where
 * that is no number above 0.
 */
export function runs(all: number): number {
  const asked = process.env.MACADAM_RUNS;
  const times = asked === undefined ? SHARE : Number(asked);
  if (!(times > 0 && Number.isFinite(times)))
    throw new RangeError(
      `MACADAM_RUNS is ${asked}; write how many times all cases are tried, such as 1 or 10`,
    );
  return Math.ceil(all * times);
}
