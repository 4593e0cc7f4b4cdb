/** Scans by the packed command line, as people take them: for the first time, and again. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { bundleCommandLine } from '../../../tools/bundle.ts';
import { cost } from '../child.ts';

const ROOT = join(import.meta.dirname, '../../..');

export interface Scanner {
  /** The entry of the packed command line. */
  readonly bundle: string;
  /** A folder for caches. */
  readonly place: string;
}

export interface Took {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

interface Scanned extends Took {
  /** The scan as JSON. */
  readonly text: string;
}

export async function packed(place: string): Promise<Scanner> {
  const stage = join(place, 'macadam');
  mkdirSync(stage);
  await bundleCommandLine(ROOT, stage);
  writeFileSync(join(stage, 'package.json'), '{"type":"module"}');
  return { bundle: join(stage, 'bin/macadam.js'), place };
}

/** One run, which finds in `cache` what earlier ones kept there. No standards: all of them. */
export async function scanned(
  { bundle }: Scanner,
  target: string,
  cache: string,
  standards: readonly string[] = [],
): Promise<Scanned> {
  const only = standards.flatMap((id) => ['--standard', id]);
  const args = [bundle, 'scan', target, '--format', 'json', '--quiet', '--soft-fail', ...only];
  const spent = await cost('/usr/bin/env', [`XDG_CACHE_HOME=${cache}`, process.execPath, ...args], tmpdir());
  if (spent.code !== 0) throw new Error(`scan ended with ${spent.code}: ${spent.stderr}`);
  const { seconds, cpuSeconds, megabytes, stdout } = spent;
  return { seconds, cpuSeconds, megabytes, text: stdout };
}

/** A run that finds nothing kept. */
export async function scannedFirst(
  scanner: Scanner,
  target: string,
  standards: readonly string[] = [],
): Promise<Scanned> {
  const cache = mkdtempSync(join(scanner.place, 'cache-'));
  const first = await scanned(scanner, target, cache, standards);
  rmSync(cache, { recursive: true, force: true });
  return first;
}

const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** The middle of times, and the largest memory. */
const middleOf = (took: readonly Took[]): Took => ({
  seconds: middle(took.map(({ seconds }) => seconds)),
  cpuSeconds: middle(took.map(({ cpuSeconds }) => cpuSeconds)),
  megabytes: Math.max(...took.map(({ megabytes }) => megabytes)),
});

/** Without what differs between any two runs, a line each. */
const linesOf = (text: string): readonly string[] =>
  JSON.stringify(JSON.parse(text), (key, value) => (/At$|^asOf$/.test(key) ? undefined : value), 1).split(
    '\n',
  );

/** Throws with the first line in which a second scan differs from the first. */
function requireSame(first: string, second: string): void {
  const [before, after] = [linesOf(first), linesOf(second)];
  const at = before.findIndex((line, index) => line !== after[index]);
  if (at === -1 && before.length === after.length) return;
  throw new Error(`a second scan says something else: ${before[at]} became ${after[at]}`);
}

/** First and second scans in turn; both have to say the same. */
export async function firstAndSecond(
  scanner: Scanner,
  target: string,
  rounds: number,
): Promise<{ readonly first: Took; readonly second: Took }> {
  const first: Took[] = [];
  const second: Took[] = [];
  for (let round = 0; round < rounds; round++) {
    const cache = mkdtempSync(join(scanner.place, 'cache-'));
    const cold = await scanned(scanner, target, cache);
    const warm = await scanned(scanner, target, cache);
    requireSame(cold.text, warm.text);
    first.push(cold);
    second.push(warm);
    rmSync(cache, { recursive: true, force: true });
  }
  return { first: middleOf(first), second: middleOf(second) };
}

const scanSchema = z.object({
  findings: z.array(
    z.object({
      standard: z.string(),
      reason: z.string(),
      asset: z.object({ name: z.string() }),
      evidence: z.array(
        z.object({
          reason: z.string().optional(),
          location: z.object({ path: z.string(), line: z.int() }).optional(),
        }),
      ),
    }),
  ),
});

/** `repository/path:line` of every action and workflow that is not pinned. Images are no part of it: the peers ask about them elsewhere. */
export function unpinnedPlaces(text: string): ReadonlySet<string> {
  const places = new Set<string>();
  for (const { standard, reason, asset, evidence } of scanSchema.parse(JSON.parse(text)).findings) {
    if (standard !== 'pipeline-uses-pinned') continue;
    for (const { reason: other, location } of evidence)
      if (location !== undefined && (other ?? reason) === 'unpinned')
        places.add(`${asset.name.split('/')[0]}/${location.path}:${location.line}`);
  }
  return places;
}
