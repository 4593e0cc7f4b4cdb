/** What goes wrong, as RFC 9457 says it: every answer that is no success names the field, the reason and the fix. */
import { DecisionsError } from '@macadam/adapters/decisions/port';
import { EngineError } from '@macadam/adapters/facts/clickhouse/driver';
import { FactsError } from '@macadam/adapters/facts/port';
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import { unfit } from '@macadam/core/text/unfit';
import { z } from 'zod';

const objectionSchema = z.object({
  field: z.string().describe('Path of what was given wrong; empty for the request itself'),
  reason: z.string(),
  fix: z.string(),
});

export const problemSchema = z
  .object({
    type: z.string().describe('A URN that stays the same for the same sort of problem'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(objectionSchema),
  })
  .describe('RFC 9457');
export type ProblemBody = z.infer<typeof problemSchema>;

const TITLES = {
  400: ['invalid', 'The request cannot be read'],
  401: ['unidentified', 'Nobody is logged in'],
  403: ['forbidden', 'This is not permitted'],
  404: ['missing', 'Nothing is at this address'],
  405: ['method', 'This cannot be done here'],
  406: ['representation', 'It cannot be given in that form'],
  408: ['slow', 'The request did not arrive in time'],
  409: ['conflict', 'Somebody was faster'],
  412: ['changed', 'It has changed since it was read'],
  413: ['large', 'The request is too large'],
  414: ['long', 'The address is too long'],
  415: ['media-type', 'The request is in an unknown form'],
  421: ['misdirected', 'This server has another name'],
  422: ['refused', 'A rule forbids it'],
  429: ['limit', 'Too many requests'],
  431: ['headers', 'The headers are too large'],
  500: ['fault', 'The server failed'],
  503: ['unavailable', 'This is not ready yet'],
} as const;
export type ProblemStatus = keyof typeof TITLES;
export const PROBLEM_STATUSES = Object.keys(TITLES).map(Number) as readonly ProblemStatus[];

/** Thrown by a route; becomes the answer. */
export class HttpProblem extends Error {
  readonly status: ProblemStatus;
  readonly errors: readonly RequestDiagnostic[];
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: ProblemStatus,
    detail: string,
    errors: readonly RequestDiagnostic[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = 'HttpProblem';
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }

  get body(): ProblemBody {
    const [slug, title] = TITLES[this.status];
    return {
      type: `urn:macadam:problem:${slug}`,
      title,
      status: this.status,
      detail: this.message,
      errors: this.errors.map((one) => ({ ...one })),
    };
  }
}

const OF_DECISIONS = { refused: 422, missing: 404, conflict: 409, unavailable: 503, newer: 503 } as const;
const OF_FACTS = { unknown: 404, invalid: 422, forgotten: 422, superseded: 409, unmigrated: 503 } as const;

/** Whatever was thrown, as a problem. What nobody foresaw says nothing of itself: its words may hold what is secret. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof DecisionsError && error.fault !== 'damaged') {
    // What is said of a store that cannot be had names folders and addresses, which are nobody's but the operator's.
    if (error.fault === 'unavailable') return new HttpProblem(503, AWAY, [], { 'retry-after': '2' });
    const { field, fix, message, objections } = error;
    const only = field === '' && fix === '' ? [] : [{ field, reason: message, fix }];
    const errors = objections.length > 0 ? objections : only;
    return new HttpProblem(OF_DECISIONS[error.fault], message, errors);
  }
  if (error instanceof FactsError && error.fault !== 'damaged')
    return new HttpProblem(OF_FACTS[error.fault], error.message);
  if (isExhausted(error)) return new HttpProblem(503, EXHAUSTED, [], { 'retry-after': '10' });
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  const known = PROBLEM_STATUSES.find((status) => status === statusCode);
  if (known !== undefined && known < 500 && code?.startsWith('FST_')) {
    const reason = (error as Error).message;
    return new HttpProblem(known, reason, [{ field: '', reason, fix: FIXES[code] ?? 'correct the request' }]);
  }
  return new HttpProblem(500, 'the server failed; its log says more');
}

/** No room, no memory, no descriptor, or a disk or an engine that cannot be reached: nothing is wrong with what was asked, and later it may do. */
export function isExhausted(error: unknown): boolean {
  if (error instanceof EngineError) return ENGINE_AWAY.has(error.code) || isExhausted(error.cause);
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && SYSTEM_AWAY.has(code);
}

const SYSTEM_AWAY: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EROFS',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
]);
/** ClickHouse's numbers for files, memory, time and network that cannot be had. */
const ENGINE_AWAY: ReadonlySet<number> = new Set([74, 75, 76, 159, 173, 202, 209, 210, 241, 243, 252, 425]);
const EXHAUSTED = 'the server has no room for it, or cannot reach its disk or its engine; ask again';
const AWAY = 'the store of decisions cannot be had at the moment; ask again';

const FIXES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'send well-formed JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'send a body, or no content type',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'send `content-type: application/json`',
  FST_ERR_CTP_BODY_TOO_LARGE: 'send less at once',
  FST_ERR_BAD_URL: 'encode what stands in the address (RFC 3986)',
  FST_ERR_MAX_PARAM_LENGTH: 'name something shorter',
};

/** What a schema finds wrong, each by its path. */
export function invalid(where: string, error: z.ZodError): HttpProblem {
  const errors = error.issues.map((issue): RequestDiagnostic => {
    const path = [where, ...issue.path.map(String)].filter((part) => part !== '').join('.');
    return { field: path, ...unfit(issue) };
  });
  return objected(errors);
}

/** A request that cannot be read, for each of these reasons. */
export function objected(errors: readonly RequestDiagnostic[]): HttpProblem {
  return new HttpProblem(400, errors.map(({ field, reason }) => `${field}: ${reason}`).join('; '), errors);
}
