/** The thread that watches another one's beats (`heartbeat.ts`). It counts beats that are missed and no time, which passes also while a machine sleeps. */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { WatchedBeats } from './heartbeat.ts';
import { logLine } from './log-line.ts';

const STDERR = 2;
const { beats, beatMs, stuckSeconds } = workerData as WatchedBeats;
const count = new Int32Array(beats);
const most = Math.ceil((stuckSeconds * 1000) / beatMs);
let seen = -1;
let missed = 0;

setInterval(() => {
  const now = Atomics.load(count, 0);
  missed = now === seen ? missed + 1 : 0;
  seen = now;
  if (missed < most) return;
  try {
    writeSync(
      STDERR,
      logLine(
        `the event loop has been stuck for ${stuckSeconds} seconds and nobody is answered: the process is ended, so that it can be started again`,
        new Date(),
      ),
    );
  } finally {
    // Nothing of the stuck thread can be waited for. Stores and locks are made to be left in this way.
    process.kill(process.pid, 'SIGKILL');
  }
}, beatMs);
