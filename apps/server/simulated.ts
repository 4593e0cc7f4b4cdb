/** A simulated company instead of a measured estate: filled once, and from then on opened as it was. */
import { loadCatalogue } from '@macadam/adapters/catalogue/load';
import { pastOf } from '@macadam/adapters/facts/history/past';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import type { Simulated } from '@macadam/adapters/facts/simulated';
import { SIMULATED_PARAMETERS } from '@macadam/adapters/simulation/parameters';
import { type SimulationProgress, simulate } from '@macadam/adapters/simulation/simulate';
import type { SizeName } from '@macadam/adapters/simulation/size';
import { HERE } from './folder.ts';
import type { Site } from './past.ts';

/** What every page says of it. */
export function saidOfSimulated({ size, seed, whole }: Pick<Simulated, 'size' | 'seed' | 'whole'>): string {
  const cut = whole ? '' : ' It was cut off before it was whole; start again with another folder.';
  return `Every team, asset and figure here is made up (size ${size}, seed ${seed}); nothing of it was measured.${cut}`;
}

export function divisionsOf({ organisation }: Pick<Simulated, 'organisation'>): ReadonlyMap<string, string> {
  const names = new Map(organisation.divisions.map(({ id, name }) => [id, name]));
  return new Map(organisation.teams.map(({ id, division }) => [id, names.get(division) ?? division]));
}

/** Rejects as the store does, and with `FactsError` where the folder holds something else. */
export async function simulatedSite(
  place: string,
  size: SizeName,
  now: () => Date,
  progress: (progress: SimulationProgress) => void,
): Promise<{ readonly site: Site; readonly stores: Stores }> {
  const { kinds, standards } = loadCatalogue([HERE], SIMULATED_PARAMETERS);
  const stores = await openStores(place, { kinds, now });
  try {
    const compiled = standards.map((one) => one.compiled);
    const mark =
      stores.simulated() ??
      (await simulate(stores, { size, until: now(), kinds, standards: compiled }, progress));
    const site: Site = {
      ...{ past: pastOf(stores.history), facts: stores.facts, title: 'a simulated company', now },
      ...{ simulated: saidOfSimulated(mark), divisions: divisionsOf(mark) },
      standards: new Map(standards.map((one) => [one.id, one])),
    };
    return { site, stores };
  } catch (error) {
    await stores.close();
    throw error;
  }
}
