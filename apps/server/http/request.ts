/** What a request carries, read and held against what a route takes. */
import { createHash } from 'node:crypto';
import { pipeline, Readable, Transform } from 'node:stream';
import type { FastifyInstance, FastifyRequest, preParsingHookHandler } from 'fastify';
import { z } from 'zod';
import { HttpProblem, invalid, objected } from './problem.ts';
import { pageQuery, type Route } from './route.ts';
import { unreadable } from './unreadable.ts';

export const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD']);
/** A list as rows of text; `Accept: text/csv` says the same. */
const FORMAT = z.enum(['json', 'csv']).optional();

export type Read = (request: FastifyRequest) => {
  readonly params: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly body: unknown;
};

/** Throws a problem that names every field that is wrong. */
export function reading({ params, query, body, gives, permission }: Route): Read {
  const paged = gives.as === 'list' ? { ...pageQuery(gives.sorts), format: FORMAT } : {};
  const path = z.strictObject(params);
  // What is open is also visited from elsewhere, with parameters of others (RFC 6749, 4.1.2: ignore what is unknown).
  const search = (permission === null ? z.object : z.strictObject)({ ...query, ...paged });
  return (request) => {
    if (request.body instanceof Readable && !(body instanceof z.ZodCustom))
      throw new HttpProblem(415, 'lines of JSON are not taken here', [
        {
          field: 'Content-Type',
          reason: 'it is a stream of lines',
          fix: 'send `content-type: application/json`',
        },
      ]);
    return {
      params: checked('path', path, request.params),
      query: checked('query', search, request.query),
      body: checked('body', body ?? z.unknown().transform(() => undefined), request.body ?? undefined),
    };
  };
}

function checked<S extends z.ZodType>(where: string, schema: S, value: unknown): z.output<S> {
  const objections = unreadable(where, value);
  if (objections.length > 0) throw objected(objections);
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw invalid(where, read.error);
}

export function wantsCsv({ query, headers }: FastifyRequest): boolean {
  const { format } = query as { format?: string };
  return format === undefined ? /^text\/csv\b/.test(headers.accept ?? '') : format === 'csv';
}

/** What `If-Match` says, where something is to be changed; undefined where it is left out. Throws where the route takes none. */
export function seenIn(
  { headers, method }: FastifyRequest,
  { versioned, gives }: Pick<Route, 'versioned' | 'gives'>,
): string | undefined {
  const given = headers['if-match'];
  // Other protocols have rules of their own for it.
  const own = gives.as === 'answer' && gives.dialect !== undefined;
  if (given === undefined || SAFE.has(method) || own) return undefined;
  if (versioned !== undefined) return given;
  const reason = 'what this changes has no versions to compare';
  throw new HttpProblem(400, `If-Match: ${reason}`, [
    { field: 'If-Match', reason, fix: 'leave it out; /api says which routes take it' },
  ]);
}

/** The version in `If-Match: "12"`, strong or weak. Any will do where it is left out, or `*`. */
export function versionIn(given: string | undefined): number | undefined {
  if (given === undefined || given === '*') return undefined;
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(given)?.[1];
  if (version !== undefined) return Number(version);
  const reason = 'it is no ETag of a record';
  throw new HttpProblem(400, `If-Match: ${reason}`, [
    { field: 'If-Match', reason, fix: 'give the ETag that came with the record' },
  ]);
}

/**
 * A browser sends the session's cookie by itself, so what changes anything must come from our own pages. Browsers say where a
 * request comes from, and no page can change that: `Sec-Fetch-Site` over TLS and on one's own machine, `Origin` elsewhere
 * (`null` from pages without a referrer, as ours are). What says neither is no browser, and has no cookie to abuse.
 */
export function fromOwnPages({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  return origin === undefined || URL.parse(origin)?.host === host;
}

export function sameOrigin(request: Pick<FastifyRequest, 'headers'>): void {
  if (fromOwnPages(request)) return;
  throw new HttpProblem(403, 'another site sent this', [
    { field: 'Origin', reason: 'it is another site', fix: 'use the pages of this server, or an API token' },
  ]);
}

/** An `Idempotency-Key` with the digest of what it is for; null where none is given. `received`: of a body that came by itself. */
export function idempotency(
  request: FastifyRequest,
  received?: string,
): { readonly key: string; readonly digest: string } | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) {
    const reason = 'it is not a key';
    throw new HttpProblem(400, `Idempotency-Key: ${reason}`, [
      { field: 'Idempotency-Key', reason, fix: 'give 1 to 200 visible characters' },
    ]);
  }
  const body = received ?? request.body ?? null;
  const digest = createHash('sha256')
    .update(JSON.stringify([request.method, request.url, body]))
    .digest('hex');
  return { key, digest };
}

const RAW = new WeakMap<object, Uint8Array[]>();

/** Keeps a body as it comes, beside what is made of it. Whoever reads it bounds it: what is not read does not come. */
export const keepRaw: preParsingHookHandler = (request, _, payload, done) => {
  const parts: Uint8Array[] = [];
  RAW.set(request, parts);
  const kept = new Transform({
    transform: (part: Uint8Array, _encoding, next) => {
      parts.push(part);
      next(null, part);
    },
  });
  pipeline(payload, kept, () => {});
  done(null, kept);
};

/** Empty where it was not kept. */
export const rawBody = (request: FastifyRequest): Uint8Array => Buffer.concat(RAW.get(request) ?? []);

/** JSON is read by the server itself; forms of our pages, and JSON under the names that other protocols give it, here. */
export function readMore(app: FastifyInstance, json: readonly string[]): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) => {
    const form: Record<string, string | string[]> = Object.create(null);
    for (const [name, value] of new URLSearchParams(String(body))) {
      const before = Object.hasOwn(form, name) ? form[name] : undefined;
      form[name] = before === undefined ? value : [before, value].flat();
    }
    done(null, form);
  });
  app.addContentTypeParser(['application/x-ndjson', 'application/octet-stream'], (_, payload, done) =>
    done(null, payload),
  );
  const parse = app.getDefaultJsonParser('error', 'error');
  for (const type of json) app.addContentTypeParser(type, { parseAs: 'string' }, parse);
}
