/**
 * Takes what is due of one destination, delivers it, and acknowledges it, in any number of processes at once: who has
 * taken a message has it for a time, of each subject only the oldest is to be had, and what was done is written down in
 * the transaction that acknowledges it. Whoever dies in between is repeated by somebody else, so delivering has to bear
 * repetition.
 */
import { inParallel } from '../connector/pool.ts';
import type { MessageRecord } from '../decisions/delivery.ts';
import type { DecisionPrincipal, Decisions, DecisionTransaction } from '../decisions/port.ts';

/** In whose name messages leave. */
export const DELIVERIES: DecisionPrincipal = { id: 'machine:deliveries', divisions: 'all' };

export type DeliveryOutcome =
  /** `record`: what is to be written down with the acknowledgement. */
  | { readonly record?: (transaction: DecisionTransaction) => Promise<void> }
  | {
      readonly problem: string;
      /** Not before; in milliseconds since 1970. */
      readonly retryAt?: number;
      readonly record?: (transaction: DecisionTransaction) => Promise<void>;
    };

export interface Lane {
  readonly destination: string;
  /** How long a message is ours. */
  readonly seconds: number;
  /** Messages at once. */
  readonly width: number;
  /** Aborted before the message is anybody else's. A rejection is a problem like any other. */
  readonly deliver: (message: MessageRecord, signal: AbortSignal) => Promise<DeliveryOutcome>;
}

export interface Pace {
  readonly now: () => Date;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** First and longest pause between two attempts, in seconds. */
const FIRST_S = 5;
const LONGEST_S = 3600;

/** When to try again after so many attempts: doubling, half of it by chance, so that what failed together parts. */
export function retryAt(attempts: number, { now, random }: Pace, longest: number = LONGEST_S): number {
  const ceiling = Math.min(longest, FIRST_S * 2 ** Math.min(30, Math.max(0, attempts - 1)));
  return now().getTime() + Math.round((ceiling / 2 + random() * (ceiling / 2)) * 1000);
}

/** Delivers what is due now; gives how many messages were taken. Rejects where the store cannot be had. */
export async function deliverDue(decisions: Decisions, lane: Lane, pace: Pace): Promise<number> {
  const { destination, seconds, width, deliver } = lane;
  const messages = await decisions.transaction(DELIVERIES, (tx) =>
    tx.delivery.takeMessages(destination, width, seconds),
  );
  await inParallel(messages, width, async (message) => {
    const signal = AbortSignal.timeout(Math.max(1, Math.floor(seconds * 900)));
    const outcome = await deliver(message, signal).catch(
      (error: unknown): DeliveryOutcome => ({ problem: textOf(error) }),
    );
    await decisions.transaction(DELIVERIES, async (tx) => {
      await outcome.record?.(tx);
      if (!('problem' in outcome)) return tx.delivery.delivered(message.number);
      const next = Math.max(outcome.retryAt ?? 0, retryAt(message.attempts, pace));
      await tx.delivery.failed(message.number, outcome.problem.slice(0, 1000), new Date(next).toISOString());
    });
  });
  return messages.length;
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
