/** Opens the stores where they are: embedded in a directory, or on a ClickHouse server by URL. */

import type { Kind } from '@macadam/core/kinds/kind';
import { lockFolder } from '../data-folder/lock.ts';
import { openChdb } from './clickhouse/chdb.ts';
import { rememberedKinds } from './clickhouse/definitions.ts';
import type { Driver } from './clickhouse/driver.ts';
import { type Frozen, freezeEngine } from './clickhouse/frozen.ts';
import { openServer } from './clickhouse/server.ts';
import { openStore } from './clickhouse/store.ts';
import { type History, openHistory } from './history/open.ts';
import { type Facts, FactsError, type FactsOptions } from './port.ts';
import { readMark, SIMULATED, type Simulated, writeMark } from './simulated.ts';

/** What happened, and what was judged of it, on one engine. */
export interface Stores {
  readonly facts: Facts;
  readonly history: History;
  /** Those that it was opened with, and those of `lastGoodKinds` that it remembers. */
  readonly kinds: ReadonlyMap<string, Kind>;
  /** For what is asked set at a time; it is closed with the stores. */
  readonly driver: Driver;
  /** Not null where everything in here is made up; whoever shows something of it has to say so. */
  readonly simulated: () => Simulated | null;
  /** Says that it is. `FactsError` `invalid` where something real is here already. */
  readonly mark: (mark: Simulated) => Promise<void>;
  /**
   * While `work` runs nothing is appended, settled or ticked. An embedded engine's files are then of one moment, and are
   * `Frozen` in no time; null on a ClickHouse server, whose files are its own.
   */
  frozen<T>(work: (freeze: () => Promise<Frozen | null>) => Promise<T>): Promise<T>;
  /** Waits for what is running, and lets the directory go. */
  close(): Promise<void>;
}

export interface StoresOptions extends FactsOptions {
  /** Kinds whose files do not load: they stay as the store knows them. */
  readonly lastGoodKinds?: readonly string[];
}

/**
 * `place` is a directory, which is made where it is missing, or an `http(s)` URL of a ClickHouse server. Rejects with
 * `DirectoryHeld` where another process has the directory, `EngineError` where the engine cannot be had, and
 * `FactsError` `damaged` where something acknowledged is lost.
 */
export async function openStores(place: string, options: StoresOptions): Promise<Stores> {
  if (isServer(place)) return opened(await openServer({ url: place }), place, options, () => {});
  const release = lockFolder(place, options.now());
  try {
    return await opened(await openChdb({ directory: enginePath(place) }), place, options, release);
  } catch (error) {
    release();
    throw error;
  }
}

const isServer = (place: string) => /^https?:\/\//.test(place);
/** Where the embedded engine keeps its files. */
export const enginePath = (place: string): string => `${place}/engine`;

async function opened(
  driver: Driver,
  place: string,
  options: StoresOptions,
  release: () => void,
): Promise<Stores> {
  try {
    const kinds = new Map([
      ...options.kinds,
      ...(await rememberedKinds(driver, options.lastGoodKinds ?? [])),
    ]);
    const facts = await openStore(driver, { ...options, kinds });
    const history = await openHistory(driver);
    let simulated = await readMark(driver);
    const append: Facts['append'] = async (collection, ...rest) => {
      if (collection.source.startsWith(SIMULATED) !== (simulated !== null)) throw mixed(place, simulated);
      return facts.append(collection, ...rest);
    };
    const mark = async (by: Simulated) => {
      if (simulated === null && (await facts.newest()) > 0) throw mixed(place, simulated);
      await writeMark(driver, by);
      simulated = by;
    };
    const close = async () => {
      await facts.close();
      release();
    };
    let ticking: Promise<unknown> = Promise.resolve();
    const alone = <T>(work: () => Promise<T>): Promise<T> => {
      const mine = ticking.then(work);
      ticking = mine.catch(() => undefined);
      return mine;
    };
    return {
      kinds,
      facts: { ...facts, append, place, close },
      history: {
        ...history,
        tick: (asked) => alone(() => history.tick(asked)),
        retractTicks: (after) => alone(() => history.retractTicks(after)),
      },
      frozen: (work) =>
        alone(() =>
          facts.still(() =>
            work(async () => (isServer(place) ? null : freezeEngine(driver, enginePath(place)))),
          ),
        ),
      driver,
      simulated: () => simulated,
      mark,
      close,
    };
  } catch (error) {
    await driver.close();
    throw error;
  }
}

const mixed = (place: string, simulated: Simulated | null) =>
  new FactsError(
    'invalid',
    simulated
      ? `${place} holds a simulated company, and takes nothing real; name another folder with --data`
      : `${place} is for what is real, and takes nothing simulated; name another folder with --data`,
  );
