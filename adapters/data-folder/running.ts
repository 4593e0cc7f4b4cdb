/**
 * A running server has the stores of its folder for itself. It says there where it answers and with which key, for the
 * account that owns the folder alone: whoever can read that could open the stores themselves.
 */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Lies in the directory of the facts, which nobody else can enter. */
const FILE = 'server.json';

const runningSchema = z.strictObject({
  pid: z.int().positive(),
  /** Where it listens. */
  address: z.string().min(1),
  port: z.int().min(1).max(65_535),
  /** The name that requests have to use for it. */
  host: z.string().min(1),
  key: z.string().min(32),
});
export type RunningServer = z.infer<typeof runningSchema>;

/** Gives the function that takes it back. */
export function announceServer(directory: string, server: RunningServer): () => void {
  const file = join(directory, FILE);
  const partial = `${file}.${server.pid}.partial`;
  writeFileSync(partial, `${JSON.stringify(server)}\n`, { mode: 0o600 });
  renameSync(partial, file);
  return () => {
    if (findServer(directory)?.key === server.key) rmSync(file, { force: true });
  };
}

/** Null where no server that runs says so. What others could have written is not believed. */
export function findServer(directory: string): RunningServer | null {
  const file = join(directory, FILE);
  try {
    const { uid, mode } = statSync(file);
    const own = process.getuid?.();
    if (process.platform !== 'win32' && ((own !== undefined && uid !== own) || (mode & 0o077) !== 0))
      return null;
    const { success, data } = runningSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return success && isAlive(data.pid) ? data : null;
  } catch {
    return null;
  }
}

/** Whether there is such a process, anybody's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
