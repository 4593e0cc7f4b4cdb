/** When the server measures, by what happens and not by how long anything takes: what is asked of it, and what it says. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { until } from '@macadam/testing/until';
import {
  type MeasuringJob,
  type MeasuringOptions,
  type MeasuringReason,
  startMeasuring,
} from './measuring.ts';

/** A measurement that ends when the test says so. */
interface Held {
  readonly what: 'measure' | 'judge';
  readonly end: (error?: Error) => void;
}

interface Stage {
  readonly job: MeasuringJob;
  /** Waits for the next measurement to begin. */
  readonly begun: () => Promise<Held>;
  readonly failures: unknown[];
}

function stage(t: TestContext, options: Partial<MeasuringOptions> = {}): Stage {
  const queue: Held[] = [];
  let arrived = Promise.withResolvers<void>();
  const failures: unknown[] = [];
  const held = (what: Held['what']) => () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    queue.push({ what, end: (error) => (error ? reject(error) : resolve()) });
    arrived.resolve();
    return promise;
  };
  const job = startMeasuring({
    measure: held('measure'),
    judge: held('judge'),
    watch: () => null,
    everySeconds: null,
    now: () => new Date(),
    random: () => 0,
    failed: (error) => failures.push(error),
    pace: { quiet: 1, atMost: 2, rest: 0 },
    ...options,
  });
  t.after(async () => {
    const closed = job.close();
    for (const one of queue.splice(0)) one.end();
    await closed;
  });
  return {
    job,
    failures,
    begun: async () => {
      for (;;) {
        const next = queue.shift();
        if (next) return next;
        arrived = Promise.withResolvers<void>();
        await arrived.promise;
      }
    },
  };
}

const lastReasons = (job: MeasuringJob): readonly MeasuringReason[] => job.status().last?.reasons ?? [];

test('a measurement that somebody ends keeps nothing, is not tried again, and the next one is as any other', async (t) => {
  const signals: AbortSignal[] = [];
  const { job, begun, failures } = stage(t, {
    measure: (_report, signal) =>
      new Promise<void>((resolve, reject) => {
        signals.push(signal);
        if (signals.length > 1) resolve();
        else signal.addEventListener('abort', () => reject(signal.reason));
      }),
  });
  const asked = job.measured('asked');
  asked.catch(() => {});
  await until('it collects', () => signals.length === 1);
  assert.equal(job.cancel(), true);
  await assert.rejects(asked, /was cancelled/);
  assert.deepEqual([job.status().last?.outcome, job.status().last?.problem], ['cancelled', null]);
  assert.equal(job.status().next, null, 'it waits for a reason');
  assert.deepEqual(failures, []);
  assert.equal(job.cancel(), false, 'nothing is collected');
  await job.measured('asked');
  assert.equal(job.status().last?.outcome, 'measured');
  job.trigger('ingested');
  const judging = await begun();
  assert.equal(job.cancel(), false, 'what is only judged is over soon');
  judging.end();
});

test('it measures at the start, then for a reason, and what happens meanwhile is one more measurement', async (t) => {
  const { job, begun } = stage(t);
  const first = await begun();
  assert.equal(first.what, 'measure');
  assert.deepEqual(job.status().running?.reasons, ['start']);
  assert.equal(job.status().last, null);
  for (const reason of ['folder', 'ingested', 'folder'] as const) job.trigger(reason);
  first.end();
  const second = await begun();
  assert.equal(second.what, 'measure');
  assert.deepEqual(job.status().running?.reasons, ['folder', 'ingested']);
  assert.equal(job.status().last?.outcome, 'measured');
  second.end();
});

test('what came in or was decided is judged, and nothing is collected for it', async (t) => {
  const { job, begun } = stage(t);
  (await begun()).end();
  for (const reason of ['ingested', 'decided'] as const) job.trigger(reason);
  const judged = await begun();
  assert.equal(judged.what, 'judge');
  judged.end();
  job.trigger('asked');
  const asked = await begun();
  assert.deepEqual([job.status().last?.outcome, lastReasons(job)], ['judged', ['ingested', 'decided']]);
  assert.deepEqual(job.status().collected?.reasons, ['start'], 'judging anew saw nothing new');
  assert.equal(asked.what, 'measure');
  asked.end();
});

test('who asks hears of a measurement that began after the question, and of one that failed', async (t) => {
  const { job, begun } = stage(t);
  const first = await begun();
  let heard = false;
  const asked = job.measured('asked').then(() => {
    heard = true;
  });
  first.end();
  const second = await begun();
  assert.equal(heard, false, 'the one that was under way may not have seen it');
  second.end();
  await asked;
  assert.equal(heard, true);
  const refused = assert.rejects(job.measured('asked'), /the disk is gone/);
  (await begun()).end(new Error('the disk is gone'));
  await refused;
});

test('one that fails is told, and tried again by itself', async (t) => {
  const { job, begun, failures } = stage(t, { random: () => -1 });
  (await begun()).end(new Error('the host is away'));
  const again = await begun();
  const { last, running } = job.status();
  assert.deepEqual([last?.outcome, last?.problem], ['failed', 'the host is away']);
  assert.deepEqual(running?.reasons, ['retry']);
  assert.deepEqual(failures.map(String), ['Error: the host is away']);
  again.end();
});

test('a schedule is a reason of its own, and says when', async (t) => {
  let time = Date.parse('2026-11-01T00:00:00Z');
  const { job, begun } = stage(t, { everySeconds: 3600, now: () => new Date(time) });
  (await begun()).end();
  await new Promise(setImmediate);
  assert.deepEqual(job.status().next, { at: new Date('2026-11-01T01:00:00Z'), reason: 'schedule' });
  time += 3_600_000;
  job.trigger('ingested');
  const second = await begun();
  assert.equal(second.what, 'measure', 'what is due is not put off by what came in');
  second.end();
});

test('the end waits for what is under way, and whoever still asks is told', async (t) => {
  const { job, begun } = stage(t);
  const first = await begun();
  const asked = assert.rejects(job.measured('asked'), /the server is ending/);
  const closed = job.close();
  first.end();
  await closed;
  await asked;
});

test('what hosts told of is read without collecting everything, soon after whatever took long, and what was left goes on by itself', async (t) => {
  let collections = 0;
  const reads: string[] = [];
  const { job } = stage(t, {
    measure: async () => {
      collections += 1;
      // The first leaves something to be read.
      return collections === 1;
    },
    judge: async () => {},
    read: async () => {
      reads.push(`after ${collections}`);
    },
  });
  await until('the rest was read', () => collections === 2 && job.status().running === null);
  assert.deepEqual(lastReasons(job), ['rest']);
  job.trigger('told');
  await until('it was read again', () => reads.length === 1 && job.status().running === null);
  assert.deepEqual([job.status().last?.outcome, lastReasons(job)], ['read', ['told']]);
  assert.equal(collections, 2);
  assert.deepEqual(job.status().collected?.reasons, ['rest'], 'what lists everything is another');
  job.trigger('everything');
  await until('everything was collected', () => collections === 3);
  assert.equal(reads.length, 1);
});
