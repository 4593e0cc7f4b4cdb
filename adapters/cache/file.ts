/**
 * One value in a file that may be lost at any time. It is read back only whole and only under the key it was written with;
 * anything else is as if it had never been written, so that a damaged or outdated file costs time and never an answer.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

const MARK = 'macadam-cache/1';

/** What was written under this key; undefined for everything else, a file that cannot be read included. */
export function readCached(path: string, key: string): unknown {
  let written: Buffer;
  try {
    written = readFileSync(path);
  } catch {
    return undefined;
  }
  const end = written.indexOf(10);
  const body = written.subarray(end + 1);
  if (end < 0 || written.toString('latin1', 0, end) !== headOf(key, body)) return undefined;
  try {
    return JSON.parse(zstdDecompressSync(body).toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Keeps plain data, for this account alone, and gives the bytes of the file. Whoever reads meanwhile sees the file before
 * or the file after. Where nothing can be written, nothing is kept.
 */
export function writeCached(path: string, key: string, value: unknown): number {
  const body = zstdCompressSync(JSON.stringify(value));
  const beside = `${path}.${randomUUID()}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(beside, Buffer.concat([Buffer.from(`${headOf(key, body)}\n`), body]), {
      mode: 0o600,
      flag: 'wx',
    });
    renameSync(beside, path);
    return body.length;
  } catch {
    removed(beside);
    return 0;
  }
}

function removed(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It was never there.
  }
}

/** The key and all that was written are in the digest: a changed byte anywhere makes the file another one. */
function headOf(key: string, body: Uint8Array): string {
  return `${MARK} ${createHash('sha256').update(`${key}\0`).update(body).digest('hex')}`;
}
