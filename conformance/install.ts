/**
 * What only benches and conformance need (peers, an API description of hundreds of megabytes, validators) has its own
 * lockfile in conformance/, and is installed at its first use rather than by everybody.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Throws with npm's own words when it cannot be installed. `peers`: also what is asked only beside programs of others and in benches,
 * which is as much again; the lockfile has it as what development needs.
 */
export function ensureInstalled(folder: string = import.meta.dirname, { peers = true } = {}): void {
  const lock = join(folder, 'package-lock.json');
  if (!existsSync(lock)) throw new Error(`${lock} is missing, yet something needs what it names`);
  const stamp = join(folder, 'node_modules/.macadam-lock');
  const digest = createHash('sha256').update(readFileSync(lock)).digest('hex');
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  const wanted = `${digest} ${peers ? 'all' : 'without peers'}`;
  if (installed === wanted || installed === `${digest} all`) return;
  console.error('Installing what conformance needs, as conformance/package-lock.json says (once) …');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(peers ? [] : ['--omit=dev'])];
  const options = { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' } as const;
  const result =
    npm === undefined
      ? spawnSync('npm', args, options)
      : spawnSync(process.execPath, [npm, ...args], { ...options, shell: false });
  if (result.status !== 0) throw new Error(`npm ci failed in ${folder}:\n${result.stdout}${result.stderr}`);
  writeFileSync(stamp, wanted);
}
