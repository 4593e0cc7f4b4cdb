/** Bare repositories over smart HTTP: git's own `http-backend` (CGI, RFC 3875) behind a check of the credential. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

interface ServeGitInput {
  readonly root: string;
  readonly path: string;
  readonly authorised: boolean;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Serves `PATH_INFO` below `root`; 401 unless `authorised`, as a code host does for what it hides. */
export function serveGit({ root, path, authorised, request, response }: ServeGitInput): void {
  if (!authorised) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="fake"' }).end();
    return;
  }
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      REQUEST_METHOD: request.method,
      PATH_INFO: path,
      QUERY_STRING: request.url?.split('?')[1] ?? '',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(backend.stdin);
  const parts: Buffer[] = [];
  backend.stdout.on('data', (part: Buffer) => parts.push(part));
  backend.on('close', () => {
    const all = Buffer.concat(parts);
    const end = all.indexOf('\r\n\r\n');
    const head = all.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(head.map((line) => line.split(/:\s*/, 2) as [string, string]));
    const status = Number.parseInt(headers.Status ?? '200', 10);
    delete headers.Status;
    response.writeHead(end < 0 ? 500 : status, headers).end(all.subarray(end + 4));
  });
}

interface Made {
  readonly place: string;
  readonly head: string;
}

/** What this process made before: each world of a test has the same repositories, and a copy takes no process. */
const made = new Map<string, Made>();

/** Makes a bare repository with one commit of these files, and gives that commit. */
export function makeRepository(
  directory: string,
  branch: string,
  files: Readonly<Record<string, string>>,
): string {
  const key = JSON.stringify([branch, files]);
  const found = made.get(key) ?? newRepository(branch, files);
  made.set(key, found);
  mkdirSync(dirname(directory), { recursive: true });
  cpSync(found.place, directory, { recursive: true });
  return found.head;
}

function newRepository(branch: string, files: Readonly<Record<string, string>>): Made {
  const place = mkdtempSync(join(tmpdir(), 'macadam-made-'));
  process.once('exit', () => rmSync(place, { recursive: true, force: true }));
  const env = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
  execFileSync('git', ['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`, place], {
    env,
  });
  return { place, head: commitFiles(place, branch, files) };
}

/** Adds a commit that holds exactly these files. */
export function commitFiles(
  directory: string,
  branch: string,
  files: Readonly<Record<string, string>>,
): string {
  const parts = [
    `commit refs/heads/${branch}\n`,
    `committer Fake <fake@example.com> ${1_760_000_000} +0000\n`,
    data('Begin'),
    'deleteall\n',
  ];
  for (const [path, text] of Object.entries(files)) parts.push(`M 100644 inline ${path}\n`, data(text));
  const env = { PATH: process.env.PATH, GIT_DIR: directory, GIT_CONFIG_GLOBAL: '/dev/null' };
  execFileSync('git', ['fast-import', '--quiet', '--force'], { env, input: parts.join('') });
  return execFileSync('git', ['rev-parse', `refs/heads/${branch}`], { env, encoding: 'utf8' }).trim();
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
