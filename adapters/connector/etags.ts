/**
 * What a host sent before, kept so that it need not be sent again: a conditional request (RFC 9110 §13) whose answer
 * is 304 costs nothing. One file an address, in a folder that may be deleted at any time.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Kept {
  readonly etag: string;
  /** Headers that the body needs to be understood; a 304 need not repeat them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Etags {
  get(url: string): Promise<Kept | undefined>;
  put(url: string, kept: Kept): Promise<void>;
}

/**
 * `principal` is whatever tells who asks apart (a credential will do, it goes into a digest only): what one may see
 * must never be read from the cache by another.
 */
export function etagsIn(directory: string, principal: string): Etags {
  const pathOf = (url: string): string =>
    join(directory, `${createHash('sha256').update(principal).update('\0').update(url).digest('hex')}.json`);
  return {
    async get(url) {
      try {
        const kept: unknown = JSON.parse(await readFile(pathOf(url), 'utf8'));
        return isKept(kept) ? kept : undefined;
      } catch {
        return undefined; // Never written, deleted or cut off: the same as not having it.
      }
    },
    async put(url, kept) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const path = pathOf(url);
      const draft = `${path}.${process.pid}`;
      await writeFile(draft, JSON.stringify(kept), { mode: 0o600 });
      await rename(draft, path);
    },
  };
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false;
  const { etag, headers, body } = value as Partial<Record<string, unknown>>;
  return (
    typeof etag === 'string' && typeof body === 'string' && typeof headers === 'object' && headers !== null
  );
}
