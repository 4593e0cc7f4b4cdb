/**
 * A process with a heart that beats, which does nothing for one second and is then stuck, or goes on.
 *
 *     node heartbeat-fixture.ts stuck|turning
 */
import { startHeartbeat } from '../../apps/server/life/heartbeat.ts';

const heartbeat = startHeartbeat({ stuckSeconds: 3 });
setTimeout(async () => {
  if (process.argv[2] === 'stuck') for (;;);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await heartbeat.close();
  process.stdout.write(`${heartbeat.longestPauseMs()}\n`);
}, 1000);
