/**
 * A process with a heart that beats, which does nothing for one second and is then stuck, or goes on.
 *
 *     node heartbeat-fixture.ts stuck|turning
 */
import { startHeartbeat } from '../../apps/server/life/heartbeat.ts';

const stuck = process.argv[2] === 'stuck';
// One that turns is to live longer than the limit, which is so long that no load holds it up for as long.
const heartbeat = startHeartbeat({ stuckSeconds: stuck ? 3 : 15 });
setTimeout(async () => {
  if (stuck) for (;;);
  await new Promise((resolve) => setTimeout(resolve, 16_000));
  await heartbeat.close();
  process.stdout.write(`${heartbeat.longestPauseMs()}\n`);
}, 1000);
