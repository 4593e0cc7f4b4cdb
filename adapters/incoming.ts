/**
 * Bodies that come for long: received whole into a file before anything is decided, so that no transaction ever waits for whoever sends
 * one. What is begun with a body is noted beside it: where a process dies over it, the next one finds both, and ends what was begun.
 *
 *     <folder>/<id>.partial   while it comes     <id>.body   whole     <id>.json   what was begun with it
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A body that is here whole, and on disk. */
export interface Received {
  readonly id: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  /** From its beginning, as often as it is asked. */
  read(): AsyncIterable<Uint8Array>;
  /** Notes, durably, what is begun with it: from then on it is kept until `finished`. Plain data. */
  begun(note: unknown): Promise<void>;
  /** What was begun has ended; nothing is kept. */
  finished(): Promise<void>;
  /** Whoever received it goes on to something else: what was begun and not finished is kept, and found by `unfinished`. */
  leave(): Promise<void>;
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
  /** What was begun and is in nobody's hands, with its note; the oldest first. What nothing was begun with is taken away. */
  unfinished(): Promise<readonly { readonly received: Received; readonly note: unknown }[]>;
}

const BODY = '.body';
const PARTIAL = '.partial';
const NOTE = '.json';
const PIECE = 1 << 20;

/** In a folder of one process at a time, which is made when it is first needed. */
export function incomingIn(folder: string): Incoming {
  /** In somebody's hands. */
  const held = new Set<string>();

  const received = (id: string, bytes: number, sha256: string, noted: boolean): Received => {
    const path = join(folder, `${id}${BODY}`);
    const note = join(folder, `${id}${NOTE}`);
    let kept = noted;
    const finished = async () => {
      // The note first: a body alone is nothing that was begun.
      await rm(note, { force: true });
      await rm(path, { force: true });
      held.delete(id);
    };
    return {
      id,
      bytes,
      sha256,
      read: () => createReadStream(path, { highWaterMark: PIECE }),
      begun: async (content) => {
        await written(note, JSON.stringify(content));
        kept = true;
      },
      finished,
      leave: async () => {
        if (kept) held.delete(id);
        else await finished();
      },
    };
  };

  return {
    receive: async (body, most) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const id = randomBytes(12).toString('hex');
      const draft = join(folder, `${id}${PARTIAL}`);
      held.add(id);
      try {
        const file = await open(draft, 'wx', 0o600);
        try {
          const { bytes, sha256 } = await copied(body, file, most);
          await file.sync();
          await rename(draft, join(folder, `${id}${BODY}`));
          return received(id, bytes, sha256, false);
        } finally {
          await file.close();
        }
      } catch (error) {
        held.delete(id);
        await rm(draft, { force: true });
        throw error;
      }
    },
    unfinished: async () => {
      const found: { readonly received: Received; readonly note: unknown }[] = [];
      for (const name of (await readdir(folder).catch(() => [])).sort()) {
        // A note that is being written has two endings.
        const [id = ''] = name.split('.');
        if (held.has(id)) continue;
        if (name.endsWith(PARTIAL)) await rm(join(folder, name), { force: true });
        if (!name.endsWith(BODY)) continue;
        const note = await readFile(join(folder, `${id}${NOTE}`), 'utf8').catch(() => null);
        if (note === null) {
          await rm(join(folder, name), { force: true });
          continue;
        }
        const { bytes, sha256 } = await sumOf(join(folder, name));
        held.add(id);
        found.push({ received: received(id, bytes, sha256, true), note: JSON.parse(note) });
      }
      return found;
    },
  };
}

/** Whole or not at all, and on disk. */
async function written(path: string, text: string): Promise<void> {
  const draft = `${path}${PARTIAL}`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

async function sumOf(path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE })) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest('hex') };
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
