/**
 * PostgreSQL in a directory of its own, as a child process that listens on a unix socket there and nowhere else. Whoever
 * may enter the directory may connect, by the account that the kernel vouches for (`peer`); there is no password.
 *
 *     <directory>/data      the cluster      <directory>/socket    .s.PGSQL.5432
 *     <directory>/postgres.log               <directory>/programs  a copy, only where the account cannot reach ours
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { DecisionsError } from '../port.ts';
import { type Account, accountFor, ownName } from './account.ts';
import { closedFolder, embeddedBinaries } from './binaries.ts';
import { codeOf, STARTING } from './connection.ts';

export interface Engine {
  readonly address: { readonly socket: string; readonly user: string; readonly database: string };
  /** The server's process as of now; another one after it had to be started again. */
  readonly pid: () => number | undefined;
  /** Ends every connection, and waits until all is on disk. */
  stop(): Promise<void>;
}

const SUPERUSER = 'macadam';
/** The one that a new cluster comes with. */
const DATABASE = 'postgres';
/** A socket's path has 108 bytes in the kernel, with its end. */
const LONGEST_SOCKET = 107;
const SOCKET_NAME = '.s.PGSQL.5432';
const PATIENCE_MS = 60_000;
const LOG_LIMIT = 8 * 2 ** 20;

export interface EngineOptions {
  /** Folder with `bin/postgres`. Default: of the npm package. */
  readonly native?: string;
  /** For tests of something else: nothing has to outlive a loss of power. */
  readonly fleeting?: boolean;
}

/** The directory must be held by the caller. Rejects with `DecisionsError` `unavailable`, with what the server said. */
export async function startEngine(
  directory: string,
  { native = embeddedBinaries(), fleeting = false }: EngineOptions = {},
): Promise<Engine> {
  const place = resolve(directory);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const account = accountFor(place);
  if (account.ids) {
    const closed = closedFolder(resolve(place, '..'));
    if (closed !== null)
      throw new DecisionsError(
        'unavailable',
        `PostgreSQL does not run as root, and ${account.name} may not pass ${closed} to ${place}; ` +
          `use another directory or another account, or \`chmod o+x ${closed}\``,
      );
    chownSync(place, account.ids.uid, account.ids.gid);
  }
  chmodSync(place, 0o700);
  const programs = reachable(native, place, account);
  const socket = socketFolder(place, account);
  initialise(programs, place, account, fleeting);
  await endPredecessor(place);
  const fsync = fleeting ? 'off' : 'on';
  return supervise(programs, place, socket, account, fsync);
}

function owned(path: string, { ids }: Account): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (ids) chownSync(path, ids.uid, ids.gid);
  return path;
}

/** Root may read programs that the account cannot, in a home for example: then it gets a copy. */
function reachable(native: string, place: string, account: Account): string {
  if (!account.ids || closedFolder(native) === null) return join(native, 'bin');
  const copy = join(place, 'programs');
  if (!existsSync(copy)) {
    const draft = `${copy}.draft`;
    rmSync(draft, { recursive: true, force: true });
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    renameSync(draft, copy);
  }
  return join(copy, 'bin');
}

function socketFolder(place: string, account: Account): string {
  const own = join(place, 'socket');
  if (Buffer.byteLength(join(own, SOCKET_NAME)) <= LONGEST_SOCKET) return owned(own, account);
  const short = mkdtempSync(join(tmpdir(), 'macadam-'));
  if (account.ids) chownSync(short, account.ids.uid, account.ids.gid);
  return short;
}

/** Makes the cluster beside its place and moves it there whole, so that a half-made one is never met. */
function initialise(programs: string, place: string, account: Account, fleeting: boolean): void {
  const data = join(place, 'data');
  if (existsSync(join(data, 'PG_VERSION'))) {
    checkVersion(programs, data);
    return;
  }
  const draft = join(place, 'data.draft');
  rmSync(draft, { recursive: true, force: true });
  const made = spawnSync(
    join(programs, 'initdb'),
    [
      '-D',
      draft,
      '-U',
      SUPERUSER,
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--auth=peer',
      '--data-checksums',
      '--no-instructions',
      // One call for the whole disk instead of one for each of a thousand files.
      ...(fleeting ? ['--no-sync'] : process.platform === 'linux' ? ['--sync-method=syncfs'] : []),
    ],
    { ...account.ids, cwd: place, encoding: 'utf8', env: environment() },
  );
  if (made.status !== 0)
    throw new DecisionsError(
      'unavailable',
      `a PostgreSQL cluster cannot be made in ${place}: ${made.error?.message ?? made.stderr.trim()}`,
    );
  const names = [...new Set([account.name, ownName()])];
  writeFileSync(join(draft, 'pg_hba.conf'), 'local all all peer map=macadam\n');
  writeFileSync(
    join(draft, 'pg_ident.conf'),
    names.map((name) => `macadam "${name}" ${SUPERUSER}\n`).join(''),
  );
  renameSync(draft, data);
}

function checkVersion(programs: string, data: string): void {
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  const said = spawnSync(join(programs, 'postgres'), ['--version'], { encoding: 'utf8', env: environment() });
  const ours = /\) (\d+)/.exec(said.stdout)?.[1];
  if (ours !== undefined && ours !== version)
    throw new DecisionsError(
      'unavailable',
      `${data} was made by PostgreSQL ${version}, and this is ${ours}; take a backup with the older release and restore it`,
    );
}

/** Nothing of the caller's environment changes what the server does. */
const environment = () => ({ PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' });

/** A server whose parent was killed goes on alone. The directory is ours, so it is not anybody's: it ends. */
async function endPredecessor(place: string): Promise<void> {
  const file = join(place, 'data/postmaster.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
  if (pid <= 1 || !isServerOf(pid, place)) return;
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!tell(pid, signal)) return;
    for (let waited = 0; waited < 10_000; waited += 20) {
      if (!tell(pid, 0)) return;
      await pause(20);
    }
  }
}

/** A process number is used again; only the command line says whose it is now. Where it cannot be read, the file counts. */
function isServerOf(pid: number, place: string): boolean {
  if (!existsSync('/proc/self/cmdline')) return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(join(place, 'data'));
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
async function supervise(
  programs: string,
  place: string,
  socket: string,
  account: Account,
  fsync: string,
): Promise<Engine> {
  let server: ChildProcess | undefined;
  let stopping = false;
  let again: Promise<void> = Promise.resolve();
  const end = () => server?.kill('SIGINT');

  const start = async () => {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const log = openLog(place);
      const child = spawn(join(programs, 'postgres'), settings(join(place, 'data'), socket, fsync), {
        ...account.ids,
        cwd: place,
        // A terminal's interrupt is for us: what is under way is finished first.
        detached: true,
        stdio: ['ignore', log, log],
        env: environment(),
      });
      closeSync(log);
      server = child;
      const exit = new Promise<void>((done) => child.once('exit', () => done()).once('error', () => done()));
      const up = await answers(socket, exit, deadline).catch((error: unknown) => {
        child.kill('SIGQUIT');
        throw error;
      });
      if (up) {
        void exit.then(() => {
          if (!stopping) again = restart();
        });
        child.unref();
        return;
      }
      // Children of a killed server hold its memory until they notice; then the directory is free.
      if (performance.now() > deadline || !/still in use|lock file/.test(logEnd(place))) {
        throw new DecisionsError('unavailable', `PostgreSQL does not start in ${place}: ${logEnd(place)}`);
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
      if (!socket.startsWith(place)) rmSync(socket, { recursive: true, force: true });
    },
  };
}

/** Durability is the server's default; it is stated, so that no file in the directory takes it back. */
function settings(data: string, socket: string, fsync: string): string[] {
  const given = {
    listen_addresses: '',
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    fsync,
    // After a crash: one call for the whole disk instead of one for each of a thousand files.
    ...(process.platform === 'linux' && { recovery_init_sync_method: 'syncfs' }),
    full_page_writes: 'on',
    synchronous_commit: 'on',
    timezone: 'UTC',
    max_connections: '64',
    log_min_messages: 'warning',
    log_min_error_statement: 'panic',
    logging_collector: 'off',
  };
  return ['-D', data, ...Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

const logPath = (place: string) => join(place, 'postgres.log');

/** Two files of limited size are kept. */
function openLog(place: string): number {
  const path = logPath(place);
  if (existsSync(path) && statSync(path).size > LOG_LIMIT) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

function logEnd(place: string): string {
  const said = readFileSync(logPath(place), 'utf8').trimEnd().split('\n').slice(-3).join(' ');
  return said === '' ? `see ${logPath(place)}` : said;
}

/** Waits until the server answers, or has ended. */
async function answers(socket: string, exit: Promise<void>, deadline: number): Promise<boolean> {
  let ended = false;
  void exit.then(() => {
    ended = true;
  });
  while (!ended && performance.now() < deadline) {
    const client = new pg.Client({ host: socket, user: SUPERUSER, database: DATABASE });
    client.on('error', () => {});
    try {
      await client.connect();
      return !ended;
    } catch (error) {
      // One that is killed while it answers says nothing more; it has no code of its own.
      const code = codeOf(error);
      if (code !== '' && !STARTING.has(code)) throw error;
      await pause(5);
    } finally {
      // Of a connection that broke this may never come.
      void client.end().catch(() => {});
    }
  }
  return false;
}
