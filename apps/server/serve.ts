/**
 * Serves one picture to the person at this machine, and to nobody else: on 127.0.0.1 only, for requests that name it so
 * (a web page elsewhere whose name is made to point here is refused), reading only.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { page } from '@macadam/adapters/formats/html/page';
import type { Format, Report } from '@macadam/adapters/formats/port';
import { type Measuring, waitingPage, watched } from './waiting.ts';

export interface ServeRequest {
  /** The report, or how far the measuring is. Asked at every request; a report, once there, stays the same. */
  readonly state: () => Report | Measuring;
  readonly formats: readonly Format[];
  /** 0 takes a free one. */
  readonly port: number;
}

export interface Served {
  readonly url: string;
  /** Ends connections that browsers keep open, too. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly policy?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const NOTHING = "default-src 'none'";

/** Rejects when the port cannot be had. */
export async function serve(request: ServeRequest): Promise<Served> {
  const answers = new Map<string, Promise<Answer>>();
  const server = createServer((asked, response) => {
    answer(asked, request, answers)
      .catch((error: Error): Answer => plain(500, `This could not be shown: ${error.message}`))
      .then((given) => send(given, asked, response));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: request.port, exclusive: true }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  asked: IncomingMessage,
  { state, formats }: ServeRequest,
  answers: Map<string, Promise<Answer>>,
): Promise<Answer> {
  const names = ['127.0.0.1', 'localhost'].map((name) => `${name}:${asked.socket.localPort}`);
  if (!names.includes(asked.headers.host ?? '')) {
    return plain(421, `This is served as http://${names[0]}/ only.`);
  }
  if (asked.method !== 'GET' && asked.method !== 'HEAD') {
    return { ...plain(405, 'This can only be read.'), headers: { allow: 'GET, HEAD' } };
  }
  const path = (asked.url ?? '').split(/[?#]/, 1)[0] ?? '';
  const now = state();
  if (path === '/progress.json') {
    const body = JSON.stringify('scan' in now ? { ready: true } : watched(now));
    return { status: 200, type: 'application/json', body };
  }
  const id = path === '/' ? 'html' : /^\/scan\.([a-z]+)$/.exec(path)?.[1];
  const format = formats.find((known) => known.id === id);
  if (id !== 'html' && format === undefined)
    return plain(404, `There is nothing at ${path}. The report is at /.`);
  if (!('scan' in now)) {
    if (id !== 'html') return { ...plain(503, 'Still measuring.'), headers: { 'retry-after': '2' } };
    const waiting = waitingPage(now);
    return { status: 200, type: 'text/html; charset=utf-8', body: waiting.text, policy: waiting.policy };
  }
  const made = answers.get(id ?? '') ?? rendered(now, format);
  answers.set(id ?? '', made);
  return made;
}

/** Without a format: the page, whose policy a server repeats as a header. */
async function rendered(report: Report, format: Format | undefined): Promise<Answer> {
  if (format !== undefined && format.id !== 'html') {
    return { status: 200, type: format.mediaType, body: await format.render(report, { color: false }) };
  }
  const { text, policy } = page(report);
  return { status: 200, type: 'text/html; charset=utf-8', body: text, policy };
}

function plain(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}

function send(given: Answer, asked: IncomingMessage, response: ServerResponse): void {
  const body = Buffer.from(given.body);
  response.writeHead(given.status, {
    'content-type': given.type,
    'content-length': body.length,
    // `frame-ancestors` has no effect in a meta element, so only the header can say it.
    'content-security-policy': `${given.policy ?? NOTHING}; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    ...given.headers,
  });
  response.end(asked.method === 'HEAD' ? undefined : body);
}
