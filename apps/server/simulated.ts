/** A simulated company instead of a measured estate: filled once, and from then on opened as it was. */

import { emptyDirectory } from '@macadam/adapters/data-folder/empty';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { pastOf } from '@macadam/adapters/facts/history/retrospect';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import type { Simulated } from '@macadam/adapters/facts/simulated';
import type { OwnCommitments } from '@macadam/core/figures/target';
import { type Catalogue, type CatalogueStandard, loadCatalogue } from '@macadam/services/catalogue/load';
import { type OwnerStores, ownership, prepareAnswers } from '@macadam/services/ownership/answers';
import { passOver } from '@macadam/services/ownership/pass';
import { prepareIndex } from '@macadam/services/ownership/who-index';
import { simulatedCampaigns } from '@macadam/simulation/campaigns';
import { sourcesTeam } from '@macadam/simulation/decisions/people';
import { playCutOff, playDecisions } from '@macadam/simulation/decisions/play';
import { SIMULATED_PARAMETERS } from '@macadam/simulation/parameters';
import { type SimulationProgress, simulate } from '@macadam/simulation/simulate';
import type { SizeName } from '@macadam/simulation/size';
import { ENGINE, HERE } from './folder.ts';
import { type ServerWork, workHere } from './jobs/work.ts';
import type { ServerContext } from './pages/history/pages.ts';
import { reviewsOf } from './review-source.ts';

/** What every page says of it. */
export function saidOfSimulated({ size, seed, whole }: Pick<Simulated, 'size' | 'seed' | 'whole'>): string {
  const cut = whole ? '' : ' It was cut off before it was whole.';
  return `Every team, asset and figure here is made up (size ${size}, seed ${seed}); nothing of it was measured.${cut}`;
}

function divisionsOf({ organisation }: Pick<Simulated, 'organisation'>): ReadonlyMap<string, string> {
  const names = new Map(organisation.divisions.map(({ id, name }) => [id, name]));
  return new Map(organisation.teams.map(({ id, division }) => [id, names.get(division) ?? division]));
}

/** Whoever is deputy for a pillar throughout the company answers for its standards. */
function commitmentsOf(
  { organisation }: Pick<Simulated, 'organisation'>,
  standards: readonly CatalogueStandard[],
): OwnCommitments {
  const deputies = new Map(organisation.functions.map(({ pillar, deputy }) => [pillar, deputy]));
  return Object.fromEntries(
    standards.flatMap(({ id, definition }) => {
      const accountable = deputies.get(definition.pillar);
      return accountable === undefined ? [] : [[id, { accountable }]];
    }),
  );
}

export interface SimulatedParts {
  readonly decisions: Decisions;
  readonly now: () => Date;
  /** Told, in a sentence, of what was cut off and is made again. */
  readonly say: (sentence: string) => void;
  /** What the company has and is judged by; what comes with the program where it is left out. */
  readonly catalogue?: Catalogue;
}

/** All that comes with the program, as the company uses it. */
export const simulatedCatalogue = (): Catalogue => loadCatalogue([HERE], SIMULATED_PARAMETERS);

const remote = (place: string): boolean => URL.canParse(place);

/**
 * Empties what an earlier start of a simulation left in parts: everything in there is made up, and only its own mark says so.
 * A server of others is not ours to empty.
 */
function startOver(places: readonly string[], { now, say }: Omit<SimulatedParts, 'decisions'>): void {
  const theirs = places.find(remote);
  if (theirs !== undefined) {
    const { protocol, host, pathname } = new URL(theirs);
    throw new Error(
      `the simulated company in ${protocol}//${host}${pathname} was cut off while it was made; ` +
        'everything in that database is made up: empty it, or name another',
    );
  }
  for (const place of places) emptyDirectory(place, now());
  say(`The simulated company in ${places.join(' and ')} was cut off while it was made; it is made again.`);
}

/**
 * The decisions of a simulated company, before anybody may log in there. Where their playing was cut off both stores are
 * empty afterwards. Rejects as `openDecisions`, and where that is on a server.
 */
export async function simulatedDecisions(
  { facts, decisions: place }: { readonly facts: string; readonly decisions: string },
  parts: Omit<SimulatedParts, 'decisions'>,
): Promise<Decisions> {
  const open = () => openDecisions(place, { now: parts.now, simulated: true });
  const found = await open();
  if (!(await playCutOff(found))) return found;
  await found.close();
  // The facts first: as long as the decisions say that they were cut off, the next start begins here again.
  startOver([facts, place], parts);
  return open();
}

/** The facts, empty where an earlier simulation did not write them whole. */
async function simulatedStores(place: string, kinds: Kinds, parts: SimulatedParts): Promise<Stores> {
  const open = () => openStores(place, { kinds, now: parts.now });
  const found = await open();
  if (found.simulated()?.whole !== false) return found;
  await found.close();
  startOver([place], parts);
  return open();
}

type Kinds = Catalogue['kinds'];

export interface SimulatedSite {
  readonly site: ServerContext;
  readonly stores: Stores;
  readonly work: ServerWork;
}

/** Rejects as the stores do, and where a folder holds something else. */
export async function simulatedSite(
  place: string,
  size: SizeName,
  parts: SimulatedParts,
  progress: (progress: SimulationProgress) => void,
): Promise<SimulatedSite> {
  const { decisions, now, catalogue = simulatedCatalogue() } = parts;
  const { kinds, standards } = catalogue;
  const stores = await simulatedStores(place, kinds, parts);
  try {
    const compiled = standards.map((one) => one.compiled);
    const mark =
      stores.simulated() ??
      (await simulate(stores, { size, until: now(), kinds, standards: compiled }, progress));
    const own: OwnerStores = { driver: stores.driver, facts: stores.facts, kinds };
    const options = { kinds, standards: compiled, progress };
    await playDecisions(stores, decisions, mark, options);
    await prepareAnswers(stores.driver);
    await prepareIndex(stores.driver);
    // Seven million owners take minutes, one asset after another: there nobody has looked for them yet.
    if (mark.size !== 'report' && (await ownership(stores.driver)).length === 0)
      await passOver(own, decisions, now());
    const site: ServerContext = {
      past: pastOf(stores.history),
      facts: stores.facts,
      title: 'a simulated company',
      now,
      simulated: saidOfSimulated(mark),
      divisions: divisionsOf(mark),
      commitments: commitmentsOf(mark, standards),
      stores: own,
      standards: new Map(standards.map((one) => [one.id, one])),
    };
    const reviews = reviewsOf(site, stores, { catalogue, engine: ENGINE, shared: '', data: place });
    const sources = sourcesTeam(mark);
    const work = workHere({
      stores,
      decisions,
      kinds,
      standards: compiled,
      exceptions: [],
      now,
      sources,
    });
    const campaigns = simulatedCampaigns(now());
    const programs = [
      { title: 'Weekly security review', every: 'week' as const },
      { title: 'Report to the board', every: 'quarter' as const },
    ];
    return {
      site: { ...site, reviews, frameworks: catalogue.frameworks, campaigns, reviewPrograms: programs },
      stores,
      work,
    };
  } catch (error) {
    await stores.close();
    throw error;
  }
}
