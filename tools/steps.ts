/**
 * Runs steps that must be green, several processes at a time, with one line a step as it ends, and one line at the end. `npm test` and
 * `npm run conformance` say which.
 *
 * What a laptop lacks is left out, in so many words; with CI=true nothing may be. `--quick` leaves out what is slow. `--usage` says at the
 * end of every test file how many processor seconds it took.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { CLUSTER, makeCluster } from '@macadam/testing/decisions/prepared';
import { REAL_ESTATE } from '@macadam/testing/readers/real-estate';
import { SHEDS_PLACE } from '@macadam/testing/server/sheds-place';
import { findBrowser } from './browser.ts';
import { readResults } from './proofs.ts';
import { childrenSeconds, readUsage, USAGE } from './test-usage.ts';

const root = join(import.meta.dirname, '..');
const strict = process.env.CI === 'true';
export const quick = process.argv.includes('--quick');

export interface Step {
  readonly name: string;
  /** Each a process, in any order. */
  readonly commands?: readonly (readonly string[])[];
  /** Test files in processes of their own: those of one list one after the other. A step with tests counts them, and not itself. */
  readonly apart?: readonly (readonly string[])[];
  /** Groups of test files that processes share: whichever is free takes the next one. No process has files of two groups. */
  readonly shared?: readonly (readonly string[])[];
  /** Left out by --quick. */
  readonly slow?: boolean;
  /** What is worth reading of what it says even when all is well. */
  readonly says?: 'all' | 'last line';
  /** Why it cannot run here, and what would let it; asked when its turn comes. */
  readonly missing?: () => string | null;
  readonly env?: () => Record<string, string>;
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const node = process.execPath;
const bin = (name: string) => join(root, 'node_modules/.bin', name);
export const script = (path: string, ...args: string[]) => [node, path, ...args];

/** Files in the order in which they begin: what takes longest first, for whichever came last would be waited for by an idle processor. */
export const longestFirst = (files: readonly string[], longest: readonly string[]) => [
  ...longest.filter((path) => files.includes(path)),
  ...files.filter((path) => !longest.includes(path)),
];

const COMPILED = join(root, 'node_modules/.cache/compiled');
/** Enough for the stores of all tests that run at once. */
const ROOM = 6 * 2 ** 30;
/** Enough for five processes that run tests, each with an engine of a gigabyte, for what they start and for their stores. */
const FOR_FIVE = 14 * 2 ** 30;
/**
 * Stores wait for their disk, and tests of stores do little else: of a folder in memory, where the machine has the room, they take half
 * the time. Nothing here says what survives a loss of power.
 */
function scratch(): string {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > ROOM ? memory : tmpdir();
}
const folder = mkdtempSync(join(scratch(), 'macadam-tests-'));
// The account of a database passes it.
chmodSync(folder, 0o711);
const results = mkdtempSync(join(folder, 'results-'));
const usage = mkdtempSync(join(folder, 'usage-'));
// What was ended by a signal may still write there.
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }));
const cluster = join(folder, 'cluster');
const sheds = join(folder, 'sheds');
/** Real repositories, where some lie beside this one. */
const estate = join(root, '../shared/vectors/estate');
const whether = (made: Promise<unknown>) =>
  made.then(
    () => true,
    () => false,
  );
const makeSheds = () =>
  promisify(execFile)(node, ['testing/server/make-sheds.ts', sheds], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder, NODE_COMPILE_CACHE: COMPILED },
  });
/** Made once, and copied by all tests that need one; without it each makes its own, or says why it cannot. */
const prepared = { cluster: false, sheds: false };
async function prepare(): Promise<void> {
  const making = { cluster: whether(makeCluster(cluster)), sheds: whether(makeSheds()) };
  prepared.cluster = await making.cluster;
  prepared.sheds = await making.sheds;
}
/** Tests wait for it; what has no need of it begins at once. */
let preparing: Promise<void> | undefined;
let runs = 0;
const reporting = () => [
  '--import=./tools/test-usage.ts',
  '--test-reporter=spec',
  '--test-reporter-destination=stdout',
  // Each run into a file of its own: what docs/asvs.yaml claims is held against all of them.
  '--test-reporter=./tools/test-results.ts',
  `--test-reporter-destination=${join(results, `${runs++}.ndjson`)}`,
];
/** A process for each file, one after the other. */
const nodeTest = (paths: readonly string[]) => [
  node,
  '--test',
  '--test-concurrency=1',
  // What hangs is a failure with a name, and never a run without an end. It holds for a whole file too, which under load takes minutes.
  '--test-timeout=1800000',
  ...reporting(),
  ...paths,
];
/** One more process at files that processes share through the folder. */
const together = (queue: string, paths: readonly string[]) => [
  node,
  ...reporting(),
  'tools/test-together.ts',
  queue,
  ...paths,
];

const counts = (step: Step) => step.apart !== undefined || step.shared !== undefined;

/** After all others: what they showed. `where` says to tools/proofs.ts which tests ran here. */
const claims = (where: readonly string[]): Step => ({
  name: 'claims of docs/asvs.yaml',
  commands: [script('tools/proofs.ts', '--results', results, ...where)],
  // Without a browser some of them are not shown here.
  slow: true,
  missing: () => (findBrowser() === null ? 'no Chromium here, so what a browser shows was not shown' : null),
  says: 'last line',
});

const running = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    for (const child of running) child.kill(signal);
    process.exit(130);
  });

interface Ran {
  readonly code: number;
  readonly output: string;
}

async function run(command: readonly string[], env: Record<string, string>, isTest: boolean): Promise<Ran> {
  const [file = '', ...args] = command;
  if (isTest) await preparing;
  return new Promise((resolve) => {
    let output = '';
    const path = [bin(''), process.env.PATH].join(delimiter);
    const child = spawn(file, args, {
      cwd: root,
      // What one test file compiled, the next one that imports it need not.
      env: {
        ...process.env,
        TMPDIR: folder,
        NODE_COMPILE_CACHE: COMPILED,
        [USAGE]: usage,
        ...(prepared.cluster && { [CLUSTER]: cluster }),
        ...(prepared.sheds && { [SHEDS_PLACE]: sheds }),
        ...(existsSync(estate) && { [REAL_ESTATE]: estate }),
        ...env,
        PATH: path,
        NO_COLOR: '1',
      },
    });
    running.add(child);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    child.on('error', (error) => resolve({ code: 1, output: `${file}: ${error.message}` }));
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code: code ?? 1, output });
    });
  });
}

function count(output: string, name: string): number {
  return Number(
    output
      .match(new RegExp(`^ℹ ${name} (\\d+)$`, 'gm'))
      ?.at(-1)
      ?.split(' ')
      .at(-1) ?? 0,
  );
}

function judge(step: Step, { code, output }: Ran): Outcome {
  if (!counts(step)) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  const failed = count(output, 'fail') + count(output, 'cancelled');
  const skipped = count(output, 'skipped') + count(output, 'todo');
  const passed = count(output, 'pass');
  // A runner that fails without naming a failure has itself failed.
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, skipped };
}

/** Of a test run only what failed; of everything else all that was said. */
function complaint(step: Step, output: string): string {
  const at = output.lastIndexOf('✖ failing tests:');
  return counts(step) && at >= 0 ? output.slice(at) : output;
}

/** The files whose tests took longest by the clock, so that whoever waits for them knows where to begin. */
function slowest(folder: string, most: number): string {
  const seconds = new Map<string, number>();
  for (const { file, milliseconds } of readResults(folder))
    seconds.set(file, (seconds.get(file) ?? 0) + milliseconds / 1000);
  return [...seconds]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([file, time]) => `${file} ${time.toFixed(0)} s`)
    .join(', ');
}

/** Processor seconds, which say what a file costs also where others run beside it; a line for each file where all are asked for. */
function costliest(folder: string, all: boolean): string {
  const files = readUsage(folder).toSorted((a, b) => b.seconds - a.seconds);
  const texts = files.map(({ file, seconds }) => `${file} ${seconds.toFixed(1)}`);
  const whole = `${childrenSeconds().toFixed(0)} processor seconds in all`;
  return all ? [whole, ...texts].join('\n    ') : `${whole}, most of them ${texts.slice(0, 8).join(', ')}`;
}

/** Whether the step can run here; says so where it cannot. */
function isRunnable(step: Step): boolean {
  if (quick && step.slow) {
    console.log(`- ${step.name}: left out by --quick`);
    total.skipped += 1;
    return false;
  }
  const reason = step.missing?.() ?? null;
  if (reason === null) return true;
  console.log(
    `${strict ? '✗' : '-'} ${step.name}: ${strict ? 'may not be left out here' : 'left out'}: ${reason}`,
  );
  if (strict) total.failed += 1;
  else total.skipped += 1;
  return false;
}

function conclude(step: Step, ran: readonly Ran[], seconds: number): void {
  const outcomes = ran.map((one) => judge(step, one));
  const sum = (of: keyof Outcome) => outcomes.reduce((total, outcome) => total + outcome[of], 0);
  const passed = sum('passed');
  const skipped = sum('skipped');
  // Whoever runs nothing has shown nothing.
  const failed = counts(step) && passed === 0 ? Math.max(1, sum('failed')) : sum('failed');
  const idle = strict && skipped > 0;
  const good = failed === 0 && !idle;
  const detail = counts(step) ? `${passed} passed, ` : '';
  console.log(`${good ? '✓' : '✗'} ${step.name} (${detail}${seconds.toFixed(1)} s)`);
  if (good && step.says !== undefined)
    for (const { output } of ran)
      console.log(
        output
          .trimEnd()
          .split('\n')
          .slice(step.says === 'all' ? 0 : -1)
          .join('\n')
          .replaceAll(/^/gm, '    '),
      );
  if (!good)
    for (const { output } of ran.filter((_, at) => passed === 0 || (outcomes[at]?.failed ?? 0) > 0))
      console.log(complaint(step, output).trimEnd().replaceAll(/^/gm, '    '));
  if (idle) console.log(`    ${skipped} tests skipped themselves, which they may not do here`);
  total.passed += passed;
  total.failed += idle ? failed + skipped : failed;
  total.skipped += idle ? 0 : skipped;
}

/** Files that processes share, and the folder by which they do. */
class Share {
  readonly #files: readonly string[];
  readonly #queue = mkdtempSync(join(folder, 'queue-'));
  #processes = 0;
  /** A process ended, with a failure, before it took a file: so would the next. */
  #stuck = false;

  constructor(files: readonly string[]) {
    this.#files = files;
  }

  get left(): number {
    return this.#stuck ? 0 : this.#files.length - readdirSync(this.#queue).length;
  }

  /** Whether there is something for one more process, besides what those that are at it take next. */
  get hasMore(): boolean {
    return this.left > this.#processes;
  }

  async run(env: Record<string, string>): Promise<Ran> {
    const { left } = this;
    this.#processes += 1;
    const ran = await run(together(this.#queue, this.#files), env, true);
    this.#processes -= 1;
    this.#stuck ||= left > 0 && this.left === left;
    return ran;
  }
}

/** A step that runs, or whose turn comes. */
class Running {
  readonly #step: Step;
  readonly #commands: (readonly string[])[];
  readonly #shares: readonly Share[];
  readonly #ran: Ran[] = [];
  #processes = 0;
  #started = 0;

  constructor(step: Step) {
    this.#step = step;
    this.#commands = [...(step.commands ?? []), ...(step.apart ?? []).map(nodeTest)];
    this.#shares = (step.shared ?? []).map((files) => new Share(files));
  }

  /** Null where all have begun. */
  command(): Promise<void> | null {
    const next = this.#commands.shift();
    return next === undefined ? null : this.#until((env) => run(next, env, counts(this.#step)));
  }

  /** One more process at shared files; null where there is nothing left for it. */
  share(): Promise<void> | null {
    const next = this.#shares.find(({ hasMore }) => hasMore);
    return next === undefined ? null : this.#until((env) => next.run(env));
  }

  /** The step is over with the last of its processes. */
  async #until(ran: (env: Record<string, string>) => Promise<Ran>): Promise<void> {
    this.#started ||= performance.now();
    this.#processes += 1;
    this.#ran.push(await ran(this.#step.env?.() ?? {}));
    this.#processes -= 1;
    if (this.#processes > 0 || this.#commands.length > 0 || this.#shares.some(({ left }) => left > 0)) return;
    conclude(this.#step, this.#ran, (performance.now() - this.#started) / 1000);
  }
}

const total = { passed: 0, failed: 0, skipped: 0 };
type Work = 'command' | 'share';
/** Takes one after the other until nothing is left, of one sort before the other. */
async function takeAll(turns: readonly Running[], first: Work, then: Work): Promise<void> {
  const next = (work: Work) => {
    for (const turn of turns) {
      const began = turn[work]();
      if (began !== null) return began;
    }
    return null;
  };
  for (let began = next(first) ?? next(then); began !== null; began = next(first) ?? next(then)) await began;
}
// Tests wait for processes to end, so more of them run at a time than there are processors. Commands wait more than files do that share a process, so they run beside each other.
const slots: (readonly [Work, Work])[] = [
  ['command', 'share'],
  ['command', 'share'],
  ['share', 'command'],
  ['share', 'command'],
];
if (totalmem() >= FOR_FIVE) slots.push(['share', 'command']);

/** Runs all of them, and gives the code to exit with. `claimed` says to tools/proofs.ts which tests are among them. */
export async function runSteps(steps: readonly Step[], claimed: readonly string[]): Promise<number> {
  if (!quick) preparing = prepare();
  const turns = steps.filter(isRunnable).map((step) => new Running(step));
  await Promise.all(slots.map(([first, then]) => takeAll(turns, first, then)));
  const last = claims(claimed);
  if (isRunnable(last)) await new Running(last).command();
  console.log(`  slowest: ${slowest(results, 8)}`);
  console.log(`  ${costliest(usage, process.argv.includes('--usage'))}`);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed === 0 ? 0 : 1;
}
