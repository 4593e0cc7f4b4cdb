/** Forgets by age what no longer says anything about today. */
import type { Forgotten, Retention } from '../port.ts';
import type { Reader } from './history.ts';

export async function forget(
  _reader: Reader,
  _sealed: number,
  _ages: Retention,
  _now: Date,
  _seal: (reason: string) => Promise<void>,
): Promise<Forgotten> {
  throw new Error('not yet');
}
