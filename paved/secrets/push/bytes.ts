/** Bytes from a pipe, as they are asked for. Reads synchronously: a hook has nothing else to do meanwhile. */
import { readSync } from 'node:fs';

export interface Bytes {
  /** The next line without its end, decoded as UTF-8; null at the end of the pipe. */
  readonly line: () => string | null;
  /** Exactly so many bytes, which stay as they are until more are taken. Throws where the pipe ends before. */
  readonly take: (length: number) => Buffer;
}

/** Fills what it is given from the start and says how many bytes it put there; 0 at the end. */
export type Fill = (into: Uint8Array) => number;

const CHUNK = 1 << 16;
const NEWLINE = 10;
/** Memory that is new costs more than the bytes that are read into it, so that of most objects is used again. */
const MOST_KEPT = 1 << 23;

export function bytesFrom(fill: Fill): Bytes {
  const chunk = Buffer.allocUnsafe(CHUNK);
  let kept = Buffer.allocUnsafeSlow(CHUNK);
  let start = 0;
  let end = 0;
  const more = (): boolean => {
    start = 0;
    end = fill(chunk);
    return end > 0;
  };
  const line = (): string | null => {
    const parts: Buffer[] = [];
    for (;;) {
      if (start === end && !more()) return parts.length === 0 ? null : Buffer.concat(parts).toString('utf8');
      const at = chunk.subarray(start, end).indexOf(NEWLINE);
      const stop = at === -1 ? end : start + at;
      parts.push(Buffer.from(chunk.subarray(start, stop)));
      start = at === -1 ? end : stop + 1;
      if (at !== -1) return Buffer.concat(parts).toString('utf8');
    }
  };
  const take = (length: number): Buffer => {
    if (length > kept.length && length <= MOST_KEPT)
      kept = Buffer.allocUnsafeSlow(Math.min(MOST_KEPT, length * 2));
    const taken = length <= kept.length ? kept.subarray(0, length) : Buffer.allocUnsafe(length);
    const held = Math.min(length, end - start);
    chunk.copy(taken, 0, start, start + held);
    start += held;
    for (let at = held; at < length; ) {
      const read = fill(taken.subarray(at));
      if (read === 0) throw new Error('what git says of the objects ends in the middle of one');
      at += read;
    }
    return taken;
  };
  return { line, take };
}

/** From a file descriptor. One that is not ready is asked again a moment later. */
export function fillFrom(descriptor: number): Fill {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  return (into) => {
    for (;;) {
      try {
        return readSync(descriptor, into, 0, into.length, null);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EOF') return 0;
        if (code !== 'EAGAIN') throw error;
        Atomics.wait(clock, 0, 0, 1);
      }
    }
  };
}
