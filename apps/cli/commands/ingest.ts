/** `macadam ingest`: what others observed, into the facts: observations by line, SARIF, OCSF and CycloneDX. */
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DirectoryHeld } from '@macadam/adapters/data-folder/lock';
import { findServer } from '@macadam/adapters/data-folder/running';
import { EngineError } from '@macadam/adapters/facts/clickhouse/driver';
import { manifestKey } from '@macadam/adapters/facts/manifest-key';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import { FactsError } from '@macadam/adapters/facts/port';
import { FORMATS, type IntakeFormat } from '@macadam/adapters/imports/findings/recognition';
import { counted } from '@macadam/adapters/report-formats/figures';
import { visible } from '@macadam/adapters/report-formats/text';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { didYouMean } from '@macadam/core/text/suggestion';
import { EXPORT_FORMATS } from '@macadam/services/ingest/export';
import { type Append, type Intake, intake, rehearsal } from '@macadam/services/ingest/ingest';
import { dataFolder, storesIn } from '@macadam/services/measure/data-folder';
import { EXIT } from '../exit.ts';
import { complain, UsageError } from '../terminal.ts';
import { exportedObservations, POSTED_TEXTS } from './ingest-export.ts';
import { ofFolder, type Receiver, receiverOf, sendTo } from './ingest-remote.ts';
import { loadHere } from './test.ts';

export interface IngestOptions {
  readonly data?: string;
  readonly server?: string;
  readonly as?: string;
  /** The same as `as`. */
  readonly format?: string;
  readonly subject?: string;
  readonly takenAt?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  /** What was said before of a folder that became this file; printed already, and repeated in JSON. */
  readonly notes?: readonly string[];
}

export async function ingestCommand(file = '-', options: IngestOptions): Promise<number> {
  const as = formatOf(options);
  const receivedAt = new Date();
  if (as !== null && [...EXPORT_FORMATS, POSTED_TEXTS].includes(as))
    return takingExport(as, file, receivedAt, options);
  const taken = takenAt(file, options.takenAt, receivedAt);
  const input = file === '-' ? await spooled(process.stdin) : { path: file, remove: () => {} };
  try {
    return await taking({
      path: input.path,
      file,
      as: as as IntakeFormat | null,
      taken,
      receivedAt,
      options,
    });
  } finally {
    input.remove();
  }
}

function formatOf({ as, format }: IngestOptions): string | null {
  const known = [...FORMATS, ...EXPORT_FORMATS, POSTED_TEXTS];
  if (as !== undefined && format !== undefined && as !== format)
    throw new UsageError(`--as ${as} and --format ${format} exclude each other: both say what it is`);
  const named = as ?? format ?? null;
  if (named !== null && !known.includes(named)) {
    const option = as === undefined ? '--format' : '--as';
    throw new UsageError(
      `${option}: there is no \`${named}\`${didYouMean(named, known)}; there are ${known.join(', ')}`,
    );
  }
  return named;
}

/** A folder that somebody saved from a directory: its observations are taken in by line. */
async function takingExport(
  format: string,
  folder: string,
  receivedAt: Date,
  options: IngestOptions,
): Promise<number> {
  if (folder === '-')
    throw new UsageError(`--format ${format}: name the folder that holds the saved answers`);
  const exported = await exportedObservations(folder, {
    format,
    subject: options.subject ?? null,
    takenAt: options.takenAt === undefined ? null : takenAt('-', options.takenAt, receivedAt).at,
    receivedAt,
  });
  try {
    if (!options.json) for (const note of exported.notes) process.stderr.write(`macadam: ${visible(note)}\n`);
    const taken = { at: receivedAt, stated: true };
    return await taking({
      path: exported.path,
      file: folder,
      as: 'ndjson',
      taken,
      receivedAt,
      options: {
        ...options,
        notes: exported.notes,
      },
    });
  } finally {
    exported.remove();
  }
}

/**
 * What comes by standard input, in a file of its own: the embedded engine reads that input too, as the data of a
 * statement, wherever something is left in it.
 */
async function spooled(stream: NodeJS.ReadableStream): Promise<{ path: string; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-ingest-'));
  const path = join(folder, 'stdin');
  await pipeline(stream, createWriteStream(path, { mode: 0o600 }));
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Read at once: few enough to hold, and enough that reading costs little. */
const PIECE = 1 << 20;

/** Opened when it is read, and not before: it may be refused without a look at it. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: PIECE });
}

interface TakingInput {
  readonly path: string;
  readonly file: string;
  readonly as: IntakeFormat | null;
  readonly taken: { at: Date; stated: boolean };
  readonly receivedAt: Date;
  readonly options: IngestOptions;
}

async function taking({ path, file, as, taken, receivedAt, options }: TakingInput): Promise<number> {
  const { kinds, mistakes } = loadHere();
  complain(mistakes);
  const request = {
    bytes: bytesOf(path),
    file: file === '-' ? 'stdin' : file,
    as,
    subject: options.subject ?? (file === '-' ? 'stdin' : basename(file)),
    takenAt: taken,
    receivedAt,
  };
  if (options.dryRun) return told(await intake(request, rehearsal(kinds)), null, options);
  const remote = namedServer(options);
  if (remote !== null) return toldByServer(await sendTo(remote, path, request), options);
  const usual = dataFolder('.', process.env);
  const place = storesIn(options.data ?? usual, usual, process.env).facts;
  // A server that runs on these stores has them for itself, so it is given the file.
  const running = findServer(place);
  if (running !== null) return toldByServer(await sendTo(ofFolder(running), path, request), options);
  let changed = 0;
  const counting = (changes: readonly unknown[]) => {
    changed += changes.length;
  };
  const stores = await opened(place, { kinds, now: () => new Date(), changed: counting });
  try {
    const append: Append = (...rest) => stores.facts.append(...rest);
    const answer = await intake(request, append);
    await stores.facts.settled();
    return told(answer, changed, options);
  } catch (error) {
    if (error instanceof FactsError) throw new UsageError(error.message);
    throw error;
  } finally {
    await stores.close();
  }
}

/** A server that was named, whichever stores it has. */
function namedServer(options: IngestOptions): Receiver | null {
  const named = options.server ?? process.env.MACADAM_SERVER;
  if (!named) return null;
  if (options.data !== undefined && options.server !== undefined)
    throw new UsageError('--server and --data exclude each other: a server has its own stores');
  if (options.data !== undefined) return null;
  return receiverOf(options, process.env);
}

/** What a server took, in the words of a store. How many assets it changes, the server says on its own pages. */
function toldByServer(answer: Intake, options: IngestOptions): number {
  return told(answer, 'unknown', options);
}

async function opened(place: string, options: Parameters<typeof openStores>[1]): Promise<Stores> {
  try {
    const key = manifestKey(place, process.env);
    return await openStores(place, key === undefined ? options : { ...options, signingKey: key });
  } catch (error) {
    const told = [DirectoryHeld, EngineError, FactsError, TypeError];
    if (error instanceof Error && told.some((kind) => error instanceof kind))
      throw new UsageError(`--data: ${error.message}`);
    throw error;
  }
}

/** Results that do not say when they were taken are at least as old as the file that holds them. */
function takenAt(file: string, stated: string | undefined, now: Date): { at: Date; stated: boolean } {
  if (stated !== undefined) {
    const at = new Date(stated);
    if (Number.isNaN(at.getTime()) || !/^\d{4}-\d\d-\d\d/.test(stated))
      throw new UsageError(`--taken-at: \`${stated}\` is not a time; write it like ${now.toISOString()}`);
    return { at, stated: true };
  }
  if (file === '-') return { at: now, stated: false };
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`there is no file \`${file}\``);
  if (found.isDirectory())
    throw new UsageError(
      `\`${file}\` is a folder; name a file in it, or say by --format which directory it was saved from: ${EXPORT_FORMATS.join(', ')}`,
    );
  return { at: found.mtime, stated: false };
}

/** `changed` null: nothing was written; `unknown`: a server took it, and judges it now. */
function told(
  taken: Intake,
  changed: number | 'unknown' | null,
  { json, notes: earlier = [] }: IngestOptions,
): number {
  const failed = taken.mistakes.length > 0;
  if (json) {
    const appended = taken.appended.map(
      ({ source, batch, repeated, observations, quarantined, problems }) => ({
        source,
        batch: changed === null ? null : batch,
        repeated,
        observations,
        quarantined,
        problems,
      }),
    );
    const { format, mistakes } = taken;
    const notes = [...earlier, ...taken.notes];
    const dryRun = changed === null;
    const number = changed === 'unknown' ? null : changed;
    process.stdout.write(
      `${JSON.stringify({ format, dryRun, appended, changed: number, mistakes, notes }, null, 2)}\n`,
    );
    return failed ? EXIT.usage : EXIT.ok;
  }
  for (const { source, batch, repeated, observations, quarantined, problems } of taken.appended) {
    const what = `${counted(observations, 'observation')} from ${source}, ${quarantined} quarantined`;
    const where = repeated ? `batch ${batch}, taken before` : `batch ${batch}`;
    process.stdout.write(changed === null ? `would take ${what}\n` : `${where}: ${what}\n`);
    for (const { message } of problems) process.stderr.write(`macadam: ${message}\n`);
  }
  for (const note of taken.notes) process.stderr.write(`macadam: ${note}\n`);
  for (const mistake of taken.mistakes) process.stderr.write(`macadam: ${describeFileDiagnostic(mistake)}\n`);
  if (changed === 'unknown') {
    if (!failed) process.stdout.write('the running server took it, and judges it now\n');
  } else if (changed !== null) process.stdout.write(`${counted(changed, 'asset')} changed\n`);
  if (failed) process.stderr.write('macadam: a batch with a mistake is not taken, no part of it\n');
  return failed ? EXIT.usage : EXIT.ok;
}
