/** An exported audit log: an entry a line, as JSON with the fields of `AuditRow`. */
import type { AuditRow } from './audit.ts';

/** A line that is no entry of a log. */
export class UnreadableEntry extends Error {
  readonly line: number;
  constructor(line: number) {
    super(`line ${line} is no entry of a log`);
    this.name = 'UnreadableEntry';
    this.line = line;
  }
}

const TEXTS = ['at', 'previous', 'content', 'contentDigest', 'digest'] as const;

/** Throws `UnreadableEntry`. */
export async function* entriesOf(lines: AsyncIterable<string>): AsyncGenerator<AuditRow> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    yield entryOf(line, number);
  }
}

function entryOf(line: string, number: number): AuditRow {
  try {
    const read = JSON.parse(line) as AuditRow | null;
    if (Number.isSafeInteger(read?.number) && TEXTS.every((name) => typeof read?.[name] === 'string'))
      return read as AuditRow;
  } catch {
    // Said below.
  }
  throw new UnreadableEntry(number);
}

export const lineOf = ({ number, at, previous, content, contentDigest, digest }: AuditRow): string =>
  `${JSON.stringify({ number, at, previous, content, contentDigest, digest })}\n`;
