/** Connections: how values travel, how long anybody waits for one, and what is tried again when there is none. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { clearAddress } from '../../encrypted.ts';
import { type NoTurn, turns } from '../../turns.ts';
import { DecisionsError } from '../port.ts';

/** A URL, or the embedded server's socket. */
export type Address =
  | { readonly url: string }
  | { readonly socket: string; readonly user: string; readonly database: string };

/** A connection that is somebody's until it is given back. */
export interface Taken {
  readonly client: pg.PoolClient;
  /** `broken`: it is in an unknown state, and nobody gets it again. A second call does nothing. */
  giveBack(broken?: boolean): void;
}

export interface Connections {
  /** Rejects with `DecisionsError` `unavailable`: no wait is without an end. */
  take(): Promise<Taken>;
  /** How many connections are in use, and how many wait for one. */
  pressure(): { readonly taken: number; readonly waiting: number };
  end(): Promise<void>;
}

export interface ConnectionsOptions {
  /** How many at once. */
  readonly size: number;
  /** Milliseconds that one waits until a connection is free. */
  readonly patience?: number;
  /** For work that takes as long as it takes, such as a migration or a backup: no statement is cut off. */
  readonly unhurried?: boolean;
}

/** While a server starts, restarts or recovers; nothing was asked of it yet, so asking again is safe. */
const STARTING: ReadonlySet<string> = new Set([
  '57P03',
  '57P01',
  '57P02',
  'ECONNREFUSED',
  'ENOENT',
  'ECONNRESET',
  'EPIPE',
]);
/** How long it is waited for: at the start, and by somebody who asks, to whom it is better said. */
const STARTING_MS = 30_000;
const DOWN_MS = 10_000;
/** How long one waits until a connection becomes free, and how many may. What waits longer is told to ask again. */
const WAIT_MS = 5000;
const WAITING = 200;
/** Until a connection is made, in milliseconds. */
const CONNECT_MS = 10_000;
/** How long one stays that nobody uses: the first question over a new one costs the server ten times as much as the next. */
const IDLE_MS = 300_000;

/** In milliseconds; 0 is no limit. */
interface Limits {
  readonly statement: number;
  /** Waiting for what another transaction holds. */
  readonly lock: number;
  /** A transaction in which nothing is asked. */
  readonly idle: number;
  /** An answer of a server that hangs: longer than the server itself would take to cut the statement off. */
  readonly answer: number;
}
const HURRIED: Limits = { statement: 60_000, lock: 10_000, idle: 60_000, answer: 75_000 };
const UNHURRIED: Limits = { statement: 0, lock: 0, idle: 0, answer: 0 };

/** `2026-11-01 09:30:00.5+00` → `2026-11-01T09:30:00.5Z`; sessions are in UTC. */
const timestamp = (text: string) => text.replace(' ', 'T').replace(/\+00$/, 'Z');
const { builtins } = pg.types;
/** Whole numbers of 64 bits are counters of ours, far below 2^53; days and times stay the text that they are. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [builtins.INT8]: Number,
  [builtins.DATE]: String,
  [builtins.TIMESTAMPTZ]: timestamp,
};

/** Throws `DecisionsError` `refused` for a server on another machine without encryption. */
export function openConnections(
  address: Address,
  { size, patience = WAIT_MS, unhurried = false }: ConnectionsOptions,
): Connections {
  const clear = 'url' in address ? clearAddress(address.url) : null;
  if (clear !== null) throw new DecisionsError('refused', `PostgreSQL on ${clear}`);
  const limits = unhurried ? UNHURRIED : HURRIED;
  const pool = new pg.Pool({
    ...('url' in address
      ? { connectionString: address.url }
      : { host: address.socket, user: address.user, database: address.database }),
    max: size,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: IDLE_MS,
    query_timeout: limits.answer,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        PARSERS[oid] ?? pg.types.getTypeParser(oid, format as 'text'),
    },
  });
  // What breaks a connection is told to whoever asks something over it, too; an idle one is replaced at the next `take`.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  // The pool itself never has anybody wait: its queue goes on only when a connection says goodbye, which a broken one may not.
  const slots = turns({ atOnce: size, waiting: WAITING, patience });
  const set = new WeakSet<pg.PoolClient>();

  /** `SET` in the session rather than a start-up option: poolers in between refuse those. */
  const settled = async (client: pg.PoolClient): Promise<pg.PoolClient> => {
    if (set.has(client)) return client;
    const { statement, lock, idle } = limits;
    try {
      await client.query(
        `set timezone = 'UTC'; set datestyle = 'ISO'; set idle_in_transaction_session_timeout = ${idle};
         set statement_timeout = ${statement}; set lock_timeout = ${lock}`,
      );
    } catch (error) {
      client.release(true);
      throw error;
    }
    set.add(client);
    return client;
  };

  const connected = async (): Promise<pg.PoolClient> => {
    const deadline = performance.now() + (unhurried ? STARTING_MS : DOWN_MS);
    for (;;) {
      try {
        return await settled(await pool.connect());
      } catch (cause) {
        if (!STARTING.has(codeOf(cause)) || performance.now() > deadline)
          throw new DecisionsError('unavailable', `PostgreSQL cannot be reached: ${textOf(cause)}`, {
            cause,
          });
        await pause(20);
      }
    }
  };

  return {
    take: async () => {
      const giveTurnBack = await slots.take().catch((cause: NoTurn) => {
        const what = 'every connection to PostgreSQL is in use';
        throw new DecisionsError('unavailable', `${what}: ${cause.message}; ask again in a moment`, {
          cause,
        });
      });
      let client: pg.PoolClient;
      try {
        client = await connected();
      } catch (error) {
        giveTurnBack();
        throw error;
      }
      let mine = true;
      return {
        client,
        giveBack: (broken = false) => {
          if (!mine) return;
          mine = false;
          client.release(broken);
          giveTurnBack();
        },
      };
    },
    pressure: slots.pressure,
    end: () => pool.end(),
  };
}

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Of a server. Throws `DecisionsError` `refused`, which names no password, for what is no address: a host stands in it, beside a socket too. */
export function serverAddress(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new DecisionsError('refused', 'the address of the decisions is no URL with a host', {
    fix: 'write it as postgres://USER@HOST/DATABASE, and of a socket as postgres://USER@localhost/DATABASE?host=/FOLDER',
  });
}
