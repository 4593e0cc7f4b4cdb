/**
 * Where a page of a list ends. A cursor is the key of the last row with the order it belongs to, so a list that grows
 * meanwhile neither repeats nor skips what was there. It is opaque to callers and says nothing they have not seen.
 */
import { HttpProblem } from './problem.ts';

export type CursorKey = string | number | readonly (string | number)[];

export function cursorOf(key: CursorKey, sort: string): string {
  return Buffer.from(JSON.stringify([sort, key])).toString('base64url');
}

/** Throws a problem for what no list of this order gave. */
export function keyOf(cursor: string, sort: string): CursorKey {
  const wrong = (reason: string) =>
    new HttpProblem(400, `query.after: ${reason}`, [
      { field: 'query.after', reason, fix: 'give `next` of the page before' },
    ]);
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw wrong('it is no cursor');
  }
  if (!Array.isArray(read) || read.length !== 2 || !isKey(read[1])) throw wrong('it is no cursor');
  if (read[0] !== sort) throw wrong('it is a cursor of another order');
  return read[1];
}

const isPart = (value: unknown): value is string | number =>
  typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value));
const isKey = (value: unknown): value is CursorKey =>
  isPart(value) || (Array.isArray(value) && value.length > 0 && value.every(isPart));
