/** Takes a file of observations into the facts: whole batches or none, and says what came of it. */

import { APPROVALS_RESERVED, isYetToCome } from '@macadam/adapters/facts/line';
import { ingestNdjson } from '@macadam/adapters/facts/ndjson';
import type { Appended, Facts } from '@macadam/adapters/facts/port';
import { strayReason, utf8Text } from '@macadam/adapters/facts/utf8';
import type { ParsedFile, Read } from '@macadam/adapters/imports/findings/batch';
import { readCycloneDxPaper } from '@macadam/adapters/imports/findings/cyclonedx';
import { readKeyReports } from '@macadam/adapters/imports/findings/key-reports';
import { readOcsfPaper } from '@macadam/adapters/imports/findings/ocsf';
import { FORMATS, type IntakeFormat, recognised } from '@macadam/adapters/imports/findings/recognition';
import { readSarifPaper } from '@macadam/adapters/imports/findings/sarif';
import { readTokenReports } from '@macadam/adapters/imports/findings/token-reports';
import { ingest } from '@macadam/core/facts/ingest';
import { APPROVALS, type Observation, type Problem } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import { BOUNDS } from '@macadam/core/text/bounds';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';

export interface IntakeRequest {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly file: string;
  /** Null: recognised by the content. */
  readonly as: IntakeFormat | null;
  readonly subject: string;
  readonly takenAt: ParsedFile['takenAt'];
  readonly receivedAt: Date;
}

/** Takes one collection, as the store's `append` does. */
export type Append = Facts['append'];

export interface Intake {
  readonly format: IntakeFormat | null;
  readonly appended: readonly (Pick<
    Appended,
    'batch' | 'repeated' | 'observations' | 'quarantined' | 'problems'
  > & {
    readonly source: string;
  })[];
  readonly mistakes: readonly FileDiagnostic[];
  readonly notes: readonly string[];
}

const READERS: Readonly<Record<Exclude<IntakeFormat, 'ndjson'>, (paper: ParsedFile) => Read>> = {
  sarif: readSarifPaper,
  ocsf: readOcsfPaper,
  cyclonedx: readCycloneDxPaper,
  'token-reports': readTokenReports,
  'key-reports': readKeyReports,
};

/** What a file is, is seen in this many bytes of it. */
const HEAD = 65_536;

/** What it will be taken as; null where that is not seen. */
export async function formatOf({
  bytes,
  as,
}: Pick<IntakeRequest, 'bytes' | 'as'>): Promise<IntakeFormat | null> {
  if (as !== null) return as;
  const head: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bytes) {
    head.push(piece);
    size += piece.length;
    if (size >= HEAD) break;
  }
  return recognised(Buffer.concat(head).toString('utf8'));
}

/** Rejects as the store or the stream do; what the file gets wrong is in the answer, and then nothing of it is taken. */
export async function intake(request: IntakeRequest, append: Append): Promise<Intake> {
  const { file, receivedAt } = request;
  const { head, rest } = await opened(request.bytes);
  const format = request.as ?? recognised(head.toString('utf8'));
  const refused = (mistakes: readonly FileDiagnostic[]): Intake => ({
    format,
    appended: [],
    mistakes,
    notes: [],
  });
  const mistake = (reason: string): FileDiagnostic => ({ file, line: 1, column: 1, field: '', reason });
  if (format === null) {
    const reason = 'it is not seen what this is; say it by `--as`, one of ';
    return refused([mistake(reason + FORMATS.join(', '))]);
  }
  if (format === 'ndjson') return byLine(request, rest, append);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of rest) {
    size += chunk.length;
    if (size > BOUNDS.document)
      return refused([mistake(`is larger than ${BOUNDS.document} bytes; take it apart`)]);
    chunks.push(chunk);
  }
  const { subject, takenAt } = request;
  const text = utf8Text(Buffer.concat(chunks));
  if (typeof text !== 'string')
    return refused([{ ...mistake(strayReason(text)), line: text.line, column: text.byte }]);
  const read = READERS[format]({ text, file, subject, takenAt, receivedAt });
  if ('mistakes' in read) return refused(read.mistakes);
  if (read.batches.some(({ collection }) => collection.source === APPROVALS))
    return refused([mistake(`the name of its tool ${APPROVALS_RESERVED}`)]);
  const early = read.batches.find(({ collection }) => isYetToCome(collection.startedAt, receivedAt));
  if (early) {
    const when = `it was made at ${early.collection.startedAt}, by its own word, which is yet to come`;
    return refused([mistake(`${when}; set the clock right, and make it again`)]);
  }
  const appended: Intake['appended'][number][] = [];
  for (const { collection, observations } of read.batches)
    appended.push({ source: collection.source, ...(await append(collection, observations, receivedAt)) });
  return { format, appended, mistakes: [], notes: read.notes };
}

async function byLine(
  { file, receivedAt }: IntakeRequest,
  bytes: AsyncIterable<Uint8Array>,
  append: Append,
): Promise<Intake> {
  const appended: Intake['appended'][number][] = [];
  const named: Append = async (collection, observations, at) => {
    const one = await append(collection, observations, at);
    appended.push({ source: collection.source, ...one });
    return one;
  };
  const { refused } = await ingestNdjson({ append: named }, bytes, receivedAt);
  const mistakes = refused.flatMap(({ mistakes: own, more, lastLine }): FileDiagnostic[] => {
    const told = own.map((one) => ({ ...one, file, column: 1 }));
    const rest = {
      file,
      line: lastLine,
      column: 1,
      field: '',
      reason: `and ${more} more mistakes before here`,
    };
    return more > 0 ? [...told, rest] : told;
  });
  return { format: 'ndjson', appended, mistakes, notes: [] };
}

/** Looks at the beginning of a stream, and gives all of it back. */
async function opened(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: Buffer; readonly rest: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  while (size < HEAD && !ended) {
    const next = await iterator.next();
    if (next.done) ended = true;
    else {
      held.push(next.value);
      size += next.value.length;
    }
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* held;
    while (!ended) {
      const next = await iterator.next();
      if (next.done) return;
      yield next.value;
    }
  }
  return { head: Buffer.concat(held), rest: all() };
}

/** An `append` that takes nothing: what would be taken, and what would not. */
export function rehearsal(kinds: ReadonlyMap<string, Kind>): Append {
  return async (_collection, observations) => {
    const problems = new Map<string, Problem>();
    let taken = 0;
    let quarantined = 0;
    for await (const observation of observations) {
      const checked = ingest(kinds, observation as Observation);
      for (const problem of checked.problems) problems.set(`${problem.code}\n${problem.message}`, problem);
      if (checked.observation) taken += 1;
      else quarantined += 1;
    }
    return {
      batch: 0,
      repeated: false,
      collection: '',
      observations: taken,
      quarantined,
      problems: [...problems.values()].slice(0, 100),
      manifest: null as never,
    };
  };
}
