/** Rows on their way into the engine. */
import { canonicalWriter, writeText } from '../canonical-bytes.ts';
import type { Table } from './table.ts';

/**
 * A line of TabSeparated: the fastest text that the engine reads. Only text and numbers; a null is `\N`.
 * https://clickhouse.com/docs/interfaces/formats/TabSeparated
 */
export function tabSeparated(cells: readonly (string | number | bigint | null)[]): string {
  let line = '';
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index] ?? null;
    if (index > 0) line += '\t';
    line += cell === null ? '\\N' : typeof cell === 'string' ? escaped(cell) : String(cell);
  }
  return `${line}\n`;
}

const SPECIAL = /[\\\t\n\r\0\b\f]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
};

/** Most text has nothing to escape, and is looked at once. */
const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replace(/[\\\t\n\r\0\b\f]/g, (sign) => ESCAPES[sign] ?? sign) : text;

/** Rows in RowBinary, one column after the other as the table has them. https://clickhouse.com/docs/interfaces/formats/RowBinary */
export interface BinaryRows {
  readonly text: (value: string) => void;
  /** UTF-8. */
  readonly bytes: (value: Uint8Array) => void;
  /** The canonical text of a value. */
  readonly canonical: (value: unknown) => void;
  /** Int64, or UInt64 of up to 63 bits. */
  readonly integer: (value: bigint) => void;
  /** An integer that is not known yet: `fill` says what it is, of all that stand here. */
  readonly integerLater: () => void;
  readonly fill: (value: bigint) => void;
  /** The canonical text of a value on a line of its own, which is a row of `JSONCompactEachRow`. */
  readonly line: (value: unknown) => void;
  /** The text that was added last, with a zero byte before it: what a leaf's digest is of. Good until more is added. */
  readonly last: () => Uint8Array;
  /** Bytes so far. */
  readonly length: () => number;
  /** All that was added, good until it is taken again; what comes next is new. */
  readonly take: () => Uint8Array;
}

/** Bytes that are there before a row is begun: few rows take more, and those are written twice. */
const ROOM = 16 << 10;

/** Rows become bytes at once: tens of thousands of strings that are kept cost more than what they say. */
export function binaryRows(): BinaryRows {
  const write = canonicalWriter();
  let bytes = Buffer.alloc(0);
  let view = new DataView(bytes.buffer);
  /** What was taken before: two take turns, for new ones of this size would have the collector come by again and again. */
  let other = bytes;
  let length = 0;
  let start = 0;
  /** Where an integer has to be filled in. */
  let open: number[] = [];
  const reserve = (more: number) => {
    if (length + more <= bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(64 << 10, bytes.length * 2, length + more));
    bytes.copy(larger, 0, 0, length);
    bytes = larger;
    view = new DataView(bytes.buffer);
  };
  /** LEB128 in four bytes whatever the size, so that it can be written after the text. */
  const ended = (end: number) => {
    const size = end - length - 4;
    if (size > LONGEST_TEXT) throw new RangeError(`a text of ${size} bytes is too long for a row`);
    bytes[length] = (size & 127) | 128;
    bytes[length + 1] = ((size >> 7) & 127) | 128;
    bytes[length + 2] = ((size >> 14) & 127) | 128;
    bytes[length + 3] = size >> 21;
    start = length + 4;
    length = end;
  };
  const added = (writing: (bytes: Buffer, at: number) => number) => {
    reserve(ROOM);
    let end = writing(bytes, length + 4);
    if (end > bytes.length) {
      reserve(end - length);
      end = writing(bytes, length + 4);
    }
    ended(end);
  };
  const lineOf = (value: unknown): number => {
    const end = write(bytes, length, value);
    if (end < bytes.length) bytes[end] = NEWLINE;
    return end + 1;
  };
  return {
    line: (value) => {
      reserve(ROOM);
      let end = lineOf(value);
      if (end > bytes.length) {
        reserve(end - length);
        end = lineOf(value);
      }
      length = end;
    },
    text: (value) => added((into, at) => writeText(into, at, value)),
    bytes: (value) => {
      reserve(4 + value.length);
      bytes.set(value, length + 4);
      ended(length + 4 + value.length);
    },
    canonical: (value) => added((into, at) => write(into, at, value)),
    integer: (value) => {
      reserve(8);
      view.setBigInt64(length, value, true);
      length += 8;
    },
    integerLater: () => {
      reserve(8);
      open.push(length);
      length += 8;
    },
    fill: (value) => {
      for (const at of open) view.setBigInt64(at, value, true);
      open = [];
    },
    last: () => {
      const size = length - start;
      // The last byte of a shorter length is zero.
      if (size < 2 << 20) return bytes.subarray(start - 1, length);
      return Buffer.concat([Buffer.alloc(1), bytes.subarray(start, length)]);
    },
    length: () => length,
    take: () => {
      const taken = bytes.subarray(0, length);
      [bytes, other] = [other, bytes];
      view = new DataView(bytes.buffer);
      length = 0;
      return taken;
    },
  };
}

const NEWLINE = 10;
const LONGEST_TEXT = (1 << 28) - 1;

/** The columns of a table that are written. */
export const writtenColumns = ({ columns }: Table): readonly string[] =>
  columns.filter(({ alias }) => alias === undefined).map(({ name }) => name);
