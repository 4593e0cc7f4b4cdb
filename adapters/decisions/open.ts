/** Opens the store of decisions where it is: embedded in a directory, or on a PostgreSQL server by URL. */
import { hold } from '../data-folder/lock.ts';
import type { Decisions, DecisionsOptions } from './port.ts';
import { startEngine } from './postgres/engine.ts';
import { openStore } from './postgres/store.ts';

/**
 * `place` is a directory, which is made where it is missing, or a `postgres://` URL. Rejects with `DirectoryHeld` where
 * another process has the directory, and with `DecisionsError`.
 */
export async function openDecisions(place: string, options: DecisionsOptions): Promise<Decisions> {
  if (/^postgres(ql)?:\/\//.test(place)) return openStore({ url: place }, withoutCredentials(place), options);
  const release = hold(place, options.now());
  try {
    const engine = await startEngine(place);
    try {
      const store = await openStore(engine.address, place, options);
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
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
