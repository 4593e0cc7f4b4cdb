/**
 * Bodies that come for long: received whole before anything is decided, so that no transaction ever waits for whoever sends one. What is
 * begun with a body is noted beside it: where a process dies over it, the next one finds both, and ends what was begun. A small body stays in
 * memory and is written together with its note: it is nothing that could be lost before.
 *
 *     <folder>/<id>.partial   while it comes     <id>.body   whole     <id>.json   what was begun with it
 *     <folder>/<id>.small     both of a small one
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { turns } from './turns.ts';

/** A body that is here whole. */
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
  /**
   * For a body that is held whole while it is read: one after the other, so that many of them take no more memory than one. Rejects with
   * `NoTurn` where those before take long, and as `work` does.
   */
  alone<T>(received: Pick<Received, 'bytes'>, work: () => Promise<T>): Promise<T>;
  /** What was begun and is in nobody's hands, with its note; the oldest first. What nothing was begun with is taken away. */
  unfinished(): Promise<readonly { readonly received: Received; readonly note: unknown }[]>;
}

const BODY = '.body';
const PARTIAL = '.partial';
const NOTE = '.json';
const SMALL = '.small';
/** Bytes that are read at once of a large body. */
const PIECE = 1 << 20;
/** Bytes of a body that is held in memory, beside as many others as requests are worked on at once. */
const SMALL_BYTES = 1 << 16;
/** Bytes of a body that waits for no other one: so many of these as are taken in at once are as little as one large body. */
const BESIDE_OTHERS_BYTES = 1 << 20;
/** As many may wait as may be received, each no longer than somebody who sends it waits for an answer. */
const ALONE = { atOnce: 1, waiting: 100, patience: 20_000 } as const;

/** What the file of a small body holds. */
interface SmallFile {
  readonly note: unknown;
  /** In base64. */
  readonly body: string;
}

/** In a folder of one process at a time, which is made when it is first needed. */
export function incomingIn(folder: string): Incoming {
  /** In somebody's hands. */
  const held = new Set<string>();
  const alone = turns(ALONE);

  const smallBody = (id: string, body: Uint8Array, noted: boolean): Received => {
    const path = join(folder, `${id}${SMALL}`);
    let kept = noted;
    /** A file that could not be written may be there all the same. */
    let tried = noted;
    const finished = async () => {
      if (tried) await removed(path);
      held.delete(id);
    };
    return {
      id,
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
      read: async function* () {
        if (body.length > 0) yield body;
      },
      begun: async (note) => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const file: SmallFile = { note, body: Buffer.from(body).toString('base64') };
        tried = true;
        await written(path, JSON.stringify(file));
        kept = true;
      },
      finished,
      leave: async () => {
        if (kept) held.delete(id);
        else await finished();
      },
    };
  };

  const largeBody = (id: string, { bytes, sha256 }: Sum, noted: boolean): Received => {
    const path = join(folder, `${id}${BODY}`);
    const note = join(folder, `${id}${NOTE}`);
    let kept = noted;
    const finished = async () => {
      // The note first: a body alone is nothing that was begun.
      await removed(note);
      await removed(path);
      held.delete(id);
    };
    return {
      id,
      bytes,
      sha256,
      // A piece is taken from memory whole, however little there is to read.
      read: () => createReadStream(path, { highWaterMark: Math.max(1, Math.min(PIECE, bytes)) }),
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

  /** Takes a body over to the disk: what has come of it, and the rest. */
  const spooled = async (id: string, body: AsyncIterable<Uint8Array>, most: number): Promise<Sum> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const draft = join(folder, `${id}${PARTIAL}`);
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        const sum = await copied(body, file, most);
        await file.sync();
        await rename(draft, join(folder, `${id}${BODY}`));
        return sum;
      } finally {
        await file.close();
      }
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  };

  /** Null where it is no body with its note; what belongs to nobody is taken away. */
  const unfinishedOf = async (name: string, id: string) => {
    const path = join(folder, name);
    if (name.endsWith(PARTIAL)) await removed(path);
    if (name.endsWith(SMALL)) {
      const { note, body } = JSON.parse(await readFile(path, 'utf8')) as SmallFile;
      return { received: smallBody(id, Buffer.from(body, 'base64'), true), note };
    }
    if (!name.endsWith(BODY)) return null;
    const note = await readFile(join(folder, `${id}${NOTE}`), 'utf8').catch(() => null);
    if (note !== null)
      return { received: largeBody(id, await sumOf(path), true), note: JSON.parse(note) as unknown };
    await removed(path);
    return null;
  };

  return {
    receive: async (body, most) => {
      const id = randomBytes(12).toString('hex');
      held.add(id);
      try {
        const pieces = body[Symbol.asyncIterator]();
        const { early, ended } = await firstOf(pieces, Math.min(most, SMALL_BYTES));
        if (ended) return smallBody(id, Buffer.concat(early), false);
        return largeBody(id, await spooled(id, following(early, pieces), most), false);
      } catch (error) {
        held.delete(id);
        throw error;
      }
    },
    alone: async ({ bytes }, work) => {
      if (bytes <= BESIDE_OTHERS_BYTES) return work();
      const giveBack = await alone.take();
      try {
        return await work();
      } finally {
        giveBack();
      }
    },
    unfinished: async () => {
      const found: { readonly received: Received; readonly note: unknown }[] = [];
      for (const name of (await readdir(folder).catch(() => [])).sort()) {
        // A note that is being written has two endings.
        const [id = ''] = name.split('.');
        if (held.has(id)) continue;
        const one = await unfinishedOf(name, id);
        if (one === null) continue;
        held.add(id);
        found.push(one);
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

/** Also where it is gone already. */
async function removed(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** What comes until the end, or until it is more than so many bytes. */
async function firstOf(
  pieces: AsyncIterator<Uint8Array>,
  most: number,
): Promise<{ readonly early: readonly Uint8Array[]; readonly ended: boolean }> {
  const early: Uint8Array[] = [];
  for (let bytes = 0; bytes <= most; ) {
    const { done, value } = await pieces.next();
    if (done) return { early, ended: true };
    early.push(value);
    bytes += value.length;
  }
  return { early, ended: false };
}

/** What came, and then what comes; whoever stops in between ends it for whoever sends. */
async function* following(
  early: readonly Uint8Array[],
  pieces: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* early;
    for (;;) {
      const { done, value } = await pieces.next();
      if (done) return;
      yield value;
    }
  } finally {
    await pieces.return?.();
  }
}

/** What a body is known by. */
interface Sum {
  readonly bytes: number;
  readonly sha256: string;
}

async function sumOf(path: string): Promise<Sum> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE })) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function copied(body: AsyncIterable<Uint8Array>, file: FileHandle, most: number): Promise<Sum> {
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
