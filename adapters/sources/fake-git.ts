/** Bare repositories over smart HTTP: git's own `http-backend` (CGI, RFC 3875) behind a check of the credential. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { buffer } from 'node:stream/consumers';

interface ServeGitInput {
  readonly root: string;
  readonly path: string;
  readonly authorised: boolean;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What git answered before, by what it was asked and what the repository holds: most tests fetch the same, and an answer takes three processes. */
const answered = new Map<string, Answer>();

/** Serves `PATH_INFO` below `root`; 401 unless `authorised`, as a code host does for what it hides. */
export async function serveGit({ root, path, authorised, request, response }: ServeGitInput): Promise<void> {
  if (!authorised) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="fake"' }).end();
    return;
  }
  // Whoever asked may be gone before the question has come whole.
  const body = await buffer(request).catch(() => null);
  if (body === null) return;
  const environment = {
    REQUEST_METHOD: request.method,
    QUERY_STRING: request.url?.split('?')[1] ?? '',
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
  };
  const [, repository = '', service = ''] = /^(.*?\.git)(\/.*)$/.exec(path) ?? [];
  const key = JSON.stringify([heldBy(join(root, repository)), service, environment, body.toString('latin1')]);
  const answer = answered.get(key) ?? (await askBackend(root, path, environment, body));
  if (answer.status === 200) answered.set(key, answer);
  response.writeHead(answer.status, answer.headers).end(answer.body);
}

/** Names of all files, and the texts of those that are no objects. */
function heldBy(repository: string): readonly unknown[] {
  if (!existsSync(repository)) return [];
  const files = readdirSync(repository, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((place) => {
      const path = relative(repository, place);
      return path.startsWith('objects/') ? path : [path, readFileSync(place, 'latin1')];
    });
}

async function askBackend(
  root: string,
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
  body: Buffer,
): Promise<Answer> {
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: path,
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // What git does not read to its end it has refused.
  backend.stdin.on('error', () => {});
  backend.stdin.end(body);
  const all = await buffer(backend.stdout);
  const end = all.indexOf('\r\n\r\n');
  const head = all.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(head.map((line) => line.split(/:\s*/, 2) as [string, string]));
  const status = Number.parseInt(headers.Status ?? '200', 10);
  delete headers.Status;
  return { status: end < 0 ? 500 : status, headers, body: all.subarray(end + 4) };
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
