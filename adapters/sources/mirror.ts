/**
 * The default branch of a repository, fetched bare into the cache with git itself.
 *
 * INVARIANT: the token reaches git through its environment, for the one origin; it stands on no command line and in no
 * file. Nothing of the user's or the machine's git configuration is obeyed, and no protocol but the origin's is spoken.
 */
import { execFile } from 'node:child_process';
import { mkdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isGitFailure } from '../readers/git/process.ts';
import { openRepository } from '../readers/git/repository.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface MirrorRequest {
  /** The bare repository's folder; made when it is not there. */
  readonly directory: string;
  /** `https://host/owner/name.git`, without a credential. */
  readonly url: string;
  readonly branch: string;
  /** The commit that the host says is its tip; equal to ours, nothing is fetched. */
  readonly commit?: string;
  readonly token?: string;
  /** Where scratch folders may be made, see `readers/git/repository.ts`. */
  readonly scratch: string;
  readonly environment: Environment;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export type Mirrored =
  | { readonly outcome: 'ok'; readonly directory: string; readonly commit: string; readonly fetched: boolean }
  | { readonly outcome: 'not-found' | 'forbidden' | 'failed'; readonly message: string };

/** Enough for the newest hundred first-parent commits, each with its parent. */
const DEPTH = 101;

const COMMIT_BYTES = 2 ** 20;

/** Rejects only when the run is aborted. */
export async function mirror(request: MirrorRequest): Promise<Mirrored> {
  const { directory, branch } = request;
  const ref = `refs/heads/${branch}`;
  const exists = await stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (exists && request.commit !== undefined && (await held(request)) === request.commit)
    return { outcome: 'ok', directory, commit: request.commit, fetched: false };

  let result: Run | undefined;
  for (const fresh of exists ? [false, true] : [true]) {
    if (fresh) {
      // A cache that was cut off or damaged is made anew rather than mended.
      await rm(directory, { recursive: true, force: true });
      await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
      const made = await git(
        request,
        ['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`, directory],
        false,
      );
      if (!made.ok)
        return {
          outcome: 'failed',
          message: `the cache folder could not be written; free some space or choose another${lastLine(made.problem)}`,
        };
    }
    const options = [
      '--quiet',
      '--force',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-auto-maintenance',
      '--no-recurse-submodules',
    ];
    result = await git(request, ['fetch', ...options, `--depth=${DEPTH}`, request.url, `+${ref}:${ref}`]);
    const commit = result.ok ? await fetchedInto(request, ref) : undefined;
    if (commit !== undefined) return { outcome: 'ok', directory, commit, fetched: true };
    const refused = refusalOf(result.problem);
    if (refused !== undefined) return refused;
  }
  return {
    outcome: 'failed',
    message:
      result?.timedOut === true
        ? 'git fetch did not end in time'
        : `git fetch failed${lastLine(result?.problem ?? '', request.token)}`,
  };
}

/** What was fetched, once HEAD names its branch too: it may have named another one. */
async function fetchedInto(request: MirrorRequest, ref: string): Promise<string | undefined> {
  const commit = await held(request);
  if (commit !== undefined) return commit;
  await git(request, ['symbolic-ref', 'HEAD', ref]);
  return await held(request);
}

/**
 * The commit that our copy has of the branch, where HEAD names that branch and the commit is there. Read as everything in it is: git would be started twice
 * for each repository in which nothing changed.
 */
async function held({ directory, branch, scratch, environment, signal }: MirrorRequest) {
  const opened = await openRepository({
    path: directory,
    name: branch,
    within: [await realpath(directory).catch(() => directory)],
    scratch,
    searchPath: environment.PATH,
    signal,
  });
  try {
    const { head } = opened;
    if (!('commit' in head) || head.branch !== branch) return undefined;
    const found = await opened.object(head.commit, COMMIT_BYTES);
    return isGitFailure(found) || found.type !== 'commit' ? undefined : head.commit;
  } finally {
    await opened.close();
  }
}

function refusalOf(problem: string): Mirrored | undefined {
  if (/repository .* not found|couldn't find remote ref|returned error: 404/i.test(problem)) {
    return { outcome: 'not-found', message: 'the host says that there is no such repository or branch' };
  }
  if (
    /authentication failed|could not read username|returned error: 40[13]|access denied|terminal prompts disabled/i.test(
      problem,
    )
  ) {
    return { outcome: 'forbidden', message: 'the host refuses the token' };
  }
  return undefined;
}

/** The last thing git said, in one printable line without the token. */
function lastLine(problem: string, token = ''): string {
  const line =
    problem
      .trim()
      .split('\n')
      .at(-1)
      ?.replaceAll(/[^\x20-\x7e]/g, '') ?? '';
  const told =
    token === '' ? line : line.replaceAll(token, '[redacted]').replaceAll(basic(token), '[redacted]');
  return told === '' ? '' : `: ${told.replace(/^(fatal|error): /, '').slice(0, 200)}`;
}

interface Run {
  readonly ok: boolean;
  readonly out: string;
  readonly problem: string;
  readonly timedOut: boolean;
}

function git(request: MirrorRequest, args: readonly string[], inside = true): Promise<Run> {
  const { signal } = request;
  const options = {
    env: environmentFor(request),
    timeout: request.timeoutMs ?? 600_000,
    maxBuffer: 4 * 1024 * 1024,
    ...(signal === undefined ? {} : { signal }),
  };
  const argv = inside ? [`--git-dir=${request.directory}`, ...args] : [...args];
  return new Promise((resolve, reject) => {
    execFile('git', argv, options, (error, out, problem) => {
      if (signal?.aborted === true) reject(signal.reason);
      else resolve({ ok: error === null, out, problem, timedOut: error?.killed === true });
    });
  });
}

function basic(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64');
}

/** Pure. Everything that git sees of the world. */
export function environmentFor({
  url,
  token,
  environment,
}: Pick<MirrorRequest, 'url' | 'token' | 'environment'>): Record<string, string> {
  const { origin, protocol } = new URL(url);
  const settings: [string, string][] = [
    ['protocol.allow', 'never'],
    [`protocol.${protocol.slice(0, -1)}.allow`, 'always'],
    ['http.followRedirects', 'false'],
    ['credential.helper', ''],
    ['core.hooksPath', '/dev/null'],
    ['core.fsmonitor', 'false'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '60'],
  ];
  if (token !== undefined)
    settings.push([`http.${origin}/.extraHeader`, `Authorization: Basic ${basic(token)}`]);
  const passed = [
    'PATH',
    'TMPDIR',
    'https_proxy',
    'HTTPS_PROXY',
    'http_proxy',
    'no_proxy',
    'NO_PROXY',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'GIT_SSL_CAINFO',
  ];
  return {
    ...Object.fromEntries(
      passed.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
    ),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}
