/**
 * An exported audit log: an entry a line, as JSON with the fields of `AuditRow`, and at its end `{"head": {number, digest}}`
 * of the newest entry. So a file that broke off is seen to have; whoever takes entries away on purpose can write that line,
 * too, and only an anchor that was noted elsewhere tells.
 */
import { AUDIT_START, type AuditRow, type AuditVerdict, verifyAudit } from './audit.ts';
import type { AuditAnchor } from './port.ts';

/** A line that is no entry of a log. */
class UnreadableEntry extends Error {}

/** `anchored`: the newest entry that was noted elsewhere, and is met; beyond it more may have followed than the file has. */
export type AuditFileVerdict =
  | (Extract<AuditVerdict, { readonly whole: true }> & { readonly anchored: number | null })
  | Extract<AuditVerdict, { readonly whole: false }>;

/** The lines of a file. `null`: it is empty, and there is no log to speak of. */
export async function verifyAuditFile(
  lines: AsyncIterable<string>,
  anchors: ReadonlyMap<number, string>,
): Promise<AuditFileVerdict | null> {
  let last: AuditAnchor = { number: 0, digest: AUDIT_START };
  let head: AuditAnchor | null = null;
  let read = 0;
  async function* entries(): AsyncGenerator<AuditRow> {
    for await (const line of lines) {
      if (line.trim() === '') continue;
      read += 1;
      const given = entryOf(line);
      if (given === null) throw new UnreadableEntry(`line ${read} is no entry of a log`);
      if (head !== null) throw new UnreadableEntry(`line ${read} comes after the one that ends the log`);
      if ('head' in given) head = given.head;
      else {
        yield given;
        last = given;
      }
    }
  }
  const broken = (why: string) => ({ whole: false as const, number: last.number + 1, why });
  try {
    const verdict = await verifyAudit(entries(), anchors);
    if (read === 0) return null;
    if (!verdict.whole) return verdict;
    const anchored = anchors.size > 0 ? Math.max(...anchors.keys()) : null;
    return endFault(last, head, anchors, broken) ?? { ...verdict, anchored };
  } catch (error) {
    if (error instanceof UnreadableEntry) return broken(error.message);
    throw error;
  }
}

function endFault<Broken>(
  last: AuditAnchor,
  head: AuditAnchor | null,
  anchors: ReadonlyMap<number, string>,
  broken: (why: string) => Broken,
): Broken | null {
  if (head === null)
    return anchors.has(last.number)
      ? null
      : broken('the line that ends an exported log is missing: the file was cut off here; export it again');
  if (head.number > last.number)
    return broken(`its last line says that entries up to ${head.number} follow, and they are missing`);
  if (head.number === last.number && head.digest === last.digest) return null;
  return broken('its last line names another entry as the newest');
}

const TEXTS = ['at', 'previous', 'content', 'contentDigest', 'digest'] as const;

function entryOf(line: string): AuditRow | { readonly head: AuditAnchor } | null {
  try {
    const read = JSON.parse(line) as (AuditRow & { readonly head?: AuditAnchor }) | null;
    const { head } = read ?? {};
    if (head && Number.isSafeInteger(head.number) && typeof head.digest === 'string') return { head };
    if (Number.isSafeInteger(read?.number) && TEXTS.every((name) => typeof read?.[name] === 'string'))
      return read;
  } catch {
    // Told by whoever reads the line.
  }
  return null;
}

/** The lines of a file, of all rows from the first on. */
export async function* auditFileOf(rows: AsyncIterable<AuditRow>): AsyncGenerator<string> {
  let head: AuditAnchor = { number: 0, digest: AUDIT_START };
  for await (const { number, at, previous, content, contentDigest, digest } of rows) {
    yield `${JSON.stringify({ number, at, previous, content, contentDigest, digest })}\n`;
    head = { number, digest };
  }
  yield `${JSON.stringify({ head })}\n`;
}
