/** The steps of `npm run conformance`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser } from '../tools/browser.ts';
import { repositoryFiles } from '../tools/repository.ts';
import { runSteps, type Step, script } from '../tools/steps.ts';
import { testGroups } from '../tools/test-groups.ts';

const root = join(import.meta.dirname, '..');
const WORLDS = ['conformance/worlds/promises.test.ts', 'conformance/worlds/simulated.test.ts'];
/**
 * In processes of their own, and begun before the others. The faults are among them since they let writes of the whole process fail, and what
 * another test left open would write into them.
 */
const LONG = ['conformance/faults/faults.test.ts', 'conformance/estate-laws/laws.test.ts'];
const sources = repositoryFiles(root);
const tests = testGroups(
  sources,
  sources
    .map(({ path }) => path)
    .filter(
      (path) =>
        path.startsWith('conformance/') && path.endsWith('.test.ts') && ![...WORLDS, ...LONG].includes(path),
    ),
);
/** Both compilers beside the reference; the seed is fixed, so that a red run is red again. */
const DIFFERENTIAL = [
  '--cases',
  '10000',
  '--seed',
  '3',
  '--assets',
  '25',
  '--engine',
  'closures',
  '--engine',
  'sql',
];
/** What is said of the suites. */
const material = process.argv.slice(2).filter((argument) => argument !== '--usage');

/** What takes longest comes before what takes little, or a processor would wait for it at the end. */
const steps: readonly Step[] = [
  {
    name: 'whole worlds',
    apart: WORLDS.map((path) => [path]),
    missing: () =>
      findBrowser() === null ? 'no Chromium here; install it, or set CHROMIUM to its path' : null,
    env: () => ({ CHROMIUM: findBrowser() ?? '' }),
  },
  { name: 'material of others', commands: [script('conformance/material.ts', ...material)], says: 'all' },
  {
    name: 'tests',
    apart: LONG.map((path) => [path]),
    shared: [tests.engine, tests.starting, tests.pure],
  },
  {
    name: 'differential cases',
    commands: [script('conformance/differential/main.ts', ...DIFFERENTIAL)],
    says: 'last line',
    missing: () => (existsSync(join(root, 'node_modules/chdb')) ? null : 'there is no node_modules/chdb'),
  },
];

process.exitCode = await runSteps(steps, ['--only', 'conformance']);
