/** What the real command line says of an estate, read from each of its formats. */
import assert from 'node:assert/strict';
import type { CommandLine } from '@macadam/testing/command-line';
import { type Counts, type Expected, STANDARDS, type Verdict } from './model.ts';

interface ScanStandard extends Counts {
  readonly id: string;
  readonly scope: number;
  readonly atLeast: number | null;
  readonly atMost: number | null;
}

export interface ScanDocument {
  readonly standards: readonly ScanStandard[];
  readonly findings: readonly {
    readonly standard: string;
    readonly verdict: string;
    readonly asset: { readonly id: string; readonly name: string };
  }[];
}

const NARROWED = STANDARDS.flatMap((id) => ['--standard', id]);

/** Where and with what memory a scan runs. */
export interface Place {
  readonly commandLine: CommandLine;
  /** The folder of the estate. */
  readonly estate: string;
  readonly cache: string;
}

/** Scans folders below the estate as a person would; anything but an answer throws with what was said. */
export function scan(
  { commandLine, estate, cache }: Place,
  format: string,
  folders: readonly string[] = ['.'],
): string {
  const { status, stdout, stderr } = commandLine.run({
    args: ['scan', ...folders, '--format', format, ...NARROWED],
    cwd: estate,
    env: { PATH: process.env.PATH, HOME: estate, XDG_CACHE_HOME: cache },
  });
  if (![0, 1, 3].includes(status)) throw new Error(`scan exits with ${status}: ${stderr}`);
  return stdout;
}

export const document = (text: string): ScanDocument => JSON.parse(text) as ScanDocument;

/** The figures of the table, by the ids or titles that its rows begin with. */
function tableCounts(table: string): Counts[] {
  return table.split('\n').flatMap((line) => {
    const found = /^[✓✗?–-] .*?(?:\s{2,}|\s)(\d+)\s+(\d+)\s+(\d+)\s{2}/u.exec(line);
    return found === null
      ? []
      : [{ pass: Number(found[1]), fail: Number(found[2]), unknown: Number(found[3]) }];
  });
}

/** Holds one scan against what must be true. Returns what differs, in words; empty where nothing does. */
export function differences(scanned: ScanDocument, must: Expected): string[] {
  const found: string[] = [];
  for (const [id, verdicts] of must.verdicts) {
    const standard = scanned.standards.find((one) => one.id === id);
    const count = (wanted: Verdict) => [...verdicts.values()].filter((one) => one === wanted).length;
    if (standard === undefined) {
      if (verdicts.size > 0) found.push(`${id} is not in the scan; ${verdicts.size} assets are in its scope`);
      continue;
    }
    for (const side of ['pass', 'fail', 'unknown'] as const)
      if (standard[side] !== count(side))
        found.push(`${id}: ${side} is ${standard[side]}, and must be ${count(side)}`);
    if (standard.scope !== standard.pass + standard.fail + standard.unknown)
      found.push(`${id}: scope ${standard.scope} is not the sum of its parts`);
    const listed = scanned.findings.filter((one) => one.standard === id);
    for (const side of ['fail', 'unknown'] as const) {
      const length = listed.filter(({ verdict }) => verdict === side).length;
      if (length > standard[side]) found.push(`${id}: lists ${length} ${side}, and counts ${standard[side]}`);
    }
  }
  return found;
}

/** Table, CSV and JSON are three writings of one scan. */
export function sameInEveryFormat(place: Place, scanned: ScanDocument): string[] {
  const found: string[] = [];
  const rows = tableCounts(scan(place, 'table'));
  const wanted = scanned.standards.map(({ pass, fail, unknown }) => `${pass} ${fail} ${unknown}`).sort();
  const shown = rows.map(({ pass, fail, unknown }) => `${pass} ${fail} ${unknown}`).sort();
  try {
    assert.deepEqual(shown, wanted);
  } catch {
    found.push(`the table shows ${shown.join(', ')}, and JSON ${wanted.join(', ')}`);
  }
  const [head = '', ...lines] = scan(place, 'csv').trim().split('\n');
  const columns = head.split(',');
  const at = columns.indexOf('verdict');
  for (const verdict of ['fail', 'unknown']) {
    const csv = lines.filter((line) => line.split(',')[at]?.replaceAll('"', '') === verdict).length;
    const json = scanned.findings.filter((one) => one.verdict === verdict).length;
    if (csv !== json) found.push(`CSV lists ${csv} ${verdict}, and JSON ${json}`);
  }
  return found;
}
