/**
 * The engine in this process: chDB on a directory. One process holds one directory at a time, and a directory takes
 * one process (`lock.ts` sees to that); several drivers may stand in different databases of the same directory.
 */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Driver, EngineError, type Insertion, type Parameters, SETTINGS } from './driver.ts';
import { restoreSignals } from './signals.ts';
import { quoted } from './table.ts';

export interface ChdbOptions {
  readonly directory: string;
  /** Default `macadam`. */
  readonly database?: string;
}

/** Rows on their way from here into the engine. */
const INCOMING = 'incoming-';
let files = 0;

/**
 * Opens the directory, and makes what is missing. Rejects with `EngineError` where the engine cannot be loaded or
 * the directory is not its own. The package is loaded here and not at import: it is half a gigabyte, and nothing
 * that runs without a store may pay for it.
 */
export async function openChdb({ directory, database = 'macadam' }: ChdbOptions): Promise<Driver> {
  if (!existsSync(directory)) mkdirSync(directory, { recursive: true, mode: 0o700 });
  // What a crash left of them; another process with the same directory there cannot be.
  for (const name of readdirSync(directory))
    if (name.startsWith(INCOMING) && !name.startsWith(`${INCOMING}${process.pid}-`))
      rmSync(join(directory, name));
  const chdb = await load();
  let session: InstanceType<typeof chdb.Session>;
  try {
    session = new chdb.Session(directory);
  } catch (error) {
    throw engineError(error);
  } finally {
    restoreSignals();
  }
  let closed = false;
  const run = async (sql: string, parameters?: Parameters) => {
    if (closed) throw new EngineError(`the facts store in ${directory} is closed`, 0);
    try {
      return parameters
        ? await session.queryBindAsync(sql, parameters, { format: 'JSONEachRow' })
        : await session.queryAsync(sql, { format: 'JSONEachRow' });
    } catch (error) {
      throw engineError(error);
    }
  };
  try {
    await run(`CREATE DATABASE IF NOT EXISTS \`${database}\` ENGINE = Atomic`);
    await run(`USE \`${database}\``);
    for (const [name, value] of Object.entries(SETTINGS)) await run(`SET ${name} = '${value}'`);
  } catch (error) {
    session.close();
    await chdb.drainPending();
    throw error;
  }
  return {
    place: directory,
    database,
    query: async <Row extends object>(sql: string, parameters?: Parameters) => {
      const text = (await run(sql, parameters)).text();
      // One parse of an array is several times faster than one a line.
      return text === '' ? [] : (JSON.parse(`[${text.trimEnd().replaceAll('\n', ',')}]`) as Row[]);
    },
    insert: async ({ table, columns, format, rows, token }: Insertion) => {
      if (closed) throw new EngineError(`the facts store in ${directory} is closed`, 0);
      if (rows.length === 0) return;
      // A statement is text, and the binding hands bytes over in text formats only: a file takes every format.
      const file = join(directory, `${INCOMING}${process.pid}-${files++}`);
      const names = columns.map(quoted).join(', ');
      try {
        await written(file, rows);
        await run(
          `INSERT INTO ${quoted(table)} (${names}) FROM INFILE ${literal(file)} ` +
            `SETTINGS insert_deduplication_token = ${literal(token)} FORMAT ${format}`,
        );
      } catch (error) {
        throw engineError(error);
      } finally {
        rmSync(file, { force: true });
      }
    },
    command: async (sql, parameters) => {
      await run(sql, parameters);
    },
    close: async () => {
      if (closed) return;
      closed = true;
      session.close();
      await chdb.drainPending();
    },
  };
}

const writing = promisify(write);

/**
 * In one piece: each step of writing waits until this thread has time for it, which it has seldom while the next rows are
 * being made, and `writeFile` takes a step for every 512 KiB.
 */
async function written(file: string, bytes: Uint8Array): Promise<void> {
  const descriptor = openSync(file, 'w', 0o600);
  try {
    for (let at = 0; at < bytes.length; )
      at += (await writing(descriptor, bytes, at, bytes.length - at)).bytesWritten;
  } finally {
    closeSync(descriptor);
  }
}

const literal = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

async function load(): Promise<typeof import('chdb')> {
  try {
    return await import('chdb');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EngineError(
      `the embedded engine cannot be loaded on this machine (${process.platform} ${process.arch}): ${reason}; ` +
        'name a ClickHouse server instead',
      0,
      { cause: error },
    );
  }
}

function engineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = /^Code: (\d+)/.exec(message)?.[1];
  return new EngineError(message, Number(code ?? 0), { cause: error });
}
