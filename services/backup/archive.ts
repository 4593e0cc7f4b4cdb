/**
 * A backup as a file or as a folder: parts with names. The file is a tar archive (POSIX.1-1988 ustar, IEEE Std 1003.1 `pax`,
 * "ustar Interchange Format"), so that any tool lists and unpacks it; the folder is the same, unpacked.
 */
import { createReadStream, createWriteStream, existsSync, globSync, statSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { nameWhole } from '@macadam/adapters/durable';
import { draftOf } from './draft.ts';

/** Small enough to be held in memory. */
export interface Part {
  /** `decisions/person/00000`: plain names, with slashes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const PART_BYTES: number = 8 * 2 ** 20;

/** What was given is no backup, or not a whole one. The message is for people. */
export class BackupError extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.name = 'BackupError';
  }
}

const BLOCK = 512;
const NAME = /^[\w@%.=~-]+(\/[\w@%.=~-]+)*$/;

/** The archive as bytes, as the parts come. */
export async function* tarOf(parts: AsyncIterable<Part>): AsyncGenerator<Buffer> {
  for await (const { name, bytes } of parts) {
    yield headerOf(name, bytes.length);
    yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const rest = bytes.length % BLOCK;
    if (rest > 0) yield Buffer.alloc(BLOCK - rest);
  }
  yield Buffer.alloc(2 * BLOCK);
}

function headerOf(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const cut = name.length <= 100 ? -1 : name.lastIndexOf('/', 155);
  const own = name.slice(cut + 1);
  if (own.length > 100) throw new RangeError(`${name} is too long a name for an archive`);
  header.write(own, 0);
  if (cut > 0) header.write(name.slice(0, cut), 345);
  header.write('0000600\0', 100);
  header.write('0000000\x000000000\0', 108);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.fill(' ', 148, 156);
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

const sumOf = (header: Buffer) => header.reduce((sum, byte) => sum + byte, 0);

/** Throws `BackupError` where it is no archive, or ends before its end. */
async function* partsOfTar(path: string): AsyncGenerator<Part> {
  const take = reader(createReadStream(path, { highWaterMark: 2 ** 20 }));
  for (;;) {
    const header = await take(BLOCK);
    if (header === null) throw new BackupError(`${path} ends before its end`);
    if (header.every((byte) => byte === 0)) return;
    const text = (from: number, length: number) =>
      header.toString('utf8', from, from + length).replace(/\0[\s\S]*$/, '');
    const summed = Buffer.from(header).fill(' ', 148, 156);
    const [name, size] = [
      [text(345, 155), text(0, 100)].filter(Boolean).join('/'),
      Number.parseInt(text(124, 12), 8),
    ];
    const sound = Number.parseInt(text(148, 8), 8) === sumOf(summed) && text(257, 6) === 'ustar';
    if (!sound || !(size <= PART_BYTES)) throw new BackupError(`${path} is no backup, or is damaged`);
    const bytes = await take(size);
    if (bytes === null || (await take((BLOCK - (size % BLOCK)) % BLOCK)) === null)
      throw new BackupError(`${path} ends before its end`);
    yield { name, bytes };
  }
}

/** Exactly so many bytes, or null where there are fewer. */
function reader(stream: AsyncIterable<Buffer>): (length: number) => Promise<Buffer | null> {
  const iterator = stream[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  return async (length) => {
    if (held.length < length) {
      const parts = [held];
      for (let have = held.length; have < length; ) {
        const { value, done } = await iterator.next();
        if (done) return null;
        parts.push(value);
        have += value.length;
      }
      held = Buffer.concat(parts);
    }
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    return taken;
  };
}

const isFile = (path: string) => path.endsWith('.tar');

/**
 * `path` ends in `.tar`: a file; else a folder, which is made. Whole or not at all: it has its name only when `check` has read it back
 * and it is on the disk.
 * Rejects with `BackupError` where it is there, and as `check` does.
 */
export async function writeArchive(
  path: string,
  parts: AsyncIterable<Part>,
  check: (draft: string) => Promise<unknown>,
): Promise<void> {
  if (existsSync(path)) throw new BackupError(`${path} is there already; name another`);
  const draft = draftOf(path);
  try {
    if (isFile(path))
      await pipeline(
        Readable.from(tarOf(parts), { objectMode: false }),
        createWriteStream(draft, { mode: 0o600 }),
      );
    else {
      await mkdir(draft, { recursive: true, mode: 0o700 });
      for await (const { name, bytes } of parts) {
        const place = join(draft, name);
        await mkdir(dirname(place), { recursive: true, mode: 0o700 });
        await writeFile(place, bytes, { mode: 0o600 });
      }
    }
    await check(draft);
    await nameWhole(draft, path);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** In order of name in a folder, as they were written in a file. */
export async function* readArchive(path: string): AsyncGenerator<Part> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new BackupError(`there is no ${path}`);
  if (found.isFile()) yield* checked(path, partsOfTar(path));
  else yield* checked(path, partsOfFolder(path));
}

async function* partsOfFolder(path: string): AsyncGenerator<Part> {
  for (const entry of globSync('**/*', { cwd: path, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort())
    yield {
      name: entry
        .slice(path.length)
        .replace(/^[/\\]+/, '')
        .replaceAll('\\', '/'),
      bytes: await readFile(entry),
    };
}

/** A name that leads out of where it is unpacked is none of ours. */
async function* checked(path: string, parts: AsyncIterable<Part>): AsyncGenerator<Part> {
  for await (const part of parts) {
    if (!NAME.test(part.name) || part.name.split('/').includes('..'))
      throw new BackupError(`${path} holds \`${part.name}\`, and no backup of ours does`);
    yield part;
  }
}
