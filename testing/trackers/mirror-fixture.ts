/**
 * A process that delivers to a tracker once, and is there to die at it.
 *
 *     node mirror-fixture.ts SOCKET USER DATABASE
 */

import { openStore } from '@macadam/adapters/decisions/postgres/store';
import { deliverDue } from '@macadam/adapters/delivery/lane';
import { discoverTrackers } from '@macadam/adapters/trackers/kinds';
import { trackerLane } from '@macadam/services/deliver/trackers/mirror';
import { mirroring } from './sample.ts';

if (import.meta.main) {
  const [socket = '', user = '', database = ''] = process.argv.slice(2);
  const now = () => new Date();
  const decisions = await openStore({ socket, user, database }, database, { now });
  const own = mirroring(await discoverTrackers(), process.env);
  await deliverDue(decisions, trackerLane(decisions, { ...own, seconds: 2 }), own);
  await decisions.close();
}
