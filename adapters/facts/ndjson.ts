/**
 * Observations as a file: one JSON object a line. `{"collection": {…}}` begins a collection, and the observations after
 * it are its own; observations before any such line make a collection of their source, which claims no partition.
 *
 * A batch is all or nothing: a line that is no observation refuses its collection, with every mistake of it (the first
 * hundred are told), and the collections before and after it stand. Memory is that of one line and one chunk.
 */
import type { Observation } from '@macadam/core/observation';
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
import { type Appended, type Facts, FactsError } from './port.ts';

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

export const describeLine = (file: string, { line, field, reason }: LineMistake): string =>
  `${file}:${line}: ${field === '' ? '' : `\`${field}\`: `}${reason}`;

/** Thrown to the store in the middle of a batch, so that it takes nothing of it. */
class Refused extends Error {}

/**
 * Appends every collection of a file. Rejects only as the store or the stream do; what the file gets wrong is in
 * the answer. `receivedAt` is the time for observations that do not give their own.
 */
export async function ingestNdjson(
  facts: Pick<Facts, 'append'>,
  bytes: AsyncIterable<Uint8Array>,
  receivedAt: Date,
): Promise<Ingested> {
  const appended: Appended[] = [];
  const refused: RefusedBatch[] = [];
  const lines = peekable(linesOf(bytes));
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
      await lines.next();
    }
    const opened = isRecord(head) && Object.hasOwn(head, 'collection');
    if (head === undefined || (opened && mistakes.length > 0)) {
      refused.push({ source: null, firstLine: first.number, lastLine: last, mistakes, more });
      continue;
    }
    if (opened) await lines.next();
    const collection =
      isRecord(head) && opened
        ? collectionFrom(head.collection, first.number, mistake)
        : impliedCollection(head, received);
    const observations = async function* (): AsyncGenerator<Observation> {
      for (let line = await lines.peek(); line; line = await lines.peek()) {
        const record = parsed(line, mistake);
        if (isRecord(record) && Object.hasOwn(record, 'collection')) break;
        const source = isRecord(record) ? record.source : undefined;
        // Without a collection of their own, observations of another source begin a batch.
        if (!opened && collection && typeof source === 'string' && source !== collection.source) break;
        await lines.next();
        last = line.number;
        if (record === undefined) continue;
        const observation = observationFrom(record, line.number, collection, received, mistake);
        // After a mistake the rest is read for its own mistakes, and not for the store.
        if (observation && mistakes.length === 0) yield observation;
      }
    };
    const whole = async function* (): AsyncGenerator<Observation> {
      yield* observations();
      if (mistakes.length > 0) throw new Refused();
    };
    try {
      if (collection && mistakes.length === 0)
        appended.push(await facts.append(collection, whole(), receivedAt));
    } catch (error) {
      if (error instanceof FactsError && error.fault === 'invalid')
        mistake({ line: last, field: '', reason: error.message });
      else if (!(error instanceof Refused)) throw error;
    }
    // Where the store stopped in the middle, what is left of the batch is read, and goes nowhere.
    for await (const _ of observations());
    if (mistakes.length > 0) {
      const source = collection?.source ?? null;
      refused.push({ source, firstLine: first.number, lastLine: last, mistakes, more });
    }
  }
  return { appended, refused };
}

/** Lines that are not empty, whatever ends them. Never more than one line is held. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8');
  let number = 1;
  let rest = '';
  let skipping = false;
  for await (const chunk of bytes) {
    // A line that came in many chunks is looked through once: only what is new may hold its end.
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n');
    rest = skipping ? '' : rest + first;
    for (const part of others) {
      skipping ||= rest.length > LONGEST;
      if (skipping) yield { number, text: null };
      else if (rest.trim() !== '') yield { number, text: rest };
      skipping = false;
      number += 1;
      rest = part;
    }
    skipping ||= rest.length > LONGEST;
  }
  rest += decoder.decode();
  skipping ||= rest.length > LONGEST;
  if (skipping) yield { number, text: null };
  else if (rest.trim() !== '') yield { number, text: rest };
}

function peekable(lines: AsyncGenerator<Line>) {
  let ahead: Line | null | undefined;
  const peek = async (): Promise<Line | null> => {
    if (ahead === undefined) {
      const next = await lines.next();
      ahead = next.done ? null : next.value;
    }
    return ahead;
  };
  const next = async (): Promise<void> => {
    await peek();
    if (ahead !== null) ahead = undefined;
  };
  return { peek, next };
}
