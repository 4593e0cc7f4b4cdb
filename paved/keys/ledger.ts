/**
 * What several processes of one issuer agree on: the ring, and a journal of everything that was done with its keys, in which each entry holds the digest of
 * the one before. One SQLite file: its locks end with the process that held them.
 */
import { hash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { Ring, RingKey } from './ring.ts';

export type JournalEvent =
  | 'made'
  | 'activated'
  | 'retiring'
  | 'retired'
  | 'withdrawn'
  | 'destroyed'
  | 'signs'
  | 'alert';

export interface Entry {
  readonly at: number;
  readonly event: JournalEvent;
  readonly key: string;
  /** Of `signs` the SHA-256 of what is signed, in base64url, of several that were asked for at once with a space between; of others what there is to say. */
  readonly detail: string;
}

export interface ChainedEntry extends Entry {
  readonly sequence: number;
  readonly previous: string;
  readonly digest: string;
}

export interface Ledger {
  readonly read: () => Ring;
  /**
   * One change that no other process comes between: what `change` returns is kept, with its entries, before this returns. A throw keeps nothing.
   */
  readonly transact: <T>(change: (ring: Ring) => LedgerChange<T>) => T;
  readonly journal: (after?: number, limit?: number) => readonly ChainedEntry[];
  /** How often a key signed since a time, and when last. */
  readonly uses: (key: string, since: number) => { readonly count: number; readonly last: number | null };
  readonly close: () => void;
}

export interface LedgerChange<T> {
  readonly ring: Ring;
  readonly entries: readonly Entry[];
  readonly result: T;
}

/** Digest of an entry, over what it says and the digest before it. */
export function digestOf(previous: string, sequence: number, { at, event, key, detail }: Entry): string {
  return hash('sha256', JSON.stringify([previous, sequence, at, event, key, detail]), 'base64url');
}

const BEGINNING = 'macadam.keys/1';

/** The first entry that does not follow from those before it, or null. `entries`: all of a journal, in order. */
export function brokenEntry(entries: readonly ChainedEntry[]): number | null {
  let previous = BEGINNING;
  for (const [index, entry] of entries.entries()) {
    const isNext = entry.sequence === index + 1 && entry.previous === previous;
    if (!isNext || entry.digest !== digestOf(previous, entry.sequence, entry)) return index + 1;
    previous = entry.digest;
  }
  return null;
}

/** Characters of a digest and the space after it. */
const DIGEST = 44;

// The version moves with every change to a key, whoever makes it: so a process knows by one row that the ring is the one that it read before.
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 60000;
  CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY, algorithm TEXT NOT NULL, jwk TEXT NOT NULL, state TEXT NOT NULL,
    published_at INTEGER NOT NULL, activated_at INTEGER, ended_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS one_key_signs ON keys (state) WHERE state = 'active';
  CREATE UNIQUE INDEX IF NOT EXISTS one_key_waits ON keys (state) WHERE state = 'pending';
  CREATE TABLE IF NOT EXISTS ring_version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL) STRICT;
  CREATE TRIGGER IF NOT EXISTS ring_changes_by_insert AFTER INSERT ON keys
    BEGIN INSERT INTO ring_version VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET version = version + 1; END;
  CREATE TRIGGER IF NOT EXISTS ring_changes_by_update AFTER UPDATE ON keys
    BEGIN INSERT INTO ring_version VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET version = version + 1; END;
  CREATE TRIGGER IF NOT EXISTS ring_changes_by_delete AFTER DELETE ON keys
    BEGIN INSERT INTO ring_version VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET version = version + 1; END;
  CREATE TABLE IF NOT EXISTS journal (
    sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, key TEXT NOT NULL, detail TEXT NOT NULL,
    previous TEXT NOT NULL, digest TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS uses_of_key ON journal (key, at) WHERE event = 'signs';
  CREATE TRIGGER IF NOT EXISTS journal_is_not_changed BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is not changed'); END;
  CREATE TRIGGER IF NOT EXISTS journal_is_not_shortened BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is not shortened'); END;
`;

interface KeyRow {
  readonly id: string;
  readonly algorithm: string;
  readonly jwk: string;
  readonly state: string;
  readonly published_at: number;
  readonly activated_at: number | null;
  readonly ended_at: number | null;
}

function keyOf(row: KeyRow): RingKey {
  return {
    id: row.id,
    algorithm: row.algorithm as RingKey['algorithm'],
    jwk: JSON.parse(row.jwk),
    state: row.state as RingKey['state'],
    publishedAt: row.published_at,
    activatedAt: row.activated_at,
    endedAt: row.ended_at,
  };
}

/** `SQLITE_BUSY` of sqlite.org/rescode.html. */
const BUSY = 5;
const LONGEST_WAIT = 60_000;

function connected(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: LONGEST_WAIT });
  } catch (error) {
    throw new Error(
      `the ledger ${path} cannot be opened: ${error instanceof Error ? error.message : error}`,
      {
        cause: error,
      },
    );
  }
}

/** Whoever comes while another process makes the file waits for it: SQLite itself waits for a lock, but not while a journal becomes a log. */
function openedLedger(path: string): DatabaseSync {
  const database = connected(path);
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

/** In one file, which is made where it is missing. Every entry is on the disk before `transact` returns. */
export function fileLedger(path: string): Ledger {
  const database = openedLedger(path);
  const selectKeys = database.prepare('SELECT * FROM keys ORDER BY published_at, rowid');
  const writeKey = database.prepare(
    `INSERT INTO keys (id, algorithm, jwk, state, published_at, activated_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, activated_at = excluded.activated_at, ended_at = excluded.ended_at`,
  );
  const selectLast = database.prepare('SELECT sequence, digest FROM journal ORDER BY sequence DESC LIMIT 1');
  const writeEntry = database.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)');
  const selectEntries = database.prepare(
    'SELECT * FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?',
  );
  const selectUses = database.prepare(
    `SELECT coalesce(sum(1 + length(detail) / ${DIGEST}), 0) AS count, max(at) AS last FROM journal
     WHERE event = 'signs' AND key = ? AND at >= ?`,
  );
  const selectVersion = database.prepare('SELECT version FROM ring_version');
  let kept: { readonly version: number; readonly ring: Ring } | null = null;

  /** A ring holds every key that it ever had, so it is read anew only where it changed: its version first, so that a change in between is seen the next time. */
  function read(): Ring {
    const { version } = (selectVersion.get() ?? { version: 0 }) as { readonly version: number };
    if (kept?.version !== version)
      kept = { version, ring: (selectKeys.all() as unknown as KeyRow[]).map(keyOf) };
    return kept.ring;
  }

  function writeKeys(before: Ring, ring: Ring): void {
    if (ring === before) return;
    const known = new Map(before.map((key) => [key.id, key]));
    const changed = ring.filter((key) => JSON.stringify(known.get(key.id)) !== JSON.stringify(key));
    // One key signs at any time: the one that stops is written before the one that begins.
    for (const key of changed.toSorted((a, b) => Number(a.state === 'active') - Number(b.state === 'active')))
      writeKey.run(
        key.id,
        key.algorithm,
        JSON.stringify(key.jwk),
        key.state,
        key.publishedAt,
        key.activatedAt,
        key.endedAt,
      );
  }

  function writeEntries(entries: readonly Entry[]): void {
    const last = selectLast.get() as { sequence: number; digest: string } | undefined;
    let { sequence, digest } = last ?? { sequence: 0, digest: BEGINNING };
    for (const entry of entries) {
      const previous = digest;
      sequence++;
      digest = digestOf(previous, sequence, entry);
      writeEntry.run(sequence, entry.at, entry.event, entry.key, entry.detail, previous, digest);
    }
  }

  return {
    read,
    transact(change) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const before = read();
        const { ring, entries, result } = change(before);
        writeKeys(before, ring);
        writeEntries(entries);
        database.exec('COMMIT');
        return result;
      } catch (error) {
        // A version that was rolled back will be another ring's.
        kept = null;
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    journal: (after = 0, limit = 1_000_000) =>
      selectEntries.all(after, limit).map((row) => ({ ...row }) as unknown as ChainedEntry),
    uses: (key, since) => selectUses.get(key, since) as { count: number; last: number | null },
    close: () => database.close(),
  };
}
