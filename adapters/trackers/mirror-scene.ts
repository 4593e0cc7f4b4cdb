/**
 * A process that delivers to a tracker once, and is there to die at it.
 *
 *     node mirror-scene.ts SOCKET USER DATABASE
 */

import { openStore } from '../decisions/postgres/store.ts';
import { deliverDue } from '../delivery/lane.ts';
import { discoverTrackers } from './kinds.ts';
import { trackerLane } from './mirror.ts';
import { mirroring } from './sample.ts';

if (import.meta.main) {
  const [socket = '', user = '', database = ''] = process.argv.slice(2);
  const now = () => new Date();
  const decisions = await openStore({ socket, user, database }, database, { now });
  const own = mirroring(await discoverTrackers(), process.env);
  await deliverDue(decisions, trackerLane(decisions, { ...own, seconds: 2 }), own);
  await decisions.close();
}
