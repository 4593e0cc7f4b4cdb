/** The history that routes read, or why there is none. */
import type { OwnerStores } from '@macadam/adapters/organisation/answers';
import { HttpProblem } from './http/problem.ts';
import type { ServerParts } from './http/route.ts';
import type { Site } from './past.ts';

/** Throws: still measuring, or no history is kept. */
export function siteOf({ site, picture }: ServerParts): Site {
  const found = site();
  if (found) return found;
  const state = picture.state();
  if (state !== 'history' && !('scan' in state))
    throw new HttpProblem(503, 'still measuring', [], { 'retry-after': '2' });
  throw new HttpProblem(404, 'no history is kept; the report is at /');
}

/** The stores in which owners are looked for. Throws as `siteOf`. */
export function ownedStores(parts: ServerParts): OwnerStores {
  const { stores } = siteOf(parts);
  if (stores === undefined) throw new HttpProblem(404, 'owners are not looked for here');
  return stores;
}
