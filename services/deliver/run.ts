/**
 * Everything that leaves by itself: messages of the outbox, questions to trackers, the mails of the week. Any number of
 * processes may run this on one store; what is to be had once, the store gives to one of them.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { deliverDue, type Lane, type Pace } from '@macadam/adapters/delivery/lane';
import { type Mailing, mailLane } from '@macadam/adapters/mail/send';
import { makeDigests, type Weekly } from './mail/weekly.ts';
import { type Mirroring, trackerLane } from './trackers/mirror.ts';
import { pollTrackers } from './trackers/poll.ts';
import { type Telling, webhookLane } from './webhooks/deliver.ts';

/** What there is to be delivered with; what is left out waits in the outbox. */
export interface Deliveries extends Pace {
  readonly trackers?: Mirroring;
  readonly webhooks?: Telling;
  readonly mail?: Mailing & Pick<Weekly, 'place' | 'title' | 'hour'>;
  /** Is told what went wrong, with a name for it; it is tried again in any case. */
  readonly failed: (what: string, error: unknown) => void;
  /** Milliseconds between two looks at an empty outbox. Default 1000. */
  readonly idleMs?: number;
  /** Milliseconds between two looks at what happens by the clock. Default 15000. */
  readonly jobMs?: number;
}

interface Job {
  readonly name: string;
  /** How much there was to do; more is looked for at once after some. */
  readonly work: () => Promise<number>;
  readonly restMs: number;
}

const IDLE_MS = 1000;
const JOB_MS = 15_000;
const TROUBLE_MS = 5000;

/** Runs until the signal, and resolves when what was under way has ended. Never rejects. */
export async function runDeliveries(
  decisions: Decisions,
  deliveries: Deliveries,
  signal: AbortSignal,
): Promise<void> {
  const { idleMs = IDLE_MS, jobMs = JOB_MS, failed, random } = deliveries;
  await Promise.all(
    jobsOf(decisions, deliveries, idleMs, jobMs).map(async ({ name, work, restMs }) => {
      while (!signal.aborted) {
        let rest = restMs;
        try {
          if ((await work()) > 0) continue;
        } catch (error) {
          failed(name, error);
          rest = Math.max(restMs, TROUBLE_MS);
        }
        // Processes that were started together do not stay together.
        await pause(rest * (0.75 + random() / 2), undefined, { signal }).catch(() => {});
      }
    }),
  );
}

function jobsOf(decisions: Decisions, deliveries: Deliveries, idleMs: number, jobMs: number): readonly Job[] {
  const { trackers, webhooks, mail } = deliveries;
  const lane = (own: Lane): Job => ({
    name: own.destination,
    work: () => deliverDue(decisions, own, deliveries),
    restMs: idleMs,
  });
  return [
    ...(trackers
      ? [
          lane(trackerLane(decisions, trackers)),
          // Each tracker has its own pace; this only looks whether one is due.
          { name: 'poll', work: () => pollTrackers(decisions, trackers).then(() => 0), restMs: jobMs },
        ]
      : []),
    ...(webhooks ? [lane(webhookLane(decisions, webhooks))] : []),
    ...(mail
      ? [
          lane(mailLane(decisions, mail)),
          {
            name: 'digests',
            work: () => makeDigests(decisions, { ...mail }).then(() => 0),
            restMs: jobMs,
          },
        ]
      : []),
  ];
}
