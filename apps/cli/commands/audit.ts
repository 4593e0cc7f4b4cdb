/** `macadam audit`: what an auditor asks for. A log that was exported is verified without any store. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { AuditVerdict } from '@macadam/adapters/decisions/audit';
import { type AuditFileVerdict, verifyAuditFile } from '@macadam/adapters/decisions/audit-file';
import { EXIT } from '../exit.ts';
import { deliver, deliverAnswer, UsageError } from '../terminal.ts';

export interface AuditPlace {
  readonly data?: string;
  readonly database?: string;
}

export interface VerifyOptions extends AuditPlace {
  readonly anchor?: readonly string[];
  readonly json?: boolean;
}

/** Exits 1 where an entry is not what was written. */
export async function verifyCommand(file: string | undefined, options: VerifyOptions): Promise<number> {
  const anchors = new Map((options.anchor ?? []).map(anchorOf));
  const verdict =
    file === undefined
      ? await (await import('./audit-local.ts')).verifyStore(options, anchors)
      : await verifyFile(file, anchors);
  deliver(options.json ? JSON.stringify(verdict) : said(verdict));
  return verdict.whole ? EXIT.ok : EXIT.fails;
}

function anchorOf(text: string): [number, string] {
  const [, number, digest] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (number === undefined || digest === undefined)
    throw new UsageError(`--anchor: \`${text}\` is not an anchor; give NUMBER:DIGEST as verify prints it`);
  return [Number(number), digest];
}

async function verifyFile(file: string, anchors: ReadonlyMap<number, string>): Promise<AuditFileVerdict> {
  const input = createReadStream(file);
  const failed = new Promise<never>((_, reject) => {
    input.once('error', ({ message }) => reject(new UsageError(`\`${file}\` cannot be read (${message})`)));
  });
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const verdict = await Promise.race([verifyAuditFile(lines, anchors), failed]);
  if (verdict === null) throw new UsageError(`\`${file}\` is empty: there is no log in it; export it again`);
  return verdict;
}

/** The store knows its newest entry by itself; a file knows it by what was noted elsewhere. */
function said(verdict: AuditVerdict | AuditFileVerdict): string {
  if (!verdict.whole) return `broken at entry ${verdict.number}: ${verdict.why}`;
  const { entries, digest } = verdict;
  const note = `note elsewhere, for --anchor: ${entries}:${digest}`;
  if (!('anchored' in verdict) || verdict.anchored === entries) return `whole: ${entries} entries\n${note}`;
  const untold = 'whether more followed cannot be told from the file';
  return `whole up to entry ${entries}; ${untold}; give --anchor, as it was noted elsewhere\n${note}`;
}

export async function exportCommand(file: string, options: AuditPlace): Promise<number> {
  const { number, digest } = await (await import('./audit-local.ts')).exportLog(file, options);
  process.stderr.write(`macadam: ${number} entries; note elsewhere, for --anchor: ${number}:${digest}\n`);
  return EXIT.ok;
}

/** Exits 1 where a verdict is another one, and 3 where one could not be judged again. */
export async function judgeCommand(file: string, { json = false }: { json?: boolean }): Promise<number> {
  const judged = await (await import('./audit-local.ts')).judgeFile(file);
  const open = judged.filter(({ result }) => result === 'open').length;
  const other = judged.filter(({ result }) => result === 'other').length;
  const lines = judged
    .filter(({ result }) => result !== 'same')
    .map(({ standard, asset, result, why }) =>
      [result === 'open' ? 'not judged again' : 'another verdict', `${standard} of ${asset}`, why].join(': '),
    );
  const same = judged.length - open - other;
  const count = `${judged.length} verdicts: ${same} the same, ${other} another one, ${open} not judged again`;
  deliverAnswer({ json }, judged, [...lines, count].join('\n'));
  if (other > 0) return EXIT.fails;
  return open > 0 ? EXIT.unjudged : EXIT.ok;
}

export interface SampleOptions extends AuditPlace {
  readonly seed: string;
  readonly n: string;
  readonly out?: string;
}

export async function sampleCommand(options: SampleOptions): Promise<number> {
  const n = Number(options.n);
  if (!Number.isInteger(n) || n < 1 || n > 10_000)
    throw new UsageError(`--n: \`${options.n}\` is not a number from 1 to 10000`);
  const sample = await (await import('./audit-local.ts')).sampleStores(options.seed, n, options);
  deliver(JSON.stringify(sample, null, 2), options.out);
  return EXIT.ok;
}
