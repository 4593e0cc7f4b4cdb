/**
 * PostgreSQL in a directory of its own, as a child process that listens on a unix socket there and nowhere else. Whoever starts it may
 * connect, by the account that the kernel vouches for (`peer`); there is no password. It ends with whoever started it, however that is.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DecisionsError } from '../port.ts';
import { accountFor } from './account.ts';
import { embeddedBinaries } from './binaries.ts';
import {
  APPLICATION_LOGIN,
  type Cluster,
  DATABASE,
  environment,
  plainText,
  prepareCluster,
  requireVersion,
  SUPERUSER,
  secure,
} from './cluster.ts';

export interface SocketAddress {
  readonly socket: string;
  readonly user: string;
  readonly database: string;
}

export interface Engine {
  /** As whoever owns everything: for migrations and copies, and nothing else. */
  readonly address: SocketAddress;
  /** As the application. */
  readonly application: SocketAddress;
  /** The server's process as of now; another one after it had to be started again. */
  readonly pid: () => number | undefined;
  /** Ends every connection, and waits until all is on disk. */
  stop(): Promise<void>;
}

const PATIENCE_MS = 60_000;
const LOG_LIMIT = 8 * 2 ** 20;

export interface EngineOptions {
  /** Folder with `bin/postgres`. Default: of the npm package. */
  readonly native?: string;
  /** For tests of something else: nothing has to outlive a loss of power. */
  readonly fleeting?: boolean;
}

/** To be called before anything is written into the directory, its lock included. Throws `DecisionsError` `unavailable`. */
export function secureFolder(directory: string): void {
  const place = resolve(directory);
  // Another account may have to pass what lies above; it can list nothing there.
  mkdirSync(dirname(place), { recursive: true, mode: 0o711 });
  mkdirSync(place, { recursive: true, mode: 0o700 });
  secure(place, accountFor(place));
}

/** The directory must be held by the caller. Rejects with `DecisionsError` `unavailable`, with what the server said. */
export async function startEngine(
  directory: string,
  { native = embeddedBinaries(), fleeting = false }: EngineOptions = {},
): Promise<Engine> {
  const cluster = prepareCluster(directory, native, fleeting);
  await endPredecessor(cluster);
  return supervise(cluster, fleeting);
}

/** Of a server that runs in a directory: where it listens. Null where none does. */
export function socketOf(directory: string): SocketAddress | null {
  // The fifth line of the file that PostgreSQL itself keeps of it.
  const socket = plainText(`${resolve(directory)}/data/postmaster.pid`)?.split('\n')[4];
  return socket ? { socket, user: SUPERUSER, database: DATABASE } : null;
}

/** A server whose parent was killed may still be about to end. The directory is ours, so it is not anybody's: it ends. */
async function endPredecessor(cluster: Cluster): Promise<void> {
  const pid = Number(plainText(`${cluster.data}/postmaster.pid`)?.split('\n')[0] ?? 0);
  if (!(pid > 1) || !isServerOf(pid, cluster)) return;
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!tell(pid, signal)) return;
    for (let waited = 0; waited < 10_000; waited += 20) {
      if (!tell(pid, 0)) return;
      await pause(20);
    }
  }
}

/**
 * A process number is used again, and the file that names it is the account's: the command line and the account say whose it is. Where
 * they cannot be read, the file counts.
 */
function isServerOf(pid: number, { data, account }: Cluster): boolean {
  if (!existsSync('/proc/self/cmdline')) return true;
  try {
    if (account.ids && statSync(`/proc/${pid}`).uid !== account.ids.uid) return false;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  } catch {
    return false;
  }
}

function tell(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Keeps one server running until it is told to stop: one that dies (by the kernel, for want of memory) is started again. */
async function supervise(cluster: Cluster, fleeting: boolean): Promise<Engine> {
  const { account, place, socket } = cluster;
  let server: ChildProcess | undefined;
  let guard: ChildProcess | undefined;
  let stopping = false;
  let again: Promise<void> = Promise.resolve();
  const end = () => server?.kill('SIGINT');

  const start = async () => {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const log = openLog(cluster);
      const child = spawn(`${cluster.programs}/postgres`, settings(cluster, fleeting), {
        ...account.ids,
        cwd: place,
        // A terminal's interrupt is for us: what is under way is finished first.
        detached: true,
        stdio: ['ignore', log, log],
        env: environment(),
      });
      closeSync(log);
      server = child;
      const watching = guardOf(child, cluster);
      guard = watching;
      const exit = new Promise<void>((done) => child.once('exit', () => done()).once('error', () => done()));
      void exit.then(() => watching?.kill('SIGKILL'));
      if (await isUp(cluster, child, deadline)) {
        void exit.then(() => {
          if (!stopping) again = restart();
        });
        child.unref();
        return;
      }
      // Children of a killed server hold its memory until they notice; then the directory is free.
      if (performance.now() > deadline || !/still in use|lock file/.test(logEnd(cluster))) {
        child.kill('SIGQUIT');
        requireVersion(cluster);
        throw new DecisionsError('unavailable', `PostgreSQL does not start in ${place}: ${logEnd(cluster)}`);
      }
      await pause(100);
    }
  };

  /** What keeps it from starting may pass; giving up would leave everybody without a store until somebody looks. */
  const restart = async () => {
    for (let wait = 100; !stopping; wait = Math.min(2 * wait, 5000)) {
      try {
        return await start();
      } catch {
        await pause(wait);
      }
    }
  };

  await start();
  process.once('exit', end);
  return {
    address: { socket, user: SUPERUSER, database: DATABASE },
    application: { socket, user: APPLICATION_LOGIN, database: DATABASE },
    pid: () => server?.pid,
    stop: async () => {
      stopping = true;
      await again;
      process.off('exit', end);
      const child = server;
      if (child && child.exitCode === null && child.signalCode === null) {
        child.ref();
        const exit = new Promise<void>((done) => child.once('exit', () => done()));
        child.kill('SIGINT');
        const late = setTimeout(() => child.kill('SIGQUIT'), PATIENCE_MS);
        await exit;
        clearTimeout(late);
      }
      guard?.kill('SIGKILL');
      if (!socket.startsWith(place)) rmSync(socket, { recursive: true, force: true });
    },
  };
}

/** Waits for the end of what it reads; then tells the server to end, at once where it does not in time. */
const GUARD = `while read -r _; do :; done
tell() { [ "$(cat "/proc/$2/comm" 2> /dev/null || echo postgres)" = postgres ] && kill "-$1" "$2" 2> /dev/null; }
tell INT "$1" && sleep 20 && tell QUIT "$1"`;

/**
 * A server whose parent is killed would go on alone, and hold its directory. The kernel closes a pipe of ours when we end, in whichever way;
 * a small process beside the server waits for that.
 */
function guardOf({ pid }: ChildProcess, { account, place }: Cluster): ChildProcess | undefined {
  if (pid === undefined) return undefined;
  const guard = spawn('/bin/sh', ['-c', GUARD, 'macadam-guard', String(pid)], {
    ...account.ids,
    cwd: place,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: environment(),
  });
  guard.on('error', () => {});
  guard.stdin?.on('error', () => {});
  guard.unref();
  (guard.stdin as { unref?: () => void } | null)?.unref?.();
  return guard;
}

/** Durability is the server's default; it is stated, so that no file in the directory takes it back. */
function settings({ data, socket, hba, ident }: Cluster, fleeting: boolean): string[] {
  const durable = fleeting ? 'off' : 'on';
  const given = {
    listen_addresses: '',
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    hba_file: hba,
    ident_file: ident,
    fsync: durable,
    // After a crash: one call for the whole disk instead of one for each of a thousand files.
    ...(process.platform === 'linux' && { recovery_init_sync_method: 'syncfs' }),
    full_page_writes: durable,
    synchronous_commit: durable,
    // Processes of its own that read ahead, of tables that are in memory, and that copy for other servers, of which there are none.
    io_method: 'sync',
    max_logical_replication_workers: '0',
    timezone: 'UTC',
    max_connections: '64',
    log_min_messages: 'warning',
    log_min_error_statement: 'panic',
    logging_collector: 'off',
  };
  return ['-D', data, ...Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Two files of limited size are kept. */
function openLog({ log }: Cluster): number {
  if (existsSync(log) && statSync(log).size > LOG_LIMIT) renameSync(log, `${log}.1`);
  return openSync(log, 'a', 0o600);
}

function logEnd({ log }: Cluster): string {
  const said = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join(' ');
  return said === '' ? `see ${log}` : said;
}

/** A start takes a few of these. */
const LOOK_MS = 10;

/**
 * Waits until the server takes connections, or has ended: it says which in the eighth line of the file that PostgreSQL itself keeps of it.
 * Whoever tries to connect before has it start a process that says no.
 */
async function isUp({ data }: Cluster, child: ChildProcess, deadline: number): Promise<boolean> {
  const ended = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  while (!ended() && performance.now() < deadline) {
    const lines = plainText(`${data}/postmaster.pid`)?.split('\n') ?? [];
    // Of a server that was killed the file is still there.
    if (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready') return true;
    await pause(LOOK_MS);
  }
  return false;
}
