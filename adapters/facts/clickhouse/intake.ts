/**
 * Takes the observations of one collection in, and keeps what its manifest needs. Few are held here until they are committed, together with
 * what others sent (`commit.ts`); of many the engine gets a chunk at a time.
 */
import { parseTimestamp } from '@macadam/core/cel/runtime/time';
import { ingest } from '@macadam/core/facts/ingest';
import type { Collection, Observation, Partition, Problem } from '@macadam/core/facts/observation';
import { containerMissing, type SeenIn } from '@macadam/core/facts/partition';
import type { Kind } from '@macadam/core/kinds/kind';
import { observationContent } from '../manifest.ts';
import { type Leaves, leavesOf } from '../merkle.ts';
import { FactsError, type WrittenObservation } from '../port.ts';
import type { Driver } from './driver.ts';
import { type BinaryRows, binaryRows, writtenColumns } from './rows.ts';
import type { Table } from './table.ts';
import { affectedTable, observationTable, quarantineTable } from './tables.ts';

/** Bytes of one insert: large enough that syncing costs little, small enough for memory. */
const CHUNK = 16 << 20;
/** Bytes that are held of one that waits for its turn, beside as many others as there are uploads. */
const HELD = 1 << 20;
const PROBLEMS = 100;
/** Observations after which the event loop goes round: a few milliseconds. */
const TURN = 500;

export interface Intake {
  readonly root: string;
  readonly quarantinedRoot: string;
  readonly observations: number;
  readonly quarantined: number;
  readonly problems: readonly Problem[];
  /** How many assets it has in each place; null of a large one, of which the engine counts them. */
  readonly delivered: readonly Delivered[] | null;
  /** Of a large one, which had its turn before the end was reached: the batch. Null: all of it is held here. */
  readonly batch: number | null;
  /** Bytes that are held. */
  readonly size: number;
  /** What is held, as rows of a batch; good until it is asked for again. Waits for the chunks that are on their way. */
  readonly rest: (batch: number) => Promise<readonly TableRows[]>;
}

export interface Delivered extends Required<SeenIn> {
  readonly assets: number;
}

/** Rows of a table, in RowBinary. */
export interface TableRows {
  readonly table: Table;
  readonly rows: Uint8Array;
}

export interface IntakeRequest {
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly collection: Collection;
  readonly observations: Iterable<Observation> | AsyncIterable<Observation | WrittenObservation>;
  /** Gives the batch to write under, and waits until nobody else writes. Asked at most once, where there is much. */
  readonly claim: () => Promise<number>;
  /** Makes a token that was never used before. */
  readonly token: () => string;
}

/** Reads all observations. Rejects as the iterable does, and with `FactsError` for what is no observation of this collection. */
export async function takeIn(request: IntakeRequest): Promise<Intake> {
  const { kinds, collection } = request;
  const writer = chunkWriter(request);
  const started = nanosOf(collection.startedAt, 'startedAt of the collection');
  const only = onlyPartitions(collection);
  const leaves = leavesOf();
  const quarantinedLeaves = leavesOf();
  const problems = new Map<string, Problem>();
  const note = (problem: Problem) => {
    if (problems.size < PROBLEMS) problems.set(`${problem.code}\n${problem.message}`, problem);
  };
  const take = (observation: Observation | WrittenObservation): Promise<void> | undefined => {
    const { kind, id, source, container } = observation;
    if (source !== collection.source) {
      const what = `${id} is an observation of source ${source}, in a collection of ${collection.source}`;
      throw new FactsError('invalid', `${what}; append it with its own collection`);
    }
    const observed = nanosOf(observation.observedAt, `observedAt of ${id}`);
    const received = nanosOf(observation.receivedAt, `receivedAt of ${id}`);
    const content = 'text' in observation ? observation : observationContent(observation);
    const definition = kinds.get(kind);
    const missing = definition ? containerMissing(definition, observation as Observation) : null;
    if (missing !== null) {
      const code = 'container-missing';
      note({ code, cause: 'failed', message: missing, asset: id });
      return writer.quarantine(received, code, content, quarantinedLeaves);
    }
    // Of attributes it asks only which they are and whether they are absent.
    const taken = ingest(kinds, observation as Observation);
    for (const problem of taken.problems) note(problem);
    if (!taken.observation) {
      const why = taken.problems[0]?.code ?? 'refused';
      return writer.quarantine(received, why, content, quarantinedLeaves);
    }
    const late = observed < started;
    const place = container === undefined ? only.get(kind) : observation;
    return writer.observation({
      place,
      observed,
      seen: late ? started : observed,
      received,
      content,
      leaves,
    });
  };
  // Waiting costs more than a row: it is done for a full chunk, and for an iterable that asks for it.
  if (Symbol.asyncIterator in request.observations) {
    for await (const observation of request.observations) await take(observation);
  } else {
    let count = 0;
    for (const observation of request.observations) {
      const full = take(observation);
      if (full) await full;
      count += 1;
      // Others on this thread get their turn.
      if (count % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return {
    observations: leaves.count(),
    quarantined: quarantinedLeaves.count(),
    root: leaves.root(),
    quarantinedRoot: quarantinedLeaves.root(),
    problems: [...problems.values()],
    delivered: writer.delivered(),
    batch: writer.batch(),
    size: writer.size(),
    rest: writer.rest,
  };
}

/** What is written of one observation. */
interface Row {
  /** Where it was seen. */
  readonly place: Pick<Observation, 'container' | 'estate' | 'format'> | undefined;
  readonly observed: bigint;
  readonly seen: bigint;
  readonly received: bigint;
  readonly content: Content;
  readonly leaves: Leaves;
}

type Content = WrittenObservation | ReturnType<typeof observationContent>;

/** Three tables are written side by side; while one chunk is on its way, the next is made. */
function chunkWriter({ driver, token, claim }: IntakeRequest) {
  const tables = [observationTable, affectedTable, quarantineTable].map((table) => ({
    table,
    rows: binaryRows(),
  }));
  const [rows, affected, quarantined] = tables.map((each) => each.rows);
  if (!rows || !affected || !quarantined) throw new RangeError('there are three tables');
  /** Null while there is little: batches are sealed in order, so nobody has a number while only reading. */
  let batch: number | null = null;
  let pending: Promise<readonly PromiseSettledResult<void>[]> | null = null;
  const places = new Map<string, { readonly place: Required<SeenIn>; readonly assets: Set<string> }>();
  const deliver = (id: string, place: Required<SeenIn>) => {
    const key = JSON.stringify([place.kind, place.container, place.estate, place.format]);
    const known = places.get(key) ?? { place, assets: new Set() };
    places.set(key, known);
    known.assets.add(id);
  };
  const wait = async () => {
    const failed = (await pending)?.find(({ status }) => status === 'rejected');
    pending = null;
    if (failed?.status === 'rejected') throw failed.reason;
  };
  const numbered = (into: BinaryRows) => {
    if (batch === null) into.integerLater();
    else into.integer(BigInt(batch));
  };
  const held = (number: number): readonly TableRows[] =>
    tables.map(({ table, rows: lines }) => {
      lines.fill(BigInt(number));
      return { table, rows: lines.take() };
    });
  const number = async () => {
    const claimed = await claim();
    for (const { rows: lines } of tables) lines.fill(BigInt(claimed));
    batch = claimed;
    places.clear();
  };
  /** Undefined where nothing is full, so that most rows wait for nothing. */
  const fulled = (length: number): Promise<void> | undefined => {
    if (batch === null) return length >= HELD ? number() : undefined;
    return length >= CHUNK ? flush(batch) : undefined;
  };
  const flush = async (batch: number) => {
    await wait();
    pending = Promise.allSettled(held(batch).map((chunk) => insertRows(driver, chunk, token())));
  };
  return {
    batch: () => batch,
    delivered: () =>
      batch === null
        ? [...places.values()].map(({ place, assets }): Delivered => ({ ...place, assets: assets.size }))
        : null,
    size: () => tables.reduce((sum, each) => sum + each.rows.length(), 0),
    observation: ({ place, observed, seen, received, content, leaves }: Row): Promise<void> | undefined => {
      const { kind, id, source } = content;
      const { container = '', estate = '', format = '' } = place ?? {};
      if (batch === null) deliver(id, { kind, container, estate, format });
      numbered(affected);
      affected.text(kind);
      affected.text(id);
      rows.text(kind);
      rows.text(id);
      rows.text(source);
      rows.text(container);
      rows.integer(observed);
      rows.integer(seen);
      rows.integer(received);
      numbered(rows);
      if ('text' in content) rows.bytes(content.text);
      else rows.canonical(content);
      leaves.add(rows.last());
      rows.text(estate);
      rows.text(format);
      return fulled(rows.length());
    },
    quarantine: (
      received: bigint,
      why: string,
      content: Content,
      leaves: Leaves,
    ): Promise<void> | undefined => {
      numbered(quarantined);
      quarantined.integer(received);
      quarantined.text(why);
      if ('text' in content) quarantined.bytes(content.text);
      else quarantined.canonical(content);
      leaves.add(quarantined.last());
      return fulled(quarantined.length());
    },
    rest: async (number: number) => {
      await wait();
      return held(number);
    },
  };
}

export const insertRows = (driver: Driver, { table, rows }: TableRows, token: string): Promise<void> =>
  driver.insert({
    table: table.name,
    columns: writtenColumns(table),
    format: 'RowBinary',
    rows,
    token,
  });

/** A kind's only partition. */
function onlyPartitions({ partitions }: Collection): ReadonlyMap<string, Partition> {
  const byKind = Map.groupBy(partitions, ({ kind }) => kind);
  return new Map([...byKind].flatMap(([kind, own]) => (own.length === 1 && own[0] ? [[kind, own[0]]] : [])));
}

const INT64 = 1n << 63n;
const parsed = new Map<string, bigint>();

/** RFC 3339 to nanoseconds since 1970. Times repeat within a collection. */
export function nanosOf(text: string, what: string): bigint {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const time = parseTimestamp(text);
  const nanos = time && BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos);
  if (nanos === null || nanos >= INT64 || nanos < -INT64) {
    throw new FactsError(
      'invalid',
      `${what} is ${JSON.stringify(text)}, and not a time such as 2026-11-01T08:30:00Z`,
    );
  }
  if (parsed.size > 1000) parsed.clear();
  parsed.set(text, nanos);
  return nanos;
}
