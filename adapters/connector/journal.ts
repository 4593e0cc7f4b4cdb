/**
 * What an interrupted run had already learned, so that the next one continues: a line of JSON a finished piece, each
 * with the time at which it was true. A run that reaches its end deletes it.
 */
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Value } from '@macadam/core/facts/observation';

export interface JournalEntry<T> {
  /** RFC 3339. */
  readonly at: string;
  readonly value: T;
}

export interface Journal {
  /** Number of pieces taken over from an interrupted run. */
  readonly resumed: number;
  get(key: string): JournalEntry<unknown> | undefined;
  put(key: string, value: unknown, at: string): Promise<void>;
  /** The run reached its end: nothing is left to continue. */
  finish(): Promise<void>;
}

interface Line extends JournalEntry<Value> {
  readonly key: string;
}

/**
 * Pieces older than `maxAgeMs` are not taken over. `owner` tells runs apart that must not continue each other
 * (another credential, another version of the pieces); only its digest is written.
 */
export async function openJournal(
  path: string,
  owner: string,
  now: Date,
  maxAgeMs: number,
): Promise<Journal> {
  const head = `${createHash('sha256').update(owner).digest('hex')}\n`;
  const pieces = new Map<string, JournalEntry<unknown>>();
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text.startsWith(head)) {
    for (const line of text.slice(head.length).split('\n')) {
      const piece = parseLine(line);
      if (piece === undefined) continue;
      const age = now.getTime() - Date.parse(piece.at);
      if (age >= 0 && age <= maxAgeMs) pieces.set(piece.key, { at: piece.at, value: piece.value });
    }
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Rewritten whole: a line that was cut off must not swallow the next one.
  await writeFile(path, head + [...pieces].map(([key, entry]) => lineOf(key, entry)).join(''), {
    mode: 0o600,
  });
  let writing: Promise<void> = Promise.resolve();
  return {
    resumed: pieces.size,
    get: (key) => pieces.get(key),
    put(key, value, at) {
      const entry = { at, value };
      pieces.set(key, entry);
      writing = writing.then(() => appendFile(path, lineOf(key, entry)));
      return writing;
    },
    async finish() {
      await writing;
      await rm(path, { force: true });
    },
  };
}

function lineOf(key: string, entry: JournalEntry<unknown>): string {
  return `${JSON.stringify({ key, ...entry })}\n`;
}

function parseLine(line: string): Line | undefined {
  try {
    const piece = JSON.parse(line) as Partial<Line> | null;
    if (typeof piece?.key !== 'string' || typeof piece.at !== 'string' || piece.value === undefined)
      return undefined;
    return { key: piece.key, at: piece.at, value: piece.value };
  } catch {
    return undefined;
  }
}
