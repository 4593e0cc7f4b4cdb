/**
 * What was issued: an entry a token, written before the token exists, each over the digest of the one before. One SQLite file for all processes of an issuer
 * on a machine. It holds no token: who reads it can recognise one and cannot use one.
 */
import { hash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

/** What the log knows of a token. */
export interface IssuedToken {
  /** SHA-256 of what is signed (header and payload, with the dot), in base64url: whoever sees the token can compute it, and a forged one has another. */
  readonly token: string;
  /** `typ` of its header: `at+jwt` for an access token; `JWT` where there is none. Of a workload's token `JWT-SVID`, whose header has no word of its own. */
  readonly type: string;
  /** Its `jti`; empty where it has none. */
  readonly id: string;
  readonly audience: readonly string[];
  readonly client: string;
  /** `kid` of the key that signs it. */
  readonly key: string;
  /** Seconds since 1970; null for what has no end. */
  readonly expires: number | null;
}

/** `mark`: everything that was issued before its time stands before it. */
export type LogEvent = 'issued' | 'mark';

export interface LogEntry {
  readonly sequence: number;
  /** Milliseconds since 1970; never less than that of the entry before. */
  readonly at: number;
  readonly event: LogEvent;
  /** Empty in a mark. */
  readonly token: string;
  /** IssuedToken without `token`, as JSON; empty in a mark. */
  readonly detail: string;
  readonly previous: string;
  readonly digest: string;
}

/** All that was issued in a stretch of time. Reports follow each other without a gap. */
export interface IssuedReport {
  readonly schema: 'macadam.tokens-issued/1';
  readonly issuer: string;
  /** Seconds that its longest-lived token lives. */
  readonly longestLife: number;
  /** Milliseconds since 1970. Every token of `from` to `to` is in `tokens`. */
  readonly from: number;
  readonly to: number;
  readonly tokens: readonly string[];
}

/** Types of tokens that services validate; an identity token is for the client that asked for it. */
const FOR_SERVICES: ReadonlySet<string> = new Set(['at+jwt', 'JWT-SVID']);

/** How many access tokens, those of workloads among them, were issued for a service in a stretch of time. */
export interface IssuanceCount {
  readonly schema: 'macadam.token-issuance/1';
  readonly service: string;
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly issued: number;
}

export interface IssuanceLog {
  /** Resolves when the entry is on the disk. Those that wait at the same time share a transaction. */
  readonly append: (token: IssuedToken) => Promise<void>;
  /** Writes a mark, so that a report can end there. */
  readonly mark: () => void;
  /** The report of everything between the mark at `after` (0: the beginning) and the newest one, and where the next begins; null when there is no newer mark. */
  readonly report: (
    of: Pick<IssuedReport, 'issuer' | 'longestLife'>,
    after: number,
  ) => { readonly report: IssuedReport; readonly next: number } | null;
  /**
   * How many access tokens were issued for each service in the stretch of the report of the same `after`; none where there is no such stretch. `services`:
   * its id by audience; one without a token counts 0, an audience without an id goes by its own name.
   */
  readonly counts: (
    of: { readonly issuer: string; readonly services: Readonly<Record<string, string>> },
    after: number,
  ) => readonly IssuanceCount[];
  /** What was issued under that digest; null: this issuer never issued it. */
  readonly find: (token: string) => IssuedToken | null;
  readonly entries: (after?: number, limit?: number) => readonly LogEntry[];
  readonly close: () => void;
}

const BEGINNING = 'macadam.issuer/1';

function digestOf(previous: string, entry: Pick<LogEntry, 'sequence' | 'at' | 'event' | 'token' | 'detail'>) {
  const { sequence, at, event, token, detail } = entry;
  return hash('sha256', JSON.stringify([previous, sequence, at, event, token, detail]), 'base64url');
}

/** Number of the first entry that does not follow from those before it, or null. `entries`: all of a log, in order. */
export function brokenEntry(entries: readonly LogEntry[]): number | null {
  let previous = BEGINNING;
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    const follows = entry.sequence === index + 1 && entry.previous === previous && entry.at >= at;
    if (!follows || entry.digest !== digestOf(previous, entry)) return index + 1;
    previous = entry.digest;
    at = entry.at;
  }
  return null;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS log (
    sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, token TEXT NOT NULL, detail TEXT NOT NULL,
    previous TEXT NOT NULL, digest TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS log_by_token ON log (token) WHERE event = 'issued';
  CREATE INDEX IF NOT EXISTS marks ON log (sequence) WHERE event = 'mark';
  CREATE TRIGGER IF NOT EXISTS log_is_not_changed BEFORE UPDATE ON log
    BEGIN SELECT RAISE(ABORT, 'the log is not changed'); END;
  CREATE TRIGGER IF NOT EXISTS log_is_not_shortened BEFORE DELETE ON log
    BEGIN SELECT RAISE(ABORT, 'the log is not shortened'); END;
`;

interface Waiting {
  readonly token: IssuedToken;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function statements(database: DatabaseSync) {
  return {
    last: database.prepare('SELECT sequence, at, digest FROM log ORDER BY sequence DESC LIMIT 1'),
    insert: database.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)'),
    newestMark: database.prepare(
      "SELECT sequence, at FROM log WHERE event = 'mark' ORDER BY sequence DESC LIMIT 1",
    ),
    at: database.prepare('SELECT at FROM log WHERE sequence = ?'),
    first: database.prepare('SELECT at FROM log ORDER BY sequence LIMIT 1'),
    tokens: database.prepare(
      "SELECT token FROM log WHERE sequence > ? AND sequence < ? AND event = 'issued' ORDER BY sequence",
    ),
    details: database.prepare(
      "SELECT detail FROM log WHERE sequence > ? AND sequence < ? AND event = 'issued' ORDER BY sequence",
    ),
    find: database.prepare("SELECT token, detail FROM log WHERE token = ? AND event = 'issued' LIMIT 1"),
    entries: database.prepare('SELECT * FROM log WHERE sequence > ? ORDER BY sequence LIMIT ?'),
  };
}

/** `SQLITE_BUSY` of sqlite.org/rescode.html. */
const BUSY = 5;
const LONGEST_WAIT = 60_000;

/** Whoever comes while another process makes the file waits for it: SQLite itself waits for a lock, but not while a journal becomes a log. */
function openedLog(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: LONGEST_WAIT });
  const started = performance.now();
  for (;;) {
    try {
      database.exec(SCHEMA);
      return database;
    } catch (error) {
      const isBusy = error instanceof Error && 'errcode' in error && error.errcode === BUSY;
      if (!isBusy || performance.now() - started > LONGEST_WAIT) {
        database.close();
        throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** In one file, which is made where it is missing. `clock`: milliseconds since 1970. */
export function fileIssuanceLog(path: string, clock: () => number = Date.now): IssuanceLog {
  const database = openedLog(path);
  const select = statements(database);
  let queue: Waiting[] = [];

  /** One transaction, so that no other process comes between; times never go back, whatever the clock does. */
  function write(events: readonly (IssuedToken | null)[]): void {
    database.exec('BEGIN IMMEDIATE');
    try {
      const last = select.last.get() as { sequence: number; at: number; digest: string } | undefined;
      let { sequence, digest } = last ?? { sequence: 0, digest: BEGINNING };
      const at = Math.max(clock(), last?.at ?? 0);
      for (const one of events) {
        const previous = digest;
        sequence++;
        const { token = '', ...rest } = one ?? {};
        const event: LogEvent = one === null ? 'mark' : 'issued';
        const detail = one === null ? '' : JSON.stringify(rest);
        digest = digestOf(previous, { sequence, at, event, token, detail });
        select.insert.run(sequence, at, event, token, detail, previous, digest);
      }
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  function flush(): void {
    const waiting = queue;
    queue = [];
    try {
      write(waiting.map(({ token }) => token));
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  /** From the mark at `after` to the newest one; null when there is no newer. */
  function stretchAfter(after: number) {
    const mark = select.newestMark.get() as { sequence: number; at: number } | undefined;
    if (mark === undefined || mark.sequence <= after) return null;
    const start = (after === 0 ? select.first.get() : select.at.get(after)) as { at: number } | undefined;
    return { from: start?.at ?? mark.at, to: mark.at, next: mark.sequence };
  }

  return {
    append: (token) =>
      new Promise((resolve, reject) => {
        queue.push({ token, resolve, reject });
        if (queue.length === 1) setImmediate(flush);
      }),
    mark: () => write([null]),
    report({ issuer, longestLife }, after) {
      const stretch = stretchAfter(after);
      if (stretch === null) return null;
      const { from, to, next } = stretch;
      const rows = select.tokens.all(after, next) as unknown as { token: string }[];
      const tokens = rows.map(({ token }) => token);
      return { report: { schema: 'macadam.tokens-issued/1', issuer, longestLife, from, to, tokens }, next };
    },
    counts({ issuer, services }, after) {
      const stretch = stretchAfter(after);
      // A count without a length of time is no rate.
      if (stretch === null || stretch.from === stretch.to) return [];
      const { from, to, next } = stretch;
      const issued = new Map(Object.values(services).map((service) => [service, 0]));
      for (const { detail } of select.details.iterate(after, next) as Iterable<{ detail: string }>) {
        const { type, audience }: IssuedToken = JSON.parse(detail);
        if (!FOR_SERVICES.has(type)) continue;
        for (const one of audience) {
          const service = Object.hasOwn(services, one) ? (services[one] ?? one) : one;
          issued.set(service, (issued.get(service) ?? 0) + 1);
        }
      }
      const schema = 'macadam.token-issuance/1';
      return [...issued].map(([service, count]) => ({ schema, service, issuer, from, to, issued: count }));
    },
    find(token) {
      const row = select.find.get(token) as { token: string; detail: string } | undefined;
      return row === undefined ? null : { token: row.token, ...JSON.parse(row.detail) };
    },
    entries: (after = 0, limit = 1_000_000) =>
      select.entries.all(after, limit).map((row) => ({ ...row }) as unknown as LogEntry),
    close: () => database.close(),
  };
}
