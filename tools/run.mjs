/**
 * Runs a script of this repository: installs what package-lock.json asks for when it is not there yet, then hands
 * over to the Node 24 that was installed with it. Plain JavaScript that Node 18 understands, because it runs before
 * anything is installed and under whatever `npm` brought along.
 *
 *     node tools/run.mjs <script.ts> [arguments]
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.macadam-lock');
const NEEDED = 24;

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function text(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The stamp names the lock and what npm says it installed, so that a change of either is seen. */
function digest() {
  return createHash('sha256')
    .update(text(join(root, 'package-lock.json')))
    .update(text(join(modules, '.package-lock.json')))
    .digest('hex');
}

/**
 * Whether npm's own record agrees with the lock, so that a plain `npm ci` is not repeated. What only tests and builders
 * need may be there or not, where it is not asked for.
 */
function agrees(builders) {
  const record = text(join(modules, '.package-lock.json'));
  if (record === '') return false;
  const installed = JSON.parse(record).packages;
  const locked = JSON.parse(text(join(root, 'package-lock.json'))).packages;
  const same = (path) =>
    installed[path] !== undefined &&
    installed[path].version === locked[path].version &&
    installed[path].integrity === locked[path].integrity;
  const left = (path) =>
    installed[path] === undefined &&
    (locked[path].optional === true ||
      locked[path].devOptional === true ||
      (!builders && locked[path].dev === true));
  return (
    Object.keys(locked).every((path) => path === '' || same(path) || left(path)) &&
    Object.keys(installed).every((path) => locked[path] !== undefined)
  );
}

/** `builders`: also what tests and builders need; whoever only runs it does without, which is a quarter less. */
function install(builders) {
  const noted = text(stamp).split(' ');
  if (noted[0] === digest() && (noted[1] === 'all' || !builders)) return;
  if (!agrees(builders)) {
    const what = builders ? 'Macadam and its tests need' : 'Macadam needs to run';
    process.stderr.write(`Installing what ${what}, as package-lock.json says (once, about a minute) …\n`);
    const npm = process.env.npm_execpath;
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(builders ? [] : ['--omit=dev'])];
    const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 };
    const result =
      npm === undefined
        ? spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
        : spawnSync(process.execPath, [npm, ...args], options);
    if (result.error) stop(`npm could not be started: ${result.error.message}. Install npm, then try again.`);
    if (result.status !== 0)
      stop(`${result.stdout}${result.stderr}\nnpm ci failed; the reason stands above.`);
  }
  writeFileSync(stamp, `${digest()} ${agrees(true) ? 'all' : 'run'}`);
}

/** Node from the lock, where a package of it is served for this platform; else the user's own, if new enough. */
function findNode() {
  const windows = process.platform === 'win32';
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`;
  const served = join(modules, name, 'bin', windows ? 'node.exe' : 'node');
  if (existsSync(served) && spawnSync(served, ['--version']).status === 0) return served;
  if (Number(process.versions.node.split('.')[0]) >= NEEDED) return process.execPath;
  return stop(
    `Macadam needs Node ${NEEDED} or newer; this is Node ${process.versions.node}, and npm serves none for ` +
      `${process.platform} ${process.arch} that runs here. Install Node ${NEEDED}, then run the same command again.`,
  );
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined) stop('usage: node tools/run.mjs <script.ts> [arguments]');
// What people run stands in apps/; everything else is for who builds it.
install(!script.startsWith('apps/'));
const node = findNode();

// npm runs scripts in the root; a path on the command line is meant from where the person stood.
const asked = process.env.npm_command === 'run-script' || process.env.npm_lifecycle_event !== undefined;
const cwd =
  asked && process.cwd() === root && existsSync(process.env.INIT_CWD || '')
    ? process.env.INIT_CWD
    : undefined;
const path = [dirname(node), join(modules, '.bin'), process.env.PATH].join(delimiter);
// The first module, too, is then taken from the cache that the program opens: nothing is stripped of its types again.
const compiled = process.env.NODE_COMPILE_CACHE || join(tmpdir(), 'node-compile-cache');
/** Read before a process begins: memory of C goes back to the system (docs/decisions/0121-memory-given-back.md). */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
const child = spawn(node, [join(root, script), ...args], {
  stdio: 'inherit',
  ...(cwd === undefined ? {} : { cwd }),
  env: {
    ...(script.startsWith('apps/server/') ? ALLOCATOR : {}),
    ...process.env,
    PATH: path,
    NODE_COMPILE_CACHE: compiled,
  },
});

// A signal may have gone to the whole group, as Ctrl-C does, or to this process alone. A second one would mean "at
// once", so the child gets it from here only if it is still there a little later; and never a terminal's Ctrl-C twice.
const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !terminal) setTimeout(() => child.kill(signal), 500).unref();
  });
}

child.on('error', (error) => stop(`${node} could not be started: ${error.message}`));
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
