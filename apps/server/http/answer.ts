/** What a route gave, as an answer. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { DecisionsError } from '@macadam/adapters/decisions/port';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { compressed } from './compress.ts';
import { HttpProblem, isExhausted, type ProblemBody, problemOf } from './problem.ts';
import { SAFE } from './request.ts';
import type { Dialect, Gives, RawAnswer } from './route.ts';

/** `result` as the route's schema says it: what the schema does not name never leaves. */
export function sendResult(
  gives: Gives,
  result: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (gives.as === 'answer') return sendAnswer(result as RawAnswer, reply);
  if (gives.as === 'nothing') return reply.code(204).send();
  const schema =
    gives.as === 'list' ? z.object({ items: z.array(gives.row), next: z.string().nullable() }) : gives.schema;
  const body = JSON.stringify(schema.parse(result));
  const etag = etagOf(result, body);
  reply.header('etag', etag);
  if (SAFE.has(request.method) && names(request.headers['if-none-match'], etag))
    return reply.code(304).send();
  return reply
    .code(gives.as === 'list' ? 200 : gives.status)
    .type('application/json; charset=utf-8')
    .send(body);
}

/** Of a record its version, of anything else a digest of what is sent. */
function etagOf(result: unknown, body: string): string {
  const { version } = result as { readonly version?: unknown };
  return `"${typeof version === 'number' ? version : digest(body)}"`;
}

/** Throws 412 unless `record` is as the caller saw it. A proxy that compresses makes a strong ETag weak. */
export function requireUnchanged(gives: Gives, record: unknown, seen: string): void {
  if (gives.as !== 'record') throw new TypeError('what has no record has no version');
  const own = record === null ? null : etagOf(record, JSON.stringify(gives.schema.parse(record)));
  const known = seen.split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (own !== null && (seen === '*' || known.includes(own))) return;
  const reason = own === null ? 'there is no such record' : 'it is no longer as it was read';
  const fix = own === null ? 'leave it out to make one' : 'read it again, then decide';
  throw new HttpProblem(412, reason, [{ field: 'If-Match', reason, fix }]);
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);
const names = (header: string | undefined, etag: string) =>
  header !== undefined && (header.trim() === '*' || header.split(',').some((one) => one.trim() === etag));

export function sendAnswer(
  { status = 200, headers = {}, body }: RawAnswer,
  reply: FastifyReply,
): FastifyReply {
  reply.code(status);
  for (const [name, value] of Object.entries(headers)) reply.header(name, value);
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    const sent = compressed(reply.request, String(headers['content-type'] ?? ''), body);
    return reply.headers(sent.headers).send(sent.body);
  }
  if (body === undefined) return reply.send(body);
  // Nobody reads it, and it may have no end.
  return reply.request.method === 'HEAD' ? reply.send('') : reply.send(bytesOf(body));
}

/** So many bytes are made before anybody reads them: an answer that nobody reads takes no more memory than this. */
const AHEAD = 64 * 1024;

const bytesOf = (body: AsyncIterable<string | Uint8Array>): Readable =>
  Readable.from(body, { objectMode: false, highWaterMark: AHEAD });

interface Words {
  readonly dialect: Dialect | undefined;
  /** For people. */
  readonly page: ((problem: ProblemBody) => RawAnswer) | undefined;
  readonly failed: (error: unknown) => void;
}

/** Whatever went wrong, in the words of whoever asked. */
export function sendProblem(
  error: unknown,
  reply: FastifyReply,
  { dialect, page, failed }: Words,
): FastifyReply {
  const problem = problemOf(error);
  if (problem.status === 500 || isAway(error)) failed(error);
  reply.code(problem.status).headers(problem.headers);
  if (page) return sendAnswer({ status: problem.status, ...page(problem.body) }, reply);
  if (dialect)
    return reply
      .type(`${dialect.accepts[0]}; charset=utf-8`)
      .send(
        JSON.stringify(
          dialect.problem({ status: problem.status, detail: problem.message, errors: problem.errors }),
        ),
      );
  return reply.type('application/problem+json; charset=utf-8').send(JSON.stringify(problem.body));
}

/** Of a store that cannot be had only the server's own log says more. */
const isAway = (error: unknown) =>
  (error instanceof DecisionsError && error.fault === 'unavailable') || isExhausted(error);

/** A conflict with the version that the caller named is a failed precondition. */
export function preconditionFailed(error: unknown): unknown {
  return error instanceof DecisionsError && error.fault === 'conflict'
    ? new HttpProblem(412, error.message, [
        { field: 'If-Match', reason: error.message, fix: 'read it again, then decide' },
      ])
    : error;
}
