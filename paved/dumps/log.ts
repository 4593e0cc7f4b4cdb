/** What happened to dumps, appended and never changed: each entry holds the digest of the one before, in one SQLite file for all processes of a machine. */
import { hash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { DumpError } from './refused.ts';

export type Event =
  | {
      readonly what: 'taken';
      readonly dump: string;
      readonly program: string;
      readonly crashedAt: string | null;
      readonly bytes: number;
      /** SHA-256 of the cleaned dump, and of the file that holds it sealed. */
      readonly content: string;
      readonly file: string;
      readonly searchedWith: string;
      readonly detectors: Readonly<Record<string, number>>;
      readonly overwritten: number;
      readonly environment: number | null;
    }
  | { readonly what: 'not-taken'; readonly program: string; readonly why: string }
  | {
      readonly what: 'requested';
      readonly request: string;
      readonly dump: string;
      readonly by: string;
      readonly reason: string;
      readonly hours: number;
    }
  | {
      readonly what: 'approved';
      readonly request: string;
      /** Null: the rule asks for nobody. */
      readonly by: string | null;
      readonly until: string;
    }
  | { readonly what: 'opened' | 'closed'; readonly request: string; readonly by: string }
  | {
      readonly what: 'searched';
      /** The name of the file. */
      readonly dump: string;
      readonly file: string;
      readonly searchedWith: string;
      readonly secrets: readonly { readonly id: string; readonly detector: string }[];
    }
  | { readonly what: 'revoked'; readonly secret: string; readonly by: string; readonly reason: string };

export type Entry = Event & { readonly at: string };

export interface DumpLog {
  /** Decides by all that was logged before and appends what comes of it, as one: two processes do not decide by the same state. */
  readonly append: (at: Date, decide: (entries: readonly Entry[]) => Event) => Entry;
  /** All entries, after their chain was verified; throws where one was changed or taken out. */
  readonly entries: () => readonly Entry[];
  /** The lines as they are, each with its digest, to be kept elsewhere as well. */
  readonly lines: () => string;
  readonly close: () => void;
}

const TABLES = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY, body TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
  CREATE TRIGGER IF NOT EXISTS kept BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the log is only appended to'); END;
  CREATE TRIGGER IF NOT EXISTS left BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the log is only appended to'); END;
`;
const WAIT = 60_000;
const FIRST = '0'.repeat(64);

interface Row {
  readonly number: number;
  readonly body: string;
  readonly digest: string;
}

const digestOf = (before: string, number: number, body: string): string =>
  hash('sha256', `${before}\n${number}\n${body}`, 'hex');

export function openLog(path: string): DumpLog {
  // Reasons and names are for nobody else.
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: WAIT });
  database.exec(TABLES);
  const all = database.prepare('SELECT number, body, digest FROM entry ORDER BY number');
  const insert = database.prepare('INSERT INTO entry (number, body, digest) VALUES (?, ?, ?)');
  const rows = (): readonly Row[] => verified(all.all() as unknown as Row[], path);
  const read = (list: readonly Row[]): readonly Entry[] => list.map(({ body }) => JSON.parse(body));
  return {
    append(at, decide) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const before = rows();
        const entry: Entry = { at: at.toISOString(), ...decide(read(before)) };
        const body = JSON.stringify(entry);
        const number = before.length + 1;
        insert.run(number, body, digestOf(before.at(-1)?.digest ?? FIRST, number, body));
        database.exec('COMMIT');
        return entry;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    entries: () => read(rows()),
    lines: () =>
      rows()
        .map(({ body, digest }) => `${body.slice(0, -1)},"digest":"${digest}"}\n`)
        .join(''),
    close: () => database.close(),
  };
}

function verified(rows: readonly Row[], path: string): readonly Row[] {
  let before = FIRST;
  for (const [index, { number, body, digest }] of rows.entries()) {
    if (number !== index + 1 || digest !== digestOf(before, number, body))
      throw new DumpError(
        path,
        `entry ${index + 1} was changed, or one before it was taken out`,
        'nothing is opened; compare it with the copy that `macadam-dumps log` wrote elsewhere',
      );
    before = digest;
  }
  return rows;
}
