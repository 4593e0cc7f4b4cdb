/** What fails, by its standard: the gravest first, and of several as grave the one with the most failures. */
import { type Finding, SEVERITIES } from '@macadam/core/figures/scan';

/** `failures` are the worst first. */
export const gravestFirst = (failures: readonly Finding[]): readonly [string, readonly Finding[]][] =>
  [...Map.groupBy(failures, ({ standard }) => standard)].toSorted(
    ([a, left], [b, right]) =>
      gravity(left) - gravity(right) || right.length - left.length || (a < b ? -1 : 1),
  );

const gravity = ([first]: readonly Finding[]): number =>
  first === undefined ? SEVERITIES.length : SEVERITIES.indexOf(first.severity);
