/** When assets are merged behind what is sealed: in the background after a rest, at once for whoever waits, and again after a failure. */
import type { Kind } from '@macadam/core/kinds/kind';
import type { FactsError } from '../port.ts';
import type { Driver } from './driver.ts';
import { insertRows } from './intake.ts';
import { kindDigest, unsettle } from './recovery.ts';
import { tabSeparated, writtenColumns } from './rows.ts';
import { affectedTable, settledTable } from './tables.ts';

/**
 * Milliseconds before a settling that nobody waits for, and at least so many times as long as the last one took: what is appended meanwhile is
 * settled with it, at one price, and most of the time the engine has for others.
 */
const REST = 100;
const RESTS = 3;
const LONGEST_REST = 2000;

/** Settled rows that are kept before they are dropped, and settlings after which they are counted: whoever writes waits for it. */
const MANY = 1_000_000;
const COUNTED_EVERY = 20;

export interface BackgroundSettling {
  /** The newest batch whose assets are merged. */
  readonly upto: () => number;
  /** Rows of `affected` that the next settling writes; where there is none, opening the store finds them. */
  readonly affect: (rows: readonly Uint8Array[]) => void;
  /** Settles what is sealed until all is. A failure is told by `settled()`, and tried again then. */
  readonly wake: () => void;
  /** Waits until what is sealed now is settled, and gives `upto`. Rejects as the settling did. */
  readonly settled: () => Promise<number>;
  /** Assets are not merged meanwhile. */
  readonly steady: <T>(work: () => Promise<T>) => Promise<T>;
  /** Ends what is under way. */
  readonly close: () => Promise<void>;
}

export interface BackgroundSettlingOptions {
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  /** Merges what batches after `from`, up to `upto`, speak of; it calls `mark` before readers may see it. */
  readonly merge: (from: number, upto: number, mark: () => Promise<void>) => Promise<void>;
  /** Up to which batch assets are merged already. */
  readonly settled: number;
  /** The newest batch that is there. */
  readonly sealed: () => number;
  readonly token: () => string;
  /** Works while no batch is written. */
  readonly serially: <T>(write: () => Promise<T>) => Promise<T>;
  readonly closedError: () => FactsError;
}

export function settlingInBackground(options: BackgroundSettlingOptions): BackgroundSettling {
  const { driver, kinds, merge, sealed, token, serially, closedError } = options;
  let { settled } = options;
  /** Rows of a settling that failed may still be there, and would stand twice. */
  let littered = false;
  let closed = false;
  let failure: unknown = null;
  let underWay: Promise<void> | null = null;
  /** How long the last one took, in milliseconds. */
  let lasted = 0;
  /** Ends the rest before the next one. */
  let hurry = () => {};
  let waiting = 0;
  let settlings = 0;
  let merging: Promise<unknown> = Promise.resolve();
  let affected: Uint8Array[] = [];

  const rest = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(LONGEST_REST, Math.max(REST, RESTS * lasted)));
      hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Either assets are merged, or somebody needs them to stay as they are. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = merging.then(work, work);
    merging = mine.catch(() => undefined);
    return mine;
  };

  const writeAffected = async () => {
    const rows = affected;
    affected = [];
    try {
      await insertRows(driver.background, { table: affectedTable, rows: Buffer.concat(rows) }, token());
    } catch (error) {
      affected.unshift(...rows);
      throw error;
    }
  };

  /** Says in the store up to where assets are merged, and by which kinds. */
  const mark = async (upto: number) => {
    const digests = Object.fromEntries([...kinds].map(([name, kind]) => [name, kindDigest(kind)]));
    await driver.insert({
      table: settledTable.name,
      columns: writtenColumns(settledTable),
      format: 'TabSeparated',
      rows: Buffer.from(tabSeparated([upto, JSON.stringify(digests)])),
      token: token(),
    });
    settled = upto;
    littered = false;
  };

  const settleOnce = async () => {
    const upto = sealed();
    const began = performance.now();
    await writeAffected();
    if (littered) await unsettle(driver.background, kinds, settled);
    littered = true;
    await alone(() => merge(settled, upto, () => mark(upto)));
    failure = null;
    lasted = performance.now() - began;
  };

  /** What is settled need not be kept; it is dropped all at once, when no batch is being written. */
  const clear = () => {
    settlings += 1;
    if (closed || settlings % COUNTED_EVERY !== 0) return;
    serially(async () => {
      if (settled < sealed()) return;
      const [row] = await driver.query<{ rows: string }>('SELECT count() AS rows FROM affected');
      if (Number(row?.rows) > MANY) await driver.command('TRUNCATE TABLE affected');
    }).catch(() => undefined);
  };

  const settleAll = async () => {
    try {
      while (settled < sealed() && !closed) {
        if (waiting === 0) await rest();
        if (closed) break;
        await settleOnce();
      }
      clear();
    } catch (error) {
      failure = error;
    } finally {
      underWay = null;
    }
  };

  const wake = () => {
    if (underWay || closed || settled >= sealed()) return;
    underWay = settleAll();
  };

  return {
    upto: () => settled,
    affect: (rows) => affected.push(...rows),
    wake,
    settled: async () => {
      const target = sealed();
      while (settled < target) {
        if (closed) throw closedError();
        wake();
        waiting += 1;
        hurry();
        await underWay;
        waiting -= 1;
        if (failure && settled < target) {
          const error = failure;
          failure = null;
          throw error;
        }
      }
      return settled;
    },
    steady: alone,
    close: async () => {
      closed = true;
      hurry();
      await underWay;
      await merging;
    },
  };
}
