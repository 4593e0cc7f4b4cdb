/** A file that is only appended to, a record a line, each on the disk before anything else happens. */
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Who observed what stands in the file. */
export const SOURCE = 'push-protection';

/**
 * Appends one record, in a collection of its own: a line that a full disk cut off costs no other record. Throws where it
 * cannot be written.
 */
export function appendRecord(path: string, record: object): void {
  try {
    append(path, record);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`it could not be recorded in ${path}: ${why}`);
  }
}

function append(path: string, record: object): void {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a+', 0o640);
  try {
    const { observedAt } = record as { observedAt?: unknown };
    const collection = { source: SOURCE, startedAt: observedAt, finishedAt: observedAt, status: 'complete' };
    const text = `${startOf(file)}${JSON.stringify({ collection })}\n${JSON.stringify(record)}\n`;
    const bytes = Buffer.from(text);
    if (writeSync(file, bytes) !== bytes.length) throw new Error(`${path} could not be written whole`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A line end where the last record was cut off. */
function startOf(file: number): string {
  const { size } = fstatSync(file);
  if (size === 0) return '';
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] === 10 ? '' : '\n';
}
