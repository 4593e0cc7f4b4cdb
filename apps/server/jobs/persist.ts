/** Keeps what was measured: the collections go to the facts, and a tick writes down what they changed. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryHeld } from '@macadam/adapters/data-folder/lock';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { EngineError } from '@macadam/adapters/facts/clickhouse/driver';
import { pastOf } from '@macadam/adapters/facts/history/retrospect';
import type { Ticked } from '@macadam/adapters/facts/history/tick';
import { manifestKey } from '@macadam/adapters/facts/manifest-key';
import { openStores, type Stores, type StoresOptions } from '@macadam/adapters/facts/open';
import { FactsError } from '@macadam/adapters/facts/port';
import { describeRequestDiagnostic } from '@macadam/core/text/diagnostic';
import type { Exception } from '@macadam/core/verdicts/exception';
import type { Measured, Overflowed } from '@macadam/services/measure/measure';
import { sharedDigest } from '@macadam/services/measure/read';
import { type OwnerStores, ownerAnswer } from '@macadam/services/ownership/answers';
import { divisionNames } from '@macadam/services/ownership/divisions';
import { importAtFirst } from '@macadam/services/ownership/first-import';
import { currentTree } from '@macadam/services/ownership/log';
import { passOver, type StoresPassed } from '@macadam/services/ownership/pass';
import { exceptionsInForce } from '@macadam/services/work/exceptions';
import { RECONCILE } from '@macadam/services/work/tick';
import type { Overview } from '../pages/history/overview.ts';
import { overviewOf, type ServerContext } from '../pages/history/pages.ts';
import { saidOfSimulated } from '../simulated.ts';
import { type ServerWork, workHere } from './work.ts';

/** The store, or why there is none, for people. Never rejects: the picture does not depend on it. */
export async function tryOpen(
  place: string,
  options: StoresOptions,
): Promise<{ readonly stores: Stores } | { readonly why: string; readonly locked: boolean }> {
  try {
    // What is collected here is signed here.
    const key = options.signingKey ?? manifestKey(place, process.env);
    return { stores: await openStores(place, key === undefined ? options : { ...options, signingKey: key }) };
  } catch (error) {
    const locked = error instanceof DirectoryHeld;
    if (locked || error instanceof EngineError || error instanceof FactsError)
      return { why: (error as Error).message, locked };
    return { why: `${place} cannot be used: ${(error as Error).message}`, locked };
  }
}

/** Appends and ticks. Rejects as the store does; what was appended until then stays, and the next tick counts it. */
async function persist(
  stores: Stores,
  { collected, catalogue, estate }: Pick<Overflowed, 'collected' | 'catalogue' | 'estate'>,
  now: () => Date,
  decisions?: Decisions,
): Promise<Ticked> {
  for (const { collection, observations } of collected)
    await stores.facts.append(collection, observations, now());
  const last = (await stores.history.ticks()).at(-1)?.valid.getTime() ?? 0;
  const real = now().getTime();
  if (last > real + AHEAD) {
    const when = new Date(last).toISOString();
    throw new FactsError(
      'invalid',
      `the last scan was written for ${when}, which is still to come; set the clock`,
    );
  }
  // Ticks are a second apart at least, two runs may end within one, and none lies before what it counts.
  const at = new Date(Math.max(Math.ceil(real / 1000) * 1000, last + 1000));
  // The history names the team that work and look-ups name.
  const passed =
    decisions &&
    (await organised(
      { facts: stores.facts, driver: stores.driver.background, kinds: catalogue.kinds },
      decisions,
      now(),
    ));
  const decided = decisions ? await exceptionsOfStore(decisions) : [];
  return stores.history.tick({
    ...(passed && { teams: { of: passed.owners.teamOf, answers: ownerAnswer.name } }),
    facts: stores.facts,
    kinds: catalogue.kinds,
    standards: catalogue.standards.map(({ compiled }) => compiled),
    exceptions: [...estate.estate.exceptions, ...decided],
    shared: sharedDigest(estate, at),
    at,
  });
}

const AHEAD = 60_000;

/** What the decisions let fail, for whoever judges now. */
export const exceptionsOfStore = (decisions: Decisions): Promise<readonly Exception[]> =>
  decisions.transaction(RECONCILE, (tx) => exceptionsInForce(tx), { readOnly: true });

/** Null where nobody has said anything of the organisation: then owners are whom sources name. */
async function organised(stores: OwnerStores, decisions: Decisions, now: Date): Promise<StoresPassed | null> {
  const passed = await passOver(stores, decisions, now);
  return passed.owners.tree.units.size > 0 ? passed : null;
}

export interface Kept {
  /** Null where no store could be opened. */
  readonly site: ServerContext | null;
  /** Null where nothing could be written; `why` says so. */
  readonly overview: Overview | null;
  readonly why: string;
  /** Whether another process has the store. */
  readonly locked: boolean;
  /** What goes on as time passes; null without decisions. */
  readonly work: ServerWork | null;
  /** What went wrong beside the history, each a sentence: it is tried again. */
  readonly troubles: readonly string[];
  /** Null with the site. */
  readonly stores: Stores | null;
  readonly close: () => Promise<void>;
}

/** Opens the store, keeps what was measured and says what changed. Never rejects. */
export async function keepAndShow(
  place: string,
  measured: Measured | Overflowed,
  {
    title,
    now,
    decisions,
    stores: open = null,
  }: {
    readonly title: string;
    readonly now: () => Date;
    readonly decisions?: Decisions;
    /** Open already, from the measurement before. */
    readonly stores?: Stores | null;
  },
): Promise<Kept> {
  const { catalogue, estate } = measured;
  const nothing = {
    site: null,
    overview: null,
    work: null,
    stores: null,
    troubles: [],
    locked: false,
    close: async () => {},
  };
  const opened = open ? { stores: open } : await tryOpen(place, { kinds: catalogue.kinds, now });
  if ('why' in opened) return { ...nothing, why: opened.why, locked: opened.locked };
  const { stores } = opened;
  const mark = stores.simulated();
  const site: ServerContext = {
    past: pastOf(stores.history),
    facts: stores.facts,
    ...('picture' in measured && { related: measured.picture.related }),
    title,
    now,
    standards: new Map(catalogue.standards.map((one) => [one.id, one])),
    simulated: mark && saidOfSimulated(mark),
    exceptions: estate.estate.exceptions,
    commitments: estate.estate.targets,
    campaigns: estate.estate.campaigns,
    exploited: estate.exploited,
    reviewPrograms: estate.estate.reviews,
    divisions: new Map(),
    ...(decisions && { stores: { driver: stores.driver, facts: stores.facts, kinds: catalogue.kinds } }),
  };
  const close = () => stores.close();
  const work = decisions
    ? workHere({
        stores,
        decisions,
        now,
        kinds: catalogue.kinds,
        exceptions: estate.estate.exceptions,
        standards: catalogue.standards.map(({ compiled }) => compiled),
      })
    : null;
  const troubles: string[] = [];
  try {
    if (decisions) troubles.push(...(await organisationAtFirst(decisions, estate)));
    const ticked = await persist(stores, measured, now, decisions);
    const divisions = decisions ? await divisionsHere(decisions) : site.divisions;
    if (work)
      await work
        .takeIn(ticked)
        .catch((error: Error) => troubles.push(`work is not up to date: ${error.message}`));
    const whole = { ...site, divisions };
    const overview = await overviewOf(whole);
    const why = 'nothing was written';
    return { site: whole, overview, why, locked: false, work, troubles, stores, close };
  } catch (error) {
    const why = (error as Error).message;
    return { site, overview: null, why, locked: false, work: null, troubles, stores, close };
  }
}

/** The org file that macadam.yaml names begins the organisation. What cannot be taken is said, and nothing of it is. */
async function organisationAtFirst(
  decisions: Decisions,
  { estate, folder }: Measured['estate'],
): Promise<string[]> {
  if (estate.org === undefined) return [];
  const file = estate.org;
  const taken = await importAtFirst(decisions, { text: readFileSync(join(folder, file), 'utf8'), file });
  return (taken?.refusals ?? []).map(
    (one) => `the organisation is not taken from ${file}: ${describeRequestDiagnostic(one)}`,
  );
}

/** Team → name of its division, as the organisation is today. */
export const divisionsHere = (decisions: Decisions): Promise<ReadonlyMap<string, string>> =>
  decisions.transaction(RECONCILE, async (tx) => divisionNames(await currentTree(decisions, tx)), {
    readOnly: true,
  });
