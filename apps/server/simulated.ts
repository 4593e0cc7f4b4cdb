/** A simulated company instead of a measured estate: filled once, and from then on opened as it was. */
import { loadCatalogue } from '@macadam/adapters/catalogue/load';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { pastOf } from '@macadam/adapters/facts/history/past';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import type { Simulated } from '@macadam/adapters/facts/simulated';
import { type OwnerStores, ownership, prepareAnswers } from '@macadam/adapters/organisation/answers';
import { passOver } from '@macadam/adapters/organisation/pass';
import { prepareIndex } from '@macadam/adapters/organisation/who-index';
import { sourcesTeam } from '@macadam/adapters/simulation/decisions/people';
import { playDecisions } from '@macadam/adapters/simulation/decisions/play';
import { SIMULATED_PARAMETERS } from '@macadam/adapters/simulation/parameters';
import { type SimulationProgress, simulate } from '@macadam/adapters/simulation/simulate';
import type { SizeName } from '@macadam/adapters/simulation/size';
import { HERE } from './folder.ts';
import type { Site } from './past.ts';
import { type ServerWork, workHere } from './work.ts';

/** What every page says of it. */
export function saidOfSimulated({ size, seed, whole }: Pick<Simulated, 'size' | 'seed' | 'whole'>): string {
  const cut = whole ? '' : ' It was cut off before it was whole; start again with another folder.';
  return `Every team, asset and figure here is made up (size ${size}, seed ${seed}); nothing of it was measured.${cut}`;
}

export function divisionsOf({ organisation }: Pick<Simulated, 'organisation'>): ReadonlyMap<string, string> {
  const names = new Map(organisation.divisions.map(({ id, name }) => [id, name]));
  return new Map(organisation.teams.map(({ id, division }) => [id, names.get(division) ?? division]));
}

export interface SimulatedParts {
  readonly decisions: Decisions;
  readonly now: () => Date;
}

export interface SimulatedSite {
  readonly site: Site;
  readonly stores: Stores;
  readonly work: ServerWork;
}

/** Rejects as the stores do, and where a folder holds something else, or what was cut off. */
export async function simulatedSite(
  place: string,
  size: SizeName,
  { decisions, now }: SimulatedParts,
  progress: (progress: SimulationProgress) => void,
): Promise<SimulatedSite> {
  const { kinds, standards } = loadCatalogue([HERE], SIMULATED_PARAMETERS);
  const stores = await openStores(place, { kinds, now });
  try {
    const compiled = standards.map((one) => one.compiled);
    const mark =
      stores.simulated() ??
      (await simulate(stores, { size, until: now(), kinds, standards: compiled }, progress));
    const own: OwnerStores = { driver: stores.driver, facts: stores.facts, kinds };
    const options = { kinds, standards: compiled, progress };
    if (mark.whole) await playDecisions(stores, decisions, mark, options);
    await prepareAnswers(stores.driver);
    await prepareIndex(stores.driver);
    // Seven million owners take minutes, one asset after another: there nobody has looked for them yet.
    if (mark.whole && mark.size !== 'report' && (await ownership(stores.driver)).length === 0)
      await passOver(own, decisions, now());
    const site: Site = {
      ...{ past: pastOf(stores.history), facts: stores.facts, title: 'a simulated company', now },
      ...{ simulated: saidOfSimulated(mark), divisions: divisionsOf(mark), stores: own },
      standards: new Map(standards.map((one) => [one.id, one])),
    };
    const sources = sourcesTeam(mark);
    const work = workHere({
      ...{ stores, decisions, kinds, standards: compiled, exceptions: [], now, sources },
    });
    return { site, stores, work };
  } catch (error) {
    await stores.close();
    throw error;
  }
}
