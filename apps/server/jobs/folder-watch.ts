/**
 * Looks every few seconds whether a measurement would see something else. A look asks the file system and nothing more, and
 * the pause between two grows with what one costs, so that watching takes a small part of one processor whatever the size.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { EstateMark } from '@macadam/services/measure/mark';
import type { WatchStatus } from './measuring.ts';

export interface WatchOptions {
  readonly mark: (signal: AbortSignal) => Promise<EstateMark>;
  /** Something is otherwise than at the look before. */
  readonly changed: () => void;
  readonly now: () => Date;
  /** Shortest pause between two looks, in milliseconds. */
  readonly pause?: number;
}

const PAUSE_MS = 5_000;
/** A look of one second is followed by 20 of rest. */
const SHARE = 20;
const LONGEST_MS = 120_000;

export interface FolderWatch {
  readonly status: () => WatchStatus;
  readonly close: () => Promise<void>;
}

/** Resolves after the first look: what changes from then on is noticed. */
export async function watchFolder({
  mark,
  changed,
  now,
  pause: shortest = PAUSE_MS,
}: WatchOptions): Promise<FolderWatch> {
  const cancel = new AbortController();
  const { signal } = cancel;
  let digest: string | null = null;
  let wait = shortest;
  let status: WatchStatus = {
    of: null,
    watched: 0,
    lookedAt: null,
    everySeconds: shortest / 1000,
    problem: null,
  };
  const look = async () => {
    const began = performance.now();
    try {
      const seen = await mark(signal);
      if (digest !== null && seen.digest !== digest) changed();
      digest = seen.digest;
      status = { ...status, of: seen.of, watched: seen.watched, problem: seen.problem };
    } catch (error) {
      if (signal.aborted) return;
      status = { ...status, problem: (error as Error).message };
    }
    wait = Math.min(LONGEST_MS, Math.max(shortest, SHARE * (performance.now() - began)));
    status = { ...status, lookedAt: now(), everySeconds: Math.round(wait / 1000) };
  };
  await look();
  // The first one also loads what it needs.
  wait = shortest;
  const loop = (async () => {
    while (!signal.aborted) {
      await pause(wait, undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) await look();
    }
  })();
  return {
    status: () => status,
    close: async () => {
      cancel.abort();
      await loop;
    },
  };
}
