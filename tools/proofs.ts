/**
 * `npm run proofs`: runs every test that docs/asvs.yaml names, and says which claim nothing shows.
 *
 *     npm run proofs [-- --results DIR] [--only FOLDER] [--but FOLDER]
 *
 * With `--results` nothing is run: the folder holds what a run before wrote (tools/test-results.ts). `--only` and `--but` say which claims
 * are held by it: those whose tests lie in a folder, or do not; `npm run conformance` and `npm test` hold all of them together.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ASVS, type NamedProof, testProofs, titleMatches } from './asvs.ts';
import { findBrowser } from './browser.ts';
import type { TestResult } from './test-results.ts';

const root = join(import.meta.dirname, '..');

export interface Unshown {
  readonly proof: NamedProof;
  readonly why: 'did not run' | 'was skipped' | 'failed';
}

/** Of the named tests those that these results do not show to have passed. */
export function unshown(proofs: readonly NamedProof[], results: readonly TestResult[]): Unshown[] {
  const byFile = Map.groupBy(results, ({ file }) => file);
  return proofs.flatMap((proof): Unshown[] => {
    const ran = (byFile.get(proof.test) ?? []).filter(({ title }) => titleMatches(proof.title, title));
    const outcomes = new Set(ran.map(({ outcome }) => outcome));
    if (ran.length === 0) return [{ proof, why: 'did not run' }];
    if (outcomes.has('failed')) return [{ proof, why: 'failed' }];
    return outcomes.has('passed') ? [] : [{ proof, why: 'was skipped' }];
  });
}

/** All results that runs wrote into a folder. */
export function readResults(folder: string): TestResult[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line): TestResult => JSON.parse(line));
}

/** Runs test files in a checkout, and gives what each test came to; of a run that ends badly what there is by then. */
export async function runTests(checkout: string, files: readonly string[]): Promise<TestResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-proofs-'));
  const args = [
    '--test',
    '--test-concurrency=2',
    '--test-timeout=300000',
    '--test-reporter=./tools/test-results.ts',
    `--test-reporter-destination=${join(folder, 'results.ndjson')}`,
    ...files,
  ];
  const env = { ...process.env, CHROMIUM: findBrowser() ?? '' };
  const child = spawn(process.execPath, args, { cwd: checkout, stdio: 'ignore', env });
  await new Promise((resolve) => child.on('close', resolve));
  try {
    return readResults(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const namedProofs = (): readonly NamedProof[] => testProofs(readFileSync(join(root, ASVS), 'utf8'));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { results: { type: 'string' }, only: { type: 'string' }, but: { type: 'string' } },
  });
  const isIn = (folder: string, { test }: NamedProof) => test.startsWith(`${folder}/`);
  const proofs = namedProofs()
    .filter((proof) => values.only === undefined || isIn(values.only, proof))
    .filter((proof) => values.but === undefined || !isIn(values.but, proof));
  const files = [...new Set(proofs.map(({ test }) => test))].sort();
  const results = values.results === undefined ? await runTests(root, files) : readResults(values.results);
  const missing = unshown(proofs, results);
  for (const { proof, why } of missing)
    console.log(`${ASVS}: ${proof.id} names a test that ${why}: ${proof.test}: ${proof.title}`);
  console.log(`proofs: ${proofs.length - missing.length} of ${proofs.length} shown`);
  process.exitCode = missing.length === 0 ? 0 : 1;
}

if (import.meta.main) await main();
