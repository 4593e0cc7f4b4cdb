/** What macadam.yaml says that no catalogue bears out: the same for every command that obeys it. */
import { basename, dirname } from 'node:path';
import type { Mistake } from '@macadam/core/text/document';
import { didYouMean } from '@macadam/core/text/suggestion';
import { overrideMistake } from '@macadam/core/verdicts/compiled-standard';
import type { Catalogue } from '../catalogue/load.ts';
import type { ReadEstate } from './read.ts';

/** A sentence about one field of macadam.yaml, with its line. */
export function inEstate(
  { file, lineOf }: ReadEstate,
  path: readonly (string | number)[],
  reason: string,
): Mistake {
  return { file, line: lineOf(path), column: 1, field: path.join('.'), reason };
}

/** Parameters and exceptions of standards that are not there, and parameters that cannot have their value. */
export function estateMistakes(
  read: ReadEstate,
  { standards, mistakes }: Pick<Catalogue, 'standards' | 'mistakes'>,
): Mistake[] {
  const { estate } = read;
  const byId = new Map(standards.map(({ id, definition }) => [id, definition]));
  const unloaded = new Set(mistakes.map(({ file }) => basename(dirname(file))));
  const unknownStandard = (id: string) =>
    unloaded.has(id)
      ? `the standard \`${id}\` does not load; mend that first`
      : `there is no standard \`${id}\`${didYouMean(id, byId.keys())}`;
  return [
    ...Object.entries(estate.parameters).flatMap(([id, values]) => {
      const definition = byId.get(id);
      if (!definition) return [inEstate(read, ['parameters', id], unknownStandard(id))];
      return Object.entries(values).flatMap(([name, value]) => {
        const reason = overrideMistake(definition, name, value);
        return reason ? [inEstate(read, ['parameters', id, name], reason)] : [];
      });
    }),
    ...estate.exceptions.flatMap(({ standard }, index) =>
      byId.has(standard)
        ? []
        : [inEstate(read, ['exceptions', index, 'standard'], unknownStandard(standard))],
    ),
  ];
}
