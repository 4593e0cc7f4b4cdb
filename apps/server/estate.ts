/**
 * A measured estate in the running server: its stores are opened first and answer with what they hold; collecting is a job
 * beside them. What is shown is always of the newest tick, from the store, so that every page and the API say the same.
 */

import { earlierReads } from '@macadam/adapters/facts/earlier';
import { rememberedEstate } from '@macadam/adapters/facts/estates';
import { lastGoodDefinitions } from '@macadam/adapters/facts/history/last-good';
import { pastOf } from '@macadam/adapters/facts/history/retrospect';
import type { Stores } from '@macadam/adapters/facts/open';
import { counted } from '@macadam/adapters/report-formats/figures';
import type { Report } from '@macadam/adapters/report-formats/port';
import type { FolderEstate } from '@macadam/adapters/sources/estate';
import type { Progress } from '@macadam/adapters/sources/port';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { NO_LAST_GOOD } from '@macadam/services/catalogue/last-good';
import { clockProblem, lastWritten, WrongClock } from '@macadam/services/measure/clock';
import {
  type AskLastGood,
  type Definitions,
  definitionsInForce,
  readDefinitions,
} from '@macadam/services/measure/definitions';
import {
  filesOf,
  foldersOf,
  type Measured,
  measure,
  measureForStore,
  type Overflowed,
} from '@macadam/services/measure/measure';
import { sharedDigest } from '@macadam/services/measure/read';
import type { FiguresSoFar } from '@macadam/services/measure/so-far';
import { storedReport } from '@macadam/services/measure/stored';
import { proposalsOf } from '@macadam/services/work/proposal';
import { type EstateRequest, HERE } from './folder.ts';
import type { MeasuringProgress } from './jobs/measuring.ts';
import { divisionsHere, exceptionsOfStore, keepAndShow, tryOpen } from './jobs/persist.ts';
import { workHere } from './jobs/work.ts';
import { clockBanner } from './pages/history/frame.ts';
import { since, unkept } from './pages/history/overview.ts';
import { overviewOf, type ServerContext } from './pages/history/pages.ts';
import { readAhead } from './pages/overview/reading.ts';
import { reviewsOf } from './review-source.ts';
import { saidOfSimulated } from './simulated.ts';
import type { AppState, OpenOptions } from './startup.ts';

export interface EstateOptions extends OpenOptions {
  readonly request: EstateRequest;
  /** Told of what does not stop anything, a sentence each. */
  readonly say: (sentence: string) => void;
}

/** Mistakes of macadam.yaml, which nothing can be measured by. */
export class UnreadableEstate extends Error {
  readonly mistakes: readonly FileDiagnostic[];
  constructor(mistakes: readonly FileDiagnostic[]) {
    super(mistakes.map(describeFileDiagnostic).join('; '));
    this.name = 'UnreadableEstate';
    this.mistakes = mistakes;
  }
}

/**
 * Opens the stores and shows what they hold. Where none can be opened what is measured is shown without a history. Rejects
 * with `UnreadableEstate`.
 */
export async function openEstate(shown: AppState, options: EstateOptions): Promise<void> {
  const { data, decisions, now, request, say } = options;
  const loaded = readDefinitions(request, NO_LAST_GOOD);
  if ('mistakes' in loaded) throw new UnreadableEstate(loaded.mistakes);
  const { kinds, unloadedKinds } = loaded.catalogue;
  const opened = await tryOpen(data, { kinds, lastGoodKinds: unloadedKinds, now });
  if ('why' in opened) {
    say(`no history is kept: ${opened.why}`);
    shown.unopened = opened.locked ? 'locked' : 'closed';
    shown.around = { since: unkept(opened.why), banner: null };
    return;
  }
  const { stores } = opened;
  shown.stores = stores;
  shown.close = () => stores.close();
  const definitions = await definitionsInForce(request, lastGoodIn(stores), loaded);
  if ('mistakes' in definitions) throw new UnreadableEstate(definitions.mistakes);
  const { catalogue, estate } = definitions;
  if ((await stores.history.ticks()).length === 0) return;
  const mark = stores.simulated();
  const site: ServerContext = {
    past: pastOf(stores.history),
    facts: stores.facts,
    title: shown.title,
    now,
    standards: new Map(catalogue.standards.map((one) => [one.id, one])),
    simulated: mark && saidOfSimulated(mark),
    exceptions: estate.estate.exceptions,
    commitments: estate.estate.targets,
    campaigns: estate.estate.campaigns,
    exploited: estate.exploited,
    reviewPrograms: estate.estate.reviews,
    divisions: await divisionsHere(decisions),
    stores: { driver: stores.driver, facts: stores.facts, kinds: catalogue.kinds },
  };
  shown.work = workHere({
    stores,
    decisions,
    now,
    kinds: catalogue.kinds,
    exceptions: estate.estate.exceptions,
    standards: catalogue.standards.map(({ compiled }) => compiled),
  });
  const overview = await overviewOf(site);
  shown.around = { since: overview && since(overview), banner: null };
  await checkClock(shown, stores, now);
  if (shown.clock !== null) say(shown.clock);
  await show({ shown, site, stores, definitions, options });
}

/** What a clock that cannot be right would be written by, and what is decided by time, waits until it is right. */
async function checkClock(shown: AppState, stores: Stores, now: () => Date): Promise<void> {
  shown.clock = clockProblem(now(), await lastWritten(stores), process.env);
  const banner = shown.clock === null ? null : clockBanner(shown.clock);
  shown.around = { ...shown.around, banner };
}

/** As the store remembers: kinds as it was opened with them, standards as the newest tick judged by them. */
const lastGoodIn =
  ({ driver, kinds }: Stores): AskLastGood =>
  async ({ standards }) => ({ kinds, standards: await lastGoodDefinitions(driver, standards) });

/** Observations that one measurement holds in memory: about fifty megabytes. What comes after them waits in a file for the store. */
const HELD = 20_000;

export interface LookOptions extends EstateOptions {
  /** In place of `HELD`. */
  readonly held?: number;
  /** In place of those of the request, whose files are shown all the same. */
  readonly asks?: EstateRequest['asks'];
  readonly progress: (progress: MeasuringProgress) => void;
}

/**
 * Collects everything, writes it down, and shows it. Rejects where that cannot be; what was shown before stays. True where something was left to be read and could
 * be read at once.
 */
export async function measureEstate(shown: AppState, options: LookOptions): Promise<boolean> {
  const { request, decisions, progress, say, now } = options;
  const { stores } = shown;
  if (stores !== null) {
    await checkClock(shown, stores, now);
    if (shown.clock !== null) throw new WrongClock(shown.clock);
  }
  let soFar: readonly FiguresSoFar[] = [];
  const asked = {
    ...request,
    ...(options.asks && { asks: options.asks }),
    ...(stores && {
      remembered: rememberedIn(stores, now),
      lastGood: lastGoodIn(stores),
      earlier: (source: string, estate: string) => earlierReads(stores.driver, source, estate),
    }),
    exceptions: await exceptionsOfStore(decisions),
    progress: (source: string, told: Progress) =>
      progress({ source, ...told, ...(soFar.length > 0 && { soFar }) }),
    // What is shown of an earlier time is whole, and better than a part of today.
    ...(shown.site === null && {
      soFar: (figures: readonly FiguresSoFar[]) => {
        soFar = figures;
      },
    }),
  };
  const measured =
    stores === null ? await measure(asked) : await measureForStore(asked, options.held ?? HELD);
  if ('mistakes' in measured) throw new UnreadableEstate(measured.mistakes);
  const notices = 'notices' in measured ? measured.notices : [];
  for (const warning of [...measured.warnings, ...notices]) say(describeFileDiagnostic(warning));
  progress({ source: 'history', name: 'writing down what was seen', done: 0, soFar });
  try {
    await remember(shown, measured, options);
  } finally {
    if ('close' in measured) measured.close();
  }
  return measured.collected.some(({ collection: { partitions } }) =>
    partitions.some(({ contents }) => contents && contents.waiting > 0 && contents.limited !== true),
  );
}

/** What the stores remember of an estate, for whoever looks for its repositories. */
const rememberedIn = (stores: Stores, now: () => Date) => (estate: FolderEstate) =>
  rememberedEstate(stores, estate, now());

/** Judges anew what the stores hold, as of now. Without a store there is nothing to be judged. */
export async function judgeEstate(shown: AppState, options: LookOptions): Promise<void> {
  if (shown.stores === null) return;
  await measureEstate(shown, { ...options, request: { ...options.request, asks: [] } });
}

async function remember(
  shown: AppState,
  measured: Measured | Overflowed,
  options: LookOptions,
): Promise<void> {
  const { data, decisions, now, say } = options;
  const kept = await keepAndShow(data, measured, {
    title: shown.title,
    now,
    decisions,
    stores: shown.stores,
  });
  for (const trouble of kept.troubles) say(trouble);
  const { site, stores, overview } = kept;
  if (site === null || stores === null || overview === null) {
    say(`no history is kept: ${kept.why}`);
    shown.site = site;
    shown.stores = stores;
    shown.unopened = kept.locked ? 'locked' : 'closed';
    shown.close = kept.close;
    shown.around = { since: unkept(kept.why), banner: null };
    // More than fits into memory is shown from the store alone; what was shown before stays.
    if (!('report' in measured)) throw new Error(`nothing was kept: ${kept.why}`);
    shown.state = measured.report;
    return;
  }
  shown.stores = stores;
  shown.work = kept.work;
  shown.close = kept.close;
  shown.around = { since: since(overview), banner: null };
  const { catalogue, estate } = measured;
  await show({
    shown,
    site,
    stores,
    definitions: { catalogue, estate, asked: catalogue.standards },
    options,
  });
}

interface ShowInput {
  readonly shown: AppState;
  readonly site: ServerContext;
  readonly stores: Stores;
  readonly definitions: Definitions;
  readonly options: EstateOptions;
}

/** From the store: what everybody saw, judged as of the newest tick. */
async function show({
  shown,
  site,
  stores,
  definitions,
  options: { data, decisions, request, now },
}: ShowInput): Promise<void> {
  const moment = (await stores.history.ticks()).at(-1);
  if (moment === undefined) throw new TypeError('nothing was judged yet');
  const decided = await exceptionsOfStore(decisions);
  // Nothing is asked of the sources where facts are only judged anew: then the files are where they were.
  const known = { ...request, remembered: rememberedIn(stores, now) };
  const files = request.asks.length > 0 ? filesOf(known, definitions.estate) : (shown.site?.files ?? []);
  const reported = await storedReport({
    ...definitions,
    stores,
    moment,
    exceptions: [...definitions.estate.estate.exceptions, ...decided],
    engine: request.engine,
    title: request.title,
    folders: foldersOf(request),
    files,
  });
  const next: ServerContext = {
    ...site,
    judgedAt: moment.valid,
    frameworks: definitions.catalogue.frameworks,
    reviews: reviewsOf(site, stores, {
      catalogue: definitions.catalogue,
      engine: request.engine,
      shared: sharedDigest(definitions.estate, moment.valid),
      data,
    }),
    files,
    proposals: proposalsOf({
      files,
      standards: site.standards,
      kinds: definitions.catalogue.kinds,
      parameters: definitions.estate.parameters,
      catalogueRoot: HERE,
      now,
    }),
    ...(reported && { related: reported.picture.related, findings: reported.report.scan.findings }),
  };
  await readAhead(next);
  shown.site = next;
  shown.state = reported?.report ?? 'history';
}

/** What a measurement came to, for whoever waits at a terminal. */
export function saidOfReport({ scan: { standards } }: Report): string {
  const sum = (name: 'fail' | 'unknown') => standards.reduce((total, standard) => total + standard[name], 0);
  return `Measured: ${counted(standards.length, 'standard')}, ${counted(sum('fail'), 'failure')}, ${counted(sum('unknown'), 'unknown')}. Ctrl-C ends.`;
}
