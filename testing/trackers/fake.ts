/**
 * What the fakes of all trackers have in common: issues that people and programs change, faults on demand, and a record of
 * what was asked and answered over real HTTP. How a tracker spells it is its own fake's.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TrackerSettings } from '@macadam/adapters/trackers/port';

export interface HeldComment {
  readonly id: number;
  readonly author: string;
  /** As the tracker holds it: text or a document. */
  readonly body: unknown;
  readonly at: string;
}

export interface HeldIssue {
  readonly number: number;
  title: string;
  body: unknown;
  open: boolean;
  labels: readonly string[];
  readonly createdAt: string;
  changedAt: string;
  turnedAt: string | null;
  readonly comments: HeldComment[];
}

export interface SceneFault {
  /** Against `METHOD /path?query`. */
  readonly match: RegExp;
  times: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What is asked is done, and the connection breaks before the answer. */
  readonly lost?: boolean;
}

export interface SceneExchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<IncomingMessage['headers']>;
  readonly sent: unknown;
  readonly status: number;
  readonly answer: unknown;
}

export interface SceneRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly sent: unknown;
  readonly headers: Readonly<IncomingMessage['headers']>;
}

export interface SceneReply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The fake of one tracker, and what people do in it. */
export interface TrackerScene {
  readonly url: string;
  readonly settings: TrackerSettings;
  readonly secret: string;
  readonly issues: HeldIssue[];
  /** The text of an issue in the words that it shows. */
  shown(issue: HeldIssue): string;
  turn(number: number, open: boolean): void;
  say(number: number, author: string, text: string): void;
  readonly faults: SceneFault[];
  readonly exchanged: SceneExchange[];
  close(): Promise<void>;
}

export interface SceneSpelling {
  /** Below the host. */
  readonly base?: string;
  readonly project: string;
  readonly options?: unknown;
  readonly secret: string;
  readonly authorization: string;
  readonly shown: (issue: HeldIssue) => string;
  readonly bodyOf: (text: string) => unknown;
  readonly reply: (request: SceneRequest, state: SceneState) => SceneReply;
}

export interface SceneState {
  readonly url: string;
  readonly issues: HeldIssue[];
  readonly now: () => string;
  /** Makes one, with the next number. */
  readonly add: (issue: Pick<HeldIssue, 'title' | 'body' | 'labels'>) => HeldIssue;
  readonly turn: (issue: HeldIssue, open: boolean) => void;
  readonly say: (issue: HeldIssue, author: string, body: unknown) => HeldComment;
}

export async function startScene(spelling: SceneSpelling): Promise<TrackerScene> {
  const issues: HeldIssue[] = [];
  const faults: SceneFault[] = [];
  const exchanged: SceneExchange[] = [];
  // No two things happen at one instant, as in the world.
  let last = 0;
  const now = () => {
    last = Math.max(last + 1, Date.now());
    return new Date(last).toISOString();
  };
  const turn = (issue: HeldIssue, open: boolean) => {
    if (issue.open === open) return;
    issue.open = open;
    // Nobody closes, sees it reopened and closes again within a second.
    last += 1000;
    issue.turnedAt = now();
    issue.changedAt = issue.turnedAt;
  };
  let said = 0;
  const say = (issue: HeldIssue, author: string, body: unknown): HeldComment => {
    said += 1;
    const comment = { id: 1000 + said, author, body, at: now() };
    issue.comments.push(comment);
    issue.changedAt = comment.at;
    return comment;
  };
  const add = ({ title, body, labels }: Pick<HeldIssue, 'title' | 'body' | 'labels'>): HeldIssue => {
    const at = now();
    const issue: HeldIssue = {
      number: issues.length + 1,
      title,
      body,
      labels,
      open: true,
      createdAt: at,
      changedAt: at,
      turnedAt: null,
      comments: [],
    };
    issues.push(issue);
    return issue;
  };
  let url = '';
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams, search } = new URL(request.url ?? '/', 'http://scene.example');
    const sent = await readJson(request);
    const { method = 'GET', headers } = request;
    const fault = faults.find(
      ({ match, times }) => times > 0 && match.test(`${method} ${pathname}${search}`),
    );
    if (fault) fault.times -= 1;
    const own = {
      method,
      path: pathname.slice((spelling.base ?? '').length),
      query: searchParams,
      sent,
      headers,
    };
    const reply: SceneReply =
      fault?.status !== undefined
        ? { status: fault.status, body: fault.body, ...(fault.headers && { headers: fault.headers }) }
        : headers.authorization === spelling.authorization
          ? spelling.reply(own, { url, issues, now, add, turn, say })
          : { status: 401, body: { message: 'Bad credentials' } };
    const path = `${own.path}${search}`;
    exchanged.push({ method, path, headers, sent, status: reply.status, answer: reply.body });
    if (fault?.lost) return void request.socket.destroy();
    response.writeHead(reply.status, {
      'content-type': 'application/json',
      ...reply.headers,
      ...(fault?.status === undefined && fault?.headers),
    });
    response.end(reply.body === undefined ? '' : JSON.stringify(reply.body));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${spelling.base ?? ''}`;
  const at = (number: number): HeldIssue => {
    const issue = issues.find((one) => one.number === number);
    if (!issue) throw new RangeError(`there is no issue ${number}`);
    return issue;
  };
  return {
    url,
    settings: { baseUrl: url, project: spelling.project, options: spelling.options ?? {} },
    secret: spelling.secret,
    issues,
    shown: spelling.shown,
    turn: (number, open) => turn(at(number), open),
    say: (number, author, text) => void say(at(number), author, spelling.bodyOf(text)),
    faults,
    exchanged,
    close: () => closed(server),
  };
}

export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  return text === '' ? undefined : JSON.parse(text);
}
