/**
 * `npm test`: laws, units, contracts, stores, processes and the browser; all test files but those of conformance/, which are
 * `npm run conformance`.
 *
 *     npm test [-- --quick] [-- --usage]
 *
 * `--quick` leaves out what is slow, and what needs a store or starts a process.
 */
import { join } from 'node:path';
import { findBrowser } from './browser.ts';
import { COMPILER_MEMORY, compiler } from './compiler.ts';
import { findPostgres } from './postgres.ts';
import { repositoryFiles } from './repository.ts';
import { longestFirst, quick, runSteps, type Step, script } from './steps.ts';
import { testGroups } from './test-groups.ts';

const root = join(import.meta.dirname, '..');

/** Tests that need more than Node: each has a step of its own below. */
const IN_BROWSER = [
  'adapters/report-formats/html/browser.test.ts',
  'apps/server/browser.test.ts',
  'apps/server/pages.browser.test.ts',
];
const ON_SERVER = ['adapters/decisions/postgres/server.test.ts'];
/** Both build into dist/, one after the other. */
const PACKED = ['tools/pack.test.ts', 'tools/release.test.ts'];
/**
 * In processes of their own, and begun before the others: whichever came last would be waited for by an idle processor.
 */
const LONG = ['adapters/facts/clickhouse/crash.test.ts', 'testing/directories/kept.test.ts'];
/** The longest of those that share processes, for the same reason. */
const FIRST = [
  'adapters/facts/history/history.test.ts',
  'adapters/sources/github/source.test.ts',
  'services/backup/backup.test.ts',
  'adapters/facts/clickhouse/store.test.ts',
  'apps/server/estates.test.ts',
  'apps/server/http/hostile.test.ts',
  'services/progress/node.test.ts',
  'simulation/simulate.test.ts',
  'services/work/work.test.ts',
  'adapters/facts/history/relations.test.ts',
  'adapters/facts/history/containers.test.ts',
  'tools/extension.test.ts',
];
const APART = [...IN_BROWSER, ...ON_SERVER, ...PACKED, ...LONG];
const sources = repositoryFiles(root);
const tests = testGroups(
  sources,
  sources
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.test.ts') && !path.startsWith('conformance/') && !APART.includes(path)),
);
const each = (paths: readonly string[]) => paths.map((path) => [path]);

/** What takes longest comes before what takes little, or a processor would wait for it at the end. */
const steps: readonly Step[] = [
  { name: 'types', commands: [[process.execPath, ...compiler(root, '-p', '.')]], env: () => COMPILER_MEMORY },
  {
    name: 'format and lint',
    commands: [script('node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '.')],
  },
  { name: 'rules of the house', commands: [script('tools/rules.ts')], says: 'last line' },
  {
    name: 'tests with stores and processes',
    apart: each(LONG),
    shared: [longestFirst(tests.engine, FIRST), longestFirst(tests.starting, FIRST)],
    slow: true,
  },
  {
    name: 'the page in a browser',
    apart: each(IN_BROWSER),
    slow: true,
    missing: () =>
      findBrowser() === null ? 'no Chromium here; install it, or set CHROMIUM to its path' : null,
    env: () => ({ CHROMIUM: findBrowser() ?? '' }),
  },
  { name: 'packed packages', apart: [PACKED], slow: true },
  {
    name: 'decisions on a PostgreSQL server',
    apart: [ON_SERVER],
    missing: () =>
      process.env.DATABASE_URL || findPostgres() !== null
        ? null
        : 'no PostgreSQL here; install it, or set DATABASE_URL to a server on which databases may be made',
    env: () => ({ POSTGRES_HOME: findPostgres() ?? '' }),
  },
  // Else what is packed is held to them, on the catalogue that it carries.
  ...(quick ? [{ name: 'laws of the catalogue', commands: [script('apps/cli/main.ts', 'test')] }] : []),
  { name: 'unit and property tests', shared: [tests.pure] },
];

process.exitCode = await runSteps(steps, ['--but', 'conformance']);
