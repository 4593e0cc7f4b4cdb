/**
 * Whether the thread that answers requests still turns. It counts beats; a second thread watches the count, and ends the process when
 * it stands still for long: a server that holds its port and its stores and answers nobody is worse than one that is started again.
 */
import { Worker } from 'node:worker_threads';

const BEAT_MS = 1000;
/** Beats that are remembered for whoever asks how late they were. */
const REMEMBERED = 30;
/** Longer than any work of ours keeps the thread, on a machine that is busy with something else. */
export const STUCK_SECONDS = 60;

export interface HeartbeatOptions {
  /** Seconds without a beat after which the process is ended. */
  readonly stuckSeconds: number;
}

export interface Heartbeat {
  /** Milliseconds that the thread was kept from its next turn, at most, within the last half minute. */
  longestPauseMs(): number;
  close(): Promise<void>;
}

/** What the watching thread is given. */
export interface WatchedBeats {
  readonly beats: SharedArrayBuffer;
  readonly beatMs: number;
  readonly stuckSeconds: number;
}

export function startHeartbeat({ stuckSeconds }: HeartbeatOptions): Heartbeat {
  const beats = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const count = new Int32Array(beats);
  const pauses: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    Atomics.add(count, 0, 1);
    const now = performance.now();
    pauses.push(Math.max(0, now - last - BEAT_MS));
    if (pauses.length > REMEMBERED) pauses.shift();
    last = now;
  }, BEAT_MS);
  timer.unref();
  const watched: WatchedBeats = { beats, beatMs: BEAT_MS, stuckSeconds };
  const worker = new Worker(new URL('./heartbeat-watcher.ts', import.meta.url), {
    workerData: watched,
    // What the server was started with is not the watcher's: it needs next to no memory, and loads nothing else.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  });
  worker.unref();
  return {
    longestPauseMs: () => Math.round(Math.max(performance.now() - last - BEAT_MS, ...pauses, 0)),
    close: async () => {
      clearInterval(timer);
      await worker.terminate();
    },
  };
}
