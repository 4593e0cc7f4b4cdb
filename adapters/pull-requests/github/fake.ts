/** As much of GitHub's pull requests as is asked for, over HTTP, with a real repository behind it. */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface HeldPull {
  readonly number: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  mergedAt: string | null;
  readonly comments: string[];
}

export interface ChangeScene {
  readonly url: string;
  readonly secret: string;
  readonly pulls: HeldPull[];
  readonly close: () => Promise<void>;
}

type Json = Readonly<Record<string, unknown>>;
interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

const missing: Reply = { status: 404, body: { message: 'Not Found' } };

/** `repository`: `owner/name`; `folder`: a bare repository whose branch `main` is the default. */
export async function startChangeHost(repository: string, folder: string): Promise<ChangeScene> {
  const secret = ['ghp', 'changes'.repeat(5)].join('_');
  const pulls: HeldPull[] = [];
  const git = (parameters: readonly string[], input = '', index?: string) =>
    execFileSync('git', ['--git-dir', folder, ...parameters], {
      input,
      env: {
        PATH: process.env.PATH,
        GIT_AUTHOR_NAME: 'bot',
        GIT_AUTHOR_EMAIL: 'bot@example.com',
        GIT_COMMITTER_NAME: 'bot',
        GIT_COMMITTER_EMAIL: 'bot@example.com',
        ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
  const resolved = (name: string): string | null => {
    try {
      return git(['rev-parse', '-q', '--verify', name]);
    } catch {
      return null;
    }
  };
  const tree = ({ base_tree: base, tree: entries }: Json): Reply => {
    const index = join(folder, 'fake-index');
    git(['read-tree', String(base)], '', index);
    for (const { path, mode, content } of entries as readonly Record<string, string>[]) {
      const blob = git(['hash-object', '-w', '--stdin'], content);
      git(['update-index', '--add', '--cacheinfo', `${mode},${blob},${path}`], '', index);
    }
    return { status: 201, body: { sha: git(['write-tree'], '', index) } };
  };
  const commit = ({ tree: of, parents, message }: Json): Reply => {
    const parameters = (parents as readonly string[]).flatMap((parent) => ['-p', parent]);
    return { status: 201, body: { sha: git(['commit-tree', String(of), ...parameters], String(message)) } };
  };
  const reference = (method: string, name: string, { sha }: Json): Reply => {
    const at = resolved(`refs/heads/${name}`);
    if (at === null)
      return method === 'GET' ? missing : { status: 422, body: { message: 'Reference does not exist' } };
    if (method === 'DELETE') git(['update-ref', '-d', `refs/heads/${name}`]);
    if (method === 'PATCH') git(['update-ref', `refs/heads/${name}`, String(sha)]);
    return method === 'DELETE' ? { status: 204 } : { status: 200, body: { object: { sha: at } } };
  };
  const shown = ({ number, title, body, state, mergedAt }: HeldPull) => ({
    number,
    title,
    body,
    state,
    merged_at: mergedAt,
    html_url: `https://github.example/${repository}/pull/${number}`,
  });
  const pull = (method: string, number: string | undefined, sent: Json): Reply => {
    if (number === undefined && method === 'GET') return { status: 200, body: pulls.toReversed().map(shown) };
    if (number === undefined) {
      if (pulls.some(({ state }) => state === 'open'))
        return { status: 422, body: { message: 'A pull request already exists' } };
      const made: HeldPull = {
        number: pulls.length + 1,
        title: String(sent.title),
        body: String(sent.body),
        state: 'open',
        mergedAt: null,
        comments: [],
      };
      pulls.push(made);
      return { status: 201, body: shown(made) };
    }
    const one = pulls[Number(number) - 1];
    if (one === undefined) return missing;
    Object.assign(one, sent);
    return { status: 200, body: shown(one) };
  };
  const reply = (method: string, path: string, sent: Json): Reply => {
    if (path === '') return { status: 200, body: { default_branch: 'main' } };
    if (path === '/git/trees') return tree(sent);
    if (path === '/git/commits') return commit(sent);
    if (path === '/git/refs') {
      git(['update-ref', String(sent.ref), String(sent.sha)]);
      return { status: 201, body: {} };
    }
    const [, name] = /^\/git\/refs?\/heads\/(.+)$/.exec(path) ?? [];
    if (name !== undefined) return reference(method, name, sent);
    const [, commented] = /^\/issues\/(\d+)\/comments$/.exec(path) ?? [];
    if (commented !== undefined) {
      pulls[Number(commented) - 1]?.comments.push(String(sent.body));
      return { status: 201, body: {} };
    }
    const [asked, number] = /^\/pulls(?:\/(\d+))?$/.exec(path) ?? [];
    return asked === undefined ? missing : pull(method, number, sent);
  };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const root = `/repos/${repository}`;
    const known = request.headers.authorization === `Bearer ${secret}`;
    const { status, body }: Reply = !known
      ? { status: 401, body: { message: 'Bad credentials' } }
      : pathname === root || pathname.startsWith(`${root}/`)
        ? reply(request.method ?? 'GET', pathname.slice(root.length), text === '' ? {} : JSON.parse(text))
        : missing;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secret,
    pulls,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}
