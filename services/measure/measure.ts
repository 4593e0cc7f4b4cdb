/** The main job: ask the sources, merge what they say, judge it by the catalogue, and say what to do first. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Overflow, overflow } from '@macadam/adapters/data-folder/overflow';
import { ASKED_FILES } from '@macadam/adapters/readers/files/extract';
import type { CollectRequest, Progress, RepositoryFiles, Source } from '@macadam/adapters/sources/port';
import { assetsOf } from '@macadam/core/facts/asset';
import { entrances } from '@macadam/core/facts/entrances';
import { arrivals } from '@macadam/core/facts/enumeration';
import { emission, ingest } from '@macadam/core/facts/ingest';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import type { EarlierScan } from '@macadam/core/figures/comparison';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { askedFiles } from '@macadam/core/verdicts/asked-files';
import type { Exception } from '@macadam/core/verdicts/exception';
import { unaskedAttributes } from '@macadam/core/verdicts/unasked';
import type { MeasuredBuilds } from '../builds/measured.ts';
import type { Catalogue } from '../catalogue/load.ts';
import { type CodeWanted, withCode } from './code.ts';
import {
  type AskLastGood,
  type Definitions,
  type DefinitionsRequest,
  definitionsInForce,
} from './definitions.ts';
import { exclusionsOf, type ReadEstate } from './read.ts';
import { type Reported, reportOf } from './report.ts';
import { type FiguresSoFar, soFarTeller } from './so-far.ts';

/** What one source is asked. */
export interface Ask {
  /** As it was set up; left out where nobody has to find it again. */
  readonly name?: string;
  readonly source: Source;
  readonly targets: readonly string[];
  readonly options: CollectRequest['options'];
  /** Where its credential is, in place of the environment of the request. */
  readonly environment?: CollectRequest['environment'];
  /** What it was told of, and whether it is asked about these alone. */
  readonly told?: CollectRequest['told'];
  readonly alone?: CollectRequest['alone'];
}

export interface MeasureRequest extends DefinitionsRequest {
  readonly asks: readonly Ask[];
  readonly view: CollectRequest['view'];
  readonly asOf?: Date | undefined;
  /** That were approved elsewhere, beside those of macadam.yaml. */
  readonly exceptions?: readonly Exception[];
  readonly baseline?: EarlierScan | undefined;
  readonly engine: string;
  readonly title: string;
  readonly environment: CollectRequest['environment'];
  readonly clonesSpeakOf?: CollectRequest['clonesSpeakOf'];
  /** What is remembered of estates; left out where no history is kept. */
  readonly remembered?: CollectRequest['remembered'];
  /** What is kept of what sources read; left out where no history is kept. */
  readonly earlier?: CollectRequest['earlier'];
  /** How what does not load was defined last; left out where no history is kept. */
  readonly lastGood?: AskLastGood;
  readonly progress: (source: string, progress: Progress) => void;
  /** Told now and then what was read so far comes to; left out where something is shown already. */
  readonly soFar?: (figures: readonly FiguresSoFar[]) => void;
  readonly signal?: AbortSignal | undefined;
  /** Which findings show their lines of code; none where it is left out. */
  readonly code?: CodeWanted | undefined;
}

export interface Measured extends Reported {
  readonly catalogue: Catalogue;
  readonly estate: ReadEstate;
  /** What was collected, for whoever keeps history. */
  readonly collected: readonly Gathered[];
  /** Standards and kinds that did not load: shown, and never a reason to stop the others. */
  readonly warnings: readonly FileDiagnostic[];
}

/** One collection with all that it saw. */
export interface Gathered {
  readonly collection: Collection;
  readonly observations: readonly Observation[];
}

/** What was collected where it does not fit into memory: nothing is judged, and the store has to take it. */
export interface Overflowed extends Definitions {
  readonly collected: readonly (Pick<Gathered, 'collection'> & {
    readonly observations: Iterable<Observation>;
  })[];
  readonly warnings: readonly FileDiagnostic[];
  /** Lets go of what lies aside. */
  readonly close: () => void;
}

/** Measures, or says what is wrong with the request or with macadam.yaml. */
export async function measure(
  request: MeasureRequest,
): Promise<Measured | { readonly mistakes: readonly FileDiagnostic[] }> {
  const gathered = await gather(request, Number.POSITIVE_INFINITY);
  return 'mistakes' in gathered ? gathered : judged(request, gathered);
}

/** The same for whoever has a store: of more observations than `held` the rest lies in a file, and only the store can judge them. */
export async function measureForStore(
  request: MeasureRequest,
  held: number,
): Promise<Measured | Overflowed | { readonly mistakes: readonly FileDiagnostic[] }> {
  const gathered = await gather(request, held);
  if ('mistakes' in gathered) return gathered;
  const { asides } = gathered;
  const close = () => {
    for (const { aside } of asides) aside.close();
  };
  if (asides.every(({ aside }) => aside.laidAside() === 0)) return judged(request, gathered).finally(close);
  return {
    ...gathered.definitions,
    collected: asides.map(({ collection, aside }) => ({
      collection,
      observations: { [Symbol.iterator]: aside.all },
    })),
    warnings: gathered.definitions.catalogue.mistakes,
    close,
  };
}

interface Gathering {
  readonly real: Date;
  readonly definitions: Definitions;
  readonly asked: readonly Asked[];
  readonly asides: readonly { readonly collection: Collection; readonly aside: Overflow<Observation> }[];
}

async function gather(
  request: MeasureRequest,
  held: number,
): Promise<Gathering | { readonly mistakes: readonly FileDiagnostic[] }> {
  const real = request.now();
  const definitions = await definitionsInForce(request, request.lastGood);
  if ('mistakes' in definitions) return definitions;
  const { estate, catalogue } = definitions;
  const builds = await buildsOf(estate, request.now);
  if (builds !== null && 'mistakes' in builds) return builds;
  const parameters = { ...estate.parameters, [ASKED_FILES]: askedBy(catalogue, estate) };
  const unasked = unaskedAttributes(
    definitions.asked.map(({ definition }) => definition),
    LONG_READ,
  );
  const asked = request.asks.map(
    (ask): Asked => ({
      source: ask.source,
      request: {
        ...collectRequest(ask, request, estate, parameters),
        unasked,
        ...(builds && { attestations: builds.kept }),
      },
    }),
  );
  const asides: { collection: Collection; aside: Overflow<Observation> }[] = [];
  const teller = request.soFar && soFarTeller(request.soFar, request.now);
  const { kinds } = catalogue;
  // To compile a standard takes time, and most of a catalogue judges nothing of a small repository: not before somebody is told.
  const standards = () => catalogue.standards.map(({ compiled }) => compiled);
  const inMemory: Observation[] = [];
  const joined = entrances();
  const waiting: { readonly observation: Observation; readonly aside: Overflow<Observation> }[] = [];
  const images: typeof waiting = [];
  for (const one of asked) {
    const aside = overflow<Observation>(request.cacheDirectory, Math.max(0, held - inMemory.length));
    try {
      const take = (observation: Observation) => {
        if (joined.waits(observation)) {
          waiting.push({ observation, aside });
          return;
        }
        if (builds?.waits(observation)) {
          images.push({ observation, aside });
          return;
        }
        aside.add(observation);
        if (aside.laidAside() === 0) inMemory.push(observation);
      };
      const collection = await collect(one, kinds, take, (step) => {
        request.progress(one.source.id, step);
        if (aside.laidAside() === 0)
          teller?.(() => ({ kinds, standards: standards(), observations: inMemory }));
      });
      joined.collected(collection);
      builds?.collected(collection);
      asides.push({ collection, aside });
    } catch (error) {
      for (const each of [...asides.map((before) => before.aside), aside]) each.close();
      throw error;
    }
  }
  const taken = (observation: Observation) => ingest(kinds, observation).observation ?? observation;
  for (const { observation, aside } of waiting) aside.add(taken(joined.completed(observation)));
  if (builds !== null && images.length > 0) {
    const asked = await builds.asked();
    for (const { observation, aside } of images) aside.add(taken(asked.completed(observation)));
    const aside = overflow<Observation>(request.cacheDirectory, Number.POSITIVE_INFINITY);
    for (const observation of asked.observations) aside.add(taken(observation));
    asides.push({ collection: asked.collection, aside });
  }
  return { real, definitions, asked, asides };
}

/** Null where the estate names no policy. */
async function buildsOf(
  { estate, folder, buildPolicy }: ReadEstate,
  now: () => Date,
): Promise<MeasuredBuilds | { readonly mistakes: readonly FileDiagnostic[] } | null> {
  if (estate.builds === undefined || buildPolicy === null) return null;
  // Most estates verify none, and what verifies takes time to load.
  const { measuredBuilds } = await import('../builds/measured.ts');
  const { loadBuildPolicy } = await import('../builds/verify.ts');
  const file = resolve(folder, estate.builds.policy);
  const loaded = await loadBuildPolicy(buildPolicy, estate.builds.policy, (name) =>
    readFileSync(resolve(dirname(file), name), 'utf8'),
  );
  return 'mistakes' in loaded ? loaded : measuredBuilds(loaded, now);
}

async function judged(
  request: MeasureRequest,
  { real, definitions, asked, asides }: Gathering,
): Promise<Measured> {
  const { estate, catalogue } = definitions;
  const collected = asides.map(
    ({ collection, aside }): Gathered => ({ collection, observations: [...aside.all()] }),
  );
  const observations = collected.flatMap((one) => one.observations);
  const assets = assetsOf(catalogue.kinds, observations);
  const result = reportOf({
    ...definitions,
    named: request.standards,
    facts: {
      assets,
      collections: collected.map(({ collection }) => collection),
      arrived: new Map(collected.flatMap((one) => [...arrivals(one.collection, one.observations)])),
    },
    exceptions: [...estate.estate.exceptions, ...(request.exceptions ?? [])],
    collected,
    clock: { real, asOf: request.asOf ?? real },
    ...(request.baseline && { baseline: request.baseline }),
    engine: request.engine,
    title: request.title,
    folders: foldersOf(request),
  });
  const { report } = result;
  const scan =
    request.code === undefined
      ? report.scan
      : await withCode(report.scan, request.code, { assets, files: filesBehind(asked) });
  return {
    ...result,
    report: { ...report, scan },
    catalogue,
    estate,
    collected,
    warnings: catalogue.mistakes,
  };
}

/** What takes most of a first scan, as every file is searched for it. */
const LONG_READ = ['secrets', 'secrets_searched'];

/** What of a request every source is told. */
type CollectedBy =
  | 'view'
  | 'cacheDirectory'
  | 'clonesSpeakOf'
  | 'earlier'
  | 'environment'
  | 'now'
  | 'remembered'
  | 'signal';

/** A source, and what it is asked. */
interface Asked {
  readonly source: Source;
  readonly request: CollectRequest;
}

const filesBehind = (asked: readonly Asked[]): readonly RepositoryFiles[] =>
  asked.flatMap(({ source, request }) => source.files?.(request) ?? []);

/** Files of what was measured, as far as the sources can be asked for them again. */
export const filesOf = (
  request: Pick<MeasureRequest, 'asks' | CollectedBy>,
  estate: ReadEstate,
): readonly RepositoryFiles[] =>
  filesBehind(
    request.asks.map((ask) => ({
      source: ask.source,
      request: collectRequest(ask, request, estate, estate.parameters),
    })),
  );

function collectRequest(
  ask: Ask,
  request: Pick<MeasureRequest, CollectedBy>,
  estate: ReadEstate,
  parameters: CollectRequest['parameters'],
): CollectRequest {
  return {
    targets: ask.targets,
    options: ask.options,
    view: request.view,
    excludes: exclusionsOf(estate, request.now()),
    ...statedOf(estate),
    ...(request.remembered && { remembered: request.remembered }),
    ...(request.earlier && { earlier: request.earlier }),
    ...(ask.told && { told: ask.told }),
    ...(ask.alone && { alone: ask.alone }),
    parameters,
    cacheDirectory: request.cacheDirectory,
    environment: ask.environment ?? request.environment,
    now: request.now,
    ...(request.clonesSpeakOf && { clonesSpeakOf: request.clonesSpeakOf }),
    ...(request.signal && { signal: request.signal }),
  };
}

/** Names of files that the standards in force ask repositories about. */
const askedBy = ({ standards }: Catalogue, { estate: { parameters } }: ReadEstate): readonly string[] =>
  askedFiles(standards.map(({ id, definition }) => ({ definition, overrides: parameters[id] ?? {} })));

/** Folders as the person who asked wrote them. */
export const foldersOf = ({ asks }: Pick<MeasureRequest, 'asks'>): readonly string[] =>
  asks.find(({ source }) => source.id === 'git')?.targets ?? ['.'];

/** The estate's id as its own file states it. */
function statedOf({ estate: { estate: id }, folder }: ReadEstate): Pick<CollectRequest, 'estate'> {
  return id === undefined || !existsSync(folder) ? {} : { estate: { id, folder: realpathSync(folder) } };
}

async function collect(
  { source, request }: Asked,
  kinds: Catalogue['kinds'],
  take: (observation: Observation) => void,
  progress: (step: Progress) => void,
): Promise<Collection> {
  const { emit, problems } = emission(kinds, take);
  const collection = await source.collect(request, emit, progress);
  return { ...collection, problems: [...collection.problems, ...problems()] };
}
