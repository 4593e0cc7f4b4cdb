/**
 * `npm run mutate [-- --file NAME …]`: breaks the arithmetic and the evaluation on purpose, one small thing at a time, and
 * sees whether the tests of core notice. A law that no mutant offends is no law. Fails below 90 % noticed.
 *
 * A mutant that changes nothing anybody could see stands in tools/ledgers/mutants.json
 * (`file: line → mutated line` → why it is the same), which may only shrink.
 */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Mutant, mutants } from './mutation.ts';

const TARGETS = [
  'order',
  'share',
  'population',
  'evaluate',
  'asset',
  'exception',
  'comparison',
  'picture',
  'org/batch',
  'org/reconcile',
  'accounting',
  'existence',
  'tick',
  'related',
  'cel/runtime/logic',
  'cel/runtime/fold',
  'cel/runtime/compare',
  'cel/runtime/equality',
];
const GOAL = 0.9;
const root = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { file: { type: 'string', multiple: true } } });
const ledgerPath = join(root, 'tools/ledgers/mutants.json');
const ledger: Readonly<Record<string, string>> = existsSync(ledgerPath)
  ? JSON.parse(readFileSync(ledgerPath, 'utf8'))
  : {};
const tests = globSync('core/**/*.test.ts', { cwd: root });

/** Modules that a module of core takes from, itself included, by path below the root. */
function reachable(path: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const text = readFileSync(join(root, path), 'utf8');
  for (const [, from = ''] of text.matchAll(/\bfrom '(\.{1,2}\/[^']+\.ts)'/g))
    reachable(join(path, '..', from), seen);
  return seen;
}

/** A test that never comes to a module cannot notice what is wrong with it. */
const reach = new Map(tests.map((file) => [file, reachable(file)]));
const testsOf = (path: string) => tests.filter((file) => reach.get(file)?.has(path));

interface Task {
  readonly path: string;
  readonly mutant: Mutant;
}

/** A copy of core to break, among everything else as it is. */
function workplace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-mutants-'));
  for (const name of ['core', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of ['node_modules', 'kinds', 'standards', 'frameworks', 'adapters', 'services', 'testing'])
    if (existsSync(join(root, name))) symlinkSync(join(root, name), join(folder, name));
  // A counterexample is enough here; nobody reads the smallest one.
  const quick = "import fc from 'fast-check';\nfc.configureGlobal({ endOnFailure: true });\n";
  writeFileSync(join(folder, 'quick.mjs'), quick);
  return folder;
}

/** Ends at the first failure, because one is enough. */
function passes(folder: string, files: readonly string[], limit: number): Promise<boolean> {
  return new Promise((resolve) => {
    const args = [
      '--test',
      '--test-isolation=none',
      '--test-reporter=tap',
      '--import',
      './quick.mjs',
      ...files,
    ];
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    const clock = setTimeout(() => child.kill('SIGKILL'), limit);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (/^\s*not ok/m.test(text)) child.kill('SIGKILL');
    });
    child.on('close', (code) => {
      clearTimeout(clock);
      resolve(code === 0);
    });
  });
}

/** The tests of the same name first, because they are the likeliest to notice. */
async function survives({ path, mutant }: Task, folder: string, limit: number): Promise<boolean> {
  writeFileSync(join(folder, path), mutant.text);
  const own = testsOf(path).filter((file) => basename(file).startsWith(basename(path, '.ts')));
  const others = testsOf(path).filter((file) => !own.includes(file));
  const alive =
    (own.length === 0 || (await passes(folder, own, limit))) &&
    (others.length === 0 || (await passes(folder, others, limit)));
  cpSync(join(root, path), join(folder, path));
  return alive;
}

const nameOf = ({ path, mutant }: Task) => `${path}: ${mutant.before} → ${mutant.after}`;
const asked = values.file?.map((name) => name.replace(/^core\//, '').replace(/\.ts$/, ''));
const targets = TARGETS.filter(
  (name) => asked === undefined || asked.includes(name) || asked.includes(basename(name)),
)
  .map((name) => `core/${name}.ts`)
  .filter((path) => existsSync(join(root, path)));
const all = targets.flatMap((path) =>
  mutants(readFileSync(join(root, path), 'utf8')).map((mutant) => ({ path, mutant })),
);
const stale = Object.keys(ledger).filter(
  (key) => targets.some((path) => key.startsWith(`${path}: `)) && !all.some((task) => nameOf(task) === key),
);
const queue = all.filter((task) => ledger[nameOf(task)] === undefined);
const folders = Array.from({ length: Math.max(1, availableParallelism()) }, workplace);
const survivors: Task[] = [];
try {
  const started = performance.now();
  const wanted = tests.filter((file) => targets.some((path) => reach.get(file)?.has(path)));
  if (wanted.length === 0 || !(await passes(folders[0] ?? '', wanted, 600_000))) {
    console.error('the tests fail, or there are none, without any mutant; mend that first');
    process.exit(2);
  }
  const limit = (performance.now() - started) * 5 + 10_000;
  console.log(`${queue.length} mutants of ${targets.length} files, ${wanted.length} test files`);
  const remaining = [...queue];
  await Promise.all(
    folders.map(async (folder) => {
      for (let task = remaining.shift(); task !== undefined; task = remaining.shift())
        if (await survives(task, folder, limit)) survivors.push(task);
    }),
  );
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

for (const path of targets) {
  const made = queue.filter((task) => task.path === path).length;
  const alive = survivors.filter((task) => task.path === path);
  console.log(`${path}: ${made - alive.length} of ${made} noticed`);
  for (const { mutant } of alive)
    console.log(`  ${path}:${mutant.line}\n    - ${mutant.before}\n    + ${mutant.after}`);
}
for (const key of stale) console.log(`${key}\n  is no mutant; take it out of tools/ledgers/mutants.json`);
const share = queue.length === 0 ? 0 : 1 - survivors.length / queue.length;
console.log(
  `${queue.length - survivors.length} of ${queue.length} noticed (${(Math.floor(share * 1000) / 10).toFixed(1)} %)`,
);
process.exitCode = share >= GOAL && stale.length === 0 ? 0 : 1;
