/**
 * Asking a running Macadam from the command line. A change carries an idempotency key, so one whose answer was lost is
 * sent again and done once; an act on a record carries the version that was shown.
 *
 * INVARIANT: a token goes to the server that it was stored for, or that was named together with it, and nowhere else.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isLoopback } from '@macadam/adapters/connector/connector';
import { backoff, retryAfter } from '@macadam/adapters/connector/decide';
import { visible } from '@macadam/adapters/report-formats/text';
import { describeRequestDiagnostic, type RequestDiagnostic } from '@macadam/core/text/diagnostic';
import { EXIT } from './exit.ts';
import { storedLogin } from './stored-login.ts';
import { UsageError } from './terminal.ts';

export interface ServerOptions {
  readonly server?: string;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Listed<T> {
  readonly items: readonly T[];
  /** Whether there are more than were asked for. */
  readonly more: boolean;
}

export interface Server {
  /** Ends in a slash. */
  readonly url: string;
  get<T>(path: string, query?: Query): Promise<T>;
  /** Pages are read until there are `most`. */
  list<T>(path: string, query: Query, most: number): Promise<Listed<T>>;
  /** Every row, as the server writes them. Throws where the answer breaks off. */
  csv(path: string, query: Query): AsyncIterable<Uint8Array>;
  /** A file of lines as the server has it. Throws where the answer breaks off, or is of another type. */
  file(path: string): Promise<Buffer>;
  /** `version`: refused if the record has another by now. `long`: it takes minutes, and is waited for. */
  post<T>(path: string, body: unknown, version?: number, long?: boolean): Promise<T>;
}

const PAGE = 500;
const LINES = 'application/x-ndjson';
const TIMEOUT_MS = 15_000;
const CSV_TIMEOUT_MS = 600_000;
const POLICY = { attempts: 4, baseMs: 300, capMs: 3000, patienceMs: 10_000 };
const AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** Before anything was sent. */
const UNSENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

/** Where to ask, and as whom: options, then the environment, then what `login` stored. Null: nothing says. */
export function whereToAsk(
  options: ServerOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Server | null {
  const found = credentialIn(options, environment);
  return found && serverAt(found.url, found.token);
}

export interface ServerCredential {
  readonly url: URL;
  readonly token: string;
}

function credentialIn(
  { server }: ServerOptions,
  environment: Readonly<Record<string, string | undefined>>,
): ServerCredential | null {
  const { MACADAM_SERVER, MACADAM_TOKEN } = environment;
  const stored = storedLogin(environment);
  const named = server ?? (MACADAM_SERVER || stored?.server);
  if (named === undefined) return null;
  const url = serverUrl(named, server === undefined ? 'MACADAM_SERVER' : '--server');
  const token = MACADAM_TOKEN || (stored?.server === url.href ? stored.token : '');
  if (token !== '') return { url, token };
  throw new UsageError(
    `--server: there is no token for ${url.href}; run \`macadam login --server ${url.href}\`, or set MACADAM_TOKEN`,
  );
}

/** Throws where nothing says. */
export function credentialFor(
  options: ServerOptions,
  environment: Readonly<Record<string, string | undefined>>,
): ServerCredential {
  const found = credentialIn(options, environment);
  if (found) return found;
  throw new UsageError(
    '--server: it is missing; name a running server, set MACADAM_SERVER, or run `macadam login`',
  );
}

/** As `whereToAsk`; throws where nothing says. */
export function serverFor(options: ServerOptions): Server {
  const { url, token } = credentialFor(options, process.env);
  return serverAt(url, token);
}

/** The address of a server, with a slash at its end. Throws for one to which a token would go in clear. */
export function serverUrl(text: string, from: string): URL {
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '')
    throw new UsageError(
      `${from}: \`${visible(text)}\` is not an address; write it like https://macadam.example`,
    );
  if (url.protocol === 'http:' && !isLoopback(url))
    throw new UsageError(`${from}: ${url.href} is not https, and a token would cross the network in clear`);
  return url;
}

/** The version that somebody saw, and means. */
export function seenOf({ seen }: { readonly seen?: string }): number | undefined {
  if (seen === undefined) return undefined;
  if (/^\d{1,15}$/.test(seen)) return Number(seen);
  throw new UsageError(
    `--seen: \`${visible(seen)}\` is not a version; give the number that \`show\` ends with`,
  );
}

interface Sent {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

export function serverAt(base: URL, token: string): Server {
  // A header with a line break would be quoted, token and all, in the platform's own error.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError('the token holds characters that no token has; copy it again');
  const bearer = { authorization: `Bearer ${token}` };
  const address = (path: string, query: Query = {}): URL => {
    const url = new URL(`api/${path}`, base);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return url;
  };
  const reading = (url: URL, accept = 'application/json', timeoutMs = TIMEOUT_MS): Sent => ({
    method: 'GET',
    url,
    timeoutMs,
    headers: { ...bearer, accept },
  });
  const get = async <T>(path: string, query?: Query) => (await jsonOf(reading(address(path, query)))) as T;
  return {
    url: base.href,
    get,
    list: async <T>(path: string, query: Query, most: number) => {
      const items: T[] = [];
      let after: string | undefined;
      for (;;) {
        const limit = Math.min(PAGE, most - items.length);
        const page: { readonly items: readonly T[]; readonly next: string | null } = await get(path, {
          ...query,
          limit,
          after,
        });
        items.push(...page.items);
        if (page.next === null || items.length >= most) return { items, more: page.next !== null };
        after = page.next;
      }
    },
    csv: async function* (path, query) {
      const sent = reading(address(path, { ...query, format: 'csv' }), 'text/csv', CSV_TIMEOUT_MS);
      const answer = await exchange(sent);
      expect(answer, sent.url, 'text/csv');
      try {
        yield* answer.body ?? [];
      } catch (error) {
        throw new UsageError(
          `${base.origin}: the list broke off (${codeOf(error)}); ask again`,
          EXIT.unjudged,
        );
      }
    },
    file: async (path) => {
      const sent = reading(address(path), LINES, CSV_TIMEOUT_MS);
      const answer = await exchange(sent);
      expect(answer, sent.url, LINES);
      try {
        return Buffer.from(await answer.arrayBuffer());
      } catch (error) {
        throw new UsageError(
          `${base.origin}: the file broke off (${codeOf(error)}); ask again`,
          EXIT.unjudged,
        );
      }
    },
    post: async <T>(path: string, body: unknown, version?: number, long = false) =>
      (await jsonOf({
        method: 'POST',
        url: address(path),
        timeoutMs: long ? CSV_TIMEOUT_MS : TIMEOUT_MS,
        body: JSON.stringify(body ?? {}),
        headers: {
          ...bearer,
          accept: 'application/json',
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
          ...(version !== undefined && { 'if-match': `"${version}"` }),
        },
      })) as T,
  };
}

async function jsonOf(sent: Sent): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    const answer = await exchange(sent);
    if (answer.status === 204) return null;
    expect(answer, sent.url, 'application/json');
    try {
      return await answer.json();
    } catch (error) {
      if (attempt + 1 >= POLICY.attempts) throw unreached(sent, codeOf(error), true);
    }
  }
}

/** An answer that says yes. Throws what the server says otherwise, or that it says nothing. */
async function exchange({ url, timeoutMs, ...init }: Sent): Promise<Response> {
  const sent = { url, timeoutMs, ...init };
  let reached = false;
  for (let attempt = 0; ; attempt++) {
    const last = attempt + 1 >= POLICY.attempts;
    const now = Date.now();
    let ms = backoff({ attempt, now, policy: POLICY, repeatable: true, random: Math.random() });
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const answer = await fetch(url, { ...init, signal, redirect: 'manual' });
      if (answer.ok) return answer;
      const until = retryAfter(answer.headers, now) ?? now + ms;
      if (last || !AGAIN.has(answer.status) || until - now > POLICY.patienceMs)
        throw await refusalOf(answer, url);
      ms = Math.max(0, until - now);
      await answer.body?.cancel();
    } catch (error) {
      if (error instanceof UsageError) throw error;
      const code = codeOf(error);
      reached ||= !UNSENT.has(code);
      if (last) throw unreached(sent, code, reached);
    }
    await pause(ms);
  }
}

function unreached({ method, url }: Sent, code: string, reached: boolean): UsageError {
  const doubt =
    method === 'POST' && reached ? '; whether it was done is not known: look before you do it again' : '';
  return new UsageError(`--server: ${url.origin} cannot be reached (${code})${doubt}`, EXIT.unjudged);
}

/** The platform's own messages may quote what was sent, so only their codes are shown. */
function codeOf(error: unknown): string {
  const { name, cause } = (error ?? {}) as {
    readonly name?: string;
    readonly cause?: { readonly code?: unknown };
  };
  if (name === 'TimeoutError') return 'no answer in time';
  return typeof cause?.code === 'string' ? cause.code : 'the connection failed';
}

function expect({ headers }: Response, { origin }: URL, media: string): void {
  const given = headers.get('content-type') ?? 'nothing';
  if (given.startsWith(media)) return;
  throw new UsageError(
    `--server: ${origin} answers with ${visible(given)} in place of ${media}; is it a Macadam server?`,
    EXIT.unjudged,
  );
}

/** By status: 2 where the request is wrong, 1 where a rule, a right or the world says no, 3 where the server cannot say. */
async function refusalOf(answer: Response, { origin }: URL): Promise<UsageError> {
  const { status } = answer;
  if (status >= 300 && status < 400)
    return new UsageError(
      `--server: ${origin} sends elsewhere, where the token does not go; name the server itself`,
    );
  const said = (await answer.json().catch(() => null)) as {
    readonly detail?: unknown;
    readonly errors?: readonly RequestDiagnostic[];
  } | null;
  const detail = typeof said?.detail === 'string' ? said.detail : 'nothing more';
  const code =
    status >= 500 || status === 429 ? EXIT.unjudged : [400, 401].includes(status) ? EXIT.usage : EXIT.fails;
  if (status === 401)
    return new UsageError(
      `${origin} does not take the token: ${visible(detail)}; run \`macadam login\``,
      code,
    );
  const objections = Array.isArray(said?.errors) ? said.errors : [];
  const lines = objections.map((one) => visible(describeRequestDiagnostic(one)));
  return new UsageError(
    [...(lines.length > 0 ? lines : [`${origin} says ${status}: ${visible(detail)}`])].join('\n'),
    code,
  );
}
