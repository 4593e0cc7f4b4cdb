/** Connections: how values travel, and what is tried again when there is none. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { DecisionsError } from '../port.ts';

/** A URL, or the embedded server's socket. */
export type Address =
  | { readonly url: string }
  | { readonly socket: string; readonly user: string; readonly database: string };

export interface Connections {
  /** Rejects with `DecisionsError` `unavailable`. */
  take(): Promise<pg.PoolClient>;
  end(): Promise<void>;
}

/** While a server starts, restarts or recovers; nothing was asked of it yet, so asking again is safe. */
export const STARTING: ReadonlySet<string> = new Set([
  '57P03',
  '57P01',
  '57P02',
  'ECONNREFUSED',
  'ENOENT',
  'ECONNRESET',
  'EPIPE',
]);
const PATIENCE_MS = 30_000;

/** `2026-11-01 09:30:00.5+00` → `2026-11-01T09:30:00.5Z`; sessions are in UTC. */
const timestamp = (text: string) => text.replace(' ', 'T').replace(/\+00$/, 'Z');
const { builtins } = pg.types;
/** Whole numbers of 64 bits are counters of ours, far below 2^53; days and times stay the text that they are. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [builtins.INT8]: Number,
  [builtins.DATE]: String,
  [builtins.TIMESTAMPTZ]: timestamp,
};

export function openConnections(address: Address, size: number): Connections {
  const pool = new pg.Pool({
    ...('url' in address
      ? { connectionString: address.url }
      : { host: address.socket, user: address.user, database: address.database }),
    max: size,
    // `SET` in the session rather than a start-up option: poolers in between refuse those.
    onConnect: async (client) => {
      await client.query(
        "set timezone = 'UTC'; set datestyle = 'ISO'; set idle_in_transaction_session_timeout = '60s'",
      );
    },
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        PARSERS[oid] ?? pg.types.getTypeParser(oid, format as 'text'),
    },
  });
  // What breaks a connection is told to whoever asks something over it, too; an idle one is replaced at the next `take`.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    take: async () => {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        try {
          return await pool.connect();
        } catch (cause) {
          if (!STARTING.has(codeOf(cause)) || performance.now() > deadline)
            throw new DecisionsError('unavailable', `PostgreSQL cannot be reached: ${textOf(cause)}`, {
              cause,
            });
          await pause(20);
        }
      }
    },
    end: () => pool.end(),
  };
}

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
