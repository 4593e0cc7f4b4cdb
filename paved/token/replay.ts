/** Remembers what may be used once. */
export interface ReplayStore {
  /**
   * Whether this is the first use of `id`, which is remembered until `untilMs`. `full` when it cannot remember more: then the caller refuses.
   * Give one that all processes of a service share, or a token is used once by each of them.
   */
  readonly use: (id: string, untilMs: number, nowMs: number) => Promise<'first' | 'again' | 'full'>;
}

/** In the memory of this process, `limit` ids at most (100,000 by default); it forgets only what has expired. */
export function replayMemory(limit = 100_000): ReplayStore {
  const seen = new Map<string, number>();
  let sweptAt = 0;
  const sweep = (nowMs: number): void => {
    sweptAt = nowMs;
    for (const [id, untilMs] of seen) if (untilMs <= nowMs) seen.delete(id);
  };
  return {
    async use(id, untilMs, nowMs) {
      const until = seen.get(id);
      if (until !== undefined && until > nowMs) return 'again';
      // A full memory is swept at most once a second, so that a flood costs no more than its refusals.
      if (seen.size >= limit && Math.abs(nowMs - sweptAt) >= 1000) sweep(nowMs);
      if (seen.size >= limit && until === undefined) return 'full';
      seen.set(id, untilMs);
      return 'first';
    },
  };
}
