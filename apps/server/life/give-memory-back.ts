/**
 * Gives back to the system what the server took to answer many, once it has nothing to do. V8 keeps pages that it does not need in a pool, for
 * the next burst, and gives them back when it is told that memory is short; by itself it never is (docs/decisions/0137-memory-when-quiet.md).
 */
import { getHeapStatistics } from 'node:v8';

/** What is looked at each time. */
export interface Spent {
  /** Milliseconds of the processor that all threads of the process took since it began. */
  readonly processorMs: number;
  readonly residentBytes: number;
  /** Objects of JavaScript, with what is not collected yet. */
  readonly objectBytes: number;
}

export interface MemoryGiverOptions {
  readonly spent: () => Spent;
  /** Collects everything that can be, and gives the pages back; it stops the thread for as long as that takes. */
  readonly collect: () => Promise<void>;
}

const LOOK_MS = 5000;
/** Looks in a row that found next to nothing done. */
const QUIET_LOOKS = 3;
/** Of one processor: timers and the engine's own threads take two to three hundredths, one person who reads a page a second more than this. */
const QUIET_SHARE = 0.1;
/** Less than this is not worth a pause. */
const WORTH_BYTES = 32 << 20;
/** A collection of so many objects takes about a second, and more of them longer: V8 does that in steps while the server goes on. */
const MOST_OBJECT_BYTES = 256 << 20;

export interface MemoryGiver {
  /** Looks once, `elapsedMs` after the time before; true where memory was given back. Rejects where `collect` does. */
  look(elapsedMs: number): Promise<boolean>;
}

/** Decides when: after quiet, where resident memory has grown since the last time, and objects are few enough for a short pause. */
export function memoryGiver({ spent, collect }: MemoryGiverOptions): MemoryGiver {
  let processorMs = spent().processorMs;
  let quiet = 0;
  let keptBytes = 0;
  return {
    look: async (elapsedMs) => {
      const now = spent();
      const share = (now.processorMs - processorMs) / elapsedMs;
      processorMs = now.processorMs;
      quiet = share < QUIET_SHARE ? quiet + 1 : 0;
      if (quiet < QUIET_LOOKS) return false;
      if (now.residentBytes < keptBytes + WORTH_BYTES || now.objectBytes > MOST_OBJECT_BYTES) return false;
      quiet = 0;
      await collect();
      const after = spent();
      keptBytes = after.residentBytes;
      // What the collection itself took is no work.
      processorMs = after.processorMs;
      return true;
    },
  };
}

/** As V8 does when a browser tells it that memory is short. Rejects where this Node was built without an inspector. */
export async function collectAndGiveBack(): Promise<void> {
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connect();
  try {
    await new Promise<void>((resolve, reject) => {
      session.post('HeapProfiler.collectGarbage', (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    session.disconnect();
  }
}

function spentHere(): Spent {
  const { user, system } = process.cpuUsage();
  return {
    processorMs: (user + system) / 1000,
    residentBytes: process.memoryUsage.rss(),
    objectBytes: getHeapStatistics().used_heap_size,
  };
}

/** Looks every few seconds until it is closed, or memory could not be given back, which is told once. */
export function startGivingMemoryBack(failed: (error: unknown) => void): { close(): void } {
  const giver = memoryGiver({ spent: spentHere, collect: collectAndGiveBack });
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    giver.look(now - last).catch((error: unknown) => {
      clearInterval(timer);
      failed(error);
    });
    last = now;
  }, LOOK_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };
}
