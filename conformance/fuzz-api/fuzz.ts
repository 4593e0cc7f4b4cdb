/** Sends requests to a server by its own description, as several callers at once, and holds each answer against it. */
import { Agent, type IncomingMessage, request as send } from 'node:http';
import { type Answered, checker } from './check.ts';
import { type Asked, type Description, operationsOf, requestFor } from './request.ts';
import { oneOf, randomOf } from './value.ts';

export interface FuzzOptions {
  /** `http://127.0.0.1:1234/` */
  readonly url: string;
  /** Tokens; an empty one is nobody. */
  readonly callers: readonly string[];
  readonly requests: number;
  readonly seed: number;
  /** Ids that are there, to begin with. */
  readonly known: readonly string[];
}

export interface Fuzzed {
  /** Status → how often. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Operations that succeeded at least once, of how many. */
  readonly succeeded: number;
  readonly operations: number;
  readonly faults: readonly Fault[];
}

export interface Fault {
  readonly what: string;
  readonly operation: string;
  readonly asked: string;
  readonly body: string;
}

const CUT: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);
const AT_ONCE = 8;
/** An answer that goes on is read for so long. */
const ENDLESS_MS = 250;

export async function fuzz({ url, callers, requests, seed, known }: FuzzOptions): Promise<Fuzzed> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const described = await ask(url, agent, {
    method: 'GET',
    url: '/api/openapi.json',
    headers: {},
    body: null,
  });
  const description = JSON.parse(described.body) as Description;
  const operations = operationsOf(description);
  const check = checker(description);
  const statuses: Record<number, number> = {};
  const succeeded = new Set<string>();
  const faults = new Map<string, Fault>();
  const ids = [...known];
  let sent = 0;
  const blame = (
    operation: string,
    { method, url: to, headers, body }: Asked,
    what: string,
    said: string,
  ) => {
    const text = JSON.stringify({ method, url: to, headers, body: body?.toString('latin1') ?? null });
    const fault = { what, operation, asked: text.slice(0, 2000), body: said.slice(0, 500) };
    faults.set(`${operation} ${what}`, faults.get(`${operation} ${what}`) ?? fault);
  };
  const lane = async (number: number) => {
    const chance = { random: randomOf(seed * AT_ONCE + number), known: ids };
    while (sent < requests) {
      sent += 1;
      const operation = oneOf(chance, operations);
      const name = `${operation.method} ${operation.path}`;
      const asked = requestFor(description, operation, oneOf(chance, callers), chance);
      const answered = await ask(url, agent, asked).catch((error: NodeJS.ErrnoException) => error);
      if (answered instanceof Error) {
        // Whoever sends more than is taken may be cut off before the refusal is read.
        const cut = CUT.has(answered.code ?? '') && (asked.body?.length ?? 0) > 2 ** 20;
        if (!cut) blame(name, asked, `it broke off: ${answered.message}`, '');
        continue;
      }
      statuses[answered.status] = (statuses[answered.status] ?? 0) + 1;
      if (answered.status < 300 && asked.method === operation.method) {
        succeeded.add(name);
        learn(answered.body, ids);
      }
      for (const what of check(operation, asked, answered)) blame(name, asked, what, answered.body);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, number) => lane(number)));
  agent.destroy();
  return { statuses, succeeded: succeeded.size, operations: operations.length, faults: [...faults.values()] };
}

/** Ids of what the server showed, so that later requests meet something. */
function learn(body: string, ids: string[]): void {
  for (const [, id] of body.matchAll(/"(?:id|number|person|team|next|subject)":"?([^",}]{1,120})/g))
    if (id !== undefined && ids.length < 500 && !ids.includes(id)) ids.push(id);
}

function ask(base: string, agent: Agent, { method, url, headers, body }: Asked): Promise<Answered> {
  const { hostname, port } = new URL(base);
  return new Promise((done, failed) => {
    const sent = send(
      { hostname, port, agent, method, path: url, headers: { ...sendable(headers), ...lengthOf(body) } },
      (response) => read(response).then(done, failed),
    );
    sent.on('error', failed);
    sent.end(body ?? undefined);
  });
}

const lengthOf = (body: Buffer | null) => (body === null ? {} : { 'content-length': String(body.length) });

/** A header is bytes, and no line of its own. */
const sendable = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?')]),
  );

async function read(response: IncomingMessage): Promise<Answered> {
  const endless = response.headers['content-type']?.startsWith('text/event-stream') ?? false;
  const late = endless ? setTimeout(() => response.destroy(), ENDLESS_MS) : undefined;
  let body = '';
  response.setEncoding('utf8');
  try {
    for await (const some of response) body += some;
  } catch (error) {
    if (!endless) throw error;
  } finally {
    clearTimeout(late);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body, endless };
}
