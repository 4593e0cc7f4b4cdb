/** Many read at once, or one writes: a write waits for the reads before it, and the reads after it wait for the write. */
export interface ReadLock {
  reading<T>(read: () => Promise<T>): Promise<T>;
  writing<T>(write: () => Promise<T>): Promise<T>;
}

export function readLock(): ReadLock {
  let last: Promise<unknown> = Promise.resolve();
  /** Under way or waiting. */
  let writes = 0;
  let reads = 0;
  let ended = () => {};
  const readsEnded = () =>
    new Promise<void>((resolve) => {
      ended = resolve;
      if (reads === 0) resolve();
    });
  return {
    reading: async (read) => {
      while (writes > 0) await last;
      reads += 1;
      try {
        return await read();
      } finally {
        reads -= 1;
        if (reads === 0) ended();
      }
    },
    writing: (write) => {
      writes += 1;
      const mine = last.then(async () => {
        await readsEnded();
        try {
          return await write();
        } finally {
          writes -= 1;
        }
      });
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
