/**
 * When the server measures, and why: one measurement at a time, no two closer than they may be, each reason waiting until
 * things are quiet. What it waits for is told to whoever asks.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { retryAt } from '@macadam/adapters/delivery/lane';
import type { FiguresSoFar } from '@macadam/services/measure/so-far';

/** Why it measures, in words for people. */
export const MEASURING_REASONS = {
  start: 'the server started',
  schedule: 'the schedule',
  folder: 'something changed in the folder',
  asked: 'somebody asked for it',
  retry: 'the last one failed',
  ingested: 'observations came in',
  decided: 'something was decided',
  told: 'a host told that something changed',
  everything: 'a host told that a rule of everything changed',
  rest: 'not everything was read yet',
} as const;
export type MeasuringReason = keyof typeof MEASURING_REASONS;

/** For these nothing has to be collected: what is known is judged anew. */
const JUDGED_ONLY: ReadonlySet<MeasuringReason> = new Set(['ingested', 'decided']);
/** For these some of what is known is read again, and nothing is listed. */
const PARTS_ONLY: ReadonlySet<MeasuringReason> = new Set(['told']);
/** Whoever waits for these waits for nothing else. */
const AT_ONCE: ReadonlySet<MeasuringReason> = new Set(['start', 'asked', 'schedule', 'retry']);

export interface MeasuringProgress {
  readonly source: string;
  readonly name: string;
  readonly done: number;
  /** Unknown until the source has listed what there is. */
  readonly total?: number;
  /** What was read so far comes to; left out before anything was judged, and where something is shown already. */
  readonly soFar?: readonly FiguresSoFar[];
}

export interface MeasuringRun {
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly reasons: readonly MeasuringReason[];
  /**
   * `judged`: what was known, without collecting anything; `read`: what hosts told of; `cancelled`: somebody ended it, and nothing of
   * it is kept.
   */
  readonly outcome: 'measured' | 'judged' | 'read' | 'failed' | 'cancelled';
  /** What went wrong; null where nothing did. */
  readonly problem: string | null;
}

export interface WatchStatus {
  /** `5 repositories`; null where no source can be watched. */
  readonly of: string | null;
  readonly watched: number;
  /** Null before the first look. */
  readonly lookedAt: Date | null;
  /** Seconds between two looks, as long as nothing changes. */
  readonly everySeconds: number;
  readonly problem: string | null;
}

export interface MeasuringStatus {
  /** What goes on at the moment; null while it waits. */
  readonly running: { readonly since: Date; readonly reasons: readonly MeasuringReason[] } | null;
  readonly progress: MeasuringProgress | null;
  readonly last: MeasuringRun | null;
  /** The newest that collected everything: what was so before it began has been seen. Null before the first. */
  readonly collected: MeasuringRun | null;
  /** When it measures next at the latest; null while it runs, and without a schedule. */
  readonly next: { readonly at: Date; readonly reason: MeasuringReason } | null;
  /** Seconds between two measurements of the schedule; null without one. */
  readonly everySeconds: number | null;
  readonly watch: WatchStatus | null;
}

export interface MeasuringOptions {
  /**
   * Collects everything, writes it down and shows it. Rejects where that cannot be, or at the signal; what was shown stays. True where
   * something was left to be read, and could be read at once.
   */
  readonly measure: Collecting<unknown>;
  /** Reads what hosts told of, and nothing else. Left out where none can tell. */
  readonly read?: Collecting<void>;
  /** Judges what is known anew, and collects nothing. */
  readonly judge: () => Promise<void>;
  readonly watch: () => WatchStatus | null;
  /** Seconds between two measurements; null: only when something happens. */
  readonly everySeconds: number | null;
  readonly now: () => Date;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly failed: (error: unknown) => void;
  readonly pace?: MeasuringPace;
}

type Collecting<T> = (report: (progress: MeasuringProgress) => void, signal: AbortSignal) => Promise<T>;

/** In milliseconds. */
export interface MeasuringPace {
  /** So long nothing may happen before it begins. */
  readonly quiet: number;
  /** Whatever happens it begins after this long. */
  readonly atMost: number;
  /** Between the end of one and the beginning of the next, at least; and at least as long as the last one took. */
  readonly rest: number;
}

const PACE: MeasuringPace = { quiet: 2_000, atMost: 30_000, rest: 5_000 };
/** Longest pause after failures, in seconds. */
const LONGEST_S = 300;

export interface MeasuringJob {
  readonly trigger: (reason: MeasuringReason) => void;
  /** Resolves when a measurement that began after this call has ended well; rejects when it failed. */
  readonly measured: (reason: MeasuringReason) => Promise<void>;
  readonly status: () => MeasuringStatus;
  /** Ends what is being collected, and does not try again by itself; false where nothing is. */
  readonly cancel: () => boolean;
  /** Begins nothing more, and resolves when what is under way has ended. */
  readonly close: () => Promise<void>;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export function startMeasuring(options: MeasuringOptions): MeasuringJob {
  const { now, everySeconds, pace = PACE } = options;
  const cancel = new AbortController();
  const pending = new Set<MeasuringReason>();
  let waiters: Waiter[] = [];
  let running: MeasuringStatus['running'] = null;
  let progress: MeasuringProgress | null = null;
  let last: MeasuringRun | null = null;
  let collected: MeasuringRun | null = null;
  let failures = 0;
  let triggeredAt = 0;
  let collectedAt = now().getTime();
  let retry: Date | null = null;
  let wake = new AbortController();
  let collecting: AbortController | null = null;

  /** When time alone is a reason. */
  function due(): { readonly at: Date; readonly reason: MeasuringReason } | null {
    const scheduled = everySeconds === null ? null : new Date(collectedAt + everySeconds * 1000);
    if (retry !== null && (scheduled === null || retry < scheduled)) return { at: retry, reason: 'retry' };
    return scheduled === null ? null : { at: scheduled, reason: 'schedule' };
  }

  function trigger(reason: MeasuringReason): void {
    pending.add(reason);
    triggeredAt = now().getTime();
    wake.abort();
  }

  /** Until so many milliseconds have passed, something is asked for, or it ends. */
  async function rest(ms: number): Promise<void> {
    wake = new AbortController();
    const signal = AbortSignal.any([wake.signal, cancel.signal]);
    // A timer of more than 24 days would ring at once.
    await pause(Math.min(Math.max(0, ms), 2_147_483_647), undefined, { signal, ref: false }).catch(() => {});
  }

  /** Until there is a reason, things are quiet, and the last one is long enough ago. */
  async function turn(): Promise<void> {
    let since: number | null = null;
    while (!cancel.signal.aborted) {
      const time = now().getTime();
      const next = due();
      if (next !== null && next.at.getTime() <= time) pending.add(next.reason);
      if (pending.size === 0) {
        await rest(next === null ? Number.POSITIVE_INFINITY : next.at.getTime() - time);
        continue;
      }
      since ??= time;
      const took = last === null ? 0 : last.finishedAt.getTime() - last.startedAt.getTime();
      // To read a few again costs little, however long everything took.
      const isPart = [...pending].every((reason) => PARTS_ONLY.has(reason));
      const rested = last === null ? 0 : last.finishedAt.getTime() + Math.max(pace.rest, isPart ? 0 : took);
      const hurried = [...pending].some((reason) => AT_ONCE.has(reason));
      const quiet = hurried ? 0 : Math.min(triggeredAt + pace.quiet, since + pace.atMost);
      const wait = Math.max(rested, quiet) - time;
      if (wait <= 0) return;
      await rest(wait);
    }
  }

  async function run(): Promise<void> {
    const reasons = [...pending];
    pending.clear();
    const waiting = waiters;
    waiters = [];
    const collects = reasons.some((reason) => !JUDGED_ONLY.has(reason) && !PARTS_ONLY.has(reason));
    const reads = !collects && reasons.some((reason) => PARTS_ONLY.has(reason));
    const startedAt = now();
    running = { since: startedAt, reasons };
    const ended = (outcome: MeasuringRun['outcome'], problem: string | null) => {
      running = null;
      progress = null;
      last = { startedAt, finishedAt: now(), reasons, outcome, problem };
      if (outcome === 'measured') collected = last;
      if (collects) collectedAt = last.finishedAt.getTime();
    };
    const own = new AbortController();
    try {
      const report = (said: MeasuringProgress) => {
        progress = said;
      };
      let isMore = false;
      if (collects || reads) collecting = own;
      if (collects) isMore = (await options.measure(report, own.signal)) === true;
      else if (reads) await options.read?.(report, own.signal);
      else await options.judge();
      failures = 0;
      retry = null;
      ended(collects ? 'measured' : reads ? 'read' : 'judged', null);
      if (isMore) trigger('rest');
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      if (own.signal.aborted && !cancel.signal.aborted) {
        ended('cancelled', null);
        for (const { reject } of waiting) reject(new Error('the measurement was cancelled'));
        return;
      }
      failures += 1;
      retry = new Date(retryAt(failures, { now, random: options.random }, LONGEST_S));
      ended('failed', error instanceof Error ? error.message : String(error));
      if (!cancel.signal.aborted) options.failed(error);
      for (const { reject } of waiting) reject(error);
    } finally {
      collecting = null;
    }
  }

  const loop = (async () => {
    pending.add('start');
    while (!cancel.signal.aborted) {
      await turn();
      if (!cancel.signal.aborted) await run();
    }
    const gone = new Error('the server is ending');
    for (const { reject } of waiters) reject(gone);
  })();

  return {
    trigger,
    measured: (reason) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiters.push({ resolve, reject });
      trigger(reason);
      return promise;
    },
    status: () => ({
      running,
      progress,
      last,
      collected,
      next: running === null && pending.size === 0 ? due() : null,
      everySeconds,
      watch: options.watch(),
    }),
    cancel: () => {
      if (collecting === null) return false;
      collecting.abort(new Error('the measurement was cancelled'));
      return true;
    },
    close: async () => {
      cancel.abort();
      await loop;
    },
  };
}
