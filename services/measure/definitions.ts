/** What is asked of an estate: its own words, and the catalogue that they choose from and add to. */
import { join } from 'node:path';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { didYouMean } from '@macadam/core/text/suggestion';
import { type LastGood, lastGoodStandard, type Missing, NO_LAST_GOOD } from '../catalogue/last-good.ts';
import { type Catalogue, type CatalogueStandard, loadCatalogue } from '../catalogue/load.ts';
import { withRollouts } from '../catalogue/rollouts.ts';
import { type UnfitParameter, unfitParameters, unfitTargets, unknownStandards } from './mistakes.ts';
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

/** Says how what does not load was defined last. */
export type AskLastGood = (missing: Missing) => Promise<LastGood>;

/**
 * Reads them anew, or says what is wrong with the request or with macadam.yaml. Where it is known how things were defined last,
 * what does not load stays as it was, and what a parameter does not fit as well. `already`: as they were read just now, by
 * `NO_LAST_GOOD`.
 */
export async function definitionsInForce(
  request: DefinitionsRequest,
  askLastGood: AskLastGood | undefined,
  already?: Definitions,
): Promise<Definitions | { readonly mistakes: readonly FileDiagnostic[] }> {
  if (askLastGood === undefined) return readDefinitions(request);
  const read = already ?? readDefinitions(request, NO_LAST_GOOD);
  if ('mistakes' in read) return read;
  const { unloaded, unloadedKinds } = read.catalogue;
  if (unloaded.size === 0 && unloadedKinds.length === 0) return read;
  return readDefinitions(
    request,
    await askLastGood({ standards: [...unloaded.keys()], kinds: unloadedKinds }),
  );
}

/** Reads them anew, or says what is wrong with the request or with macadam.yaml. */
export function readDefinitions(
  request: DefinitionsRequest,
  lastGood?: LastGood,
): Definitions | { readonly mistakes: readonly FileDiagnostic[] } {
  const estate = readEstate(request.estateFolder, request.now());
  if ('mistakes' in estate) return estate;
  const roots = [
    ...request.catalogueRoots,
    ...estate.estate.catalogue.map((name) => join(estate.folder, name)),
  ];
  const loaded = loadCatalogue(roots, estate.estate.parameters, request.cacheDirectory, lastGood);
  const unfit = unfitParameters(estate, loaded);
  const fitting = lastGood === undefined ? loaded : withoutUnfit(loaded, unfit, lastGood);
  const catalogue = withRollouts(fitting, estate.estate.rollouts);
  const mistakes = [
    ...(lastGood === undefined ? unfit.map(({ mistake }) => mistake) : []),
    ...unfitTargets(estate, catalogue),
    ...unknownStandards(estate, catalogue),
    ...selectionMistakes(request, catalogue),
  ];
  if (mistakes.length > 0) return { mistakes: [...catalogue.mistakes, ...mistakes] };
  const asked = catalogue.standards.filter(
    ({ id, definition }) =>
      (request.standards.length === 0 || request.standards.includes(id)) &&
      (request.pillars.length === 0 || request.pillars.includes(definition.pillar)),
  );
  return { estate, catalogue, asked };
}

/** What a parameter does not fit is judged as it was, and never by values that nobody chose. */
function withoutUnfit(catalogue: Catalogue, unfit: readonly UnfitParameter[], lastGood: LastGood): Catalogue {
  if (unfit.length === 0) return catalogue;
  const grouped = Map.groupBy(unfit, ({ standard }) => standard);
  const mistakesOf = new Map([...grouped].map(([id, own]) => [id, own.map(({ mistake }) => mistake)]));
  const { kinds } = catalogue;
  const standards = catalogue.standards.flatMap((one) => {
    const mistakes = mistakesOf.get(one.id);
    if (mistakes === undefined) return [one];
    return lastGoodStandard(one.id, one.file, { mistakes, kinds, lastGood }) ?? [];
  });
  return {
    ...catalogue,
    standards,
    unloaded: new Map([...catalogue.unloaded, ...mistakesOf]),
    mistakes: [...catalogue.mistakes, ...unfit.map(({ mistake }) => mistake)],
  };
}

function selectionMistakes(
  request: Pick<DefinitionsRequest, 'standards' | 'pillars'>,
  { standards }: Pick<Catalogue, 'standards'>,
): FileDiagnostic[] {
  const mistake = (field: string, reason: string): FileDiagnostic => ({
    file: '',
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
