/**
 * What `copies.ts` kills: the product's own functions in a process of their own, which says `begun` when all of it is loaded.
 *
 *     node victim.ts backup TO DECISIONS [FACTS]  |  restore FROM DATA [DATABASE]  |  migration PLACE
 */
import { openDecisions } from '@macadam/adapters/decisions/open';
import { openStores } from '@macadam/adapters/facts/open';
import { writeArchive } from '@macadam/services/backup/archive';
import { verifiedContents } from '@macadam/services/backup/contents';
import { backup } from '@macadam/services/backup/make';
import { restore } from '@macadam/services/backup/restore';
import { kinds } from '@macadam/testing/facts/devices';

const [what, one = '', other = '', third] = process.argv.slice(2);
const now = () => new Date();
process.stdout.write('begun\n');
if (what === 'migration') {
  const decisions = await openDecisions(one, { now });
  await decisions.close();
} else if (what === 'restore') {
  await restore({ from: one, data: other, database: third ?? null });
} else if (what === 'backup') {
  const stores = third === undefined ? null : await openStores(third, { kinds, now });
  try {
    await writeArchive(one, backup({ decisions: other, stores, release: '0.1.0', now }), verifiedContents);
  } finally {
    await stores?.close();
  }
} else throw new TypeError(`there is no ${what} to be killed`);
