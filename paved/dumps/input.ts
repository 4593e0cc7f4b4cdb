/** A dump as it comes, without the compression that systemd-coredump gives it. */
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { DumpError } from './refused.ts';

const startsWith = (bytes: Uint8Array, ...head: readonly number[]): boolean =>
  head.every((byte, index) => bytes[index] === byte);

export async function* decompressed(from: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const parts = from[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  // A pipe may give a byte at a time.
  while (first.length < 6) {
    const next = await parts.next();
    if (next.done === true) break;
    first = Buffer.concat([first, next.value]);
  }
  async function* whole(): AsyncIterable<Uint8Array> {
    yield first;
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) yield next.value;
  }
  if (startsWith(first, 0xfd, 0x37, 0x7a, 0x58) || startsWith(first, 0x04, 0x22, 0x4d, 0x18))
    throw new DumpError(
      'the dump',
      'is compressed by xz or lz4',
      'set Compress=no in coredump.conf, or give zstd or gzip',
    );
  const isZstd = startsWith(first, 0x28, 0xb5, 0x2f, 0xfd);
  if (!isZstd && !startsWith(first, 0x1f, 0x8b)) {
    yield* whole();
    return;
  }
  const opened = isZstd ? createZstdDecompress() : createGunzip();
  // The loop below is told of whatever goes wrong.
  pipeline(Readable.from(whole()), opened, () => {});
  yield* opened;
}
