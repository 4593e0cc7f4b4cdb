/** What macadam.yaml says that no catalogue bears out: the same for every command that obeys it. */

import { commitmentMistake } from '@macadam/core/figures/target';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { didYouMean } from '@macadam/core/text/suggestion';
import { overrideMistake } from '@macadam/core/verdicts/compiled-standard';
import type { Catalogue } from '../catalogue/load.ts';
import type { ReadEstate } from './read.ts';

/** A sentence about one field of macadam.yaml, with its line. */
export function inEstate(
  { file, lineOf }: ReadEstate,
  path: readonly (string | number)[],
  reason: string,
): FileDiagnostic {
  return { file, line: lineOf(path), column: 1, field: path.join('.'), reason };
}

/** A sentence about the parameter of a standard, and which standard that is. */
export interface UnfitParameter {
  readonly standard: string;
  readonly mistake: FileDiagnostic;
}

/** Parameters that cannot have their value. Of what is judged by its last good version the old values count. */
export function unfitParameters(
  read: ReadEstate,
  { standards }: Pick<Catalogue, 'standards'>,
): readonly UnfitParameter[] {
  return standards.flatMap(({ id, definition, lastGood }) => {
    const values = Object.hasOwn(read.estate.parameters, id) ? read.estate.parameters[id] : undefined;
    if (values === undefined || lastGood !== undefined) return [];
    return Object.entries(values).flatMap(([name, value]) => {
      const reason = overrideMistake(definition, name, value);
      return reason === null
        ? []
        : [{ standard: id, mistake: inEstate(read, ['parameters', id, name], reason) }];
    });
  });
}

/** All that no catalogue bears out. */
export function estateMistakes(
  read: ReadEstate,
  catalogue: Pick<Catalogue, 'standards' | 'unloaded'>,
): FileDiagnostic[] {
  return [
    ...unfitParameters(read, catalogue).map(({ mistake }) => mistake),
    ...unfitTargets(read, catalogue),
    ...unknownStandards(read, catalogue),
  ];
}

/** Targets that say a half: a share without a day, or a day without a share. */
export function unfitTargets(
  read: ReadEstate,
  { standards }: Pick<Catalogue, 'standards'>,
): FileDiagnostic[] {
  return standards.flatMap(({ id, definition }) => {
    const reason = commitmentMistake(definition, read.estate.targets);
    return reason === null ? [] : [inEstate(read, ['targets', id], `the target of \`${id}\` ${reason}`)];
  });
}

/** Parameters, targets, rollouts, campaigns and exceptions of standards that are not there. What a file that does not load calls itself is there. */
export function unknownStandards(
  read: ReadEstate,
  { standards, unloaded }: Pick<Catalogue, 'standards' | 'unloaded'>,
): FileDiagnostic[] {
  const { estate } = read;
  const known = new Set([...standards.map(({ id }) => id), ...unloaded.keys()]);
  const unknownStandard = (id: string) => `there is no standard \`${id}\`${didYouMean(id, known)}`;
  return [
    ...Object.keys(estate.parameters).flatMap((id) =>
      known.has(id) ? [] : [inEstate(read, ['parameters', id], unknownStandard(id))],
    ),
    ...Object.keys(estate.targets).flatMap((id) =>
      known.has(id) ? [] : [inEstate(read, ['targets', id], unknownStandard(id))],
    ),
    ...Object.keys(estate.rollouts).flatMap((id) =>
      known.has(id) ? [] : [inEstate(read, ['rollouts', id], unknownStandard(id))],
    ),
    ...Object.entries(estate.campaigns).flatMap(([campaign, { standards: named }]) =>
      named.flatMap((id, index) =>
        known.has(id)
          ? []
          : [inEstate(read, ['campaigns', campaign, 'standards', index], unknownStandard(id))],
      ),
    ),
    ...estate.exceptions.flatMap(({ standard }, index) =>
      known.has(standard)
        ? []
        : [inEstate(read, ['exceptions', index, 'standard'], unknownStandard(standard))],
    ),
  ];
}
