/**
 * The audit log's chain, and how to check it with nothing but this file.
 *
 * Of each entry the digest is SHA-256, in hex, of the UTF-8 text of four lines joined by newline: its number (from 1,
 * without gaps), the digest of the entry before (64 zeros before the first), its time, and the SHA-256 of its content.
 * So an entry that is changed, taken out, put in or moved breaks the chain at that place. Whoever can rewrite the whole
 * store could chain anew from there on, or cut the end off: against that one keeps an anchor elsewhere, the number and
 * digest of some entry.
 */
import { createHash } from 'node:crypto';

/** An entry as it is stored and exported. */
export interface AuditRow {
  readonly number: number;
  readonly at: string;
  readonly previous: string;
  /** Canonical JSON. */
  readonly content: string;
  readonly contentDigest: string;
  readonly digest: string;
}

export type AuditVerdict =
  | { readonly whole: true; readonly entries: number; readonly digest: string }
  | { readonly whole: false; readonly number: number; readonly why: string };

export const AUDIT_START: string = '0'.repeat(64);

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

export function auditDigest(row: Pick<AuditRow, 'number' | 'previous' | 'at' | 'contentDigest'>): string {
  return sha256([row.number, row.previous, row.at, row.contentDigest].join('\n'));
}

/**
 * Reads the log from its beginning, in the order in which it is given, and says at which entry it first is not what was
 * written. `anchors`: number → digest, as they were noted earlier; each must be met.
 */
export async function verifyAudit(
  rows: Iterable<AuditRow> | AsyncIterable<AuditRow>,
  anchors: ReadonlyMap<number, string> = new Map(),
): Promise<AuditVerdict> {
  let number = 0;
  let digest = AUDIT_START;
  for await (const row of rows) {
    const why = fault(row, number + 1, digest) ?? anchorFault(row, anchors);
    if (why !== null) return { whole: false, number: number + 1, why };
    number += 1;
    digest = row.digest;
  }
  const last = Math.max(0, ...anchors.keys());
  if (last > number)
    return {
      whole: false,
      number: number + 1,
      why: `entries ${number + 1} to ${last} or more are missing at the end`,
    };
  return { whole: true, entries: number, digest };
}

function fault(row: AuditRow, expected: number, previous: string): string | null {
  if (row.number !== expected)
    return row.number > expected
      ? `entry ${expected} is missing: ${row.number} comes in its place`
      : `entry ${row.number} comes again in the place of ${expected}`;
  if (sha256(row.content) !== row.contentDigest) return 'its content was changed';
  if (row.previous !== previous) return 'it does not follow from the entry before it';
  if (auditDigest(row) !== row.digest) return 'its time or digest was changed';
  return null;
}

function anchorFault(row: AuditRow, anchors: ReadonlyMap<number, string>): string | null {
  const noted = anchors.get(row.number);
  return noted === undefined || noted === row.digest
    ? null
    : 'it is not the entry whose digest was noted: the log was written anew up to here';
}
