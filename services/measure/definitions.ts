/** What is asked of an estate: its own words, and the catalogue that they choose from and add to. */
import { join } from 'node:path';
import type { Mistake } from '@macadam/core/text/document';
import { didYouMean } from '@macadam/core/text/suggestion';
import { type Catalogue, type CatalogueStandard, loadCatalogue } from '../catalogue/load.ts';
import { estateMistakes } from './mistakes.ts';
import { type ReadEstate, readEstate } from './read.ts';

export interface DefinitionsRequest {
  /** Folder whose macadam.yaml is obeyed. No file inside a measured repository of an estate is. */
  readonly estateFolder: string;
  readonly catalogueRoots: readonly string[];
  /** Ids; empty means all. */
  readonly standards: readonly string[];
  readonly pillars: readonly string[];
  /** A folder for caches that may be deleted at any time. */
  readonly cacheDirectory: string;
  readonly now: () => Date;
}

export interface Definitions {
  readonly estate: ReadEstate;
  readonly catalogue: Catalogue;
  /** Standards that were asked for. */
  readonly asked: readonly CatalogueStandard[];
}

/** Reads them anew, or says what is wrong with the request or with macadam.yaml. */
export function readDefinitions(
  request: DefinitionsRequest,
): Definitions | { readonly mistakes: readonly Mistake[] } {
  const estate = readEstate(request.estateFolder, request.now());
  if ('mistakes' in estate) return estate;
  const roots = [
    ...request.catalogueRoots,
    ...estate.estate.catalogue.map((name) => join(estate.folder, name)),
  ];
  const catalogue = loadCatalogue(roots, estate.estate.parameters, request.cacheDirectory);
  const mistakes = [...estateMistakes(estate, catalogue), ...selectionMistakes(request, catalogue)];
  if (mistakes.length > 0) return { mistakes: [...catalogue.mistakes, ...mistakes] };
  const asked = catalogue.standards.filter(
    ({ id, definition }) =>
      (request.standards.length === 0 || request.standards.includes(id)) &&
      (request.pillars.length === 0 || request.pillars.includes(definition.pillar)),
  );
  return { estate, catalogue, asked };
}

function selectionMistakes(
  request: Pick<DefinitionsRequest, 'standards' | 'pillars'>,
  { standards }: Pick<Catalogue, 'standards'>,
): Mistake[] {
  const mistake = (field: string, reason: string): Mistake => ({
    file: 'command line',
    line: 1,
    column: 1,
    field,
    reason,
  });
  const ids = standards.map(({ id }) => id);
  const pillars = [...new Set(standards.map(({ definition }) => definition.pillar))];
  const unknown = (field: string, what: string, given: readonly string[], known: readonly string[]) =>
    given
      .filter((id) => !known.includes(id))
      .map((id) =>
        mistake(
          field,
          `there is no ${what} \`${id}\`${didYouMean(id, known) || `; there are ${known.join(', ')}`}`,
        ),
      );
  return [
    ...unknown('--standard', 'standard', request.standards, ids),
    ...unknown('--pillar', 'pillar', request.pillars, pillars),
  ];
}
