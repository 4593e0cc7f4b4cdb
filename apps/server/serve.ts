/**
 * Serves one picture to the person at this machine, and to nobody else: on 127.0.0.1 only, for requests that name it so
 * (a web page elsewhere whose name is made to point here is refused), reading only.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Around, page } from '@macadam/adapters/formats/html/page';
import type { Format, Report } from '@macadam/adapters/formats/port';
import { answerPast, type Site } from './past.ts';
import { type Measuring, waitingPage, watched } from './waiting.ts';

export interface ServeRequest {
  /**
   * The report, how far the measuring is, or that there is history alone. Asked at every request; a report, once there,
   * stays the same.
   */
  readonly state: () => Report | Measuring | 'history';
  /** What is kept; null while nothing is, and where nothing can be. */
  readonly past?: () => Site | null;
  /** What stands around the report; asked once, when the report is there. */
  readonly around?: () => Around;
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

const HTML = 'text/html; charset=utf-8';

async function answer(
  asked: IncomingMessage,
  { state, formats, past, around }: ServeRequest,
  answers: Map<string, Promise<Answer>>,
): Promise<Answer> {
  const names = ['127.0.0.1', 'localhost'].map((name) => `${name}:${asked.socket.localPort}`);
  if (!names.includes(asked.headers.host ?? '')) {
    return plain(421, `This is served as http://${names[0]}/ only.`);
  }
  if (asked.method !== 'GET' && asked.method !== 'HEAD') {
    return { ...plain(405, 'This can only be read.'), headers: { allow: 'GET, HEAD' } };
  }
  const [path = '', search = ''] = (asked.url ?? '').split('#', 1)[0]?.split(/\?(.*)/s) ?? [];
  const now = state();
  const measuring = now !== 'history' && !('scan' in now) ? now : null;
  if (path === '/progress.json') {
    const body = JSON.stringify(measuring ? watched(measuring) : { ready: true });
    return { status: 200, type: 'application/json', body };
  }
  if (/^\/(api|history|standards|assets|changes)(\/|$)/.test(path) || (path === '/' && now === 'history')) {
    return kept(past?.() ?? null, path === '/' ? '/history' : path, search, measuring !== null);
  }
  const id = path === '/' ? 'html' : /^\/scan\.([a-z]+)$/.exec(path)?.[1];
  const format = formats.find((known) => known.id === id);
  if (id !== 'html' && format === undefined)
    return plain(404, `There is nothing at ${path}. The report is at /.`);
  if (measuring) {
    if (id !== 'html') return { ...plain(503, 'Still measuring.'), headers: { 'retry-after': '2' } };
    const waiting = waitingPage(measuring);
    return { status: 200, type: HTML, body: waiting.text, policy: waiting.policy };
  }
  if (now === 'history' || !('scan' in now))
    return plain(404, `There is nothing at ${path}: nothing was measured. The history is at /.`);
  const made = answers.get(id ?? '') ?? rendered(now, format, around?.());
  answers.set(id ?? '', made);
  return made;
}

/** An answer out of what is kept. */
async function kept(site: Site | null, path: string, search: string, measuring: boolean): Promise<Answer> {
  if (site === null) {
    return measuring
      ? { ...plain(503, 'Still measuring.'), headers: { 'retry-after': '2' } }
      : plain(404, `There is nothing at ${path}: no history is kept. The report is at /.`);
  }
  const answered = await answerPast(site, path, new URLSearchParams(search));
  if (answered === null) return plain(404, `There is nothing at ${path}. The history is at /history.`);
  if ('json' in answered)
    return { status: 200, type: 'application/json', body: `${JSON.stringify(answered.json)}\n` };
  return { status: 200, type: HTML, body: answered.text, policy: answered.policy };
}

/** Without a format: the page, whose policy a server repeats as a header. */
async function rendered(report: Report, format: Format | undefined, around?: Around): Promise<Answer> {
  if (format !== undefined && format.id !== 'html') {
    return { status: 200, type: format.mediaType, body: await format.render(report, { color: false }) };
  }
  const { text, policy } = page(report, around);
  return { status: 200, type: HTML, body: text, policy };
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
