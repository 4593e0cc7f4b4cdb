/**
 * Loaded into each process of `npm test` that runs a test file (`--import`): writes how many processor seconds the file took, its own and
 * those of the processes that it started and waited for, into the folder that the variable names.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Name of the variable with the folder. */
export const USAGE = 'MACADAM_TEST_USAGE';

export interface Usage {
  /** Relative to the root. */
  readonly file: string;
  readonly seconds: number;
}

/** Ticks of a second in which Linux counts, whatever the machine. */
const TICKS = 100;

/** Processor seconds of the processes that this one started and that ended, with all that they started; 0 where the system does not say. */
export function childrenSeconds(): number {
  try {
    const [, after = ''] = /\) (.*)/s.exec(readFileSync('/proc/self/stat', 'utf8')) ?? [];
    const fields = after.split(' ');
    // After the name of the command, which may hold spaces: the 14th and 15th are those of children, by users and by the system.
    return (Number(fields[13]) + Number(fields[14])) / TICKS;
  } catch {
    return 0;
  }
}

/** All that files wrote into a folder; of a file that was killed nothing. */
export function readUsage(folder: string): Usage[] {
  return readdirSync(folder).map((name): Usage => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

/** Processor seconds of this process so far, and of those that it started and waited for. */
export function spentSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + childrenSeconds();
}

let written = 0;

/** Writes what a file took into the folder, where there is one. */
export function writeUsage(file: string, seconds: number): void {
  const folder = process.env[USAGE];
  if (folder === undefined) return;
  const usage: Usage = { file: file.replaceAll('\\', '/'), seconds };
  written += 1;
  writeFileSync(join(folder, `${process.pid}-${written}.usage`), JSON.stringify(usage));
}

const own = process.argv[1] ?? '';
// The runner itself has no context, and a process that a test starts has no test file.
if (process.env.NODE_TEST_CONTEXT !== undefined && own.endsWith('.test.ts'))
  process.on('exit', () => writeUsage(relative(process.cwd(), own), spentSeconds()));
