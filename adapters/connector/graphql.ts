/** GraphQL over HTTP: an answer may hold data and errors at once, each error with the path of what it hides. */
import { z } from 'zod';
import type { Connector } from './connector.ts';
import { isAnswer, type NoAnswer } from './outcome.ts';

export interface GraphqlError {
  /** `NOT_FOUND`, `FORBIDDEN`, `INSUFFICIENT_SCOPES` …; empty when the host gives none. */
  readonly type: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type GraphqlOutcome =
  | { readonly outcome: 'ok'; readonly data: unknown; readonly errors: readonly GraphqlError[] }
  | NoAnswer;

/** The things that were asked for by their ids; none of an answer of another shape. */
export const nodesIn = (data: unknown): readonly unknown[] => NODES.parse(data).nodes;

const NODES = z.object({ nodes: z.array(z.unknown()) }).catch({ nodes: [] });

/** Sends a query (never a mutation: it may be sent again after a fault). */
export async function graphql(
  connector: Connector,
  path: string,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<GraphqlOutcome> {
  const json = { query, variables };
  const outcome = await connector.request({
    method: 'POST',
    path,
    json,
    repeatable: true,
    bucket: 'graphql',
  });
  return isAnswer(outcome) ? decideGraphql(outcome.body, outcome.headers) : outcome;
}

/** Pure: what a body means. Without any data, the first error decides. */
function decideGraphql(body: unknown, headers: Headers): GraphqlOutcome {
  if (typeof body !== 'object' || body === null) return unexpected('its answer is not a record');
  const { data, errors: raw } = body as { data?: unknown; errors?: unknown };
  const errors = (Array.isArray(raw) ? raw : []).map(errorOf);
  if (errors.some(({ type }) => type === 'RATE_LIMITED')) {
    const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
    const until = Number.isFinite(reset) && reset > 0 ? { until: new Date(reset * 1000).toISOString() } : {};
    return {
      outcome: 'rate-limited',
      by: 'primary',
      message: "the host's primary rate limit is spent",
      ...until,
    };
  }
  if (data !== undefined && data !== null) return { outcome: 'ok', data, errors };
  const [first] = errors;
  if (first === undefined) return unexpected('its answer holds neither data nor errors');
  if (/FORBIDDEN|INSUFFICIENT_SCOPES|UNAUTHORIZED/.test(first.type)) {
    return { outcome: 'forbidden', status: 200, message: first.message };
  }
  return { outcome: 'failed', code: 'graphql-error', message: first.message };
}

function unexpected(message: string): NoAnswer {
  return { outcome: 'failed', code: 'unexpected-shape', message };
}

function errorOf(raw: unknown): GraphqlError {
  const { type, path, message } = (raw ?? {}) as { type?: unknown; path?: unknown; message?: unknown };
  return {
    type: typeof type === 'string' ? type : '',
    path: Array.isArray(path)
      ? path.filter((step) => typeof step === 'string' || typeof step === 'number')
      : [],
    message: typeof message === 'string' ? message.replaceAll(/\s+/g, ' ').slice(0, 300) : 'no message',
  };
}
