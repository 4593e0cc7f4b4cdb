/**
 * What was given to whom, in one SQLite file for all processes of a machine. Of a token it holds the SHA-256: tokens are 256 random bits, so that
 * whoever reads the file can neither use nor guess one.
 */
import { DatabaseSync } from 'node:sqlite';

export type Access = 'read' | 'write';

export interface Issued {
  /** Counts up over both sorts; the serial number of a certificate. */
  readonly id: number;
  readonly sort: 'token' | 'certificate';
  /** SHA-256 of a token in hex; empty of a certificate. */
  readonly digest: string;
  readonly subject: string;
  readonly repositories: readonly string[];
  readonly access: Access;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
  /** When a token was shown last, to the minute; null when it never was. A certificate is shown to servers, which do not tell. */
  readonly usedAt: number | null;
}

export type Wanted = Omit<Issued, 'id' | 'revokedAt' | 'usedAt'>;

export interface BrokerStore {
  /** Writes it down, on the disk before it is given out. `login`: digest of the login; false where that was used before. */
  readonly add: (
    wanted: Wanted,
    login: { readonly digest: string; readonly until: number },
  ) => number | false;
  readonly byDigest: (digest: string) => Issued | null;
  readonly used: (id: number, at: number) => void;
  /** All of `by`, as one; gives how many were in force. */
  readonly revoke: (
    by: { readonly id: number } | { readonly subject: string } | 'everything',
    at: number,
  ) => number;
  /** Certificates that were taken back and have not ended. */
  readonly revokedSerials: (at: number) => readonly number[];
  readonly all: () => readonly Issued[];
  readonly close: () => void;
}

const TABLES = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS issued (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sort TEXT NOT NULL, digest TEXT NOT NULL, subject TEXT NOT NULL, repositories TEXT NOT NULL,
    access TEXT NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER, used_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS by_digest ON issued (digest) WHERE digest <> '';
  CREATE TABLE IF NOT EXISTS login (digest TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

type Row = Readonly<Record<string, string | number | null>>;

const issuedFrom = (row: Row): Issued => ({
  id: Number(row.id),
  sort: row.sort === 'token' ? 'token' : 'certificate',
  digest: String(row.digest),
  subject: String(row.subject),
  repositories: JSON.parse(String(row.repositories)),
  access: row.access === 'write' ? 'write' : 'read',
  issuedAt: Number(row.issued_at),
  expiresAt: Number(row.expires_at),
  revokedAt: row.revoked_at === null ? null : Number(row.revoked_at),
  usedAt: row.used_at === null ? null : Number(row.used_at),
});

/** `SQLITE_BUSY` of sqlite.org/rescode.html. */
const BUSY = 5;
const LONGEST_WAIT = 60_000;

/** Whoever comes while another process makes the file waits for it: SQLite itself waits for a lock, but not while a journal becomes a log. */
function openedStore(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: LONGEST_WAIT });
  const started = performance.now();
  for (;;) {
    try {
      database.exec(TABLES);
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

/** Opens the file, which is made where there is none, for its owner alone. */
export function fileStore(path: string): BrokerStore {
  const database = openedStore(path);
  const insert = database.prepare(
    'INSERT INTO issued (sort, digest, subject, repositories, access, issued_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const login = database.prepare('INSERT OR IGNORE INTO login (digest, until) VALUES (?, ?)');
  const forget = database.prepare('DELETE FROM login WHERE until < ?');
  const find = database.prepare('SELECT * FROM issued WHERE digest = ?');
  const use = database.prepare(
    'UPDATE issued SET used_at = ?1 WHERE id = ?2 AND (used_at IS NULL OR used_at < ?1 - 60000)',
  );
  const take = (where: string) =>
    database.prepare(
      `UPDATE issued SET revoked_at = ? WHERE revoked_at IS NULL AND expires_at > ? AND ${where}`,
    );
  const byId = take('id = ?');
  const bySubject = take('subject = ?');
  const everything = take('true');
  const serials = database.prepare(
    "SELECT id FROM issued WHERE sort = 'certificate' AND revoked_at IS NOT NULL AND expires_at > ?",
  );
  const list = database.prepare('SELECT * FROM issued ORDER BY id');
  return {
    add(wanted, { digest, until }) {
      database.exec('BEGIN IMMEDIATE');
      try {
        forget.run(wanted.issuedAt);
        const isNew = login.run(digest, until).changes === 1;
        const { sort, subject, repositories, access, issuedAt, expiresAt } = wanted;
        const names = JSON.stringify(repositories);
        const id = isNew
          ? Number(
              insert.run(sort, wanted.digest, subject, names, access, issuedAt, expiresAt).lastInsertRowid,
            )
          : false;
        database.exec('COMMIT');
        return id;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    byDigest(digest) {
      const row = find.get(digest) as Row | undefined;
      return row === undefined ? null : issuedFrom(row);
    },
    used: (id, at) => void use.run(at, id),
    revoke(by, at) {
      if (by === 'everything') return Number(everything.run(at, at).changes);
      return Number(('id' in by ? byId.run(at, at, by.id) : bySubject.run(at, at, by.subject)).changes);
    },
    revokedSerials: (at) => (serials.all(at) as Row[]).map(({ id }) => Number(id)),
    all: () => (list.all() as Row[]).map(issuedFrom),
    close: () => database.close(),
  };
}
