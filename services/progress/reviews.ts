/** Reviews in the store of decisions: the next one is frozen after the newest, which its changes and open actions come from. */
import type { KeyObject } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DecisionsError, type DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { ReviewRecord } from '@macadam/adapters/decisions/reviews';
import type { AgendaItem } from '@macadam/core/figures/agenda';
import type { Review, ReviewAction, ReviewMinutes } from '@macadam/core/figures/review';
import { readReviewHead, stampedReview } from '@macadam/core/figures/review-file';
import { TimestampError } from '@macadam/core/figures/timestamp';
import { attended, councilOf } from '@macadam/core/org/council';
import type { OrgTree } from '@macadam/core/org/org';
import type { Exception } from '@macadam/core/verdicts/exception';
import { exceptionsInForce } from '../work/exceptions.ts';
import {
  type FreezeRequest,
  freezeReview,
  type NotFrozen,
  notFrozen,
  type PreviousReview,
  type ReviewSource,
} from './freeze.ts';

export type { ReviewSource } from './freeze.ts';

/** What people bring to a review. */
export interface ReviewAsked {
  readonly title: string;
  readonly attendance: ReviewMinutes['attendance'];
  readonly decisions: ReviewMinutes['decisions'];
  /** New ones. */
  readonly actions: readonly Pick<ReviewAction, 'what' | 'owner' | 'due'>[];
  /** What became of actions of earlier reviews; those that are not named stay open. */
  readonly outcomes: readonly { readonly action: string; readonly state: 'done' | 'dropped' }[];
}

export interface NextReview {
  readonly source: ReviewSource;
  readonly asked: ReviewAsked;
  readonly by: string;
  readonly simulated: boolean;
  /** Team → its division. */
  readonly divisions: ReadonlyMap<string, string>;
  /** Exceptions that the estate's own file states. */
  readonly stated: readonly Exception[];
  readonly key: KeyObject | null;
  /** The organisation of today. */
  readonly tree: OrgTree;
  /** What it is about. */
  readonly agenda: readonly AgendaItem[];
  readonly program: ReviewMinutes['program'];
  /** Has an authority outside say when the file was there; left out: none is asked. Rejects with `TimestampError`. */
  readonly stamp?: ((sealed: Buffer) => Promise<Buffer>) | undefined;
}

/**
 * Freezes the next review, as a whole or not at all. Rejects with `DecisionsError` `refused` where an outcome names no open
 * action, and as the stores do.
 */
export async function freezeNext(
  tx: DecisionTransaction,
  next: NextReview,
): Promise<ReviewRecord | NotFrozen> {
  await tx.exclusive('review');
  const [newest = null] = await tx.reviews.reviews({ limit: 1 });
  const before = newest && (await shownReview(tx, newest.number));
  const number = (newest?.number ?? 0) + 1;
  const previous = newest && before && previousOf(newest, before);
  const at = (await next.source.past.ticks()).at(-1)?.valid.toISOString() ?? tx.at;
  const request: FreezeRequest = {
    source: next.source,
    head: {
      number,
      title: next.asked.title,
      frozenAt: tx.at,
      frozenBy: next.by,
      simulated: next.simulated,
    },
    minutes: {
      ...(await minutesOf(tx, next.asked, {
        number,
        before: before?.minutes ?? null,
        since: newest,
        tree: next.tree,
      })),
      agenda: next.agenda,
      program: next.program ?? null,
    },
    previous,
    exceptions: [...next.stated, ...(await exceptionsInForce(tx, { after: at }))],
    divisions: next.divisions,
    key: next.key,
  };
  const frozen = await freezeReview(request);
  if (!('text' in frozen)) return frozen;
  const text = await stamped(frozen.text, next.stamp);
  if (typeof text !== 'string') return text;
  const { at: moment, known } = frozen.review.head;
  return tx.reviews.freeze({
    number,
    title: next.asked.title,
    at: moment,
    known,
    previous: newest?.number ?? null,
    digest: frozen.digest,
    key: frozen.key,
    content: gzipSync(text).toString('base64'),
  });
}

async function stamped(text: string, stamp: NextReview['stamp']): Promise<string | NotFrozen> {
  if (stamp === undefined) return text;
  try {
    return stampedReview(text, await stamp(Buffer.from(text)));
  } catch (error) {
    if (!(error instanceof TimestampError)) throw error;
    const why = `the authority for timestamps gave none: ${error.message}`;
    return notFrozen('no-timestamp', why, 'freeze again; without MACADAM_TIMESTAMP_URL none is asked for');
  }
}

function previousOf({ number, digest }: ReviewRecord, { head, figures }: ShownReview): PreviousReview {
  return { number, digest, at: head.at, known: head.known, figures };
}

interface Around {
  readonly number: number;
  readonly before: ReviewMinutes | null;
  readonly since: ReviewRecord | null;
  readonly tree: OrgTree;
}

async function minutesOf(
  tx: DecisionTransaction,
  { attendance, decisions, actions, outcomes }: ReviewAsked,
  { number, before, since, tree }: Around,
): Promise<ReviewMinutes> {
  const open = (before?.actions ?? []).filter(({ state }) => state === 'open');
  const stateOf = new Map(outcomes.map(({ action, state }) => [action, state]));
  for (const [index, { action }] of outcomes.entries())
    if (!open.some(({ id }) => id === action))
      throw new DecisionsError('refused', `no action \`${action}\` is open`, {
        field: `outcomes.${index}.action`,
        fix: open.length === 0 ? 'leave it out' : `name one of ${open.map(({ id }) => id).join(', ')}`,
      });
  const waiting = await tx.permissions.exceptions({ waiting: true, limit: MOST });
  const granted = await tx.permissions.granted(since === null ? {} : { after: since.frozenAt });
  const named = ({ id, standard, until }: { id: string; standard: string; until: string }) => ({
    id,
    standard,
    until,
  });
  const misses = await tx.effects.misses(since === null ? {} : { after: since.frozenAt });
  return {
    attendance,
    decisions,
    council: attended(councilOf(tree), attendance),
    misses: misses.map(({ standard, due, reason, note, saidBy }) => ({
      standard,
      due,
      reason,
      note,
      saidBy,
    })),
    actions: [
      ...open.map((one) => ({ ...one, state: stateOf.get(one.id) ?? one.state })),
      ...actions.map((one, index) => ({ ...one, id: `${number}.${index + 1}`, state: 'open' as const })),
    ],
    exceptions: {
      asked: waiting.map(named),
      approved: granted
        .map(({ exception }) => exception)
        .filter(({ approvedAt }) => approvedAt !== null && (since === null || approvedAt > since.frozenAt))
        .map(named),
    },
  };
}

/** Exceptions that a review names at most; nobody decides more in a week. */
const MOST = 1000;

export type ShownReview = Pick<Review, 'head' | 'minutes' | 'figures'>;

/** The file of a review as it was frozen; null where there is none. */
export async function reviewFile(tx: DecisionTransaction, number: number): Promise<Buffer | null> {
  const content = await tx.reviews.content(number);
  return content === null ? null : gunzipSync(Buffer.from(content, 'base64'));
}

/** What a review shows; null where there is none. */
export async function shownReview(tx: DecisionTransaction, number: number): Promise<ShownReview | null> {
  const file = await reviewFile(tx, number);
  return file && readReviewHead(file.toString());
}
