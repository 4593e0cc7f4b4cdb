/**
 * Objects read from packs and loose files without a process: starting git costs more than reading a small repository. What is not
 * plain (another format, too large, damaged in any way) is left to git, which also says what is missing. Whoever reads an object here
 * checks it against its id, so that what a pack says of itself is not believed.
 * Formats: git's Documentation/gitformat-pack.txt (pack version 2 and 3, index version 2) and, for loose ones, object-file.c.
 */
import {
  closeSync,
  constants as files,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import { inflateSync, constants as zlib } from 'node:zlib';

/** Where objects lie: folders that were looked at, and in which nothing but plain files was found. */
export interface ObjectFiles {
  /** Paths of packs whose index lies beside them. */
  readonly packs: readonly string[];
  /** Folders of loose objects (`objects/ab`) by the first two digits of what is in them. */
  readonly loose: ReadonlyMap<string, readonly string[]>;
}

export interface About {
  readonly type: string;
  readonly size: number;
}

export interface Unchecked extends About {
  readonly content: Buffer;
}

/** All answers are undefined for what git has to be asked about. Nothing throws. */
export interface ObjectReader {
  about(oid: string): About | undefined;
  /** Not held against its id yet. */
  read(oid: string, limit: number): Unchecked | undefined;
  close(): void;
}

/** What may be unpacked for one object, with all that it is a difference from. */
const CHAIN_BYTES = 32 * 2 ** 20;
const CHAIN = 64;
const INDEX_BYTES = 64 * 2 ** 20;
/** Packs of one repository, and their bytes: beyond it all of them are left to git. */
const PACKS = 64;
const PACKS_BYTES = 8 * 2 ** 20;
/** A pack of this size is read at once. */
const WHOLE_BYTES = 4 * 2 ** 20;
/** Of what others are a difference from, so much is held. */
const HELD_BYTES = 8 * 2 ** 20;
/** Packed bytes of which the first few that they stand for are known: what they are packed by comes first, and takes up to 300. */
const HEAD_BYTES = 512;
const CHUNK = 4096;
const ID_BYTES = 20;
const TYPES: Readonly<Record<number, string>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const FROM_OFFSET = 6;
const FROM_ID = 7;

/** `most`: bytes of an object that is read here, and of every other that it is a difference from; 0 leaves all to git. */
export function openObjectFiles({ packs: paths, loose }: ObjectFiles, most: number): ObjectReader {
  let packs: readonly Pack[] | undefined;
  const opened = () => (packs ??= isSmall(paths) ? paths.flatMap((path) => openPack(path, most) ?? []) : []);
  const first = <T>(oid: string, ask: (pack: Pack) => T | undefined, askLoose: () => T | undefined) => {
    if (oid.length !== 2 * ID_BYTES || most === 0) return undefined;
    for (const pack of opened()) {
      const found = orNothing(() => ask(pack));
      if (found !== undefined) return found;
    }
    return orNothing(askLoose);
  };
  return {
    about: (oid) =>
      first(
        oid,
        (pack) => pack.about(oid),
        () => aboutLoose(loose, oid, most),
      ),
    read: (oid, limit) =>
      first(
        oid,
        (pack) => pack.read(oid, Math.min(limit, most)),
        () => readLoose(loose, oid, Math.min(limit, most)),
      ),
    close: () => {
      for (const pack of packs ?? []) pack.close();
      packs = [];
    },
  };
}

/** Of much, git unpacks one part while another is looked at here. */
function isSmall(paths: readonly string[]): boolean {
  if (paths.length > PACKS) return false;
  const sizes = paths.map((path) => orNothing(() => lstatSync(path).size) ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0) <= PACKS_BYTES;
}

/** A file that changes meanwhile, or was made to mislead, reads as nonsense: git is asked then. */
function orNothing<T>(ask: () => T | undefined): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

const openPlain = (path: string): number =>
  openSync(path, files.O_RDONLY | files.O_NOFOLLOW | files.O_NONBLOCK);

interface Pack {
  about(oid: string): About | undefined;
  read(oid: string, limit: number): Unchecked | undefined;
  close(): void;
}

function openPack(path: string, most: number): Pack | undefined {
  const index = orNothing(() => readIndex(path.replace(/pack$/, 'idx')));
  if (index === undefined) return undefined;
  const descriptor = orNothing(() => openPlain(path));
  if (descriptor === undefined) return undefined;
  const { size: end } = fstatSync(descriptor);
  const held = new Map<number, Unchecked>();
  let heldBytes = 0;
  const hold = (at: number, object: Unchecked) => {
    // What is held already counts once, and becomes the newest.
    heldBytes -= held.get(at)?.size ?? 0;
    held.delete(at);
    held.set(at, object);
    heldBytes += object.size;
    for (const [oldest, { size }] of held) {
      if (heldBytes <= HELD_BYTES) return;
      held.delete(oldest);
      heldBytes -= size;
    }
  };
  let whole: Buffer | undefined;
  let read = Buffer.allocUnsafe(64 * 2 ** 10);
  /** As many as there are. They stay until the next are asked for. */
  const bytesAt = (at: number, length: number): Buffer => {
    if (end <= WHOLE_BYTES) {
      whole ??= readFileSync(descriptor);
      return whole.subarray(at, at + length);
    }
    if (read.length < length) read = Buffer.allocUnsafe(2 * length);
    return read.subarray(0, readSync(descriptor, read, 0, length, at));
  };
  const entryAt = (at: number): Entry | undefined => {
    const entry = readEntry(bytesAt(at, HEAD_BYTES), at);
    if (entry?.base === undefined || typeof entry.base === 'number') return entry;
    const base = index.offsetOf(entry.base);
    return base === undefined ? undefined : { ...entry, base };
  };
  // Deflate never makes more of anything than this.
  const contentOf = ({ packedAt, size }: Entry): Buffer =>
    inflated(bytesAt(packedAt, size + (size >> 9) + 64), size);

  /** An object, by the differences that lead to it. */
  const objectAt = (start: number, limit: number): Unchecked | undefined => {
    const differences: Entry[] = [];
    let at = start;
    let unpacked = 0;
    let found = held.get(at);
    while (found === undefined) {
      const entry = entryAt(at);
      if (entry === undefined || entry.size > most || differences.length > CHAIN) return undefined;
      unpacked += entry.size;
      if (unpacked > CHAIN_BYTES) return undefined;
      if (typeof entry.base === 'number') {
        differences.push(entry);
        at = entry.base;
        found = held.get(at);
      } else if (differences.length === 0 && entry.size > limit) return undefined;
      else found = { type: entry.type, size: entry.size, content: contentOf(entry) };
    }
    for (const entry of differences.reverse()) {
      hold(at, found);
      const content = patched(found.content, contentOf(entry), Math.min(most, CHAIN_BYTES - unpacked));
      unpacked += content.length;
      found = { type: found.type, size: content.length, content };
      ({ at } = entry);
    }
    return found.size > limit ? undefined : found;
  };

  const typeAt = (start: number): string | undefined => {
    let at = start;
    for (let hops = 0; hops <= CHAIN; hops++) {
      const known = held.get(at)?.type;
      const entry = known === undefined ? entryAt(at) : undefined;
      if (typeof entry?.base !== 'number') return known ?? entry?.type;
      at = entry.base;
    }
    return undefined;
  };

  return {
    about: (oid) => {
      const at = index.offsetOf(oid);
      const entry = at === undefined ? undefined : entryAt(at);
      if (at === undefined || entry === undefined) return undefined;
      if (entry.base === undefined) return { type: entry.type, size: entry.size };
      const type = typeAt(at);
      const head = beginning(bytesAt(entry.packedAt, HEAD_BYTES));
      const size = numberIn(head, numberIn(head, 0).next).value;
      return type === undefined ? undefined : { type, size };
    },
    read: (oid, limit) => {
      const at = index.offsetOf(oid);
      return at === undefined ? undefined : objectAt(at, limit);
    },
    close: () => {
      closeSync(descriptor);
      held.clear();
    },
  };
}

interface Entry {
  readonly at: number;
  /** Empty where it is a difference from another. */
  readonly type: string;
  /** Bytes once it is unpacked. */
  readonly size: number;
  /** What it is a difference from: where that stands in the pack, or its id. */
  readonly base: number | string | undefined;
  /** Where its packed bytes begin in the pack. */
  readonly packedAt: number;
}

function readEntry(chunk: Buffer, at: number): Entry | undefined {
  let byte = chunk.readUInt8(0);
  const kind = (byte >> 4) & 7;
  let size = byte & 15;
  let next = 1;
  for (let shift = 2 ** 4; byte & 128; shift *= 2 ** 7) {
    byte = chunk.readUInt8(next++);
    size += (byte & 127) * shift;
  }
  if (!Number.isSafeInteger(size)) return undefined;
  let base: number | string | undefined;
  if (kind === FROM_OFFSET) {
    byte = chunk.readUInt8(next++);
    let back = byte & 127;
    while (byte & 128) {
      byte = chunk.readUInt8(next++);
      back = (back + 1) * 128 + (byte & 127);
    }
    base = at - back;
    // It stands before: so no entry is ever a difference from itself.
    if (back <= 0 || base < 0) return undefined;
  } else if (kind === FROM_ID) {
    base = chunk.toString('hex', next, next + ID_BYTES);
    next += ID_BYTES;
  }
  const type = TYPES[kind] ?? '';
  if (base === undefined && type === '') return undefined;
  return { at, type, size, base, packedAt: at + next };
}

/** Throws unless there are exactly so many bytes. */
function inflated(packed: Buffer, size: number): Buffer {
  const content = inflateSync(packed, { chunkSize: Math.max(64, size + 1), maxOutputLength: size + 1 });
  if (content.length !== size) throw new RangeError('an object is not as long as it says');
  return content;
}

const beginning = (packed: Buffer): Buffer =>
  inflateSync(packed.subarray(0, HEAD_BYTES), {
    chunkSize: 4 * CHUNK,
    finishFlush: zlib.Z_SYNC_FLUSH,
  });

interface Numbered {
  readonly value: number;
  readonly next: number;
}

/** Seven bits a byte, the lowest first. */
function numberIn(bytes: Buffer, from: number): Numbered {
  let value = 0;
  let next = from;
  for (let shift = 1; ; shift *= 2 ** 7) {
    const byte = bytes.readUInt8(next++);
    value += (byte & 127) * shift;
    if (byte < 128) break;
  }
  if (!Number.isSafeInteger(value)) throw new RangeError('not a length');
  return { value, next };
}

/** What a difference makes of its base: pieces of that, and bytes of its own. Throws where it is none of this base. */
function patched(base: Buffer, difference: Buffer, most: number): Buffer {
  const from = numberIn(difference, 0);
  const to = numberIn(difference, from.next);
  if (from.value !== base.length || to.value > most)
    throw new RangeError('a difference from something else, or too large');
  const content = Buffer.allocUnsafe(to.value);
  let written = 0;
  for (let at = to.next; at < difference.length; ) {
    const command = difference.readUInt8(at++);
    if (command === 0) throw new RangeError('an unknown command');
    if (command < 128) {
      if (at + command > difference.length || written + command > content.length)
        throw new RangeError('more than there is');
      difference.copy(content, written, at, at + command);
      at += command;
      written += command;
      continue;
    }
    let start = 0;
    let length = 0;
    for (let bit = 0; bit < 4; bit++)
      if (command & (1 << bit)) start += difference.readUInt8(at++) * 2 ** (8 * bit);
    for (let bit = 0; bit < 3; bit++)
      if (command & (16 << bit)) length += difference.readUInt8(at++) * 2 ** (8 * bit);
    if (length === 0) length = 0x10000;
    if (start + length > base.length || written + length > content.length)
      throw new RangeError('more than there is');
    base.copy(content, written, start, start + length);
    written += length;
  }
  if (written !== content.length) throw new RangeError('less than it says');
  return content;
}

interface Index {
  /** Undefined for what is not in the pack. */
  offsetOf(oid: string): number | undefined;
}

/** Undefined for another version, and for an index that is too large to be held. */
function readIndex(path: string): Index | undefined {
  const descriptor = openPlain(path);
  let bytes: Buffer;
  try {
    const { size } = fstatSync(descriptor);
    if (size > INDEX_BYTES) return undefined;
    bytes = readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (bytes.readUInt32BE(0) !== 0xff744f63 || bytes.readUInt32BE(4) !== 2) return undefined;
  const fanout = (digit: number) => (digit < 0 ? 0 : bytes.readUInt32BE(8 + 4 * digit));
  const count = fanout(255);
  const names = 8 + 4 * 256;
  const offsets = names + count * (ID_BYTES + 4);
  const large = offsets + count * 4;
  if (large + 2 * ID_BYTES > bytes.length) return undefined;
  return {
    offsetOf: (oid) => {
      const wanted = Buffer.from(oid, 'hex');
      const digit = wanted.readUInt8(0);
      let low = fanout(digit - 1);
      let high = fanout(digit);
      while (low < high) {
        const middle = (low + high) >> 1;
        const at = names + middle * ID_BYTES;
        const order = wanted.compare(bytes, at, at + ID_BYTES);
        if (order === 0) {
          const offset = bytes.readUInt32BE(offsets + 4 * middle);
          if (offset < 2 ** 31) return offset;
          return Number(bytes.readBigUInt64BE(large + 8 * (offset - 2 ** 31)));
        }
        if (order < 0) high = middle;
        else low = middle + 1;
      }
      return undefined;
    },
  };
}

/** The bytes of the first file of that id. */
function looseFile(loose: ObjectFiles['loose'], oid: string, most: number): Buffer | undefined {
  for (const folder of loose.get(oid.slice(0, 2)) ?? []) {
    const descriptor = orNothing(() => openPlain(join(folder, oid.slice(2))));
    if (descriptor === undefined) continue;
    try {
      const found = fstatSync(descriptor);
      return found.isFile() && found.size <= most + CHUNK ? readFileSync(descriptor) : undefined;
    } finally {
      closeSync(descriptor);
    }
  }
  return undefined;
}

/** `type size\0`, with which a loose object begins. */
function headIn(bytes: Buffer): (About & { readonly length: number }) | undefined {
  const end = bytes.indexOf(0);
  const [, type, size] = /^(commit|tree|blob|tag) (\d{1,10})$/.exec(bytes.toString('latin1', 0, end)) ?? [];
  return type === undefined ? undefined : { type, size: Number(size), length: end + 1 };
}

function aboutLoose(loose: ObjectFiles['loose'], oid: string, most: number): About | undefined {
  const packed = looseFile(loose, oid, most);
  const head = packed === undefined ? undefined : headIn(beginning(packed));
  return head === undefined ? undefined : { type: head.type, size: head.size };
}

function readLoose(loose: ObjectFiles['loose'], oid: string, limit: number): Unchecked | undefined {
  const packed = looseFile(loose, oid, limit);
  const head = packed === undefined ? undefined : headIn(beginning(packed));
  if (packed === undefined || head === undefined || head.size > limit) return undefined;
  const whole = inflated(packed, head.length + head.size);
  return { type: head.type, size: head.size, content: whole.subarray(head.length) };
}
