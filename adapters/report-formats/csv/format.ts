/**
 * RFC 4180 for spreadsheets: one row for each finding. It begins with a byte order mark, without which Excel takes
 * UTF-8 for something else. No cell can run: one that a spreadsheet would take for a formula gets an apostrophe.
 */
import type { Finding, Scan } from '@macadam/core/figures/scan';
import { containerOf } from '../place.ts';
import type { Format } from '../port.ts';
import { visible } from '../text.ts';

type Cell = string | number | null;

const columns: readonly (readonly [string, (finding: Finding, scan: Facts) => Cell])[] = [
  ['standard', (finding) => finding.standard],
  ['pillar', (finding, { standards }) => standards.get(finding.standard)?.pillar ?? null],
  ['severity', (finding) => finding.severity],
  ['verdict', (finding) => finding.verdict],
  ['reason', (finding) => finding.reason],
  ['message', (finding) => finding.message],
  ['kind', (finding) => finding.asset.kind],
  ['asset', (finding) => finding.asset.name],
  ['repository', (finding) => containerOf(finding)],
  ['place', (finding) => finding.asset.place ?? null],
  ['path', (finding) => finding.location?.path ?? null],
  ['line', (finding) => finding.location?.line ?? null],
  ['owner', (finding) => finding.owner],
  ['assurance', (finding) => finding.assurance],
  ['evidence', (finding) => finding.evidence.map((each) => each.text).join('; ')],
  ['exception_reason', (finding) => finding.exception?.reason ?? null],
  ['exception_until', (finding) => finding.exception?.until ?? null],
  [
    'containers_listed',
    (finding, { standards }) => standards.get(finding.standard)?.containers?.whole ?? null,
  ],
  ['containers', (finding, { standards }) => standards.get(finding.standard)?.containers?.total ?? null],
  ['as_of', (_, { asOf }) => asOf],
  ['asset_id', (finding) => finding.asset.id],
  ['fingerprint', (finding) => finding.fingerprint],
];

interface Facts {
  readonly standards: ReadonlyMap<string, Scan['standards'][number]>;
  readonly asOf: string;
}

export const format: Format = {
  id: 'csv',
  description: 'For spreadsheets: one row for each failure and unknown; no cell can run a formula.',
  mediaType: 'text/csv; charset=utf-8',
  render: ({ scan }) => {
    const facts = { standards: new Map(scan.standards.map((each) => [each.id, each])), asOf: scan.asOf };
    const rows = scan.findings.map((finding) => columns.map(([, of]) => of(finding, facts)));
    const lines = [columns.map(([name]) => name), ...rows].map((row) => row.map(cell).join(','));
    return `\ufeff${lines.join('\r\n')}\r\n`;
  },
};

/** Excel's own limit is 32,767 characters in a cell. */
const LIMIT = 32_000;

export function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const shown = visible(value).slice(0, LIMIT).toWellFormed();
  // Full-width signs are normalised to plain ones by some spreadsheets, and blanks in front are skipped by others.
  const inert = /^[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20|%]/u.test(shown) ? `'${shown}` : shown;
  return /[",;]/.test(inert) || inert !== inert.trim() ? `"${inert.replaceAll('"', '""')}"` : inert;
}
