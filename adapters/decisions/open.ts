/** Opens the store of decisions where it is: embedded in a directory, or on a PostgreSQL server by URL. */
import { lockFolder } from '../data-folder/lock.ts';
import type { Decisions, DecisionsOptions } from './port.ts';
import { serverAddress } from './postgres/connection.ts';
import { secureFolder, startEngine } from './postgres/engine.ts';
import { openStore } from './postgres/store.ts';

export interface OpenOptions extends DecisionsOptions {
  /** Of a server by URL: as whom the tables are made and changed, where the application's login owns nothing. Left out: that login does both. */
  readonly ownerUrl?: string;
}

/**
 * `place` is a directory, which is made where it is missing, or a `postgres://` URL. Rejects with `DirectoryHeld` where
 * another process has the directory, and with `DecisionsError`.
 */
export async function openDecisions(place: string, options: OpenOptions): Promise<Decisions> {
  if (/^postgres(ql)?:\/\//.test(place)) {
    const { ownerUrl } = options;
    if (ownerUrl === undefined) return openStore({ url: place }, withoutCredentials(place), options);
    return openStore({ url: ownerUrl }, withoutCredentials(place), {
      ...options,
      application: { url: place },
    });
  }
  secureFolder(place);
  const release = lockFolder(place, options.now());
  try {
    const engine = await startEngine(place);
    try {
      const { address, application } = engine;
      const store = await openStore(address, place, { ...options, application });
      const close = async () => {
        await store.close();
        await engine.stop();
        release();
      };
      return { ...store, close };
    } catch (error) {
      await engine.stop();
      throw error;
    }
  } catch (error) {
    release();
    throw error;
  }
}

function withoutCredentials(url: string): string {
  const { protocol, host, pathname } = serverAddress(url);
  return `${protocol}//${host}${pathname}`;
}
