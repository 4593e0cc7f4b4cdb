/** Rows on their way into the engine. */
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
  /** Int64, or UInt64 of up to 63 bits. */
  readonly integer: (value: bigint) => void;
  /** Bytes so far. */
  readonly length: () => number;
  /** All that was added; what comes next is new. */
  readonly take: () => Uint8Array;
}

/** Rows become bytes at once: tens of thousands of strings that are kept cost more than what they say. */
export function binaryRows(): BinaryRows {
  let bytes = Buffer.alloc(0);
  let length = 0;
  const reserve = (more: number) => {
    if (length + more <= bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(64 << 10, bytes.length * 2, length + more));
    bytes.copy(larger, 0, 0, length);
    bytes = larger;
  };
  return {
    text: (value) => {
      // No character takes more than three bytes for each of its UTF-16 units.
      reserve(4 + value.length * 3);
      const size = bytes.write(value, length + 4);
      // LEB128 in four bytes whatever the size, so that it can be written after the text.
      bytes[length] = (size & 127) | 128;
      bytes[length + 1] = ((size >> 7) & 127) | 128;
      bytes[length + 2] = ((size >> 14) & 127) | 128;
      bytes[length + 3] = size >> 21;
      length += 4 + size;
    },
    integer: (value) => {
      reserve(8);
      length = bytes.writeBigInt64LE(value, length);
    },
    length: () => length,
    take: () => {
      const taken = bytes.subarray(0, length);
      bytes = Buffer.alloc(0);
      length = 0;
      return taken;
    },
  };
}

/** The columns of a table that are written. */
export const writtenColumns = ({ columns }: Table): readonly string[] =>
  columns.filter(({ alias }) => alias === undefined).map(({ name }) => name);
