/**
 * What is gone through once more later, in the order in which it came: the first few stay in memory, and what comes after them lies in a
 * file that no name leads to. The system takes the file back with the process that wrote it, however that ends.
 */
import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface Overflow<T> {
  /** Takes what JSON can say. Throws as the file system does where no space is left, and after `close`. */
  readonly add: (one: T) => void;
  /** Throws after `close`, also in its midst: what is gone may not be taken for all that there was. */
  readonly all: () => Generator<T, void>;
  /** How many are not in memory. */
  readonly laidAside: () => number;
  readonly clear: () => void;
  readonly close: () => void;
}

/** `held` are kept in memory. Where no file can be made in the folder, all of them are. */
export function overflow<T>(folder: string, held: number): Overflow<T> {
  const inMemory: T[] = [];
  const sizes: number[] = [];
  let end = 0;
  /** Undefined: not asked for yet. Null: there can be none. */
  let file: number | null | undefined;
  let closed = false;
  const stayOpen = (): void => {
    if (closed) throw new Error('what was laid aside was let go of before it was read');
  };

  const write = (descriptor: number, one: T): void => {
    const bytes = Buffer.from(JSON.stringify(one));
    for (let written = 0; written < bytes.length; )
      written += writeSync(descriptor, bytes, written, bytes.length - written, end + written);
    end += bytes.length;
    sizes.push(bytes.length);
  };

  return {
    add: (one) => {
      stayOpen();
      if (inMemory.length >= held && file === undefined) file = unnamedFile(folder);
      if (inMemory.length < held || typeof file !== 'number') inMemory.push(one);
      else write(file, one);
    },
    all: function* () {
      stayOpen();
      for (const one of inMemory) {
        yield one;
        stayOpen();
      }
      let at = 0;
      for (const size of sizes) {
        yield JSON.parse(readFrom(file as number, at, size)) as T;
        stayOpen();
        at += size;
      }
    },
    laidAside: () => sizes.length,
    clear: () => {
      inMemory.length = 0;
      sizes.length = 0;
      end = 0;
      if (typeof file === 'number') ftruncateSync(file, 0);
    },
    close: () => {
      if (typeof file === 'number') closeSync(file);
      closed = true;
      file = null;
      inMemory.length = 0;
      sizes.length = 0;
    },
  };
}

function unnamedFile(folder: string): number | null {
  const path = join(folder, `overflow-${randomUUID()}`);
  try {
    mkdirSync(folder, { recursive: true });
    const file = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return file;
  } catch {
    return null;
  }
}

function readFrom(file: number, at: number, size: number): string {
  const bytes = Buffer.allocUnsafe(size);
  for (let read = 0; read < size; ) {
    const more = readSync(file, bytes, read, size - read, at + read);
    if (more === 0) throw new Error('a file of this process was cut short by somebody else');
    read += more;
  }
  return bytes.toString('utf8');
}
