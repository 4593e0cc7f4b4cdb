/**
 * Where a dump lies until it is searched: in a file without a name, encrypted under a key that is in the memory of this process alone. Whatever
 * ends the process ends the key, so that nobody can read what was not cleaned, and nothing has to be wiped.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Bytes } from './elf.ts';

const BLOCK = 16;

export interface Quarantine {
  readonly write: (bytes: Uint8Array) => void;
  /** All that was written. */
  readonly bytes: () => Bytes;
  readonly close: () => void;
}

export function quarantine(folder: string): Quarantine {
  const path = join(folder, `taking-${randomBytes(8).toString('hex')}`);
  const file = openSync(path, 'wx+', 0o600);
  rmSync(path);
  const key = randomBytes(32);
  // The counter begins at 0: a key is used for one file.
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(BLOCK));
  let size = 0;
  const read = (into: Uint8Array, position: number): void => {
    const start = position - (position % BLOCK);
    const counter = Buffer.alloc(BLOCK);
    counter.writeBigUInt64BE(BigInt(start / BLOCK), BLOCK / 2);
    const encrypted = Buffer.allocUnsafe(position - start + into.length);
    for (let at = 0; at < encrypted.length; ) {
      const got = readSync(file, encrypted, at, encrypted.length - at, start + at);
      if (got === 0) throw new Error('the quarantine ends too early');
      at += got;
    }
    into.set(
      createDecipheriv('aes-256-ctr', key, counter)
        .update(encrypted)
        .subarray(position - start),
    );
  };
  return {
    write(bytes) {
      const encrypted = cipher.update(bytes);
      for (let at = 0; at < encrypted.length; )
        at += writeSync(file, encrypted, at, encrypted.length - at, size + at);
      size += encrypted.length;
    },
    bytes: () => ({ size, read }),
    close() {
      key.fill(0);
      closeSync(file);
    },
  };
}
