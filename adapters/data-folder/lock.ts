/**
 * One directory has one owner. The engine itself lets a second process in and then loses what one of them wrote, so
 * the directory carries a file that names its holder; a holder that no longer lives holds nothing.
 */
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

/** Names the holder of the directory that it lies in. */
export const FILE = 'macadam.lock';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When that process began, in the kernel's ticks since boot: a process id is used again, this pair is not. */
  readonly began: string;
  readonly since: string;
}

/** Somebody else has it. The message names who, and what to do. */
export class DirectoryHeld extends Error {
  readonly pid: number;
  constructor(directory: string, { pid, host, since }: Holder) {
    super(
      `${directory} is held by process ${pid} on ${host} since ${since}; ` +
        'stop that process first, or use another directory',
    );
    this.name = 'DirectoryHeld';
    this.pid = pid;
  }
}

/** Takes the directory, and gives the function that lets it go. Throws `DirectoryHeld`. */
export function lockFolder(directory: string, now: Date): () => void {
  // Another account may have to pass what lies above, as PostgreSQL's does where root starts it; it can list nothing there.
  mkdirSync(dirname(directory), { recursive: true, mode: 0o711 });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, FILE);
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    began: beganAt(process.pid) ?? '',
    since: now.toISOString(),
  };
  const draft = `${path}.${own.pid}.${held.size}`;
  if (held.has(path)) throw new DirectoryHeld(directory, holderOf(path) ?? own);
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        // A hard link is made whole or not at all, and never over another.
        linkSync(draft, path);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const holder = holderOf(path);
        if (holder && (attempt > 3 || lives(holder))) throw new DirectoryHeld(directory, holder);
        rmSync(path, { force: true });
      }
    }
  } finally {
    unlinkSync(draft);
  }
  held.add(path);
  return () => {
    if (!held.delete(path)) return;
    if (existsSync(path)) unlinkSync(path);
  };
}

/** What this process holds: its own second opener must be refused as well. */
const held = new Set<string>();

function holderOf(path: string): Holder | null {
  try {
    const holder: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const known = typeof holder === 'object' && holder !== null && 'pid' in holder && 'host' in holder;
    return known ? (holder as Holder) : null;
  } catch {
    return null;
  }
}

/** A holder on another machine (a shared disk) cannot be asked, and counts as alive. */
function lives({ pid, host, began }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = beganAt(pid);
  return now === null || began === '' || now === began;
}

/** Linux only; elsewhere null, and the process id alone decides. */
function beganAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
