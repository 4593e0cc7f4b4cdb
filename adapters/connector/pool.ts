/**
 * Does `work` for every item, at most `width` at a time, in order of start. After a rejection nothing more is started,
 * and what is running is waited for before it is passed on.
 */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  let broken = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (broken) return;
      await work(item, index).catch((error: unknown) => {
        broken = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** The same, with what comes of each item in the order of the items, whichever came first. */
export async function resultsInOrder<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  await inParallel(items, width, async (item, index) => {
    results[index] = await work(item);
  });
  return results;
}
