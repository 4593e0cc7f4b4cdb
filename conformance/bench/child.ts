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
function spentByChildren(): number {
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

/** Median wall time in milliseconds of starting a command to its end. */
export function startTime(command: string, args: readonly string[], times = 21): number {
  const spent = Array.from({ length: times }, () => {
    const started = performance.now();
    const { status, stderr } = spawnSync(command, args);
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
    return performance.now() - started;
  });
  return spent.sort((a, b) => a - b)[times >> 1] ?? 0;
}
