/** A file on disk, read where it is asked for. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Bytes } from './elf.ts';
import { DumpError } from './refused.ts';

export function fileBytes(path: string): { readonly bytes: Bytes; readonly close: () => void } {
  const file = openSync(path, 'r');
  const read = (into: Uint8Array, position: number): void => {
    for (let at = 0; at < into.length; ) {
      const got = readSync(file, into, at, into.length - at, position + at);
      if (got === 0)
        throw new DumpError(path, 'got shorter while it was read', 'try again when nobody writes it');
      at += got;
    }
  };
  return { bytes: { size: fstatSync(file).size, read }, close: () => closeSync(file) };
}
