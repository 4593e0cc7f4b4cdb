/** The history that routes read, or why there is none. */
import { type OwnerStores, passMade } from '@macadam/services/ownership/answers';
import { HttpProblem } from './http/problem.ts';
import type { ServerParts } from './http/route.ts';
import type { ServerContext } from './pages/history/pages.ts';

/** Throws: still measuring, or no history is kept. */
export function siteOf(parts: ServerParts): ServerContext {
  const found = parts.site();
  if (found) return found;
  if (isMeasuring(parts))
    throw new HttpProblem(
      503,
      'the first measurement is still running; the overview says how far it is',
      [],
      { 'retry-after': '2' },
    );
  throw new HttpProblem(404, 'no history is kept; the report is at /');
}

export function isMeasuring({ picture }: Pick<ServerParts, 'picture'>): boolean {
  const state = picture.state();
  return state !== 'history' && !('scan' in state);
}

/** The stores in which owners are looked for. Throws as `siteOf`. */
export function ownedStores(parts: ServerParts): OwnerStores {
  const { stores } = siteOf(parts);
  if (stores === undefined) throw new HttpProblem(404, 'owners are not looked for here');
  return stores;
}

/**
 * The stores, where a pass over owners was made. Before it lists are empty and a look-up finds nothing, which would read as
 * "nobody lacks an owner" and "there is no such thing": nobody has looked. Throws as `siteOf`.
 */
export async function passedStores(parts: ServerParts): Promise<OwnerStores> {
  const stores = ownedStores(parts);
  if (await passMade(stores.driver)) return stores;
  throw new HttpProblem(404, 'nobody has gone over the owners of these assets yet', [
    { field: '', reason: 'no pass over owners was made', fix: 'measure the estate once more' },
  ]);
}
