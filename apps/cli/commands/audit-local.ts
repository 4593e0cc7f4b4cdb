/** The audit log in the stores of a folder, or on a PostgreSQL server. Loaded only by what needs them. */
import { createWriteStream, renameSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DirectoryHeld } from '@macadam/adapters/data-folder/lock';
import { type AuditVerdict, verifyAudit } from '@macadam/adapters/decisions/audit';
import { auditFileOf } from '@macadam/adapters/decisions/audit-file';
import { type AuditAnchor, DecisionsError } from '@macadam/adapters/decisions/port';
import { atOneMoment, logHead, logRows } from '@macadam/adapters/decisions/postgres/log';
import { type OwnerSession, visit } from '@macadam/adapters/decisions/postgres/visit';
import { EngineError } from '@macadam/adapters/facts/clickhouse/driver';
import { openStores } from '@macadam/adapters/facts/open';
import { FactsError } from '@macadam/adapters/facts/port';
import { type JudgedAgain, judgeSample } from '@macadam/services/audit/judge';
import { type AuditSample, drawSample } from '@macadam/services/audit/sample';
import { dataFolder, storesIn } from '@macadam/services/measure/data-folder';
import { textFrom } from '../input.ts';
import { UsageError } from '../terminal.ts';
import type { AuditPlace } from './audit.ts';
import { loadHere } from './test.ts';

/** Where the two stores are, by what was typed. */
export function placesOf({ data, database }: AuditPlace): {
  readonly facts: string;
  readonly decisions: string;
} {
  const usual = dataFolder('.', process.env);
  const environment = database === undefined ? process.env : { ...process.env, DATABASE_URL: database };
  return storesIn(data ?? usual, usual, environment);
}

async function asked<T>(options: AuditPlace, body: (session: OwnerSession) => Promise<T>): Promise<T> {
  const { decisions } = placesOf(options);
  try {
    return await visit(decisions, new Date(), (session) => atOneMoment(session, () => body(session)));
  } catch (error) {
    if (error instanceof DecisionsError || error instanceof DirectoryHeld)
      throw new UsageError(`${options.database === undefined ? '--data' : '--database'}: ${error.message}`);
    throw error;
  }
}

/** What the store says is its newest entry is an anchor, too: a log cut at its end is noticed. */
export function verifyStore(
  options: AuditPlace,
  anchors: ReadonlyMap<number, string>,
): Promise<AuditVerdict> {
  return asked(options, async (session) => {
    const { number, digest } = await logHead(session);
    const verdict = await verifyAudit(
      logRows(session),
      number > 0 ? new Map([[number, digest], ...anchors]) : anchors,
    );
    if (verdict.whole && verdict.entries > number)
      return { whole: false, number: number + 1, why: 'it came after the newest that the store knows of' };
    return verdict;
  });
}

/** Writes it whole or not at all. */
export function exportLog(file: string, options: AuditPlace): Promise<AuditAnchor> {
  return asked(options, async (session) => {
    const partial = `${file}.${process.pid}.partial`;
    try {
      await pipeline(
        Readable.from(auditFileOf(logRows(session))),
        createWriteStream(partial, { mode: 0o600 }),
      );
      renameSync(partial, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      throw new UsageError(`\`${file}\` cannot be written (${(error as Error).message})`);
    }
    return logHead(session);
  });
}

/** Judges the verdicts of a sample again. */
export async function judgeFile(file: string): Promise<readonly JudgedAgain[]> {
  const text = await textFrom(file);
  let sample: Partial<AuditSample> | null = null;
  try {
    sample = JSON.parse(text);
  } catch {
    // Said below, as of any file that is not a sample.
  }
  if (sample?.format !== 'macadam.audit-sample/1' || !Array.isArray(sample.drawn))
    throw new UsageError(`\`${file}\` is not an audit sample; write one with \`macadam audit sample\``);
  return judgeSample({ drawn: sample.drawn }, loadHere().kinds);
}

export async function sampleStores(seed: string, n: number, options: AuditPlace): Promise<AuditSample> {
  const { kinds, standards } = loadHere();
  const definitions = new Map(standards.map(({ id, definition }) => [id, definition]));
  const draw = (stores: Parameters<typeof drawSample>[0]['stores']) =>
    asked(options, (session) => drawSample({ seed, n, log: logRows(session), stores, definitions }));
  try {
    const stores = await openStores(placesOf(options).facts, { kinds, now: () => new Date() });
    try {
      return await draw(stores);
    } finally {
      await stores.close();
    }
  } catch (error) {
    if (error instanceof DirectoryHeld)
      throw new UsageError(
        `--data: ${error.message}; or ask the running server for a sample: GET /api/audit/sample`,
      );
    if (error instanceof EngineError || error instanceof FactsError)
      throw new UsageError(`--data: ${error.message}`);
    throw error;
  }
}
