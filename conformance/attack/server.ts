/** A server to be attacked: started through the real entry point, on both embedded stores, with a folder of its own. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { asOwner, childrenOf, trialFolder } from '@macadam/testing/decisions/test-database';

const ROOT = join(import.meta.dirname, '../..');
const READY_MS = 300_000;
const ANSWER_MS = 30_000;

export interface StartOptions {
  /** Folder of both stores and of the estate, of a server before; left out: a new one. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** False: nobody logs in, and the link that was printed is unused. */
  readonly logIn?: boolean;
  /** More of what is typed after `npm start --`. */
  readonly words?: readonly string[];
  /** Root of the sources that are run. */
  readonly checkout?: string;
  /** A module that is loaded before the server, for what cannot be had otherwise: another clock. */
  readonly before?: string;
  /** What it says once it is up; left out: that it has measured. */
  readonly said?: RegExp;
  /** Options of Node itself. */
  readonly node?: readonly string[];
}

export interface Asked {
  readonly method?: string;
  /** A token; left out: the session of whoever started the server. Empty: nobody. */
  readonly token?: string;
  readonly body?: unknown;
  /** As it is, in place of `body`. */
  readonly raw?: string | Buffer;
  /** Milliseconds without a word after which it is given up; left out: half a minute. */
  readonly patience?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Milliseconds until the answer was there whole. */
  readonly took: number;
  json<T = Record<string, unknown>>(): T;
}

export interface Attacked {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly process: ChildProcess;
  /** Path and query of the link that the server printed. */
  readonly link: string;
  /** What it has written so far, to either. */
  said(): string;
  /** Resolves for every status. Rejects where no answer comes. */
  ask(path: string, asked?: Asked): Promise<Answered>;
  /** `ask`, which has to succeed. */
  done(path: string, asked?: Asked): Promise<Answered>;
  /** A machine with roles of the whole company, and its token. */
  machine(name: string, given: MachineGiven): Promise<string>;
  /** A connection of one's own: what is read of it, and when, is the caller's. */
  open(): Promise<Socket>;
  /** The head of a request, as bytes. */
  head(method: string, path: string, headers?: Readonly<Record<string, string>>): string;
  /** Resident memory of the server, in MB. */
  memory(): number;
  /** Entries of the log, oldest first. */
  log(): Promise<readonly LogEntry[]>;
  /** Tells it to end, and waits for that. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

export interface MachineGiven {
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly sources?: readonly unknown[];
}

export interface LogEntry {
  readonly number: number;
  readonly principal: string;
  readonly action: string;
  readonly subject: string;
  readonly outcome: string;
  readonly detail: unknown;
}

/** A folder with one small repository in `estate`. */
export function newFolder(): string {
  const folder = trialFolder();
  const repository = join(folder, 'estate/one');
  mkdirSync(repository, { recursive: true });
  writeFileSync(join(repository, 'README.md'), '# One\n');
  const git = (...words: string[]) =>
    spawnSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@example.test', ...words]);
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-qm', 'first');
  return folder;
}

export const forget = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** Resolves when it has measured and answers. */
export async function startServer({
  folder = newFolder(),
  env = {},
  logIn = true,
  words = [],
  checkout = ROOT,
  before,
  node = [],
  said: up = /^Measured: /m,
}: StartOptions = {}): Promise<Attacked> {
  const child = spawn(
    process.execPath,
    [
      ...node,
      ...(before === undefined ? [] : ['--import', before]),
      join(checkout, 'apps/server/main.ts'),
      '--estate',
      join(folder, 'estate'),
      '--data',
      join(folder, 'data'),
      '--port',
      '0',
      ...words,
    ],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        XDG_CACHE_HOME: join(folder, 'cache'),
        // As `npm start`, the unit and the container have it.
        MALLOC_ARENA_MAX: '2',
        MALLOC_MMAP_THRESHOLD_: '131072',
        MALLOC_TRIM_THRESHOLD_: '131072',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-1_000_000);
    });
  const link = await until(
    () => /(http:\/\/\S+\/login\/link\?key=\S+)/.exec(said)?.[1],
    child,
    () => said,
  );
  await until(
    () => up.exec(said)?.[0],
    child,
    () => said,
  );
  return attacked({ child, folder, link: new URL(link), logIn, said: () => said });
}

async function until<T>(look: () => T | undefined, child: ChildProcess, said: () => string): Promise<T> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline)
      throw new Error(`the server did not come up:\n${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function attacked({
  child,
  folder,
  link,
  logIn,
  said,
}: {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly link: URL;
  readonly logIn: boolean;
  readonly said: () => string;
}): Promise<Attacked> {
  const port = Number(link.port);
  const { host } = link;
  const agent = new Agent({ keepAlive: true, maxSockets: 2000 });
  let cookie = '';

  const headersOf = ({ token, headers = {} }: Asked) => {
    if (token === '') return { host, ...headers };
    return token === undefined
      ? { host, cookie, ...headers }
      : { host, authorization: `Bearer ${token}`, ...headers };
  };

  const ask = (path: string, asked: Asked = {}): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const { method = asked.body === undefined && asked.raw === undefined ? 'GET' : 'POST' } = asked;
      const patience = asked.patience ?? ANSWER_MS;
      const payload = asked.raw ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body));
      const headers: Record<string, string> = headersOf(asked);
      if (asked.body !== undefined) headers['content-type'] = 'application/json';
      const sent = request(
        { host: '127.0.0.1', port, path, method, headers, agent, timeout: patience },
        (answer) => {
          void textOf(answer).then((text) => {
            const { statusCode: status = 0, headers: given } = answer;
            const took = performance.now() - started;
            resolve({ status, headers: given, text, took, json: () => JSON.parse(text) });
          }, reject);
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer within ${patience} ms`)));
      // A connection that was kept may be given up by the other side at the moment in which it is used again.
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (sent.reusedSocket && method === 'GET' && error.code === 'ECONNRESET') resolve(ask(path, asked));
        else reject(error);
      });
      sent.end(payload);
    });

  const done = async (path: string, asked: Asked = {}) => {
    const answer = await ask(path, asked);
    assert.ok(answer.status < 300, `${path}: ${answer.status} ${answer.text.slice(0, 500)}`);
    return answer;
  };

  if (logIn) {
    const entered = await ask(link.pathname + link.search, { token: '' });
    cookie = (entered.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
    assert.match(cookie, /macadam/, 'the link logs in');
  }

  return {
    url: link.origin,
    port,
    folder,
    process: child,
    link: link.pathname + link.search,
    said,
    ask,
    done,
    machine: async (name, { roles, scopes, sources }) => {
      const id = `machine:${name}`;
      await done(`/api/machines/${name}`, { method: 'PUT', body: { title: name } });
      for (const role of roles) await done('/api/roles', { body: { person: id, role, division: '' } });
      const body = { name, scopes, hours: 1, person: id, ...(sources && { sources }) };
      return (await done('/api/tokens', { body })).json<{ token: string }>().token;
    },
    open: async () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    },
    head: (method, path, headers = {}) =>
      [
        `${method} ${path} HTTP/1.1`,
        ...Object.entries({ host, cookie, ...headers }).map(([name, value]) => `${name}: ${value}`),
        '',
        '',
      ].join('\r\n'),
    memory: () => residentOf(child.pid ?? 0),
    // Whoever started the server audits nothing, so the log is read where it lies.
    log: () =>
      asOwner(
        { socket: join(folder, 'data/decisions/socket'), user: 'macadam', database: 'postgres' },
        async (client) => {
          const { rows } = await client.query<{ content: string; number: string }>(
            'select number, content from macadam.audit order by number',
          );
          return rows.map(({ content, number }) => ({ ...JSON.parse(content), number: Number(number) }));
        },
      ),
    end: async (signal = 'SIGTERM') => {
      agent.destroy();
      await ended(child, signal);
    },
  };
}

/** Of a killed server PostgreSQL goes on; it is ours to end. */
async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const below = childrenOf(child.pid ?? 0);
  const gone = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await gone;
  clearTimeout(late);
  for (const pid of below) {
    try {
      process.kill(pid, 'SIGINT');
    } catch {
      // It has ended.
    }
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function residentOf(pid: number): number {
  const pages = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(pages) / 1024;
}
