/**
 * Holds Macadam against material that others wrote: a step of `npm run conformance`, and all of it where a suite is named.
 *
 *     node conformance/material.ts [--suite NAME] [--vectors DIR] [--changes N] [--without-peers] [--shrink]
 *
 * A case that differs must be in its suite's ledger with a reason; a ledger entry that agrees, or names no case, fails
 * the run. `--shrink` removes such entries. Nothing ever adds one: that is an edit, with a reason, for a reviewer.
 * `--changes` is how many random changes the suite `reviews` makes; 10,000 where it is left out. `--without-peers` leaves
 * out what has to get and run programs of others: Keycloak, a directory, a validator in Python.
 */
import { existsSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { spentSeconds } from '../tools/test-usage.ts';
import { ensureInstalled } from './install.ts';
import { type Ledger, runSuite, type SuiteResult } from './run-suite.ts';
import type { Extent, Suite } from './suite.ts';

const folder = join(import.meta.dirname, 'suites');
const { values } = parseArgs({
  options: {
    suite: { type: 'string' },
    vectors: { type: 'string' },
    changes: { type: 'string' },
    'without-peers': { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
  },
});
// Beside the repository lies, on some machines, a folder of public material that is too large to carry along.
const vectors = resolve(values.vectors ?? join(import.meta.dirname, '../../shared/vectors'));

const extent: Extent = values.changes === undefined ? {} : { changes: Number(values.changes) };
if (extent.changes !== undefined && !(Number.isInteger(extent.changes) && extent.changes > 0)) {
  console.error(`--changes ${values.changes} is not a number of changes: write a whole number from 1`);
  process.exit(2);
}

function readLedger(path: string): Ledger {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

function writeLedger(path: string, ledger: Ledger): void {
  if (Object.keys(ledger).length === 0) rmSync(path, { force: true });
  else writeFileSync(path, `${JSON.stringify(ledger, null, 2)}\n`);
}

/** `seconds` are those of a processor, which say what a suite costs also where others run beside it. */
function print(name: string, result: SuiteResult, seconds: number): void {
  const { agree, listed, problems } = result;
  console.log(
    `${problems.length === 0 ? '✓' : '✗'} ${name}: ${agree} agree, ${listed} differ as the ledger says (${seconds.toFixed(1)} s)`,
  );
  for (const { id, what } of problems) console.log(`    ${id}: ${what}`);
}

const files = existsSync(folder) ? readdirSync(folder) : [];
const names = files
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((name) => values.suite === undefined || values.suite === name);
if (names.length === 0 && values.suite !== undefined) {
  console.error(`no suite \`${values.suite}\` in conformance/suites`);
  process.exit(2);
}
const orphans = files
  .filter((file) => file.endsWith('.ledger.json'))
  .filter((file) => !existsSync(join(folder, file.replace('.ledger.json', '.ts'))));
const total = { passed: 0, failed: orphans.length, left: 0, listed: 0 };
for (const file of orphans) console.log(`✗ suites/${file}: no suite of that name; delete it`);

for (const name of names) {
  const before = spentSeconds();
  const { suite }: { suite: Suite } = await import(join(folder, `${name}.ts`));
  const missing = suite.vectors.filter((path) => globSync(path, { cwd: vectors }).length === 0);
  if (missing.length > 0) {
    console.log(`- ${suite.name}: left out: ${join(vectors, missing[0] ?? '')} is not there`);
    total.left++;
    continue;
  }
  if (values['without-peers'] && suite.runsPeer === true) {
    console.log(`- ${suite.name}: left out: it runs a program of others`);
    total.left++;
    continue;
  }
  // First: `npm ci` empties the folder in which `lacks` puts an environment of Python.
  if (suite.needsInstall) ensureInstalled(import.meta.dirname, { peers: !values['without-peers'] });
  const lack = suite.lacks?.() ?? null;
  if (lack !== null) {
    console.log(`- ${suite.name}: left out: this machine lacks ${lack}`);
    total.left++;
    continue;
  }
  const path = join(folder, `${name}.ledger.json`);
  let ledger = readLedger(path);
  let result = await runSuite(suite, ledger, vectors, extent);
  if (values.shrink && result.stale.length > 0) {
    ledger = Object.fromEntries(Object.entries(ledger).filter(([id]) => !result.stale.includes(id)));
    writeLedger(path, ledger);
    result = {
      ...result,
      stale: [],
      problems: result.problems.filter(({ id }) => !result.stale.includes(id)),
    };
  }
  print(suite.name, result, spentSeconds() - before);
  total.passed += result.agree;
  total.listed += result.listed;
  total.failed += result.problems.length;
}

const left = total.left > 0 ? `, ${total.left} suites left out` : '';
console.log(`conformance: ${total.passed} agree, ${total.listed} in ledgers, ${total.failed} failed${left}`);
process.exitCode = total.failed === 0 ? 0 : 1;
