/** The table `certificates` of osquery, as a host or a fleet reports it: what is written in the certificates of its stores, with their SHA-1. */
import { type ExportFile, isRecord, type Json } from '../answer.ts';
import { type ListingGap, listingGap, onceEach } from '../listing.ts';
import { type QueryResult, resultsIn } from '../osquery/results.ts';
import type { DescribedCertificate, Inventory } from './inventory.ts';

interface Rows {
  readonly host: string;
  readonly rows: readonly unknown[];
}

export function osqueryCertificates(files: readonly ExportFile[]): Inventory {
  const described: DescribedCertificate[] = [];
  const gaps: ListingGap[] = [];
  for (const file of files) {
    const read = rowsIn(file);
    if ('why' in read) {
      gaps.push(listingGap('answer-unreadable', 'failed', `${file.path} ${read.why}`));
      continue;
    }
    for (const { host, rows } of read.results)
      for (const row of rows) {
        const certificate = certificateIn(row, host);
        if (certificate === 'authority') continue;
        if (certificate === null)
          gaps.push(
            listingGap(
              'row-misshapen',
              'failed',
              `a row of ${host} in ${file.path} does not say by \`ca\`, \`sha1\`, \`serial\`, \`not_valid_before\` and \`not_valid_after\` which certificate it is; select all columns`,
            ),
          );
        else described.push(certificate);
      }
  }
  return { certificates: [], described, keys: [], gaps: distinct(gaps) };
}

const distinct = (gaps: readonly ListingGap[]): readonly ListingGap[] => onceEach(gaps, (gap) => gap.why);

/** Of each host the newest whole list. */
function rowsIn(file: ExportFile): { readonly results: readonly Rows[] } | { readonly why: string } {
  const read = resultsIn(file);
  if ('why' in read) return read;
  const newest = new Map<string, QueryResult>();
  for (const result of read.results) {
    const host = result.host ?? file.path;
    const before = newest.get(host);
    if (before === undefined || (before.at ?? 0) <= (result.at ?? 0)) newest.set(host, result);
  }
  return { results: [...newest].map(([host, { rows }]) => ({ host, rows })) };
}

/** `authority`: the certificate of one, which is what the host trusts. */
function certificateIn(row: unknown, host: string): DescribedCertificate | 'authority' | null {
  if (!isRecord(row)) return null;
  const ca = String(row.ca);
  if (ca === '1') return 'authority';
  const { sha1, serial, common_name: name, path, store } = row;
  const notBefore = timeIn(row, 'not_valid_before');
  const notAfter = timeIn(row, 'not_valid_after');
  if (ca !== '0' || notBefore === null || notAfter === null) return null;
  if (typeof sha1 !== 'string' || !/^[0-9a-f]{40}$/i.test(sha1)) return null;
  if (typeof serial !== 'string' || !/^[0-9a-f:]+$/i.test(serial) || typeof name !== 'string') return null;
  const where = [path, store].find((one) => typeof one === 'string' && one !== '') ?? 'store';
  return {
    place: `${host} ${String(where)}#${name}`,
    name,
    serial,
    notBefore,
    notAfter,
    sha1: sha1.toLowerCase(),
    isRevoked: false,
  };
}

const LATEST = 253_402_300_799;

function timeIn(row: Json, name: string): string | null {
  const value = row[name];
  const seconds = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isInteger(seconds) && seconds > 0 && seconds <= LATEST
    ? new Date(seconds * 1000).toISOString()
    : null;
}
