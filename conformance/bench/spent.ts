/** What work in this process costs, and a place for its files. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Spent {
  readonly seconds: number;
  /** Of all threads of this process; it does not care who else uses the machine. */
  readonly cpuSeconds: number;
}

/** The least of each: what disturbs can only add. */
export const spent = (best: Spent | undefined, now: Spent): Spent => ({
  seconds: Math.min(best?.seconds ?? Number.POSITIVE_INFINITY, now.seconds),
  cpuSeconds: Math.min(best?.cpuSeconds ?? Number.POSITIVE_INFINITY, now.cpuSeconds),
});

export interface Latency {
  readonly milliseconds: number;
  /** Processor time of the middle one; it does not care who else uses the machine. */
  readonly cpuMilliseconds: number;
}

/** p95 by the clock, and the median of processor time, of so many questions. */
export async function latency(times: number, ask: () => Promise<unknown>): Promise<Latency> {
  const clock: number[] = [];
  const cpu: number[] = [];
  for (let time = 0; time < times; time++) {
    const before = process.cpuUsage();
    const started = performance.now();
    await ask();
    clock.push(performance.now() - started);
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1000);
  }
  return { milliseconds: percentile(clock, 0.95), cpuMilliseconds: percentile(cpu, 0.5) };
}

export const scratch = (name: string): string => mkdtempSync(join(tmpdir(), `macadam-bench-${name}-`));

/** The value under which that part of the sorted values lies. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
