/**
 * The engine in this process: chDB on a directory. One process holds one directory at a time, and a directory takes
 * one process (`lock.ts` sees to that); several drivers may stand in different databases of the same directory.
 */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Driver,
  EngineError,
  type Insertion,
  type Parameter,
  type Parameters,
  SETTINGS,
} from './driver.ts';
import { restoreSignals } from './signals.ts';
import { quoted } from './table.ts';

export interface ChdbOptions {
  readonly directory: string;
  /** Default `macadam`. */
  readonly database?: string;
}

/**
 * The engine turns an expression that it meets again into machine code, which takes it 50 to 200 ms each time: a quarter less for a
 * judgement of millions of rows, and a third more for everything that is asked of a small store (docs/decisions/0082-compiling.md).
 */
const COMPILED = {
  compile_expressions: '0',
  compile_aggregate_expressions: '0',
  compile_sort_description: '0',
};
/** To look for statistics of columns is a tenth of what a statement with conditions costs, and of few rows they say nothing that helps. */
const ESTIMATED = { use_statistics: '0' };
/**
 * Other threads that lay out an answer, look through the parts of a table and read a file are a gain where there is much of it. To hand
 * one of them something, and to count what it took, costs a small statement a tenth (docs/decisions/0184-small-statements.md).
 */
const BY_OTHER_THREADS = {
  output_format_parallel_formatting: '0',
  max_threads_for_indexes: '1',
  local_filesystem_read_method: 'pread',
};
/** What pays for itself in a large database only, by its name, with what a small one is asked with. */
export const FOR_FEW_ROWS: Readonly<Record<string, string>> = {
  ...COMPILED,
  ...ESTIMATED,
  ...BY_OTHER_THREADS,
};
const MANY_ROWS = 1_000_000;
/** The least that the engine gives a thread to parse: to have others for what is smaller gains nothing. */
const PARSED_AT_ONCE = 10 << 20;
/** Statements after which the store is measured again, for it may have grown; measuring costs as much as two of them. */
const MEASURED_EVERY = 500;

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
  const connect = async () => {
    const connection = await connected(chdb, directory);
    try {
      await connection.run(`CREATE DATABASE IF NOT EXISTS ${quoted(database)} ENGINE = Atomic`);
      await connection.run(`USE ${quoted(database)}`);
      // One statement: each costs as much, however much it sets. Few rows until they are counted, for the count would be compiled, too.
      await connection.run(`SET ${assignments({ ...SETTINGS, ...FOR_FEW_ROWS })}`);
      return await plannedBySize(connection);
    } catch (error) {
      await connection.close();
      throw error;
    }
  };
  const first = await connect();
  let second: Promise<Connection> | null = null;
  let closed = false;
  const opened = async (): Promise<Connection> => {
    if (closed) throw closedError(directory);
    second ??= connect();
    const mine = second;
    mine.catch(() => {
      if (second === mine) second = null;
    });
    return mine;
  };
  const close = async () => {
    if (closed) return;
    closed = true;
    const other = await second?.catch(() => null);
    await other?.close();
    await first.close();
    await chdb.drainPending();
  };
  const at = { directory, database, close };
  const background = driverOn({ ...at, connection: opened, background: () => background });
  return driverOn({ ...at, connection: async () => first, background: () => background });
}

const closedError = (directory: string) => new EngineError(`the facts store in ${directory} is closed`, 0);

/**
 * Bytes that the engine keeps for its own sake. By itself it would let each grow to gigabytes, as on a machine of its own; for seven million
 * assets it needs some megabytes. It takes them from the first connection to a directory.
 */
const CACHES = {
  mark_cache_size: 128 << 20,
  primary_index_cache_size: 128 << 20,
  index_mark_cache_size: 32 << 20,
  compiled_expression_cache_size: 64 << 20,
  query_condition_cache_size: 32 << 20,
} as const;
/** Threads that stay while they have nothing to do: each keeps memory of its own, and a tick has eighty at once. */
const IDLE_THREADS = 32;
/**
 * Each table has three tasks that look whether there is something to merge, to move to another disk or to hand on, ten times in six seconds
 * after each time that there was something: of sixty tables that is three hundred wakings a second, a sixtieth of a processor. An insert and a
 * mutation wake the first one by themselves; there is no other disk and no queue (docs/decisions/0194-what-a-store-costs.md).
 */
const LOOKING = {
  background_processing_pool_task_sleep_seconds_when_no_work_multiplier: 2,
  background_processing_pool_task_sleep_seconds_when_no_work_max: 10,
  background_move_processing_pool_thread_sleep_seconds_if_nothing_to_do: 600,
  background_streaming_processing_pool_thread_sleep_seconds_if_nothing_to_do: 600,
} as const;
const ARGUMENTS: string[] = Object.entries({
  ...CACHES,
  ...LOOKING,
  max_thread_pool_free_size: IDLE_THREADS,
}).map(([name, value]) => `--${name}=${value}`);

interface Connection {
  /** Rejects with `EngineError`. */
  readonly run: (sql: string, parameters?: Parameters) => Promise<{ text(): string }>;
  /** Waits for what is running. */
  readonly close: () => Promise<void>;
}

/**
 * One statement at a time, which is what the engine gives a connection: one that waited within it would hold one of the four threads by which
 * this process writes its files, too.
 */
async function connected(chdb: typeof import('chdb'), directory: string): Promise<Connection> {
  let session: InstanceType<typeof chdb.Session>;
  try {
    session = new chdb.Session(directory, { connectionArgs: ARGUMENTS });
  } catch (error) {
    throw engineError(error);
  } finally {
    restoreSignals();
  }
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();
  /** Names of parameters that the session knows a value of. */
  const known = new Set<string>();
  const parametersSet = (sql: string, parameters: Parameters): string => {
    for (const [, name = ''] of sql.matchAll(PLACE))
      if (known.has(name) && !Object.hasOwn(parameters, name))
        throw new EngineError(`the statement has a parameter ${name}, which it was not given: ${sql}`, 0);
    for (const name of Object.keys(parameters)) known.add(name);
    return setting(parameters);
  };
  return {
    run: async (sql, parameters = {}) => {
      if (closed) throw closedError(directory);
      const text = `${parametersSet(sql, parameters)}${sql}`;
      const mine = last.then(() => session.queryAsync(text, { format: 'JSONEachRow' }));
      last = mine.catch(() => undefined);
      return mine.catch((error: unknown) => {
        throw engineError(error);
      });
    },
    close: async () => {
      closed = true;
      await last;
      session.close();
    },
  };
}

/** Plans, compiles and reads for many rows as long as the database is large, which is counted now and again; what is asked meanwhile does not wait for it. */
async function plannedBySize(connection: Connection): Promise<Connection> {
  let large = false;
  let statements = 0;
  const decide = async () => {
    const counted = await connection.run(
      'SELECT sum(rows) AS rows FROM system.parts WHERE database = currentDatabase() AND active',
    );
    const { rows } = JSON.parse(counted.text()) as { readonly rows: string };
    const many = Number(rows) >= MANY_ROWS;
    if (many === large) return;
    large = many;
    const defaults = Object.keys(FOR_FEW_ROWS).map((name) => `${name} = DEFAULT`);
    await connection.run(`SET ${many ? defaults.join(', ') : assignments(FOR_FEW_ROWS)}`);
  };
  await decide();
  return {
    ...connection,
    run: (sql, parameters) => {
      statements += 1;
      // One that fails says nothing that the statement after it does not say.
      if (statements % MEASURED_EVERY === 0) decide().catch(() => {});
      return connection.run(sql, parameters);
    },
  };
}

interface DriverOptions {
  readonly directory: string;
  readonly database: string;
  readonly connection: () => Promise<Connection>;
  readonly background: () => Driver;
  readonly close: () => Promise<void>;
}

function driverOn({ directory, database, connection, background, close }: DriverOptions): Driver {
  const run = async (sql: string, parameters?: Parameters) => (await connection()).run(sql, parameters);
  return {
    place: directory,
    database,
    get background() {
      return background();
    },
    query: async <Row extends object>(sql: string, parameters?: Parameters) => {
      const text = (await run(sql, parameters)).text();
      // One parse of an array is several times faster than one a line.
      return text === '' ? [] : (JSON.parse(`[${text.trimEnd().replaceAll('\n', ',')}]`) as Row[]);
    },
    insert: async ({ table, columns, format, rows, token }: Insertion) => {
      const { run: insert } = await connection();
      if (rows.length === 0) return;
      // A statement is text, and the binding hands bytes over in text formats only: a file takes every format.
      const file = join(directory, `${INCOMING}${process.pid}-${files++}`);
      const names = columns.map(quoted).join(', ');
      try {
        await written(file, rows);
        await insert(
          `INSERT INTO ${quoted(table)} (${names}) FROM INFILE ${literal(file)} ` +
            `SETTINGS insert_deduplication_token = ${literal(token)}, ` +
            `input_format_parallel_parsing = ${rows.length > PARSED_AT_ONCE ? 1 : 0} FORMAT ${format}`,
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
    close,
  };
}

/** Where a parameter stands in a statement. */
const PLACE = /\{(\w+):[A-Z]\w*[(}]/g;

/**
 * Parameters are set in the session and bound by the engine from there. The binding has a call of its own for them, which keeps them in one
 * place for the whole process, so that two connections would see each other's. Here a session keeps them, so none may be left out.
 */
function setting(parameters: Parameters): string {
  const set = Object.entries(parameters).map(
    ([name, value]) => `param_${name} = ${literal(parameterText(value))}`,
  );
  return set.length === 0 ? '' : `SET ${set.join(', ')}; `;
}

const ESCAPED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** As the engine reads a value of any type from a text: a string with its escapes, all others as they stand in SQL. */
function parameterText(value: Parameter): string {
  if (value === null) return '\\N';
  return typeof value === 'string'
    ? value.replaceAll(/[\\\0\b\f\n\r\t]/g, (sign) => ESCAPED[sign] ?? sign)
    : literalOf(value);
}

function literalOf(value: Parameter): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return literal(value);
  if (typeof value === 'number' && !Number.isSafeInteger(value) && Number.isInteger(value))
    throw new EngineError(`${value} is too large to be exact; give it as a bigint or a text`, 0);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new EngineError(`${value} is not a number that the engine takes`, 0);
  return Array.isArray(value) ? `[${value.map(literalOf).join(',')}]` : String(value);
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

const assignments = (settings: Readonly<Record<string, string | number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = ${literal(String(value))}`)
    .join(', ');

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
