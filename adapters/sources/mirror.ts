/**
 * The default branch of a repository, fetched bare into the cache with git itself.
 *
 * INVARIANT: the token reaches git through its environment, for the one origin; it stands on no command line and in no
 * file. Nothing of the user's or the machine's git configuration is obeyed, and no protocol but the origin's is spoken.
 */
import { execFile } from 'node:child_process';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

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
  readonly environment: Environment;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export type Mirrored =
  | { readonly outcome: 'ok'; readonly directory: string; readonly commit: string; readonly fetched: boolean }
  | { readonly outcome: 'not-found' | 'forbidden' | 'failed'; readonly message: string };

/** Enough for the newest hundred first-parent commits, each with its parent. */
const DEPTH = 101;

/** Rejects only when the run is aborted. */
export async function mirror(request: MirrorRequest): Promise<Mirrored> {
  const { directory, branch } = request;
  const ref = `refs/heads/${branch}`;
  const tip = async (): Promise<string> =>
    (await git(request, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`])).out.trim();
  const exists = await stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (exists && request.commit !== undefined && (await tip()) === request.commit)
    return point(request, ref, request.commit, false);

  let result: Run | undefined;
  for (const fresh of exists ? [false, true] : [true]) {
    if (fresh) {
      // A cache that was cut off or damaged is made anew rather than mended.
      await rm(directory, { recursive: true, force: true });
      await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
      const made = await git(request, ['init', '--quiet', '--bare', '--template=', directory], false);
      if (!made.ok)
        return {
          outcome: 'failed',
          message: 'the cache folder could not be written; free some space or choose another',
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
    const commit = result.ok ? await tip() : '';
    if (commit !== '') return point(request, ref, commit, true);
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

async function point(
  request: MirrorRequest,
  ref: string,
  commit: string,
  fetched: boolean,
): Promise<Mirrored> {
  const pointed = await git(request, ['symbolic-ref', 'HEAD', ref]);
  return pointed.ok
    ? { outcome: 'ok', directory: request.directory, commit, fetched }
    : { outcome: 'failed', message: 'the cache folder could not be written' };
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
