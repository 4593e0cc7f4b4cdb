/**
 * Observations as a file: one JSON object a line. `{"collection": {…}}` begins a collection, and the observations after
 * it are its own; observations before any such line make a collection of their source, which claims no partition.
 *
 * A batch is all or nothing: a line that is no observation refuses its collection, with every mistake of it (the first
 * hundred are told), and the collections before and after it stand. Memory is that of one line and one chunk.
 */
import type { Observation } from '@macadam/core/facts/observation';
import {
  collectionFrom,
  impliedCollection,
  isRecord,
  type Line,
  type LineMistake,
  LONGEST,
  observationFrom,
  parsed,
} from './line.ts';
import { ndjsonScan } from './ndjson-scan.ts';
import { type Appended, type Facts, FactsError, type WrittenObservation } from './port.ts';

export interface Ingested {
  readonly appended: readonly Appended[];
  readonly refused: readonly RefusedBatch[];
}

export interface RefusedBatch {
  readonly source: string | null;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly mistakes: readonly LineMistake[];
  /** Mistakes beyond those listed. */
  readonly more: number;
}

const TOLD = 100;

/** Thrown to the store in the middle of a batch, so that it takes nothing of it. */
class Refused extends Error {}

/**
 * Appends every collection of a file. Rejects only as the store or the stream do; what the file gets wrong is in
 * the answer. All of it is received at `receivedAt`, whatever it says of that itself.
 */
export async function ingestNdjson(
  facts: Pick<Facts, 'append'>,
  bytes: AsyncIterable<Uint8Array>,
  receivedAt: Date,
): Promise<Ingested> {
  const appended: Appended[] = [];
  const refused: RefusedBatch[] = [];
  const lines = peekable(linesOf(bytes));
  const scan = ndjsonScan();
  const received = receivedAt.toISOString();
  for (let first = await lines.peek(); first; first = await lines.peek()) {
    const mistakes: LineMistake[] = [];
    let more = 0;
    const mistake = (one: LineMistake) => {
      if (mistakes.length < TOLD) mistakes.push(one);
      else more += 1;
    };
    let last = first.number;
    let head: unknown;
    // Lines that cannot be read at all belong to what comes after them, unless that says that it begins there.
    for (let line: Line | null = first; line && head === undefined; line = await lines.peek()) {
      head = parsed(line, mistake);
      if (head !== undefined) break;
      last = line.number;
      lines.pass();
    }
    const opened = isRecord(head) && Object.hasOwn(head, 'collection');
    if (head === undefined || (opened && mistakes.length > 0)) {
      refused.push({ source: null, firstLine: first.number, lastLine: last, mistakes, more });
      continue;
    }
    if (opened) lines.pass();
    const collection =
      isRecord(head) && opened
        ? collectionFrom(head.collection, first.number, received, mistake)
        : impliedCollection(head, received);
    /** Until the batch ends; after a mistake the rest is read for its own mistakes, and not for the store. */
    const observations = async function* (): AsyncGenerator<Observation | WrittenObservation> {
      for (
        let line = lines.held() ?? (await lines.peek());
        line;
        line = lines.held() ?? (await lines.peek())
      ) {
        const written =
          collection && mistakes.length === 0 && line.bytes
            ? scan(line.bytes, collection.source, received)
            : null;
        const record = written ? null : parsed(line, mistake);
        if (isRecord(record) && Object.hasOwn(record, 'collection')) break;
        const source = written ? written.source : isRecord(record) ? record.source : undefined;
        // Without a collection of their own, observations of another source begin a batch.
        if (!opened && collection && typeof source === 'string' && source !== collection.source) break;
        lines.pass();
        last = line.number;
        if (written) yield written;
        else if (record !== undefined) {
          const observation = observationFrom({
            record,
            line: line.number,
            collection,
            receivedAt: received,
            mistake,
          });
          if (observation && mistakes.length === 0) yield observation;
        }
      }
      if (mistakes.length > 0) throw new Refused();
    };
    try {
      if (collection && mistakes.length === 0)
        appended.push(await facts.append(collection, observations(), receivedAt));
    } catch (error) {
      if (error instanceof FactsError && error.fault === 'invalid')
        mistake({ line: last, field: '', reason: error.message });
      else if (!(error instanceof Refused)) throw error;
    }
    // Where the store stopped in the middle, what is left of the batch is read, and goes nowhere.
    try {
      for await (const _ of observations());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
    if (mistakes.length > 0) {
      const source = collection?.source ?? null;
      refused.push({ source, firstLine: first.number, lastLine: last, mistakes, more });
    }
  }
  return { appended, refused };
}

/** A line is never more bytes than this, however many of them its characters take. */
const LONGEST_BYTES = LONGEST * 3;

/** Lines that are not empty, whatever ends them: those of one piece together. Never more than one line is held beside it. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Line[]> {
  let number = 1;
  /** The beginning of a line that goes on: of one that is too long nothing is kept. */
  let begun: Buffer[] = [];
  let size = 0;
  const ended = (rest: Buffer): Line | null => {
    const whole = begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
    const line = { number, bytes: size + rest.length > LONGEST_BYTES ? null : whole };
    begun = [];
    size = 0;
    number += 1;
    return line.bytes && isBlank(line.bytes) ? null : line;
  };
  for await (const piece of bytes) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = ended(chunk.subarray(start, end));
      if (line) lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) {
      size += chunk.length - start;
      if (size > LONGEST_BYTES) begun = [];
      else begun.push(chunk.subarray(start));
    }
    if (lines.length > 0) yield lines;
  }
  if (size === 0) return;
  const line = ended(Buffer.alloc(0));
  if (line) yield [line];
}

/** Most lines begin with a brace. */
const isBlank = (bytes: Buffer): boolean => bytes[0] !== OPEN && bytes.toString().trim() === '';
const OPEN = 123;

function peekable(pieces: AsyncGenerator<readonly Line[]>) {
  let lines: readonly Line[] = [];
  let at = 0;
  /** The next line, if it is here already. */
  const held = (): Line | null => lines[at] ?? null;
  const peek = async (): Promise<Line | null> => {
    while (at >= lines.length) {
      const next = await pieces.next();
      if (next.done) return null;
      lines = next.value;
      at = 0;
    }
    return held();
  };
  /** Goes on behind the line that was looked at. */
  const pass = (): void => {
    at += 1;
  };
  return { held, peek, pass };
}
