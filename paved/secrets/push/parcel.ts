/**
 * A push as the hook of another machine sends it (`parcel` in `hook.ts`): what is updated, the names that git lists there, and the files of its
 * quarantine as `tar` writes them. They are laid out beside an empty repository, so that all else is as if it had been pushed here.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bytes } from './bytes.ts';
import type { Hook } from './git.ts';
import { END } from './objects.ts';
import { type HandOver, quarantined } from './quarantine.ts';
import { type Incoming, updatesFrom } from './receive.ts';

/** Written by the hook before the files and behind them. Where there is nothing new there are no files. */
export const FILES = 'files';
export const WHOLE = 'end';

/** Lays it out in `folder`. Throws where it did not come whole, or holds what no quarantine of git does. */
export function parcelIn(
  bytes: Bytes,
  folder: string,
  handOver?: HandOver,
): { readonly hook: Hook; readonly incoming: Incoming } {
  const updates = updatesFrom(bytes.line);
  const listed: string[] = [];
  for (let line = bytes.line(); line !== END; line = bytes.line()) {
    if (line === null) throw new Error('the list of objects did not come whole');
    listed.push(line);
  }
  const server = join(folder, 'server.git');
  makeEmpty(server, updates[0]?.after.length === 64);
  const quarantine = join(folder, 'quarantine');
  mkdirSync(join(quarantine, 'pack'), { recursive: true });
  let end = bytes.line();
  if (end === FILES) end = unpacked(bytes, quarantine);
  if (end !== WHOLE) throw new Error('the objects did not come whole');
  const hook = hookIn(server, quarantine);
  return { hook, incoming: quarantined(hook, updates, { given: listed, ...(handOver && { handOver }) }) };
}

/** A repository that holds nothing, as git knows one. */
export function makeEmpty(folder: string, sha256 = false): void {
  for (const name of ['objects', 'refs']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/main\n');
  if (sha256)
    writeFileSync(
      join(folder, 'config'),
      '[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n',
    );
}

/** With nothing of whoever runs this: no settings, no other repository. */
export function hookIn(server: string, quarantine: string): Hook {
  return {
    folder: server,
    environment: {
      PATH: process.env.PATH,
      HOME: server,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_DIR: '.',
      GIT_QUARANTINE_PATH: quarantine,
      GIT_OBJECT_DIRECTORY: quarantine,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: '',
    },
  };
}

const BLOCK = 512;
/** What a file may be called: nothing leads out of the folder, and git reads nothing else of what it may hold. */
const KEPT =
  /^(?:\.\/)?((?:[0-9a-f]{2}\/[0-9a-f]{38}(?:[0-9a-f]{24})?)|(?:pack\/pack-[0-9a-f]{40}(?:[0-9a-f]{24})?\.(?:pack|idx|rev|keep)))$/;
const AT_ONCE = 1 << 22;

/** Writes the files of an archive, and gives the line behind it. */
function unpacked(bytes: Bytes, folder: string): string | null {
  for (;;) {
    const header = Buffer.from(bytes.take(BLOCK));
    if (header[0] === 0) {
      // Any number of empty blocks.
      const line = bytes.line();
      return line === null ? null : line.replaceAll('\0', '');
    }
    const name = textAt(header, 0, 100);
    const digits = textAt(header, 124, 12).trim();
    const type = String.fromCharCode(header[156] ?? 0);
    if (!/^[0-7]+$/.test(digits))
      throw new Error(`of the file ${JSON.stringify(name)} the archive gives no size`);
    const size = Number.parseInt(digits, 8);
    if (type === '0' || type === '\0') {
      const [, kept] = KEPT.exec(name) ?? [];
      if (kept === undefined || textAt(header, 345, 155).replaceAll('\0', '') !== '')
        throw new Error(`${JSON.stringify(name)} is no file of a quarantine`);
      fileFrom(bytes, size, join(folder, kept));
    } else if (type === '5') {
      if (size > 0) throw new Error('a folder of the archive has a size');
    } else if (type === 'x' || type === 'g') bytes.take(size);
    else throw new Error(`the archive holds something of the type ${JSON.stringify(type)}`);
    bytes.take((BLOCK - (size % BLOCK)) % BLOCK);
  }
}

function textAt(header: Buffer, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end === -1 ? length : end);
}

function fileFrom(bytes: Bytes, size: number, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (size <= AT_ONCE) {
    writeFileSync(path, bytes.take(size), { flag: 'wx' });
    return;
  }
  writeFileSync(path, '', { flag: 'wx' });
  for (let left = size; left > 0; left -= AT_ONCE) appendFileSync(path, bytes.take(Math.min(left, AT_ONCE)));
}
