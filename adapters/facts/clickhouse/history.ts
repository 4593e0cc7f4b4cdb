/**
 * What is known of assets, read from the observations: when they existed, and what they are at any time. The merged
 * tables are this at the present, written down; the past is computed with the same functions when it is asked for.
 */
import { type Asset, merge } from '@macadam/core/facts/asset';
import {
  baseline,
  type Completeness,
  completeness,
  inOrder,
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
import type { Kind } from '@macadam/core/kinds/kind';
import { instant } from '../columns.ts';
import type { Reading } from './definitions.ts';
import type { Driver, Parameters } from './driver.ts';

/** Assets of one kind, by id: those after `after` and up to `upto`, or `upto` alone. */
export interface Slice {
  readonly kind: string;
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

const IN_SLICE = `kind = {kind:String} AND asset > {after:String} AND asset <= {upto:String}`;
const ONLY = 'AND asset = {upto:String}';
const CHOSEN = 'AND asset IN {ids:Array(String)}';
const AFFECTED = `AND asset IN (SELECT asset FROM affected WHERE ${IN_SLICE} AND batch > {since:UInt64} AND batch <= {known:UInt64})`;

interface ObservationRow {
  readonly asset: string;
  readonly source: string;
  readonly container: string;
  readonly seen_at: string;
  readonly received_at: string;
  readonly batch: string;
  readonly body: string;
}

export interface Reader {
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly reading: Reading;
  /** Removals of runs that were counted before; what a run says never changes while its neighbours are the same. */
  readonly removals: Map<string, number>;
}

/** Histories of a slice of assets, by id in order; each is made when it is asked for, so that they need not be held at once. */
export async function histories(reader: Reader, slice: Slice): Promise<Iterable<History>> {
  const { driver } = reader;
  const parameters = parametersOf(slice);
  const where = `${IN_SLICE} ${narrowed(slice)} AND ${COUNTS}`;
  const rows = await driver.query<ObservationRow>(
    `SELECT asset, source, container, seen_at, received_at, batch, body
     FROM observation WHERE ${where} ORDER BY asset, seen_at, source, body`,
    parameters,
  );
  const sweeps = await sweepsOf(reader, slice, rows);
  const retired = await retirements(reader, slice);
  const everywhere = retired.get(null) ?? [];
  return (function* () {
    for (let first = 0, next = 0; first < rows.length; first = next) {
      const id = rows[first]?.asset ?? '';
      while (next < rows.length && rows[next]?.asset === id) next += 1;
      const seen = rows.slice(first, next).map(sighting);
      const withdrawn = [...everywhere, ...(retired.get(id) ?? [])];
      yield { id, seen, spans: spans(seen, sweeps, withdrawn) };
    }
  })();
}

const parametersOf = ({ kind, after, upto, known, affectedSince = 0, ids = [] }: Slice): Parameters => ({
  kind,
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

function sighting(row: ObservationRow): Seen {
  const observation = JSON.parse(row.body) as Omit<Observation, 'receivedAt'>;
  return {
    source: row.source,
    container: row.container,
    // Within the store a collection is its batch.
    collection: row.batch,
    at: BigInt(row.seen_at),
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

async function retirements(
  { driver }: Reader,
  { kind, after, upto, known }: Slice,
): Promise<Map<string | null, Retirement[]>> {
  const rows = await driver.query<{ event: string; subject: string; at: string }>(
    `SELECT event, subject, at FROM batch WHERE number <= {known:UInt64} AND (event = 'retire-source'
     OR (event = 'retire-asset' AND subject > {after:String} AND subject <= {upto:String}))`,
    { after, upto, known, kind },
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
  readonly collection: string;
  readonly batch: string;
  readonly started_at: string;
  readonly claimed: number;
  readonly seen: string;
  readonly delivered: string;
  readonly witness: string | null;
  readonly confirmed: number;
  readonly frozen: number;
  readonly complete: number;
  readonly vouched: number;
  readonly forgotten: number | null;
  readonly why: string;
}

/** A partition's run, with how complete it counts as. */
export interface JudgedRun {
  readonly source: string;
  readonly kind: string;
  readonly container: string;
  readonly batch: string;
  readonly run: Run;
  readonly completeness: Completeness;
  /** It was written down, and no longer depends on observations. */
  readonly frozen: boolean;
  /** Some of its observations are gone, so that it cannot say any more what it did not see. */
  readonly forgotten: boolean;
}

const RUNS = `SELECT p.source AS source, p.kind AS kind, p.container AS container, p.collection AS collection,
    p.batch AS batch, p.started_at AS started_at, p.claimed AS claimed, p.seen AS seen, p.delivered AS delivered, p.witness AS witness,
    p.collection IN (SELECT subject FROM batch WHERE event = 'confirm' AND number <= {known:UInt64}) AS confirmed,
    c.collection IS NOT NULL AS frozen, c.complete AS complete, c.confirmed AS vouched, c.why AS why,
    c.forgotten AS forgotten
  FROM (SELECT * FROM partition WHERE ${COUNTS}) AS p LEFT JOIN (
    SELECT collection, kind, container, any(complete) AS complete, any(confirmed) AS confirmed, any(why) AS why,
      max(forgotten) AS forgotten FROM completeness GROUP BY collection, kind, container) AS c
  ON c.collection = p.collection AND c.kind = p.kind AND c.container = p.container`;

async function sweepsOf(
  reader: Reader,
  slice: Slice,
  rows: readonly ObservationRow[],
): Promise<readonly Sweep[]> {
  if (rows.length === 0) return [];
  const places = `SELECT DISTINCT source, container FROM observation WHERE ${IN_SLICE} ${narrowed(slice)}`;
  const judged = await runs(
    reader,
    slice.known,
    `WHERE p.kind = {kind:String} AND (p.source, p.container) IN (${places})`,
    parametersOf(slice),
  );
  return judged.flatMap(({ source, container, run, batch, forgotten, completeness: { complete } }) =>
    complete && !forgotten ? [{ source, container, collection: batch, at: run.startedAt }] : [],
  );
}

/** Runs of the partitions that `where` selects (of `p`, with `parameters`), each judged among its neighbours. */
export async function runs(
  reader: Reader,
  known: number,
  where = '',
  parameters: Parameters = {},
): Promise<readonly JudgedRun[]> {
  const rows = await reader.driver.query<RunRow>(`${RUNS} ${where}`, { ...parameters, known });
  const places = Map.groupBy(rows, ({ source, kind, container }) =>
    JSON.stringify([source, kind, container]),
  );
  const judged: JudgedRun[] = [];
  for (const own of places.values()) {
    const frozen = new Map(own.filter((row) => row.frozen).map((row) => [row.collection, row]));
    const [first] = own;
    if (!first) continue;
    const { source, kind, container } = first;
    const ordered = inOrder(own.map(runOf));
    const batches = new Map(own.map(({ collection, batch }) => [collection, batch]));
    for (const [index, run] of ordered.entries()) {
      const row = frozen.get(run.collection);
      const said: Completeness =
        !row || run.confirmed
          ? await judge(reader, known, first, ordered, index)
          : row.complete
            ? { complete: true, confirmed: row.vouched === 1 }
            : { complete: false, why: row.why };
      const batch = batches.get(run.collection) ?? '';
      judged.push({
        source,
        kind,
        container,
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

const runOf = (row: RunRow): Run => ({
  collection: row.collection,
  startedAt: BigInt(row.started_at),
  claimed: row.claimed === 1,
  seen: Number(row.seen),
  delivered: Number(row.delivered),
  witness: row.witness === null ? null : Number(row.witness),
  confirmed: row.confirmed === 1,
});

async function judge(
  reader: Reader,
  known: number,
  { source, kind, container }: RunRow,
  ordered: readonly Run[],
  index: number,
): Promise<Completeness> {
  const run = ordered[index];
  if (!run) throw new RangeError(`there is no run ${index}`);
  const from = baseline(ordered, index);
  const plain = completeness(run, 0, 0);
  // Only a run without a witness depends on who is missing, and only after another.
  if (from === null || !plain.complete || plain.confirmed) return plain;
  const window = ordered.slice(from, index + 1).map(({ collection }) => collection);
  const key = `${kind}\n${container}\n${window.join()}`;
  let removed = reader.removals.get(key);
  if (removed === undefined) {
    const bounds = [ordered[from]?.startedAt ?? 0n, run.startedAt] as const;
    const [row] = await reader.driver.query<{ removed: string }>(
      `SELECT count() AS removed FROM (SELECT asset FROM observation
        WHERE kind = {kind:String} AND source = {source:String} AND container = {container:String} AND ${COUNTS}
        AND batch IN (SELECT batch FROM partition WHERE kind = {kind:String} AND source = {source:String}
          AND container = {container:String} AND started_at >= {first:Int64} AND started_at <= {last:Int64}
          AND (started_at > {first:Int64} OR collection >= {from:String})
          AND (started_at < {last:Int64} OR collection <= {collection:String}))
        GROUP BY asset
        HAVING max(batch IN (SELECT number FROM batch WHERE event = 'collection' AND subject = {collection:String})) = 0)`,
      {
        kind,
        source,
        container,
        known,
        first: bounds[0],
        last: bounds[1],
        from: window[0] ?? '',
        collection: run.collection,
      },
    );
    removed = Number(row?.removed ?? 0);
    reader.removals.set(key, removed);
  }
  return completeness(run, removed, ordered[from]?.delivered ?? 0);
}
