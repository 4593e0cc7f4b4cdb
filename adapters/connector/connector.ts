/**
 * Asking a host over HTTP: one credential, one origin. Retries what may be retried, waits out rate limits within its
 * patience, sends conditional requests, bounds time, size and number, and tells an audit of every request.
 *
 * INVARIANT: the credential leaves in one header to one origin. It stands in no outcome, no error and no audit entry.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  type AnswerDecision,
  type AnswerHead,
  backoff,
  decide,
  isLimit,
  POLICY,
  type Policy,
  resetOf,
} from './decide.ts';
import type { Etags, Kept } from './etags.ts';
import type { NoAnswer, RequestOutcome } from './outcome.ts';

export interface AuditEntry {
  readonly at: string;
  readonly method: string;
  /** Path and query; the host is the connector's own, or is given in full after a redirect. */
  readonly path: string;
  /** 0 when no answer came. */
  readonly status: number;
}

export interface ConnectorOptions {
  /** `https:`, or `http:` on this machine. Paths of requests are appended to it. */
  readonly baseUrl: string;
  /** The whole value of the Authorization header. */
  readonly authorization?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<unknown>;
  readonly signal?: AbortSignal | undefined;
  readonly etags?: Etags;
  readonly audit?: (entry: AuditEntry) => void;
  /** Reads the missing permission from the headers of a refusal. */
  readonly permission?: (headers: Headers) => string | undefined;
  readonly policy?: Partial<Policy>;
  /** Requests that cost something; a 304 does not. */
  readonly budget?: number | undefined;
  /** For one answer, body included. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

export interface ConnectorRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base, or a full address of the same origin (as a Link header gives it). */
  readonly path: string;
  readonly json?: unknown;
  /** A body as forms send it, in place of `json`. */
  readonly form?: Readonly<Record<string, string>>;
  /** Of `json`; `application/json` when left out. */
  readonly contentType?: string;
  /** Whether sending it twice does no harm; true for GET. */
  readonly repeatable?: boolean;
  /** False: send it whole even if we keep an answer. */
  readonly conditional?: boolean;
  /** Requests of one bucket share a primary rate limit. */
  readonly bucket?: string;
}

export interface Connector {
  readonly origin: string;
  /** Rejects only when the run is aborted. */
  request(request: ConnectorRequest): Promise<RequestOutcome>;
  /** Requests sent, and how many of them cost something. */
  spent(): { readonly sent: number; readonly counted: number };
}

const REDIRECTS = 5;
/** Characters of an address: few hosts take more, and one that does not may answer anything. */
const LONGEST_ADDRESS = 16_000;
const LONGEST_CREDENTIAL = 8_000;
const ERROR_BODY_BYTES = 64 * 1024;

/** Whether a name is this machine's own, where plain HTTP exposes nothing. */
export function isLoopback(url: URL): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}

/** Throws TypeError for a base that would send a credential in clear, or a credential that no header can carry. */
export function connect(options: ConnectorOptions): Connector {
  const base = new URL(options.baseUrl);
  if (base.protocol !== 'https:' && !(base.protocol === 'http:' && isLoopback(base))) {
    throw new TypeError(`\`${base.origin}\` is not https: a token would cross the network in clear`);
  }
  const { authorization = '' } = options;
  // A header with a line break would be quoted, credential and all, in the platform's own error.
  if (!/^[\x20-\x7e]*$/.test(authorization))
    throw new TypeError('the token holds characters that no header can carry');
  if (authorization.length > LONGEST_CREDENTIAL)
    throw new TypeError(
      `the token has ${authorization.length} characters, and no host takes more than ${LONGEST_CREDENTIAL}`,
    );
  const secrets = authorization.split(' ').filter((word) => word.length > 7);
  const redact = (text: string): string =>
    secrets.reduce((rest, word) => rest.replaceAll(word, '[redacted]'), text);

  const permissionOf = (headers: Headers): string | undefined => {
    const permission = options.permission?.(headers);
    return permission === undefined ? undefined : redact(permission).slice(0, 200);
  };

  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;
  const send = options.fetch ?? fetch;
  const sleep = options.sleep ?? ((ms: number, signal?: AbortSignal) => pause(ms, undefined, { signal }));
  const policy = { ...POLICY, ...options.policy };
  const blocked = new Map<string, { readonly until: number; readonly by: 'primary' | 'secondary' }>();
  let sent = 0;
  let counted = 0;

  /** One exchange: follows redirects, reads the body. */
  async function exchange(url: URL, request: ConnectorRequest, kept: Kept | undefined): Promise<Exchange> {
    const method = request.method ?? 'GET';
    const body = bodyToSend(request);
    let target = url;
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      const own = target.origin === base.origin;
      const deadline = deadlineOf(options.timeoutMs ?? 30_000, options.signal);
      const path = own ? `${target.pathname}${target.search}` : target.href;
      let status = 0;
      sent++;
      counted++;
      let head: AnswerHead;
      let text: string;
      try {
        const response = await send(target, {
          method,
          redirect: 'manual',
          signal: deadline.signal,
          headers: {
            ...options.headers,
            ...(own && authorization !== '' ? { authorization } : {}),
            ...(own && kept !== undefined ? { 'if-none-match': kept.etag } : {}),
            ...(body === undefined ? {} : { 'content-type': typeOf(request) }),
          },
          ...(body === undefined ? {} : { body }),
        });
        status = response.status;
        const limit = response.ok ? (options.maxBytes ?? 32 * 1024 * 1024) : ERROR_BODY_BYTES;
        const read = await bodyOf(response, limit);
        if (read === undefined && response.ok)
          return { fault: 'body-too-large', message: `its answer is over ${limit} bytes`, final: true };
        text = redact(read ?? '');
        // What was asked for may be megabytes, and is read once: by whoever takes it in.
        const message = response.ok ? '' : messageOf(text);
        head = { status: response.status, headers: response.headers, message };
      } catch (error) {
        options.signal?.throwIfAborted();
        return faultOf(error);
      } finally {
        deadline.clear();
        options.audit?.({ at: new Date(now()).toISOString(), method, path: redact(path), status });
      }
      if (head.status === 304) counted--;
      const decision = decide(head, { attempt: 0, now: now(), random: 0, policy, repeatable: true });
      const redirectedTo = target === url ? {} : { redirectedTo: target.href };
      if (decision.do !== 'redirect') return { head, text, ...redirectedTo };
      const to = URL.canParse(decision.location, target.href)
        ? new URL(decision.location, target)
        : undefined;
      if (to === undefined || to.protocol !== base.protocol || to.href.length > LONGEST_ADDRESS) {
        return { fault: 'redirect-refused', message: 'it redirects to where we do not go', final: true };
      }
      if (method !== 'GET' && (to.origin !== base.origin || ![307, 308].includes(head.status))) {
        return {
          fault: 'redirect-refused',
          message: 'it redirects a request that is not a GET',
          final: true,
        };
      }
      target = to;
    }
    return { fault: 'redirect-loop', message: `it redirects more than ${REDIRECTS} times`, final: true };
  }

  /** Waits for a known limit to pass, or says that it would take too long. */
  async function turn(bucket: string): Promise<NoAnswer | undefined> {
    for (const key of [bucket, '']) {
      const block = blocked.get(key);
      const ms = block === undefined ? 0 : block.until - now();
      if (block === undefined || ms <= 0) continue;
      if (ms > policy.patienceMs) {
        const message = `the host's ${block.by} rate limit is spent`;
        return { outcome: 'rate-limited', by: block.by, until: new Date(block.until).toISOString(), message };
      }
      await sleep(ms, options.signal);
    }
    if (options.budget !== undefined && counted >= options.budget) {
      return {
        outcome: 'rate-limited',
        by: 'budget',
        message: `this run's budget of ${options.budget} requests is spent`,
      };
    }
    return undefined;
  }

  async function request(request: ConnectorRequest): Promise<RequestOutcome> {
    options.signal?.throwIfAborted();
    const repeatable = request.repeatable ?? (request.method ?? 'GET') === 'GET';
    const url = addressOf(base, request.path);
    if (url === undefined) return failed('foreign-address', 'its address is not on the host that we ask');
    if (url.href.length > LONGEST_ADDRESS)
      return failed(
        'address-too-long',
        `its address has ${url.href.length} characters, and hosts take ${LONGEST_ADDRESS}`,
      );
    const keeps = (request.method ?? 'GET') === 'GET' ? options.etags : undefined;
    const kept = request.conditional === false ? undefined : await keeps?.get(url.href);
    const bucket = request.bucket ?? 'core';
    for (let attempt = 0; ; attempt++) {
      const refused = await turn(bucket);
      if (refused !== undefined) return refused;
      const got = await exchange(url, request, kept);
      const situation = { attempt, now: now(), random: random(), policy, repeatable };
      let decision: AnswerDecision;
      if ('fault' in got) {
        const last = got.final || !repeatable || attempt + 1 >= policy.attempts;
        if (last) return failed(got.fault, got.message);
        decision = { do: 'wait', ms: backoff(situation) };
      } else {
        const { head } = got;
        const reset = resetOf(head.headers);
        if (reset !== undefined) blocked.set(bucket, { until: reset, by: 'primary' });
        const limit = isLimit(head);
        decision = decide(head, situation, permissionOf(head.headers));
        const until = decision.do === 'wait' ? decision.until : limit ? untilOf(decision) : undefined;
        if (until !== undefined && reset === undefined) blocked.set('', { until, by: 'secondary' });
        const { redirectedTo } = got;
        const moved = redirectedTo === undefined ? {} : { redirectedTo };
        if (decision.do === 'reuse') {
          if (kept === undefined)
            return failed('unexpected-304', 'it says "not modified" to an unconditional request', 304);
          const headers = new Headers({ ...kept.headers, ...Object.fromEntries(head.headers) });
          return { outcome: 'not-modified', status: 304, headers, body: JSON.parse(kept.body), ...moved };
        }
        if (decision.do === 'accept') {
          const body = parse(got.text);
          if (body !== undefined) {
            const etag = head.headers.get('etag');
            if (etag !== null && keeps !== undefined && redirectedTo === undefined) {
              const link = head.headers.get('link');
              await keeps
                .put(url.href, { etag, headers: link === null ? {} : { link }, body: got.text || 'null' })
                .catch(() => {});
            }
            return { outcome: 'ok', status: head.status, headers: head.headers, body: body.value, ...moved };
          }
          if (!repeatable || attempt + 1 >= policy.attempts)
            return failed('body-invalid', 'its answer is not whole JSON', head.status);
          decision = { do: 'wait', ms: backoff(situation) };
        }
        if (decision.do === 'stop') return decision.refusal;
      }
      if (decision.do === 'wait') await sleep(decision.ms, options.signal);
    }
  }

  return { origin: base.origin, request, spent: () => ({ sent, counted }) };
}

/**
 * Aborts after some time, or with the run. `AbortSignal.timeout` stays until its time whatever became of the request, and `any` hangs on to
 * the run's signal: of a hundred thousand requests that is more than their answers.
 */
function deadlineOf(
  ms: number,
  run: AbortSignal | undefined,
): { readonly signal: AbortSignal; readonly clear: () => void } {
  const controller = new AbortController();
  const stop = () => controller.abort(run?.reason);
  const timer = setTimeout(
    () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
    ms,
  ).unref();
  if (run?.aborted) stop();
  run?.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      run?.removeEventListener('abort', stop);
    },
  };
}

function bodyToSend({ json, form }: ConnectorRequest): string | undefined {
  if (form !== undefined) return new URLSearchParams(form).toString();
  return json === undefined ? undefined : JSON.stringify(json);
}

const typeOf = ({ contentType, form }: ConnectorRequest): string =>
  contentType ?? (form === undefined ? 'application/json' : 'application/x-www-form-urlencoded');

type Exchange =
  | { readonly head: AnswerHead; readonly text: string; readonly redirectedTo?: string }
  | { readonly fault: string; readonly message: string; readonly final?: boolean };

function failed(code: string, message: string, status?: number): NoAnswer {
  return { outcome: 'failed', code, message, ...(status === undefined ? {} : { status }) };
}

function untilOf(decision: AnswerDecision): number | undefined {
  if (decision.do !== 'stop' || decision.refusal.outcome !== 'rate-limited') return undefined;
  return Date.parse(decision.refusal.until ?? '');
}

/** Undefined for an address of another origin: what asks there would carry our credential along. */
function addressOf(base: URL, path: string): URL | undefined {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(path) && !path.startsWith('//')) {
    return new URL(`${base.href.replace(/\/$/, '')}/${path.replace(/^\//, '')}`);
  }
  const url = URL.canParse(path, base.href) ? new URL(path, base) : undefined;
  return url?.origin === base.origin ? url : undefined;
}

const utf8 = new TextDecoder();

/** Text of the body, or undefined when it is longer than `limit` bytes. */
async function bodyOf(response: Response, limit: number): Promise<string | undefined> {
  if (response.body === null) return '';
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.byteLength;
    if (size > limit) return undefined;
    parts.push(part);
  }
  return utf8.decode(Buffer.concat(parts));
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: text === '' ? null : JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** The `message` of a JSON error body, its `errorSummary`, or its `error` with code and message or description, in one short line. */
function messageOf(text: string): string {
  const body = parse(text)?.value;
  if (typeof body !== 'object' || body === null) return '';
  const error = 'error' in body && typeof body.error === 'object' ? body.error : null;
  const said = [
    'message' in body ? body.message : '',
    'errorSummary' in body ? body.errorSummary : '',
    'error' in body && 'error_description' in body ? body.error : '',
    'error_description' in body ? body.error_description : '',
    error !== null && 'code' in error ? error.code : '',
    error !== null && 'message' in error ? error.message : '',
  ];
  return said
    .filter((one) => typeof one === 'string' && one !== '')
    .join(': ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 300);
}

/** The platform's own messages may quote what was sent, so only their codes are passed on. */
function faultOf(error: unknown): Exchange {
  const { name, code, cause } = (error ?? {}) as {
    name?: string;
    code?: unknown;
    cause?: { code?: unknown };
  };
  if (name === 'TimeoutError') return { fault: 'timed-out', message: 'the host did not answer in time' };
  const known = [cause?.code, code].find(
    (text) => typeof text === 'string' && /^[A-Z0-9_]{3,60}$/.test(text),
  );
  return {
    fault: 'no-answer',
    message: `the connection failed${known === undefined ? '' : ` (${String(known)})`}`,
  };
}
