/** A backup back into an empty place. Nothing is touched before all of it was read and held against its digests. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { verifyAudit } from '@macadam/adapters/decisions/audit';
import { DecisionsError } from '@macadam/adapters/decisions/port';
import { type Address, openConnections, type Taken } from '@macadam/adapters/decisions/postgres/connection';
import { startEngine } from '@macadam/adapters/decisions/postgres/engine';
import { logHead, logRows } from '@macadam/adapters/decisions/postgres/log';
import { migrate, migrations, type SchemaStep } from '@macadam/adapters/decisions/postgres/migrate';
import { replaceRows } from '@macadam/adapters/decisions/postgres/rows';
import { isServer, type OwnerSession } from '@macadam/adapters/decisions/postgres/visit';
import { nameWhole } from '@macadam/adapters/durable';
import { openChdb } from '@macadam/adapters/facts/clickhouse/chdb';
import { quoted } from '@macadam/adapters/facts/clickhouse/table';
import { enginePath } from '@macadam/adapters/facts/open';
import { BackupError, readArchive } from './archive.ts';
import { type Contents, verifiedContents } from './contents.ts';
import { type EndedCredentials, endCredentials } from './credentials.ts';
import { draftOf } from './draft.ts';
import { rowLines } from './rows.ts';

export interface RestoreRequest {
  /** A `.tar` file or a folder. */
  readonly from: string;
  /** Folder of both stores: not there, or empty. */
  readonly data: string;
  /** A `postgres://` URL, for decisions that are kept there; else they go into the folder. */
  readonly database: string | null;
}

export interface Restored {
  readonly contents: Contents;
  /** Credentials of the backup that are no longer in force. */
  readonly ended: EndedCredentials;
  /** Endpoints whose secrets follow from a key that no backup holds. */
  readonly webhooks: number;
}

/** What was put back. Rejects with `BackupError` and `DecisionsError`; then nothing was made. */
export async function restore({ from, data, database }: RestoreRequest): Promise<Restored> {
  const contents = await verifiedContents(from);
  const steps = stepsOf(from, contents);
  if (existsSync(data) && readdirSync(data).length > 0)
    throw new BackupError(`${data} is not empty; name a folder that is, or one that is not there`);
  if (database !== null && !isServer(database))
    throw new BackupError('a database is named by a postgres:// URL');
  // Before the facts, which may be many; whoever puts the rows there looks again.
  if (database !== null) await onDatabase(from, { url: database }, requireNoDecisions);
  const draft = draftOf(data);
  // Another account may have to pass it, as PostgreSQL's does where root restores.
  mkdirSync(draft, { recursive: true, mode: 0o711 });
  try {
    let ended: EndedCredentials;
    if (contents.facts) await restoreFacts(from, contents.facts.rows, join(draft, 'facts'));
    if (database === null) {
      const engine = await startEngine(join(draft, 'decisions'));
      try {
        ended = await restoreDecisions(from, contents, steps, engine.address);
      } finally {
        await engine.stop();
      }
    } else ended = await restoreDecisions(from, contents, steps, { url: database });
    if (existsSync(data)) rmSync(data, { recursive: true });
    await nameWhole(draft, data);
    // All is there. A mark that stays says only that a database in which nobody decides anything may be restored anew.
    if (database !== null)
      await onDatabase(from, { url: database }, (client) =>
        client.query('comment on schema macadam is null'),
      ).catch(() => undefined);
    return { contents, ended, webhooks: contents.decisions.rows.webhook ?? 0 };
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

/** The tables are made as they were when the backup was made; the server brings them on when it starts. */
function stepsOf(from: string, { decisions, release }: Contents): readonly SchemaStep[] {
  const ours = migrations();
  for (const [index, { name, digest }] of decisions.migrations.entries()) {
    const own = ours[index];
    if (own === undefined)
      throw new BackupError(`${from} is of a newer release (${release}, ${name}); restore it with that one`);
    if (own.name !== name || own.digest !== digest)
      throw new BackupError(
        `${from} has ${name} with another text than this release; restore it with ${release}`,
      );
  }
  return ours.slice(0, decisions.migrations.length);
}

/**
 * A database and a folder cannot be made in one step. The rows come first, and with them, on the schema, this mark: while it is there, the
 * folder that belongs to them has no name yet. With it stands the newest entry of the log, which moves as soon as anybody decides anything.
 */
const UNFINISHED = 'a restore that has not ended; newest entry of the log:';

/** In the transaction of the rows. */
async function markUnfinished(client: OwnerSession): Promise<void> {
  const { number } = await logHead(client);
  await client.query(`comment on schema macadam is '${UNFINISHED} ${Number(number)}'`);
}

/**
 * Tables without an entry in the log are what a restore left that was killed before its rows were there, and rows with the mark that it is
 * not ended are those of one that was killed after: both are gone on with.
 */
async function holdsDecisions(client: OwnerSession): Promise<boolean> {
  const { rows } = await client.query<{ made: boolean; mark: string | null }>(
    `select to_regclass('macadam.audit') is not null as made,
       obj_description(to_regnamespace('macadam'), 'pg_namespace') as mark`,
  );
  const [found] = rows;
  if (found?.made !== true) return false;
  const { number } = await logHead(client);
  return number > 0 && found.mark !== `${UNFINISHED} ${Number(number)}`;
}

/** Any number, but the same for all restores: who holds it restores. A killed one holds it until PostgreSQL has noticed. */
const LOCK = 0x72737472;

async function requireNoDecisions(client: OwnerSession): Promise<void> {
  if (await holdsDecisions(client))
    throw new BackupError('there are decisions in that database; name an empty one');
}

/** With one connection of whoever owns the tables. Rejects with `BackupError` and `DecisionsError`. */
async function onDatabase<T>(
  from: string,
  address: Address,
  body: (client: Taken['client']) => Promise<T>,
): Promise<T> {
  const connections = openConnections(address, { size: 1, unhurried: true });
  try {
    const { client, giveBack } = await connections.take();
    return await body(client).finally(() => giveBack(true));
  } catch (error) {
    if (error instanceof BackupError || error instanceof DecisionsError) throw error;
    throw new BackupError(`the decisions in ${from} cannot be put back: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await connections.end();
  }
}

const restoreDecisions = (
  from: string,
  contents: Contents,
  steps: readonly SchemaStep[],
  address: Address,
): Promise<EndedCredentials> =>
  onDatabase(from, address, async (client) => {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await requireNoDecisions(client);
    await migrate(client, { steps });
    const tables = new Set(Object.keys(contents.decisions.tables));
    return replaceRows(client, contents.decisions, rowsOf(from), async () => {
      const ended = await endCredentials(client, tables, contents.madeAt);
      await demandWholeLog(client, from, contents);
      // A folder is one thing with its decisions, and has its name when all of it is there.
      if ('url' in address) await markUnfinished(client);
      return ended;
    });
  });

/** In the transaction of the rows, so that none of a broken log stay. */
async function demandWholeLog(client: OwnerSession, from: string, { decisions }: Contents): Promise<void> {
  const { number, digest } = decisions.log;
  const anchors = number > 0 ? new Map([[number, digest]]) : undefined;
  const verdict = await verifyAudit(logRows(client), anchors);
  if (!verdict.whole)
    throw new BackupError(`the audit log in ${from} is broken at entry ${verdict.number}: ${verdict.why}`);
}

async function* rowsOf(from: string): AsyncGenerator<{ table: string; rows: readonly string[] }> {
  const lines = rowLines(from);
  for await (const part of readArchive(from)) {
    const found = lines.take(part);
    if (found && found.rows.length > 0) yield found;
  }
  lines.end();
}

async function restoreFacts(
  from: string,
  rows: Readonly<Record<string, number>>,
  place: string,
): Promise<void> {
  const engine = enginePath(place);
  const made = new Set<string>();
  for await (const { name, bytes } of readArchive(from)) {
    const [, path] = /^facts\/(.+)@\d+$/.exec(name) ?? [];
    if (path === undefined) continue;
    const to = join(engine, path);
    if (!made.has(dirname(to))) await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    made.add(dirname(to));
    await appendFile(to, bytes, { mode: 0o600 });
  }
  const driver = await openChdb({ directory: engine });
  try {
    for (const [table, wanted] of Object.entries(rows)) {
      const [found] = await driver.query<{ rows: string }>(`SELECT count() AS rows FROM ${quoted(table)}`);
      if (Number(found?.rows) !== wanted)
        throw new BackupError(`${table} has ${found?.rows} rows after the restore, and had ${wanted}`);
    }
  } finally {
    await driver.close();
  }
}
