/**
 * What came of asking a host something. Every expected end is a value; only a broken request or an aborted run throws.
 */
import type { Unobserved } from '@macadam/core/facts/observation';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; null for an empty body. */
  readonly body: unknown;
  /** Set when the host sent us elsewhere: the address that answered in the end. */
  readonly redirectedTo?: string;
}

export type NoAnswer =
  | {
      readonly outcome: 'forbidden' | 'not-found';
      readonly status: number;
      /** The permission that the host says it wanted, as people would look for it. */
      readonly permission?: string;
      readonly message: string;
    }
  | {
      readonly outcome: 'rate-limited';
      readonly by: 'primary' | 'secondary' | 'budget';
      /** When asking again makes sense: RFC 3339. Absent when only another run would help. */
      readonly until?: string;
      readonly message: string;
    }
  | {
      readonly outcome: 'failed';
      /** Stable, kebab-case: `timed-out`, `body-too-large`, `status-502` … */
      readonly code: string;
      readonly status?: number;
      /** When the host says that asking again makes sense: RFC 3339. */
      readonly until?: string;
      readonly message: string;
    };

/** A list whose pages never end. */
export const PAGING_LOOP: NoAnswer = {
  outcome: 'failed',
  code: 'paging-loop',
  message: 'its pages lead back to one another',
};

/** As which status a host's refusal stands among answers that were saved with theirs. */
export function statusOf(refusal: NoAnswer): number {
  if (refusal.outcome === 'forbidden') return refusal.status;
  return refusal.outcome === 'not-found' ? 404 : 503;
}

/** `not-modified` carries the body that was kept from the time it was last sent. */
export type RequestOutcome = ({ readonly outcome: 'ok' | 'not-modified' } & Answer) | NoAnswer;

export function isAnswer(outcome: RequestOutcome): outcome is Extract<RequestOutcome, Answer> {
  return outcome.outcome === 'ok' || outcome.outcome === 'not-modified';
}

/**
 * Why something could not be observed. `what` is the thing that was asked for ("the branch protection of org/name");
 * `permission` names what is needed where the host does not say so itself.
 */
export function unobservedBy(refusal: NoAnswer, what: string, permission: string): Unobserved {
  switch (refusal.outcome) {
    case 'forbidden':
    case 'not-found':
      return {
        unobserved: 'forbidden',
        why: `the token may not see ${what}: it needs ${refusal.permission ?? permission}`,
      };
    case 'rate-limited':
      return {
        unobserved: 'failed',
        why: `${what} could not be read: ${refusal.message}; scan again${refusal.until === undefined ? '' : ` after ${refusal.until}`} to continue`,
      };
    case 'failed':
      return { unobserved: 'failed', why: `${what} could not be read: ${refusal.message}; scan again` };
  }
}
