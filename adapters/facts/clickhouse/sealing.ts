/** Makes batches visible, and knows in the end whether it did: an engine may fail at its answer when all was done. */
import type { Driver } from './driver.ts';
import { sweepAway } from './recovery.ts';
import { tabSeparated, writtenColumns } from './rows.ts';
import { batchTable, observationTable, partitionTable, quarantineTable } from './tables.ts';

/** What is recorded, one a batch. `catalogue`: the kinds are defined anew; `estate`: an estate has a name. */
export type Event =
  | 'estate'
  | 'collection'
  | 'retract'
  | 'confirm'
  | 'retire-source'
  | 'retire-asset'
  | 'catalogue'
  | 'forget';

export interface Batch {
  readonly number: number;
  readonly event: Event;
  readonly subject: string;
  readonly source?: string;
  /** Nanoseconds since 1970. */
  readonly at: string | bigint;
  readonly observations?: number;
  readonly quarantined?: number;
  readonly reason?: string;
  readonly body?: string;
}

export interface Sealing {
  /**
   * All of them or none, in one statement; they rise. Where it rejects they are not there, or `certain` finds out later; what was written
   * of them is then taken away.
   */
  seal(batches: readonly Batch[]): Promise<void>;
  /** Asked before anything else is written. Rejects where the engine does not say whether the last batches are there. */
  certain(): Promise<void>;
  /** Has the engine take away, when it can, what batches left behind that are never going to be sealed. */
  abandon(numbers: readonly number[]): Promise<void>;
}

export interface SealingOptions {
  readonly driver: Driver;
  readonly now: () => Date;
  /** Told of what is about to be sealed. */
  readonly begun: (event: Event) => void;
  /** Told of the newest batch that is there. */
  readonly sealed: (number: number) => void;
}

export function sealing({ driver, now, begun, sealed }: SealingOptions): Sealing {
  /** Batches of which it is not known whether they are there. */
  let doubtful: readonly number[] = [];

  const abandon = async (numbers: readonly number[]) => {
    if (numbers.length === 0) return;
    for (const { name } of [observationTable, partitionTable, quarantineTable])
      await sweepAway(driver, name, `batch IN (${numbers.join(', ')})`).catch(() => undefined);
  };

  /** Whether the doubtful batches are there; of those that are not, the rest is taken away. */
  const decided = async (): Promise<boolean> => {
    const newest = doubtful.at(-1);
    if (newest === undefined) return true;
    const [row] = await driver.query<{ found: string }>(
      'SELECT count() AS found FROM batch WHERE number = {newest:UInt64}',
      { newest },
    );
    const numbers = doubtful;
    doubtful = [];
    const there = Number(row?.found) > 0;
    if (there) sealed(newest);
    else await abandon(numbers);
    return there;
  };

  const seal = async (batches: readonly Batch[]) => {
    const [first, last] = [batches[0], batches.at(-1)];
    if (first === undefined || last === undefined) return;
    for (const { event } of batches) begun(event);
    const sealedAt = `${now().getTime()}000000`;
    const lines = batches.map(
      ({ number, event, subject, source = '', at, observations = 0, quarantined = 0, ...rest }) => {
        const { reason = '', body = '' } = rest;
        return tabSeparated([
          number,
          event,
          subject,
          source,
          at,
          sealedAt,
          observations,
          quarantined,
          reason,
          body,
        ]);
      },
    );
    try {
      await driver.insert({
        table: batchTable.name,
        columns: writtenColumns(batchTable),
        format: 'TabSeparated',
        rows: Buffer.from(lines.join('')),
        token: `batch-${first.number}`,
      });
    } catch (error) {
      doubtful = batches.map(({ number }) => number);
      // Where the engine does not say, it is asked again before the next write.
      const there = await decided().catch(() => false);
      if (!there) throw error;
      return;
    }
    sealed(last.number);
  };
  return {
    seal,
    certain: async () => {
      await decided();
    },
    abandon,
  };
}
