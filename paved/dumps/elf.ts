/**
 * A core dump as ELF describes it: which bytes of the file are which addresses of the process, and what the notes say. A file of
 * strangers: every number in it is held against the file before it is used.
 */
import { DumpError } from './refused.ts';

/** Bytes that can be read anywhere; reading past the end is a mistake of the caller. */
export interface Bytes {
  readonly size: number;
  readonly read: (into: Uint8Array, position: number) => void;
}

/** Offsets into the file; `end` is exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Bytes that follow each other in the process, wherever they lie in the file. */
export interface Stretch {
  /** Address of the first byte; null for what is no memory: headers, notes, and what no segment names. */
  readonly address: bigint | null;
  readonly pieces: readonly Range[];
  readonly length: number;
}

export interface Note {
  readonly name: string;
  readonly type: number;
  /** Its header and its name. */
  readonly head: Range;
  readonly body: Range;
}

export interface Core {
  readonly machine: number;
  /** The header and the table of segments, without which no program opens the file. */
  readonly tables: readonly Range[];
  readonly notes: readonly Note[];
  readonly stretches: readonly Stretch[];
}

const HEADER = 64;
const SEGMENT = 56;
const CORE = 4;
const LOAD = 1;
const NOTES = 4;
/** More segments than 16 bits can count: the number stands in the first section. */
const MANY = 0xffff;
const MOST_SEGMENTS = 2_000_000;
const LONGEST_NOTES = 256 << 20;
const LONGEST_NAME = 64;

interface Segment {
  readonly type: number;
  readonly address: bigint;
  readonly file: Range;
}

export function readCore(bytes: Bytes): Core {
  const header = Buffer.alloc(HEADER);
  if (bytes.size < HEADER) throw wrong(`it has ${bytes.size} bytes`);
  bytes.read(header, 0);
  if (header.readUInt32BE(0) !== 0x7f454c46) throw wrong('it does not begin as an ELF file does');
  if (header[4] !== 2 || header[5] !== 1) throw wrong('it is not of 64 bits, little end first');
  if (header.readUInt16LE(16) !== CORE) throw wrong('it is a program or a library');
  const table = tableOf(bytes, header);
  const segments = segmentsIn(bytes, table);
  const loads = segments.filter(({ type, file }) => type === LOAD && file.end > file.start);
  const notes = segments.filter(({ type, file }) => type === NOTES && file.end > file.start);
  const tables = [{ start: 0, end: HEADER }, table];
  requireApart([...tables, ...[...loads, ...notes].map(({ file }) => file)]);
  const stretches = memoryOf(loads);
  const rest = between(
    loads.map(({ file }) => file),
    bytes.size,
  );
  return {
    machine: header.readUInt16LE(18),
    tables,
    notes: notes.flatMap(({ file }) => notesIn(bytes, file)),
    stretches: [
      ...stretches,
      ...rest.map((range) => ({ address: null, pieces: [range], length: range.end - range.start })),
    ],
  };
}

const wrong = (reason: string) =>
  new DumpError(
    'the dump',
    `is not a core dump that can be read: ${reason}`,
    'it was not cleaned and not kept; give an ELF core of x86-64 or arm64',
  );

function tableOf(bytes: Bytes, header: Buffer): Range {
  const start = Number(header.readBigUInt64LE(32));
  let count = header.readUInt16LE(56);
  if (count === MANY) {
    const section = Buffer.alloc(48);
    const at = Number(header.readBigUInt64LE(40));
    if (at + section.length > bytes.size) throw wrong('its table of segments lies behind its end');
    bytes.read(section, at);
    count = section.readUInt32LE(44);
  }
  if (header.readUInt16LE(54) !== SEGMENT || count === 0 || count > MOST_SEGMENTS)
    throw wrong(`it names ${count} segments`);
  const end = start + count * SEGMENT;
  if (end > bytes.size) throw wrong('its table of segments lies behind its end');
  return { start, end };
}

/** What a limit cut off is not there: a segment ends where the file does. */
function segmentsIn(bytes: Bytes, table: Range): Segment[] {
  const text = Buffer.alloc(table.end - table.start);
  bytes.read(text, table.start);
  const segments: Segment[] = [];
  for (let at = 0; at < text.length; at += SEGMENT) {
    const start = Number(text.readBigUInt64LE(at + 8));
    const length = Number(text.readBigUInt64LE(at + 32));
    const address = text.readBigUInt64LE(at + 16);
    const file = { start: Math.min(start, bytes.size), end: Math.min(start + length, bytes.size) };
    segments.push({ type: text.readUInt32LE(at), address, file });
  }
  return segments;
}

/** Segments that follow each other in memory are one stretch, so that nothing is cut where the kernel cut. */
function memoryOf(loads: readonly Segment[]): Stretch[] {
  const byAddress = [...loads].sort((a, b) => (a.address < b.address ? -1 : 1));
  const stretches: { address: bigint; pieces: Range[]; length: number }[] = [];
  for (const { address, file } of byAddress) {
    const last = stretches.at(-1);
    const follows = last !== undefined && last.address + BigInt(last.length) === address;
    if (follows) {
      const before = last.pieces.at(-1);
      if (before?.end === file.start)
        last.pieces[last.pieces.length - 1] = { start: before.start, end: file.end };
      else last.pieces.push(file);
      last.length += file.end - file.start;
    } else stretches.push({ address, pieces: [file], length: file.end - file.start });
  }
  return stretches;
}

/** What lies in the same bytes twice would be searched over and over, and what has to stay could hold what must not. */
function requireApart(ranges: readonly Range[]): void {
  let end = 0;
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    if (range.start < end) throw wrong('two of its segments lie in the same bytes');
    end = range.end;
  }
}

/** What no segment of memory names. */
function between(files: readonly Range[], size: number): Range[] {
  const gaps: Range[] = [];
  let at = 0;
  for (const { start, end } of [...files].sort((a, b) => a.start - b.start)) {
    if (start > at) gaps.push({ start: at, end: start });
    at = end;
  }
  if (at < size) gaps.push({ start: at, end: size });
  return gaps;
}

const padded = (length: number) => Math.ceil(length / 4) * 4;

function notesIn(bytes: Bytes, file: Range): Note[] {
  const size = file.end - file.start;
  if (size > LONGEST_NOTES) throw wrong(`its notes have ${size} bytes`);
  const text = Buffer.alloc(size);
  bytes.read(text, file.start);
  const notes: Note[] = [];
  for (let at = 0; at + 12 <= size; ) {
    const nameLength = text.readUInt32LE(at);
    const length = text.readUInt32LE(at + 4);
    const body = at + 12 + padded(nameLength);
    if (nameLength > LONGEST_NAME || body + length > size) break;
    notes.push({
      name: text.toString('latin1', at + 12, at + 12 + nameLength).replace(/\0+$/, ''),
      type: text.readUInt32LE(at + 8),
      head: { start: file.start + at, end: file.start + body },
      body: { start: file.start + body, end: file.start + body + length },
    });
    at = body + padded(length);
  }
  return notes;
}

/** Reads `into.length` bytes of a stretch from its byte `from` on. */
export function readStretch(bytes: Bytes, stretch: Stretch, from: number, into: Uint8Array): void {
  let filled = 0;
  for (const { start, end } of filesOf(stretch, from, from + into.length)) {
    bytes.read(into.subarray(filled, filled + end - start), start);
    filled += end - start;
  }
}

/** Where bytes of a stretch lie in the file. */
export function filesOf({ pieces }: Stretch, from: number, to: number): Range[] {
  const found: Range[] = [];
  let before = 0;
  for (const { start, end } of pieces) {
    const length = end - start;
    const first = Math.max(from, before);
    const last = Math.min(to, before + length);
    if (first < last) found.push({ start: start + first - before, end: start + last - before });
    before += length;
    if (before >= to) break;
  }
  return found;
}

const PROCESS = 3;
/** Where its name stands in what the kernel says of a process (`elf_prpsinfo` of 64 bits), and its command line. */
const NAME_AT = 40;
const LINE_AT = 56;
const LINE = 80;

const processNote = (notes: readonly Note[]): Note | undefined =>
  notes.find(
    ({ name, type, body }) => name === 'CORE' && type === PROCESS && body.end - body.start >= LINE_AT + LINE,
  );

/** Name of the program, as the kernel keeps it; null where no note says it. */
export function programOf(bytes: Bytes): string | null {
  const note = processNote(readCore(bytes).notes);
  if (note === undefined) return null;
  const name = Buffer.alloc(LINE_AT - NAME_AT);
  bytes.read(name, note.body.start + NAME_AT);
  const text = name.toString('latin1').replace(/\0.*$/s, '');
  return /^[\x21-\x7e]+$/.test(text) ? text : null;
}

/** What the kernel keeps of the command line behind its first word: so little that a secret in it may be cut. */
export function cutParameters(bytes: Bytes, notes: readonly Note[]): Range | null {
  const note = processNote(notes);
  if (note === undefined) return null;
  const line = Buffer.alloc(LINE);
  const start = note.body.start + LINE_AT;
  bytes.read(line, start);
  const [space, end] = [line.indexOf(' '), line.indexOf(0)];
  return space === -1
    ? null
    : { start: start + space + 1, end: start + (end === -1 ? LINE : Math.max(end, space + 1)) };
}
