/**
 * What is known of assets, read from the observations: when they existed, and what they are at any time. The merged
 * tables are this at the present, written down; the past is computed with the same functions when it is asked for.
 */
import { type Asset, merge } from '@macadam/core/facts/asset';
import {
  asksWhoIsMissing,
  baseline,
  type Completeness,
  completeness,
  inOrder,
  type Place,
  type Retirement,
  type Run,
  type Sighting,
  type Span,
  type Sweep,
  spanAt,
  spans,
} from '@macadam/core/facts/existence';
import { ingest } from '@macadam/core/facts/ingest';
import type { Observation } from '@macadam/core/facts/observation';
import { holdersOf } from '@macadam/core/facts/partition';
import type { Kind } from '@macadam/core/kinds/kind';
import { instant } from '../columns.ts';
import type { Facts } from '../port.ts';
import type { Reading } from './definitions.ts';
import type { Driver, Parameters } from './driver.ts';

/** Assets of some kinds, by id: those after `after` and up to `upto`, or `upto` alone. */
export interface Slice {
  readonly kinds: readonly string[];
  readonly after: string;
  readonly upto: string;
  readonly only?: boolean;
  /** Only what these batches said. */
  readonly known: number;
  /** Only assets that the batches after this one may have changed. */
  readonly affectedSince?: number;
  /** Only these; few, because a server gets them in a URL. */
  readonly ids?: readonly string[];
}

/** The whole of a partition's name, but for its format. */
type Listing = Pick<Place, 'source' | 'container' | 'estate'>;

export interface Seen extends Sighting {
  readonly observation: Observation;
  readonly batch: number;
}

export interface History {
  readonly id: string;
  readonly seen: readonly Seen[];
  readonly spans: readonly Span[];
}

/**
 * Rows of a table that count at a batch: those of collections that were sealed by then and not withdrawn. What an
 * append left behind that failed, or was cut off, never does.
 */
export const COUNTS = `batch IN (SELECT number FROM batch WHERE event = 'collection' AND number <= {known:UInt64}
  AND subject NOT IN (SELECT subject FROM batch WHERE event = 'retract' AND number <= {known:UInt64}))`;
const ALL_COUNT = `batch IN (SELECT number FROM batch WHERE event = 'collection' AND number <= {known:UInt64})`;

/** What was recorded beside collections is seldom there, and to look for it costs a statement a fifth. */
export const countsOf = ({ hasEvent }: Pick<Facts, 'hasEvent'>): string =>
  hasEvent('retract') ? COUNTS : ALL_COUNT;

const IN_SLICE = `kind IN {kinds:Array(String)} AND asset > {after:String} AND asset <= {upto:String}`;
const ONLY = 'AND asset = {upto:String}';
const CHOSEN = 'AND asset IN {ids:Array(String)}';
const AFFECTED = `AND asset IN (SELECT asset FROM affected WHERE ${IN_SLICE} AND batch > {since:UInt64} AND batch <= {known:UInt64})`;

interface ObservationRow {
  readonly asset: string;
  readonly source: string;
  readonly container: string;
  readonly estate: string;
  readonly format: string;
  readonly seen_at: string;
  readonly received_at: string;
  readonly batch: string;
  readonly body: string;
}

export interface Reader {
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly reading: Reading;
  readonly hasEvent: Facts['hasEvent'];
  /** Removals of runs that were counted before; what a run says never changes while its neighbours are the same. */
  readonly removals: Map<string, number>;
}

/** Histories of a slice of assets, by id in order; each is made when it is asked for, so that they need not be held at once. */
export async function histories(reader: Reader, slice: Slice): Promise<Iterable<History>> {
  const { driver } = reader;
  const parameters = parametersOf(slice);
  const where = `${IN_SLICE} ${narrowed(slice)} AND ${countsOf(reader)}`;
  const rows = await driver.query<ObservationRow>(
    `SELECT asset, source, container, estate, format, seen_at, received_at, batch, body
     FROM observation WHERE ${where} ORDER BY asset, seen_at, source, body`,
    parameters,
  );
  const places = placesOf(rows, `${IN_SLICE} ${narrowed(slice)}`, parameters);
  const sweeps = rows.length === 0 ? NO_SWEEPS : await sweepsOf(reader, slice, places);
  const ends = await containerEnds(reader, slice.known, rows, {
    ids: new Set(slice.ids),
    rows,
    sweeps,
  });
  const retired = await retirements(reader, slice.known, {
    where: 'subject > {after:String} AND subject <= {upto:String}',
    parameters,
  });
  const everywhere = retired.get(null) ?? [];
  return (function* () {
    for (let first = 0, next = 0; first < rows.length; first = next) {
      const id = rows[first]?.asset ?? '';
      while (next < rows.length && rows[next]?.asset === id) next += 1;
      const seen = rows.slice(first, next).map(sighting);
      const withdrawn = [...everywhere, ...(retired.get(id) ?? [])];
      const against = [...new Set(seen.map(listingKey))].flatMap((key) => [
        ...(sweeps.get(kindOfId(id))?.get(key) ?? []),
        ...(ends.get(key) ?? []),
      ]);
      yield { id, seen, spans: spans(seen, against, withdrawn) };
    }
  })();
}

const listingKey = ({ source, container, estate }: Listing): string =>
  JSON.stringify([source, container, estate]);

/** By listing. */
type Sweeps = ReadonlyMap<string, readonly Sweep[]>;
type SweepsByKind = ReadonlyMap<string, Sweeps>;
const NO_SWEEPS: SweepsByKind = new Map();

/** All that counts of some assets, and the sweeps of where they were seen. */
interface Read {
  readonly ids: ReadonlySet<string>;
  readonly rows: readonly ContainerRow[];
  readonly sweeps: SweepsByKind;
}

/** A container that a source last saw in one estate, with what speaks of it there. */
type ContainerRow = Omit<ObservationRow, 'received_at' | 'body'>;

/**
 * When containers ended, as words against what they contain, by listing: what stands in a container is gone when that is,
 * altogether or from the estate in which it was read. A container may itself stand in another.
 */
async function containerEnds(
  reader: Reader,
  known: number,
  inside: Iterable<Listing>,
  read: Read,
): Promise<Sweeps> {
  const listings = new Map<string, Listing>();
  for (const one of inside) if (isHeld(reader.kinds, one.container)) listings.set(listingKey(one), one);
  if (listings.size === 0) return new Map();
  const containers = new Set([...listings.values()].map(({ container }) => container));
  const ids = [...containers];
  // Mostly a container is settled with what stands in it.
  const { rows, sweeps } = ids.every((id) => read.ids.has(id))
    ? { ...read, rows: read.rows.filter(({ asset }) => containers.has(asset)) }
    : await readContainers(reader, ids, known);
  const outer = await containerEnds(reader, known, rows, read);
  const retired = await retirements(reader, known, {
    where: 'subject IN {ids:Array(String)}',
    parameters: { ids },
  });
  const byContainer = Map.groupBy(rows, ({ asset }) => asset);
  const ends = new Map<string, readonly Sweep[]>();
  for (const [key, listing] of listings) {
    const { container, source, estate } = listing;
    const seen = (byContainer.get(container) ?? []).map(sightingOf);
    const withdrawn = [...(retired.get(null) ?? []), ...(retired.get(container) ?? [])];
    const against = [...new Set(seen.map(listingKey))].flatMap((place) => [
      ...(sweeps.get(kindOfId(container))?.get(place) ?? []),
      ...(outer.get(place) ?? []),
    ]);
    const here = seen.filter((one) => one.source === source && (estate === '' || one.container === estate));
    const times = [...spans(seen, against, withdrawn), ...spans(here, against, withdrawn)];
    ends.set(
      key,
      times.flatMap(({ to }) => (to === null ? [] : [endOf(listing, to)])),
    );
  }
  return ends;
}

async function readContainers(
  reader: Reader,
  ids: readonly string[],
  known: number,
): Promise<Pick<Read, 'rows' | 'sweeps'>> {
  const kinds = [...new Set(ids.map(kindOfId))];
  const among = 'kind IN {kinds:Array(String)} AND asset IN {ids:Array(String)}';
  const rows = await reader.driver.query<ContainerRow>(
    `SELECT asset, source, container, estate, format, seen_at, batch FROM observation WHERE ${among} AND ${countsOf(reader)}`,
    { ids, kinds, known },
  );
  const places = placesOf(rows, among, { ids });
  return { rows, sweeps: rows.length === 0 ? NO_SWEEPS : await sweepsOf(reader, { kinds, known }, places) };
}

const endOf = ({ source, container, estate }: Listing, at: bigint): Sweep => ({
  source,
  container,
  estate,
  format: '',
  except: new Set(),
  collection: '',
  at,
});

/** Ids begin with their kind. */
const kindOfId = (id: string): string => id.slice(0, Math.max(0, id.indexOf('/')));

/** Whether a container is an asset of a kind that holds others. */
function isHeld(kinds: ReadonlyMap<string, Kind>, container: string): boolean {
  const kind = kindOfId(container);
  return kind !== '' && holdersOf(kinds).has(kind);
}

const parametersOf = ({ kinds, after, upto, known, affectedSince = 0, ids = [] }: Slice): Parameters => ({
  kinds,
  after,
  upto,
  known,
  since: affectedSince,
  ids,
});
const narrowed = ({ only, affectedSince, ids }: Slice) => {
  if (only) return ONLY;
  if (ids) return CHOSEN;
  return affectedSince === undefined ? '' : AFFECTED;
};

let last = { nanos: '0', text: instant(0n) };

/** One collection is received at few times. */
function receiptOf(nanos: string): string {
  if (nanos !== last.nanos) last = { nanos, text: instant(BigInt(nanos)) };
  return last.text;
}

const sightingOf = (row: ContainerRow): Sighting => ({
  source: row.source,
  container: row.container,
  estate: row.estate,
  format: row.format,
  // Within the store a collection is its batch.
  collection: row.batch,
  at: BigInt(row.seen_at),
});

function sighting(row: ObservationRow): Seen {
  const observation = JSON.parse(row.body) as Omit<Observation, 'receivedAt'>;
  return {
    ...sightingOf(row),
    batch: Number(row.batch),
    observation: { ...observation, receivedAt: receiptOf(row.received_at) },
  };
}

/**
 * The asset at a time, or null where it did not exist then. Gone is a barrier: nothing from before it counts. `kinds`: as they
 * were defined at another time.
 */
export function assetAt(
  reader: Pick<Reader, 'kinds' | 'reading'>,
  history: History,
  valid: bigint | null,
  kinds: ReadonlyMap<string, Kind> = reader.kinds,
): Asset | null {
  const last = history.spans.at(-1);
  const span = valid === null ? (last?.to === null ? last : null) : spanAt(history.spans, valid);
  if (!span) return null;
  const counting = history.seen.flatMap(({ at, observation, batch }) => {
    if (at < span.from || (valid !== null && at > valid)) return [];
    return ingest(kinds, reader.reading(observation, batch, kinds)).observation ?? [];
  });
  const [first] = counting;
  const kind = first && kinds.get(first.kind);
  return kind ? merge(kind, distinct(counting)) : null;
}

/** The same words in several collections are one statement. Most assets have one to begin with. */
function distinct(observations: readonly Observation[]): readonly Observation[] {
  if (observations.length === 1) return observations;
  return [...new Map(observations.map((one) => [JSON.stringify({ ...one, receivedAt: '' }), one])).values()];
}

/** Null: of whole sources. `where` selects assets, by `subject`. */
async function retirements(
  { driver, hasEvent }: Reader,
  known: number,
  { where, parameters }: { readonly where: string; readonly parameters: Parameters },
): Promise<Map<string | null, Retirement[]>> {
  if (!hasEvent('retire-source') && !hasEvent('retire-asset')) return new Map();
  const rows = await driver.query<{ event: string; subject: string; at: string }>(
    `SELECT event, subject, at FROM batch WHERE number <= {known:UInt64}
     AND (event = 'retire-source' OR (event = 'retire-asset' AND ${where}))`,
    { ...parameters, known },
  );
  const found = new Map<string | null, Retirement[]>();
  for (const { event, subject, at } of rows) {
    const whole = event === 'retire-source';
    const key = whole ? null : subject;
    const one = { at: BigInt(at), source: whole ? subject : null };
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return found;
}

interface RunRow {
  readonly source: string;
  readonly kind: string;
  readonly container: string;
  readonly estate: string;
  readonly format: string;
  readonly collection: string;
  readonly batch: string;
  readonly started_at: string;
  readonly claimed: number;
  readonly seen: string;
  readonly delivered: string;
  readonly witness: string | null;
  readonly confirmed: number;
}

type PartitionRow = Pick<RunRow, 'collection' | 'kind' | 'container' | 'estate' | 'format'>;

/** How complete a run was when observations were forgotten. */
interface WrittenRow extends PartitionRow {
  readonly complete: number;
  readonly vouched: number;
  readonly forgotten: number;
  readonly why: string;
}

/** A partition's run, with how complete it counts as. */
export interface JudgedRun {
  readonly source: string;
  readonly kind: string;
  readonly container: string;
  readonly estate: string;
  readonly format: string;
  readonly batch: string;
  readonly run: Run;
  readonly completeness: Completeness;
  /** It was written down, and no longer depends on observations. */
  readonly frozen: boolean;
  /** Some of its observations are gone, so that it cannot say any more what it did not see. */
  readonly forgotten: boolean;
}

const runsText = (
  reader: Reader,
): string => `SELECT p.source AS source, p.kind AS kind, p.container AS container, p.estate AS estate, p.format AS format,
    p.collection AS collection,
    p.batch AS batch, p.started_at AS started_at, p.claimed AS claimed, p.seen AS seen, p.delivered AS delivered, p.witness AS witness,
    ${reader.hasEvent('confirm') ? CONFIRMED : '0'} AS confirmed
  FROM (SELECT * FROM partition WHERE ${countsOf(reader)}) AS p`;
const CONFIRMED = `p.collection IN (SELECT subject FROM batch WHERE event = 'confirm' AND number <= {known:UInt64})`;

const partitionKey = ({ collection, kind, container, estate, format }: PartitionRow): string =>
  JSON.stringify([collection, kind, container, estate, format]);

/** What was written down of the runs that `where` selects, by partition and collection. */
async function writtenRuns(
  driver: Driver,
  where: string,
  parameters: Parameters,
): Promise<ReadonlyMap<string, WrittenRow>> {
  const rows = await driver.query<WrittenRow>(
    `SELECT collection, kind, container, estate, format, any(complete) AS complete, any(confirmed) AS vouched,
       any(why) AS why, max(forgotten) AS forgotten
     FROM completeness WHERE (collection, kind, container, estate, format) IN (
       SELECT p.collection, p.kind, p.container, p.estate, p.format FROM partition AS p ${where})
     GROUP BY collection, kind, container, estate, format`,
    parameters,
  );
  return new Map(rows.map((row) => [partitionKey(row), row]));
}

/** A condition on partitions as `p`, with what it needs. */
interface Places {
  readonly where: string;
  readonly parameters: Parameters;
}

/** Containers that a statement names, for a server gets them in a URL; of more the engine finds again where what is asked about was seen. */
const NAMED = 100;

/** At least where these rows were seen, which are those of `observation` that `where` selects. */
function placesOf(rows: readonly Listing[], where: string, parameters: Parameters): Places {
  const each = (name: keyof Listing) => [...new Set(rows.map((row) => row[name]))];
  const [sources, containers, estates] = [each('source'), each('container'), each('estate')];
  if (containers.length + estates.length > NAMED)
    return {
      where: `(p.source, p.container, p.estate) IN (SELECT DISTINCT source, container, estate FROM observation WHERE ${where})`,
      parameters,
    };
  return {
    where:
      'p.source IN {sources:Array(String)} AND p.container IN {containers:Array(String)} AND p.estate IN {estates:Array(String)}',
    parameters: { sources, containers, estates },
  };
}

/** Complete runs of the partitions of some kinds in these places. */
async function sweepsOf(
  reader: Reader,
  { kinds, known }: Pick<Slice, 'kinds' | 'known'>,
  { where, parameters }: Places,
): Promise<SweepsByKind> {
  const judged = await runs(reader, known, `WHERE p.kind IN {kinds:Array(String)} AND ${where}`, {
    ...parameters,
    kinds,
  });
  return new Map(
    [...Map.groupBy(judged, ({ kind }) => kind)].map(([kind, own]) => [kind, sweepsOfKind(own)]),
  );
}

function sweepsOfKind(judged: readonly JudgedRun[]): Sweeps {
  const apart = formatsApart(judged);
  const sweeps = judged.flatMap((one): Sweep[] => {
    const { source, container, estate, format, run, batch, forgotten } = one;
    if (!one.completeness.complete || forgotten) return [];
    const except = format === '' ? (apart.get(listingOfRun(one)) ?? new Set<string>()) : new Set<string>();
    return [{ source, container, estate, format, except, collection: batch, at: run.startedAt }];
  });
  return Map.groupBy(sweeps, listingKey);
}

const listingOfRun = ({ batch, ...listing }: Listing & { readonly batch: string }): string =>
  `${batch} ${listingKey(listing)}`;

/** Formats that a collection listed apart, by collection and listing. */
function formatsApart(
  partitions: Iterable<Listing & { readonly batch: string; readonly format: string }>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const apart = new Map<string, Set<string>>();
  for (const one of partitions) {
    if (one.format === '') continue;
    const key = listingOfRun(one);
    apart.set(key, (apart.get(key) ?? new Set()).add(one.format));
  }
  return apart;
}

/** Runs of the partitions that `where` selects (of `p`, with `parameters`), each judged among its neighbours. */
export async function runs(
  reader: Reader,
  known: number,
  where = '',
  parameters: Parameters = {},
): Promise<readonly JudgedRun[]> {
  const given = { ...parameters, known };
  const rows = await reader.driver.query<RunRow>(`${runsText(reader)} ${where}`, given);
  // What is written down before anything is forgotten counts from then on.
  const frozen =
    rows.length > 0 && reader.hasEvent('forget')
      ? await writtenRuns(reader.driver, where, given)
      : new Map<string, WrittenRow>();
  const places = Map.groupBy(rows, ({ source, kind, container, estate, format }) =>
    JSON.stringify([source, kind, container, estate, format]),
  );
  const apart = formatsApart(rows);
  const holders = holdersOf(reader.kinds);
  const judged: JudgedRun[] = [];
  for (const own of places.values()) {
    const [first] = own;
    if (!first) continue;
    const { source, kind, container, estate, format } = first;
    const ordered = inOrder(own.map((row) => runOf(row, holders)));
    const batches = new Map(own.map(({ collection, batch }) => [collection, batch]));
    const before: Completeness[] = [];
    for (const [index, run] of ordered.entries()) {
      const row = frozen.get(partitionKey({ ...first, collection: run.collection }));
      const batch = batches.get(run.collection) ?? '';
      const except = apart.get(listingOfRun({ ...first, batch })) ?? new Set<string>();
      const said: Completeness =
        !row || run.confirmed
          ? await judge(reader, { first, ordered, batches, index, before, except: [...except] })
          : row.complete
            ? { complete: true, confirmed: row.vouched === 1 }
            : { complete: false, why: row.why };
      before.push(said);
      judged.push({
        source,
        kind,
        container,
        estate,
        format,
        batch,
        run,
        completeness: said,
        frozen: row !== undefined,
        forgotten: row?.forgotten === 1,
      });
    }
  }
  return judged;
}

const runOf = (row: RunRow, holders: ReadonlySet<string>): Run => ({
  collection: row.collection,
  startedAt: BigInt(row.started_at),
  claimed: row.claimed === 1,
  seen: Number(row.seen),
  delivered: Number(row.delivered),
  witness: row.witness === null ? null : Number(row.witness),
  confirmed: row.confirmed === 1,
  containers: holders.has(row.kind),
});

/** A run among its neighbours of the same partition. */
interface Judging {
  readonly first: RunRow;
  readonly ordered: readonly Run[];
  /** In which each was written, by collection. */
  readonly batches: ReadonlyMap<string, string>;
  readonly index: number;
  /** What came of those before. */
  readonly before: readonly Completeness[];
  /** Formats that were listed apart, of a partition that speaks for all others. */
  readonly except: readonly string[];
}

async function judge(
  reader: Reader,
  { first, ordered, batches, index, before, except }: Judging,
): Promise<Completeness> {
  const run = ordered[index];
  if (!run) throw new RangeError(`there is no run ${index}`);
  const from = baseline(ordered, index, before);
  if (from === null || !asksWhoIsMissing(run)) return completeness(run, 0, 0);
  const { source, kind, container, estate, format } = first;
  const window = ordered.slice(from, index + 1).map(({ collection }) => collection);
  const key = JSON.stringify([kind, container, estate, format, ...except, window]);
  let removed = reader.removals.get(key);
  if (removed === undefined) {
    const own = `kind = {kind:String} AND source = {source:String} AND container = {container:String} AND estate = {estate:String}`;
    const formats = format === '' ? 'format NOT IN {except:Array(String)}' : 'format = {format:String}';
    // What a run counts by is known here, so the engine need not find it again.
    const [row] = await reader.driver.query<{ removed: string }>(
      `SELECT count() AS removed FROM (SELECT asset FROM observation
        WHERE ${own} AND ${formats} AND batch IN {batches:Array(UInt64)}
        GROUP BY asset HAVING max(batch = {batch:UInt64}) = 0)`,
      {
        kind,
        source,
        container,
        estate,
        format,
        except,
        batches: window.map((collection) => Number(batches.get(collection))),
        batch: Number(batches.get(run.collection)),
      },
    );
    removed = Number(row?.removed ?? 0);
    reader.removals.set(key, removed);
  }
  return completeness(run, removed, ordered[from]?.delivered ?? 0);
}
