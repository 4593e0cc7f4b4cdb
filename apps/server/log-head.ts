/**
 * Where the log's newest entry stands, for whoever follows it: one look a second serves all of them, however many there are, and none
 * where nobody follows.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Decisions, DecisionsError } from '@macadam/adapters/decisions/port';
import { turns } from '@macadam/adapters/turns';

export interface LogHead {
  /** Now. */
  newest(): Promise<number>;
  /** When there is an entry after `seen`, or so many milliseconds are over, or nobody listens any more: the newest one that is known. */
  after(seen: number, patience: number, signal: AbortSignal): Promise<number>;
  /** A few read at once, and the others wait: who follows is in no hurry, and all of them are woken at the same moment. */
  read<T>(work: () => Promise<T>): Promise<T>;
}

const LOOK_MS = 1000;
const READERS = 3;
const PATIENCE_MS = 60_000;

export function logHead(decisions: Decisions): LogHead {
  const readers = turns({ atOnce: READERS, waiting: 10_000, patience: PATIENCE_MS });
  let looking: Promise<number> | null = null;

  const newest = async () => {
    const { number } = await decisions.transaction(
      { id: 'machine:events', divisions: [] },
      (tx) => tx.auditHead(),
      { readOnly: true },
    );
    return number;
  };

  /** The next look, which everybody who waits at the moment waits for. A store that cannot be had now is looked at again. */
  const look = (): Promise<number> => {
    looking ??= pause(LOOK_MS)
      .then(newest)
      .catch((error: unknown) => {
        if (error instanceof DecisionsError) return 0;
        throw error;
      })
      .finally(() => {
        looking = null;
      });
    return looking;
  };

  return {
    newest,
    after: async (seen, patience, signal) => {
      const until = performance.now() + patience;
      for (;;) {
        const head = await look();
        if (head > seen) return head;
        if (signal.aborted || performance.now() > until) return seen;
      }
    },
    read: async (work) => {
      const giveBack = await readers.take();
      try {
        return await work();
      } finally {
        giveBack();
      }
    },
  };
}
