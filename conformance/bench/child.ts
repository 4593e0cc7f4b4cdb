/** Runs a child and says what it cost. Reads /proc, so it measures on Linux only. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface Cost {
  /** From start to end. */
  readonly seconds: number;
  /** Processor time of it and everything it started; it does not care who else uses the machine. */
  readonly cpuSeconds: number;
  /** Largest resident memory of the whole family of processes at any one moment, in megabytes. */
  readonly megabytes: number;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Resident memory of a process and all that it started, in kilobytes, as Linux tells it. */
function resident(pid: number): number {
  try {
    const own = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return children.reduce((sum, child) => sum + resident(Number(child)), own);
  } catch {
    return 0; // It has just ended.
  }
}

/** Processor seconds of all children that ended so far. Linux counts them in hundredths. */
export function spentByChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

export async function cost(command: string, args: readonly string[], cwd: string): Promise<Cost> {
  const before = spentByChildren();
  const started = performance.now();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let largest = 0;
  const watch = setInterval(() => {
    largest = Math.max(largest, resident(child.pid ?? 0));
  }, 20);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
    });
  const [code] = await once(child, 'close');
  clearInterval(watch);
  return {
    ...output,
    code: code ?? 1,
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: spentByChildren() - before,
    megabytes: largest / 1024,
  };
}

/**
 * Median wall time in milliseconds of each command from start to end. They take turns, so that whatever else the machine
 * does meets all of them alike.
 */
export function startTimes(commands: readonly (readonly string[])[], times = 31): number[] {
  const spent = commands.map((): number[] => []);
  for (let n = 0; n < times; n++)
    for (const [at, args] of commands.entries()) {
      const started = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args);
      if (status !== 0) throw new Error(`node ${args.join(' ')}: ${stderr}`);
      spent[at]?.push(performance.now() - started);
    }
  return spent.map((all) => all.sort((a, b) => a - b)[times >> 1] ?? 0);
}
