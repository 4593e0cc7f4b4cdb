/** Appends collections: each is read to its end first, and those that wait meanwhile are written together. */
import type { Collection, Observation } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import type { Appended, FactsError, WrittenObservation } from '../port.ts';
import type { Commit, Taken } from './commit.ts';
import type { Driver } from './driver.ts';
import { takeIn } from './intake.ts';
import type { Sealing } from './sealing.ts';

/** Collections that are written together, and bytes of them: what is asked of the engine stays short. */
const TOGETHER = 64;
const TOGETHER_BYTES = 16 << 20;

/** The right to write alone. */
interface Turn {
  readonly batch: number;
  readonly end: () => void;
}

/** What was read to its end, and waits to be written. */
interface Waiting extends Taken {
  readonly done: PromiseWithResolvers<Appended>;
}

export interface AppendingOptions {
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly sealing: Sealing;
  readonly commit: Commit;
  /** A number that no batch had before; they rise. */
  readonly number: () => number;
  readonly token: () => string;
  /** One write after the other. Rejects when the store is closed. */
  readonly serially: <T>(write: () => Promise<T>) => Promise<T>;
  readonly closed: () => boolean;
  readonly closedError: () => FactsError;
}

export type Append = (
  collection: Collection,
  observations: Iterable<Observation> | AsyncIterable<Observation | WrittenObservation>,
  receivedAt: Date,
) => Promise<Appended>;

export function appending(options: AppendingOptions): Append {
  const { driver, kinds, sealing, commit, number, token, serially, closed, closedError } = options;
  let ready: Waiting[] = [];

  /** All that waits, as far as it fits; whoever is left over has a turn of their own. */
  const commitReady = async () => {
    let size = 0;
    const fits = ready.findIndex(({ intake }, index) => {
      size += intake.size;
      return index >= TOGETHER || (index > 0 && size > TOGETHER_BYTES);
    });
    const together = fits === -1 ? ready : ready.slice(0, fits);
    ready = fits === -1 ? [] : ready.slice(fits);
    if (together.length === 0) return;
    try {
      const answers = await commit(together);
      for (const [index, { done }] of together.entries()) done.resolve(answers[index] as Appended);
    } catch (error) {
      for (const { done } of together) done.reject(error);
    }
  };

  const inNextCommit = (taken: Taken): Promise<Appended> => {
    const done = Promise.withResolvers<Appended>();
    const waiting = { ...taken, done };
    ready.push(waiting);
    serially(commitReady).catch((error: unknown) => {
      ready = ready.filter((one) => one !== waiting);
      done.reject(error);
    });
    return done.promise;
  };

  /** Of one that is too large to be held: nobody else writes until it ends. */
  const turn = (): Promise<Turn> =>
    new Promise((resolve, reject) => {
      serially(
        () =>
          new Promise<void>((end) => {
            resolve({ batch: number(), end });
          }),
      ).catch(reject);
    });

  return async (collection, observations, receivedAt) => {
    if (closed()) throw closedError();
    let alone: Turn | null = null;
    const claim = async () => {
      alone = await turn();
      return alone.batch;
    };
    try {
      const intake = await takeIn({ driver, kinds, collection, observations, claim, token }).catch(
        async (error: unknown) => {
          await sealing.abandon(alone === null ? [] : [(alone as Turn).batch]);
          throw error;
        },
      );
      const taken = { collection, receivedAt, intake };
      if (intake.batch === null) return await inNextCommit(taken);
      const [answer] = await commit([taken]);
      return answer as Appended;
    } finally {
      (alone as Turn | null)?.end();
    }
  };
}
