/** Tables of others (CSV): rows by the names of their columns. */
import type { Statement } from '@macadam/core/facts/observation';
import { utf8Text } from '../../facts/utf8.ts';
import { csvRows } from '../organisation/csv.ts';
import type { ExportFile } from './answer.ts';
import { type Item, required, timestamp, unobserved } from './statement.ts';

/** Rows as records of texts, in which an empty cell is left out; or why the file is no table. */
export function tableOf({
  path,
  bytes,
}: ExportFile):
  | { readonly columns: readonly string[]; readonly rows: readonly Item[] }
  | { readonly why: string } {
  const text = utf8Text(Buffer.from(bytes));
  if (typeof text !== 'string') return { why: 'is not UTF-8; save it as UTF-8' };
  const rows = csvRows(text);
  if ('openedAt' in rows)
    return { why: `has a quote in line ${rows.openedAt} that does not end; save it again` };
  const [head, ...rest] = rows;
  if (head === undefined) return { why: 'is empty; save it again' };
  const columns = head.cells;
  const items = rest.map(
    ({ line, cells }): Item => ({
      record: Object.fromEntries(
        columns.flatMap((name, index) => {
          const cell = cells[index] ?? '';
          return name === '' || cell === '' ? [] : [[name, cell] as const];
        }),
      ),
      file: `${path}:${line}`,
    }),
  );
  return { columns, rows: items };
}

/** A day or a time; an empty cell is absent. */
export function dayIn(item: Item, name: string, end: 'start' | 'end'): Statement {
  const text = item.record[name];
  if (typeof text !== 'string') return { absent: true };
  const time = /^\d{4}-\d\d-\d\d$/.test(text)
    ? `${text}T${end === 'start' ? '00:00:00' : '23:59:59'}Z`
    : text;
  const at = timestamp(time);
  return at === null
    ? unobserved(
        `\`${text.slice(0, 40)}\` under \`${name}\` in ${item.file} is not a time; write 2026-08-01 or 2026-08-01T10:00:00Z`,
      )
    : { value: at };
}

export const nothingUnder = ({ file }: Item, column: string): string =>
  `the row in ${file} has nothing under \`${column}\`; fill it in`;

/** What a table has to say: an empty cell is nothing that somebody could have found. */
export const filledIn = (statement: Statement, item: Item, name: string): Statement =>
  required(statement, nothingUnder(item, name));
