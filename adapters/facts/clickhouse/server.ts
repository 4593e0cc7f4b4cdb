/** The engine on a ClickHouse server, by URL, through the official client. */
import { Readable } from 'node:stream';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { clearAddress } from '../../encrypted.ts';
import { type Driver, EngineError, type Parameters, SETTINGS } from './driver.ts';
import { quoted } from './table.ts';

export interface ServerOptions {
  /** `https://user:password@host:8443`; a path names the database. */
  readonly url: string;
  /** Default: the URL's path, else `macadam`. */
  readonly database?: string;
}

/** Connects, and makes the database where it is missing. Rejects with `EngineError` where nobody answers, and for another machine without TLS. */
export async function openServer(options: ServerOptions): Promise<Driver> {
  const clear = clearAddress(options.url);
  if (clear !== null) throw new EngineError(`the ClickHouse server ${clear}`, 0);
  const url = new URL(options.url);
  const database = options.database ?? (url.pathname.replaceAll('/', '') || 'macadam');
  url.pathname = '/';
  const place = `${url.protocol}//${url.host}`;
  const settings = { ...SETTINGS, wait_end_of_query: 1 as const };
  const first = createClient({ url });
  try {
    await first.command({ query: `CREATE DATABASE IF NOT EXISTS \`${database}\`` });
  } catch (error) {
    throw engineError(error, place);
  } finally {
    await first.close();
  }
  return clientDriver(createClient({ url, database, clickhouse_settings: settings }), place, database);
}

/** A driver on the official client, which stands in its database already. The client is closed with it. */
export function clientDriver(client: ClickHouseClient, place: string, database: string): Driver {
  const driver: Driver = {
    place,
    database,
    // Each request of a client is a connection of its own.
    get background() {
      return driver;
    },
    query: async <Row extends object>(sql: string, parameters?: Parameters) => {
      try {
        const result = await client.query({
          query: sql,
          format: 'JSONEachRow',
          ...(parameters && { query_params: { ...parameters } }),
        });
        return await result.json<Row>();
      } catch (error) {
        throw engineError(error, place);
      }
    },
    insert: async ({ table, columns, format, rows, token }) => {
      if (rows.length === 0) return;
      try {
        // Not `insert`, which wants some formats as values: the rows are bytes already.
        const { stream } = await client.exec({
          query: `INSERT INTO ${quoted(table)} (${columns.map(quoted).join(', ')}) FORMAT ${format}`,
          values: Readable.from([rows], { objectMode: false }),
          clickhouse_settings: { insert_deduplication_token: token },
        });
        // A connection is given back when its answer was read to the end.
        for await (const _ of stream);
      } catch (error) {
        throw engineError(error, place);
      }
    },
    command: async (sql, parameters) => {
      try {
        await client.command({ query: sql, ...(parameters && { query_params: { ...parameters } }) });
      } catch (error) {
        throw engineError(error, place);
      }
    },
    close: () => client.close(),
  };
  return driver;
}

function engineError(error: unknown, place: string): EngineError {
  const message = error instanceof Error ? error.message : String(error);
  const code = Number((error as { code?: unknown }).code);
  return Number.isInteger(code)
    ? new EngineError(message, code, { cause: error })
    : new EngineError(`${place} did not answer: ${message || String(error)}`, 0, { cause: error });
}
