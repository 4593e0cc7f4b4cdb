/** Opens a facts store where it is: embedded in a directory, or on a ClickHouse server by URL. */
import { openChdb } from './clickhouse/chdb.ts';
import { hold } from './clickhouse/lock.ts';
import { openServer } from './clickhouse/server.ts';
import { openStore } from './clickhouse/store.ts';
import type { Facts, FactsOptions } from './port.ts';

/**
 * `place` is a directory, which is made where it is missing, or an `http(s)` URL of a ClickHouse server. Rejects with
 * `DirectoryHeld` where another process has the directory, `EngineError` where the engine cannot be had, and
 * `FactsError` `damaged` where something acknowledged is lost.
 */
export async function openFacts(place: string, options: FactsOptions): Promise<Facts> {
  if (/^https?:\/\//.test(place)) return openStore(await openServer({ url: place }), options);
  const release = hold(place, options.now());
  try {
    const driver = await openChdb({ directory: `${place}/engine` });
    try {
      const facts = await openStore(driver, options);
      return {
        ...facts,
        place,
        close: async () => {
          await facts.close();
          release();
        },
      };
    } catch (error) {
      await driver.close();
      throw error;
    }
  } catch (error) {
    release();
    throw error;
  }
}
