/** What to do with an answer. Pure: the clock and the dice are arguments. */
import type { NoAnswer } from './outcome.ts';

export interface Policy {
  /** How often one request is sent at most. */
  readonly attempts: number;
  /** First and longest pause after a fault, in milliseconds. */
  readonly baseMs: number;
  readonly capMs: number;
  /** The longest pause that a rate limit may cost before we give up and say so. */
  readonly patienceMs: number;
}

export const POLICY: Policy = { attempts: 5, baseMs: 500, capMs: 20_000, patienceMs: 120_000 };

export interface Situation {
  /** How often it was sent before: 0 for the first answer. */
  readonly attempt: number;
  /** Milliseconds since 1970, and a number in [0, 1). */
  readonly now: number;
  readonly random: number;
  readonly policy: Policy;
  /** Sending it again does no harm. */
  readonly repeatable: boolean;
}

export interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
  /** What the host says about it, in its error body. */
  readonly message: string;
}

export type AnswerDecision =
  | { readonly do: 'accept' }
  | { readonly do: 'reuse' }
  | { readonly do: 'redirect'; readonly location: string }
  /** `until` is set by a rate limit, which then concerns every request and not this one alone. */
  | {
      readonly do: 'wait';
      readonly ms: number;
      readonly until?: number;
      readonly by?: 'primary' | 'secondary';
    }
  | { readonly do: 'stop'; readonly refusal: NoAnswer };

/** Full jitter: a random pause up to a doubling ceiling (Brooker, "Exponential Backoff And Jitter", 2015). */
export function backoff({ attempt, random, policy }: Situation): number {
  return Math.round(random * Math.min(policy.capMs, policy.baseMs * 2 ** attempt));
}

const YEAR_S = 31_536_000;

/** Milliseconds since 1970 that `Retry-After` names (RFC 9110 §10.2.3: seconds or a date; some hosts give parts of seconds), or undefined. */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  // No time can be named that lies a number of twenty digits ahead.
  if (/^\d+(\.\d+)?$/.test(text)) return now + Math.ceil(Math.min(Number(text), YEAR_S) * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date;
}

/** When a spent primary limit starts anew: `X-RateLimit-Reset`, in seconds since 1970, counts only when nothing remains. Some write `X-Rate-Limit`. */
export function resetOf(headers: Headers): number | undefined {
  const name = ['x-ratelimit', 'x-rate-limit'].find((one) => headers.get(`${one}-remaining`) === '0');
  if (name === undefined) return undefined;
  const seconds = Number(headers.get(`${name}-reset`) ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

export function isLimit({ status, headers, message }: AnswerHead): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return (
    headers.has('retry-after') ||
    resetOf(headers) !== undefined ||
    /rate limit|abuse detection/i.test(message)
  );
}

/** The first moment at which a limited request may be sent again. */
function limitedUntil(head: AnswerHead, { attempt, now }: Situation): number {
  // A secondary limit without a header asks for a minute at least, and longer each time it is hit again.
  return retryAfter(head.headers, now) ?? resetOf(head.headers) ?? now + 60_000 * 2 ** attempt;
}

/** `permission` is what the head says was missing, as the host's own dialect has it. */
export function decide(head: AnswerHead, situation: Situation, permission?: string): AnswerDecision {
  const { status, headers, message } = head;
  const last = situation.attempt + 1 >= situation.policy.attempts || !situation.repeatable;
  if (status >= 200 && status < 300) return { do: 'accept' };
  if (status === 304) return { do: 'reuse' };
  if ([301, 302, 303, 307, 308].includes(status)) {
    const location = headers.get('location');
    if (location !== null) return { do: 'redirect', location };
    return stop('redirect-without-location', 'the host redirected to nowhere', status);
  }
  if (isLimit(head)) {
    const until = limitedUntil(head, situation);
    const ms = Math.max(0, until - situation.now) + Math.round(situation.random * 1000);
    const by = resetOf(headers) === undefined ? 'secondary' : 'primary';
    if (!last && ms <= situation.policy.patienceMs) return { do: 'wait', ms, until, by };
    return {
      do: 'stop',
      refusal: {
        outcome: 'rate-limited',
        by,
        until: new Date(until).toISOString(),
        message: `the host's ${by} rate limit is spent`,
      },
    };
  }
  if (status === 401 || status === 403 || status === 404 || status === 410 || status === 451) {
    const refused = {
      status,
      message: message === '' ? `the host answered ${status}` : message,
      ...(permission === undefined ? {} : { permission }),
    };
    return {
      do: 'stop',
      refusal: { outcome: status < 404 || status === 451 ? 'forbidden' : 'not-found', ...refused },
    };
  }
  if (status === 408 || status >= 500) {
    const asked = retryAfter(headers, situation.now);
    if (!last) {
      const ms = asked === undefined ? backoff(situation) : Math.max(0, asked - situation.now);
      if (ms <= situation.policy.patienceMs) return { do: 'wait', ms };
    }
    const times = `the host answered ${status} ${situation.attempt + 1} times`;
    return stop(
      `status-${status}`,
      times,
      status,
      asked === undefined ? {} : { until: new Date(asked).toISOString() },
    );
  }
  return stop(
    `status-${status}`,
    `the host answered ${status}${message === '' ? '' : `: ${message}`}`,
    status,
  );
}

function stop(
  code: string,
  message: string,
  status: number,
  more: { readonly until?: string } = {},
): AnswerDecision {
  return { do: 'stop', refusal: { outcome: 'failed', code, message, status, ...more } };
}
