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

/** The columns of a table that are written. */
export const writtenColumns = ({ columns }: Table): readonly string[] =>
  columns.filter(({ alias }) => alias === undefined).map(({ name }) => name);
