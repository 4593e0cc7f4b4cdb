/** The facts as routes reach them, and both stores as an archive. */

import type { Stores } from '@macadam/adapters/facts/open';
import { tarOf } from '@macadam/services/backup/archive';
import { backup } from '@macadam/services/backup/make';
import type { ServerParts } from './http/route.ts';
import manifest from './package.json' with { type: 'json' };

/** `decisions`: directory or URL. */
export function copiesOf(
  decisions: string,
  stores: () => Stores | null,
  now: () => Date,
): Required<Pick<ServerParts, 'stores' | 'backup'>> {
  return {
    stores,
    backup: ({ facts }) =>
      tarOf(backup({ decisions, now, stores: facts ? stores() : null, release: manifest.version })),
  };
}
