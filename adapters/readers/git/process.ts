/**
 * Children that read git objects. They never see the measured repository's configuration (`scratch.ts`), inherit
 * nothing of our environment but the search path, and have a time and an output limit.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { compact } from '../../compact.ts';

export interface Limits {
  /** Milliseconds for which a child may say nothing before it is ended. */
  readonly idle: number;
  /** Milliseconds that one listing may take. */
  readonly listing: number;
  /** Bytes that one listing may give. */
  readonly output: number;
  /** Files, folders and links of one tree. */
  readonly entries: number;
  /** Bytes of all paths of one tree. */
  readonly paths: number;
  /** Bytes of an object that is read without git. Larger ones git reads beside us instead of in our place. */
  readonly direct: number;
}

export const LIMITS: Limits = {
  idle: 30_000,
  listing: 120_000,
  output: 256 * 2 ** 20,
  entries: 500_000,
  paths: 128 * 2 ** 20,
  direct: 8 * 2 ** 20,
};

/** Where a child runs: our own git directory, and how far it may go. */
export interface Place {
  /** Throws where it cannot be made. */
  readonly gitDirectory: string;
  readonly searchPath: string | undefined;
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/** What a child could not do, by the stable code of its problem. */
export interface GitFailure {
  readonly fault:
    | 'git-missing'
    | 'git-failed'
    | 'git-timeout'
    | 'object-missing'
    | 'object-corrupt'
    | 'too-large';
  readonly detail: string;
}

export function isGitFailure(value: unknown): value is GitFailure {
  return typeof value === 'object' && value !== null && 'fault' in value;
}

/**
 * Everything a child may know. `GIT_ALLOW_PROTOCOL` and `GIT_NO_LAZY_FETCH` forbid the network twice over: older
 * git knows only the first, and unlike `protocol.allow` no configuration can take it back.
 */
function environment(place: Place, extra: Readonly<Record<string, string>>): Record<string, string> {
  return compact({
    PATH: place.searchPath,
    HOME: place.gitDirectory,
    LC_ALL: 'C',
    GIT_DIR: place.gitDirectory,
    GIT_CEILING_DIRECTORIES: place.gitDirectory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    ...extra,
  });
}

export function start(
  place: Place,
  args: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): ChildProcessWithoutNullStreams {
  place.signal?.throwIfAborted();
  const child = spawn('git', ['--no-pager', ...args], {
    cwd: place.gitDirectory,
    env: environment(place, extra),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  // A child that ends early closes its input; what it did not read shows in its missing answers.
  child.stdin.on('error', () => {});
  return child;
}

/** The last words of a child, short enough for a message and without control characters. */
export function lastWords(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return line.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200);
}

/** Runs a listing to its end. Rejects only when the signal aborts. */
export function run(
  place: Place,
  args: readonly string[],
  options: { input?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Buffer | GitFailure> {
  return new Promise((resolve, reject) => {
    const child = start(place, args, options.env);
    const chunks: Buffer[] = [];
    let size = 0;
    let stderr = '';
    let ended: GitFailure | undefined;
    const end = (fault: GitFailure) => {
      ended ??= fault;
      child.kill('SIGKILL');
    };
    const command = args.find((arg) => !arg.startsWith('-')) ?? 'git';
    const timer = setTimeout(
      () =>
        end({
          fault: 'git-timeout',
          detail: `\`git ${command}\` took longer than ${place.limits.listing} ms`,
        }),
      place.limits.listing,
    );
    const abort = () => child.kill('SIGKILL');
    place.signal?.addEventListener('abort', abort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > place.limits.output) {
        end({
          fault: 'too-large',
          detail: `\`git ${command}\` lists more than ${place.limits.output} bytes`,
        });
      } else chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk).slice(-4096);
    });
    const done = (outcome: () => Buffer | GitFailure) => {
      clearTimeout(timer);
      place.signal?.removeEventListener('abort', abort);
      if (place.signal?.aborted) reject(place.signal.reason);
      else resolve(outcome());
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      done(() => ({ fault: error.code === 'ENOENT' ? 'git-missing' : 'git-failed', detail: error.message })),
    );
    child.once('close', (code, killedBy) =>
      done(() =>
        ended !== undefined
          ? ended
          : code === 0
            ? Buffer.concat(chunks)
            : {
                fault: 'git-failed',
                detail: lastWords(stderr) || `\`git ${command}\` ended with ${code ?? killedBy}`,
              },
      ),
    );
    child.stdin.end(options.input ?? '');
  });
}
