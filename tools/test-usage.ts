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

const folder = process.env[USAGE];
const file = process.argv[1] ?? '';
// The runner itself has no context, and a process that a test starts has no test file.
if (folder !== undefined && process.env.NODE_TEST_CONTEXT !== undefined && file.endsWith('.test.ts'))
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    const usage: Usage = {
      file: relative(process.cwd(), file).replaceAll('\\', '/'),
      seconds: (user + system) / 1e6 + childrenSeconds(),
    };
    writeFileSync(join(folder, `${process.pid}.usage`), JSON.stringify(usage));
  });
