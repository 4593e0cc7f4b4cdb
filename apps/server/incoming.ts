/**
 * Bodies that come for long: received whole into a file before anything is decided, so that no transaction ever waits for whoever sends
 * one, and what is worked on is what was written down. A file that is still there after a crash is one whose work was not finished.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A body that is here whole, and on disk. */
export interface Received {
  /** Names it in the log, and after a crash. */
  readonly id: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  /** From its beginning, as often as it is asked. */
  read(): AsyncIterable<Uint8Array>;
  /** Nothing is kept of it any more. */
  forget(): Promise<void>;
}

/** More came than may be; nothing is kept of it. */
export class TooLarge extends Error {
  readonly most: number;
  constructor(most: number) {
    super(`it has more than ${most} bytes`);
    this.name = 'TooLarge';
    this.most = most;
  }
}

export interface Incoming {
  /** Rejects with `TooLarge`, and as the stream does; then nothing is kept. */
  receive(body: AsyncIterable<Uint8Array>, most: number): Promise<Received>;
  /** What was received and not forgotten: after a crash, work that was not finished. */
  left(): Promise<readonly Received[]>;
}

const SUFFIX = '.body';
const PARTIAL = '.partial';
const PIECE = 1 << 20;

/** In a folder of this process alone, which is made when it is first needed. */
export function incomingIn(folder: string): Incoming {
  const received = (id: string, bytes: number, sha256: string): Received => {
    const path = join(folder, `${id}${SUFFIX}`);
    return {
      id,
      bytes,
      sha256,
      read: () => createReadStream(path, { highWaterMark: PIECE }),
      forget: () => rm(path, { force: true }),
    };
  };
  return {
    receive: async (body, most) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const id = randomBytes(12).toString('hex');
      const draft = join(folder, `${id}${PARTIAL}`);
      try {
        const file = await open(draft, 'wx', 0o600);
        try {
          const { bytes, sha256 } = await copied(body, file, most);
          await file.sync();
          await rename(draft, join(folder, `${id}${SUFFIX}`));
          return received(id, bytes, sha256);
        } finally {
          await file.close();
        }
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
    left: async () => {
      const names = await readdir(folder).catch(() => []);
      const found: Received[] = [];
      for (const name of names.sort()) {
        if (name.endsWith(PARTIAL)) await rm(join(folder, name), { force: true });
        if (!name.endsWith(SUFFIX)) continue;
        const hash = createHash('sha256');
        let bytes = 0;
        for await (const piece of createReadStream(join(folder, name), { highWaterMark: PIECE })) {
          hash.update(piece);
          bytes += piece.length;
        }
        found.push(received(name.slice(0, -SUFFIX.length), bytes, hash.digest('hex')));
      }
      return found;
    },
  };
}

async function copied(
  body: AsyncIterable<Uint8Array>,
  file: FileHandle,
  most: number,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > most) throw new TooLarge(most);
    hash.update(piece);
    await file.writeFile(piece);
  }
  return { bytes, sha256: hash.digest('hex') };
}
