/** Asking a tracker over the connector, and telling what came of it in the port's words. */
import type { z } from 'zod';
import { type ConnectorOptions, type ConnectorRequest, connect } from '../connector/connector.ts';
import { isAnswer, type NoAnswer, type RequestOutcome } from '../connector/outcome.ts';
import type { TrackerAccess, TrackerAnswer, TrackerProblem } from './port.ts';

/** Short, because what does not work now is asked again from the outbox. */
const POLICY = { attempts: 2, baseMs: 250, capMs: 1000, patienceMs: 2000 };

export interface TrackerConnection {
  readonly send: (request: ConnectorRequest) => Promise<RequestOutcome>;
  /** What was asked for, in the shape of `schema`; `what` names it in problems. */
  readonly ask: <T>(
    request: ConnectorRequest,
    schema: z.ZodType<T>,
    what: string,
  ) => Promise<TrackerAnswer<T>>;
}

export function trackerConnection(
  options: Pick<ConnectorOptions, 'baseUrl' | 'authorization' | 'headers'>,
  { now, random, signal, sleep }: TrackerAccess,
): TrackerConnection {
  const connector = connect({
    ...options,
    now: () => now().getTime(),
    random,
    policy: POLICY,
    timeoutMs: 15_000,
    maxBytes: 8 * 1024 * 1024,
    ...(signal && { signal }),
    ...(sleep && { sleep }),
  });
  let quietUntil = 0;
  const send = async (request: ConnectorRequest): Promise<RequestOutcome> => {
    if (quietUntil > now().getTime()) return tooEarly(quietUntil);
    const outcome = await connector.request(request);
    // Azure DevOps asks for a pause in answers that succeed, before it begins to refuse.
    if (isAnswer(outcome)) {
      const seconds = Number(outcome.headers.get('retry-after') ?? 0);
      if (seconds > 0) quietUntil = now().getTime() + Math.min(seconds, 3600) * 1000;
    }
    return outcome;
  };
  return {
    send,
    ask: async (request, schema, what) => {
      const outcome = await send(request);
      if (!isAnswer(outcome)) return problemOf(outcome, what);
      const parsed = schema.safeParse(outcome.body);
      return parsed.success ? { done: parsed.data } : odd(what);
    },
  };
}

const tooEarly = (until: number): NoAnswer => ({
  outcome: 'rate-limited',
  by: 'secondary',
  until: new Date(until).toISOString(),
  message: 'the host asked for a pause',
});

export const odd = (what: string): TrackerProblem => ({
  problem: `${what}: its answer has not the shape that it should have`,
  fault: 'later',
});

export function problemOf(outcome: NoAnswer, what: string): TrackerProblem {
  const problem = `${what}: ${outcome.message}`;
  switch (outcome.outcome) {
    case 'forbidden':
    case 'not-found':
      return { problem, fault: 'refused' };
    case 'rate-limited':
      return { problem, fault: 'later', ...(outcome.until !== undefined && { retryAt: outcome.until }) };
    case 'failed': {
      const { status = 0, until } = outcome;
      const refused = status >= 400 && status < 500 && status !== 408;
      return {
        problem,
        fault: refused ? 'refused' : 'later',
        ...(until !== undefined && { retryAt: until }),
      };
    }
  }
}

export const failed = <T>(answer: TrackerAnswer<T>): answer is TrackerProblem => 'problem' in answer;
